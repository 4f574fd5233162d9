//! Rosters.

use domain::engineer::Profile;

use crate::firm::{Firm, HERE, engineer};

fn on_roster(hours: &str) -> Profile {
    let roster = hours.parse().expect("a roster");
    Profile { outlet: Some(HERE), roster, ..Profile::default() }
}

fn is_on_duty(firm: &Firm) -> bool {
    firm.world.engineers[&engineer(1)].on_duty
}

fn firm_with_roster(hours: &str) -> Firm {
    let mut firm = Firm::new();
    firm.world.engineer_entry(engineer(1), on_roster(hours));
    firm.settle();
    firm
}

#[test]
fn duty_begins_and_ends_with_the_roster_and_dispatch_with_it() {
    let mut firm = firm_with_roster("Mon-Fri 10:00-18:00");
    assert!(!is_on_duty(&firm));
    let ticket = firm.report();
    firm.pass_to("2026-03-02T09:59:59+08:00");
    assert_eq!(firm.owner(ticket), None);
    firm.pass_to("2026-03-02T10:00:00+08:00");
    assert!(is_on_duty(&firm));
    assert_eq!(firm.owner(ticket), Some(engineer(1)));
    firm.pass_to("2026-03-02T18:00:00+08:00");
    assert!(!is_on_duty(&firm));
}

#[test]
fn who_is_entered_during_their_hours_is_on_duty_at_once() {
    let firm = firm_with_roster("Mon-Fri 08:00-18:00");
    assert!(is_on_duty(&firm));
}

#[test]
fn duty_by_hand_holds_until_the_next_edge() {
    let mut firm = firm_with_roster("Mon-Fri 08:00-18:00");
    firm.off_duty(engineer(1));
    firm.pass_to("2026-03-02T17:00:00+08:00");
    assert!(!is_on_duty(&firm), "went home early");
    firm.restart();
    assert!(!is_on_duty(&firm), "also after a restart");
    firm.pass_to("2026-03-02T20:00:00+08:00");
    firm.on_duty(engineer(1));
    firm.pass_to("2026-03-03T07:00:00+08:00");
    assert!(is_on_duty(&firm), "stays the night");
    firm.pass_to("2026-03-03T18:00:00+08:00");
    assert!(!is_on_duty(&firm));
}

#[test]
fn an_edge_that_passed_during_a_stop_is_made_up_for() {
    let mut firm = firm_with_roster("Mon-Fri 10:00-18:00");
    firm.world.now = "2026-03-02T15:00:00+08:00".parse().expect("a moment");
    firm.restart();
    assert!(is_on_duty(&firm));
    firm.world.now = "2026-03-20T20:00:00+08:00".parse().expect("a moment");
    firm.restart();
    assert!(!is_on_duty(&firm));
}

#[test]
fn a_corrected_roster_holds_from_its_next_edge() {
    let mut firm = firm_with_roster("Mon-Fri 08:00-18:00");
    firm.off_duty(engineer(1));
    firm.world.engineer_entry(engineer(1), on_roster("Mon-Fri 08:00-17:00"));
    firm.settle();
    assert!(!is_on_duty(&firm));
    firm.pass_to("2026-03-03T08:00:00+08:00");
    assert!(is_on_duty(&firm));
    firm.pass_to("2026-03-03T17:00:00+08:00");
    assert!(!is_on_duty(&firm));
}

#[test]
fn without_a_roster_duty_is_said_by_hand_alone() {
    let mut firm = Firm::with_engineers(1);
    firm.pass_minutes(14 * 24 * 60);
    assert!(is_on_duty(&firm));
}

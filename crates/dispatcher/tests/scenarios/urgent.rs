//! Urgent tickets (P8): recognised by words and pictures, offered to the nearest.

use domain::directory::OutletEntry;
use domain::engineer::{EngineerCommand, OfflineReason, Profile};
use domain::rules::{Cel, Condition, Finding, Test};
use domain::ticket::event::Offered;
use domain::ticket::{Create, Decline, Details, Note, Phase, Priority, QueueReason, TicketEvent};
use domain::{Coordinates, Datum, EngineerId, Event, Filter, Personal, Rule, TicketId};

use crate::firm::{FAR, Firm, HERE, NEXT_DOOR, engineer};
use crate::world::photos;

/// So many kilometres north of the place where it happens.
fn km_north(km: f64) -> Coordinates {
    Coordinates::new(31.0 + km / 111.195, 121.0, Datum::Wgs84).expect("on the earth")
}

/// On duty, online and so far away.
fn nearby(firm: &mut Firm, number: u128, km: f64) -> EngineerId {
    let id = engineer(number);
    firm.hire(id, Profile { outlet: Some(HERE), ..Profile::default() });
    firm.tell(id, EngineerCommand::GoOnline);
    firm.tell(id, EngineerCommand::Move(km_north(km)));
    id
}

fn stopped() -> Create {
    Create {
        outlet: Some(HERE),
        position: Some(km_north(0.0)),
        sentence: Some("冲床停机了".into()),
        ..Create::default()
    }
}

fn urgent() -> Create {
    Create { urgent: true, ..stopped() }
}

fn offers(firm: &Firm, id: TicketId) -> Vec<Offered> {
    let of_ticket = firm.world.log.iter().filter(|event| event.stream == id.into());
    let offered = of_ticket.filter_map(|event| match &event.event {
        Event::Ticket(TicketEvent::Offered(offered)) => Some(offered.clone()),
        _ => None,
    });
    offered.collect()
}

fn asked(firm: &Firm, id: TicketId) -> Vec<Vec<EngineerId>> {
    offers(firm, id).into_iter().map(|offered| offered.engineers).collect()
}

#[test]
fn an_urgent_ticket_is_offered_to_the_nearest_three_then_the_next_then_the_supervisor() {
    let mut firm = Firm::new();
    for (number, km) in [(1, 9.0), (2, 1.0), (3, 5.0), (4, 3.0), (5, 7.0), (6, 11.0), (7, 13.0)] {
        nearby(&mut firm, number, km);
    }
    let ticket = firm.report_with(urgent());
    let first = vec![engineer(2), engineer(4), engineer(3)];
    assert_eq!(asked(&firm, ticket), std::slice::from_ref(&first));
    let reason = &offers(&firm, ticket)[0].reason;
    assert_eq!((reason.rule.clone(), reason.candidates_total), (Rule::NearestOnline, 7));
    let distances: Vec<_> = reason.candidates.iter().map(|one| one.score).collect();
    assert!((-1_001..=-999).contains(&distances[0]), "{distances:?}");
    // They stay where they are, so their positions stay true.
    for number in 1..=7 {
        firm.tell(engineer(number), EngineerCommand::Move(km_north(number as f64)));
    }
    firm.pass_minutes(5);
    assert_eq!(asked(&firm, ticket), [first, vec![engineer(1), engineer(5), engineer(6)]]);
    firm.pass_minutes(5);
    let Phase::Queued { queue } = firm.phase(ticket) else { panic!("{:?}", firm.phase(ticket)) };
    assert_eq!(queue.reason, QueueReason::NobodyAccepted);
    firm.pass_minutes(24 * 60);
    assert_eq!(asked(&firm, ticket).len(), 2, "never a loop");
}

#[test]
fn only_who_is_on_duty_online_fresh_unfrozen_and_free_is_asked() {
    let mut firm = Firm::new();
    let off_duty = nearby(&mut firm, 1, 1.0);
    firm.off_duty(off_duty);
    let offline = nearby(&mut firm, 2, 1.0);
    firm.tell(offline, EngineerCommand::GoOffline(OfflineReason::SignedOut));
    let stale = nearby(&mut firm, 3, 1.0);
    firm.pass_minutes(16);
    let frozen = nearby(&mut firm, 4, 1.0);
    let reason = domain::engineer::FreezeReason::ByHand;
    firm.tell(frozen, EngineerCommand::Freeze { until: None, reason, words: String::new() });
    let unknown = engineer(5);
    firm.hire(unknown, Profile { outlet: Some(HERE), ..Profile::default() });
    firm.tell(unknown, EngineerCommand::GoOnline);
    let far_away = engineer(6);
    firm.hire(far_away, Profile { outlet: Some(FAR), ..Profile::default() });
    let fits = nearby(&mut firm, 7, 20.0);
    let ticket = firm.report_with(urgent());
    assert_eq!(asked(&firm, ticket), [vec![fits]]);
    let filtered = &offers(&firm, ticket)[0].reason.filtered;
    let count =
        |filter| filtered.iter().find(|one| one.filter == filter).map_or(0, |one| one.engineers);
    assert_eq!(count(Filter::OffDuty), 1);
    assert_eq!(count(Filter::Offline), 1);
    assert_eq!(count(Filter::NoFreshPosition), 2, "{stale} and {unknown}");
    assert_eq!(count(Filter::Frozen), 1);
    assert_eq!(count(Filter::OtherArea), 1);
    assert!(firm.history(ticket).contains(&"Told"), "the supervisor hears that it is only one");
}

#[test]
fn fewer_than_three_are_filled_from_those_on_call() {
    let mut firm = Firm::new();
    let near = nearby(&mut firm, 1, 30.0);
    let on_call = engineer(2);
    firm.world.engineer_entry(on_call, Profile { outlet: Some(HERE), ..Profile::default() });
    let until = Some(firm.world.now.plus(std::time::Duration::from_secs(86_400)));
    firm.tell(on_call, EngineerCommand::SetOnCall { until });
    let ticket = firm.report_with(urgent());
    assert_eq!(asked(&firm, ticket), [vec![near, on_call]]);
}

#[test]
fn positions_of_two_grids_are_measured_in_one() {
    let mut firm = Firm::new();
    let place = Coordinates::new(31.177_427_6, 121.527_210_6, Datum::Wgs84).expect("a place");
    let same_in_gcj = Coordinates::new(31.175_304, 121.531_541_9, Datum::Gcj02).expect("a place");
    let beside = Coordinates::new(31.177_427_6, 121.528_3, Datum::Wgs84).expect("a place");
    for (number, at) in [(1, beside), (2, same_in_gcj)] {
        nearby(&mut firm, number, 1.0);
        firm.tell(engineer(number), EngineerCommand::Move(at));
    }
    let ticket = firm.report_with(Create { position: Some(place), ..urgent() });
    assert_eq!(asked(&firm, ticket), [vec![engineer(2), engineer(1)]]);
}

#[test]
fn without_a_place_of_its_own_the_outlets_counts_and_without_that_the_outlet_before_the_area() {
    let mut firm = Firm::new();
    nearby(&mut firm, 1, 4.0);
    nearby(&mut firm, 2, 2.0);
    firm.hire(engineer(3), Profile { outlet: Some(NEXT_DOOR), ..Profile::default() });
    firm.tell(engineer(3), EngineerCommand::GoOnline);
    let nowhere = || Create { position: None, ..urgent() };
    let ticket = firm.report_with(Create { sentence: Some("甲".into()), ..nowhere() });
    assert_eq!(asked(&firm, ticket), [vec![engineer(1), engineer(2), engineer(3)]]);
    let area = Some(crate::firm::AREA);
    let entry = OutletEntry { area, position: Some(km_north(0.0)), ..OutletEntry::default() };
    firm.world.outlet(HERE, entry);
    firm.settle();
    let ticket = firm.report_with(Create { sentence: Some("乙".into()), ..nowhere() });
    assert_eq!(asked(&firm, ticket), [vec![engineer(2), engineer(1)]]);
}

#[test]
fn when_nobody_is_online_an_urgent_ticket_is_assigned_as_ever() {
    let mut firm = Firm::with_engineers(2);
    let ticket = firm.report_with(urgent());
    assert!(firm.owner(ticket).is_some());
    firm.pass_minutes(5);
    assert_eq!(firm.asked(ticket).len(), 2);
    firm.pass_minutes(5);
    let Phase::Queued { queue } = firm.phase(ticket) else { panic!("{:?}", firm.phase(ticket)) };
    assert_eq!(queue.reason, QueueReason::NobodyAccepted);
}

#[test]
fn when_the_only_one_declines_the_supervisor_has_it_at_once() {
    let mut firm = Firm::new();
    let only = nearby(&mut firm, 1, 1.0);
    let ticket = firm.report_with(urgent());
    firm.ask(ticket, Decline { engineer: Some(only), ..Decline::default() });
    assert!(matches!(firm.phase(ticket), Phase::Queued { .. }), "{:?}", firm.phase(ticket));
}

#[test]
fn words_and_two_images_make_a_ticket_urgent_whenever_they_come() {
    let mut firm = Firm::new();
    nearby(&mut firm, 1, 1.0);
    let at_once = firm.report_with(Create { attachments: photos(0, 2), ..stopped() });
    assert_eq!(firm.history(at_once)[..3], ["Created", "MarkedUrgent", "Offered"]);
    // The second image comes later, one in quarantine counts as well.
    let mut firm = Firm::new();
    nearby(&mut firm, 1, 1.0);
    nearby(&mut firm, 2, 2.0);
    let later = firm.report_with(Create { attachments: photos(0, 1), ..stopped() });
    let first = firm.owner(later).expect("somebody");
    firm.pass_minutes(3);
    firm.ask(later, Note { attachments: photos(5, 1), ..Note::default() });
    assert!(firm.ticket(later).urgent);
    assert_eq!(
        firm.history(later),
        ["Created", "Assigned", "Noted", "MarkedUrgent", "Withdrawn", "Offered", "Told"]
    );
    assert!(asked(&firm, later)[0].contains(&first), "whoever had it is asked too");
    let key = &firm.sent.last().expect("an action").id.key;
    assert_eq!(*key, format!("offer/{later}/1"));
}

#[test]
fn what_is_denied_or_planned_is_not_urgent_and_one_image_is_not_enough() {
    let mut firm = Firm::new();
    nearby(&mut firm, 1, 1.0);
    for (sentence, images) in [("没有停机", 2), ("预约停机保养", 2), ("停机了", 1), ("异响", 2)]
    {
        let sentence = Some(sentence.to_owned());
        let attachments = photos(0, images);
        let ticket = firm.report_with(Create { sentence, attachments, ..stopped() });
        assert!(!firm.ticket(ticket).urgent, "{images}");
    }
}

#[test]
fn after_acceptance_the_priority_is_raised_and_the_owner_told() {
    let mut firm = Firm::new();
    nearby(&mut firm, 1, 1.0);
    let ticket = firm.report_with(Create {
        attachments: photos(0, 2),
        sentence: Some("异响".into()),
        ..stopped()
    });
    firm.accept(ticket);
    firm.ask(ticket, Details { sentence: Some("开始冒烟".into()), ..Details::default() });
    assert_eq!(firm.ticket(ticket).priority, Priority::Critical);
    assert_eq!(firm.owner(ticket), Some(engineer(1)));
    assert!(firm.history(ticket).ends_with(&["DetailsAdded", "MarkedUrgent", "Told"]));
}

#[test]
fn an_agents_word_wins_over_the_rule() {
    let mut firm = Firm::new();
    nearby(&mut firm, 1, 1.0);
    let ticket = firm.report_with(Create { attachments: photos(0, 1), ..stopped() });
    firm.ask(ticket, Details { urgent: Some(false), ..Details::default() });
    firm.ask(ticket, Note { attachments: photos(5, 1), ..Note::default() });
    assert!(!firm.ticket(ticket).urgent);
    firm.restart();
    assert!(!firm.ticket(ticket).urgent);
    firm.ask(ticket, Details { urgent: Some(true), ..Details::default() });
    assert!(matches!(firm.phase(ticket), Phase::Offered { .. }), "{:?}", firm.phase(ticket));
}

#[test]
fn a_core_that_reads_the_log_again_finds_what_was_missing() {
    let mut firm = Firm::new();
    nearby(&mut firm, 1, 1.0);
    let ticket = firm.file(Create { attachments: photos(0, 2), ..stopped() });
    firm.restart();
    assert_eq!(firm.history(ticket)[..3], ["Created", "MarkedUrgent", "Offered"]);
}

#[test]
fn a_core_without_words_does_nothing_by_words() {
    let mut firm = Firm::new();
    nearby(&mut firm, 1, 1.0);
    // What is not known may be what the rule excludes.
    let drill = Condition::Is(Test::Says(vec!["演习".into()]));
    firm.world.publish(|rules| rules.urgent.when = Condition::Not(vec![drill]));
    let ticket = firm.file(Create { attachments: photos(0, 2), ..stopped() });
    for event in &mut firm.world.log {
        if let Event::Ticket(TicketEvent::Created(created)) = &mut event.event {
            created.report = Personal::Erased;
        }
    }
    firm.settle();
    assert!(!firm.ticket(ticket).urgent);
    assert!(firm.owner(ticket).is_some(), "it is dispatched all the same");
    let cel = Condition::Is(Test::Cel(Cel::new("!says('演习')")));
    firm.world.publish(|rules| rules.urgent.when = cel);
    firm.ask(ticket, Details { place: Some("二号车间".into()), ..Details::default() });
    assert!(!firm.ticket(ticket).urgent, "nor by an expression");
}

#[test]
fn an_expression_marks_what_it_holds_for_and_says_so() {
    let source = "says(\"停机\") && (images >= 2 || priority >= high)";
    let mut firm = Firm::new();
    nearby(&mut firm, 1, 1.0);
    firm.world.publish(|rules| rules.urgent.when = Condition::Is(Test::Cel(Cel::new(source))));
    let calm = firm.report_with(Create { sentence: Some("没有停机".into()), ..stopped() });
    let ticket = firm.report_with(stopped());
    firm.ask(ticket, Note { attachments: photos(0, 1), ..Note::default() });
    assert!(!firm.ticket(ticket).urgent, "one image is too few");
    firm.ask(ticket, Note { attachments: photos(5, 1), ..Note::default() });
    assert!(firm.ticket(ticket).urgent);
    assert!(!firm.ticket(calm).urgent);
    let marked = firm.world.log.iter().find_map(|event| match &event.event {
        Event::Ticket(TicketEvent::MarkedUrgent(marked)) => Some(marked.met.clone()),
        _ => None,
    });
    let [met] = &marked.expect("a mark")[..] else { panic!("one finding") };
    assert_eq!((met.at.as_str(), &met.found), ("cel", &Finding::Cel(source.into())));
}

#[test]
fn an_urgent_ticket_waits_for_no_question() {
    let mut firm = Firm::new();
    nearby(&mut firm, 1, 1.0);
    let place = || Some("一号车间".to_owned());
    let create = |sentence: &str| Create {
        sentence: Some(sentence.into()),
        place: place(),
        outlet: Some(HERE),
        ..Create::default()
    };
    firm.report_with(create("冲床咔哒两声就停了"));
    let second = firm.report_with(create("冲床咔哒两声停了"));
    assert!(matches!(firm.phase(second), Phase::Duplicate { .. }), "{:?}", firm.phase(second));
    firm.ask(second, Details { urgent: Some(true), ..Details::default() });
    assert!(matches!(firm.phase(second), Phase::Offered { .. }), "{:?}", firm.phase(second));
}

//! What is counted in which hour of the firm's day.

use std::collections::{BTreeMap, BTreeSet};

use domain::rules::RuleSetEvent;
use domain::ticket::{
    Accept, Assign, Close, CloseBySilence, Confirm, Create, Details, Import, ImportedStep,
    Priority, Reject, Reopen, Resolve, RetractAnswer, TicketCommand, TicketEvent, Verdict,
};
use domain::{CivilDate, Command, Event, Party, TicketId, Timestamp, Zone};
use eventlog::EventLog;
use projector::lifecycle::{
    LifecycleCorrection, LifecycleCounts, LifecycleDay, LifecycleHour, LifecycleQuery,
};
use projector::satisfaction::{SatisfactionBy, SatisfactionOf, SatisfactionQuery, SatisfactionRow};
use projector::{Projector, ProjectorOptions, ReadModels};
use proptest::prelude::*;

use crate::equality::settle;
use crate::firm::{
    AREA, CUSTOMER, ENGINEERS, Firm, OUTLETS, START, hours, minutes, moves, ticket_id,
};

const T1: TicketId = ticket_id(1);
const T2: TicketId = ticket_id(2);

fn ask<T>(firm: &Firm, question: impl FnOnce(&ReadModels) -> T) -> T {
    let projector =
        Projector::start(firm.shared(), ProjectorOptions::default()).expect("it starts");
    settle(&projector, firm.head());
    let answer = question(projector.models());
    projector.stop().expect("a clean end");
    answer
}

fn day(text: &str) -> CivilDate {
    text.parse().expect("a day")
}

fn all() -> LifecycleQuery {
    let (from, until) = (day("1900-01-01"), day("9999-12-31"));
    LifecycleQuery { from, until, area: None, outlet: None }
}

fn asked(firm: &Firm, query: &LifecycleQuery) -> Vec<LifecycleHour> {
    ask(firm, |models| models.lifecycle_hours(query).value)
}

fn of_day(firm: &Firm, text: &str) -> LifecycleDay {
    ask(firm, |models| models.lifecycle_of_day(day(text)).value)
}

/// Created, accepted, completed, rated, low and silent.
fn six(counts: &LifecycleCounts) -> [u64; 6] {
    let LifecycleCounts { created, accepted, completed, rated, low, silent } = *counts;
    [created, accepted, completed, rated, low, silent]
}

type Line = (String, u8, [u64; 6]);

fn lines(hours: &[LifecycleHour]) -> Vec<Line> {
    hours.iter().map(|row| (row.hour.day.to_string(), row.hour.hour, six(&row.counts))).collect()
}

fn line(day: &str, hour: u8, counts: [u64; 6]) -> Line {
    (day.to_owned(), hour, counts)
}

fn report(firm: &mut Firm, ticket: TicketId) {
    firm.step(ticket, Create { outlet: Some(OUTLETS[0]), ..Create::default() });
}

fn accept(firm: &mut Firm, ticket: TicketId, place: usize) {
    let engineer = Some(ENGINEERS[place]);
    firm.step(ticket, Assign { engineer, ..Assign::default() });
    firm.step(ticket, Accept { engineer });
}

/// Reported at 09:00, accepted and done at 10:30.
fn done(firm: &mut Firm, ticket: TicketId) {
    report(firm, ticket);
    firm.clock.advance(minutes(90));
    accept(firm, ticket, 0);
    firm.step(ticket, Resolve::default());
}

fn answer(firm: &mut Firm, command: impl Into<TicketCommand>) {
    firm.step_by(Party::Customer(CUSTOMER), T1, command);
}

fn confirm(stars: Option<u8>) -> Confirm {
    Confirm { verdict: Some(Verdict::Satisfied), stars, ..Confirm::default() }
}

fn reject(stars: u8) -> Reject {
    Reject { stars: Some(stars), ..Reject::default() }
}

#[test]
fn each_part_of_a_life_counts_in_the_hour_in_which_it_happened() {
    let mut firm = Firm::new();
    done(&mut firm, T1);
    firm.clock.advance(hours(5));
    answer(&mut firm, confirm(Some(3)));
    let found = asked(&firm, &all());
    assert_eq!(
        lines(&found),
        [
            line("2026-03-02", 9, [1, 0, 0, 0, 0, 0]),
            line("2026-03-02", 10, [0, 1, 1, 0, 0, 0]),
            line("2026-03-02", 15, [0, 0, 0, 1, 0, 0]),
        ]
    );
    assert_eq!(found[1].hour.begins, START.plus(hours(1)));
    let json = serde_json::to_value(found[1]).expect("JSON");
    assert_eq!(json["begins"], "2026-03-02T02:00:00Z");
    assert_eq!((&json["day"], &json["hour"]), (&"2026-03-02".into(), &10.into()));
}

#[test]
fn only_the_first_acceptance_counts_and_every_completion_does() {
    let mut firm = Firm::new();
    done(&mut firm, T1);
    answer(&mut firm, reject(1));
    firm.clock.advance(hours(1));
    accept(&mut firm, T1, 1);
    firm.step(T1, Resolve::default());
    answer(&mut firm, Confirm { verdict: Some(Verdict::Partial), ..confirm(Some(2)) });
    firm.step(T1, Close { words: "已回访".into() });
    firm.step(T1, Reopen::default());
    accept(&mut firm, T1, 2);
    assert_eq!(
        lines(&asked(&firm, &all())),
        [
            line("2026-03-02", 9, [1, 0, 0, 0, 0, 0]),
            line("2026-03-02", 10, [0, 1, 1, 1, 1, 0]),
            line("2026-03-02", 11, [0, 0, 1, 1, 1, 0]),
        ]
    );
}

#[test]
fn what_the_customer_takes_back_is_taken_back_in_its_hour() {
    let mut firm = Firm::new();
    firm.publish(|rules| rules.close.undo_within = domain::Span::hours(2));
    done(&mut firm, T1);
    firm.clock.advance(hours(1));
    answer(&mut firm, reject(1));
    assert_eq!(lines(&asked(&firm, &all()))[2], line("2026-03-02", 11, [0, 0, 0, 1, 1, 0]));
    firm.clock.advance(hours(1));
    answer(&mut firm, RetractAnswer {});
    assert_eq!(asked(&firm, &all()).len(), 2, "an hour with nothing left is gone");
    answer(&mut firm, confirm(Some(5)));
    assert_eq!(lines(&asked(&firm, &all()))[2], line("2026-03-02", 12, [0, 0, 0, 1, 0, 0]));
}

#[test]
fn silence_is_no_rating_and_gives_way_to_an_answer() {
    let mut firm = Firm::new();
    done(&mut firm, T1);
    firm.clock.advance(hours(72));
    firm.step(T1, CloseBySilence {});
    let day = of_day(&firm, "2026-03-05");
    assert_eq!(six(&day.total), [0, 0, 0, 0, 0, 1]);
    firm.clock.advance(hours(24));
    answer(&mut firm, confirm(Some(1)));
    assert_eq!(six(&of_day(&firm, "2026-03-05").total), [0; 6]);
    assert_eq!(six(&of_day(&firm, "2026-03-06").total), [0, 0, 0, 1, 1, 0]);
}

#[test]
fn a_day_is_told_by_outlet_and_hours_by_outlet_and_area() {
    let mut firm = Firm::new();
    done(&mut firm, T1);
    firm.step(T2, Create::default());
    firm.step(T2, Details { outlet: Some(OUTLETS[1]), ..Details::default() });
    accept(&mut firm, T2, 1);
    let found = of_day(&firm, "2026-03-02");
    assert_eq!(six(&found.total), [2, 2, 1, 0, 0, 0]);
    let outlets: Vec<_> = found.outlets.iter().map(|row| (row.outlet, six(&row.counts))).collect();
    assert_eq!(
        outlets,
        [
            (None, [1, 0, 0, 0, 0, 0]),
            (Some(OUTLETS[0]), [1, 1, 1, 0, 0, 0]),
            (Some(OUTLETS[1]), [0, 1, 0, 0, 0, 0]),
        ],
        "a report counts where the ticket belonged then"
    );
    let one = LifecycleQuery { outlet: Some(OUTLETS[1]), ..all() };
    assert_eq!(lines(&asked(&firm, &one)), [line("2026-03-02", 10, [0, 1, 0, 0, 0, 0])]);
    let area = LifecycleQuery { area: Some(AREA), ..all() };
    assert_eq!(
        lines(&asked(&firm, &area)),
        [line("2026-03-02", 9, [1, 0, 0, 0, 0, 0]), line("2026-03-02", 10, [0, 2, 1, 0, 0, 0]),]
    );
}

#[test]
fn the_last_second_of_a_day_and_the_first_of_the_next_are_two_hours() {
    let mut firm = Firm::new();
    // The second before midnight in Shanghai, and midnight.
    let midnight: Timestamp = "2026-03-08T16:00:00Z".parse().expect("a moment");
    firm.clock.set(midnight.minus(std::time::Duration::from_secs(1)));
    report(&mut firm, T1);
    firm.clock.set(midnight);
    report(&mut firm, T2);
    let both =
        [line("2026-03-08", 23, [1, 0, 0, 0, 0, 0]), line("2026-03-09", 0, [1, 0, 0, 0, 0, 0])];
    assert_eq!(lines(&asked(&firm, &all())), both);
    for (place, only) in ["2026-03-08", "2026-03-09"].into_iter().enumerate() {
        let query = LifecycleQuery { from: day(only), until: day(only), ..all() };
        assert_eq!(lines(&asked(&firm, &query)), both[place..=place]);
    }
}

#[test]
fn a_new_zone_moves_no_hour_that_was_counted_before() {
    let mut firm = Firm::new();
    report(&mut firm, T1);
    firm.publish(|rules| rules.zone = "America/New_York".into());
    report(&mut firm, T2);
    assert_eq!(
        lines(&asked(&firm, &all())),
        [line("2026-03-01", 20, [1, 0, 0, 0, 0, 0]), line("2026-03-02", 9, [1, 0, 0, 0, 0, 0]),]
    );
}

#[test]
fn a_rating_is_low_by_the_rules_of_its_time_also_when_it_is_taken_back() {
    let mut firm = Firm::new();
    firm.publish(|rules| rules.close.undo_within = domain::Span::hours(2));
    done(&mut firm, T1);
    firm.publish(|rules| rules.board.low_stars = 5);
    answer(&mut firm, reject(4));
    firm.publish(|rules| rules.board.low_stars = 2);
    assert_eq!(lines(&asked(&firm, &all()))[1], line("2026-03-02", 10, [0, 1, 1, 1, 1, 0]));
    answer(&mut firm, RetractAnswer {});
    assert_eq!(lines(&asked(&firm, &all()))[1], line("2026-03-02", 10, [0, 1, 1, 0, 0, 0]));
    answer(&mut firm, confirm(Some(2)));
    assert_eq!(lines(&asked(&firm, &all()))[1], line("2026-03-02", 10, [0, 1, 1, 1, 0, 0]));
}

#[test]
fn what_is_recorded_late_counts_in_the_hour_in_which_it_happened() {
    let mut firm = Firm::new();
    done(&mut firm, T1);
    firm.clock.advance(hours(24));
    let answered = Command::Ticket(T1, confirm(None).into());
    firm.submit_late(Party::Customer(CUSTOMER), &answered, hours(24)).expect("legal");
    let found = asked(&firm, &all());
    assert_eq!(lines(&found)[1..], [line("2026-03-02", 10, [0, 1, 1, 1, 0, 0])]);
    let corrections = |query: &LifecycleQuery| {
        ask(&firm, |models| models.lifecycle().read(|model| model.corrections(query)).value)
    };
    let of_the_day =
        LifecycleCorrection { day: day("2026-03-02"), late: 1, corrected_at: Some(firm.now()) };
    assert_eq!(corrections(&all()), [of_the_day]);
    assert_eq!(corrections(&LifecycleQuery { outlet: Some(OUTLETS[0]), ..all() }), [of_the_day]);
    assert_eq!(corrections(&LifecycleQuery { outlet: Some(OUTLETS[1]), ..all() }), []);
    assert_eq!(corrections(&LifecycleQuery { from: day("2026-03-03"), ..all() }), []);
}

#[test]
fn cases_of_another_system_count_as_created_and_completed_in_their_own_hours() {
    let mut firm = Firm::new();
    let outlet = Some(OUTLETS[1]);
    let (customer, device, priority) = (None, None, Priority::Normal);
    let steps = [
        (ImportedStep::Opened { customer, outlet, device, priority }, 50),
        (ImportedStep::Assigned { engineer: Some(ENGINEERS[2]), outlet: None }, 49),
        (ImportedStep::Resolved, 48),
        (ImportedStep::Closed, 47),
    ];
    for (step, ago) in steps {
        let step = Import { step: Some(step), ..Import::default() };
        firm.submit_late(
            Party::Agent(crate::firm::AGENT),
            &Command::Ticket(T1, step.into()),
            hours(ago),
        )
        .expect("legal");
    }
    assert_eq!(
        lines(&asked(&firm, &all())),
        [line("2026-02-28", 7, [1, 0, 0, 0, 0, 0]), line("2026-02-28", 9, [0, 0, 1, 0, 0, 0]),]
    );
}

/// Created, accepted and completed, straight from the log: by day and hour.
fn naive(firm: &Firm) -> BTreeMap<(CivilDate, u8), [u64; 3]> {
    let mut zone = Zone::or_utc("Asia/Shanghai");
    let mut accepted = BTreeSet::new();
    let mut counts: BTreeMap<(CivilDate, u8), [u64; 3]> = BTreeMap::new();
    for event in firm.log.read(domain::GlobalPosition::ZERO, usize::MAX).expect("readable") {
        let part = match &event.event {
            Event::Rules(RuleSetEvent::RuleSetPublished(published)) => {
                zone = Zone::or_utc(&published.rules.zone);
                continue;
            }
            Event::Ticket(_) if event.version.get() == 1 => 0,
            Event::Ticket(TicketEvent::Accepted(_)) if accepted.insert(event.stream) => 1,
            Event::Ticket(TicketEvent::Resolved(_)) => 2,
            Event::Ticket(TicketEvent::Imported(step)) if step.step == ImportedStep::Resolved => 2,
            _ => continue,
        };
        let shown = event.occurred_at.to_jiff().in_tz(zone.name()).expect("a zone");
        let hour = u8::try_from(shown.hour()).expect("small");
        counts.entry((zone.civil_date(event.occurred_at), hour)).or_default()[part] += 1;
    }
    counts
}

fn add<const N: usize>(sum: &mut [u64; N], counts: [u64; N]) {
    for (sum, count) in sum.iter_mut().zip(counts) {
        *sum += count;
    }
}

/// What a row of satisfaction says of the same: accepted, completed, rated, low and silent.
fn five(row: &SatisfactionRow) -> [u64; 5] {
    [
        row.first_response.map_or(0, |response| response.count),
        row.resolved + row.imported_resolved,
        row.satisfied + row.partial + row.unresolved,
        row.stars[0] + row.stars[1],
        row.closed_by_silence,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn hours_agree_with_a_naive_count_and_add_up_to_what_satisfaction_says(
        script in moves(20..200),
    ) {
        let mut firm = Firm::new();
        for choice in script {
            firm.play(choice);
        }
        let (hours, days, satisfaction) = ask(&firm, |models| {
            let hours = models.lifecycle_hours(&all()).value;
            let days: BTreeSet<CivilDate> = hours.iter().map(|row| row.hour.day).collect();
            let days = days.into_iter().map(|day| models.lifecycle_of_day(day).value);
            let days: Vec<LifecycleDay> = days.collect();
            let query = SatisfactionQuery { by: SatisfactionBy::Outlet, ..Default::default() };
            let by_outlet = models.satisfaction_by(&query).value;
            let query = SatisfactionQuery { by: SatisfactionBy::Day, ..Default::default() };
            (hours, days, [by_outlet, models.satisfaction_by(&query).value].concat())
        });
        prop_assert!(hours.is_sorted_by_key(|row| row.hour));
        let mut counted: BTreeMap<(CivilDate, u8), [u64; 3]> = BTreeMap::new();
        let mut totals: BTreeMap<CivilDate, [u64; 6]> = BTreeMap::new();
        for LifecycleHour { hour, counts } in &hours {
            let [created, accepted, completed, ..] = six(counts);
            // Under two zones one hour may be there twice.
            add(counted.entry((hour.day, hour.hour)).or_default(), [created, accepted, completed]);
            add(totals.entry(hour.day).or_default(), six(counts));
        }
        counted.retain(|_, counts| *counts != [0; 3]);
        prop_assert_eq!(counted, naive(&firm));

        let mut sums: BTreeMap<SatisfactionOf, [u64; 5]> = BTreeMap::new();
        for found in days {
            prop_assert_eq!(Some(&six(&found.total)), totals.get(&found.day));
            let mut total = [0; 6];
            for row in found.outlets {
                let counts = six(&row.counts);
                add(&mut total, counts);
                let [_, five @ ..] = counts;
                add(sums.entry(SatisfactionOf::Outlet(row.outlet)).or_default(), five);
                add(sums.entry(SatisfactionOf::Day(found.day)).or_default(), five);
            }
            prop_assert_eq!(total, six(&found.total));
        }
        sums.retain(|_, counts| *counts != [0; 5]);
        let mut wanted: BTreeMap<SatisfactionOf, [u64; 5]> =
            satisfaction.iter().map(|row| (row.of, five(row))).collect();
        wanted.retain(|_, counts| *counts != [0; 5]);
        prop_assert_eq!(sums, wanted);
    }
}

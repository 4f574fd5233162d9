//! What counts as satisfaction, of whom and on which day.

use std::collections::BTreeMap;

use domain::ticket::{
    Accept, Assign, Close, CloseBySilence, Confirm, Create, Import, ImportedStep, Priority, Reject,
    Reopen, Resolve, RetractAnswer, TicketCommand, Verdict,
};
use domain::{CivilDate, Command, Event, Party, TicketId, Timestamp, Zone};
use eventlog::EventLog;
use projector::satisfaction::{SatisfactionBy, SatisfactionOf, SatisfactionQuery, SatisfactionRow};
use projector::{Projector, ProjectorOptions};
use proptest::prelude::*;

use crate::equality::settle;
use crate::firm::{CUSTOMER, ENGINEERS, Firm, OUTLETS, START, hours, minutes, moves, ticket_id};

const T1: TicketId = ticket_id(1);
const T2: TicketId = ticket_id(2);

fn rollup(firm: &Firm, query: &SatisfactionQuery) -> Vec<SatisfactionRow> {
    let projector =
        Projector::start(firm.shared(), ProjectorOptions::default()).expect("it starts");
    settle(&projector, firm.head());
    let rows = projector.models().satisfaction_by(query).value;
    projector.stop().expect("a clean end");
    rows
}

fn by(firm: &Firm, by: SatisfactionBy) -> Vec<SatisfactionRow> {
    rollup(firm, &SatisfactionQuery { by, ..SatisfactionQuery::default() })
}

fn only(firm: &Firm) -> SatisfactionRow {
    let rows = by(firm, SatisfactionBy::Area);
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.into_iter().next().expect("one")
}

fn day(text: &str) -> CivilDate {
    text.parse().expect("a day")
}

fn report(firm: &mut Firm, ticket: TicketId) {
    firm.step(ticket, Create { outlet: Some(OUTLETS[0]), ..Create::default() });
}

fn accept(firm: &mut Firm, ticket: TicketId, place: usize) {
    let engineer = Some(ENGINEERS[place]);
    firm.step(ticket, Assign { engineer, ..Assign::default() });
    firm.step(ticket, Accept { engineer });
}

/// Reported, accepted after ten minutes and done half an hour after that.
fn done(firm: &mut Firm, ticket: TicketId, place: usize) {
    report(firm, ticket);
    firm.clock.advance(minutes(10));
    accept(firm, ticket, place);
    firm.clock.advance(minutes(30));
    firm.step(ticket, Resolve::default());
}

fn confirm(verdict: Verdict, stars: Option<u8>) -> Confirm {
    Confirm { verdict: Some(verdict), stars, ..Confirm::default() }
}

fn answer(firm: &mut Firm, ticket: TicketId, command: impl Into<TicketCommand>) {
    firm.step_by(Party::Customer(CUSTOMER), ticket, command);
}

#[test]
fn answers_count_for_the_engineer_the_outlet_and_the_area() {
    let mut firm = Firm::new();
    done(&mut firm, T1, 0);
    answer(&mut firm, T1, confirm(Verdict::Satisfied, Some(5)));
    done(&mut firm, T2, 1);
    answer(&mut firm, T2, confirm(Verdict::Partial, None));
    let rows = by(&firm, SatisfactionBy::Engineer);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].of, SatisfactionOf::Engineer(Some(ENGINEERS[0])));
    assert_eq!((rows[0].satisfied, rows[0].stars_count, rows[0].stars_sum), (1, 1, 5));
    assert_eq!((rows[1].partial, rows[1].stars_count), (1, 0), "stars are never inferred");
    let rows = by(&firm, SatisfactionBy::Outlet);
    assert_eq!(rows[0].of, SatisfactionOf::Outlet(Some(OUTLETS[0])));
    assert_eq!((rows[0].resolved, rows[0].satisfied, rows[0].partial), (2, 1, 1));
    let first = rows[0].first_response.expect("both were accepted");
    assert_eq!((first.count, first.median_s, first.p90_s), (2, 600, 600));
    let json = serde_json::to_value(&rows[0]).expect("JSON");
    assert_eq!(json["outlet"], OUTLETS[0].to_string());
    assert_eq!(json["first_response"]["median_s"], 600);
}

#[test]
fn silence_is_counted_apart_and_never_as_satisfaction() {
    let mut firm = Firm::new();
    done(&mut firm, T1, 0);
    firm.clock.advance(hours(72));
    firm.step(T1, CloseBySilence {});
    let row = only(&firm);
    assert_eq!((row.closed_by_silence, row.satisfied, row.stars_count), (1, 0, 0));
    let days = by(&firm, SatisfactionBy::Day);
    assert_eq!(days.len(), 2, "done on one day, closed on another");
    assert_eq!((days[1].resolved, days[1].closed_by_silence), (0, 1));
}

#[test]
fn an_answer_after_silence_takes_its_place() {
    let mut firm = Firm::new();
    done(&mut firm, T1, 0);
    firm.clock.advance(hours(72));
    firm.step(T1, CloseBySilence {});
    firm.clock.advance(hours(30));
    answer(&mut firm, T1, confirm(Verdict::Satisfied, Some(4)));
    let row = only(&firm);
    assert_eq!((row.closed_by_silence, row.satisfied, row.stars_sum), (0, 1, 4));
    let days = by(&firm, SatisfactionBy::Day);
    let told: Vec<_> = days.iter().map(|day| (day.closed_by_silence, day.late)).collect();
    assert_eq!(told, [(0, 0), (0, 1), (0, 0)], "the day of the silence says that it was corrected");
}

#[test]
fn an_unresolved_that_is_taken_back_is_taken_back_with_its_stars() {
    let mut firm = Firm::new();
    done(&mut firm, T1, 0);
    answer(&mut firm, T1, Reject { stars: Some(1), ..Reject::default() });
    let row = only(&firm);
    assert_eq!((row.unresolved, row.stars_count), (1, 1));
    firm.clock.advance(minutes(5));
    answer(&mut firm, T1, RetractAnswer {});
    let row = only(&firm);
    assert_eq!((row.unresolved, row.stars_count, row.resolved), (0, 0, 1));
    answer(&mut firm, T1, confirm(Verdict::Satisfied, None));
    assert_eq!(only(&firm).satisfied, 1);
}

#[test]
fn answers_from_an_engineers_login_and_contradictions_do_not_count() {
    let mut firm = Firm::new();
    done(&mut firm, T1, 0);
    let login = Party::Engineer(ENGINEERS[0]);
    firm.step_by(login, T1, confirm(Verdict::Satisfied, Some(5)));
    let row = only(&firm);
    assert_eq!((row.satisfied, row.stars_count), (0, 0));
    answer(&mut firm, T1, confirm(Verdict::Satisfied, None));
    answer(&mut firm, T1, Reject { stars: Some(1), ..Reject::default() });
    let row = only(&firm);
    assert_eq!((row.satisfied, row.unresolved, row.stars_count), (1, 0, 0));
}

#[test]
fn an_agents_close_a_reopening_and_a_second_answer_all_count_as_what_they_are() {
    let mut firm = Firm::new();
    done(&mut firm, T1, 0);
    answer(&mut firm, T1, confirm(Verdict::Partial, Some(3)));
    firm.step(T1, Close { words: "已回访".into() });
    firm.clock.advance(hours(2));
    firm.step(T1, Reopen::default());
    accept(&mut firm, T1, 1);
    firm.step(T1, Resolve::default());
    answer(&mut firm, T1, confirm(Verdict::Satisfied, Some(5)));
    let row = only(&firm);
    assert_eq!((row.resolved, row.partial, row.satisfied), (2, 1, 1));
    assert_eq!((row.closed_by_agent, row.reopened), (1, 1));
    assert_eq!(row.stars, [0, 0, 1, 0, 1]);
    let first = row.first_response.expect("it was accepted");
    assert_eq!((first.count, first.median_s), (1, 600), "only the first acceptance counts");
    let engineers = by(&firm, SatisfactionBy::Engineer);
    assert_eq!((engineers[0].partial, engineers[0].reopened), (1, 1));
    assert_eq!((engineers[1].satisfied, engineers[1].reopened), (1, 0));
}

#[test]
fn cases_of_another_system_are_counted_apart() {
    let mut firm = Firm::new();
    let mut step = |step| firm.step(T1, Import { step: Some(step), ..Import::default() });
    let outlet = Some(OUTLETS[1]);
    let (customer, device, priority) = (None, None, Priority::Normal);
    step(ImportedStep::Opened { customer, outlet, device, priority });
    step(ImportedStep::Assigned { engineer: Some(ENGINEERS[2]), outlet: None });
    step(ImportedStep::Resolved);
    step(ImportedStep::Closed);
    step(ImportedStep::Reopened);
    step(ImportedStep::Closed);
    let row = &by(&firm, SatisfactionBy::Engineer)[0];
    assert_eq!(row.of, SatisfactionOf::Engineer(Some(ENGINEERS[2])));
    assert_eq!((row.imported_resolved, row.imported_closed, row.imported_reopened), (1, 2, 1));
    assert_eq!((row.resolved, row.satisfied, row.closed_by_agent, row.reopened), (0, 0, 0, 0));
    assert_eq!(row.first_response, None);
}

#[test]
fn a_day_ends_at_midnight_of_the_firms_zone_and_a_week_on_sunday() {
    // Sunday, 8 March 2026, 23:59:59 in Shanghai, and the second after it.
    let sunday: Timestamp = "2026-03-08T15:59:59Z".parse().expect("a moment");
    let mut firm = Firm::new();
    for ticket in [T1, T2] {
        done(&mut firm, ticket, 0);
    }
    firm.clock.set(sunday);
    answer(&mut firm, T1, confirm(Verdict::Satisfied, None));
    firm.clock.advance(std::time::Duration::from_secs(1));
    answer(&mut firm, T2, confirm(Verdict::Satisfied, None));
    let of = |rows: Vec<SatisfactionRow>| -> Vec<(String, u64)> {
        let text = |row: &SatisfactionRow| match row.of {
            SatisfactionOf::Day(day) => day.to_string(),
            SatisfactionOf::Week(week) => week.to_string(),
            other => panic!("{other:?}"),
        };
        let answered = rows.iter().filter(|row| row.satisfied > 0);
        answered.map(|row| (text(row), row.satisfied)).collect()
    };
    let two = |first: &str, second: &str| vec![(first.into(), 1), (second.into(), 1)];
    assert_eq!(of(by(&firm, SatisfactionBy::Day)), two("2026-03-08", "2026-03-09"));
    assert_eq!(of(by(&firm, SatisfactionBy::Week)), two("2026-W10", "2026-W11"));

    let query = SatisfactionQuery {
        from: Some(day("2026-03-09")),
        until: Some(day("2026-03-09")),
        ..SatisfactionQuery::default()
    };
    assert_eq!(of(rollup(&firm, &query)), [("2026-03-09".to_owned(), 1)]);
}

#[test]
fn a_new_zone_moves_no_day_that_was_counted_before() {
    let mut firm = Firm::new();
    for ticket in [T1, T2] {
        done(&mut firm, ticket, 0);
    }
    // 01:00 on Tuesday in Shanghai is noon of Monday in New York.
    firm.clock.set(START.plus(hours(16)));
    answer(&mut firm, T1, Reject::default());
    firm.publish(|rules| rules.zone = "America/New_York".into());
    answer(&mut firm, T2, confirm(Verdict::Satisfied, None));
    let days = by(&firm, SatisfactionBy::Day);
    let on = |text| days.iter().find(|row| row.of == SatisfactionOf::Day(day(text)));
    assert_eq!(on("2026-03-03").map(|row| row.unresolved), Some(1));
    assert_eq!(on("2026-03-02").map(|row| row.satisfied), Some(1));
    // What is taken back is taken back where it was counted.
    answer(&mut firm, T1, RetractAnswer {});
    let days = by(&firm, SatisfactionBy::Day);
    assert_eq!(days.iter().map(|row| row.unresolved).sum::<u64>(), 0);
}

#[test]
fn silence_is_taken_back_on_its_day_though_the_zone_changed_since() {
    let mut firm = Firm::new();
    done(&mut firm, T1, 0);
    // 01:40 of a day in Shanghai, noon of the day before in New York.
    firm.clock.set(START.plus(hours(72 + 16)));
    firm.step(T1, CloseBySilence {});
    firm.publish(|rules| rules.zone = "America/New_York".into());
    answer(&mut firm, T1, confirm(Verdict::Satisfied, None));
    let days = by(&firm, SatisfactionBy::Day);
    assert_eq!(days.iter().map(|row| row.closed_by_silence).sum::<u64>(), 0, "{days:?}");
    assert_eq!(days.last().map(|row| row.of), Some(SatisfactionOf::Day(day("2026-03-05"))));
    assert_eq!(days.len(), 2);
}

#[test]
fn what_is_recorded_late_counts_on_the_day_that_it_happened() {
    let mut firm = Firm::new();
    done(&mut firm, T1, 0);
    firm.clock.advance(hours(24));
    let answered = Command::Ticket(T1, confirm(Verdict::Satisfied, Some(5)).into());
    firm.submit_late(Party::Customer(CUSTOMER), &answered, hours(24)).expect("legal");
    let days = by(&firm, SatisfactionBy::Day);
    assert_eq!(days.len(), 1);
    assert_eq!(days[0].of, SatisfactionOf::Day(day("2026-03-02")));
    assert_eq!((days[0].resolved, days[0].satisfied), (1, 1));
    // The day was over, and is another now.
    assert_eq!((days[0].late, days[0].corrected_at), (1, Some(firm.now())));
    let of_others = by(&firm, SatisfactionBy::Engineer);
    assert_eq!(of_others.iter().map(|row| row.late).sum::<u64>(), 1);
}

#[test]
fn what_is_recorded_late_on_the_same_day_corrects_nothing() {
    let mut firm = Firm::new();
    done(&mut firm, T1, 0);
    // Until a second before midnight in Shanghai.
    firm.clock.set(Timestamp::from_seconds(START.as_micros() / 1_000_000 + 15 * 3_600 - 1));
    let answered = Command::Ticket(T1, confirm(Verdict::Satisfied, Some(5)).into());
    firm.submit_late(Party::Customer(CUSTOMER), &answered, hours(10)).expect("legal");
    let days = by(&firm, SatisfactionBy::Day);
    assert_eq!((days[0].satisfied, days[0].late, days[0].corrected_at), (1, 0, None));
}

#[test]
fn silence_that_an_answer_takes_back_later_corrects_its_day() {
    let mut firm = Firm::new();
    done(&mut firm, T1, 0);
    firm.clock.advance(hours(24 * 4));
    firm.step(T1, CloseBySilence {});
    firm.clock.advance(hours(24));
    answer(&mut firm, T1, confirm(Verdict::Satisfied, Some(4)));
    let days = by(&firm, SatisfactionBy::Day);
    let told: Vec<_> =
        days.iter().map(|row| (row.closed_by_silence, row.satisfied, row.late)).collect();
    assert_eq!(told, [(0, 0, 0), (0, 0, 1), (0, 1, 0)], "{days:?}");
}

/// First responses, straight from the log: day and seconds.
fn naive_responses(firm: &Firm) -> BTreeMap<CivilDate, Vec<u64>> {
    let (mut created, mut zone) = (BTreeMap::new(), Zone::or_utc("Asia/Shanghai"));
    let mut responses: BTreeMap<CivilDate, Vec<u64>> = BTreeMap::new();
    let events = firm.log.read(domain::GlobalPosition::ZERO, usize::MAX).expect("readable");
    for event in events {
        match &event.event {
            Event::Rules(domain::rules::RuleSetEvent::RuleSetPublished(published)) => {
                zone = Zone::or_utc(&published.rules.zone);
            }
            Event::Ticket(what) if event.version.get() == 1 => {
                assert!(matches!(what.name(), "Created" | "Imported"));
                created.insert(event.stream, event.occurred_at);
            }
            Event::Ticket(domain::ticket::TicketEvent::Accepted(_)) => {
                if let Some(created) = created.remove(&event.stream) {
                    let waited = event.occurred_at.since(created).as_secs();
                    responses.entry(zone.civil_date(event.occurred_at)).or_default().push(waited);
                }
            }
            _ => {}
        }
    }
    responses
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn first_responses_agree_with_a_naive_computation(script in moves(20..200)) {
        let mut firm = Firm::new();
        for choice in script {
            firm.play(choice);
        }
        let naive = naive_responses(&firm);
        let rows = by(&firm, SatisfactionBy::Day);
        let mut found = 0;
        for row in rows {
            let (SatisfactionOf::Day(day), Some(response)) = (row.of, row.first_response) else {
                continue;
            };
            let mut waited = naive.get(&day).cloned().unwrap_or_default();
            waited.sort_unstable();
            let rank = |percent: usize| waited[(waited.len() * percent).div_ceil(100) - 1];
            prop_assert_eq!(response.count, waited.len() as u64);
            prop_assert_eq!(u64::from(response.median_s), rank(50));
            prop_assert_eq!(u64::from(response.p90_s), rank(90));
            found += 1;
        }
        prop_assert_eq!(found, naive.len());
    }
}

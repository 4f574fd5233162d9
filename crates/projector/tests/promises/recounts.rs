//! The past counted by other rules: what changes, which events explain it, and what does not.

use std::sync::Arc;

use domain::rules::Rules;
use domain::ticket::{Accept, Assign};
use domain::ticket::{Confirm, Create, Resolve, Verdict};
use domain::{GlobalPosition, Party, RuleSetVersion, TicketId};
use eventlog::EventLog;
use projector::attachments::Attachments;
use projector::directory::Directory;
use projector::engineer_load::EngineerLoad;
use projector::lifecycle::Lifecycle;
use projector::open_tickets::OpenTickets;
use projector::satisfaction::Satisfaction;
use projector::{Comparison, Detail, Projection, Recount, RowChange, compare_folds, rebuild};
use proptest::prelude::*;

use crate::firm::{CUSTOMER, ENGINEERS, Firm, OUTLETS, hours, minutes, moves, ticket_id};

/// A ticket that is done and gets so many stars; the position of the answer.
fn rated(firm: &mut Firm, ticket: TicketId, stars: u8) -> GlobalPosition {
    let engineer = Some(ENGINEERS[0]);
    firm.step(ticket, Create { outlet: Some(OUTLETS[0]), ..Create::default() });
    firm.step(ticket, Assign { engineer, ..Assign::default() });
    firm.step(ticket, Accept { engineer });
    firm.clock.advance(minutes(30));
    firm.step(ticket, Resolve::default());
    let before = firm.head();
    let (verdict, stars) = (Some(Verdict::Satisfied), Some(stars));
    let answer = Confirm { verdict, stars, ..Confirm::default() };
    firm.step_by(Party::Customer(CUSTOMER), ticket, answer);
    before.plus(1)
}

fn tried(change: impl FnOnce(&mut Rules)) -> Recount {
    let mut rules = Rules::default();
    change(&mut rules);
    Recount::Tried(Arc::new(rules))
}

fn fold<P: Projection>(firm: &Firm, recount: Recount) -> projector::Rebuilt<P> {
    rebuild(firm.log.as_ref(), recount, firm.head(), &mut |_| {}).expect("a legal history folds")
}

fn compared<P: Projection>(firm: &Firm, recount: Recount) -> Comparison {
    let (live, rebuilt) = (fold::<P>(firm, Recount::AsRecorded), fold::<P>(firm, recount));
    compare_folds(&live, &rebuilt, firm.log.as_ref(), Detail::default()).expect("both fold")
}

fn dump<P: Projection>(firm: &Firm, recount: Recount) -> String {
    let mut dump = Vec::new();
    fold::<P>(firm, recount).model().dump(&mut dump).expect("memory takes all");
    String::from_utf8(dump).expect("JSON is UTF-8")
}

#[test]
fn ratings_that_are_low_by_other_rules_are_told_with_the_answers_that_explain_it() {
    let mut firm = Firm::new();
    rated(&mut firm, ticket_id(1), 2);
    let three = rated(&mut firm, ticket_id(2), 3);
    rated(&mut firm, ticket_id(3), 5);
    let also_three = rated(&mut firm, ticket_id(4), 3);
    let found = compared::<Satisfaction>(&firm, tried(|rules| rules.board.low_stars = 4));
    assert!(!found.equal);
    let cells = found.tables.iter().find(|table| table.table == "cells").expect("cells");
    assert_eq!((cells.added, cells.removed, cells.changed), (0, 0, 1));
    let low = cells.totals.iter().find(|total| total.field == "low").expect("a total");
    assert_eq!((low.live, low.rebuilt), (1, 3));
    let worst = found.rows.first().expect("a row");
    assert_eq!((worst.table.as_str(), worst.change), ("cells", RowChange::Changed));
    assert_eq!(worst.weight, 2, "two counts more");
    let names: Vec<&str> = worst.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(names, ["low"]);
    let explained = worst.explained.as_ref().expect("it was asked for");
    assert_eq!(explained.positions, [three, also_three], "the others are counted alike");
    assert!(!explained.from_the_start);
    let rules = found.rows.iter().find(|row| row.table == "rules").expect("the rules differ, too");
    assert!(rules.explained.as_ref().is_some_and(|why| why.from_the_start));
}

#[test]
fn another_zone_moves_counts_to_other_days_and_says_which_events_did_that() {
    let mut firm = Firm::new();
    // 09:00 in Shanghai is the evening before in Los Angeles.
    let answered = rated(&mut firm, ticket_id(1), 5);
    let found =
        compared::<Satisfaction>(&firm, tried(|rules| rules.zone = "America/Los_Angeles".into()));
    let cells = found.tables.iter().find(|table| table.table == "cells").expect("cells");
    assert!(cells.added > 0 && cells.added == cells.removed, "{cells:?}");
    let totals_stay = cells.totals.iter().all(|total| total.live == total.rebuilt);
    assert!(totals_stay, "nothing is counted twice or lost: {:?}", cells.totals);
    let moved = found.rows.iter().filter(|row| row.table == "cells");
    let explained = moved.filter_map(|row| row.explained.as_ref());
    assert!(explained.clone().count() > 1);
    for why in explained.filter(|why| why.positions.contains(&answered)) {
        assert!(why.positions.iter().all(|position| *position <= firm.head()));
    }
}

#[test]
fn the_board_of_other_rules_differs_before_the_first_event() {
    let mut firm = Firm::new();
    firm.step(ticket_id(1), Create::default());
    let found = compared::<OpenTickets>(
        &firm,
        tried(|rules| {
            rules.board.red_after = domain::Span::minutes(30);
        }),
    );
    let [row] = found.rows.as_slice() else { panic!("{:?}", found.rows) };
    assert_eq!((row.table.as_str(), row.fields.len()), ("rules", 1));
    let why = row.explained.as_ref().expect("it was asked for");
    assert!(why.from_the_start && why.positions.is_empty());
}

#[test]
fn rules_that_were_published_hold_from_the_beginning_until_they_were_and_later_ones_after_that() {
    let mut firm = Firm::new();
    rated(&mut firm, ticket_id(1), 3);
    firm.publish(|rules| rules.board.low_stars = 4);
    let second = firm.state.rules.version;
    rated(&mut firm, ticket_id(2), 3);
    firm.publish(|rules| rules.board.low_stars = 2);
    rated(&mut firm, ticket_id(3), 3);
    let log: &dyn EventLog = firm.log.as_ref();
    let recount = Recount::published(log, second).expect("it was published");
    let low = |recount| {
        let rows = fold::<Satisfaction>(&firm, recount).model().rollup(&Default::default());
        rows.iter().map(|row| row.low).sum::<u64>()
    };
    assert_eq!(low(Recount::AsRecorded), 1);
    assert_eq!(low(recount), 2, "the third was answered under later rules");
    let unknown = Recount::published(log, RuleSetVersion::new(99)).expect_err("never published");
    assert!(unknown.to_string().contains("99"), "{unknown}");
}

#[test]
fn the_shipped_rules_from_the_beginning_are_what_was_recorded() {
    let mut firm = Firm::new();
    rated(&mut firm, ticket_id(1), 1);
    let shipped = Recount::published(firm.log.as_ref(), RuleSetVersion::SHIPPED);
    assert_eq!(shipped.expect("they need no publication"), Recount::AsRecorded);
}

/// Each value of the rules that can be turned into another one of its kind, with its path.
fn other_values(
    rules: &serde_json::Value,
    path: &str,
    found: &mut Vec<(String, serde_json::Value)>,
) {
    match rules {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                other_values(value, &path, found);
            }
        }
        serde_json::Value::Number(number) => {
            let other = number.as_u64().map_or(0, |number| number + 1);
            found.push((path.to_owned(), other.into()));
        }
        serde_json::Value::Bool(value) => found.push((path.to_owned(), (!value).into())),
        serde_json::Value::String(text) => {
            // A zone, or a span such as `30m`.
            let longer = text.trim_end_matches(char::is_alphabetic).parse::<u64>();
            let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
            let other = longer.map_or_else(|_| "UTC".into(), |span| format!("{}{unit}", span + 1));
            found.push((path.to_owned(), other.into()));
        }
        _ => {}
    }
}

fn set(rules: &mut serde_json::Value, path: &str, value: serde_json::Value) {
    let pointer = format!("/{}", path.replace('.', "/"));
    *rules.pointer_mut(&pointer).expect("it is there") = value;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn rules_that_a_model_does_not_name_as_its_inputs_change_nothing(script in moves(20..120)) {
        fn unmoved<P: Projection>(firm: &Firm, rules: &[(String, Rules)]) -> Result<(), TestCaseError> {
            let recorded = dump::<P>(firm, tried(|_| {}));
            for (path, rules) in rules {
                let is_input = P::INPUTS.iter().any(|input| {
                    path == input || path.strip_prefix(input).is_some_and(|rest| rest.starts_with('.'))
                });
                let recounted = dump::<P>(firm, Recount::Tried(Arc::new(rules.clone())));
                prop_assert!(is_input || recounted == recorded, "{} depends on {path}", P::NAME);
            }
            Ok(())
        }
        let mut firm = Firm::new();
        for choice in script {
            firm.play(choice);
        }
        let shipped = serde_json::to_value(Rules::default()).expect("rules are JSON");
        let mut others = Vec::new();
        other_values(&shipped, "", &mut others);
        prop_assert!(others.len() > 30, "{others:?}");
        let rules: Vec<(String, Rules)> = others.into_iter().filter_map(|(path, value)| {
            let mut rules = shipped.clone();
            set(&mut rules, &path, value);
            Some((path, serde_json::from_value(rules).ok()?))
        }).collect();
        prop_assert!(rules.iter().any(|(path, _)| path == "zone"), "{rules:?}");
        unmoved::<OpenTickets>(&firm, &rules)?;
        unmoved::<EngineerLoad>(&firm, &rules)?;
        unmoved::<Directory>(&firm, &rules)?;
        unmoved::<Satisfaction>(&firm, &rules)?;
        unmoved::<Lifecycle>(&firm, &rules)?;
        unmoved::<Attachments>(&firm, &rules)?;
    }

    #[test]
    fn each_row_that_differs_is_explained(script in moves(40..160), low_stars in 1_u8..=5) {
        fn explained<P: Projection>(firm: &Firm, recount: Recount) -> Result<(), TestCaseError> {
            for row in compared::<P>(firm, recount).rows {
                let why = row.explained.clone().expect("it was asked for");
                prop_assert!(why.from_the_start || why.events > 0, "{}: {row:?}", P::NAME);
            }
            Ok(())
        }
        let mut firm = Firm::new();
        for choice in script {
            firm.play(choice);
        }
        firm.clock.advance(hours(1));
        let recount = tried(|rules| {
            rules.board.low_stars = low_stars;
            rules.zone = "America/New_York".into();
        });
        explained::<OpenTickets>(&firm, recount.clone())?;
        explained::<Satisfaction>(&firm, recount.clone())?;
        explained::<Lifecycle>(&firm, recount)?;
    }
}

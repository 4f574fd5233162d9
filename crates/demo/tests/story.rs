//! The story without a server: what it plans, told what a feed would tell.

use std::time::Duration;

use demo::{BEGIN, FeedEvent, Firm, Step, Story};
use domain::ticket::{TicketCommand, Verb};
use domain::{EngineerId, TicketId, Timestamp};
use serde_json::{Value, json};

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3_600);

/// All that is done until a moment when nobody answers.
fn until(story: &mut Story, moment: Timestamp) -> Vec<(Timestamp, Step)> {
    let mut steps = Vec::new();
    while let Some(at) = story.next_at().filter(|at| *at < moment) {
        steps.extend(story.take(at).map(|step| (at, step)));
    }
    steps
}

fn tell(story: &mut Story, ticket: u128, name: &str, data: Value, now: Timestamp) {
    let event = json!({
        "position": 1, "stream": TicketId::from_u128(ticket), "type": name, "recorded_at": now,
        "data": data,
    });
    let event: FeedEvent = serde_json::from_value(event).expect("an event of the feed");
    story.on_event(&event, now).expect("it is understood");
}

fn created(device: Option<usize>, sentence: &str) -> Value {
    let firm = Firm::new();
    let device = device.map(|index| &firm.devices[index]);
    json!({
        "customer": device.map(|device| firm.customers[device.customer].id),
        "device": device.map(|device| device.id),
        "urgent": false, "report": {"sentence": sentence, "place": null},
    })
}

fn presses(steps: &[(Timestamp, Step)]) -> impl Iterator<Item = (&Timestamp, &demo::Press)> {
    steps.iter().filter_map(|(at, step)| match step {
        Step::Press(press) => Some((at, press)),
        Step::Send(_) | Step::Engineer(..) => None,
    })
}

fn reports(steps: &[(Timestamp, Step)]) -> Vec<Timestamp> {
    let reports = presses(steps).filter(|(_, press)| press.command.verb() == Verb::Create);
    reports.map(|(at, _)| *at).collect()
}

#[test]
fn the_same_seed_plans_the_same_and_another_seed_something_else() {
    let two_days = |seed| until(&mut Story::new(seed), BEGIN.plus(2 * DAY));
    assert_eq!(two_days(1), two_days(1));
    assert_ne!(two_days(1), two_days(2));
}

#[test]
fn most_reports_come_on_working_days_at_ten_and_at_three() {
    for seed in 1..=8 {
        let mut story = Story::new(seed);
        // The first day begins at six; Tuesday begins eighteen hours later.
        until(&mut story, BEGIN.plus(18 * HOUR));
        let tuesday = BEGIN.plus(18 * HOUR);
        let reports_of_tuesday = reports(&until(&mut story, tuesday.plus(DAY)));
        let between = |from: u32, to: u32| {
            let inside = |at: &&Timestamp| {
                **at >= tuesday.plus(from * HOUR) && **at < tuesday.plus(to * HOUR)
            };
            reports_of_tuesday.iter().filter(inside).count()
        };
        let all = reports_of_tuesday.len();
        assert!((120..=200).contains(&all), "{all} reports");
        assert!(between(9, 11) * 5 > all, "few in the morning");
        assert!(between(14, 16) * 8 > all, "few in the afternoon");
        assert!(between(0, 6) < 8, "many at night");
        until(&mut story, tuesday.plus(4 * DAY));
        let saturday = reports(&until(&mut story, tuesday.plus(5 * DAY))).len();
        assert!(saturday * 3 < all * 2, "{saturday} on Saturday, {all} on Tuesday");
    }
}

#[test]
fn no_two_things_are_done_at_the_same_moment() {
    let steps = until(&mut Story::new(3), BEGIN.plus(7 * DAY));
    assert!(steps.len() > 700);
    assert!(steps.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn an_agent_marks_as_urgent_what_cannot_wait() {
    let marked = (1..=40).filter(|seed| {
        let mut story = Story::new(*seed);
        tell(&mut story, 1, "Created", created(Some(0), "电柜冒烟了！快来人"), BEGIN);
        let steps = until(&mut story, BEGIN.plus(HOUR / 6));
        presses(&steps).any(|(_, press)| {
            matches!(&*press.command, TicketCommand::Details(details) if details.urgent == Some(true))
        })
    });
    let marked = marked.count();
    assert!((25..40).contains(&marked), "{marked} of 40");
}

#[test]
fn an_assignment_is_accepted_declined_or_not_looked_at() {
    let engineer = Firm::new().engineers[0].id;
    let nine = BEGIN.plus(3 * HOUR);
    let (mut accepted, mut declined) = (0, 0);
    for ticket in 1..=200 {
        let mut story = Story::new(u64::try_from(ticket).expect("small"));
        until(&mut story, nine);
        tell(&mut story, ticket, "Created", created(Some(0), "主轴异响"), nine);
        tell(&mut story, ticket, "Assigned", json!({"number": 1, "engineer": engineer}), nine);
        let steps = until(&mut story, nine.plus(HOUR));
        for (_, press) in presses(&steps) {
            let own = press.ticket == Some(TicketId::from_u128(ticket));
            match press.command.verb() {
                Verb::Accept if own => accepted += 1,
                Verb::Decline if own => declined += 1,
                Verb::Accept | Verb::Decline => panic!("somebody else's ticket"),
                _ => continue,
            }
            assert_eq!(press.expects.assignment, Some(1));
        }
    }
    assert!((120..=190).contains(&accepted), "{accepted} accepted");
    assert!((1..=40).contains(&declined), "{declined} declined");
    assert!(accepted + declined < 200, "everybody looked");
}

#[test]
fn engineers_do_not_work_at_night() {
    let firm = Firm::new();
    let engineer: EngineerId = firm.engineers[0].id;
    // Monday to Friday from 08:00 to 17:30.
    let evening = BEGIN.plus(11 * HOUR + HOUR / 4);
    for ticket in 1..=60_u128 {
        let mut story = Story::new(u64::try_from(ticket).expect("small"));
        until(&mut story, evening);
        tell(&mut story, ticket, "Created", created(Some(0), "主轴异响"), evening);
        let owner = json!({"number": 1, "engineer": engineer});
        tell(&mut story, ticket, "Assigned", owner.clone(), evening);
        tell(&mut story, ticket, "Accepted", owner, evening);
        let steps = until(&mut story, evening.plus(13 * HOUR));
        let departs = presses(&steps).filter(|(_, press)| press.command.verb() == Verb::Depart);
        for (at, _) in departs {
            assert!(*at < BEGIN.plus(HOUR / 2 + 11 * HOUR), "departed at {at}");
        }
    }
}

#[test]
fn what_is_over_is_forgotten() {
    let mut story = Story::new(1);
    let mut now = BEGIN;
    for ticket in 1..=3_000_u128 {
        now = now.plus(HOUR / 6);
        until(&mut story, now);
        tell(&mut story, ticket, "Created", created(Some(7), "打不开"), now);
        tell(&mut story, ticket, "Cancelled", json!({}), now);
    }
    let (cases, plans) = story.remembered();
    assert!(cases < 144 * 6, "{cases} cases of five days");
    assert!(plans < 500, "{plans} plans");
}

//! `serve --demo`: the same seed tells the same story, another seed another one.

use std::time::Duration;

use paidan::demo::BEGIN;

use crate::demo::Played;

/// Half a week: long enough for a freeze, for rounds that end in a queue, for holds that come back
/// and for customers who never answer.
const HALF_A_WEEK: Duration = Duration::from_secs(78 * 3_600);

#[track_caller]
fn first_difference(one: &[String], other: &[String]) -> Option<String> {
    let place = one.iter().zip(other).position(|(one, other)| one != other);
    let place = place.or_else(|| (one.len() != other.len()).then(|| one.len().min(other.len())))?;
    let around = place.saturating_sub(3)..place + 2;
    let show = |story: &[String]| story.get(around.clone()).unwrap_or_default().join("\n");
    Some(format!("from line {place}:\n{}\n--- and ---\n{}", show(one), show(other)))
}

#[test]
fn the_same_seed_tells_the_same_story() {
    // Side by side, so that each disturbs the other as a busy machine does.
    let other = std::thread::spawn(|| Played::until(7, BEGIN.plus(HALF_A_WEEK)).story());
    let one = Played::until(7, BEGIN.plus(HALF_A_WEEK)).story();
    let other = other.join().expect("the other run ends");
    let happened =
        |what: &str| one.iter().any(|line| line.contains(&format!("\"type\":\"{what}\"")));
    for needed in [
        "Frozen",
        "TimedOut",
        "Declined",
        "Returned",
        "Transferred",
        "Held",
        "Resumed",
        "Queued",
        "DispatchDeferred",
        "OwnerAsked",
        "Reminded",
        "ClosedBySilence",
        "WentOffline",
        "DutyEnded",
        "Offered",
        "Linked",
        "Cancelled",
        "Urged",
        "ClaimEnded",
        "AppointmentMissed",
        "Unfrozen",
    ] {
        assert!(happened(needed), "{needed} is not in the story, so nothing is shown about it");
    }
    if let Some(difference) = first_difference(&one, &other) {
        panic!("{difference}");
    }
}

#[test]
fn another_seed_tells_another_story() {
    let noon = BEGIN.plus(Duration::from_secs(6 * 3_600));
    let [one, other] = [1, 2].map(|seed| Played::until(seed, noon).story());
    // The firm is the same for every seed; what is done in it is not.
    let same = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let of_firm = one.iter().filter(|line| line.contains("Set\"")).count();
    assert!(same <= of_firm, "{same} lines are the same, {of_firm} of them are the firm's");
    assert_ne!(one, other);
}

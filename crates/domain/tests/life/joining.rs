//! Tickets that belong together: merged, linked, told apart again.

use domain::ticket::{LinkKind, PhaseName};
use domain::{Rejection, TicketId};

use crate::world::*;

fn two() -> Vec<Step> {
    vec![create(), create().on(T2)]
}

fn two_and(more: impl IntoIterator<Item = Step>) -> World {
    given(two().into_iter().chain(more))
}

#[test]
fn a_merged_ticket_goes_on_in_the_other_and_says_so() {
    let world = two_and([]).when(merge(T2)).then(["Merged", "MergedFrom"]);
    assert_eq!(world.ticket_now(T2).merged_from, [T1]);
    for late in [note("还有"), merge(T2), cancel(), accept(ANNA), reopen()] {
        world.clone().when(late).refused(&Rejection::MergedInto { into: T2 });
    }
    world.when(time_out(1)).then([]);
}

#[test]
fn merging_frees_whoever_had_the_ticket() {
    let world = two_and([assign(ANNA), accept(ANNA)]).when(merge(T2)).then([
        "Withdrawn",
        "PlaceFreed",
        "Told",
        "Merged",
        "MergedFrom",
    ]);
    assert_eq!(world.engineer_now(ANNA).free_places(), 2);
    two_and([offer([ANNA])]).when(merge(T2)).then(["OfferWithdrawn", "Merged", "MergedFrom"]);
}

#[test]
fn of_two_opposite_merges_one_wins_and_neither_ticket_is_lost() {
    let first = two_and([assign(ANNA), assign(BO).on(T2)]).when(merge(T2)).then([
        "Withdrawn",
        "PlaceFreed",
        "Told",
        "Merged",
        "MergedFrom",
    ]);
    let world = first.when(merge(T1).on(T2)).refused(&Rejection::MergedInto { into: T2 });
    assert_eq!(world.owner(T2), Some(BO));
    assert!(world.ticket_now(T2).is_open());
}

#[test]
fn merges_never_go_in_a_circle() {
    let chain = given([create(), create().on(T2), create().on(T3), merge(T2), merge(T3).on(T2)]);
    chain.clone().when(merge(T1).on(T3)).refused(&Rejection::MergedInto { into: T2 });
    chain.when(merge(T2).on(T3)).refused(&Rejection::MergedInto { into: T3 });
}

#[test]
fn a_ticket_is_merged_only_into_another_open_one() {
    two_and([]).when(merge(T1)).invalid("into");
    let nothing = TicketId::from_u128(404);
    two_and([])
        .when(merge(nothing))
        .refused(&Rejection::UnknownReference { field: "into", stream: nothing.into() });
    two_and([cancel().on(T2)]).when(merge(T2)).invalid("into");
    let waits =
        given([create(), create().on(T2), create().on(T3), link(T3, LinkKind::Duplicate).on(T2)]);
    waits.when(merge(T2)).refused(&Rejection::LinkChain { ticket: T2, of: T3 });
}

#[test]
fn a_duplicate_is_not_dispatched_and_not_forgotten() {
    let world = two_and([]).when(link(T2, LinkKind::Duplicate)).then(["Linked"]);
    assert_eq!(world.phase(T1), PhaseName::Duplicate);
    assert_eq!(world.ticket_now(T1).due(), Some(START.plus(hours(24))));
    assert!(world.ticket_now(T2).awaits_dispatch());
    world.clone().when(dispatch(ANNA, 0)).then([]);
    world.clone().when(link(T2, LinkKind::Duplicate)).then([]);
    world.when(to_supervisor(None)).then(["Queued", "Told"]);
}

#[test]
fn a_duplicate_takes_its_engineer_back_unless_the_engineer_works_on_it() {
    two_and([assign(ANNA)]).when(link(T2, LinkKind::Duplicate)).then([
        "Withdrawn",
        "PlaceFreed",
        "Told",
        "Linked",
    ]);
    two_and([offer([ANNA])]).when(link(T2, LinkKind::Duplicate)).then(["OfferWithdrawn", "Linked"]);
    two_and([assign(ANNA), accept(ANNA)]).when(link(T2, LinkKind::Duplicate)).invalid("kind");
}

#[test]
fn duplicates_form_no_chain_and_no_pair() {
    let world = two_and([link(T2, LinkKind::Duplicate)]);
    let chain = Rejection::LinkChain { ticket: T1, of: T2 };
    world.clone().when(link(T1, LinkKind::Duplicate).on(T2)).refused(&chain);
    let third = world.when(create().on(T3)).then(["Created"]);
    third.when(link(T1, LinkKind::Duplicate).on(T3)).refused(&chain);
}

#[test]
fn what_is_done_already_is_a_repeat_visit_and_no_duplicate() {
    let done = two_and([resolve(BY_AGENT).on(T2)]);
    let done = done.when(link(T2, LinkKind::Duplicate)).invalid("to");
    let world = done.when(link(T2, LinkKind::RepeatVisit)).then(["Linked"]);
    assert!(world.ticket_now(T1).awaits_dispatch());
    world.when(link(T2, LinkKind::RepeatVisit)).then([]);
}

#[test]
fn unlinking_releases_a_duplicate() {
    let held = two_and([link(T2, LinkKind::Duplicate)]);
    let world = held.when(unlink(T2)).then(["Unlinked"]);
    assert!(world.ticket_now(T1).awaits_dispatch());
    assert!(world.ticket_now(T1).links.is_empty());
    world.when(unlink(T2)).then([]);
    let related = two_and([assign(ANNA), link(T2, LinkKind::Related)]);
    let world = related.when(unlink(T2)).then(["Unlinked"]);
    assert_eq!(world.owner(T1), Some(ANNA));
}

#[test]
fn a_claim_does_not_send_a_duplicate_out_beside_its_original() {
    two_and([link(T2, LinkKind::Duplicate)]).when(claim()).refused(&Rejection::NotAllowed {
        verb: domain::ticket::Verb::Claim,
        phase: PhaseName::Duplicate,
    });
}

#[test]
fn a_duplicate_that_was_sent_on_its_own_way_can_be_held_back_again() {
    let sent = two_and([link(T2, LinkKind::Duplicate), escalate()]);
    assert!(sent.ticket_now(T1).awaits_dispatch());
    let world = sent.when(link(T2, LinkKind::Duplicate)).then(["Linked"]);
    assert_eq!(world.phase(T1), PhaseName::Duplicate);
    assert_eq!(world.ticket_now(T1).links.len(), 1);
}

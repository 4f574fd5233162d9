//! Tickets that belong together: merged, linked, told apart again.

use domain::ticket::{Link, LinkKind, PhaseName};
use domain::{CommonGround, LinkCandidate, LinkReason, Party, Rejection, RuleSetVersion, TicketId};

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

#[test]
fn duplicates_never_go_in_a_circle() {
    let chain = given([
        create(),
        create().on(T2),
        create().on(T3),
        link(T2, LinkKind::Duplicate),
        link(T3, LinkKind::Duplicate).on(T2),
    ]);
    for kind in [LinkKind::Duplicate, LinkKind::Suspected] {
        let closing = chain.clone().when(link(T1, kind).on(T3));
        closing.refused(&Rejection::LinkChain { ticket: T1, of: T2 });
    }
    assert!(chain.ticket_now(T3).awaits_dispatch(), "one of them is dispatched");
}

#[test]
fn what_may_be_a_duplicate_waits_for_an_agents_answer() {
    let asked = two_and([]).when(link(T2, LinkKind::Suspected)).then(["Linked", "Told"]);
    let ticket = asked.ticket_now(T1);
    assert_eq!(ticket.suspected_of(), Some(T2));
    assert_eq!(ticket.due(), Some(START.plus(minutes(5))));
    assert!(!ticket.awaits_dispatch());
    let yes = asked.clone().when(link(T2, LinkKind::Duplicate)).then(["Linked"]);
    let ticket = yes.ticket_now(T1);
    assert_eq!(ticket.links, [(T2, LinkKind::Duplicate)]);
    assert_eq!((ticket.suspected_of(), ticket.due()), (None, Some(START.plus(hours(24)))));
    let no = asked.when(unlink(T2)).then(["Unlinked"]);
    assert!(no.ticket_now(T1).awaits_dispatch());
}

#[test]
fn the_dispatcher_ends_a_question_in_time_and_never_what_an_agent_said() {
    let over = || unlink(T2).by(Party::Dispatcher);
    let asked = two_and([link(T2, LinkKind::Suspected)]);
    let due = START.plus(minutes(5));
    asked.clone().when(over().after(minutes(4))).refused(&Rejection::NotDue { due });
    let world = asked.clone().when(over().after(minutes(5))).then(["Unlinked"]);
    assert!(world.ticket_now(T1).awaits_dispatch());
    let yes = asked.clone().when(link(T2, LinkKind::Duplicate)).then(["Linked"]);
    let late = yes.when(over().after(minutes(5))).then([]);
    assert_eq!(late.phase(T1), PhaseName::Duplicate);
    let cancelled = asked.when(cancel().on(T2)).then(["Cancelled"]);
    cancelled.when(over()).then(["Unlinked"]);
}

#[test]
fn the_dispatcher_links_nothing_that_a_person_has_in_hand_or_told_apart() {
    let by_dispatcher = |kind| link(T2, kind).by(Party::Dispatcher);
    let told_apart = || two_and([link(T2, LinkKind::Duplicate), unlink(T2)]);
    for kind in [LinkKind::Duplicate, LinkKind::Suspected, LinkKind::RepeatVisit] {
        assert!(!two_and([]).when(by_dispatcher(kind)).events().is_empty());
        two_and([assign(ANNA)]).when(by_dispatcher(kind)).then([]);
        two_and([claim()]).when(by_dispatcher(kind)).then([]);
        let given_back = [assign(ANNA), decline(ANNA)];
        two_and(given_back).when(by_dispatcher(kind)).then([]);
        told_apart().when(by_dispatcher(kind)).then([]);
    }
    let again = told_apart().when(link(T2, LinkKind::Duplicate)).then(["Linked"]);
    assert!(again.ticket_now(T1).told_apart.is_empty(), "a person may think again");
}

#[test]
fn a_link_names_no_more_candidates_than_fit() {
    let because = |count| {
        let candidate = LinkCandidate { ticket: T2, ground: CommonGround::Device, percent: 90 };
        let candidates = vec![candidate; count];
        let reason = Some(LinkReason { rule_set: RuleSetVersion::SHIPPED, candidates });
        step(Party::Dispatcher, Link { to: Some(T2), kind: None, reason })
    };
    let most = LinkReason::CANDIDATES_MAX;
    two_and([]).when(because(most)).then(["Linked"]);
    two_and([]).when(because(most + 1)).invalid("reason.candidates");
}

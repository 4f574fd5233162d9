//! What comes with words is named with them, linked in the same append, and never separated.

use domain::attachment::{AttachmentEvent, AttachmentLinked, AttachmentReleased};
use domain::ticket::TicketEvent;
use domain::ticket::event::Noted;
use domain::{AttachmentId, Change, Command, Event, NewAttachment, Party, Rejection, StreamId};

use crate::corrupt::why;
use crate::world::*;

/// Each step that can bring something along, and what it leads to where it brings one thing.
fn bringing() -> Vec<(Vec<Step>, Step, Vec<&'static str>)> {
    let done = || vec![create(), assign(ANNA), accept(ANNA), resolve(Party::Engineer(ANNA))];
    let working = || vec![create(), assign(ANNA), accept(ANNA)];
    vec![
        (vec![], create(), vec!["Created"]),
        (vec![], create_empty(), vec!["Created"]),
        (vec![create()], details("第三轴异响"), vec!["DetailsAdded"]),
        (vec![create()], note("门口有狗"), vec!["Noted"]),
        (working(), resolve(Party::Engineer(ANNA)), vec!["Resolved", "PlaceFreed"]),
        (done(), confirm(), vec!["Confirmed"]),
        (done(), reject(), vec!["Rejected", "Escalated", "Told"]),
    ]
}

fn names(changes: &[Change]) -> Vec<&'static str> {
    changes.iter().map(|change| change.event.name()).collect()
}

#[test]
fn what_comes_with_words_is_named_and_linked_in_one_append() {
    for (history, step, alone) in bringing() {
        let mut world = given(history);
        let changes = world.run(&with(step.clone(), [photo(1)])).expect("vouched for");
        let mut expected = alone;
        expected.insert(1, "AttachmentLinked");
        assert_eq!(names(&changes), expected, "{step:?}");
        let [said, linked, ..] = &changes[..] else { panic!("{changes:?}") };
        assert_eq!(linked.stream, StreamId::from(AttachmentId::from(hash(1))));
        assert_eq!(linked.subject, said.subject, "{step:?}: another key seals the name");
        let Event::Attachment(AttachmentEvent::AttachmentLinked(linked)) = &linked.event else {
            panic!("{linked:?}")
        };
        assert_eq!((linked.ticket, &linked.attachment), (T1, &photo(1).reference()));
        assert_eq!(linked.claims.known().map(|claims| &claims.name[..]), Some("现场1.jpg"));
        assert_eq!(world.ticket_now(T1).images(), 1);
    }
}

#[test]
fn references_and_names_stand_in_the_order_in_which_they_were_given() {
    let outcome = given([create()]).when(show([recording(9), photo(2), photo(1)]));
    let Event::Ticket(TicketEvent::Noted(Noted { attachments, words })) = &outcome.events()[0]
    else {
        panic!("{outcome:?}")
    };
    let hashes: Vec<_> = attachments.iter().map(|attachment| attachment.hash).collect();
    assert_eq!(hashes, [hash(9), hash(2), hash(1)]);
    let names = words.known().map(|words| words.attachment_names.join(" "));
    assert_eq!(names.as_deref(), Some("现场9.jpg 现场2.jpg 现场1.jpg"));
    let world = outcome.then(["Noted", "AttachmentLinked", "AttachmentLinked", "AttachmentLinked"]);
    assert_eq!((world.ticket_now(T1).attachments.len(), world.ticket_now(T1).images()), (3, 2));
}

#[test]
fn a_reference_that_nobody_vouches_for_is_refused() {
    let refused = Rejection::UnknownAttachment { hash: hash(7) };
    for (history, step, _) in bringing() {
        given(history).when(with(step, [photo(1), unvouched(7)])).refused(&refused);
    }
}

#[test]
fn bytes_that_were_erased_are_refused_for_ever() {
    let world = given([create_with([photo(1)]), erase(1)]);
    let refused = Rejection::AttachmentErased { hash: hash(1) };
    world.clone().when(show([photo(2), photo(1)])).refused(&refused);
    world.when(create_with([photo(1)]).on(T2)).refused(&refused);
}

#[test]
fn an_attachment_alone_is_something_new() {
    given([create()]).when(show([photo(1)])).then(["Noted", "AttachmentLinked"]);
    let alone = with(step(BY_AGENT, domain::ticket::Details::default()), [photo(1)]);
    given([create()]).when(alone).then(["DetailsAdded", "AttachmentLinked"]);
    given([create()]).when(note("")).invalid("words");
}

#[test]
fn a_picture_alone_waits_for_a_call_back_and_is_named() {
    let world = given([with(create_empty(), [photo(1)])]);
    assert_eq!(world.phase(T1), domain::ticket::PhaseName::CallBack);
    assert!(world.ticket_now(T1).attachment(hash(1)).is_some());
}

#[test]
fn the_same_bytes_twice_are_one_entry_and_within_one_command_one_link() {
    let twice = given([create()]).when(show([photo(1), photo(1)]));
    let world = twice.then(["Noted", "AttachmentLinked"]);
    let world = world.when(show([photo(1)])).then(["Noted", "AttachmentLinked"]);
    assert_eq!(world.ticket_now(T1).attachments.len(), 1);
    let other = world.when(create_with([photo(1)]).on(T2));
    other.then(["Created", "AttachmentLinked"]);
}

#[test]
fn what_comes_with_an_answer_that_does_not_count_is_kept() {
    let done = given([create(), resolve(BY_AGENT), with(confirm(), [photo(1)])]);
    done.clone().when(with(confirm(), [photo(1)])).then([]);
    done.clone().when(with(confirm(), [photo(2)])).then(["Noted", "AttachmentLinked"]);
    let other = with(reject(), [photo(2)]);
    done.when(other).then(["AnswerContradicted", "Queued", "Told", "Noted", "AttachmentLinked"]);
}

#[test]
fn a_command_brings_at_most_50_and_a_ticket_names_at_most_500() {
    let many = |count: u8, from: u16| -> Vec<_> {
        (0..count)
            .map(|place| {
                let mut new = photo(0);
                let number = (from + u16::from(place)).to_be_bytes();
                new.hash.0[..2].copy_from_slice(&number);
                new
            })
            .collect()
    };
    let note = |attachments| {
        step(BY_AGENT, domain::ticket::Note { attachments, ..domain::ticket::Note::default() })
    };
    let mut world = given([create()]);
    world.clone().when(note(many(51, 0))).invalid("attachments");
    for round in 0..10 {
        world.run(&note(many(50, round * 50))).expect("not too many yet");
    }
    world.run(&note(many(50, 0))).expect("known ones are no more");
    world.when(note(many(1, 500))).invalid("attachments");
}

#[test]
fn the_attachments_of_a_ticket_have_at_most_16_gib_together() {
    const MAX: u64 = 16 << 30;
    let sized = |number, bytes| NewAttachment { bytes, ..photo(number) };
    let half = || create_with([sized(1, MAX / 2)]);
    let other_half = || sized(2, MAX / 2);
    // A history, a command, and how many bytes there would be where that is too many.
    let cases: Vec<(Vec<Step>, Step, Option<u64>)> = vec![
        (vec![], create_with([sized(1, MAX)]), None),
        (vec![], create_with([sized(1, MAX), sized(2, 1)]), Some(MAX + 1)),
        (vec![half()], show([other_half()]), None),
        (vec![half()], show([other_half(), sized(3, 1)]), Some(MAX + 1)),
        (vec![half()], with(details("第三轴异响"), [sized(2, MAX)]), Some(MAX / 2 * 3)),
        (vec![half()], show([sized(2, u64::MAX)]), Some(u64::MAX)),
        // The same bytes again are no more bytes.
        (vec![half()], show([sized(1, MAX / 2), other_half()]), None),
        (vec![create()], show([sized(1, MAX), sized(1, MAX)]), None),
        // Out of view is not gone.
        (vec![half(), remove(1)], show([other_half(), sized(3, 1)]), Some(MAX + 1)),
        (vec![half(), create().on(T2)], show([sized(2, MAX)]).on(T2), None),
    ];
    for (history, step, too_many) in cases {
        let outcome = given(history).when(step);
        match too_many {
            None => assert!(!outcome.events().is_empty()),
            Some(bytes) => {
                outcome.refused(&Rejection::AttachmentsTooLarge { bytes, bytes_max: MAX });
            }
        }
    }
}

#[test]
fn names_and_media_types_have_limits() {
    let long = |name: usize, media_type: usize| NewAttachment {
        name: "n".repeat(name),
        media_type: "t".repeat(media_type),
        ..photo(1)
    };
    given([create()]).when(show([long(201, 9)])).invalid("attachments.name");
    given([create()]).when(show([long(9, 101)])).invalid("attachments.media_type");
    given([create()]).when(show([long(200, 100)])).then(["Noted", "AttachmentLinked"]);
}

#[test]
fn what_a_scanner_holds_back_is_linked_and_quarantined_in_one_append_and_counts() {
    let world = given([create()]).when(show([held_back(1)])).then([
        "Noted",
        "AttachmentLinked",
        "AttachmentQuarantined",
    ]);
    assert_eq!(world.ticket_now(T1).images(), 1);
    let world = world.when(show([held_back(1)])).then(["Noted", "AttachmentLinked"]);
    // What the scanner finds then is another reason; it is not released in between.
    let world = world.when(quarantine(1)).then(["AttachmentQuarantined"]);
    let world = world.when(quarantine(1)).then([]);
    let world = world.when(release(1)).then(["AttachmentReleased"]);
    let world = world.when(release(1)).then([]);
    world.when(quarantine(1)).then(["AttachmentQuarantined"]);
}

#[test]
fn what_was_removed_is_out_of_view_until_it_is_named_again() {
    let world = given([create_with([photo(1), photo(2)])]);
    let world = world.when(remove(1)).then(["AttachmentRemoved"]).when(remove(1)).then([]);
    assert_eq!((world.ticket_now(T1).attachments.len(), world.ticket_now(T1).images()), (2, 1));
    let world = world.when(show([photo(1)])).then(["Noted", "AttachmentLinked"]);
    assert_eq!(world.ticket_now(T1).images(), 2);
}

#[test]
fn only_what_a_ticket_names_itself_is_removed_from_it() {
    let world = given([create_with([photo(1)]), create().on(T2), merge(T2)]);
    world.clone().when(remove(1).on(T2)).invalid("hash");
    world.clone().when(remove(3)).invalid("hash");
    let nothing = step(BY_AGENT, domain::ticket::RemoveAttachment::default());
    world.clone().when(nothing).invalid("hash");
    world.when(remove(1)).then(["AttachmentRemoved"]);
}

#[test]
fn removing_is_offered_while_there_is_something_to_remove() {
    let verb = domain::ticket::Verb::RemoveAttachment;
    let world = given([create()]);
    assert!(!world.ticket_now(T1).allowed().contains(&verb));
    let world = world.when(show([photo(1)])).then(["Noted", "AttachmentLinked"]);
    assert!(world.ticket_now(T1).allowed().contains(&verb));
    let world = world.when(remove(1)).then(["AttachmentRemoved"]);
    assert!(!world.ticket_now(T1).allowed().contains(&verb));
}

#[test]
fn what_is_asked_of_an_attachment_that_nothing_names_is_refused() {
    let stream = AttachmentId::from(hash(4)).into();
    let refused = Rejection::NotFound { stream };
    let world = given([create_with([photo(1)])]);
    let reads = vec![read_by(Party::Engineer(ANNA))];
    for step in [quarantine(4), release(4), erase(4), opened(4, reads)] {
        world.clone().when(step).refused(&refused);
    }
}

#[test]
fn erasing_is_final_and_what_comes_late_changes_nothing() {
    let world = given([create_with([held_back(1)])]);
    let world = world.when(erase(1)).then(["AttachmentErased"]);
    let world = world.when(erase(1)).then([]);
    let world = world.when(release(1)).then([]);
    let reads = vec![read_by(Party::Engineer(ANNA))];
    world.when(opened(1, reads)).then(["AttachmentOpened"]);
}

#[test]
fn reads_are_recorded_as_they_are_and_not_without_end() {
    let world = given([create_with([photo(1)])]);
    let read = read_by(Party::Engineer(ANNA));
    world.clone().when(opened(1, vec![])).then([]);
    world.clone().when(opened(1, vec![read.clone(); 50])).then(["AttachmentOpened"]);
    world.clone().when(opened(1, vec![read.clone(); 51])).invalid("reads");
    let never = domain::attachment::Read { times: 0, ..read.clone() };
    world.clone().when(opened(1, vec![never])).invalid("reads");
    let backwards = domain::attachment::Read { last_at: START.minus(minutes(1)), ..read };
    world.when(opened(1, vec![backwards])).invalid("reads");
}

#[test]
fn an_audit_is_recorded_by_the_server_or_an_administrator_alone() {
    let audit = domain::AttachmentsAudited {
        as_of: domain::GlobalPosition::new(7),
        deep: true,
        named: 3,
        intact: 3,
        damaged: 0,
        missing: 0,
        removed: 0,
        quarantined: 0,
        erased: 0,
        never_arrived: 0,
        orphans: 1,
        took_ms: 12,
    };
    let record = |by| Step { by, after: seconds(0), command: Command::RecordAudit(audit.clone()) };
    let world = given([]).when(record(Party::Gateway)).then(["AttachmentsAudited"]);
    let world = world.when(record(Party::Administrator(AGENT))).then(["AttachmentsAudited"]);
    world.when(record(Party::Anonymous)).invalid("actor");
}

#[test]
fn custody_that_cannot_have_been_is_named() {
    let id = AttachmentId::from(hash(1));
    let linked = |world: &World| {
        let recorded = world.history.iter().rev().find_map(|recorded| match &recorded.event {
            Event::Attachment(event @ AttachmentEvent::AttachmentLinked(_)) => Some(event.clone()),
            _ => None,
        });
        recorded.expect("something was linked")
    };
    let world = given([create_with([photo(1)])]);
    let released = AttachmentEvent::from(AttachmentReleased { hash: hash(1) });
    assert!(why(&world, id, released.clone()).contains("not in quarantine"));
    assert!(why(&world, AttachmentId::from(hash(2)), released).contains("not linked"));
    let other = AttachmentEvent::from(AttachmentReleased { hash: hash(2) });
    assert!(why(&world, id, other).contains("other bytes"));
    let AttachmentEvent::AttachmentLinked(link) = linked(&world) else { panic!("a link") };
    let foreign = AttachmentEvent::from(AttachmentLinked { ticket: T2, ..link });
    let gone = world.clone().when(erase(1)).then(["AttachmentErased"]);
    assert!(why(&gone, id, foreign).contains("erased"));
}

//! Attachments go with their words into one append, whatever is queued before them.

use std::num::NonZeroUsize;

use domain::attachment::{
    AttachmentCommand, Claims, MediaFacts, NewAttachment, Standing, UploadFacts, UploadVia, Vouched,
};
use domain::ticket::{Create, Note};
use domain::{AttachmentId, Command, ContentHash, GlobalPosition, Party, Rejection, Timestamp};
use engine::{Engine, Error, Options};
use eventlog::EventLog;

use crate::desk::{Desk, id, ticket};

fn photo(number: u8) -> NewAttachment {
    let vouched = Vouched {
        upload: UploadFacts {
            by: Party::Anonymous,
            via: UploadVia::Tus,
            begun_at: Timestamp::from_seconds(1),
            finished_at: Timestamp::from_seconds(2),
        },
        media: MediaFacts::default(),
        claims: Claims::default(),
        standing: Standing::Clear,
    };
    NewAttachment {
        hash: ContentHash([number; 32]),
        bytes: 5,
        media_type: "image/jpeg".into(),
        name: "现场.jpg".into(),
        vouched: Some(vouched),
    }
}

fn with(attachments: Vec<NewAttachment>) -> Create {
    Create { attachments, ..Create::default() }
}

fn names(desk: &Desk) -> Vec<(&'static str, String)> {
    let events = desk.log.read(GlobalPosition::ZERO, usize::MAX).expect("readable");
    let told = |event: &eventlog::RecordedEvent| {
        (event.event.name(), format!("{}@{}", event.stream, event.version))
    };
    events.iter().skip(1).map(told).collect()
}

#[test]
fn the_same_bytes_are_linked_by_two_tickets_before_either_is_durable() {
    let desk = Desk::new();
    let begin = |number, photos| {
        let command = Command::Ticket(ticket(number), with(photos).into());
        desk.engine.begin(desk.submission(command)).expect("decided")
    };
    let first = begin(1, vec![photo(1), photo(2)]);
    let second = begin(2, vec![photo(2), photo(1)]);
    second.wait().expect("durable");
    first.wait().expect("durable");
    let at = |number: u8| AttachmentId::from(ContentHash([number; 32])).to_string();
    let (a, b) = (at(1), at(2));
    assert_eq!(
        names(&desk),
        [
            ("Created", format!("{}@1", ticket(1))),
            ("AttachmentLinked", format!("{a}@1")),
            ("AttachmentLinked", format!("{b}@1")),
            ("Created", format!("{}@1", ticket(2))),
            ("AttachmentLinked", format!("{b}@2")),
            ("AttachmentLinked", format!("{a}@2")),
        ]
    );
}

#[test]
fn a_repetition_is_the_same_command_after_the_store_forgot_the_upload() {
    let desk = Desk::new();
    let once = |attachments| {
        let command = Command::Ticket(ticket(1), with(attachments).into());
        let submission = engine::Submission { id: id("report"), ..desk.submission(command) };
        desk.engine.begin(submission).and_then(engine::Pending::wait)
    };
    let first = once(vec![photo(1)]).expect("vouched for");
    let again = once(vec![NewAttachment { vouched: None, ..photo(1) }]).expect("known already");
    assert!(again.repeated);
    assert_eq!(again.position, first.position);
}

#[test]
fn what_happened_to_an_attachment_is_read_from_the_log_where_it_is_not_at_hand() {
    let desk = Desk::new();
    desk.on_ticket(ticket(1), with(vec![photo(1)])).expect("vouched for");
    let hash = photo(1).hash;
    let erase = AttachmentCommand::Erase { words: "客户要求".into() };
    desk.run(Command::Attachment(hash, erase)).expect("it was linked");
    // Another engine on the same log has nothing at hand.
    let options = Options { aggregates_max: NonZeroUsize::MIN };
    let engine = Engine::new(desk.log.clone(), desk.clock.clone(), options);
    let note = Note { attachments: vec![photo(1)], ..Note::default() };
    let submission = desk.submission(Command::Ticket(ticket(1), note.into()));
    let Err(Error::Rejected(rejected)) = engine.begin(submission).and_then(engine::Pending::wait)
    else {
        panic!("erased bytes were linked again")
    };
    assert_eq!(rejected.rejection, Rejection::AttachmentErased { hash });
}

#[test]
fn an_audit_is_recorded_each_time() {
    let desk = Desk::new();
    let audit = domain::AttachmentsAudited {
        as_of: GlobalPosition::FIRST,
        deep: false,
        named: 0,
        intact: 0,
        damaged: 0,
        missing: 0,
        removed: 0,
        quarantined: 0,
        erased: 0,
        never_arrived: 0,
        orphans: 0,
        took_ms: 1,
    };
    let submission = || engine::Submission {
        actor: domain::Actor::system(Party::Gateway),
        ..desk.submission(Command::RecordAudit(audit.clone()))
    };
    for version in 1..=2 {
        let pending = desk.engine.begin(submission()).expect("decided");
        assert_eq!(pending.wait().expect("durable").version.get(), version);
    }
}

//! The story of one attachment, from the upload to whoever opened it.

use audit::custody::What;
use audit::{Error, How, custody};
use domain::attachment::{AttachmentCommand, Read};
use domain::{Party, Timestamp};

use crate::firm::{ANNE, BO, CHEN, Firm, hash_of, ticket};

#[test]
fn it_is_followed_through_every_ticket_and_every_hand() {
    let mut firm = Firm::in_memory();
    firm.report(ticket(2), &[]);
    firm.assign(ticket(2), CHEN);
    firm.report(ticket(1), &[1]);
    firm.assign(ticket(1), ANNE);
    firm.withdraw(ticket(1));
    firm.merge(ticket(1), ticket(2));
    let by = Party::Engineer(CHEN);
    let (first_at, last_at) = (Timestamp::from_seconds(1), Timestamp::from_seconds(2));
    let reads = vec![Read { by, first_at, last_at, times: 3 }];
    firm.on_attachment(1, AttachmentCommand::RecordReads(reads.clone()));
    firm.accept(ticket(2), CHEN);
    firm.transfer(ticket(2), CHEN, BO);
    firm.resolve(ticket(2), BO);
    firm.reject(ticket(2));
    firm.on_attachment(1, AttachmentCommand::Quarantine { why: "EICAR".into() });
    firm.on_attachment(1, AttachmentCommand::Release);
    firm.on_attachment(1, AttachmentCommand::Erase { words: String::new() });
    firm.settle();
    let chain = custody(&*firm.log, hash_of(1)).expect("is named");
    let (first, second) = (ticket(1), ticket(2));
    let steps: Vec<_> = chain.steps.iter().map(|step| step.what.clone()).collect();
    let What::Linked { ticket: linked, upload } = &steps[0] else { panic!("{:?}", steps[0]) };
    assert_eq!((*linked, upload.by), (first, Party::Anonymous));
    assert!(upload.begun_at < upload.finished_at);
    let expected = [
        What::Assigned { ticket: first, engineer: ANNE },
        What::Released { ticket: first, engineer: ANNE, how: How::Withdrawn },
        What::Merged { ticket: first, into: second },
        What::Opened { reads },
        What::Transferred { ticket: second, from: CHEN, to: BO },
        What::Released { ticket: second, engineer: BO, how: How::Resolved },
        What::Escalated { ticket: second, level: 1 },
        What::Quarantined { why: "EICAR".into() },
        What::Cleared,
        What::Erased,
    ];
    assert_eq!(steps[1..], expected);
    assert!(chain.steps.is_sorted_by_key(|step| step.position));
    assert!(!chain.cut);
    let json = serde_json::to_string(&chain).expect("JSON");
    assert_eq!(serde_json::from_str::<audit::Custody>(&json).expect("reads back"), chain);
}

#[test]
fn a_ticket_that_names_it_itself_and_by_a_merge_is_told_once() {
    let mut firm = Firm::in_memory();
    firm.report(ticket(1), &[1]);
    firm.report(ticket(2), &[2]);
    firm.assign(ticket(2), ANNE);
    firm.merge(ticket(1), ticket(2));
    firm.note(ticket(2), 1);
    firm.accept(ticket(2), ANNE);
    firm.transfer(ticket(2), ANNE, BO);
    firm.remove(ticket(2), 1);
    firm.settle();
    let chain = custody(&*firm.log, hash_of(1)).expect("is named");
    let count = |is: &dyn Fn(&What) -> bool| chain.steps.iter().filter(|s| is(&s.what)).count();
    assert_eq!(count(&|what| matches!(what, What::Transferred { .. })), 1);
    assert_eq!(count(&|what| matches!(what, What::Linked { .. })), 2);
    assert_eq!(count(&|what| *what == What::Removed { ticket: ticket(2) }), 1);
    assert_eq!(count(&|what| matches!(what, What::Assigned { .. })), 0, "that was before");
}

#[test]
fn a_hash_that_no_event_names_has_no_story() {
    let firm = Firm::in_memory();
    let error = custody(&*firm.log, hash_of(1)).expect_err("nothing to tell");
    assert!(matches!(error, Error::NotNamed { hash } if hash == hash_of(1)), "{error}");
}

//! The question of the opening story: did the next engineer have what the one before had?

use audit::{Handover, HandoverTotals, How, Lacked, Options, Scope, Why};
use domain::attachment::AttachmentCommand;

use crate::firm::{ANNE, BO, CHEN, Firm, file_of, hash_of, ticket};

fn options() -> Options {
    Options { handovers: true, ..Options::default() }
}

fn only(firm: &mut Firm) -> Handover {
    let (_, told) = firm.audit(&options());
    assert_eq!(told.handovers.len(), 1, "{:?}", told.handovers);
    told.handovers.into_iter().next().expect("one")
}

/// Anne has a ticket with three photos.
fn with_anne() -> Firm {
    let mut firm = Firm::in_memory();
    firm.report(ticket(1), &[1, 2, 3]);
    firm.assign(ticket(1), ANNE);
    firm
}

#[test]
fn the_next_engineer_has_everything_after_a_withdrawal() {
    let mut firm = with_anne();
    firm.withdraw(ticket(1));
    firm.assign(ticket(1), BO);
    let handover = only(&mut firm);
    assert_eq!((handover.from, handover.to, handover.how), (ANNE, BO, How::Withdrawn));
    assert_eq!((handover.had, handover.is_complete()), (3, true));
}

#[test]
fn what_was_removed_held_back_or_erased_before_the_handover_is_named_with_the_reason() {
    let mut firm = with_anne();
    firm.withdraw(ticket(1));
    firm.remove(ticket(1), 1);
    firm.on_attachment(2, AttachmentCommand::Quarantine { why: "EICAR".into() });
    firm.on_attachment(3, AttachmentCommand::Erase { words: String::new() });
    firm.assign(ticket(1), BO);
    let handover = only(&mut firm);
    let mut lacked = [
        Lacked { hash: hash_of(1), why: Why::Removed },
        Lacked { hash: hash_of(2), why: Why::Quarantined },
        Lacked { hash: hash_of(3), why: Why::Erased },
    ];
    lacked.sort_by_key(|lacked| lacked.hash);
    assert_eq!((handover.had, &handover.lacked[..]), (3, &lacked[..]));
    let (report, _) = firm.audit(&options());
    let counted = HandoverTotals { handovers: 1, complete: 0, incomplete: 1 };
    assert_eq!((report.handovers, report.incomplete.len()), (Some(counted), 1));
}

#[test]
fn what_happens_after_the_handover_is_of_no_account_to_it() {
    let mut firm = with_anne();
    firm.withdraw(ticket(1));
    firm.assign(ticket(1), BO);
    firm.remove(ticket(1), 1);
    firm.note(ticket(1), 4);
    assert!(only(&mut firm).is_complete());
    // Bo had two of the first three, and the fourth.
    firm.accept(ticket(1), BO);
    firm.transfer(ticket(1), BO, CHEN);
    let (_, told) = firm.audit(&options());
    let last = told.handovers.last().expect("two");
    assert_eq!((last.how, last.had), (How::Transferred, 4));
    assert_eq!(last.lacked, [Lacked { hash: hash_of(1), why: Why::Removed }]);
}

#[test]
fn what_the_one_before_never_saw_is_not_asked_for() {
    let mut firm = Firm::in_memory();
    firm.report(ticket(1), &[1, 2]);
    firm.remove(ticket(1), 1);
    firm.assign(ticket(1), ANNE);
    firm.withdraw(ticket(1));
    firm.note(ticket(1), 3);
    firm.assign(ticket(1), BO);
    let handover = only(&mut firm);
    assert_eq!((handover.had, handover.is_complete()), (1, true));
}

#[test]
fn bytes_that_are_lost_now_were_lacking() {
    let mut firm = with_anne();
    firm.withdraw(ticket(1));
    firm.assign(ticket(1), BO);
    std::fs::remove_file(file_of(&firm.store_dir(), hash_of(2))).expect("removed");
    std::fs::write(file_of(&firm.store_dir(), hash_of(3)), "x").expect("written");
    let lacked = only(&mut firm).lacked;
    let why = |number| lacked.iter().find(|lacked| lacked.hash == hash_of(number)).map(|l| l.why);
    assert_eq!((why(1), why(2), why(3)), (None, Some(Why::Missing), Some(Why::Damaged)));
}

#[test]
fn attachments_of_tickets_that_were_merged_into_it_count() {
    let mut firm = with_anne();
    firm.report(ticket(2), &[5]);
    firm.report(ticket(3), &[6]);
    firm.merge(ticket(3), ticket(2));
    firm.merge(ticket(2), ticket(1));
    firm.withdraw(ticket(1));
    firm.assign(ticket(1), BO);
    let handover = only(&mut firm);
    assert_eq!((handover.had, handover.is_complete()), (5, true));
    // A merge after the handover brings nothing to the one who had it before.
    firm.report(ticket(4), &[7]);
    firm.merge(ticket(4), ticket(1));
    assert_eq!(only(&mut firm).had, 5);
}

#[test]
fn a_ticket_that_comes_back_goes_to_another_by_escalation_or_reopening() {
    let mut firm = with_anne();
    firm.accept(ticket(1), ANNE);
    firm.resolve(ticket(1), ANNE);
    firm.reject(ticket(1));
    firm.assign(ticket(1), BO);
    firm.accept(ticket(1), BO);
    firm.resolve(ticket(1), BO);
    firm.confirm(ticket(1));
    firm.reopen(ticket(1));
    // To the same engineer is no handover.
    firm.assign(ticket(1), BO);
    firm.withdraw(ticket(1));
    firm.assign(ticket(1), CHEN);
    let (report, told) = firm.audit(&options());
    let told: Vec<_> = told.handovers.iter().map(|h| (h.from, h.to, h.how, h.had)).collect();
    assert_eq!(told, [(ANNE, BO, How::Escalated, 3), (BO, CHEN, How::Withdrawn, 3)]);
    assert!(report.incomplete.is_empty());
}

#[test]
fn handovers_of_one_ticket_are_asked_for_alone() {
    let mut firm = with_anne();
    firm.withdraw(ticket(1));
    firm.assign(ticket(1), BO);
    firm.report(ticket(2), &[5]);
    firm.assign(ticket(2), ANNE);
    firm.withdraw(ticket(2));
    firm.assign(ticket(2), BO);
    let scope = Scope { ticket: Some(ticket(2)), ..Scope::default() };
    let (report, told) = firm.audit(&Options { scope, ..options() });
    assert_eq!(report.handovers.expect("asked for").handovers, 1);
    assert_eq!(told.handovers[0].ticket, ticket(2));
}

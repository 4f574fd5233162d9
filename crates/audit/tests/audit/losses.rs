//! Each attachment that was ever named counts in one class.

use std::fs;

use audit::{AsOf, Class, Error, Found, Options, Scope, State};
use domain::attachment::AttachmentCommand;
use domain::{Command, Party, StaffId};

use crate::firm::{ANNE, Firm, bytes_of, file_of, hash_of, ticket};

/// Six attachments: intact, out of view, held back, erased, gone, cut short.
fn of_every_kind() -> Firm {
    let mut firm = Firm::in_memory();
    firm.report(ticket(1), &[1, 2, 3]);
    firm.report(ticket(2), &[4, 5, 6]);
    firm.remove(ticket(1), 2);
    firm.on_attachment(3, AttachmentCommand::Quarantine { why: "EICAR".into() });
    firm.on_attachment(4, AttachmentCommand::Erase { words: "客户要求".into() });
    let place = |number| file_of(&firm.store_dir(), hash_of(number));
    fs::remove_file(place(4)).expect("removed");
    fs::remove_file(place(5)).expect("removed");
    fs::write(place(6), "short").expect("written");
    firm
}

#[test]
fn every_kind_is_told_with_what_was_found() {
    let mut firm = of_every_kind();
    firm.photo(9);
    let (report, told) = firm.audit(&Options::default());
    for (class, number) in [
        (Class::Intact, 1),
        (Class::Removed, 2),
        (Class::Quarantined, 3),
        (Class::Erased, 4),
        (Class::Missing, 5),
        (Class::Damaged, 6),
    ] {
        assert_eq!(told.of(class), [hash_of(number)], "{class:?}");
        assert_eq!(report.totals.of(class), 1, "{class:?}");
    }
    assert_eq!((report.totals.named, report.totals.orphans), (6, 1));
    let damaged = report.findings.iter().find(|finding| finding.named.hash == hash_of(6));
    let found = State::Damaged { found: Found::Bytes(5) };
    assert_eq!(damaged.map(|finding| &finding.state), Some(&found));
    // The worst comes first.
    let classes: Vec<_> = report.findings.iter().map(|finding| finding.state.class()).collect();
    assert_eq!(classes[..2], [Class::Missing, Class::Damaged]);
    let json = serde_json::to_string(&report).expect("JSON");
    assert_eq!(serde_json::from_str::<audit::Report>(&json).expect("reads back"), report);
}

#[test]
fn a_loss_is_told_before_what_is_out_of_view_or_held_back() {
    let mut firm = of_every_kind();
    for number in [2, 3] {
        fs::remove_file(file_of(&firm.store_dir(), hash_of(number))).expect("removed");
    }
    let (report, _) = firm.audit(&Options::default());
    assert_eq!(
        (report.totals.missing, report.totals.removed, report.totals.quarantined),
        (3, 0, 0)
    );
}

#[test]
fn bytes_that_an_erasure_left_behind_are_told() {
    let mut firm = of_every_kind();
    firm.photo(4);
    let (report, _) = firm.audit(&Options { deep: true, ..Options::default() });
    let erased = report.findings.iter().find(|finding| finding.named.hash == hash_of(4));
    let state = erased.map(|finding| &finding.state);
    assert!(matches!(state, Some(State::Erased { bytes_left: true, .. })), "{state:?}");
    assert!(!report.is_whole(), "what is missing stays missing");
}

#[test]
fn bytes_that_a_disk_changed_are_whole_again_once_they_come_again() {
    let mut firm = Firm::in_memory();
    firm.report(ticket(1), &[1]);
    let mut changed = bytes_of(1);
    changed[0] ^= 1;
    fs::write(file_of(&firm.store_dir(), hash_of(1)), changed).expect("written");
    let deep = Options { deep: true, ..Options::default() };
    assert_eq!(firm.audit(&deep).1.of(Class::Damaged), [hash_of(1)]);
    let staged = firm.dir.path().join("staged");
    fs::write(&staged, bytes_of(1)).expect("written");
    let put = firm.store.put(staged, hash_of(1), bytes_of(1).len() as u64);
    firm.runtime.block_on(put).expect("stored");
    assert_eq!(firm.audit(&deep).1.of(Class::Intact), [hash_of(1)]);
}

#[test]
fn a_ticket_is_asked_for_with_what_was_merged_into_it() {
    let mut firm = of_every_kind();
    firm.report(ticket(3), &[30]);
    firm.assign(ticket(1), ANNE);
    firm.merge(ticket(2), ticket(1));
    let scope = |ticket| Scope { ticket: Some(ticket), ..Scope::default() };
    let of = |firm: &mut Firm, number| {
        let options = Options { scope: scope(ticket(number)), ..Options::default() };
        firm.audit(&options).0
    };
    assert_eq!(of(&mut firm, 1).totals.named, 6);
    assert_eq!(of(&mut firm, 2).totals.named, 3);
    let third = of(&mut firm, 3);
    assert_eq!((third.totals.named, third.totals.intact), (1, 1));
    // Only who looks at everything can tell what nobody names, and record what was found.
    assert_eq!(third.recorded(), None);
}

#[test]
fn since_a_moment_means_what_was_named_from_then_on() {
    let mut firm = of_every_kind();
    firm.settle();
    let since = firm.log.head().recorded_at.plus(std::time::Duration::from_millis(1));
    firm.note(ticket(1), 30);
    let scope = Scope { since: Some(since), ..Scope::default() };
    let (report, told) = firm.audit(&Options { scope, ..Options::default() });
    assert_eq!((report.totals.named, told.of(Class::Intact)), (1, vec![hash_of(30)]));
}

#[test]
fn a_position_after_the_head_is_refused_with_what_to_ask_for() {
    let mut firm = of_every_kind();
    let head = firm.head();
    let options = Options { as_of: AsOf::Position(head.next()), ..Options::default() };
    let sources = audit::Sources {
        log: &*firm.log,
        store: &firm.store,
        runtime: firm.runtime.handle(),
        clock: &firm.clock,
    };
    let error = audit::audit(sources, &options, &mut ()).expect_err("refused");
    assert!(matches!(error, Error::AfterHead { .. }), "{error}");
    assert!(error.to_string().contains(&format!("up to {head}")), "{error}");
}

#[test]
fn a_recorded_audit_is_read_back_with_its_time() {
    let mut firm = of_every_kind();
    assert_eq!(audit::last(&*firm.log).expect("reads"), None);
    let (report, _) = firm.audit(&Options::default());
    let audited = report.recorded().expect("everything was looked at");
    assert_eq!((audited.missing, audited.damaged, audited.orphans), (1, 1, 0));
    let by = Party::Administrator(StaffId::from_u128(1));
    firm.run_by(by, Command::RecordAudit(audited.clone()));
    firm.settle();
    let (at, last) = audit::last(&*firm.log).expect("reads").expect("there is one");
    assert_eq!((at, last), (firm.log.head().recorded_at, audited));
}

#[test]
fn an_audit_ends_when_nobody_listens_any_more() {
    struct Deaf;
    impl audit::Sink for Deaf {
        fn progress(&mut self, _done: u64, _total: u64) -> std::ops::ControlFlow<()> {
            std::ops::ControlFlow::Break(())
        }
    }
    let mut firm = of_every_kind();
    firm.settle();
    let sources = audit::Sources {
        log: &*firm.log,
        store: &firm.store,
        runtime: firm.runtime.handle(),
        clock: &firm.clock,
    };
    let error = audit::audit(sources, &Options::default(), &mut Deaf).expect_err("broken off");
    assert!(matches!(error, Error::BrokenOff), "{error}");
}

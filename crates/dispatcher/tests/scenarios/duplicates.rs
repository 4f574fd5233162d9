//! Reports of a fault that is known already.

use dispatcher::{Action, Dispatcher};
use domain::ticket::{Create, Details, LinkKind, Phase, TicketEvent};
use domain::{
    Command, CommonGround, CustomerId, DeviceId, Event, LinkCandidate, LinkReason, Personal,
    TicketId,
};

use crate::firm::{Firm, HERE, engineer};

pub(crate) const PRESS: DeviceId = DeviceId::from_u128(1);
pub(crate) const LATHE: DeviceId = DeviceId::from_u128(2);
const CHAIN: CustomerId = CustomerId::from_u128(1);
pub(crate) const WORDS: &str = "冲床咔哒两声就停了";

pub(crate) fn firm() -> Firm {
    let mut firm = Firm::with_engineers(4);
    firm.world.device(PRESS);
    firm.world.device(LATHE);
    firm.world.customer(CHAIN);
    firm.settle();
    firm
}

pub(crate) fn said(words: &str) -> Create {
    Create { outlet: Some(HERE), sentence: Some(words.into()), ..Create::default() }
}

pub(crate) fn of(device: DeviceId, words: &str) -> Create {
    Create { device: Some(device), ..said(words) }
}

pub(crate) fn by(phone: &str, place: &str, words: &str) -> Create {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Create { contact_phone: some(phone), place: some(place), ..said(words) }
}

pub(crate) fn links(firm: &Firm, id: TicketId) -> Vec<(TicketId, LinkKind)> {
    firm.ticket(id).links.clone()
}

/// Two reports of the same device, the second linked to the first.
pub(crate) fn pair(firm: &mut Firm) -> (TicketId, TicketId) {
    let first = firm.report_with(of(PRESS, WORDS));
    let second = firm.report_with(of(PRESS, WORDS));
    assert_eq!(links(firm, second), [(first, LinkKind::Duplicate)]);
    (first, second)
}

/// The same place reported by somebody else: perhaps the same fault.
pub(crate) fn suspicion(firm: &mut Firm) -> (TicketId, TicketId) {
    let first = firm.report_with(by("13800000001", "一号车间", WORDS));
    let second = firm.report_with(by("13800000002", "一号车间", WORDS));
    assert_eq!(links(firm, second), [(first, LinkKind::Suspected)]);
    (first, second)
}

#[test]
fn a_second_report_of_the_same_fault_is_linked_instead_of_dispatched_with_the_reason() {
    let mut firm = firm();
    let (first, second) = pair(&mut firm);
    assert_eq!(firm.history(second), ["Created", "Linked"]);
    let action = firm.sent.last().expect("an action");
    assert_eq!(action.id.key, format!("duplicate/{second}/{first}"));
    assert_eq!(action.caused_by, Some(action.basis.position));
    let linked = firm.world.log.iter().find_map(|event| match &event.event {
        Event::Ticket(TicketEvent::Linked(linked)) => Some(linked),
        _ => None,
    });
    let ground = CommonGround::Device;
    let candidates = vec![LinkCandidate { ticket: first, ground, percent: 100 }];
    let reason = LinkReason { rule_set: domain::RuleSetVersion::SHIPPED, candidates };
    assert_eq!(linked.and_then(|linked| linked.reason.clone()), Some(reason));
}

#[test]
fn whether_a_report_is_linked_asked_about_or_dispatched() {
    use LinkKind::{Duplicate, Suspected};
    let (li, zhang) = ("138 0000 0001", "+86 138-0000-0002");
    let customer = |create: Create| Create { customer: Some(CHAIN), ..create };
    let named = |name: &str| {
        let contact_name = Some(name.to_owned());
        Create { contact_name, ..by("", "一号车间", WORDS) }
    };
    let at = |latitude: f64| {
        let position = domain::Coordinates::new(latitude, 121.0, domain::Datum::Wgs84).ok();
        Create { position, ..by(li, "", WORDS) }
    };
    let cases = [
        ("same device", of(PRESS, WORDS), 30, of(PRESS, WORDS), Some(Duplicate)),
        ("too late", of(PRESS, WORDS), 31, of(PRESS, WORDS), None),
        (
            "nearly the same words",
            of(PRESS, WORDS),
            1,
            of(PRESS, "冲床咔哒两声，停了！"),
            Some(Duplicate),
        ),
        (
            "perhaps the same words",
            of(PRESS, "主轴有异响"),
            1,
            of(PRESS, "刀库有异响"),
            Some(Suspected),
        ),
        ("other words", of(PRESS, WORDS), 1, of(PRESS, "控制柜屏幕全黑"), None),
        ("the opposite", of(PRESS, "冲床停机"), 1, of(PRESS, "冲床没有停机"), None),
        ("another device", of(PRESS, WORDS), 1, of(LATHE, WORDS), None),
        (
            "another device of the same contact and place",
            Create { device: Some(PRESS), ..by(li, "一号车间", WORDS) },
            1,
            Create { device: Some(LATHE), ..by(li, "一号车间", WORDS) },
            None,
        ),
        (
            "same contact and place",
            by(li, "一号车间", WORDS),
            1,
            by(li, "1号车间", WORDS),
            Some(Duplicate),
        ),
        (
            "the number written differently",
            by(zhang, "门卫", WORDS),
            1,
            by("13800000002", "门卫", WORDS),
            Some(Duplicate),
        ),
        ("same name and place", named("李工"), 1, named("李工"), Some(Duplicate)),
        ("another name, same place", named("李工"), 1, named("张工"), Some(Suspected)),
        ("another place", by(li, "一号车间", WORDS), 1, by(li, "二号车间", WORDS), None),
        ("place unknown", by(li, "", WORDS), 1, by(li, "二号车间", WORDS), Some(Suspected)),
        (
            "contact unknown",
            by("", "一号车间", WORDS),
            1,
            by(li, "一号车间", WORDS),
            Some(Suspected),
        ),
        (
            "another contact",
            by(zhang, "一号车间", WORDS),
            1,
            by(li, "一号车间", WORDS),
            Some(Suspected),
        ),
        ("the same spot", at(31.0), 1, at(31.000_2), Some(Duplicate)),
        ("a spot nearby", at(31.0), 1, at(31.002), Some(Suspected)),
        ("another spot", at(31.0), 1, at(31.02), None),
        (
            "the same customer alone",
            customer(said(WORDS)),
            1,
            customer(said(WORDS)),
            Some(Suspected),
        ),
        (
            "another place of the same customer",
            customer(by("", "徐汇店", WORDS)),
            1,
            customer(by("", "浦东店", WORDS)),
            None,
        ),
        ("nothing but the words", said(WORDS), 1, said(WORDS), None),
    ];
    for (name, first, minutes, second, expected) in cases {
        let mut firm = firm();
        let first = firm.report_with(first);
        firm.pass_minutes(minutes);
        let second = firm.report_with(second);
        let found = links(&firm, second);
        assert_eq!(
            found,
            expected.map(|kind| (first, kind)).into_iter().collect::<Vec<_>>(),
            "{name}"
        );
        assert_eq!(firm.owner(second).is_some(), expected.is_none(), "{name}");
    }
}

#[test]
fn as_long_as_the_first_is_not_done_whoever_has_it() {
    for accepted in [false, true] {
        let mut firm = firm();
        let first = firm.report_with(of(PRESS, WORDS));
        if accepted {
            firm.accept(first);
        }
        let second = firm.report_with(of(PRESS, WORDS));
        let third = firm.report_with(of(PRESS, WORDS));
        assert_eq!(links(&firm, second), [(first, LinkKind::Duplicate)]);
        assert_eq!(links(&firm, third), [(first, LinkKind::Duplicate)], "of the first, no chain");
    }
}

#[test]
fn what_is_done_already_has_come_back_and_is_dispatched_as_a_repeat_visit() {
    for (days, expected) in [(0, true), (7, true), (8, false)] {
        let mut firm = firm();
        let first = firm.report_with(of(PRESS, WORDS));
        firm.accept(first);
        firm.resolve(first);
        firm.pass_minutes(days * 24 * 60);
        let second = firm.report_with(of(PRESS, WORDS));
        let found = links(&firm, second).contains(&(first, LinkKind::RepeatVisit));
        assert_eq!(found, expected, "after {days} days");
        assert!(firm.owner(second).is_some(), "{:?}", firm.history(second));
    }
}

#[test]
fn reports_that_came_at_once_leave_one_that_is_dispatched() {
    let mut firm = firm();
    let tickets = [(); 5].map(|()| firm.file(of(PRESS, WORDS)));
    firm.restart();
    assert!(firm.owner(tickets[0]).is_some());
    for later in &tickets[1..] {
        assert_eq!(links(&firm, *later), [(tickets[0], LinkKind::Duplicate)]);
    }
}

#[test]
fn what_becomes_known_while_nobody_is_there_is_looked_at_again() {
    let mut firm = firm();
    for number in 1..=4 {
        firm.off_duty(engineer(number));
    }
    let first = firm.report_with(of(PRESS, WORDS));
    let second = firm.report_with(said("冲床咔哒"));
    assert_eq!(firm.history(second), ["Created", "DispatchDeferred"]);
    let sentence = Some("两声就停了".into());
    firm.ask(second, Details { device: Some(PRESS), sentence, ..Details::default() });
    assert_eq!(links(&firm, second), [(first, LinkKind::Duplicate)]);
}

#[test]
fn what_was_dispatched_once_is_not_looked_at_again() {
    let mut firm = firm();
    firm.report_with(of(PRESS, WORDS));
    let second = firm.report_with(said(WORDS));
    firm.ask(second, Details { device: Some(PRESS), ..Details::default() });
    let engineer = firm.owner(second);
    firm.ask(second, domain::ticket::Decline { engineer, ..Default::default() });
    assert!(firm.owner(second).is_some());
    assert!(firm.sent.iter().all(|action| !action.id.key.starts_with("duplicate/")));
}

#[test]
fn words_that_were_erased_are_like_no_others() {
    let mut firm = firm();
    let second = {
        firm.report_with(of(PRESS, WORDS));
        firm.file(of(PRESS, WORDS))
    };
    let mut core = Dispatcher::new();
    for event in &firm.world.log {
        let mut event = event.clone();
        if let Event::Ticket(TicketEvent::Created(created)) = &mut event.event {
            created.report = Personal::Erased;
        }
        core.replay(&event).expect("a legal log");
    }
    let actions = core.resume(firm.world.now);
    let keys: Vec<_> = actions.iter().map(|action| action.id.key.clone()).collect();
    assert_eq!(keys, [format!("assign/{second}/1")]);
}

#[test]
fn a_core_that_reads_the_log_again_decides_as_the_first_did() {
    let mut firm = firm();
    pair(&mut firm);
    suspicion(&mut firm);
    let of_links = |action: &&Action| {
        matches!(&action.command, Command::Ticket(_, domain::ticket::TicketCommand::Link(_)))
    };
    let sent: Vec<_> = firm.sent.iter().filter(of_links).cloned().collect();
    assert_eq!(sent.len(), 2);
    for action in sent {
        let mut core = Dispatcher::new();
        let known = usize::try_from(action.basis.position.get()).expect("a small log");
        for event in &firm.world.log[..known] {
            core.replay(event).expect("a legal log");
        }
        let again = core.resume(action.basis.decided_at);
        let again = again.iter().find(|one| one.id == action.id).expect("decided again");
        assert_eq!((&again.command, again.basis), (&action.command, action.basis));
    }
}

#[test]
fn the_rules_say_what_is_looked_for() {
    let mut firm = firm();
    firm.world.publish(|rules| rules.duplicates.enabled = false);
    let first = firm.report_with(of(PRESS, WORDS));
    let second = firm.report_with(of(PRESS, WORDS));
    assert!(firm.owner(second).is_some());
    firm.world.publish(|rules| {
        rules.duplicates.enabled = true;
        rules.duplicates.within = domain::Span::hours(2);
        rules.duplicates.sure_percent = 100;
    });
    firm.pass_minutes(20);
    let third = firm.report_with(of(PRESS, "冲床咔哒两声停了"));
    assert_eq!(links(&firm, third), [(first, LinkKind::Suspected)]);
    assert!(matches!(firm.phase(third), Phase::Duplicate { .. }));
    firm.world.publish(|rules| rules.duplicates.repeat_within = domain::Span::minutes(10));
    let machine = firm.report_with(of(LATHE, WORDS));
    firm.accept(machine);
    firm.resolve(machine);
    firm.pass_minutes(11);
    let again = firm.report_with(of(LATHE, WORDS));
    assert_eq!(links(&firm, again), []);
}

#[test]
fn a_ticket_that_others_wait_for_waits_for_no_other() {
    let mut firm = firm();
    for number in 1..=4 {
        firm.off_duty(engineer(number));
    }
    firm.report_with(of(PRESS, WORDS));
    let second = firm.report_with(of(LATHE, WORDS));
    let third = firm.report_with(of(LATHE, WORDS));
    assert_eq!(links(&firm, third), [(second, LinkKind::Duplicate)]);
    firm.ask(second, Details { device: Some(PRESS), ..Details::default() });
    assert_eq!(links(&firm, second), []);
}

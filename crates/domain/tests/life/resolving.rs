//! 完工: by each method, from every state that may.

use domain::ticket::{
    Part, Permit, Phase, PhaseName, ResolutionMethod, Resolve, TicketEvent, Verb,
};
use domain::{Event, Party, Rejection};

use crate::world::*;

fn resolved(outcome: &Outcome) -> domain::ticket::event::Resolved {
    let found = outcome.events().into_iter().find_map(|event| match event {
        Event::Ticket(TicketEvent::Resolved(resolved)) => Some(resolved),
        _ => None,
    });
    found.expect("it is done")
}

#[test]
fn it_is_done_on_site_unless_somebody_says_otherwise() {
    let owned = given([create(), assign(ANNA), accept(ANNA)]);
    let by_owner = resolved(&owned.clone().when(resolve(Party::Engineer(ANNA))));
    assert_eq!(by_owner.method, ResolutionMethod::OnSite);
    assert_eq!((by_owner.engineer, by_owner.number), (Some(ANNA), Some(1)));
    let by_phone = resolved(&given([create()]).when(resolve(BY_AGENT)));
    assert_eq!(by_phone.method, ResolutionMethod::ByPhone);
    assert_eq!((by_phone.engineer, by_phone.number), (None, None));
    for method in [
        ResolutionMethod::ByPhone,
        ResolutionMethod::Remotely,
        ResolutionMethod::OnSite,
        ResolutionMethod::ByItself,
    ] {
        let outcome = owned.clone().when(resolve_as(BY_AGENT, method));
        assert_eq!(resolved(&outcome).method, method);
        assert_eq!(resolved(&outcome).engineer, Some(ANNA));
    }
}

#[test]
fn it_may_be_done_from_every_open_state_and_frees_whoever_has_it() {
    let histories: [(PhaseName, Vec<Step>, &[&str]); 11] = [
        (PhaseName::CallBack, vec![create_empty()], &["Resolved"]),
        (PhaseName::Claimed, vec![create(), claim()], &["Resolved"]),
        (PhaseName::Waiting, vec![create()], &["Resolved"]),
        (PhaseName::Offered, vec![create(), offer([ANNA])], &["OfferWithdrawn", "Resolved"]),
        (PhaseName::Assigned, vec![create(), assign(ANNA)], &["Resolved", "PlaceFreed"]),
        (
            PhaseName::Working,
            vec![create(), assign(ANNA), accept(ANNA)],
            &["Resolved", "PlaceFreed"],
        ),
        (
            PhaseName::OnHold,
            vec![create(), assign(ANNA), accept(ANNA), hold(ANNA)],
            &["Resolved", "PlaceFreed"],
        ),
        (PhaseName::Queued, vec![create(), to_supervisor(None)], &["Resolved"]),
        (
            PhaseName::Duplicate,
            vec![create().on(T2), create(), link(T2, domain::ticket::LinkKind::Duplicate)],
            &["Resolved"],
        ),
        (PhaseName::Imported, vec![import(opened_elsewhere())], &["Resolved"]),
        (PhaseName::Waiting, vec![create(), resolve(BY_AGENT), confirm(), reopen()], &["Resolved"]),
    ];
    for (phase, history, expected) in histories {
        assert_eq!(phase.permits(Verb::Resolve), Permit::Yes);
        let before = given(history);
        assert_eq!(before.phase(T1), phase);
        let outcome = before.when(resolve(BY_AGENT));
        let names: Vec<_> = outcome.events().iter().map(Event::name).collect();
        assert_eq!(names, expected, "from {phase:?}");
        assert_eq!(outcome.world.phase(T1), PhaseName::Resolved);
    }
}

#[test]
fn fault_type_cause_and_parts_are_kept_and_bounded() {
    let full = Resolve {
        fault_type: Some("主轴".into()),
        cause: Some(" 缺油 ".into()),
        parts: vec![Part { code: "BRG-7014".into(), quantity: 2 }],
        words: "更换轴承".into(),
        ..Resolve::default()
    };
    let done = resolved(&given([create()]).when(step(BY_AGENT, full.clone())));
    assert_eq!(done.fault_type.as_deref(), Some("主轴"));
    assert_eq!(done.cause.as_deref(), Some("缺油"));
    assert_eq!(done.parts, full.parts);

    let long = Some("x".repeat(201));
    for (wrong, field) in [
        (Resolve { fault_type: long.clone(), ..Resolve::default() }, "fault_type"),
        (Resolve { cause: long, ..Resolve::default() }, "cause"),
        (
            Resolve {
                parts: vec![Part { code: String::new(), quantity: 1 }],
                ..Resolve::default()
            },
            "parts.code",
        ),
        (Resolve { parts: vec![full.parts[0].clone(); 51], ..Resolve::default() }, "parts"),
    ] {
        given([create()]).when(step(BY_AGENT, wrong)).invalid(field);
    }
}

#[test]
fn an_engineer_who_did_it_without_being_assigned_is_named() {
    let done = given([create()]).when(resolve(Party::Engineer(BO)));
    assert_eq!(resolved(&done).engineer, Some(BO));
    let nobody = domain::EngineerId::from_u128(404);
    given([create()])
        .when(resolve(Party::Engineer(nobody)))
        .refused(&Rejection::UnknownReference { field: "engineer", stream: nobody.into() });
}

#[test]
fn it_is_done_once() {
    let world = given([create(), assign(ANNA), accept(ANNA), resolve(Party::Engineer(ANNA))]);
    let world = world
        .when(resolve(Party::Engineer(ANNA)))
        .refused(&Rejection::NotAllowed { verb: Verb::Resolve, phase: PhaseName::Resolved });
    assert!(matches!(world.ticket_now(T1).phase, Phase::Resolved { reminders: 0, .. }));
}

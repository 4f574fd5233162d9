//! Reports without resistance, and what becomes known later.

use domain::directory::{AreaEntry, CustomerEntry, DeviceEntry, OutletEntry};
use domain::ticket::{
    Create, Details, Notice, Outcome, Phase, PhaseName, Priority, QueueReason, QueueRole,
    Recipient, TicketEvent,
};
use domain::{
    AreaId, Command, Coordinates, CustomerId, Datum, DeviceId, Event, OutletId, Party, Rejection,
};

use crate::world::*;

#[test]
fn an_empty_report_is_accepted_and_waits_in_the_call_back_queue() {
    let world = given([]).when(create_empty()).then(["Created"]);
    let ticket = world.ticket_now(T1);
    let Phase::CallBack { queue } = ticket.phase else { panic!("{:?}", ticket.phase) };
    assert_eq!((queue.role, queue.reason), (QueueRole::CallBack, QueueReason::EmptyReport));
    assert_eq!(ticket.due(), Some(START.plus(minutes(30))));
    assert!(!ticket.awaits_dispatch());
    world.when(dispatch(ANNA, 0)).then([]);
}

#[test]
fn blanks_say_nothing() {
    let blank =
        Create { sentence: Some(" \n".into()), place: Some(" ".into()), ..Create::default() };
    let world = given([]).when(step(BY_CUSTOMER, blank)).then(["Created"]);
    assert_eq!(world.phase(T1), PhaseName::CallBack);
}

#[test]
fn any_one_of_a_sentence_a_place_an_outlet_or_a_device_is_enough_to_dispatch() {
    let here = Coordinates::new(31.2304, 121.4737, Datum::Wgs84).expect("on the earth");
    for enough in [
        Create { sentence: Some("漏油".into()), ..Create::default() },
        Create { place: Some("二号车间".into()), ..Create::default() },
        Create { position: Some(here), ..Create::default() },
        Create { outlet: Some(OUTLET), ..Create::default() },
        Create { device: Some(DEVICE), ..Create::default() },
    ] {
        let world = given([]).when(step(BY_CUSTOMER, enough.clone())).then(["Created"]);
        assert!(world.ticket_now(T1).awaits_dispatch(), "{enough:?}");
    }
    for too_little in [
        Create { contact_phone: Some("13800000000".into()), ..Create::default() },
        Create { customer: Some(CUSTOMER), ..Create::default() },
        Create { priority: Priority::Critical, urgent: true, ..Create::default() },
    ] {
        let world = given([]).when(step(BY_CUSTOMER, too_little.clone())).then(["Created"]);
        assert_eq!(world.phase(T1), PhaseName::CallBack, "{too_little:?}");
    }
}

#[test]
fn any_one_of_them_as_a_detail_lets_an_empty_report_be_dispatched_from_then_on() {
    let here = Coordinates::new(31.2304, 121.4737, Datum::Wgs84).expect("on the earth");
    for enough in [
        Details { sentence: Some("漏油".into()), ..Details::default() },
        Details { place: Some("二号车间".into()), ..Details::default() },
        Details { position: Some(here), ..Details::default() },
        Details { outlet: Some(OUTLET), ..Details::default() },
        Details { device: Some(DEVICE), ..Details::default() },
    ] {
        let world = given([create_empty()]).when(step(BY_AGENT, enough)).then(["DetailsAdded"]);
        assert!(world.ticket_now(T1).awaits_dispatch());
        let world = world.when(dispatch(ANNA, 0)).then(["Assigned", "PlaceTaken"]);
        let world = world.when(decline(ANNA)).then(["Declined", "PlaceFreed"]);
        assert!(world.ticket_now(T1).awaits_dispatch());
    }
    let called = Details { contact_phone: Some("138".into()), ..Details::default() };
    let world = given([create_empty()]).when(step(BY_AGENT, called)).then(["DetailsAdded"]);
    assert_eq!(world.phase(T1), PhaseName::CallBack);
}

#[test]
fn details_let_an_empty_report_be_dispatched_out_of_the_supervisors_queue_too() {
    let overdue = given([create_empty(), escalate_queue().after(minutes(30))]);
    let world = overdue.when(details("冲床不转")).then(["DetailsAdded"]);
    assert!(world.ticket_now(T1).awaits_dispatch());
}

#[test]
fn details_that_an_agent_takes_down_are_dispatched_when_the_claim_ends() {
    let world = given([create_empty(), claim()]).when(details("冲床不转")).then(["DetailsAdded"]);
    assert_eq!(world.phase(T1), PhaseName::Claimed);
    let world = world.when(end_claim().by(BY_AGENT)).then(["ClaimEnded"]);
    assert!(world.ticket_now(T1).awaits_dispatch());
}

#[test]
fn an_empty_report_that_somebody_gave_back_is_not_dispatched_by_itself() {
    let world = given([create_empty(), assign(ANNA), accept(ANNA), give_back(ANNA)]);
    assert_eq!(world.phase(T1), PhaseName::Waiting);
    assert!(!world.ticket_now(T1).awaits_dispatch());
    world.when(dispatch(BO, 1)).then([]);
}

#[test]
fn details_that_say_nothing_new_are_no_event() {
    let same = Details { outlet: Some(OUTLET), ..Details::default() };
    given([create()]).when(step(BY_AGENT, same)).then([]);
    given([create()]).when(step(BY_AGENT, Details::default())).then([]);
}

#[test]
fn a_device_tells_customer_outlet_area_and_skills() {
    let of_device = Create { device: Some(DEVICE), ..Create::default() };
    let created = given([]).when(step(Party::Anonymous, of_device)).then(["Created"]);
    let known_later = Details { device: Some(DEVICE), ..Details::default() };
    let learned = given([create_empty()]).when(step(BY_AGENT, known_later)).then(["DetailsAdded"]);
    for world in [created, learned] {
        let ticket = world.ticket_now(T1);
        assert_eq!(ticket.customer, Some(CUSTOMER));
        assert_eq!((ticket.outlet, ticket.area), (Some(OUTLET), Some(AREA)));
        assert_eq!(ticket.skills, ["立加"]);
    }
}

#[test]
fn an_outlet_that_was_chosen_stays_when_customer_and_device_become_known() {
    let mut world = given([create()]);
    let elsewhere = OutletId::from_u128(0x99);
    let (customer, device) = (CustomerId::from_u128(0x98), DeviceId::from_u128(0x97));
    for command in [
        Command::Outlet(elsewhere, OutletEntry { name: "浦西".into(), ..OutletEntry::default() }),
        Command::Customer(
            customer,
            CustomerEntry { outlet: Some(elsewhere), ..CustomerEntry::default() },
        ),
        Command::Device(device, DeviceEntry { customer: Some(customer), ..DeviceEntry::default() }),
    ] {
        world.submit(BY_AGENT, &command).expect("a good entry");
    }
    let known = Details { device: Some(device), ..Details::default() };
    let world = world.when(step(BY_AGENT, known)).then(["DetailsAdded"]);
    assert_eq!(world.ticket_now(T1).customer, Some(customer));
    assert_eq!(world.ticket_now(T1).outlet, Some(OUTLET));
}

#[test]
fn the_area_follows_the_outlet_also_to_none() {
    let mut world = given([create()]);
    let (alone, west) = (OutletId::from_u128(0x99), AreaId::from_u128(0x96));
    let without = OutletEntry { name: "独立".into(), ..OutletEntry::default() };
    world.submit(BY_AGENT, &Command::Outlet(alone, without.clone())).expect("a good entry");
    let there = Details { outlet: Some(alone), ..Details::default() };
    let world = world.when(step(BY_AGENT, there)).then(["DetailsAdded"]);
    assert_eq!(world.ticket_now(T1).area, None);

    let back = Details { outlet: Some(OUTLET), ..Details::default() };
    let mut world = world.when(step(BY_AGENT, back)).then(["DetailsAdded"]);
    assert_eq!(world.ticket_now(T1).area, Some(AREA));

    let area = AreaEntry { name: "西区".into(), ..AreaEntry::default() };
    world.submit(BY_AGENT, &Command::Area(west, area)).expect("a good entry");
    let moved = OutletEntry { area: Some(west), ..without };
    world.submit(BY_AGENT, &Command::Outlet(alone, moved)).expect("a good entry");
    let there = Details { outlet: Some(alone), ..Details::default() };
    let world = world.when(step(BY_AGENT, there)).then(["DetailsAdded"]);
    assert_eq!(world.ticket_now(T1).area, Some(west));
}

#[test]
fn an_owner_is_told_of_urgency_and_of_a_raised_priority() {
    let world = given([create(), assign(ANNA), accept(ANNA)]);
    for raised in [
        Details { urgent: Some(true), ..Details::default() },
        Details { priority: Some(Priority::High), ..Details::default() },
    ] {
        let outcome = world.clone().when(step(BY_AGENT, raised));
        assert!(matches!(
            &outcome.events()[..],
            [_, Event::Ticket(TicketEvent::Told(told))]
                if told.whom == Recipient::Engineer(ANNA) && told.notice == Notice::NowUrgent
        ));
    }
    let lowered = Details { priority: Some(Priority::Low), ..Details::default() };
    world.when(step(BY_AGENT, lowered)).then(["DetailsAdded"]);
}

#[test]
fn references_must_exist_and_are_named_when_they_do_not() {
    let unknown = |field, stream| Rejection::UnknownReference { field, stream };
    let (customer, outlet, device) =
        (CustomerId::from_u128(404), OutletId::from_u128(404), DeviceId::from_u128(404));
    let creates = [
        (Create { customer: Some(customer), ..Create::default() }, "customer", customer.into()),
        (Create { outlet: Some(outlet), ..Create::default() }, "outlet", outlet.into()),
        (Create { device: Some(device), ..Create::default() }, "device", device.into()),
    ];
    for (create, field, stream) in creates {
        given([]).when(step(BY_AGENT, create)).refused(&unknown(field, stream));
    }
    let details = [
        (Details { customer: Some(customer), ..Details::default() }, "customer", customer.into()),
        (Details { outlet: Some(outlet), ..Details::default() }, "outlet", outlet.into()),
        (Details { device: Some(device), ..Details::default() }, "device", device.into()),
    ];
    for (details, field, stream) in details {
        given([create()]).when(step(BY_AGENT, details)).refused(&unknown(field, stream));
    }
}

#[test]
fn a_second_report_under_the_same_id_is_refused() {
    given([create()]).when(create()).refused(&Rejection::AlreadyExists { stream: T1.into() });
}

#[test]
fn texts_have_limits_that_the_rejection_names() {
    let long = |bytes: usize| Some("字".repeat(bytes / 3 + 1));
    for (create, field) in [
        (Create { sentence: long(8_192), ..Create::default() }, "sentence"),
        (Create { contact_name: long(200), ..Create::default() }, "contact_name"),
        (Create { contact_phone: long(200), ..Create::default() }, "contact_phone"),
        (Create { place: long(200), ..Create::default() }, "place"),
        (Create { skills: vec!["电工".into(); 51], ..Create::default() }, "skills"),
        (Create { skills: vec!["x".repeat(200); 40], ..Create::default() }, "skills"),
        (Create { skills: vec![" ".into()], ..Create::default() }, "skills"),
    ] {
        given([]).when(step(BY_AGENT, create)).invalid(field);
    }
    let fits = Create { sentence: Some("x".repeat(8_192)), ..Create::default() };
    given([]).when(step(BY_AGENT, fits)).then(["Created"]);
}

/// What stands in a record beside the words: ids, times, names of fields.
const RECORD_BYTES_MAX: usize = 16 * 1024;

#[test]
fn the_longest_words_that_are_accepted_fit_in_one_record() {
    let longest = Create {
        sentence: Some("x".repeat(8_192)),
        contact_name: Some("x".repeat(200)),
        contact_phone: Some("x".repeat(200)),
        place: Some("x".repeat(200)),
        skills: vec!["x".repeat(81); 50],
        ..Create::default()
    };
    let parts = vec![domain::ticket::Part { code: "x".repeat(81), quantity: u32::MAX }; 50];
    let done = domain::ticket::Resolve {
        words: "x".repeat(8_192),
        fault_type: Some("x".repeat(200)),
        cause: Some("x".repeat(200)),
        parts,
        ..Default::default()
    };
    for outcome in
        [given([]).when(step(BY_AGENT, longest)), given([create()]).when(step(BY_AGENT, done))]
    {
        for event in outcome.events() {
            let bytes = serde_json::to_vec(&event).expect("events have a text").len();
            assert!(bytes < RECORD_BYTES_MAX, "{bytes} bytes of {}", event.name());
        }
    }
}

#[test]
fn what_is_said_about_a_known_customer_is_sealed_with_the_customers_key() {
    let mut world = World::furnished();
    let mine =
        Create { customer: Some(CUSTOMER), sentence: Some("漏油".into()), ..Create::default() };
    let created = world.run(&step(BY_CUSTOMER, mine)).expect("a good report");
    assert!(created.iter().all(|change| change.subject == CUSTOMER.into()));
    let noted = world.run(&note("门口有狗")).expect("a good note");
    assert!(noted.iter().all(|change| change.subject == CUSTOMER.into()));

    let mut world = World::furnished();
    let created = world.run(&create()).expect("a good report");
    assert!(created.iter().all(|change| change.subject == T1.into()));
}

#[test]
fn material_may_come_until_the_work_is_done_and_notes_at_any_time() {
    let done = given([create(), resolve(BY_AGENT)]);
    done.clone().when(details("还有")).refused(&Rejection::NotAllowed {
        verb: domain::ticket::Verb::Details,
        phase: PhaseName::Resolved,
    });
    let closed = done.when(confirm()).then(["Confirmed"]);
    assert!(matches!(
        closed.ticket_now(T1).phase,
        Phase::Closed { outcome: Outcome::Satisfied, .. }
    ));
    closed.when(note("客户来电致谢")).then(["Noted"]);
}

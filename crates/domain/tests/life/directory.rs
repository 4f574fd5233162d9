//! Customers, devices, outlets, areas: entered whole, checked, unchanged by the same entry again.

use domain::directory::{
    AreaEntry, Contact, ContactRole, CustomerEntry, DeviceEntry, OutletEntry, StaffCard,
};
use domain::{
    AreaId, Command, CustomerId, DeviceId, OutletId, Party, Rejection, StaffId, StreamId,
};

use crate::world::*;

fn put(command: Command) -> Step {
    Step { by: Party::Administrator(AGENT), command, ..create() }
}

#[test]
fn the_same_entry_again_changes_nothing() {
    let id = CustomerId::from_code("C-1");
    let customer = CustomerEntry {
        code: Some("C-1".into()),
        outlet: Some(OUTLET),
        contacts: vec![Contact {
            name: "王经理".into(),
            phone: Some("13800000000".into()),
            roles: vec![ContactRole::Reports, ContactRole::Confirms],
        }],
        ..CustomerEntry::default()
    };
    let world = given([]).when(put(Command::Customer(id, customer.clone()))).then(["CustomerSet"]);
    let world = world.when(put(Command::Customer(id, customer.clone()))).then([]);
    let renamed = CustomerEntry { name: Some("永辉".into()), ..customer };
    world.when(put(Command::Customer(id, renamed))).then(["CustomerSet"]);
}

#[test]
fn references_must_exist() {
    let outlet = OutletId::from_u128(404);
    let (area, customer) = (AreaId::from_u128(404), CustomerId::from_u128(404));
    let device_id = DeviceId::from_u128(1);
    let entries: [(Command, &str, StreamId); 4] = [
        (
            Command::Customer(
                CustomerId::from_u128(1),
                CustomerEntry { outlet: Some(outlet), ..CustomerEntry::default() },
            ),
            "outlet",
            outlet.into(),
        ),
        (
            Command::Device(
                device_id,
                DeviceEntry { outlet: Some(outlet), ..DeviceEntry::default() },
            ),
            "outlet",
            outlet.into(),
        ),
        (
            Command::Device(
                device_id,
                DeviceEntry { customer: Some(customer), ..DeviceEntry::default() },
            ),
            "customer",
            customer.into(),
        ),
        (
            Command::Outlet(
                OutletId::from_u128(1),
                OutletEntry { name: "浦西".into(), area: Some(area), ..OutletEntry::default() },
            ),
            "area",
            area.into(),
        ),
    ];
    for (command, field, stream) in entries {
        given([]).when(put(command)).refused(&Rejection::UnknownReference { field, stream });
    }
}

#[test]
fn outlets_and_areas_have_names_to_choose_them_by() {
    let outlet = OutletEntry { name: " ".into(), ..OutletEntry::default() };
    given([]).when(put(Command::Outlet(OUTLET, outlet))).invalid("name");
    given([]).when(put(Command::Area(AREA, AreaEntry::default()))).invalid("name");
}

#[test]
fn lists_are_bounded_so_that_an_entry_fits_in_one_record() {
    let contact = |name: String| Contact { name, phone: None, roles: Vec::new() };
    let customer = |contacts| CustomerEntry { contacts, ..CustomerEntry::default() };
    let id = CustomerId::from_u128(1);
    for (contacts, field) in [
        (vec![contact("王".into()); 51], "contacts"),
        (vec![contact("x".repeat(200)); 40], "contacts"),
        (vec![contact("x".repeat(201))], "contacts.name"),
        (
            vec![Contact { roles: vec![ContactRole::OnSite; 4], ..contact("王".into()) }],
            "contacts.roles",
        ),
    ] {
        given([]).when(put(Command::Customer(id, customer(contacts)))).invalid(field);
    }
    let card = StaffCard {
        id: StaffId::from_u128(1),
        name: Some("x".repeat(150)),
        phone: Some("1".repeat(150)),
    };
    let area = AreaEntry { name: "东区".into(), staff: vec![card; 30], ..AreaEntry::default() };
    given([]).when(put(Command::Area(AREA, area))).invalid("staff");
}

#[test]
fn where_a_device_stands_is_sealed_with_its_customers_key() {
    let mut world = World::furnished();
    let device = DeviceEntry {
        customer: Some(CUSTOMER),
        place: Some("二号车间".into()),
        ..DeviceEntry::default()
    };
    let id = DeviceId::from_u128(1);
    let changes = world.submit(BY_AGENT, &Command::Device(id, device)).expect("a good entry");
    assert!(changes.iter().all(|change| change.subject == CUSTOMER.into()));
    let alone = DeviceId::from_u128(2);
    let changes = world
        .submit(BY_AGENT, &Command::Device(alone, DeviceEntry::default()))
        .expect("a good entry");
    assert!(changes.iter().all(|change| change.subject == alone.into()));
}

#[test]
fn an_area_needs_as_many_engineers_as_the_rules_say_unless_it_says_itself() {
    use domain::Aggregates;
    let world = given([]);
    assert_eq!(world.area(AREA).map(|area| area.entry.engineers_min), Some(1));
    let area = AreaEntry { name: "东区".into(), engineers_min: Some(4), ..AreaEntry::default() };
    let world = world.when(put(Command::Area(AREA, area))).then(["AreaSet"]);
    assert_eq!(world.area(AREA).map(|area| area.entry.engineers_min), Some(4));
}

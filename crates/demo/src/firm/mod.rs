//! The invented firm: areas, outlets with service hours, engineers with skills and rosters, staff,
//! customers and their devices. The same for every seed; what people do with it is the story's.

mod devices;
mod names;

use std::collections::BTreeMap;

use domain::directory::{
    AreaEntry, Contact, ContactRole, CustomerEntry, DeviceEntry, OutletEntry, StaffCard,
};
use domain::engineer::Profile;
use domain::ticket::Skill;
use domain::{
    AreaId, Coordinates, CustomerId, Datum, DeviceId, EngineerId, OutletId, ServiceHours, StaffId,
    WeeklyHours,
};
use serde::Serialize;

use crate::local::ZONE;
pub(crate) use devices::{DeviceType, TYPES};
pub use names::FIRM;

/// An engineer.
#[derive(Debug)]
pub struct Engineer {
    /// The id that the code gives.
    pub id: EngineerId,
    /// The index of the outlet.
    pub outlet: usize,
    /// The entry.
    pub entry: Profile,
}

/// A customer.
#[derive(Debug)]
pub struct Customer {
    /// The id that the code gives.
    pub id: CustomerId,
    /// The entry.
    pub entry: CustomerEntry,
    /// Indexes of their devices.
    pub devices: Vec<usize>,
}

/// A device.
#[derive(Debug)]
pub struct Device {
    /// The id that the code gives.
    pub id: DeviceId,
    /// The index of the customer.
    pub customer: usize,
    /// The index of its type.
    pub kind: usize,
    /// The entry.
    pub entry: DeviceEntry,
}

/// The whole firm.
#[derive(Debug)]
pub struct Firm {
    /// Areas, with their posts.
    pub areas: Vec<(AreaId, AreaEntry)>,
    /// Outlets.
    pub outlets: Vec<(OutletId, OutletEntry)>,
    /// Engineers.
    pub engineers: Vec<Engineer>,
    /// Customers.
    pub customers: Vec<Customer>,
    /// Devices.
    pub devices: Vec<Device>,
    /// Agents at the counter.
    pub agents: Vec<StaffId>,
    engineer_index: BTreeMap<EngineerId, usize>,
    customer_index: BTreeMap<CustomerId, usize>,
    device_index: BTreeMap<DeviceId, usize>,
}

/// One entry as it is put into the directory.
#[derive(Debug)]
pub struct Put {
    /// Under `/api/v1`.
    pub path: String,
    /// JSON.
    pub body: Vec<u8>,
}

fn put(kind: &str, code: Option<&String>, entry: &impl Serialize) -> Put {
    let code = code.map(String::as_str).unwrap_or_default();
    let body = serde_json::to_vec(entry).expect("an entry is JSON");
    Put { path: format!("/api/v1/{kind}/{code}"), body }
}

fn hours(text: &str) -> WeeklyHours {
    text.parse().expect("hours that a test reads")
}

/// Ten-thousandths of a degree, some hundred metres to some kilometres around a place.
fn around((north, east): (i32, i32), number: usize) -> Coordinates {
    let step = |factor: usize| i32::try_from(number * factor % 400).unwrap_or(0) - 200;
    let degrees = |tenths: i32| f64::from(tenths) / 10_000.0;
    Coordinates::new(degrees(north + step(37)), degrees(east + step(91)), Datum::Wgs84)
        .expect("on the earth")
}

fn phone(series: u32, number: usize) -> Option<String> {
    // A series that is given to nobody.
    Some(format!("1{series:02}0000{number:04}"))
}

impl Default for Firm {
    fn default() -> Self {
        Self::new()
    }
}

impl Firm {
    /// The firm.
    pub fn new() -> Self {
        let mut firm = Self {
            areas: areas(),
            outlets: outlets(),
            engineers: engineers(),
            customers: Vec::new(),
            devices: Vec::new(),
            agents: names::AGENTS.iter().map(|(code, _)| StaffId::from_code(code)).collect(),
            engineer_index: BTreeMap::new(),
            customer_index: BTreeMap::new(),
            device_index: BTreeMap::new(),
        };
        firm.enter_customers();
        let engineers = firm.engineers.iter().enumerate();
        firm.engineer_index = engineers.map(|(index, one)| (one.id, index)).collect();
        let customers = firm.customers.iter().enumerate();
        firm.customer_index = customers.map(|(index, one)| (one.id, index)).collect();
        let devices = firm.devices.iter().enumerate();
        firm.device_index = devices.map(|(index, one)| (one.id, index)).collect();
        firm
    }

    fn enter_customers(&mut self) {
        let factories = names::FACTORIES.iter().map(|name| (*name, &[0, 1, 0, 5][..]));
        let offices = names::OFFICES.iter().map(|name| (*name, &[4, 5, 4][..]));
        let shops = names::SHOPS.iter().map(|name| (*name, &[2, 3][..]));
        for (name, kinds) in factories.chain(offices).chain(shops) {
            let outlet = self.customers.len() % self.outlets.len();
            let customer = self.enter_customer(name, Some(outlet));
            for kind in kinds {
                self.enter_device(customer, *kind, outlet, None);
            }
        }
        // One contract, many branches: where a device stands says which outlet serves it.
        let chain = self.enter_customer(names::CHAIN, None);
        for (number, branch) in names::BRANCHES.iter().enumerate() {
            for kind in [3, 2] {
                self.enter_device(chain, kind, number / 2, Some(branch));
            }
        }
    }

    fn enter_customer(&mut self, name: &str, outlet: Option<usize>) -> usize {
        let index = self.customers.len();
        let code = format!("C{:02}", index + 1);
        let contact = |role: ContactRole, shift: usize| Contact {
            name: names::CONTACTS[(index * 5 + shift) % names::CONTACTS.len()].to_owned(),
            phone: phone(39, index * 10 + shift),
            roles: vec![role],
        };
        let entry = CustomerEntry {
            code: Some(code.clone()),
            outlet: outlet.map(|outlet| self.outlets[outlet].0),
            name: Some(name.to_owned()),
            place: Some(format!("云州市示例路{}号", 10 + index * 3)),
            position: outlet.map(|outlet| around(names::OUTLETS[outlet].4, index)),
            contacts: vec![contact(ContactRole::Reports, 0), contact(ContactRole::Confirms, 3)],
        };
        let id = CustomerId::from_code(&code);
        self.customers.push(Customer { id, entry, devices: Vec::new() });
        index
    }

    fn enter_device(
        &mut self,
        customer: usize,
        kind: usize,
        outlet: usize,
        branch: Option<&&'static str>,
    ) {
        let index = self.devices.len();
        let code = format!("D{:03}", index + 1);
        let models = TYPES[kind].models;
        let entry = DeviceEntry {
            code: Some(code.clone()),
            customer: Some(self.customers[customer].id),
            outlet: Some(self.outlets[outlet].0),
            model: Some(models[index % models.len()].to_owned()),
            serial: Some(format!("{}{:05}", 2019 + index % 7, 1_000 + index * 37)),
            skills: vec![names::SKILLS[TYPES[kind].skill].to_owned()],
            warranty_until: None,
            place: branch.map(|branch| (*branch).to_owned()),
            position: branch.map(|_| around(names::OUTLETS[outlet].4, index)),
        };
        self.customers[customer].devices.push(index);
        self.devices.push(Device { id: DeviceId::from_code(&code), customer, kind, entry });
    }

    /// The index of an engineer.
    pub fn engineer(&self, id: EngineerId) -> Option<usize> {
        self.engineer_index.get(&id).copied()
    }

    /// The index of a customer.
    pub fn customer(&self, id: CustomerId) -> Option<usize> {
        self.customer_index.get(&id).copied()
    }

    /// The index of a device.
    pub fn device(&self, id: DeviceId) -> Option<usize> {
        self.device_index.get(&id).copied()
    }

    /// The area of an outlet.
    pub fn area_of(&self, outlet: usize) -> Option<AreaId> {
        self.outlets.get(outlet).and_then(|(_, entry)| entry.area)
    }

    /// Everything, in an order in which what is named is there already.
    pub fn entries(&self) -> Vec<Put> {
        let areas = self.areas.iter().map(|(_, entry)| put("areas", entry.code.as_ref(), entry));
        let outlets =
            self.outlets.iter().map(|(_, entry)| put("outlets", entry.code.as_ref(), entry));
        let engineers =
            self.engineers.iter().map(|one| put("engineers", one.entry.code.as_ref(), &one.entry));
        let customers =
            self.customers.iter().map(|one| put("customers", one.entry.code.as_ref(), &one.entry));
        let devices =
            self.devices.iter().map(|one| put("devices", one.entry.code.as_ref(), &one.entry));
        areas.chain(outlets).chain(engineers).chain(customers).chain(devices).collect()
    }
}

fn areas() -> Vec<(AreaId, AreaEntry)> {
    let card = |number: usize| {
        let (code, name) = names::STAFF[number];
        let id = StaffId::from_code(code);
        StaffCard { id, name: Some(name.to_owned()), phone: phone(38, number) }
    };
    let area = |(number, (code, name)): (usize, &(&str, &str))| {
        let staff = [number, 3, 4].map(card);
        let [supervisor, deputy, director] = staff.each_ref().map(|card| Some(card.id));
        let entry = AreaEntry {
            code: Some((*code).to_owned()),
            name: (*name).to_owned(),
            supervisor,
            deputy,
            director,
            engineers_min: Some(2),
            staff: staff.to_vec(),
        };
        (AreaId::from_code(code), entry)
    };
    names::AREAS.iter().enumerate().map(area).collect()
}

fn outlets() -> Vec<(OutletId, OutletEntry)> {
    let outlet = |(code, name, area, weekly, place): &(&str, &str, usize, &str, (i32, i32))| {
        let hours = ServiceHours::new(ZONE, hours(weekly), Vec::new()).expect("service hours");
        let entry = OutletEntry {
            code: Some((*code).to_owned()),
            name: (*name).to_owned(),
            area: Some(AreaId::from_code(names::AREAS[*area].0)),
            position: Some(around(*place, 200)),
            hours: Some(hours),
        };
        (OutletId::from_code(code), entry)
    };
    names::OUTLETS.iter().map(outlet).collect()
}

fn engineers() -> Vec<Engineer> {
    let posts = names::POSTS_OF_OUTLET.iter().enumerate();
    let posts = posts.flat_map(|(outlet, posts)| (0..*posts).map(move |post| (outlet, post)));
    let engineer = |(number, (outlet, post)): (usize, (usize, usize))| {
        let code = format!("E{:02}", number + 1);
        let (skills, roster, capacity) = names::POSTS[post];
        let skill = |skill: &usize| Skill::from(names::SKILLS[*skill]);
        let entry = Profile {
            code: Some(code.clone()),
            outlet: Some(OutletId::from_code(names::OUTLETS[outlet].0)),
            skills: skills.iter().map(skill).collect(),
            capacity: Some(capacity),
            roster: hours(roster),
            zone: None,
            retired: false,
            name: Some(names::ENGINEERS[number].to_owned()),
            phone: phone(37, number + 1),
        };
        Engineer { id: EngineerId::from_code(&code), outlet, entry }
    };
    posts.enumerate().map(engineer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_firm_is_of_the_size_that_it_is_said_to_be() {
        let firm = Firm::new();
        assert_eq!((firm.areas.len(), firm.outlets.len(), firm.engineers.len()), (3, 6, 26));
        assert_eq!((firm.customers.len(), firm.devices.len()), (60, 195));
        assert_eq!(firm.entries().len(), 3 + 6 + 26 + 60 + 195);
    }

    #[test]
    fn every_device_has_somebody_in_its_area_who_can_repair_it() {
        let firm = Firm::new();
        for device in &firm.devices {
            let outlet = firm.outlets.iter().position(|(id, _)| Some(*id) == device.entry.outlet);
            let area = firm.area_of(outlet.expect("an outlet"));
            let able = firm.engineers.iter().filter(|engineer| {
                firm.area_of(engineer.outlet) == area
                    && engineer.entry.skills.contains(&device.entry.skills[0])
            });
            assert!(able.count() >= 3, "{:?}", device.entry);
        }
    }

    #[test]
    fn ids_lead_back_to_whom_they_name() {
        let firm = Firm::new();
        assert_eq!(firm.engineer(firm.engineers[7].id), Some(7));
        assert_eq!(firm.customer(firm.customers[59].id), Some(59));
        assert_eq!(firm.device(firm.devices[100].id), Some(100));
        assert_eq!(firm.engineer(EngineerId::from_code("nobody")), None);
    }
}

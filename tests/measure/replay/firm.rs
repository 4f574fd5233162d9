//! The firm that takes the calls: one area, an outlet at each location, engineers spread over them.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use crate::agenda::Act;
use crate::arrivals::Arrival;
use crate::client::Client;

/// Who supervises the area.
pub(crate) const SUPERVISOR: &str = "st_00000000000000000000000001";
/// How many engineers there are,
const ENGINEERS: usize = 80;
/// and how many tickets each has at most: as shipped.
const CAPACITY: usize = 3;

/// The ids that were given.
pub(crate) struct Firm {
    pub(crate) engineers: Vec<String>,
    outlets: HashMap<String, String>,
    customers: HashMap<String, String>,
}

impl Firm {
    /// Enters it: outlets by location, those with most cases first, and customers by caller.
    pub(crate) fn enter(client: &Client, arrivals: &[Arrival]) -> Self {
        let put = |path: String, entry: Value| {
            client.put(&path, entry).expect(200).text("/id").to_owned()
        };
        let area =
            put("/api/v1/areas/all".into(), json!({"name": "全部", "supervisor": SUPERVISOR}));
        let mut locations = BTreeMap::<&str, usize>::new();
        for arrival in arrivals {
            *locations.entry(arrival.location.as_deref().unwrap_or_default()).or_default() += 1;
        }
        locations.remove("");
        let mut locations: Vec<_> = locations.into_iter().collect();
        locations.sort_by_key(|(_, cases)| std::cmp::Reverse(*cases));
        let outlets: Vec<_> = (locations.iter().enumerate())
            .map(|(number, (name, _))| {
                let entry = json!({"name": name, "area": area});
                ((*name).to_owned(), put(format!("/api/v1/outlets/L{number}"), entry))
            })
            .collect();
        let mut customers = HashMap::new();
        for arrival in arrivals {
            customers.entry(arrival.caller.clone()).or_insert_with(|| {
                let code = arrival.caller.replace(' ', "-");
                put(format!("/api/v1/customers/{code}"), json!({"name": arrival.caller}))
            });
        }
        let engineers = (0..ENGINEERS)
            .map(|number| {
                let path = format!("/api/v1/engineers/E{number}");
                let outlet = &outlets[number % outlets.len()].1;
                let name = format!("工程师{number}");
                let entry = json!({"name": name, "outlet": outlet, "capacity": CAPACITY});
                let id = put(path.clone(), entry);
                client.post(&format!("{path}/on-duty"), json!({})).expect(200);
                id
            })
            .collect();
        Self { engineers, outlets: outlets.into_iter().collect(), customers }
    }

    /// The report of a case. The telephone number is made of the caller's.
    pub(crate) fn report(&self, arrival: &Arrival) -> Act {
        let number: String = arrival.caller.chars().filter(char::is_ascii_digit).collect();
        let priority = match arrival.priority {
            0 | 1 => "critical",
            2 => "high",
            3 => "normal",
            _ => "low",
        };
        let body = json!({
            "sentence": arrival.sentence,
            "customer": self.customers[&arrival.caller],
            "outlet": arrival.location.as_ref().map(|name| &self.outlets[name]),
            "place": arrival.location,
            "contact_name": arrival.caller,
            "contact_phone": format!("138{number:0>8}"),
            "priority": priority,
        });
        Act { actor: None, path: "/api/v1/tickets".into(), bodies: vec![body] }
    }
}

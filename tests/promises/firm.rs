//! A small firm, entered as an administrator enters it.

use serde_json::{Value, json};

use crate::client::Client;

/// An outlet in an area with a supervisor, and engineers on duty. Codes serve as names.
pub(crate) struct Firm {
    /// The outlet's id.
    pub(crate) outlet: String,
    /// The engineers' ids.
    pub(crate) engineers: Vec<String>,
}

/// Who supervises the area.
pub(crate) const SUPERVISOR: &str = "st_00000000000000000000000001";

impl Firm {
    /// Enters a firm with so many engineers, each with so many places.
    #[track_caller]
    pub(crate) fn enter(client: &Client, engineers: usize, capacity: u16) -> Self {
        Self::with_hours(client, engineers, capacity, Value::Null)
    }

    /// Enters a firm whose outlet serves at these hours.
    #[track_caller]
    pub(crate) fn with_hours(
        client: &Client,
        engineers: usize,
        capacity: u16,
        hours: Value,
    ) -> Self {
        let area = client
            .put("/api/v1/areas/east", json!({"name": "东区", "supervisor": SUPERVISOR}))
            .expect(200);
        let mut outlet = json!({"name": "浦东", "area": area.text("/id")});
        if !hours.is_null() {
            outlet["hours"] = hours;
        }
        let outlet = client.put("/api/v1/outlets/pudong", outlet).expect(200);
        let outlet = outlet.text("/id").to_owned();
        let engineers = (1..=engineers)
            .map(|number| {
                let path = format!("/api/v1/engineers/E{number}");
                let entry = json!({
                    "name": format!("工程师{number}"), "outlet": outlet, "capacity": capacity,
                });
                let id = client.put(&path, entry).expect(200).text("/id").to_owned();
                client.post(&format!("{path}/on-duty"), json!({})).expect(200);
                id
            })
            .collect();
        Self { outlet, engineers }
    }

    /// Reports something at the outlet; the ticket's id.
    #[track_caller]
    pub(crate) fn report(&self, client: &Client, sentence: &str) -> String {
        let report = json!({"sentence": sentence, "outlet": self.outlet});
        client.post("/api/v1/tickets", report).expect(201).text("/id").to_owned()
    }
}

//! What is sent: a firm with an outlet and an engineer for each sender, and the lives of tickets,
//! from the report to the customer's answer.

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::Failure;
use crate::http::{self, Connection, field};

/// As many as connections, so that no engineer runs out of places.
const OUTLETS: usize = 256;
const HOURS: &str = r#"{"zone":"Asia/Shanghai","weekly":"Mon-Sun 00:00-24:00","exceptions":[]}"#;

/// An outlet and its only engineer: whether the dispatcher assigns a ticket or the supervisor does,
/// it is the same one.
#[derive(Debug)]
pub(crate) struct Place {
    outlet: String,
    engineer: String,
    accepting: String,
}

#[derive(Debug)]
pub(crate) struct Firm(Vec<Arc<Place>>);

impl Firm {
    pub(crate) async fn found(address: SocketAddr) -> Result<Self, Failure> {
        let mut connection = Connection::open(address).await?;
        let mut places = Vec::new();
        put(&mut connection, "PUT", "/api/v1/areas/HD", r#"{"name":"华东","engineers_min":0}"#)
            .await?;
        for number in 0..OUTLETS {
            let entry = format!(r#"{{"name":"网点 {number}","hours":{HOURS}}}"#);
            let path = format!("/api/v1/outlets/O{number}");
            let outlet = put(&mut connection, "PUT", &path, &entry).await?;
            let entry =
                format!(r#"{{"name":"工程师 {number}","outlet":"{outlet}","capacity":1000}}"#);
            let path = format!("/api/v1/engineers/E{number}");
            let engineer = put(&mut connection, "PUT", &path, &entry).await?;
            put(&mut connection, "POST", &format!("{path}/on-duty"), "").await?;
            let accepting = format!("engineer:{engineer}");
            places.push(Arc::new(Place { outlet, engineer, accepting }));
        }
        Ok(Self(places))
    }

    pub(crate) fn place(&self, number: usize) -> Arc<Place> {
        Arc::clone(&self.0[number % self.0.len()])
    }
}

async fn put(
    connection: &mut Connection,
    method: &str,
    path: &str,
    body: &str,
) -> Result<String, Failure> {
    let mut request = Vec::new();
    http::write(&mut request, method, path, &[], body);
    let answer = connection.exchange(&request).await?;
    match (answer.status, field(answer.body, "id")) {
        (200, Some(id)) => Ok(id.to_owned()),
        _ => Err(format!("{path} answers {}: {}", answer.status, answer.body).into()),
    }
}

const CUSTOMER: &str = "anonymous";
const AGENT: &str = "agent:code:K3";
const SUPERVISOR: &str = "supervisor:code:S1";

/// Tickets, one after the other, each through all steps of its life.
#[derive(Debug)]
pub(crate) struct Life {
    place: Arc<Place>,
    sender: String,
    step: usize,
    count: u64,
    ticket: String,
}

/// Who does what, and the body of it.
const STEPS: [(&str, &str); 9] = [
    ("create", CUSTOMER),
    ("note", AGENT),
    ("assign", SUPERVISOR),
    ("accept", ""),
    ("depart", ""),
    ("arrive", ""),
    ("note", ""),
    ("resolve", ""),
    ("confirm", CUSTOMER),
];

impl Life {
    pub(crate) const fn new(place: Arc<Place>, sender: String) -> Self {
        Self { place, sender, step: 0, count: 0, ticket: String::new() }
    }

    fn actor(&self) -> &str {
        match STEPS[self.step].1 {
            "" => &self.place.accepting,
            named => named,
        }
    }

    fn body(&self) -> String {
        let Place { outlet, engineer, .. } = &*self.place;
        match STEPS[self.step].0 {
            "create" => format!(
                r#"{{"sentence":"冲床咔哒两声就停了，油压上不去","outlet":"{outlet}","contact_name":"老李","contact_phone":"13800000000","place":"二楼东侧"}}"#
            ),
            "note" => r#"{"words":"客户下午在，门卫处登记后从东门进，找车间主任"}"#.to_owned(),
            "assign" => format!(r#"{{"engineer":"{engineer}"}}"#),
            "resolve" => {
                r#"{"fault_type":"液压","words":"更换油管，试机正常","parts":[{"code":"P-17","quantity":1}]}"#
                    .to_owned()
            }
            "confirm" => r#"{"verdict":"satisfied","stars":5}"#.to_owned(),
            _ => String::new(),
        }
    }

    /// The next command as a request of its own.
    pub(crate) fn write_request(&self, out: &mut Vec<u8>) {
        let verb = STEPS[self.step].0;
        let path = match verb {
            "create" => "/api/v1/tickets".to_owned(),
            verb => format!("/api/v1/tickets/{}/{verb}", self.ticket),
        };
        let key = self.key();
        let headers = [("Idempotency-Key", key.as_str()), ("Paidan-Actor", self.actor())];
        http::write(out, "POST", &path, &headers, &self.body());
    }

    /// The next command as a line.
    pub(crate) fn write_line(&self, out: &mut String) {
        let (verb, actor, key) = (STEPS[self.step].0, self.actor(), self.key());
        let ticket = match verb {
            "create" => String::new(),
            _ => format!(r#","ticket":"{}""#, self.ticket),
        };
        let body = match self.body() {
            nothing if nothing.is_empty() => nothing,
            body => format!(r#","body":{body}"#),
        };
        // Writing to a text never fails.
        let _written =
            writeln!(out, r#"{{"verb":"{verb}"{ticket},"key":"{key}","actor":"{actor}"{body}}}"#);
    }

    fn key(&self) -> String {
        format!("{}-{}-{}", self.sender, self.count, self.step)
    }

    /// The answer has come; anything but yes ends the measurement.
    pub(crate) fn answered(&mut self, status: u16, body: &str) -> Result<(), Failure> {
        if !(200..300).contains(&status) {
            let verb = STEPS[self.step].0;
            return Err(format!("{verb} of {} answers {status}: {body}", self.ticket).into());
        }
        if self.step == 0 {
            field(body, "id").ok_or("no id")?.clone_into(&mut self.ticket);
        }
        self.step += 1;
        if self.step == STEPS.len() {
            (self.step, self.count) = (0, self.count + 1);
        }
        Ok(())
    }
}

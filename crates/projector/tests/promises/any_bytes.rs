//! A snapshot's body is read only where its hash holds; behind a right hash any bytes give a model
//! or an error, never a panic.

use std::sync::OnceLock;

use domain::ticket::{Assign, Cancel, Create};
use eventlog::fuzz::{Target, try_target};
use projector::attachments::Attachments;
use projector::directory::Directory;
use projector::engineer_load::EngineerLoad;
use projector::lifecycle::Lifecycle;
use projector::open_tickets::OpenTickets;
use projector::satisfaction::Satisfaction;
use projector::{Past, Projection, Recount, rebuild};

use crate::firm::{CUSTOMER, ENGINEERS, Firm, OUTLETS, ticket_id};

/// Some tickets: open ones, one that somebody has, one that ended.
fn firm() -> &'static Firm {
    static FIRM: OnceLock<Firm> = OnceLock::new();
    FIRM.get_or_init(|| {
        let mut firm = Firm::new();
        for number in 0..8 {
            let create = Create {
                customer: Some(CUSTOMER),
                outlet: Some(OUTLETS[0]),
                urgent: number == 3,
                ..Create::default()
            };
            firm.step(ticket_id(number), create);
        }
        let assign = Assign { engineer: Some(ENGINEERS[0]), ..Assign::default() };
        firm.step(ticket_id(1), assign);
        firm.step(ticket_id(2), Cancel::default());
        firm
    })
}

fn body<P: Projection>() -> Vec<Vec<u8>> {
    let firm = firm();
    let model = rebuild::<P>(firm.log.as_ref(), Recount::AsRecorded, firm.head(), &mut |_| {})
        .expect("it folds");
    vec![model.model().encode().expect("it encodes"), P::empty().encode().expect("it encodes")]
}

fn read<P: Projection>(bytes: &[u8]) {
    drop(P::decode(bytes, Past::new(firm().log.as_ref())));
}

fn try_model<P: Projection>() {
    try_target(&Target {
        name: P::NAME,
        run: read::<P>,
        mend: |_| {},
        seeds: body::<P>,
        // A model is many empty maps.
        cost: 50_000,
    });
}

#[test]
fn no_bytes_make_the_reader_of_open_tickets_panic() {
    try_model::<OpenTickets>();
}

#[test]
fn no_bytes_make_the_reader_of_engineer_load_panic() {
    try_model::<EngineerLoad>();
}

#[test]
fn no_bytes_make_the_reader_of_the_directory_panic() {
    try_model::<Directory>();
}

#[test]
fn no_bytes_make_the_reader_of_satisfaction_panic() {
    try_model::<Satisfaction>();
}

#[test]
fn no_bytes_make_the_reader_of_lifecycle_panic() {
    try_model::<Lifecycle>();
}

#[test]
fn no_bytes_make_the_reader_of_attachments_panic() {
    try_model::<Attachments>();
}

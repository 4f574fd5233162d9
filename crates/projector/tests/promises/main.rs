//! What the projector promises, one file per promise.

mod any_bytes;
mod as_of;
mod engineer_load;
mod equality;
mod firm;
mod following;
mod happened;
mod lifecycle;
mod open_tickets;
mod personal_data;
mod rebuilds;
mod recounts;
mod satisfaction;
mod snapshots;

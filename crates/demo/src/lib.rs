//! An invented firm whose day is played: customers report, engineers accept, ignore, decline, hold
//! and finish, customers answer.
//!
//! Nothing is canned. `story` is a pure core: it is told what the feed tells and plans what people
//! do, drawn from a seed; `drive` carries that out through the HTTP API, as anybody would, on a
//! clock that it moves. `firm` is who there is. What a server must offer for that is the port
//! [`Stage`].

mod dice;
mod firm;
mod local;
mod words;

mod act;
mod agenda;
mod seen;
mod story;

mod client;
mod drive;
mod tally;

pub use act::{Act, EngineerStep, Expects, Planned, Press, Send, SendHow};
pub use client::ClientError;
pub use drive::{Drive, DriveError, Pace, Stage, UnsettledError};
pub use firm::{Customer, Device, Engineer, FIRM, Firm, Put};
pub use local::wall;
pub use seen::{
    Assigned, Created, FeedEvent, Free, Happening, Load, OnEngineer, OnTicket, Said, TicketPage,
};
pub use story::{BEGIN, Step, Story};
pub use tally::Tally;

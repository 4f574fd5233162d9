//! The commands of the command line, answered by a running server or by the directory itself.
//!
//! One handler, two ways to it. While a server runs, it has the directory for itself, and the
//! command line asks it through a socket in that directory; when none runs, the command line
//! opens the directory and calls the same handler.
//!
//! `protocol` is what goes over the socket, in bounded lines (`lines`), `failure` why an answer ends
//! early, and `views` what the answers tell. `handler` answers, and `answers` what the API answers;
//! `recorder` takes over imports of history, `directory` those of a firm's directory; `rules`
//! publishes rules; `taking_out` writes exports and backups, `attachments` looks at the bytes
//! beside the log; `proof` is what proofs are held against, `rebuilds` makes models anew beside the live ones. `server` and `client` are the two ends of the socket, whose path `socket` makes
//! short enough. `opening` opens a directory at rest.

mod failure;
mod lines;
mod protocol;
mod views;

mod answers;
mod attachments;
mod directory;
mod handler;
mod projections;
mod proof;
mod rebuilds;
mod recorder;
mod rules;
mod taking_out;
mod trials;
mod verification;

mod opening;
mod socket;

mod client;
mod remote_sink;
mod server;

pub use answers::Desk;
pub use attachments::Bytes;
pub use client::{Client, ClientError};
pub use failure::{Failure, FailureKind};
pub use handler::{Parts, Replies, answer};
pub use lines::LineError;
pub use opening::{OpenFailed, Opened, Purpose, open};
pub use protocol::{Greeting, PROTOCOL, Reply, Request};
pub use rebuilds::RebuildRequest;
pub use recorder::{RecordError, Recorder};
pub use rules::Published;
pub use server::{ControlError, Listening, serve};
pub use taking_out::absolute;
pub use trials::TICKETS_MAX;
pub use views::{
    BackupView, Checked, ClockView, DumpHeader, ExportView, ImportTotals, KeysView, KindView,
    LogStatView, LogView, PlaceView, ProjectionView, VerifyFault, VerifyView,
};

//! HTTP in and out: commands, queries, feed and stream. The only crate that knows axum.
//!
//! Handlers translate and nothing more: a request into a command or a question, the answer into
//! JSON, what is refused into a `problem`. `gateway` is what they share and `ports` what it is
//! handed; `router` says which address is whose.

mod config;
mod gateway;
mod ports;

mod answer;
mod body;
mod cursor;
mod headers;
mod params;
pub mod problem;
mod views;

mod bulk;
mod commands;
mod directory;
mod engineers;
mod loading;
mod presence;
mod rules;
mod tickets;
mod why;

mod attachment;
mod scanning;
mod uploads;
mod vouching;

mod audits;
mod board;
mod feed;
mod lifecycle;
mod look_back;
mod models;
mod rebuilds;
mod stream;
mod trials;

mod pages;

mod metrics;
mod observe;
mod requests;
mod status;

mod api;
mod asked;
mod router;
mod serve;

mod follower;

pub use ::pages::Simulated;
pub use asked::Answered;
pub use attachment::record_reads;
pub use bulk::answer_message;
pub use config::{AttachmentConfig, Config};
pub use follower::{Follower, FollowerStatus, FollowerWords, serve_follower};
pub use gateway::Gateway;
pub use ports::{
    AttachmentPorts, DispatcherActions, DispatcherHeard, DispatcherNumbers, DispatcherState,
    DispatcherStatus, DispatchersHeard, NeglectProblem, NeglectedCounts, NeglectedTicket,
    NoDispatcher, PartsStatus, Ports, RelayStatus, TicketAudit,
};
pub use presence::keep_presence;
pub use router::router;
pub use scanning::scan_attachments;
pub use serve::{serve_tcp, serve_unix};
pub use uploads::expire_uploads;

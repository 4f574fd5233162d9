//! NATS: committed events out in the log's order, commands in, and who follows from afar.
//!
//! The log is the truth; a JetStream stream carries it. [`publish`] writes each durable event to
//! the stream so that its sequence is the log's position, and makes the stream anew from the log
//! where it was lost, purged or has holes. [`StreamFeed`] reads it as the dispatcher's `Feed`,
//! [`RemoteCommands`] sends the dispatcher's commands by request and reply, and [`answer_requests`]
//! answers those that programs send.
//!
//! What to do with a stream is decided in [`standing`], without I/O; the rest is thin.
//!
//! Deliberately absent: any storage of its own. Whoever follows keeps where it is.

mod connect;
mod feed;
mod message;
mod names;
mod publish;
mod remote;
mod requests;
mod standing;
mod status;
mod stream;

pub use async_nats::{Client, HeaderMap};
pub use connect::{ConnectError, Credentials, NatsOptions, connect};
pub use feed::StreamFeed;
pub use message::{MessageError, Published, Read};
pub use names::Names;
pub use publish::{PublishError, publish};
pub use remote::RemoteCommands;
pub use requests::{Requests, answer_requests};
pub use status::Status;

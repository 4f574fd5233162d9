//! NATS: committed events out in the log's order, commands in, and who follows from afar.
//!
//! The log is the truth; a JetStream stream carries it. [`publish`] writes each durable event to
//! the stream so that its sequence is the log's position, and makes the stream anew from the log
//! where it was lost, purged or has holes. [`StreamFeed`] reads it; [`WordedFeed`] asks the gateway
//! for the words that do not travel, and is the dispatcher's `Feed`. [`RemoteCommands`] sends the
//! dispatcher's commands by request and reply, [`answer_requests`] answers those that programs send,
//! and [`keep_lease`] says which of several dispatchers acts. [`StreamHead`] tells a dispatcher how far
//! it is behind, and [`send_heartbeats`] and [`Heard`] tell a gateway which dispatchers there are.
//!
//! What to do with a stream is decided in `standing`, and which of several dispatchers leads in
//! `lease`, both without I/O; the rest is thin.
//!
//! Deliberately absent: any storage of its own. Whoever follows keeps where it is.

mod connect;
mod feed;
mod head;
mod heartbeat;
mod lead;
mod lease;
mod line;
mod message;
mod names;
mod publish;
mod remote;
mod requests;
mod standing;
mod status;
mod stream;
mod tls;
mod worded;
mod words;

pub use async_nats::{Client, HeaderMap};
pub use connect::{ConnectError, Credentials, NatsOptions, connect, connect_telling};
pub use feed::StreamFeed;
pub use head::{StreamHead, watch_head};
pub use heartbeat::{Heard, Heartbeat, HeartbeatRole, hear_dispatchers, send_heartbeats};
pub use lead::{LeaseOptions, keep_lease};
pub use line::Line;
pub use message::{MessageError, Published, Read};
pub use names::Names;
pub use publish::{PublishError, publish};
pub use remote::RemoteCommands;
pub use requests::{Requests, answer_requests};
pub use status::Status;
pub use tls::{ClientCertificate, TlsError};
pub use worded::{WordedFeed, Wording, WordsStatus};
pub use words::answer_words;

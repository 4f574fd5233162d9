//! Events out to a real nats-server and back, whatever becomes of it; commands in.

mod commands;
mod firm;
mod leading;
mod publishing;
mod roles;
mod words;

//! The life of a ticket, promise by promise: history, command, outcome.

#[path = "../world/mod.rs"]
mod world;

mod accepting;
mod answering;
mod attachments;
mod closing;
mod corrupt;
mod directory;
mod dispatching;
mod engineers;
mod happy;
mod importing;
mod intake;
mod joining;
mod queues;
mod resolving;
mod silent;
mod urgent;
mod working;

//! What the write side promises, on a log in memory.

mod attachments;
mod commands_are_applied_once;
mod contention;
mod desk;
mod reserve;

//! Sheets against a real engine over a log in memory.

mod firm;

mod again;
mod any_bytes;
mod bad_lines;
mod columns;
mod references;

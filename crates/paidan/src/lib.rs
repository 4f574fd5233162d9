//! The Paidan binary: configuration, wiring of roles, command line.

pub mod cli;
pub mod config;
pub mod import;

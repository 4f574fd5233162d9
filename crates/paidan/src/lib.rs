//! The Paidan binary: configuration, wiring of roles, command line.

pub mod import;

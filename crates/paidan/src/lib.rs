//! The Paidan binary: configuration, wiring of roles, command line.

pub mod cli;
pub mod config;
pub mod control;
pub mod data_directory;
pub mod demo;
pub mod import;
pub mod logging;
pub mod rules_file;
pub mod serve;

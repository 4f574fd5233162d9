//! The Paidan binary: configuration, wiring of roles, command line.

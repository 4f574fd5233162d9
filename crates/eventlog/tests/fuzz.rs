//! Bytes that were changed at random, and mended or not, go through every decoder without a panic.
//!
//! A short run with a fixed seed stands in the suite; `just fuzz` makes it longer.

use eventlog::fuzz::{TARGETS, try_target as feed};

fn try_target(name: &str) {
    feed(TARGETS.iter().find(|target| target.name == name).expect("a target of this name"));
}

#[test]
fn no_bytes_make_the_decoder_of_frames_panic() {
    try_target("frame");
}

#[test]
fn no_bytes_make_the_decoder_of_appends_panic() {
    try_target("append");
}

#[test]
fn no_bytes_make_the_decoder_of_payloads_panic_or_read_back_another_event() {
    try_target("payload");
}

#[test]
fn no_bytes_make_the_decoder_of_the_witness_panic() {
    try_target("witness");
}

#[test]
fn no_bytes_make_the_decoder_of_an_index_runs_header_panic() {
    try_target("index run");
}

//! How far events have travelled, for metrics and readiness.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::GlobalPosition;
use parking_lot::Mutex;

/// What is known of publishing. Shared between the task that publishes and whoever asks.
#[derive(Debug, Default)]
pub struct Status {
    published: AtomicU64,
    connected: AtomicBool,
    made_anew: AtomicU64,
    failures: AtomicU64,
    ended: Mutex<Option<String>>,
}

impl Status {
    /// The last event that the stream is known to hold.
    pub fn published(&self) -> GlobalPosition {
        GlobalPosition::new(self.published.load(Ordering::Relaxed))
    }

    /// Whether the stream took or confirmed something last; it failed otherwise.
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// How often the stream was made anew since the process began.
    pub fn made_anew(&self) -> u64 {
        self.made_anew.load(Ordering::Relaxed)
    }

    /// How often publishing failed and was begun again.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Why publishing ended for good, if it did.
    pub fn ended(&self) -> Option<String> {
        self.ended.lock().clone()
    }

    pub(crate) fn reached(&self, position: GlobalPosition) {
        self.published.store(position.get(), Ordering::Relaxed);
        self.connected.store(true, Ordering::Relaxed);
    }

    pub(crate) fn was_made_anew(&self) {
        self.made_anew.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.connected.store(false, Ordering::Relaxed);
    }

    pub(crate) fn end(&self, why: &dyn std::error::Error) {
        self.connected.store(false, Ordering::Relaxed);
        *self.ended.lock() = Some(why.to_string());
    }
}

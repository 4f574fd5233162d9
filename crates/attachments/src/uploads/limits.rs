//! How much uploads may take.

use std::time::Duration;

/// Bounds of uploads. The defaults are for a server with a few gigabytes of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A file has at most so many bytes. 4 GiB: half an hour of a phone's video, and what S3 takes
    /// in parts of 8 MiB many times over.
    pub file_bytes_max: u64,
    /// So many uploads may be unfinished at once. Each costs about 1 KiB of memory and three small
    /// files.
    pub open_max: usize,
    /// So many of one client. A hundred photos at once are honest; a client that never finishes
    /// must not take the places of all others.
    pub open_per_client_max: usize,
    /// So many hashers are kept between requests, of 2 KiB each. An upload whose hasher is not kept
    /// is read once more when it is whole.
    pub hashers_max: usize,
    /// At least so much of the disk stays free. 1 GiB: the log must be able to go on when uploads
    /// cannot.
    pub disk_reserve_bytes: u64,
    /// What arrives is synced at least every so many bytes; a killed process loses no more of an
    /// upload than this; a line that breaks loses nothing. Each sync stops the upload for some 20 ms,
    /// so 32 MiB.
    pub sync_bytes: u64,
    /// Whoever takes over an upload waits so long for the one before to let go of it.
    pub take_over_within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes_max: 4 << 30,
            open_max: 10_000,
            open_per_client_max: 200,
            hashers_max: 256,
            disk_reserve_bytes: 1 << 30,
            sync_bytes: 32 << 20,
            take_over_within: Duration::from_secs(10),
        }
    }
}

/// Who an upload is by and how it came is told in at most so many bytes each.
pub const FACT_BYTES_MAX: usize = 256;

/// What arrives is written at most so many bytes at a time.
pub(super) const WRITE_BYTES: usize = 256 * 1024;

//! What the gateway can be told.

use std::time::Duration;

use ::pages::Simulated;

/// Limits and times of the gateway. Everything is bounded; the defaults are for one firm.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// The longest body of a request. A record holds 16 KiB; a long list of names needs more.
    pub body_bytes_max: usize,
    /// A body that takes longer to arrive is given up: telephones in basements are slow, and
    /// still a connection must not be held open for ever.
    pub body_within: Duration,
    /// The longest wait of a read that names a `min_position`.
    pub wait_max: Duration,
    /// The longest fold of the read models up to a position that is past; some ten million events
    /// where no snapshot helps.
    pub look_back_within: Duration,
    /// The longest trial of rules; some hundred thousand events of a busy firm.
    pub trial_within: Duration,
    /// Connections at once on one listener; who comes then waits until one ends.
    pub connections_max: usize,
    /// The head of a request that takes longer to arrive is given up.
    pub head_within: Duration,
    /// Streams at once, of events and of boards; each costs a connection and at most a page of
    /// events in memory. Enough for a board on every desk of a firm.
    pub streams_max: usize,
    /// Sheets that are loaded at once; each is in memory with all its entries.
    pub loads_max: usize,
    /// Requests with many commands at once; each has at most an eighth of the log's queue in flight.
    pub bulks_max: usize,
    /// A stream without news says so at this interval, so that both sides notice a dead line.
    pub heartbeat: Duration,
    /// An engineer who was not heard of for so long is offline.
    pub lease: Duration,
    /// Engineers online at once.
    pub leases_max: usize,
    /// An engineer's position is recorded at most once in this time …
    pub move_every: Duration,
    /// … and only when it changed by so many metres.
    pub move_metres: f64,
    /// A read model that is further behind than so many events is not ready.
    pub lag_max: u64,
    /// How attachments come and go.
    pub attachments: AttachmentConfig,
    /// What is served is a demo; nothing where it is somebody's real firm.
    pub simulated: Option<Simulated>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            body_bytes_max: 64 * 1024,
            body_within: Duration::from_secs(30),
            wait_max: Duration::from_secs(2),
            look_back_within: Duration::from_secs(30),
            trial_within: Duration::from_secs(30),
            connections_max: 2_000,
            head_within: Duration::from_secs(30),
            streams_max: 512,
            loads_max: 2,
            bulks_max: 4,
            heartbeat: Duration::from_secs(15),
            lease: Duration::from_secs(120),
            leases_max: 100_000,
            move_every: Duration::from_secs(60),
            move_metres: 300.0,
            lag_max: 1_000,
            attachments: AttachmentConfig::default(),
            simulated: None,
        }
    }
}

/// Limits and times of attachments, beside those of the store's own parts.
#[derive(Debug, Clone, Copy)]
pub struct AttachmentConfig {
    /// The largest file, in bytes; clients are told of it before they send one.
    pub file_bytes_max: u64,
    /// An upload that is not finished after so long may be removed.
    pub unfinished_for: Duration,
    /// Bytes of an upload that stay away for so long end the request. What came counts, and the
    /// client goes on from there: a body of gigabytes has no other bound in time.
    pub silent_at_most: Duration,
    /// Uploads whose bytes arrive at once. Each holds a connection for as long as its line is slow,
    /// so half of all connections stay for everything else.
    pub arriving_max: usize,
    /// Files in one form.
    pub form_files_max: usize,
    /// A text that is longer than a field takes becomes an attachment; up to so many bytes.
    pub text_bytes_max: usize,
    /// Bodies at once that are larger than `body_bytes_max`; each is whole in memory.
    pub large_bodies_max: usize,
    /// Who opened what is recorded at this interval, so that it does not swamp the log.
    pub reads_every: Duration,
    /// Readers of attachments between two recordings. Further ones are served, but not recorded.
    pub reads_max: usize,
    /// After a scanner failed, the first wait; it doubles …
    pub rescan_after: Duration,
    /// … up to this.
    pub rescan_after_max: Duration,
}

impl Default for AttachmentConfig {
    fn default() -> Self {
        Self {
            file_bytes_max: 2 << 30,
            unfinished_for: Duration::from_secs(24 * 3_600),
            silent_at_most: Duration::from_secs(30),
            arriving_max: 1_000,
            form_files_max: 50,
            text_bytes_max: 1 << 20,
            large_bodies_max: 16,
            reads_every: Duration::from_secs(60),
            reads_max: 10_000,
            rescan_after: Duration::from_secs(1),
            rescan_after_max: Duration::from_secs(300),
        }
    }
}

impl AttachmentConfig {
    /// The longest body that may hold a text: programs that write JSON in ASCII take six bytes for
    /// a Chinese character, which has three.
    pub(crate) const fn text_body_bytes_max(&self, body_bytes_max: usize) -> usize {
        2 * self.text_bytes_max + body_bytes_max
    }
}

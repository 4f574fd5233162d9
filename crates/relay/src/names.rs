//! What things are called on a NATS server.

use domain::StreamId;

/// The names of one firm's subjects and stream. Two firms on one server have two prefixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    prefix: String,
}

impl Default for Names {
    fn default() -> Self {
        Self { prefix: "paidan".into() }
    }
}

impl Names {
    /// Names that begin so: 1 to 32 letters, digits, `-` or `_`. Nothing where they are not.
    pub fn new(prefix: &str) -> Option<Self> {
        let fits = (1..=32).contains(&prefix.len())
            && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        fits.then(|| Self { prefix: prefix.to_owned() })
    }

    /// The JetStream stream of events.
    pub fn stream(&self) -> String {
        format!("{}_events", self.prefix)
    }

    /// All subjects of events.
    pub fn events(&self) -> String {
        format!("{}.events.>", self.prefix)
    }

    /// The subject of one aggregate's events: `paidan.events.ticket.tk_…`.
    pub fn events_of(&self, stream: StreamId) -> String {
        format!("{}.events.{}.{stream}", self.prefix, stream.kind().as_str())
    }

    /// The stream of the lease alone.
    pub fn lease_stream(&self) -> String {
        format!("{}_lease", self.prefix)
    }

    /// Where the dispatcher that leads says so.
    pub fn lease(&self) -> String {
        format!("{}.dispatcher.lease", self.prefix)
    }

    /// Where dispatchers ask for words.
    pub fn words(&self) -> String {
        format!("{}.dispatcher.words", self.prefix)
    }

    /// Where dispatchers say that they are there.
    pub fn heartbeat(&self) -> String {
        format!("{}.dispatcher.heartbeat", self.prefix)
    }

    /// Where programs send commands.
    pub fn commands(&self) -> String {
        format!("{}.commands", self.prefix)
    }

    /// Where dispatchers send theirs. Who may publish here speaks as the system.
    pub fn dispatcher_commands(&self) -> String {
        format!("{}.dispatcher.commands", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use domain::TicketId;

    use super::*;

    #[test]
    fn a_prefix_stands_before_everything_and_has_no_dots() {
        let names = Names::new("acme-1").expect("fits");
        let ticket = TicketId::from_u128(1);
        assert_eq!(names.events_of(ticket.into()), format!("acme-1.events.ticket.{ticket}"));
        assert_eq!(names.stream(), "acme-1_events");
        for wrong in ["", "a.b", "a b", "a>", "派单", &"a".repeat(33)] {
            assert_eq!(Names::new(wrong), None, "{wrong}");
        }
    }
}

//! Who of several dispatchers leads: pure decisions.
//!
//! The lease is one message on the server, which its holder writes anew all the time. Whoever sees
//! it unchanged for as long as it lasts, by a clock of their own, may take it. A write names the
//! message that it replaces, so of two who write at once one fails. No clock is compared with
//! another, and nothing has to expire on the server.

use std::time::{Duration, Instant};

/// How often a lease is written while it lasts once.
const BEATS: u32 = 6;

/// What the server holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The message's sequence.
    pub(crate) revision: u64,
    /// Who has it; nobody once it was given back.
    pub(crate) holder: Option<String>,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Write it in our own name, if this is still the last message; 0: if there is none.
    Write {
        /// What it replaces.
        revision: u64,
    },
    /// Somebody else has it.
    Wait,
}

/// What one dispatcher knows of the lease.
#[derive(Debug)]
pub(crate) struct Lease {
    me: String,
    lasts: Duration,
    /// What was seen last, and since when it is so.
    seen: Option<(Entry, Instant)>,
    leads_until: Option<Instant>,
}

impl Lease {
    pub(crate) const fn new(me: String, lasts: Duration) -> Self {
        Self { me, lasts, seen: None, leads_until: None }
    }

    pub(crate) fn me(&self) -> &str {
        &self.me
    }

    /// How long to wait between two looks.
    pub(crate) fn beat(&self) -> Duration {
        self.lasts / BEATS
    }

    /// Notes what the server holds now.
    pub(crate) fn saw(&mut self, entry: Option<Entry>, now: Instant) {
        let is_known = self.seen.as_ref().map(|(entry, _)| entry) == entry.as_ref();
        if !is_known {
            self.seen = entry.map(|entry| (entry, now));
        }
        if !self.is_ours() {
            self.leads_until = None;
        }
    }

    /// Notes that our own message, sent at that time, became this revision.
    pub(crate) fn wrote(&mut self, revision: u64, sent: Instant) {
        self.seen = Some((Entry { revision, holder: Some(self.me.clone()) }, sent));
        // Others count from when they see it, which is later.
        self.leads_until = Some(sent + self.lasts);
    }

    /// What to do about what was seen.
    pub(crate) fn step(&self, now: Instant) -> Step {
        let Some((entry, since)) = &self.seen else { return Step::Write { revision: 0 } };
        let is_free = entry.holder.is_none() || *since + self.lasts <= now;
        if is_free || self.is_ours() {
            Step::Write { revision: entry.revision }
        } else {
            Step::Wait
        }
    }

    /// What would give it back; nothing where it is not ours.
    pub(crate) fn given_back(&mut self) -> Option<u64> {
        self.leads_until = None;
        let (entry, _) = self.seen.as_ref().filter(|_| self.is_ours())?;
        Some(entry.revision)
    }

    pub(crate) fn leads(&self, now: Instant) -> bool {
        self.leads_until.is_some_and(|until| now < until)
    }

    fn is_ours(&self) -> bool {
        self.seen.as_ref().is_some_and(|(entry, _)| entry.holder.as_ref() == Some(&self.me))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LASTS: Duration = Duration::from_secs(3);

    /// A server that keeps one message, and nothing else of NATS.
    #[derive(Default)]
    struct Server {
        entry: Option<Entry>,
        sequence: u64,
    }

    impl Server {
        fn write(&mut self, holder: Option<&str>, revision: u64) -> Option<u64> {
            let last = self.entry.as_ref().map_or(0, |entry| entry.revision);
            (last == revision).then(|| {
                self.sequence += 1;
                let holder = holder.map(str::to_owned);
                self.entry = Some(Entry { revision: self.sequence, holder });
                self.sequence
            })
        }

        fn beat(&mut self, lease: &mut Lease, now: Instant) {
            lease.saw(self.entry.clone(), now);
            if let Step::Write { revision } = lease.step(now)
                && let Some(revision) = self.write(Some(&lease.me), revision)
            {
                lease.wrote(revision, now);
            }
        }
    }

    fn two() -> (Lease, Lease, Server, Instant) {
        let lease = |name: &str| Lease::new(name.into(), LASTS);
        (lease("a"), lease("b"), Server::default(), Instant::now())
    }

    #[test]
    fn the_first_leads_and_the_other_waits_while_it_is_renewed() {
        let (mut a, mut b, mut server, start) = two();
        for beat in 0..100 {
            let now = start + a.beat() * beat;
            server.beat(&mut a, now);
            server.beat(&mut b, now);
            assert!(a.leads(now) && !b.leads(now), "beat {beat}");
        }
    }

    #[test]
    fn whoever_sees_nothing_new_for_as_long_as_it_lasts_takes_it_and_not_before() {
        let (mut a, mut b, mut server, start) = two();
        server.beat(&mut a, start);
        server.beat(&mut b, start);
        let early = start + LASTS - Duration::from_millis(1);
        server.beat(&mut b, early);
        assert!(a.leads(early) && !b.leads(early));
        server.beat(&mut b, start + LASTS);
        assert!(!a.leads(start + LASTS) && b.leads(start + LASTS));
        // The first comes back and sees whose it is now.
        server.beat(&mut a, start + LASTS);
        assert!(!a.leads(start + LASTS) && b.leads(start + LASTS));
    }

    #[test]
    fn of_two_who_take_it_at_once_one_leads() {
        let (mut a, mut b, mut server, start) = two();
        a.saw(None, start);
        b.saw(None, start);
        for lease in [&mut a, &mut b] {
            let Step::Write { revision } = lease.step(start) else { panic!("it is free") };
            if let Some(revision) = server.write(Some(&lease.me), revision) {
                lease.wrote(revision, start);
            }
        }
        assert!(a.leads(start) && !b.leads(start));
    }

    #[test]
    fn what_is_given_back_is_taken_at_once() {
        let (mut a, mut b, mut server, start) = two();
        server.beat(&mut a, start);
        server.beat(&mut b, start);
        assert_eq!(b.given_back(), None, "it is not theirs");
        let revision = a.given_back().expect("it is ours");
        server.write(None, revision).expect("taken");
        assert!(!a.leads(start));
        server.beat(&mut b, start);
        assert!(b.leads(start));
    }

    #[test]
    fn an_answer_that_was_lost_costs_nobody_the_lead() {
        let (mut a, mut b, mut server, start) = two();
        server.beat(&mut a, start);
        // Written, and the answer lost.
        let later = start + a.beat();
        server.write(Some("a"), 1).expect("taken");
        server.beat(&mut b, later);
        let next = later + a.beat();
        server.beat(&mut a, next);
        assert!(a.leads(start + LASTS) && !b.leads(start + LASTS));
    }

    #[test]
    fn a_server_that_forgot_everything_has_one_leader_again() {
        let (mut a, mut b, mut server, start) = two();
        server.beat(&mut a, start);
        server.beat(&mut b, start);
        server = Server::default();
        server.beat(&mut b, start);
        server.beat(&mut a, start);
        assert!(b.leads(start) && !a.leads(start));
    }
}

//! The fold of a rebuild: batch by batch, on all cores or with rests, as long as nobody wants
//! something else.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::GlobalPosition;
use eventlog::RecordedEvent;
use parking_lot::Mutex;

use super::bench::Bench;
use super::job::KeptJob;
use super::state::least;
use super::{RebuildPhase, RebuildPlan, Shared, WorkbenchError, kept};
use crate::compare::Detail;
use crate::contract::Past;
use crate::rebuild::{RebuildError, read_ahead};

/// Events that are folded between two looks at what is wanted: enough for threads to be worth it.
const ROUND: usize = 8_192;
/// The same where it is to leave room for others: some milliseconds.
const ROUND_GENTLE: usize = 1_024;
/// How far it is is kept after so many events: some seconds of folding.
const KEEP_EVERY: u64 = 2_000_000;

/// Why a fold stops before the log's end.
enum Stop {
    /// The job is gone.
    Cancelled,
    Paused,
    Closing,
}

impl Shared {
    /// Folds up to where the live models are and compares; on a thread of its own.
    pub(super) fn work(&self, id: u64, plan: &RebuildPlan, mut benches: Vec<Box<dyn Bench>>) {
        match self.fold_to_the_end(id, plan, &mut benches) {
            Err(error) => self.fail(id, &error),
            Ok(None) => self.finish(id, benches),
            Ok(Some(Stop::Cancelled)) => {}
            Ok(Some(stop)) => {
                let paused = matches!(stop, Stop::Paused);
                if let Err(error) = self.keep_how_far(plan, &benches, paused) {
                    self.fail(id, &error);
                    return;
                }
                self.give_back(id, benches, |job| {
                    if paused {
                        job.phase = RebuildPhase::Paused;
                    }
                });
            }
        }
    }

    fn fold_to_the_end(
        &self,
        id: u64,
        plan: &RebuildPlan,
        benches: &mut Vec<Box<dyn Bench>>,
    ) -> Result<Option<Stop>, WorkbenchError> {
        let mut kept = least(benches);
        loop {
            // Never past the live ones: both are compared where these are, and one that stopped at an
            // event goes on from before it.
            let live = benches.iter().map(|bench| bench.live_position()).min();
            let (after, until) = (least(benches), live.unwrap_or_default());
            if after >= until {
                return Ok(None);
            }
            let mut stop = None;
            let mut round = Vec::new();
            read_ahead(self.log.as_ref(), after, until, |events| {
                round.extend(events);
                let size = if plan.share < 100 { ROUND_GENTLE } else { ROUND };
                let is_last = round.last().is_some_and(|event| event.position >= until);
                if round.len() < size && !is_last {
                    return Ok(ControlFlow::Continue(()));
                }
                let begun = Instant::now();
                self.fold_round(plan, benches, &round)?;
                round.clear();
                stop = self.look_up(id, least(benches), rest(plan.share, begun.elapsed()));
                let is_due = least(benches).get() - kept.get() >= KEEP_EVERY;
                Ok(if stop.is_some() || is_due {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                })
            })?;
            if stop.is_some() {
                return Ok(stop);
            }
            if least(benches) < until {
                self.keep_how_far(plan, benches, false)?;
                kept = least(benches);
            }
        }
    }

    /// Each model takes a batch; models are independent, so each may do so on another core.
    fn fold_round(
        &self,
        plan: &RebuildPlan,
        benches: &mut [Box<dyn Bench>],
        events: &[RecordedEvent],
    ) -> Result<(), RebuildError> {
        let past = Past::new(self.log.as_ref());
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if plan.share < 100 { 1 } else { cores.min(benches.len()) };
        if threads < 2 {
            return benches.iter_mut().try_for_each(|bench| bench.apply(events, past));
        }
        let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
        let benches: Vec<_> = benches.iter_mut().map(Mutex::new).collect();
        let work = || {
            while let Some(bench) = benches.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Err(error) = bench.lock().apply(events, past) {
                    *failed.lock() = Some(error);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                // Without this thread the others do it.
                let started = std::thread::Builder::new().spawn_scoped(scope, work);
                drop(started);
            }
            work();
        });
        failed.into_inner().map_or(Ok(()), Err)
    }

    /// Tells how far the fold is, rests, and asks whether something else is wanted.
    fn look_up(&self, id: u64, position: GlobalPosition, rest: Duration) -> Option<Stop> {
        let mut state = self.state.lock();
        let end = Instant::now() + rest;
        loop {
            if state.is_closing {
                return Some(Stop::Closing);
            }
            let Some(job) = state.job(id) else { return Some(Stop::Cancelled) };
            job.position = position;
            if job.wants_pause {
                job.wants_pause = false;
                return Some(Stop::Paused);
            }
            if rest.is_zero() || self.wanted.wait_until(&mut state, end).timed_out() {
                return None;
            }
        }
    }

    /// The whole log is folded: compares, and says what came of it.
    fn finish(&self, id: u64, mut benches: Vec<Box<dyn Bench>>) {
        match self.state.lock().job(id) {
            Some(job) => (job.phase, job.position) = (RebuildPhase::Comparing, least(&benches)),
            None => return,
        }
        let log = self.log.as_ref();
        let compared: Result<Vec<_>, _> =
            benches.iter_mut().map(|bench| bench.compare(log, Detail::default())).collect();
        match compared {
            Err(error) => self.fail(id, &error),
            Ok(compared) => self.give_back(id, benches, |job| {
                job.compared = Some(compared.into());
                job.phase = RebuildPhase::Ready;
            }),
        }
    }

    fn keep_how_far(
        &self,
        plan: &RebuildPlan,
        benches: &[Box<dyn Bench>],
        paused: bool,
    ) -> Result<(), WorkbenchError> {
        let Some(store) = self.rebuild_store()? else { return Ok(()) };
        for bench in benches {
            bench.save(&store, self.log.as_ref())?;
        }
        Ok(kept::keep_job(&store, &KeptJob { plan: plan.clone(), paused, swap: None })?)
    }
}

/// How long to rest after so much work.
fn rest(share: u8, worked: Duration) -> Duration {
    let share = u32::from(share.clamp(1, 100));
    worked * (100 - share) / share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_rests_so_long_that_its_share_is_kept() {
        let worked = Duration::from_millis(10);
        assert_eq!(rest(100, worked), Duration::ZERO);
        assert_eq!(rest(50, worked), worked);
        assert_eq!(rest(25, worked), worked * 3);
        assert_eq!(rest(1, worked), worked * 99);
    }
}

//! Questions as of a position or a moment that is past: what was known by then.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use audit::AsOf;
use domain::{GlobalPosition, Timestamp};
use eventlog::EventLog;
use parking_lot::Mutex;
use projector::{AsOfError, AtRestError, ModelName, ReadModels, RebuildError};
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::Gateway;
use crate::board::bad;
use crate::problem::{Kind, Problem};

/// Folded models that are kept, so that pages and a board of several questions fold once. One set
/// takes as much memory as the live models took at its position, so looking back takes at most
/// four times what the live ones take: these, and the one that is being folded.
const KEPT_MAX: usize = 3;

/// `as_of` of a query: a position, or a moment in RFC 3339.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AsOfAsked(pub(crate) AsOf);

impl<'de> Deserialize<'de> for AsOfAsked {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

// Through the trait that utoipa shows to its own derive only, as `Named` does.
impl utoipa::__dev::ComposeSchema for AsOfAsked {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let form =
            "^([0-9]{1,19}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,}(Z|[+-][0-9]{2}:[0-9]{2}))$";
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(form))
            .examples(["1500", "2026-03-01T08:30:00+08:00"])
            .into()
    }
}

impl utoipa::ToSchema for AsOfAsked {}

/// A place in the log that is looked back to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Then {
    pub(crate) position: GlobalPosition,
    /// What time it was: the moment that was asked for, or when the event there was recorded.
    pub(crate) moment: Timestamp,
}

/// Models that were folded up to positions that are past.
#[derive(Debug)]
pub(crate) struct LookBack {
    /// One fold at a time: each takes a core and the log's disk.
    folds: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// For which position the permit was given last.
    folding: Option<GlobalPosition>,
    /// Whichever was asked last is the last one.
    kept: VecDeque<(GlobalPosition, Arc<ReadModels>)>,
}

impl LookBack {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { folds: Arc::new(Semaphore::new(1)), state: Mutex::default() })
    }

    fn kept(&self, position: GlobalPosition) -> Option<Arc<ReadModels>> {
        let kept = &mut self.state.lock().kept;
        let place = kept.iter().position(|(at, _)| *at == position)?;
        let found = kept.remove(place)?;
        let models = Arc::clone(&found.1);
        kept.push_back(found);
        Some(models)
    }

    /// The right to fold. Who asks for what is being folded waits for it; others come again.
    async fn permit(
        &self,
        position: GlobalPosition,
        within: Duration,
    ) -> Result<OwnedSemaphorePermit, Problem> {
        {
            let folding = &mut self.state.lock().folding;
            match Arc::clone(&self.folds).try_acquire_owned() {
                Ok(permit) => {
                    *folding = Some(position);
                    return Ok(permit);
                }
                Err(_) if *folding == Some(position) => {}
                Err(_) => return Err(Self::busy()),
            }
        }
        let turn = tokio::time::timeout(within, Arc::clone(&self.folds).acquire_owned());
        let Ok(Ok(permit)) = turn.await else { return Err(Self::busy()) };
        self.state.lock().folding = Some(position);
        Ok(permit)
    }

    fn busy() -> Problem {
        let detail =
            "a question that looks back is being folded for; ask again when it is answered";
        Problem::new(Kind::Busy, detail)
    }

    /// Folds, and keeps what was folded even where nobody waits for it any more.
    fn fold(
        &self,
        position: GlobalPosition,
        fold: impl FnOnce() -> Result<ReadModels, AsOfError>,
    ) -> Result<Arc<ReadModels>, AsOfError> {
        let models = Arc::new(fold()?);
        let kept = &mut self.state.lock().kept;
        if kept.len() == KEPT_MAX {
            kept.pop_front();
        }
        kept.push_back((position, Arc::clone(&models)));
        Ok(models)
    }
}

impl Gateway {
    /// Asks the read models: as they are, after one of them has a position, or as they stood. The
    /// question is told what time it is then; the answer comes with that moment where one was
    /// asked for.
    pub(crate) async fn ask_as_of<T: Send + 'static>(
        &self,
        model: ModelName,
        min_position: Option<GlobalPosition>,
        as_of: Option<AsOfAsked>,
        question: impl FnOnce(&ReadModels, Timestamp) -> T + Send + 'static,
    ) -> Result<(Option<Timestamp>, T), Problem> {
        let Some(then) = self.then(min_position, as_of).await? else {
            let now = self.ports().clock.now();
            let answer = self.ask(model, min_position, move |models| question(models, now));
            return Ok((None, answer.await?));
        };
        let models = self.models_as_of(then.position).await?;
        let answer = self.on_own_thread(move || question(&models, then.moment)).await?;
        Ok((Some(then.moment), answer))
    }

    /// Where a query looks back to; nothing where it asks for what is.
    pub(crate) async fn then(
        &self,
        min_position: Option<GlobalPosition>,
        as_of: Option<AsOfAsked>,
    ) -> Result<Option<Then>, Problem> {
        let Some(AsOfAsked(as_of)) = as_of else { return Ok(None) };
        if min_position.is_some() {
            return Err(bad("as_of: what is past is not waited for; leave min_position out"));
        }
        let log = Arc::clone(&self.ports().log);
        let now = self.ports().clock.now();
        self.on_own_thread(move || resolve(log.as_ref(), as_of, now)).await?.map(Some)
    }

    async fn models_as_of(&self, position: GlobalPosition) -> Result<Arc<ReadModels>, Problem> {
        let look_back = &self.look_back;
        if let Some(models) = look_back.kept(position) {
            return Ok(models);
        }
        let within = self.config().look_back_within;
        let permit = look_back.permit(position, within).await?;
        // Whoever waited for the permit finds what the one before folded.
        if let Some(models) = look_back.kept(position) {
            return Ok(models);
        }
        let (look_back, ports) = (Arc::clone(look_back), self.ports().clone());
        let closing = self.closing().subscribe();
        let folded = self.on_own_thread(move || {
            let _permit = permit;
            let (log, snapshots) = (ports.log.as_ref(), ports.snapshots.as_deref());
            let end = ports.clock.monotonic().saturating_add(within);
            look_back.fold(position, || {
                ReadModels::as_of(log, snapshots, position, &mut |_| {
                    let in_time = ports.clock.monotonic() < end && !*closing.borrow();
                    if in_time { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                })
            })
        });
        folded.await?.map_err(|error| match error {
            AsOfError::BrokenOff { .. } => Problem::new(
                Kind::Busy,
                format!(
                    "as_of: folding the log up to position {position} takes longer than {} s; ask \
                     when there is less to do, or for a position after the newest snapshot",
                    within.as_secs()
                ),
            ),
            AsOfError::AtRest(AtRestError::Fold(RebuildError::Read(error))) => error.into(),
            AsOfError::AtRest(error) => Problem::failure(
                Kind::StoreFailed,
                "the log or the snapshots could not be read; run `paidan log verify`",
                &error,
            ),
        })
    }
}

fn resolve(log: &dyn EventLog, as_of: AsOf, now: Timestamp) -> Result<Then, Problem> {
    // By the clock of a server that was set back, the log's end may be yet to come.
    let latest = log.head().recorded_at.max(now);
    if let AsOf::Time(moment) = as_of
        && moment > latest
    {
        return Err(bad(format_args!(
            "as_of: {moment} is yet to come; ask for a moment up to {latest}, or leave as_of out"
        )));
    }
    let position = as_of.position(log)?;
    let moment = match as_of {
        AsOf::Time(moment) => moment,
        AsOf::Head | AsOf::Position(_) => {
            // Before the first event it is as late as at the first.
            let before = GlobalPosition::new(position.get().saturating_sub(1));
            log.read_facts(before, 1)?.first().map_or(now, |event| event.recorded_at)
        }
    };
    Ok(Then { position, moment })
}

#[cfg(test)]
mod tests {
    use super::*;
    use eventlog::{ManualClock, MemoryLog};

    fn at(position: u64) -> GlobalPosition {
        GlobalPosition::new(position)
    }

    fn fold(look_back: &LookBack, position: u64) -> Arc<ReadModels> {
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(0)));
        let log = MemoryLog::new(clock).expect("a log");
        let go_on = &mut |_| ControlFlow::Continue(());
        let folded =
            look_back.fold(at(position), || ReadModels::as_of(&log, None, at(position), go_on));
        folded.expect("nothing is in the way")
    }

    #[test]
    fn the_three_positions_that_were_asked_for_last_are_kept() {
        let look_back = LookBack::new();
        let first = fold(&look_back, 1);
        fold(&look_back, 2);
        fold(&look_back, 3);
        assert!(Arc::ptr_eq(&look_back.kept(at(1)).expect("kept"), &first));
        fold(&look_back, 4);
        let kept = [1, 2, 3, 4].map(|position| look_back.kept(at(position)).is_some());
        assert_eq!(kept, [true, false, true, true]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_for_what_is_being_folded_waits_and_others_come_again() {
        let look_back = LookBack::new();
        let within = Duration::from_secs(30);
        let permit = look_back.permit(at(5), within).await.expect("nobody folds");
        let other = look_back.permit(at(6), within).await.map(drop);
        assert_eq!(other.map_err(|problem| problem.kind()), Err(Kind::Busy));
        let same = look_back.permit(at(5), within);
        let (same, ()) = tokio::join!(same, async { drop(permit) });
        let _held = same.expect("its turn");
        let late = look_back.permit(at(5), within).await.map(drop);
        assert_eq!(late.map_err(|problem| problem.kind()), Err(Kind::Busy));
    }
}

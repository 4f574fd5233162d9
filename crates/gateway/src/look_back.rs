//! Questions as of a position or a moment that is past: what was known by then, or what had happened
//! by then.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::AsOf;
use domain::{GlobalPosition, Timestamp};
use eventlog::{EventLog, ReadError, RecordedEvent};
use parking_lot::Mutex;
use projector::{AsOfError, AtRestError, ModelName, ReadModels, RebuildError};
use serde::{Deserialize, Serialize};
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

/// Events that may have come since what had happened was folded, and are looked through instead
/// of folding anew.
const COME_SINCE_MAX: u64 = 8_192;

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

/// What counts of what is past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AsOfBy {
    /// What was known by then: recorded by then, whenever it happened.
    #[default]
    RecordedAt,
    /// What had happened by then, as is known by now: also what was recorded later.
    OccurredAt,
}

/// How a question looks back, if it does, and what it waits for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PastAsked {
    pub(crate) min_position: Option<GlobalPosition>,
    pub(crate) as_of: Option<AsOfAsked>,
    pub(crate) by: Option<AsOfBy>,
}

/// What an answer tells of looking back; nothing where it is of now.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PastTold {
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) as_of_by: Option<AsOfBy>,
}

/// A place in the log that is looked back to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Then {
    /// Up to where the log is read.
    pub(crate) position: GlobalPosition,
    /// What time it was: the moment that was asked for, or when the event there was recorded.
    pub(crate) moment: Timestamp,
    pub(crate) by: AsOfBy,
}

impl Then {
    /// What an answer tells of it.
    pub(crate) const fn told(self) -> PastTold {
        PastTold { as_of: Some(self.moment), as_of_by: Some(self.by) }
    }

    /// Whether an event came only then or later.
    pub(crate) fn is_before(self, event: &RecordedEvent) -> bool {
        event.position > self.position
            || (self.by == AsOfBy::OccurredAt && event.occurred_at > self.moment)
    }

    fn cut(self) -> Cut {
        let happened_by = match self.by {
            AsOfBy::RecordedAt => None,
            AsOfBy::OccurredAt => Some(self.moment),
        };
        Cut { position: self.position, happened_by }
    }
}

/// Which events models are folded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cut {
    position: GlobalPosition,
    /// Only those; all up to the position where nothing is said.
    happened_by: Option<Timestamp>,
}

impl Cut {
    /// Whether this is what was asked for, unless something that counts has come since.
    fn may_serve(self, asked: Self) -> bool {
        self == asked
            || (asked.happened_by.is_some()
                && asked.happened_by == self.happened_by
                && self.position <= asked.position
                && asked.position.get() - self.position.get() <= COME_SINCE_MAX)
    }

    /// Whether nothing that counts came between.
    fn serves(self, asked: Self, log: &dyn EventLog) -> Result<bool, ReadError> {
        let Some(moment) = self.happened_by else { return Ok(self == asked) };
        let mut after = self.position;
        while after < asked.position {
            let events = log.read_facts(after, 1_024)?;
            let Some(last) = events.last() else { break };
            after = last.position;
            // Those of streams that are cut do not count either; then it is folded for nothing.
            if events.iter().any(|event| event.occurred_at <= moment) {
                return Ok(false);
            }
        }
        Ok(true)
    }
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
    /// For what the permit was given last.
    folding: Option<Cut>,
    /// Whichever was asked last is the last one.
    kept: VecDeque<(Cut, Arc<ReadModels>)>,
}

impl LookBack {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { folds: Arc::new(Semaphore::new(1)), state: Mutex::default() })
    }

    /// What is kept and may serve, and what it was folded of.
    fn kept(&self, asked: Cut) -> Option<(Cut, Arc<ReadModels>)> {
        let kept = &mut self.state.lock().kept;
        let place = kept.iter().rposition(|(cut, _)| cut.may_serve(asked))?;
        let found = kept.remove(place)?;
        let models = (found.0, Arc::clone(&found.1));
        kept.push_back(found);
        Some(models)
    }

    /// The right to fold. Who asks for what is being folded waits for it; others come again.
    async fn permit(&self, asked: Cut, within: Duration) -> Result<OwnedSemaphorePermit, Problem> {
        {
            let folding = &mut self.state.lock().folding;
            match Arc::clone(&self.folds).try_acquire_owned() {
                Ok(permit) => {
                    *folding = Some(asked);
                    return Ok(permit);
                }
                Err(_) if folding.is_some_and(|folding| folding.may_serve(asked)) => {}
                Err(_) => return Err(Self::busy()),
            }
        }
        let turn = tokio::time::timeout(within, Arc::clone(&self.folds).acquire_owned());
        let Ok(Ok(permit)) = turn.await else { return Err(Self::busy()) };
        self.state.lock().folding = Some(asked);
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
        cut: Cut,
        fold: impl FnOnce() -> Result<ReadModels, AsOfError>,
    ) -> Result<Arc<ReadModels>, AsOfError> {
        let models = Arc::new(fold()?);
        let kept = &mut self.state.lock().kept;
        if kept.len() == KEPT_MAX {
            kept.pop_front();
        }
        kept.push_back((cut, Arc::clone(&models)));
        Ok(models)
    }
}

impl Gateway {
    /// Asks the read models: as they are, after one of them has a position, or as they stood. The
    /// question is told what time it is then; the answer comes with what there is to tell of
    /// looking back.
    pub(crate) async fn ask_as_of<T: Send + 'static>(
        &self,
        model: ModelName,
        past: PastAsked,
        question: impl FnOnce(&ReadModels, Timestamp) -> T + Send + 'static,
    ) -> Result<(PastTold, T), Problem> {
        let Some(then) = self.then(past).await? else {
            let now = self.ports().clock.now();
            let answer = self.ask(model, past.min_position, move |models| question(models, now));
            return Ok((PastTold::default(), answer.await?));
        };
        let models = self.models_as_of(then).await?;
        let answer = self.on_own_thread(move || question(&models, then.moment)).await?;
        Ok((then.told(), answer))
    }

    /// Where a query looks back to; nothing where it asks for what is.
    pub(crate) async fn then(&self, past: PastAsked) -> Result<Option<Then>, Problem> {
        let Some(AsOfAsked(as_of)) = past.as_of else {
            return match past.by {
                None => Ok(None),
                Some(_) => Err(bad("as_of_by: it belongs to as_of; name a moment there")),
            };
        };
        if past.min_position.is_some() {
            return Err(bad("as_of: what is past is not waited for; leave min_position out"));
        }
        let by = past.by.unwrap_or_default();
        let log = Arc::clone(&self.ports().log);
        let now = self.ports().clock.now();
        self.on_own_thread(move || resolve(log.as_ref(), as_of, by, now)).await?.map(Some)
    }

    /// Models of what is kept, where nothing has come since that counts.
    async fn still_kept(&self, asked: Cut) -> Result<Option<Arc<ReadModels>>, Problem> {
        let Some((cut, models)) = self.look_back.kept(asked) else { return Ok(None) };
        if cut == asked {
            return Ok(Some(models));
        }
        let log = Arc::clone(&self.ports().log);
        let serves = self.on_own_thread(move || cut.serves(asked, log.as_ref())).await??;
        Ok(serves.then_some(models))
    }

    /// The models as they stood; other questions of the same moment are answered by the same.
    pub(crate) async fn models_as_of(&self, then: Then) -> Result<Arc<ReadModels>, Problem> {
        let asked = then.cut();
        if let Some(models) = self.still_kept(asked).await? {
            return Ok(models);
        }
        let within = self.config().look_back_within;
        let permit = self.look_back.permit(asked, within).await?;
        // Whoever waited for the permit finds what the one before folded.
        if let Some(models) = self.still_kept(asked).await? {
            return Ok(models);
        }
        let (look_back, ports) = (Arc::clone(&self.look_back), self.ports().clone());
        let closing = self.closing().subscribe();
        let folded = self.on_own_thread(move || {
            let _permit = permit;
            let (log, snapshots) = (ports.log.as_ref(), ports.snapshots.as_deref());
            // What it costs, and so no time of the firm's: a demo's day runs faster.
            let begun = Instant::now();
            let mut progress = |_| {
                let in_time = begun.elapsed() < within && !*closing.borrow();
                if in_time { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            };
            let Cut { position, happened_by } = asked;
            look_back.fold(asked, || match happened_by {
                None => ReadModels::as_of(log, snapshots, position, &mut progress),
                Some(moment) => {
                    ReadModels::happened_by(log, snapshots, moment, position, &mut progress)
                }
            })
        });
        folded.await?.map_err(|error| match error {
            AsOfError::BrokenOff { .. } => {
                let (position, within) = (then.position, within.as_secs());
                let instead = match then.by {
                    AsOfBy::RecordedAt => ", or for a position after the newest snapshot",
                    AsOfBy::OccurredAt => ", or by recorded_at",
                };
                let detail = format!(
                    "as_of: folding the log up to position {position} takes longer than {within} \
                     s; ask when there is less to do{instead}"
                );
                Problem::new(Kind::Busy, detail)
            }
            AsOfError::AtRest(AtRestError::Fold(RebuildError::Read(error))) => error.into(),
            AsOfError::AtRest(error) => Problem::failure(
                Kind::StoreFailed,
                "the log or the snapshots could not be read; run `paidan log verify`",
                &error,
            ),
        })
    }
}

fn resolve(log: &dyn EventLog, as_of: AsOf, by: AsOfBy, now: Timestamp) -> Result<Then, Problem> {
    // By the clock of a server that was set back, the log's end may be yet to come.
    let head = log.head();
    let latest = head.recorded_at.max(now);
    if let AsOf::Time(moment) = as_of
        && moment > latest
    {
        return Err(bad(format_args!(
            "as_of: {moment} is yet to come; ask for a moment up to {latest}, or leave as_of out"
        )));
    }
    if by == AsOfBy::OccurredAt {
        let AsOf::Time(moment) = as_of else {
            return Err(bad(
                "as_of_by: a position says when something was recorded, not when it happened; name \
                 a moment in as_of, or ask by recorded_at",
            ));
        };
        return Ok(Then { position: head.position, moment, by });
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
    Ok(Then { position, moment, by })
}

#[cfg(test)]
mod tests {
    use super::*;
    use eventlog::{ManualClock, MemoryLog};

    fn at(position: u64) -> Cut {
        Cut { position: GlobalPosition::new(position), happened_by: None }
    }

    fn fold(look_back: &LookBack, position: u64) -> Arc<ReadModels> {
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(0)));
        let log = MemoryLog::new(clock).expect("a log");
        let go_on = &mut |_| ControlFlow::Continue(());
        let folded = look_back
            .fold(at(position), || ReadModels::as_of(&log, None, at(position).position, go_on));
        folded.expect("nothing is in the way")
    }

    #[test]
    fn the_three_positions_that_were_asked_for_last_are_kept() {
        let look_back = LookBack::new();
        let first = fold(&look_back, 1);
        fold(&look_back, 2);
        fold(&look_back, 3);
        assert!(Arc::ptr_eq(&look_back.kept(at(1)).expect("kept").1, &first));
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

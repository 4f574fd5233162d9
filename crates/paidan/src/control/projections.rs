//! Read models: which there are, their rows, and whether they equal their fold from zero.

use std::sync::Arc;

use domain::GlobalPosition;
use eventlog::EventLog;
use projector::{
    Comparison, Detail, Live, ModelName, Progress, Projection, ReadModels, Recount, WithLive,
    compare, rebuild,
};

use super::failure::{Failure, FailureKind};
use super::handler::{Ended, Pace, Parts, Replies};
use super::proof;
use super::protocol::Reply;
use super::views::{Checked, ProjectionView};

pub(super) fn list(parts: &Parts, replies: &mut dyn Replies) -> Result<(), Ended> {
    for name in ModelName::ALL {
        let view = match &parts.live {
            Some(live) => live_view(live.models(), name, parts.log.head().position),
            None => view_at_rest(name),
        };
        replies.send(Reply::Projection(view))?;
    }
    Ok(())
}

fn live_view(models: &ReadModels, name: ModelName, head: GlobalPosition) -> ProjectionView {
    let lane = models.lane(name);
    let Progress { position, fault } = lane.progress();
    ProjectionView {
        name: lane.name().to_owned(),
        version: lane.version(),
        inputs: inputs(name),
        recount: Some(models.recount(name).name().to_string()),
        rows: Some(lane.rows() as u64),
        position: Some(position),
        lag: Some(head.get().saturating_sub(position.get())),
        fault: fault.map(|fault| {
            let (event, stream, at) = (fault.event, fault.stream, fault.position);
            format!("{event} of {stream} at position {at}: {}", fault.why)
        }),
    }
}

fn view_at_rest(name: ModelName) -> ProjectionView {
    ProjectionView {
        name: name.as_str().to_owned(),
        version: name.version(),
        inputs: inputs(name),
        recount: None,
        rows: None,
        position: None,
        lag: None,
        fault: None,
    }
}

fn inputs(name: ModelName) -> Vec<String> {
    name.inputs().iter().map(ToString::to_string).collect()
}

pub(super) fn named(name: &str) -> Result<ModelName, Ended> {
    name.parse().map_err(|unknown: projector::UnknownModel| {
        Failure::new(FailureKind::NotFound, unknown.to_string()).into()
    })
}

/// A dump is made in memory first: it holds at one position, and its hash stands above it. The
/// rows are in memory anyway, so this at most doubles them for a moment.
pub(super) fn dump(parts: &Parts, name: &str, replies: &mut dyn Replies) -> Result<(), Ended> {
    let name = named(name)?;
    let mut rows = Vec::new();
    let failed =
        |error: &(dyn std::error::Error + 'static)| Failure::of(FailureKind::Failed, error);
    let recount = live_recount(parts, name)?;
    let position = match &parts.live {
        Some(live) => live.models().dump(name, &mut rows).map_err(|error| failed(&error))?,
        None => {
            let total = parts.log.head().position;
            let recount = recount.clone();
            with_progress(total, replies, |progress| {
                name.dump_offline(parts.log.as_ref(), recount, &mut rows, progress)
            })?
            .map_err(|error| failed(&error))?
        }
    };
    proof::send_dump(parts, name, (position, &recount), &rows, replies)
}

pub(super) fn check(
    parts: &Parts,
    names: &[String],
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    let Some(live) = &parts.live else {
        let message = "no server runs on this directory, so there is no live read model to \
                       compare with; each start folds what its snapshots do not have";
        return Err(Failure::new(FailureKind::NeedsServer, message).into());
    };
    let names = if names.is_empty() {
        ModelName::ALL.to_vec()
    } else {
        names.iter().map(|name| named(name)).collect::<Result<_, _>>()?
    };
    let (models, log) = (live.models(), parts.log.as_ref());
    for name in names {
        let check = Check { log, replies };
        let compared = models.with(name, check)?;
        let difference = compared.rows.first().map(|row| {
            let fields: Vec<_> = row.fields.iter().map(|field| field.field.as_str()).collect();
            let key: Vec<_> = row.key.values().map(ToString::to_string).collect();
            format!(
                "{} {} is {:?}: {}; {} rows differ",
                row.table,
                key.join(" "),
                row.change,
                fields.join(", "),
                compared.rows_changed(),
            )
        });
        replies.send(Reply::Checked(Checked {
            name: name.as_str().to_owned(),
            position: compared.position,
            equal: compared.equal,
            difference: difference.or_else(|| {
                (!compared.equal).then(|| "the same rows stand in another order".to_owned())
            }),
        }))?;
        replies.flush()?;
    }
    Ok(())
}

/// Compares a live model with its fold from zero, by the same rules.
struct Check<'a> {
    log: &'a dyn EventLog,
    replies: &'a mut dyn Replies,
}

impl WithLive for Check<'_> {
    type Out = Result<Comparison, Ended>;

    fn run<P: Projection>(self, live: &Arc<Live<P>>) -> Self::Out {
        let Self { log, replies } = self;
        let (until, recount) = (live.progress().position, live.recount());
        let folded =
            with_progress(until, replies, |progress| rebuild::<P>(log, recount, until, progress))?;
        // Both are folds by the same rules: no event explains what differs.
        let detail = Detail { rows_max: 1, explain: false };
        let compared = folded.and_then(|mut rebuilt| compare(live, &mut rebuilt, log, detail));
        compared.map_err(|error| Failure::of(FailureKind::Failed, &error).into())
    }
}

/// By which rules a model counts the past, or would once a server runs.
pub(super) fn live_recount(parts: &Parts, name: ModelName) -> Result<Recount, Ended> {
    if let Some(live) = &parts.live {
        return Ok(live.models().recount(name));
    }
    let recount = projector::recount_at_rest(parts.log.as_ref(), &parts.snapshots, name);
    Ok(recount.map_err(|error| Failure::of(FailureKind::Failed, &error))?)
}

/// Tells how far a fold is. A fold cannot be broken off; whoever went away is told nothing more.
pub(super) fn with_progress<T>(
    total: GlobalPosition,
    replies: &mut dyn Replies,
    fold: impl FnOnce(&mut dyn FnMut(GlobalPosition)) -> T,
) -> Result<T, Ended> {
    let mut pace = Pace::new();
    let mut gone = Ok(());
    let folded = fold(&mut |position| {
        if gone.is_ok() && pace.is_due(position >= total) {
            gone = replies
                .send(Reply::Progress { done: position.get(), total: total.get() })
                .and_then(|()| replies.flush());
        }
    });
    gone?;
    Ok(folded)
}

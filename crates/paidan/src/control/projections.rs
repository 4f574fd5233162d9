//! Read models: which there are, their rows, and whether they equal their fold from zero.

use domain::GlobalPosition;
use eventlog::EventLog;
use projector::attachments::Attachments;
use projector::directory::Directory;
use projector::engineer_load::EngineerLoad;
use projector::lifecycle::Lifecycle;
use projector::open_tickets::OpenTickets;
use projector::satisfaction::Satisfaction;
use projector::{
    Comparison, Lane, Live, ModelName, Progress, Projection, ReadModels, compare, rebuild,
};

use super::failure::{Failure, FailureKind};
use super::handler::{Ended, Pace, Parts, Replies};
use super::protocol::Reply;
use super::views::{Checked, DumpHeader, ProjectionView};

pub(super) fn list(parts: &Parts, replies: &mut dyn Replies) -> Result<(), Ended> {
    for name in ModelName::ALL {
        let view = match &parts.live {
            Some(live) => live_view(lane(live.models(), name), parts.log.head().position),
            None => view_at_rest(name),
        };
        replies.send(Reply::Projection(view))?;
    }
    Ok(())
}

fn lane(models: &ReadModels, name: ModelName) -> &dyn Lane {
    match name {
        ModelName::OpenTickets => models.open_tickets().as_ref(),
        ModelName::EngineerLoad => models.engineer_load().as_ref(),
        ModelName::Directory => models.directory().as_ref(),
        ModelName::Satisfaction => models.satisfaction().as_ref(),
        ModelName::Lifecycle => models.lifecycle().as_ref(),
        ModelName::Attachments => models.attachments().as_ref(),
    }
}

fn live_view(lane: &dyn Lane, head: GlobalPosition) -> ProjectionView {
    let Progress { position, fault } = lane.progress();
    ProjectionView {
        name: lane.name().to_owned(),
        version: lane.version(),
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
        version: version(name),
        rows: None,
        position: None,
        lag: None,
        fault: None,
    }
}

const fn version(name: ModelName) -> u32 {
    match name {
        ModelName::OpenTickets => OpenTickets::VERSION,
        ModelName::EngineerLoad => EngineerLoad::VERSION,
        ModelName::Directory => Directory::VERSION,
        ModelName::Satisfaction => Satisfaction::VERSION,
        ModelName::Lifecycle => Lifecycle::VERSION,
        ModelName::Attachments => Attachments::VERSION,
    }
}

fn named(name: &str) -> Result<ModelName, Ended> {
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
    let position = match &parts.live {
        Some(live) => live.models().dump(name, &mut rows).map_err(|error| failed(&error))?,
        None => {
            let total = parts.log.head().position;
            with_progress(total, replies, |progress| {
                name.dump_offline(parts.log.as_ref(), &mut rows, progress)
            })?
            .map_err(|error| failed(&error))?
        }
    };
    let chain = parts.log.chain_at(position).map_err(|error| failed(&error))?;
    let lines = || rows.split_inclusive(|byte| *byte == b'\n');
    replies.send(Reply::Dump(DumpHeader {
        log: parts.log.identity().into(),
        projection: name.as_str().to_owned(),
        version: version(name),
        position,
        chain: chain.to_string(),
        lines: lines().count() as u64,
        blake3: blake3::hash(&rows).to_string(),
    }))?;
    for line in lines() {
        let text = String::from_utf8_lossy(line).trim_end_matches('\n').to_owned();
        replies.send(Reply::Row(text))?;
    }
    Ok(())
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
        let compared = match name {
            ModelName::OpenTickets => check_one(models.open_tickets(), log, replies),
            ModelName::EngineerLoad => check_one(models.engineer_load(), log, replies),
            ModelName::Directory => check_one(models.directory(), log, replies),
            ModelName::Satisfaction => check_one(models.satisfaction(), log, replies),
            ModelName::Lifecycle => check_one(models.lifecycle(), log, replies),
            ModelName::Attachments => check_one(models.attachments(), log, replies),
        }?;
        let Comparison { position, lines: _, difference } = compared;
        replies.send(Reply::Checked(Checked {
            name: name.as_str().to_owned(),
            position,
            equal: difference.is_none(),
            difference: difference.map(|found| {
                let shown = |line: Option<String>| line.unwrap_or_else(|| "nothing".into());
                format!(
                    "line {}: live {}, folded from zero {}",
                    found.line,
                    shown(found.live),
                    shown(found.rebuilt)
                )
            }),
        }))?;
        replies.flush()?;
    }
    Ok(())
}

fn check_one<P: Projection>(
    live: &Live<P>,
    log: &dyn EventLog,
    replies: &mut dyn Replies,
) -> Result<Comparison, Ended> {
    let until = live.progress().position;
    let folded = with_progress(until, replies, |progress| rebuild::<P>(log, until, progress))?;
    let compared = folded.and_then(|mut rebuilt| compare(live, &mut rebuilt, log));
    compared.map_err(|error| Failure::of(FailureKind::Failed, &error).into())
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

//! What a proof is held against: places of the log, and read models folded up to them.

use audit::AsOf;
use domain::rules::RuleSetEvent;
use domain::{Event, GlobalPosition, RuleSetVersion, StreamId, StreamVersion};
use eventlog::{EventLog, ReadError};
use projector::{ModelName, OfflineDumpError, Projection, Recount, WithModel, rebuild};

use super::failure::{Failure, FailureKind};
use super::handler::{Ended, Parts, Replies};
use super::projections::{live_recount, named, with_progress};
use super::protocol::Reply;
use super::views::{DumpHeader, PlaceView};

/// Publications of rules that are read at once.
const RULES_PAGE: usize = 64;

fn failed(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::of(FailureKind::Failed, error)
}

/// Tells what the log has at a position, also where it has nothing there, or had at a moment.
pub(super) fn place(parts: &Parts, as_of: AsOf, replies: &mut dyn Replies) -> Result<(), Ended> {
    let (log, head) = (parts.log.as_ref(), parts.log.head().position);
    let position = match as_of {
        AsOf::Position(position) => position,
        AsOf::Head | AsOf::Time(_) => as_of.position(log).map_err(|error| failed(&error))?,
    };
    let chain = if position > head {
        None
    } else {
        Some(log.chain_at(position).map_err(|error| failed(&error))?.to_string())
    };
    let view = PlaceView { log: log.identity().into(), head, position, chain };
    Ok(replies.send(Reply::Place(view))?)
}

/// Folds a model from zero up to a position, without snapshots: what they say is not what proves.
pub(super) fn fold(
    parts: &Parts,
    name: &str,
    position: GlobalPosition,
    recount: Option<RuleSetVersion>,
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    let (name, log) = (named(name)?, parts.log.as_ref());
    let head = log.head().position;
    if position > head {
        let message = format!("the log ends at position {head}, before {position}");
        return Err(Failure::new(FailureKind::BadRequest, message).into());
    }
    let recount = match recount {
        Some(version) => Recount::published(log, version).map_err(|error| failed(&error))?,
        None => live_recount(parts, name)?,
    };
    let folded = with_progress(position, replies, |progress| {
        name.with(Rows { log, recount: recount.clone(), until: position, progress })
    })?;
    let rows = folded.map_err(|error| failed(&error))?;
    send_dump(parts, name, (position, &recount), &rows, replies)
}

struct Rows<'a> {
    log: &'a dyn EventLog,
    recount: Recount,
    until: GlobalPosition,
    progress: &'a mut dyn FnMut(GlobalPosition),
}

impl WithModel for Rows<'_> {
    type Out = Result<Vec<u8>, OfflineDumpError>;

    fn run<P: Projection>(self) -> Self::Out {
        let Self { log, recount, until, progress } = self;
        let mut rows = Vec::new();
        rebuild::<P>(log, recount, until, progress)?.model().dump(&mut rows)?;
        Ok(rows)
    }
}

/// Sends the rows of a model at a position, under a line that says what they are.
pub(super) fn send_dump(
    parts: &Parts,
    name: ModelName,
    (position, recount): (GlobalPosition, &Recount),
    rows: &[u8],
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    let log = parts.log.as_ref();
    let chain = log.chain_at(position).map_err(|error| failed(&error))?;
    let rules_version = rules_version(log, position).map_err(|error| failed(&error))?;
    let lines = || rows.split_inclusive(|byte| *byte == b'\n');
    replies.send(Reply::Dump(DumpHeader {
        log: log.identity().into(),
        projection: name.as_str().to_owned(),
        version: name.version(),
        position,
        chain: chain.to_string(),
        rules_version,
        recount: recount.version().unwrap_or_default(),
        lines: lines().count() as u64,
        blake3: blake3::hash(rows).to_string(),
    }))?;
    for line in lines() {
        let text = String::from_utf8_lossy(line).trim_end_matches('\n').to_owned();
        replies.send(Reply::Row(text))?;
    }
    Ok(())
}

/// The version of the rule set that holds at a position.
fn rules_version(
    log: &dyn EventLog,
    position: GlobalPosition,
) -> Result<RuleSetVersion, ReadError> {
    let (mut version, mut after) = (RuleSetVersion::SHIPPED, StreamVersion::ZERO);
    loop {
        let events = log.read_stream(StreamId::RULES, after, RULES_PAGE)?;
        let Some(last) = events.last() else { return Ok(version) };
        after = last.version;
        for event in events {
            if event.position > position {
                return Ok(version);
            }
            if let Event::Rules(RuleSetEvent::RuleSetPublished(published)) = event.event {
                version = published.version;
            }
        }
    }
}

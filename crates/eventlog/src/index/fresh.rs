//! What became durable and is in no run yet.

use std::collections::HashMap;

use domain::{GlobalPosition, StreamId, StreamVersion};
use foldhash::fast::RandomState;

use super::run::{CommandHash, Extent, Run, RunWriter, command_row, stream_key, stream_row};
use super::{Additions, Checkpoint, IndexError};

/// Stands for: no event of the stream before.
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Event {
    stream: StreamId,
    version: StreamVersion,
    position: GlobalPosition,
    /// The event of the same stream before this one.
    before: u32,
}

/// The newest part of the index, in memory.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    events: Vec<Event>,
    /// The last event of each stream.
    last: HashMap<StreamId, u32, RandomState>,
    commands: HashMap<CommandHash, GlobalPosition, RandomState>,
    until: Option<Checkpoint>,
}

impl Fresh {
    /// An empty one that expects to get as large as this one.
    pub(super) fn like(before: &Self) -> Self {
        Self {
            events: Vec::with_capacity(before.events.len()),
            last: HashMap::with_capacity_and_hasher(before.last.len(), RandomState::default()),
            commands: HashMap::with_capacity_and_hasher(
                before.commands.len(),
                RandomState::default(),
            ),
            until: None,
        }
    }

    pub(super) fn extend(&mut self, additions: &Additions, until: Checkpoint) {
        for &(stream, version, position) in &additions.streams {
            let place = u32::try_from(self.events.len()).unwrap_or(NONE);
            let before = self.last.insert(stream, place).unwrap_or(NONE);
            self.events.push(Event { stream, version, position, before });
        }
        self.commands.extend(additions.commands.iter().copied());
        self.until = Some(until);
    }

    pub(super) fn events(&self) -> usize {
        self.events.len()
    }

    pub(super) fn commands(&self) -> usize {
        self.commands.len()
    }

    pub(super) fn until(&self) -> Option<GlobalPosition> {
        self.until.map(|until| until.position)
    }

    pub(super) fn version(&self, stream: StreamId) -> Option<StreamVersion> {
        self.last.get(&stream).map(|place| self.events[*place as usize].version)
    }

    pub(super) fn command(&self, hash: &CommandHash) -> Option<GlobalPosition> {
        self.commands.get(hash).copied()
    }

    /// Adds where the events of a stream after a version are, until there are `limit`.
    pub(super) fn positions(
        &self,
        stream: StreamId,
        after: StreamVersion,
        limit: usize,
        found: &mut Vec<(StreamVersion, GlobalPosition)>,
    ) {
        let begun = found.len();
        let mut place = self.last.get(&stream).copied().unwrap_or(NONE);
        while let Some(event) = self.events.get(place as usize)
            && event.version > after
        {
            found.push((event.version, event.position));
            place = event.before;
        }
        found[begun..].reverse();
        found.truncate(limit.max(begun));
    }

    /// Writes all of it as a run; none when there is nothing.
    pub(super) fn write(&self, directory: &std::path::Path) -> Result<Option<Run>, IndexError> {
        let (Some(first), Some(until)) = (self.events.first(), self.until) else { return Ok(None) };
        let extent = Extent {
            first: first.position,
            until,
            stream_rows: self.events.len() as u64,
            streams: self.last.len() as u64,
            command_rows: self.commands.len() as u64,
        };
        let mut run = RunWriter::create(directory, extent)?;
        let mut rows: Vec<_> = self
            .events
            .iter()
            .map(|event| (stream_key(event.stream, event.version), event.position))
            .collect();
        rows.sort_unstable();
        for (key, position) in &rows {
            run.stream(&stream_row(key, *position))?;
        }
        run.end_streams()?;
        let mut commands: Vec<_> = self.commands.iter().collect();
        commands.sort_unstable();
        for (hash, position) in commands {
            run.command(&command_row(hash, *position))?;
        }
        run.finish().map(Some)
    }
}

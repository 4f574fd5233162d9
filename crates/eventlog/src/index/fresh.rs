//! What became durable and is in no run yet.

use std::collections::HashMap;

use domain::{GlobalPosition, StreamId, StreamVersion};
use foldhash::fast::RandomState;
use smallvec::SmallVec;

use super::format::{CommandHash, Extent, command_row, stream_key, stream_row};
use super::run::Run;
use super::run_writer::RunWriter;
use super::{Additions, Checkpoint, IndexError};

#[derive(Debug, Clone, Copy)]
struct Event {
    stream: StreamId,
    version: StreamVersion,
    position: GlobalPosition,
}

/// The newest part of the index, in memory.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    events: Vec<Event>,
    /// The events of each stream, by their places in `events`. Their versions have no gap.
    streams: HashMap<StreamId, SmallVec<[u32; 2]>, RandomState>,
    commands: HashMap<CommandHash, GlobalPosition, RandomState>,
    until: Option<Checkpoint>,
}

impl Fresh {
    /// An empty one that expects to get as large as this one.
    pub(super) fn like(before: &Self) -> Self {
        Self {
            events: Vec::with_capacity(before.events.len()),
            streams: HashMap::with_capacity_and_hasher(
                before.streams.len(),
                RandomState::default(),
            ),
            commands: HashMap::with_capacity_and_hasher(
                before.commands.len(),
                RandomState::default(),
            ),
            until: None,
        }
    }

    pub(super) fn extend(&mut self, additions: &Additions, until: Checkpoint) {
        for &(stream, version, position) in &additions.streams {
            let place = u32::try_from(self.events.len()).expect("memory holds far fewer");
            self.streams.entry(stream).or_default().push(place);
            self.events.push(Event { stream, version, position });
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
        let last = self.streams.get(&stream)?.last()?;
        Some(self.events[*last as usize].version)
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
        let Some(places) = self.streams.get(&stream) else { return };
        let first = self.events[places[0] as usize].version;
        let passed = after.next().get().saturating_sub(first.get());
        let passed = usize::try_from(passed).unwrap_or(usize::MAX).min(places.len());
        for place in &places[passed..] {
            if found.len() >= limit {
                return;
            }
            let event = self.events[*place as usize];
            found.push((event.version, event.position));
        }
    }

    /// Writes all of it as a run; none when there is nothing.
    pub(super) fn write(&self, directory: &std::path::Path) -> Result<Option<Run>, IndexError> {
        let (Some(first), Some(until)) = (self.events.first(), self.until) else { return Ok(None) };
        let extent = Extent {
            first: first.position,
            until,
            stream_rows: self.events.len() as u64,
            streams: self.streams.len() as u64,
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

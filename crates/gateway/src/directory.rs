//! The directory: entries are put whole, and read in the shape in which they were put.

use std::sync::Arc;

use axum::extract::State;
use domain::directory::{
    AreaEntry, AreaEvent, CustomerEntry, CustomerEvent, DeviceEntry, DeviceEvent, OutletEntry,
    OutletEvent,
};
use domain::engineer::{EngineerCommand, Profile};
use domain::{
    Addressed, AreaId, Coded, Command, CustomerId, DeviceId, EngineerId, Event, GlobalPosition,
    OutletId, StreamId, StreamVersion,
};
use eventlog::{EventLog, ReadError, RecordedEvent};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::Gateway;
use crate::answer::{Answer, versioned};
use crate::body::JsonBody;
use crate::headers::CommandHeaders;
use crate::params::{Asked, Segments, addressed};
use crate::problem::{Kind, Problem};
use crate::tickets::{Waiting, unknown};
use crate::views::ReceiptView;

/// Events that are read at once.
const PAGE: usize = 256;

/// An entry of the directory.
pub(crate) trait Entry: DeserializeOwned + Serialize {
    /// Names it.
    type Id: Coded + Into<StreamId> + Send;

    /// The firm's own code.
    fn code(&mut self) -> &mut Option<String>;

    /// The command that puts it.
    fn command(self, id: Self::Id) -> Command;
}

/// An entry that is the whole of its last event.
pub(crate) trait Whole: Entry {
    /// The entry as this event leaves it.
    fn of(event: &Event) -> Option<Self>;
}

macro_rules! entries {
    ($($entry:ident, $id:ident => |$to:ident, $given:ident| $command:expr;)*) => {$(
        impl Entry for $entry {
            type Id = $id;
            fn code(&mut self) -> &mut Option<String> { &mut self.code }
            fn command(self, $to: $id) -> Command { let $given = self; $command }
        }
    )*};
}

entries! {
    Profile, EngineerId => |id, entry| Command::Engineer(id, EngineerCommand::Put(entry));
    CustomerEntry, CustomerId => |id, entry| Command::Customer(id, entry);
    DeviceEntry, DeviceId => |id, entry| Command::Device(id, entry);
    OutletEntry, OutletId => |id, entry| Command::Outlet(id, entry);
    AreaEntry, AreaId => |id, entry| Command::Area(id, entry);
}

macro_rules! whole {
    ($($entry:ident = $kind:ident, $event:ident::$set:ident;)*) => {$(
        impl Whole for $entry {
            fn of(event: &Event) -> Option<Self> {
                match event {
                    Event::$kind($event::$set(set)) => Some(set.into()),
                    _ => None,
                }
            }
        }
    )*};
}

whole! {
    CustomerEntry = Customer, CustomerEvent::CustomerSet;
    DeviceEntry = Device, DeviceEvent::DeviceSet;
    OutletEntry = Outlet, OutletEvent::OutletSet;
    AreaEntry = Area, AreaEvent::AreaSet;
}

/// `PUT` of an entry.
pub(crate) async fn put<E: Entry>(
    State(gateway): State<Arc<Gateway>>,
    Segments(named): Segments<String>,
    headers: CommandHeaders,
    body: JsonBody,
) -> Answer {
    let Addressed { id, code } = addressed::<E::Id>(&named)?;
    let mut entry: E = body.read()?;
    // Who addresses it by its code says the code with that.
    if let Some(code) = code {
        let said = entry.code().get_or_insert_with(|| code.clone());
        if *said != code {
            let detail = format!(
                "code: `{said}` stands in the body and `{code}` in the address; leave it out of \
                 the body, or address the entry by its id"
            );
            return Err(Problem::new(Kind::Invalid, detail).with("field", "code"));
        }
    }
    let receipt = gateway.submit(headers.submission(entry.command(id))).await?;
    Ok(versioned(receipt.version, ReceiptView::from(receipt)))
}

#[derive(Serialize, ToSchema)]
pub(crate) struct EntryAnswer<E> {
    id: StreamId,
    version: StreamVersion,
    position: GlobalPosition,
    entry: E,
}

/// `GET` of an entry that is the whole of its last event.
pub(crate) async fn get<E: Whole>(
    State(gateway): State<Arc<Gateway>>,
    Segments(named): Segments<String>,
    Asked(query): Asked<Waiting>,
) -> Answer {
    let position = gateway.log_at(query.min_position).await?;
    let stream: StreamId = addressed::<E::Id>(&named)?.id.into();
    let last = gateway.read_log(move |log| last_event(log, stream)).await?;
    let found = last.and_then(|last| Some((last.version, E::of(&last.event)?)));
    let Some((version, entry)) = found else { return Err(unknown(stream)) };
    Ok(versioned(version, EntryAnswer { id: stream, version, position, entry }))
}

/// The last durable event of a stream.
pub(crate) fn last_event(
    log: &dyn EventLog,
    stream: StreamId,
) -> Result<Option<RecordedEvent>, ReadError> {
    let version = log.stream_version(stream)?;
    let before = StreamVersion::new(version.get().saturating_sub(1));
    let mut last = log.read_stream(stream, before, 1)?.pop();
    if last.is_some() || version == StreamVersion::ZERO {
        return Ok(last);
    }
    // The newest are not durable yet, and nothing is told of those.
    let mut after = StreamVersion::ZERO;
    loop {
        let page = log.read_stream(stream, after, PAGE)?;
        let full = page.len() == PAGE;
        last = page.into_iter().next_back().or(last);
        after = last.as_ref().map_or(after, |last| last.version);
        if !full {
            return Ok(last);
        }
    }
}

//! An event, as histories, the feed and the stream tell it.

use domain::{
    Actor, Assurance, Epoch, EventId, GlobalPosition, Origin, Party, RuleSetVersion, StreamId,
    StreamVersion, Timestamp,
};
use eventlog::{DecisionBasis, LogIdentity, RecordedEvent};
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

/// Which log it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LogView {
    #[serde(serialize_with = "hex")]
    #[schema(value_type = String, pattern = "^[0-9a-f]{32}$", example = "0190c1d2e3f405162738495a6b7c8d9e")]
    id: u128,
    epoch: Epoch,
}

fn hex<S: Serializer>(id: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{id:032x}"))
}

impl From<LogIdentity> for LogView {
    fn from(identity: LogIdentity) -> Self {
        Self { id: identity.log_id, epoch: identity.epoch }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct ActorView {
    party: Party,
    assurance: Assurance,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<Party>,
}

impl From<Actor> for ActorView {
    fn from(actor: Actor) -> Self {
        Self { party: actor.party, assurance: actor.assurance, on_behalf_of: actor.on_behalf_of }
    }
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
struct BasisView {
    position: GlobalPosition,
    decided_at: Timestamp,
    rule_set: RuleSetVersion,
    core_version: u16,
}

impl From<DecisionBasis> for BasisView {
    fn from(basis: DecisionBasis) -> Self {
        let DecisionBasis { position, decided_at, rule_set, core_version } = basis;
        Self { position, decided_at, rule_set, core_version }
    }
}

/// One event: what happened, when, by whom and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventView {
    pub(crate) position: GlobalPosition,
    id: EventId,
    stream: StreamId,
    version: StreamVersion,
    #[serde(rename = "type")]
    name: &'static str,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
    actor: ActorView,
    /// The command that it came with.
    command: String,
    caused_by: Option<GlobalPosition>,
    /// The batch, for imported history.
    #[serde(skip_serializing_if = "Option::is_none")]
    import_batch: Option<domain::ImportBatchId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<BasisView>,
    data: Value,
}

impl EventView {
    /// # Errors
    /// When the event cannot be written as JSON, which no event of today's shapes does.
    pub(crate) fn new(event: &RecordedEvent) -> Result<Self, serde_json::Error> {
        let mut data = serde_json::to_value(&event.event)?;
        if let Value::Object(fields) = &mut data {
            // The name stands outside.
            fields.remove("type");
        }
        Ok(Self {
            position: event.position,
            id: event.id,
            stream: event.stream,
            version: event.version,
            name: event.event.name(),
            occurred_at: event.occurred_at,
            recorded_at: event.recorded_at,
            actor: event.header.actor.into(),
            command: event.header.command.to_string(),
            caused_by: event.header.caused_by,
            import_batch: match event.header.origin {
                Origin::Live => None,
                Origin::Import(batch) => Some(batch),
            },
            basis: event.header.basis.map(Into::into),
            data,
        })
    }
}

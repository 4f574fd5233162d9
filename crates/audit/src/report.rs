//! What an audit found in all.

use domain::{
    AttachmentsAudited, AuditEvent, Event, GlobalPosition, StreamId, StreamVersion, Timestamp,
};
use eventlog::{EventLog, ReadError};
use serde::{Deserialize, Serialize};

use crate::{Class, Finding, Handover, NeverArrived, Scope, Stray};

/// How many there are of each class. Each attachment that events name counts in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AuditTotals))]
pub struct Totals {
    /// Named by events.
    pub named: u64,
    /// There, and as they were.
    pub intact: u64,
    /// There, and not as they were.
    pub damaged: u64,
    /// Not there.
    pub missing: u64,
    /// Taken out of view.
    pub removed: u64,
    /// In quarantine.
    pub quarantined: u64,
    /// Erased on purpose.
    pub erased: u64,
    /// Named by another system's history; their bytes never came.
    pub never_arrived: u64,
    /// Bytes that no event names; counted when everything is looked at.
    pub orphans: u64,
    /// Files that are no attachments; counted when everything is looked at.
    pub strangers: u64,
    /// Bytes that the events name, erased ones left out.
    pub bytes: u64,
}

impl Totals {
    const fn counter(&mut self, class: Class) -> &mut u64 {
        match class {
            Class::Missing => &mut self.missing,
            Class::Damaged => &mut self.damaged,
            Class::Quarantined => &mut self.quarantined,
            Class::Removed => &mut self.removed,
            Class::Erased => &mut self.erased,
            Class::NeverArrived => &mut self.never_arrived,
            Class::Intact => &mut self.intact,
            Class::Orphan => &mut self.orphans,
            Class::Stranger => &mut self.strangers,
        }
    }

    pub(crate) const fn count(&mut self, class: Class) {
        *self.counter(class) += 1;
    }

    /// How many there are of a class.
    pub const fn of(mut self, class: Class) -> u64 {
        *self.counter(class)
    }

    /// What is lost.
    pub const fn lost(&self) -> u64 {
        self.missing + self.damaged
    }
}

/// How many handovers there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandoverTotals {
    /// In all.
    pub handovers: u64,
    /// The next engineer had everything that the one before had.
    pub complete: u64,
    /// The next one lacked something.
    pub incomplete: u64,
}

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AuditReport))]
pub struct Report {
    /// The log up to here was believed.
    pub as_of: GlobalPosition,
    /// When the event there was recorded; nothing before the first.
    pub recorded_at: Option<Timestamp>,
    /// What was looked at.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub scope: Scope,
    /// Whether every byte was hashed again.
    pub deep: bool,
    /// How many there are.
    pub totals: Totals,
    /// How many handovers there were, where they were asked for.
    pub handovers: Option<HandoverTotals>,
    /// What is not intact, the worst first; at most 100.
    pub findings: Vec<Finding>,
    /// Findings beyond these.
    pub findings_left_out: u64,
    /// What another system named and never came, in the order of the log; at most 100.
    pub never_arrived: Vec<NeverArrived>,
    /// Such files beyond these.
    pub never_arrived_left_out: u64,
    /// What no event names; at most 100.
    pub strays: Vec<Stray>,
    /// Strays beyond these.
    pub strays_left_out: u64,
    /// The handovers in which something was lacking; at most 100.
    pub incomplete: Vec<Handover>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

impl Report {
    /// Whether nothing is lost.
    pub const fn is_whole(&self) -> bool {
        self.totals.lost() == 0
    }

    /// As the log records it; nothing where only a part was looked at.
    pub fn recorded(&self) -> Option<AttachmentsAudited> {
        let Totals {
            named,
            intact,
            damaged,
            missing,
            removed,
            quarantined,
            erased,
            never_arrived,
            orphans,
            ..
        } = self.totals;
        self.scope.is_whole().then_some(AttachmentsAudited {
            as_of: self.as_of,
            deep: self.deep,
            named,
            intact,
            damaged,
            missing,
            removed,
            quarantined,
            erased,
            never_arrived,
            orphans,
            took_ms: self.took_ms,
        })
    }
}

/// The last audit that the log records, and when it was; nothing where there is none.
///
/// # Errors
/// When the log cannot be read.
pub fn last(log: &dyn EventLog) -> Result<Option<(Timestamp, AttachmentsAudited)>, ReadError> {
    let version = log.stream_version(StreamId::AUDIT)?.get();
    // The very last may be on its way to the disk.
    let after = StreamVersion::new(version.saturating_sub(2));
    let newest = log.read_stream(StreamId::AUDIT, after, 2)?.pop();
    Ok(newest.and_then(|recorded| match recorded.event {
        Event::Audit(AuditEvent::AttachmentsAudited(audited)) => {
            Some((recorded.recorded_at, audited))
        }
        _ => None,
    }))
}

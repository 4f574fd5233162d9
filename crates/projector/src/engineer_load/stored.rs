//! An engineer as a snapshot keeps them, so that it does not depend on the shape of the domain's
//! state.

use domain::engineer::{Engineer, Freeze, FreezeReason, Leave, Place, ProfileSet};
use domain::{EngineerId, StreamVersion, TicketId, Timestamp};
use serde::{Deserialize, Serialize};

/// The name and telephone within the profile take no room in stored bytes.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredEngineer {
    id: EngineerId,
    version: StreamVersion,
    profile: ProfileSet,
    on_duty: bool,
    leave: Option<(Timestamp, Timestamp)>,
    on_call_until: Option<Timestamp>,
    online: bool,
    places: Vec<(TicketId, u32)>,
    frozen: Option<(Timestamp, FreezeReason)>,
}

impl StoredEngineer {
    pub(super) fn of(engineer: &Engineer, version: StreamVersion) -> Self {
        Self {
            id: engineer.id,
            version,
            profile: engineer.profile.clone(),
            on_duty: engineer.on_duty,
            leave: engineer.leave.map(|leave| (leave.from, leave.until)),
            on_call_until: engineer.on_call_until,
            online: engineer.online,
            places: (engineer.places.iter())
                .map(|place| (place.ticket, place.assignment))
                .collect(),
            frozen: engineer.frozen.map(|freeze| (freeze.until, freeze.reason)),
        }
    }

    pub(super) fn engineer(self) -> (Engineer, StreamVersion) {
        let places = self.places.into_iter();
        let engineer = Engineer {
            id: self.id,
            profile: self.profile,
            on_duty: self.on_duty,
            leave: self.leave.map(|(from, until)| Leave { from, until }),
            on_call_until: self.on_call_until,
            online: self.online,
            position: None,
            places: places.map(|(ticket, assignment)| Place { ticket, assignment }).collect(),
            frozen: self.frozen.map(|(until, reason)| Freeze { until, reason }),
        };
        (engineer, self.version)
    }
}

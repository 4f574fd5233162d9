//! What an engineer is, folded from the events.

use serde::Serialize;

use super::event::{EngineerEvent, FreezeReason, ProfileSet};
use crate::event::{CorruptHistory, Stamp};
use crate::id::{EngineerId, TicketId};
use crate::personal::Personal;
use crate::place::Coordinates;
use crate::reason::Filter;
use crate::ticket::Skill;
use crate::time::Timestamp;

/// A place that a ticket takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Place {
    /// Which.
    pub ticket: TicketId,
    /// Its assignment.
    pub assignment: u32,
}

/// Nothing new until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Freeze {
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: FreezeReason,
}

/// Away between these moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Leave {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// Where the engineer was last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastPosition {
    /// Where; nothing once it was erased.
    pub coordinates: Option<Coordinates>,
    /// When.
    pub at: Timestamp,
}

/// An engineer as they are now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Engineer {
    /// The id.
    pub id: EngineerId,
    /// The entry in the directory.
    #[serde(flatten)]
    pub profile: ProfileSet,
    /// 上班.
    pub on_duty: bool,
    /// Away.
    pub leave: Option<Leave>,
    /// On the on-call list until then.
    pub on_call_until: Option<Timestamp>,
    /// The phone is heard of.
    pub online: bool,
    /// Where last.
    pub position: Option<LastPosition>,
    /// The places that are taken.
    pub places: Vec<Place>,
    /// Nothing new.
    pub frozen: Option<Freeze>,
}

impl Engineer {
    /// The engineer after their first event.
    ///
    /// # Errors
    /// When that is not their entry into the directory.
    pub fn begin(
        id: EngineerId,
        event: &EngineerEvent,
        stamp: &Stamp,
    ) -> Result<Self, CorruptHistory> {
        let EngineerEvent::ProfileSet(profile) = event else {
            return Err(corrupt(event, stamp, "the engineer has no entry yet"));
        };
        Ok(Self {
            id,
            profile: profile.clone(),
            on_duty: false,
            leave: None,
            on_call_until: None,
            online: false,
            position: None,
            places: Vec::new(),
            frozen: None,
        })
    }

    /// The engineer after one more event.
    ///
    /// # Errors
    /// When the event cannot follow: a place that is not taken becomes free, or one is taken twice.
    pub fn evolve(&mut self, event: &EngineerEvent, stamp: &Stamp) -> Result<(), CorruptHistory> {
        match event {
            EngineerEvent::ProfileSet(profile) => self.profile.clone_from(profile),
            EngineerEvent::DutyStarted(_) => self.on_duty = true,
            EngineerEvent::DutyEnded(_) => self.on_duty = false,
            EngineerEvent::LeaveSet(set) => {
                self.leave =
                    (set.from < set.until).then_some(Leave { from: set.from, until: set.until });
            }
            EngineerEvent::OnCallSet(set) => self.on_call_until = set.until,
            EngineerEvent::WentOnline(_) => self.online = true,
            EngineerEvent::WentOffline(_) => self.online = false,
            EngineerEvent::Moved(moved) => {
                self.position = Some(LastPosition {
                    coordinates: match moved.position {
                        Personal::Known(coordinates) => Some(coordinates),
                        Personal::Erased => None,
                    },
                    at: stamp.occurred_at,
                });
            }
            EngineerEvent::PlaceTaken(taken) => {
                let place = Place { ticket: taken.ticket, assignment: taken.assignment };
                if self.places.contains(&place) {
                    return Err(corrupt(event, stamp, "the place is taken already"));
                }
                self.places.push(place);
            }
            EngineerEvent::PlaceFreed(freed) => {
                let place = Place { ticket: freed.ticket, assignment: freed.assignment };
                let Some(index) = self.places.iter().position(|taken| *taken == place) else {
                    return Err(corrupt(event, stamp, "the place is not taken"));
                };
                self.places.remove(index);
            }
            EngineerEvent::Frozen(frozen) => {
                self.frozen = Some(Freeze { until: frozen.until, reason: frozen.reason });
            }
            EngineerEvent::Unfrozen(_) => self.frozen = None,
        }
        Ok(())
    }

    /// How many places are free.
    pub fn free_places(&self) -> usize {
        usize::from(self.profile.capacity).saturating_sub(self.places.len())
    }

    /// The freeze, while it lasts.
    pub fn freeze_at(&self, now: Timestamp) -> Option<Freeze> {
        self.frozen.filter(|freeze| now < freeze.until)
    }

    /// Whether the engineer is away.
    pub fn is_on_leave(&self, now: Timestamp) -> bool {
        self.leave.is_some_and(|leave| leave.from <= now && now < leave.until)
    }

    /// Whether the engineer is on the on-call list.
    pub fn is_on_call(&self, now: Timestamp) -> bool {
        self.on_call_until.is_some_and(|until| now < until)
    }

    /// Why nothing can be assigned to the engineer now; nothing: it can.
    pub fn unavailable(&self, now: Timestamp) -> Option<Filter> {
        if self.profile.retired || !(self.on_duty || self.is_on_call(now)) {
            Some(Filter::OffDuty)
        } else if self.is_on_leave(now) {
            Some(Filter::OnLeave)
        } else if self.freeze_at(now).is_some() {
            Some(Filter::Frozen)
        } else if self.free_places() == 0 {
            Some(Filter::NoFreePlace)
        } else {
            None
        }
    }

    /// Whether the engineer is not at work: neither on duty nor on call, or on leave.
    pub fn is_away(&self, now: Timestamp) -> bool {
        matches!(self.unavailable(now), Some(Filter::OffDuty | Filter::OnLeave))
    }

    /// Whether the engineer has all these skills.
    pub fn has_skills(&self, needed: &[Skill]) -> bool {
        needed.iter().all(|skill| self.profile.skills.contains(skill))
    }
}

fn corrupt(event: &EngineerEvent, stamp: &Stamp, why: &'static str) -> CorruptHistory {
    CorruptHistory { event: event.name(), position: stamp.position, why }
}

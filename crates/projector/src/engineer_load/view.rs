//! What queries of engineers' load answer with.

use domain::engineer::{Freeze, Leave, Place};
use domain::ticket::Skill;
use domain::{AreaId, EngineerId, Filter, OutletId, StreamVersion, TicketId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{EngineerLoad, Row};

/// Which engineers. What is not said does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EngineerFilter {
    /// Of this outlet.
    pub outlet: Option<OutletId>,
    /// Of this area.
    pub area: Option<AreaId>,
    /// Who can be given something now, or who cannot.
    pub available: Option<bool>,
    /// On duty, or not.
    pub on_duty: Option<bool>,
    /// Online, or not.
    pub online: Option<bool>,
    /// Those who left the firm too.
    pub retired: bool,
}

/// How far the work is that takes a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlaceState {
    /// Not accepted yet.
    Assigned,
    /// Accepted.
    Accepted,
    /// Accepted, and stands still.
    OnHold,
}

/// A place that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaceView {
    /// By which ticket.
    pub ticket: TicketId,
    /// Its assignment.
    pub assignment: u32,
    /// How far.
    pub state: PlaceState,
}

/// How many places are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoadCounts {
    /// Taken in all.
    pub taken: usize,
    /// Free.
    pub free: usize,
    /// Taken and not accepted yet.
    pub assigned: usize,
    /// Accepted and going on.
    pub accepted: usize,
    /// Accepted and standing still.
    pub on_hold: usize,
}

/// An engineer's load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EngineerLoadRow {
    /// Who.
    pub id: EngineerId,
    /// The version of the engineer's stream.
    pub version: StreamVersion,
    /// The firm's own code.
    pub code: Option<String>,
    /// The outlet that the engineer goes out from.
    pub outlet: Option<OutletId>,
    /// The outlet's area.
    pub area: Option<AreaId>,
    /// What the engineer can do.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub skills: Vec<Skill>,
    /// How many tickets at once.
    pub capacity: u16,
    /// How many there are.
    pub load: LoadCounts,
    /// Which.
    pub places: Vec<PlaceView>,
    /// 上班.
    pub on_duty: bool,
    /// The leave that is entered, past or to come.
    pub leave: Option<Leave>,
    /// Away now.
    pub on_leave: bool,
    /// On the on-call list until then.
    pub on_call_until: Option<Timestamp>,
    /// On the on-call list now.
    pub on_call: bool,
    /// The phone is heard of.
    pub online: bool,
    /// The freeze that holds now.
    pub frozen: Option<Freeze>,
    /// No longer with the firm.
    pub retired: bool,
    /// Something can be assigned now.
    pub available: bool,
    /// Why not.
    pub unavailable: Option<Filter>,
}

/// The engineers whom a board shows first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Busiest {
    /// How many there are, without those who left.
    pub total: u64,
    /// Frozen ones first, then those with the least room; not more than were asked for.
    pub engineers: Vec<EngineerLoadRow>,
}

impl EngineerFilter {
    pub(super) fn lets_through(&self, row: &EngineerLoadRow) -> bool {
        (self.retired || !row.retired)
            && self.outlet.is_none_or(|outlet| row.outlet == Some(outlet))
            && self.area.is_none_or(|area| row.area == Some(area))
            && self.available.is_none_or(|available| row.available == available)
            && self.on_duty.is_none_or(|on_duty| row.on_duty == on_duty)
            && self.online.is_none_or(|online| row.online == online)
    }
}

impl EngineerLoad {
    pub(super) fn view(&self, row: &Row, now: Timestamp) -> EngineerLoadRow {
        let Row { engineer, version } = row;
        let places: Vec<_> = engineer.places.iter().map(|place| self.place(place)).collect();
        let in_state = |state| places.iter().filter(|place| place.state == state).count();
        let load = LoadCounts {
            taken: places.len(),
            free: engineer.free_places(),
            assigned: in_state(PlaceState::Assigned),
            accepted: in_state(PlaceState::Accepted),
            on_hold: in_state(PlaceState::OnHold),
        };
        let unavailable = engineer.unavailable(now);
        EngineerLoadRow {
            id: engineer.id,
            version: *version,
            code: engineer.profile.code.clone(),
            outlet: engineer.profile.outlet,
            area: engineer.profile.area,
            skills: engineer.profile.skills.clone(),
            capacity: engineer.profile.capacity,
            load,
            places,
            on_duty: engineer.on_duty,
            leave: engineer.leave,
            on_leave: engineer.is_on_leave(now),
            on_call_until: engineer.on_call_until,
            on_call: engineer.is_on_call(now),
            online: engineer.online,
            frozen: engineer.freeze_at(now),
            retired: engineer.profile.retired,
            available: unavailable.is_none(),
            unavailable,
        }
    }

    fn place(&self, place: &Place) -> PlaceView {
        let work = self.works.get(&place.ticket).filter(|work| work.assignment == place.assignment);
        let state = match work {
            None => PlaceState::Assigned,
            Some(work) if work.on_hold => PlaceState::OnHold,
            Some(_) => PlaceState::Accepted,
        };
        PlaceView { ticket: place.ticket, assignment: place.assignment, state }
    }
}

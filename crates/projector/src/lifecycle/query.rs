//! Questions to the lifecycle model.

use std::collections::BTreeMap;

use domain::{AreaId, CivilDate, CivilHour, OutletId, Timestamp};
use serde::Serialize;

use super::counts::{Cell, LifecycleCounts};
use super::places::Place;
use super::{Lifecycle, first_hour};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifecycleQuery {
    /// From this day of the firm's zone.
    pub from: CivilDate,
    /// To the end of this day.
    pub until: CivilDate,
    /// Of this area only.
    pub area: Option<AreaId>,
    /// Of this outlet only.
    pub outlet: Option<OutletId>,
}

/// An hour in which something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LifecycleHour {
    /// Which.
    #[serde(flatten)]
    pub hour: CivilHour,
    /// What happened in it.
    #[serde(flatten)]
    pub counts: LifecycleCounts,
}

/// What happened at an outlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LifecycleOutlet {
    /// Which; nothing for tickets that name none.
    pub outlet: Option<OutletId>,
    /// What happened there.
    #[serde(flatten)]
    pub counts: LifecycleCounts,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LifecycleDay {
    /// Which.
    pub day: CivilDate,
    /// All of it.
    pub total: LifecycleCounts,
    /// By outlet, in the order of their ids; outlets where nothing happened are left out.
    pub outlets: Vec<LifecycleOutlet>,
}

impl Lifecycle {
    /// The hours in which something happened, in order; the others are left out.
    pub fn hours(&self, query: &LifecycleQuery) -> Vec<LifecycleHour> {
        let mut hours: Vec<LifecycleHour> = Vec::new();
        for (hour, _, cell) in self.cells(query) {
            match hours.last_mut() {
                Some(last) if last.hour == hour => last.counts += cell,
                _ => {
                    let mut counts = LifecycleCounts::default();
                    counts += cell;
                    hours.push(LifecycleHour { hour, counts });
                }
            }
        }
        hours
    }

    /// A day of the firm's zone.
    pub fn day(&self, day: CivilDate) -> LifecycleDay {
        let query = LifecycleQuery { from: day, until: day, area: None, outlet: None };
        let mut total = LifecycleCounts::default();
        let mut outlets: BTreeMap<Option<OutletId>, LifecycleCounts> = BTreeMap::new();
        for (_, place, cell) in self.cells(&query) {
            total += cell;
            *outlets.entry(place.outlet).or_default() += cell;
        }
        let outlets = outlets.into_iter();
        let outlets = outlets.map(|(outlet, counts)| LifecycleOutlet { outlet, counts }).collect();
        LifecycleDay { day, total, outlets }
    }

    /// The day that it is in the firm's zone.
    pub fn today(&self, now: Timestamp) -> CivilDate {
        self.cases.zone().civil_date(now)
    }

    fn cells(&self, query: &LifecycleQuery) -> impl Iterator<Item = (CivilHour, Place, &Cell)> {
        let (area, outlet) = (query.area, query.outlet);
        let asked_for = move |place: &Place| {
            area.is_none_or(|area| place.area == Some(area))
                && outlet.is_none_or(|outlet| place.outlet == Some(outlet))
        };
        let until = query.until;
        let hours = self.hours.range(first_hour(query.from)..);
        let hours = hours.take_while(move |(hour, _)| hour.day <= until);
        hours
            .flat_map(|(hour, cells)| cells.iter().map(|(place, cell)| (*hour, *place, cell)))
            .filter_map(|(hour, place, cell)| Some((hour, *self.places.get(place)?, cell)))
            .filter(move |(_, place, _)| asked_for(place))
    }
}

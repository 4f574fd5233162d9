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

/// A day that was corrected by what was recorded after it was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LifecycleCorrection {
    /// Which.
    pub day: CivilDate,
    /// How many counts came, or were taken back, after the day was over.
    pub late: u64,
    /// When the last of them was recorded.
    pub corrected_at: Option<Timestamp>,
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

    /// The days that were corrected after they were over, in order.
    pub fn corrections(&self, query: &LifecycleQuery) -> Vec<LifecycleCorrection> {
        let mut days: Vec<LifecycleCorrection> = Vec::new();
        let all = self.late.range((query.from, 0)..=(query.until, u32::MAX));
        for ((day, place), found) in all {
            if !self.places.get(*place).is_some_and(|place| query.asks_for(place)) {
                continue;
            }
            let late = u64::from(found.late);
            match days.last_mut() {
                Some(last) if last.day == *day => {
                    last.late += late;
                    last.corrected_at = last.corrected_at.max(found.corrected_at);
                }
                _ => {
                    let corrected_at = found.corrected_at;
                    days.push(LifecycleCorrection { day: *day, late, corrected_at });
                }
            }
        }
        days
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

    fn cells(
        &self,
        query: &LifecycleQuery,
    ) -> impl Iterator<Item = (CivilHour, Place, &Cell)> + use<'_> {
        let (query, until) = (*query, query.until);
        let hours = self.hours.range(first_hour(query.from)..);
        let hours = hours.take_while(move |(hour, _)| hour.day <= until);
        hours
            .flat_map(|(hour, cells)| cells.iter().map(|(place, cell)| (*hour, *place, cell)))
            .filter_map(|(hour, place, cell)| Some((hour, *self.places.get(place)?, cell)))
            .filter(move |(_, place, _)| query.asks_for(place))
    }
}

impl LifecycleQuery {
    fn asks_for(&self, place: &Place) -> bool {
        self.area.is_none_or(|area| place.area == Some(area))
            && self.outlet.is_none_or(|outlet| place.outlet == Some(outlet))
    }
}

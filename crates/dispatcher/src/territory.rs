//! Which outlets belong together, and how many engineers an area needs.

use std::collections::{BTreeMap, BTreeSet};

use domain::directory::{AreaSet, OutletSet};
use domain::{AreaId, Coordinates, OutletId};

/// Outlets and areas.
#[derive(Debug, Clone, Default)]
pub(crate) struct Territory {
    areas: BTreeMap<OutletId, AreaId>,
    outlets: BTreeMap<AreaId, BTreeSet<OutletId>>,
    floors: BTreeMap<AreaId, u16>,
    positions: BTreeMap<OutletId, Coordinates>,
}

impl Territory {
    /// Whether the outlet belongs to another area than before.
    pub(crate) fn set_outlet(&mut self, id: OutletId, entry: &OutletSet) -> bool {
        match entry.position {
            Some(position) => self.positions.insert(id, position),
            None => self.positions.remove(&id),
        };
        let before = self.areas.get(&id).copied();
        if before == entry.area {
            return false;
        }
        if let Some(area) = before {
            self.areas.remove(&id);
            if let Some(outlets) = self.outlets.get_mut(&area) {
                outlets.remove(&id);
            }
        }
        if let Some(area) = entry.area {
            self.areas.insert(id, area);
            self.outlets.entry(area).or_default().insert(id);
        }
        true
    }

    pub(crate) fn set_area(&mut self, id: AreaId, entry: &AreaSet) {
        self.floors.insert(id, entry.engineers_min);
    }

    /// Where the outlet is, if that was entered.
    pub(crate) fn position_of(&self, outlet: OutletId) -> Option<Coordinates> {
        self.positions.get(&outlet).copied()
    }

    pub(crate) fn area_of(&self, outlet: OutletId) -> Option<AreaId> {
        self.areas.get(&outlet).copied()
    }

    /// How many engineers the area needs, where it says so.
    pub(crate) fn floor(&self, area: AreaId) -> Option<u16> {
        self.floors.get(&area).copied()
    }

    /// The outlet itself, and the others of its area.
    pub(crate) fn around(&self, outlet: OutletId) -> impl Iterator<Item = OutletId> {
        let area = self.area_of(outlet);
        let others = area.and_then(|area| self.outlets.get(&area));
        let others = others.into_iter().flatten().copied();
        std::iter::once(outlet).chain(others.filter(move |other| *other != outlet))
    }
}

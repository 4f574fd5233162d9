//! Areas and outlets by small numbers: a year of hours has many cells, and few places.

use std::collections::HashMap;

use domain::{AreaId, OutletId};
use serde::{Deserialize, Serialize};

/// Where a ticket belongs; nothing where it names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) area: Option<AreaId>,
    pub(super) outlet: Option<OutletId>,
}

/// All places that anything was counted at, numbered in the order of the log.
#[derive(Debug, Default)]
pub(super) struct Places {
    by_number: Vec<Place>,
    numbers: HashMap<Place, u32>,
}

impl Places {
    pub(super) fn number(&mut self, place: Place) -> u32 {
        // Places are far fewer than 2^32: each was named in an event that lies in the log.
        let next = u32::try_from(self.by_number.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(place).or_insert_with(|| {
            self.by_number.push(place);
            next
        })
    }

    pub(super) fn get(&self, number: u32) -> Option<&Place> {
        self.by_number.get(usize::try_from(number).ok()?)
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Place> {
        self.by_number.iter()
    }
}

//! The firm's rules that counts depend on, as they were when each event was recorded.

use domain::rules::Rules;
use domain::{CivilDate, GlobalPosition, Timestamp, Zone};
use serde::{Deserialize, Serialize};

use crate::body::{BodyError, BodyReader, BodyWriter};

/// The rules from one position on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeldRules {
    from: GlobalPosition,
    zone: String,
    /// A rating below so many stars is low.
    low_stars: u8,
}

impl HeldRules {
    fn new(from: GlobalPosition, rules: &Rules) -> Self {
        Self { from, zone: rules.zone.clone(), low_stars: rules.board.low_stars }
    }

    /// The publication that they came with; zero for those that held at first.
    pub(super) const fn from(&self) -> GlobalPosition {
        self.from
    }

    pub(super) fn zone(&self) -> Zone {
        Zone::or_utc(&self.zone)
    }

    pub(super) fn is_low(&self, stars: Option<u8>) -> bool {
        stars.is_some_and(|stars| stars < self.low_stars)
    }
}

/// All rules that the firm had.
#[derive(Debug)]
pub(super) struct FirmRules {
    earlier: Vec<HeldRules>,
    now: HeldRules,
    zone: Zone,
}

impl Default for FirmRules {
    fn default() -> Self {
        Self::begin(&Rules::default())
    }
}

impl FirmRules {
    /// These rules, from the first event on.
    pub(super) fn begin(rules: &Rules) -> Self {
        let now = HeldRules::new(GlobalPosition::ZERO, rules);
        Self { earlier: Vec::new(), zone: now.zone(), now }
    }

    /// The rules that hold.
    pub(super) const fn now(&self) -> &HeldRules {
        &self.now
    }

    /// Their zone.
    pub(super) const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The rules that held when an event was recorded.
    pub(super) fn at(&self, position: GlobalPosition) -> &HeldRules {
        let held = self.held().rev().find(|held| held.from <= position);
        held.unwrap_or(&self.now)
    }

    pub(super) fn publish(&mut self, from: GlobalPosition, rules: &Rules) {
        let held = HeldRules::new(from, rules);
        // Most publications are about other rules.
        if (&held.zone, held.low_stars) != (&self.now.zone, self.now.low_stars) {
            self.zone = held.zone();
            self.earlier.push(std::mem::replace(&mut self.now, held));
        }
    }

    pub(super) fn held(&self) -> impl DoubleEndedIterator<Item = &HeldRules> {
        self.earlier.iter().chain([&self.now])
    }

    pub(super) fn encode(&self, body: &mut BodyWriter) -> Result<(), BodyError> {
        body.rows(self.earlier.iter())?;
        body.row(&self.now)
    }

    pub(super) fn decode(body: &mut BodyReader<'_>) -> Result<Self, BodyError> {
        let mut earlier = Vec::new();
        body.rows(|held| {
            earlier.push(held);
            Ok(())
        })?;
        let now: HeldRules = body.row()?;
        Ok(Self { earlier, zone: now.zone(), now })
    }
}

/// A span of the firm's clock that is counted by.
pub(crate) trait Span: Copy + std::fmt::Debug {
    /// The span that a moment belongs to.
    fn of(zone: &Zone, at: Timestamp) -> Self;
    /// The day that the span is of.
    fn day(self) -> CivilDate;
}

impl Span for CivilDate {
    fn of(zone: &Zone, at: Timestamp) -> Self {
        zone.civil_date(at)
    }

    fn day(self) -> CivilDate {
        self
    }
}

impl Span for domain::CivilHour {
    fn of(zone: &Zone, at: Timestamp) -> Self {
        zone.civil_hour(at)
    }

    fn day(self) -> CivilDate {
        self.day
    }
}

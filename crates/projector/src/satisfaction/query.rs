//! Questions to the satisfaction model.

use std::collections::BTreeMap;
use std::ops::Bound::{Included, Unbounded};

use domain::{AreaId, CivilDate, EngineerId, IsoWeek, OutletId, Timestamp};
use serde::{Deserialize, Serialize};

use super::Satisfaction;
use super::cell::{Cell, CellKey, FirstResponse};

/// By what it is broken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SatisfactionBy {
    /// By engineer.
    Engineer,
    /// By outlet.
    Outlet,
    /// By area.
    Area,
    /// By day of the firm's zone.
    #[default]
    Day,
    /// By week from Monday to Sunday.
    Week,
}

/// What is asked. Days are included at both ends; what is not said does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SatisfactionQuery {
    /// By what.
    pub by: SatisfactionBy,
    /// From this day.
    pub from: Option<CivilDate>,
    /// To this day.
    pub until: Option<CivilDate>,
    /// Of this area only.
    pub area: Option<AreaId>,
    /// Of this outlet only.
    pub outlet: Option<OutletId>,
    /// Of this engineer only.
    pub engineer: Option<EngineerId>,
}

/// What a row is about; nothing where the tickets name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SatisfactionOf {
    /// An engineer.
    Engineer(Option<EngineerId>),
    /// An outlet.
    Outlet(Option<OutletId>),
    /// An area.
    Area(Option<AreaId>),
    /// A day.
    Day(CivilDate),
    /// A week.
    Week(IsoWeek),
}

/// A row of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SatisfactionRow {
    /// What it is about, under the name of the breakdown.
    #[serde(flatten)]
    pub of: SatisfactionOf,
    /// 完工.
    pub resolved: u64,
    /// 解决满意.
    pub satisfied: u64,
    /// 部分解决.
    pub partial: u64,
    /// 未解决.
    pub unresolved: u64,
    /// Answers with fewer stars than `board.low_stars` of the rules, of any verdict.
    pub low: u64,
    /// Closed because the customer did not answer; no satisfaction.
    pub closed_by_silence: u64,
    /// Closed by an agent.
    pub closed_by_agent: u64,
    /// Opened again.
    pub reopened: u64,
    /// Done in another system.
    pub imported_resolved: u64,
    /// Closed in another system.
    pub imported_closed: u64,
    /// Opened again in another system.
    pub imported_reopened: u64,
    /// How many gave stars.
    pub stars_count: u64,
    /// All stars together.
    pub stars_sum: u64,
    /// How often 1, 2, 3, 4 and 5 stars were given.
    pub stars: [u64; 5],
    /// From report to first acceptance; nothing where nothing was accepted.
    pub first_response: Option<FirstResponse>,
    /// How many counts came, or were taken back, after their day was over.
    pub late: u64,
    /// When the last of those was recorded; nothing where no day was corrected.
    pub corrected_at: Option<Timestamp>,
}

/// A sum over cells.
#[derive(Debug, Default)]
struct Sum {
    counts: [u64; 11],
    stars: [u64; 5],
    first_responses: Vec<u32>,
    late: u64,
    corrected_at: Option<Timestamp>,
}

impl Sum {
    fn add(&mut self, cell: &Cell) {
        let counts = [
            cell.resolved,
            cell.satisfied,
            cell.partial,
            cell.unresolved,
            cell.low,
            cell.closed_by_silence,
            cell.closed_by_agent,
            cell.reopened,
            cell.imported_resolved,
            cell.imported_closed,
            cell.imported_reopened,
        ];
        for (sum, count) in self.counts.iter_mut().zip(counts) {
            *sum += u64::from(count);
        }
        for (sum, count) in self.stars.iter_mut().zip(cell.stars) {
            *sum += u64::from(count);
        }
        self.first_responses.extend_from_slice(&cell.first_responses);
        self.late += u64::from(cell.late);
        self.corrected_at = self.corrected_at.max(cell.corrected_at);
    }

    fn row(self, of: SatisfactionOf) -> SatisfactionRow {
        let [
            resolved,
            satisfied,
            partial,
            unresolved,
            low,
            closed_by_silence,
            closed_by_agent,
            reopened,
            imported_resolved,
            imported_closed,
            imported_reopened,
        ] = self.counts;
        SatisfactionRow {
            of,
            resolved,
            satisfied,
            partial,
            unresolved,
            low,
            closed_by_silence,
            closed_by_agent,
            reopened,
            imported_resolved,
            imported_closed,
            imported_reopened,
            stars_count: self.stars.iter().sum(),
            stars_sum: self.stars.iter().zip(1..).map(|(count, stars)| count * stars).sum(),
            stars: self.stars,
            first_response: FirstResponse::of(self.first_responses),
            late: self.late,
            corrected_at: self.corrected_at,
        }
    }
}

impl Satisfaction {
    /// The counts, broken down; rows in the order of what they are about.
    pub fn rollup(&self, query: &SatisfactionQuery) -> Vec<SatisfactionRow> {
        let mut sums: BTreeMap<SatisfactionOf, Sum> = BTreeMap::new();
        // A day's cells are side by side, so a question about a week does not walk through years.
        let first = query.from.map(|day| CellKey { day, area: None, outlet: None, engineer: None });
        let cells = self.cells.range((first.map_or(Unbounded, Included), Unbounded));
        let cells = cells.take_while(|(key, _)| query.until.is_none_or(|until| key.day <= until));
        for (key, cell) in cells {
            if query.asks_for(key)
                && let Some(of) = self.of(query.by, key)
            {
                sums.entry(of).or_default().add(cell);
            }
        }
        sums.into_iter().map(|(of, sum)| sum.row(of)).collect()
    }

    fn of(&self, by: SatisfactionBy, key: &CellKey) -> Option<SatisfactionOf> {
        Some(match by {
            SatisfactionBy::Engineer => SatisfactionOf::Engineer(key.engineer),
            SatisfactionBy::Outlet => SatisfactionOf::Outlet(key.outlet),
            SatisfactionBy::Area => SatisfactionOf::Area(key.area),
            SatisfactionBy::Day => SatisfactionOf::Day(key.day),
            SatisfactionBy::Week => SatisfactionOf::Week(*self.weeks.get(&key.day)?),
        })
    }
}

impl SatisfactionQuery {
    fn asks_for(&self, key: &CellKey) -> bool {
        self.area.is_none_or(|area| key.area == Some(area))
            && self.outlet.is_none_or(|outlet| key.outlet == Some(outlet))
            && self.engineer.is_none_or(|engineer| key.engineer == Some(engineer))
    }
}

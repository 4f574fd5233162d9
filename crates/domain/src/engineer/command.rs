//! What can be asked of an engineer's entry.

use serde::{Deserialize, Serialize};

use super::event::{
    DutySource, FreezeReason, OfflineReason, PersonCard, ProfileSet, UnfreezeReason,
};
use crate::calendar::WeeklyHours;
use crate::id::OutletId;
use crate::place::Coordinates;
use crate::ticket::Skill;
use crate::time::Timestamp;

/// The whole entry of an engineer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// The firm's own code.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub code: Option<String>,
    /// The outlet that the engineer goes out from.
    pub outlet: Option<OutletId>,
    /// What the engineer can do.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 50))]
    pub skills: Vec<Skill>,
    /// How many tickets at once, 1 to 1000; by the rules where absent.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1000))]
    pub capacity: Option<u16>,
    /// The weekly roster; empty: duty is said by hand.
    pub roster: WeeklyHours,
    /// The roster's time zone; the firm's where absent.
    #[cfg_attr(feature = "openapi", schema(format = "time-zone", example = "Asia/Shanghai"))]
    pub zone: Option<String>,
    /// No longer with the firm.
    pub retired: bool,
    /// Name.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub name: Option<String>,
    /// Telephone number.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub phone: Option<String>,
}

/// What was recorded, in the shape in which it is put. What was erased is nothing.
impl From<&ProfileSet> for Profile {
    fn from(set: &ProfileSet) -> Self {
        let PersonCard { name, phone } = set.card.known().cloned().unwrap_or_default();
        Self {
            code: set.code.clone(),
            outlet: set.outlet,
            skills: set.skills.clone(),
            capacity: Some(set.capacity),
            roster: set.roster.clone(),
            zone: Some(set.zone.clone()),
            retired: set.retired,
            name,
            phone,
        }
    }
}

/// Everything that can be asked of an engineer's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineerCommand {
    /// Enters the engineer, or changes the entry.
    Put(Profile),
    /// 上班.
    StartDuty(DutySource),
    /// 下班.
    EndDuty(DutySource),
    /// Sets a leave; an empty span cancels it.
    SetLeave {
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// Puts on the on-call list, or takes off it.
    SetOnCall {
        /// Until when; absent: off the list.
        until: Option<Timestamp>,
    },
    /// The phone is heard of.
    GoOnline,
    /// The phone is no longer heard of.
    GoOffline(OfflineReason),
    /// The engineer is somewhere else now.
    Move(Coordinates),
    /// Nothing new until then; the end of the firm's day where absent.
    Freeze {
        /// Until when.
        until: Option<Timestamp>,
        /// Why.
        reason: FreezeReason,
        /// More about it.
        words: String,
    },
    /// Ends a freeze early.
    Unfreeze(UnfreezeReason),
}

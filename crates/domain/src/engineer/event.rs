//! What happens to an engineer. Stored shapes, frozen as those of tickets are.

use serde::{Deserialize, Serialize};

use crate::attachment::Words;
use crate::calendar::WeeklyHours;
use crate::id::{AreaId, OutletId, TicketId};
use crate::personal::Personal;
use crate::place::Coordinates;
use crate::ticket::Skill;
use crate::time::Timestamp;

/// Who an engineer is, for people.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PersonCard {
    /// Name.
    pub name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

/// What began or ended a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DutySource {
    /// The engineer or a supervisor said so.
    ByHand,
    /// The weekly roster.
    Roster,
}

/// Why an engineer is no longer online.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OfflineReason {
    /// Signed out.
    SignedOut,
    /// Nothing was heard for as long as a lease lasts.
    LeaseEnded,
}

/// Why a place is free again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlaceFreedReason {
    /// Not accepted in time.
    TimedOut,
    /// Declined.
    Declined,
    /// Given back.
    Returned,
    /// Taken back.
    Withdrawn,
    /// A colleague took it over.
    Transferred,
    /// Done.
    Resolved,
    /// The ticket ended otherwise.
    TicketEnded,
}

/// Why an engineer gets nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FreezeReason {
    /// A customer answered 未解决 to this ticket.
    Unresolved(TicketId),
    /// A person said so.
    ByHand,
}

/// Why a freeze ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UnfreezeReason {
    /// A supervisor lifted it.
    Lifted,
    /// The customer took the answer to this ticket back.
    AnswerRetracted(TicketId),
}

macro_rules! engineer_events {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* })*

        /// Everything that can happen to an engineer.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum EngineerEvent { $($(#[$doc])* $name($name),)* }

        impl EngineerEvent {
            /// The schemas of all payloads, each under the name of its event, and of what they
            /// refer to. Answers with the names.
            #[cfg(feature = "openapi")]
            pub fn schemas(named: &mut Vec<crate::Named>) -> Vec<&'static str> {
                $(crate::schema::add::<$name>(named);)*
                vec![$(stringify!($name),)*]
            }

            /// The event's name; the API gives it as the event's `type`.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($name),)* }
            }

            /// Reads an event of this name from its own fields; nothing where the name is none of
            /// these.
            ///
            /// # Errors
            /// Whatever the format says of wrong fields.
            pub fn read<'de, D: serde::Deserializer<'de>>(
                name: &str,
                fields: D,
            ) -> Option<Result<Self, D::Error>> {
                match name {
                    $(stringify!($name) => Some($name::deserialize(fields).map(Self::$name)),)*
                    _ => None,
                }
            }
        }

        $(impl From<$name> for EngineerEvent {
            fn from(event: $name) -> Self { Self::$name(event) }
        })*
    };
}

engineer_events! {
    /// The engineer was entered into the directory, or the entry changed.
    ProfileSet {
        /// The firm's own code.
        code: Option<String>,
        /// The outlet that the engineer goes out from.
        outlet: Option<OutletId>,
        /// The outlet's area.
        area: Option<AreaId>,
        /// What the engineer can do.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
        skills: Vec<Skill>,
        /// How many tickets at once.
        capacity: u16,
        /// The weekly roster; empty: duty is said by hand.
        roster: WeeklyHours,
        /// The roster's time zone.
        zone: String,
        /// No longer with the firm.
        retired: bool,
        /// Name and telephone.
        card: Personal<PersonCard>,
    }
    /// 上班.
    DutyStarted {
        /// What began it.
        source: DutySource,
    }
    /// 下班.
    DutyEnded {
        /// What ended it.
        source: DutySource,
    }
    /// On leave; an empty span cancels the leave.
    LeaveSet {
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
    }
    /// On the on-call list until then.
    OnCallSet {
        /// Until when; absent: no longer.
        until: Option<Timestamp>,
    }
    /// The phone is heard of.
    WentOnline {}
    /// The phone is no longer heard of.
    WentOffline {
        /// Why.
        why: OfflineReason,
    }
    /// The engineer is somewhere else now.
    Moved {
        /// Where.
        position: Personal<Coordinates>,
    }
    /// A ticket takes one of the engineer's places.
    PlaceTaken {
        /// Which.
        ticket: TicketId,
        /// Its assignment.
        assignment: u32,
    }
    /// The place is free again.
    PlaceFreed {
        /// Which.
        ticket: TicketId,
        /// Its assignment.
        assignment: u32,
        /// Why.
        why: PlaceFreedReason,
    }
    /// The engineer gets nothing new until then; work in progress stays.
    Frozen {
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: FreezeReason,
        /// More about it.
        words: Personal<Words>,
    }
    /// The freeze ended early.
    Unfrozen {
        /// Why.
        why: UnfreezeReason,
    }
}

//! Customers, devices, outlets and areas. Each event holds the whole entry. Stored shapes, frozen
//! as those of tickets are.

use serde::{Deserialize, Serialize};

use crate::calendar::ServiceHours;
use crate::event_enum::event_enum;
use crate::id::{AreaId, CustomerId, OutletId, StaffId};
use crate::personal::Personal;
use crate::place::Coordinates;
use crate::ticket::Skill;
use crate::time::Timestamp;

/// What a contact of a customer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContactRole {
    /// Reports.
    Reports,
    /// Is on site.
    OnSite,
    /// Confirms.
    Confirms,
}

impl ContactRole {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reports, Self::OnSite, Self::Confirms];
}

/// Somebody at a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Name.
    pub name: String,
    /// Telephone number.
    pub phone: Option<String>,
    /// What they do.
    pub roles: Vec<ContactRole>,
}

/// Who a customer is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerCard {
    /// Name.
    pub name: Option<String>,
    /// Where, in words.
    pub place: Option<String>,
    /// Where, on the map.
    pub position: Option<Coordinates>,
    /// Whom to talk to.
    pub contacts: Vec<Contact>,
}

/// Where a device stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DevicePlace {
    /// In words.
    pub place: Option<String>,
    /// On the map.
    pub position: Option<Coordinates>,
}

/// Somebody with a post in an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StaffCard {
    /// Who.
    pub id: StaffId,
    /// Name.
    pub name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

/// A customer's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerSet {
    /// The firm's own code.
    pub code: Option<String>,
    /// The outlet that usually serves them.
    pub outlet: Option<OutletId>,
    /// Who they are.
    pub card: Personal<CustomerCard>,
}

/// A device's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceSet {
    /// The firm's own code.
    pub code: Option<String>,
    /// Whose.
    pub customer: Option<CustomerId>,
    /// The outlet that serves it.
    pub outlet: Option<OutletId>,
    /// What it is.
    pub model: Option<String>,
    /// Which one it is.
    pub serial: Option<String>,
    /// What it takes to repair it.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub skills: Vec<Skill>,
    /// Until when the warranty holds.
    pub warranty_until: Option<Timestamp>,
    /// Where it stands.
    pub place: Personal<DevicePlace>,
}

/// An outlet's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutletSet {
    /// The firm's own code.
    pub code: Option<String>,
    /// What it is called.
    pub name: String,
    /// Its area.
    pub area: Option<AreaId>,
    /// Where it is.
    pub position: Option<Coordinates>,
    /// When it serves.
    pub hours: ServiceHours,
}

/// An area's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AreaSet {
    /// The firm's own code.
    pub code: Option<String>,
    /// What it is called.
    pub name: String,
    /// The supervisor 片区主管.
    pub supervisor: Option<StaffId>,
    /// The deputy.
    pub deputy: Option<StaffId>,
    /// The director 服务总监.
    pub director: Option<StaffId>,
    /// How many engineers it needs; no freeze takes it below.
    pub engineers_min: u16,
    /// Names and telephone numbers of those.
    pub staff: Personal<Vec<StaffCard>>,
}

event_enum! {
    /// What can happen to a customer.
    CustomerEvent {
        /// The entry was made or changed.
        CustomerSet,
    }
}

event_enum! {
    /// What can happen to a device.
    DeviceEvent {
        /// The entry was made or changed.
        DeviceSet,
    }
}

event_enum! {
    /// What can happen to an outlet.
    OutletEvent {
        /// The entry was made or changed.
        OutletSet,
    }
}

event_enum! {
    /// What can happen to an area.
    AreaEvent {
        /// The entry was made or changed.
        AreaSet,
    }
}

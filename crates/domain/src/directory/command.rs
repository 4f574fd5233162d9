//! Entries as they are put into the directory; also the bodies of the gateway's requests.

use serde::{Deserialize, Serialize};

use super::event::{Contact, StaffCard};
use crate::calendar::ServiceHours;
use crate::id::{AreaId, CustomerId, OutletId, StaffId};
use crate::place::Coordinates;
use crate::ticket::Skill;
use crate::time::Timestamp;

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CustomerEntry {
    /// The firm's own code.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub code: Option<String>,
    /// The outlet that usually serves them.
    pub outlet: Option<OutletId>,
    /// Name.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub name: Option<String>,
    /// Where, in words.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub place: Option<String>,
    /// Where, on the map.
    pub position: Option<Coordinates>,
    /// Whom to talk to.
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub contacts: Vec<Contact>,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DeviceEntry {
    /// The firm's own code.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub code: Option<String>,
    /// Whose.
    pub customer: Option<CustomerId>,
    /// The outlet that serves it.
    pub outlet: Option<OutletId>,
    /// What it is.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub model: Option<String>,
    /// Which one it is.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub serial: Option<String>,
    /// What it takes to repair it.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 50))]
    pub skills: Vec<Skill>,
    /// Until when the warranty holds.
    pub warranty_until: Option<Timestamp>,
    /// Where, in words.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub place: Option<String>,
    /// Where, on the map.
    pub position: Option<Coordinates>,
}

/// An outlet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct OutletEntry {
    /// The firm's own code.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub code: Option<String>,
    /// What it is called.
    #[cfg_attr(feature = "openapi", schema(required = true, min_length = 1, max_length = 200))]
    pub name: String,
    /// Its area.
    pub area: Option<AreaId>,
    /// Where it is.
    pub position: Option<Coordinates>,
    /// When it serves; always where absent.
    pub hours: Option<ServiceHours>,
}

/// An area.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AreaEntry {
    /// The firm's own code.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub code: Option<String>,
    /// What it is called.
    #[cfg_attr(feature = "openapi", schema(required = true, min_length = 1, max_length = 200))]
    pub name: String,
    /// The supervisor 片区主管.
    pub supervisor: Option<StaffId>,
    /// The deputy.
    pub deputy: Option<StaffId>,
    /// The director 服务总监.
    pub director: Option<StaffId>,
    /// How many engineers it needs; by the rules where absent.
    pub engineers_min: Option<u16>,
    /// Names and telephone numbers of those.
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub staff: Vec<StaffCard>,
}

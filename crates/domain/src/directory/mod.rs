//! The directory: customers, devices, outlets, areas.

mod command;
mod event;

pub use command::{AreaEntry, CustomerEntry, DeviceEntry, OutletEntry};
pub use event::{
    AreaEvent, AreaSet, Contact, ContactRole, CustomerCard, CustomerEvent, CustomerSet,
    DeviceEvent, DevicePlace, DeviceSet, OutletEvent, OutletSet, StaffCard,
};

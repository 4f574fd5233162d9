//! The directory: customers, devices, outlets, areas.

mod command;
mod decide;
mod event;
mod read_back;

pub use command::{AreaEntry, CustomerEntry, DeviceEntry, OutletEntry};
pub use decide::{Area, Customer, Device, Outlet};
pub(crate) use decide::{put_area, put_customer, put_device, put_outlet};
pub use event::{
    AreaEvent, AreaSet, Contact, ContactRole, CustomerCard, CustomerEvent, CustomerSet,
    DeviceEvent, DevicePlace, DeviceSet, OutletEvent, OutletSet, StaffCard,
};

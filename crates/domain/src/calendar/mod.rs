//! Service hours, rosters and the clock that stands still outside them.
//!
//! A window belongs to the day on which it begins, also when it passes midnight. Moments follow the
//! wall clock of a zone: a time that the clock skips is the moment of the skip, and a time that it
//! shows twice is the first of the two.
//!
//! The hours of a zone come from the database within the binary, never from the machine's. A newer
//! database may answer differently, so what was decided by it is stored as a moment.

mod civil;
mod openings;
mod service_hours;
#[cfg(test)]
mod tests;
mod text;
mod weekly;
mod zone;

pub use civil::{CivilDate, CivilHour, IsoWeek, ParseCivilDateError, ParseIsoWeekError};
pub use service_hours::{DayException, ServiceHours, ServiceHoursError};
pub use text::HoursError;
pub use weekly::{WeeklyHours, Window};
pub use zone::{UnknownZone, Zone};

/// Days that are looked at for the next opening before it counts as never.
const QUIET_DAYS_MAX: u32 = 400;
/// Windows that begin on one day.
const DAY_WINDOWS_MAX: usize = 12;
/// Minutes of a day on the wall clock.
const DAY_MINUTES: u16 = 1_440;

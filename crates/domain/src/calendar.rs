//! Service hours, rosters and the clock that stands still outside them.
use serde::{Deserialize, Serialize};
/// Weekly windows; see the file's head.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WeeklyHours(pub Vec<Window>);
/// One window of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// 1 is Monday, 7 Sunday.
    pub weekday: u8,
    /// Minutes after midnight, 0 to 1439.
    pub from: u16,
    /// Minutes after midnight, up to 2880: past midnight into the next day.
    pub until: u16,
}
/// A date that is not as its weekday is: a holiday, or a working day by 调休.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayException {
    /// Year.
    pub year: i16,
    /// Month.
    pub month: u8,
    /// Day.
    pub day: u8,
    /// The windows of that day, as of a weekday; empty: closed.
    pub windows: Vec<(u16, u16)>,
}
/// When an outlet serves.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ServiceHours {
    /// An IANA name.
    pub zone: String,
    /// The windows; empty: always.
    pub weekly: WeeklyHours,
    /// Dates that are not as their weekday is.
    pub exceptions: Vec<DayException>,
}
impl ServiceHours {
    /// Always open.
    pub fn always(zone: &str) -> Self {
        Self { zone: zone.into(), ..Self::default() }
    }
}
impl ServiceHours {
    /// Stub.
    pub fn due_after(
        &self,
        start: crate::Timestamp,
        span: std::time::Duration,
    ) -> crate::Timestamp {
        start.plus(span)
    }
}
/// Stub.
pub fn end_of_day(_zone: &str, at: crate::Timestamp) -> crate::Timestamp {
    at.plus(std::time::Duration::from_secs(86_400))
}

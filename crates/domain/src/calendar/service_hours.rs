//! When an outlet serves, and the clock that runs only then.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::civil::CivilDate;
use super::openings::{Openings, end_of};
use super::text::{self, HoursError, Times};
use super::weekly::WeeklyHours;
use super::zone::{UnknownZone, Zone};
use super::{DAY_WINDOWS_MAX, QUIET_DAYS_MAX};
use crate::schema::written_as;
use crate::time::Timestamp;

/// Dates with hours of their own: about ten years of holidays.
const EXCEPTIONS_MAX: usize = 400;
/// The clock is followed for a hundred years of 365.25 days.
const FOLLOWED_MAX: Duration = Duration::from_secs(36_525 * 86_400);

/// A date that is not as its weekday is: a holiday, or a working day by 调休. Its windows replace
/// those that would begin on it; a window of the day before still runs to its end.
///
/// People write `{"date": "2026-10-01", "hours": "09:00-12:00"}`; empty hours are closed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DayException {
    date: CivilDate,
    windows: Vec<(u16, u16)>,
}

impl DayException {
    /// A date with these windows, in any order: minutes after midnight as in
    /// [`Window`](super::Window). None: closed.
    pub fn new(date: CivilDate, mut windows: Vec<(u16, u16)>) -> Result<Self, HoursError> {
        if windows.len() > DAY_WINDOWS_MAX {
            return Err(HoursError::TooMany(windows.len()));
        }
        windows.sort_unstable();
        for &(from, until) in &windows {
            text::check_times(from, until)?;
        }
        for pair in windows.windows(2) {
            if let [first, second] = pair
                && first.1 > second.0
            {
                return Err(HoursError::Overlap {
                    first: Times(first.0, first.1).to_string(),
                    second: Times(second.0, second.1).to_string(),
                });
            }
        }
        Ok(Self { date, windows })
    }

    /// A date with hours as people write them: `09:00-12:00 14:00-18:00`, or nothing for closed.
    pub fn parse(date: CivilDate, hours: &str) -> Result<Self, HoursError> {
        Self::new(date, text::parse_times(hours)?)
    }

    /// Which date.
    pub const fn date(&self) -> CivilDate {
        self.date
    }

    /// Its windows, sorted: minutes after midnight.
    pub fn windows(&self) -> &[(u16, u16)] {
        &self.windows
    }
}

/// The hours alone, as people write them.
impl fmt::Display for DayException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write_times(f, self.windows.iter().copied())
    }
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = DayException))]
#[serde(deny_unknown_fields)]
struct ReadableException {
    /// A date that is not as its weekday is.
    date: CivilDate,
    /// Its hours, such as `09:00-12:00 14:00-18:00`; empty: closed.
    #[cfg_attr(feature = "openapi", schema(format = "day-hours", example = "09:00-12:00"))]
    hours: String,
}

written_as!(DayException => ReadableException);

impl Serialize for DayException {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            ReadableException { date: self.date, hours: self.to_string() }.serialize(serializer)
        } else {
            (self.date, &self.windows).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for DayException {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let ReadableException { date, hours } = Deserialize::deserialize(deserializer)?;
            Self::parse(date, &hours)
                .map_err(|error| serde::de::Error::custom(format_args!("{date}: {error}")))
        } else {
            let (date, windows) = Deserialize::deserialize(deserializer)?;
            Ok(Self { date, windows })
        }
    }
}

/// Service hours that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceHoursError {
    /// No such time zone.
    #[error(transparent)]
    UnknownZone(#[from] UnknownZone),
    /// A date stands twice among the exceptions.
    #[error("{0} has two entries; write all its hours in one")]
    DateTwice(CivilDate),
    /// More exceptions than anybody needs.
    #[error("{0} dates have hours of their own; write at most {EXCEPTIONS_MAX}")]
    TooManyExceptions(usize),
}

/// When an outlet serves: the windows of its week, but for the dates that have their own.
///
/// Without weekly windows it serves at any hour of every other date. Bytes are believed, as those
/// of [`WeeklyHours`] are; a zone that the database does not have counts as UTC.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServiceHours {
    zone: String,
    weekly: WeeklyHours,
    exceptions: Vec<DayException>,
}

impl ServiceHours {
    /// These hours; exceptions in any order.
    pub fn new(
        zone: &str,
        weekly: WeeklyHours,
        mut exceptions: Vec<DayException>,
    ) -> Result<Self, ServiceHoursError> {
        let zone = Zone::new(zone)?.name().to_owned();
        if exceptions.len() > EXCEPTIONS_MAX {
            return Err(ServiceHoursError::TooManyExceptions(exceptions.len()));
        }
        exceptions.sort_by_key(DayException::date);
        for pair in exceptions.windows(2) {
            if let [first, second] = pair
                && first.date == second.date
            {
                return Err(ServiceHoursError::DateTwice(first.date));
            }
        }
        Ok(Self { zone, weekly, exceptions })
    }

    /// Always open. The zone is not checked here: of hours that never change it decides nothing,
    /// and rules that name an unknown one are refused as a whole.
    pub fn always(zone: &str) -> Self {
        Self { zone: zone.into(), weekly: WeeklyHours::default(), exceptions: Vec::new() }
    }

    /// The IANA name of the zone, as it is stored.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// The windows of the week; none: at any hour.
    pub const fn weekly(&self) -> &WeeklyHours {
        &self.weekly
    }

    /// The dates with hours of their own, in order.
    pub fn exceptions(&self) -> &[DayException] {
        &self.exceptions
    }

    /// Whether it serves at a moment.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.never_closes()
            || Openings::is_open(&Zone::or_utc(&self.zone), &self.weekly, &self.exceptions, at)
    }

    /// The first moment from `at` on at which it serves: `at` itself when it does then. Nothing
    /// when it does not within 400 days.
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        if self.never_closes() {
            return Some(at);
        }
        let zone = Zone::or_utc(&self.zone);
        self.openings(&zone, at).next().map(|opening| opening.from)
    }

    /// When it stops serving, if it serves at `at`. Nothing when it is closed then, or goes on for
    /// 400 days.
    pub fn closes_at(&self, at: Timestamp) -> Option<Timestamp> {
        if self.never_closes() {
            return None;
        }
        let zone = Zone::or_utc(&self.zone);
        let mut openings = self.openings(&zone, at);
        let first = openings.next()?;
        if first.from > at { None } else { end_of(first, openings) }
    }

    /// When a clock that starts at `start` and runs only in service hours has run for a span. It
    /// ends with a window rather than at the beginning of the next. A span of zero is over at once.
    ///
    /// When it never opens for 400 days, or the span takes a hundred years, the clock does not
    /// pause at all: a time limit that never ends would lose the ticket.
    pub fn due_after(&self, start: Timestamp, span: Duration) -> Timestamp {
        if self.never_closes() || span.is_zero() {
            return start.plus(span);
        }
        let zone = Zone::or_utc(&self.zone);
        let mut left = span;
        for opening in self.openings(&zone, start) {
            let length = opening.until.since(opening.from);
            if left <= length {
                return opening.from.plus(left);
            }
            if opening.until.since(start) > FOLLOWED_MAX {
                break;
            }
            left -= length;
        }
        start.plus(span)
    }

    /// How long it serves between two moments; zero when the second is not later. Counts within
    /// the first hundred years, and up to 400 days without any opening.
    pub fn open_between(&self, from: Timestamp, to: Timestamp) -> Duration {
        if self.never_closes() {
            return to.since(from);
        }
        let to = to.min(from.plus(FOLLOWED_MAX));
        let zone = Zone::or_utc(&self.zone);
        self.openings(&zone, from)
            .take_while(|opening| opening.from < to)
            .map(|opening| opening.until.min(to).since(opening.from))
            .sum()
    }

    fn never_closes(&self) -> bool {
        self.weekly.is_empty() && self.exceptions.is_empty()
    }

    fn openings<'a>(&'a self, zone: &'a Zone, at: Timestamp) -> Openings<'a> {
        Openings::new(zone, &self.weekly, &self.exceptions, at, QUIET_DAYS_MAX)
    }
}

impl Default for ServiceHours {
    fn default() -> Self {
        Self::always("UTC")
    }
}

/// What people write. Also what they read, so that it can be sent back.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ServiceHours))]
#[serde(deny_unknown_fields)]
struct Readable {
    /// An IANA name.
    #[cfg_attr(feature = "openapi", schema(format = "time-zone", example = "Asia/Shanghai"))]
    zone: String,
    /// The hours of a week; empty: always.
    #[serde(default)]
    weekly: WeeklyHours,
    /// Holidays, and working days by 调休.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 400))]
    exceptions: Vec<DayException>,
}

/// What is stored, field by field.
#[derive(Deserialize)]
struct Stored {
    zone: String,
    weekly: WeeklyHours,
    exceptions: Vec<DayException>,
}

written_as!(ServiceHours => Readable);

impl Serialize for ServiceHours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        // Both forms have the same fields; the two inner ones differ by themselves.
        let mut fields = serializer.serialize_struct("ServiceHours", 3)?;
        fields.serialize_field("zone", &self.zone)?;
        fields.serialize_field("weekly", &self.weekly)?;
        fields.serialize_field("exceptions", &self.exceptions)?;
        fields.end()
    }
}

impl<'de> Deserialize<'de> for ServiceHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let Readable { zone, weekly, exceptions } = Deserialize::deserialize(deserializer)?;
            Self::new(&zone, weekly, exceptions).map_err(serde::de::Error::custom)
        } else {
            let Stored { zone, weekly, mut exceptions } = Deserialize::deserialize(deserializer)?;
            // Looking a date up relies on the order.
            exceptions.sort_by_key(DayException::date);
            Ok(Self { zone, weekly, exceptions })
        }
    }
}

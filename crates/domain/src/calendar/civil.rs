//! Dates and weeks as a firm counts them: without a time and without a zone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::schema::text_schema;
use crate::time::Timestamp;

/// A date of the civil calendar. People read it as `2026-10-01`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilDate {
    year: i16,
    month: u8,
    day: u8,
}

/// A text or numbers that are not a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date; write it like `2026-10-01`")]
pub struct ParseCivilDateError(String);

impl CivilDate {
    /// The date with these numbers, if the calendar has it.
    pub fn new(year: i16, month: u8, day: u8) -> Result<Self, ParseCivilDateError> {
        let date = Self { year, month, day };
        date.to_jiff().map(|_| date).ok_or_else(|| ParseCivilDateError(date.to_string()))
    }

    /// The year.
    pub const fn year(self) -> i16 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// How many days later this date is than another; negative when it is earlier.
    pub fn days_since(self, other: Self) -> i32 {
        match (self.to_jiff(), other.to_jiff()) {
            (Some(date), Some(other)) => (date - other).get_days(),
            _ => 0,
        }
    }

    /// The date after it; nothing after the last that the calendar has.
    pub fn tomorrow(self) -> Option<Self> {
        Some(Self::from_jiff(self.to_jiff()?.tomorrow().ok()?))
    }

    pub(super) fn from_jiff(date: jiff::civil::Date) -> Self {
        // The cast keeps the value: months end at 12 and days at 31.
        Self { year: date.year(), month: date.month() as u8, day: date.day() as u8 }
    }

    /// Nothing for a date that the calendar does not have, as only damaged bytes can hold.
    pub(super) fn to_jiff(self) -> Option<jiff::civil::Date> {
        let (month, day) = (i8::try_from(self.month).ok()?, i8::try_from(self.day).ok()?);
        jiff::civil::Date::new(self.year, month, day).ok()
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Debug for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for CivilDate {
    type Err = ParseCivilDateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = (|| {
            let (year, rest) = split_digits(text, 4)?;
            let (month, rest) = split_digits(rest.strip_prefix('-')?, 2)?;
            let (day, rest) = split_digits(rest.strip_prefix('-')?, 2)?;
            let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
            if rest.is_empty() { Self::new(year, month, day).ok() } else { None }
        })();
        parsed.ok_or_else(|| ParseCivilDateError(text.chars().take(32).collect()))
    }
}

text_schema!(CivilDate, "A day of the firm's calendar.", format "date", "2026-03-01");

impl Serialize for CivilDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.year, self.month, self.day).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for CivilDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
        } else {
            let (year, month, day) = Deserialize::deserialize(deserializer)?;
            Ok(Self { year, month, day })
        }
    }
}

/// An hour of a zone's clock. One that the clock shows twice is two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CivilHour {
    /// The day that it belongs to.
    pub day: CivilDate,
    /// 0 to 23.
    pub hour: u8,
    /// Its first moment.
    pub begins: Timestamp,
}

/// A week from Monday to Sunday. The first of a year holds its first Thursday, so the year may
/// differ from that of the date. People read it as `2026-W09`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IsoWeek {
    year: i16,
    week: u8,
}

/// A text that is not a week.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a week; write it like `2026-W09`")]
pub struct ParseIsoWeekError(String);

impl IsoWeek {
    /// The year that the week counts in.
    pub const fn year(self) -> i16 {
        self.year
    }

    /// The number of the week, 1 to 53.
    pub const fn week(self) -> u8 {
        self.week
    }

    pub(super) fn of(date: jiff::civil::Date) -> Self {
        let week = date.iso_week_date();
        // The cast keeps the value: weeks end at 53.
        Self { year: week.year(), week: week.week() as u8 }
    }
}

impl fmt::Display for IsoWeek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-W{:02}", self.year, self.week)
    }
}

impl fmt::Debug for IsoWeek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for IsoWeek {
    type Err = ParseIsoWeekError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = (|| {
            let (year, rest) = split_digits(text, 4)?;
            let (week, rest) = split_digits(rest.strip_prefix("-W")?, 2)?;
            let number = i8::try_from(week).ok()?;
            jiff::civil::ISOWeekDate::new(year, number, jiff::civil::Weekday::Monday).ok()?;
            rest.is_empty().then_some(Self { year, week: u8::try_from(week).ok()? })
        })();
        parsed.ok_or_else(|| ParseIsoWeekError(text.chars().take(32).collect()))
    }
}

text_schema!(
    IsoWeek,
    "A week from Monday to Sunday (ISO 8601).",
    pattern "^-?[0-9]{4}-W[0-9]{2}$",
    "2026-W09"
);

impl Serialize for IsoWeek {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.year, self.week).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for IsoWeek {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
        } else {
            let (year, week) = Deserialize::deserialize(deserializer)?;
            Ok(Self { year, week })
        }
    }
}

/// The number that exactly so many digits at the start make, and the rest.
fn split_digits(text: &str, count: usize) -> Option<(i16, &str)> {
    let (digits, rest) = text.split_at_checked(count)?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        Some((digits.parse().ok()?, rest))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_date_reads_back_from_its_text(
            year in 0_i16..=9999, month in 1_u8..=12, day in 1_u8..=28,
        ) {
            let date = CivilDate::new(year, month, day)?;
            prop_assert_eq!(date.to_string().parse(), Ok(date));
        }

        #[test]
        fn every_week_reads_back_from_its_text(
            year in 1_i16..9999, month in 1_i8..=12, day in 1_i8..=28,
        ) {
            let week = IsoWeek::of(jiff::civil::date(year, month, day));
            prop_assert_eq!(week.to_string().parse(), Ok(week));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            prop_assert!(text.parse::<CivilDate>().is_err());
            prop_assert!(text.parse::<IsoWeek>().is_err());
        }
    }

    #[test]
    fn a_date_that_the_calendar_does_not_have_is_refused() {
        for text in ["", "2026-02-29", "2026-13-01", "2026-1-01", "20260101", "2026-01-01T00"] {
            assert!(text.parse::<CivilDate>().is_err(), "{text}");
        }
        assert!(CivilDate::new(2026, 2, 29).is_err());
        assert!(CivilDate::new(2028, 2, 29).is_ok());
    }

    #[test]
    fn days_between_dates_count_leap_days_and_go_both_ways() {
        let date = |text: &str| text.parse::<CivilDate>().expect("a date");
        assert_eq!(date("2028-03-01").days_since(date("2028-02-28")), 2);
        assert_eq!(date("2025-12-31").days_since(date("2026-12-31")), -365);
        assert_eq!(date("2026-01-01").days_since(date("2026-01-01")), 0);
    }

    #[test]
    fn a_week_that_the_year_does_not_have_is_refused() {
        for text in ["", "2025-W53", "2026-W00", "2026-W9", "2026W09", "2026-W091"] {
            assert!(text.parse::<IsoWeek>().is_err(), "{text}");
        }
        assert!("2026-W53".parse::<IsoWeek>().is_ok());
    }

    #[test]
    fn new_year_may_belong_to_the_last_week_of_the_old_year() {
        assert_eq!(IsoWeek::of(jiff::civil::date(2027, 1, 1)).to_string(), "2026-W53");
    }

    #[test]
    fn people_and_bytes_see_different_forms() {
        let date = CivilDate::new(2026, 10, 1).expect("a date");
        assert_eq!(serde_json::to_string(&date).expect("json"), r#""2026-10-01""#);
        let read: CivilDate = serde_json::from_str(r#""2026-10-01""#).expect("a date");
        assert_eq!(read, date);
        assert!(serde_json::from_str::<CivilDate>(r#""2026-10-32""#).is_err());
    }
}

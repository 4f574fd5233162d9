//! Time zones: which wall clock a moment is read on.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use super::DAY_MINUTES;
use super::civil::{CivilDate, CivilHour, IsoWeek};
use crate::time::Timestamp;

/// A time zone of the IANA database within the binary. Looking it up and copying it are cheap.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// A name that the database does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time zone of the IANA database; write it like `Asia/Shanghai`")]
pub struct UnknownZone(String);

impl Zone {
    /// The zone of coordinated universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The zone with this IANA name; capitals do not matter.
    pub fn new(name: &str) -> Result<Self, UnknownZone> {
        // The binary's own database: what is installed on a machine must not change an answer.
        match TimeZoneDatabase::bundled().get(name) {
            Ok(zone) if !zone.is_unknown() => Ok(Self(zone)),
            Ok(_) | Err(_) => Err(UnknownZone(name.chars().take(64).collect())),
        }
    }

    /// The zone with this name or, when the database does not have it, UTC.
    ///
    /// For stored names: they were known when they were stored, and a database that has since
    /// dropped one must not stop a replay.
    pub fn or_utc(name: &str) -> Self {
        Self::new(name).unwrap_or(Self::UTC)
    }

    /// The IANA name, with its capitals.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The moment at which the clock there shows this date and time (`2026-03-02T14:05`): of two
    /// the earlier, and after a gap where it shows it never. Nothing where the text is neither.
    pub fn at_clock(&self, text: &str) -> Option<Timestamp> {
        let shown: jiff::civil::DateTime = text.parse().ok()?;
        Some(Timestamp::from_jiff(shown.to_zoned(self.0.clone()).ok()?.timestamp()))
    }

    /// The date there.
    pub fn civil_date(&self, at: Timestamp) -> CivilDate {
        CivilDate::from_jiff(self.date(at))
    }

    /// The hour, minute and second of the day there.
    pub fn time_of_day(&self, at: Timestamp) -> (u8, u8, u8) {
        let time = at.to_jiff().to_zoned(self.0.clone()).time();
        let part = |part: i8| u8::try_from(part).unwrap_or_default();
        (part(time.hour()), part(time.minute()), part(time.second()))
    }

    /// The week there.
    pub fn iso_week(&self, at: Timestamp) -> IsoWeek {
        IsoWeek::of(self.date(at))
    }

    /// The hour there.
    pub fn civil_hour(&self, at: Timestamp) -> CivilHour {
        let shown = self.0.to_datetime(at.to_jiff());
        let sharp = shown.date().at(shown.hour(), 0, 0, 0);
        // The number of microseconds within an hour is small and not negative.
        let into = shown.time().duration_since(sharp.time()).unsigned_abs();
        let begin = at.minus(into);
        let begins = if self.0.to_datetime(begin.to_jiff()) == sharp {
            begin
        } else {
            // The clock was changed within the hour, which is what began it.
            let next = at.plus(std::time::Duration::from_micros(1)).to_jiff();
            let change = self.0.preceding(next).next();
            change.map_or(begin, |change| Timestamp::from_jiff(change.timestamp()).max(begin))
        };
        // The cast keeps the value: hours end at 23.
        CivilHour { day: CivilDate::from_jiff(shown.date()), hour: shown.hour() as u8, begins }
    }

    /// When the next day begins there; always later than the moment itself. On the last day of
    /// jiff's time line it is [`Timestamp::MAX`].
    pub fn end_of_day(&self, at: Timestamp) -> Timestamp {
        let Ok(tomorrow) = self.date(at).tomorrow() else { return Timestamp::MAX };
        let midnight = tomorrow.at(0, 0, 0, 0);
        match self.moment(tomorrow, 0) {
            Some(begin) if begin > at => begin,
            // A clock that was set back across midnight begins the same day twice.
            Some(_) | None => self
                .0
                .to_ambiguous_timestamp(midnight)
                .later()
                .map(Timestamp::from_jiff)
                .ok()
                .filter(|begin| *begin > at)
                .unwrap_or(Timestamp::MAX),
        }
    }

    /// When a date ends there: the first moment of the next. Nothing at the end of jiff's time
    /// line.
    pub fn end_of(&self, date: CivilDate) -> Option<Timestamp> {
        self.moment(date.tomorrow()?.to_jiff()?, 0)
    }

    /// The day of the week there, from 1, Monday, to 7, Sunday.
    pub fn weekday(&self, at: Timestamp) -> u8 {
        u8::try_from(self.date(at).weekday().to_monday_one_offset()).unwrap_or_default()
    }

    pub(super) fn date(&self, at: Timestamp) -> Date {
        self.0.to_datetime(at.to_jiff()).date()
    }

    /// The first moment at which the clock shows so many minutes after a day's midnight, or more.
    /// Never decreases as minutes and days grow. Nothing beyond jiff's time line.
    pub(super) fn moment(&self, day: Date, minutes: u16) -> Option<Timestamp> {
        let mut date = day;
        for _ in 0..minutes / DAY_MINUTES {
            date = date.tomorrow().ok()?;
        }
        let minutes = minutes % DAY_MINUTES;
        // The casts keep the values: below 24 and 60.
        let shown = date.at((minutes / 60) as i8, (minutes % 60) as i8, 0, 0);
        let moment = match self.0.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(shown).ok()?,
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(shown).ok()?,
            AmbiguousOffset::Gap { before, .. } => {
                let after_skip = before.to_timestamp(shown).ok()?;
                // Transitions strictly before a moment are listed, and this may be the skip itself.
                let next = after_skip.checked_add(jiff::SignedDuration::from_micros(1)).ok()?;
                self.0.preceding(next).next().map_or(after_skip, |skip| skip.timestamp())
            }
        };
        Some(Timestamp::from_jiff(moment))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn a_date_ends_where_the_next_begins() {
        let date: CivilDate = "2026-12-31".parse().expect("a date");
        let end = zone("Asia/Shanghai").end_of(date);
        assert_eq!(end, Some(at("2027-01-01T00:00:00+08:00")));
        let last: CivilDate = "9999-12-31".parse().expect("a date");
        assert_eq!(Zone::UTC.end_of(last), None);
    }

    fn zone(name: &str) -> Zone {
        Zone::new(name).expect("a zone")
    }

    #[test]
    fn an_unknown_zone_is_named() {
        for name in ["", "Beijing", "Etc/Unknown", "Asia/Shanghai "] {
            let error = Zone::new(name).expect_err("unknown");
            assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
            assert_eq!(Zone::or_utc(name), Zone::UTC);
        }
    }

    #[test]
    fn capitals_of_a_zone_are_mended() {
        assert_eq!(zone("asia/shanghai").name(), "Asia/Shanghai");
        assert_eq!(zone("utc").name(), "UTC");
    }

    #[test]
    fn a_day_ends_at_the_midnight_of_its_zone() {
        let shanghai = zone("Asia/Shanghai");
        assert_eq!(shanghai.end_of_day(at("2026-03-01T15:59:59Z")), at("2026-03-01T16:00:00Z"));
        assert_eq!(shanghai.end_of_day(at("2026-03-01T16:00:00Z")), at("2026-03-02T16:00:00Z"));
        assert_eq!(shanghai.civil_date(at("2026-03-01T16:00:00Z")).to_string(), "2026-03-02");
        assert_eq!(shanghai.iso_week(at("2026-03-01T15:59:59Z")).to_string(), "2026-W09");
        assert_eq!(shanghai.iso_week(at("2026-03-01T16:00:00Z")).to_string(), "2026-W10");
    }

    #[test]
    fn an_hour_begins_when_the_clock_of_its_zone_strikes() {
        let hour = |name: &str, text: &str| {
            let hour = zone(name).civil_hour(at(text));
            format!("{} {} {}", hour.day, hour.hour, hour.begins)
        };
        assert_eq!(
            hour("Asia/Shanghai", "2026-03-01T16:59:59.999999Z"),
            "2026-03-02 0 2026-03-01T16:00:00Z"
        );
        assert_eq!(
            hour("Asia/Kolkata", "2026-03-01T16:29:00Z"),
            "2026-03-01 21 2026-03-01T15:30:00Z"
        );
    }

    #[test]
    fn an_hour_that_comes_twice_is_two_and_one_that_is_cut_begins_with_the_cut() {
        let begins = |name: &str, text: &str| {
            let hour = zone(name).civil_hour(at(text));
            (hour.hour, hour.begins.to_string())
        };
        let new_york = |text| begins("America/New_York", text);
        assert_eq!(new_york("2026-11-01T01:30:00-04:00"), (1, "2026-11-01T05:00:00Z".into()));
        assert_eq!(new_york("2026-11-01T01:30:00-05:00"), (1, "2026-11-01T06:00:00Z".into()));
        assert_eq!(new_york("2026-03-08T03:30:00-04:00"), (3, "2026-03-08T07:00:00Z".into()));
        // Lord Howe moves by half an hour: back from 2:00 to 1:30, and forth from 2:00 to 2:30.
        let lord_howe = |text| begins("Australia/Lord_Howe", text);
        assert_eq!(lord_howe("2026-04-05T01:40:00+11:00"), (1, "2026-04-04T14:00:00Z".into()));
        assert_eq!(lord_howe("2026-04-05T01:40:00+10:30"), (1, "2026-04-04T15:00:00Z".into()));
        assert_eq!(lord_howe("2026-10-04T02:40:00+11:00"), (2, "2026-10-03T15:30:00Z".into()));
    }

    #[test]
    fn days_of_a_clock_change_have_23_and_25_hours() {
        let new_york = zone("America/New_York");
        assert_eq!(
            new_york.end_of_day(at("2026-03-08T00:00:00-05:00")),
            at("2026-03-09T04:00:00Z")
        );
        assert_eq!(
            new_york.end_of_day(at("2026-11-01T00:00:00-04:00")),
            at("2026-11-02T05:00:00Z")
        );
    }

    #[test]
    fn a_skipped_time_is_the_moment_of_the_skip() {
        let new_york = zone("America/New_York");
        let skip = Some(at("2026-03-08T07:00:00Z"));
        for minutes in [120, 121, 150, 179, 180] {
            assert_eq!(new_york.moment(date(2026, 3, 8), minutes), skip, "{minutes}");
        }
    }

    #[test]
    fn a_time_that_is_shown_twice_is_the_first() {
        let new_york = zone("America/New_York");
        assert_eq!(new_york.moment(date(2026, 11, 1), 90), Some(at("2026-11-01T01:30:00-04:00")));
    }

    #[test]
    fn a_skipped_midnight_and_a_skipped_day_have_an_end() {
        // Cairo skipped the first hour of 26 April 2024, Apia the whole of 30 December 2011.
        assert_eq!(
            zone("Africa/Cairo").end_of_day(at("2024-04-25T12:00:00Z")),
            at("2024-04-26T01:00:00+03:00")
        );
        assert_eq!(
            zone("Pacific/Apia").end_of_day(at("2011-12-29T23:00:00-10:00")),
            at("2011-12-31T00:00:00+14:00")
        );
    }

    #[test]
    fn a_midnight_that_comes_twice_ends_the_day_both_times() {
        // One minute past midnight St. John's went back to 23:01 of the day before.
        let st_johns = zone("America/St_Johns");
        let first = at("2010-11-06T23:30:00-02:30");
        assert_eq!(st_johns.end_of_day(first), at("2010-11-07T00:00:00-02:30"));
        let second = at("2010-11-06T23:30:00-03:30");
        assert_eq!(st_johns.end_of_day(second), at("2010-11-07T00:00:00-03:30"));
    }

    #[test]
    fn the_ends_of_time_do_not_panic() {
        for moment in [Timestamp::MIN, Timestamp::MAX] {
            assert!(zone("Asia/Shanghai").end_of_day(moment) >= moment);
            assert!(!zone("America/New_York").civil_date(moment).to_string().is_empty());
            assert!(!zone("America/New_York").iso_week(moment).to_string().is_empty());
            assert!(zone("America/New_York").civil_hour(moment).hour < 24);
        }
    }

    proptest! {
        #[test]
        fn a_day_ends_later_than_any_of_its_moments(
            seconds in 0_i64..4_000_000_000,
            name in prop::sample::select(vec![
                "Asia/Shanghai", "America/New_York", "America/St_Johns", "America/Sao_Paulo",
                "Africa/Cairo", "Pacific/Apia", "Australia/Lord_Howe", "UTC",
            ]),
        ) {
            let (zone, at) = (zone(name), Timestamp::from_seconds(seconds));
            let end = zone.end_of_day(at);
            prop_assert!(end > at);
            prop_assert!(end.since(at) <= std::time::Duration::from_secs(26 * 3_600));
        }
    }

    #[test]
    fn what_a_clock_shows_is_a_moment_and_what_it_never_shows_comes_after_the_gap() {
        let at = |zone: &str, text| Zone::or_utc(zone).at_clock(text).map(|at| at.to_string());
        let shanghai = at("Asia/Shanghai", "2026-03-02T09:00");
        assert_eq!(shanghai.as_deref(), Some("2026-03-02T01:00:00Z"));
        assert_eq!(at("Asia/Shanghai", "2026-03-02T09:00:07"), Some("2026-03-02T01:00:07Z".into()));
        // Put on at 2 in the morning, and back at 3.
        let berlin = |text| at("Europe/Berlin", text);
        assert_eq!(berlin("2026-03-29T02:30"), Some("2026-03-29T01:30:00Z".into()));
        assert_eq!(berlin("2026-10-25T02:30"), Some("2026-10-25T00:30:00Z".into()));
        for text in ["", "yesterday", "2026-02-30T09:00", "09:00"] {
            assert_eq!(berlin(text), None, "{text}");
        }
    }
}

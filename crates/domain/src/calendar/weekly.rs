//! The windows of a week: an outlet's service hours, an engineer's roster.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::openings::{Openings, next_change};
use super::text::{self, HoursError};
use super::zone::Zone;
use super::{DAY_MINUTES, DAY_WINDOWS_MAX, QUIET_DAYS_MAX};
use crate::schema::text_schema;
use crate::time::Timestamp;

/// One window of a week. A stored shape, frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Window {
    /// 1 is Monday, 7 Sunday.
    pub weekday: u8,
    /// Minutes after midnight, 0 to 1439.
    pub from: u16,
    /// Minutes after midnight, later than `from`; above 1440 it is on the next day. Less than 24
    /// hours after `from`, or the whole of one day.
    pub until: u16,
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", text::day_name(self.weekday), text::Times(self.from, self.until))
    }
}

/// The windows of a week, sorted, none of which overlap.
///
/// People read and write them as `Mon-Fri 08:00-12:00 13:30-18:00; Sun 22:00-06:00`; without
/// windows the text is empty. In bytes they are the list of windows. Bytes are believed: they were
/// checked before they were stored, and a window that cannot be is never open.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct WeeklyHours(Vec<Window>);

impl WeeklyHours {
    /// These windows, in any order.
    pub fn new(mut windows: Vec<Window>) -> Result<Self, HoursError> {
        windows.sort_unstable();
        for window in &windows {
            if !(1..=7).contains(&window.weekday) {
                return Err(HoursError::UnknownDay(window.weekday.to_string()));
            }
            text::check_times(window.from, window.until)?;
        }
        for day in windows.chunk_by(|a, b| a.weekday == b.weekday) {
            if day.len() > DAY_WINDOWS_MAX {
                return Err(HoursError::TooMany(day.len()));
            }
        }
        // Sorted, so only neighbours can overlap.
        if let Some(pair) = windows.windows(2).find(|pair| begin(pair[1]) < end(pair[0])) {
            return Err(overlap(pair[0], pair[1]));
        }
        // Sunday's last is a neighbour of next week's first.
        if let (Some(&first), Some(&last)) = (windows.first(), windows.last())
            && begin(first) + WEEK_MINUTES < end(last)
        {
            return Err(overlap(last, first));
        }
        Ok(Self(windows))
    }

    /// The windows, sorted by weekday and time.
    pub fn windows(&self) -> &[Window] {
        &self.0
    }

    /// Whether there are no windows. What that means is the user's: service hours without windows
    /// are always, a roster without windows says nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a moment lies in a window. Without windows none does.
    pub fn is_open_in(&self, zone: &Zone, at: Timestamp) -> bool {
        !self.is_empty() && Openings::is_open(zone, self, &[], at)
    }

    /// The next moment at which that changes; later than the moment itself. Nothing when it does
    /// not change within 400 days.
    pub fn next_change(&self, zone: &Zone, at: Timestamp) -> Option<Timestamp> {
        if self.is_empty() {
            return None;
        }
        next_change(Openings::new(zone, self, &[], at, QUIET_DAYS_MAX), at)
    }

    /// Those that begin on a weekday.
    pub(super) fn of(&self, weekday: i8) -> &[Window] {
        let before = |day: i8| self.0.partition_point(|w| i32::from(w.weekday) < i32::from(day));
        &self.0[before(weekday)..before(weekday + 1)]
    }
}

impl fmt::Display for WeeklyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write_week(f, &self.0)
    }
}

impl fmt::Debug for WeeklyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl FromStr for WeeklyHours {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text::parse_week(text)?)
    }
}

text_schema!(
    WeeklyHours,
    "The windows of a week, as people write them; `周一` and Chinese punctuation are understood \
     too. Empty: none. A time after midnight belongs to the day on which its window begins.",
    format "weekly-hours",
    "Mon-Fri 08:00-12:00 13:30-18:00; Sat 09:00-12:00"
);

impl Serialize for WeeklyHours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for WeeklyHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
        } else {
            let mut windows = Vec::<Window>::deserialize(deserializer)?;
            // Looking a day up relies on the order.
            windows.sort_unstable();
            Ok(Self(windows))
        }
    }
}

impl Window {
    /// From and until, if a window can be so; damaged bytes may hold others.
    pub(super) fn times(&self) -> Option<(u16, u16)> {
        sound(self.from, self.until)
    }
}

const WEEK_MINUTES: u32 = 7 * DAY_MINUTES as u32;

/// In minutes of the week.
fn begin(window: Window) -> u32 {
    u32::from(window.weekday) * u32::from(DAY_MINUTES) + u32::from(window.from)
}

/// In minutes of the week; may be beyond its end.
fn end(window: Window) -> u32 {
    begin(window) + u32::from(window.until - window.from)
}

fn overlap(first: Window, second: Window) -> HoursError {
    HoursError::Overlap { first: first.to_string(), second: second.to_string() }
}

/// The times of a window that begins on its day and ends after it began, at most at the end of the
/// next day.
pub(super) fn sound(from: u16, until: u16) -> Option<(u16, u16)> {
    (from < DAY_MINUTES && from < until).then_some((from, until.min(2 * DAY_MINUTES)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hours(text: &str) -> WeeklyHours {
        text.parse().expect("hours")
    }

    fn refusal(text: &str) -> String {
        text.parse::<WeeklyHours>().expect_err(text).to_string()
    }

    #[test]
    fn a_canonical_text_stays_as_it_is() {
        for text in [
            "",
            "Tue 09:00-17:00",
            "Mon-Fri 08:00-12:00 13:30-18:00; Sat 09:00-12:00; Sun 22:00-06:00",
            "Mon,Wed,Fri-Sun 00:00-24:00",
            "Mon-Sat 20:00-24:00; Sun 20:00-00:30",
        ] {
            assert_eq!(hours(text).to_string(), text);
        }
    }

    #[test]
    fn other_ways_to_write_come_out_canonical() {
        for (text, canonical) in [
            (" sat 9:00 - 12:00 ;; monday 8:00-12:00 ", "Mon 08:00-12:00; Sat 09:00-12:00"),
            ("Fri-Mon 8:00-9:00", "Mon,Fri-Sun 08:00-09:00"),
            ("Mon 13:00-14:00, 08:00-12:00", "Mon 08:00-12:00 13:00-14:00"),
            ("Mon 08:00-09:00; Mon 10:00-11:00", "Mon 08:00-09:00 10:00-11:00"),
            (
                "周一至周五 08:00～12:00，13:30-18:00；周六、星期天 9：00-12：00",
                "Mon-Fri 08:00-12:00 13:30-18:00; Sat-Sun 09:00-12:00",
            ),
            ("Mon 22:00-00:00", "Mon 22:00-24:00"),
        ] {
            assert_eq!(hours(text).to_string(), canonical, "{text}");
        }
    }

    #[test]
    fn a_refusal_quotes_what_is_wrong() {
        for (text, quoted) in [
            ("Moon 08:00-12:00", "`Moon` is not a day"),
            ("周八 08:00-12:00", "`周八` is not a day"),
            ("Mon- 08:00-12:00", "`Mon-` is not a day"),
            ("Mon 8-12", "`8-12` is not a window"),
            ("Mon 08:60-12:00", "`08:60-12:00` is not a window"),
            ("Mon 08:00-24:01", "`08:00-24:01` is not a window"),
            ("Mon 24:00-25:00", "`24:00-25:00` is not a window"),
            ("Mon 08:00-12:00-13:00", "`08:00-12:00-13:00` is not a window"),
            ("Mon +8:00-12:00", "`+` is not a day"),
            ("08:00-12:00", "`08:00-12:00` has no day"),
            ("Mon-Fri", "`Mon-Fri` has no hours"),
            ("Mon 08:00-08:00", "`08:00-08:00` is empty"),
            ("Mon 08:00-12:00 11:59-13:00", "`Mon 08:00-12:00` and `Mon 11:59-13:00` overlap"),
            ("Mon 08:00-12:00 08:00-12:00", "overlap"),
            ("Mon 22:00-06:00; Tue 05:00-12:00", "`Mon 22:00-06:00` and `Tue 05:00-12:00` overlap"),
            ("Mon 05:00-12:00; Sun 22:00-06:00", "`Sun 22:00-06:00` and `Mon 05:00-12:00` overlap"),
        ] {
            assert!(refusal(text).contains(quoted), "{text}: {}", refusal(text));
        }
        let many: Vec<String> = (0..13).map(|hour| format!("{hour:02}:00-{hour:02}:30")).collect();
        assert!(refusal(&format!("Mon {}", many.join(" "))).contains("13 windows"));
    }

    #[test]
    fn windows_that_cannot_be_are_refused() {
        let window = |weekday, from, until| WeeklyHours::new(vec![Window { weekday, from, until }]);
        for (weekday, from, until) in [
            (0, 0, 60),
            (8, 0, 60),
            (1, 60, 60),
            (1, 61, 60),
            (1, 1_440, 1_500),
            (1, 0, 1_441),
            (1, 480, 1_920),
            (1, 480, u16::MAX),
            (1, u16::MAX, u16::MAX),
        ] {
            assert!(window(weekday, from, until).is_err(), "{weekday} {from} {until}");
        }
        assert!(window(7, 1_439, 2_878).is_ok());
        assert!(window(1, 0, 1_440).is_ok());
    }

    #[test]
    fn windows_may_touch() {
        assert!(!hours("Mon 08:00-12:00 12:00-14:00; Mon 22:00-24:00; Tue 00:00-08:00").is_empty());
        assert!(!hours("Sun 22:00-06:00; Mon 06:00-22:00").is_empty());
    }

    #[test]
    fn people_see_a_text() {
        let json = serde_json::to_string(&hours("Tue 9:00-17:00")).expect("json");
        assert_eq!(json, r#""Tue 09:00-17:00""#);
        assert_eq!(
            serde_json::from_str::<WeeklyHours>(&json).expect("hours"),
            hours("Tue 9:00-17:00")
        );
        let error = serde_json::from_str::<WeeklyHours>(r#""Tue 9""#).expect_err("refused");
        assert!(error.to_string().contains("`9` is not a window"), "{error}");
    }

    #[test]
    fn a_roster_changes_at_the_ends_of_its_windows() {
        let zone = Zone::new("Asia/Shanghai").expect("a zone");
        let roster = hours("Mon-Fri 08:00-12:00 12:00-18:00; Fri 22:00-06:00");
        for (at, open, change) in [
            ("2026-03-02T07:59:00+08:00", false, "2026-03-02T08:00:00+08:00"),
            ("2026-03-02T08:00:00+08:00", true, "2026-03-02T18:00:00+08:00"),
            ("2026-03-02T18:00:00+08:00", false, "2026-03-03T08:00:00+08:00"),
            ("2026-03-07T05:59:00+08:00", true, "2026-03-07T06:00:00+08:00"),
            ("2026-03-07T06:00:00+08:00", false, "2026-03-09T08:00:00+08:00"),
        ] {
            let at: Timestamp = at.parse().expect("a moment");
            assert_eq!(roster.is_open_in(&zone, at), open, "{at}");
            assert_eq!(roster.next_change(&zone, at), change.parse().ok(), "{at}");
        }
    }

    #[test]
    fn a_roster_without_windows_or_without_an_end_never_changes() {
        let at = Timestamp::from_seconds(1_770_000_000);
        assert!(!WeeklyHours::default().is_open_in(&Zone::UTC, at));
        assert_eq!(WeeklyHours::default().next_change(&Zone::UTC, at), None);
        let always = hours("Mon-Sun 00:00-24:00");
        assert!(always.is_open_in(&Zone::UTC, at));
        assert_eq!(always.next_change(&Zone::UTC, at), None);
    }

    proptest! {
        #[test]
        fn windows_from_damaged_bytes_do_not_panic(
            windows in prop::collection::vec((any::<u8>(), any::<u16>(), any::<u16>()), 1..9),
        ) {
            let window = |(weekday, from, until)| Window { weekday: weekday % 9, from, until };
            let mut windows: Vec<Window> = windows.into_iter().map(window).collect();
            windows.sort_unstable();
            let damaged = WeeklyHours(windows);
            let at = Timestamp::from_seconds(1_770_000_000);
            if let Some(change) = damaged.next_change(&Zone::UTC, at) {
                let open = damaged.is_open_in(&Zone::UTC, at);
                prop_assert_eq!(damaged.is_open_in(&Zone::UTC, change), !open);
            }
            // Whatever comes out, writing it must not panic.
            let text = damaged.to_string();
            prop_assert!(text.len() < 256);
        }

        #[test]
        fn all_hours_read_back_from_their_text(
            windows in prop::collection::vec((1_u8..=7, 0_u16..1_440, 1_u16..1_440), 0..20),
        ) {
            let mut hours = WeeklyHours::default();
            for (weekday, from, length) in windows {
                let mut more = hours.windows().to_vec();
                more.push(Window { weekday, from, until: from + length });
                hours = WeeklyHours::new(more).unwrap_or(hours);
            }
            prop_assert_eq!(hours.to_string().parse(), Ok(hours));
        }

        #[test]
        fn no_text_panics(text in "[a-zA-Z周一日天0-9:; ,至-]{0,40}") {
            if let Ok(hours) = text.parse::<WeeklyHours>() {
                prop_assert_eq!(hours.to_string().parse(), Ok(hours));
            }
        }

        #[test]
        fn two_windows_without_a_common_minute_are_accepted(
            (a, b) in (0_u16..1_439, 0_u16..1_439),
        ) {
            let minute = |from| Window { weekday: 3, from, until: from + 1 };
            prop_assert_eq!(WeeklyHours::new(vec![minute(a), minute(b)]).is_ok(), a != b);
        }
    }
}

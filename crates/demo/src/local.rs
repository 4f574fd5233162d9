//! The firm's own time of day: China Standard Time, which has been eight hours ahead of UTC all
//! year since 1991.

use std::time::Duration;

use domain::Timestamp;

/// The firm's zone.
pub(crate) const ZONE: &str = "Asia/Shanghai";

const DAY_SECONDS: i64 = 86_400;
const AHEAD_SECONDS: i64 = 8 * 3_600;

/// 1970-01-01 was a Thursday.
const FIRST_WEEKDAY: i64 = 3;

/// A day of the firm, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(i64);

fn local_seconds(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(1_000_000) + AHEAD_SECONDS
}

/// Minutes since midnight.
pub(crate) fn minute_of_day(at: Timestamp) -> u64 {
    u64::try_from(local_seconds(at).rem_euclid(DAY_SECONDS) / 60).unwrap_or(0)
}

/// What a clock on the wall shows, as `Mon 2 Mar 08:30` needs it: weekday and time.
pub fn wall(at: Timestamp) -> String {
    const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let shifted = Timestamp::from_seconds(local_seconds(at)).to_string();
    let (date, time) = shifted.split_once('T').unwrap_or((&shifted, ""));
    let time: String = time.chars().take(5).collect();
    let weekday = usize::try_from(Day::of(at).weekday()).unwrap_or(0);
    format!("{} {date} {time}", NAMES[weekday])
}

impl Day {
    pub(crate) fn of(at: Timestamp) -> Self {
        Self(local_seconds(at).div_euclid(DAY_SECONDS))
    }

    pub(crate) const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// A number for draws.
    pub(crate) fn number(self) -> u64 {
        u64::try_from(self.0).unwrap_or(0)
    }

    /// 0 is Monday.
    pub(crate) const fn weekday(self) -> i64 {
        (self.0 + FIRST_WEEKDAY).rem_euclid(7)
    }

    pub(crate) const fn is_weekend(self) -> bool {
        self.weekday() >= 5
    }

    /// So many minutes after midnight.
    pub(crate) fn at_minute(self, minute: u64) -> Timestamp {
        Timestamp::from_seconds(self.0 * DAY_SECONDS - AHEAD_SECONDS)
            .plus(Duration::from_secs(minute * 60))
    }
}

/// This moment, or the next one at which people answer the telephone.
pub(crate) fn waking(at: Timestamp, from_minute: u64, until_minute: u64) -> Timestamp {
    let (day, minute) = (Day::of(at), minute_of_day(at));
    // The minutes of the hour are kept, so that not everybody rings at the same moment.
    let late = Duration::from_secs((minute % 60) * 60 + 7);
    if minute < from_minute {
        day.at_minute(from_minute).plus(late)
    } else if minute >= until_minute {
        day.next().at_minute(from_minute).plus(late)
    } else {
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn a_day_is_that_of_the_firm() {
        let monday = at("2026-03-01T16:00:00Z");
        assert_eq!(Day::of(monday).weekday(), 0);
        assert_eq!(Day::of(monday).at_minute(0), monday);
        assert_eq!(minute_of_day(at("2026-03-02T08:30:59+08:00")), 510);
        assert_eq!(wall(at("2026-03-08T23:59:00+08:00")), "Sun 2026-03-08 23:59");
        assert!(Day::of(at("2026-03-07T00:00:00+08:00")).is_weekend());
    }

    #[test]
    fn nobody_rings_at_night() {
        let night = at("2026-03-02T23:20:00+08:00");
        assert_eq!(waking(night, 8 * 60, 21 * 60), at("2026-03-03T08:20:07+08:00"));
        let early = at("2026-03-02T05:10:00+08:00");
        assert_eq!(waking(early, 8 * 60, 21 * 60), at("2026-03-02T08:10:07+08:00"));
        let noon = at("2026-03-02T12:00:00+08:00");
        assert_eq!(waking(noon, 8 * 60, 21 * 60), noon);
    }
}

//! Moments and spans, as people read them.

use std::time::Duration;

use domain::{Timestamp, Zone};

use crate::{Args, Language};

/// Moments on the wall clock of one zone.
#[derive(Debug, Clone)]
pub struct LocalTime {
    zone: Zone,
}

impl LocalTime {
    /// On this zone's clock.
    pub const fn new(zone: Zone) -> Self {
        Self { zone }
    }

    /// Date and time to the minute: `2026-03-02 14:05`.
    pub fn to_minute(&self, at: Timestamp) -> String {
        let (hour, minute, _) = self.zone.time_of_day(at);
        format!("{} {hour:02}:{minute:02}", self.zone.civil_date(at))
    }

    /// Date and time to the second: `2026-03-02 14:05:09`.
    pub fn to_second(&self, at: Timestamp) -> String {
        let (.., second) = self.zone.time_of_day(at);
        format!("{}:{second:02}", self.to_minute(at))
    }

    /// The time alone, to the second: `14:05:09`.
    pub fn time(&self, at: Timestamp) -> String {
        let (hour, minute, second) = self.zone.time_of_day(at);
        format!("{hour:02}:{minute:02}:{second:02}")
    }

    /// The time alone while it is the same day as `now`, else with its month and day:
    /// `14:05`, `03-01 14:05`.
    pub fn short(&self, at: Timestamp, now: Timestamp) -> String {
        let (hour, minute, _) = self.zone.time_of_day(at);
        let day = self.zone.civil_date(at);
        if day == self.zone.civil_date(now) {
            return format!("{hour:02}:{minute:02}");
        }
        let day = day.to_string();
        // Years have four digits; what is longer is shown whole.
        format!("{} {hour:02}:{minute:02}", day.get(5..).unwrap_or(&day))
    }
}

impl Language {
    /// A span in its two largest units, down to minutes: `2 小时 5 分钟`, `3 d 4 h`.
    pub fn span(self, span: Duration) -> String {
        let minutes = span.as_secs() / 60;
        let (days, hours, rest) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
        let part =
            |name, count: u64, variable| self.say_with(name, &Args::new().count(variable, count));
        let day = || part("span-days", days, "days");
        let hour = || part("span-hours", hours, "hours");
        let minute = || part("span-minutes", rest, "minutes");
        match (days, hours, rest) {
            (0, 0, _) => minute(),
            (0, _, 0) => hour(),
            (0, ..) => format!("{} {}", hour(), minute()),
            (_, 0, _) => day(),
            _ => format!("{} {}", day(), hour()),
        }
    }

    /// How long until a moment, or how long ago it was: `剩 12 分钟`, `overdue 1 h 3 min`.
    pub fn time_left(self, until: Timestamp, now: Timestamp) -> String {
        let (name, span) = if until >= now {
            ("time-left", until.since(now))
        } else {
            ("time-over", now.since(until))
        };
        self.say_with(name, &Args::new().text("span", self.span(span)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_its_two_largest_units() {
        for (seconds, chinese, english) in [
            (0, "0 分钟", "0 min"),
            (59, "0 分钟", "0 min"),
            (60, "1 分钟", "1 min"),
            (3_600, "1 小时", "1 h"),
            (7_500, "2 小时 5 分钟", "2 h 5 min"),
            (86_400, "1 天", "1 d"),
            (86_400 + 60, "1 天", "1 d"),
            (273_600, "3 天 4 小时", "3 d 4 h"),
        ] {
            let span = Duration::from_secs(seconds);
            assert_eq!(Language::Chinese.span(span), chinese);
            assert_eq!(Language::English.span(span), english);
        }
    }

    #[test]
    fn time_left_and_time_over_are_told_apart() {
        let (now, minute) = (Timestamp::from_seconds(1_000_000), Duration::from_secs(60));
        assert_eq!(Language::English.time_left(now.plus(minute), now), "1 min left");
        assert_eq!(Language::English.time_left(now.minus(minute), now), "1 min over");
        assert_eq!(Language::Chinese.time_left(now.plus(minute), now), "剩 1 分钟");
        assert_eq!(Language::Chinese.time_left(now.minus(minute), now), "超时 1 分钟");
    }

    #[test]
    fn moments_are_read_on_the_clock_of_the_zone() {
        let time = LocalTime::new(Zone::new("Asia/Shanghai").expect("it is a zone"));
        let at: Timestamp = "2026-03-02T06:05:09Z".parse().expect("a moment");
        assert_eq!(time.to_second(at), "2026-03-02 14:05:09");
        assert_eq!(time.to_minute(at), "2026-03-02 14:05");
        assert_eq!(time.time(at), "14:05:09");
        assert_eq!(time.short(at, at), "14:05");
        let tomorrow = at.plus(Duration::from_secs(86_400));
        assert_eq!(time.short(at, tomorrow), "03-02 14:05");
    }
}

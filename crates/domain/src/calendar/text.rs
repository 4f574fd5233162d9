//! Hours as people write them: `Mon-Fri 08:00-12:00 13:30-18:00; Sat 09:00-12:00`.
//!
//! Chinese punctuation and `周一` are understood as well. A canonical text has neither.

use std::fmt;

use super::weekly::Window;
use super::{DAY_MINUTES, DAY_WINDOWS_MAX};

/// Hours that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// No such day.
    #[error("`{0}` is not a day of the week; write Mon, Tue, Wed, Thu, Fri, Sat or Sun")]
    UnknownDay(String),
    /// No such times.
    #[error("`{0}` is not a window of hours; write it like `08:00-12:00`, from 00:00 to 24:00")]
    NotAWindow(String),
    /// Times before any day.
    #[error("`{0}` has no day; write it like `Mon-Fri 08:00-12:00`")]
    NoDay(String),
    /// A day without times.
    #[error("`{0}` has no hours; write it like `Mon-Fri 08:00-12:00`, or leave the day out")]
    NoHours(String),
    /// A window that ends as it begins.
    #[error("`{0}` is empty; a whole day is `00:00-24:00`")]
    Empty(String),
    /// Two windows hold the same moment.
    #[error("`{first}` and `{second}` overlap; write one window that covers both")]
    Overlap {
        /// The one that begins first.
        first: String,
        /// The other.
        second: String,
    },
    /// More windows begin on a day than anybody needs.
    #[error("{0} windows begin on one day; write at most {DAY_WINDOWS_MAX}")]
    TooMany(usize),
}

const DAYS: [(&str, &str, char); 7] = [
    ("Mon", "Monday", '一'),
    ("Tue", "Tuesday", '二'),
    ("Wed", "Wednesday", '三'),
    ("Thu", "Thursday", '四'),
    ("Fri", "Friday", '五'),
    ("Sat", "Saturday", '六'),
    ("Sun", "Sunday", '日'),
];

/// A time of day as it is written; past midnight it is that of the next day.
struct Time(u16);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = if self.0 > DAY_MINUTES { self.0 - DAY_MINUTES } else { self.0 };
        write!(f, "{:02}:{:02}", shown / 60, shown % 60)
    }
}

/// From and until as they are written.
pub(super) struct Times(pub(super) u16, pub(super) u16);

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", Time(self.0), Time(self.1))
    }
}

/// The short name of a weekday, 1 to 7.
pub(super) fn day_name(weekday: u8) -> &'static str {
    DAYS.get(usize::from(weekday).wrapping_sub(1)).map_or("?", |(short, ..)| short)
}

/// Whether a window begins and ends where one can: on a day, for less than 24 hours or a whole day.
pub(super) fn check_times(from: u16, until: u16) -> Result<(), HoursError> {
    if from >= DAY_MINUTES || until > 2 * DAY_MINUTES {
        Err(HoursError::NotAWindow(Times(from, until).to_string()))
    } else if until <= from || (until > DAY_MINUTES && until - DAY_MINUTES >= from) {
        Err(HoursError::Empty(Times(from, until).to_string()))
    } else {
        Ok(())
    }
}

/// Windows without a day, such as those of a date: `09:00-12:00 14:00-18:00`.
pub(super) fn parse_times(text: &str) -> Result<Vec<(u16, u16)>, HoursError> {
    normalise(text).split([' ', ',']).filter(|token| !token.is_empty()).map(parse_window).collect()
}

/// Writes windows without a day; one space between them.
pub(super) fn write_times(
    f: &mut impl fmt::Write,
    windows: impl IntoIterator<Item = (u16, u16)>,
) -> fmt::Result {
    for (index, (from, until)) in windows.into_iter().enumerate() {
        let space = if index == 0 { "" } else { " " };
        write!(f, "{space}{}", Times(from, until))?;
    }
    Ok(())
}

/// The windows of a week. They may still overlap.
pub(super) fn parse_week(text: &str) -> Result<Vec<Window>, HoursError> {
    let mut windows = Vec::new();
    for part in normalise(text).split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let quoted = || part.chars().take(64).collect();
        let begin = part.find(|character: char| character.is_ascii_digit());
        let (days, times) = part.split_at(begin.unwrap_or(part.len()));
        let days = parse_days(days)?;
        if days == 0 {
            return Err(HoursError::NoDay(quoted()));
        }
        let times = parse_times(times)?;
        if times.is_empty() {
            return Err(HoursError::NoHours(quoted()));
        }
        for weekday in days_of(days) {
            windows.extend(times.iter().map(|&(from, until)| Window { weekday, from, until }));
        }
    }
    Ok(windows)
}

/// Writes windows that are sorted by weekday and time. Days with the same hours stand together.
pub(super) fn write_week(f: &mut fmt::Formatter<'_>, windows: &[Window]) -> fmt::Result {
    let of = |weekday: u8| {
        windows.iter().filter(move |w| w.weekday == weekday).map(|w| (w.from, w.until))
    };
    let mut written = 0_u8;
    for weekday in 1..=7 {
        if written & (1 << weekday) != 0 || of(weekday).next().is_none() {
            continue;
        }
        let alike = (weekday..=7).filter(|other| of(*other).eq(of(weekday)));
        let days = alike.fold(0, |days, other| days | (1 << other));
        if written != 0 {
            f.write_str("; ")?;
        }
        write_days(f, days)?;
        f.write_str(" ")?;
        write_times(f, of(weekday))?;
        written |= days;
    }
    Ok(())
}

/// One kind of punctuation, and no space around the dash.
fn normalise(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        let character = match character {
            '；' | '\n' => ';',
            '：' => ':',
            '，' | '、' => ',',
            '–' | '—' | '－' | '～' | '~' | '至' | '到' => '-',
            other if other.is_whitespace() => ' ',
            other => other,
        };
        if character == '-' {
            plain.truncate(plain.trim_end_matches(' ').len());
        }
        if character != ' ' || !plain.ends_with('-') {
            plain.push(character);
        }
    }
    plain
}

fn parse_window(token: &str) -> Result<(u16, u16), HoursError> {
    let wrong = || HoursError::NotAWindow(token.chars().take(64).collect());
    let (from, until) = token.split_once('-').ok_or_else(wrong)?;
    let (from, until) = parse_time(from).zip(parse_time(until)).ok_or_else(wrong)?;
    let until = if until < from { until + DAY_MINUTES } else { until };
    check_times(from, until)?;
    Ok((from, until))
}

fn parse_time(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=2).contains(&hours.len()) || minutes.len() != 2 || !plain(hours) || !plain(minutes) {
        return None;
    }
    let (hours, minutes) = (hours.parse::<u16>().ok()?, minutes.parse::<u16>().ok()?);
    let time = hours * 60 + minutes;
    (minutes < 60 && time <= DAY_MINUTES).then_some(time)
}

/// Days as a set of bits: bit 1 is Monday.
fn parse_days(text: &str) -> Result<u8, HoursError> {
    let mut days = 0;
    for token in text.split([' ', ',']).filter(|token| !token.is_empty()) {
        let (first, last) = token.split_once('-').unwrap_or((token, token));
        if first.is_empty() || last.is_empty() {
            return Err(unknown_day(token));
        }
        let (mut day, last) = (parse_day(first)?, parse_day(last)?);
        days |= 1 << last;
        // `Fri-Mon` passes the end of the week.
        while day != last {
            days |= 1 << day;
            day = day % 7 + 1;
        }
    }
    Ok(days)
}

fn parse_day(text: &str) -> Result<u8, HoursError> {
    let chinese = ["星期", "礼拜", "周"].iter().find_map(|prefix| text.strip_prefix(prefix));
    let found = (1..=7).zip(DAYS).find(|(_, (short, long, sign))| {
        text.eq_ignore_ascii_case(short)
            || text.eq_ignore_ascii_case(long)
            || chinese.is_some_and(|rest| rest.chars().eq([*sign]))
    });
    match found {
        Some((day, _)) => Ok(day),
        None if chinese == Some("天") => Ok(7),
        None => Err(unknown_day(text)),
    }
}

fn unknown_day(text: &str) -> HoursError {
    HoursError::UnknownDay(text.chars().take(32).collect())
}

fn write_days(f: &mut fmt::Formatter<'_>, days: u8) -> fmt::Result {
    let has = |day: u8| (1..=7).contains(&day) && days & (1 << day) != 0;
    let mut comma = "";
    for first in days_of(days).filter(|day| !has(day - 1)) {
        let last = (first..=7).take_while(|day| has(*day)).last().unwrap_or(first);
        write!(f, "{comma}{}", day_name(first))?;
        if last != first {
            write!(f, "-{}", day_name(last))?;
        }
        comma = ",";
    }
    Ok(())
}

fn days_of(days: u8) -> impl Iterator<Item = u8> {
    (1..=7).filter(move |day| days & (1 << day) != 0)
}

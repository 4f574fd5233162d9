//! The stretches of time that windows make on the wall clock of a zone.

use jiff::civil::Date;

use super::service_hours::DayException;
use super::weekly::{WeeklyHours, Window, sound};
use super::zone::Zone;
use super::{CivilDate, DAY_MINUTES, QUIET_DAYS_MAX};
use crate::time::Timestamp;

/// A stretch of time: from a moment, up to but without another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

/// The windows that begin on one date.
enum Day<'a> {
    /// A date like any other, without windows for its week.
    Whole,
    /// A date like its weekday.
    Week(&'a [Window]),
    /// A date with hours of its own.
    Own(&'a [(u16, u16)]),
}

impl Day<'_> {
    /// `None` past the last; `Some(None)` for a window that cannot be.
    fn window(&self, index: usize) -> Option<Option<(u16, u16)>> {
        match self {
            Self::Whole => (index == 0).then_some(Some((0, DAY_MINUTES))),
            Self::Week(windows) => windows.get(index).map(Window::times),
            Self::Own(windows) => windows.get(index).map(|&(from, until)| sound(from, until)),
        }
    }
}

/// The openings from a moment on, in order; none is empty, overlaps another or begins before that
/// moment. Two may touch.
///
/// Allocates nothing and looks at each day once. Ends after a number of days in a row without an
/// opening, or at the end of jiff's time line.
pub(super) struct Openings<'a> {
    zone: &'a Zone,
    weekly: &'a WeeklyHours,
    exceptions: &'a [DayException],
    date: Date,
    day: Day<'a>,
    next_window: usize,
    /// What came before has been told, or is not asked for.
    told_until: Timestamp,
    quiet_days: u32,
    quiet_days_max: u32,
}

impl<'a> Openings<'a> {
    /// Weekly hours without windows are open on every date that is not an exception. Exceptions
    /// are sorted by date.
    pub(super) fn new(
        zone: &'a Zone,
        weekly: &'a WeeklyHours,
        exceptions: &'a [DayException],
        at: Timestamp,
        quiet_days_max: u32,
    ) -> Self {
        let today = zone.date(at);
        // A window of the day before may pass midnight.
        let date = today.yesterday().unwrap_or(today);
        let day = day_of(weekly, exceptions, date);
        Self {
            zone,
            weekly,
            exceptions,
            date,
            day,
            next_window: 0,
            told_until: at,
            quiet_days: 0,
            quiet_days_max,
        }
    }

    /// Whether a moment lies in an opening.
    pub(super) fn is_open(
        zone: &Zone,
        weekly: &WeeklyHours,
        exceptions: &[DayException],
        at: Timestamp,
    ) -> bool {
        // Windows of yesterday and today; tomorrow's because a clock that was set back across
        // midnight shows today's date a second time.
        let mut openings = Openings::new(zone, weekly, exceptions, at, 3);
        openings.next().is_some_and(|opening| opening.from <= at)
    }
}

fn day_of<'a>(weekly: &'a WeeklyHours, exceptions: &'a [DayException], date: Date) -> Day<'a> {
    let civil = CivilDate::from_jiff(date);
    if let Ok(index) = exceptions.binary_search_by_key(&civil, DayException::date) {
        Day::Own(exceptions[index].windows())
    } else if weekly.is_empty() {
        Day::Whole
    } else {
        Day::Week(weekly.of(date.weekday().to_monday_one_offset()))
    }
}

impl Iterator for Openings<'_> {
    type Item = Opening;

    fn next(&mut self) -> Option<Opening> {
        while self.quiet_days < self.quiet_days_max {
            let Some(window) = self.day.window(self.next_window) else {
                self.date = self.date.tomorrow().ok()?;
                self.day = day_of(self.weekly, self.exceptions, self.date);
                self.next_window = 0;
                self.quiet_days += 1;
                continue;
            };
            self.next_window += 1;
            let Some((from, until)) = window else { continue };
            let until = self.zone.moment(self.date, until)?;
            if until <= self.told_until {
                continue;
            }
            let from = self.zone.moment(self.date, from)?.max(self.told_until);
            if from < until {
                self.told_until = until;
                self.quiet_days = 0;
                return Some(Opening { from, until });
            }
        }
        None
    }
}

/// The next moment after `at` at which open becomes closed or the reverse, for openings from `at`
/// on. Nothing when it is not within [`QUIET_DAYS_MAX`] days.
pub(super) fn next_change(mut openings: Openings<'_>, at: Timestamp) -> Option<Timestamp> {
    let first = openings.next()?;
    if first.from > at { Some(first.from) } else { end_of(first, openings) }
}

/// When an opening and those that touch it end. Nothing when they go on for [`QUIET_DAYS_MAX`]
/// days.
pub(super) fn end_of(first: Opening, following: Openings<'_>) -> Option<Timestamp> {
    const LONG: std::time::Duration =
        std::time::Duration::from_secs(QUIET_DAYS_MAX as u64 * 86_400);
    let mut until = first.until;
    for opening in following {
        if opening.from > until {
            break;
        }
        until = opening.until;
        if until.since(first.from) > LONG {
            return None;
        }
    }
    Some(until)
}

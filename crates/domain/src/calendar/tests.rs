//! The clock of service hours, against the wall clock and against a count of minutes.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::time::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn hours(zone: &str, weekly: &str, exceptions: &[(&str, &str)]) -> ServiceHours {
    let exceptions = exceptions.iter().map(|(date, hours)| {
        DayException::parse(date.parse().expect("a date"), hours).expect("an exception")
    });
    let weekly = weekly.parse().expect("hours");
    ServiceHours::new(zone, weekly, exceptions.collect()).expect("service hours")
}

fn shanghai(weekly: &str) -> ServiceHours {
    hours("Asia/Shanghai", weekly, &[])
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

const OFFICE: &str = "Mon-Fri 08:00-12:00 13:30-18:00";
const YEARS: Duration = Duration::from_secs(20 * 366 * 86_400);

#[test]
fn always_open_hours_never_stop_the_clock() {
    let always = ServiceHours::always("Asia/Shanghai");
    let start = at("2026-03-01T03:00:00+08:00");
    assert!(always.is_open(start));
    assert_eq!(always.next_open(start), Some(start));
    assert_eq!(always.closes_at(start), None);
    assert_eq!(always.due_after(start, minutes(30)), start.plus(minutes(30)));
    assert_eq!(always.open_between(start, start.plus(YEARS)), YEARS);
    assert_eq!(always.open_between(start.plus(YEARS), start), Duration::ZERO);
}

#[test]
fn the_clock_stands_still_over_lunch_the_night_and_the_weekend() {
    let office = shanghai(OFFICE);
    for (start, span, due) in [
        ("2026-03-02T08:00:00+08:00", 30, "2026-03-02T08:30:00+08:00"),
        ("2026-03-02T11:50:00+08:00", 30, "2026-03-02T13:50:00+08:00"),
        ("2026-03-02T12:10:00+08:00", 30, "2026-03-02T14:00:00+08:00"),
        ("2026-03-02T17:45:00+08:00", 30, "2026-03-03T08:15:00+08:00"),
        ("2026-03-06T17:45:00+08:00", 30, "2026-03-09T08:15:00+08:00"),
        ("2026-03-07T10:00:00+08:00", 30, "2026-03-09T08:30:00+08:00"),
        ("2026-03-02T08:00:00+08:00", 5 * 510, "2026-03-06T18:00:00+08:00"),
    ] {
        assert_eq!(office.due_after(at(start), minutes(span)), at(due), "{start} + {span} min");
    }
}

#[test]
fn a_span_that_fills_a_window_is_due_at_its_end() {
    let office = shanghai(OFFICE);
    let start = at("2026-03-02T11:30:00+08:00");
    assert_eq!(office.due_after(start, minutes(30)), at("2026-03-02T12:00:00+08:00"));
    assert_eq!(
        office.due_after(start, minutes(30) + Duration::from_micros(1)),
        at("2026-03-02T13:30:00.000001+08:00")
    );
}

#[test]
fn no_span_is_due_at_once_even_at_night() {
    let night = at("2026-03-02T03:00:00+08:00");
    assert_eq!(shanghai(OFFICE).due_after(night, Duration::ZERO), night);
}

#[test]
fn a_window_holds_its_first_moment_and_not_its_last() {
    let office = shanghai(OFFICE);
    for (moment, open, next, closes) in [
        ("2026-03-02T07:59:59+08:00", false, "2026-03-02T08:00:00+08:00", None),
        (
            "2026-03-02T08:00:00+08:00",
            true,
            "2026-03-02T08:00:00+08:00",
            Some("2026-03-02T12:00:00+08:00"),
        ),
        ("2026-03-02T12:00:00+08:00", false, "2026-03-02T13:30:00+08:00", None),
        ("2026-03-06T18:00:00+08:00", false, "2026-03-09T08:00:00+08:00", None),
    ] {
        assert_eq!(office.is_open(at(moment)), open, "{moment}");
        assert_eq!(office.next_open(at(moment)), Some(at(next)), "{moment}");
        assert_eq!(office.closes_at(at(moment)), closes.map(at), "{moment}");
    }
}

#[test]
fn windows_that_touch_close_once() {
    let touching = shanghai("Mon 08:00-12:00 12:00-14:00 22:00-24:00; Tue 00:00-06:00");
    assert_eq!(
        touching.closes_at(at("2026-03-02T09:00:00+08:00")),
        Some(at("2026-03-02T14:00:00+08:00"))
    );
    assert_eq!(
        touching.closes_at(at("2026-03-02T23:00:00+08:00")),
        Some(at("2026-03-03T06:00:00+08:00"))
    );
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_begins() {
    let nights = shanghai("Sun 22:00-06:00");
    assert!(nights.is_open(at("2026-03-01T22:00:00+08:00")));
    assert!(nights.is_open(at("2026-03-02T05:59:59+08:00")));
    assert!(!nights.is_open(at("2026-03-02T06:00:00+08:00")));
    assert!(!nights.is_open(at("2026-03-01T05:00:00+08:00")));
    assert_eq!(
        nights.due_after(at("2026-03-01T23:00:00+08:00"), minutes(8 * 60)),
        at("2026-03-08T23:00:00+08:00")
    );
}

#[test]
fn a_weekly_tuesday_is_waited_for() {
    let tuesdays = shanghai("Tue 09:00-10:00");
    let wednesday = at("2026-03-04T09:00:00+08:00");
    assert_eq!(tuesdays.next_open(wednesday), Some(at("2026-03-10T09:00:00+08:00")));
    assert_eq!(tuesdays.due_after(wednesday, minutes(90)), at("2026-03-17T09:30:00+08:00"));
}

#[test]
fn a_holiday_is_closed_and_a_moved_working_day_is_open() {
    // National Day 2026; Saturday 10 October is worked instead.
    let outlet = hours(
        "Asia/Shanghai",
        OFFICE,
        &[
            ("2026-10-10", "09:00-12:00"),
            ("2026-10-01", ""),
            ("2026-10-02", ""),
            ("2026-10-05", ""),
            ("2026-10-06", ""),
            ("2026-10-07", ""),
        ],
    );
    let eve = at("2026-09-30T17:45:00+08:00");
    assert_eq!(outlet.due_after(eve, minutes(30)), at("2026-10-08T08:15:00+08:00"));
    assert!(outlet.is_open(at("2026-10-10T11:00:00+08:00")));
    assert!(!outlet.is_open(at("2026-10-10T12:00:00+08:00")));
    assert!(!outlet.is_open(at("2026-10-17T11:00:00+08:00")));
}

#[test]
fn a_night_before_a_holiday_runs_to_its_end_and_one_of_the_holiday_does_not_begin() {
    let nights = hours("Asia/Shanghai", "Mon-Sun 22:00-06:00", &[("2026-10-01", "")]);
    assert!(nights.is_open(at("2026-10-01T05:00:00+08:00")));
    assert!(!nights.is_open(at("2026-10-01T23:00:00+08:00")));
    assert!(!nights.is_open(at("2026-10-02T05:00:00+08:00")));
}

#[test]
fn an_exception_that_meets_the_night_before_counts_each_minute_once() {
    let both = hours("UTC", "Sun 22:00-06:00", &[("2026-03-02", "05:00-08:00")]);
    let (from, to) = (at("2026-03-01T00:00:00Z"), at("2026-03-03T00:00:00Z"));
    assert_eq!(both.open_between(from, to), minutes(10 * 60));
    assert_eq!(both.closes_at(at("2026-03-01T23:00:00Z")), Some(at("2026-03-02T08:00:00Z")));
}

#[test]
fn hours_without_a_week_are_always_but_for_their_exceptions() {
    let outlet = hours("Asia/Shanghai", "", &[("2026-10-01", ""), ("2026-10-02", "09:00-12:00")]);
    assert!(outlet.is_open(at("2026-09-30T23:59:59+08:00")));
    assert!(!outlet.is_open(at("2026-10-01T00:00:00+08:00")));
    assert_eq!(
        outlet.next_open(at("2026-10-01T00:00:00+08:00")),
        Some(at("2026-10-02T09:00:00+08:00"))
    );
    assert_eq!(
        outlet.closes_at(at("2026-09-28T10:00:00+08:00")),
        Some(at("2026-10-01T00:00:00+08:00"))
    );
    assert_eq!(outlet.closes_at(at("2026-10-03T10:00:00+08:00")), None);
}

#[test]
fn a_clock_set_forward_takes_an_hour_from_the_night() {
    let nights = hours("America/New_York", "Sat 22:00-06:00", &[]);
    let (from, to) = (at("2026-03-07T00:00:00-05:00"), at("2026-03-09T00:00:00-04:00"));
    assert_eq!(nights.open_between(from, to), minutes(7 * 60));
    assert_eq!(
        nights.due_after(at("2026-03-08T01:30:00-05:00"), minutes(60)),
        at("2026-03-08T03:30:00-04:00")
    );
}

#[test]
fn a_clock_set_back_gives_an_hour_to_the_night() {
    let nights = hours("America/New_York", "Sat 22:00-06:00", &[]);
    let (from, to) = (at("2026-10-31T00:00:00-04:00"), at("2026-11-02T00:00:00-05:00"));
    assert_eq!(nights.open_between(from, to), minutes(9 * 60));
    assert!(nights.is_open(at("2026-11-01T01:30:00-04:00")));
    assert!(nights.is_open(at("2026-11-01T01:30:00-05:00")));
    assert_eq!(
        nights.due_after(at("2026-11-01T01:30:00-04:00"), minutes(60)),
        at("2026-11-01T01:30:00-05:00")
    );
}

#[test]
fn a_window_within_the_skipped_hour_does_not_open_that_day() {
    let skipped = hours("America/New_York", "Sun 02:00-03:00", &[]);
    assert_eq!(
        skipped.next_open(at("2026-03-08T00:00:00-05:00")),
        Some(at("2026-03-15T02:00:00-04:00"))
    );
    let partly = hours("America/New_York", "Sun 01:30-02:30", &[]);
    assert_eq!(
        partly.closes_at(at("2026-03-08T01:45:00-05:00")),
        Some(at("2026-03-08T03:00:00-04:00"))
    );
}

#[test]
fn an_end_within_the_hour_that_comes_twice_is_the_first() {
    let early = hours("America/New_York", "Sun 00:00-01:30", &[]);
    assert!(early.is_open(at("2026-11-01T01:29:00-04:00")));
    assert!(!early.is_open(at("2026-11-01T01:10:00-05:00")));
}

#[test]
fn the_office_opens_at_its_local_hour_on_both_sides_of_a_change() {
    let office = hours("America/New_York", OFFICE, &[]);
    for (friday, monday) in [
        ("2026-03-06T17:45:00-05:00", "2026-03-09T08:15:00-04:00"),
        ("2026-10-30T17:45:00-04:00", "2026-11-02T08:15:00-05:00"),
    ] {
        assert_eq!(office.due_after(at(friday), minutes(30)), at(monday));
    }
}

#[test]
fn hours_that_stay_closed_have_no_opening_and_a_clock_that_does_not_pause() {
    let mut date = jiff::civil::date(2026, 1, 6);
    let mut closed = Vec::new();
    for _ in 0..60 {
        closed.push(DayException::parse(CivilDate::from_jiff(date), "").expect("an exception"));
        date = date.saturating_add(jiff::Span::new().weeks(1));
    }
    let tuesdays = "Tue 09:00-10:00".parse().expect("hours");
    let outlet = ServiceHours::new("UTC", tuesdays, closed).expect("service hours");
    let start = at("2026-01-05T00:00:00Z");
    assert_eq!(outlet.next_open(start), None);
    assert_eq!(outlet.due_after(start, minutes(30)), start.plus(minutes(30)));
    assert_eq!(outlet.open_between(start, start.plus(minutes(60 * 24 * 30))), Duration::ZERO);
    assert_eq!(outlet.next_open(at("2026-02-02T00:00:00Z")), Some(at("2027-03-02T09:00:00Z")));
}

#[test]
fn a_span_beyond_a_hundred_years_does_not_pause() {
    let start = at("2026-03-02T08:00:00Z");
    let tuesdays = hours("UTC", "Tue 09:00-10:00", &[]);
    assert_eq!(tuesdays.due_after(start, YEARS), start.plus(YEARS));
    assert_eq!(tuesdays.due_after(start, Duration::MAX), Timestamp::MAX);
}

#[test]
fn a_stored_zone_that_is_no_longer_known_counts_as_utc() {
    let lost = ServiceHours::always("Mars/Olympus");
    assert!(lost.is_open(at("2026-03-02T08:00:00Z")));
    let roster: WeeklyHours = "Mon 08:00-09:00".parse().expect("hours");
    assert!(roster.is_open_in(&Zone::or_utc("Mars/Olympus"), at("2026-03-02T08:30:00Z")));
}

#[test]
fn an_unknown_zone_and_a_date_with_two_entries_are_refused() {
    let weekly = WeeklyHours::default();
    let error = ServiceHours::new("Beijing", weekly.clone(), vec![]).expect_err("unknown");
    assert!(error.to_string().contains("`Beijing`"), "{error}");
    let day = DayException::parse("2026-10-01".parse().expect("a date"), "").expect("closed");
    assert_eq!(
        ServiceHours::new("UTC", weekly, vec![day.clone(), day.clone()]),
        Err(ServiceHoursError::DateTwice(day.date()))
    );
}

#[test]
fn an_exception_is_checked_as_a_window_is() {
    let date: CivilDate = "2026-10-01".parse().expect("a date");
    for text in ["09:00", "09:00-09:00", "Mon 09:00-12:00", "09:00-12:00 11:00-13:00"] {
        assert!(DayException::parse(date, text).is_err(), "{text}");
    }
    let night = DayException::parse(date, "22:00-06:00 09:00-12:00").expect("hours");
    assert_eq!(night.to_string(), "09:00-12:00 22:00-06:00");
}

#[test]
fn people_read_what_they_write() {
    let json = r#"{"zone":"Asia/Shanghai","weekly":"Mon-Fri 08:00-12:00 13:30-18:00","exceptions":[{"date":"2026-10-01","hours":""},{"date":"2026-10-10","hours":"09:00-12:00"}]}"#;
    let read: ServiceHours = serde_json::from_str(json).expect("service hours");
    assert_eq!(serde_json::to_string(&read).expect("json"), json);
    let least: ServiceHours = serde_json::from_str(r#"{"zone":"asia/shanghai"}"#).expect("hours");
    assert_eq!(least, ServiceHours::always("Asia/Shanghai"));
}

#[test]
fn a_refusal_of_what_people_write_names_the_place() {
    for (json, named) in [
        (r#"{"zone":"Beijing"}"#, "`Beijing`"),
        (r#"{"weekly":""}"#, "zone"),
        (r#"{"zone":"UTC","open":true}"#, "`open`"),
        (r#"{"zone":"UTC","weekly":"Mon 9"}"#, "`9`"),
        (r#"{"zone":"UTC","exceptions":[{"date":"2026-10-1","hours":""}]}"#, "`2026-10-1`"),
        (r#"{"zone":"UTC","exceptions":[{"date":"2026-10-01","hours":"x"}]}"#, "2026-10-01: `x`"),
        (r#"{"zone":"UTC","exceptions":[{"date":"2026-10-01"}]}"#, "hours"),
        (r#"{"zone":"UTC","exceptions":[{"date":"2026-10-01","hours":"","why":""}]}"#, "`why`"),
    ] {
        let error = serde_json::from_str::<ServiceHours>(json).expect_err(json).to_string();
        assert!(error.contains(named), "{json}: {error}");
    }
}

#[test]
fn the_ends_of_time_do_not_panic() {
    let office = hours("America/New_York", OFFICE, &[("2026-10-01", "")]);
    for moment in [Timestamp::MIN, Timestamp::MAX, at("9999-12-30T00:00:00Z")] {
        office.is_open(moment);
        office.next_open(moment);
        office.closes_at(moment);
        assert!(office.due_after(moment, minutes(30)) >= moment);
        office.open_between(Timestamp::MIN, moment);
        office.weekly().next_change(&Zone::UTC, moment);
    }
}

/// Weekly hours and exceptions of which some windows pass midnight; perhaps none.
fn any_hours(zone: &'static str) -> impl Strategy<Value = ServiceHours> {
    let window = (1_u8..=7, 0_u16..48, 1_u16..40);
    let weekly = prop::collection::vec(window, 0..12).prop_map(|windows| {
        windows.into_iter().fold(WeeklyHours::default(), |hours, (weekday, from, length)| {
            let mut more = hours.windows().to_vec();
            more.push(Window { weekday, from: from * 30, until: (from + length) * 30 });
            WeeklyHours::new(more).unwrap_or(hours)
        })
    });
    let exception = (1_u8..=28, prop::option::of((0_u16..48, 1_u16..40)));
    let exceptions = prop::collection::vec(exception, 0..4).prop_map(|days| {
        let days: std::collections::BTreeMap<_, _> = days.into_iter().collect();
        let windows = days.into_iter().map(|(day, window)| {
            let date = CivilDate::new(2026, 3, day).expect("a date");
            let window = window.map(|(from, length)| (from * 30, (from + length) * 30));
            DayException::new(date, window.into_iter().collect())
        });
        windows.filter_map(Result::ok).collect::<Vec<_>>()
    });
    (weekly, exceptions).prop_map(move |(weekly, exceptions)| {
        ServiceHours::new(zone, weekly, exceptions).expect("service hours")
    })
}

/// Whether windows hold what the wall clock shows; written without any of the code under test.
fn shown_open(hours: &ServiceHours, shown: jiff::civil::DateTime) -> bool {
    let minute =
        u16::from(shown.hour().unsigned_abs()) * 60 + u16::from(shown.minute().unsigned_abs());
    let holds = |date: jiff::civil::Date, minute: u16| {
        let own = hours.exceptions().iter().find(|day| day.date() == CivilDate::from_jiff(date));
        let weekday = date.weekday().to_monday_one_offset().unsigned_abs();
        let of_week = hours.weekly().windows().iter().filter(|window| window.weekday == weekday);
        let windows: Vec<(u16, u16)> = match own {
            Some(day) => day.windows().to_vec(),
            None if hours.weekly().is_empty() => vec![(0, 1_440)],
            None => of_week.map(|window| (window.from, window.until)).collect(),
        };
        windows.iter().any(|(from, until)| (*from..*until).contains(&minute))
    };
    let date = shown.date();
    holds(date, minute) || holds(date.yesterday().expect("a day before"), minute + 1_440)
}

proptest! {
    #[test]
    fn openness_is_what_the_wall_clock_shows(
        hours in any_hours("America/New_York"),
        // The first week of March to the end of it: one clock change, forward.
        minute in 0_i64..30 * 1_440,
    ) {
        let moment = at("2026-03-01T05:00:00Z").plus(minutes(minute.unsigned_abs()));
        let zone = jiff::tz::TimeZone::get("America/New_York").expect("a zone");
        let shown = zone.to_datetime(moment.to_jiff());
        prop_assert_eq!(hours.is_open(moment), shown_open(&hours, shown));
    }

    #[test]
    fn the_clock_agrees_with_a_count_of_half_hours(
        hours in any_hours("UTC"), start in 0_u64..14 * 48, span in 1_u64..100,
    ) {
        let begin = at("2026-03-01T00:00:00Z").plus(minutes(start * 30));
        let half_hours = (0..48 * 60).map(|n| begin.plus(minutes(n * 30)));
        let mut open = half_hours.filter(|moment| shown_open(&hours, moment.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).datetime()));
        prop_assert_eq!(hours.next_open(begin), open.clone().next());
        if let Some(last) = open.nth(usize::try_from(span - 1).expect("small")) {
            let due = hours.due_after(begin, minutes(span * 30));
            prop_assert_eq!(due, last.plus(minutes(30)));
        }
    }

    #[test]
    fn a_clock_that_ran_for_a_span_was_open_for_that_span(
        hours in any_hours("America/New_York"),
        start in 0_u64..300 * 86_400, span in 1_u64..40 * 86_400,
    ) {
        let start = at("2026-01-01T00:00:00Z").plus(Duration::from_secs(start));
        let span = Duration::from_secs(span);
        let due = hours.due_after(start, span);
        prop_assert_eq!(hours.open_between(start, due), span);
        prop_assert!(hours.is_open(due.minus(Duration::from_micros(1))));
        prop_assert!(due >= start.plus(span));
    }

    #[test]
    fn a_longer_span_is_never_due_earlier_nor_a_later_start(
        hours in any_hours("America/New_York"),
        start in 0_u64..300 * 86_400, more in 0_u64..86_400, span in 1_u64..9 * 86_400,
    ) {
        let start = at("2026-01-01T00:00:00Z").plus(Duration::from_secs(start));
        let (span, more) = (Duration::from_secs(span), Duration::from_secs(more));
        let due = hours.due_after(start, span);
        prop_assert!(hours.due_after(start, span + more) >= due);
        prop_assert!(hours.due_after(start.plus(more), span) >= due);
    }

    #[test]
    fn open_time_adds_up_over_any_cut(
        hours in any_hours("America/New_York"),
        start in 0_u64..300 * 86_400, a in 0_u64..20 * 86_400, b in 0_u64..20 * 86_400,
    ) {
        let start = at("2026-01-01T00:00:00Z").plus(Duration::from_secs(start));
        let cut = start.plus(Duration::from_secs(a));
        let end = cut.plus(Duration::from_secs(b));
        prop_assert_eq!(
            hours.open_between(start, cut) + hours.open_between(cut, end),
            hours.open_between(start, end)
        );
    }

    #[test]
    fn nothing_changes_before_the_next_change(
        hours in any_hours("America/New_York"),
        start in 0_u64..300 * 86_400, part in 0.0_f64..1.0,
    ) {
        let zone = Zone::new("America/New_York").expect("a zone");
        let roster = hours.weekly();
        let start = at("2026-01-01T00:00:00Z").plus(Duration::from_secs(start));
        if let Some(change) = roster.next_change(&zone, start) {
            let open = roster.is_open_in(&zone, start);
            let between = start.plus(change.since(start).mul_f64(part)).min(change.minus(Duration::from_micros(1)));
            prop_assert!(change > start);
            prop_assert_eq!(roster.is_open_in(&zone, between), open);
            prop_assert_eq!(roster.is_open_in(&zone, change), !open);
        }
    }

    #[test]
    fn hours_read_back_from_what_people_see(hours in any_hours("Asia/Shanghai")) {
        let json = serde_json::to_string(&hours).expect("json");
        prop_assert_eq!(serde_json::from_str::<ServiceHours>(&json).expect("hours"), hours);
    }
}

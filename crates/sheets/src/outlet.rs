//! Outlets, with their service hours and holidays.

use domain::directory::OutletEntry;
use domain::{
    Aggregates, CivilDate, Command, DayException, OutletId, ServiceHours, WeeklyHours, Zone,
};

use crate::column::{At, Column, Draft, Point, reference, short};
use crate::sheet::Sheet;
use crate::wrong::Wrong;

/// Longer than any holiday; a mistyped year would otherwise close an outlet for a century.
const RANGE_DAYS_MAX: usize = 100;

#[derive(Debug, Default)]
pub(crate) struct OutletDraft {
    entry: OutletEntry,
    point: Point,
    weekly: WeeklyHours,
    zone: Option<String>,
    exceptions: Vec<DayException>,
}

impl Draft for OutletDraft {
    type Id = OutletId;
    const SHEET: Sheet = Sheet::Outlets;
    const COLUMNS: &'static [Column<Self>] = &[
        Column::required("name", "名称", "what it is called", |draft, cell, _| {
            draft.entry.name = short(cell)?.unwrap_or_default();
            Ok(())
        }),
        Column::new("area", "片区", "code of its area", |draft, cell, world| {
            draft.entry.area = reference(cell, Sheet::Areas, world)?;
            Ok(())
        }),
        Column::new(
            "hours",
            "服务时间",
            "when it serves: `Mon-Fri 08:00-12:00 13:30-18:00; Sat 09:00-12:00`, `周一至周五 08:00-18:00`; \
             always where empty",
            |draft, cell, _| {
                draft.weekly = cell.parse().map_err(Wrong::Hours)?;
                Ok(())
            },
        ),
        Column::new(
            "exceptions",
            "节假日",
            "dates with hours of their own: `2026-10-01~2026-10-07 closed; 2026-10-10 09:00-17:00`; 休 is closed",
            |draft, cell, _| {
                draft.exceptions = exceptions(cell)?;
                Ok(())
            },
        ),
        Column::new(
            "zone",
            "时区",
            "time zone of the hours, such as `Asia/Shanghai`; the firm's where empty",
            |draft, cell, _| {
                draft.zone = zone(cell)?;
                Ok(())
            },
        ),
        Column::new("latitude", "纬度", "degrees north", |draft, cell, _| {
            draft.point.read_latitude(cell)
        }),
        Column::new("longitude", "经度", "degrees east", |draft, cell, _| {
            draft.point.read_longitude(cell)
        }),
        Column::new(
            "datum",
            "坐标系",
            "`WGS-84` (where empty) or `GCJ-02`",
            |draft, cell, _| draft.point.read_datum(cell),
        ),
    ];

    fn begin(id: OutletId, now: &dyn Aggregates) -> Self {
        let Some(outlet) = now.outlet(id) else { return Self::default() };
        let entry = OutletEntry::from(&outlet.entry);
        let hours = &outlet.entry.hours;
        Self {
            point: Point::of(entry.position),
            weekly: hours.weekly().clone(),
            zone: Some(hours.zone().to_owned()),
            exceptions: hours.exceptions().to_vec(),
            entry,
        }
    }

    fn finish(self, id: OutletId, code: String, now: &dyn Aggregates) -> Result<Command, At> {
        let Self { mut entry, point, weekly, zone, exceptions } = self;
        entry.code = Some(code);
        entry.position = point.finish()?;
        let zone = zone.unwrap_or_else(|| now.rules().rules.zone.clone());
        let hours = ServiceHours::new(&zone, weekly, exceptions);
        let hours = hours
            .map_err(|error| At { column: "exceptions", wrong: Wrong::ServiceHours(error) })?;
        entry.hours = Some(hours);
        Ok(Command::Outlet(id, entry))
    }
}

/// The name of a time zone as the database has it.
pub(crate) fn zone(cell: &str) -> Result<Option<String>, Wrong> {
    if cell.is_empty() {
        return Ok(None);
    }
    let zone = Zone::new(cell).map_err(|_| Wrong::Zone(Wrong::quoted(cell)))?;
    Ok(Some(zone.name().to_owned()))
}

fn exceptions(cell: &str) -> Result<Vec<DayException>, Wrong> {
    let mut exceptions = Vec::new();
    for part in cell.split([';', '；', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
        let (dates, hours) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
        let hours = match hours.trim() {
            "" => return Err(Wrong::ExceptionHours(Wrong::quoted(part))),
            "closed" | "休" | "休息" => "",
            hours => hours,
        };
        let (first, last) = dates.split_once(['~', '～', '至']).unwrap_or((dates, dates));
        let first: CivilDate = first.parse().map_err(|_| Wrong::Date(Wrong::quoted(first)))?;
        let last: CivilDate = last.parse().map_err(|_| Wrong::Date(Wrong::quoted(last)))?;
        let mut date = first;
        for count in 0.. {
            if count == RANGE_DAYS_MAX || date > last {
                return Err(Wrong::DateRange(Wrong::quoted(dates)));
            }
            exceptions.push(DayException::parse(date, hours).map_err(Wrong::Hours)?);
            if date == last {
                break;
            }
            date = date.tomorrow().ok_or_else(|| Wrong::DateRange(Wrong::quoted(dates)))?;
        }
    }
    Ok(exceptions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_dates_is_each_of_its_dates() {
        let read = exceptions("2026-12-30~2027-01-02 closed；2027-01-09 09:00-12:00 14:00-18:00");
        let shown: Vec<_> = read
            .expect("dates")
            .iter()
            .map(|exception| format!("{} {exception}", exception.date()))
            .collect();
        assert_eq!(
            shown,
            [
                "2026-12-30 ",
                "2026-12-31 ",
                "2027-01-01 ",
                "2027-01-02 ",
                "2027-01-09 09:00-12:00 14:00-18:00"
            ]
        );
    }

    #[test]
    fn a_range_that_runs_backwards_or_for_a_year_and_a_date_without_hours_are_refused() {
        for wrong in [
            "2026-10-07~2026-10-01 closed",
            "2026-10-01~2027-10-07 closed",
            "2026-10-01",
            "2026-13-01 closed",
            "2026-10-01 always",
        ] {
            assert!(exceptions(wrong).is_err(), "{wrong}");
        }
    }
}

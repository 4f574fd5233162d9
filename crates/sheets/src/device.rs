//! Devices of customers.

use domain::directory::DeviceEntry;
use domain::{Aggregates, CivilDate, Command, DeviceId, Timestamp, Zone};

use crate::column::{At, Column, Draft, Point, names, reference, short};
use crate::sheet::Sheet;
use crate::world::World;
use crate::wrong::Wrong;

#[derive(Debug, Default)]
pub(crate) struct DeviceDraft {
    entry: DeviceEntry,
    point: Point,
}

impl Draft for DeviceDraft {
    type Id = DeviceId;
    const SHEET: Sheet = Sheet::Devices;
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new(
            "customer",
            "客户",
            "code of the customer whose it is",
            |draft, cell, world| {
                draft.entry.customer = reference(cell, Sheet::Customers, world)?;
                Ok(())
            },
        ),
        Column::new(
            "outlet",
            "网点",
            "code of the outlet that serves it",
            |draft, cell, world| {
                draft.entry.outlet = reference(cell, Sheet::Outlets, world)?;
                Ok(())
            },
        ),
        Column::new("model", "型号", "what it is", |draft, cell, _| {
            draft.entry.model = short(cell)?;
            Ok(())
        }),
        Column::new("serial", "序列号", "which one it is", |draft, cell, _| {
            draft.entry.serial = short(cell)?;
            Ok(())
        }),
        Column::new(
            "skills",
            "所需技能",
            "what it takes to repair it, separated by `;` or `、`",
            |draft, cell, _| {
                draft.entry.skills = names(cell)?;
                Ok(())
            },
        ),
        Column::new(
            "warranty_until",
            "保修到期",
            "last day of the warranty, `2027-12-31`, or a moment in RFC 3339",
            |draft, cell, world| {
                draft.entry.warranty_until = end_of(cell, world)?;
                Ok(())
            },
        ),
        Column::new("place", "安装位置", "where, in words", |draft, cell, _| {
            draft.entry.place = short(cell)?;
            Ok(())
        }),
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

    fn begin(id: DeviceId, now: &dyn Aggregates) -> Self {
        let known = now.device(id);
        let entry = known.map(|known| DeviceEntry::from(&known.entry)).unwrap_or_default();
        Self { point: Point::of(entry.position), entry }
    }

    fn finish(self, id: DeviceId, code: String, _: &dyn Aggregates) -> Result<Command, At> {
        let Self { mut entry, point } = self;
        entry.code = Some(code);
        entry.position = point.finish()?;
        Ok(Command::Device(id, entry))
    }
}

/// The end of a day in the firm's time zone, or a moment as it is.
fn end_of(cell: &str, world: &World<'_>) -> Result<Option<Timestamp>, Wrong> {
    if cell.is_empty() {
        return Ok(None);
    }
    let day = cell.parse::<CivilDate>().ok();
    let zone = || Zone::or_utc(&world.rules().rules.zone);
    let moment = match day {
        Some(day) => zone().end_of(day),
        None => cell.parse().ok(),
    };
    moment.map(Some).ok_or_else(|| Wrong::Date(Wrong::quoted(cell)))
}

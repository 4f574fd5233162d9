//! The shape of a sheet's module: a draft of an entry, and a table of columns that fill it in.
//!
//! A draft begins as the entry is now. Each column that the file has reads its cell into it; what
//! the file does not have stays. Then the draft becomes the command that puts the entry.

use std::str::FromStr;

use domain::{Addressed, Coded};
use domain::{Aggregates, Command, Coordinates, Datum, ParseIdError, StaffId, StreamId};

use crate::sheet::{ColumnInfo, Sheet};
use crate::world::World;
use crate::wrong::Wrong;

/// A name, a code, a telephone number, in bytes of UTF-8: what `domain` takes.
const NAME_BYTES_MAX: usize = 200;

/// A column of a sheet.
pub(crate) struct Column<D: 'static> {
    pub(crate) info: ColumnInfo,
    /// Each row of an entry has its own; otherwise the first row tells it for all.
    pub(crate) of_each_row: bool,
    /// Reads a cell, without blanks at its ends, perhaps empty.
    pub(crate) read: Read<D>,
}

pub(crate) type Read<D> = fn(&mut D, &str, &World<'_>) -> Result<(), Wrong>;

impl<D> Column<D> {
    pub(crate) const fn new(
        name: &'static str,
        name_zh: &'static str,
        about: &'static str,
        read: Read<D>,
    ) -> Self {
        let info = ColumnInfo { name, name_zh, required: false, about };
        Self { info, of_each_row: false, read }
    }

    /// A column that every entry has.
    pub(crate) const fn required(
        name: &'static str,
        name_zh: &'static str,
        about: &'static str,
        read: Read<D>,
    ) -> Self {
        let Self { info, .. } = Self::new(name, name_zh, about, read);
        Self { info: ColumnInfo { required: true, ..info }, of_each_row: false, read }
    }

    /// A column that each row of an entry has for itself.
    pub(crate) const fn of_each_row(
        name: &'static str,
        name_zh: &'static str,
        about: &'static str,
        read: Read<D>,
    ) -> Self {
        let Self { info, .. } = Self::new(name, name_zh, about, read);
        Self { info, of_each_row: true, read }
    }
}

/// What is wrong with a draft, and in which column.
#[derive(Debug)]
pub(crate) struct At {
    pub(crate) column: &'static str,
    pub(crate) wrong: Wrong,
}

/// An entry that is being read.
pub(crate) trait Draft: Sized + 'static {
    /// Names the entry.
    type Id: Coded + Into<StreamId>;
    /// Of which sheet.
    const SHEET: Sheet;
    /// The columns, but for the code.
    const COLUMNS: &'static [Column<Self>];

    /// The entry as it is now, or an empty one.
    fn begin(id: Self::Id, now: &dyn Aggregates) -> Self;

    /// A row was read.
    fn end_row(&mut self) -> Result<(), At> {
        Ok(())
    }

    /// The command that puts the entry.
    fn finish(self, id: Self::Id, code: String, now: &dyn Aggregates) -> Result<Command, At>;
}

/// A short text, or nothing.
pub(crate) fn short(cell: &str) -> Result<Option<String>, Wrong> {
    // Also where it is too long: it may be the rest of the file.
    if cell.chars().any(char::is_control) {
        return Err(Wrong::SeveralLines);
    }
    if cell.len() > NAME_BYTES_MAX {
        return Err(Wrong::TooLong { bytes: cell.len(), max: NAME_BYTES_MAX });
    }
    Ok((!cell.is_empty()).then(|| cell.to_owned()))
}

/// The items of a list: separated by a semicolon, a comma or 、.
pub(crate) fn items(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([';', '；', '、', ',', '，']).map(str::trim).filter(|item| !item.is_empty())
}

/// Names in a list.
pub(crate) fn names(cell: &str) -> Result<Vec<String>, Wrong> {
    items(cell).map(|item| Ok(short(item)?.unwrap_or_default())).collect()
}

/// A whole number in this range, or nothing.
pub(crate) fn whole_number(cell: &str, min: u16, max: u16) -> Result<Option<u16>, Wrong> {
    if cell.is_empty() {
        return Ok(None);
    }
    match cell.parse() {
        Ok(number) if (min..=max).contains(&number) => Ok(Some(number)),
        Ok(_) | Err(_) => Err(Wrong::NotANumber { given: Wrong::quoted(cell), min, max }),
    }
}

/// Yes or no; no where nothing is said.
pub(crate) fn yes_no(cell: &str) -> Result<bool, Wrong> {
    match cell.to_lowercase().as_str() {
        "" | "no" | "false" | "0" | "否" => Ok(false),
        "yes" | "true" | "1" | "是" => Ok(true),
        _ => Err(Wrong::NotYesNo(Wrong::quoted(cell))),
    }
}

/// A member of the staff, who is in no sheet: by code or id.
pub(crate) fn staff(cell: &str) -> Result<Option<StaffId>, Wrong> {
    if cell.is_empty() {
        return Ok(None);
    }
    Ok(Some(Addressed::parse(cell).map_err(Wrong::Code)?.id))
}

/// An entry of another sheet, by code or id; it must be there or in a file.
pub(crate) fn reference<T>(cell: &str, to: Sheet, world: &World<'_>) -> Result<Option<T>, Wrong>
where
    T: Coded + FromStr<Err = ParseIdError> + Into<StreamId>,
{
    if cell.is_empty() {
        return Ok(None);
    }
    let id = Addressed::<T>::parse(cell).map_err(Wrong::Code)?.id;
    world.require(id.into(), to, cell)?;
    Ok(Some(id))
}

/// A point on the map, which takes several columns.
#[derive(Debug, Default)]
pub(crate) struct Point {
    latitude: Option<f64>,
    longitude: Option<f64>,
    datum: Datum,
}

impl Point {
    pub(crate) fn of(position: Option<Coordinates>) -> Self {
        Self {
            latitude: position.map(Coordinates::latitude),
            longitude: position.map(Coordinates::longitude),
            datum: position.map(Coordinates::datum).unwrap_or_default(),
        }
    }

    pub(crate) fn read_latitude(&mut self, cell: &str) -> Result<(), Wrong> {
        self.latitude = degrees(cell, 90)?;
        Ok(())
    }

    pub(crate) fn read_longitude(&mut self, cell: &str) -> Result<(), Wrong> {
        self.longitude = degrees(cell, 180)?;
        Ok(())
    }

    pub(crate) fn read_datum(&mut self, cell: &str) -> Result<(), Wrong> {
        self.datum = match cell.to_uppercase().as_str() {
            "" | "WGS-84" | "WGS84" => Datum::Wgs84,
            "GCJ-02" | "GCJ02" => Datum::Gcj02,
            _ => return Err(Wrong::Datum(Wrong::quoted(cell))),
        };
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<Option<Coordinates>, At> {
        match (self.latitude, self.longitude) {
            (Some(latitude), Some(longitude)) => {
                let wrong = |_| At { column: "latitude", wrong: Wrong::Degrees { max: 90 } };
                Coordinates::new(latitude, longitude, self.datum).map(Some).map_err(wrong)
            }
            (None, None) => Ok(None),
            (Some(_), None) => Err(At { column: "longitude", wrong: Wrong::Needed }),
            (None, Some(_)) => Err(At { column: "latitude", wrong: Wrong::Needed }),
        }
    }
}

fn degrees(cell: &str, max: u8) -> Result<Option<f64>, Wrong> {
    if cell.is_empty() {
        return Ok(None);
    }
    match cell.parse::<f64>() {
        Ok(degrees) if degrees.abs() <= f64::from(max) => Ok(Some(degrees)),
        Ok(_) | Err(_) => Err(Wrong::Degrees { max }),
    }
}

//! Which sheets there are, and which columns they have.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::area::AreaDraft;
use crate::column::Draft;
use crate::customer::CustomerDraft;
use crate::device::DeviceDraft;
use crate::engineer::EngineerDraft;
use crate::outlet::OutletDraft;

/// A sheet of the directory. They are loaded in this order, in which none refers to a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sheet {
    /// Areas 片区.
    Areas,
    /// Outlets 网点.
    Outlets,
    /// Engineers 工程师.
    Engineers,
    /// Customers 客户, with their contacts.
    Customers,
    /// Devices 设备.
    Devices,
}

/// A name that no sheet has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no sheet of that name; write areas, outlets, engineers, customers or devices")]
pub struct UnknownSheet;

/// What there is to know of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its name.
    pub name: &'static str,
    /// Its name in Chinese.
    pub name_zh: &'static str,
    /// Whether every entry has it.
    pub required: bool,
    /// What stands in it.
    pub about: &'static str,
}

/// The column that every sheet has.
pub(crate) const CODE: ColumnInfo = ColumnInfo {
    name: "code",
    name_zh: "编号",
    required: true,
    about: "the firm's own code, which names the entry; up to 64 characters",
};

impl Sheet {
    /// All of them, in the order in which they are loaded.
    pub const ALL: [Self; 5] =
        [Self::Areas, Self::Outlets, Self::Engineers, Self::Customers, Self::Devices];

    /// Its name, as in addresses and names of files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Areas => "areas",
            Self::Outlets => "outlets",
            Self::Engineers => "engineers",
            Self::Customers => "customers",
            Self::Devices => "devices",
        }
    }

    /// Its name in Chinese.
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::Areas => "片区",
            Self::Outlets => "网点",
            Self::Engineers => "工程师",
            Self::Customers => "客户",
            Self::Devices => "设备",
        }
    }

    /// One of its entries.
    pub(crate) const fn one(self) -> &'static str {
        match self {
            Self::Areas => "area",
            Self::Outlets => "outlet",
            Self::Engineers => "engineer",
            Self::Customers => "customer",
            Self::Devices => "device",
        }
    }

    /// The sheet that a file is by its name: `outlets.csv`, `网点.csv`.
    pub(crate) fn of_file(name: &str) -> Option<Self> {
        let stem = name.split('.').next().unwrap_or_default().trim().to_lowercase();
        let named = |sheet: &Self| {
            [sheet.name(), sheet.one(), sheet.name_zh()].iter().any(|known| *known == stem)
        };
        Self::ALL.into_iter().find(named)
    }

    /// Its columns; the code is the first.
    pub fn columns(self) -> Vec<ColumnInfo> {
        fn of<D: Draft>() -> Vec<ColumnInfo> {
            std::iter::once(CODE).chain(D::COLUMNS.iter().map(|column| column.info)).collect()
        }
        match self {
            Self::Areas => of::<AreaDraft>(),
            Self::Outlets => of::<OutletDraft>(),
            Self::Engineers => of::<EngineerDraft>(),
            Self::Customers => of::<CustomerDraft>(),
            Self::Devices => of::<DeviceDraft>(),
        }
    }
}

impl fmt::Display for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Sheet {
    type Err = UnknownSheet;

    fn from_str(text: &str) -> Result<Self, UnknownSheet> {
        Self::ALL.into_iter().find(|sheet| sheet.name() == text).ok_or(UnknownSheet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_columns_of_a_sheet_have_the_same_name() {
        for sheet in Sheet::ALL {
            let columns = sheet.columns();
            let names: HashSet<_> =
                columns.iter().flat_map(|column| [column.name, column.name_zh]).collect();
            assert_eq!(names.len(), 2 * columns.len(), "{sheet}");
        }
    }

    #[test]
    fn files_are_known_by_their_names_in_both_languages() {
        assert_eq!(Sheet::of_file("Engineers.csv"), Some(Sheet::Engineers));
        assert_eq!(Sheet::of_file("设备.2026.csv"), Some(Sheet::Devices));
        assert_eq!(Sheet::of_file("客户设备.csv"), None);
    }
}

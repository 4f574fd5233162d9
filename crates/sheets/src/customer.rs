//! Customers. A customer with several contacts has a row for each.

use domain::directory::{Contact, ContactRole, CustomerEntry};
use domain::{Aggregates, Command, CustomerId};

use crate::column::{At, Column, Draft, Point, items, reference, short};
use crate::sheet::Sheet;
use crate::wrong::Wrong;

/// Contacts of one customer: what `domain` takes.
const CONTACTS_MAX: usize = 50;

#[derive(Debug, Default)]
pub(crate) struct CustomerDraft {
    entry: CustomerEntry,
    point: Point,
    /// The contact of the row that is read.
    name: Option<String>,
    phone: Option<String>,
    roles: Vec<ContactRole>,
    /// Those of the file; nothing where it has no column for them.
    contacts: Option<Vec<Contact>>,
}

impl Draft for CustomerDraft {
    type Id = CustomerId;
    const SHEET: Sheet = Sheet::Customers;
    const COLUMNS: &'static [Column<Self>] = &[
        Column::required("name", "名称", "name of the firm or person", |draft, cell, _| {
            draft.entry.name = short(cell)?;
            Ok(())
        }),
        Column::new("place", "地址", "where, in words", |draft, cell, _| {
            draft.entry.place = short(cell)?;
            Ok(())
        }),
        Column::new(
            "outlet",
            "网点",
            "code of the outlet that usually serves them",
            |draft, cell, world| {
                draft.entry.outlet = reference(cell, Sheet::Outlets, world)?;
                Ok(())
            },
        ),
        Column::of_each_row(
            "contact",
            "联系人",
            "name of a contact; one row for each, with the same code",
            |draft, cell, _| {
                draft.contacts.get_or_insert_default();
                draft.name = short(cell)?;
                Ok(())
            },
        ),
        Column::of_each_row(
            "phone",
            "联系电话",
            "the contact's telephone number",
            |draft, cell, _| {
                draft.contacts.get_or_insert_default();
                draft.phone = short(cell)?;
                Ok(())
            },
        ),
        Column::of_each_row(
            "roles",
            "联系人角色",
            "what the contact does: `reports` 报修, `on_site` 现场, `confirms` 确认; separated by `;` or `、`",
            |draft, cell, _| {
                draft.contacts.get_or_insert_default();
                draft.roles = roles(cell)?;
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

    fn begin(id: CustomerId, now: &dyn Aggregates) -> Self {
        let known = now.customer(id);
        let entry = known.map(|known| CustomerEntry::from(&known.entry)).unwrap_or_default();
        Self { point: Point::of(entry.position), entry, ..Self::default() }
    }

    fn end_row(&mut self) -> Result<(), At> {
        let (name, phone) = (self.name.take(), self.phone.take());
        let roles = std::mem::take(&mut self.roles);
        let Some(contacts) = &mut self.contacts else { return Ok(()) };
        match name {
            Some(_) if contacts.len() == CONTACTS_MAX => {
                Err(At { column: "contact", wrong: Wrong::TooMany { max: CONTACTS_MAX } })
            }
            Some(name) => {
                contacts.push(Contact { name, phone, roles });
                Ok(())
            }
            None if phone.is_some() || !roles.is_empty() => {
                Err(At { column: "contact", wrong: Wrong::Needed })
            }
            None => Ok(()),
        }
    }

    fn finish(self, id: CustomerId, code: String, _: &dyn Aggregates) -> Result<Command, At> {
        let Self { mut entry, point, contacts, .. } = self;
        entry.code = Some(code);
        entry.position = point.finish()?;
        if let Some(contacts) = contacts {
            entry.contacts = contacts;
        }
        Ok(Command::Customer(id, entry))
    }
}

fn roles(cell: &str) -> Result<Vec<ContactRole>, Wrong> {
    let mut roles = Vec::new();
    for item in items(cell) {
        let role = match item.to_lowercase().as_str() {
            "reports" | "报修" => ContactRole::Reports,
            "on_site" | "on site" | "现场" => ContactRole::OnSite,
            "confirms" | "确认" => ContactRole::Confirms,
            _ => return Err(Wrong::Role(Wrong::quoted(item))),
        };
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    Ok(roles)
}

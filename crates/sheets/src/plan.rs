//! What loading would do: each entry of the files, decided on the directory and on the entries
//! before it.

use std::collections::HashMap;

use domain::{
    Actor, Addressed, Aggregates, Coded, Command, Context, Origin, Party, Rejection, Timestamp,
};

use crate::area::AreaDraft;
use crate::column::{At, Column, Draft};
use crate::customer::CustomerDraft;
use crate::device::DeviceDraft;
use crate::difference;
use crate::engineer::EngineerDraft;
use crate::outlet::OutletDraft;
use crate::report::{EntryChange, Fault, Outcome, Report};
use crate::sheet::CODE;
use crate::table::{Row, Table};
use crate::text::SheetText;
use crate::world::World;
use crate::wrong::{Place, Wrong};

/// An entry without errors.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) change: EntryChange,
    pub(crate) command: Command,
}

/// What loading would do.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) entries: Vec<Planned>,
    /// Files and errors.
    pub(crate) report: Report,
}

/// Which errors are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    /// Those that a person mends; what follows from them is mended with them.
    Causes,
    /// Each that leaves an entry out.
    All,
}

impl Plan {
    pub(crate) fn make(texts: &[SheetText], now: &dyn Aggregates, telling: Telling) -> Self {
        let mut report = Report::default();
        let tables: Vec<Table> =
            texts.iter().filter_map(|text| Table::read(text, &mut report)).collect();
        let mut planning =
            Planning { tables: &tables, world: World::new(now), telling, entries: vec![], report };
        planning.sheet::<AreaDraft>();
        planning.sheet::<OutletDraft>();
        planning.sheet::<EngineerDraft>();
        planning.sheet::<CustomerDraft>();
        planning.sheet::<DeviceDraft>();
        let Planning { entries, mut report, .. } = planning;
        // In the order in which somebody mends them.
        let order: HashMap<_, _> =
            texts.iter().enumerate().map(|(index, text)| (&text.name, index)).collect();
        report.errors.sort_by_key(|fault| (order.get(&fault.file).copied(), fault.line));
        Self { entries, report }
    }
}

struct Planning<'a> {
    tables: &'a [Table],
    world: World<'a>,
    telling: Telling,
    entries: Vec<Planned>,
    report: Report,
}

/// The rows of one entry.
struct Group<'a, D: Draft> {
    id: D::Id,
    code: &'a str,
    rows: Vec<(&'a Table, &'a Row)>,
}

impl<'a> Planning<'a> {
    fn sheet<D: Draft>(&mut self) {
        let groups = self.groups::<D>();
        for group in groups {
            let (table, row) = group.rows[0];
            let place = place(table, row);
            match self.entry(&group, &place) {
                Some(planned) => self.entries.push(planned),
                None => self.report.count(D::SHEET).left_out += 1,
            }
        }
    }

    /// The rows of each entry, in the order of the files.
    fn groups<D: Draft>(&mut self) -> Vec<Group<'a, D>> {
        let several_rows = D::COLUMNS.iter().any(|column| column.of_each_row);
        let mut groups: Vec<Group<'a, D>> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        for table in self.tables.iter().filter(|table| table.sheet == D::SHEET) {
            let Some(column) = table.column(CODE.name) else { continue };
            for row in &table.rows {
                let code = row.cell(column);
                match known.get(code) {
                    Some(index) if several_rows => groups[*index].rows.push((table, row)),
                    Some(index) => {
                        let (first_table, first_row) = groups[*index].rows[0];
                        let first = place(first_table, first_row);
                        let wrong = Wrong::CodeTwice { code: Wrong::quoted(code), first };
                        self.fault(table, row, CODE.name, &wrong);
                        self.report.count(D::SHEET).left_out += 1;
                    }
                    None => match new_code::<D::Id>(code) {
                        Ok(id) => {
                            known.insert(code, groups.len());
                            self.world.name(id.into(), place(table, row));
                            groups.push(Group { id, code, rows: vec![(table, row)] });
                        }
                        Err(wrong) => {
                            self.fault(table, row, CODE.name, &wrong);
                            self.report.count(D::SHEET).left_out += 1;
                        }
                    },
                }
            }
        }
        groups
    }

    /// An entry, unless it has errors.
    fn entry<D: Draft>(&mut self, group: &Group<'a, D>, first: &Place) -> Option<Planned> {
        let errors_before = self.report.errors_total;
        let mut told = true;
        let mut draft = D::begin(group.id, &self.world);
        for (number, (table, row)) in group.rows.iter().enumerate() {
            for (at, column) in columns::<D>(table) {
                let cell = row.cell(at);
                if number > 0 && !column.of_each_row {
                    let same = group.rows[0].0.column(column.info.name);
                    let same = same.map(|at| group.rows[0].1.cell(at));
                    if !cell.is_empty() && same != Some(cell) {
                        self.fault(table, row, column.info.name, &Wrong::Differs(first.clone()));
                    }
                    continue;
                }
                let read = if column.info.required && cell.is_empty() {
                    Err(Wrong::Needed)
                } else {
                    (column.read)(&mut draft, cell, &self.world)
                };
                if let Err(wrong) = read {
                    told &= self.fault(table, row, column.info.name, &wrong);
                }
            }
            if let Err(At { column, wrong }) = draft.end_row() {
                self.fault(table, row, column, &wrong);
            }
        }
        let (table, row) = group.rows[0];
        let is_new = !self.world.knows(group.id.into());
        for column in D::COLUMNS.iter().filter(|column| column.info.required && is_new) {
            if table.column(column.info.name).is_none() {
                self.fault(table, row, column.info.name, &Wrong::NoColumnForNew(column.info));
            }
        }
        if self.report.errors_total > errors_before || !told {
            return None;
        }
        let decided =
            draft.finish(group.id, group.code.to_owned(), &self.world).and_then(|command| {
                self.decide::<D>(command, group.code, first).map_err(rejected::<D>)
            });
        match decided {
            Ok(planned) => Some(planned),
            Err(At { column, wrong }) => {
                self.fault(table, row, column, &wrong);
                None
            }
        }
    }

    fn decide<D: Draft>(
        &mut self,
        command: Command,
        code: &str,
        place: &Place,
    ) -> Result<Planned, Rejection> {
        // Entries are the same whenever and by whomever they are put.
        let context = Context {
            now: Timestamp::default(),
            actor: Actor::system(Party::Import),
            origin: Origin::Live,
        };
        let changes = domain::decide(&self.world, &command, &context)?;
        let (outcome, fields) = match changes.first() {
            None => (Outcome::Unchanged, Vec::new()),
            Some(change) => match difference::between(&self.world, &command, &change.event) {
                None => (Outcome::Added, Vec::new()),
                Some(fields) => (Outcome::Changed, fields),
            },
        };
        changes.iter().for_each(|change| self.world.apply(change));
        let change = EntryChange {
            file: place.file.clone(),
            line: place.line,
            sheet: D::SHEET,
            code: code.to_owned(),
            id: command.stream(),
            outcome,
            fields,
        };
        Ok(Planned { change, command })
    }

    /// Says whether it was told.
    fn fault(&mut self, table: &Table, row: &Row, column: &str, wrong: &Wrong) -> bool {
        if self.telling == Telling::Causes && wrong.follows_from_others() {
            return false;
        }
        let column = table.given(column);
        self.report.add_fault(Fault::at(&place(table, row), Some(column), wrong));
        true
    }
}

fn place(table: &Table, row: &Row) -> Place {
    Place { file: table.file.clone(), line: row.line }
}

/// The columns of a file that are read into a draft.
fn columns<D: Draft>(table: &Table) -> impl Iterator<Item = (usize, &'static Column<D>)> {
    let read = |(at, column): (usize, &crate::table::TableColumn)| {
        let known = D::COLUMNS.iter().find(|known| known.info.name == column.info.name)?;
        Some((at, known))
    };
    table.columns.iter().enumerate().filter_map(read)
}

fn new_code<T: Coded>(cell: &str) -> Result<T, Wrong> {
    if cell.is_empty() {
        return Err(Wrong::Needed);
    }
    match Addressed::<T>::parse(cell).map_err(Wrong::Code)? {
        Addressed { id, code: Some(_) } => Ok(id),
        Addressed { code: None, .. } => Err(Wrong::IdForCode),
    }
}

/// A rejection at the column that it names, as far as there is one.
fn rejected<D: Draft>(rejection: Rejection) -> At {
    let field = match &rejection {
        Rejection::Invalid { field, .. } | Rejection::UnknownReference { field, .. } => *field,
        _ => CODE.name,
    };
    let field = match field {
        "contacts" | "contacts.name" => "contact",
        "contacts.phone" => "phone",
        "contacts.roles" => "roles",
        field => field,
    };
    let column = D::COLUMNS.iter().find(|column| column.info.name == field);
    let column = column.map_or(CODE.name, |column| column.info.name);
    At { column, wrong: Wrong::Rejected(rejection) }
}

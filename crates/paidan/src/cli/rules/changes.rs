//! What two sets differ in, for people.

use std::collections::BTreeSet;

use domain::DayException;
use domain::rules::{RuleChange, RuleValue};

use super::args::Which;
use crate::cli::page::Page;
use crate::cli::table::{Align, Table};
use crate::rules_file;

/// A line for each field, with what stands in either set under its name.
pub(super) fn table(changes: &[RuleChange<'_>], sets: [&Which; 2], page: &Page<'_>) -> String {
    let [from, to] = sets.map(|which| which.say(page.language));
    let columns = [page.say("rules-column-field"), from, to].map(|name| (name, Align::Left));
    let mut table = Table::new(columns).within(page.width);
    for RuleChange { field, from, to } in changes {
        match (from, to) {
            (RuleValue::Days(from), RuleValue::Days(to)) => {
                days(field, from, to).into_iter().for_each(|row| table.row(row));
            }
            (from, to) => table.row([(*field).to_owned(), shown(from), shown(to)]),
        }
    }
    table.render()
}

/// As the file has it, so that it can be copied there.
fn shown(value: &RuleValue<'_>) -> String {
    rules_file::value(value, "")
}

/// A year of holidays differs in a few: a line for each.
fn days(field: &str, from: &[DayException], to: &[DayException]) -> Vec<[String; 3]> {
    let of = |days: &[DayException], date| {
        let day = days.iter().find(|day| day.date() == date);
        day.map_or_else(|| "-".to_owned(), |day| format!("\"{day}\""))
    };
    let dates: BTreeSet<_> = from.iter().chain(to).map(DayException::date).collect();
    let row = |date| [format!("{field} {date}"), of(from, date), of(to, date)];
    dates.into_iter().map(row).filter(|[_, from, to]| from != to).collect()
}

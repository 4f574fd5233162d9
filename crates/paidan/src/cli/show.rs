//! `paidan ticket show`, `engineer show`, `outlet show` and the like: one thing with everything
//! that is known of it.

use super::CliError;
use super::facts::Facts;
use super::names::Names;
use super::page::Page;
use super::query_args::{EntryArgs, TicketShowArgs};
use super::reader::{Reader, read};
use super::target::Target;
use crate::config::Config;

/// A ticket as it stands, or as it stood.
pub(super) fn ticket(
    config: &Config,
    args: &TicketShowArgs,
    page: Page<'_>,
) -> Result<(), CliError> {
    let target = Target::new("/api/v1/tickets").step(&args.id.to_string()).asked_of(&args.query);
    one(config, target, args.query.json, page)
}

/// An entry of the directory, under the path of its kind.
pub(super) fn entry(
    config: &Config,
    path: &str,
    args: &EntryArgs,
    page: Page<'_>,
) -> Result<(), CliError> {
    let target = Target::new(path).step(&args.name).asked(&args.query);
    one(config, target, args.query.json, page)
}

fn one(config: &Config, target: Target, json: bool, mut page: Page<'_>) -> Result<(), CliError> {
    let mut reader = Reader::new(config, !json)?;
    let body = reader.ask(target)?;
    if json {
        return page.end_with_body(&body);
    }
    let facts: Facts = read(&body)?;
    let mut names = Names::new(&mut reader)?;
    names.learn(&mut reader, facts.ids())?;
    let text = facts.table(&page, &names).render();
    page.end_with(&text)
}

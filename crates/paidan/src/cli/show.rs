//! `paidan ticket show`, `engineer show`, `outlet show` and the like: one thing with everything
//! that is known of it.

use super::CliError;
use super::facts::Facts;
use super::names::Names;
use super::page::Page;
use super::query_args::{EntryArgs, QueryArgs, TicketArgs};
use super::reader::{Reader, read};
use super::target::Target;
use crate::config::Config;

/// A ticket as it stands.
pub(super) fn ticket(config: &Config, args: &TicketArgs, page: Page<'_>) -> Result<(), CliError> {
    let target = Target::new("/api/v1/tickets").step(&args.id.to_string());
    one(config, target, &args.query, page)
}

/// An entry of the directory, under the path of its kind.
pub(super) fn entry(
    config: &Config,
    path: &str,
    args: &EntryArgs,
    page: Page<'_>,
) -> Result<(), CliError> {
    one(config, Target::new(path).step(&args.name), &args.query, page)
}

fn one(
    config: &Config,
    target: Target,
    query: &QueryArgs,
    mut page: Page<'_>,
) -> Result<(), CliError> {
    let mut reader = Reader::new(config, !query.json)?;
    let body = reader.ask(target.asked(query))?;
    if query.json {
        return page.end_with_body(&body);
    }
    let facts: Facts = read(&body)?;
    let mut names = Names::new(&mut reader)?;
    names.learn(&mut reader, facts.ids())?;
    let text = facts.table(&page, &names).render();
    page.end_with(&text)
}

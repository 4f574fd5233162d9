//! `paidan backlog`: overdue first, then by priority, then by age.

use serde::Deserialize;

use super::page::Page;
use super::past::Past;
use super::query_args::BacklogArgs;
use super::reader::{Reader, read};
use super::target::Target;
use super::{CliError, tickets};
use crate::config::Config;

#[derive(Deserialize)]
struct Top {
    #[serde(flatten)]
    past: Past,
    tickets: Vec<tickets::Row>,
}

pub(super) fn run(config: &Config, args: &BacklogArgs, mut page: Page<'_>) -> Result<(), CliError> {
    let mut reader = Reader::new(config, !args.query.json)?;
    let target = Target::new("/api/v1/backlog/top").with("n", args.count).asked_of(&args.query);
    let body = reader.ask(target)?;
    if args.query.json {
        return page.end_with_body(&body);
    }
    let top: Top = read(&body)?;
    let mut names = top.past.names(&mut reader)?;
    if top.past.tell(&mut page, &names)?.is_break() {
        return Ok(());
    }
    let mut table = tickets::table(&page);
    tickets::show(&mut table, &page, &mut reader, &mut names, &top.tickets)?;
    page.end_with_table(&table, "command-no-backlog")
}

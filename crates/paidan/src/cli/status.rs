//! `paidan status`: whether everything is ready.

use serde::Deserialize;

use super::CliError;
use super::page::Page;
use super::query_args::QueryArgs;
use super::reader::{Reader, read};
use super::table::{Align, Table};
use super::target::Target;
use crate::config::Config;

#[derive(Deserialize)]
struct Readiness {
    ready: bool,
    log: Part,
    read_models: Vec<Part>,
    dispatcher: Part,
    relay: Option<Part>,
}

#[derive(Deserialize)]
struct Part {
    name: Option<String>,
    state: Option<String>,
    ready: bool,
    position: u64,
    lag: Option<u64>,
    why: Option<String>,
}

pub(super) fn run(config: &Config, args: &QueryArgs, mut page: Page<'_>) -> Result<(), CliError> {
    let mut reader = Reader::new(config, !args.json)?;
    // What is not ready is told with another status, and the same body.
    let body = reader.ask_for(Target::new("/readyz"))?.text;
    let readiness: Readiness = read(&body)?;
    if args.json {
        page.end_with_body(&body)?;
    } else {
        let text = table(&readiness, &page).render();
        page.end_with(&text)?;
    }
    if readiness.ready { Ok(()) } else { Err(CliError::NotReady) }
}

fn table(readiness: &Readiness, page: &Page<'_>) -> Table<5> {
    use Align::{Left, Right};
    let columns = [
        ("command-part", Left),
        ("command-ready", Left),
        ("command-position", Right),
        ("command-lag", Right),
        ("command-why", Left),
    ];
    let mut table =
        Table::new(columns.map(|(name, align)| (page.say(name), align))).within(page.width);
    let mut row = |name: &str, part: &Part| {
        let elsewhere = part.state.clone().filter(|state| state == "elsewhere");
        let is_elsewhere = elsewhere.is_some();
        table.row([
            name.to_owned(),
            page.say(if part.ready { "command-yes" } else { "command-no" }),
            // Where it runs elsewhere, nobody here knows how far it is.
            if is_elsewhere { "-".to_owned() } else { part.position.to_string() },
            part.lag.map_or_else(|| "-".to_owned(), |lag| lag.to_string()),
            part.why.clone().or(elsewhere).unwrap_or_default(),
        ]);
    };
    row("log", &readiness.log);
    for model in &readiness.read_models {
        row(model.name.as_deref().unwrap_or_default(), model);
    }
    row("dispatcher", &readiness.dispatcher);
    if let Some(relay) = &readiness.relay {
        row("relay", relay);
    }
    table
}

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
    dispatchers: Option<Vec<Elsewhere>>,
    relay: Option<Part>,
}

#[derive(Clone, Deserialize)]
struct Part {
    name: Option<String>,
    state: Option<String>,
    ready: bool,
    position: u64,
    lag: Option<u64>,
    why: Option<String>,
}

/// A dispatcher in a process of its own.
#[derive(Deserialize)]
struct Elsewhere {
    id: String,
    role: String,
    caught_up: bool,
    position: u64,
    lag: u64,
}

impl Elsewhere {
    /// As any other part: what it is stands where others say what hinders them.
    fn part(&self, page: &Page<'_>) -> Part {
        let role = match (self.caught_up, self.role.as_str()) {
            (false, _) => "command-catches-up",
            (true, "leader") => "command-leads",
            (true, _) => "command-stands-by",
        };
        Part {
            name: None,
            state: None,
            ready: self.caught_up,
            position: self.position,
            lag: Some(self.lag),
            why: Some(page.say(role)),
        }
    }
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
    let dispatchers = readiness.dispatchers.as_deref();
    // Where they are elsewhere, the one thing to say of all is that there are none.
    let why = match (dispatchers, &readiness.dispatcher.why) {
        (Some([]), Some(_)) => Some(page.say("command-nobody-dispatches")),
        (_, why) => why.clone(),
    };
    row("dispatcher", &Part { why, ..readiness.dispatcher.clone() });
    for one in dispatchers.unwrap_or_default() {
        row(&format!("dispatcher {}", one.id), &one.part(page));
    }
    if let Some(relay) = &readiness.relay {
        row("relay", relay);
    }
    table
}

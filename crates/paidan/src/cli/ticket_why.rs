//! `paidan ticket why`.

use std::fmt::Write;

use domain::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use words::{Args, Language};

use super::CliError;
use super::names::Names;
use super::page::Page;
use super::query_args::TicketArgs;
use super::reader::Reader;
use super::ticket_pages::whole;
use crate::config::Config;

#[derive(Deserialize)]
struct Step {
    event: StepEvent,
    zh: Vec<String>,
    en: Vec<String>,
}

#[derive(Deserialize)]
struct StepEvent {
    position: u64,
    occurred_at: Timestamp,
    basis: Option<Basis>,
}

/// What a decision of the dispatcher was based on.
#[derive(Deserialize)]
struct Basis {
    position: u64,
    core_version: u16,
}

#[derive(Deserialize)]
struct Upcoming {
    zh: String,
    en: String,
}

#[derive(Deserialize)]
struct Why {
    steps: Vec<Step>,
    upcoming: Upcoming,
}

pub(super) fn run(config: &Config, args: &TicketArgs, mut page: Page<'_>) -> Result<(), CliError> {
    let mut reader = Reader::new(config, !args.query.json)?;
    let why = Value::Object(whole(&mut reader, args, "why", "steps")?);
    if args.query.json {
        return page.end_with_body(&why.to_string());
    }
    let why: Why = serde_json::from_value(why).map_err(CliError::OtherShape)?;
    let names = Names::new(&mut reader)?;
    let text = text(&why, page.language, &names);
    page.end_with(&text)
}

fn text(why: &Why, language: Language, names: &Names) -> String {
    let mut text = String::new();
    for Step { event, zh, en } in &why.steps {
        let [what, more @ ..] = in_language(language, zh, en).as_slice() else { continue };
        let at = names.time.to_second(event.occurred_at);
        let _written = writeln!(text, "{at}  {what}");
        for line in more {
            let _written = writeln!(text, "    {line}");
        }
        if let Some(Basis { position, core_version }) = event.basis {
            let basis = Args::new()
                .text("recorded", event.position.to_string())
                .text("known", position.to_string())
                .text("core", core_version.to_string());
            let _written = writeln!(text, "    {}", language.say_with("command-why-basis", &basis));
        }
    }
    let Upcoming { zh, en } = &why.upcoming;
    let upcoming = Args::new().text("upcoming", in_language(language, zh, en).clone());
    let _written = writeln!(text, "\n{}", language.say_with("command-why-upcoming", &upcoming));
    text
}

const fn in_language<'a, T>(language: Language, zh: &'a T, en: &'a T) -> &'a T {
    match language {
        Language::Chinese => zh,
        Language::English => en,
    }
}

//! `paidan log tail`: every event as one line, up to the last one or for as long as they come.

use domain::GlobalPosition;
use serde::Deserialize;
use serde_json::Value;

use super::CliError;
use super::events::EventRow;
use super::names::Names;
use super::page::Page;
use super::query_args::LogTailArgs;
use super::reader::{Reader, read};
use super::table::shortened;
use super::target::Target;
use crate::config::Config;

/// How many of the last events are shown where nothing else is said.
const LAST: u64 = 20;

/// The most that one page can have.
const PAGE: u64 = 1_000;

#[derive(Deserialize)]
struct Feed {
    position: GlobalPosition,
    events: Vec<Value>,
    next: String,
    more: bool,
}

pub(super) fn run(config: &Config, args: &LogTailArgs, mut page: Page<'_>) -> Result<(), CliError> {
    let mut reader = Reader::new(config, !args.json)?;
    let (mut after, mut left) = match (&args.after, args.count) {
        (Some(after), count) => (after.clone(), count),
        (None, count) => {
            let feed: Feed = read(&reader.ask(target("0", 1))?)?;
            let last = count.unwrap_or(LAST);
            (feed.position.get().saturating_sub(last).to_string(), None)
        }
    };
    let mut names = None;
    loop {
        let limit = left.map_or(PAGE, |left| left.min(PAGE));
        if limit == 0 {
            return Ok(());
        }
        let feed: Feed = read(&reader.ask(target(&after, limit))?)?;
        left = left.map(|left| left.saturating_sub(feed.events.len() as u64));
        let text = lines(args.json, feed.events, &page, &mut reader, &mut names)?;
        if page.put(&text)?.is_break() {
            return Ok(());
        }
        after = feed.next;
        if feed.more {
            continue;
        }
        if !args.follow {
            return Ok(());
        }
        if !reader.is_served() {
            eprintln!("note: {}", page.say("command-follow-at-rest"));
            return Ok(());
        }
        wait(&mut reader, feed.position)?;
    }
}

fn target(after: &str, limit: u64) -> Target {
    Target::new("/api/v1/events").with("after", Some(after)).with("limit", Some(limit))
}

/// Asks for what is not there yet until it is. The server holds each question for seconds.
fn wait(reader: &mut Reader<'_>, head: GlobalPosition) -> Result<(), CliError> {
    let next = head.get() + 1;
    loop {
        let waiting = target(&head.get().to_string(), 1).with("min_position", Some(next));
        match reader.ask(waiting) {
            Err(CliError::Refused(refusal)) if refusal.is_early() => {}
            answered => return answered.map(drop),
        }
    }
}

fn lines(
    json: bool,
    events: Vec<Value>,
    page: &Page<'_>,
    reader: &mut Reader<'_>,
    names: &mut Option<Names>,
) -> Result<String, CliError> {
    if json {
        return Ok(events.iter().map(|event| format!("{event}\n")).collect());
    }
    let names = match names {
        Some(names) => names,
        none => none.insert(Names::new(reader)?),
    };
    let events = events.into_iter().map(serde_json::from_value).collect::<Result<Vec<_>, _>>();
    let events: Vec<EventRow> = events.map_err(CliError::OtherShape)?;
    names.learn(reader, events.iter().flat_map(EventRow::ids))?;
    Ok(events.iter().map(|event| line(event, page, names)).collect())
}

fn line(event: &EventRow, page: &Page<'_>, names: &Names) -> String {
    let position = event.position.to_string();
    let at = names.time.to_second(event.occurred_at);
    let told = event.told(page.language, names);
    let line = format!("{position:>7}  {at}  {}  {}  {}", told.stream, told.who, told.what);
    // A control character could move the cursor and show what is not there.
    let line = line.replace(char::is_control, " ");
    let line = page.width.map_or_else(|| line.clone(), |width| shortened(&line, width));
    format!("{}\n", line.trim_end())
}

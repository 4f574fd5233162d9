//! `paidan attachments gc`.

use audit::{Collected, Stray};
use serde::Serialize;
use words::Args;

use super::CliError;
use super::asking::{ask, connect, unexpected};
use super::audit_args::GcArgs;
use super::audit_text::Said;
use super::log::{mebibytes, unanswered};
use super::page::Page;
use super::write::Printer;
use crate::config::Config;
use crate::control::{Reply, Request};

/// Orphans that are listed; all are counted.
const LISTED_MAX: usize = 1_000;

/// What `--json` prints.
#[derive(Serialize)]
struct Answer<'a> {
    dry_run: bool,
    #[serde(flatten)]
    collected: &'a Collected,
    /// At most 1,000.
    listed: &'a [Stray],
}

pub(super) fn run(config: &Config, args: &GcArgs, page: Page<'_>) -> Result<(), CliError> {
    let GcArgs { dry_run, older_than, output } = args;
    let older_than_s = older_than.duration().as_secs();
    let request = Request::CollectAttachments { older_than_s, dry_run: *dry_run };
    let (mut listed, mut collected) = (Vec::new(), None);
    ask(&mut connect(config)?, request, "collecting", !output.json, &mut |reply| {
        match reply {
            Reply::StrayFound(stray) if listed.len() < LISTED_MAX => listed.push(stray),
            Reply::StrayFound(_) => {}
            Reply::AttachmentsCollected(all) => collected = Some(all),
            other => return Err(unexpected(&other)),
        }
        Ok(())
    })?;
    let collected = collected.ok_or_else(unanswered)?;
    let text = text(&listed, &collected, *dry_run, &page);
    let answer = Answer { dry_run: *dry_run, collected: &collected, listed: &listed };
    Ok(Printer::new(page.out, *output).print(&answer, || text)?)
}

fn text(listed: &[Stray], collected: &Collected, dry_run: bool, page: &Page<'_>) -> String {
    let said = Said::new(page.language);
    let mut lines: Vec<String> = listed
        .iter()
        .map(|stray| {
            let [_, hash, bytes, _, touched_at] = said.stray(stray);
            format!("{hash}  {bytes:>12}  {touched_at}")
        })
        .collect();
    let dry = if dry_run { "yes" } else { "no" };
    let mut say = |name: &str, count: u64| {
        let told = Args::new()
            .text("dry", dry)
            .text("count", count.to_string())
            .text("size", mebibytes(collected.bytes));
        lines.push(page.language.say_with(name, &told));
    };
    say("gc-orphans", collected.orphans);
    for (name, count) in [
        ("gc-kept", collected.young),
        ("gc-erased", collected.erased),
        ("gc-unfinished", collected.unfinished),
        ("gc-strangers", collected.strangers),
    ] {
        if count > 0 {
            say(name, count);
        }
    }
    lines.join("\n") + "\n"
}

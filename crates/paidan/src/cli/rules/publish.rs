//! `paidan rules publish`.

use std::io;

use domain::GlobalPosition;
use domain::rules::{RuleChange, RuleSetVersion};
use serde::Serialize;
use words::Args;

use super::args::{RulesFileArgs, Which};
use super::{changes, load};
use crate::cli::CliError;
use crate::cli::asking::{ask, connect, unexpected};
use crate::cli::import_history::{ImportFailed, fresh_batch};
use crate::cli::page::Page;
use crate::config::Config;
use crate::control::{Published, Reply, Request};

#[derive(Serialize)]
struct Answer<'r> {
    version: RuleSetVersion,
    holds_from: Option<GlobalPosition>,
    /// Empty where these rules held already.
    changes: &'r [RuleChange<'r>],
}

pub(super) fn run(
    config: &Config,
    args: &RulesFileArgs,
    mut page: Page<'_>,
) -> Result<(), CliError> {
    let RulesFileArgs { file, output } = args;
    let rules = load::file(file, &mut page, output.json)?;
    let batch = fresh_batch().map_err(ImportFailed::Batch)?;
    let request = Request::PublishRules { rules: Box::new(rules.clone()), batch };
    let mut published = None;
    ask(&mut connect(config)?.to_record(), request, "publishing", !output.json, &mut |reply| {
        match reply {
            Reply::RulesPublished(answer) => published = Some(*answer),
            other => return Err(unexpected(&other)),
        }
        Ok(())
    })?;
    let unanswered = || CliError::Unanswered(io::ErrorKind::UnexpectedEof.into());
    let Published { before, before_version, version, holds_from } =
        published.ok_or_else(unanswered)?;
    let changes = before.changes_to(&rules);
    if output.json {
        return page.end_with_json(&Answer { version, holds_from, changes: &changes });
    }
    let args = Args::new()
        .text("version", version.to_string())
        .text("position", holds_from.unwrap_or_default().to_string());
    let say = |name| page.language.say_with(name, &args);
    let text = match (changes.is_empty(), holds_from) {
        (true, None) => format!("{}\n", say("rules-hold-shipped")),
        (true, Some(_)) => format!("{}\n", say("rules-hold-already")),
        (false, _) => {
            let (from, to) = (Which::Version(before_version), Which::Version(version));
            let table = changes::table(&changes, [&from, &to], &page);
            format!("{table}\n{}\n{}\n", say("rules-published"), say("rules-timers"))
        }
    };
    page.end_with(&text)
}

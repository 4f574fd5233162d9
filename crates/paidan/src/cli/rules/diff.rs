//! `paidan rules diff`.

use domain::rules::RuleChange;
use serde::Serialize;

use super::args::{RulesDiffArgs, Which};
use super::{changes, load};
use crate::cli::CliError;
use crate::cli::page::Page;
use crate::config::Config;

#[derive(Serialize)]
struct Difference<'r> {
    from: String,
    to: String,
    changes: &'r [RuleChange<'r>],
}

pub(super) fn run(
    config: &Config,
    args: &RulesDiffArgs,
    mut page: Page<'_>,
) -> Result<(), CliError> {
    let json = args.output.json;
    // One alone is what would be published; none asks what this firm changed.
    let (from, to) = match (args.first.clone(), args.second.clone()) {
        (Some(from), Some(to)) => (from, to),
        (Some(to), None) | (None, Some(to)) => (Which::Current, to),
        (None, None) => (Which::SHIPPED, Which::Current),
    };
    let before = load::rules(config, &from, &mut page, json)?;
    let after = load::rules(config, &to, &mut page, json)?;
    let changes = before.changes_to(&after);
    if json {
        let (from, to) = (from.to_string(), to.to_string());
        page.end_with_json(&Difference { from, to, changes: &changes })?;
    } else if changes.is_empty() {
        page.end_with(&format!("{}\n", page.say("rules-equal")))?;
    } else {
        page.end_with(&changes::table(&changes, [&from, &to], &page))?;
    }
    match changes.len() {
        0 => Ok(()),
        fields => Err(CliError::RulesDiffer(fields)),
    }
}

//! `paidan rules try`.

use serde::Serialize;
use trial::{Report, Threshold};

use super::args::RulesTryArgs;
use super::{load, tried_csv, tried_text};
use crate::cli::CliError;
use crate::cli::asking::{ask, connect, unexpected};
use crate::cli::log::unanswered;
use crate::cli::names::Names;
use crate::cli::page::Page;
use crate::cli::reader::Reader;
use crate::config::Config;
use crate::control::{Reply, Request};

#[derive(Serialize)]
struct Answer<'r> {
    #[serde(flatten)]
    report: &'r Report,
    /// The thresholds that are crossed.
    crossed: &'r [&'r Threshold],
}

pub(super) fn run(
    config: &Config,
    args: &RulesTryArgs,
    mut page: Page<'_>,
) -> Result<(), CliError> {
    let for_programs = args.json || args.csv;
    let rules = load::file(&args.file, &mut page, args.json)?;
    let request = Request::TryRules {
        rules: Box::new(rules),
        from: args.from,
        to: args.to,
        tickets: args.limit,
    };
    let (mut tickets, mut tried) = (Vec::new(), None);
    ask(&mut connect(config)?, request, "trying", !for_programs, &mut |reply| {
        match reply {
            Reply::TicketTried(changed) => tickets.push(*changed),
            Reply::RulesTried(report) => tried = Some(*report),
            other => return Err(unexpected(&other)),
        }
        Ok(())
    })?;
    let report = Report { tickets, ..tried.ok_or_else(unanswered)? };
    let crossed: Vec<&Threshold> =
        args.fail_if.iter().filter(|threshold| threshold.is_crossed(&report)).collect();
    if args.json {
        page.end_with_json(&Answer { report: &report, crossed: &crossed })?;
    } else if args.csv {
        page.end_with(&tried_csv::text(&report.tickets)?)?;
    } else {
        let mut reader = Reader::new(config, true)?;
        let mut names = Names::new(&mut reader)?;
        names.learn(&mut reader, tried_text::ids(&report.tickets))?;
        page.end_with(&tried_text::text(&report, &names, &page))?;
    }
    if crossed.is_empty() {
        return Ok(());
    }
    let crossed: Vec<String> = crossed.iter().map(ToString::to_string).collect();
    Err(CliError::ThresholdsCrossed(crossed.join(", ")))
}

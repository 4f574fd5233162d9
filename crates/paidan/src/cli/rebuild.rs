//! `paidan projection rebuild` and what is done with one: `compare`, `swap`, `swap-back`, `pause`,
//! `resume`, `cancel`, `progress`.

use std::time::Duration;

use domain::rules::Rules;
use projector::{Comparison, RebuildPhase, RebuildPlan, RebuildRules, RebuildView, SwapRecord};

use super::CliError;
use super::args::{CompareArgs, CompareFormat, OutputArgs, RebuildArgs, SwapArgs};
use super::asking::{ask, connect, unexpected};
use super::page::Page;
use super::progress::count_bar;
use super::rebuild_text::{comparisons, print_csv, progress, swap};
use super::rules::{Which, load};
use crate::config::Config;
use crate::control::{Client, RebuildRequest, Reply, Request};

/// How often a rebuild is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What was answered.
#[derive(Default)]
struct Answered {
    view: Option<RebuildView>,
    compared: Vec<Comparison>,
    swap: Option<SwapRecord>,
}

fn tell(
    client: &mut Client<'_>,
    request: RebuildRequest,
    bars: bool,
) -> Result<Answered, CliError> {
    let mut answered = Answered::default();
    ask(client, Request::ProjectionRebuild(request), "folding", bars, &mut |reply| {
        match reply {
            Reply::Rebuild(view) => answered.view = view.map(|view| *view),
            Reply::Compared(found) => answered.compared.push(*found),
            Reply::Swapped(record) => answered.swap = Some(*record),
            other => return Err(unexpected(&other)),
        }
        Ok(())
    })?;
    Ok(answered)
}

pub(super) fn begin(
    config: &Config,
    args: &RebuildArgs,
    mut page: Page<'_>,
) -> Result<(), CliError> {
    let rules = rules(config, args.rules.as_ref(), &mut page, &args.output)?;
    let bars = !args.output.output.json;
    let mut client = connect(config)?;
    let served = client.is_served();
    let models = args.names.iter().map(ToString::to_string).collect();
    let plan = RebuildPlan { models, rules, share: args.share };
    let rows_max = args.output.rows;
    let begun = tell(&mut client, RebuildRequest::Begin { plan, rows_max }, bars)?;
    if !served {
        return show(&begun.compared, &args.output, page);
    }
    if args.detach {
        return show_progress(begun.view.as_ref(), args.output.output, page);
    }
    drop(client);
    let view = follow(config, begun.view, bars)?;
    match view.as_ref().map(|view| view.phase) {
        Some(RebuildPhase::Ready) => {
            let mut client = connect(config)?;
            let compared = tell(&mut client, RebuildRequest::Compare { rows_max }, bars)?.compared;
            show(&compared, &args.output, page)
        }
        Some(RebuildPhase::Failed) => {
            let why = view.and_then(|view| view.why).unwrap_or_default();
            Err(CliError::RebuildFailed(why))
        }
        // Somebody has paused, cancelled or swapped it.
        _ => show_progress(view.as_ref(), args.output.output, page),
    }
}

/// Shows how far a rebuild is until it is ready, or somebody does something else with it.
fn follow(
    config: &Config,
    mut view: Option<RebuildView>,
    bars: bool,
) -> Result<Option<RebuildView>, CliError> {
    let mut bar = None;
    while let Some(told) = view
        .as_ref()
        .filter(|view| matches!(view.phase, RebuildPhase::Folding | RebuildPhase::Comparing))
    {
        let bar = bar.get_or_insert_with(|| count_bar("folding", told.head.get(), bars));
        bar.set_length(told.head.get());
        bar.set_position(told.position.get());
        std::thread::sleep(LOOK_EVERY);
        let mut client = connect(config)?;
        view = tell(&mut client, RebuildRequest::View, false)?.view;
    }
    Ok(view)
}

/// By which rules: a file's, those of a version, or the live model's own.
fn rules(
    config: &Config,
    which: Option<&Which>,
    page: &mut Page<'_>,
    output: &CompareArgs,
) -> Result<RebuildRules, CliError> {
    Ok(match which {
        None => RebuildRules::Same,
        Some(Which::Version(version)) => RebuildRules::Published(*version),
        Some(Which::Current) => RebuildRules::Published(load::current_version(config)?),
        Some(Which::File(path)) => {
            let rules: Rules = load::file(path, page, output.output.json)?;
            RebuildRules::Tried(Box::new(rules))
        }
    })
}

pub(super) fn compare(config: &Config, args: &CompareArgs, page: Page<'_>) -> Result<(), CliError> {
    let request = RebuildRequest::Compare { rows_max: args.rows };
    let compared = tell(&mut connect(config)?, request, !args.output.json)?.compared;
    show(&compared, args, page)
}

fn show(compared: &[Comparison], args: &CompareArgs, mut page: Page<'_>) -> Result<(), CliError> {
    let rows: u64 = compared.iter().map(Comparison::rows_changed).sum();
    match args.format {
        _ if args.output.json => page.end_with_json(&compared)?,
        CompareFormat::Json => page.end_with_json(&compared)?,
        CompareFormat::Csv => print_csv(compared, &mut page)?,
        CompareFormat::Text => {
            let text = comparisons(compared, &page);
            page.end_with(&text)?;
        }
    }
    match args.at_most {
        Some(allowed) if rows > allowed => Err(CliError::RowsDiffer { rows, allowed }),
        _ => Ok(()),
    }
}

fn show_progress(
    view: Option<&RebuildView>,
    output: OutputArgs,
    mut page: Page<'_>,
) -> Result<(), CliError> {
    if output.json {
        return page.end_with_json(&view);
    }
    let text = progress(view, &page);
    page.end_with(&text)
}

/// `pause`, `resume`, `cancel` and `progress`.
pub(super) fn manage(
    config: &Config,
    request: RebuildRequest,
    output: OutputArgs,
    mut page: Page<'_>,
) -> Result<(), CliError> {
    let is_dropped = request == RebuildRequest::Cancel;
    let answered = tell(&mut connect(config)?, request, false)?;
    if is_dropped && !output.json {
        let text = format!("{}\n", page.say("rebuild-dropped"));
        return page.end_with(&text);
    }
    show_progress(answered.view.as_ref(), output, page)
}

/// `swap` and `swap-back`.
pub(super) fn swap_in(
    config: &Config,
    request: RebuildRequest,
    output: OutputArgs,
    mut page: Page<'_>,
) -> Result<(), CliError> {
    let answered = tell(&mut connect(config)?, request, !output.json)?;
    if output.json {
        return page.end_with_json(&answered.swap);
    }
    let text = answered.swap.map(|record| swap(&record, &page)).unwrap_or_default();
    page.end_with(&text)
}

impl From<&SwapArgs> for RebuildRequest {
    fn from(args: &SwapArgs) -> Self {
        Self::Swap { rows_max: args.at_most }
    }
}

//! `paidan log salvage`: what is left of a damaged directory, and what is missing.

use domain::GlobalPosition;
use eventlog::{PositionRange, SalvageOptions, SalvageProgress, Salvaged, WitnessFound, salvage};
use serde::Serialize;
use words::Args;

use super::CliError;
use super::args::LogSalvageArgs;
use super::log_brought_back::{Bar, RebuiltView, options};
use super::page::Page;
use super::write::Printer;
use crate::config::Config;

/// Both ends included.
#[derive(Serialize)]
struct RangeView {
    from: GlobalPosition,
    until: GlobalPosition,
    count: u64,
}

impl From<PositionRange> for RangeView {
    fn from(range: PositionRange) -> Self {
        Self { from: range.from, until: range.until, count: range.count() }
    }
}

/// What the witness could say.
#[derive(Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
enum WitnessView {
    Saw { durable: GlobalPosition, attempted: GlobalPosition },
    Missing,
    Damaged,
}

/// What `--json` prints.
#[derive(Serialize)]
struct SalvageView {
    #[serde(flatten)]
    rebuilt: RebuiltView,
    /// Whether nothing is missing, as far as is known.
    complete: bool,
    frames_found: u64,
    frames_kept: u64,
    witness: WitnessView,
    /// Events that had been acknowledged and are gone.
    lost: Option<RangeView>,
    /// Positions of which nothing was found.
    unreadable: Vec<RangeView>,
    /// Positions that are whole but behind a gap.
    set_aside: Vec<RangeView>,
    /// Positions of which nobody was told that they had arrived.
    never_acknowledged: Option<RangeView>,
    /// Numbers of keys that could not be read.
    keys_lost: Vec<u64>,
}

impl SalvageView {
    fn new(found: Salvaged, to: &std::path::Path) -> Self {
        let ranges = |ranges: Vec<PositionRange>| ranges.into_iter().map(RangeView::from).collect();
        Self {
            rebuilt: RebuiltView::new(&found.rebuilt, to),
            complete: found.lost.is_none()
                && found.set_aside.is_empty()
                && found.unreadable.is_empty()
                && found.keys_lost.is_empty(),
            frames_found: found.frames_found,
            frames_kept: found.frames_kept,
            witness: match found.witness {
                WitnessFound::Saw(seen) => {
                    WitnessView::Saw { durable: seen.durable, attempted: seen.attempted }
                }
                WitnessFound::Missing => WitnessView::Missing,
                WitnessFound::Damaged => WitnessView::Damaged,
            },
            lost: found.lost.map(RangeView::from),
            unreadable: ranges(found.unreadable),
            set_aside: ranges(found.set_aside),
            never_acknowledged: found.never_acknowledged.map(RangeView::from),
            keys_lost: found.keys_lost.into_iter().map(|number| number.0).collect(),
        }
    }
}

pub(super) fn run(config: &Config, args: &LogSalvageArgs, page: Page<'_>) -> Result<(), CliError> {
    let LogSalvageArgs { to, ring, epoch, output } = args;
    let how = SalvageOptions { rebuild: options(*epoch), ring: ring.clone() };
    let bar = Bar::new("salvaging", !output.json);
    let mut progress = |SalvageProgress { done, total }| bar.set(done, total);
    let found = salvage(&config.data, to, &how, &mut progress);
    bar.clear();
    let found = found.map_err(|error| CliError::LogSalvage(Box::new(error)))?;
    let view = SalvageView::new(found, to);
    let lines = lines(&view, &page);
    Ok(Printer::new(page.out, *output).print(&view, || lines.join("\n") + "\n")?)
}

fn lines(view: &SalvageView, page: &Page<'_>) -> Vec<String> {
    let of = |name: &str, range: &RangeView| {
        let told = Args::new()
            .text("from", range.from.to_string())
            .text("until", range.until.to_string())
            .count("count", range.count);
        page.language.say_with(name, &told)
    };
    let mut lines = view.rebuilt.lines(page);
    lines.push(match &view.witness {
        WitnessView::Saw { durable, .. } => {
            let told = Args::new().text("durable", durable.to_string());
            page.language.say_with("log-witness-saw", &told)
        }
        WitnessView::Missing => page.say("log-witness-missing"),
        WitnessView::Damaged => page.say("log-witness-damaged"),
    });
    if view.complete {
        lines.push(page.say("log-salvage-complete"));
    }
    let all = |name, ranges: &[RangeView]| -> Vec<_> {
        ranges.iter().map(|range| of(name, range)).collect()
    };
    lines.extend(view.lost.iter().map(|range| of("log-salvage-lost", range)));
    lines.extend(all("log-salvage-unreadable", &view.unreadable));
    lines.extend(all("log-salvage-set-aside", &view.set_aside));
    let never = view.never_acknowledged.iter();
    lines.extend(never.map(|range| of("log-salvage-never-acknowledged", range)));
    if !view.keys_lost.is_empty() {
        let numbers: Vec<_> = view.keys_lost.iter().take(20).map(u64::to_string).collect();
        let told = Args::new()
            .count("count", view.keys_lost.len() as u64)
            .text("numbers", numbers.join(", "));
        lines.push(page.language.say_with("log-salvage-keys-lost", &told));
    }
    lines.push(page.say("log-salvage-untouched"));
    lines
}

//! `paidan log stat`, `log verify` and `log confirm-clock`.

use std::io;

use domain::Timestamp;
use serde::Serialize;

use super::CliError;
use super::args::LogVerifyArgs;
use super::asking::{ask, connect, unexpected};
use super::table::{Align, Table};
use super::write::Printer;
use crate::config::Config;
use crate::control::{ClockView, LogStatView, Reply, Request, VerifyFault, VerifyView};

pub(super) fn stat(config: &Config, mut printer: Printer<'_>) -> Result<(), CliError> {
    let mut stat = None;
    ask(&mut connect(config)?, Request::LogStat, "reading", false, &mut |reply| match reply {
        Reply::LogStat(view) => {
            stat = Some(view);
            Ok(())
        }
        other => Err(unexpected(&other)),
    })?;
    let stat = stat.ok_or_else(unanswered)?;
    Ok(printer.print(&stat, || stat_text(&stat))?)
}

fn stat_text(stat: &LogStatView) -> String {
    let mut table = Table::new([("log", Align::Left), (&stat.log.id, Align::Left)]);
    let mut line = |name: &str, value: String| table.row([name.to_owned(), value]);
    line("epoch", stat.log.epoch.to_string());
    line("position", stat.position.to_string());
    line("chain", stat.chain.clone());
    line("appends", stat.appends.to_string());
    line("first recorded (UTC)", moment(stat.first_recorded_at));
    line("last recorded (UTC)", moment(stat.last_recorded_at));
    line("on the disk", mebibytes(stat.disk_bytes));
    line("free on the disk", mebibytes(stat.free_bytes));
    table.render()
}

pub(super) fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / 1_048_576.0)
}

/// What `log verify --json` prints.
#[derive(Serialize)]
struct Verdict {
    whole: bool,
    #[serde(flatten)]
    report: Option<VerifyView>,
    fault: Option<VerifyFault>,
}

pub(super) fn verify(
    config: &Config,
    args: &LogVerifyArgs,
    mut printer: Printer<'_>,
) -> Result<(), CliError> {
    let mut client = connect(config)?.with_scratch(args.scratch.clone());
    let mut verdict = None;
    let bars = !printer.is_json();
    ask(&mut client, Request::LogVerify, "verifying", bars, &mut |reply| {
        let (report, fault) = match reply {
            Reply::Verified(view) => (Some(view), None),
            Reply::Damaged(fault) => (None, Some(fault)),
            other => return Err(unexpected(&other)),
        };
        verdict = Some(Verdict { whole: fault.is_none(), report, fault });
        Ok(())
    })?;
    let verdict = verdict.ok_or_else(unanswered)?;
    printer.print(&verdict, || verdict.report.as_ref().map(verify_text).unwrap_or_default())?;
    verdict.fault.map_or(Ok(()), |fault| Err(CliError::Damaged(Box::new(fault))))
}

fn verify_text(view: &VerifyView) -> String {
    let mut table =
        Table::new([("kind", Align::Left), ("streams", Align::Right), ("events", Align::Right)]);
    for (kind, counts) in &view.kinds {
        table.row([kind.clone(), counts.streams.to_string(), counts.events.to_string()]);
    }
    let index = if view.index { ", and the index agrees with it" } else { "" };
    format!(
        "{}\nthe log is whole: {} events in {} appends and {} frames ({}){index}\nchain {}\n",
        table.render(),
        view.events,
        view.appends,
        view.frames,
        mebibytes(view.frame_bytes),
        view.chain,
    )
}

pub(super) fn confirm_clock(config: &Config, mut printer: Printer<'_>) -> Result<(), CliError> {
    let mut client = connect(config)?;
    if !client.is_served() {
        return Err(CliError::NoServer("there is no clock to confirm; start the server first"));
    }
    let mut clock = None;
    ask(&mut client, Request::ConfirmClock, "confirming", false, &mut |reply| match reply {
        Reply::ClockConfirmed(view) => {
            clock = Some(view);
            Ok(())
        }
        other => Err(unexpected(&other)),
    })?;
    let clock = clock.ok_or_else(unanswered)?;
    Ok(printer.print(&clock, || {
        let ClockView { now, last_recorded_at } = &clock;
        let (now, last) = (moment(*now), moment(*last_recorded_at));
        format!("the log believes that it is {now} UTC; its last event was recorded at {last}\n")
    })?)
}

/// A moment on UTC's clock, which is the log's own.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%d %H:%M:%S").to_string()
}

pub(super) fn unanswered() -> CliError {
    CliError::Unanswered(io::ErrorKind::UnexpectedEof.into())
}

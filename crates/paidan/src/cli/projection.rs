//! `paidan projection list`, `projection dump` and `projection check`.

use std::io::{self, BufWriter, Write};

use super::CliError;
use super::args::{ProjectionCheckArgs, ProjectionDumpArgs};
use super::asking::{ask, connect, unexpected};
use super::claim::place;
use super::table::{Align, Table};
use super::write::Printer;
use crate::config::Config;
use crate::control::{Checked, ProjectionView, Reply, Request};

pub(super) fn list(config: &Config, mut printer: Printer<'_>) -> Result<(), CliError> {
    let mut client = connect(config)?;
    let served = client.is_served();
    let mut views: Vec<ProjectionView> = Vec::new();
    ask(&mut client, Request::ProjectionList, "reading", false, &mut |reply| match reply {
        Reply::Projection(view) => {
            views.push(view);
            Ok(())
        }
        other => Err(unexpected(&other)),
    })?;
    Ok(printer.print(&views, || list_text(&views, served))?)
}

fn list_text(views: &[ProjectionView], served: bool) -> String {
    let mut table = Table::new([
        ("name", Align::Left),
        ("version", Align::Right),
        ("rows", Align::Right),
        ("position", Align::Right),
        ("lag", Align::Right),
        ("counts the past", Align::Left),
        ("stopped at", Align::Left),
    ]);
    let number = |number: Option<u64>| number.map_or_else(|| "-".into(), |n| n.to_string());
    for view in views {
        table.row([
            view.name.clone(),
            view.version.to_string(),
            number(view.rows),
            number(view.position.map(domain::GlobalPosition::get)),
            number(view.lag),
            view.recount.clone().unwrap_or_else(|| "-".into()),
            view.fault.clone().unwrap_or_default(),
        ]);
    }
    let mut text = table.render();
    if !served {
        text.push_str("\nno server runs: a dump folds the model from the log\n");
    }
    text
}

pub(super) fn dump(
    config: &Config,
    args: &ProjectionDumpArgs,
    mut printer: Printer<'_>,
) -> Result<(), CliError> {
    let bars = !printer.is_json();
    let mut out = BufWriter::new(printer.out());
    let (mut client, name) = (connect(config)?, args.name.clone());
    let request = match args.as_of {
        None => Request::ProjectionDump { name },
        Some(as_of) => {
            let position = place(&mut client, as_of, bars)?.position;
            Request::ProjectionFold { name, position, recount: None }
        }
    };
    let answered = ask(&mut client, request, "folding", bars, &mut |reply| match reply {
        Reply::Dump(header) => {
            serde_json::to_writer(&mut out, &header)?;
            out.write_all(b"\n")
        }
        Reply::Row(row) => {
            out.write_all(row.as_bytes())?;
            out.write_all(b"\n")
        }
        other => Err(unexpected(&other)),
    });
    match out.flush() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            answered.and(Err(super::PrintError::from(error).into()))
        }
        _ => answered,
    }
}

pub(super) fn check(
    config: &Config,
    args: &ProjectionCheckArgs,
    mut printer: Printer<'_>,
) -> Result<(), CliError> {
    let bars = !printer.is_json();
    let mut found: Vec<Checked> = Vec::new();
    let request = Request::ProjectionCheck { names: args.names.clone() };
    ask(&mut connect(config)?, request, "folding", bars, &mut |reply| match reply {
        Reply::Checked(checked) => {
            found.push(checked);
            Ok(())
        }
        other => Err(unexpected(&other)),
    })?;
    printer.print(&found, || check_text(&found))?;
    match found.iter().filter(|checked| !checked.equal).count() {
        0 => Ok(()),
        differ => Err(CliError::Differ(differ)),
    }
}

fn check_text(found: &[Checked]) -> String {
    let mut table = Table::new([
        ("name", Align::Left),
        ("position", Align::Right),
        ("live and from zero", Align::Left),
    ]);
    for checked in found {
        let verdict = checked.difference.as_deref().unwrap_or("equal");
        table.row([checked.name.clone(), checked.position.to_string(), verdict.to_owned()]);
    }
    table.render()
}

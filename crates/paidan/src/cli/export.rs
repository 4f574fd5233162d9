//! `paidan export`: read models as tables for analysts.

use std::io;

use ::export::{Export, ExportError, Proof, Source};
use projector::ModelName;
use words::Args;

use super::CliError;
use super::args::ExportArgs;
use super::asking::{ask, connect, unexpected};
use super::page::Page;
use super::table::{Align, Table};
use super::write::Printer;
use crate::config::Config;
use crate::control::{DumpHeader, Reply, Request};

pub(super) fn run(config: &Config, args: &ExportArgs, page: Page<'_>) -> Result<(), CliError> {
    let mut names = args.names.clone();
    if names.is_empty() {
        names = ModelName::ALL.to_vec();
    }
    names.sort_unstable();
    names.dedup();
    let mut client = connect(config)?;
    let mut export = Export::begin(&args.out, args.format)?;
    for name in names {
        let mut failed: Option<ExportError> = None;
        let mut take = |taken: Result<(), ExportError>| {
            taken.map_err(|error| {
                failed = Some(error);
                io::Error::other("the export failed")
            })
        };
        let request = Request::ProjectionDump { name: name.as_str().to_owned() };
        let bars = !args.output.json;
        let answered = ask(&mut client, request, "folding", bars, &mut |reply| match reply {
            Reply::Dump(header) => take(export.model(source(header))),
            Reply::Row(row) => take(export.line(&row)),
            other => Err(unexpected(&other)),
        });
        if let Some(failed) = failed {
            return Err(failed.into());
        }
        answered?;
        export.end_model()?;
    }
    let proof = export.publish()?;
    let text = text(&proof, args, &page);
    Ok(Printer::new(page.out, args.output).print(&proof, || text)?)
}

/// A dump as an export names it.
pub(super) fn source(header: DumpHeader) -> Source {
    let DumpHeader { log, projection, version, position, chain, rules_version, recount, .. } =
        header;
    Source {
        projection,
        version,
        log: log.id,
        epoch: log.epoch,
        position,
        chain,
        rules_version,
        recount,
        dump_lines: header.lines,
        dump_blake3: header.blake3,
    }
}

fn text(proof: &Proof, args: &ExportArgs, page: &Page<'_>) -> String {
    use Align::{Left, Right};
    let columns = [
        ("export-model", Left),
        ("export-position", Right),
        ("export-table", Left),
        ("export-files", Right),
        ("export-rows", Right),
        ("export-bytes", Right),
    ];
    let mut table =
        Table::new(columns.map(|(name, align)| (page.say(name), align))).within(page.width);
    for model in &proof.models {
        for files in model.files.chunk_by(|one, next| one.table == next.table) {
            table.row([
                model.source.projection.clone(),
                model.source.position.to_string(),
                files[0].table.clone(),
                files.len().to_string(),
                files.iter().map(|file| file.rows).sum::<u64>().to_string(),
                files.iter().map(|file| file.bytes).sum::<u64>().to_string(),
            ]);
        }
    }
    let told = Args::new().text("directory", args.out.display().to_string());
    format!("{}\n{}\n", table.render(), page.language.say_with("export-done", &told))
}

//! `paidan export`: read models as tables for analysts.

use std::path::Path;

use ::export::{Base, Export, FileProof, Proof};
use projector::ModelName;
use words::Args;

use super::CliError;
use super::args::{ExportArgs, SinceArg};
use super::asking::connect;
use super::claim::Fault;
use super::dumped::{Dumped, base_at, base_of, dump, source};
use super::page::Page;
use super::table::{Align, Table};
use super::write::Printer;
use crate::config::Config;
use crate::control::{Client, Request};

pub(super) fn run(config: &Config, args: &ExportArgs, mut page: Page<'_>) -> Result<(), CliError> {
    let bars = !args.output.json;
    let earlier = match &args.since {
        Some(SinceArg::Export(directory)) => Some(earlier(directory, &args.out)?),
        Some(SinceArg::Position(_)) | None => None,
    };
    let names = names(args, earlier.as_ref());
    let mut client = connect(config)?;
    let mut export = Export::begin(&args.out, args.format)?;
    for name in names {
        let mut base = base(&mut client, args, earlier.as_ref(), name, &mut page)?;
        let request = Request::ProjectionDump { name: name.as_str().to_owned() };
        dump(&mut client, request, bars, |dumped| match dumped {
            Dumped::Header(header) => match base.take() {
                Some(base) => export.model_since(source(header), base),
                None => export.model(source(header)),
            },
            Dumped::Row(row) => export.line(row),
        })?;
        export.end_model()?;
    }
    let proof = export.publish()?;
    let text = text(&proof, args, &page);
    Ok(Printer::new(page.out, args.output).print(&proof, || text)?)
}

/// Those that were named; else those that the earlier export has, or all.
fn names(args: &ExportArgs, earlier: Option<&Proof>) -> Vec<ModelName> {
    let mut names = args.names.clone();
    if names.is_empty() {
        let has = |name: &ModelName| earlier.is_none_or(|proof| claim(proof, *name).is_some());
        names.extend(ModelName::ALL.into_iter().filter(has));
    }
    names.sort_unstable();
    names.dedup();
    names
}

fn claim(proof: &Proof, name: ModelName) -> Option<&::export::Source> {
    let mut sources = proof.models.iter().map(|model| &model.source);
    sources.find(|source| source.projection == name.as_str())
}

fn earlier(directory: &Path, out: &Path) -> Result<Proof, CliError> {
    let proof = Proof::read(directory).map_err(|error| CliError::Proof(Box::new(error)))?;
    let same = directory.canonicalize().ok().zip(out.canonicalize().ok());
    if same.is_some_and(|(directory, out)| directory == out) {
        return Err(CliError::OntoItself(out.to_path_buf()));
    }
    Ok(proof)
}

/// What the model had then, where only what is different since is wanted.
fn base(
    client: &mut Client<'_>,
    args: &ExportArgs,
    earlier: Option<&Proof>,
    name: ModelName,
    page: &mut Page<'_>,
) -> Result<Option<Base>, CliError> {
    let bars = !args.output.json;
    let directory = match &args.since {
        None => return Ok(None),
        Some(SinceArg::Position(position)) => {
            let (_, base) = base_at(client, name.as_str().to_owned(), *position, None, bars)?;
            return Ok(Some(base));
        }
        Some(SinceArg::Export(directory)) => directory.clone(),
    };
    let not_its_base = || CliError::NotItsBase { directory: directory.clone(), model: name };
    let claim = earlier.and_then(|proof| claim(proof, name)).ok_or_else(not_its_base)?;
    let (faults, base) = base_of(client, claim, bars)?;
    // A restore that kept the history up to there is none that matters here.
    let faults: Vec<_> = faults.iter().filter(|fault| !fault.leaves_rows()).collect();
    if faults.is_empty() {
        return Ok(base);
    }
    let lines: Vec<String> = faults.into_iter().map(|fault: &Fault| fault.text(page)).collect();
    eprintln!("{}", lines.join("\n"));
    Err(not_its_base())
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
        for files in model
            .files
            .chunk_by(|one, next| (&one.table, one.removed) == (&next.table, next.removed))
        {
            table.row([
                model.source.projection.clone(),
                model.source.position.to_string(),
                name(&files[0]),
                files.len().to_string(),
                files.iter().map(|file| file.rows).sum::<u64>().to_string(),
                files.iter().map(|file| file.bytes).sum::<u64>().to_string(),
            ]);
        }
    }
    let told = Args::new().text("directory", args.out.display().to_string());
    let name = if args.since.is_some() { "export-done-since" } else { "export-done" };
    format!("{}\n{}\n", table.render(), page.language.say_with(name, &told))
}

fn name(file: &FileProof) -> String {
    if file.removed { format!("{}.removed", file.table) } else { file.table.clone() }
}

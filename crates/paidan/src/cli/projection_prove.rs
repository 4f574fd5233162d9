//! `paidan projection prove`: whether exports and dumps are what the log says.
//!
//! Nothing that stands in them is believed: files are hashed, the chain is compared at the position
//! that they name, the models are folded up to there from the first event, and the tables are made
//! again.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use ::export::{Export, Format, ModelProof, Proof, Source, check_files, differing};
use domain::GlobalPosition;
use serde::Serialize;
use words::Args;

use super::CliError;
use super::args::ProjectionProveArgs;
use super::asking::connect;
use super::claim::{Fault, header_faults, stand};
use super::dumped::{Dumped, base_of, fold, source};
use super::page::Page;
use super::write::Printer;
use crate::config::Config;
use crate::control::{Client, DumpHeader};

/// Longer texts of a line that differs are cut.
const SHOWN_CHARS_MAX: usize = 200;

/// What was found of one export or dump.
#[derive(Debug, Serialize)]
struct Proved {
    path: PathBuf,
    /// Whether there is no fault anywhere.
    holds: bool,
    /// What is wrong with the files themselves.
    faults: Vec<Fault>,
    models: Vec<ModelProved>,
}

#[derive(Debug, Serialize)]
struct ModelProved {
    projection: String,
    position: GlobalPosition,
    chain: String,
    faults: Vec<Fault>,
}

pub(super) fn run(
    config: &Config,
    args: &ProjectionProveArgs,
    page: Page<'_>,
) -> Result<(), CliError> {
    let bars = !args.output.json;
    let mut client = connect(config)?;
    let mut found = Vec::new();
    for path in &args.paths {
        let directory = match path.file_name() {
            Some(name) if name == "export.json" => path.parent().unwrap_or(path),
            _ => path,
        };
        let mut ask = Asking { client: &mut client, bars };
        found.push(if directory.is_dir() {
            ask.prove_export(directory)?
        } else {
            ask.prove_dump(path)?
        });
    }
    let failing = found.iter().filter(|proved| !proved.holds).count();
    let text: String = found.iter().map(|proved| proved.text(&page)).collect();
    Printer::new(page.out, args.output).print(&found, || text)?;
    if failing > 0 { Err(CliError::NotProven(failing)) } else { Ok(()) }
}

struct Asking<'a, 'c> {
    client: &'a mut Client<'c>,
    bars: bool,
}

impl Asking<'_, '_> {
    fn prove_export(&mut self, directory: &Path) -> Result<Proved, CliError> {
        let proof = Proof::read(directory).map_err(|error| CliError::Proof(Box::new(error)))?;
        let mut faults = Vec::new();
        if !proof.is_whole() {
            faults.push(Fault::ProofChanged);
        }
        let files = check_files(directory, &proof).map_err(::export::ExportError::from)?;
        faults.extend(files.into_iter().map(|(file, is)| Fault::File { file, is }));
        let format = proof.format.expect("an export that has ended has a format");
        let mut models = Vec::new();
        for model in &proof.models {
            let faults = self.model_faults(model, format, &proof.release)?;
            models.push(ModelProved::new(&model.source, faults));
        }
        Ok(Proved::new(directory, faults, models))
    }

    /// Makes the tables of a model again.
    fn model_faults(
        &mut self,
        model: &ModelProof,
        format: Format,
        claimed_release: &str,
    ) -> Result<Vec<Fault>, CliError> {
        let mut faults = stand(self.client, &model.source, self.bars)?;
        let mut base = None;
        if let Some(claim) = model.base().filter(|_| faults.iter().all(Fault::leaves_rows)) {
            let (found, earlier) = base_of(self.client, &claim, self.bars)?;
            base = earlier;
            // What is said of the log already is not said twice.
            let found = found.into_iter().filter(|fault| !fault.leaves_rows());
            faults.extend(found.map(|fault| Fault::Base { of: Box::new(fault) }));
        }
        if !faults.iter().all(Fault::leaves_rows) {
            return Ok(faults);
        }
        let mut export = Export::rehearse(format);
        let header = fold(self.client, &model.source, self.bars, |dumped| match dumped {
            Dumped::Header(header) => match base.take() {
                Some(base) => export.model_since(source(header), base),
                None => export.model(source(header)),
            },
            Dumped::Row(row) => export.line(row),
        })?;
        export.end_model()?;
        let of_header = header_faults(&model.source, &header);
        let is_of_other_version = of_header.iter().any(Fault::is_version);
        faults.extend(of_header);
        if !is_of_other_version {
            let made = export.proof().models;
            let made = made.first().map_or(&[][..], |model| &model.files);
            faults.extend(differing(&model.files, made).into_iter().map(|file| Fault::OtherFile {
                file,
                claimed_release: claimed_release.to_owned(),
                release: env!("CARGO_PKG_VERSION"),
            }));
        }
        Ok(faults)
    }

    fn prove_dump(&mut self, path: &Path) -> Result<Proved, CliError> {
        let unreadable = |source| CliError::Unreadable { path: path.to_path_buf(), source };
        let mut rows = Rows::open(path).map_err(unreadable)?;
        let header = rows.next_line().map_err(unreadable)?.unwrap_or_default();
        let header: DumpHeader = serde_json::from_str(&header).map_err(|source| {
            CliError::NotADump { path: path.to_path_buf(), source: Box::new(source) }
        })?;
        let claim = source(header);
        let (lines, hash) = rows.hash().map_err(unreadable)?;
        let mut own = Vec::new();
        if (lines, &hash) != (claim.dump_lines, &claim.dump_blake3) {
            own.push(Fault::RowsChanged);
        }
        let mut faults = stand(self.client, &claim, self.bars)?;
        if faults.iter().all(Fault::leaves_rows) {
            let mut rows = Rows::open(path).map_err(unreadable)?;
            rows.next_line().map_err(unreadable)?;
            let mut first = FirstOther { rows, line: 0, fault: None };
            let header = fold(self.client, &claim, self.bars, |dumped| match dumped {
                Dumped::Header(_) => Ok(()),
                Dumped::Row(row) => first.compare(Some(row)).map_err(unreadable),
            })?;
            first.compare(None).map_err(unreadable)?;
            let of_header = header_faults(&claim, &header);
            let is_of_other_version = of_header.iter().any(Fault::is_version);
            faults.extend(of_header);
            faults.extend(first.fault.filter(|_| !is_of_other_version));
        }
        Ok(Proved::new(path, own, vec![ModelProved::new(&claim, faults)]))
    }
}

fn shown(line: &str) -> String {
    line.chars().take(SHOWN_CHARS_MAX).collect()
}

/// Looks for the first row that the log gives otherwise.
struct FirstOther {
    rows: Rows,
    line: u64,
    fault: Option<Fault>,
}

impl FirstOther {
    /// The next row that the log gives; nothing at the end.
    fn compare(&mut self, found: Option<&str>) -> io::Result<()> {
        if self.fault.is_some() {
            return Ok(());
        }
        self.line += 1;
        let claimed = self.rows.next_line()?;
        if claimed.as_deref() != found {
            let (claimed, found) = (claimed.as_deref().map(shown), found.map(shown));
            self.fault = Some(Fault::OtherRow { line: self.line, claimed, found });
        }
        Ok(())
    }
}

/// The lines of a dump that lies in a file.
struct Rows(BufReader<File>);

impl Rows {
    fn open(path: &Path) -> io::Result<Self> {
        File::open(path).map(BufReader::new).map(Self)
    }

    /// The next line, without its end.
    fn next_line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        if self.0.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        // What is no text differs from every row, and is shown all the same.
        let text = String::from_utf8_lossy(&line);
        Ok(Some(text.strip_suffix('\n').unwrap_or(&text).to_owned()))
    }

    /// How many lines are left, and the hash of their bytes.
    fn hash(mut self) -> io::Result<(u64, String)> {
        let (mut hasher, mut lines, mut line) = (blake3::Hasher::new(), 0, Vec::new());
        while self.0.read_until(b'\n', &mut line)? > 0 {
            hasher.update(&line);
            line.clear();
            lines += 1;
        }
        Ok((lines, hasher.finalize().to_string()))
    }
}

impl Proved {
    fn new(path: &Path, faults: Vec<Fault>, models: Vec<ModelProved>) -> Self {
        let holds = faults.is_empty() && models.iter().all(|model| model.faults.is_empty());
        Self { path: path.to_path_buf(), holds, faults, models }
    }

    fn text(&self, page: &Page<'_>) -> String {
        let told = Args::new().text("path", self.path.display().to_string());
        let name = if self.holds { "prove-holds" } else { "prove-fails" };
        let mut lines = vec![page.language.say_with(name, &told)];
        lines.extend(self.faults.iter().map(|fault| format!("  {}", fault.text(page))));
        for model in &self.models {
            let place = |name: &str| {
                let told = Args::new()
                    .text("model", model.projection.clone())
                    .text("position", model.position.to_string());
                page.language.say_with(name, &told)
            };
            if model.faults.is_empty() {
                lines.push(format!("  {}", place("prove-model-holds")));
            } else {
                lines.push(format!("  {}", place("prove-model-fails")));
                lines.extend(model.faults.iter().map(|fault| format!("    {}", fault.text(page))));
            }
        }
        lines.join("\n") + "\n"
    }
}

impl ModelProved {
    fn new(claim: &Source, faults: Vec<Fault>) -> Self {
        Self {
            projection: claim.projection.clone(),
            position: claim.position,
            chain: claim.chain.clone(),
            faults,
        }
    }
}

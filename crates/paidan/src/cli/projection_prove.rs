//! `paidan projection prove`: whether exports and dumps are what the log says.
//!
//! Nothing that stands in them is believed: files are hashed, the chain is compared at the position
//! that they name, the models are folded up to there from the first event, and the tables are made
//! again.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use ::export::{Export, FileFault, Proof, Source, check_files, differing};
use domain::{Epoch, GlobalPosition, RuleSetVersion};
use projector::ModelName;
use serde::Serialize;
use words::Args;

use super::CliError;
use super::args::ProjectionProveArgs;
use super::asking::{ask, connect, unexpected};
use super::export::source;
use super::page::Page;
use super::write::Printer;
use crate::config::Config;
use crate::control::{Client, DumpHeader, PlaceView, Reply, Request};

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

/// What does not hold.
#[derive(Debug, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
enum Fault {
    /// `export.json` is not as it was written.
    ProofChanged,
    File {
        file: String,
        is: FileFault,
    },
    /// The rows of a dump are not those that its first line is of.
    RowsChanged,
    UnknownModel,
    OtherLog {
        claimed: String,
        found: String,
    },
    /// A restore or a salvage opened another epoch.
    RestoredSince {
        claimed: Epoch,
        found: Epoch,
    },
    /// The log here is an earlier copy.
    EarlierCopy {
        claimed: Epoch,
        found: Epoch,
    },
    AfterHead {
        head: GlobalPosition,
    },
    OtherChain {
        claimed: String,
        found: String,
    },
    OtherVersion {
        claimed: u32,
        found: u32,
    },
    OtherRules {
        claimed: RuleSetVersion,
        found: RuleSetVersion,
    },
    /// The fold gives other rows.
    OtherRows {
        claimed: String,
        found: String,
    },
    /// The first row that the fold gives otherwise; nothing where one side has fewer.
    OtherRow {
        line: u64,
        claimed: Option<String>,
        found: Option<String>,
    },
    /// The fold gives another file.
    OtherFile {
        file: String,
        claimed_release: String,
        release: &'static str,
    },
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
        let mut models = Vec::new();
        for model in &proof.models {
            let mut faults = self.stand(&model.source)?;
            if faults.iter().all(Fault::leaves_rows) {
                let format = proof.format.expect("an export that has ended has a format");
                let mut export = Export::rehearse(format);
                let header = self.fold(&model.source, |header| {
                    let Some(row) = header else { return Ok(()) };
                    match row {
                        Folded::Header(header) => export.model(source(header.clone())),
                        Folded::Row(row) => export.line(row),
                    }
                })?;
                export.end_model()?;
                let before = faults.len();
                faults.extend(header_faults(&model.source, &header));
                let of_other_version = faults[before..]
                    .iter()
                    .any(|fault| matches!(fault, Fault::OtherVersion { .. }));
                if !of_other_version {
                    let made = export.proof().models;
                    let made = made.first().map_or(&[][..], |model| &model.files);
                    faults.extend(differing(&model.files, made).into_iter().map(|file| {
                        Fault::OtherFile {
                            file,
                            claimed_release: proof.release.clone(),
                            release: env!("CARGO_PKG_VERSION"),
                        }
                    }));
                }
            }
            models.push(ModelProved::new(&model.source, faults));
        }
        Ok(Proved::new(directory, faults, models))
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
        let mut faults = self.stand(&claim)?;
        if faults.iter().all(Fault::leaves_rows) {
            let mut rows = Rows::open(path).map_err(unreadable)?;
            rows.next_line().map_err(unreadable)?;
            let (mut line, mut first) = (0, None);
            let header = self.fold(&claim, |folded| {
                let found = match folded {
                    Some(Folded::Row(row)) => Some(row),
                    Some(Folded::Header(_)) => return Ok(()),
                    None => None,
                };
                line += 1;
                if first.is_none() {
                    let claimed = rows.next_line().map_err(unreadable)?;
                    if claimed.as_deref() != found {
                        let found = found.map(shown);
                        let claimed = claimed.as_deref().map(shown);
                        first = Some(Fault::OtherRow { line, claimed, found });
                    }
                }
                Ok::<_, CliError>(())
            })?;
            let of_header = header_faults(&claim, &header);
            let is_of_other_version =
                of_header.iter().any(|fault| matches!(fault, Fault::OtherVersion { .. }));
            faults.extend(of_header);
            faults.extend(first.filter(|_| !is_of_other_version));
        }
        Ok(Proved::new(path, own, vec![ModelProved::new(&claim, faults)]))
    }

    /// What does not hold of the place in the log that is claimed.
    fn stand(&mut self, claim: &Source) -> Result<Vec<Fault>, CliError> {
        if claim.projection.parse::<ModelName>().is_err() {
            return Ok(vec![Fault::UnknownModel]);
        }
        let mut place: Option<PlaceView> = None;
        let request = Request::LogPlace { position: claim.position };
        ask(self.client, request, "reading", self.bars, &mut |reply| match reply {
            Reply::Place(view) => {
                place = Some(view);
                Ok(())
            }
            other => Err(unexpected(&other)),
        })?;
        let PlaceView { log, head, position: _, chain } = place.ok_or_else(ended)?;
        if log.id != claim.log {
            return Ok(vec![Fault::OtherLog { claimed: claim.log.clone(), found: log.id }]);
        }
        let (claimed, found) = (claim.epoch, log.epoch);
        let mut faults = Vec::new();
        if claimed < found {
            faults.push(Fault::RestoredSince { claimed, found });
        } else if claimed > found {
            faults.push(Fault::EarlierCopy { claimed, found });
        }
        match chain {
            None => faults.push(Fault::AfterHead { head }),
            Some(found) if found != claim.chain => {
                faults.push(Fault::OtherChain { claimed: claim.chain.clone(), found });
            }
            Some(_) => {}
        }
        Ok(faults)
    }

    /// Folds the model again; `take` gets header and rows, and nothing at the end.
    fn fold<E: Into<CliError>>(
        &mut self,
        claim: &Source,
        mut take: impl FnMut(Option<Folded<'_>>) -> Result<(), E>,
    ) -> Result<DumpHeader, CliError> {
        let (mut header, mut failed) = (None, None);
        let mut hand_on = |folded: Folded<'_>| {
            take(Some(folded)).map_err(|error| {
                failed = Some(error.into());
                io::Error::other("the rows could not be taken")
            })
        };
        let name = claim.projection.clone();
        let request =
            Request::ProjectionFold { name, position: claim.position, recount: claim.recount };
        let asked = ask(self.client, request, "folding", self.bars, &mut |reply| match reply {
            Reply::Dump(dump) => hand_on(Folded::Header(&*header.insert(dump))),
            Reply::Row(row) => hand_on(Folded::Row(&row)),
            other => Err(unexpected(&other)),
        });
        if let Some(failed) = failed {
            return Err(failed);
        }
        asked?;
        take(None).map_err(Into::into)?;
        header.ok_or_else(ended)
    }
}

enum Folded<'a> {
    Header(&'a DumpHeader),
    Row(&'a str),
}

fn ended() -> CliError {
    CliError::Unanswered(io::ErrorKind::UnexpectedEof.into())
}

fn header_faults(claim: &Source, found: &DumpHeader) -> Vec<Fault> {
    if claim.version != found.version {
        // Its rows are others by intent.
        return vec![Fault::OtherVersion { claimed: claim.version, found: found.version }];
    }
    let mut faults = Vec::new();
    if claim.rules_version != found.rules_version {
        let (claimed, found) = (claim.rules_version, found.rules_version);
        faults.push(Fault::OtherRules { claimed, found });
    }
    if (claim.dump_lines, &claim.dump_blake3) != (found.lines, &found.blake3) {
        let (claimed, found) = (claim.dump_blake3.clone(), found.blake3.clone());
        faults.push(Fault::OtherRows { claimed, found });
    }
    faults
}

fn shown(line: &str) -> String {
    line.chars().take(SHOWN_CHARS_MAX).collect()
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

impl Fault {
    /// Whether the rows can be compared all the same: the history up to there is the same one.
    const fn leaves_rows(&self) -> bool {
        matches!(self, Self::RestoredSince { .. } | Self::EarlierCopy { .. })
    }

    fn text(&self, page: &Page<'_>) -> String {
        let say = |name: &str, told: Args| page.language.say_with(name, &told);
        let both = |name: &str, claimed: &dyn ToString, found: &dyn ToString| {
            let told = Args::new().text("claimed", claimed.to_string());
            say(name, told.text("found", found.to_string()))
        };
        match self {
            Self::ProofChanged => page.say("prove-proof-changed"),
            Self::File { file, is } => {
                let name = match is {
                    FileFault::Missing => "prove-file-missing",
                    FileFault::Changed => "prove-file-changed",
                    FileFault::NotNamed => "prove-file-not-named",
                };
                say(name, Args::new().text("file", file.clone()))
            }
            Self::RowsChanged => page.say("prove-rows-changed"),
            Self::UnknownModel => page.say("prove-unknown-model"),
            Self::OtherLog { claimed, found } => both("prove-other-log", claimed, found),
            Self::RestoredSince { claimed, found } => both("prove-restored-since", claimed, found),
            Self::EarlierCopy { claimed, found } => both("prove-earlier-copy", claimed, found),
            Self::AfterHead { head } => {
                say("prove-after-head", Args::new().text("head", head.to_string()))
            }
            Self::OtherChain { claimed, found } => both("prove-other-chain", claimed, found),
            Self::OtherVersion { claimed, found } => both("prove-other-version", claimed, found),
            Self::OtherRules { claimed, found } => {
                both("prove-other-rules", &claimed.get(), &found.get())
            }
            Self::OtherRows { claimed, found } => both("prove-other-rows", claimed, found),
            Self::OtherRow { line, claimed, found } => {
                let nothing = page.say("prove-nothing");
                let or_nothing =
                    |row: &Option<String>| row.clone().unwrap_or_else(|| nothing.clone());
                let told = Args::new()
                    .text("line", line.to_string())
                    .text("claimed", or_nothing(claimed))
                    .text("found", or_nothing(found));
                say("prove-other-row", told)
            }
            Self::OtherFile { file, claimed_release, release } => {
                let same = claimed_release == release;
                let name = if same { "prove-other-file" } else { "prove-other-file-release" };
                let told = Args::new()
                    .text("file", file.clone())
                    .text("claimed", claimed_release.clone())
                    .text("found", (*release).to_owned());
                say(name, told)
            }
        }
    }
}

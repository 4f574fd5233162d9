//! What an export or a dump claims to be, held against the log.

use std::io;

use ::export::{FileFault, Source};
use audit::AsOf;
use domain::{Epoch, GlobalPosition, RuleSetVersion};
use projector::ModelName;
use serde::Serialize;
use words::Args;

use super::CliError;
use super::asking::{ask, unexpected};
use super::page::Page;
use crate::control::{Client, DumpHeader, PlaceView, Reply, Request};

/// What does not hold.
#[derive(Debug, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub(super) enum Fault {
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
    /// Of the earlier dump that a later export goes on from.
    Base {
        of: Box<Self>,
    },
    /// The fold gives another file.
    OtherFile {
        file: String,
        claimed_release: String,
        release: &'static str,
    },
}

/// What the log has at a place.
pub(super) fn place(
    client: &mut Client<'_>,
    as_of: AsOf,
    bars: bool,
) -> Result<PlaceView, CliError> {
    let mut place: Option<PlaceView> = None;
    ask(client, Request::LogPlace { as_of }, "reading", bars, &mut |reply| match reply {
        Reply::Place(view) => {
            place = Some(view);
            Ok(())
        }
        other => Err(unexpected(&other)),
    })?;
    place.ok_or_else(ended)
}

/// What does not hold of the place in the log that is claimed.
pub(super) fn stand(
    client: &mut Client<'_>,
    claim: &Source,
    bars: bool,
) -> Result<Vec<Fault>, CliError> {
    if claim.projection.parse::<ModelName>().is_err() {
        return Ok(vec![Fault::UnknownModel]);
    }
    let as_of = AsOf::Position(claim.position);
    let PlaceView { log, head, position: _, chain } = place(client, as_of, bars)?;
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

/// What does not hold of the rows that the log gives there.
pub(super) fn header_faults(claim: &Source, found: &DumpHeader) -> Vec<Fault> {
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

/// An answer that ended before it said anything.
pub(super) fn ended() -> CliError {
    CliError::Unanswered(io::ErrorKind::UnexpectedEof.into())
}

impl Fault {
    /// Whether the rows can be compared all the same: the history up to there is the same one.
    pub(super) const fn leaves_rows(&self) -> bool {
        matches!(self, Self::RestoredSince { .. } | Self::EarlierCopy { .. })
    }

    /// Whether the projection is of another version, so that its rows are others by intent.
    pub(super) const fn is_version(&self) -> bool {
        matches!(self, Self::OtherVersion { .. })
    }

    /// In words.
    pub(super) fn text(&self, page: &Page<'_>) -> String {
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
            Self::Base { of } => say("prove-base", Args::new().text("fault", of.text(page))),
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

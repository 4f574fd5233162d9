//! Rules from wherever they are.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use domain::rules::{RuleSet, RuleSetVersion, Rules};
use serde::{Deserialize, Serialize};

use super::args::Which;
use crate::cli::CliError;
use crate::cli::page::Page;
use crate::cli::reader::{Reader, read};
use crate::cli::target::Target;
use crate::config::Config;
use crate::rules_file::{self, Place, Problem};

/// Far more than all fields, 400 holidays and a comment for each.
const FILE_BYTES_MAX: u64 = 1 << 20;

#[derive(Deserialize)]
struct Body {
    rule_set: RuleSetVersion,
    rules: Rules,
}

/// Where the API tells rules.
pub(super) fn target(version: Option<u32>) -> Target {
    Target::new("/api/v1/rules").with("version", version)
}

/// The rules that the API told.
pub(super) fn told(body: &str) -> Result<RuleSet, CliError> {
    let Body { rule_set, rules } = read(body)?;
    Ok(RuleSet { version: rule_set, rules })
}

/// The rules that are meant. Problems of a file are printed.
pub(super) fn rules(
    config: &Config,
    which: &Which,
    page: &mut Page<'_>,
    json: bool,
) -> Result<Rules, CliError> {
    let version = match which {
        Which::File(path) => return file(path, page, json),
        &Which::SHIPPED => return Ok(Rules::default()),
        Which::Version(version) => Some(version.get()),
        Which::Current => None,
    };
    let mut reader = Reader::new(config, !json)?;
    Ok(told(&reader.ask(target(version))?)?.rules)
}

/// The version of the rules that hold.
pub(in crate::cli) fn current_version(config: &Config) -> Result<RuleSetVersion, CliError> {
    let mut reader = Reader::new(config, false)?;
    Ok(told(&reader.ask(target(None))?)?.version)
}

/// The rules of a file. Its problems are printed.
pub(in crate::cli) fn file(
    path: &Path,
    page: &mut Page<'_>,
    json: bool,
) -> Result<Rules, CliError> {
    let unread = |source| CliError::RulesFile { path: path.to_path_buf(), source };
    let text = text_of(path).map_err(unread)?;
    rules_file::read(&text).or_else(|problems| {
        tell(path, &problems, page, json)?;
        Err(CliError::RulesWrong(problems.len()))
    })
}

fn text_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let bytes = File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
    if bytes as u64 > FILE_BYTES_MAX {
        let message = format!("it is larger than {FILE_BYTES_MAX} bytes; is it a file of rules?");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(text)
}

/// What `rules check` says of a file.
#[derive(Serialize)]
pub(super) struct Checked<'p> {
    file: String,
    problems: Vec<Told<'p>>,
}

#[derive(Serialize)]
struct Told<'p> {
    #[serde(flatten)]
    place: Place,
    /// Nothing where it is not about one.
    field: Option<&'p str>,
    problem: String,
}

/// Prints what was found in a file.
pub(super) fn tell(
    path: &Path,
    problems: &[Problem],
    page: &mut Page<'_>,
    json: bool,
) -> Result<(), CliError> {
    let file = path.display().to_string();
    let language = page.language;
    if json {
        let problems = problems
            .iter()
            .map(|Problem { place, wrong }| Told {
                place: *place,
                field: wrong.field(),
                problem: wrong.say(language),
            })
            .collect();
        return page.end_with_json(&Checked { file, problems });
    }
    let lines: String = problems
        .iter()
        .map(|Problem { place: Place { line, column }, wrong }| {
            format!("{file}:{line}:{column}: {}\n", wrong.say(language))
        })
        .collect();
    page.end_with(&format!("{lines}{}\n", page.say_count("rules-problems", problems.len() as u64)))
}

//! `paidan completions` and `paidan man`: what shells and readers of manuals get.

use std::io;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use super::examples::examples;
use super::page::Page;
use super::{Cli, CliError};

/// Prints the completions for a shell.
pub(super) fn completions(shell: Shell, mut page: Page<'_>) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "paidan", &mut script);
    page.end_with(&String::from_utf8_lossy(&script))
}

/// Prints the manual, or writes it with a page for each command into a directory.
pub(super) fn man(out: Option<&Path>, mut page: Page<'_>) -> Result<(), CliError> {
    let mut command = Cli::command();
    command.build();
    let failed = |path: PathBuf| move |source| CliError::Manual { path, source };
    let Some(directory) = out else {
        let manual = manual(&command, &[]).map_err(failed("paidan.1".into()))?;
        return page.end_with(&String::from_utf8_lossy(&manual));
    };
    std::fs::create_dir_all(directory).map_err(failed(directory.to_path_buf()))?;
    write(directory, &command, &mut Vec::new())
}

fn write(
    directory: &Path,
    command: &clap::Command,
    path: &mut Vec<String>,
) -> Result<(), CliError> {
    let name = ["paidan"].into_iter().chain(path.iter().map(String::as_str)).collect::<Vec<_>>();
    let file = directory.join(format!("{}.1", name.join("-")));
    manual(command, path)
        .and_then(|manual| std::fs::write(&file, manual))
        .map_err(|source| CliError::Manual { path: file, source })?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        path.push(sub.get_name().to_owned());
        write(directory, sub, path)?;
        path.pop();
    }
    Ok(())
}

fn manual(command: &clap::Command, path: &[String]) -> io::Result<Vec<u8>> {
    let mut name = vec!["paidan".to_owned()];
    name.extend_from_slice(path);
    // Its own name is that of its file: `paidan-ticket-show`.
    let command = command
        .clone()
        .display_name(name.join("-"))
        .bin_name(name.join(" "))
        .version(env!("CARGO_PKG_VERSION"));
    let man = Man::new(command).title(name.join("-")).manual("Paidan").section("1");
    let mut page = Vec::new();
    man.render(&mut page)?;
    page.extend(sections(path).into_bytes());
    Ok(page)
}

/// What the command line's definition does not know.
fn sections(path: &[String]) -> String {
    let mut text = String::new();
    let mut section = |title: &str, entries: &[(String, String)]| {
        text.push_str(&format!(".SH {title}\n"));
        for (term, words) in entries {
            text.push_str(&format!(".TP\n\\fB{}\\fR\n{}\n", escaped(term), escaped(words)));
        }
    };
    let owned = |entries: &[(&str, &str)]| -> Vec<(String, String)> {
        entries.iter().map(|(term, words)| ((*term).to_owned(), (*words).to_owned())).collect()
    };
    section("FILES", &owned(FILES));
    section("ENVIRONMENT", &owned(ENVIRONMENT));
    section("EXIT STATUS", &owned(EXIT_STATUS));
    let examples: Vec<_> = examples(path).collect();
    if !examples.is_empty() {
        text.push_str(".SH EXAMPLES\n.nf\n");
        for example in examples {
            text.push_str(&format!("{}\n", escaped(example)));
        }
        text.push_str(".fi\n");
    }
    text
}

/// Neither a hyphen nor a line that begins with a dot means anything to the formatter.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

const FILES: &[(&str, &str)] = &[
    ("DATA/log", "The log: everything else is derived from it."),
    ("DATA/snapshots", "Shorten the start of a server; they can be deleted."),
    ("DATA/keys", "The keys that unseal personal data. Keep a copy elsewhere."),
    ("DATA/paidan.sock", "Where a running server answers these commands; its owner alone may ask."),
];

const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "PAIDAN_DATA, PAIDAN_CONFIG, PAIDAN_LISTEN, PAIDAN_MASTER_KEY_FILE",
        "What the flags of these names say, where those are not given.",
    ),
    ("PAIDAN_MASTER_KEY", "The master key itself, in hexadecimal digits."),
    (
        "PAIDAN_LANG, LC_ALL, LANG",
        "The language of answers: zh or en; the first that names one counts, English where none does.",
    ),
    ("RUST_LOG", "How much a server tells of itself."),
    ("NO_COLOR", "No colours in help and errors."),
];

const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "Done."),
    (
        "1",
        "It failed, or the answer is no: what was asked for is not there, a check failed, something is not ready.",
    ),
    ("2", "The question cannot be understood."),
];

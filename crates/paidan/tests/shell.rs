//! What shells and readers of manuals get, and that every command is told of.

mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use clap::{CommandFactory, Parser};
use paidan::cli::{Cli, examples};
use support::Place;

/// Every command that can be run, by its words.
fn commands() -> Vec<Vec<String>> {
    fn walk(command: &clap::Command, path: &[String], found: &mut Vec<Vec<String>>) {
        assert!(command.get_about().is_some(), "{path:?} has no words about it");
        if !command.has_subcommands() {
            found.push(path.to_vec());
        }
        for sub in command.get_subcommands() {
            let path: Vec<_> = path.iter().cloned().chain([sub.get_name().to_owned()]).collect();
            walk(sub, &path, found);
        }
    }
    let mut found = Vec::new();
    walk(&Cli::command(), &[], &mut found);
    found
}

#[test]
fn every_command_has_an_example_in_the_document() {
    for command in commands() {
        assert!(examples(&command).next().is_some(), "docs/commands.md: no example of {command:?}");
    }
}

#[test]
fn every_example_is_understood() {
    let mut count = 0;
    for example in examples(&[]) {
        let words = example.split('|').next().unwrap_or_default().split_whitespace();
        // As a shell reads them: none of ours has a blank within quotation marks.
        let words = words.map(|word| word.trim_matches('\''));
        if let Err(error) = Cli::try_parse_from(words) {
            panic!("{example}: {error}");
        }
        count += 1;
    }
    assert!(count > 20, "{count}");
}

#[test]
fn completions_are_scripts_that_their_shells_can_read() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = place.answer(&["completions", shell]);
        assert!(script.contains("satisfaction"), "{shell}");
    }
    let script = place.answer(&["completions", "bash"]);
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().expect("bash");
    bash.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("written");
    assert!(bash.wait().expect("ended").success());
}

#[test]
fn the_manual_has_a_page_for_each_command_with_files_variables_and_examples() {
    let place = Place::new();
    let pages = place.path("man");
    place.answer(&["man", "--out", &pages.display().to_string()]);
    for command in commands() {
        let name = format!("paidan-{}.1", command.join("-"));
        let page = std::fs::read_to_string(pages.join(&name)).expect(&name);
        for section in ["NAME", "SYNOPSIS", "FILES", "ENVIRONMENT", "EXIT STATUS", "EXAMPLES"] {
            let quoted = format!("\n.SH \"{section}\"");
            let found = page.contains(&format!("\n.SH {section}")) || page.contains(&quoted);
            assert!(found, "{name}: {section}");
        }
    }
    let main = place.answer(&["man"]);
    assert!(main.contains(".SH EXAMPLES"), "{main}");
    assert_eq!(std::fs::read_to_string(pages.join("paidan.1")).expect("the main page"), main);
}

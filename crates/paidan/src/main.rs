//! The `paidan` command.

use std::process::ExitCode;

use clap::Parser;
use paidan::cli::{self, Cli};

/// Prints the whole chain of a failure and ends with 1; a wrong command line ends with 2.
fn main() -> ExitCode {
    // Clap prints its own answer to a wrong command line, and to `--help` and `--version`.
    let cli = Cli::parse();
    match cli::run(cli, std::env::vars_os(), &mut std::io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for (depth, cause) in anyhow::Error::from(error).chain().enumerate() {
                let lead = if depth == 0 { "error" } else { "  because" };
                eprintln!("{lead}: {cause}");
            }
            ExitCode::FAILURE
        }
    }
}

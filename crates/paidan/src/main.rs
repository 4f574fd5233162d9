//! The `paidan` command.

use std::io::{IsTerminal, stdout};
use std::process::ExitCode;

use clap::Parser;
use paidan::cli::{self, Cli};

/// A command over HTTP makes some hundred small allocations on several threads, which took the
/// system's allocator a fifth of the server's time (docs/benchmarks-http.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Prints the whole chain of a failure and ends with 1; what cannot be understood ends with 2.
fn main() -> ExitCode {
    // Clap prints its own answer to a wrong command line, and to `--help` and `--version`.
    let cli = Cli::parse();
    match cli::run_within(cli, std::env::vars_os(), &mut stdout(), width()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let code = error.exit_code();
            for (depth, cause) in anyhow::Error::from(error).chain().enumerate() {
                let lead = if depth == 0 { "error" } else { "  because" };
                eprintln!("{lead}: {cause}");
            }
            ExitCode::from(code)
        }
    }
}

/// Columns of the terminal that answers go to.
fn width() -> Option<usize> {
    if !stdout().is_terminal() {
        return None;
    }
    let columns = rustix::termios::tcgetwinsize(stdout()).ok()?.ws_col;
    (columns > 0).then_some(columns.into())
}

//! `paidan rules show`, `check`, `diff`, `try` and `publish`.

mod args;
mod changes;
mod check;
mod diff;
pub(super) mod load;
mod publish;
mod show;
mod tried_csv;
mod tried_text;
mod try_on;

pub use args::{RulesCommands, RulesDiffArgs, RulesFileArgs, RulesShowArgs, Which};

use super::CliError;
use super::page::Page;
use crate::config::Config;

pub(super) fn run(
    config: &Config,
    command: &RulesCommands,
    page: Page<'_>,
) -> Result<(), CliError> {
    match command {
        RulesCommands::Show(args) => show::run(config, args, page),
        RulesCommands::Check(args) => check::run(args, page),
        RulesCommands::Diff(args) => diff::run(config, args, page),
        RulesCommands::Try(args) => try_on::run(config, args, page),
        RulesCommands::Publish(args) => publish::run(config, args, page),
    }
}

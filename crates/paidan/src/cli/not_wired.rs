//! Commands whose backends this build does not have. Each says so and does nothing else.

use super::CliError;
use super::args::{ProjectionDumpArgs, TicketHistoryArgs};
use crate::config::Config;

pub(super) const fn serve(_: &Config) -> Result<(), CliError> {
    Err(CliError::NotWired("serve"))
}

pub(super) const fn ticket_history(_: &Config, _: &TicketHistoryArgs) -> Result<(), CliError> {
    Err(CliError::NotWired("ticket history"))
}

pub(super) const fn log_stat(_: &Config) -> Result<(), CliError> {
    Err(CliError::NotWired("log stat"))
}

pub(super) const fn log_verify(_: &Config) -> Result<(), CliError> {
    Err(CliError::NotWired("log verify"))
}

pub(super) const fn projection_list(_: &Config) -> Result<(), CliError> {
    Err(CliError::NotWired("projection list"))
}

pub(super) const fn projection_dump(_: &Config, _: &ProjectionDumpArgs) -> Result<(), CliError> {
    Err(CliError::NotWired("projection dump"))
}

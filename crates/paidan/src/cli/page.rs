//! Where answers go: a terminal or a file, in a language, for people or for programs.

use std::io::{self, Write};
use std::ops::ControlFlow;

use serde::Serialize;
use words::{Args, Language};

use super::table::Table;
use super::{CliError, PrintError};

/// What is printed on.
pub(super) struct Page<'w> {
    pub(super) out: &'w mut dyn Write,
    pub(super) language: Language,
    /// Columns of the terminal; nothing where it is none.
    pub(super) width: Option<usize>,
}

impl Page<'_> {
    /// Prints. Tells to break off once nobody reads any more, as after `head`.
    pub(super) fn put(&mut self, text: &str) -> Result<ControlFlow<()>, CliError> {
        match self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
            Ok(()) => Ok(ControlFlow::Continue(())),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
            Err(error) => Err(PrintError::from(error).into()),
        }
    }

    /// Prints all that there is to print.
    pub(super) fn end_with(&mut self, text: &str) -> Result<(), CliError> {
        self.put(text).map(drop)
    }

    /// Prints a body as it is.
    pub(super) fn end_with_body(&mut self, body: &str) -> Result<(), CliError> {
        self.end_with(&format!("{body}\n"))
    }

    /// Prints a value for programs.
    pub(super) fn end_with_json(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        let body = serde_json::to_string(value)
            .map_err(|error| PrintError::from(io::Error::from(error)))?;
        self.end_with_body(&body)
    }

    /// Prints a table, or that there is nothing to show.
    pub(super) fn end_with_table<const N: usize>(
        &mut self,
        table: &Table<N>,
        empty: &str,
    ) -> Result<(), CliError> {
        let text = if table.is_empty() { format!("{}\n", self.say(empty)) } else { table.render() };
        self.end_with(&text)
    }

    /// A message.
    pub(super) fn say(&self, name: &str) -> String {
        self.language.say(name)
    }

    /// A message with a number.
    pub(super) fn say_count(&self, name: &str, count: u64) -> String {
        self.language.say_with(name, &Args::new().count("count", count))
    }
}

//! Printing an answer, for people or for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::args::OutputArgs;

/// An answer could not be printed.
#[derive(Debug, thiserror::Error)]
#[error("the answer could not be printed")]
pub struct PrintError(
    #[source]
    #[from]
    io::Error,
);

/// Where an answer goes, and how it looks.
pub struct Printer<'w> {
    out: &'w mut dyn Write,
    output: OutputArgs,
}

impl<'w> Printer<'w> {
    /// Prints to this writer.
    pub fn new(out: &'w mut dyn Write, output: OutputArgs) -> Self {
        Self { out, output }
    }

    /// Whether a program reads it.
    pub const fn is_json(&self) -> bool {
        self.output.json
    }

    /// Where lines go that are made one by one.
    pub fn out(&mut self) -> &mut dyn Write {
        self.out
    }

    /// Prints a value as JSON where that was asked for, else its text for people.
    ///
    /// # Errors
    /// When it cannot be written. A reader that went away, as `head` does, is none.
    pub fn print(
        &mut self,
        value: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), PrintError> {
        let written = if self.output.json {
            serde_json::to_writer_pretty(&mut *self.out, value)
                .map_err(io::Error::from)
                .and_then(|()| writeln!(self.out))
        } else {
            self.out.write_all(text().as_bytes())
        };
        match written.and_then(|()| self.out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(PrintError(error)),
            _ => Ok(()),
        }
    }
}

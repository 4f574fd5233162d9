//! What an answer tells of when it holds, where it looks back.

use std::ops::ControlFlow;

use domain::{GlobalPosition, Timestamp};
use serde::Deserialize;
use words::Args;

use super::CliError;
use super::names::Names;
use super::page::Page;
use super::query_args::AsOfBy;
use super::reader::Reader;

/// Where an answer holds, and the moment that it looks back to.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Past {
    position: GlobalPosition,
    as_of: Option<Timestamp>,
    as_of_by: Option<AsOfBy>,
}

impl Past {
    /// Names, and what time it is for the answer.
    pub(super) fn names(self, reader: &mut Reader<'_>) -> Result<Names, CliError> {
        Ok(Names::new(reader)?.at(self.as_of))
    }

    /// Says that the answer is not of now.
    pub(super) fn tell(
        self,
        page: &mut Page<'_>,
        names: &Names,
    ) -> Result<ControlFlow<()>, CliError> {
        let Some(moment) = self.as_of else { return Ok(ControlFlow::Continue(())) };
        let told = Args::new()
            .text("position", self.position.to_string())
            .text("time", names.time.to_second(moment));
        let name = match self.as_of_by {
            Some(AsOfBy::Occurred) => "command-looks-back-occurred",
            Some(AsOfBy::Recorded) | None => "command-looks-back",
        };
        page.put(&format!("{}\n\n", page.language.say_with(name, &told)))
    }
}

/// A day or week that was corrected by what was recorded after it was over.
pub(super) struct Corrected<'a> {
    pub(super) when: &'a str,
    pub(super) late: u64,
    pub(super) corrected_at: Option<Timestamp>,
}

impl Corrected<'_> {
    /// Lines that say so, for below a table; nothing where nothing was corrected.
    pub(super) fn lines<'a>(
        all: impl Iterator<Item = Corrected<'a>>,
        page: &Page<'_>,
        names: &Names,
    ) -> String {
        let lines = all.filter_map(|Corrected { when, late, corrected_at }| {
            let told = Args::new()
                .text("when", when.to_owned())
                .count("count", late)
                .text("time", names.time.to_second(corrected_at?));
            Some(page.language.say_with("command-corrected", &told) + "\n")
        });
        let lines: String = lines.collect();
        if lines.is_empty() { lines } else { format!("\n{lines}") }
    }
}

//! Looking back: a form with a moment, and what says that a page is not of now.

use domain::{GlobalPosition, Timestamp};
use words::{Args, Language, LocalTime};

/// The form that looks back, and what is looked back to, if anything is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LookBack {
    /// The moment by the firm's clock, as a form has it; empty: now.
    pub(crate) value: String,
    /// By what had happened then, not by what was known then.
    pub(crate) occurred: bool,
    pub(crate) banner: Option<String>,
}

impl LookBack {
    /// The page is of now.
    pub fn now() -> Self {
        Self::default()
    }

    /// The page is of a moment; by what had happened by then where `occurred`, else by what was
    /// known by then. The log was read up to a position.
    pub fn to(
        language: Language,
        time: &LocalTime,
        moment: Timestamp,
        occurred: bool,
        position: GlobalPosition,
    ) -> Self {
        let shown = time.to_second(moment);
        let told = Args::new().text("time", shown.clone()).text("position", position.to_string());
        let name = if occurred { "past-occurred" } else { "past-recorded" };
        let banner = Some(language.say_with(name, &told));
        Self { value: shown.replacen(' ', "T", 1), occurred, banner }
    }
}

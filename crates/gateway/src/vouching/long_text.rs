//! Text that is longer than a field takes.
//!
//! The field keeps its beginning and the whole becomes an attachment, always in the same way: a
//! request that is repeated is the same command.

use domain::limits::TEXT_BYTES_MAX;
use domain::ticket::TicketCommand;

/// So many characters stay in the field; of UTF-8 that is at most 8,000 bytes.
const KEPT_CHARS: usize = 2_000;

/// A text that was taken out of a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LongText {
    /// Which field it was in.
    pub(super) field: &'static str,
    /// All of it.
    pub(super) text: String,
}

impl LongText {
    /// Takes the long text out of a command that takes attachments. Other commands are left as they
    /// are, and refused by the rules.
    pub(super) fn of(command: &mut TicketCommand) -> Option<Self> {
        match command {
            TicketCommand::Create(create) => Self::of_field(&mut create.sentence),
            TicketCommand::Details(details) => Self::of_field(&mut details.sentence),
            TicketCommand::Note(note) => Self::taken("words", &mut note.words),
            TicketCommand::Resolve(resolve) => Self::taken("words", &mut resolve.words),
            TicketCommand::Confirm(confirm) => Self::taken("words", &mut confirm.words),
            TicketCommand::Reject(reject) => Self::taken("words", &mut reject.words),
            _ => None,
        }
    }

    /// Of a report's sentence.
    pub(super) fn of_field(sentence: &mut Option<String>) -> Option<Self> {
        Self::taken("sentence", sentence.as_mut()?)
    }

    fn taken(field: &'static str, text: &mut String) -> Option<Self> {
        if text.len() <= TEXT_BYTES_MAX {
            return None;
        }
        let beginning = text.chars().take(KEPT_CHARS).collect();
        Some(Self { field, text: std::mem::replace(text, beginning) })
    }
}

#[cfg(test)]
mod tests {
    use domain::ticket::{Decline, Note};

    use super::*;

    #[test]
    fn a_field_keeps_the_beginning_of_a_text_that_is_too_long() {
        let long = "机".repeat(3_000);
        let note = Note { words: long.clone(), ..Note::default() };
        let mut command = TicketCommand::Note(note);
        let taken = LongText::of(&mut command).expect("it is too long");
        assert_eq!((taken.field, taken.text), ("words", long));
        let TicketCommand::Note(note) = &command else { panic!("another command") };
        assert_eq!(note.words, "机".repeat(KEPT_CHARS));
        assert_eq!(LongText::of(&mut command), None, "what is left fits");
    }

    #[test]
    fn a_text_that_fits_and_a_command_without_attachments_stay_as_they_are() {
        let fits = Note { words: "a".repeat(TEXT_BYTES_MAX), ..Note::default() };
        assert_eq!(LongText::of(&mut fits.into()), None);
        let decline = Decline { words: "a".repeat(TEXT_BYTES_MAX + 1), ..Decline::default() };
        assert_eq!(LongText::of(&mut decline.into()), None);
    }
}

//! Cursors: where a page ended, of which log and question, and as of which position.

use domain::{GlobalPosition, TicketNumber, Timestamp};
use eventlog::LogIdentity;

use super::page::{Sort, TicketFilter};
use super::time_index::Slot;

const FORMAT: u8 = 1;
const BYTES: usize = 1 + 8 + 8 + 8 + 8 + 8 + 4;

/// A cursor that cannot be gone on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// Not a cursor.
    #[error("the cursor is not one that was given out; start over without a cursor")]
    Malformed,
    /// Of another log, or from before a restore.
    #[error("the cursor is of another log, or older than a restore; start over without a cursor")]
    OtherLog,
    /// Of another question.
    #[error(
        "the cursor belongs to other filters, another order or another as_of; start over without a \
         cursor"
    )]
    OtherQuestion,
}

/// What pages are of: a log, as it goes on or as of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageOf {
    pub(crate) log: LogIdentity,
    pub(crate) as_of: Option<GlobalPosition>,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    log: [u8; 8],
    question: [u8; 8],
    /// Where the answer held. Told to whoever reads a cursor in a log; the next page holds at a
    /// position of its own.
    position: GlobalPosition,
    pub(super) slot: Slot,
}

fn first_8(hash: &blake3::Hash) -> [u8; 8] {
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    first
}

fn name_of(identity: LogIdentity) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&identity.log_id.to_le_bytes()).update(&identity.epoch.get().to_le_bytes());
    first_8(&hasher.finalize())
}

fn name_of_question(filter: &TicketFilter, sort: Sort, as_of: Option<GlobalPosition>) -> [u8; 8] {
    let as_of = as_of.map(|position| format!(" as of {position}")).unwrap_or_default();
    first_8(&blake3::hash(format!("{sort:?} {filter:?}{as_of}").as_bytes()))
}

impl Cursor {
    pub(super) fn new(
        of: PageOf,
        filter: &TicketFilter,
        sort: Sort,
        position: GlobalPosition,
        slot: Slot,
    ) -> Self {
        let question = name_of_question(filter, sort, of.as_of);
        Self { log: name_of(of.log), question, position, slot }
    }

    /// Reads a cursor for the question that it is sent with.
    pub(super) fn read(
        text: &str,
        of: PageOf,
        filter: &TicketFilter,
        sort: Sort,
    ) -> Result<Self, CursorError> {
        let cursor = Self::parse(text).ok_or(CursorError::Malformed)?;
        if cursor.log != name_of(of.log) {
            Err(CursorError::OtherLog)
        } else if cursor.question != name_of_question(filter, sort, of.as_of) {
            Err(CursorError::OtherQuestion)
        } else {
            Ok(cursor)
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if text.len() != 2 * BYTES || !text.is_ascii() {
            return None;
        }
        let mut bytes = [0; BYTES];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).ok()?;
            *byte = u8::from_str_radix(digits, 16).ok()?;
        }
        let (body, check) = bytes.split_at(BYTES - 4);
        if blake3::hash(body).as_bytes()[..4] != *check {
            return None;
        }
        let mut numbers = body[1..].chunks_exact(8).map(|chunk| {
            let mut number = [0; 8];
            number.copy_from_slice(chunk);
            number
        });
        let log = numbers.next()?;
        let question = numbers.next()?;
        let position = GlobalPosition::new(u64::from_le_bytes(numbers.next()?));
        let at = Timestamp::from_micros(i64::from_le_bytes(numbers.next()?));
        let number = GlobalPosition::new(u64::from_le_bytes(numbers.next()?));
        let slot = (at, TicketNumber::from_position(number));
        (body[0] == FORMAT).then_some(Self { log, question, position, slot })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = vec![FORMAT];
        bytes.extend(self.log);
        bytes.extend(self.question);
        bytes.extend(self.position.get().to_le_bytes());
        bytes.extend(self.slot.0.as_micros().to_le_bytes());
        bytes.extend(self.slot.1.position().get().to_le_bytes());
        let check = blake3::hash(&bytes);
        bytes.extend(&check.as_bytes()[..4]);
        bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Epoch;

    const LOG: LogIdentity = LogIdentity { log_id: 7, epoch: Epoch::FIRST };

    const fn of(log: LogIdentity) -> PageOf {
        PageOf { log, as_of: None }
    }

    fn cursor() -> Cursor {
        let slot =
            (Timestamp::from_seconds(-5), TicketNumber::from_position(GlobalPosition::new(9)));
        let filter = TicketFilter::default();
        Cursor::new(of(LOG), &filter, Sort::Oldest, GlobalPosition::new(11), slot)
    }

    fn read(text: &str, log: LogIdentity, sort: Sort) -> Result<Cursor, CursorError> {
        Cursor::read(text, of(log), &TicketFilter::default(), sort)
    }

    #[test]
    fn a_cursor_reads_back_from_its_text() {
        assert_eq!(read(&cursor().to_string(), LOG, Sort::Oldest), Ok(cursor()));
    }

    #[test]
    fn a_cursor_of_another_log_epoch_or_question_is_refused() {
        let text = cursor().to_string();
        let restored = LogIdentity { epoch: LOG.epoch.next(), ..LOG };
        let other = LogIdentity { log_id: 8, ..LOG };
        assert_eq!(read(&text, restored, Sort::Oldest), Err(CursorError::OtherLog));
        assert_eq!(read(&text, other, Sort::Oldest), Err(CursorError::OtherLog));
        assert_eq!(read(&text, LOG, Sort::Due), Err(CursorError::OtherQuestion));
    }

    #[test]
    fn a_cursor_of_a_position_is_of_no_other_and_not_of_the_log_as_it_goes_on() {
        let filter = TicketFilter::default();
        let at = |position| PageOf { log: LOG, as_of: Some(GlobalPosition::new(position)) };
        let read = |text: &str, of| Cursor::read(text, of, &filter, Sort::Oldest).map(drop);
        let seven =
            Cursor::new(at(7), &filter, Sort::Oldest, GlobalPosition::new(7), cursor().slot);
        assert_eq!(read(&seven.to_string(), at(7)), Ok(()));
        assert_eq!(read(&seven.to_string(), at(8)), Err(CursorError::OtherQuestion));
        assert_eq!(read(&seven.to_string(), of(LOG)), Err(CursorError::OtherQuestion));
        assert_eq!(read(&cursor().to_string(), at(11)), Err(CursorError::OtherQuestion));
    }

    #[test]
    fn a_changed_or_foreign_text_is_refused() {
        let text = cursor().to_string();
        for wrong in ["", "zz", "é", &text[1..], &text.replacen('9', "8", 1), &"0".repeat(90)] {
            assert_eq!(read(wrong, LOG, Sort::Oldest), Err(CursorError::Malformed), "{wrong}");
        }
    }
}

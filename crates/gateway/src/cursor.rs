//! Places in the log that clients keep: which log, which epoch, which position.

use std::fmt;

use domain::{Epoch, GlobalPosition};
use eventlog::LogIdentity;

use crate::problem::{Kind, Problem};
use crate::views::LogView;

/// A place in a certain log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) log: LogIdentity,
    pub(crate) position: GlobalPosition,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}:{}:{}", self.log.log_id, self.log.epoch, self.position)
    }
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (log_id, epoch, position) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || log_id.len() != 32 {
            return None;
        }
        let log_id = u128::from_str_radix(log_id, 16).ok()?;
        let epoch = Epoch::new(epoch.parse().ok()?);
        let position = GlobalPosition::new(position.parse().ok()?);
        Some(Self { log: LogIdentity { log_id, epoch }, position })
    }

    /// The position that a client goes on after: a cursor of this log, or a bare number.
    pub(crate) fn after(
        text: &str,
        log: LogIdentity,
        head: GlobalPosition,
    ) -> Result<GlobalPosition, Problem> {
        let void = |why: &str| {
            Problem::new(
                Kind::CursorVoid,
                format!("{why}; forget what was built on it and start over from position 0"),
            )
            .with("log", LogView::from(log))
            .with("head", head)
        };
        let position = match (text.parse().map(GlobalPosition::new), Self::parse(text)) {
            (Ok(position), _) => position,
            (_, Some(cursor)) if cursor.log == log => cursor.position,
            (_, Some(cursor)) if cursor.log.log_id == log.log_id => {
                return Err(void("the log was restored or salvaged since this cursor was given"));
            }
            (_, Some(_)) => return Err(void("this cursor belongs to another log")),
            (_, None) => {
                let shown: String = text.chars().take(80).collect();
                return Err(Problem::new(
                    Kind::BadQuery,
                    format!(
                        "`{shown}` is no place in the log; write a position, or a cursor as it \
                         was given"
                    ),
                ));
            }
        };
        if position > head {
            return Err(void(&format!("the log ends at position {head}, before this cursor")));
        }
        Ok(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: LogIdentity = LogIdentity { log_id: 7, epoch: Epoch::FIRST };

    fn after(text: &str) -> Result<u64, Kind> {
        Cursor::after(text, HERE, GlobalPosition::new(9))
            .map(GlobalPosition::get)
            .map_err(|problem| problem.kind())
    }

    #[test]
    fn a_cursor_reads_back_from_its_text() {
        let cursor = Cursor { log: HERE, position: GlobalPosition::new(5) };
        assert_eq!(after(&cursor.to_string()), Ok(5));
        assert_eq!(after("0"), Ok(0));
    }

    #[test]
    fn a_cursor_of_another_log_or_epoch_or_after_the_end_is_void() {
        let other = LogIdentity { log_id: 8, ..HERE };
        let later = LogIdentity { epoch: Epoch::new(2), ..HERE };
        for log in [other, later] {
            let cursor = Cursor { log, position: GlobalPosition::FIRST };
            assert_eq!(after(&cursor.to_string()), Err(Kind::CursorVoid));
        }
        assert_eq!(after("10"), Err(Kind::CursorVoid));
    }

    #[test]
    fn garbage_is_no_cursor() {
        for text in ["", "-1", "x", "1:2", "00:1:1", &"f".repeat(32), "a:b:c:d"] {
            assert_eq!(after(text), Err(Kind::BadQuery), "{text}");
        }
    }
}

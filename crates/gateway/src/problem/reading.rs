//! Errors of whoever reads the log.

use eventlog::ReadError;
use projector::WaitError;
use projector::open_tickets::CursorError;

use super::{Kind, Problem};

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match &error {
            ReadError::Damaged { position, .. } => Self::failure(
                Kind::LogDamaged,
                "the log has bytes that are not what was written; run `paidan log verify`",
                &error,
            )
            .with("damaged_at", position),
            ReadError::UnknownShape { position, .. } => Self::failure(
                Kind::LogNewer,
                "the log has an event that is newer than this release; upgrade",
                &error,
            )
            .with("unknown_at", position),
            ReadError::Keys { .. } => Self::failure(
                Kind::KeysUnavailable,
                "personal data cannot be opened now; try again, and tell whoever runs the server",
                &error,
            ),
            ReadError::Store { .. } => Self::failure(
                Kind::StoreFailed,
                "the log's store failed; try again, and tell whoever runs the server",
                &error,
            ),
        }
    }
}

impl From<WaitError> for Problem {
    fn from(error: WaitError) -> Self {
        let detail = error.to_string();
        match error {
            WaitError::Lagging { name, position, wanted } => Self::new(Kind::ReadModelLags, detail)
                .with("read_model", name)
                .with("position", position)
                .with("min_position", wanted),
            WaitError::Faulted { name, position, .. } => Self::new(Kind::ReadModelFaulted, detail)
                .with("read_model", name)
                .with("faulted_at", position),
        }
    }
}

impl From<CursorError> for Problem {
    fn from(error: CursorError) -> Self {
        let kind = match error {
            CursorError::OtherLog => Kind::CursorVoid,
            CursorError::Malformed | CursorError::OtherQuestion => Kind::BadQuery,
        };
        Self::new(kind, format!("the query: after: {error}"))
    }
}

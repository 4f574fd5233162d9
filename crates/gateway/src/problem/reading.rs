//! Errors of whoever reads the log.

use eventlog::ReadError;

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

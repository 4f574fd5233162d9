//! Errors of whoever takes in, keeps or shows attachments.

use attachments::{store, thumbnail, uploads};

use super::{Kind, Problem};

const TELL: &str = "the store of attachments failed; try again, and tell whoever runs the server";

impl From<uploads::Error> for Problem {
    fn from(error: uploads::Error) -> Self {
        use uploads::Error;
        let detail = error.to_string();
        match error {
            Error::NotFound { .. } => Self::new(Kind::UploadNotFound, detail),
            Error::Busy { .. } => Self::new(Kind::UploadLocked, detail),
            Error::OffsetMismatch { offset, .. }
            | Error::LengthConflict { offset, .. }
            | Error::NotWhole { offset, .. }
            | Error::TakenOver { offset } => {
                Self::new(Kind::UploadOffset, detail).with("offset", offset)
            }
            Error::TooLarge { bytes_max } => {
                Self::new(Kind::FileTooLarge, detail).with("max", bytes_max)
            }
            Error::LongerThanDeclared { offset, .. } => {
                Self::new(Kind::FileTooLarge, detail).with("offset", offset)
            }
            Error::ChecksumMismatch { offset, .. } => {
                Self::new(Kind::ChecksumMismatch, detail).with("offset", offset)
            }
            Error::LineBroke { offset, source } => {
                Self::new(Kind::BodyNotReceived, format!("{source}: {detail}"))
                    .with("offset", offset)
            }
            Error::TooManyOfClient { open_max } => {
                Self::new(Kind::TooManyUploads, detail).with("max", open_max)
            }
            Error::TooMany { .. } => Self::new(Kind::Busy, detail),
            Error::NoRoom => Self::new(Kind::NoRoom, detail),
            Error::TooLong { field, .. } => {
                Self::new(Kind::BadHeader, detail).with("header", field)
            }
            Error::Erased { .. } => Self::new(Kind::UploadGone, detail),
            Error::Damaged { .. } => Self::failure(Kind::UploadDamaged, &detail, &error),
            Error::Random(_) | Error::CutOff(_) => Self::failure(
                Kind::Internal,
                "the upload could not be taken now; try again",
                &error,
            ),
            Error::File(_) => Self::failure(Kind::StoreFailed, TELL, &error),
            Error::Store(source) => source.into(),
        }
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        use store::Error;
        match &error {
            Error::OutOfRange { bytes, .. } => {
                Self::new(Kind::RangeNotSatisfiable, error.to_string()).with("bytes", bytes)
            }
            // Asked for by one who found the bytes there a moment before.
            Error::NotThere { .. }
            | Error::WrongSize { .. }
            | Error::File(_)
            | Error::Backend { .. }
            | Error::CutOff(_) => Self::failure(Kind::StoreFailed, TELL, &error),
        }
    }
}

impl From<thumbnail::Error> for Problem {
    fn from(error: thumbnail::Error) -> Self {
        use thumbnail::Error;
        let detail = error.to_string();
        match error {
            Error::Unsupported { .. }
            | Error::TooManyPixels { .. }
            | Error::TooManyBytes { .. }
            | Error::Undecodable(_) => Self::new(Kind::NoThumbnail, detail),
            Error::Busy => Self::new(Kind::Busy, detail),
            Error::Store(source) => source.into(),
            Error::File(_) | Error::CutOff(_) => Self::failure(Kind::StoreFailed, TELL, &error),
        }
    }
}

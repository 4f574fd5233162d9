//! The firm's own codes, which name entries of the directory beside their ids.

use std::fmt;
use std::str::FromStr;

use crate::id::{AreaId, CustomerId, DeviceId, EngineerId, OutletId, ParseIdError, StaffId};

/// The longest code, in characters.
pub const CODE_CHARS_MAX: usize = 64;

/// Something whose id can be derived from the firm's own code.
pub trait Coded: FromStr<Err = ParseIdError> + fmt::Display + Copy {
    /// The letters before the underscore of its ids.
    const PREFIX: &'static str;

    /// The id of this code; the same code gives the same id.
    fn from_code(code: &str) -> Self;
}

macro_rules! coded {
    ($($id:ty),*) => {$(
        impl Coded for $id {
            const PREFIX: &'static str = <$id>::PREFIX;
            fn from_code(code: &str) -> Self { <$id>::from_code(code) }
        }
    )*};
}

coded!(EngineerId, CustomerId, DeviceId, OutletId, AreaId, StaffId);

/// A text that is neither an id nor a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// A mistyped id must not become a code, and an id of another kind neither.
    #[error(transparent)]
    Id(#[from] ParseIdError),
    /// Nothing that could be read out.
    #[error("a code has visible characters")]
    Empty,
    /// Longer than anybody writes.
    #[error("a code has at most {CODE_CHARS_MAX} characters")]
    TooLong,
}

/// An id, and the code that it was derived from where that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressed<T> {
    /// The id.
    pub id: T,
    /// The code.
    pub code: Option<String>,
}

impl<T: Coded> Addressed<T> {
    /// Takes what has the form of an id for one, and anything else for a code.
    ///
    /// # Errors
    /// When it can be neither.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        match text.parse() {
            Ok(id) => Ok(Self { id, code: None }),
            Err(error) if looks_like_an_id(text) || has_prefix(text, T::PREFIX) => {
                Err(CodeError::Id(error))
            }
            Err(_) if text.trim().is_empty() || text.chars().any(char::is_control) => {
                Err(CodeError::Empty)
            }
            Err(_) if text.chars().count() > CODE_CHARS_MAX => Err(CodeError::TooLong),
            Err(_) => Ok(Self { id: T::from_code(text), code: Some(text.to_owned()) }),
        }
    }
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('_'))
}

/// Of whichever kind, perhaps with a character too many or too few.
fn looks_like_an_id(text: &str) -> bool {
    const KINDS: [&str; 7] = ["tk", "en", "cu", "dv", "ou", "ar", "st"];
    let long = (20..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    text == "rules" || long && KINDS.iter().any(|kind| has_prefix(text, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_what_does_not_look_like_an_id() {
        let engineer = EngineerId::from_u128(7);
        let by_id = Addressed::<EngineerId>::parse(&engineer.to_string()).expect("an id");
        assert!(by_id.id == engineer && by_id.code.is_none());
        let by_code = Addressed::<EngineerId>::parse("张三 7").expect("a code");
        assert!(by_code.id == EngineerId::from_code("张三 7"));
        let outlet = OutletId::from_u128(7).to_string();
        for wrong in ["en_typo", outlet.as_str(), "rules", " ", "a\u{7}b", &"x".repeat(65)] {
            assert!(Addressed::<EngineerId>::parse(wrong).is_err(), "{wrong}");
        }
    }
}

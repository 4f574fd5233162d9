//! Paths and queries, with problems instead of plain text where they cannot be read.

use std::fmt;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use domain::{
    AreaId, CustomerId, DeviceId, EngineerId, OutletId, ParseIdError, ParseNumberError, TicketId,
    TicketNumber,
};
use serde::de::DeserializeOwned;

use crate::problem::{Kind, Problem};

const CODE_CHARS_MAX: usize = 64;

/// Parts of the path.
pub(crate) struct Segments<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Segments<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(segments)) => Ok(Self(segments)),
            Err(error) => Err(Problem::new(Kind::BadPath, error.body_text())),
        }
    }
}

/// The query.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(error) => {
                // The same sentence, without axum's own before it.
                let text = error.body_text();
                let what = text.strip_prefix("Failed to deserialize query string: ");
                Err(Problem::new(Kind::BadQuery, format!("the query: {}", what.unwrap_or(&text))))
            }
        }
    }
}

/// A number of rows that is asked for.
pub(crate) fn limit(asked: Option<usize>, default: usize, max: usize) -> Result<usize, Problem> {
    match asked {
        None => Ok(default),
        Some(limit) if (1..=max).contains(&limit) => Ok(limit),
        Some(limit) => Err(Problem::new(
            Kind::BadQuery,
            format!("the query: limit: {limit} cannot be; write 1 to {max}"),
        )),
    }
}

/// Something of the directory, whose code is the firm's own.
pub(crate) trait Coded: FromStr<Err = ParseIdError> + fmt::Display + Copy {
    const PREFIX: &'static str;
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

coded!(EngineerId, CustomerId, DeviceId, OutletId, AreaId);

/// An id, and the code that it was derived from where the address has that.
pub(crate) struct Addressed<T> {
    pub(crate) id: T,
    pub(crate) code: Option<String>,
}

impl<T: Coded> Addressed<T> {
    /// Takes what has the form of an id for one, and anything else for a code.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let wrong = |error: ParseIdError| Problem::new(Kind::BadPath, error.to_string());
        match text.parse() {
            Ok(id) => Ok(Self { id, code: None }),
            // A mistyped id must not become a code, and an id of another kind neither.
            Err(error) if looks_like_an_id(text) || has_prefix(text, T::PREFIX) => {
                Err(wrong(error))
            }
            Err(_) if text.trim().is_empty() || text.chars().any(char::is_control) => {
                Err(Problem::new(Kind::BadPath, "a code has visible characters"))
            }
            Err(_) if text.chars().count() > CODE_CHARS_MAX => Err(Problem::new(
                Kind::BadPath,
                format!("a code has at most {CODE_CHARS_MAX} characters"),
            )),
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

/// An id or a code in a query.
pub(crate) struct Named<T>(pub(crate) T);

impl<'de, T: Coded> serde::Deserialize<'de> for Named<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        match Addressed::parse(&text) {
            Ok(named) => Ok(Self(named.id)),
            Err(problem) => Err(serde::de::Error::custom(problem.detail())),
        }
    }
}

/// How people name a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TicketRef {
    /// By its id.
    Id(TicketId),
    /// By the number that is read out on the telephone.
    Number(TicketNumber),
}

impl FromStr for TicketRef {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        match text.parse() {
            Ok(number) => Ok(Self::Number(number)),
            Err(error @ ParseNumberError::CheckDigit(_)) => {
                Err(Problem::new(Kind::BadPath, error.to_string()))
            }
            Err(ParseNumberError::Form(_)) => Err(Problem::new(
                Kind::BadPath,
                format!(
                    "`{}` names no ticket; write its id (`tk_…`) or its number (`12345-7`)",
                    text.chars().take(64).collect::<String>()
                ),
            )),
        }
    }
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

//! Paths and queries, with problems instead of plain text where they cannot be read.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use domain::{Addressed, Coded, ParseNumberError, TicketId, TicketNumber};
use serde::de::DeserializeOwned;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, Type};

use crate::problem::{Kind, Problem};

/// What a code looks like. Short texts that begin as an id of another kind are codes too, which is
/// nothing to rely on.
pub(crate) const CODE_PATTERN: &str = r"^(?!(tk|en|cu|dv|ou|ar|st)_|rules$)[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]{0,62}[^\s\x00-\x1f\x7f-\x9f])?$";

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

/// Whom an address names.
pub(crate) fn addressed<T: Coded>(text: &str) -> Result<Addressed<T>, Problem> {
    Addressed::parse(text).map_err(|error| Problem::new(Kind::BadPath, error.to_string()))
}

/// An id or a code in a query.
pub(crate) struct Named<T>(pub(crate) T);

// Through the trait that utoipa shows to its own derive only, as a field of a generic type has to.
impl<T: Coded> utoipa::__dev::ComposeSchema for Named<T> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let id = format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", T::PREFIX);
        AnyOfBuilder::new()
            .item(text().pattern(Some(id)))
            .item(text().pattern(Some(CODE_PATTERN)))
            .examples(["PD"])
            .into()
    }
}

impl<T: Coded> utoipa::ToSchema for Named<T> {}

impl<'de, T: Coded> serde::Deserialize<'de> for Named<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        match addressed(&text) {
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

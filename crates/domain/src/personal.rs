//! Personal data, which the log seals apart from the rest of an event.

use serde::{Deserialize, Serialize};

/// A part of an event that tells about a person. Its key can be destroyed; the event stays.
///
/// In stored bytes it takes no room: the log keeps it in a sealed part of its own. People see it
/// as its content, or as nothing once it is erased. What is decided on a command and how a state is
/// folded never depends on the content; the dispatcher compares reports by it, and nothing that is
/// erased is like anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Personal<T> {
    /// What was said.
    Known(T),
    /// The key was destroyed, or is not for this reader.
    Erased,
}

impl<T> Personal<T> {
    /// The content, unless it was erased.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(content) => Some(content),
            Self::Erased => None,
        }
    }
}

impl<T> From<T> for Personal<T> {
    fn from(content: T) -> Self {
        Self::Known(content)
    }
}

// A field of a generic type is described through this trait, which utoipa shows to its own derive
// only; utoipa is pinned, and another version that has it otherwise does not compile.
#[cfg(feature = "openapi")]
impl<T: utoipa::PartialSchema> utoipa::__dev::ComposeSchema for Personal<T> {
    fn compose(content: Vec<crate::schema::Described>) -> crate::schema::Described {
        crate::schema::or_null(content.into_iter().next().unwrap_or_else(T::schema))
    }
}

#[cfg(feature = "openapi")]
impl<T: utoipa::ToSchema> utoipa::ToSchema for Personal<T> {
    fn schemas(schemas: &mut Vec<(String, crate::schema::Described)>) {
        T::schemas(schemas);
    }
}

impl<T: Serialize> Serialize for Personal<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            self.known().serialize(serializer)
        } else {
            serializer.serialize_unit()
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Personal<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            Ok(Option::deserialize(deserializer)?.map_or(Self::Erased, Self::Known))
        } else {
            <()>::deserialize(deserializer)?;
            Ok(Self::Erased)
        }
    }
}

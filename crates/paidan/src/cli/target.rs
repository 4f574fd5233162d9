//! The address of a question: a path of the API with its query.

use std::fmt::{Display, Write};

use super::query_args::{PastArgs, QueryArgs};

/// An address that is being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target(String);

impl Target {
    /// A path without a query.
    pub(super) fn new(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// One more step of the path, whatever letters it has.
    pub(super) fn step(mut self, step: &str) -> Self {
        self.0.push('/');
        self.encode(step);
        self
    }

    /// A further part of the path, as it is.
    pub(super) fn then(mut self, part: &str) -> Self {
        self.0.push('/');
        self.0.push_str(part);
        self
    }

    /// One more thing that is asked for, where it was said.
    pub(super) fn with(mut self, name: &str, value: Option<impl Display>) -> Self {
        if let Some(value) = value {
            self.0.push(if self.0.contains('?') { '&' } else { '?' });
            self.0.push_str(name);
            self.0.push('=');
            self.encode(&value.to_string());
        }
        self
    }

    /// A mark, where it was set.
    pub(super) fn with_mark(self, name: &str, set: bool) -> Self {
        self.with(name, set.then_some(true))
    }

    /// How it is asked.
    pub(super) fn asked(self, query: &QueryArgs) -> Self {
        self.with("min_position", query.min_position)
    }

    /// How it is asked, of now or of what is past.
    pub(super) fn asked_of(self, query: &PastArgs) -> Self {
        self.with("min_position", query.min_position)
            .with("as_of", query.as_of)
            .with("as_of_by", query.as_of_by)
    }

    /// The address.
    pub(super) fn into_text(self) -> String {
        self.0
    }

    /// All but what RFC 3986 leaves unreserved is written in its bytes.
    fn encode(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    self.0.push(char::from(byte));
                }
                _ => write!(self.0, "%{byte:02X}").expect("a text takes what is written to it"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_code_has_stays_within_its_place() {
        let target = Target::new("/api/v1/outlets").step("浦东/?&").with("after", Some("a+b=c 1"));
        assert_eq!(
            target.into_text(),
            "/api/v1/outlets/%E6%B5%A6%E4%B8%9C%2F%3F%26?after=a%2Bb%3Dc%201"
        );
    }

    #[test]
    fn what_was_not_said_is_not_asked_for() {
        let target = Target::new("/t").with("a", None::<u8>).with_mark("b", false);
        assert_eq!(target.with_mark("c", true).with("d", Some(1)).into_text(), "/t?c=true&d=1");
    }
}

//! Moments and spans. The domain never asks what time it is; it is told.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::schema::text_schema;
use crate::text::text_over_number;

/// A moment: microseconds since 1970-01-01T00:00:00Z. People read it as RFC 3339 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// A text that is not a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a moment in RFC 3339; write it like `2026-03-01T08:30:00+08:00`")]
pub struct ParseTimestampError(String);

impl Timestamp {
    /// The first moment that is ever compared with.
    pub const MIN: Self = Self(i64::MIN);
    /// A moment that never comes.
    pub const MAX: Self = Self(i64::MAX);

    /// The moment so many microseconds after the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The moment so many seconds after the Unix epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This moment plus a span; stops at [`Timestamp::MAX`].
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros))
    }

    /// This moment less a span; stops at [`Timestamp::MIN`].
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(micros))
    }

    /// The span from an earlier moment to this one; zero when that moment is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This moment on jiff's time line; clamped to the years that it knows (-9999 to 9999).
    pub fn to_jiff(self) -> jiff::Timestamp {
        let bounded = self
            .0
            .clamp(jiff::Timestamp::MIN.as_microsecond(), jiff::Timestamp::MAX.as_microsecond());
        jiff::Timestamp::from_microsecond(bounded).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// The moment of a point on jiff's time line.
    pub fn from_jiff(moment: jiff::Timestamp) -> Self {
        Self(moment.as_microsecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to_jiff(), f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse()
            .map(Self::from_jiff)
            .map_err(|_| ParseTimestampError(text.chars().take(64).collect()))
    }
}

text_over_number!(Timestamp, i64, |moment| moment.0, Timestamp);
text_schema!(
    Timestamp,
    "A moment (RFC 3339); with any offset where it is sent, in UTC where it is answered.",
    format "date-time",
    "2026-03-01T00:30:00Z"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_back_from_its_text() {
        let moment = Timestamp::from_micros(1_700_000_000_123_456);
        assert_eq!(moment.to_string().parse(), Ok(moment));
    }

    #[test]
    fn an_offset_is_understood() {
        let there: Timestamp = "2026-03-01T08:30:00+08:00".parse().expect("a moment");
        assert_eq!(there.to_string(), "2026-03-01T00:30:00Z");
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(Timestamp::MAX.plus(Duration::from_secs(1)), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.minus(Duration::from_secs(1)), Timestamp::MIN);
        assert_eq!(Timestamp::from_seconds(1).since(Timestamp::from_seconds(5)), Duration::ZERO);
    }

    #[test]
    fn far_moments_have_a_text_and_do_not_panic() {
        assert!(!Timestamp::MAX.to_string().is_empty());
        assert!(!Timestamp::MIN.to_string().is_empty());
    }
}

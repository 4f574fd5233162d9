//! Spans of time as rules and people write them: `30m`, `1h30m`, `7d`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::schema::text_schema;
use crate::text::text_over_number;

/// A span in whole seconds, up to about 136 years.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(u32);

/// A text that is not a span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a span of time; write it like `45s`, `30m`, `1h30m` or `7d`")]
pub struct ParseSpanError(String);

const UNITS: [(char, u32); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl Span {
    /// So many seconds.
    pub const fn seconds(count: u32) -> Self {
        Self(count)
    }

    /// So many minutes.
    pub const fn minutes(count: u32) -> Self {
        Self(count * 60)
    }

    /// So many hours.
    pub const fn hours(count: u32) -> Self {
        Self(count * 3_600)
    }

    /// So many days of 24 hours.
    pub const fn days(count: u32) -> Self {
        Self(count * 86_400)
    }

    /// The span as the standard library has it.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (unit, seconds) in UNITS {
            if rest >= seconds {
                write!(f, "{}{unit}", rest / seconds)?;
                rest %= seconds;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Span {
    type Err = ParseSpanError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParseSpanError(text.chars().take(32).collect());
        let (mut total, mut number) = (0_u32, None::<u32>);
        for character in text.chars() {
            if let Some(digit) = character.to_digit(10) {
                let grown = number.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add(digit));
                number = Some(grown.ok_or_else(wrong)?);
            } else {
                let (_, seconds) =
                    UNITS.iter().find(|(unit, _)| *unit == character).ok_or_else(wrong)?;
                let part = number.take().and_then(|n| n.checked_mul(*seconds));
                total = part.and_then(|part| total.checked_add(part)).ok_or_else(wrong)?;
            }
        }
        if text.is_empty() || number.is_some() { Err(wrong()) } else { Ok(Self(total)) }
    }
}

text_over_number!(Span, u32, |span| span.0, Span);
text_schema!(
    Span,
    "A span of time in days, hours, minutes and seconds.",
    pattern "^([0-9]{1,4}[dhms]){1,4}$",
    "1h30m"
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_span_reads_back_from_its_text(seconds: u32) {
            let span = Span::seconds(seconds);
            prop_assert_eq!(span.to_string().parse(), Ok(span));
        }
    }

    #[test]
    fn a_number_without_a_unit_and_too_long_a_span_are_refused() {
        for text in ["", "30", "m", "1x", "99999999999d", "1h30"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}

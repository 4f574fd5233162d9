//! A ticket as people name it.

use std::fmt;
use std::str::FromStr;

use domain::{TicketId, TicketNumber};

/// A ticket, by its id or the number that is read out on the telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketRef {
    /// By its id.
    Id(TicketId),
    /// By its number.
    Number(TicketNumber),
}

impl FromStr for TicketRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with(TicketId::PREFIX) {
            text.parse().map(Self::Id).map_err(|error| error.to_string())
        } else {
            text.parse().map(Self::Number).map_err(|error| error.to_string())
        }
    }
}

impl fmt::Display for TicketRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => fmt::Display::fmt(id, f),
            Self::Number(number) => fmt::Display::fmt(number, f),
        }
    }
}

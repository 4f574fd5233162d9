//! Numbers that people read out on the telephone.

use std::fmt;
use std::str::FromStr;

use crate::schema::text_schema;
use crate::text::text_over_number;

use crate::stream::GlobalPosition;

/// A ticket's number: the position of its first event and a check digit, `12345-7`.
///
/// The digit is Damm's (H. Michael Damm, 2004): it catches every single wrong digit and every
/// swap of neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketNumber(GlobalPosition);

/// Damm's quasigroup of order 10.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

fn check_digit(number: u64) -> u8 {
    number
        .to_string()
        .bytes()
        .fold(0, |interim, byte| DAMM[usize::from(interim)][usize::from(byte - b'0')])
}

/// A text that is not a ticket's number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseNumberError {
    /// Not digits, a dash and a digit.
    #[error("`{0}` is not a ticket's number; it looks like `12345-7`")]
    Form(String),
    /// A digit was misread.
    #[error("the check digit of `{0}` does not fit; please read the number again")]
    CheckDigit(String),
}

impl TicketNumber {
    /// The number of the ticket that was created at this position.
    pub const fn from_position(position: GlobalPosition) -> Self {
        Self(position)
    }

    /// Where the ticket was created.
    pub const fn position(self) -> GlobalPosition {
        self.0
    }
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0, check_digit(self.0.get()))
    }
}

impl FromStr for TicketNumber {
    type Err = ParseNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shown = || text.chars().take(32).collect::<String>();
        let form = || ParseNumberError::Form(shown());
        let (number, check) = text.split_once('-').ok_or_else(form)?;
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(form());
        }
        let position: u64 = number.parse().map_err(|_| form())?;
        if check.len() != 1 || !check.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(form());
        }
        if check != check_digit(position).to_string() {
            return Err(ParseNumberError::CheckDigit(shown()));
        }
        Ok(Self(GlobalPosition::new(position)))
    }
}

text_over_number!(TicketNumber, GlobalPosition, |number| number.0, TicketNumber);
text_schema!(
    TicketNumber,
    "What people call a ticket on the telephone; the last digit checks the others (Damm).",
    pattern "^[0-9]{1,19}-[0-9]$",
    TicketNumber::from_position(GlobalPosition::new(12_345)).to_string()
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_of_damm_holds() {
        assert_eq!(check_digit(572), 4);
    }

    #[test]
    fn a_misread_digit_and_a_swap_of_neighbours_are_noticed() {
        let right = TicketNumber::from_position(GlobalPosition::new(10_472)).to_string();
        assert!(right.parse::<TicketNumber>().is_ok());
        for wrong in ["10473", "01472", "14072"] {
            let text = format!("{wrong}{}", &right[right.len() - 2..]);
            assert!(text.parse::<TicketNumber>().is_err(), "{text}");
        }
    }
}

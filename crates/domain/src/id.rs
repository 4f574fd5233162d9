//! Ids that say what they name, sort by time of creation and survive being read aloud.
//!
//! An id is 128 bits, written as a two-letter prefix and 26 characters of Crockford's base 32
//! (<https://www.crockford.com/base32.html>), lower case: `tk_01jd3n…`. Fresh ids are UUIDv7
//! (RFC 9562, section 5.7), made outside this crate; ids of a firm's own codes are derived from
//! the code, so that the same code always names the same thing.

use std::fmt;
use std::str::FromStr;

use crate::schema::text_schema;
use crate::text::text_over_number;
use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const ENCODED_LEN: usize = 26;

/// A text that is not an id of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not {expected}; it looks like `{example}`")]
pub struct ParseIdError {
    given: String,
    expected: &'static str,
    example: &'static str,
}

fn encode(value: u128) -> [u8; ENCODED_LEN] {
    let mut out = [0; ENCODED_LEN];
    for (place, byte) in out.iter_mut().enumerate() {
        let shift = 5 * (ENCODED_LEN - 1 - place);
        *byte = ALPHABET[(value >> shift) as usize & 31];
    }
    out
}

fn decode(text: &str) -> Option<u128> {
    if text.len() != ENCODED_LEN {
        return None;
    }
    let mut value: u128 = 0;
    for (place, byte) in text.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        // 26 characters hold 130 bits; the first may use only three of its five.
        if place == 0 && digit > 7 {
            return None;
        }
        value = value << 5 | digit as u128;
    }
    Some(value)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// The letters before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// The id with these 128 bits.
            pub const fn from_u128(value: u128) -> Self {
                Self(value)
            }

            /// The id of a fresh UUID.
            pub const fn from_uuid(value: Uuid) -> Self {
                Self(value.as_u128())
            }

            /// The id of a firm's own code (an employee number, a serial number): the same code
            /// gives the same id, and codes of different kinds never meet. A UUIDv8 (RFC 9562,
            /// section 5.8) of BLAKE3 over prefix and code.
            pub fn from_code(code: &str) -> Self {
                let hash = blake3::Hasher::new()
                    .update(concat!("paidan id ", $prefix, ":").as_bytes())
                    .update(code.as_bytes())
                    .finalize();
                let mut bytes = [0; 16];
                bytes.copy_from_slice(&hash.as_bytes()[..16]);
                Self(Uuid::new_v8(bytes).as_u128())
            }

            /// The 128 bits.
            pub const fn as_u128(self) -> u128 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = encode(self.0);
                write!(f, "{}_{}", $prefix, std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(Self)
                    .ok_or_else(|| ParseIdError {
                        given: text.chars().take(64).collect(),
                        expected: $what,
                        example: concat!($prefix, "_01jd3nqz5e8y6b000000000000"),
                    })
            }
        }

        text_over_number!($name, u128, |id| id.0, $name);
        text_schema!(
            $name,
            concat!("Looks like ", $what, "."),
            pattern concat!("^", $prefix, "_[0-7][0-9a-hjkmnp-tv-z]{25}$"),
            concat!($prefix, "_01jd3nqz5e8y6b000000000000")
        );
    )*};
}

ids! {
    /// A ticket.
    TicketId, "tk", "a ticket's id";
    /// An engineer.
    EngineerId, "en", "an engineer's id";
    /// A customer, who may have several contacts.
    CustomerId, "cu", "a customer's id";
    /// An installed device of a customer.
    DeviceId, "dv", "a device's id";
    /// An outlet, from which engineers go out.
    OutletId, "ou", "an outlet's id";
    /// An area of several outlets under one supervisor.
    AreaId, "ar", "an area's id";
    /// Somebody of the firm who is not an engineer: agent, supervisor, deputy, director.
    StaffId, "st", "a staff member's id";
    /// An attachment: the first half of the hash of its bytes.
    AttachmentId, "at", "an attachment's id";
    /// One event in the log.
    EventId, "ev", "an event's id";
    /// One import of a file, which can be told apart from live events.
    ImportBatchId, "im", "an import batch's id";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_id_reads_back_from_its_text(value: u128) {
            let id = TicketId::from_u128(value);
            prop_assert_eq!(id.to_string().parse::<TicketId>(), Ok(id));
        }

        #[test]
        fn ids_sort_as_their_texts_do(left: u128, right: u128) {
            let (a, b) = (TicketId::from_u128(left), TicketId::from_u128(right));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let engineer = EngineerId::from_u128(7).to_string();
        assert!(engineer.parse::<TicketId>().is_err());
    }

    #[test]
    fn the_example_of_a_refusal_is_an_id() {
        let refusal = "x".parse::<TicketId>().expect_err("not an id");
        assert!(refusal.example.parse::<TicketId>().is_ok(), "{}", refusal.example);
    }

    #[test]
    fn more_than_128_bits_are_refused() {
        assert!("tk_8zzzzzzzzzzzzzzzzzzzzzzzzz".parse::<TicketId>().is_err());
        assert!("tk_7zzzzzzzzzzzzzzzzzzzzzzzzz".parse::<TicketId>().is_ok());
    }

    #[test]
    fn the_same_code_names_the_same_engineer_and_no_outlet() {
        assert_eq!(EngineerId::from_code("E7"), EngineerId::from_code("E7"));
        assert_ne!(EngineerId::from_code("E7").as_u128(), OutletId::from_code("E7").as_u128());
    }
}

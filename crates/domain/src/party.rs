//! Who acts: as people and programs write it, and as it is stored.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::{CustomerId, EngineerId, StaffId};
use crate::schema::text_schema;

/// Somebody or something that acts. The order of the variants stands in stored bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub enum Party {
    /// Nobody said who it was, as with a report from a page without a login.
    Anonymous,
    /// A customer, or one of their contacts.
    Customer(CustomerId),
    /// An engineer.
    Engineer(EngineerId),
    /// An agent at the counter.
    Agent(StaffId),
    /// An area's supervisor or deputy.
    Supervisor(StaffId),
    /// The service director.
    Director(StaffId),
    /// Whoever administers the directory and the rules.
    Administrator(StaffId),
    /// The dispatcher.
    Dispatcher,
    /// The gateway's own housekeeping: leases that end, rosters that begin.
    Gateway,
    /// The import of another system's history, or of a firm's directory or rules by whoever runs the
    /// server.
    Import,
}

/// A text that names nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names nobody who acts; write `anonymous`, or a role and an id, as `engineer:en_…`")]
pub struct ParsePartyError(String);

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Customer(id) => write!(f, "customer:{id}"),
            Self::Engineer(id) => write!(f, "engineer:{id}"),
            Self::Agent(id) => write!(f, "agent:{id}"),
            Self::Supervisor(id) => write!(f, "supervisor:{id}"),
            Self::Director(id) => write!(f, "director:{id}"),
            Self::Administrator(id) => write!(f, "administrator:{id}"),
            Self::Dispatcher => f.write_str("dispatcher"),
            Self::Gateway => f.write_str("gateway"),
            Self::Import => f.write_str("import"),
        }
    }
}

impl FromStr for Party {
    type Err = ParsePartyError;

    fn from_str(text: &str) -> Result<Self, ParsePartyError> {
        let nobody = || ParsePartyError(text.chars().take(64).collect());
        fn id<T: FromStr>(text: &str) -> Option<T> {
            text.parse().ok()
        }
        let party = match text.split_once(':') {
            None => match text {
                "anonymous" => Some(Self::Anonymous),
                "dispatcher" => Some(Self::Dispatcher),
                "gateway" => Some(Self::Gateway),
                "import" => Some(Self::Import),
                _ => None,
            },
            Some(("customer", who)) => id(who).map(Self::Customer),
            Some(("engineer", who)) => id(who).map(Self::Engineer),
            Some(("agent", who)) => id(who).map(Self::Agent),
            Some(("supervisor", who)) => id(who).map(Self::Supervisor),
            Some(("director", who)) => id(who).map(Self::Director),
            Some(("administrator", who)) => id(who).map(Self::Administrator),
            Some(_) => None,
        };
        party.ok_or_else(nobody)
    }
}

// `remote` leaves the derived shape, which is the stored one, under the names of the traits' own
// functions.
impl Serialize for Party {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            Self::serialize(self, serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Party {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = Cow::<'de, str>::deserialize(deserializer)?;
            text.parse().map_err(serde::de::Error::custom)
        } else {
            Self::deserialize(deserializer)
        }
    }
}

text_schema!(
    Party,
    "Who acted: a role and an id, or a part of the system.",
    pattern concat!(
        "^(anonymous|dispatcher|gateway|import",
        "|customer:cu_[0-7][0-9a-hjkmnp-tv-z]{25}|engineer:en_[0-7][0-9a-hjkmnp-tv-z]{25}",
        "|(agent|supervisor|director|administrator):st_[0-7][0-9a-hjkmnp-tv-z]{25})$"
    ),
    "engineer:en_01jd3nqz5e8y6b000000000000"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_reads_back_from_their_text() {
        let staff = StaffId::from_u128(3);
        for party in [
            Party::Anonymous,
            Party::Customer(CustomerId::from_u128(1)),
            Party::Engineer(EngineerId::from_u128(2)),
            Party::Agent(staff),
            Party::Supervisor(staff),
            Party::Director(staff),
            Party::Administrator(staff),
            Party::Dispatcher,
            Party::Gateway,
            Party::Import,
        ] {
            assert_eq!(party.to_string().parse(), Ok(party));
            let written = serde_json::to_value(party).expect("a text");
            assert_eq!(written, serde_json::json!(party.to_string()));
            assert_eq!(serde_json::from_value::<Party>(written).expect("its text"), party);
        }
    }

    #[test]
    fn a_role_without_its_id_names_nobody() {
        for text in ["", "engineer", "engineer:", "engineer:st_x", "anonymous:1", "boss:st_x"] {
            assert!(text.parse::<Party>().is_err(), "{text}");
        }
    }
}

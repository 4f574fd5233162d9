//! Who did something, how sure we are of it, and which request it came with.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::ImportBatchId;
use crate::party::Party;

/// How sure we are that an actor is who they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// They said so.
    Claimed,
    /// They proved it, or they are a part of this system.
    Authenticated,
}

/// Who acts, how sure, and on whose behalf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    /// Who acts.
    pub party: Party,
    /// How sure that is.
    pub assurance: Assurance,
    /// For whom, when an administrator acts as an engineer, or an agent for a customer.
    pub on_behalf_of: Option<Party>,
}

impl Actor {
    /// Somebody who said who they are.
    pub const fn claimed(party: Party) -> Self {
        Self { party, assurance: Assurance::Claimed, on_behalf_of: None }
    }

    /// A part of this system.
    pub const fn system(party: Party) -> Self {
        Self { party, assurance: Assurance::Authenticated, on_behalf_of: None }
    }
}

/// Whose command ids these are. Ids of the system's own issuers cannot be sent from outside.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Issuer {
    /// A client of the gateway, by its name; at most 64 bytes.
    Client(String),
    /// The dispatcher.
    Dispatcher,
    /// The gateway's own housekeeping.
    Gateway,
    /// An import of the named source.
    Import(String),
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(name) => write!(f, "client:{name}"),
            Self::Dispatcher => f.write_str("dispatcher"),
            Self::Gateway => f.write_str("gateway"),
            Self::Import(source) => write!(f, "import:{source}"),
        }
    }
}

/// Names one command forever: the same id is applied at most once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommandId {
    /// Whose id it is; keys of different issuers never meet.
    pub issuer: Issuer,
    /// The issuer's own key, 1 to 255 bytes.
    pub key: String,
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.issuer, self.key)
    }
}

/// Where an event comes from. Imported history moves states and starts no timers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// It happened here.
    Live,
    /// It happened in another system and was taken over in this batch.
    Import(ImportBatchId),
}

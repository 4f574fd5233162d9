//! The line to the server: why it is not there, said once and in words that help.
//!
//! The client tries again for ever and says nothing of why it failed; what it notes with each
//! server is looked at here before the next attempt.

use std::collections::{BTreeMap, BTreeSet};

use async_nats::Server;
use parking_lot::Mutex;

/// So many refusals are told apart.
const REFUSED_MAX: usize = 32;

/// What is known of a connection that is not there. Shared between the connection and whoever asks.
///
/// Of each server what was wrong last; there are as many as the address names and the servers tell of.
#[derive(Debug, Default)]
pub struct Line {
    troubles: Mutex<BTreeMap<String, String>>,
    refused: Mutex<BTreeSet<String>>,
}

impl Line {
    /// Why there is no connection, since it was last there.
    pub fn trouble(&self) -> Option<String> {
        let troubles: Vec<String> = self.troubles.lock().values().cloned().collect();
        (!troubles.is_empty()).then(|| troubles.join("; "))
    }

    pub(crate) fn is_up(&self) {
        self.troubles.lock().clear();
        self.refused.lock().clear();
    }

    /// The server refuses something; said once for as long as the connection is there.
    pub(crate) fn is_refused(&self, what: String) {
        let mut refused = self.refused.lock();
        if refused.len() < REFUSED_MAX && !refused.contains(&what) {
            tracing::error!(
                "NATS refuses something: {what}; compare its permissions with \
                 docs/examples/nats-server.conf"
            );
            refused.insert(what);
        }
    }

    /// Looks at why the last attempts failed; says so where it is something new.
    pub(crate) fn look(&self, servers: &[Server]) {
        for server in servers {
            let Some(why) = &server.last_error else { continue };
            // Not the whole address, which may have a password in it.
            let place = format!("{}:{}", server.addr.host(), server.addr.port());
            let hint = hint(why);
            let advice = hint.map_or_else(String::new, |hint| format!("; {hint}"));
            let trouble = format!("NATS at {place} cannot be used: {why}{advice}");
            let mut known = self.troubles.lock();
            if known.get(&place) == Some(&trouble) {
                continue;
            }
            match hint {
                // Waiting will not mend it.
                Some(_) => tracing::error!("{trouble}"),
                None => tracing::warn!("{trouble}; trying again"),
            }
            known.insert(place, trouble);
        }
    }
}

/// What to do where waiting does not help. The library hands on texts alone.
fn hint(why: &str) -> Option<&'static str> {
    let untrusted = "its certificate was issued by nobody who is trusted here: name the \
                     certificate of that authority in `nats.root_certificates`";
    let hints = [
        ("UnknownIssuer", untrusted),
        // An authority of the same name with another key.
        ("BadSignature", untrusted),
        (
            "not valid for",
            "its certificate is for another name: write a name that stands in it in `nats.url`",
        ),
        (
            "invalid peer certificate",
            "its certificate is not good now: renew it, and look whether the clock here is right",
        ),
        (
            "CertificateRequired",
            "it asks for a certificate of ours: name it in `nats.client_certificate` and its key \
             in `nats.client_key`",
        ),
        (
            "received fatal alert",
            "it does not accept our certificate: name one in `nats.client_certificate` that was \
             issued by an authority which the server trusts",
        ),
        (
            "corrupt message",
            "it does not speak TLS there: write nats:// instead of tls:// in `nats.url`, or give \
             the server a certificate",
        ),
        (
            "TLS error",
            "look at the files that `nats.root_certificates`, `nats.client_certificate` and \
             `nats.client_key` name",
        ),
        (
            "authorization violation",
            "it does not know us: look at `nats.nkey_file`, `nats.credentials_file` or \
             PAIDAN_NATS_TOKEN, and at its own list of users",
        ),
    ];
    hints.into_iter().find(|(said, _)| why.contains(said)).map(|(_, hint)| hint)
}

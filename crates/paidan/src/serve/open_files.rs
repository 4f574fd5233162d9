//! Room for connections and uploads among the files that a process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// 2,000 connections, two files for each of 1,000 uploads that arrive, a thousand for the log,
/// attachments that are read and all else; rounded up.
const WANTED: u64 = 8_192;

/// Raises what the process may have open as far as it is wanted and allowed. Systems begin
/// processes with 1,024, for programs that cannot count further.
pub(crate) fn allow_more() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let allowed = maximum.map_or(WANTED, |maximum| maximum.min(WANTED));
    if current.is_none_or(|current| current >= allowed) {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(allowed), maximum }) {
        tracing::warn!(%error, "the system does not let the server have more files open");
    } else if allowed < WANTED {
        tracing::warn!(
            allowed,
            "the server may have {allowed} files open and wants {WANTED}; with many connections or \
             uploads at once some will fail: raise the hard limit (`ulimit -Hn`, LimitNOFILE)"
        );
    }
}

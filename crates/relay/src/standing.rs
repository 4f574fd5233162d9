//! Whether a stream is the log's, and where to go on: pure decisions.

use domain::GlobalPosition;
use eventlog::{ChainHash, LogIdentity};

/// What a stream says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamState {
    /// The log that it was made for, where its description says so.
    pub(crate) owner: Option<u128>,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) messages: u64,
}

/// What the stream's last message says of the log that it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastMessage {
    pub(crate) log_id: u128,
    pub(crate) chain: ChainHash,
}

/// What to do with a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is the log's up to here; the next event follows.
    Follows(GlobalPosition),
    /// It cannot be filled up; it is made anew from the log.
    Anew(Why),
    /// It is another log's, and not ours to touch.
    Foreign(u128),
}

/// Why a stream is made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Why {
    #[error("there is none")]
    Missing,
    #[error("it was purged, or messages of it were deleted")]
    Holes,
    #[error("its last message is none of ours")]
    Unreadable,
    #[error("it goes further than the log, which was restored or salvaged meanwhile")]
    Ahead,
    #[error("it holds other events than the log, which was restored or salvaged meanwhile")]
    OtherHistory,
}

/// Judges a stream that is there. `last` is what its last message says, where it can be read;
/// `chain_at` the log's own chain at a position up to its head.
pub(crate) fn judge<E>(
    log: LogIdentity,
    head: GlobalPosition,
    state: StreamState,
    last: Option<LastMessage>,
    chain_at: impl FnOnce(GlobalPosition) -> Result<ChainHash, E>,
) -> Result<Standing, E> {
    // Each of the two alone tells: messages may be gone, and a description can be changed.
    let owners = [state.owner, last.map(|last| last.log_id)];
    if let Some(other) = owners.into_iter().flatten().find(|owner| *owner != log.log_id) {
        return Ok(Standing::Foreign(other));
    }
    if state.last == 0 {
        return Ok(Standing::Follows(GlobalPosition::ZERO));
    }
    if state.first != 1 || state.messages != state.last {
        return Ok(Standing::Anew(Why::Holes));
    }
    let Some(last) = last else { return Ok(Standing::Anew(Why::Unreadable)) };
    let position = GlobalPosition::new(state.last);
    if position > head {
        return Ok(Standing::Anew(Why::Ahead));
    }
    if chain_at(position)? != last.chain {
        return Ok(Standing::Anew(Why::OtherHistory));
    }
    Ok(Standing::Follows(position))
}

#[cfg(test)]
mod tests {
    use domain::Epoch;

    use super::*;

    const LOG: u128 = 7;

    fn chain(number: u8) -> ChainHash {
        ChainHash([number; 32])
    }

    fn judged(head: u64, state: (u128, u64, u64, u64), last: Option<(u128, u8)>) -> Standing {
        let log = LogIdentity { log_id: LOG, epoch: Epoch::FIRST };
        let (owner, first, last_sequence, messages) = state;
        let owner = (owner != 0).then_some(owner);
        let state = StreamState { owner, first, last: last_sequence, messages };
        let last = last.map(|(log_id, number)| LastMessage { log_id, chain: chain(number) });
        let ours = |position: GlobalPosition| Ok::<_, ()>(chain(position.get() as u8));
        judge(log, GlobalPosition::new(head), state, last, ours).expect("the log reads")
    }

    #[test]
    fn a_stream_is_gone_on_with_only_where_it_is_the_logs_own_without_holes() {
        let follows = |at| Standing::Follows(GlobalPosition::new(at));
        let cases = [
            ("new", 9, (LOG, 0, 0, 0), None, follows(0)),
            ("behind", 9, (LOG, 1, 5, 5), Some((LOG, 5)), follows(5)),
            ("level", 9, (LOG, 1, 9, 9), Some((LOG, 9)), follows(9)),
            ("without a description", 9, (0, 1, 9, 9), Some((LOG, 9)), follows(9)),
            ("purged", 9, (LOG, 6, 5, 0), None, Standing::Anew(Why::Holes)),
            ("begins late", 9, (LOG, 3, 5, 3), Some((LOG, 5)), Standing::Anew(Why::Holes)),
            ("a hole", 9, (LOG, 1, 5, 4), Some((LOG, 5)), Standing::Anew(Why::Holes)),
            ("not to be read", 9, (LOG, 1, 5, 5), None, Standing::Anew(Why::Unreadable)),
            ("ahead", 4, (LOG, 1, 5, 5), Some((LOG, 5)), Standing::Anew(Why::Ahead)),
            ("other past", 9, (LOG, 1, 5, 5), Some((LOG, 6)), Standing::Anew(Why::OtherHistory)),
            ("another's by its messages", 9, (0, 1, 5, 5), Some((8, 5)), Standing::Foreign(8)),
            ("another's with holes", 9, (0, 3, 5, 1), Some((8, 5)), Standing::Foreign(8)),
            ("another's and purged", 9, (8, 6, 5, 0), None, Standing::Foreign(8)),
            ("another's and empty", 9, (8, 0, 0, 0), None, Standing::Foreign(8)),
        ];
        for (name, head, state, last, expected) in cases {
            assert_eq!(judged(head, state, last), expected, "{name}");
        }
    }
}

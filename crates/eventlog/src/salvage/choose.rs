//! Which of the frames that were found are the log: those that continue each other from its
//! beginning. Where two continue the same frame, the way that leads to what the witness saw, and
//! then the longer one.

use super::scan::{Found, short};
use crate::ChainHash;
use crate::witness::Seen;

/// A way that passes where the witness was beats each that does not.
const WITNESSED: u64 = 1 << 63;

/// The places in `found` of the frames from the log's beginning on, in order.
pub(super) fn choose(found: &[Found], seen: Option<&Seen>) -> Vec<usize> {
    // The longest way on from each frame, itself included. Frames only lead to later ones.
    let mut ways: Vec<u64> = vec![0; found.len()];
    for place in (0..found.len()).rev() {
        let frame = &found[place];
        let onward = after(found, frame).map(|next| ways[next]).max();
        let witnessed = seen.is_some_and(|seen| {
            seen.durable.get() == frame.last && short(&seen.chain) == frame.chain
        });
        ways[place] = onward.unwrap_or(frame.last) | if witnessed { WITNESSED } else { 0 };
    }
    let mut chosen = Vec::new();
    let start = short(&ChainHash::start());
    let mut next = starting(found, 1, start).max_by_key(|place| ways[*place]);
    while let Some(place) = next {
        chosen.push(place);
        next = after(found, &found[place]).max_by_key(|place| ways[*place]);
    }
    chosen
}

fn after<'f>(found: &'f [Found], frame: &Found) -> impl Iterator<Item = usize> + use<'f> {
    starting(found, frame.last.saturating_add(1), frame.chain)
}

/// The frames that begin here, after this chain value.
fn starting(found: &[Found], first: u64, before: u64) -> impl Iterator<Item = usize> + use<'_> {
    let begin = found.partition_point(|frame| (frame.first, frame.before) < (first, before));
    let fits = move |place: &usize| (found[*place].first, found[*place].before) == (first, before);
    (begin..found.len()).take_while(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LogIdentity;
    use crate::keys::KeyNumber;
    use domain::{Epoch, GlobalPosition};

    /// Frames from triples: first and last position, and the names of the chain's values.
    fn found(frames: &[(u64, u64, u8, u8)]) -> Vec<Found> {
        let mut found: Vec<_> = frames
            .iter()
            .map(|(first, last, before, chain)| Found {
                first: *first,
                before: short(&value(*before)),
                chain: short(&value(*chain)),
                last: *last,
                offset: 0,
            })
            .collect();
        found.sort_unstable();
        found
    }

    fn value(name: u8) -> ChainHash {
        if name == 0 { ChainHash::start() } else { ChainHash([name; 32]) }
    }

    fn seen(position: u64, chain: u8) -> Seen {
        Seen {
            identity: LogIdentity { log_id: 1, epoch: Epoch::FIRST },
            durable: GlobalPosition::new(position),
            chain: value(chain),
            attempted: GlobalPosition::new(position),
            keys: KeyNumber(0),
        }
    }

    fn lasts(found: &[Found], seen: Option<&Seen>) -> Vec<u64> {
        choose(found, seen).into_iter().map(|place| found[place].last).collect()
    }

    #[test]
    fn frames_follow_each_other_up_to_the_first_gap() {
        let frames = found(&[(1, 1, 0, 1), (2, 5, 1, 2), (9, 9, 4, 5), (6, 7, 2, 3)]);
        assert_eq!(lasts(&frames, None), [1, 5, 7]);
    }

    #[test]
    fn a_frame_of_another_history_is_passed_over() {
        // Both begin at position 2, and only one continues the first frame.
        let frames = found(&[(1, 1, 0, 1), (2, 9, 7, 8), (2, 3, 1, 2)]);
        assert_eq!(lasts(&frames, None), [1, 3]);
    }

    #[test]
    fn of_two_ways_the_longer_one_is_taken_unless_the_witness_saw_the_other() {
        let frames = found(&[(1, 1, 0, 1), (2, 3, 1, 2), (4, 9, 2, 3), (2, 4, 1, 4), (5, 5, 4, 5)]);
        assert_eq!(lasts(&frames, None), [1, 3, 9]);
        assert_eq!(lasts(&frames, Some(&seen(4, 4))), [1, 4, 5]);
        assert_eq!(lasts(&frames, Some(&seen(4, 9))), [1, 3, 9]);
    }

    #[test]
    fn without_a_beginning_there_is_no_log() {
        assert!(choose(&found(&[(2, 3, 1, 2)]), None).is_empty());
    }
}

//! What people did in the log, in the form in which the sandbox can have them do it again: what comes at
//! its own time, what answers being asked, what follows on accepted work, what ends a wait in a queue.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use domain::ticket::PhaseName;
use domain::{EngineerId, TicketId, Timestamp};

use crate::act::Act;

/// Something that somebody did at a time of their own.
#[derive(Debug, Clone)]
pub(crate) struct Fixed {
    pub(crate) at: Timestamp,
    /// So long before that it had happened.
    pub(crate) late: Duration,
    pub(crate) act: Act,
    /// It makes sense only where the ticket stands so.
    pub(crate) only_in: Option<PhaseName>,
}

/// How an engineer answered who was asked to take a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reply {
    /// So long after being asked.
    pub(crate) after: Duration,
    /// When it was said then.
    pub(crate) at: Timestamp,
    pub(crate) says: Says,
}

/// What an engineer answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    Accept,
    Decline,
    /// Nothing, until the time was over.
    Nothing,
    /// Nothing yet, when somebody else ended the question.
    NotYet,
}

/// So little sooner or later it is at the same moment: whatever haste the dispatcher was in then, what
/// follows on one of its decisions must not be carried away by it.
const SAME_MOMENT: Duration = Duration::from_secs(5);

/// When something comes that is planned now, and was done then.
pub(crate) fn as_then(planned: Timestamp, then: Timestamp) -> Timestamp {
    let apart = planned.since(then).max(then.since(planned));
    if apart <= SAME_MOMENT { then } else { planned }
}

/// One thing after the other.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// So long after the one before.
    pub(crate) after: Duration,
    /// When it was done then; the beginning of time where it was another ticket's.
    pub(crate) at: Timestamp,
    pub(crate) act: Act,
}

/// What followed on an acceptance.
pub(crate) type Course = Vec<Step>;

/// What people did about one ticket.
#[derive(Debug, Clone, Default)]
pub(crate) struct TicketScript {
    /// How each engineer who was asked answered, in order.
    pub(crate) replies: BTreeMap<EngineerId, VecDeque<Reply>>,
    /// What is left of the work that was going on at the beginning, and when the last thing before it
    /// was done.
    pub(crate) going_on: Option<(Timestamp, Course)>,
    /// What followed on each acceptance, in order.
    pub(crate) courses: VecDeque<Course>,
    /// What a supervisor did about it each time that it was queued, where they did something.
    pub(crate) handled: VecDeque<Option<Step>>,
    /// Who accepted it first.
    pub(crate) accepted_by: Option<EngineerId>,
}

/// How people usually are: what is taken where a ticket's own story says nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Habits {
    pub(crate) replies: HashMap<EngineerId, Vec<Reply>>,
    pub(crate) replies_of_all: Vec<Reply>,
    /// From acceptance to 完工.
    pub(crate) courses: Vec<Course>,
    /// From a supervisor's queue to somebody's hands.
    pub(crate) handled_after: Vec<Duration>,
}

/// Everything that people did from the beginning of the trial on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub(crate) fixed: Vec<Fixed>,
    pub(crate) tickets: HashMap<TicketId, TicketScript>,
    pub(crate) habits: Habits,
}

/// So many answers of one engineer say how that engineer is.
const OWN_REPLIES_MIN: usize = 3;

impl Habits {
    /// How this engineer may answer about this ticket, and whether that is how they are themselves.
    pub(crate) fn reply(
        &self,
        engineer: EngineerId,
        ticket: TicketId,
        nth: u32,
    ) -> Option<(Reply, bool)> {
        let own = self.replies.get(&engineer).filter(|own| own.len() >= OWN_REPLIES_MIN);
        let replies = own.unwrap_or(&self.replies_of_all);
        let reply = pick(replies, [ticket.as_u128(), engineer.as_u128(), nth.into()])?;
        Some((*reply, own.is_some()))
    }

    /// How work on this ticket may go.
    pub(crate) fn course(&self, ticket: TicketId, nth: u32) -> Option<&Course> {
        pick(&self.courses, [ticket.as_u128(), 0, nth.into()])
    }

    /// When a supervisor may give this ticket to somebody.
    pub(crate) fn handled_after(&self, ticket: TicketId, nth: u32) -> Option<Duration> {
        pick(&self.handled_after, [ticket.as_u128(), 1, nth.into()]).copied()
    }
}

/// One of these, always the same for the same key: so the old rules and the new ones meet the same
/// people, and many keys meet all of these about equally often.
fn pick<T>(from: &[T], key: [u128; 3]) -> Option<&T> {
    let halves = key.iter().flat_map(|part| [*part >> 64, *part & u128::from(u64::MAX)]);
    let mixed =
        halves.fold(0_u64, |mixed, half| mix(mixed ^ u64::try_from(half).unwrap_or_default()));
    let count = u64::try_from(from.len()).ok().filter(|count| *count > 0)?;
    from.get(usize::try_from(mixed % count).ok()?)
}

/// The finisher of SplitMix64.
const fn mix(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

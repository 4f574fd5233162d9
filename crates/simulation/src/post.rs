//! What is on its way: events to dispatchers, commands to the server, answers back, and the
//! repairs of what is broken. Whatever is due first arrives first.

use std::collections::BTreeMap;

use dispatcher::{Action, Answer};
use domain::{CommandId, Timestamp};
use engine::Submission;

/// Something on its way.
#[derive(Debug, Clone)]
pub(crate) enum Message {
    /// Events of the history, by place, for a run of a dispatcher.
    Events { which: usize, run: u32, from: usize, to: usize },
    /// The dispatcher reads the log from the position that it expects: after a gap, or because it
    /// was long quiet.
    ReadAgain { which: usize, run: u32 },
    /// A dispatcher's command.
    Command { which: usize, run: u32, action: Box<Action> },
    /// What became of it.
    Answer { which: usize, run: u32, id: CommandId, answer: Answer },
    /// A person's command.
    Request(Box<Submission>),
    /// Something that was broken works again.
    Repair(Repair),
}

/// Something works again.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Repair {
    /// A dispatcher starts.
    Start { which: usize },
    /// A dispatcher's clock shows the server's time.
    DispatcherClock { which: usize },
    /// Somebody looked at the server's clock and says that it is right.
    ServerClock,
    /// What is queued becomes durable.
    Disk,
}

impl Message {
    /// What it is called in tallies: lost, late and twice are counted for each kind.
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Events { .. } | Self::ReadAgain { .. } => Kind::Events,
            Self::Command { .. } => Kind::Command,
            Self::Answer { .. } => Kind::Answer,
            Self::Request(_) | Self::Repair(_) => Kind::Request,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Events,
    Command,
    Answer,
    Request,
}

/// All of it, by when it arrives.
#[derive(Debug, Default)]
pub(crate) struct Post {
    messages: BTreeMap<(Timestamp, u64), Message>,
    sent: u64,
}

impl Post {
    pub(crate) fn send(&mut self, arrives: Timestamp, message: Message) {
        self.sent += 1;
        self.messages.insert((arrives, self.sent), message);
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.messages.first_key_value().map(|((at, _), _)| *at)
    }

    pub(crate) fn take(&mut self) -> Option<Message> {
        self.messages.pop_first().map(|(_, message)| message)
    }
}

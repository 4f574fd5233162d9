//! What an event is about: by this, histories are filtered and rows get their icon.

use std::fmt;
use std::str::FromStr;

use domain::Event;
use domain::ticket::TicketEvent;

use crate::Language;

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// What the customer said.
    Customer,
    /// Who is to go.
    Dispatch,
    /// What whoever has it does.
    Work,
    /// What did not happen in time.
    Limits,
    /// Who is to be told.
    Messages,
    /// Directory, rules, other systems, the log itself.
    System,
}

impl Category {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::Customer, Self::Dispatch, Self::Work, Self::Limits, Self::Messages, Self::System];

    /// As addresses and style sheets write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Dispatch => "dispatch",
            Self::Work => "work",
            Self::Limits => "limits",
            Self::Messages => "messages",
            Self::System => "system",
        }
    }

    /// What an event is about.
    pub const fn of(event: &Event) -> Self {
        match event {
            Event::Ticket(event) => Self::of_ticket(event),
            Event::Engineer(_) | Event::Attachment(_) => Self::Work,
            Event::Log(_)
            | Event::Customer(_)
            | Event::Device(_)
            | Event::Outlet(_)
            | Event::Area(_)
            | Event::Rules(_)
            | Event::Audit(_) => Self::System,
        }
    }

    const fn of_ticket(event: &TicketEvent) -> Self {
        use TicketEvent as E;
        match event {
            E::Created(_)
            | E::DetailsAdded(_)
            | E::Urged(_)
            | E::Confirmed(_)
            | E::Rejected(_)
            | E::AnswerRetracted(_)
            | E::AnswerFlagged(_)
            | E::AnswerContradicted(_)
            | E::Cancelled(_)
            | E::Reopened(_) => Self::Customer,
            E::Claimed(_)
            | E::Offered(_)
            | E::OfferDeclined(_)
            | E::OfferWithdrawn(_)
            | E::Assigned(_)
            | E::Declined(_)
            | E::Returned(_)
            | E::Withdrawn(_)
            | E::TransferRequested(_)
            | E::TransferEnded(_)
            | E::Transferred(_)
            | E::Escalated(_)
            | E::DispatchDeferred(_)
            | E::Queued(_)
            | E::Merged(_)
            | E::MergedFrom(_)
            | E::Linked(_)
            | E::Unlinked(_)
            | E::MarkedUrgent(_) => Self::Dispatch,
            E::Accepted(_)
            | E::Departed(_)
            | E::Arrived(_)
            | E::Held(_)
            | E::Resumed(_)
            | E::Appointed(_)
            | E::HelperAdded(_)
            | E::HelperRemoved(_)
            | E::Noted(_)
            | E::AttachmentRemoved(_)
            | E::Resolved(_)
            | E::Closed(_) => Self::Work,
            E::ClaimEnded(_)
            | E::OfferExpired(_)
            | E::TimedOut(_)
            | E::AppointmentMissed(_)
            | E::OwnerAsked(_)
            | E::SilenceReported(_)
            | E::ClosedBySilence(_) => Self::Limits,
            E::Reminded(_) | E::Told(_) => Self::Messages,
            E::Imported(_) => Self::System,
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::Customer => "category-customer",
            Self::Dispatch => "category-dispatch",
            Self::Work => "category-work",
            Self::Limits => "category-limits",
            Self::Messages => "category-messages",
            Self::System => "category-system",
        }
    }
}

impl Language {
    /// What an event is about.
    pub fn category(self, category: Category) -> String {
        self.say(category.message())
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownCategory;

impl FromStr for Category {
    type Err = UnknownCategory;

    fn from_str(text: &str) -> Result<Self, UnknownCategory> {
        Self::ALL.into_iter().find(|category| category.as_str() == text).ok_or(UnknownCategory)
    }
}

//! What people see: the events of the feed and the page of a ticket, as far as the story needs
//! them. Whatever else the answers hold is passed over.

use domain::ticket::{PhaseName, QueueRole, Verb};
use domain::{CustomerId, DeviceId, EngineerId, GlobalPosition, StaffId, TicketId, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// An event as the feed tells it.
#[derive(Debug, Clone, Deserialize)]
pub struct FeedEvent {
    /// Where it is.
    pub position: GlobalPosition,
    stream: String,
    #[serde(rename = "type")]
    name: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    data: serde_json::Value,
}

/// A page of the feed.
#[derive(Debug, Deserialize)]
pub(crate) struct FeedPage {
    /// The events.
    pub(crate) events: Vec<FeedEvent>,
    /// There was more.
    pub(crate) more: bool,
}

/// What happened, as far as somebody reacts to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// Of a ticket.
    Ticket(TicketId, OnTicket),
    /// Of an engineer.
    Engineer(EngineerId, OnEngineer),
    /// Nobody minds.
    Other,
}

/// What happened to a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the event of the domain that has this name")]
pub enum OnTicket {
    Created(Created),
    DetailsAdded {
        device: Option<DeviceId>,
        urgent: Option<bool>,
    },
    Claimed,
    Offered {
        number: u32,
        engineers: Vec<EngineerId>,
    },
    Assigned(Assigned),
    Accepted(Assigned),
    Departed {
        number: u32,
    },
    Arrived {
        number: u32,
    },
    Held {
        number: u32,
    },
    Resumed {
        number: u32,
    },
    TransferRequested {
        number: u32,
        to: EngineerId,
    },
    Transferred {
        number: u32,
        to: EngineerId,
    },
    OwnerAsked {
        number: u32,
    },
    Resolved,
    Reminded {
        number: u32,
    },
    Confirmed {
        call_back: bool,
    },
    Rejected,
    Queued {
        role: QueueRole,
        person: Option<StaffId>,
    },
    Reopened,
    /// It is over.
    Ended,
    /// Anything else.
    Other,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Created {
    /// Of whom.
    pub customer: Option<CustomerId>,
    /// Which device.
    pub device: Option<DeviceId>,
    /// It cannot wait.
    pub urgent: bool,
    /// What was said; nothing where nobody may read it any more.
    pub report: Option<Said>,
}

/// The words of a report.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Said {
    /// 一句话描述.
    pub sentence: Option<String>,
    /// Where.
    pub place: Option<String>,
}

#[derive(Deserialize)]
struct Learned {
    device: Option<DeviceId>,
    urgent: Option<bool>,
}

/// An assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Assigned {
    /// Which.
    pub number: u32,
    /// Whose.
    pub engineer: EngineerId,
}

/// What happened to an engineer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the event of the domain that has this name")]
pub enum OnEngineer {
    Frozen { until: Timestamp },
    LeaveSet { from: Timestamp, until: Timestamp },
    Other,
}

#[derive(Deserialize)]
struct Numbered {
    number: u32,
}

#[derive(Deserialize)]
struct OfferedTo {
    number: u32,
    engineers: Vec<EngineerId>,
}

#[derive(Deserialize)]
struct HandedTo {
    number: u32,
    to: EngineerId,
}

#[derive(Deserialize)]
struct Span {
    from: Timestamp,
    until: Timestamp,
}

#[derive(Deserialize)]
struct Until {
    until: Timestamp,
}

#[derive(Deserialize)]
struct Entered {
    entry: QueueEntry,
}

#[derive(Deserialize)]
struct QueueEntry {
    role: QueueRole,
    person: Option<StaffId>,
}

#[derive(Deserialize)]
struct CallBack {
    call_back: Option<serde::de::IgnoredAny>,
}

impl FeedEvent {
    fn data<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.data)
    }

    /// What it means.
    ///
    /// # Errors
    /// When it is not what the API says it is.
    pub fn happening(&self) -> Result<Happening, serde_json::Error> {
        if let Ok(ticket) = self.stream.parse() {
            return Ok(Happening::Ticket(ticket, self.on_ticket()?));
        }
        if let Ok(engineer) = self.stream.parse() {
            return Ok(Happening::Engineer(engineer, self.on_engineer()?));
        }
        Ok(Happening::Other)
    }

    fn on_ticket(&self) -> Result<OnTicket, serde_json::Error> {
        Ok(match self.name.as_str() {
            "Created" => OnTicket::Created(self.data()?),
            "DetailsAdded" => {
                let Learned { device, urgent } = self.data()?;
                OnTicket::DetailsAdded { device, urgent }
            }
            "Claimed" => OnTicket::Claimed,
            "Offered" => {
                let OfferedTo { number, engineers } = self.data()?;
                OnTicket::Offered { number, engineers }
            }
            "Assigned" => OnTicket::Assigned(self.data()?),
            "Accepted" => OnTicket::Accepted(self.data()?),
            "Departed" => OnTicket::Departed { number: self.data::<Numbered>()?.number },
            "Arrived" => OnTicket::Arrived { number: self.data::<Numbered>()?.number },
            "Held" => OnTicket::Held { number: self.data::<Numbered>()?.number },
            "Resumed" => OnTicket::Resumed { number: self.data::<Numbered>()?.number },
            "TransferRequested" => {
                let HandedTo { number, to } = self.data()?;
                OnTicket::TransferRequested { number, to }
            }
            "Transferred" => {
                let HandedTo { number, to } = self.data()?;
                OnTicket::Transferred { number, to }
            }
            "OwnerAsked" => OnTicket::OwnerAsked { number: self.data::<Numbered>()?.number },
            "Resolved" => OnTicket::Resolved,
            "Reminded" => OnTicket::Reminded { number: self.data::<Numbered>()?.number },
            "Confirmed" => {
                OnTicket::Confirmed { call_back: self.data::<CallBack>()?.call_back.is_some() }
            }
            "Rejected" => OnTicket::Rejected,
            "Queued" => {
                let QueueEntry { role, person } = self.data::<Entered>()?.entry;
                OnTicket::Queued { role, person }
            }
            "Reopened" => OnTicket::Reopened,
            "ClosedBySilence" | "Closed" | "Cancelled" | "Merged" => OnTicket::Ended,
            _ => OnTicket::Other,
        })
    }

    fn on_engineer(&self) -> Result<OnEngineer, serde_json::Error> {
        Ok(match self.name.as_str() {
            "Frozen" => OnEngineer::Frozen { until: self.data::<Until>()?.until },
            "LeaveSet" => {
                let Span { from, until } = self.data()?;
                OnEngineer::LeaveSet { from, until }
            }
            _ => OnEngineer::Other,
        })
    }
}

/// The page of a ticket, as far as somebody looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TicketPage {
    /// Where it stands.
    pub state: PhaseName,
    /// The buttons.
    pub allowed: Vec<Verb>,
    /// Whose it is.
    pub assignment: Option<Assigned>,
    /// What the job needs.
    pub skills: Vec<String>,
    /// The area.
    pub area: Option<String>,
    /// Who let it pass in this round.
    pub passed: Vec<EngineerId>,
    /// Who is not asked again.
    pub left_out: Vec<EngineerId>,
}

/// The list of engineers who are free.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct FreePage {
    /// They.
    pub(crate) engineers: Vec<Free>,
}

/// An engineer who is free.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Free {
    /// Who.
    pub id: EngineerId,
    /// What they can do.
    pub skills: Vec<String>,
    /// Places.
    pub load: Load,
}

/// Places of an engineer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Load {
    /// How many are free.
    pub free: u64,
}

impl TicketPage {
    /// Whether this button is there.
    pub fn offers(&self, verb: Verb) -> bool {
        self.allowed.contains(&verb)
    }

    /// Whom to send: who can do it and did not let it pass, with the most free places first.
    pub fn choose(&self, free: &[Free]) -> Vec<EngineerId> {
        let fits = |one: &&Free| {
            self.skills.iter().all(|skill| one.skills.contains(skill))
                && !self.left_out.contains(&one.id)
                && !self.passed.contains(&one.id)
                && self.assignment.is_none_or(|now| now.engineer != one.id)
        };
        let mut fit: Vec<&Free> = free.iter().filter(fits).collect();
        fit.sort_by_key(|one| (std::cmp::Reverse(one.load.free), one.id));
        fit.into_iter().map(|one| one.id).collect()
    }
}

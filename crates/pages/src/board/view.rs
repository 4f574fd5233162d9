//! What the board shows at one moment, in no language yet.

use std::time::Duration;

use domain::engineer::FreezeReason;
use domain::ticket::{HoldReason, PhaseName, Priority, QueueReason, QueueRole, Stage};
use domain::{EngineerId, TicketId, TicketNumber, Timestamp, Zone};

/// A name of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// This.
    Known(String),
    /// There is an entry, but its name was erased, or there is no entry yet.
    Unknown,
    /// Nobody, or nowhere.
    None,
}

/// The board at one moment.
#[derive(Debug, Clone)]
pub struct BoardView {
    /// The moment that it is shown for, by the server's clock.
    pub now: Timestamp,
    /// The firm's zone.
    pub zone: Zone,
    /// After so long without an acceptance a ticket is red.
    pub red_after: Duration,
    /// After so long without 完工 a ticket flashes.
    pub flash_after: Duration,
    /// Attachments that the last audit did not find as they were.
    pub attachments_lost: u64,
    /// How many of what.
    pub counters: Counters,
    /// The first of the backlog.
    pub top: TicketList,
    /// Tickets that somebody has to take.
    pub queue: TicketList,
    /// Engineers.
    pub engineers: EngineerList,
    /// What customers answered.
    pub satisfaction: SatisfactionList,
    /// What happened today.
    pub lifecycle: Day,
}

/// How many of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Open tickets.
    pub open: u64,
    /// Not 完工.
    pub backlog: u64,
    /// Not 完工 and late.
    pub overdue: u64,
    /// Not accepted for too long.
    pub red: u64,
    /// Not 完工 for too long.
    pub flashing: u64,
}

/// Some of a list of tickets.
#[derive(Debug, Clone, Default)]
pub struct TicketList {
    /// How many there are in all.
    pub total: u64,
    /// The first of them.
    pub tickets: Vec<TicketLine>,
}

/// Who has to do something about a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// Nobody yet.
    Nobody,
    /// An engineer.
    Engineer(Name),
    /// So many engineers may take it.
    Offered(usize),
    /// An agent.
    Agent(Name),
    /// Whoever looks after a queue: the post, the person where one is named, and why it is there.
    Queue(QueueRole, Name, QueueReason),
}

/// A ticket in a list.
#[derive(Debug, Clone)]
pub struct TicketLine {
    /// Its id.
    pub id: TicketId,
    /// Its number for people.
    pub number: TicketNumber,
    /// Where it stands.
    pub state: PhaseName,
    /// How far the owner is.
    pub stage: Option<Stage>,
    /// How much it matters.
    pub priority: Priority,
    /// Whether it is urgent.
    pub urgent: bool,
    /// When it was reported.
    pub created_at: Timestamp,
    /// When something must happen next.
    pub due: Timestamp,
    /// Which outlet.
    pub outlet: Name,
    /// Whose turn it is.
    pub owner: Owner,
    /// Why it stands still.
    pub hold: Option<HoldReason>,
    /// Not accepted for too long.
    pub red: bool,
    /// Not 完工 for too long.
    pub flashing: bool,
    /// Not 完工 and late.
    pub overdue: bool,
}

/// Some of the engineers.
#[derive(Debug, Clone, Default)]
pub struct EngineerList {
    /// How many there are in all.
    pub total: u64,
    /// The first of them.
    pub engineers: Vec<EngineerLine>,
}

/// Whether an engineer works now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// 上班.
    On,
    /// Off, and on the on-call list.
    OnCall,
    /// Away.
    Leave,
    /// 下班.
    Off,
}

/// An engineer in the list.
#[derive(Debug, Clone)]
pub struct EngineerLine {
    /// Who.
    pub id: EngineerId,
    /// The name.
    pub name: Name,
    /// The outlet.
    pub outlet: Name,
    /// Works now or not.
    pub duty: Duty,
    /// The phone is heard of.
    pub online: bool,
    /// Nothing new until then, and why.
    pub frozen: Option<(Timestamp, FreezeReason)>,
    /// How many tickets at once.
    pub capacity: usize,
    /// Places taken by work that is not accepted yet.
    pub assigned: usize,
    /// By work that goes on.
    pub accepted: usize,
    /// By work that stands still.
    pub on_hold: usize,
}

/// Satisfaction of some of the outlets.
#[derive(Debug, Clone, Default)]
pub struct SatisfactionList {
    /// Of so many days, today included.
    pub days: u8,
    /// How many outlets there are in all.
    pub total: u64,
    /// The first of them.
    pub outlets: Vec<SatisfactionLine>,
}

/// What an outlet's customers answered.
#[derive(Debug, Clone)]
pub struct SatisfactionLine {
    /// Which outlet.
    pub outlet: Name,
    /// 解决满意.
    pub satisfied: u64,
    /// 部分解决.
    pub partial: u64,
    /// 未解决.
    pub unresolved: u64,
    /// Closed because nobody answered: no answer, and so in no sum of answers.
    pub silent: u64,
}

/// What happened in an hour, or in several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Happened {
    /// Reported.
    pub created: u64,
    /// Accepted for the first time.
    pub accepted: u64,
    /// 完工.
    pub completed: u64,
    /// Answered by the customer.
    pub rated: u64,
    /// Answered with few stars.
    pub low: u64,
}

/// A day of the firm's zone, hour by hour of its wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Day {
    /// What happened in each.
    pub hours: [Happened; 24],
}

impl Day {
    /// All of it.
    pub fn total(&self) -> Happened {
        self.hours.iter().fold(Happened::default(), |sum, hour| Happened {
            created: sum.created + hour.created,
            accepted: sum.accepted + hour.accepted,
            completed: sum.completed + hour.completed,
            rated: sum.rated + hour.rated,
            low: sum.low + hour.low,
        })
    }
}

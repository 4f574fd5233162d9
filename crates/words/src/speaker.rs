//! Who tells it: in one language, on one clock, with the names that the caller knows.

use domain::ticket::{QueueEntry, QueueRole, Recipient};
use domain::{
    Actor, AreaId, Assurance, AttachmentId, CustomerId, DeviceId, EngineerId, OutletId, Party,
    StaffId, StreamId, StreamKind, TicketId, Timestamp,
};

use crate::names::short;
use crate::{Args, Language, LocalTime, Names};

/// Says what happened, who did it and what comes next.
#[derive(Clone, Copy)]
pub struct Speaker<'a> {
    language: Language,
    time: &'a LocalTime,
    names: &'a dyn Names,
}

impl<'a> Speaker<'a> {
    /// One who speaks this language, reads this clock and knows these names.
    pub const fn new(language: Language, time: &'a LocalTime, names: &'a dyn Names) -> Self {
        Self { language, time, names }
    }

    /// The language that is spoken.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The clock that is read.
    pub const fn time(&self) -> &'a LocalTime {
        self.time
    }

    /// Who acted, and for whom: `客服 小陈（代 客户 顺达）`. How sure that is stands apart, in
    /// [`Speaker::assurance`].
    pub fn actor(&self, actor: &Actor) -> String {
        let who = self.party(actor.party);
        match actor.on_behalf_of {
            Some(other) => {
                let args = Args::new().text("who", who).text("other", self.party(other));
                self.with("who-for", &args)
            }
            None => who,
        }
    }

    /// A word for an actor of whom we only have their word; nothing where it is certain.
    pub fn assurance(&self, actor: &Actor) -> Option<String> {
        match (actor.assurance, actor.party) {
            (Assurance::Authenticated, _) | (Assurance::Claimed, Party::Anonymous) => None,
            (Assurance::Claimed, _) => Some(self.say("who-claimed")),
        }
    }

    /// Who, with what they are: `工程师 王工`.
    pub fn party(&self, party: Party) -> String {
        match party {
            Party::Anonymous => self.say("who-nobody"),
            Party::Customer(id) => self.named("who-customer", self.customer(id)),
            Party::Engineer(id) => self.named("who-engineer", self.engineer(id)),
            Party::Agent(id) => self.named("who-agent", self.staff(id)),
            Party::Supervisor(id) => self.named("who-supervisor", self.staff(id)),
            Party::Director(id) => self.named("who-director", self.staff(id)),
            Party::Administrator(id) => self.named("who-administrator", self.staff(id)),
            Party::Dispatcher => self.say("who-dispatcher"),
            Party::Gateway => self.say("who-gateway"),
            Party::Import => self.say("who-import"),
        }
    }

    /// What a stream is about: `工单 12-3`, `engineer 王工`.
    pub fn stream(&self, stream: StreamId) -> String {
        let id = stream.id();
        match stream.kind() {
            StreamKind::Log => self.say("who-log"),
            StreamKind::Ticket => self.named("who-ticket", self.ticket(TicketId::from_u128(id))),
            StreamKind::Engineer => {
                self.named("who-engineer", self.engineer(EngineerId::from_u128(id)))
            }
            StreamKind::Customer => {
                self.named("who-customer", self.customer(CustomerId::from_u128(id)))
            }
            StreamKind::Device => self.named("who-device", self.device(DeviceId::from_u128(id))),
            StreamKind::Outlet => self.named("who-outlet", self.outlet(OutletId::from_u128(id))),
            StreamKind::Area => self.named("who-area", self.area(AreaId::from_u128(id))),
            StreamKind::Rules => self.say("who-rules"),
            StreamKind::Attachment => {
                self.named("who-attachment", short(&AttachmentId::from_u128(id)))
            }
            StreamKind::Audit => self.say("who-audit"),
        }
    }

    /// An engineer's name, or a short form of the id.
    pub fn engineer(&self, id: EngineerId) -> String {
        self.names.engineer(id).unwrap_or_else(|| short(&id))
    }

    /// A customer's name, or a short form of the id.
    pub fn customer(&self, id: CustomerId) -> String {
        self.names.customer(id).unwrap_or_else(|| short(&id))
    }

    /// What a device is, or a short form of the id.
    pub fn device(&self, id: DeviceId) -> String {
        self.names.device(id).unwrap_or_else(|| short(&id))
    }

    /// An outlet's name, or a short form of the id.
    pub fn outlet(&self, id: OutletId) -> String {
        self.names.outlet(id).unwrap_or_else(|| short(&id))
    }

    /// An area's name, or a short form of the id.
    pub fn area(&self, id: AreaId) -> String {
        self.names.area(id).unwrap_or_else(|| short(&id))
    }

    /// The name of an agent, supervisor, deputy, director or administrator, or a short form of
    /// the id.
    pub fn staff(&self, id: StaffId) -> String {
        self.names.staff(id).unwrap_or_else(|| short(&id))
    }

    /// A ticket's number, or a short form of the id.
    pub fn ticket(&self, id: TicketId) -> String {
        self.names.ticket(id).map_or_else(|| short(&id), |number| number.to_string())
    }

    /// Whose queue, by name where it has one: `片区主管 李主管的待办`.
    pub fn queue(&self, queue: &QueueEntry) -> String {
        match queue.role {
            QueueRole::CallBack => self.say("queue-of-agents"),
            QueueRole::Supervisor | QueueRole::Deputy | QueueRole::Director => {
                let who = self.post(queue.role, queue.person);
                self.with("queue-of", &Args::new().text("who", who))
            }
        }
    }

    /// Who is to be told.
    pub fn recipient(&self, whom: Recipient) -> String {
        match whom {
            Recipient::Supervisor(person) => self.post(QueueRole::Supervisor, person),
            Recipient::Deputy(person) => self.post(QueueRole::Deputy, person),
            Recipient::Director(person) => self.post(QueueRole::Director, person),
            Recipient::Engineer(id) => self.named("who-engineer", self.engineer(id)),
            Recipient::Customer => self.say("recipient-customer"),
            Recipient::Agents => self.say("recipient-agents"),
        }
    }

    /// A post, and who has it.
    pub(crate) fn post(&self, role: QueueRole, person: Option<StaffId>) -> String {
        let role = self.language.queue(role);
        match person {
            Some(id) => format!("{role} {}", self.staff(id)),
            None => self.with("who-in-post", &Args::new().text("role", role)),
        }
    }

    fn named(&self, message: &str, name: String) -> String {
        self.with(message, &Args::new().text("name", name))
    }

    /// A moment as somebody reads it who looks at another one: the day only where it differs.
    pub(crate) fn moment(&self, at: Timestamp, seen_from: Timestamp) -> String {
        self.time.short(at, seen_from)
    }

    pub(crate) fn say(&self, message: &str) -> String {
        self.language.say(message)
    }

    pub(crate) fn with(&self, message: &str, args: &Args) -> String {
        self.language.say_with(message, args)
    }

    /// Clauses of one sentence.
    pub(crate) fn clauses(&self, clauses: &[String]) -> String {
        clauses.join(match self.language {
            Language::Chinese => "；",
            Language::English => "; ",
        })
    }

    /// Members of a list.
    pub(crate) fn list(&self, members: &[String]) -> String {
        self.language.list(members)
    }

    /// `2` in Chinese, `2nd` in English.
    pub(crate) fn ordinal(&self, number: u32) -> String {
        let ending = match (self.language, number % 100, number % 10) {
            (Language::Chinese, ..) => "",
            (Language::English, 11..=13, _) => "th",
            (Language::English, _, 1) => "st",
            (Language::English, _, 2) => "nd",
            (Language::English, _, 3) => "rd",
            (Language::English, ..) => "th",
        };
        format!("{number}{ending}")
    }
}

impl std::fmt::Debug for Speaker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Speaker").field("language", &self.language).finish_non_exhaustive()
    }
}

//! The page of a ticket: where it stands, what happens next, and its history in words.
//!
//! The history is told newest first: whoever opens the page asks what is going on now, time then
//! runs on upwards from the past over the present to what happens next, which stands above it,
//! and a telephone shows the end of the story without a turn of the wheel.

mod gallery;
mod timeline;

use askama::Template;
use domain::rules::Rules;
use domain::ticket::{Assignment, Phase, Priority, Stage, Ticket, Work};
use domain::{StreamVersion, TicketId, Timestamp};
use words::{Args, Detail, LocalTime, Names, Speaker, Why};

use crate::{Frame, LookBack};

use gallery::Tile;
pub use gallery::{Attached, Gallery, Shown as AttachmentShown};
use timeline::{Chip, Moment, Row};
pub use timeline::{Happening, History};

/// What people said of it: the latest of each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reported {
    /// What is wrong.
    pub sentence: Option<String>,
    /// Who reported.
    pub contact_name: Option<String>,
    /// Their telephone number.
    pub contact_phone: Option<String>,
    /// Where it is, in words.
    pub place: Option<String>,
    /// Some of it was erased.
    pub erased: bool,
}

/// What the page is made of.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// What version it is at.
    pub version: StreamVersion,
    /// What people said of it.
    pub reported: &'a Reported,
    /// The rules that hold.
    pub rules: &'a Rules,
    /// The firm's clock.
    pub time: &'a LocalTime,
    /// What time it is.
    pub now: Timestamp,
    /// What things are called.
    pub names: &'a dyn Names,
    /// What was attached.
    pub gallery: Gallery<'a>,
    /// What happened, or a part of it.
    pub history: &'a History<'a>,
    /// Whether it is of now.
    pub look_back: &'a LookBack,
}

/// A link to another ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Related {
    what: String,
    number: String,
    href: String,
}

/// A ticket, and what happened to it.
#[derive(Debug, Template)]
#[template(path = "ticket.html")]
pub struct TicketPage {
    frame: Frame,
    id: TicketId,
    number: String,
    version: StreamVersion,
    state: &'static str,
    chips: Vec<(&'static str, String)>,
    next: String,
    due: Option<(Timestamp, String, bool)>,
    age: String,
    created: (Timestamp, String),
    reported: Reported,
    facts: Vec<Detail>,
    counters: Vec<(&'static str, String, u32)>,
    related: Vec<Related>,
    tiles: Vec<Tile>,
    more_tiles: Option<(String, String)>,
    mark: u64,
    allowed: Vec<String>,
    filters: Vec<Chip>,
    rows: Vec<Row>,
    hidden: Option<String>,
    newer: Option<String>,
    older: Option<String>,
    look_back: LookBack,
}

impl TicketPage {
    /// The page for a reader.
    pub fn new(frame: Frame, shown: &Shown<'_>) -> Self {
        let Shown { ticket, now, time, history, .. } = *shown;
        let language = frame.language;
        let speaker = Speaker::new(language, time, shown.names);
        let number = ticket.number.to_string();
        let due = ticket.due().map(|due| (due, language.time_left(due, now), due < now));
        Self {
            id: ticket.id,
            version: shown.version,
            look_back: shown.look_back.clone(),
            state: ticket.phase.name().as_str(),
            chips: chips(&frame, ticket),
            next: speaker.next(ticket, shown.rules, now),
            due,
            age: language.span(now.since(ticket.created_at)),
            created: (ticket.created_at, time.to_second(ticket.created_at)),
            reported: shown.reported.clone(),
            facts: facts(&frame, &speaker, shown),
            counters: counters(&frame, ticket),
            related: related(&frame, &speaker, ticket),
            tiles: gallery::tiles(&frame, &speaker, time, now, shown.gallery),
            more_tiles: gallery::more(&frame, shown.gallery),
            mark: shown.gallery.mark,
            allowed: ticket.allowed().into_iter().map(|verb| language.verb(verb)).collect(),
            filters: history.chips(&frame),
            rows: history.rows(&speaker, now),
            hidden: history.hidden(&frame),
            newer: history.newer(&frame),
            older: history.older(&frame),
            number,
            frame,
        }
    }

    fn heading(&self) -> String {
        let args = Args::new().text("number", self.number.clone());
        self.frame.language.say_with("ticket-title", &args)
    }

    fn say(&self, message: &str) -> String {
        self.frame.say(message)
    }

    fn aged(&self) -> String {
        self.with("ticket-age", Args::new().text("age", self.age.clone()))
    }

    fn recorded(&self, moment: &Moment) -> String {
        self.with("ticket-recorded", Args::new().text("at", moment.short.clone()))
    }

    fn place(&self, row: &Row) -> String {
        let args = Args::new()
            .text("position", row.position.to_string())
            .text("version", row.version.to_string());
        self.with("ticket-place", args)
    }

    fn cause(&self, position: &str) -> String {
        self.with("ticket-cause", Args::new().text("position", position.to_owned()))
    }

    /// What stands above the candidates: that these are all, or the first of how many.
    fn candidates(&self, why: &Why) -> String {
        let total = u64::from(why.candidates_total);
        let shown = u64::try_from(why.candidates.len()).unwrap_or(u64::MAX);
        if shown >= total {
            return self.say("ticket-why-candidates");
        }
        let args = Args::new().count("shown", shown).count("total", total);
        self.with("ticket-why-candidates-of", args)
    }

    fn with(&self, message: &str, args: Args) -> String {
        self.frame.language.say_with(message, &args)
    }
}

/// The words beside the number, each with a tone.
fn chips(frame: &Frame, ticket: &Ticket) -> Vec<(&'static str, String)> {
    let language = frame.language;
    let mut chips = vec![("accent", language.state(ticket.phase.name()))];
    if let Phase::Working(Work { stage, .. }) = ticket.phase {
        chips.push(("", language.stage(stage)));
    }
    if ticket.urgent {
        chips.push(("bad", format!("⚡ {}", frame.say("ticket-urgent"))));
    }
    if ticket.priority != Priority::Normal {
        let args = Args::new().text("priority", language.priority(ticket.priority));
        let tone = if ticket.priority > Priority::Normal { "warn" } else { "" };
        chips.push((tone, language.say_with("ticket-priority", &args)));
    }
    if ticket.level > 0 {
        let args = Args::new().text("level", ticket.level.to_string());
        chips.push(("warn", language.say_with("ticket-level", &args)));
    }
    if ticket.imported {
        chips.push(("", frame.say("ticket-imported")));
    }
    chips
}

/// Who has it, whose it is, where and what it is.
fn facts(frame: &Frame, speaker: &Speaker<'_>, shown: &Shown<'_>) -> Vec<Detail> {
    let Shown { ticket, reported, time, now, .. } = *shown;
    let mut facts = Vec::new();
    let mut fact = |label: &str, value: Option<String>| {
        if let Some(value) = value {
            facts.push(Detail { label: frame.say(label), value });
        }
    };
    let people = |ids: &[domain::EngineerId]| {
        let names: Vec<_> = ids.iter().map(|id| speaker.engineer(*id)).collect();
        (!names.is_empty()).then(|| names.join(" · "))
    };
    fact("ticket-owner", owner(speaker, ticket, time, now));
    fact("ticket-helpers", people(&ticket.helpers));
    fact("detail-customer", ticket.customer.map(|id| speaker.customer(id)));
    let contact: Vec<_> =
        [&reported.contact_name, &reported.contact_phone].into_iter().flatten().cloned().collect();
    fact("detail-contact", (!contact.is_empty()).then(|| contact.join(" ")));
    fact("detail-place", reported.place.clone());
    fact("detail-outlet", ticket.outlet.map(|id| speaker.outlet(id)));
    fact("detail-area", ticket.area.map(|id| speaker.area(id)));
    fact("detail-device", ticket.device.map(|id| speaker.device(id)));
    fact("detail-skills", (!ticket.skills.is_empty()).then(|| ticket.skills.join(" · ")));
    fact("ticket-passed", people(&ticket.passed));
    fact("ticket-left-out", people(&ticket.left_out));
    let answer = ticket.answer.map(|answer| {
        let verdict = frame.language.verdict(answer.verdict);
        match answer.stars {
            Some(stars) => {
                let args = Args::new().count("stars", stars.into());
                format!("{verdict} · {}", frame.language.say_with("clause-stars", &args))
            }
            None => verdict,
        }
    });
    fact("ticket-answer", answer);
    facts
}

/// Whoever the ticket waits for, with how far they are.
fn owner(
    speaker: &Speaker<'_>,
    ticket: &Ticket,
    time: &LocalTime,
    now: Timestamp,
) -> Option<String> {
    let language = speaker.language();
    let since = |assignment: &Assignment| {
        let args = Args::new()
            .text("who", speaker.engineer(assignment.engineer))
            .text("since", time.short(assignment.since, now));
        language.say_with("ticket-owner-since", &args)
    };
    Some(match &ticket.phase {
        Phase::CallBack { queue } | Phase::Queued { queue } => speaker.queue(queue),
        Phase::Claimed { agent, .. } => speaker.staff(*agent),
        Phase::Assigned { assignment, .. } => {
            format!("{} · {}", since(assignment), language.say("ticket-not-accepted"))
        }
        Phase::Working(Work { assignment, stage, hold, .. }) => {
            let how = match hold {
                Some(hold) => language.hold_reason(hold.reason),
                None => language.stage(Stage::clone(stage)),
            };
            format!("{} · {how}", since(assignment))
        }
        Phase::Resolved { resolution, .. } => speaker.engineer(resolution.engineer?),
        Phase::Imported { engineer, .. } => speaker.engineer((*engineer)?),
        Phase::Waiting { .. }
        | Phase::Offered { .. }
        | Phase::Duplicate { .. }
        | Phase::Closed { .. }
        | Phase::Merged { .. }
        | Phase::Cancelled { .. } => return None,
    })
}

fn counters(frame: &Frame, ticket: &Ticket) -> Vec<(&'static str, String, u32)> {
    [
        ("assignments", "ticket-count-assignments", ticket.assignments),
        ("time-outs", "ticket-count-time-outs", ticket.time_outs),
        ("urges", "ticket-count-urges", ticket.urges),
        ("reopened", "ticket-count-reopened", ticket.reopened),
    ]
    .into_iter()
    .map(|(name, message, count)| (name, frame.say(message), count))
    .collect()
}

/// Other tickets that it has to do with.
fn related(frame: &Frame, speaker: &Speaker<'_>, ticket: &Ticket) -> Vec<Related> {
    let link = |what: String, id: TicketId| {
        let number = speaker.ticket(id);
        // Ids lead there too, whether or not the number is known.
        Related { what, number, href: format!("/tickets/{id}") }
    };
    let mut related = Vec::new();
    if let Phase::Merged { into, .. } = ticket.phase {
        related.push(link(frame.say("ticket-merged-into"), into));
    }
    if let Phase::Duplicate { of, .. } = ticket.phase {
        related.push(link(frame.say("ticket-duplicate-of"), of));
    }
    let duplicate_of = match ticket.phase {
        Phase::Duplicate { of, .. } => Some(of),
        _ => None,
    };
    for (id, kind) in &ticket.links {
        if Some(*id) != duplicate_of {
            related.push(link(frame.language.link_kind(*kind), *id));
        }
    }
    for id in &ticket.merged_from {
        related.push(link(frame.say("ticket-merged-from"), *id));
    }
    related
}

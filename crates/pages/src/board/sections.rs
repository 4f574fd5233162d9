//! The sections of the board as HTML, each in a template of its own.

use std::time::Duration;

use askama::Template;
use domain::ticket::Priority;
use domain::{Timestamp, engineer::FreezeReason};
use words::{Args, Language, LocalTime};

use super::view::{
    BoardView, Duty, EngineerLine, Happened, Name, Owner, SatisfactionLine, TicketLine, TicketList,
};

/// A part of the board that is sent again when it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// The server's clock.
    Clock,
    /// How many of what.
    Counters,
    /// The first of the backlog.
    Top,
    /// What somebody has to take.
    Queue,
    /// Engineers' load.
    Engineers,
    /// What customers answered.
    Satisfaction,
    /// What happened today.
    Lifecycle,
}

impl Section {
    /// How many there are.
    pub const COUNT: usize = 7;
    /// All of them.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Clock,
        Self::Counters,
        Self::Top,
        Self::Queue,
        Self::Engineers,
        Self::Satisfaction,
        Self::Lifecycle,
    ];

    /// The id of its element.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Counters => "counters",
            Self::Top => "top",
            Self::Queue => "queue",
            Self::Engineers => "engineers",
            Self::Satisfaction => "satisfaction",
            Self::Lifecycle => "lifecycle",
        }
    }
}

/// The HTML of all sections, in the order of [`Section::ALL`].
///
/// # Errors
/// None in practice: writing into memory does not fail.
pub fn render(
    view: &BoardView,
    language: Language,
) -> Result<[String; Section::COUNT], askama::Error> {
    let t = Reader { language, view, time: LocalTime::new(view.zone.clone()) };
    Ok([
        Clock { t: &t }.render()?,
        Counters { t: &t }.render()?,
        Tickets::top(&t).render()?,
        Tickets::queue(&t).render()?,
        Engineers { t: &t }.render()?,
        Satisfaction { t: &t }.render()?,
        Lifecycle { t: &t }.render()?,
    ])
}

/// Whoever reads the board, and when.
struct Reader<'a> {
    language: Language,
    view: &'a BoardView,
    time: LocalTime,
}

impl Reader<'_> {
    fn say(&self, name: &str) -> String {
        self.language.say(name)
    }

    fn count(&self, name: &str, count: u64) -> String {
        self.language.say_with(name, &Args::new().count("count", count))
    }

    fn over(&self, name: &str, span: Duration) -> String {
        self.language.say_with(name, &Args::new().text("span", self.language.span(span)))
    }

    /// A limit of the rules, as people say it: 24 hours, and not a day.
    fn threshold(&self, name: &str, span: Duration) -> String {
        const HOUR: u64 = 3_600;
        let seconds = span.as_secs();
        if seconds == 0 || !seconds.is_multiple_of(HOUR) {
            return self.over(name, span);
        }
        let hours = Args::new().count("hours", seconds / HOUR);
        let span = self.language.say_with("span-hours", &hours);
        self.language.say_with(name, &Args::new().text("span", span))
    }

    fn name(&self, name: &Name, none: &str, unknown: &str) -> String {
        match name {
            Name::Known(name) => name.clone(),
            Name::Unknown => self.say(unknown),
            Name::None => self.say(none),
        }
    }

    fn outlet(&self, name: &Name) -> String {
        self.name(name, "no-outlet", "unknown-outlet")
    }

    fn person(&self, name: &Name) -> String {
        self.name(name, "row-nobody", "unknown-person")
    }

    /// The beginning of the minute. Spans are counted from it, so that a list changes once a
    /// minute and not each second; what is late is decided by the second.
    fn minute(&self) -> Timestamp {
        const MINUTE: i64 = 60_000_000;
        let micros = self.view.now.as_micros();
        Timestamp::from_micros(micros - micros.rem_euclid(MINUTE))
    }
}

#[derive(Template)]
#[template(path = "board/clock.html", whitespace = "minimize")]
struct Clock<'a> {
    t: &'a Reader<'a>,
}

impl Clock<'_> {
    fn label(&self) -> String {
        let zone = self.t.view.zone.name().to_owned();
        self.t.language.say_with("board-clock", &Args::new().text("zone", zone))
    }

    fn exact(&self) -> String {
        self.t.view.now.to_string()
    }

    fn shown(&self) -> String {
        self.t.time.to_second(self.t.view.now)
    }
}

#[derive(Template)]
#[template(path = "board/counters.html", whitespace = "minimize")]
struct Counters<'a> {
    t: &'a Reader<'a>,
}

/// A figure with what it counts.
struct Counter {
    name: &'static str,
    /// How it looks when it is not zero.
    tone: &'static str,
    icon: &'static str,
    label: String,
    figure: u64,
}

impl Counters<'_> {
    fn all(&self) -> [Counter; 8] {
        let (t, view) = (self.t, self.t.view);
        let counters = &view.counters;
        let today = view.lifecycle.total();
        let counter = |name, tone, icon, label, figure| Counter { name, tone, icon, label, figure };
        [
            counter("open", "calm", "", t.say("counter-open"), counters.open),
            counter("backlog", "calm", "", t.say("counter-backlog"), counters.backlog),
            counter("overdue", "warn", "◷", t.say("counter-overdue"), counters.overdue),
            counter("red", "bad", "▲", t.threshold("counter-red", view.red_after), counters.red),
            counter(
                "flashing",
                "bad",
                "⚑",
                t.threshold("counter-flashing", view.flash_after),
                counters.flashing,
            ),
            counter("created", "calm", "", t.say("counter-created"), today.created),
            counter("completed", "good", "✓", t.say("counter-completed"), today.completed),
            counter("low", "warn", "☆", t.say("counter-low"), today.low),
        ]
    }
}

#[derive(Template)]
#[template(path = "board/tickets.html", whitespace = "minimize")]
struct Tickets<'a> {
    t: &'a Reader<'a>,
    id: &'static str,
    list: &'a TicketList,
}

impl<'a> Tickets<'a> {
    const fn top(t: &'a Reader<'a>) -> Self {
        Self { t, id: "top", list: &t.view.top }
    }

    const fn queue(t: &'a Reader<'a>) -> Self {
        Self { t, id: "queue", list: &t.view.queue }
    }

    fn say(&self, what: &str) -> String {
        self.t.say(&format!("{}-{what}", self.id))
    }

    /// How many are not shown.
    fn more(&self) -> u64 {
        self.list.total.saturating_sub(self.list.tickets.len() as u64)
    }

    /// What the script says of changes that it keeps back; it puts the number in the place of `#`.
    fn updates_many(&self) -> String {
        let args = Args::new().text("count", "#");
        self.t.language.say_with("board-updates-many", &args)
    }

    #[expect(clippy::unused_self, reason = "called from the template")]
    fn attention(&self, ticket: &TicketLine) -> String {
        let marks =
            [("red", ticket.red), ("flashing", ticket.flashing), ("overdue", ticket.overdue)];
        marks.into_iter().filter(|(_, is)| *is).map(|(mark, _)| mark).collect::<Vec<_>>().join(" ")
    }

    #[expect(clippy::unused_self, reason = "called from the template")]
    const fn priority_class(&self, ticket: &TicketLine) -> Option<&'static str> {
        match ticket.priority {
            Priority::Low => Some("quiet"),
            Priority::Normal => None,
            Priority::High => Some("warn"),
            Priority::Critical => Some("bad"),
        }
    }

    fn hold(&self, ticket: &TicketLine) -> Option<String> {
        let reason = self.t.language.hold_reason(ticket.hold?);
        Some(format!("{} · {reason}", self.t.language.state(ticket.state)))
    }

    fn link(&self, ticket: &TicketLine) -> String {
        let args = Args::new().text("number", ticket.number.to_string());
        self.t.language.say_with("row-ticket", &args)
    }

    fn state(&self, ticket: &TicketLine) -> String {
        match ticket.stage {
            Some(stage) if ticket.hold.is_none() => self.t.language.stage(stage),
            _ => self.t.language.state(ticket.state),
        }
    }

    fn owner(&self, ticket: &TicketLine) -> String {
        let t = self.t;
        match &ticket.owner {
            Owner::Nobody => t.say("row-nobody"),
            Owner::Engineer(name) => t.person(name),
            Owner::Agent(name) => t.name(name, "row-agent", "row-agent"),
            Owner::Offered(count) => t.count("row-offered", *count as u64),
            Owner::Queue(role, person, reason) => {
                let (role, reason) = (t.language.queue(*role), t.language.queue_reason(*reason));
                match person {
                    Name::Known(person) => format!("{role} {person} · {reason}"),
                    Name::Unknown | Name::None => format!("{role} · {reason}"),
                }
            }
        }
    }

    fn age(&self, ticket: &TicketLine) -> String {
        self.t.over("row-age", self.t.minute().since(ticket.created_at))
    }

    fn time_left(&self, ticket: &TicketLine) -> String {
        let (now, minute) = (self.t.view.now, self.t.minute());
        if ticket.due >= now {
            self.t.over("time-left", ticket.due.since(minute))
        } else {
            self.t.over("time-over", minute.since(ticket.due))
        }
    }

    fn is_late(&self, ticket: &TicketLine) -> bool {
        ticket.due < self.t.view.now
    }

    fn due(&self, ticket: &TicketLine) -> String {
        self.t.time.short(ticket.due, self.t.view.now)
    }
}

/// More places than this are told by figures alone.
const PLACES_DRAWN_MAX: usize = 12;

#[derive(Template)]
#[template(path = "board/engineers.html", whitespace = "minimize")]
struct Engineers<'a> {
    t: &'a Reader<'a>,
}

impl Engineers<'_> {
    fn more(&self) -> u64 {
        let list = &self.t.view.engineers;
        list.total.saturating_sub(list.engineers.len() as u64)
    }

    fn load_words(&self, engineer: &EngineerLine) -> String {
        let taken = engineer.assigned + engineer.accepted + engineer.on_hold;
        let args = Args::new()
            .text("capacity", engineer.capacity.to_string())
            .text("taken", taken.to_string())
            .text("assigned", engineer.assigned.to_string())
            .text("accepted", engineer.accepted.to_string())
            .text("held", engineer.on_hold.to_string());
        self.t.language.say_with("load-words", &args)
    }

    #[expect(clippy::unused_self, reason = "called from the template")]
    fn load_figures(&self, engineer: &EngineerLine) -> String {
        let taken = engineer.assigned + engineer.accepted + engineer.on_hold;
        format!("{taken}/{}", engineer.capacity)
    }

    /// A class for each place, taken ones first. An engineer may have more than there are places,
    /// after the capacity was lowered.
    #[expect(clippy::unused_self, reason = "called from the template")]
    fn places(&self, engineer: &EngineerLine) -> Vec<&'static str> {
        let taken = engineer.assigned + engineer.accepted + engineer.on_hold;
        if taken.max(engineer.capacity) > PLACES_DRAWN_MAX {
            return Vec::new();
        }
        let of = |class, count| std::iter::repeat_n(class, count);
        of("accepted", engineer.accepted)
            .chain(of("assigned", engineer.assigned))
            .chain(of("held", engineer.on_hold))
            .chain(of("free", engineer.capacity.saturating_sub(taken)))
            .collect()
    }

    fn duty(&self, engineer: &EngineerLine) -> String {
        self.t.say(match engineer.duty {
            Duty::On => "duty-on",
            Duty::OnCall => "duty-on-call",
            Duty::Leave => "duty-leave",
            Duty::Off => "duty-off",
        })
    }

    fn frozen(&self, engineer: &EngineerLine) -> Option<String> {
        let (until, reason) = engineer.frozen?;
        let message = match reason {
            FreezeReason::Unresolved(_) => "frozen-unresolved",
            FreezeReason::ByHand => "frozen-by-hand",
        };
        let until = self.t.time.short(until, self.t.view.now);
        Some(self.t.language.say_with(message, &Args::new().text("until", until)))
    }
}

#[derive(Template)]
#[template(path = "board/satisfaction.html", whitespace = "minimize")]
struct Satisfaction<'a> {
    t: &'a Reader<'a>,
}

/// A piece of a bar a thousand wide.
struct Piece {
    class: &'static str,
    from: u64,
    width: u64,
}

impl Satisfaction<'_> {
    fn days(&self) -> String {
        let days = u64::from(self.t.view.satisfaction.days);
        self.t.language.say_with("satisfaction-days", &Args::new().count("days", days))
    }

    fn more(&self) -> u64 {
        let list = &self.t.view.satisfaction;
        list.total.saturating_sub(list.outlets.len() as u64)
    }

    fn words(&self, line: &SatisfactionLine) -> String {
        let args = Args::new()
            .text("satisfied", line.satisfied.to_string())
            .text("partial", line.partial.to_string())
            .text("unresolved", line.unresolved.to_string());
        self.t.language.say_with("satisfaction-words", &args)
    }

    /// The answers as a bar. Silence is no answer and has no piece of it.
    #[expect(clippy::unused_self, reason = "called from the template")]
    fn bar(&self, line: &SatisfactionLine) -> Vec<Piece> {
        let answers = line.satisfied + line.partial + line.unresolved;
        let mut before = 0;
        let counts = [("good", line.satisfied), ("warn", line.partial), ("bad", line.unresolved)];
        let piece = |(class, count)| {
            let from = before * 1000 / answers.max(1);
            before += count;
            Piece { class, from, width: before * 1000 / answers.max(1) - from }
        };
        counts.into_iter().map(piece).filter(|piece| piece.width > 0).collect()
    }
}

#[derive(Template)]
#[template(path = "board/lifecycle.html", whitespace = "minimize")]
struct Lifecycle<'a> {
    t: &'a Reader<'a>,
}

/// A step of a ticket's life, hour by hour.
struct Step {
    name: &'static str,
    label: String,
    hours: Vec<(u64, u64)>,
    total: u64,
}

impl Lifecycle<'_> {
    fn hours(&self) -> impl Iterator<Item = (usize, String)> {
        (0..self.t.view.lifecycle.hours.len()).map(|hour| {
            let args = Args::new().text("hour", hour.to_string());
            (hour, self.t.language.say_with("lifecycle-hour", &args))
        })
    }

    /// The hour that it is.
    fn hour_now(&self) -> usize {
        usize::from(self.t.view.zone.time_of_day(self.t.view.now).0)
    }

    fn steps(&self) -> [Step; 4] {
        let day = &self.t.view.lifecycle;
        let figures = |hour: &Happened| [hour.created, hour.accepted, hour.completed, hour.rated];
        let most = day.hours.iter().flat_map(figures).max().unwrap_or_default();
        let step = |name, label, of: fn(&Happened) -> u64| Step {
            name,
            label: self.t.say(label),
            hours: day.hours.iter().map(|hour| (of(hour), heat(of(hour), most))).collect(),
            total: of(&day.total()),
        };
        [
            step("created", "lifecycle-created", |hour| hour.created),
            step("accepted", "lifecycle-accepted", |hour| hour.accepted),
            step("completed", "lifecycle-completed", |hour| hour.completed),
            step("rated", "lifecycle-rated", |hour| hour.rated),
        ]
    }
}

/// 0 for nothing, else 1 to 9 in proportion to the most.
const fn heat(count: u64, most: u64) -> u64 {
    if count == 0 {
        0
    } else {
        1 + count.saturating_sub(1) * 8 / (if most > 1 { most - 1 } else { 1 })
    }
}

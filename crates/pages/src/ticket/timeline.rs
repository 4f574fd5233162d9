//! The history of a ticket, newest first, a page at a time.

use domain::{Actor, Event, GlobalPosition, StreamVersion, Timestamp};
use words::{Args, Category, Detail, Said, Sentence, Speaker};

use crate::Frame;

/// One event, as the log has it.
#[derive(Debug, Clone, Copy)]
pub struct Happening<'a> {
    /// Its place in the log.
    pub position: GlobalPosition,
    /// Its place in the ticket's history.
    pub version: StreamVersion,
    /// When it really happened.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who acted.
    pub actor: Actor,
    /// The event that it answers.
    pub caused_by: Option<GlobalPosition>,
    /// What happened.
    pub event: &'a Event,
}

/// The part of a history that a page shows.
#[derive(Debug, Clone)]
pub struct History<'a> {
    /// What is shown, oldest first.
    pub happenings: Vec<Happening<'a>>,
    /// Only events about this are shown.
    pub about: Option<Category>,
    /// How many events the ticket has about each of [`Category::ALL`].
    pub counts: [u64; Category::ALL.len()],
    /// There are older ones; they come before this version.
    pub older_before: Option<StreamVersion>,
    /// There are newer ones; they come before this version, or are the newest of all.
    pub newer_before: Option<Option<StreamVersion>>,
}

/// A filter that is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chip {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) count: u64,
    pub(super) href: String,
    pub(super) chosen: bool,
}

/// One line of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) category: Category,
    pub(super) category_words: String,
    pub(super) position: GlobalPosition,
    pub(super) version: StreamVersion,
    pub(super) who: String,
    pub(super) assurance: Option<String>,
    pub(super) at: Moment,
    /// Where it was recorded at another time than it happened.
    pub(super) recorded: Option<Moment>,
    /// The event that it answers, with its address where it is on this page.
    pub(super) cause: Option<(String, Option<String>)>,
    pub(super) sentence: Sentence,
}

/// A moment for programs, in short, and to the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) at: Timestamp,
    pub(super) short: String,
    pub(super) exact: String,
}

impl Row {
    /// What somebody said with it.
    pub(super) fn words(&self) -> Option<&str> {
        match &self.sentence.said {
            Some(Said::Words(words)) => Some(words),
            Some(Said::Erased) | None => None,
        }
    }

    /// Whether the details would push everything else off a screen.
    pub(super) fn is_long(&self) -> bool {
        const SHORT: usize = 200;
        let letters = |detail: &Detail| detail.value.chars().count();
        self.sentence.details.iter().map(letters).sum::<usize>() > SHORT
    }

    pub(super) fn is_erased(&self) -> bool {
        self.sentence.said == Some(Said::Erased)
    }
}

impl History<'_> {
    fn address(frame: &Frame, about: Option<Category>, before: Option<StreamVersion>) -> String {
        let about = about.map(|about| format!("about={about}"));
        let before = before.map(|before| format!("before={before}"));
        let query: Vec<_> = about.into_iter().chain(before).collect();
        frame.with(&query.join("&"))
    }

    pub(super) fn chips(&self, frame: &Frame) -> Vec<Chip> {
        let chip = |about: Option<Category>, name, label, count| Chip {
            name,
            label,
            count,
            href: Self::address(frame, about, None),
            chosen: about == self.about,
        };
        let all = chip(None, "all", frame.say("ticket-all"), self.counts.iter().sum());
        let of = Category::ALL.into_iter().zip(self.counts).map(|(category, count)| {
            let label = frame.language.category(category);
            chip(Some(category), category.as_str(), label, count)
        });
        // What a ticket has nothing about is not offered, unless it was asked for.
        let of = of.filter(|chip| chip.count > 0 || chip.chosen);
        std::iter::once(all).chain(of).collect()
    }

    /// How many events the filter leaves out.
    pub(super) fn hidden(&self, frame: &Frame) -> Option<String> {
        let about = self.about?;
        let shown = Category::ALL.into_iter().zip(self.counts).find(|(it, _)| *it == about)?.1;
        let hidden = self.counts.iter().sum::<u64>().saturating_sub(shown);
        let args = Args::new().count("count", hidden);
        (hidden > 0).then(|| frame.language.say_with("ticket-hidden", &args))
    }

    pub(super) fn newer(&self, frame: &Frame) -> Option<String> {
        self.newer_before.map(|before| Self::address(frame, self.about, before))
    }

    pub(super) fn older(&self, frame: &Frame) -> Option<String> {
        self.older_before.map(|before| Self::address(frame, self.about, Some(before)))
    }

    pub(super) fn rows(&self, speaker: &Speaker<'_>, now: Timestamp) -> Vec<Row> {
        self.happenings.iter().rev().map(|happening| self.row(happening, speaker, now)).collect()
    }

    fn row(&self, it: &Happening<'_>, speaker: &Speaker<'_>, now: Timestamp) -> Row {
        let category = Category::of(it.event);
        let moment = |at| Moment {
            at,
            short: speaker.time().short(at, now),
            exact: speaker.time().to_second(at),
        };
        let here =
            |cause: &GlobalPosition| self.happenings.iter().any(|other| other.position == *cause);
        let cause = it
            .caused_by
            .map(|cause| (cause.to_string(), here(&cause).then(|| format!("#p{cause}"))));
        Row {
            name: it.event.name(),
            category,
            category_words: speaker.language().category(category),
            position: it.position,
            version: it.version,
            who: speaker.actor(&it.actor),
            assurance: speaker.assurance(&it.actor),
            at: moment(it.occurred_at),
            recorded: (it.occurred_at != it.recorded_at).then(|| moment(it.recorded_at)),
            cause,
            sentence: speaker.event(it.event, it.occurred_at),
        }
    }
}

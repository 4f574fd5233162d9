//! A sentence that is being put together.

use domain::ticket::{Entry, QueueEntry, Report};
use domain::{
    AttachmentRef, Coordinates, DispatchReason, EngineerId, Filter, FilterCount, LinkCandidate,
    LinkReason, Personal, Timestamp, Words,
};

use crate::{Args, Detail, Said, Sentence, Speaker, Why};

/// So many names stand in a sentence; all of them stand with its details.
const NAMES_MAX: usize = 5;

pub(super) struct Draft<'s> {
    speaker: &'s Speaker<'s>,
    at: Timestamp,
    clauses: Vec<String>,
    said: Option<Said>,
    details: Vec<Detail>,
    why: Option<Why>,
}

impl<'s> Draft<'s> {
    /// Begins with this message.
    pub(super) fn new(speaker: &'s Speaker<'s>, at: Timestamp, message: &str, args: &Args) -> Self {
        let clauses = vec![speaker.with(message, args)];
        Self { speaker, at, clauses, said: None, details: Vec::new(), why: None }
    }

    pub(super) fn done(self) -> Sentence {
        let Self { speaker, clauses, said, details, why, .. } = self;
        Sentence { what: speaker.clauses(&clauses), said, details, why }
    }

    pub(super) fn and(mut self, message: &str, args: &Args) -> Self {
        self.clauses.push(self.speaker.with(message, args));
        self
    }

    pub(super) fn and_if(self, applies: bool, message: &str) -> Self {
        if applies { self.and(message, &Args::new()) } else { self }
    }

    /// When something must happen, by one of the messages `clause-due-…`.
    pub(super) fn due(self, message: &str, due: Timestamp) -> Self {
        let due = self.speaker.moment(due, self.at);
        self.and(message, &Args::new().text("due", due))
    }

    pub(super) fn entry(self, entry: &Entry) -> Self {
        match entry {
            Entry::Dispatch { due } => self.due("entry-dispatch", *due),
            Entry::CallBack(queue) => self.queue(queue),
        }
    }

    pub(super) fn queue(self, queue: &QueueEntry) -> Self {
        let speaker = self.speaker;
        let args = Args::new()
            .text("queue", speaker.queue(queue))
            .text("reason", speaker.language().queue_reason(queue.reason))
            .text("due", speaker.moment(queue.due, self.at));
        self.and("entry-queue", &args)
    }

    pub(super) fn stars(self, stars: Option<u8>) -> Self {
        match stars {
            Some(stars) => self.and("clause-stars", &Args::new().count("stars", stars.into())),
            None => self,
        }
    }

    /// Why somebody was chosen. What says the same of every ticket, that most engineers belong
    /// elsewhere, stands with the details only.
    pub(super) fn chosen(mut self, reason: &DispatchReason) -> Self {
        let speaker = self.speaker;
        let rule = speaker.language().rule(reason.rule.clone());
        let why = match reason.candidates_total {
            0 => rule,
            candidates => {
                let args = Args::new().text("rule", rule).count("candidates", candidates.into());
                speaker.with("clause-chosen", &args)
            }
        };
        if let Some(last) = self.clauses.last_mut() {
            let args = Args::new().text("what", std::mem::take(last)).text("why", why);
            *last = speaker.with("clause-because", &args);
        }
        let near = reason.filtered.iter().filter(|count| count.filter != Filter::OtherArea);
        let near: Vec<_> = near.copied().collect();
        self.passed_over(&near).why(reason)
    }

    /// For what reasons how many were passed over.
    pub(super) fn passed_over(self, filtered: &[FilterCount]) -> Self {
        let counts = counts(self.speaker, filtered);
        if counts.is_empty() {
            return self;
        }
        let filtered = self.speaker.list(&counts);
        self.and("clause-passed-over", &Args::new().text("filtered", filtered))
    }

    pub(super) fn why(mut self, reason: &DispatchReason) -> Self {
        let speaker = self.speaker;
        self.why = Some(Why {
            rule: speaker.language().rule(reason.rule.clone()),
            rule_set: reason.rule_set.get(),
            candidates: reason
                .candidates
                .iter()
                .map(|candidate| (speaker.engineer(candidate.engineer), candidate.score))
                .collect(),
            candidates_total: reason.candidates_total,
            passed_over: counts(speaker, &reason.filtered),
        });
        self
    }

    /// The tickets that were compared before the dispatcher linked one of them.
    pub(super) fn compared(self, reason: Option<&LinkReason>) -> Self {
        let speaker = self.speaker;
        let words = |candidate: &LinkCandidate| {
            let args = Args::new()
                .text("ticket", speaker.ticket(candidate.ticket))
                .text("ground", speaker.language().common_ground(candidate.ground))
                .count("percent", candidate.percent.into());
            speaker.with("detail-compared-with", &args)
        };
        let candidates = reason.map_or(&[][..], |reason| &reason.candidates);
        self.details_of("detail-compared", &candidates.iter().map(words).collect::<Vec<_>>())
    }

    pub(super) fn detail(mut self, label: &str, value: impl Into<String>) -> Self {
        self.details.push(Detail { label: self.speaker.say(label), value: value.into() });
        self
    }

    pub(super) fn detail_of<T>(
        self,
        label: &str,
        value: Option<T>,
        words: impl FnOnce(T) -> String,
    ) -> Self {
        match value {
            Some(value) => self.detail(label, words(value)),
            None => self,
        }
    }

    pub(super) fn details_of(self, label: &str, values: &[String]) -> Self {
        if values.is_empty() {
            return self;
        }
        let values = self.speaker.list(values);
        self.detail(label, values)
    }

    /// Something personal: its words, or that it was erased.
    pub(super) fn personal<T>(
        self,
        content: &Personal<T>,
        known: impl FnOnce(Self, &T) -> Self,
    ) -> Self {
        match content {
            Personal::Known(content) => known(self, content),
            Personal::Erased => Self { said: Some(Said::Erased), ..self },
        }
    }

    pub(super) fn words(self, words: &Personal<Words>) -> Self {
        self.personal(words, |draft, words| draft.said(Some(&words.text)))
    }

    pub(super) fn words_with(self, words: &Personal<Words>, files: &[AttachmentRef]) -> Self {
        let names = words.known().map_or(&[][..], |words| &words.attachment_names);
        self.words(words).attachments(names, files)
    }

    fn said(self, text: Option<&String>) -> Self {
        match text.map(|text| text.trim()) {
            Some(text) if !text.is_empty() => {
                Self { said: Some(Said::Words(text.to_owned())), ..self }
            }
            _ => self,
        }
    }

    /// What was reported, with who and where.
    pub(super) fn report(self, report: &Personal<Report>, files: &[AttachmentRef]) -> Self {
        let names = report.known().map_or(&[][..], |report| &report.attachment_names);
        let draft = self.personal(report, |draft, report| {
            let contact: Vec<String> = [&report.contact_name, &report.contact_phone]
                .into_iter()
                .flatten()
                .cloned()
                .collect();
            draft
                .said(report.sentence.as_ref())
                .details_of("detail-contact", &contact)
                .detail_of("detail-place", report.place.clone(), |place| place)
                .detail_of("detail-position", report.position, coordinates)
        });
        draft.attachments(names, files)
    }

    /// Attachments by their declared names or, where those are not known, how many there are.
    fn attachments(self, names: &[String], files: &[AttachmentRef]) -> Self {
        if files.is_empty() {
            return self;
        }
        let named: Vec<String> = names.iter().filter(|name| !name.is_empty()).cloned().collect();
        if named.len() == files.len() {
            return self.details_of("detail-attachments", &named);
        }
        let count = u64::try_from(files.len()).unwrap_or(u64::MAX);
        let count = self.speaker.with("attachments-count", &Args::new().count("count", count));
        self.detail("detail-attachments", count)
    }
}

fn counts(speaker: &Speaker<'_>, filtered: &[FilterCount]) -> Vec<String> {
    let words = |count: &FilterCount| {
        let args = Args::new()
            .text("filter", speaker.language().filter(count.filter))
            .count("count", count.engineers.into());
        speaker.with("clause-filter", &args)
    };
    filtered.iter().map(words).collect()
}

/// A point on the map: degrees to about a metre, and their grid.
pub(super) fn coordinates(position: Coordinates) -> String {
    let datum = match position.datum() {
        domain::Datum::Wgs84 => "WGS-84",
        domain::Datum::Gcj02 => "GCJ-02",
    };
    format!("{:.5}, {:.5} ({datum})", position.latitude(), position.longitude())
}

impl Speaker<'_> {
    /// Some engineers by name, or the first of many.
    pub(super) fn engineers(&self, engineers: &[EngineerId]) -> String {
        let first: Vec<_> = engineers.iter().take(NAMES_MAX).map(|id| self.engineer(*id)).collect();
        let names = self.list(&first);
        if engineers.len() <= NAMES_MAX {
            return names;
        }
        let count = u64::try_from(engineers.len()).unwrap_or(u64::MAX);
        self.with("clause-people-more", &Args::new().text("names", names).count("count", count))
    }

    /// `（第 2 次）`, and nothing the first time.
    pub(super) fn nth(&self, number: u32) -> String {
        if number < 2 {
            return String::new();
        }
        self.with("clause-nth", &Args::new().text("nth", self.ordinal(number)))
    }

    /// A window: the second moment without its day where that is the same.
    pub(crate) fn window(&self, from: Timestamp, until: Timestamp, seen_from: Timestamp) -> String {
        let args = Args::new()
            .text("from", self.moment(from, seen_from))
            .text("until", self.moment(until, from));
        self.with("clause-window", &args)
    }
}

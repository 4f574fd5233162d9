//! Findings of audits in words.

use audit::{
    Class, Finding, Found, Handover, How, Lacked, NeverArrived, Report, State, Stray, Why,
};
use domain::Party;
use serde::Serialize;
use words::{Args, Language, LocalTime, NoNames, Speaker};

use super::table::{Align, Table};

/// Says what was found, in one language.
#[derive(Clone, Copy)]
pub(super) struct Said {
    pub(super) language: Language,
}

impl Said {
    pub(super) const fn new(language: Language) -> Self {
        Self { language }
    }

    pub(super) fn class(self, class: Class) -> String {
        self.language.say(&format!("audit-class-{}", class.as_str()))
    }

    pub(super) fn how(self, how: How) -> String {
        self.language.say(&format!("audit-how-{}", word(&how)))
    }

    pub(super) fn why(self, why: Why) -> String {
        self.language.say(&format!("audit-why-{}", word(&why)))
    }

    /// Class, hash, bytes, tickets, what was found.
    pub(super) fn finding(self, finding: &Finding) -> [String; 5] {
        let named = &finding.named;
        [
            self.class(finding.state.class()),
            named.hash.to_string(),
            named.bytes.to_string(),
            tickets(finding),
            self.state(&finding.state),
        ]
    }

    /// Class, name, no bytes, its ticket, when it was attached elsewhere.
    pub(super) fn never_arrived(self, file: &NeverArrived) -> [String; 5] {
        let name = file.name.clone();
        let name = name.unwrap_or_else(|| self.language.say("audit-name-erased"));
        let (ticket, at) = (file.ticket.to_string(), file.occurred_at.to_string());
        [self.class(Class::NeverArrived), name, String::new(), ticket, at]
    }

    /// Class, hash or place, bytes, nothing, when it was touched.
    pub(super) fn stray(self, stray: &Stray) -> [String; 5] {
        let (what, detail) = match stray {
            Stray::Orphan { hash, touched_at, .. } => (hash.to_string(), touched_at.to_string()),
            Stray::Stranger { path, .. } => (path.clone(), String::new()),
        };
        let bytes = stray.bytes().to_string();
        [self.class(stray.class()), what, bytes, String::new(), detail]
    }

    pub(super) fn state(self, state: &State) -> String {
        match state {
            State::Intact | State::Missing | State::Removed => String::new(),
            State::Quarantined { why } => why.clone(),
            State::Erased { at, bytes_left: false } => at.to_string(),
            State::Erased { bytes_left: true, .. } => self.language.say("audit-found-bytes-left"),
            State::Damaged { found: Found::Bytes(bytes) } => {
                let count = Args::new().text("count", bytes.to_string());
                self.language.say_with("audit-found-bytes", &count)
            }
            State::Damaged { found: Found::Hash(hash) } => {
                let hash = Args::new().text("hash", hash.to_string());
                self.language.say_with("audit-found-hash", &hash)
            }
            State::Damaged { found: Found::Unreadable(why) } => why.clone(),
        }
    }

    pub(super) fn party(self, party: Party) -> String {
        let time = LocalTime::new(domain::Zone::or_utc("UTC"));
        Speaker::new(self.language, &time, &NoNames).party(party)
    }

    pub(super) fn lacked(self, lacked: &[Lacked]) -> String {
        let one = |lacked: &Lacked| format!("{} ({})", lacked.hash, self.why(lacked.why));
        lacked.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// As it stands in JSON, where that is one word.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Each ticket once, in the order of the log.
pub(super) fn tickets(finding: &Finding) -> String {
    let mut tickets: Vec<String> = Vec::new();
    for link in &finding.named.links {
        let ticket = link.ticket.to_string();
        if !tickets.contains(&ticket) {
            tickets.push(ticket);
        }
    }
    if finding.named.links_left_out > 0 {
        tickets.push(format!("+{}", finding.named.links_left_out));
    }
    tickets.join(" ")
}

/// Nothing is lost, or how much is.
pub(super) fn verdict(report: &Report, language: Language) -> String {
    let totals = &report.totals;
    if report.is_whole() {
        let deep = if report.deep { "yes" } else { "no" };
        return language.say_with("audit-whole", &Args::new().text("deep", deep));
    }
    let told = Args::new()
        .text("missing", totals.missing.to_string())
        .text("damaged", totals.damaged.to_string());
    language.say_with("audit-lost", &told)
}

/// How many handovers were complete, and a table of the others; nothing where nobody asked.
pub(super) fn handovers(report: &Report, told: &[Handover], language: Language) -> String {
    let Some(counts) = report.handovers else { return String::new() };
    let said = Said::new(language);
    let numbers = Args::new()
        .text("complete", counts.complete.to_string())
        .text("handovers", counts.handovers.to_string());
    let mut text = format!("\n{}\n", language.say_with("audit-handovers", &numbers));
    let incomplete: Vec<_> = told.iter().filter(|handover| !handover.is_complete()).collect();
    if incomplete.is_empty() {
        return text;
    }
    let names = ["audit-ticket", "audit-at", "audit-from", "audit-to", "audit-how", "audit-lacked"];
    let mut table = Table::new(names.map(|name| (language.say(name), Align::Left)));
    for handover in incomplete {
        table.row([
            handover.ticket.to_string(),
            handover.at.to_string(),
            handover.from.to_string(),
            handover.to.to_string(),
            said.how(handover.how),
            said.lacked(&handover.lacked),
        ]);
    }
    text.push_str(&table.render());
    text
}

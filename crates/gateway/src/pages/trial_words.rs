//! What a trial found, as its page says it: by the same words as `paidan rules try`.

use std::collections::BTreeSet;

use ::pages::trial::{Tried, TriedTicket};
use trial::{Assumption, Assumptions, Changed, Report, TicketOutcome};
use words::{Args, Language, LocalTime, Names};

/// Whoever says it: in which language, on whose clock, with whose names.
pub(super) struct TrialWords<'a> {
    pub(super) language: Language,
    pub(super) time: LocalTime,
    pub(super) names: &'a dyn Names,
}

impl TrialWords<'_> {
    /// All of it.
    pub(super) fn tried(&self, report: &Report) -> Tried {
        let told = Args::new()
            .text("from", self.time.to_second(report.from))
            .text("to", self.time.to_second(report.to))
            .text("version", report.rule_set.to_string())
            .text("position", report.position.to_string());
        Tried {
            span: self.language.say_with("trial-span", &told),
            figures: self.figures(report),
            trust: [self.nearness(report), self.decisions(report)],
            otherwise: self.otherwise(report),
            tickets: report.tickets.iter().map(|changed| self.ticket(changed)).collect(),
            assumed: self.assumed(&report.old_assumptions, &report.new_assumptions),
        }
    }

    fn figures(&self, report: &Report) -> Vec<[String; 6]> {
        let of = [report.recorded, report.old, report.new, report.chance];
        let [recorded, old, new, chance] = of.map(|totals| totals.figures());
        let figures = recorded.into_iter().zip(old).zip(new).zip(chance);
        let rows = figures.map(|((((name, recorded), (_, old)), (_, new)), (_, chance))| {
            let shown = |value: u64| match name.ends_with("_s") {
                true => clock(value),
                false => value.to_string(),
            };
            let signed = |sign: &str, value: u64| match value {
                0 => String::new(),
                value => format!("{sign}{}", shown(value)),
            };
            let change = signed(if new < old { "-" } else { "+" }, new.abs_diff(old));
            let name = self.language.say(&format!("trial-figure-{}", name.replace('_', "-")));
            [name, shown(recorded), shown(old), shown(new), change, signed("±", chance)]
        });
        rows.collect()
    }

    fn nearness(&self, report: &Report) -> String {
        let near = report.nearness;
        let args = Args::new()
            .count("tickets", near.tickets)
            .count("asked", near.same_asked)
            .count("accepted", near.same_accepted)
            .count("wait", near.same_wait);
        self.language.say_with("trial-nearness", &args)
    }

    fn decisions(&self, report: &Report) -> String {
        let found = &report.decisions;
        let args = Args::new()
            .count("decisions", found.decisions)
            .count("exact", found.exact)
            .count("supposing", found.after_refusal + found.others_on_their_way + found.supposing)
            .count("other", found.other_core)
            .count("differing", found.differing);
        self.language.say_with("trial-decisions", &args)
    }

    fn otherwise(&self, report: &Report) -> String {
        let changed = report.changed;
        let args = Args::new()
            .count("tickets", changed.tickets)
            .count("asked_earlier", changed.asked_earlier)
            .count("asked_later", changed.asked_later)
            .count("asked_other", changed.asked_other)
            .count("accepted_earlier", changed.accepted_earlier)
            .count("accepted_later", changed.accepted_later)
            .count("accepted_other", changed.accepted_other)
            .count("linked", changed.linked_otherwise)
            .count("queued_more", changed.queued_more)
            .count("queued_less", changed.queued_less);
        self.language.say_with("trial-otherwise", &args)
    }

    fn ticket(&self, changed: &Changed) -> TriedTicket {
        let nothing = || "-".to_owned();
        let both = |cell: &dyn Fn(&TicketOutcome) -> String| {
            let (old, new) = (cell(&changed.old), cell(&changed.new));
            if old == new { old } else { format!("{old} → {new}") }
        };
        let number = self.names.ticket(changed.ticket);
        TriedTicket {
            id: changed.ticket.to_string(),
            number: number.map_or_else(|| changed.ticket.to_string(), |number| number.to_string()),
            cells: [
                both(&|of| of.wait().map_or_else(nothing, |wait| clock(wait.as_secs()))),
                both(&|of| {
                    let named = |id| self.names.engineer(id).unwrap_or_else(|| id.to_string());
                    of.accepted_by.map_or_else(nothing, named)
                }),
                both(&|of| (of.assignments + of.offers).to_string()),
                both(&|of| of.time_outs.to_string()),
                both(&|of| of.queued.to_string()),
                both(&|of| {
                    of.linked.map_or_else(nothing, |linked| self.language.link_kind(linked.kind))
                }),
            ],
        }
    }

    fn assumed(&self, old: &Assumptions, new: &Assumptions) -> Vec<[String; 3]> {
        let used = Assumption::ALL.into_iter().filter_map(|assumption| {
            let counts = [old, new].map(|of| of.count(assumption));
            let name = format!("trial-{}", assumption.as_str().replace('_', "-"));
            (counts != [0, 0]).then(|| row(self.language.say(&name), counts))
        });
        let verbs: BTreeSet<_> = old.refused.keys().chain(new.refused.keys()).collect();
        let refused = verbs.into_iter().map(|verb| {
            let counts = [old, new].map(|of| of.refused.get(verb).copied().unwrap_or_default());
            let told = Args::new().text("verb", verb.as_str());
            row(self.language.say_with("trial-refused", &told), counts)
        });
        used.chain(refused).collect()
    }
}

fn row(name: String, [old, new]: [u64; 2]) -> [String; 3] {
    [name, old.to_string(), new.to_string()]
}

/// Minutes and seconds, hours before them.
fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        hours => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

//! What a trial found, for people.

use std::time::Duration;

use trial::{Assumption, Changed, Rechecked, Report, TicketOutcome};
use words::{Args, Language};

use crate::cli::names::Names;
use crate::cli::page::Page;
use crate::cli::table::{Align, Table};

/// Whatever has a name in the directory.
pub(super) fn ids(tickets: &[Changed]) -> Vec<String> {
    let of = |outcome: &TicketOutcome| {
        let engineers = outcome.accepted_by.iter().chain(outcome.asked.first());
        engineers.map(ToString::to_string).collect::<Vec<_>>()
    };
    let ids = |changed: &Changed| {
        let engineers = of(&changed.old).into_iter().chain(of(&changed.new));
        engineers.chain([changed.ticket.to_string()]).collect::<Vec<_>>()
    };
    tickets.iter().flat_map(ids).collect()
}

/// All of it: figures, how near the sandbox is, tickets, assumptions.
pub(super) fn text(report: &Report, names: &Names, page: &Page<'_>) -> String {
    let language = page.language;
    let told = Args::new()
        .text("from", names.time.to_second(report.from))
        .text("to", names.time.to_second(report.to))
        .text("version", report.rule_set.to_string())
        .text("position", report.position.to_string());
    let mut text = format!("{}\n\n", language.say_with("trial-span", &told));
    text.push_str(&figures(report, page));
    text.push_str(&format!("\n{}\n", page.say("trial-about-chance")));
    text.push_str(&format!("{}\n", nearness(report, language)));
    text.push_str(&format!("{}\n", decisions(&report.decisions, language)));
    text.push_str(&format!("\n{}\n", otherwise(report, language)));
    if !report.tickets.is_empty() {
        text.push_str(&format!("\n{}", tickets(&report.tickets, names, page)));
    }
    text.push_str(&format!("\n{}", assumptions(report, page)));
    text
}

fn figures(report: &Report, page: &Page<'_>) -> String {
    use Align::{Left, Right};
    let columns = [
        ("trial-figure", Left),
        ("trial-recorded", Right),
        ("trial-old", Right),
        ("trial-new", Right),
        ("trial-change", Right),
        ("trial-chance", Right),
    ];
    let mut table =
        Table::new(columns.map(|(name, align)| (page.say(name), align))).within(page.width);
    let of = [report.recorded, report.old, report.new, report.chance];
    let [recorded, old, new, chance] = of.map(|totals| totals.figures());
    let rows = recorded.into_iter().zip(old).zip(new).zip(chance);
    for ((((name, recorded), (_, old)), (_, new)), (_, chance)) in rows {
        let is_span = name.ends_with("_s");
        let shown = |value: u64| match is_span {
            true => clock(value),
            false => value.to_string(),
        };
        let change = match new.cmp(&old) {
            std::cmp::Ordering::Equal => String::new(),
            std::cmp::Ordering::Greater => format!("+{}", shown(new - old)),
            std::cmp::Ordering::Less => format!("-{}", shown(old - new)),
        };
        let name = page.say(&format!("trial-figure-{}", name.replace('_', "-")));
        let chance = if chance == 0 { String::new() } else { format!("±{}", shown(chance)) };
        table.row([name, shown(recorded), shown(old), shown(new), change, chance]);
    }
    table.render()
}

/// Minutes and seconds, hours before them.
fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        hours => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

fn nearness(report: &Report, language: Language) -> String {
    let near = report.nearness;
    let args = Args::new()
        .count("tickets", near.tickets)
        .count("asked", near.same_asked)
        .count("accepted", near.same_accepted)
        .count("wait", near.same_wait);
    language.say_with("trial-nearness", &args)
}

fn decisions(found: &Rechecked, language: Language) -> String {
    let args = Args::new()
        .count("decisions", found.decisions)
        .count("exact", found.exact)
        .count("supposing", found.after_refusal + found.others_on_their_way + found.supposing)
        .count("other", found.other_core)
        .count("differing", found.differing);
    let mut text = language.say_with("trial-decisions", &args);
    for difference in &found.differences {
        let told = Args::new()
            .text("position", difference.position.to_string())
            .text("recorded", difference.recorded.clone())
            .text("recomputed", difference.recomputed.clone().unwrap_or_else(|| "-".to_owned()));
        text.push_str(&format!("\n  {}", language.say_with("trial-difference", &told)));
    }
    text
}

fn otherwise(report: &Report, language: Language) -> String {
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
    language.say_with("trial-otherwise", &args)
}

fn tickets(tickets: &[Changed], names: &Names, page: &Page<'_>) -> String {
    use Align::{Left, Right};
    let columns = [
        ("trial-ticket", Left),
        ("trial-wait", Right),
        ("trial-by", Left),
        ("trial-assignments", Right),
        ("trial-time-outs", Right),
        ("trial-queued", Right),
        ("trial-linked", Left),
    ];
    let mut table =
        Table::new(columns.map(|(name, align)| (page.say(name), align))).within(page.width);
    for Changed { ticket, old, new, .. } in tickets {
        let wait = |outcome: &TicketOutcome| {
            outcome.wait().as_ref().map_or_else(|| "-".to_owned(), |wait| clock(secs(wait)))
        };
        let by = |outcome: &TicketOutcome| {
            outcome.accepted_by.map_or_else(|| "-".to_owned(), |engineer| names.of(engineer))
        };
        let linked = |outcome: &TicketOutcome| match outcome.linked {
            Some(linked) => page.language.link_kind(linked.kind),
            None => "-".to_owned(),
        };
        table.row([
            names.of(ticket),
            both(wait(old), wait(new)),
            both(by(old), by(new)),
            both(
                (old.assignments + old.offers).to_string(),
                (new.assignments + new.offers).to_string(),
            ),
            both(old.time_outs.to_string(), new.time_outs.to_string()),
            both(old.queued.to_string(), new.queued.to_string()),
            both(linked(old), linked(new)),
        ]);
    }
    table.render()
}

const fn secs(span: &Duration) -> u64 {
    span.as_secs()
}

/// Before and after; once where both are the same.
fn both(old: String, new: String) -> String {
    if old == new { old } else { format!("{old} → {new}") }
}

fn assumptions(report: &Report, page: &Page<'_>) -> String {
    use Align::{Left, Right};
    let columns = [("trial-assumed", Left), ("trial-old", Right), ("trial-new", Right)];
    let mut table =
        Table::new(columns.map(|(name, align)| (page.say(name), align))).within(page.width);
    let (old, new) = (&report.old_assumptions, &report.new_assumptions);
    for assumption in Assumption::ALL {
        let counts = [old, new].map(|of| of.count(assumption));
        if counts != [0, 0] {
            let name = page.say(&format!("trial-{}", assumption.as_str().replace('_', "-")));
            let [old, new] = counts.map(|count| count.to_string());
            table.row([name, old, new]);
        }
    }
    let mut verbs: Vec<_> = old.refused.keys().chain(new.refused.keys()).collect();
    verbs.sort_unstable();
    verbs.dedup();
    for verb in verbs {
        let count = |of: &trial::Assumptions| of.refused.get(verb).copied().unwrap_or_default();
        let told = Args::new().text("verb", verb.as_str());
        let name = page.language.say_with("trial-refused", &told);
        table.row([name, count(old).to_string(), count(new).to_string()]);
    }
    table.render()
}

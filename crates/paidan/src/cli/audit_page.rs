//! An audit as a page that needs nothing beside it: no scripts, no pictures, no network.

use std::fmt::Write;

use audit::{Class, Report};
use words::{Args, Language};

use super::audit::Told;
use super::audit_text::{self, Said};
use super::log::moment;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:80rem;\
padding:0 1rem;color:#1a1a1a;background:#fff}table{border-collapse:collapse;margin:1rem 0;\
width:100%}th,td{border:1px solid #bbb;padding:.3rem .5rem;text-align:left;\
overflow-wrap:anywhere}th{background:#eee}td.n{text-align:right}.lost{color:#9b1c1c;\
font-weight:700}.whole{color:#14532d;font-weight:700}@media print{body{margin:0}}";

/// The page, in the language that was asked for and then in the other.
pub(super) fn html(report: &Report, told: &Told, language: Language) -> String {
    let mut text = String::new();
    let title = escaped(&language.say("audit-title"));
    let _written = write!(
        text,
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src \'none\'; style-src \'unsafe-inline\'\">\
         <title>{title}</title><style>{STYLE}</style></head><body>\n",
        language.tag(),
    );
    let others = Language::ALL.into_iter().filter(|other| *other != language);
    for language in [language].into_iter().chain(others) {
        section(&mut text, report, told, language);
    }
    text.push_str("</body></html>\n");
    text
}

fn section(text: &mut String, report: &Report, told: &Told, language: Language) {
    let said = Said::new(language);
    let recorded_at = report.recorded_at.map(moment).unwrap_or_default();
    let as_of = Args::new().text("position", report.as_of.to_string()).text("time", recorded_at);
    let (class, sign) = if report.is_whole() { ("whole", "✓") } else { ("lost", "▲") };
    let _written = writeln!(
        text,
        "<section lang=\"{}\"><h1>{}</h1><p>{}</p><p class=\"{class}\">{sign} {}</p>",
        language.tag(),
        escaped(&language.say("audit-title")),
        escaped(&language.say_with("audit-as-of", &as_of)),
        escaped(&audit_text::verdict(report, language)),
    );
    let counts = Class::ALL.map(|class| [said.class(class), report.totals.of(class).to_string()]);
    table(text, language, ["audit-class", "audit-count"], &counts);
    let findings = told.rows(said);
    let names = ["audit-class", "audit-hash", "audit-bytes", "audit-tickets", "audit-detail"];
    table(text, language, names, &findings);
    let totals = &report.totals;
    let not_intact = totals.named - totals.intact + totals.orphans + totals.strangers;
    let left_out = not_intact.saturating_sub(findings.len() as u64);
    if left_out > 0 {
        let count = Args::new().count("count", left_out);
        let _written =
            writeln!(text, "<p>{}</p>", escaped(&language.say_with("audit-left-out", &count)));
    }
    let handovers = audit_text::handovers(report, &told.handovers, language);
    if !handovers.is_empty() {
        let _written = writeln!(text, "<pre>{}</pre>", escaped(handovers.trim()));
    }
    text.push_str("</section>\n");
}

fn table<const N: usize>(
    text: &mut String,
    language: Language,
    names: [&str; N],
    rows: &[[String; N]],
) {
    if rows.is_empty() {
        return;
    }
    text.push_str("<table><thead><tr>");
    for name in names {
        let _written = write!(text, "<th scope=\"col\">{}</th>", escaped(&language.say(name)));
    }
    text.push_str("</tr></thead><tbody>\n");
    for row in rows {
        text.push_str("<tr>");
        for cell in row {
            let _written = write!(text, "<td>{}</td>", escaped(cell));
        }
        text.push_str("</tr>\n");
    }
    text.push_str("</tbody></table>\n");
}

/// As text between tags and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

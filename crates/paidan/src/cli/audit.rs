//! `paidan audit attachments`.

use std::fs;
use std::io::{self, Write};

use audit::{AsOf, Class, Finding, Handover, NeverArrived, Options, Report, Scope, Stray};
use serde::Serialize;
use serde_json::json;
use words::Args;

use super::asking::{ask, connect, unexpected};
use super::audit_args::AuditArgs;
use super::audit_csv::Sheet;
use super::audit_page;
use super::audit_text::{self, Said};
use super::log::{moment, unanswered};
use super::page::Page;
use super::table::{Align, Table};
use super::{CliError, PrintError};
use crate::config::Config;
use crate::control::{Reply, Request};

/// Findings of each sort that people are shown.
const SHOWN_MAX: usize = 1_000;

/// What was told before the report.
#[derive(Default)]
pub(super) struct Told {
    pub(super) findings: Vec<Finding>,
    pub(super) never_arrived: Vec<NeverArrived>,
    pub(super) strays: Vec<Stray>,
    pub(super) handovers: Vec<Handover>,
}

impl Told {
    /// A line of the table for each.
    pub(super) fn rows(&self, said: Said) -> Vec<[String; 5]> {
        let findings = self.findings.iter().map(|finding| said.finding(finding));
        let never_arrived = self.never_arrived.iter().map(|file| said.never_arrived(file));
        let strays = self.strays.iter().map(|stray| said.stray(stray));
        findings.chain(never_arrived).chain(strays).collect()
    }
}

/// A line of `--json`.
#[derive(Serialize)]
struct Classed<'a> {
    class: Class,
    #[serde(flatten)]
    file: &'a NeverArrived,
}

pub(super) fn run(config: &Config, args: &AuditArgs, page: Page<'_>) -> Result<(), CliError> {
    let options = Options {
        as_of: args.as_of.unwrap_or(AsOf::Head),
        scope: Scope { ticket: args.ticket, customer: args.customer, since: args.since },
        deep: args.deep,
        handovers: args.handovers,
    };
    let everything = args.json || args.csv;
    let request = Request::AuditAttachments { options, everything, record: args.record };
    let (mut told, mut all) = (Told::default(), None);
    let Page { out, language, width } = page;
    let mut sheet = args.csv.then(|| Sheet::new(language));
    if let Some(sheet) = &sheet {
        written(sheet.head(out))?;
    }
    ask(&mut connect(config)?, request, "auditing", !everything, &mut |reply| {
        match (reply, &mut sheet) {
            (Reply::AttachmentsAudited { report, recorded }, _) => all = Some((*report, recorded)),
            (Reply::AttachmentFound(finding), Some(sheet)) => sheet.finding(out, &finding)?,
            (Reply::NeverArrived(file), Some(sheet)) => sheet.never_arrived(out, &file)?,
            (Reply::StrayFound(stray), Some(sheet)) => sheet.stray(out, &stray)?,
            (Reply::HandedOver(handover), Some(sheet)) => sheet.handover(out, &handover)?,
            (Reply::AttachmentFound(finding), None) if args.json => line(out, &finding)?,
            (Reply::NeverArrived(file), None) if args.json => {
                line(out, &Classed { class: Class::NeverArrived, file: &file })?;
            }
            (Reply::StrayFound(stray), None) if args.json => line(out, &stray)?,
            (Reply::HandedOver(handover), None) if args.json => {
                line(out, &json!({ "handover": handover }))?;
            }
            (Reply::AttachmentFound(finding), None) => some(&mut told.findings, *finding),
            (Reply::NeverArrived(file), None) => some(&mut told.never_arrived, file),
            (Reply::StrayFound(stray), None) => some(&mut told.strays, stray),
            (Reply::HandedOver(handover), None) => some(&mut told.handovers, *handover),
            (other, _) => return Err(unexpected(&other)),
        }
        Ok(())
    })?;
    let (report, recorded) = all.ok_or_else(unanswered)?;
    told.findings.sort_by_key(|finding| finding.state.class());
    let mut page = Page { out, language, width };
    if args.json {
        written(line(page.out, &json!({ "report": report, "recorded": recorded })))?;
    } else if let Some(file) = &args.html {
        let text = audit_page::html(&report, &told, language);
        let failed = |source| CliError::AuditPage { path: file.clone(), source };
        fs::write(file, text).map_err(failed)?;
    }
    if !everything {
        let mut text = text(&report, &told, &page);
        if let Some(position) = recorded {
            let at = Args::new().text("position", position.to_string());
            text.push_str(&format!("{}\n", page.language.say_with("audit-recorded", &at)));
        }
        page.end_with(&text)?;
    }
    match report.totals.lost() {
        0 => Ok(()),
        _ => Err(CliError::AttachmentsLost {
            missing: report.totals.missing,
            damaged: report.totals.damaged,
        }),
    }
}

/// More is counted only.
fn some<T>(kept: &mut Vec<T>, another: T) {
    if kept.len() < SHOWN_MAX {
        kept.push(another);
    }
}

fn line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)
}

/// A reader that went away, as `head` does, has what it wanted.
fn written(result: io::Result<()>) -> Result<(), CliError> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(PrintError::from(error).into())
        }
        _ => Ok(()),
    }
}

fn text(report: &Report, told: &Told, page: &Page<'_>) -> String {
    let said = Said::new(page.language);
    let recorded_at = report.recorded_at.map(moment).unwrap_or_default();
    let as_of = Args::new().text("position", report.as_of.to_string()).text("time", recorded_at);
    let mut text = format!("{}\n\n", page.language.say_with("audit-as-of", &as_of));
    let columns = [("audit-class", Align::Left), ("audit-count", Align::Right)];
    let mut totals = Table::new(columns.map(|(name, align)| (page.say(name), align)));
    for class in Class::ALL {
        totals.row([said.class(class), report.totals.of(class).to_string()]);
    }
    text.push_str(&totals.render());
    let rows = told.rows(said);
    let shown = rows.len() as u64;
    if !rows.is_empty() {
        let names = ["audit-class", "audit-hash", "audit-bytes", "audit-tickets", "audit-detail"];
        let aligns = [Align::Left, Align::Left, Align::Right, Align::Left, Align::Left];
        let mut table =
            Table::new(std::array::from_fn::<_, 5, _>(|at| (page.say(names[at]), aligns[at])));
        rows.into_iter().for_each(|row| table.row(row));
        text.push_str(&format!("\n{}", table.render()));
    }
    let totals = &report.totals;
    let not_intact = totals.named - totals.intact + totals.orphans + totals.strangers;
    if not_intact > shown {
        text.push_str(&format!("{}\n", page.say_count("audit-left-out", not_intact - shown)));
    }
    text.push_str(&audit_text::handovers(report, &told.handovers, page.language));
    text.push_str(&format!("\n{}\n", audit_text::verdict(report, page.language)));
    text
}

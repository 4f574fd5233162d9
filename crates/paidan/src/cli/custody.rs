//! `paidan audit custody`.

use audit::Custody;
use audit::custody::{Step, What};
use words::{Args, LocalTime, Speaker};

use super::CliError;
use super::audit_args::CustodyArgs;
use super::audit_text::{Said, word};
use super::names::Names;
use super::page::Page;
use super::reader::{Reader, read};
use super::table::{Align, Table};
use super::target::Target;
use crate::config::Config;

pub(super) fn run(config: &Config, args: &CustodyArgs, mut page: Page<'_>) -> Result<(), CliError> {
    let mut reader = Reader::new(config, !args.query.json)?;
    let target = Target::new("/api/v1/audit/attachments").step(&args.hash.to_string());
    let body = reader.ask(target.then("custody").asked(&args.query))?;
    if args.query.json {
        return page.end_with_body(&body);
    }
    let custody: Custody = read(&body)?;
    let mut names = Names::new(&mut reader)?;
    names.learn(&mut reader, ids(&body))?;
    let mut table = Table::new([
        (page.say("audit-position"), Align::Right),
        (format!("{} ({})", page.say("command-recorded"), names.zone), Align::Left),
        (page.say("audit-who"), Align::Left),
        (page.say("audit-what"), Align::Left),
    ]);
    let speaker = Speaker::new(page.language, &names.time, &names);
    for step in &custody.steps {
        table.row([
            step.position.to_string(),
            names.time.to_second(step.at),
            speaker.party(step.by),
            said(step, &names, &speaker, &names.time),
        ]);
    }
    let mut text = table.render();
    if custody.cut {
        text.push_str(&format!("{}\n", page.say("custody-cut")));
    }
    page.end_with(&text)
}

/// All that looks like an id.
fn ids(body: &str) -> Vec<String> {
    let words = body.split('"').filter(|word| super::names::is_id(word));
    words.map(str::to_owned).collect()
}

fn said(step: &Step, names: &Names, speaker: &Speaker<'_>, time: &LocalTime) -> String {
    let language = speaker.language();
    let say = |name: &str, args: Args| language.say_with(name, &args);
    let on = |ticket| Args::new().text("ticket", names.of(ticket));
    match &step.what {
        What::Linked { ticket, upload } => say(
            "custody-linked",
            on(ticket)
                .text("by", speaker.party(upload.by))
                .text("via", word(&upload.via))
                .text("from", time.to_second(upload.begun_at))
                .text("until", time.to_second(upload.finished_at)),
        ),
        What::Assigned { ticket, engineer } => {
            say("custody-assigned", on(ticket).text("engineer", names.of(engineer)))
        }
        What::Released { ticket, engineer, how } => say(
            "custody-released",
            on(ticket)
                .text("engineer", names.of(engineer))
                .text("how", Said::new(language).how(*how)),
        ),
        What::Transferred { ticket, from, to } => say(
            "custody-transferred",
            on(ticket).text("from", names.of(from)).text("to", names.of(to)),
        ),
        What::Merged { ticket, into } => {
            say("custody-merged", on(ticket).text("into", names.of(into)))
        }
        What::Escalated { ticket, level } => {
            say("custody-escalated", on(ticket).text("level", level.to_string()))
        }
        What::Reopened { ticket } => say("custody-reopened", on(ticket)),
        What::Opened { reads } => {
            let one = |read: &domain::attachment::Read| {
                let by = Args::new().text("by", speaker.party(read.by));
                say("custody-opened", by.text("times", read.times.to_string()))
            };
            reads.iter().map(one).collect::<Vec<_>>().join("; ")
        }
        What::Removed { ticket } => say("custody-removed", on(ticket)),
        What::Quarantined { why } => {
            say("custody-quarantined", Args::new().text("why", why.clone()))
        }
        What::Cleared => language.say("custody-cleared"),
        What::Erased => language.say("custody-erased"),
    }
}

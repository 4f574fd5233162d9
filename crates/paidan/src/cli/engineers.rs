//! `paidan engineers`: who is there, and what they have to do.

use domain::{AreaId, EngineerId, Filter, OutletId, Timestamp};
use serde::Deserialize;

use super::CliError;
use super::names::Names;
use super::page::Page;
use super::past::Past;
use super::query_args::EngineersArgs;
use super::reader::{Reader, read};
use super::table::{Align, Table};
use super::target::Target;
use crate::config::Config;

#[derive(Deserialize)]
struct List {
    #[serde(flatten)]
    past: Past,
    engineers: Vec<Row>,
    next: Option<EngineerId>,
}

#[derive(Deserialize)]
struct Row {
    id: EngineerId,
    code: Option<String>,
    name: Option<String>,
    outlet: Option<OutletId>,
    area: Option<AreaId>,
    capacity: u16,
    load: Load,
    on_duty: bool,
    online: bool,
    frozen: Option<Freeze>,
    unavailable: Option<Filter>,
}

#[derive(Deserialize)]
struct Load {
    taken: usize,
    assigned: usize,
    accepted: usize,
    on_hold: usize,
}

#[derive(Deserialize)]
struct Freeze {
    until: Timestamp,
}

pub(super) fn run(
    config: &Config,
    args: &EngineersArgs,
    mut page: Page<'_>,
) -> Result<(), CliError> {
    let mut reader = Reader::new(config, !args.query.json)?;
    let target = Target::new("/api/v1/engineers")
        .with("outlet", args.outlet.as_ref())
        .with("area", args.area.as_ref())
        .with("available", args.available)
        .with("on_duty", args.on_duty)
        .with("online", args.online)
        .with_mark("retired", args.retired)
        .with("after", args.after.as_ref())
        .with("limit", args.limit)
        .asked_of(&args.query);
    let body = reader.ask(target)?;
    if args.query.json {
        return page.end_with_body(&body);
    }
    let List { past, engineers, next } = read(&body)?;
    let mut names = past.names(&mut reader)?;
    if past.tell(&mut page, &names)?.is_break() {
        return Ok(());
    }
    let ids = engineers.iter().flat_map(|row| {
        let outlet = row.outlet.map(|id| id.to_string());
        outlet.into_iter().chain(row.area.map(|id| id.to_string()))
    });
    names.learn(&mut reader, ids)?;
    let table = table(&engineers, &page, &names);
    page.end_with_table(&table, "command-no-engineers")?;
    match next {
        Some(next) => {
            page.end_with(&format!("\n{} --after {next}\n", page.say("command-more-engineers")))
        }
        None => Ok(()),
    }
}

fn table(engineers: &[Row], page: &Page<'_>, names: &Names) -> Table<11> {
    use Align::{Left, Right};
    let columns = [
        ("command-code", Left),
        ("command-name", Left),
        ("command-outlet", Left),
        ("command-area", Left),
        ("command-duty", Left),
        ("command-online", Left),
        ("command-places", Right),
        ("state-assigned", Right),
        ("stage-accepted", Right),
        ("state-on-hold", Right),
        ("command-available", Left),
    ];
    let mut table =
        Table::new(columns.map(|(name, align)| (page.say(name), align))).within(page.width);
    let now = names.now;
    let yes = |set| page.say(if set { "command-yes" } else { "command-no" });
    for row in engineers {
        let available = match (&row.frozen, row.unavailable) {
            (Some(Freeze { until }), _) => {
                format!("{} {}", page.say("command-frozen-until"), names.time.short(*until, now))
            }
            (None, Some(why)) => page.say(reason(why)),
            (None, None) => yes(true),
        };
        table.row([
            row.code.clone().unwrap_or_else(|| row.id.to_string()),
            row.name.clone().unwrap_or_default(),
            names.of_some(row.outlet),
            names.of_some(row.area),
            yes(row.on_duty),
            yes(row.online),
            format!("{}/{}", row.load.taken, row.capacity),
            row.load.assigned.to_string(),
            row.load.accepted.to_string(),
            row.load.on_hold.to_string(),
            available,
        ]);
    }
    table
}

const fn reason(why: Filter) -> &'static str {
    match why {
        Filter::OtherArea => "command-filter-other-area",
        Filter::LacksSkill => "command-filter-lacks-skill",
        Filter::OffDuty => "command-filter-off-duty",
        Filter::OnLeave => "command-filter-on-leave",
        Filter::Frozen => "command-filter-frozen",
        Filter::NoFreePlace => "command-filter-no-free-place",
        Filter::PassedBefore => "command-filter-passed-before",
        Filter::LeftOut => "command-filter-left-out",
        Filter::Offline => "command-filter-offline",
        Filter::NoFreshPosition => "command-filter-no-fresh-position",
    }
}

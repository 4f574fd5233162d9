//! What the read models say, as the board shows it. Costs as much as what is shown, not as much as
//! there is.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use ::pages::board::{
    BoardView, Counters, Day, Duty, EngineerLine, EngineerList, Name, Owner, SatisfactionLine,
    SatisfactionList, TicketLine, TicketList,
};
use domain::ticket::PhaseName;
use domain::{EngineerId, OutletId, StaffId, Timestamp, Zone};
use projector::ReadModels;
use projector::directory::Directory;
use projector::engineer_load::{Busiest, EngineerLoadRow};
use projector::lifecycle::{LifecycleHour, LifecycleQuery};
use projector::open_tickets::{TicketCounts, TicketRow, WaitingView};
use projector::satisfaction::{SatisfactionBy, SatisfactionOf, SatisfactionQuery, SatisfactionRow};

const TOP: usize = 10;
const QUEUE_MAX: usize = 30;
const ENGINEERS_MAX: usize = 60;
const OUTLETS_MAX: usize = 10;
/// Satisfaction is of so many days: one alone has few answers.
const DAYS: u8 = 7;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The board as the read models have it at a moment, with the names that others know: models of the
/// past know no person. So many attachments are lost.
pub(super) fn look(
    models: &ReadModels,
    named: &ReadModels,
    lost: u64,
    now: Timestamp,
) -> BoardView {
    let zone = models.directory().read(|model| Zone::or_utc(&model.rules().rules.zone)).value;
    let (counts, top, waiting, rules) = models
        .open_tickets()
        .read(|model| {
            let top = model.top_backlog(TOP, now);
            (model.counts(now), top, model.waiting(QUEUE_MAX, now), model.board().clone())
        })
        .value;
    let busiest = models.busiest_engineers(ENGINEERS_MAX, now).value;
    let today = zone.civil_date(now);
    let answers = SatisfactionQuery {
        by: SatisfactionBy::Outlet,
        from: Some(zone.civil_date(now.minus(DAY * u32::from(DAYS - 1)))),
        until: Some(today),
        ..SatisfactionQuery::default()
    };
    let (outlets, outlets_total) = most_answered(models.satisfaction_by(&answers).value);
    let hours = LifecycleQuery { from: today, until: today, area: None, outlet: None };
    let wanted = Wanted::of(&top, &waiting, &busiest, &outlets);
    let names = named.directory().read(|model| wanted.names(model)).value;
    BoardView {
        now,
        zone,
        red_after: rules.red_after.duration(),
        flash_after: rules.flash_after.duration(),
        attachments_lost: lost,
        counters: counters(&counts),
        top: TicketList {
            total: counts.backlog,
            tickets: top.iter().map(|row| names.ticket(row)).collect(),
        },
        queue: TicketList {
            total: waiting.total,
            tickets: waiting.tickets.iter().map(|row| names.ticket(row)).collect(),
        },
        engineers: EngineerList {
            total: busiest.total,
            engineers: busiest.engineers.iter().map(|row| names.engineer(row)).collect(),
        },
        satisfaction: SatisfactionList {
            days: DAYS,
            total: outlets_total,
            outlets: outlets.iter().map(|(outlet, row)| names.satisfaction(*outlet, row)).collect(),
        },
        lifecycle: day(&models.lifecycle_hours(&hours).value),
    }
}

const fn counters(counts: &TicketCounts) -> Counters {
    let TicketCounts { open, backlog, overdue, red, flashing, .. } = *counts;
    Counters { open, backlog, overdue, red, flashing }
}

/// An hour that a clock which is set back shows twice is one on the board.
fn day(hours: &[LifecycleHour]) -> Day {
    let mut day = Day::default();
    for LifecycleHour { hour, counts } in hours {
        if let Some(shown) = day.hours.get_mut(usize::from(hour.hour)) {
            shown.created += counts.created;
            shown.accepted += counts.accepted;
            shown.completed += counts.completed;
            shown.rated += counts.rated;
            shown.low += counts.low;
        }
    }
    day
}

/// The outlets with the most answers and silence, and how many have any.
fn most_answered(rows: Vec<SatisfactionRow>) -> (Vec<(Option<OutletId>, SatisfactionRow)>, u64) {
    let heard = |row: &SatisfactionRow| {
        row.satisfied + row.partial + row.unresolved + row.closed_by_silence
    };
    let mut outlets: Vec<_> = rows
        .into_iter()
        .filter(|row| heard(row) > 0)
        .filter_map(|row| match row.of {
            SatisfactionOf::Outlet(outlet) => Some((outlet, row)),
            _ => None,
        })
        .collect();
    let total = outlets.len() as u64;
    outlets.sort_by_key(|(outlet, row)| (std::cmp::Reverse(heard(row)), *outlet));
    outlets.truncate(OUTLETS_MAX);
    (outlets, total)
}

/// Whose names are shown.
struct Wanted {
    outlets: HashSet<OutletId>,
    engineers: HashSet<EngineerId>,
    staff: HashSet<StaffId>,
}

impl Wanted {
    fn of(
        top: &[TicketRow],
        waiting: &WaitingView,
        busiest: &Busiest,
        answered: &[(Option<OutletId>, SatisfactionRow)],
    ) -> Self {
        let tickets = || top.iter().chain(&waiting.tickets);
        let engineers = &busiest.engineers;
        let person = |row: &TicketRow| row.agent.or_else(|| row.queue.and_then(|it| it.person));
        Self {
            outlets: (tickets().filter_map(|row| row.outlet))
                .chain(engineers.iter().filter_map(|row| row.outlet))
                .chain(answered.iter().filter_map(|(outlet, _)| *outlet))
                .collect(),
            engineers: (tickets().filter_map(|row| row.engineer))
                .chain(engineers.iter().map(|row| row.id))
                .collect(),
            staff: tickets().filter_map(person).collect(),
        }
    }

    fn names(self, directory: &Directory) -> Names {
        let outlet = |id| Some((id, directory.outlet(id)?.entry.entry.name));
        let engineer = |id| Some((id, directory.engineer(id)?.profile.card.known()?.name.clone()?));
        // Posts stand in the entries of areas, of which a firm has few.
        let areas = if self.staff.is_empty() { Vec::new() } else { directory.areas() };
        let staff = areas
            .iter()
            .filter_map(|area| area.entry.entry.staff.known())
            .flatten()
            .filter(|card| self.staff.contains(&card.id))
            .filter_map(|card| Some((card.id, card.name.clone()?)))
            .collect();
        Names {
            outlets: self.outlets.into_iter().filter_map(outlet).collect(),
            engineers: self.engineers.into_iter().filter_map(engineer).collect(),
            staff,
        }
    }
}

/// Names by id.
struct Names {
    outlets: HashMap<OutletId, String>,
    engineers: HashMap<EngineerId, String>,
    staff: HashMap<StaffId, String>,
}

fn name<K: std::hash::Hash + Eq>(names: &HashMap<K, String>, id: Option<K>) -> Name {
    match id {
        Some(id) => names.get(&id).cloned().map_or(Name::Unknown, Name::Known),
        None => Name::None,
    }
}

impl Names {
    fn ticket(&self, row: &TicketRow) -> TicketLine {
        TicketLine {
            id: row.id,
            number: row.number,
            state: row.phase,
            stage: row.stage,
            priority: row.priority,
            urgent: row.urgent,
            created_at: row.created_at,
            due: row.due,
            outlet: name(&self.outlets, row.outlet),
            owner: self.owner(row),
            hold: row.hold.map(|hold| hold.reason),
            red: row.red,
            flashing: row.flashing,
            overdue: row.overdue,
        }
    }

    fn owner(&self, row: &TicketRow) -> Owner {
        if let Some(queue) = row.queue {
            return Owner::Queue(queue.role, name(&self.staff, queue.person), queue.reason);
        }
        match row.phase {
            PhaseName::Claimed => Owner::Agent(name(&self.staff, row.agent)),
            PhaseName::Offered => Owner::Offered(row.offered_to),
            _ if row.engineer.is_some() => Owner::Engineer(name(&self.engineers, row.engineer)),
            _ => Owner::Nobody,
        }
    }

    fn engineer(&self, row: &EngineerLoadRow) -> EngineerLine {
        EngineerLine {
            id: row.id,
            name: match (name(&self.engineers, Some(row.id)), &row.code) {
                (Name::Unknown, Some(code)) => Name::Known(code.clone()),
                (known, _) => known,
            },
            outlet: name(&self.outlets, row.outlet),
            duty: match row {
                row if row.on_leave => Duty::Leave,
                row if row.on_duty => Duty::On,
                row if row.on_call => Duty::OnCall,
                _ => Duty::Off,
            },
            online: row.online,
            frozen: row.frozen.map(|freeze| (freeze.until, freeze.reason)),
            capacity: usize::from(row.capacity),
            assigned: row.load.assigned,
            accepted: row.load.accepted,
            on_hold: row.load.on_hold,
        }
    }

    fn satisfaction(&self, outlet: Option<OutletId>, row: &SatisfactionRow) -> SatisfactionLine {
        SatisfactionLine {
            outlet: name(&self.outlets, outlet),
            satisfied: row.satisfied,
            partial: row.partial,
            unresolved: row.unresolved,
            silent: row.closed_by_silence,
        }
    }
}

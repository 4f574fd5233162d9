//! After the storm: nothing goes wrong any more, and whatever was left open must end in a person's
//! hands. A core that reads the log anew then wants what the running one wants.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use dispatcher::FeedEvent;
use domain::ticket::{Phase, QueueEntry, QueueRole};
use domain::{StreamId, Timestamp};

use crate::firm::ENGINEERS;
use crate::post::Repair;
use crate::simulation::{Simulation, Wrong};

/// Lost actions are sent again after two minutes, refused ones after sixteen at most.
const SETTLES_WITHIN: Duration = Duration::from_secs(25 * 60);
/// All ladders are climbed, and all reminders sent.
const RESTS_AFTER_DAYS: u64 = 8;
/// How late a driver may be.
const TOLERANCE: Duration = Duration::from_secs(60);

/// Mends everything, waits until nothing is on its way, and compares.
pub(crate) fn calm_down(sim: &mut Simulation) -> Result<(), Wrong> {
    sim.is_calm = true;
    sim.repair(Repair::Disk)?;
    sim.repair(Repair::ServerClock)?;
    for which in 0..sim.nodes.len() {
        sim.repair(Repair::DispatcherClock { which })?;
        sim.nodes[which].asleep_until = sim.truth;
        sim.repair(Repair::Start { which })?;
    }
    let confused_until = sim.nodes.iter().map(|node| node.confused_until).max();
    let confused_for = confused_until.map_or(Duration::ZERO, |until| until.since(sim.truth));
    pass(sim, confused_for + SETTLES_WITHIN)?;
    settled(sim)?;
    rebuilt_decides_alike(sim)
}

/// Days without anybody doing anything.
pub(crate) fn come_to_rest(sim: &mut Simulation) -> Result<(), Wrong> {
    let sent = sim.sent;
    pass(sim, Duration::from_secs(RESTS_AFTER_DAYS * 86_400))?;
    settled(sim)?;
    let tickets = tickets(sim);
    let rows = usize::try_from(ENGINEERS).expect("a few") + 2 * tickets.len();
    let bound = 40 * usize::try_from(RESTS_AFTER_DAYS).expect("a few") * rows;
    if sim.sent - sent > bound {
        return Err(Wrong(format!("{} actions for nothing", sim.sent - sent)));
    }
    let end = sim.firm.now();
    for id in tickets {
        let Some(ticket) = id.ticket().and_then(|id| sim.firm.see(id)) else { continue };
        let at_rest = match &ticket.phase {
            Phase::Working(_) => true,
            Phase::Queued { queue } => queue.due > end || is_with_director(queue),
            Phase::Duplicate { .. } => ticket.suspected_of().is_none(),
            _ => !ticket.is_open(),
        };
        if ticket.may_become_urgent() && sim.firm.checker.is_overlooked(ticket.id) {
            return Err(Wrong(format!(
                "{id} stands still, as was said and shown, and is not urgent"
            )));
        }
        if !at_rest {
            return Err(Wrong(format!("{id} is in nobody's hands: {:?}", ticket.phase)));
        }
    }
    rebuilt_decides_alike(sim)
}

fn tickets(sim: &Simulation) -> BTreeSet<StreamId> {
    let streams = sim.firm.history.iter().map(|event| event.stream);
    streams.filter(|stream| stream.ticket().is_some()).collect()
}

fn is_with_director(queue: &QueueEntry) -> bool {
    queue.role == QueueRole::Director
}

fn pass(sim: &mut Simulation, span: Duration) -> Result<(), Wrong> {
    let end = sim.truth.plus(span);
    while sim.next_step().is_some_and(|at| at <= end) {
        sim.step()?;
    }
    sim.pass_to(end);
    // What was sent in the last moment arrives a moment later.
    while sim.awaits_post() {
        sim.step()?;
    }
    Ok(())
}

/// Nothing is on its way, and everything is taken care of.
fn settled(sim: &Simulation) -> Result<(), Wrong> {
    for (which, node) in sim.nodes.iter().enumerate() {
        let wrong = |what: String| Err(Wrong(format!("dispatcher {which}, at rest: {what}")));
        if node.core.position() != sim.firm.head() {
            return wrong(format!("knows {} of {}", node.core.position(), sim.firm.head()));
        }
        if node.core.unanswered() > 0 {
            return wrong(format!("{} actions are unanswered", node.core.unanswered()));
        }
        let findings = node.core.audit(node.now(sim.truth), TOLERANCE);
        if !findings.is_empty() {
            return wrong(format!("{findings:?}"));
        }
    }
    Ok(())
}

/// A core that reads the log anew has nothing to add to it, and wants at any later time what the
/// one wants that was there all along.
fn rebuilt_decides_alike(sim: &mut Simulation) -> Result<(), Wrong> {
    let head = sim.firm.head();
    let mut live = std::mem::take(&mut sim.nodes[0].core);
    sim.start(0)?;
    pass(sim, SETTLES_WITHIN)?;
    settled(sim)?;
    if sim.firm.head() != head {
        // Somebody's time has come meanwhile, which says nothing of the rebuilt one.
        return Ok(());
    }
    let later = 60 * (30 + sim.chance.below(3 * 1_440));
    let later = sim.firm.now().plus(Duration::from_secs(later));
    let fresh = &mut sim.nodes[0].core;
    if fresh.open_tickets() != live.open_tickets() {
        let (fresh, live) = (fresh.open_tickets(), live.open_tickets());
        return Err(Wrong(format!("rebuilt, {fresh} tickets are open; live, {live}")));
    }
    let (wanted, expected) = (fresh.resume(later), live.resume(later));
    if wanted != expected {
        return Err(Wrong(format!("at {later}, rebuilt: {wanted:#?}\nlive: {expected:#?}")));
    }
    sim.note("rebuilt alike");
    for _ in &wanted {
        sim.note("decisions compared");
    }
    // What was only asked has not happened.
    sim.start(0)
}

/// Of what happened, and when.
pub(crate) fn digest(history: &[FeedEvent]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for event in history {
        let recorded_at: Timestamp = event.stamp.recorded_at;
        (event.stream, recorded_at.as_micros()).hash(&mut hasher);
        format!("{:?}", event.event).hash(&mut hasher);
    }
    hasher.finish()
}

//! The audit: what the log names, held against what lies in the store.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::thread::available_parallelism;

use attachments::Store;
use domain::ContentHash;
use eventlog::{Clock, EventLog};
use projector::attachments::{AttachmentRow, Attachments};
use tokio::runtime::Handle;

use crate::bytes::{Look, Sizes, by_hash, by_size, look_at};
use crate::fold::{Folded, Wanted, fold};
use crate::handover::Loss;
use crate::{
    Class, Error, Finding, HandoverTotals, Named, NeverArrived, Options, Report, Sink, State,
    Stray, Totals,
};

/// So many findings of each sort stay in a report; a sink is told of all.
pub const FINDINGS_MAX: usize = 100;

/// Attachments that are taken from the fold at once.
const PAGE: usize = 1_024;

/// Bytes are hashed on at most so many threads: a disk gains nothing from more.
const THREADS_MAX: usize = 8;

/// What an audit looks at.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The log.
    pub log: &'a dyn EventLog,
    /// Where bytes lie.
    pub store: &'a Store,
    /// Runs what waits for the store; its threads are not the one that calls.
    pub runtime: &'a Handle,
    /// Tells how long it takes.
    pub clock: &'a dyn Clock,
}

/// Looks at every attachment that the log named by then. Answers with what was found in all and the
/// worst of it; the sink is told of everything.
///
/// It holds what the fold needs, some 300 bytes for an attachment, and reads bytes in chunks.
///
/// # Errors
/// When the log or the store cannot be read, or the sink breaks it off.
pub fn audit(
    sources: Sources<'_>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<Report, Error> {
    let Sources { log, store, runtime, clock } = sources;
    let begun = clock.monotonic();
    let until = options.as_of.position(log)?;
    let (scope, handovers) = (options.scope, options.handovers);
    let of_some = scope.ticket.is_some() || scope.customer.is_some();
    let wanted = Wanted { tickets: of_some || handovers, timelines: handovers };
    let folded = fold(log, until, wanted, &mut |done, total| sink.progress(done, total))?;
    let mut kept = Kept::default();
    let sizes = if scope.is_whole() {
        let named = |hash| folded.attachments.attachment(hash).is_some();
        let mut tell = |stray: Stray| {
            let flow = sink.stray(&stray);
            kept.stray(stray);
            flow
        };
        Some(runtime.block_on(Sizes::list(store, &named, &mut tell))?)
    } else {
        None
    };
    let looking = Looking { store, runtime, deep: options.deep, sizes };
    look_through(&folded, options, &looking, &mut kept, sink)?;
    never_arrived(&folded, options, &mut kept, sink)?;
    let handovers = handed_over(&folded, options, &mut kept, sink)?;
    let took_ms = (clock.monotonic().saturating_sub(begun)).as_millis();
    Ok(kept.report(&folded, options, handovers, u64::try_from(took_ms).unwrap_or(u64::MAX)))
}

struct Looking<'a> {
    store: &'a Store,
    runtime: &'a Handle,
    deep: bool,
    sizes: Option<Sizes>,
}

impl Looking<'_> {
    /// Erased bytes are never hashed: whether any are left is enough.
    async fn look(&self, row: AttachmentRow) -> Result<Finding, Error> {
        let (hash, bytes) = (row.attachment.hash, row.attachment.bytes);
        let look = if self.deep && row.erased_at.is_none() {
            by_hash(self.store, hash, bytes).await?
        } else {
            by_size(self.store, self.sizes.as_ref(), hash, bytes).await?
        };
        Ok(Finding { state: state_of(&row, look), named: Named::from(&row) })
    }

    /// Attachments until progress is told: whoever asked waits for a sign of life.
    fn at_once(&self) -> usize {
        if self.deep { 4 * self.threads() } else { PAGE }
    }

    fn threads(&self) -> usize {
        available_parallelism().map_or(1, NonZeroUsize::get).min(THREADS_MAX)
    }
}

fn state_of(row: &AttachmentRow, look: Look) -> State {
    if let Some(at) = row.erased_at {
        return State::Erased { at, bytes_left: look != Look::Nothing };
    }
    let out_of_view = !row.removed_in.is_empty()
        && row.links.iter().all(|link| row.removed_in.contains(&link.ticket));
    match (look, &row.quarantined) {
        (Look::Nothing, _) => State::Missing,
        (Look::Other(found), _) => State::Damaged { found },
        (Look::There, Some(why)) => State::Quarantined { why: why.clone() },
        (Look::There, None) if out_of_view => State::Removed,
        (Look::There, None) => State::Intact,
    }
}

/// Looks at all attachments of the scope, in the order of hashes.
fn look_through(
    folded: &Folded,
    options: &Options,
    looking: &Looking<'_>,
    kept: &mut Kept,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let within = folded.tickets.within(&options.scope);
    let in_scope = |row: &AttachmentRow| {
        let named = within
            .as_ref()
            .is_none_or(|within| row.links.iter().any(|link| within.contains(&link.ticket)));
        let since = options
            .scope
            .since
            .is_none_or(|since| row.links.iter().any(|link| link.recorded_at >= since));
        named && since
    };
    let total = folded.attachments.counts().named;
    let mut done = 0;
    for rows in pages(&folded.attachments) {
        done += rows.len() as u64;
        let mut rows = rows.into_iter().filter(in_scope).peekable();
        while rows.peek().is_some() {
            let some: Vec<_> = rows.by_ref().take(looking.at_once()).collect();
            let looks = look_at(some, looking.threads(), |row| looking.look(row));
            for finding in looking.runtime.block_on(looks)? {
                let finding = finding?;
                let flow = sink.finding(&finding);
                kept.finding(finding);
                if flow.is_break() {
                    return Err(Error::BrokenOff);
                }
            }
            if sink.progress(done, total).is_break() {
                return Err(Error::BrokenOff);
            }
        }
    }
    Ok(())
}

/// What another system named, in the order of the log.
fn never_arrived(
    folded: &Folded,
    options: &Options,
    kept: &mut Kept,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let within = folded.tickets.within(&options.scope);
    for (recorded_at, file) in folded.elsewhere.never_arrived() {
        let asked = within.as_ref().is_none_or(|within| within.contains(&file.ticket))
            && options.scope.since.is_none_or(|since| recorded_at >= since);
        if !asked {
            continue;
        }
        if sink.never_arrived(file).is_break() {
            return Err(Error::BrokenOff);
        }
        kept.never_arrived(file);
    }
    Ok(())
}

/// All rows, some at a time.
pub(crate) fn pages(attachments: &Attachments) -> impl Iterator<Item = Vec<AttachmentRow>> {
    let mut after = None;
    std::iter::from_fn(move || {
        let rows = attachments.after(after, PAGE);
        after = rows.last().map(|row| row.attachment.hash).or(after);
        (!rows.is_empty()).then_some(rows)
    })
}

fn handed_over(
    folded: &Folded,
    options: &Options,
    kept: &mut Kept,
    sink: &mut dyn Sink,
) -> Result<Option<HandoverTotals>, Error> {
    let Some(timelines) = &folded.timelines else { return Ok(None) };
    let within = folded.tickets.within(&options.scope);
    let mut totals = HandoverTotals::default();
    for place in timelines.handovers() {
        let asked = within.as_ref().is_none_or(|within| within.contains(&place.ticket))
            && options.scope.since.is_none_or(|since| place.at >= since);
        if !asked {
            continue;
        }
        let handover = timelines.judge(place, &kept.losses);
        totals.handovers += 1;
        if handover.is_complete() {
            totals.complete += 1;
        } else {
            totals.incomplete += 1;
        }
        if sink.handover(&handover) == ControlFlow::Break(()) {
            return Err(Error::BrokenOff);
        }
        if !handover.is_complete() && kept.incomplete.len() < FINDINGS_MAX {
            kept.incomplete.push(handover);
        }
    }
    Ok(Some(totals))
}

/// What stays of all that is found.
#[derive(Default)]
struct Kept {
    totals: Totals,
    /// At most `FINDINGS_MAX` of each class but the intact ones.
    findings: Vec<Finding>,
    never_arrived: Vec<NeverArrived>,
    strays: Vec<Stray>,
    incomplete: Vec<crate::Handover>,
    losses: HashMap<ContentHash, Loss>,
}

impl Kept {
    fn finding(&mut self, finding: Finding) {
        let class = finding.state.class();
        self.totals.named += 1;
        self.totals.count(class);
        if !matches!(finding.state, State::Erased { .. }) {
            self.totals.bytes += finding.named.bytes;
        }
        let loss = match finding.state {
            State::Intact => return,
            State::Missing => Some(Loss::Missing),
            State::Damaged { .. } => Some(Loss::Damaged),
            _ => None,
        };
        if let Some(loss) = loss {
            self.losses.insert(finding.named.hash, loss);
        }
        if self.totals.of(class) <= FINDINGS_MAX as u64 {
            self.findings.push(finding);
        }
    }

    fn never_arrived(&mut self, file: &NeverArrived) {
        self.totals.named += 1;
        self.totals.count(Class::NeverArrived);
        if self.never_arrived.len() < FINDINGS_MAX {
            self.never_arrived.push(file.clone());
        }
    }

    fn stray(&mut self, stray: Stray) {
        self.totals.count(stray.class());
        if self.strays.len() < FINDINGS_MAX {
            self.strays.push(stray);
        }
    }

    fn report(
        self,
        folded: &Folded,
        options: &Options,
        handovers: Option<HandoverTotals>,
        took_ms: u64,
    ) -> Report {
        let Self { totals, mut findings, never_arrived, mut strays, incomplete, .. } = self;
        // The sort keeps the order of hashes within a class.
        findings.sort_by_key(|finding| finding.state.class());
        findings.truncate(FINDINGS_MAX);
        strays.sort();
        let not_intact = totals.named - totals.intact - totals.never_arrived;
        Report {
            as_of: folded.position,
            recorded_at: folded.recorded_at,
            scope: options.scope,
            deep: options.deep,
            totals,
            handovers,
            findings_left_out: not_intact - findings.len() as u64,
            findings,
            never_arrived_left_out: totals.never_arrived - never_arrived.len() as u64,
            never_arrived,
            strays_left_out: totals.orphans + totals.strangers - strays.len() as u64,
            strays,
            incomplete,
            took_ms,
        }
    }
}

//! A rebuilt model equals the live one, byte for byte, and both equal the domain's own folds.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::ticket::{Phase, Ticket, Work};
use domain::{GlobalPosition, Timestamp};
use eventlog::EventLog;
use projector::attachments::AttachmentRow;
use projector::engineer_load::EngineerFilter;
use projector::open_tickets::{
    Attention, PageRequest, QueueName, Sort, TicketFilter, TicketRow, WaitingView,
};
use projector::{Detail, Recount, RowChange, compare, rebuild};
use projector::{Live, Projection, Projector, ProjectorOptions, ReadModels, SnapshotOptions};
use proptest::prelude::*;

use crate::firm::{Firm, OUTLETS, moves};

/// Long enough for any machine; a test that waits for it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn block_on<T>(answer: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(answer)
}

/// Waits until all models have the log's last event.
pub(crate) fn settle(projector: &Projector, head: GlobalPosition) {
    block_on(async {
        for model in projector::ModelName::ALL {
            let waited = projector.models().wait_for(model, head, PATIENCE).await;
            waited.unwrap_or_else(|error| panic!("{error}"));
        }
    });
}

fn equals_rebuild<P: Projection>(live: &Live<P>, log: &dyn EventLog) -> Result<(), TestCaseError> {
    let position = live.progress().position;
    let mut rebuilt =
        rebuild::<P>(log, live.recount(), position, &mut |_| {}).expect("a legal history folds");
    let comparison =
        compare(live, &mut rebuilt, log, Detail::default()).expect("both can be dumped");
    prop_assert_eq!(comparison.position, position);
    prop_assert!(comparison.equal, "{}: {:?}", P::NAME, comparison.rows);
    let dump = |model: &P| {
        let mut dump = Vec::new();
        model.dump(&mut dump).expect("memory takes all");
        dump
    };
    prop_assert_eq!(live.read(dump).value, dump(rebuilt.model()), "{}", P::NAME);
    Ok(())
}

fn all_equal_rebuilds(models: &ReadModels, log: &dyn EventLog) -> Result<(), TestCaseError> {
    equals_rebuild(models.open_tickets(), log)?;
    equals_rebuild(models.engineer_load(), log)?;
    equals_rebuild(models.directory(), log)?;
    equals_rebuild(models.satisfaction(), log)?;
    equals_rebuild(models.lifecycle(), log)?;
    equals_rebuild(models.attachments(), log)
}

fn open(firm: &Firm) -> BTreeMap<domain::TicketId, &Ticket> {
    let tickets = firm.state.tickets.iter().filter(|(_, ticket)| ticket.is_open());
    tickets.map(|(id, ticket)| (*id, &**ticket)).collect()
}

/// Rows against the domain's fold of whole streams.
fn rows_are_the_domains(firm: &Firm, models: &ReadModels) -> Result<(), TestCaseError> {
    let now = firm.now();
    for (id, ticket) in &firm.state.tickets {
        let row = models.open_ticket(*id, now).value;
        prop_assert_eq!(row.is_some(), ticket.is_open(), "{}", id);
        let Some(row) = row else { continue };
        prop_assert_eq!(row.number, ticket.number);
        prop_assert_eq!(row.phase, ticket.phase.name());
        prop_assert_eq!(Some(row.due), ticket.due());
        prop_assert_eq!(row.created_at, ticket.created_at);
        prop_assert_eq!(
            (row.customer, row.outlet, row.area, row.device),
            (ticket.customer, ticket.outlet, ticket.area, ticket.device)
        );
        prop_assert_eq!((row.priority, row.urgent), (ticket.priority, ticket.urgent));
        prop_assert_eq!(
            (row.level, row.reopened, row.urges, row.assignments, row.imported),
            (ticket.level, ticket.reopened, ticket.urges, ticket.assignments, ticket.imported)
        );
        prop_assert_eq!(row.helpers, ticket.helpers.len());
        let queue = ticket.queue().map(|queue| (queue.role, queue.person, queue.reason));
        prop_assert_eq!(row.queue.map(|place| (place.role, place.person, place.reason)), queue);
        if let Some(assignment) = ticket.assignment() {
            prop_assert_eq!(row.engineer, Some(assignment.engineer));
        }
        match &ticket.phase {
            Phase::Offered { offer } => prop_assert_eq!(row.offered_to, offer.engineers.len()),
            Phase::Working(Work { hold, transfer, stage, .. }) => {
                prop_assert_eq!(
                    row.hold.map(|hold| (hold.reason, hold.until)),
                    hold.map(|hold| (hold.reason, hold.until))
                );
                prop_assert_eq!(row.transfer_to, transfer.map(|transfer| transfer.to));
                prop_assert_eq!(row.stage, Some(*stage));
                prop_assert!(row.accepted_at.is_some());
            }
            Phase::Resolved { resolution, .. } => {
                prop_assert_eq!(row.resolved_at, Some(resolution.at));
            }
            _ => {}
        }
    }
    prop_assert!(models.open_tickets().read(|model| model.indexes_agree()).value);
    Ok(())
}

fn loads_are_the_domains(firm: &Firm, models: &ReadModels) -> Result<(), TestCaseError> {
    let now = firm.now();
    let filter = EngineerFilter { retired: true, ..EngineerFilter::default() };
    let rows = models.engineers_load(&filter, now).value;
    prop_assert_eq!(rows.len(), firm.state.engineers.len());
    for row in rows {
        let engineer = &firm.state.engineers[&row.id];
        prop_assert_eq!(row.load.taken, engineer.places.len());
        prop_assert_eq!(row.load.free, engineer.free_places());
        prop_assert_eq!(row.unavailable, engineer.unavailable(now));
        prop_assert_eq!(row.frozen, engineer.freeze_at(now));
        prop_assert_eq!(
            (row.on_duty, row.online, row.on_leave),
            (engineer.on_duty, engineer.online, engineer.is_on_leave(now))
        );
        let works = firm.state.tickets.values().filter_map(|ticket| match &ticket.phase {
            Phase::Working(work) if work.assignment.engineer == row.id => Some(work.hold),
            _ => None,
        });
        let (on_hold, going_on): (Vec<_>, Vec<_>) = works.partition(Option::is_some);
        prop_assert_eq!(row.load.accepted, going_on.len());
        prop_assert_eq!(row.load.on_hold, on_hold.len());
    }
    Ok(())
}

/// What tickets name, how each attachment stands, counts and pages.
fn attachments_are_the_domains(firm: &Firm, models: &ReadModels) -> Result<(), TestCaseError> {
    for (id, ticket) in &firm.state.tickets {
        let rows = models.attachments_of(*id).value;
        let named: Vec<_> =
            rows.iter().map(|row| (row.attachment.hash, row.removed_in.contains(id))).collect();
        let held: Vec<_> = ticket.attachments.iter().map(|it| (it.hash, it.removed)).collect();
        prop_assert_eq!(named, held, "{}", id);
        for row in rows {
            prop_assert!(row.links.iter().any(|link| link.ticket == *id));
        }
    }
    let mut all: Vec<AttachmentRow> = Vec::new();
    loop {
        let page = models.attachments_after(all.last().map(|row| row.attachment.hash), 2).value;
        prop_assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    let known = firm.state.attachments.values();
    prop_assert_eq!(all.len(), known.len());
    for (row, known) in all.iter().zip(known) {
        prop_assert_eq!(&row.attachment, &known.reference);
        prop_assert_eq!(&row.quarantined, &known.quarantined);
        prop_assert_eq!(row.erased_at.is_some(), known.erased);
        prop_assert!(row.links.is_sorted_by_key(|link| link.position));
        prop_assert_eq!(models.attachment(row.attachment.hash).value, Some(row.clone()));
    }
    let count = |keep: fn(&AttachmentRow) -> bool| all.iter().filter(|row| keep(row)).count();
    let removed =
        |row: &AttachmentRow| row.links.iter().all(|link| row.removed_in.contains(&link.ticket));
    let counts = models.attachment_counts().value;
    let counted = [counts.named, counts.removed, counts.quarantined, counts.erased];
    let naive = [
        all.len(),
        count(removed),
        count(|row| row.quarantined.is_some()),
        count(|row| row.erased_at.is_some()),
    ];
    prop_assert_eq!(counted, naive.map(|count| count as u64));
    Ok(())
}

fn pages(models: &ReadModels, request: &PageRequest) -> Vec<TicketRow> {
    let mut request = request.clone();
    let mut rows = Vec::new();
    loop {
        let page = models.tickets(&request).expect("its own cursor").value;
        assert!(page.tickets.len() <= request.limit);
        rows.extend(page.tickets);
        match page.next {
            Some(next) => request.after = Some(next),
            None => return rows,
        }
    }
}

/// Which rows a filter is to keep.
type Keep = fn(&TicketRow) -> bool;

/// Lists, counts and the backlog's top against a naive computation over all rows.
fn queries_are_naive_ones(firm: &Firm, models: &ReadModels) -> Result<(), TestCaseError> {
    let now = firm.now();
    let all: Vec<TicketRow> =
        open(firm).keys().filter_map(|id| models.open_ticket(*id, now).value).collect();

    let counts = models.ticket_counts(now).value;
    let count = |keep: fn(&TicketRow) -> bool| all.iter().filter(|row| keep(row)).count() as u64;
    prop_assert_eq!(counts.open, all.len() as u64);
    prop_assert_eq!(counts.red, count(|row| row.red));
    prop_assert_eq!(counts.flashing, count(|row| row.flashing));
    prop_assert_eq!(counts.overdue, count(|row| row.overdue));
    prop_assert_eq!(counts.phases.iter().map(|phase| phase.tickets).sum::<u64>(), counts.open);

    let mut backlog = all.clone();
    backlog.retain(|row| row.resolved_at.is_none() && row.duplicate_of.is_none());
    backlog.sort_by_key(|row| {
        (!row.overdue, !row.urgent, Reverse(row.priority), row.created_at, row.number)
    });
    backlog.truncate(3);
    prop_assert_eq!(models.top_backlog(3, now).value, backlog);

    let queued: u64 = models.queues(10, now).value.iter().map(|queue| queue.total).sum();
    let in_queues = |row: &&TicketRow| {
        row.queue.is_some() || row.agent.is_some() || row.phase.as_str() == "imported"
    };
    prop_assert_eq!(queued, all.iter().filter(in_queues).count() as u64);

    let mut waiting = all.clone();
    waiting.retain(|row| {
        !matches!(row.phase.as_str(), "working" | "on_hold" | "resolved" | "duplicate")
    });
    waiting.sort_by_key(|row| (row.due, row.number));
    let total = waiting.len() as u64;
    waiting.truncate(3);
    prop_assert_eq!(models.waiting(3, now).value, WaitingView { total, tickets: waiting });

    let none = TicketFilter::default();
    let filters: [(TicketFilter, Keep); 7] = [
        (none.clone(), |_| true),
        (TicketFilter { outlet: Some(OUTLETS[0]), ..none.clone() }, |row| {
            row.outlet == Some(OUTLETS[0])
        }),
        (TicketFilter { urgent: Some(true), ..none.clone() }, |row| row.urgent),
        (
            TicketFilter {
                phases: vec![domain::ticket::PhaseName::Waiting, domain::ticket::PhaseName::Queued],
                ..none.clone()
            },
            |row| matches!(row.phase.as_str(), "waiting" | "queued"),
        ),
        (TicketFilter { attention: Some(Attention::Red), ..none.clone() }, |row| row.red),
        (TicketFilter { attention: Some(Attention::Overdue), ..none.clone() }, |row| row.overdue),
        (TicketFilter { queue: Some(QueueName::Supervisor), ..none.clone() }, |row| {
            row.queue.is_some_and(|place| place.role == domain::ticket::QueueRole::Supervisor)
        }),
    ];
    for (filter, keep) in filters {
        for sort in [Sort::Oldest, Sort::Newest, Sort::Due] {
            let request = PageRequest { filter: filter.clone(), sort, after: None, limit: 2, now };
            let mut wanted: Vec<TicketRow> = all.iter().filter(|row| keep(row)).cloned().collect();
            match sort {
                Sort::Oldest => wanted.sort_by_key(|row| (row.created_at, row.number)),
                Sort::Newest => wanted.sort_by_key(|row| Reverse((row.created_at, row.number))),
                Sort::Due => wanted.sort_by_key(|row| (row.due, row.number)),
            }
            prop_assert_eq!(pages(models, &request), wanted, "{:?} {:?}", sort, filter);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn live_models_equal_their_rebuilds_and_the_domains_folds(script in moves(10..160)) {
        let mut firm = Firm::new();
        let projector = Projector::start(firm.shared(), ProjectorOptions::default())
            .expect("it starts");
        for choice in script {
            firm.play(choice);
        }
        settle(&projector, firm.head());
        let models = Arc::clone(projector.models());
        all_equal_rebuilds(&models, firm.log.as_ref())?;
        rows_are_the_domains(&firm, &models)?;
        loads_are_the_domains(&firm, &models)?;
        attachments_are_the_domains(&firm, &models)?;
        queries_are_naive_ones(&firm, &models)?;
        prop_assert!(projector.status().projections.iter().all(|status| status.fault.is_none()));
        projector.stop().expect("a clean end");
    }

    #[test]
    fn models_from_snapshots_equal_their_rebuilds_too(
        script in moves(10..120),
        stops in prop::collection::vec(any::<prop::sample::Index>(), 1..5),
    ) {
        let directory = tempfile::tempdir().expect("a directory");
        let options = || ProjectorOptions {
            snapshots: Some(SnapshotOptions {
                every_events: 7,
                ..SnapshotOptions::new(directory.path())
            }),
            ..ProjectorOptions::default()
        };
        let mut firm = Firm::new();
        let mut projector = Projector::start(firm.shared(), options()).expect("it starts");
        let stops: Vec<usize> = stops.iter().map(|stop| stop.index(script.len())).collect();
        for (place, choice) in script.into_iter().enumerate() {
            firm.play(choice);
            if stops.contains(&place) {
                // Wherever the runner is just now.
                projector.stop().expect("a clean end");
                projector = Projector::start(firm.shared(), options()).expect("it starts");
            }
        }
        settle(&projector, firm.head());
        all_equal_rebuilds(projector.models(), firm.log.as_ref())?;
        rows_are_the_domains(&firm, projector.models())?;
        loads_are_the_domains(&firm, projector.models())?;
        attachments_are_the_domains(&firm, projector.models())?;
        projector.stop().expect("a clean end");
        let mut entries = std::fs::read_dir(directory.path()).expect("it is there");
        prop_assert!(entries.all(|entry| {
            let name = entry.expect("an entry").file_name();
            name.to_string_lossy().ends_with(".snapshot")
        }), "nothing was set aside or left half written");
    }
}

#[test]
fn a_row_that_only_one_has_is_told_with_its_fields() {
    let mut firm = Firm::new();
    let projector =
        Projector::start(firm.shared(), ProjectorOptions::default()).expect("it starts");
    firm.step(crate::firm::ticket_id(0), domain::ticket::Create::default());
    settle(&projector, firm.head());
    // Of another log, whose ticket has another number.
    let mut other = Firm::new();
    other.publish(|rules| rules.zone = "UTC".into());
    other.step(crate::firm::ticket_id(0), domain::ticket::Create::default());
    let until = GlobalPosition::new(other.head().get() - 1);
    let live = projector.models().open_tickets();
    let mut rebuilt =
        rebuild(other.log.as_ref(), Recount::AsRecorded, until, &mut |_| {}).expect("it folds");
    let detail = Detail { explain: false, ..Detail::default() };
    let found = compare::<projector::open_tickets::OpenTickets>(
        live,
        &mut rebuilt,
        firm.log.as_ref(),
        detail,
    );
    let found = found.expect("both can be dumped");
    assert!(!found.equal);
    let [row] = found.rows.as_slice() else { panic!("{:?}", found.rows) };
    assert_eq!((row.table.as_str(), row.change), ("tickets", RowChange::Removed));
    assert!(row.key["number"].is_string() || row.key["number"].is_number());
    assert!(row.fields.iter().all(|field| field.live.is_some() && field.rebuilt.is_none()));
    projector.stop().expect("a clean end");
}

#[test]
fn a_time_before_all_and_after_all_is_answered() {
    let firm = Firm::new();
    let projector =
        Projector::start(firm.shared(), ProjectorOptions::default()).expect("it starts");
    for now in [Timestamp::MIN, Timestamp::MAX] {
        assert_eq!(projector.models().ticket_counts(now).value.red, 0);
        assert!(projector.models().top_backlog(10, now).value.is_empty());
    }
    projector.stop().expect("a clean end");
}

#[test]
fn generated_histories_reach_the_ends_of_a_tickets_life() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..40 {
        let script = moves(150..160).new_tree(&mut runner).expect("a script").current();
        let mut firm = Firm::new();
        for choice in script {
            firm.play(choice);
        }
        let events = firm.log.read(GlobalPosition::ZERO, usize::MAX).expect("readable");
        seen.extend(events.iter().map(|event| event.event.name()));
    }
    let missing: Vec<_> = [
        "Claimed",
        "ClaimEnded",
        "OfferDeclined",
        "OfferExpired",
        "OfferWithdrawn",
        "Returned",
        "TimedOut",
        "Transferred",
        "TransferEnded",
        "Arrived",
        "Resumed",
        "AppointmentMissed",
        "HelperRemoved",
        "Reminded",
        "Rejected",
        "AnswerRetracted",
        "AnswerFlagged",
        "AnswerContradicted",
        "Escalated",
        "DispatchDeferred",
        "Queued",
        "OwnerAsked",
        "SilenceReported",
        "Merged",
        "Linked",
        "Unlinked",
        "Cancelled",
        "Closed",
        "ClosedBySilence",
        "Reopened",
        "Imported",
        "Frozen",
        "RuleSetPublished",
        "AttachmentLinked",
        "AttachmentQuarantined",
        "AttachmentReleased",
        "AttachmentErased",
        "AttachmentOpened",
        "AttachmentRemoved",
    ]
    .into_iter()
    .filter(|name| !seen.contains(name))
    .collect();
    assert!(missing.is_empty(), "never happened: {missing:?}; happened: {seen:?}");
}

//! What the process tells of itself in numbers (`GET /metrics`). All names stand in
//! `docs/observability.md`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use domain::{GlobalPosition, Timestamp};
use engine::DiskRoom;
use eventlog::{DiskBytes, LogNumbers};
use measures::{Kind, Text};

use crate::Gateway;
use crate::ports::{DispatcherState, DispatcherStatus};
use crate::problem::Problem;
use crate::status::role;

/// `GET /metrics`.
pub(crate) async fn text(State(gateway): State<Arc<Gateway>>) -> Result<Response, Problem> {
    let asked = Arc::clone(&gateway);
    // Disk and read models may let it wait.
    let text = gateway.on_own_thread(move || write(&asked)).await?;
    Ok(([(CONTENT_TYPE, Text::MEDIA_TYPE)], text).into_response())
}

fn write(gateway: &Gateway) -> String {
    let mut out = Text::default();
    let now = gateway.ports().clock.now();
    process(gateway.started_at, &mut out);
    log(gateway, &mut out);
    projections(gateway, &mut out);
    tickets(gateway, now, &mut out);
    audits(gateway, now, &mut out);
    ticket_audit(gateway, now, &mut out);
    let head = gateway.ports().log.head().position;
    dispatcher(gateway.ports().parts.dispatcher(), Some(head), now, &mut out);
    dispatchers(gateway, head, &mut out);
    relay(gateway, &mut out);
    people(gateway, &mut out);
    attachments(gateway, &mut out);
    gateway.requests.write(&mut out);
    out.finish()
}

/// Which release it is, and since when it serves.
pub(crate) fn process(started_at: Timestamp, out: &mut Text) {
    out.family("paidan_build_info", Kind::Gauge, "1, with the version that runs.")
        .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    let started = started_at.as_micros() as f64 / 1e6;
    let help = "When the process began to serve, in seconds since 1970.";
    out.gauge("paidan_start_time_seconds", help, started);
}

fn log(gateway: &Gateway, out: &mut Text) {
    let ports = gateway.ports();
    let identity = ports.log.identity();
    let (id, epoch) = (identity.log_id.to_string(), identity.epoch.to_string());
    out.family("paidan_log_info", Kind::Gauge, "1, with which log it is.")
        .sample(&[("log_id", &id), ("epoch", &epoch)], 1);
    let position = ports.log.head().position;
    out.gauge("paidan_log_position", "The last durable event.", position);
    let behind = ports.log.head().recorded_at.since(ports.clock.now()).as_secs_f64();
    let help = "How far the clock is behind the last event; nothing becomes due meanwhile.";
    out.gauge("paidan_clock_behind_seconds", help, behind);
    if let Some(numbers) = ports.parts.log_numbers() {
        log_numbers(&numbers, out);
    }
    if let Some(DiskBytes { free, size, log }) = ports.parts.disk_bytes() {
        out.gauge("paidan_disk_free_bytes", "Free on the disk that holds the log.", free);
        out.gauge("paidan_disk_size_bytes", "The disk that holds the log.", size);
        out.gauge("paidan_log_size_bytes", "The log's own files.", log);
    }
    let room = ports.engine.disk_room();
    let help = "1 while the disk has too little room for new reports.";
    out.gauge("paidan_disk_refuses_reports", help, u8::from(room != DiskRoom::Enough));
    let help = "1 while the disk has too little room for anything.";
    out.gauge("paidan_disk_refuses_all", help, u8::from(room == DiskRoom::None));
}

fn log_numbers(numbers: &LogNumbers, out: &mut Text) {
    let LogNumbers { appends, events, syncs, groups, waits, queued, queued_max, poisoned } =
        numbers;
    out.counter("paidan_log_appends_total", "Appends that became durable.", appends);
    out.counter("paidan_log_events_total", "Events that became durable.", events);
    let help = "How long it took to make a group of appends durable.";
    out.histogram("paidan_log_sync_duration_seconds", help, syncs);
    let help = "How many appends were made durable together.";
    out.histogram("paidan_log_group_appends", help, groups);
    let help = "How long appends waited from being taken to being durable.";
    out.histogram("paidan_log_append_wait_seconds", help, waits);
    out.gauge("paidan_log_queue_appends", "Appends that wait to become durable.", queued);
    let help = "So many appends may wait; then commands are refused.";
    out.gauge("paidan_log_queue_appends_max", help, queued_max);
    let help = "1 once a sync failed: nothing is recorded until a restart.";
    out.gauge("paidan_log_poisoned", help, u8::from(*poisoned));
}

fn projections(gateway: &Gateway, out: &mut Text) {
    let head = gateway.ports().log.head().position.get();
    let models = gateway.model_progress();
    let mut family = |name, help, value: &dyn Fn(usize) -> u64| {
        let mut family = out.family(name, Kind::Gauge, help);
        for (place, (model, ..)) in models.iter().enumerate() {
            family.sample(&[("projection", model.as_str())], value(place));
        }
    };
    let position = |place: usize| models[place].1.position.get();
    family("paidan_projection_position", "The last event that a read model holds.", &position);
    family("paidan_projection_lag_events", "How many events a read model is behind.", &|place| {
        head.saturating_sub(position(place))
    });
    family("paidan_projection_stopped", "1 once a read model stopped at an event.", &|place| {
        u64::from(models[place].1.fault.is_some())
    });
    let help = "Where the newest snapshot is, from which a start would go on; 0: none.";
    family("paidan_projection_snapshot_position", help, &|place| models[place].2.get());
}

fn tickets(gateway: &Gateway, now: Timestamp, out: &mut Text) {
    let counts = gateway.ports().read_models.ticket_counts(now).value;
    out.gauge("paidan_tickets_open", "Open tickets.", counts.open);
    out.gauge("paidan_tickets_overdue", "Open tickets past their due time.", counts.overdue);
    out.gauge("paidan_tickets_red", "Open tickets that nobody accepted in time.", counts.red);
    let help = "Open tickets that were not done in time.";
    out.gauge("paidan_tickets_flashing", help, counts.flashing);
}

fn audits(gateway: &Gateway, now: Timestamp, out: &mut Text) {
    let last = crate::audits::last(gateway.ports().log.as_ref());
    let lost = last.as_ref().map_or(0, |(_, audited)| audited.missing + audited.damaged);
    let help = "Attachments that the last recorded audit found missing or damaged.";
    out.gauge("paidan_attachments_lost", help, lost);
    let since = last.map_or(gateway.started_at, |(at, _)| at);
    let help = "How old the last recorded audit is; counted from the start where there is none.";
    out.gauge("paidan_attachments_audit_age_seconds", help, now.since(since).as_secs_f64());
}

/// A dispatcher; its lag where it is known how far events go.
pub(crate) fn dispatcher(
    status: DispatcherStatus,
    head: Option<GlobalPosition>,
    now: Timestamp,
    out: &mut Text,
) {
    let DispatcherStatus { state, position, numbers } = status;
    let states = [
        ("running", state == DispatcherState::Running),
        ("starting", state == DispatcherState::Starting),
        ("elsewhere", state == DispatcherState::Elsewhere),
        ("stopped", matches!(state, DispatcherState::Stopped(_))),
    ];
    let mut family =
        out.family("paidan_dispatcher_state", Kind::Gauge, "1 for how the dispatcher is.");
    for (state, is) in states {
        family.sample(&[("state", state)], u8::from(is));
    }
    if state == DispatcherState::Elsewhere {
        return;
    }
    out.gauge("paidan_dispatcher_position", "The last event that it has seen.", position);
    if let Some(head) = head {
        let lag = head.get().saturating_sub(position.get());
        out.gauge("paidan_dispatcher_lag_events", "How many events it is behind.", lag);
    }
    let help = "Open tickets that it knows.";
    out.gauge("paidan_dispatcher_open_tickets", help, numbers.open_tickets);
    out.gauge("paidan_dispatcher_timers", "Timers that run.", numbers.timers);
    let late = numbers.next_due.filter(|due| *due <= now);
    // What it counted may be older than this moment.
    let due = numbers.timers_due.max(u64::from(late.is_some()));
    let help = "Timers that are due, with nothing done yet; counted up to 1000.";
    out.gauge("paidan_dispatcher_timers_due", help, due);
    let seconds = late.map_or(0.0, |due| now.since(due).as_secs_f64());
    let help = "How long the oldest timer is past its time; 0 where none is due.";
    out.gauge("paidan_dispatcher_oldest_due_seconds", help, seconds);
    out.gauge("paidan_dispatcher_in_flight", "Commands without an answer.", numbers.in_flight);
    let help = "Assignments of tickets that had been assigned before: further rounds.";
    out.counter("paidan_dispatcher_redispatches_total", help, numbers.redispatches);
    let help = "Its commands, by what they ask for and how they ended.";
    let mut family = out.family("paidan_dispatcher_actions_total", Kind::Counter, help);
    for ended in &numbers.actions {
        let labels = [("action", ended.action.as_str()), ("outcome", ended.outcome)];
        family.sample(&labels, ended.count);
    }
}

fn ticket_audit(gateway: &Gateway, now: Timestamp, out: &mut Text) {
    let audited = gateway.ports().parts.ticket_audit();
    let found = audited.as_ref().map(|audited| audited.found).unwrap_or_default();
    let help = "Open tickets without a next step, or with one that nobody takes.";
    let mut family = out.family("paidan_tickets_neglected", Kind::Gauge, help);
    for (problem, count) in [
        ("no_due_time", found.no_due_time),
        ("overdue", found.overdue),
        ("unanswered", found.unanswered),
    ] {
        family.sample(&[("problem", problem)], count);
    }
    let since = audited.map_or(gateway.started_at, |audited| audited.at);
    let help =
        "How long ago all open tickets were looked through; counted from the start at first.";
    out.gauge("paidan_tickets_audit_age_seconds", help, now.since(since).as_secs_f64());
}

fn dispatchers(gateway: &Gateway, head: GlobalPosition, out: &mut Text) {
    let Some(heard) = gateway.ports().parts.dispatchers() else { return };
    let heard = heard.all;
    let help = "Dispatchers that were heard of in the last seconds.";
    let mut family = out.family("paidan_dispatchers", Kind::Gauge, help);
    for leads in [true, false] {
        let count = heard.iter().filter(|one| one.leads == leads).count();
        family.sample(&[("role", role(leads))], count);
    }
    // While the lead changes hands two may say that they have it.
    let leader = heard.iter().filter(|one| one.leads).map(|one| one.position).max();
    if let Some(position) = leader {
        let lag = head.get().saturating_sub(position.get());
        let help = "How many events of the log the leading dispatcher does not know yet.";
        out.gauge("paidan_dispatchers_leader_lag_events", help, lag);
    }
}

fn relay(gateway: &Gateway, out: &mut Text) {
    let Some(relay) = gateway.ports().parts.relay() else { return };
    let head = gateway.ports().log.head().position.get();
    let help = "The last event that the NATS stream is known to hold.";
    out.gauge("paidan_relay_position", help, relay.position);
    let lag = head.saturating_sub(relay.position.get());
    out.gauge("paidan_relay_lag_events", "Events that the NATS stream does not have yet.", lag);
    let help = "1 while the NATS server takes events.";
    out.gauge("paidan_relay_connected", help, u8::from(relay.connected));
    let help = "How often publishing to NATS was interrupted.";
    out.counter("paidan_relay_interruptions_total", help, relay.interruptions);
    let help = "How often the NATS stream was made anew from the log.";
    out.counter("paidan_relay_streams_made_total", help, relay.made_anew);
}

fn people(gateway: &Gateway, out: &mut Text) {
    let leases = gateway.presence.leases();
    out.gauge("paidan_presence_leases", "Engineers who are online.", leases);
    let streams_max = gateway.config().streams_max;
    let streams = streams_max - gateway.streams.available_permits();
    out.gauge("paidan_http_streams", "Clients that follow the stream.", streams);
    out.gauge("paidan_http_streams_max", "So many clients may follow it.", streams_max);
}

fn attachments(gateway: &Gateway, out: &mut Text) {
    /// More than that are told as that: the models are looked through for it.
    const SCANS_MAX: usize = 10_000;
    let counts = gateway.ports().read_models.attachments().read(|rows| rows.counts()).value;
    out.gauge("paidan_attachments_named", "Attachments that events name.", counts.named);
    let help = "Attachments in quarantine.";
    out.gauge("paidan_attachments_quarantined", help, counts.quarantined);
    let waiting = gateway.scans_waiting(SCANS_MAX);
    let help = "Attachments that wait for the scanner; counted up to 10000.";
    out.gauge("paidan_attachments_scans_waiting", help, waiting);
    let help = "Readers of attachments whose opening is not recorded yet.";
    out.gauge("paidan_attachments_reads_waiting", help, gateway.reads.waiting());
    if let Some(ports) = &gateway.ports().attachments {
        out.gauge("paidan_uploads_open", "Unfinished uploads.", ports.uploads.open_count());
    }
    let (uploads, bytes) = gateway.uploaded.counts();
    let help = "Files whose bytes came into the store.";
    out.counter("paidan_uploads_finished_total", help, uploads);
    let help = "Bytes of these files.";
    out.counter("paidan_uploads_finished_bytes_total", help, bytes);
}

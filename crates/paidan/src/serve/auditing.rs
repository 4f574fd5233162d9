//! The daily audit: everything that the log names is looked for, and the result is an event.
//!
//! It runs at three in the night of the firm's zone, and a minute after the start where the last one
//! is older than a day. Its command is named by the day, so that a day has one result, whatever
//! restarts. A firm without attachments has nothing to be looked for.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use attachments::Store;
use audit::{Options, Report, Sink, Sources};
use domain::{Actor, Command, CommandId, Issuer, Party, Timestamp, Zone};
use engine::{Engine, Submission};
use eventlog::{Clock, EventLog};
use tokio::runtime::Handle;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// After the start, or after an audit that failed.
const SOON: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_secs(60 * 60);

/// When a night's audit begins, after midnight.
const NIGHT: Duration = Duration::from_secs(3 * 60 * 60);

/// What an audit needs.
pub(super) struct Auditing {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) engine: Arc<Engine>,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
}

/// Breaks an audit off when the server stops.
struct UntilStopped(Arc<AtomicBool>);

impl Sink for UntilStopped {
    fn progress(&mut self, _done: u64, _total: u64) -> ControlFlow<()> {
        if self.0.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// Audits once a day until `stopped` is ready.
pub(super) async fn audit_daily(auditing: Auditing, stopped: impl Future<Output = ()>) {
    let auditing = Arc::new(auditing);
    let stop = Arc::new(AtomicBool::new(false));
    let mut stopped = std::pin::pin!(stopped);
    let mut next = first(&auditing);
    loop {
        let work = async {
            auditing.clock.wait_until(next).await;
            let (work, stop) = (Arc::clone(&auditing), Arc::clone(&stop));
            tokio::task::spawn_blocking(move || once(&work, &Handle::current(), stop)).await
        };
        tokio::select! {
            () = &mut stopped => {
                stop.store(true, Ordering::Relaxed);
                return;
            }
            done = work => next = match done {
                Ok(Ok(())) => night_after(&zone(&auditing.engine), auditing.clock.now()),
                Ok(Err(error)) => {
                    tracing::error!(
                        error = error.as_ref() as &dyn std::error::Error,
                        "attachments could not be audited; it is tried again in an hour"
                    );
                    auditing.clock.now().plus(AGAIN)
                }
                Err(error) => {
                    tracing::error!(%error, "the audit of attachments ended with a panic");
                    auditing.clock.now().plus(AGAIN)
                }
            },
        }
    }
}

/// When the first audit of this run is.
fn first(auditing: &Auditing) -> Timestamp {
    let now = auditing.clock.now();
    let last = audit::last(auditing.log.as_ref()).ok().flatten();
    match last {
        Some((at, _)) if now.since(at) >= DAY => now.plus(SOON),
        _ => night_after(&zone(&auditing.engine), now),
    }
}

fn zone(engine: &Engine) -> Zone {
    let zone = engine.look(|aggregates| aggregates.rules().rules.zone.clone());
    zone.map_or_else(|_| Zone::or_utc("UTC"), |zone| Zone::or_utc(&zone))
}

/// Three in the night that comes next.
fn night_after(zone: &Zone, now: Timestamp) -> Timestamp {
    let (hour, minute, second) = zone.time_of_day(now);
    let since_midnight =
        Duration::from_secs(u64::from(hour) * 3_600 + u64::from(minute) * 60 + u64::from(second));
    let at = now.minus(since_midnight).plus(NIGHT);
    if at > now { at } else { at.plus(DAY) }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

fn once(auditing: &Auditing, runtime: &Handle, stop: Arc<AtomicBool>) -> Result<(), Failed> {
    let Auditing { log, engine, store, clock } = auditing;
    let sources = Sources { log: log.as_ref(), store, runtime, clock: clock.as_ref() };
    let report = match audit::audit(sources, &Options::default(), &mut UntilStopped(stop)) {
        Err(audit::Error::BrokenOff) => return Ok(()),
        report => report?,
    };
    tell(&report);
    let Some(audited) = report.recorded().filter(|_| report.totals.named > 0) else {
        return Ok(());
    };
    let day = zone(engine).civil_date(clock.now());
    let id = CommandId { issuer: Issuer::Gateway, key: format!("audit/attachments/{day}") };
    let command = Command::RecordAudit(audited);
    let submission = Submission::live(id, command, Actor::system(Party::Gateway));
    match engine.begin(submission).and_then(engine::Pending::wait) {
        // The day has a result already.
        Ok(_) | Err(engine::Error::IdReused { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn tell(report: &Report) {
    let totals = &report.totals;
    if report.is_whole() {
        tracing::info!(named = totals.named, "the audit found every attachment");
    } else {
        tracing::error!(
            missing = totals.missing,
            damaged = totals.damaged,
            "attachments are lost; `paidan audit attachments` names them"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::time::Duration as Span;

    use domain::attachment::{
        Claims, MediaFacts, NewAttachment, Standing, UploadFacts, UploadVia, Vouched,
    };
    use domain::ticket::Create;
    use domain::{ContentHash, GlobalPosition, StreamId, TicketId};
    use eventlog::{ManualClock, MemoryLog};
    use tokio::sync::oneshot;

    /// Bounds a wait that a mistake would make endless.
    const AT_MOST: Span = Span::from_secs(30);

    fn report_with_attachment() -> Submission {
        let upload = UploadFacts {
            by: Party::Anonymous,
            via: UploadVia::Put,
            begun_at: Timestamp::from_seconds(1),
            finished_at: Timestamp::from_seconds(2),
        };
        let attachment = NewAttachment {
            hash: ContentHash([7; 32]),
            bytes: 3,
            media_type: "image/jpeg".into(),
            name: String::new(),
            vouched: Some(Vouched {
                upload,
                media: MediaFacts::default(),
                claims: Claims::default(),
                standing: Standing::Clear,
            }),
        };
        let create = Create { attachments: vec![attachment], ..Create::default() };
        let command = Command::Ticket(TicketId::from_u128(1), create.into());
        let id = CommandId { issuer: Issuer::Client("test".into()), key: "1".into() };
        Submission::live(id, command, Actor::claimed(Party::Anonymous))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn each_night_has_one_result_and_a_loss_is_in_it() {
        let clock = ManualClock::new("2026-03-02T01:00:00Z".parse().expect("a moment"));
        let log: Arc<MemoryLog> =
            Arc::new(MemoryLog::new(Arc::new(clock.clone())).expect("a log in memory"));
        let engine = Engine::new(log.clone(), Arc::new(clock.clone()), Default::default());
        engine.submit(report_with_attachment()).await.expect("recorded");
        let dir = tempfile::tempdir().expect("a directory");
        let auditing = Auditing {
            log: log.clone(),
            engine: Arc::new(engine),
            store: Store::local(dir.path()).await.expect("opens"),
            clock: Arc::new(clock.clone()),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let daily = tokio::spawn(audit_daily(auditing, async { drop(stopped.await) }));
        let mut durable = log.watch();
        for night in 1..=2 {
            let before: GlobalPosition = *durable.borrow_and_update();
            let waits = async {
                while clock.waiters() == 0 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(AT_MOST, waits).await.expect("it waits for the night");
            clock.advance(DAY);
            let recorded = durable.wait_for(|position| *position > before);
            tokio::time::timeout(AT_MOST, recorded).await.expect("in time").expect("the log");
            assert_eq!(log.stream_version(StreamId::AUDIT).expect("a version").get(), night);
        }
        let (_, last) = audit::last(log.as_ref()).expect("reads").expect("there is one");
        assert_eq!((last.named, last.missing), (1, 1));
        stop.send(()).expect("it runs");
        tokio::time::timeout(AT_MOST, daily).await.expect("it stops").expect("no panic");
    }

    #[test]
    fn the_next_night_is_ahead_whatever_the_hour() {
        let zone = Zone::or_utc("Asia/Shanghai");
        let night = |now: &str| night_after(&zone, now.parse().expect("a moment")).to_string();
        assert_eq!(night("2026-03-02T01:00:00+08:00"), "2026-03-01T19:00:00Z");
        assert_eq!(night("2026-03-02T09:00:00+08:00"), "2026-03-02T19:00:00Z");
        assert_eq!(night("2026-03-02T03:00:00+08:00"), "2026-03-02T19:00:00Z");
    }
}

//! `paidan dispatcher`.

use std::convert::Infallible;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dispatcher::{Dispatcher, DriveError, Options, Role, Status, drive};
use domain::Timestamp;
use eventlog::{Clock, SystemClock};
use gateway::{Follower, FollowerStatus, FollowerWords, serve_follower};
use relay::{
    Heartbeat, HeartbeatRole, LeaseOptions, Line, Names, RemoteCommands, StreamHead, WordedFeed,
    Wording, WordsStatus, keep_lease, send_heartbeats, watch_head,
};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::CliError;
use super::serve::{ServeFailed, told_to_stop};
use crate::config::Config;
use crate::logging;
use crate::serve::{ClockWait, dispatcher_numbers, listen, told};

/// After it could not go on, the first pause; it doubles …
const RETRY_FIRST: Duration = Duration::from_millis(200);
/// … up to this.
const RETRY_MAX: Duration = Duration::from_secs(10);

/// Dispatches until it is told to stop, and tells at `address` how it is. Whatever breaks, a fresh
/// core reads everything again.
pub(super) fn run(
    config: &Config,
    address: Option<SocketAddr>,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let _logging = logging::begin(&config.log, "info").map_err(ServeFailed::from)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(ServeFailed::Machine)?;
    runtime.block_on(follow(config, address, out))
}

async fn follow(
    config: &Config,
    address: Option<SocketAddr>,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let told_to_stop = told_to_stop()?;
    let id = id().map_err(ServeFailed::Machine)?;
    let listener = match address {
        Some(address) => Some(listen(address).await.map_err(ServeFailed::from)?),
        None => None,
    };
    let options = config.nats.options(&format!("paidan dispatcher {id}"))?;
    let line = Arc::new(Line::default());
    let client =
        relay::connect_telling(&options, Arc::clone(&line)).await.map_err(ServeFailed::from)?;
    let mut greeting = format!(
        "Paidan dispatches for the gateway at {}, subjects `{}`; Ctrl-C stops it.\n",
        config.nats.url,
        config.nats.names.events(),
    );
    if let Some((_, address)) = &listener {
        greeting.push_str(&format!("It tells how it is at http://{address}\n"));
    }
    // Nobody may be reading, and still everybody can be dispatched to.
    if let Err(error) = out.write_all(greeting.as_bytes()).and_then(|()| out.flush()) {
        tracing::warn!(%error, "the greeting could not be printed");
    }
    tracing::info!("this is dispatcher {id}");

    let names = config.nats.names.clone();
    let (role, roles) = watch::channel(Role::Standby);
    let (stop, stopped) = watch::channel(false);
    let lease = LeaseOptions { me: id.clone(), lasts: config.nats.lease };
    let head = StreamHead::new(client.clone(), line);
    let following = Arc::new(Following {
        id,
        client: client.clone(),
        names: names.clone(),
        status: Arc::default(),
        words: Arc::default(),
        roles,
        head: Arc::clone(&head),
        begun_anew: AtomicU64::new(0),
        clock: Arc::new(SystemClock),
    });
    let mut beside = JoinSet::new();
    let status = Arc::clone(&following.status);
    let stopping = told(stopped.clone());
    beside.spawn(keep_lease(client, names.clone(), lease, status, role, stopping));
    beside.spawn(watch_head(names.clone(), head, told(stopped.clone())));
    let saying = Arc::clone(&following);
    let beat = move || saying.heartbeat();
    beside.spawn(send_heartbeats(following.client.clone(), names, beat, told(stopped.clone())));
    if let Some((listener, _)) = listener {
        let serving = serve_follower(listener, Arc::clone(&following) as _, told(stopped));
        beside.spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "it does not tell any more how it is");
            }
        });
    }
    tokio::select! {
        () = told_to_stop => {}
        never = following.dispatch() => match never {},
    }
    // Another one leads at once.
    stop.send_replace(true);
    while let Some(ended) = beside.join_next().await {
        if let Err(error) = ended {
            tracing::warn!(%error, "a part ended with a panic; a lease that is not given back ends by itself");
        }
    }
    Ok(())
}

/// Tells this dispatcher apart from all others.
fn id() -> std::io::Result<String> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(format!("{:08x}", u32::from_be_bytes(bytes)))
}

/// Everything that one reading after the other needs, and what is told of it.
struct Following {
    id: String,
    client: relay::Client,
    names: Names,
    status: Arc<Status>,
    words: Arc<WordsStatus>,
    roles: watch::Receiver<Role>,
    head: Arc<StreamHead>,
    begun_anew: AtomicU64,
    clock: Arc<dyn Clock>,
}

impl Following {
    fn leads(&self) -> bool {
        *self.roles.borrow() == Role::Leader
    }

    fn heartbeat(&self) -> Heartbeat {
        let now = self.status.snapshot();
        Heartbeat {
            id: self.id.clone(),
            role: match self.leads() {
                true => HeartbeatRole::Leader,
                false => HeartbeatRole::Standby,
            },
            caught_up: now.caught_up,
            position: now.position,
            sent_at: self.clock.now(),
        }
    }

    async fn dispatch(&self) -> Infallible {
        let Self { client, names, status, words, roles, clock, .. } = self;
        let commands = RemoteCommands::new(client.clone(), names, roles.clone());
        let mut pause = RETRY_FIRST;
        loop {
            let (clock, words) = (Arc::clone(clock), Arc::clone(words));
            let feed = WordedFeed::new(client.clone(), names.clone(), Arc::clone(&clock), words);
            let ended: Result<(), DriveError> = drive(
                Dispatcher::new(),
                feed,
                &commands,
                &ClockWait(Arc::clone(&clock)),
                status,
                Options::default(),
                std::future::pending(),
            )
            .await;
            if let Err(error) = ended {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the dispatcher begins again with nothing and reads everything anew"
                );
            }
            let was_well = status.snapshot().caught_up;
            status.begin();
            self.begun_anew.fetch_add(1, Ordering::Relaxed);
            pause = if was_well { RETRY_FIRST } else { (pause * 2).min(RETRY_MAX) };
            clock.wait_until(clock.now().plus(pause)).await;
        }
    }
}

impl Follower for Following {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn status(&self) -> FollowerStatus {
        let now = self.status.snapshot();
        FollowerStatus {
            id: self.id.clone(),
            leads: self.leads(),
            caught_up: now.caught_up,
            trouble: self.head.trouble(),
            position: now.position,
            stream_position: self.head.last(),
            behind_for: self.head.behind_for(now.position),
            words: match self.words.get() {
                Wording::Complete => FollowerWords::Complete,
                Wording::Waiting => FollowerWords::Waiting,
                Wording::Missing => FollowerWords::Missing,
            },
            begun_anew: self.begun_anew.load(Ordering::Relaxed),
            numbers: dispatcher_numbers(&self.status, &now),
        }
    }
}

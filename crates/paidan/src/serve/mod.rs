//! `paidan serve`: every role in one process on an embedded log; `paidan gateway`: all but the
//! dispatcher, which follows over NATS.
//!
//! Parts start in the order in which data flows and stop against it: nothing new comes in, what is
//! under way is answered, the read models write their snapshots, the log is closed last.

mod attaching;
mod auditing;
mod dispatching;
mod open_files;
mod relaying;
mod settling;
mod status;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use dispatcher::{Commands, Dispatcher};
use engine::Engine;
use eventlog::{Clock, EventLog, OpenReport, SledLog};
use gateway::{Gateway, Ports};
use projector::{Projector, ProjectorOptions, SnapshotOptions};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{Config, ConfigError, Role};
use crate::control::{self, ControlError, Desk, Listening};
use crate::data_directory::{self, DataDirectoryError};
use attaching::OpenError;
pub(crate) use attaching::store_of;
pub(crate) use dispatching::ClockWait;
pub(crate) use dispatching::audited;
use dispatching::{EngineCommands, LogFeed, OnlyWatches};
pub(crate) use open_files::allow_more as allow_more_files;
use relaying::Relaying;
pub use settling::{Settling, Unsettled};
use status::Parts;
pub(crate) use status::numbers as dispatcher_numbers;
pub(crate) use status::told as told_audit;

/// Why it could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Data(#[from] DataDirectoryError),
    /// The read models could not start.
    #[error("the read models could not start")]
    Projector(#[from] projector::StartError),
    /// The attachments cannot be opened.
    #[error("the store of attachments could not be opened")]
    Attachments(#[from] Box<OpenError>),
    /// The address is taken, or not ours.
    #[error("could not listen on {address}; choose another with --listen")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The control socket could not be made.
    #[error("could not make the control socket {path}")]
    Control {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: ControlError,
    },
    /// NATS cannot be used as configured.
    #[error(transparent)]
    Nats(#[from] Box<relay::ConnectError>),
    /// What is configured cannot be read.
    #[error(transparent)]
    Config(#[from] Box<ConfigError>),
    /// A thread that opens the log ended unexpectedly.
    #[error("the log could not be opened")]
    Opening(#[source] tokio::task::JoinError),
}

/// Why it did not stop cleanly. Nothing that was acknowledged is lost by that.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// A part ended with a panic.
    #[error("a part of the server ended with a panic")]
    Panic(#[from] tokio::task::JoinError),
    /// Serving failed.
    #[error("serving ended with an error")]
    Serve(#[from] io::Error),
    /// The read models did not stop.
    #[error("the read models did not stop cleanly")]
    Projector(#[from] projector::StopError),
    /// The control socket ended with an error.
    #[error("the control socket ended with an error")]
    Control(#[from] ControlError),
}

/// A server that runs.
pub struct Server {
    address: SocketAddr,
    report: OpenReport,
    stop: watch::Sender<bool>,
    http: JoinHandle<io::Result<()>>,
    presence: JoinHandle<()>,
    reads: JoinHandle<()>,
    expiring: JoinHandle<()>,
    scans: JoinHandle<()>,
    gateway: Arc<Gateway>,
    control: JoinHandle<Result<(), ControlError>>,
    dispatcher: JoinHandle<()>,
    relaying: Option<Relaying>,
    auditing: JoinHandle<()>,
    projector: Arc<Projector>,
    log: Arc<SledLog>,
    clock: Arc<dyn Clock>,
    parts: Arc<Parts>,
}

impl Server {
    /// Opens the data directory and starts everything. Answers once requests are taken.
    ///
    /// # Errors
    /// See [`StartError`]; nothing keeps running then.
    pub async fn start(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let (log, report) = open(config, &clock).await?;
        let log = Arc::new(log);
        let shared: Arc<dyn EventLog> = log.clone();
        let (listener, address) = listen(config.listen.get()).await?;

        let snapshots = config.data.join("snapshots");
        let options = ProjectorOptions {
            snapshots: Some(SnapshotOptions::new(&snapshots)),
            clock: Arc::clone(&clock),
            ..ProjectorOptions::default()
        };
        let projector = {
            let log = Arc::clone(&shared);
            let started = tokio::task::spawn_blocking(move || Projector::start(log, options));
            Arc::new(started.await.map_err(StartError::Opening)??)
        };
        let engine =
            Engine::new(Arc::clone(&shared), Arc::clone(&clock), engine::Options::default())
                .keeping(config.disk_reserve, log.clone());
        let engine = Arc::new(engine);
        let attachments = attaching::open(config, &engine).await.map_err(Box::new)?;
        let parts = Parts::new(Arc::clone(&log), config.role);
        let nats = match config.role {
            Role::Everything => None,
            Role::Gateway => {
                let options = config.nats.options("paidan gateway").map_err(Box::new)?;
                let line = Arc::clone(&parts.line);
                Some(relay::connect_telling(&options, line).await.map_err(Box::new)?)
            }
        };
        let (stop, stopped) = watch::channel(false);

        let socket = config.socket();
        let control = Listening::bind(&socket)
            .map_err(|source| StartError::Control { path: socket, source })?;

        let follows = (Arc::clone(&shared), Arc::clone(&clock), Arc::clone(&parts));
        let dispatcher = match config.role {
            Role::Everything => {
                let commands = EngineCommands(Arc::clone(&engine));
                tokio::spawn(dispatch(follows, commands, stopped.clone()))
            }
            // Whoever dispatches elsewhere is watched from here.
            Role::Gateway => tokio::spawn(dispatch(follows, OnlyWatches, stopped.clone())),
        };
        let auditing = auditing::Auditing {
            log: Arc::clone(&shared),
            engine: Arc::clone(&engine),
            store: attachments.store.clone(),
            clock: Arc::clone(&clock),
        };
        let auditing = tokio::spawn(auditing::audit_daily(auditing, told(stopped.clone())));
        let gateway = Gateway::new(
            Ports {
                engine: Arc::clone(&engine),
                log: Arc::clone(&shared),
                clock: Arc::clone(&clock),
                read_models: Arc::clone(projector.models()),
                snapshots: Some(snapshots.clone()),
                rebuilds: Some(Arc::clone(projector.workbench())),
                parts: parts.clone(),
                attachments: Some(attachments.clone()),
            },
            gateway_config(config),
        );
        let relaying = nats.map(|client| {
            let published = (shared, Arc::clone(&clock), Arc::clone(&parts.relay));
            let heard = Arc::clone(&parts.heard);
            let asked = (Arc::clone(&gateway), EngineCommands(Arc::clone(&engine)));
            Relaying::begin(client, config.nats.names.clone(), published, asked, heard, &stopped)
        });
        let desk = control::Parts {
            log: Arc::clone(&log),
            engine,
            live: Some(Arc::clone(&projector)),
            snapshots: snapshots.clone(),
            desk: Desk::Served(Arc::clone(&gateway)),
            bytes: control::Bytes::Served(attachments),
            clock: Arc::clone(&clock),
        };
        let control = tokio::spawn(control.serve(desk, told(stopped.clone())));
        let presence = tokio::spawn(gateway::keep_presence(Arc::clone(&gateway)));
        let reads = tokio::spawn(gateway::record_reads(Arc::clone(&gateway)));
        let expiring = tokio::spawn(gateway::expire_uploads(Arc::clone(&gateway)));
        let scans = tokio::spawn(gateway::scan_attachments(Arc::clone(&gateway)));
        let http = tokio::spawn(gateway::serve_tcp(listener, Arc::clone(&gateway), told(stopped)));
        Ok(Self {
            address,
            report,
            stop,
            http,
            presence,
            reads,
            expiring,
            scans,
            gateway,
            control,
            dispatcher,
            relaying,
            auditing,
            projector,
            log,
            clock,
            parts,
        })
    }

    /// Where HTTP is served.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What opening the log found.
    pub const fn report(&self) -> &OpenReport {
        &self.report
    }

    /// Tells when nothing is under way; it keeps nothing of the server from stopping.
    pub fn settling(&self) -> Settling {
        Settling {
            log: Arc::clone(&self.log),
            clock: Arc::clone(&self.clock),
            parts: Arc::clone(&self.parts),
            models: Arc::clone(self.projector.models()),
        }
    }

    /// Stops taking requests, answers what is under way, writes snapshots and closes the log.
    ///
    /// # Errors
    /// The first part that did not stop cleanly; the others are stopped all the same.
    pub async fn stop(self) -> Result<(), StopError> {
        self.stop.send_replace(true);
        let http = self.http.await;
        let presence = self.presence.await;
        let reads = self.reads.await;
        let expiring = self.expiring.await;
        let scans = self.scans.await;
        let relaying = match self.relaying {
            Some(relaying) => relaying.stop().await,
            None => Ok(()),
        };
        // Nobody opens anything any more.
        self.gateway.flush_reads().await;
        drop(self.gateway);
        let control = self.control.await;
        let dispatcher = self.dispatcher.await;
        let auditing = self.auditing.await;
        let (projector, log) = (self.projector, self.log);
        let projector = tokio::task::spawn_blocking(move || {
            let stopped = match Arc::into_inner(projector) {
                Some(projector) => projector.stop(),
                None => {
                    // The next start folds a little more of the log instead.
                    tracing::warn!("a command is still at work; snapshots are not written");
                    Ok(())
                }
            };
            log.close();
            stopped
        })
        .await;
        http??;
        presence?;
        reads?;
        expiring?;
        scans?;
        relaying?;
        control??;
        dispatcher?;
        auditing?;
        projector??;
        Ok(())
    }
}

fn gateway_config(config: &Config) -> gateway::Config {
    let attachments = gateway::AttachmentConfig {
        file_bytes_max: config.attachments.file_bytes_max,
        unfinished_for: config.attachments.unfinished_for,
        ..gateway::AttachmentConfig::default()
    };
    gateway::Config { attachments, simulated: config.simulated, ..gateway::Config::default() }
}

/// Listens there; the address has the port that was chosen.
pub(crate) async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Answers once the sender says so, or is gone.
pub(crate) async fn told(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone can stop nobody any more: that is a stop as well.
    drop(stopped.wait_for(|stopped| *stopped).await);
}

async fn open(
    config: &Config,
    clock: &Arc<dyn Clock>,
) -> Result<(SledLog, OpenReport), StartError> {
    let (config, clock) = (config.clone(), Arc::clone(clock));
    let opened =
        tokio::task::spawn_blocking(move || data_directory::open_or_create(&config, clock));
    Ok(opened.await.map_err(StartError::Opening)??)
}

async fn dispatch(
    (log, clock, parts): (Arc<dyn EventLog>, Arc<dyn Clock>, Arc<Parts>),
    commands: impl Commands,
    stopped: watch::Receiver<bool>,
) {
    let ended = dispatcher::drive(
        Dispatcher::new(),
        LogFeed::new(log),
        &commands,
        &ClockWait(clock),
        &parts.dispatcher,
        dispatcher::Options::default(),
        told(stopped),
    )
    .await;
    if let Err(error) = ended {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "the dispatcher stopped; people can still work by hand, restart to go on"
        );
        parts.dispatcher_ended(error.to_string());
    }
}

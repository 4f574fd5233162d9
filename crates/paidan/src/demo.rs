//! The demo: a server like any other, on a clock that the demo moves.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use ::demo::{BEGIN, Pace, Tally};
use ::demo::{Drive, DriveError, Stage, UnsettledError};
use domain::Timestamp;
use eventlog::{Clock, ManualClock};
pub use gateway::Simulated;

use crate::config::Config;
use crate::serve::{Server, Settling, StartError, StopError};

/// The seed of whoever names none: one whose second morning has something in every column of a
/// board, which a test looks at.
pub const SEED_DEFAULT: u64 = 4;

/// Played as fast as it goes: until half past ten on the second day.
pub const PRELUDE: Duration = Duration::from_secs((24 + 4) * 3_600 + 1_800);

/// The server comes to rest within this real time, however busy the machine is.
const SETTLES_WITHIN: Duration = Duration::from_secs(60);

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// It must not mix with what is somebody's.
    #[error("{0} is not empty; a demo needs a directory of its own, so name another with --data")]
    NotEmpty(PathBuf),
    /// The directory cannot be used.
    #[error("could not use {path}")]
    Directory {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The server did not start.
    #[error("the server could not start")]
    Start(#[from] StartError),
    /// The play ended by itself.
    #[error("the play ended by itself")]
    Play(#[from] DriveError),
    /// The server did not stop cleanly.
    #[error("the server did not stop cleanly")]
    Stop(#[from] StopError),
}

struct Wired {
    clock: ManualClock,
    settling: Settling,
}

impl Stage for Wired {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn move_to(&self, at: Timestamp) {
        self.clock.set(at);
    }

    async fn settled(&self) -> Result<Option<Timestamp>, UnsettledError> {
        Ok(self.settling.settled(SETTLES_WITHIN).await?)
    }
}

/// A server on which a day is played.
pub struct Demo {
    server: Server,
    drive: Drive<Wired>,
}

impl Demo {
    /// Starts the server on a directory that is empty or not there. Nothing is entered yet.
    ///
    /// # Errors
    /// When the directory is not empty, or the server does not start.
    pub async fn start(mut config: Config, simulated: Simulated) -> Result<Self, DemoError> {
        match std::fs::read_dir(&config.data).map(|mut entries| entries.next()) {
            Ok(None) => {}
            Ok(Some(_)) => return Err(DemoError::NotEmpty(config.data)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(DemoError::Directory { path: config.data, source }),
        }
        config.simulated = Some(simulated);
        let clock = ManualClock::new(BEGIN);
        let server = Server::start(&config, Arc::new(clock.clone())).await?;
        let stage = Wired { clock, settling: server.settling() };
        let drive = Drive::new(stage, server.address(), simulated.seed);
        Ok(Self { server, drive })
    }

    /// Where HTTP is served.
    pub const fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// What was answered so far.
    pub const fn tally(&self) -> &Tally {
        self.drive.tally()
    }

    /// How many cases and plans the people of the demo remember.
    pub fn remembered(&self) -> (usize, usize) {
        self.drive.story().remembered()
    }

    /// Enters the invented firm.
    ///
    /// # Errors
    /// When an entry is refused.
    pub async fn enter_firm(&mut self) -> Result<(), DemoError> {
        Ok(self.drive.enter_firm().await?)
    }

    /// Plays until a simulated moment; for ever without one.
    ///
    /// # Errors
    /// When an answer cannot be, or the server does not come to rest.
    pub async fn play(&mut self, until: Option<Timestamp>, pace: Pace) -> Result<(), DemoError> {
        Ok(self.drive.play(until, pace).await?)
    }

    /// Stops the server.
    ///
    /// # Errors
    /// As [`Server::stop`].
    pub async fn stop(self) -> Result<(), DemoError> {
        let Self { server, drive } = self;
        // Its connection would keep the server waiting.
        drop(drive);
        Ok(server.stop().await?)
    }
}

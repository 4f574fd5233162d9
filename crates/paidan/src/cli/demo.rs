//! `paidan serve --demo`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ::demo::{BEGIN, FIRM, Pace, wall};
use gateway::Simulated;
use tempfile::TempDir;

use super::serve::told_to_stop;
use super::{CliError, ServeArgs, ServeFailed};
use crate::config::Config;
use crate::demo::{Demo, DemoError, PRELUDE, SEED_DEFAULT};
use crate::logging;

const SPEED_DEFAULT: u32 = 60;

/// Progress is told at this interval of simulated time.
const TELL_EVERY: Duration = Duration::from_secs(3 * 3_600);

/// A demo that was asked for, and where its data goes.
pub(super) struct Asked {
    simulated: Simulated,
    place: Place,
}

enum Place {
    Given(PathBuf),
    /// Removed when this goes.
    Temporary(TempDir),
}

impl Asked {
    /// What the flags ask for; nothing without `--demo`. A directory that only the environment or
    /// a file names is somebody's own, and is left alone.
    pub(super) fn of(args: &ServeArgs, data: Option<&Path>) -> Result<Option<Self>, ServeFailed> {
        if !args.demo {
            return Ok(None);
        }
        let seed = args.seed.unwrap_or(SEED_DEFAULT);
        let speed = args.speed.unwrap_or(SPEED_DEFAULT);
        let place = match data {
            Some(data) => Place::Given(data.to_path_buf()),
            None => tempfile::Builder::new()
                .prefix("paidan-demo-")
                .tempdir()
                .map(Place::Temporary)
                .map_err(|source| DemoError::Directory { path: std::env::temp_dir(), source })?,
        };
        Ok(Some(Self { simulated: Simulated { seed, speed }, place }))
    }

    pub(super) fn data(&self) -> &Path {
        match &self.place {
            Place::Given(path) => path,
            Place::Temporary(directory) => directory.path(),
        }
    }
}

/// Plays until it is told to stop.
pub(super) fn run(config: Config, asked: Asked, out: &mut dyn Write) -> Result<(), CliError> {
    // What people want to see stands on the board.
    let _logging = logging::begin(&config.log, "warn").map_err(ServeFailed::from)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(ServeFailed::Machine)?;
    let played = runtime.block_on(play(config, &asked, out));
    drop(runtime);
    if let Place::Temporary(directory) = asked.place {
        let path = directory.path().to_path_buf();
        directory
            .close()
            .map_err(|source| ServeFailed::Demo(DemoError::Directory { path, source }))?;
    }
    Ok(played?)
}

async fn play(config: Config, asked: &Asked, out: &mut dyn Write) -> Result<(), ServeFailed> {
    let stop = told_to_stop()?;
    let Simulated { seed, speed } = asked.simulated;
    let data = config.data.clone();
    let mut demo = Demo::start(config, asked.simulated).await?;
    let kept = match asked.place {
        Place::Given(_) => "which stays",
        Place::Temporary(_) => "which is removed at the end",
    };
    let address = demo.address();
    say(
        out,
        &format!(
            "Paidan serves a demo at http://{address}\n\
             {FIRM}, invented, in {}, {kept}.\n\
             Seed {seed} (--seed), {speed} times real time (--speed); Ctrl-C stops it.\n",
            data.display(),
        ),
    );
    let played = async {
        demo.enter_firm().await?;
        say(out, "The day before is played as fast as it goes:\n");
        let mut until = BEGIN;
        while until < BEGIN.plus(PRELUDE) {
            until = until.plus(TELL_EVERY).min(BEGIN.plus(PRELUDE));
            demo.play(Some(until), Pace::Unpaced).await?;
            say(out, &format!("  {}  {}\n", wall(until), demo.tally()));
        }
        say(out, &format!("From here on {speed} seconds pass in one. See http://{address}\n"));
        demo.play(None, Pace::Times(speed)).await
    };
    let played = tokio::select! {
        () = stop => Ok(()),
        played = played => played,
    };
    let stopped = demo.stop().await;
    // Why it ended says more than what that did to the stop.
    played.and(stopped)?;
    say(out, "The demo is over.\n");
    Ok(())
}

/// Nobody may be reading, and still it goes on.
fn say(out: &mut dyn Write, words: &str) {
    let said: io::Result<()> = out.write_all(words.as_bytes()).and_then(|()| out.flush());
    if let Err(error) = said {
        tracing::debug!(%error, "nobody reads what the demo says");
    }
}

//! `paidan log import` and `paidan log restore`: a data directory of what was taken out.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use attachments::Store;
use audit::Carried;
use domain::{Epoch, GlobalPosition, Timestamp};
use eventlog::keys::MasterKey;
use eventlog::{EventLog, RebuildOptions, Rebuilt, SystemClock, VerifyProgress};
use indicatif::ProgressBar;
use serde::Serialize;
use tokio::runtime::Runtime;
use words::Args;

use super::CliError;
use super::args::{LogImportArgs, LogRestoreArgs};
use super::log::moment;
use super::page::Page;
use super::progress::count_bar;
use super::write::Printer;
use crate::config::{Config, MasterKeySource};
use crate::control::{KeysView, LogView, absolute};
use crate::data_directory::{self, make_key_directory};
use crate::serve::store_of;

/// What `--json` prints.
#[derive(Serialize)]
pub(super) struct RebuiltView {
    /// Which log, in its new epoch.
    log: LogView,
    /// The last position that was brought back, and the chain's value there.
    kept: GlobalPosition,
    kept_chain: String,
    /// The last position now, which opens the epoch.
    position: GlobalPosition,
    chain: String,
    keys: KeysView,
    data: String,
}

impl RebuiltView {
    pub(super) fn new(rebuilt: &Rebuilt, data: &Path) -> Self {
        Self {
            log: rebuilt.identity.into(),
            kept: rebuilt.kept,
            kept_chain: rebuilt.kept_chain.to_string(),
            position: rebuilt.head.position,
            chain: rebuilt.head.chain.to_string(),
            keys: rebuilt.keys.into(),
            data: absolute(data).display().to_string(),
        }
    }

    /// That it is there, and what its epoch means.
    pub(super) fn lines(&self, page: &Page<'_>) -> Vec<String> {
        let told = Args::new()
            .text("log", self.log.id.clone())
            .text("epoch", self.log.epoch.to_string())
            .text("kept", self.kept.to_string())
            .text("chain", self.kept_chain.clone())
            .text("position", self.position.to_string())
            .text("data", self.data.clone());
        let say = |name| page.language.say_with(name, &told);
        vec![say("log-brought-back"), say("log-epoch-opened")]
    }
}

/// How it is brought back, by the clock of now.
pub(super) fn options(epoch: Option<u64>) -> RebuildOptions {
    RebuildOptions { clock: Arc::new(SystemClock), epoch: epoch.map(Epoch::new) }
}

pub(super) fn import(
    config: &Config,
    args: &LogImportArgs,
    page: Page<'_>,
) -> Result<(), CliError> {
    let LogImportArgs { files, epoch, output } = args;
    let failed = |error| CliError::LogImport(Box::new(error));
    let holds_keys = eventlog::holds_keys(files).map_err(|error| failed(error.into()))?;
    let master_key = master_key(config, holds_keys)?;
    let mut bar = Bar::new("importing", !output.json);
    let done =
        eventlog::import(files, &config.data, &master_key, &options(*epoch), &mut bar.progress());
    bar.clear();
    let view = RebuiltView::new(&done.map_err(failed)?, &config.data);
    let mut lines = view.lines(&page);
    if !holds_keys && view.keys.destroyed > 0 {
        lines.push(page.say("log-import-no-keys"));
    }
    Ok(Printer::new(page.out, *output).print(&view, || lines.join("\n") + "\n")?)
}

/// What `log restore --json` prints.
#[derive(Serialize)]
struct RestoredView {
    #[serde(flatten)]
    rebuilt: RebuiltView,
    /// When the backup was made.
    taken_at: Timestamp,
    /// Keys that stayed destroyed because the newer ring says so.
    erased_since: u64,
    /// Whether the backup took note of the epoch.
    epoch_noted: bool,
    /// What came back of attachments; nothing where the backup has none.
    attachments: Option<Carried>,
}

pub(super) fn restore(
    config: &Config,
    args: &LogRestoreArgs,
    page: Page<'_>,
) -> Result<(), CliError> {
    let LogRestoreArgs { backup, newer_ring, epoch, output } = args;
    let master_key = master_key(config, true)?;
    let mut bar = Bar::new("restoring", !output.json);
    let done = eventlog::restore(
        backup,
        &config.data,
        &master_key,
        newer_ring.as_deref(),
        &options(*epoch),
        &mut bar.progress(),
    );
    bar.clear();
    let done = done.map_err(|error| CliError::LogRestore(Box::new(error)))?;
    let view = RestoredView {
        rebuilt: RebuiltView::new(&done.rebuilt, &config.data),
        taken_at: done.taken_at,
        erased_since: done.erased_since,
        epoch_noted: done.epoch_noted,
        attachments: restore_attachments(config, backup)?,
    };
    let mut lines = view.rebuilt.lines(&page);
    let told = Args::new().text("time", moment(view.taken_at));
    lines.push(page.language.say_with("log-restored-as-of", &told));
    lines.push(match newer_ring {
        Some(_) => page.say_count("log-restored-erased", view.erased_since),
        None => page.say("log-restored-not-erased"),
    });
    lines.push(match &view.attachments {
        Some(carried) => {
            let told = Args::new()
                .text("copied", carried.copied.to_string())
                .text("named", carried.named.to_string());
            page.language.say_with("log-restored-attachments", &told)
        }
        None => page.say("log-restored-no-attachments"),
    });
    if !view.epoch_noted {
        lines.push(page.say("log-restored-epoch-not-noted"));
    }
    Ok(Printer::new(page.out, *output).print(&view, || lines.join("\n") + "\n")?)
}

/// Brings the bytes back that the restored log names; nothing where the backup has none.
fn restore_attachments(config: &Config, backup: &Path) -> Result<Option<Carried>, CliError> {
    let kept = backup.join("attachments");
    if !kept.is_dir() {
        return Ok(None);
    }
    let (log, _) = data_directory::open(config, Arc::new(SystemClock))?;
    let failed = |error: Failed| CliError::Attachments(error);
    let runtime = Runtime::new().map_err(|error| failed(error.into()))?;
    let from = runtime.block_on(Store::local(kept)).map_err(|error| failed(error.into()))?;
    let to = runtime.block_on(store_of(config)).map_err(|error| failed(error.into()))?;
    let staging = tempfile::tempdir_in(&config.data).map_err(|error| failed(error.into()))?;
    let (until, handle) = (log.head().position, runtime.handle());
    let go_on = &mut |_, _| ControlFlow::Continue(());
    let carried = audit::carry(&log, until, &from, &to, staging.path(), handle, go_on);
    log.close();
    carried.map(Some).map_err(|error| failed(error.into()))
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// The master key. Where keys come back, a new one could open none of them.
fn master_key(config: &Config, holds_keys: bool) -> Result<MasterKey, CliError> {
    if let MasterKeySource::Generated(path) = &config.master_key {
        if holds_keys && !path.exists() {
            return Err(CliError::MasterKeyMissing(path.clone()));
        }
        make_key_directory(config)?;
    }
    Ok(data_directory::master_key(config)?)
}

/// How far it is.
pub(super) struct Bar {
    bar: ProgressBar,
}

impl Bar {
    pub(super) fn new(what: &'static str, wanted: bool) -> Self {
        Self { bar: count_bar(what, 0, wanted) }
    }

    pub(super) fn set(&self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(done);
    }

    fn progress(&mut self) -> impl FnMut(VerifyProgress) {
        |VerifyProgress { position, total }| self.set(position.get(), total.get())
    }

    pub(super) fn clear(self) {
        self.bar.finish_and_clear();
    }
}

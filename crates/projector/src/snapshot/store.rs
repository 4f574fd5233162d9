//! Where snapshots lie: a file per projection in a directory.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use domain::{GlobalPosition, RuleSetVersion};
use eventlog::{EventLog, ReadError};

use super::earlier;
use super::file::{self, Header};
use crate::body::BodyError;
use crate::contract::{Past, Projection};
use crate::live::{Gated, Live};
use crate::rebuild::Rebuilt;
use crate::recount::Recount;

/// How snapshots are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotOptions {
    /// Where. Made if it is not there.
    pub directory: PathBuf,
    /// One after so many events; 50,000 unless told, which is well under a second of folding.
    /// While a model catches up, ten times as many.
    pub every_events: u64,
    /// Questions about the past fold at most so many events, where snapshots were written all the
    /// while: an earlier one is kept after each; a quarter of a million unless told.
    pub earlier_every_events: u64,
    /// So many that did not fit are kept per projection for whoever wants to know why; 3.
    pub set_aside_max: usize,
}

impl SnapshotOptions {
    /// The defaults, in this directory.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            every_events: 50_000,
            earlier_every_events: 250_000,
            set_aside_max: 3,
        }
    }
}

/// Why a snapshot could not be written or looked for.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The directory or a file in it.
    #[error("could not {doing} {}", path.display())]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The rows.
    #[error("the rows of {name} could not be encoded")]
    Body {
        /// The projection.
        name: &'static str,
        /// What is wrong.
        #[source]
        source: BodyError,
    },
    /// The file that says which recounts are live.
    #[error(
        "{} is damaged; remove it, and all models count the past as it was recorded",
        path.display()
    )]
    Recounts {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// The file that says what a rebuild is to do.
    #[error("{} is damaged; remove it, and begin the rebuild again", path.display())]
    Rebuild {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// The log, which a snapshot is checked against.
    #[error("the log could not be read")]
    Log(#[from] ReadError),
}

/// A directory of snapshots.
#[derive(Debug)]
pub struct SnapshotStore {
    options: SnapshotOptions,
    /// Whether snapshots that do not fit stay where they are.
    read_only: bool,
    /// Snapshots of later positions do not fit.
    until: GlobalPosition,
}

pub(crate) fn io_error(
    doing: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> SnapshotError {
    move |source| SnapshotError::Io { doing, path: path.to_owned(), source }
}

impl SnapshotStore {
    /// Opens the directory, and makes it if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(options: SnapshotOptions) -> Result<Self, SnapshotError> {
        let directory = &options.directory;
        fs::create_dir_all(directory).map_err(io_error("make the directory", directory))?;
        Ok(Self { options, read_only: false, until: GlobalPosition::new(u64::MAX) })
    }

    /// A directory that is looked at and left as it is, also where it is not there.
    pub(crate) fn read_only(directory: &Path) -> Self {
        let options = SnapshotOptions::new(directory);
        Self { options, read_only: true, until: GlobalPosition::new(u64::MAX) }
    }

    /// The same directory, where snapshots of later positions do not fit.
    pub(crate) fn until(self, until: GlobalPosition) -> Self {
        Self { until, ..self }
    }

    /// How snapshots are kept.
    pub const fn options(&self) -> &SnapshotOptions {
        &self.options
    }

    /// Each recount has a file of its own, so that the one that was live before is found again.
    fn path(&self, name: &str, recount: &Recount) -> PathBuf {
        self.options.directory.join(format!("{}.snapshot", stem(name, recount)))
    }

    fn earlier(&self) -> PathBuf {
        earlier::directory(&self.options.directory)
    }

    fn aside(path: &Path, age: usize) -> PathBuf {
        path.with_extension(format!("snapshot.{age}.set-aside"))
    }

    /// Removes the snapshot of a recount that nobody will ask for again.
    pub(crate) fn remove<P: Projection>(&self, recount: &Recount) -> Result<(), SnapshotError> {
        let path = self.path(P::NAME, recount);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_error("remove", &path)(error));
            }
            Ok(()) | Err(_) => {}
        }
        earlier::remove(&self.earlier(), &stem(P::NAME, recount))
    }

    /// Writes a snapshot of a model in use, and says of which position.
    ///
    /// # Errors
    /// When it could not be written; the one before is still there.
    pub fn save<P: Projection>(
        &self,
        live: &Live<P>,
        log: &dyn EventLog,
    ) -> Result<GlobalPosition, SnapshotError> {
        let gated = live.gate();
        let taken = Taken::of(&gated)?;
        drop(gated);
        self.write(taken, log)
    }

    /// Writes a snapshot of an instance that is not in use, and says of which position.
    ///
    /// # Errors
    /// As [`SnapshotStore::save`].
    pub fn save_rebuilt<P: Projection>(
        &self,
        rebuilt: &Rebuilt<P>,
        log: &dyn EventLog,
    ) -> Result<GlobalPosition, SnapshotError> {
        self.write(Taken::of(&rebuilt.0)?, log)
    }

    fn write(&self, taken: Taken, log: &dyn EventLog) -> Result<GlobalPosition, SnapshotError> {
        let Taken { name, version, position, rule_set, recount, body } = taken;
        let header = Header {
            name: name.into(),
            version,
            identity: log.identity(),
            position,
            chain: log.chain_at(position)?,
            rule_set,
            recount: recount.fingerprint(),
        };
        let path = self.path(name, &recount);
        self.put(&path, &file::write(&header, &body))?;
        let every = self.options.earlier_every_events;
        earlier::keep(&self.earlier(), &stem(name, &recount), (&path, position), every)?;
        Ok(position)
    }

    /// A reader sees the file before or the whole new one, also after a power cut.
    pub(crate) fn put(&self, path: &Path, bytes: &[u8]) -> Result<(), SnapshotError> {
        let temporary = path.with_extension("snapshot.tmp");
        let mut file = File::create(&temporary).map_err(io_error("create", &temporary))?;
        file.write_all(bytes).map_err(io_error("write", &temporary))?;
        file.sync_all().map_err(io_error("sync", &temporary))?;
        drop(file);
        fs::rename(&temporary, path).map_err(io_error("put a snapshot in place at", path))?;
        self.sync_directory()
    }

    fn sync_directory(&self) -> Result<(), SnapshotError> {
        let directory = &self.options.directory;
        File::open(directory)
            .and_then(|open| open.sync_all())
            .map_err(io_error("sync the directory", directory))
    }

    /// The model as its snapshot has it, or at its beginning where there is none that fits. One
    /// that does not fit is set aside.
    ///
    /// # Errors
    /// When the snapshot or the log cannot be read.
    pub fn restore<P: Projection>(
        &self,
        log: &dyn EventLog,
        recount: Recount,
    ) -> Result<Rebuilt<P>, SnapshotError> {
        // What depends on no rules has one recount, whatever was asked for.
        let begun = Gated::begin(recount);
        Ok(Rebuilt(self.load(log, &begun.recount)?.unwrap_or(begun)))
    }

    /// The model as its snapshot has it; nothing where there is none that fits.
    fn load<P: Projection>(
        &self,
        log: &dyn EventLog,
        recount: &Recount,
    ) -> Result<Option<Gated<P>>, SnapshotError> {
        let path = self.path(P::NAME, recount);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("read", &path)(error)),
        };
        match fit(&bytes, log, recount, self.until)? {
            Ok(gated) => Ok(Some(gated)),
            Err(_) if self.read_only => self.load_earlier(log, recount),
            Err(why) => {
                self.set_aside(&path)?;
                tracing::warn!(
                    projection = P::NAME,
                    why,
                    "the snapshot of {} was set aside, because {why}; the model is folded from \
                     the start of the log",
                    P::NAME,
                );
                Ok(None)
            }
        }
    }

    /// The model as the nearest earlier snapshot has it that fits.
    fn load_earlier<P: Projection>(
        &self,
        log: &dyn EventLog,
        recount: &Recount,
    ) -> Result<Option<Gated<P>>, SnapshotError> {
        for path in earlier::up_to(&self.earlier(), &stem(P::NAME, recount), self.until)? {
            // One that was thinned out meanwhile is passed over.
            let Ok(bytes) = fs::read(&path) else { continue };
            if let Ok(gated) = fit(&bytes, log, recount, self.until)? {
                return Ok(Some(gated));
            }
        }
        Ok(None)
    }

    /// The newest that was set aside has the number 1.
    fn set_aside(&self, path: &Path) -> Result<(), SnapshotError> {
        let kept = self.options.set_aside_max;
        if kept == 0 {
            return fs::remove_file(path).map_err(io_error("remove", path));
        }
        let chain: Vec<PathBuf> = (1..=kept).map(|age| Self::aside(path, age)).collect();
        for pair in chain.windows(2).rev() {
            let [newer, older] = pair else { continue };
            match fs::rename(newer, older) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(io_error("set aside", newer)(error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        fs::rename(path, Self::aside(path, 1)).map_err(io_error("set aside", path))?;
        self.sync_directory()
    }
}

/// What a snapshot is called, without the ending.
fn stem(name: &str, recount: &Recount) -> String {
    format!("{name}{}", recount.suffix())
}

/// What a snapshot is made of, taken while the model stands still.
struct Taken {
    name: &'static str,
    version: u32,
    position: GlobalPosition,
    rule_set: RuleSetVersion,
    recount: Recount,
    body: Vec<u8>,
}

impl Taken {
    fn of<P: Projection>(gated: &Gated<P>) -> Result<Self, SnapshotError> {
        let Gated { position, rule_set, ref recount, ref model } = *gated;
        let body =
            model.encode().map_err(|source| SnapshotError::Body { name: P::NAME, source })?;
        let (name, version, recount) = (P::NAME, P::VERSION, recount.clone());
        Ok(Self { name, version, position, rule_set, recount, body })
    }
}

/// The model, or why the bytes are not a snapshot of it on this log.
fn fit<P: Projection>(
    bytes: &[u8],
    log: &dyn EventLog,
    recount: &Recount,
    until: GlobalPosition,
) -> Result<Result<Gated<P>, String>, SnapshotError> {
    let (header, body) = match file::read(bytes) {
        Ok(whole) => whole,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let identity = log.identity();
    let foreign = if header.name != P::NAME {
        Some(format!("it is of the projection {}", header.name))
    } else if header.version != P::VERSION {
        Some(format!("it has version {}, and this release {}", header.version, P::VERSION))
    } else if header.recount != recount.fingerprint() {
        Some("it counts the past by other rules".into())
    } else if header.identity.log_id != identity.log_id {
        Some("it is of another log".into())
    } else if header.identity.epoch != identity.epoch {
        Some("the log was restored since".into())
    } else if header.position > log.head().position {
        Some("it is of a longer log".into())
    } else if header.position > until {
        Some(format!("it is of a position after {until}"))
    } else if header.chain != log.chain_at(header.position)? {
        Some("the log's chain has another value at its position".into())
    } else {
        None
    };
    if let Some(why) = foreign {
        return Ok(Err(why));
    }
    match P::decode(body, Past::new(log)) {
        Ok(model) => {
            let Header { position, rule_set, .. } = header;
            Ok(Ok(Gated { position, rule_set, recount: recount.clone(), model }))
        }
        Err(BodyError::Log(error)) => Err(error.into()),
        Err(error) => Ok(Err(crate::live::chain_of(&error))),
    }
}

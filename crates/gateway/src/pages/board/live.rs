//! Keeps boards up to date: one task for all of them. It runs while somebody looks at a board and
//! does nothing otherwise. What it makes is made once per language and shared; a board that reads
//! slowly finds the newest edition when it is ready, and costs no memory meanwhile.

use std::sync::Arc;
use std::time::Duration;

use ::pages::board::{BoardView, render};
use domain::{GlobalPosition, Timestamp};
use parking_lot::Mutex;
use projector::ModelName;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};
use words::Language;

use super::edition::{Edition, EditionId};
use super::look::look;
use crate::Gateway;
use crate::audits::lost;
use crate::problem::{Kind, Problem};

/// Events that come close together make one edition.
const EDITIONS_APART: Duration = Duration::from_millis(100);
/// A clock that runs faster than real time moves the board so often and no more.
const TICKS_APART: Duration = Duration::from_millis(250);
/// Read models get so long to catch up with an event before the board is looked at.
const MODELS_WITHIN: Duration = Duration::from_millis(50);

/// After a mistake of ours.
const MISTAKES_APART: Duration = Duration::from_secs(1);
const SECOND: Duration = Duration::from_secs(1);

const LANGUAGES: usize = Language::ALL.len();

/// What an edition was made of: nothing else can change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    positions: [GlobalPosition; ModelName::ALL.len()],
    /// By the server's clock. What depends on now changes with it.
    second: i64,
}

impl Mark {
    fn of(gateway: &Gateway, now: Timestamp) -> Self {
        Self { positions: gateway.model_positions(), second: whole_seconds(now) }
    }

    fn position(&self) -> GlobalPosition {
        self.positions.into_iter().min().unwrap_or_default()
    }
}

/// What was made last.
#[derive(Default)]
struct Made {
    view: Option<(Mark, Arc<BoardView>)>,
    editions: [Option<Mark>; LANGUAGES],
}

#[derive(Default)]
struct Viewers {
    of: [usize; LANGUAGES],
    is_kept: bool,
}

/// All boards.
pub(crate) struct Boards {
    run: u64,
    /// Held while an edition is made, so that many requests at once make one.
    made: tokio::sync::Mutex<Made>,
    editions: [watch::Sender<Option<Arc<Edition>>>; LANGUAGES],
    viewers: Mutex<Viewers>,
    came_or_left: Notify,
}

const fn place(language: Language) -> usize {
    match language {
        Language::Chinese => 0,
        Language::English => 1,
    }
}

impl Boards {
    pub(crate) fn new() -> Self {
        // Where there is no randomness, boards are sent everything after a restart only if the
        // numbers differ; a stale section would be replaced with its next change.
        let run = getrandom::u64().unwrap_or_default();
        Self {
            run,
            made: tokio::sync::Mutex::default(),
            editions: [watch::Sender::new(None), watch::Sender::new(None)],
            viewers: Mutex::default(),
            came_or_left: Notify::new(),
        }
    }

    fn sender(&self, language: Language) -> &watch::Sender<Option<Arc<Edition>>> {
        let [chinese, english] = &self.editions;
        match language {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }

    fn watched(&self) -> Vec<Language> {
        let viewers = self.viewers.lock();
        Language::ALL.into_iter().filter(|language| viewers.of[place(*language)] > 0).collect()
    }

    /// Whether nobody looks, so that the task may end; whoever comes later starts another.
    fn ends_unwatched(&self) -> bool {
        let mut viewers = self.viewers.lock();
        viewers.is_kept = viewers.of.iter().any(|count| *count > 0);
        !viewers.is_kept
    }
}

/// Somebody who looks at a board.
pub(super) struct Viewer {
    gateway: Arc<Gateway>,
    language: Language,
    editions: watch::Receiver<Option<Arc<Edition>>>,
    seen: Option<EditionId>,
}

impl Viewer {
    /// Begins to look, at what comes after an edition.
    pub(super) fn new(gateway: Arc<Gateway>, language: Language, seen: Option<EditionId>) -> Self {
        let boards = &gateway.boards;
        let mut editions = boards.sender(language).subscribe();
        // What there is may be old; the task makes a new one for whoever comes.
        editions.mark_unchanged();
        let is_kept = {
            let mut viewers = boards.viewers.lock();
            viewers.of[place(language)] += 1;
            std::mem::replace(&mut viewers.is_kept, true)
        };
        if is_kept {
            boards.came_or_left.notify_one();
        } else {
            tokio::spawn(keep(Arc::clone(&gateway)));
        }
        Self { gateway, language, editions, seen }
    }

    /// The next edition that differs from what is shown, and what to send of it.
    pub(super) async fn next(&mut self) -> axum::body::Bytes {
        loop {
            let news = self.editions.borrow_and_update().as_ref().and_then(|edition| {
                let changes = edition.since(self.seen)?;
                Some((edition.id, changes))
            });
            if let Some((id, changes)) = news {
                self.seen = Some(id);
                return changes;
            }
            if self.editions.changed().await.is_err() {
                // The sender lives as long as the gateway, which is held here.
                std::future::pending::<()>().await;
            }
        }
    }

    pub(super) fn sign_of_life(&self) -> Option<axum::body::Bytes> {
        self.editions.borrow().as_ref().map(|edition| edition.sign_of_life())
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        let boards = &self.gateway.boards;
        boards.viewers.lock().of[place(self.language)] -= 1;
        boards.came_or_left.notify_one();
    }
}

impl Gateway {
    /// The board as it is now. Made once for all who ask within the same second while nothing
    /// happens.
    pub(super) async fn board(&self, language: Language) -> Result<Arc<Edition>, Problem> {
        let mut made = self.boards.made.lock().await;
        let now = self.ports().clock.now();
        let mark = Mark::of(self, now);
        let sender = self.boards.sender(language);
        let last = sender.borrow().clone();
        if let Some(last) = last.as_ref().filter(|_| made.editions[place(language)] == Some(mark)) {
            return Ok(Arc::clone(last));
        }
        let view =
            made.view.as_ref().filter(|(of, _)| *of == mark).map(|(_, view)| Arc::clone(view));
        let models = Arc::clone(&self.ports().read_models);
        let log = Arc::clone(&self.ports().log);
        let work = move || {
            let view =
                view.unwrap_or_else(|| Arc::new(look(&models, &models, lost(log.as_ref()), now)));
            let rendered = render(&view, language);
            (view, rendered)
        };
        let (view, rendered) = self.on_own_thread(work).await?;
        let rendered = rendered.map_err(|error| {
            Problem::failure(Kind::Internal, "the board could not be written as HTML", &error)
        })?;
        let edition = match last {
            None => Some(Edition::first(self.boards.run, mark.position(), rendered)),
            Some(last) => last.next(mark.position(), rendered),
        };
        made.view = Some((mark, view));
        made.editions[place(language)] = Some(mark);
        if let Some(edition) = edition {
            sender.send_replace(Some(Arc::new(edition)));
        }
        let edition = sender.borrow().clone();
        edition.ok_or_else(|| Problem::new(Kind::Internal, "there is no board yet; ask again"))
    }
}

/// Makes editions while somebody looks. A mistake that stops it is tried again: boards that say
/// that they are live must not stand still.
async fn keep(gateway: Arc<Gateway>) {
    while let Err(panicked) = tokio::spawn(keep_watched(Arc::clone(&gateway))).await {
        tracing::error!(error = %panicked, "boards stood still for a moment");
        tokio::time::sleep(MISTAKES_APART).await;
    }
}

async fn keep_watched(gateway: Arc<Gateway>) {
    let boards = &gateway.boards;
    let clock = &gateway.ports().clock;
    let mut closed = std::pin::pin!(gateway.closed());
    let mut durable = gateway.ports().log.watch();
    let mut last_tick = Instant::now();
    while !boards.ends_unwatched() {
        let begun = Instant::now();
        durable.borrow_and_update();
        for language in boards.watched() {
            if let Err(problem) = gateway.board(language).await {
                tracing::error!(problem = ?problem, "the board was not brought up to date");
            }
        }
        let tick = async {
            // A wall clock that is set back must not make the board wait for it.
            let second = clock.wait_until(next_second(clock.now()));
            drop(tokio::time::timeout(SECOND, second).await);
            sleep_until(last_tick + TICKS_APART).await;
        };
        tokio::select! {
            () = &mut closed => return,
            () = boards.came_or_left.notified() => {}
            () = tick => last_tick = Instant::now(),
            _ = durable.changed() => {
                let head = *durable.borrow_and_update();
                // In time or not: what they have is shown, and the next second brings the rest.
                drop(tokio::time::timeout(MODELS_WITHIN, gateway.models_at(head)).await);
            }
        }
        tokio::select! {
            () = &mut closed => return,
            () = sleep_until(begun + EDITIONS_APART) => {}
        }
    }
}

fn next_second(now: Timestamp) -> Timestamp {
    Timestamp::from_seconds(whole_seconds(now).saturating_add(1))
}

const fn whole_seconds(now: Timestamp) -> i64 {
    now.as_micros().div_euclid(1_000_000)
}

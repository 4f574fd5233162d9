//! The loop around the story: lets time go on to what happens next, waits until the server has
//! come to rest, tells the story what happened, and does what people planned.
//!
//! Time stands still while anything is under way, and moves exactly to the next act or timer. So a
//! slow machine makes the demo slower and never another one.

use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use domain::ticket::{Assign, LinkKind, Offer, PhaseName, TicketCommand, Verb};
use domain::{EngineerId, GlobalPosition, Party, StaffId, TicketId, Timestamp};
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use crate::act::{EngineerStep, Press, Send as Sending, SendHow};
use crate::client::{Answer, Client, ClientError};
use crate::seen::{FeedPage, FreePage, TicketPage};
use crate::story::{Step, Story};
use crate::tally::Tally;

/// How often the clock is moved while nothing happens, in real time.
const HAND: Duration = Duration::from_millis(100);
/// Whoever is further behind than this does not hurry to make up for it.
const BEHIND_MAX: Duration = Duration::from_secs(1);
/// Events that are read at once.
const PAGE: usize = 1_000;

/// Why the server did not come to rest.
pub type UnsettledError = Box<dyn std::error::Error + Send + Sync>;

/// What the demo needs of the server that it plays on, beside HTTP.
pub trait Stage: Send + Sync {
    /// What the server's clock shows.
    fn now(&self) -> Timestamp;

    /// Moves the server's clock forward to this moment.
    fn move_to(&self, at: Timestamp);

    /// Waits until nothing is under way and nothing is due; says when something is due next.
    fn settled(&self) -> impl Future<Output = Result<Option<Timestamp>, UnsettledError>> + Send;
}

/// How fast time goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As fast as the machine can.
    Unpaced,
    /// So many times faster than real time.
    Times(u32),
}

/// Why a demo ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// No usable answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The server did not come to rest.
    #[error("the server did not come to rest at {at}")]
    Unsettled {
        /// At which simulated moment.
        at: Timestamp,
        /// Why.
        #[source]
        source: UnsettledError,
    },
    /// An answer that no request of the demo should get: a mistake of the demo or the server.
    #[error("{what} was answered with {status}: {answer}")]
    Fault {
        /// What was asked.
        what: String,
        /// HTTP's status.
        status: StatusCode,
        /// The answer.
        answer: String,
    },
    /// An event that the story cannot read.
    #[error("the event at position {position} is not what the API says it is")]
    Event {
        /// Which.
        position: GlobalPosition,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

#[derive(Deserialize)]
struct Receipt {
    recorded_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: String,
}

/// A demo that is being played.
#[derive(Debug)]
pub struct Drive<S> {
    stage: S,
    client: Client,
    story: Story,
    tally: Tally,
    seen: GlobalPosition,
    due: Option<Timestamp>,
}

impl<S: Stage> Drive<S> {
    /// A demo of this seed on an empty server.
    pub fn new(stage: S, address: SocketAddr, seed: u64) -> Self {
        Self {
            stage,
            client: Client::new(address, seed),
            story: Story::new(seed),
            tally: Tally::default(),
            seen: GlobalPosition::ZERO,
            due: None,
        }
    }

    /// What was answered so far.
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The story.
    pub const fn story(&self) -> &Story {
        &self.story
    }

    /// Enters the firm, as an administrator would.
    ///
    /// # Errors
    /// See [`DriveError`].
    pub async fn enter_firm(&mut self) -> Result<(), DriveError> {
        let administrator = Party::Administrator(StaffId::from_code("demo"));
        for entry in self.story.firm().entries() {
            let what = format!("PUT {}", entry.path);
            let (put, path) = (Method::PUT, entry.path);
            let answer = self.client.command(put, path, administrator, entry.body).await?;
            if !answer.status.is_success() {
                return Err(fault(what, &answer));
            }
            self.settle().await?;
        }
        Ok(())
    }

    /// Plays until a moment; for ever without one.
    ///
    /// # Errors
    /// See [`DriveError`].
    pub async fn play(&mut self, until: Option<Timestamp>, pace: Pace) -> Result<(), DriveError> {
        let mut metronome = Metronome::new(pace, self.stage.now());
        loop {
            self.settle().await?;
            let next = self.story.next_at().into_iter().chain(self.due).min();
            let next = next.into_iter().chain(until).min();
            // There is always a next day.
            let Some(next) = next else { return Ok(()) };
            let next = metronome.piece(next, self.stage.now());
            metronome.wait_for(next, &self.stage).await;
            self.stage.move_to(next);
            self.settle().await?;
            while let Some(step) = self.story.take(self.stage.now()) {
                self.perform(step).await?;
                self.settle().await?;
            }
            if until.is_some_and(|until| until <= self.stage.now()) {
                return Ok(());
            }
        }
    }

    /// Waits for the server to come to rest, and tells the story what happened.
    async fn settle(&mut self) -> Result<(), DriveError> {
        let now = self.stage.now();
        let settled = self.stage.settled().await;
        self.due = settled.map_err(|source| DriveError::Unsettled { at: now, source })?;
        loop {
            let path = format!("/api/v1/events?after={}&limit={PAGE}", self.seen);
            let answer = self.client.get(path.clone()).await?;
            if answer.status != StatusCode::OK {
                return Err(fault(format!("GET {path}"), &answer));
            }
            let page: FeedPage = answer.read()?;
            for event in &page.events {
                self.seen = event.position;
                self.story
                    .on_event(event, now)
                    .map_err(|source| DriveError::Event { position: event.position, source })?;
            }
            if !page.more {
                return Ok(());
            }
        }
    }

    async fn perform(&mut self, step: Step) -> Result<(), DriveError> {
        match step {
            Step::Press(press) => self.press(press).await,
            Step::Send(sending) => self.send(sending).await,
            Step::Engineer(engineer, by, step) => self.engineer(engineer, by, step).await,
        }
    }

    async fn page(&mut self, ticket: TicketId) -> Result<TicketPage, DriveError> {
        let path = format!("/api/v1/tickets/{ticket}");
        let answer = self.client.get(path.clone()).await?;
        if answer.status != StatusCode::OK {
            return Err(fault(format!("GET {path}"), &answer));
        }
        Ok(answer.read()?)
    }

    /// Somebody looks at the ticket's page, and presses the button if it is there.
    async fn press(&mut self, press: Press) -> Result<(), DriveError> {
        let Press { ticket, by, command, expects } = press;
        let Some(ticket) = ticket else {
            return self.command("/api/v1/tickets".to_owned(), by, *command).await;
        };
        let page = self.page(ticket).await?;
        let held = page.assignment.map(|held| held.number);
        let as_expected = expects.assignment.is_none_or(|number| held == Some(number))
            && expects.state.is_none_or(|state| state == page.state)
            && page.offers(command.verb())
            && self.fits_other(&page, &command).await?;
        if !as_expected {
            self.tally.moved_on += 1;
            return Ok(());
        }
        let path = format!("/api/v1/tickets/{ticket}/{}", command.verb().as_str());
        self.command(path, by, *command).await
    }

    /// Whoever says that two reports are one looks at both.
    async fn fits_other(
        &mut self,
        page: &TicketPage,
        command: &TicketCommand,
    ) -> Result<bool, DriveError> {
        let TicketCommand::Link(link) = command else { return Ok(true) };
        let (Some(to), Some(LinkKind::Duplicate)) = (link.to, link.kind) else { return Ok(true) };
        let first = self.page(to).await?;
        let idle = !matches!(page.state, PhaseName::Working | PhaseName::OnHold)
            && page.offers(Verb::Resolve);
        Ok(idle && first.offers(Verb::Resolve) && first.state != PhaseName::Duplicate)
    }

    async fn command(
        &mut self,
        path: String,
        by: Party,
        command: TicketCommand,
    ) -> Result<(), DriveError> {
        let mut body = Vec::new();
        command
            .write(&mut serde_json::Serializer::new(&mut body))
            .map_err(|source| ClientError::Answer { path: path.clone(), source })?;
        let what = format!("POST {path}");
        let answer = self.client.command(Method::POST, path, by, body).await?;
        match self.taken(what, &answer)? {
            Taken::Recorded => self.tally.count(&command),
            Taken::Unchanged => self.tally.unchanged += 1,
            Taken::Refused => {}
        }
        Ok(())
    }

    /// A refusal because the world moved on is a part of the story; any other is a fault.
    fn taken(&mut self, what: String, answer: &Answer) -> Result<Taken, DriveError> {
        if answer.status.is_success() {
            let receipt: Receipt = answer.read()?;
            return Ok(match receipt.recorded_at {
                Some(_) => Taken::Recorded,
                None => Taken::Unchanged,
            });
        }
        if answer.status != StatusCode::CONFLICT {
            return Err(fault(what, answer));
        }
        let problem: Problem = answer.read()?;
        self.tally.refuse(&problem.kind);
        tracing::debug!(what, why = problem.kind, "{what} was refused");
        Ok(Taken::Refused)
    }

    /// Somebody looks who is free, and sends one of them or asks three.
    async fn send(&mut self, sending: Sending) -> Result<(), DriveError> {
        let page = self.page(sending.ticket).await?;
        if page.state != PhaseName::Queued || !page.offers(Verb::Assign) {
            self.tally.moved_on += 1;
            return Ok(());
        }
        let area = page.area.as_ref().map(|area| format!("&area={area}")).unwrap_or_default();
        let path = format!("/api/v1/engineers/load?available=true{area}");
        let answer = self.client.get(path.clone()).await?;
        if answer.status != StatusCode::OK {
            return Err(fault(format!("GET {path}"), &answer));
        }
        let free: FreePage = answer.read()?;
        let fit = page.choose(&free.engineers);
        let Some(first) = fit.first().copied() else {
            self.tally.nobody_free += 1;
            self.story.nobody_free(sending, self.stage.now());
            return Ok(());
        };
        let command: TicketCommand = match sending.how {
            SendHow::Assign => Assign { engineer: Some(first), ..Assign::default() }.into(),
            SendHow::Offer => {
                Offer { engineers: fit.into_iter().take(3).collect(), ..Offer::default() }.into()
            }
        };
        let verb = command.verb().as_str();
        let path = format!("/api/v1/tickets/{}/{verb}", sending.ticket);
        self.command(path, sending.by, command).await
    }

    async fn engineer(
        &mut self,
        engineer: EngineerId,
        by: Party,
        step: EngineerStep,
    ) -> Result<(), DriveError> {
        let path = format!("/api/v1/engineers/{engineer}/{}", step.verb());
        let body = match step {
            EngineerStep::Online | EngineerStep::Offline | EngineerStep::Unfreeze => json!({}),
            EngineerStep::Position(at) => json!(at),
            EngineerStep::OnCall(until) => json!({ "until": until }),
            EngineerStep::Leave(from, until) => json!({ "from": from, "until": until }),
        };
        let what = format!("POST {path}");
        let body = body.to_string().into_bytes();
        let answer = self.client.command(Method::POST, path, by, body).await?;
        match self.taken(what, &answer)? {
            Taken::Recorded => *self.tally.engineers.entry(step.verb()).or_default() += 1,
            Taken::Unchanged => self.tally.unchanged += 1,
            Taken::Refused => {}
        }
        Ok(())
    }
}

enum Taken {
    Recorded,
    Unchanged,
    Refused,
}

fn fault(what: String, answer: &Answer) -> DriveError {
    DriveError::Fault { what, status: answer.status, answer: answer.text() }
}

/// Turns real time into the firm's time.
struct Metronome {
    pace: Pace,
    began: Instant,
    began_at: Timestamp,
}

impl Metronome {
    fn new(pace: Pace, now: Timestamp) -> Self {
        Self { pace, began: Instant::now(), began_at: now }
    }

    /// A moment on the way, at most a second of real time away: whoever else uses the demo is
    /// heard by then. Nothing is due on the way, so stopping there changes nothing.
    fn piece(&self, moment: Timestamp, now: Timestamp) -> Timestamp {
        match self.pace {
            Pace::Unpaced => moment,
            Pace::Times(speed) => moment.min(now.plus(Duration::from_secs(1) * speed.max(1))),
        }
    }

    /// Returns when a moment has come, and lets the clock run until shortly before it.
    async fn wait_for(&mut self, moment: Timestamp, stage: &impl Stage) {
        let Pace::Times(speed) = self.pace else { return };
        let speed = speed.max(1);
        loop {
            let shown = self.began_at.plus(self.began.elapsed() * speed);
            let left = moment.since(shown);
            if left.is_zero() {
                let behind = shown.since(moment) / speed;
                if behind > BEHIND_MAX {
                    (self.began, self.began_at) = (Instant::now(), moment);
                }
                return;
            }
            // Nothing is due before that moment, so showing the time on the way changes nothing.
            stage.move_to(shown);
            tokio::time::sleep((left / speed).min(HAND)).await;
        }
    }
}

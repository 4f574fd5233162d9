//! Who is online, and where: heartbeats stay here, changes become events.
//!
//! A phone that is heard of has a lease in memory. Only its beginning and its end are recorded;
//! a position is recorded at most once a minute and after 300 m, and again after ten minutes. After a restart whoever was
//! online gets a fresh lease, so nothing is lost but the time since the last heartbeat.
//!
//! Leases change and commands are queued under one lock: otherwise a lease that ends while its
//! phone is heard of again could leave an engineer offline who has a lease.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use domain::engineer::{EngineerCommand, OfflineReason};
use domain::{
    Actor, Command, CommandId, Coordinates, EngineerId, Issuer, Party, StreamVersion, Timestamp,
};
use engine::{Error, Pending, Receipt, Submission};
use eventlog::SubmitError;
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::Notify;
use utoipa::ToSchema;

use crate::Gateway;
use crate::answer::{Answer, versioned};
use crate::engineers::SIGN_OUT;
use crate::headers::CommandHeaders;
use crate::problem::{Kind, Problem};
use crate::tickets::unknown;
use crate::views::ReceiptView;

/// Leases that are ended in one go.
const ENDED_AT_ONCE: usize = 256;
/// A position is recorded again after this time although nobody moved: the urgent rule asks for one
/// that is not old.
const KNOWN_AGAIN_AFTER: Duration = Duration::from_secs(600);
/// A lease whose end could not be recorded ends again after this time.
const TRY_AGAIN: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy)]
struct Moved {
    /// Nothing: no position was recorded yet, or it was erased.
    last: Option<(Coordinates, Timestamp)>,
}

#[derive(Debug, Default)]
struct Table {
    until: HashMap<EngineerId, Timestamp>,
    ends: BTreeSet<(Timestamp, EngineerId)>,
    moved: HashMap<EngineerId, Moved>,
}

impl Table {
    fn renew(&mut self, id: EngineerId, until: Timestamp) {
        self.end(id);
        self.until.insert(id, until);
        self.ends.insert((until, id));
    }

    fn end(&mut self, id: EngineerId) {
        if let Some(until) = self.until.remove(&id) {
            self.ends.remove(&(until, id));
        }
    }

    fn next(&self) -> Option<Timestamp> {
        self.ends.first().map(|(until, _)| *until)
    }

    fn ended(&self, now: Timestamp) -> Vec<(Timestamp, EngineerId)> {
        self.ends
            .iter()
            .take_while(|(until, _)| *until <= now)
            .take(ENDED_AT_ONCE)
            .copied()
            .collect()
    }
}

/// The leases.
#[derive(Debug)]
pub(crate) struct Presence {
    table: Mutex<Table>,
    /// The next end is earlier than it was.
    earlier: Notify,
    leases_max: usize,
}

/// A receipt, and until when the engineer counts as online without a further word.
#[derive(Serialize, ToSchema)]
pub(crate) struct PresenceAnswer {
    #[serde(flatten)]
    receipt: ReceiptView,
    online_until: Option<Timestamp>,
}

impl Presence {
    pub(crate) fn new(leases_max: usize) -> Self {
        Self { table: Mutex::default(), earlier: Notify::new(), leases_max }
    }

    /// How many are online.
    pub(crate) fn leases(&self) -> usize {
        self.table.lock().until.len()
    }

    fn renew(&self, table: &mut Table, id: EngineerId, until: Timestamp) -> Result<(), Problem> {
        if table.until.len() >= self.leases_max && !table.until.contains_key(&id) {
            return Err(Problem::new(
                Kind::Busy,
                format!("{} engineers are online, which is the most", self.leases_max),
            ));
        }
        let before = table.next();
        table.renew(id, until);
        if before.is_none_or(|before| until < before) {
            self.earlier.notify_one();
        }
        Ok(())
    }
}

impl Gateway {
    fn lease_from_now(&self) -> Timestamp {
        self.ports().clock.now().plus(self.config().lease)
    }

    async fn settle(&self, pending: Result<Pending, Error>) -> Result<Receipt, Error> {
        let result = match pending {
            Ok(pending) => pending.durable().await,
            Err(error) => Err(error),
        };
        self.remember(result.as_ref());
        result
    }

    /// `POST /engineers/{id}/online`: begins or renews the lease.
    pub(crate) async fn heard_of(&self, id: EngineerId, headers: CommandHeaders) -> Answer {
        let until = self.lease_from_now();
        let command = Command::Engineer(id, EngineerCommand::GoOnline);
        let pending = {
            let table = &mut *self.presence.table.lock();
            let pending = self.ports().engine.begin(headers.submission(command));
            if pending.is_ok() {
                self.presence.renew(table, id, until)?;
            }
            pending
        };
        match self.settle(pending).await {
            Ok(receipt) => Ok(answer(receipt.into(), Some(until))),
            Err(error) => {
                // Nobody with this id, or not known whether they are online.
                self.presence.table.lock().end(id);
                Err(error.into())
            }
        }
    }

    /// `POST /engineers/{id}/offline`: ends the lease.
    pub(crate) async fn signed_out(&self, id: EngineerId, headers: CommandHeaders) -> Answer {
        let pending = {
            let mut table = self.presence.table.lock();
            let pending =
                self.ports().engine.begin(headers.submission(Command::Engineer(id, SIGN_OUT)));
            if pending.is_ok() {
                table.end(id);
            }
            pending
        };
        let receipt = self.settle(pending).await?;
        Ok(answer(receipt.into(), None))
    }

    /// `POST /engineers/{id}/position`: renews the lease of one who is online; recorded where it
    /// is news.
    pub(crate) async fn moved(
        &self,
        id: EngineerId,
        at: Coordinates,
        headers: CommandHeaders,
    ) -> Answer {
        // A repetition gets its first result, although it is no news any more.
        let repeated = self.ports().log.find_command(&headers.id)?.is_some();
        if !self.presence.table.lock().moved.contains_key(&id) {
            if self.ports().log.stream_version(id.into())? == StreamVersion::ZERO {
                return Err(unknown(id.into()));
            }
            // A directory that lags costs one event too many, and nothing else.
            let entry = self.ports().read_models.engineer(id).value;
            let last = entry.and_then(|entry| entry.position);
            let last = last.and_then(|last| Some((last.coordinates?, last.at)));
            let table = &mut *self.presence.table.lock();
            if table.moved.len() >= self.presence.leases_max {
                // All of it can be read from the log again.
                table.moved.clear();
            }
            table.moved.entry(id).or_insert(Moved { last });
        }
        let now = self.ports().clock.now();
        let until = self.lease_from_now();
        let (pending, online_until) = {
            let table = &mut *self.presence.table.lock();
            let online = table.until.contains_key(&id);
            if online {
                table.renew(id, until);
            }
            let last = table.moved.get(&id).and_then(|moved| moved.last);
            let news = last.is_none_or(|(from, since)| {
                let (age, far) = (now.since(since), from.distance_m(at));
                age >= KNOWN_AGAIN_AFTER
                    || age >= self.config().move_every && far >= self.config().move_metres
            });
            let pending = (news || repeated).then(|| {
                let command = Command::Engineer(id, EngineerCommand::Move(at));
                let pending = self.ports().engine.begin(headers.submission(command));
                if pending.is_ok() && !repeated {
                    table.moved.insert(id, Moved { last: Some((at, now)) });
                }
                pending
            });
            (pending, online.then_some(until))
        };
        let Some(pending) = pending else {
            let log = &self.ports().log;
            let version = log.stream_version(id.into())?;
            let receipt = ReceiptView::unchanged(id.into(), version, log.head().position);
            return Ok(answer(receipt, online_until));
        };
        match self.settle(pending).await {
            Ok(receipt) => Ok(answer(receipt.into(), online_until)),
            Err(error) => {
                // Read from the log the next time.
                self.presence.table.lock().moved.remove(&id);
                Err(error.into())
            }
        }
    }

    /// Gives those who are online by the log a lease from now on, as after a restart. Those who
    /// have one keep it.
    pub(crate) fn restore_presence(&self, online: impl IntoIterator<Item = EngineerId>) {
        let until = self.lease_from_now();
        let table = &mut *self.presence.table.lock();
        for id in online {
            if !table.until.contains_key(&id) && self.presence.renew(table, id, until).is_err() {
                return;
            }
        }
    }

    /// Records the end of leases that are over.
    async fn end_leases(&self) {
        let now = self.ports().clock.now();
        let pending: Vec<_> = {
            let table = &mut *self.presence.table.lock();
            let ended = table.ended(now);
            ended
                .into_iter()
                .filter_map(|(until, id)| {
                    let begun = self.ports().engine.begin(lease_ended(id, until));
                    // Nothing of this is over by itself before the lease is looked at again, and a
                    // lease that is forgotten would leave the engineer online for ever.
                    if matches!(
                        begun,
                        Err(Error::Busy
                            | Error::DiskReserve { .. }
                            | Error::DiskFull { .. }
                            | Error::Log(SubmitError::ClockJumped { .. }))
                    ) {
                        table.renew(id, now.plus(TRY_AGAIN));
                        return None;
                    }
                    table.end(id);
                    Some((id, begun))
                })
                .collect()
        };
        for (id, begun) in pending {
            if let Err(error) = self.settle(begun).await {
                tracing::error!(engineer.id = %id, error = %error, "the end of a lease was not recorded");
            }
        }
    }
}

fn answer(receipt: ReceiptView, online_until: Option<Timestamp>) -> axum::response::Response {
    let version: StreamVersion = receipt.version;
    versioned(version, PresenceAnswer { receipt, online_until })
}

/// The end of one lease has one key, so it is recorded once however often it is tried.
fn lease_ended(id: EngineerId, until: Timestamp) -> Submission {
    let key = format!("lease-ended/{id}/{}", until.as_micros());
    Submission::live(
        CommandId { issuer: Issuer::Gateway, key },
        Command::Engineer(id, EngineerCommand::GoOffline(OfflineReason::LeaseEnded)),
        Actor::system(Party::Gateway),
    )
}

/// Ends leases when their time is over, until the gateway is closed. One of these runs beside
/// the server.
pub async fn keep_presence(gateway: Arc<Gateway>) {
    let mut closed = std::pin::pin!(gateway.closed());
    tokio::select! {
        () = &mut closed => return,
        () = gateway.restore_leases() => {}
    }
    loop {
        let next = gateway.presence.table.lock().next();
        let over = async {
            match next {
                Some(at) => gateway.ports().clock.wait_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = &mut closed => return,
            () = gateway.presence.earlier.notified() => {}
            () = over => gateway.end_leases().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renewed_lease_ends_once_and_later() {
        let mut table = Table::default();
        let (one, two) = (EngineerId::from_u128(1), EngineerId::from_u128(2));
        table.renew(one, Timestamp::from_seconds(10));
        table.renew(two, Timestamp::from_seconds(15));
        table.renew(one, Timestamp::from_seconds(20));
        assert_eq!(table.ended(Timestamp::from_seconds(15)), [(Timestamp::from_seconds(15), two)]);
        table.end(two);
        assert_eq!(table.next(), Some(Timestamp::from_seconds(20)));
        assert_eq!(table.ends.len(), 1);
    }
}

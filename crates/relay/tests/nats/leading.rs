//! Of several dispatchers one leads, whatever becomes of it or of the server.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, jetstream};
use dispatcher::{Answer, Commands, Dispatcher, Options, Role, Status, SubmitError, Wait, drive};
use domain::Timestamp;
use mishaps::NatsServer;
use relay::{LeaseOptions, Names, keep_lease};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::firm::{client_of, within};

/// As short as can be configured.
const LASTS: Duration = Duration::from_secs(1);

/// Somebody who asks for the lease until it is dropped, which is as sudden as `kill -9`.
pub(crate) struct Candidate {
    role: watch::Receiver<Role>,
    status: Arc<Status>,
    stop: watch::Sender<bool>,
    asking: JoinHandle<()>,
}

/// Takes nothing, and never comes to an end.
struct Idle;

impl Commands for Idle {
    async fn submit(&self, _: &dispatcher::Action) -> Result<Answer, SubmitError> {
        Err(SubmitError::Closed)
    }
}

impl Wait for Idle {
    fn now(&self) -> Timestamp {
        Timestamp::default()
    }

    async fn until(&self, _: Timestamp) {
        std::future::pending().await
    }
}

/// The status of a dispatcher that has read all there is.
async fn caught_up() -> Arc<Status> {
    struct Nothing;
    impl dispatcher::Feed for Nothing {
        async fn head(&mut self) -> Result<domain::GlobalPosition, dispatcher::FeedError> {
            Ok(domain::GlobalPosition::ZERO)
        }
        async fn next(
            &mut self,
            _: domain::GlobalPosition,
        ) -> Result<Vec<dispatcher::FeedEvent>, dispatcher::FeedError> {
            std::future::pending().await
        }
    }
    let status = Arc::new(Status::default());
    let mut numbers = status.watch();
    let (core, options) = (Dispatcher::new(), Options::default());
    let driving = drive(core, Nothing, &Idle, &Idle, &status, options, std::future::pending());
    tokio::select! {
        ended = driving => panic!("{ended:?}"),
        seen = numbers.wait_for(|now| now.caught_up) => assert!(seen.is_ok()),
    }
    status
}

impl Candidate {
    pub(crate) async fn start(client: Client, me: &str) -> Self {
        let (role, roles) = watch::channel(Role::Standby);
        let (stop, mut stopped) = watch::channel(false);
        let status = caught_up().await;
        let options = LeaseOptions { me: me.to_owned(), lasts: LASTS };
        let asking =
            keep_lease(client, Names::default(), options, Arc::clone(&status), role, async move {
                drop(stopped.wait_for(|stopped| *stopped).await)
            });
        Self { role: roles, status, stop, asking: tokio::spawn(asking) }
    }

    pub(crate) async fn leads(&self, leads: bool) {
        let role = if leads { Role::Leader } else { Role::Standby };
        let mut roles = self.role.clone();
        let found = within("a change of the lead", roles.wait_for(|now| *now == role)).await;
        assert!(found.is_ok());
    }

    fn is_leader(&self) -> bool {
        *self.role.borrow() == Role::Leader
    }

    async fn stop(self) {
        self.stop.send_replace(true);
        within("stopping", self.asking).await.expect("no panic");
    }

    async fn kill(self) {
        self.asking.abort();
        drop(self.asking.await);
    }
}

/// Waits until one of them leads; the place.
async fn one_of(candidates: &[&Candidate]) -> usize {
    within("a leader", async {
        loop {
            if let Some(place) = candidates.iter().position(|one| one.is_leader()) {
                return place;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_leads_once_the_leader_is_killed_stops_or_begins_anew() {
    let server = NatsServer::start();
    let first = Candidate::start(client_of(&server).await, "a").await;
    first.leads(true).await;
    let second = Candidate::start(client_of(&server).await, "b").await;
    let third = Candidate::start(client_of(&server).await, "c").await;
    first.kill().await;
    let place = one_of(&[&second, &third]).await;
    let (leader, standby) = if place == 0 { (second, third) } else { (third, second) };
    assert!(!standby.is_leader());
    // It reads everything again: others know more.
    leader.status.begin();
    standby.leads(true).await;
    leader.leads(false).await;
    let fourth = Candidate::start(client_of(&server).await, "d").await;
    standby.stop().await;
    fourth.leads(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_server_nobody_leads_and_one_does_when_it_is_back_with_an_empty_disk() {
    let mut server = NatsServer::start();
    let first = Candidate::start(client_of(&server).await, "a").await;
    first.leads(true).await;
    let second = Candidate::start(client_of(&server).await, "b").await;
    server.lose_disk();
    first.leads(false).await;
    assert!(!second.is_leader());
    server.begin();
    one_of(&[&first, &second]).await;
    // Under a running server as well.
    let context = jetstream::new(client_of(&server).await);
    context.delete_stream(Names::default().lease_stream()).await.expect("is deleted");
    within("made again", async {
        while context.get_stream(Names::default().lease_stream()).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    one_of(&[&first, &second]).await;
}

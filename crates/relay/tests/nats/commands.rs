//! The dispatcher's commands, there and back.

use std::sync::Arc;

use async_nats::HeaderMap;
use bytes::Bytes;
use dispatcher::{Action, Answer, Basis, Because, Commands, Refusal, Role, SubmitError};
use domain::ticket::TimeOut;
use domain::{
    Command, CommandId, EngineerId, Filter, GlobalPosition, Issuer, RuleSetVersion, TicketId,
    Timestamp,
};
use mishaps::NatsServer;
use parking_lot::Mutex;
use relay::{Names, RemoteCommands, Requests, answer_requests};
use tokio::sync::{oneshot, watch};

use crate::firm::{client_of, within};

#[derive(Clone, Default)]
pub(crate) struct Gateway {
    seen: Arc<Mutex<Vec<Action>>>,
}

impl Commands for Gateway {
    async fn submit(&self, action: &Action) -> Result<Answer, SubmitError> {
        let mut seen = self.seen.lock();
        seen.push(action.clone());
        let engineer = EngineerId::from_u128(3);
        match seen.len() {
            1 => Ok(Answer::Done { position: GlobalPosition::new(u64::MAX >> 1) }),
            2 => Ok(Answer::Rejected(Refusal {
                because: Because::Engineer { engineer, filter: Filter::Frozen },
                words: "is frozen".into(),
            })),
            3 => Err(SubmitError::Busy),
            _ => Ok(Answer::DecidedAlready),
        }
    }
}

impl Requests for Gateway {
    async fn answer(&self, headers: &[(&str, &str)], payload: &[u8]) -> Bytes {
        format!("{headers:?} {}", String::from_utf8_lossy(payload)).into()
    }
}

pub(crate) fn leader() -> watch::Receiver<Role> {
    watch::Sender::new(Role::Leader).subscribe()
}

pub(crate) fn action(number: u32) -> Action {
    Action {
        id: CommandId { issuer: Issuer::Dispatcher, key: format!("time-out/{number}") },
        command: Command::Ticket(TicketId::from_u128(1), TimeOut { assignment: number }.into()),
        basis: Basis {
            position: GlobalPosition::new(9),
            decided_at: Timestamp::from_micros(1_800_000_000_000_001),
            rule_set: RuleSetVersion::new(2),
            core_version: 1,
        },
        caused_by: Some(GlobalPosition::new(8)),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_action_arrives_as_it_was_decided_and_its_answer_comes_back() {
    let server = NatsServer::start();
    let (gateway, names) = (Gateway::default(), Names::default());
    let remote = RemoteCommands::new(client_of(&server).await, &names, leader());
    // Nobody answers yet: not taken, to be sent again.
    let nobody = within("nobody", remote.submit(&action(0))).await;
    assert!(matches!(nobody, Err(SubmitError::Busy)), "{nobody:?}");

    let client = client_of(&server).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let answering = answer_requests(
        client.clone(),
        names.clone(),
        gateway.clone(),
        gateway.clone(),
        async move { drop(stopped.await) },
    );
    let answering = tokio::spawn(answering);
    let answer = async |number| loop {
        // The subscription may be on its way still.
        match remote.submit(&action(number)).await {
            Err(SubmitError::Busy) if gateway.seen.lock().is_empty() => {}
            answer => return answer,
        }
    };
    let done = within("an answer", answer(1)).await.expect("an answer");
    assert_eq!(done, Answer::Done { position: GlobalPosition::new(u64::MAX >> 1) });
    let refused = within("an answer", answer(2)).await.expect("an answer");
    let because = Because::Engineer { engineer: EngineerId::from_u128(3), filter: Filter::Frozen };
    let expected = Refusal { because, words: "is frozen".into() };
    assert_eq!(refused, Answer::Rejected(expected));
    assert!(matches!(within("busy", answer(3)).await, Err(SubmitError::Busy)));
    assert_eq!(within("an answer", answer(4)).await.expect("an answer"), Answer::DecidedAlready);
    assert_eq!(*gateway.seen.lock(), [1, 2, 3, 4].map(action));

    let mut headers = HeaderMap::new();
    headers.insert("Idempotency-Key", "k1");
    let sent = client.request_with_headers(names.commands(), headers, "a line".into());
    let heard = within("an answer", sent).await.expect("an answer").payload;
    assert_eq!(heard, r#"[("Idempotency-Key", "k1")] a line"#);
    let wrong = client.request(names.dispatcher_commands(), "{}".into());
    let wrong = within("an answer", wrong).await.expect("an answer").payload;
    assert!(String::from_utf8_lossy(&wrong).contains("unreadable"), "{wrong:?}");
    drop(stop);
    within("stopping", answering).await.expect("no panic").expect("no failure");
}

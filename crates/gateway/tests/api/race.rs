//! Many who want the same thing at once, on connections of their own.

use std::sync::Arc;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::world::World;

const ENGINEERS: usize = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_accept_an_offer_at_once_one_has_it_and_the_others_are_told_who() {
    let world = World::new();
    world.firm().await;
    let mut engineers = Vec::new();
    for number in 0..ENGINEERS {
        engineers.push(world.engineer(&format!("R{number}")).await);
    }
    let id = world.ticket().await;
    world.done(&format!("/tickets/{id}/offer"), json!({"engineers": engineers})).await;

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async { drop(stopped.await) };
    let serving = tokio::spawn(gateway::serve_tcp(listener, Arc::clone(&world.gateway), shutdown));

    let accepts = engineers.iter().map(|engineer| {
        let (id, engineer) = (id.clone(), engineer.clone());
        tokio::spawn(async move {
            let stream = TcpStream::connect(address).await.expect("a connection");
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
            let connection = tokio::spawn(connection);
            let request = hyper::Request::post(format!("/api/v1/tickets/{id}/accept"))
                .header("host", "localhost")
                .header("paidan-actor", format!("engineer:{engineer}"))
                .body(Empty::<Bytes>::new())
                .expect("a request");
            let response = sender.send_request(request).await.expect("an answer");
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.expect("a body").to_bytes();
            drop(sender);
            connection.await.expect("no panic").expect("a clean end");
            (engineer, status, serde_json::from_slice::<Value>(&body).expect("JSON"))
        })
    });
    let replies = futures_util::future::join_all(accepts.collect::<Vec<_>>()).await;
    let replies: Vec<_> = replies.into_iter().map(|reply| reply.expect("no panic")).collect();

    let winners: Vec<_> = replies.iter().filter(|(_, status, _)| *status == 200).collect();
    assert_eq!(winners.len(), 1, "{winners:?}");
    let (winner, _, receipt) = winners[0];
    assert_eq!(receipt["state"], "working");
    for (_, status, body) in replies.iter().filter(|(engineer, ..)| engineer != winner) {
        assert_eq!(
            (*status, &body["type"], &body["winner"], &body["since"], &body["current"]["state"]),
            (
                409,
                &json!("urn:paidan:problem:taken-by"),
                &json!(winner),
                &json!("2026-03-02T00:00:00Z"),
                &json!("working"),
            )
        );
        assert_eq!(body["current"]["version"], receipt["version"]);
    }
    stop.send(()).expect("the server waits for it");
    serving.await.expect("no panic").expect("a clean end");
}

#[tokio::test]
async fn a_last_place_is_given_once() {
    let world = World::new();
    world.firm().await;
    let engineer = world.engineer("L1").await;
    let mut tickets = Vec::new();
    for _ in 0..8 {
        tickets.push(world.ticket().await);
    }
    let assigns = tickets.iter().map(|id| {
        world.post(&format!("/tickets/{id}/assign")).json(&json!({"engineer": engineer})).send()
    });
    let replies = futures_util::future::join_all(assigns).await;
    let given = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(given, 3);
    for refused in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(refused.problem(), (409, "no-free-place"));
        assert_eq!((&refused.body["taken"], &refused.body["capacity"]), (&3.into(), &3.into()));
    }
}

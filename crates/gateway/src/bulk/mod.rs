//! Many commands in one request: a line each, answered line by line in the same order.
//!
//! Two halves with a bounded queue between them. One reads lines and hands each to the engine,
//! which decides and queues it; the other waits until each is durable and writes its answer. So
//! many commands become durable together, and a sender that does not read its answers is not read
//! from. A command is what it is by itself: nothing binds the lines of a request together.

mod answer;
mod example;
mod line;
mod lines;
mod message;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use futures_util::{StreamExt, stream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{self, Sender};
use tracing::Instrument;

use crate::Gateway;
use crate::answer::Answer;
use crate::commands::Order;
use crate::headers::CommandHeaders;
use crate::problem::{Kind, Problem};
pub(crate) use answer::BulkAnswer;
use answer::Taken;
pub(crate) use example::{EXAMPLE, EXAMPLE_ANSWERS};
pub(crate) use line::BulkLine;
pub use message::answer_message;

use lines::Lines;

/// What goes in and comes out.
pub(crate) const NDJSON: &str = "application/x-ndjson";

/// Commands of a request that are decided and whose answer is not written yet: enough to make many
/// durable together, and an eighth of the log's queue, so that others get in too.
const IN_FLIGHT_MAX: usize = 1_024;

/// Answers that are written together, where so many are ready.
const ANSWERS_TOGETHER: usize = 128;

/// How long a full queue of the log is left alone before it is looked at again.
const FULL_QUEUE_WAIT: Duration = Duration::from_millis(5);

/// `POST /commands`.
pub(crate) async fn take(
    State(gateway): State<Arc<Gateway>>,
    headers: CommandHeaders,
    request: Request,
) -> Answer {
    if !is_ndjson(request.headers()) {
        let detail = "send one command on each line, with `Content-Type: application/x-ndjson`";
        return Err(Problem::new(Kind::NotNdjson, detail));
    }
    let Ok(turn) = Arc::clone(&gateway.bulks).try_acquire_owned() else {
        return Err(Problem::new(
            Kind::Busy,
            "as many requests with many commands as allowed are under way; come again in a moment",
        ));
    };
    let (taken, mut answers) = mpsc::channel(IN_FLIGHT_MAX);
    let taker = Taker { gateway: Arc::clone(&gateway), headers, taken, _turn: turn };
    // A span of its own: each ticket and position that is recorded in the request's span makes that
    // longer, and here there is no end of them.
    let span = tracing::info_span!("commands");
    let reading = tokio::spawn(taker.run(request.into_body()).instrument(span));
    let settled = stream::poll_fn(move |context| answers.poll_recv(context))
        .then(move |taken: Taken| answer::settle(Arc::clone(&gateway), taken));
    let end = stream::once(reading).filter_map(async |ended| ended.err().map(answer::broken_off));
    let answers = settled.chain(end.boxed());
    let pieces = answers.ready_chunks(ANSWERS_TOGETHER).map(|answers| answer::written(&answers));
    let body = Body::from_stream(pieces.map(Ok::<_, Infallible>));
    Ok(([(header::CONTENT_TYPE, NDJSON)], body).into_response())
}

fn is_ndjson(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = text.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    // Both names are in use; neither is registered.
    [NDJSON, "application/ndjson"].iter().any(|name| essence.eq_ignore_ascii_case(name))
}

/// The half that reads.
struct Taker {
    gateway: Arc<Gateway>,
    headers: CommandHeaders,
    taken: Sender<Taken>,
    /// Gives the place back when there is nothing more to read.
    _turn: OwnedSemaphorePermit,
}

/// Nobody waits for answers any more, or the request has come to its end.
struct Ended;

impl Taker {
    async fn run(self, body: Body) {
        let config = self.gateway.config();
        let mut lines = Lines::new(line_bytes_max(&self.gateway));
        let mut closed = std::pin::pin!(self.gateway.closed());
        let mut pieces = body.into_data_stream();
        loop {
            while let Some(line) = lines.next() {
                let Ok(()) = self.take(line).await else { return };
            }
            let piece = tokio::time::timeout(config.body_within, pieces.next());
            let piece = tokio::select! {
                () = &mut closed => {
                    let detail = "the server stops; send this line and those after it again";
                    return self.give_up(&lines, Problem::new(Kind::Busy, detail)).await;
                }
                piece = piece => piece,
            };
            match piece {
                Ok(Some(Ok(piece))) => lines.push(&piece),
                Ok(None) => {
                    if let Some(line) = lines.last() {
                        // There is nothing after it either way.
                        let (Ok(()) | Err(Ended)) = self.take(line).await;
                    }
                    return;
                }
                // What came of a line that broke off is not carried out.
                Ok(Some(Err(_))) => {
                    let detail = "the request broke off; send this line and those after it again";
                    let problem = Problem::new(Kind::BodyNotReceived, detail);
                    return self.give_up(&lines, problem).await;
                }
                Err(_) => {
                    let detail = format!(
                        "nothing came for {} s; send this line and those after it in another \
                         request",
                        config.body_within.as_secs()
                    );
                    let problem = Problem::new(Kind::BodyNotReceived, detail);
                    return self.give_up(&lines, problem).await;
                }
            }
        }
    }

    async fn take(&self, line: lines::Line<'_>) -> Result<(), Ended> {
        let number = line.number;
        let unnamed = || format!("{}/{number}", self.headers.id.key);
        self.send(begin(&self.gateway, &self.headers, unnamed, line).await).await
    }

    async fn give_up(&self, lines: &Lines, problem: Problem) {
        let taken = Taken { line: lines.number(), key: None, made: false, begun: Err(problem) };
        // Where nobody reads it, nobody misses it.
        let (Ok(()) | Err(Ended)) = self.send(taken).await;
    }

    /// Hands a line on to be answered. Who reads no answers for too long gets none.
    async fn send(&self, taken: Taken) -> Result<(), Ended> {
        let within = self.gateway.config().body_within;
        match self.taken.try_send(taken) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(Ended),
            Err(mpsc::error::TrySendError::Full(taken)) => {
                let sent = tokio::time::timeout(within, self.taken.send(taken)).await;
                sent.map_err(|_| Ended)?.map_err(|_| Ended)
            }
        }
    }
}

/// A line may hold a long text, as a request of its own may.
fn line_bytes_max(gateway: &Gateway) -> usize {
    let config = gateway.config();
    config.attachments.text_body_bytes_max(config.body_bytes_max)
}

/// Decides what a line asks for and queues what it leads to.
async fn begin(
    gateway: &Gateway,
    request: &CommandHeaders,
    unnamed: impl FnOnce() -> String + Send,
    line: lines::Line<'_>,
) -> Taken {
    let number = line.number;
    match read(gateway, request, unnamed, line).await {
        Ok((headers, order)) => {
            room(gateway).await;
            let made = matches!(order, Order::Report(_));
            let key = headers.id.key.clone();
            let begun = gateway.begin(headers, order);
            Taken { line: number, key: Some(key), made, begun }
        }
        Err((key, problem)) => Taken { line: number, key, made: false, begun: Err(problem) },
    }
}

/// The command of a line; with a problem, the key that it would have had, where that is known.
async fn read(
    gateway: &Gateway,
    request: &CommandHeaders,
    unnamed: impl FnOnce() -> String + Send,
    line: lines::Line<'_>,
) -> Result<(CommandHeaders, Order), (Option<String>, Problem)> {
    let Some(text) = line.text else {
        let max = line_bytes_max(gateway);
        let detail = format!("the line is longer than {max} bytes; the others are not concerned");
        return Err((None, Problem::new(Kind::BodyTooLarge, detail).with("max", max)));
    };
    let mut read = BulkLine::read(text).map_err(|problem| (None, problem))?;
    let headers = read.headers(unnamed, request).map_err(|problem| (None, problem))?;
    let order = async {
        let order = read.order(gateway).await?;
        gateway.vouched(&headers, order).await
    };
    match order.await {
        Ok(order) => Ok((headers, order)),
        Err(problem) => Err((Some(headers.id.key), problem)),
    }
}

/// Waits while the log's queue is full, for a while; then the engine says so.
async fn room(gateway: &Gateway) {
    let log = &gateway.ports().log;
    let looks = gateway.config().wait_max.as_millis() / FULL_QUEUE_WAIT.as_millis();
    for _ in 0..looks {
        if log.has_room() {
            return;
        }
        tokio::time::sleep(FULL_QUEUE_WAIT).await;
    }
}

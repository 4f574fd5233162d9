//! Questions to the API without a connection, for the command line: the same addresses, the same
//! answers, byte for byte, because the same handlers give them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use domain::Timestamp;
use tower::ServiceExt;

use crate::problem::{Kind, Problem};
use crate::{Gateway, router};

/// More than any page of an answer has.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A read that names a `min_position` waits for seconds; nothing that ends takes longer than this.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// What a `GET` answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The status of HTTP.
    pub status: u16,
    /// The body, as HTTP has it.
    pub body: Vec<u8>,
    /// When that was, by the clock of whoever answers.
    pub now: Timestamp,
}

impl Gateway {
    /// Answers `GET target`, such as `/api/v1/backlog/top?n=5`. What never ends, as the stream
    /// does, is answered with a problem after a minute.
    pub async fn answer(self: &Arc<Self>, target: &str) -> Answered {
        match tokio::time::timeout(ANSWER_WITHIN, self.answer_whole(target)).await {
            Ok(Ok(answered)) => answered,
            Ok(Err(problem)) => self.whole(&problem),
            Err(_) => {
                let detail = "the answer has no end here; ask for it over HTTP";
                self.whole(&Problem::new(Kind::BadPath, detail))
            }
        }
    }

    async fn answer_whole(self: &Arc<Self>, target: &str) -> Result<Answered, Problem> {
        let request = Request::get(target).body(Body::empty()).map_err(|error| {
            Problem::new(Kind::BadPath, format!("the address cannot be asked for: {error}"))
        })?;
        let response = match router(Arc::clone(self)).oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.map_err(|error| {
            Problem::failure(Kind::Internal, "the answer could not be made to its end", &error)
        })?;
        Ok(Answered { status, body: body.into(), now: self.ports().clock.now() })
    }

    fn whole(&self, problem: &Problem) -> Answered {
        let status = problem.kind().status().as_u16();
        Answered { status, body: problem.body().to_string().into(), now: self.ports().clock.now() }
    }
}

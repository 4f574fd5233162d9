//! The answer to one line: the receipt, or the problem, that the command would have had by itself.

use std::sync::Arc;

use axum::body::Bytes;
use engine::Pending;
use serde::Serialize;
use serde_json::Value;
use tokio::task::JoinError;
use utoipa::ToSchema;

use crate::Gateway;
use crate::problem::{Kind, Problem};
use crate::views::ReceiptView;

/// As long as an answer is, about.
const ANSWER_BYTES: usize = 320;

/// What became of a line. There is an answer for each line that is not empty, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkAnswer {
    /// Which line, from 1; empty ones count.
    #[schema(minimum = 1)]
    line: Option<u64>,
    /// The status that the command would have had by itself.
    #[schema(minimum = 200, maximum = 599)]
    status: u16,
    /// The key of the command, to repeat it; absent where the line could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// It is recorded, or was true already.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptView>,
    /// It was refused. The lines after it go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    problem: Option<Value>,
}

/// A line that was read, and decided where it is a command.
pub(super) struct Taken {
    pub(super) line: u64,
    pub(super) key: Option<String>,
    /// It makes a ticket.
    pub(super) made: bool,
    pub(super) begun: Result<Pending, Problem>,
}

/// Answers once what the answer tells is durable.
pub(super) async fn settle(gateway: Arc<Gateway>, taken: Taken) -> BulkAnswer {
    let Taken { line, key, made, begun } = taken;
    let settled = match begun {
        Ok(pending) => {
            let settled = pending.durable().await;
            gateway.remember(settled.as_ref());
            settled.map_err(Problem::from)
        }
        Err(problem) => Err(problem),
    };
    let line = Some(line);
    match settled {
        Ok(receipt) => {
            let status = if made { 201 } else { 200 };
            BulkAnswer { line, status, key, receipt: Some(receipt.into()), problem: None }
        }
        Err(problem) => refused(line, key, &problem),
    }
}

fn refused(line: Option<u64>, key: Option<String>, problem: &Problem) -> BulkAnswer {
    let status = problem.kind().status().as_u16();
    BulkAnswer { line, status, key, receipt: None, problem: Some(problem.body()) }
}

/// Reading ended by a mistake of ours: the lines that have no answer are told of.
pub(super) fn broken_off(error: JoinError) -> BulkAnswer {
    let detail = "a mistake of ours; the lines without an answer may or may not be recorded: \
                  repeat them with the same keys";
    refused(None, None, &Problem::failure(Kind::Internal, detail, &error))
}

/// Answers, a line each.
pub(super) fn written(answers: &[BulkAnswer]) -> Bytes {
    let mut out = Vec::with_capacity(answers.len() * ANSWER_BYTES);
    for answer in answers {
        if let Err(error) = serde_json::to_writer(&mut out, answer) {
            // Neither keys nor numbers of ours can do that; the client sees that a line is missing.
            tracing::error!(error = %error, "an answer could not be written");
        }
        out.push(b'\n');
    }
    out.into()
}

//! Errors of whoever submits a command.

use axum::http::StatusCode;
use domain::Rejection;
use engine::{Error, Rejected};
use eventlog::SubmitError;
use serde_json::Value;

use super::{Kind, Problem};
use crate::views::TicketView;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::Rejected(rejected) => rejected_problem(&rejected),
            Error::IdReused { command } => Self::new(
                Kind::KeyReused,
                "this Idempotency-Key was used for another content; repeat the first request as \
                 it was, or send this one with a fresh key",
            )
            .with("idempotency_key", command.key),
            Error::VersionMismatch { stream, expected, actual } => Self::new(
                Kind::VersionMismatch,
                format!("{detail}, then send the command with If-Match: \"{actual}\""),
            )
            .with("id", stream)
            .with("expected", expected)
            .at_version(actual),
            Error::ImplausibleTime { occurred_at, now } => Self::new(
                Kind::ImplausibleTime,
                format!("{detail}; set the clock right, or leave Paidan-Occurred-At out"),
            )
            .with("occurred_at", occurred_at)
            .with("now", now),
            Error::Busy => Self::new(Kind::Busy, detail),
            Error::DiskReserve { free_bytes, reserve_bytes } => {
                Self::new(Kind::DiskReserve, detail)
                    .with("free_bytes", free_bytes)
                    .with("reserve_bytes", reserve_bytes)
            }
            Error::DiskFull { free_bytes, floor_bytes } => Self::new(Kind::DiskFull, detail)
                .with("free_bytes", free_bytes)
                .with("floor_bytes", floor_bytes),
            Error::Log(refusal) => refused(refusal),
            Error::Read { source, .. } => source.into(),
            Error::Corrupt { stream, ref source } => Self::failure(
                Kind::HistoryDamaged,
                "the stored history makes no sense; nothing was recorded; run `paidan log verify`",
                source,
            )
            .with("id", stream)
            .with("damaged_at", source.position),
            Error::OutcomeUnknown => Self::failure(
                Kind::OutcomeUnknown,
                "the command may or may not be recorded; repeat it with the same Idempotency-Key \
                 after the server was restarted: it is applied at most once",
                &error,
            ),
        }
    }
}

fn refused(refusal: SubmitError) -> Problem {
    let detail = refusal.to_string();
    match refusal {
        // The engine asks the log just before and is its only writer; sending it again decides anew.
        SubmitError::WrongExpectedVersion { .. } | SubmitError::KnownCommand { .. } => {
            Problem::failure(
                Kind::Contended,
                "something else wrote at the same moment; send it again with the same \
                 Idempotency-Key",
                &refusal,
            )
        }
        SubmitError::QueueFull => Problem::new(Kind::Busy, detail),
        SubmitError::RecordTooLarge { bytes, max } | SubmitError::AppendTooLarge { bytes, max } => {
            Problem::new(Kind::RecordTooLarge, detail).with("bytes", bytes).with("max", max)
        }
        SubmitError::Malformed(_) => {
            Problem::failure(Kind::Internal, "the command could not be recorded", &refusal)
        }
        SubmitError::ClockJumped { from, to } => {
            let detail =
                format!("{detail}; `paidan log confirm-clock` on the server's machine confirms it");
            Problem::failure(Kind::ClockJumped, &detail, &refusal).with("from", from).with("to", to)
        }
        SubmitError::Closed | SubmitError::Poisoned => Problem::failure(
            Kind::LogRefuses,
            "the log takes nothing until the server is restarted; repeat it after that with the \
             same Idempotency-Key",
            &refusal,
        ),
        SubmitError::Keys(_) => Problem::failure(
            Kind::KeysUnavailable,
            "personal data cannot be sealed now; nothing was recorded; tell whoever runs the \
             server",
            &refusal,
        ),
        SubmitError::Read(source) => source.into(),
    }
}

/// The kind of a rejection, and what its reader can do.
pub(crate) const fn describe(rejection: &Rejection) -> (Kind, Option<&'static str>) {
    match rejection {
        Rejection::NotFound { .. } => (Kind::NotFound, None),
        Rejection::UnknownReference { .. } => (Kind::UnknownReference, None),
        Rejection::AlreadyExists { .. } => (Kind::AlreadyExists, None),
        Rejection::NotAllowed { .. } => (
            Kind::NotAllowed,
            Some("`current.allowed` has the verbs that it takes now; read it again and decide"),
        ),
        Rejection::TakenBy { .. } => {
            (Kind::TakenBy, Some("there is nothing left to do for you here; take another ticket"))
        }
        Rejection::ClaimedBy { .. } => {
            (Kind::ClaimedBy, Some("talk to the agent, or wait until then"))
        }
        Rejection::NotOffered { .. } => {
            (Kind::NotOffered, Some("ask the supervisor to assign it to you"))
        }
        Rejection::NotYours { .. } => {
            (Kind::NotYours, Some("the owner can transfer it, a supervisor can assign it anew"))
        }
        Rejection::NoFreePlace { .. } => (
            Kind::NoFreePlace,
            Some("finish or return one first, or choose an engineer with a free place"),
        ),
        Rejection::Frozen { .. } => (Kind::Frozen, None),
        Rejection::NotOnDuty { .. } => (Kind::NotOnDuty, None),
        Rejection::LeftOut { .. } => (Kind::LeftOut, Some("choose another engineer")),
        Rejection::Retired { .. } => (Kind::Retired, Some("choose another engineer")),
        Rejection::NotDue { .. } => (Kind::NotDue, Some("send it again when it is due")),
        Rejection::TooLate { .. } => (Kind::TooLate, None),
        Rejection::MergedInto { .. } => (Kind::MergedInto, None),
        Rejection::LinkChain { .. } => (Kind::LinkChain, None),
        Rejection::NoAnswer => (Kind::NoAnswer, Some("read the ticket for its answer")),
        Rejection::Invalid { .. } => (Kind::Invalid, None),
        Rejection::InvalidRules { .. } => (Kind::InvalidRules, None),
        Rejection::UnknownAttachment { .. } => (Kind::UnknownAttachment, None),
        Rejection::AttachmentsTooLarge { .. } => (Kind::AttachmentsTooLarge, None),
        Rejection::AttachmentErased { .. } => (Kind::AttachmentErased, None),
    }
}

fn rejected_problem(rejected: &Rejected) -> Problem {
    let Rejected { rejection, stream, version, ticket } = rejected;
    let (kind, advice) = describe(rejection);
    let detail = match advice {
        Some(advice) => format!("{rejection}; {advice}"),
        None => rejection.to_string(),
    };
    let mut problem = Problem::new(kind, detail);
    if let Ok(Value::Object(data)) = serde_json::to_value(rejection) {
        for (name, value) in data {
            // `reason` repeats the type.
            if name != "reason" {
                problem = problem.with(&name, value);
            }
        }
    }
    if let Rejection::NotYours { owner, .. } = rejection {
        problem = problem.with("winner", owner);
        if let Some(held) = ticket.as_ref().and_then(|ticket| ticket.assignment().copied()) {
            problem = problem.with("since", held.since);
        }
    }
    // What does not exist has no version.
    if version.get() == 0 {
        return problem;
    }
    problem = problem.with("id", stream).at_version(*version);
    match ticket {
        Some(ticket) if kind.status() == StatusCode::CONFLICT => {
            problem.with("current", TicketView::new(ticket, *version))
        }
        _ => problem,
    }
}

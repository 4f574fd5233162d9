//! Every refusal has a type of its own.

use std::collections::BTreeSet;

use domain::ticket::{PhaseName, Verb};
use domain::{
    CommandId, ContentHash, CorruptHistory, EngineerId, GlobalPosition, Issuer, OutletId,
    Rejection, StaffId, StreamVersion, TicketId, Timestamp,
};
use engine::{Error, Rejected};
use eventlog::{ReadError, SubmitError};

use super::{Kind, Problem};

const ENGINEER: EngineerId = EngineerId::from_u128(1);
const TICKET: TicketId = TicketId::from_u128(2);
const HASH: ContentHash = ContentHash([7; 32]);
const AT: Timestamp = Timestamp::from_seconds(3);

/// A value for each variant; one that is forgotten does not compile.
macro_rules! each {
    ($type:ty: $($pattern:pat => $value:expr,)*) => {{
        let named = |value: &$type| match value { $($pattern => {})* };
        let values: Vec<$type> = vec![$($value,)*];
        values.iter().for_each(named);
        values
    }};
}

fn rejections() -> Vec<Rejection> {
    let stream = OutletId::from_u128(4).into();
    each! { Rejection:
        Rejection::NotFound { .. } => Rejection::NotFound { stream },
        Rejection::UnknownReference { .. } => {
            Rejection::UnknownReference { field: "outlet", stream }
        },
        Rejection::AlreadyExists { .. } => Rejection::AlreadyExists { stream },
        Rejection::NotAllowed { .. } => {
            Rejection::NotAllowed { verb: Verb::Depart, phase: PhaseName::Closed }
        },
        Rejection::TakenBy { .. } => Rejection::TakenBy { winner: ENGINEER, since: AT },
        Rejection::ClaimedBy { .. } => {
            Rejection::ClaimedBy { agent: StaffId::from_u128(5), until: AT }
        },
        Rejection::NotOffered { .. } => Rejection::NotOffered { engineer: ENGINEER },
        Rejection::NotYours { .. } => {
            Rejection::NotYours { engineer: ENGINEER, owner: EngineerId::from_u128(6) }
        },
        Rejection::NoFreePlace { .. } => {
            Rejection::NoFreePlace { engineer: ENGINEER, taken: 3, capacity: 3 }
        },
        Rejection::Frozen { .. } => Rejection::Frozen { engineer: ENGINEER, until: AT },
        Rejection::NotOnDuty { .. } => Rejection::NotOnDuty { engineer: ENGINEER },
        Rejection::LeftOut { .. } => Rejection::LeftOut { engineer: ENGINEER },
        Rejection::Retired { .. } => Rejection::Retired { engineer: ENGINEER },
        Rejection::NotDue { .. } => Rejection::NotDue { due: AT },
        Rejection::TooLate { .. } => Rejection::TooLate { until: AT },
        Rejection::MergedInto { .. } => Rejection::MergedInto { into: TICKET },
        Rejection::LinkChain { .. } => Rejection::LinkChain { ticket: TICKET, of: TICKET },
        Rejection::NoAnswer => Rejection::NoAnswer,
        Rejection::Invalid { .. } => Rejection::invalid("stars", "must be 1 to 5"),
        Rejection::InvalidRules { .. } => Rejection::InvalidRules { problems: Vec::new() },
        Rejection::UnknownAttachment { .. } => Rejection::UnknownAttachment { hash: HASH },
        Rejection::AttachmentsTooLarge { .. } => {
            Rejection::AttachmentsTooLarge { bytes: 17 << 30, bytes_max: 16 << 30 }
        },
        Rejection::AttachmentErased { .. } => Rejection::AttachmentErased { hash: HASH },
    }
}

fn rejected(rejection: Rejection) -> Error {
    let version = StreamVersion::new(7);
    Error::Rejected(Box::new(Rejected { rejection, stream: TICKET.into(), version, ticket: None }))
}

/// The errors of the write side other than rejections; of those that hold another, the first.
fn errors() -> Vec<Error> {
    let stream = TICKET.into();
    let (expected, actual) = (StreamVersion::new(1), StreamVersion::new(2));
    let damaged = || ReadError::Damaged {
        position: GlobalPosition::FIRST,
        place: "db".into(),
        what: "x".into(),
    };
    each! { Error:
        Error::Rejected(_) => rejected(Rejection::NoAnswer),
        Error::IdReused { .. } => Error::IdReused {
            command: CommandId { issuer: Issuer::Gateway, key: "k".into() },
        },
        Error::VersionMismatch { .. } => Error::VersionMismatch { stream, expected, actual },
        Error::ImplausibleTime { .. } => Error::ImplausibleTime { occurred_at: AT, now: AT },
        Error::Busy => Error::Busy,
        Error::DiskReserve { .. } => Error::DiskReserve { free_bytes: 1, reserve_bytes: 8 },
        Error::DiskFull { .. } => Error::DiskFull { free_bytes: 1, floor_bytes: 2 },
        Error::Log(_) => Error::Log(SubmitError::Poisoned),
        Error::Read { .. } => Error::Read { stream, source: damaged() },
        Error::Corrupt { .. } => Error::Corrupt {
            stream,
            source: CorruptHistory { event: "Held", position: GlobalPosition::FIRST, why: "x" },
        },
        Error::OutcomeUnknown => Error::OutcomeUnknown,
    }
}

#[test]
fn every_rejection_and_every_error_has_a_type_of_its_own() {
    let of_rejections = rejections().into_iter().map(rejected);
    // One rejection stands among the errors, to have them all.
    let of_errors = errors().into_iter().filter(|error| !matches!(error, Error::Rejected(_)));
    let kinds: Vec<_> =
        of_rejections.chain(of_errors).map(|error| Problem::from(error).kind()).collect();
    let distinct: BTreeSet<_> = kinds.iter().map(|kind| kind.urn()).collect();
    assert_eq!(distinct.len(), kinds.len(), "{kinds:?}");
    assert_eq!(kinds.len(), 23 + 10);
}

#[test]
fn every_problem_says_what_to_do_and_repeats_its_status() {
    for error in rejections().into_iter().map(rejected).chain(errors()) {
        let problem = Problem::from(error);
        let body = problem.body();
        assert_eq!(body["status"], problem.kind().status().as_u16());
        assert_eq!(body["type"], problem.kind().urn());
        assert!(problem.detail().len() > 20, "{body}");
        assert!(body.get("reason").is_none(), "{body}");
    }
}

#[test]
fn refusals_of_the_log_say_whether_to_repeat() {
    let stream = TICKET.into();
    let moved = SubmitError::WrongExpectedVersion {
        stream,
        expected: StreamVersion::new(1),
        actual: StreamVersion::new(2),
    };
    let store = || ReadError::Store { doing: "reading", source: "gone".into() };
    let cases = [
        (moved, Kind::Contended, 503),
        (SubmitError::QueueFull, Kind::Busy, 503),
        (SubmitError::RecordTooLarge { bytes: 2, max: 1 }, Kind::RecordTooLarge, 413),
        (SubmitError::AppendTooLarge { bytes: 2, max: 1 }, Kind::RecordTooLarge, 413),
        (SubmitError::Malformed("x"), Kind::Internal, 500),
        (SubmitError::ClockJumped { from: AT, to: AT }, Kind::ClockJumped, 503),
        (SubmitError::Closed, Kind::LogRefuses, 503),
        (SubmitError::Poisoned, Kind::LogRefuses, 503),
        (SubmitError::Read(store()), Kind::StoreFailed, 503),
    ];
    for (refusal, kind, status) in cases {
        let problem = Problem::from(Error::Log(refusal));
        assert_eq!((problem.kind(), problem.kind().status().as_u16()), (kind, status));
    }
}

#[test]
fn who_is_refused_for_want_of_room_is_told_when_to_come_again() {
    use axum::http::header::RETRY_AFTER;
    use axum::response::IntoResponse;
    let full = Error::DiskFull { free_bytes: 1, floor_bytes: 2 };
    let reserve = Error::DiskReserve { free_bytes: 1, reserve_bytes: 2 };
    for (error, status, seconds) in
        [(Error::Busy, 503, "1"), (full, 507, "60"), (reserve, 507, "60")]
    {
        let response = Problem::from(error).into_response();
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()[RETRY_AFTER], seconds);
    }
}

#[test]
fn innards_of_a_failure_are_not_told() {
    let source = "/var/lib/paidan/db: input/output error".into();
    let problem = Problem::from(ReadError::Store { doing: "reading a frame", source });
    let told = problem.body().to_string();
    assert!(!told.contains("/var/lib") && !told.contains("frame"), "{told}");
}

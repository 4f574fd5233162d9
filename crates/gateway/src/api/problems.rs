//! Refusals as they are documented: one schema and one example for each kind.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::example;
use super::operation::Class;
use crate::problem::Kind;

pub(super) fn by_status(class: Class) -> BTreeMap<u16, Vec<Kind>> {
    let mut by_status: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for kind in class.kinds() {
        by_status.entry(kind.status().as_u16()).or_default().push(kind);
    }
    by_status
}

pub(super) fn response_name(class: Class, status: u16) -> String {
    format!("{}{status}", class.name())
}

/// `TakenByProblem`.
pub(super) fn schema_name(kind: Kind) -> String {
    format!("{kind:?}Problem")
}

/// An answer with one of several kinds of the same status.
pub(super) fn response(class: Class, kinds: &[Kind]) -> Value {
    let choices: Vec<_> = kinds
        .iter()
        .map(|kind| json!({"$ref": format!("#/components/schemas/{}", schema_name(*kind))}))
        .collect();
    let examples: Map<_, _> = kinds
        .iter()
        .map(|kind| {
            let name = schema_name(*kind);
            let example = json!({"$ref": format!("#/components/examples/{name}")});
            (name, example)
        })
        .collect();
    let about: Vec<_> =
        kinds.iter().map(|kind| format!("{} {}", kind.title(), kind.title_zh())).collect();
    let mut headers = Map::new();
    let mut header = |name: &str, of: &str| {
        let of = json!({"$ref": format!("#/components/headers/{of}")});
        headers.insert(name.to_owned(), of);
    };
    if class.is_command() {
        header("Idempotency-Key", "KeyWhereKnown");
    }
    match kinds.first().map(|kind| kind.status().as_u16()) {
        Some(409 | 412) => header("ETag", "VersionThere"),
        Some(503 | 507) => header("Retry-After", "RetryAfter"),
        _ => {}
    }
    // One kind stands alone: generators make plainer code of it.
    let schema = match &choices[..] {
        [only] => only.clone(),
        _ => json!({"oneOf": choices}),
    };
    json!({
        "description": format!("{}.", about.join("; ")),
        "headers": headers,
        "content": {"application/problem+json": {"schema": schema, "examples": examples}},
    })
}

pub(super) fn schema(kind: Kind) -> Value {
    let mut properties = Map::new();
    let mut required = vec!["type", "title", "title_zh", "status", "detail"];
    let fixed = |value: Value, of: &str| json!({"type": of, "const": value});
    properties.insert("type".into(), fixed(kind.urn().into(), "string"));
    properties.insert("title".into(), fixed(kind.title().into(), "string"));
    properties.insert("title_zh".into(), fixed(kind.title_zh().into(), "string"));
    properties.insert("status".into(), fixed(kind.status().as_u16().into(), "integer"));
    properties.insert(
        "detail".into(),
        json!({"type": "string", "description": "What was wrong, and what to do."}),
    );
    for Member { name, schema, always } in members(kind) {
        if always {
            required.push(name);
        }
        properties.insert(name.into(), schema);
    }
    json!({
        "type": "object",
        "description": format!("{} {}.", kind.title(), kind.title_zh()),
        "required": required,
        "properties": properties,
    })
}

/// An example of each kind.
pub(super) fn examples(schemas: &Map<String, Value>) -> Value {
    let example = |kind: &Kind| {
        let mut value = example::of(&schema(*kind), schemas);
        value["detail"] = detail(*kind).into();
        (schema_name(*kind), json!({"summary": kind.title(), "value": value}))
    };
    Kind::ALL.iter().map(example).collect::<Map<_, _>>().into()
}

struct Member {
    name: &'static str,
    schema: Value,
    always: bool,
}

fn named(name: &'static str, of: &str) -> Member {
    let schema = json!({"$ref": format!("#/components/schemas/{of}")});
    Member { name, schema, always: true }
}

fn text(name: &'static str, example: &str) -> Member {
    Member { name, schema: json!({"type": "string", "examples": [example]}), always: true }
}

fn number(name: &'static str, example: u64) -> Member {
    let schema = json!({"type": "integer", "minimum": 0, "examples": [example]});
    Member { name, schema, always: true }
}

fn texts(name: &'static str, example: &str) -> Member {
    let schema = json!({"type": "array", "items": {"type": "string", "examples": [example]}});
    Member { name, schema, always: true }
}

impl Member {
    fn sometimes(self) -> Self {
        Self { always: false, ..self }
    }
}

/// What a kind carries beside what all have.
fn members(kind: Kind) -> Vec<Member> {
    let mut members = match kind {
        Kind::NotFound => vec![named("stream", "StreamId").sometimes()],
        Kind::UnknownReference => vec![text("field", "outlet"), named("stream", "StreamId")],
        Kind::AlreadyExists => vec![named("stream", "StreamId")],
        Kind::NotAllowed => vec![named("verb", "Verb"), named("phase", "PhaseName")],
        Kind::TakenBy => vec![named("winner", "EngineerId"), named("since", "Timestamp")],
        Kind::ClaimedBy => vec![named("agent", "StaffId"), named("until", "Timestamp")],
        Kind::NotYours => vec![
            named("engineer", "EngineerId"),
            named("owner", "EngineerId"),
            named("winner", "EngineerId"),
            named("since", "Timestamp").sometimes(),
        ],
        Kind::NoFreePlace => {
            vec![named("engineer", "EngineerId"), number("taken", 3), number("capacity", 3)]
        }
        Kind::Frozen => vec![named("engineer", "EngineerId"), named("until", "Timestamp")],
        Kind::NotOffered | Kind::NotOnDuty | Kind::LeftOut | Kind::Retired => {
            vec![named("engineer", "EngineerId")]
        }
        Kind::NotDue => vec![named("due", "Timestamp")],
        Kind::TooLate => vec![named("until", "Timestamp")],
        Kind::MergedInto => vec![named("into", "TicketId")],
        Kind::LinkChain => vec![named("ticket", "TicketId"), named("of", "TicketId")],
        Kind::Invalid => {
            vec![text("field", "stars"), text("problem", "must be 1 to 5").sometimes()]
        }
        Kind::InvalidRules => {
            vec![texts("problems", "`accept.within` is 40d; write a span from 1s to 31d")]
        }
        Kind::KeyReused => vec![text("idempotency_key", "report-2026-03-01-17")],
        Kind::VersionMismatch => vec![
            named("id", "StreamId"),
            named("expected", "StreamVersion"),
            named("version", "StreamVersion"),
        ],
        Kind::ImplausibleTime => {
            vec![named("occurred_at", "Timestamp"), named("now", "Timestamp")]
        }
        Kind::RecordTooLarge => vec![number("bytes", 20_000), number("max", 16_384)],
        Kind::DiskReserve => {
            vec![number("free_bytes", 201_326_592), number("reserve_bytes", 268_435_456)]
        }
        Kind::DiskFull => {
            vec![number("free_bytes", 50_331_648), number("floor_bytes", 67_108_864)]
        }
        Kind::ClockJumped => vec![named("from", "Timestamp"), named("to", "Timestamp")],
        Kind::LogDamaged => vec![named("damaged_at", "GlobalPosition")],
        Kind::LogNewer => vec![named("unknown_at", "GlobalPosition")],
        Kind::HistoryDamaged => vec![
            named("id", "StreamId").sometimes(),
            named("damaged_at", "GlobalPosition").sometimes(),
        ],
        Kind::BadHeader => vec![text("header", "if-match")],
        Kind::BrokenJson => vec![number("line", 1), number("column", 14)],
        Kind::WrongBody => vec![
            number("line", 1).sometimes(),
            number("column", 14).sometimes(),
            text("field", "stars").sometimes(),
        ],
        Kind::BodyTooLarge => vec![number("max", 65_536)],
        Kind::UnknownVerb => vec![texts("verbs", "accept")],
        Kind::NoRoute => vec![texts("sheets", "areas").sometimes()],
        Kind::SheetErrors => {
            let faults = json!({"$ref": "#/components/schemas/SheetFault"});
            let faults = json!({"type": "array", "items": faults});
            vec![
                number("errors_total", 1),
                Member { name: "errors", schema: faults, always: true },
                Member { name: "sheets", schema: json!({"type": "object"}), always: true },
            ]
        }
        Kind::ReadModelLags => vec![
            text("read_model", "open_tickets"),
            named("position", "GlobalPosition"),
            named("min_position", "GlobalPosition"),
        ],
        Kind::ReadModelFaulted => {
            vec![text("read_model", "open_tickets"), named("faulted_at", "GlobalPosition")]
        }
        Kind::CursorVoid => {
            vec![named("log", "LogView").sometimes(), named("head", "GlobalPosition").sometimes()]
        }
        Kind::UnknownAttachment
        | Kind::AttachmentErased
        | Kind::AttachmentRemoved
        | Kind::AttachmentQuarantined
        | Kind::AttachmentGone => vec![named("hash", "ContentHash")],
        Kind::AttachmentMissing => vec![
            named("hash", "ContentHash"),
            number("bytes", 482_113),
            text("name", "冲床.jpg").sometimes(),
            named("by", "Party"),
            named("at", "Timestamp"),
        ],
        Kind::AttachmentsTooLarge => {
            vec![number("bytes", 18_253_611_008), number("bytes_max", 17_179_869_184)]
        }
        Kind::UploadOffset => vec![number("offset", 1_048_576).sometimes()],
        Kind::ChecksumMismatch => vec![number("offset", 1_048_576)],
        Kind::FileTooLarge => {
            vec![number("max", 2_147_483_648).sometimes(), number("offset", 5).sometimes()]
        }
        Kind::TooManyUploads => vec![number("max", 200)],
        Kind::RangeNotSatisfiable => vec![number("bytes", 482_113)],
        Kind::TooManyRows => vec![number("rows", 120), number("allowed", 100)],
        Kind::NoAnswer
        | Kind::RebuildState
        | Kind::Busy
        | Kind::Contended
        | Kind::OutcomeUnknown
        | Kind::LogRefuses
        | Kind::KeysUnavailable
        | Kind::StoreFailed
        | Kind::MethodNotAllowed
        | Kind::BadPath
        | Kind::BadQuery
        | Kind::NotJson
        | Kind::NotCsv
        | Kind::NotNdjson
        | Kind::BodyNotReceived
        | Kind::CrossSite
        | Kind::TooManyStreams
        | Kind::UploadNotFound
        | Kind::UploadGone
        | Kind::UploadLocked
        | Kind::TusVersion
        | Kind::NotUpload
        | Kind::NoRoom
        | Kind::UploadDamaged
        | Kind::NoThumbnail
        | Kind::Internal => Vec::new(),
    };
    // Who was refused by the rules learns how things stand.
    if matches!(kind.status().as_u16(), 404 | 409 | 422) && kind <= Kind::AttachmentErased {
        members.push(named("id", "StreamId").sometimes());
        members.push(named("version", "StreamVersion").sometimes());
    }
    if kind.status().as_u16() == 409 {
        members.push(named("current", "TicketView").sometimes());
    }
    members
}

/// What the example of a kind says; the words of a real answer.
fn detail(kind: Kind) -> &'static str {
    match kind {
        Kind::NotFound => "tk_01jd3nqz5e8y6b000000000000 does not exist; check the id",
        Kind::UnknownReference => {
            "outlet names ou_01jd3nqz5e8y6b000000000000, which does not exist; enter it into the \
             directory first"
        }
        Kind::AlreadyExists => "tk_01jd3nqz5e8y6b000000000000 exists already; choose a fresh id",
        Kind::NotAllowed => {
            "a ticket that is closed does not take `depart`; `current.allowed` has the verbs that \
             it takes now; read it again and decide"
        }
        Kind::TakenBy => {
            "en_01jd3nqz5e8y6b000000000000 has it since 2026-03-01T00:30:00Z; there is nothing \
             left to do for you here; take another ticket"
        }
        Kind::ClaimedBy => {
            "agent st_01jd3nqz5e8y6b000000000000 has it in hand until 2026-03-01T00:30:00Z; talk \
             to the agent, or wait until then"
        }
        Kind::NotOffered => {
            "it is neither assigned nor offered to en_01jd3nqz5e8y6b000000000000; ask the \
             supervisor to assign it to you"
        }
        Kind::NotYours => {
            "it belongs to en_01jd3nqz5e8y6b000000000000, not to you; the owner can transfer it, a \
             supervisor can assign it anew"
        }
        Kind::NoFreePlace => {
            "en_01jd3nqz5e8y6b000000000000 has no free place: 3 of 3 are taken; finish or return \
             one first, or choose an engineer with a free place"
        }
        Kind::Frozen => {
            "en_01jd3nqz5e8y6b000000000000 is frozen until 2026-03-01T00:30:00Z; a supervisor can \
             lift the freeze"
        }
        Kind::NotOnDuty => {
            "en_01jd3nqz5e8y6b000000000000 is off duty or on leave; start the duty, end the \
             leave, or choose another"
        }
        Kind::LeftOut => {
            "en_01jd3nqz5e8y6b000000000000 is left out of this ticket because the customer was \
             not satisfied; choose another engineer"
        }
        Kind::Retired => {
            "en_01jd3nqz5e8y6b000000000000 is no longer with the firm; choose another engineer"
        }
        Kind::NotDue => "not due before 2026-03-01T00:30:00Z; send it again when it is due",
        Kind::TooLate => "possible until 2026-03-01T00:30:00Z only; report it anew and link it",
        Kind::MergedInto => "it was merged into tk_01jd3nqz5e8y6b000000000000; go on there",
        Kind::LinkChain => "the ticket is itself a duplicate of another; link with that one",
        Kind::NoAnswer => {
            "there is no answer that could be taken back; read the ticket for its answer"
        }
        Kind::Invalid => "stars: must be 1 to 5, or absent",
        Kind::InvalidRules => {
            "the rules cannot take effect: `accept.within` is 40d; write a span from 1s to 31d"
        }
        Kind::UnknownAttachment => {
            "no bytes of af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262 are \
             here; upload them first, or again, and send it once more"
        }
        Kind::AttachmentsTooLarge => {
            "the ticket's attachments would have 18253611008 bytes together, and 17179869184 are \
             the most; send the others with another ticket and link it"
        }
        Kind::AttachmentErased => {
            "the bytes of af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262 were \
             erased on purpose and are not taken again; send the words without them"
        }
        Kind::RebuildState => "the rebuild is being folded; wait until it is ready",
        Kind::TooManyRows => {
            "120 rows differ, and the swap is allowed up to 100; nothing was swapped"
        }
        Kind::KeyReused => {
            "this Idempotency-Key was used for another content; repeat the first request as it \
             was, or send this one with a fresh key"
        }
        Kind::VersionMismatch => {
            "it is at version 7, not at 5; read it again, then send the command with If-Match: \
             \"7\""
        }
        Kind::ImplausibleTime => {
            "it cannot have happened then; set the clock right, or leave Paidan-Occurred-At out"
        }
        Kind::Busy => "too much is queued; send it again after a moment",
        Kind::DiskReserve => {
            "the disk has 201326592 bytes left; below 268435456 only what is begun is finished, \
             so send it again once there is room"
        }
        Kind::DiskFull => {
            "the disk has 50331648 bytes left; below 67108864 nothing is taken, so send it again \
             once there is room"
        }
        Kind::Contended => {
            "something else wrote at the same moment; send it again with the same Idempotency-Key"
        }
        Kind::OutcomeUnknown => {
            "the command may or may not be recorded; repeat it with the same Idempotency-Key \
             after the server was restarted: it is applied at most once"
        }
        Kind::RecordTooLarge => "the record has 20000 bytes, and at most 16384 are taken",
        Kind::ClockJumped => {
            "the clock jumped; set it right, or confirm the new time; `paidan log confirm-clock` on \
             the server's machine confirms it"
        }
        Kind::LogRefuses => {
            "the log takes nothing until the server is restarted; repeat it after that with the \
             same Idempotency-Key"
        }
        Kind::KeysUnavailable => {
            "personal data cannot be opened now; try again, and tell whoever runs the server"
        }
        Kind::StoreFailed => "the log's store failed; try again, and tell whoever runs the server",
        Kind::LogDamaged => {
            "the log has bytes that are not what was written; run `paidan log verify`"
        }
        Kind::LogNewer => "the log has an event that is newer than this release; upgrade",
        Kind::HistoryDamaged => "the stored history makes no sense; run `paidan log verify`",
        Kind::NoRoute => {
            "there is nothing at /ticket; addresses begin with /api/v1 and have no slash at the end"
        }
        Kind::UnknownVerb => "a ticket knows no `fly`; `verbs` has those that it knows",
        Kind::MethodNotAllowed => "DELETE does not go here; the header `allow` has what does",
        Kind::BadPath => "`12` names no ticket; write its id (`tk_…`) or its number (`12345-7`)",
        Kind::BadQuery => "the query: limit: 0 cannot be; write 1 to 200",
        Kind::BadHeader => "header if-match: write one version in quotes, such as \"7\"",
        Kind::BrokenJson => "the body: expected value at line 1 column 14",
        Kind::WrongBody => "the body: unknown field `sentense` at line 1 column 14",
        Kind::NotCsv => "send the sheet as CSV, with `Content-Type: text/csv`",
        Kind::NotNdjson => {
            "send one command on each line, with `Content-Type: application/x-ndjson`"
        }
        Kind::SheetErrors => {
            "the sheet has errors (1); nothing was recorded; mend what `errors` says, or load the \
             rest with ?skip_bad_lines=true"
        }
        Kind::NotJson => "send the body as JSON, with `Content-Type: application/json`",
        Kind::BodyTooLarge => {
            "the body is larger than 65536 bytes; send long text as an attachment"
        }
        Kind::BodyNotReceived => {
            "the body did not arrive within 30 s; send it again with the same Idempotency-Key"
        }
        Kind::CrossSite => "commands are not taken from other sites' pages",
        Kind::UploadNotFound => {
            "there is no upload up_0190c1d2e3f405162738495a6b7c8d9e; it may have run out of time: \
             begin a new one"
        }
        Kind::UploadGone => "the upload ran out of time; begin a new one",
        Kind::UploadLocked => {
            "upload up_0190c1d2e3f405162738495a6b7c8d9e is being written by another request; try \
             again in a moment"
        }
        Kind::UploadOffset => {
            "the upload is at byte 1048576, and these begin at 0; go on from 1048576"
        }
        Kind::FileTooLarge => "a file may have at most 2147483648 bytes",
        Kind::ChecksumMismatch => {
            "the bytes do not have their sha256 checksum; send them again from 1048576"
        }
        Kind::TusVersion => "send the header `Tus-Resumable: 1.0.0`",
        Kind::NotUpload => "send bytes with `Content-Type: application/offset+octet-stream`",
        Kind::TooManyUploads => {
            "200 uploads of this client are unfinished; finish some, or give them up"
        }
        Kind::NoRoom => "the disk has no room for this; free some, or try again later",
        Kind::UploadDamaged => {
            "upload up_0190c1d2e3f405162738495a6b7c8d9e is damaged on the server's disk; begin a \
             new one"
        }
        Kind::AttachmentMissing => {
            "冲床.jpg (482113 bytes) is named by an event, and its bytes are not in the store; tell \
             whoever runs the server, and upload it again where you have it"
        }
        Kind::AttachmentRemoved => {
            "it was taken out of view; `?removed=true` shows it all the same"
        }
        Kind::AttachmentQuarantined => {
            "it is in quarantine: not scanned yet; it is shown once it is released"
        }
        Kind::AttachmentGone => "its bytes were erased on purpose, and nothing brings them back",
        Kind::RangeNotSatisfiable => "there are 482113 bytes; ask for some of these",
        Kind::NoThumbnail => {
            "no thumbnail can be made of application/pdf; show a sign for its kind"
        }
        Kind::ReadModelLags => {
            "the read model is at position 5 and was asked for 7; ask again after a moment, or \
             without min_position"
        }
        Kind::ReadModelFaulted => "the read model stopped at position 7; it must be rebuilt",
        Kind::CursorVoid => {
            "the log was restored or salvaged since this cursor was given; forget what was built \
             on it and start over from position 0"
        }
        Kind::TooManyStreams => {
            "as many streams as allowed are open; close one, or read /api/v1/events instead"
        }
        Kind::Internal => "a mistake of ours; repeat the command with the same Idempotency-Key",
    }
}

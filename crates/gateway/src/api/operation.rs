//! What is said of one operation.

use std::collections::BTreeSet;

use domain::Named;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::example;
use crate::problem::Kind;

/// What operations of one class share: the headers that they take, and how they can refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Report,
    TicketCommand,
    EngineerCommand,
    PutEntry,
    PutRules,
    /// A sheet of the directory.
    Load,
    /// Many commands.
    Bulk,
    /// Begins an upload.
    NewUpload,
    /// Goes on with one.
    PartOfUpload,
    /// Where an upload is.
    Upload,
    /// What uploads there can be.
    UploadOptions,
    /// A file in one request.
    File,
    /// What is known of an attachment.
    ReadAttachment,
    /// Its bytes.
    Content,
    ReadTicket,
    ReadHistory,
    ReadEntry,
    ReadRules,
    /// Rules, looked at before they are put.
    CheckRules,
    /// Rules, tried on the past.
    TryRules,
    /// Rows of a read model, page by page.
    List,
    /// Sums of a read model.
    Sum,
    Feed,
    /// How read models or their rebuild are.
    ReadRebuild,
    /// Something with a rebuild.
    Rebuild,
    /// Attachments, looked for.
    Audit,
    /// One attachment, followed.
    ReadCustody,
    Stream,
    /// Whether it is up; refuses nothing.
    Health,
    Readiness,
    Metrics,
}

/// Operations by who uses them; `document` describes each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tag {
    Customer,
    Agent,
    Engineer,
    Supervisor,
    Dispatcher,
    Attachments,
    Lists,
    Directory,
    Feed,
    Status,
}

impl Tag {
    pub(super) const ALL: [(Self, &'static str, &'static str); 10] = [
        (Self::Customer, "customer", "客户: reports, adds, urges, answers."),
        (Self::Agent, "agent", "客服: takes in hand, completes, links, closes."),
        (
            Self::Engineer,
            "engineer",
            "工程师: accepts, departs, arrives, resolves; duty and place.",
        ),
        (Self::Supervisor, "supervisor", "片区主管: assigns by hand, escalates, freezes, lifts."),
        (
            Self::Dispatcher,
            "dispatcher",
            "Timers and decisions of the dispatcher. Whoever sends them before they are due is \
             refused; late ones change nothing.",
        ),
        (Self::Attachments, "attachments", "Photos, recordings, papers: in, out, and by whom."),
        (Self::Lists, "lists", "What is open, who has it, how satisfied customers are."),
        (Self::Directory, "directory", "Areas, outlets, engineers, customers, devices, rules."),
        (Self::Feed, "feed", "Every event, in order, each once."),
        (Self::Status, "status", "Whether it works."),
    ];

    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(tag, ..)| *tag == self).map_or("", |(_, name, _)| name)
    }
}

impl Class {
    /// The name of a class, as it stands in the names of shared answers.
    pub(super) fn name(self) -> String {
        format!("{self:?}")
    }

    pub(super) fn is_command(self) -> bool {
        matches!(
            self,
            Self::Report
                | Self::TicketCommand
                | Self::EngineerCommand
                | Self::PutEntry
                | Self::PutRules
                | Self::Load
                | Self::Bulk
        )
    }

    /// Answers say the version that they are about.
    pub(super) fn is_versioned(self) -> bool {
        self.is_command() && !matches!(self, Self::Load | Self::Bulk)
            || matches!(self, Self::ReadTicket | Self::ReadEntry | Self::ReadRules)
    }

    /// Every kind of problem that it can answer with, beside those of the address.
    pub(super) fn kinds(self) -> BTreeSet<Kind> {
        use Kind::*;
        const LOG: &[Kind] = &[LogDamaged, LogNewer, KeysUnavailable, StoreFailed, Internal];
        const WRITE: &[Kind] = &[
            BadHeader,
            BrokenJson,
            CrossSite,
            BodyNotReceived,
            VersionMismatch,
            BodyTooLarge,
            RecordTooLarge,
            NotJson,
            WrongBody,
            UnknownReference,
            Invalid,
            KeyReused,
            ImplausibleTime,
            HistoryDamaged,
            Busy,
            DiskReserve,
            DiskFull,
            Contended,
            OutcomeUnknown,
            ClockJumped,
            LogRefuses,
        ];
        const BODY: &[Kind] =
            &[BadHeader, BrokenJson, CrossSite, BodyNotReceived, BodyTooLarge, NotJson, WrongBody];
        const TICKET: &[Kind] = &[
            BadPath,
            NotFound,
            AlreadyExists,
            NotAllowed,
            TakenBy,
            ClaimedBy,
            NotOffered,
            NotYours,
            NoFreePlace,
            Frozen,
            NotOnDuty,
            LeftOut,
            Retired,
            NotDue,
            TooLate,
            MergedInto,
            LinkChain,
            NoAnswer,
            UnknownAttachment,
            AttachmentsTooLarge,
            AttachmentErased,
        ];
        const LOAD: &[Kind] = &[
            BadHeader,
            BadQuery,
            CrossSite,
            NoRoute,
            BodyNotReceived,
            BodyTooLarge,
            RecordTooLarge,
            NotCsv,
            SheetErrors,
            HistoryDamaged,
            Busy,
            DiskReserve,
            DiskFull,
            Contended,
            OutcomeUnknown,
            ClockJumped,
            LogRefuses,
        ];
        const STORE: &[Kind] = &[StoreFailed, Internal];
        const SENT: &[Kind] = &[BadHeader, CrossSite, NotUpload, BodyNotReceived];
        const NEW_FILE: &[Kind] = &[FileTooLarge, TooManyUploads, Busy, NoRoom, UploadGone];
        const UPLOAD: &[Kind] = &[BadPath, TusVersion, UploadNotFound, UploadGone, UploadLocked];
        const READ: &[Kind] = &[BadQuery, ReadModelLags];
        const MODEL: &[Kind] = &[BadQuery, ReadModelLags, ReadModelFaulted, Internal];
        let parts: &[&[Kind]] = match self {
            Self::Report => {
                &[LOG, WRITE, &[UnknownAttachment, AttachmentsTooLarge, AttachmentErased]]
            }
            Self::TicketCommand => &[LOG, WRITE, TICKET],
            Self::EngineerCommand => &[LOG, WRITE, &[BadPath, NotFound, Retired]],
            Self::PutEntry => &[LOG, WRITE, &[BadPath]],
            Self::PutRules => &[LOG, WRITE, &[InvalidRules]],
            Self::Load => &[LOG, LOAD],
            Self::NewUpload => &[STORE, SENT, NEW_FILE, &[TusVersion, ChecksumMismatch]],
            Self::PartOfUpload => &[
                STORE,
                SENT,
                UPLOAD,
                &[UploadOffset, FileTooLarge, ChecksumMismatch, UploadDamaged, NoRoom],
            ],
            Self::Upload => &[STORE, UPLOAD, &[BadHeader, CrossSite]],
            Self::UploadOptions => &[&[CrossSite]],
            Self::File => &[STORE, SENT, NEW_FILE, &[BadQuery, UploadOffset, BodyTooLarge]],
            Self::ReadAttachment => &[LOG, MODEL, &[BadPath, NotFound, HistoryDamaged]],
            Self::Content => &[
                LOG,
                MODEL,
                &[
                    BadPath,
                    BadHeader,
                    NotFound,
                    AttachmentMissing,
                    AttachmentRemoved,
                    AttachmentQuarantined,
                    AttachmentGone,
                    RangeNotSatisfiable,
                    NoThumbnail,
                    Busy,
                ],
            ],
            Self::Bulk => &[&[BadHeader, CrossSite, NotNdjson, Busy, Internal]],
            Self::ReadTicket | Self::ReadHistory | Self::ReadEntry => {
                &[LOG, READ, &[BadPath, NotFound, HistoryDamaged]]
            }
            Self::ReadRules => &[LOG, READ, &[NotFound]],
            Self::CheckRules => &[LOG, BODY],
            Self::TryRules => &[LOG, BODY, &[InvalidRules, Invalid, Busy]],
            Self::List => &[MODEL, &[CursorVoid]],
            Self::Sum => &[MODEL],
            Self::Feed => &[LOG, READ, &[CursorVoid]],
            Self::ReadRebuild => &[LOG, &[BadQuery, NotFound, RebuildState]],
            Self::Rebuild => {
                &[LOG, BODY, &[NotFound, Invalid, InvalidRules, RebuildState, TooManyRows]]
            }
            Self::Audit => &[LOG, &[BadQuery, Busy]],
            Self::ReadCustody => &[LOG, READ, &[BadPath, NotFound]],
            Self::Stream => &[&[BadQuery, CursorVoid, TooManyStreams, Internal]],
            Self::Health | Self::Readiness | Self::Metrics => &[],
        };
        parts.iter().flat_map(|part| part.iter().copied()).collect()
    }
}

/// Every kind of problem that a line of many can be answered with.
pub(super) fn kinds_of_lines() -> BTreeSet<Kind> {
    let by_themselves = [Class::Report, Class::TicketCommand, Class::EngineerCommand];
    let mut kinds: BTreeSet<_> = by_themselves.into_iter().flat_map(Class::kinds).collect();
    kinds.insert(Kind::UnknownVerb);
    // Of the request, not of a line of it.
    for kind in [Kind::BadHeader, Kind::BadPath, Kind::CrossSite, Kind::NotJson] {
        kinds.remove(&kind);
    }
    kinds
}

const JSON: &str = "application/json";
const ASKED_FOR: &str = "What was asked for.";

/// One operation: what it is called, what goes in, what comes out.
pub(crate) struct Operation {
    pub(super) class: Class,
    pub(super) tag: Tag,
    pub(super) id: &'static str,
    pub(super) summary: String,
    pub(super) description: Option<String>,
    pub(super) parameters: Vec<Value>,
    /// Headers that it takes beside those of its class.
    pub(super) taken: &'static [&'static str],
    /// Headers that it answers with beside those of its class.
    pub(super) given: &'static [(&'static str, &'static str)],
    pub(super) body: Option<Body>,
    /// Status, media type and what it is.
    pub(super) answers: Vec<Answer>,
    pub(super) named: Vec<Named>,
}

#[derive(Debug)]
pub(super) struct Body {
    pub(super) media: &'static str,
    /// The name of a schema; none for a text.
    pub(super) schema: Option<String>,
    pub(super) example: Value,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) about: &'static str,
    /// Nothing: there is no body, and the next means nothing.
    pub(super) media: &'static str,
    /// The name of a schema, or what it is itself.
    pub(super) schema: Result<String, Value>,
}

impl Operation {
    pub(crate) fn new(
        class: Class,
        tag: Tag,
        id: &'static str,
        summary: impl Into<String>,
    ) -> Self {
        Self {
            class,
            tag,
            id,
            summary: summary.into(),
            description: None,
            parameters: Vec::new(),
            taken: &[],
            given: &[],
            body: None,
            answers: Vec::new(),
            named: Vec::new(),
        }
    }

    /// What else there is to say.
    pub(crate) fn about(mut self, text: &str) -> Self {
        self.description = Some(text.to_owned());
        self
    }

    /// It takes this query.
    pub(crate) fn query<T: ToSchema>(mut self) -> Self {
        T::schemas(&mut self.named);
        self.parameters = query_of(&to_value(&T::schema()));
        self
    }

    /// It takes this body.
    pub(crate) fn body<T: ToSchema>(mut self, example: Value) -> Self {
        self.named.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.named);
        self.body = Some(Body { media: JSON, schema: Some(T::name().into_owned()), example });
        self
    }

    /// It takes the body that is the first of these schemas, which describes the operation too.
    pub(super) fn body_named(mut self, named: Vec<Named>, example: Value) -> Self {
        if let Some((name, _)) = named.first() {
            self.body = Some(Body { media: JSON, schema: Some(name.clone()), example });
        }
        self.named.extend(named);
        self
    }

    /// It takes these headers, by their names in the document.
    pub(super) fn takes(self, taken: &'static [&'static str]) -> Self {
        Self { taken, ..self }
    }

    /// It answers with these headers, each with its name in the document.
    pub(super) fn gives(self, given: &'static [(&'static str, &'static str)]) -> Self {
        Self { given, ..self }
    }

    /// It answers with headers alone.
    pub(super) fn empty(mut self, status: u16, about: &'static str) -> Self {
        self.answers.push(Answer { status, about, media: "", schema: Err(Value::Null) });
        self
    }

    /// It takes a file.
    pub(super) fn takes_bytes(mut self, media: &'static str) -> Self {
        self.body = Some(Body { media, schema: None, example: Value::Null });
        self
    }

    /// It takes a text.
    pub(crate) fn takes_text(mut self, media: &'static str, example: &str) -> Self {
        self.body = Some(Body { media, schema: None, example: example.into() });
        self
    }

    /// It refers to this type elsewhere.
    pub(crate) fn named_also<T: ToSchema>(mut self) -> Self {
        self.named.push((T::name().into_owned(), T::schema()));
        self
    }

    fn answers_with<T: ToSchema>(self, status: u16, about: &'static str) -> Self {
        let name = T::name();
        self.answers_named::<T>(status, about, &name)
    }

    fn answers_named<T: ToSchema>(mut self, status: u16, about: &'static str, name: &str) -> Self {
        self.named.push((name.to_owned(), T::schema()));
        T::schemas(&mut self.named);
        let schema = Ok(name.to_owned());
        self.answers.push(Answer { status, about, media: JSON, schema });
        self
    }

    /// It answers with this.
    pub(crate) fn answers<T: ToSchema>(self) -> Self {
        self.answers_with::<T>(200, ASKED_FOR)
    }

    /// It answers with this, which holds an `R`, is one of several such and needs a name.
    pub(crate) fn answers_as<T: ToSchema, R: ToSchema>(mut self, name: &str) -> Self {
        self.named.push((R::name().into_owned(), R::schema()));
        R::schemas(&mut self.named);
        self.answers_named::<T>(200, ASKED_FOR, name)
    }

    /// It answers with this receipt.
    pub(crate) fn receipt<T: ToSchema>(self) -> Self {
        self.answers_with::<T>(
            200,
            "It is recorded, or was true already. This survives a power cut.",
        )
    }

    /// It makes something and answers with this receipt.
    pub(crate) fn makes<T: ToSchema>(self) -> Self {
        self.answers_with::<T>(201, "It is recorded; `location` says where it is.")
    }

    /// It makes something that is no command, and answers with this.
    pub(super) fn made<T: ToSchema>(self, about: &'static str) -> Self {
        self.answers_with::<T>(201, about)
    }

    /// It answers with this when it is not ready.
    pub(crate) fn unready<T: ToSchema>(self) -> Self {
        self.answers_with::<T>(503, "Not ready; each `why` says what is wrong.")
    }

    /// It answers with a text such as this.
    pub(crate) fn text_like(
        mut self,
        media: &'static str,
        about: &'static str,
        example: &str,
    ) -> Self {
        let schema = Err(json!({"type": "string", "examples": [example]}));
        self.answers.push(Answer { status: 200, about, media, schema });
        self
    }

    /// It answers with a text, or other bytes.
    pub(crate) fn text(self, media: &'static str, about: &'static str) -> Self {
        self.text_with(200, media, about)
    }

    /// It answers with a part of them.
    pub(super) fn part(self, media: &'static str, about: &'static str) -> Self {
        self.text_with(206, media, about)
    }

    fn text_with(mut self, status: u16, media: &'static str, about: &'static str) -> Self {
        let schema = Err(json!({"type": "string"}));
        self.answers.push(Answer { status, about, media, schema });
        self
    }
}

pub(super) fn to_value(schema: &impl serde::Serialize) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}

/// The fields of a query as parameters.
fn query_of(schema: &Value) -> Vec<Value> {
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let parameter = |(name, schema): (String, Value)| {
        let mut schema = without_null(schema);
        let mut parameter = Map::new();
        if let Some(about) = schema.as_object_mut().and_then(|schema| schema.remove("description"))
        {
            parameter.insert("description".into(), about);
        }
        if schema["type"] == "array" {
            parameter.insert("explode".into(), false.into());
        }
        parameter.insert("required".into(), required.iter().any(|other| **other == name).into());
        parameter.insert("name".into(), name.into());
        parameter.insert("in".into(), "query".into());
        parameter.insert("schema".into(), schema);
        Value::Object(parameter)
    };
    properties.into_iter().map(parameter).collect()
}

/// In a query, nothing is said by leaving the field out.
fn without_null(mut schema: Value) -> Value {
    if let Some(types) = schema["type"].as_array() {
        let types: Vec<_> = types.iter().filter(|of| **of != "null").cloned().collect();
        if let [only] = &types[..] {
            schema["type"] = only.clone();
        }
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let choices: Vec<_> = choices.iter().filter(|of| of["type"] != "null").cloned().collect();
        if let [only] = &choices[..] {
            let mut only = only.clone();
            if let (Some(about), Some(only)) = (schema.get("description"), only.as_object_mut()) {
                only.insert("description".into(), about.clone());
            }
            return only;
        }
    }
    schema
}

impl Answer {
    /// What it looks like, with an example that is made from the examples of its parts.
    pub(super) fn content(&self, schemas: &Map<String, Value>) -> Value {
        match &self.schema {
            Ok(name) => {
                let schema = json!({"$ref": format!("#/components/schemas/{name}")});
                let example = example::of(&schema, schemas);
                json!({self.media: {"schema": schema, "example": example}})
            }
            Err(_) if self.media.is_empty() => json!({}),
            Err(schema) => json!({self.media: {"schema": schema}}),
        }
    }
}

//! Addresses of attachments: on their way in, and on their way out.

use axum::middleware::from_fn;
use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::routes::Routes;
use super::{Class, Operation, Tag};
use crate::attachment::{
    self, ContentAsked, OneAnswer, ThumbnailAsked, TicketAttachments, content, thumbnail,
};
use crate::tickets::Waiting;
use crate::uploads::{self, FormAnswer, NameAsked, ReferenceView, UploadView};

const HEAD: (&str, MethodFilter) = ("head", MethodFilter::HEAD);
const PATCH: (&str, MethodFilter) = ("patch", MethodFilter::PATCH);
const DELETE: (&str, MethodFilter) = ("delete", MethodFilter::DELETE);
const OPTIONS: (&str, MethodFilter) = ("options", MethodFilter::OPTIONS);

const UPLOADS: &str = "/api/v1/uploads";
const UPLOAD: &str = "/api/v1/uploads/{id}";
const ATTACHMENTS: &str = "/api/v1/attachments";

const WHERE: &[(&str, &str)] = &[
    ("Tus-Resumable", "TusResumable"),
    ("Upload-Offset", "UploadOffset"),
    ("Upload-Expires", "UploadExpires"),
    ("Upload-Attachment", "UploadAttachment"),
];

pub(super) fn routes() -> Routes {
    uploads().and(files()).and(shown())
}

/// tus.
fn uploads() -> Routes {
    let op = |class, id, summary: &str| Operation::new(class, Tag::Attachments, id, summary);
    let asked = || {
        op(Class::UploadOptions, "get_upload_options", "What uploads there can be")
            .gives(&[
                ("Tus-Resumable", "TusResumable"),
                ("Tus-Version", "TusVersion"),
                ("Tus-Extension", "TusExtension"),
                ("Tus-Max-Size", "TusMaxSize"),
                ("Tus-Checksum-Algorithm", "TusChecksumAlgorithm"),
            ])
            .empty(204, "The headers say it.")
    };
    let begin = op(Class::NewUpload, "begin_upload", "Begins an upload that can go on later 上传")
        .about(
            "tus 1.0.0. `Location` of the answer is where its bytes go, with `PATCH`; the body may \
             bring the first of them already. An upload that is not finished within a day is \
             removed.",
        )
        .takes(&[
            "TusResumable",
            "UploadLength",
            "UploadDeferLength",
            "UploadMetadata",
            "UploadChecksum",
            "PaidanClient",
            "PaidanActor",
        ])
        .takes_bytes("application/offset+octet-stream")
        .gives(&[
            ("Location", "UploadLocation"),
            ("Tus-Resumable", "TusResumable"),
            ("Upload-Offset", "UploadOffset"),
            ("Upload-Expires", "UploadExpires"),
            ("Upload-Attachment", "UploadAttachment"),
        ])
        .empty(201, "It is open, also after a power cut.");
    let go_on = op(Class::PartOfUpload, "continue_upload", "Brings more of an upload")
        .about(
            "With the last byte the answer has `Upload-Attachment`: the reference that commands \
             take, as JSON. What was confirmed survives a power cut.",
        )
        .takes(&["TusResumable", "UploadOffsetSent", "UploadLength", "UploadChecksum"])
        .takes_bytes("application/offset+octet-stream")
        .gives(WHERE)
        .empty(204, "`Upload-Offset` says how far it is.");
    let head = op(Class::Upload, "locate_upload", "Where an upload is, to go on from there")
        .takes(&["TusResumable"])
        .gives(WHERE)
        .empty(200, "`Upload-Offset` says how far it is.");
    let look =
        op(Class::Upload, "get_upload", "An upload, and what it came to").answers::<UploadView>();
    let instead = op(Class::PartOfUpload, "override_upload_method", "Another method, as `POST`")
        .about(
            "For networks that let no other method pass: does what `X-HTTP-Method-Override` says. \
             The status is that of the method, 200 for `HEAD`.",
        )
        .takes(&[
            "TusResumable",
            "MethodOverride",
            "UploadOffsetSent",
            "UploadLength",
            "UploadChecksum",
        ])
        .takes_bytes("application/offset+octet-stream")
        .gives(WHERE)
        .empty(204, "As the method answers.");
    let give_up = op(Class::Upload, "give_upload_up", "Gives an upload up")
        .about("Bytes that are in the store already stay there.")
        .takes(&["TusResumable"])
        .gives(&[("Tus-Resumable", "TusResumable")])
        .empty(204, "It is gone.");
    let mut routes = Routes::default()
        .post(UPLOADS, uploads::begin, begin)
        .on(OPTIONS, UPLOADS, uploads::options, asked())
        .on(HEAD, UPLOAD, uploads::where_it_is, head)
        .get(UPLOAD, uploads::one, look)
        .on(PATCH, UPLOAD, uploads::go_on, go_on)
        .post(UPLOAD, uploads::instead, instead)
        .on(DELETE, UPLOAD, uploads::give_up, give_up);
    routes.router = routes.router.route_layer(from_fn(uploads::speak));
    routes
}

/// Files in one request.
fn files() -> Routes {
    let put = Operation::new(Class::File, Tag::Attachments, "put_attachment", "Uploads one file")
        .about(
            "For scripts; a line that breaks begins anew. The name comes from `name` or \
             `Content-Disposition`. The answer is what commands take in `attachments`.",
        )
        .query::<NameAsked>()
        .takes(&["PaidanClient", "PaidanActor"])
        .takes_bytes("application/octet-stream")
        .gives(&[("Location", "AttachmentLocation")])
        .made::<ReferenceView>("The bytes are in the store, also after a power cut.");
    let form = Operation::new(Class::File, Tag::Attachments, "post_attachments", "Uploads a form")
        .about("`multipart/form-data` with at most 50 files.")
        .takes(&["PaidanClient", "PaidanActor"])
        .takes_bytes("multipart/form-data")
        .made::<FormAnswer>("The files are in the store, also after a power cut.");
    Routes::default().put(ATTACHMENTS, uploads::put, put).post(ATTACHMENTS, uploads::form, form)
}

/// On their way out.
fn shown() -> Routes {
    let op = |class, id, summary: &str| Operation::new(class, Tag::Attachments, id, summary);
    let one = op(Class::ReadAttachment, "get_attachment", "What is known of an attachment")
        .about("With its chain of custody: by whom, when, which tickets, who opened it.")
        .query::<Waiting>()
        .answers::<OneAnswer>();
    let of_ticket = op(Class::ReadAttachment, "get_ticket_attachments", "What a ticket has")
        .about("With what those tickets have that were merged into it.")
        .query::<Waiting>()
        .answers::<TicketAttachments>();
    let read = |id, summary| {
        op(Class::Content, id, summary)
            .query::<ContentAsked>()
            .takes(&["PaidanActor", "Range"])
            .gives(&[("ETag", "ContentTag")])
    };
    let bytes = read("read_attachment", "The bytes of an attachment")
        .about(
            "Only what an event names, and what may be seen. Nothing in it can run: pages and \
             drawings come as text to be saved. With `Range` a part of it. That somebody of the \
             firm opened it is recorded.",
        )
        .text("*/*", "All bytes.")
        .part("*/*", "The bytes that `Range` asks for.");
    let head = read("describe_attachment", "Size and type of an attachment's bytes")
        .empty(200, "The headers say it.")
        .empty(206, "The same, of a part.");
    let small = op(Class::Content, "read_attachment_thumbnail", "An image made small")
        .query::<ThumbnailAsked>()
        .gives(&[("ETag", "ContentTag")])
        .text("image/*", "JPEG, or PNG where something can be seen through.");
    Routes::default()
        .get("/api/v1/attachments/{hash}", attachment::one, one)
        .get("/api/v1/tickets/{id}/attachments", attachment::of_ticket, of_ticket)
        .get("/attachments/{hash}/content", content, bytes)
        .on(HEAD, "/attachments/{hash}/content", content, head)
        .get("/attachments/{hash}/thumbnail", thumbnail, small)
}

/// Headers and places that requests name, for the document.
pub(super) fn parameters(parameters: &mut Map<String, Value>) {
    // None is required: whoever leaves one out gets the refusal that tus has for it.
    let mut header = |key: &str, name: &str, about: &str, schema: Value| {
        let parameter = json!({
            "name": name, "in": "header", "required": false, "description": about,
            "schema": schema,
        });
        parameters.insert(key.to_owned(), parameter);
    };
    let version = json!({"type": "string", "const": "1.0.0"});
    header("TusResumable", "Tus-Resumable", "The version of tus; 412 without.", version);
    let bytes = || json!({"type": "integer", "minimum": 0, "examples": [482_113]});
    let about = "How long the file is in all; may be said with a later part.";
    header("UploadLength", "Upload-Length", about, bytes());
    let about = "Instead of the length, where that is not known yet.";
    header("UploadDeferLength", "Upload-Defer-Length", about, json!({"const": "1"}));
    let about = "`filename`, a space and the name in Base64.";
    let metadata = json!({"type": "string", "examples": ["filename 5Yay5bqKLmpwZw=="]});
    header("UploadMetadata", "Upload-Metadata", about, metadata);
    let about = "`sha256` or `sha1`, a space and the digest of this request's bytes in Base64. \
                 With one, all of them count or none.";
    let checksum = json!({"type": "string", "examples": ["sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk="]});
    header("UploadChecksum", "Upload-Checksum", about, checksum);
    header("UploadOffsetSent", "Upload-Offset", "At which byte these begin; 400 without.", bytes());
    let about = "Which method is meant; 400 without.";
    let method = json!({"type": "string", "enum": ["PATCH", "HEAD", "DELETE"]});
    header("MethodOverride", "X-HTTP-Method-Override", about, method);
    let range = json!({"type": "string", "examples": ["bytes=0-1023"]});
    header("Range", "Range", "One range of bytes; several are not understood.", range);
    let id = json!({
        "name": "id", "in": "path", "required": true, "description": "Which upload.",
        "schema": {
            "type": "string", "pattern": "^up_[0-9a-f]{32}$",
            "examples": ["up_0190c1d2e3f405162738495a6b7c8d9e"],
        },
    });
    parameters.insert("Upload".into(), id);
    let hash = json!({
        "name": "hash", "in": "path", "required": true, "description": "Which attachment.",
        "schema": {"$ref": "#/components/schemas/ContentHash"},
    });
    parameters.insert("Attachment".into(), hash);
}

/// Headers of answers, for the document.
pub(super) fn headers(headers: &mut Map<String, Value>) {
    let mut header = |key: &str, about: &str, required: bool, schema: Value| {
        let header = json!({"description": about, "required": required, "schema": schema});
        headers.insert(key.to_owned(), header);
    };
    let text = || json!({"type": "string"});
    let bytes = || json!({"type": "integer", "minimum": 0});
    header("TusResumable", "The version of tus.", true, json!({"const": "1.0.0"}));
    header("TusVersion", "Versions that are spoken.", true, text());
    header("TusExtension", "What of tus there is.", true, text());
    header("TusMaxSize", "The largest file, in bytes.", true, bytes());
    header("TusChecksumAlgorithm", "How parts can be checked.", true, text());
    header("UploadOffset", "How far it is, in bytes.", false, bytes());
    header("UploadExpires", "From then on it may be removed.", false, text());
    let about = "With the last byte: what commands take in `attachments`, as JSON in ASCII.";
    header("UploadAttachment", about, false, text());
    let at = json!({"type": "string", "pattern": "^/api/v1/uploads/up_[0-9a-f]{32}$"});
    let tag = json!({"type": "string", "pattern": "^\"[0-9a-f]{64}(-[0-9]+)?\"$"});
    header("ContentTag", "The hash of the bytes.", true, tag);
    header("UploadLocation", "Where its bytes go.", true, at);
    let at = json!({"type": "string", "pattern": "^/api/v1/attachments/[0-9a-f]{64}$"});
    header("AttachmentLocation", "Where it is once an event names it.", true, at);
}

//! What a request says in its headers: who asks, under which key, on which condition.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::{
    Actor, CODE_CHARS_MAX, Command, CommandId, CustomerId, EngineerId, Issuer, Party, StaffId,
    StreamVersion, Timestamp,
};
use engine::Submission;

use crate::Gateway;
use crate::problem::{Kind, Problem};

/// Names the command: the same key is applied at most once.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Names the client; keys of different clients never meet.
pub(crate) const CLIENT: HeaderName = HeaderName::from_static("paidan-client");
const ACTOR: HeaderName = HeaderName::from_static("paidan-actor");
const ON_BEHALF_OF: HeaderName = HeaderName::from_static("paidan-on-behalf-of");
const OCCURRED_AT: HeaderName = HeaderName::from_static("paidan-occurred-at");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

pub(crate) const KEY_BYTES_MAX: usize = 255;
const CLIENT_BYTES_MAX: usize = 64;
/// Who does not say who they are.
const ANONYMOUS: &str = "anonymous";

/// The key of this command, sent or made.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    text: String,
    header: HeaderValue,
}

pub(crate) fn wrong(name: &HeaderName, what: impl fmt::Display) -> Problem {
    Problem::new(Kind::BadHeader, format!("header {name}: {what}")).with("header", name.as_str())
}

/// The one value of a header.
pub(crate) fn single<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(wrong(name, "stands there twice; send it once"));
    }
    std::str::from_utf8(value.as_bytes()).map(Some).map_err(|_| wrong(name, "is not UTF-8"))
}

/// The one value of a header that names something.
fn named<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    bytes_max: usize,
) -> Result<Option<&'a str>, Problem> {
    let Some(text) = single(headers, name)? else { return Ok(None) };
    if text.is_empty() || text.len() > bytes_max || text.chars().any(char::is_control) {
        return Err(wrong(name, format_args!("write 1 to {bytes_max} visible bytes")));
    }
    Ok(Some(text))
}

fn fresh_key() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Problem::failure(Kind::Internal, "no key could be made; send one of your own", &error)
    })?;
    Ok(format!("auto-{:032x}", u128::from_be_bytes(bytes)))
}

/// Gives every command a key and says which, whatever the answer is: whoever lost the answer
/// repeats the command under it.
pub(crate) async fn key_of_command(mut request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let key = match from_elsewhere(request.headers()).and_then(|()| key(request.headers())) {
        Ok(key) => key,
        Err(problem) => return problem.into_response(),
    };
    let header = key.header.clone();
    request.extensions_mut().insert(key);
    let mut response = next.run(request).await;
    response.headers_mut().insert(IDEMPOTENCY_KEY, header);
    response
}

/// There are no accounts yet, so a page of any site could command a server on the reader's own
/// machine. Browsers say where a request comes from (Fetch Metadata, W3C).
fn from_elsewhere(headers: &HeaderMap) -> Result<(), Problem> {
    match single(headers, &SEC_FETCH_SITE)? {
        None | Some("same-origin" | "none") => Ok(()),
        Some(_) => {
            Err(Problem::new(Kind::CrossSite, "commands are not taken from other sites' pages"))
        }
    }
}

fn key(headers: &HeaderMap) -> Result<Key, Problem> {
    let text = match named(headers, &IDEMPOTENCY_KEY, KEY_BYTES_MAX)? {
        Some(sent) => sent.to_owned(),
        None => fresh_key()?,
    };
    let header = HeaderValue::from_bytes(text.as_bytes())
        .map_err(|_| wrong(&IDEMPOTENCY_KEY, "cannot stand in a header"))?;
    Ok(Key { text, header })
}

/// Who acts, as it can be sent: the system's own parts cannot be named from outside.
pub(crate) fn sent_party() -> serde_json::Value {
    let (id, staff) = ("[0-7][0-9a-hjkmnp-tv-z]{25}", "agent|supervisor|director|administrator");
    let code = format!("code:[!-~]([ -~]{{0,{}}}[!-~])?", CODE_CHARS_MAX - 2);
    serde_json::json!({
        "type": "string",
        "description": "Who acts: a role and an id, or `code:` and the firm's own code.",
        "pattern": format!(
            "^(anonymous|customer:(cu_{id}|{code})|engineer:(en_{id}|{code})\
             |({staff}):(st_{id}|{code}))$"
        ),
        "examples": ["engineer:code:E7"],
    })
}

/// An id, or `code:` and the firm's own code.
fn id_or_code<T>(text: &str, from_code: fn(&str) -> T) -> Result<T, String>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    match text.strip_prefix("code:") {
        Some(code) if (1..=CODE_CHARS_MAX).contains(&code.chars().count()) => Ok(from_code(code)),
        Some(_) => Err(format!("a code has 1 to {CODE_CHARS_MAX} characters")),
        None => text.parse().map_err(|error: T::Err| error.to_string()),
    }
}

/// Who is named. The system's own parts cannot be named from outside.
pub(crate) fn party(text: &str) -> Result<Party, String> {
    const FORMS: &str = "write `anonymous`, or `customer:cu_…`, `engineer:en_…`, `agent:st_…`, \
                         `supervisor:st_…`, `director:st_…`, `administrator:st_…`";
    let Some((role, id)) = text.split_once(':') else {
        return if text == "anonymous" { Ok(Party::Anonymous) } else { Err(FORMS.to_owned()) };
    };
    let staff = |id| id_or_code(id, StaffId::from_code);
    match role {
        "customer" => id_or_code(id, CustomerId::from_code).map(Party::Customer),
        "engineer" => id_or_code(id, EngineerId::from_code).map(Party::Engineer),
        "agent" => staff(id).map(Party::Agent),
        "supervisor" => staff(id).map(Party::Supervisor),
        "director" => staff(id).map(Party::Director),
        "administrator" => staff(id).map(Party::Administrator),
        _ => Err(FORMS.to_owned()),
    }
}

fn party_of(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Party>, Problem> {
    let text = single(headers, name)?;
    text.map(|text| party(text).map_err(|what| wrong(name, what))).transpose()
}

/// Who asks; anonymous where nobody says so.
pub(crate) fn actor_of(headers: &HeaderMap) -> Result<Party, Problem> {
    Ok(party_of(headers, &ACTOR)?.unwrap_or(Party::Anonymous))
}

fn if_version(headers: &HeaderMap) -> Result<Option<StreamVersion>, Problem> {
    let Some(text) = single(headers, &header::IF_MATCH)? else { return Ok(None) };
    let number = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    // Digits only: `parse` alone would take a plus sign.
    let number = number.filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    match number.and_then(|number| number.parse().ok()) {
        Some(number) => Ok(Some(StreamVersion::new(number))),
        None => Err(wrong(
            &header::IF_MATCH,
            "write one version in quotes as the ETag has it, such as \"7\"; weak tags, lists and \
             * are not understood",
        )),
    }
}

/// Everything that is recorded or checked beside the body of a command.
#[derive(Debug, Clone)]
pub(crate) struct CommandHeaders {
    pub(crate) id: CommandId,
    pub(crate) actor: Actor,
    pub(crate) occurred_at: Option<Timestamp>,
    pub(crate) if_version: Option<StreamVersion>,
}

impl CommandHeaders {
    /// The command with them.
    pub(crate) fn submission(self, command: Command) -> Submission {
        Submission {
            occurred_at: self.occurred_at,
            if_version: self.if_version,
            ..Submission::live(self.id, command, self.actor)
        }
    }
}

impl FromRequestParts<Arc<Gateway>> for CommandHeaders {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Gateway>) -> Result<Self, Problem> {
        Self::read(&parts.headers, parts.extensions.get())
    }
}

impl CommandHeaders {
    /// What headers say; under this key, where one was found or made already.
    pub(crate) fn read(headers: &HeaderMap, known: Option<&Key>) -> Result<Self, Problem> {
        let key = match known {
            Some(key) => key.text.clone(),
            None => key(headers)?.text,
        };
        let client = named(headers, &CLIENT, CLIENT_BYTES_MAX)?.unwrap_or(ANONYMOUS).to_owned();
        let party = party_of(headers, &ACTOR)?.unwrap_or(Party::Anonymous);
        let on_behalf_of = party_of(headers, &ON_BEHALF_OF)?;
        let occurred_at = single(headers, &OCCURRED_AT)?
            .map(|text| text.parse().map_err(|error| wrong(&OCCURRED_AT, error)))
            .transpose()?;
        Ok(Self {
            id: CommandId { issuer: Issuer::Client(client), key },
            actor: Actor { on_behalf_of, ..Actor::claimed(party) },
            occurred_at,
            if_version: if_version(headers)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_party_reads_back_from_its_text() {
        let engineer = Party::Engineer(EngineerId::from_u128(7));
        assert_eq!(party(&engineer.to_string()), Ok(engineer));
        assert_eq!(party("anonymous"), Ok(Party::Anonymous));
        assert_eq!(party("agent:code:K3"), Ok(Party::Agent(StaffId::from_code("K3"))));
    }

    #[test]
    fn parts_of_the_system_cannot_be_named_from_outside() {
        for text in ["dispatcher", "gateway", "import", "", "engineer:", "engineer:st_1", "boss:x"]
        {
            assert!(party(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_if_match_is_one_strong_version() {
        let tag = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, text.parse().expect("a header's value"));
            if_version(&headers)
        };
        assert_eq!(tag("\"7\"").expect("a version"), Some(StreamVersion::new(7)));
        for wrong in ["7", "W/\"7\"", "*", "\"7\", \"8\"", "\"+7\"", "\"\"", "\"-1\""] {
            assert!(tag(wrong).is_err(), "{wrong}");
        }
    }
}

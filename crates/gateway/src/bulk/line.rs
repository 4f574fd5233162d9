//! One line: a command with everything that is said beside it.

use std::borrow::Cow;
use std::marker::PhantomData;

use domain::{Command, EngineerId, StreamVersion, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::Gateway;
use crate::body::{JsonText, read_json};
use crate::commands::{Order, read_order};
use crate::engineers;
use crate::headers::{CommandHeaders, KEY_BYTES_MAX, party};
use crate::params::addressed;
use crate::problem::{Kind, Problem};

/// A command on a line of its own. `verb` and `body` are those of the addresses: of
/// `POST /tickets/{id}/{verb}` with `ticket`, of `POST /engineers/{id}/{verb}` with `engineer`, and
/// `create` with neither reports something, as `POST /tickets` does.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = BulkLine)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkLine<'a> {
    /// What is asked: `create`, or the verb of a ticket or an engineer.
    #[serde(borrow)]
    #[schema(value_type = String, example = "note")]
    verb: Cow<'a, str>,
    /// The id or the number of the ticket.
    #[serde(borrow, default)]
    #[schema(value_type = Option<String>, example = "tk_01jd3nqz5e8y6b000000000000")]
    ticket: Option<Cow<'a, str>>,
    /// The id or the code of the engineer.
    #[serde(borrow, default)]
    #[schema(value_type = Option<String>)]
    engineer: Option<Cow<'a, str>>,
    /// Names the command, as `Idempotency-Key` does; the request's own key, `/` and the number of
    /// the line where absent.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255)]
    #[serde(default)]
    key: Option<String>,
    /// Who acts, as in `Paidan-Actor`; as the request says where absent.
    #[serde(borrow, default)]
    #[schema(value_type = Option<String>, example = "agent:code:K3")]
    actor: Option<Cow<'a, str>>,
    /// For whom; as the request says where absent.
    #[serde(borrow, default)]
    #[schema(value_type = Option<String>)]
    on_behalf_of: Option<Cow<'a, str>>,
    /// When it really happened.
    #[serde(default)]
    occurred_at: Option<Timestamp>,
    /// Only if the ticket or engineer is at this version.
    #[serde(default)]
    if_version: Option<StreamVersion>,
    /// What the verb needs; `{}` where absent.
    #[serde(borrow, default)]
    #[schema(value_type = Option<Object>)]
    body: Option<&'a RawValue>,
}

/// A problem with a field of the line.
fn wrong(field: &'static str, what: impl std::fmt::Display) -> Problem {
    Problem::new(Kind::WrongBody, format!("{field}: {what}")).with("field", field)
}

impl<'a> BulkLine<'a> {
    pub(super) fn read(text: &'a [u8]) -> Result<Self, Problem> {
        read_json(text, PhantomData)
    }

    /// What is said beside the command, by the line or else by the request. `unnamed` is the key of
    /// a line that has none.
    pub(super) fn headers(
        &mut self,
        unnamed: impl FnOnce() -> String,
        request: &CommandHeaders,
    ) -> Result<CommandHeaders, Problem> {
        let key = match self.key.take() {
            Some(key) if key.is_empty() || key.chars().any(char::is_control) => {
                return Err(wrong("key", format_args!("write 1 to {KEY_BYTES_MAX} visible bytes")));
            }
            Some(key) => key,
            None => unnamed(),
        };
        if key.len() > KEY_BYTES_MAX {
            return Err(wrong("key", format_args!("it is longer than {KEY_BYTES_MAX} bytes")));
        }
        let named = |field, text: &Option<Cow<'_, str>>| {
            let text = text.as_deref();
            text.map(|text| party(text).map_err(|what| wrong(field, what))).transpose()
        };
        let mut headers = request.clone();
        headers.id.key = key;
        if let Some(actor) = named("actor", &self.actor)? {
            headers.actor.party = actor;
        }
        if let Some(principal) = named("on_behalf_of", &self.on_behalf_of)? {
            headers.actor.on_behalf_of = Some(principal);
        }
        headers.occurred_at = self.occurred_at;
        headers.if_version = self.if_version;
        Ok(headers)
    }

    /// The command.
    pub(super) async fn order(&self, gateway: &Gateway) -> Result<Order, Problem> {
        let body = JsonText::new(self.body.map_or(&[], |body| body.get().as_bytes()));
        match (&self.ticket, &self.engineer) {
            (None, None) if self.verb == "create" => body.read().map(Order::Report),
            (Some(ticket), None) => {
                let named =
                    ticket.parse().map_err(|problem: Problem| wrong("ticket", problem.detail()))?;
                let id = gateway.ticket_id(named).await?;
                read_order(id, &self.verb, body)
            }
            (None, Some(engineer)) => {
                let named = addressed::<EngineerId>(engineer);
                let id = named.map_err(|problem| wrong("engineer", problem.detail()))?.id;
                let command = engineers::read_recorded(&self.verb, body)?;
                Ok(Order::Command(Command::Engineer(id, command)))
            }
            (None, None) => Err(wrong("ticket", "name the `ticket` or the `engineer`")),
            (Some(_), Some(_)) => {
                Err(wrong("engineer", "name either a `ticket` or an `engineer`, not both"))
            }
        }
    }
}

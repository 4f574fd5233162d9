//! Commands to tickets.

use std::sync::Arc;

use axum::extract::State;
use domain::ticket::{Create, TicketCommand, Verb};
use domain::{Command, CommandId, StreamVersion, TicketId};
use engine::Error;

use crate::Gateway;
use crate::answer::{Answer, created, versioned};
use crate::body::JsonBody;
use crate::headers::CommandHeaders;
use crate::params::{Segments, TicketRef};
use crate::problem::{Kind, Problem};
use crate::views::ReceiptView;

/// `POST /tickets`.
pub(crate) async fn create(
    State(gateway): State<Arc<Gateway>>,
    headers: CommandHeaders,
    body: JsonBody,
) -> Answer {
    let create: Create = body.read()?;
    let submission =
        |id| headers.clone().submission(Command::Ticket(id, TicketCommand::Create(create.clone())));
    let mut result = gateway.submit(submission(gateway.fresh_ticket_id()?)).await;
    if let Err(Error::IdReused { .. }) = result
        && let Some(first) = gateway.ticket_of(&headers.id)?
    {
        // Sent before: the same words are its first result, others are a conflict.
        result = gateway.submit(submission(first)).await;
    }
    let receipt = ReceiptView::from(result?);
    tracing::Span::current().record("ticket.id", tracing::field::display(receipt.id));
    Ok(created(&format!("/api/v1/tickets/{}", receipt.id), receipt.version, receipt))
}

/// `POST /tickets/{id}/{verb}`.
pub(crate) async fn act(
    State(gateway): State<Arc<Gateway>>,
    Segments((ticket, verb)): Segments<(String, String)>,
    headers: CommandHeaders,
    body: JsonBody,
) -> Answer {
    let verb = verb_of(&verb)?;
    let id = gateway.ticket_id(ticket.parse()?).await?;
    let command = body.read_with(|body| TicketCommand::read(verb, body))?;
    let receipt = gateway.submit(headers.submission(Command::Ticket(id, command))).await?;
    Ok(versioned(receipt.version, ReceiptView::from(receipt)))
}

fn verb_of(text: &str) -> Result<Verb, Problem> {
    let verbs = || Verb::ALL.iter().copied().filter(|verb| *verb != Verb::Create);
    verbs().find(|verb| verb.as_str() == text).ok_or_else(|| {
        let shown: String = text.chars().take(64).collect();
        Problem::new(
            Kind::UnknownVerb,
            format!("a ticket knows no `{shown}`; `verbs` has those that it knows"),
        )
        .with("verbs", verbs().collect::<Vec<_>>())
    })
}

impl Gateway {
    /// The ticket that a command made or changed.
    ///
    /// A repeated report must lead to the same ticket, whether its answer was lost on the way or
    /// in a crash. What the log knows of the key tells which; so the id can be a fresh UUIDv7,
    /// which sorts by time, rather than a hash of the key, which does not.
    fn ticket_of(&self, command: &CommandId) -> Result<Option<TicketId>, Problem> {
        let known = self.ports().log.find_command(command)?;
        Ok(known.and_then(|known| {
            known.append.place().versions.iter().find_map(|(stream, _)| stream.ticket())
        }))
    }

    /// A UUIDv7 (RFC 9562, section 5.7).
    fn fresh_ticket_id(&self) -> Result<TicketId, Problem> {
        let mut random = [0; 10];
        getrandom::fill(&mut random).map_err(|error| {
            Problem::failure(
                Kind::Internal,
                "no id could be made; send it again with the same Idempotency-Key",
                &error,
            )
        })?;
        let millis = u64::try_from(self.ports().clock.now().as_micros() / 1000).unwrap_or(0);
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        Ok(TicketId::from_uuid(id))
    }

    /// The ticket that is meant.
    pub(crate) async fn ticket_id(&self, named: TicketRef) -> Result<TicketId, Problem> {
        let id = match named {
            TicketRef::Id(id) => id,
            TicketRef::Number(number) => {
                let position = number.position();
                let before = domain::GlobalPosition::new(position.get().saturating_sub(1));
                let found = self.read_log(move |log| log.read(before, 1)).await?;
                // Every other event has a position too, but a number has only a ticket's first.
                let first = found.first().filter(|event| {
                    event.position == position && event.version == StreamVersion::FIRST
                });
                first.and_then(|event| event.stream.ticket()).ok_or_else(|| {
                    Problem::new(
                        Kind::NotFound,
                        format!("there is no ticket with the number {number}"),
                    )
                })?
            }
        };
        tracing::Span::current().record("ticket.id", tracing::field::display(id));
        Ok(id)
    }
}

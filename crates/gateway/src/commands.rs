//! Commands to tickets.

use std::sync::Arc;

use axum::extract::State;
use domain::ticket::{Create, TicketCommand, Verb};
use domain::{Command, CommandId, StreamVersion, TicketId};
use engine::{Error, Pending, Receipt};
use serde::Deserializer;
use serde::de::DeserializeSeed;

use crate::Gateway;
use crate::answer::{Answer, created, versioned};
use crate::body::{JsonText, TextBody};
use crate::headers::CommandHeaders;
use crate::params::{Segments, TicketRef};
use crate::problem::{Kind, Problem};
use crate::views::ReceiptView;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) enum Order {
    /// A report, which becomes a ticket that has no id yet.
    Report(Create),
    /// Anything else.
    Command(Command),
}

/// `POST /tickets`.
pub(crate) async fn create(
    State(gateway): State<Arc<Gateway>>,
    headers: CommandHeaders,
    TextBody(body): TextBody,
) -> Answer {
    let order = Order::Report(body.read()?);
    let receipt = ReceiptView::from(gateway.carry_out(headers, order).await?);
    tracing::Span::current().record("ticket.id", tracing::field::display(receipt.id));
    Ok(created(&format!("/api/v1/tickets/{}", receipt.id), receipt.version, receipt))
}

/// `POST /tickets/{id}/{verb}`.
pub(crate) async fn act(
    State(gateway): State<Arc<Gateway>>,
    Segments((ticket, verb)): Segments<(String, String)>,
    headers: CommandHeaders,
    TextBody(body): TextBody,
) -> Answer {
    // A verb that there is not is told before a ticket that there is not.
    verb_of(&verb)?;
    let id = gateway.ticket_id(ticket.parse()?).await?;
    let order = read_order(id, &verb, body.text())?;
    let receipt = gateway.carry_out(headers, order).await?;
    Ok(versioned(receipt.version, ReceiptView::from(receipt)))
}

/// A command to a ticket, by its verb and body.
pub(crate) fn read_order(id: TicketId, verb: &str, body: JsonText<'_>) -> Result<Order, Problem> {
    let command = body.read_as(BodyOf(verb_of(verb)?))?;
    Ok(Order::Command(Command::Ticket(id, command)))
}

/// Reads the body of a verb.
#[derive(Debug, Clone, Copy)]
struct BodyOf(Verb);

impl<'de> DeserializeSeed<'de> for BodyOf {
    type Value = TicketCommand;

    fn deserialize<D: Deserializer<'de>>(self, body: D) -> Result<TicketCommand, D::Error> {
        TicketCommand::read(self.0, body)
    }
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
    /// Decides what is asked and queues what it leads to; the answer holds once it is durable.
    pub(crate) fn begin(&self, headers: CommandHeaders, order: Order) -> Result<Pending, Problem> {
        let begin = |submission| {
            let begun = self.ports().engine.begin(submission);
            begun.inspect_err(|error| self.remember(Err(error)))
        };
        match order {
            Order::Command(command) => Ok(begin(headers.submission(command))?),
            Order::Report(report) => {
                let of = |id| {
                    let command = TicketCommand::Create(report.clone());
                    headers.clone().submission(Command::Ticket(id, command))
                };
                match begin(of(self.fresh_ticket_id()?)) {
                    // Sent before: the same words are its first result, others are a conflict.
                    Err(error @ Error::IdReused { .. }) => match self.ticket_of(&headers.id)? {
                        Some(first) => Ok(begin(of(first))?),
                        None => Err(error.into()),
                    },
                    begun => Ok(begun?),
                }
            }
        }
    }

    /// Carries out what is asked, and answers when that is durable.
    async fn carry_out(&self, headers: CommandHeaders, order: Order) -> Result<Receipt, Problem> {
        let order = self.vouched(&headers, order).await?;
        let settled = self.begin(headers, order)?.durable().await;
        self.remember(settled.as_ref());
        Ok(settled?)
    }

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

//! A ticket by the number that somebody types.

use std::sync::Arc;

use ::pages::Notice;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse;
use serde::Deserialize;
use words::Args;

use super::answer::{failed, with_status};
use super::{PageAnswer, Reader};
use crate::Gateway;

use crate::params::{Asked, TicketRef};
use crate::problem::Problem;

/// Longer than any number or id.
const LETTERS_MAX: usize = 40;

/// What was typed.
#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    number: String,
}

/// `GET /tickets?number=`: leads to the ticket's page.
pub(super) async fn find(
    State(gateway): State<Arc<Gateway>>,
    Reader(frame): Reader,
    query: Result<Asked<Typed>, Problem>,
) -> PageAnswer {
    let Asked(query) = query.map_err(|problem| failed(frame.clone(), &problem))?;
    let number = plain(&query.number);
    if number.is_empty() {
        return Ok((StatusCode::SEE_OTHER, [(LOCATION, "/")]).into_response());
    }
    let known = match number.parse::<TicketRef>() {
        Ok(named) => gateway.ticket_id(named).await.is_ok(),
        Err(_) => false,
    };
    if known {
        // What names a ticket is plain ASCII.
        let target = format!("/tickets/{number}");
        return Ok((StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response());
    }
    let args = Args::new().text("number", number);
    let text = frame.language.say_with("ticket-number-unknown", &args);
    let title = frame.say("ticket-number-title");
    Err(with_status(StatusCode::NOT_FOUND, &Notice { frame, title, text }))
}

/// Without spaces, and with digits and dash as a Chinese keyboard may widen them made narrow.
fn plain(typed: &str) -> String {
    let narrow = |letter: char| match letter {
        '－' | '–' | '—' | '−' => '-',
        '０'..='９' => {
            char::from_digit(u32::from(letter) - u32::from('０'), 10).unwrap_or(letter)
        }
        other => other,
    };
    let letters = typed.chars().filter(|letter| !letter.is_whitespace());
    letters.take(LETTERS_MAX).map(narrow).collect()
}

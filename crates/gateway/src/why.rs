//! Why a ticket is where it is: each step in words, with what was weighed, and what comes next.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::{GlobalPosition, StreamVersion, TicketId, Timestamp, Zone};
use eventlog::RecordedEvent;
use serde::Serialize;
use utoipa::ToSchema;
use words::{Language, LocalTime, Speaker};

use crate::Gateway;
use crate::answer::Answer;
use crate::pages::{DirectoryNames, numbers};
use crate::params::{Asked, Segments, limit};
use crate::tickets::{
    HISTORY_DEFAULT, HISTORY_MAX, HistoryQuery, damaged, fold_and, unknown, unwritable,
};
use crate::views::EventView;

/// A step in words.
#[derive(Serialize, ToSchema)]
struct WhyStep {
    /// The event, with what was weighed as data.
    event: EventView,
    /// In Chinese, line by line: what happened, then why.
    zh: Vec<String>,
    /// In English.
    en: Vec<String>,
}

/// What comes next, if nobody acts.
#[derive(Serialize, ToSchema)]
struct Upcoming {
    /// When; nothing where the ticket has ended.
    due: Option<Timestamp>,
    /// In Chinese.
    zh: String,
    /// In English.
    en: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct WhyAnswer {
    position: GlobalPosition,
    id: TicketId,
    steps: Vec<WhyStep>,
    /// For `after` of the next page; nothing at the end.
    next: Option<StreamVersion>,
    upcoming: Upcoming,
}

/// `GET /tickets/{id or number}/why`.
pub(crate) async fn why(
    State(gateway): State<Arc<Gateway>>,
    Segments(named): Segments<String>,
    Asked(query): Asked<HistoryQuery>,
) -> Answer {
    let limit = limit(query.limit, HISTORY_DEFAULT, HISTORY_MAX)?;
    let position = gateway.log_at(query.min_position).await?;
    let id = gateway.ticket_id(named.parse()?).await?;
    let after = query.after.unwrap_or_default();
    let read = gateway.read_log(move |log| {
        // One more than is told, to know whether there is more.
        let mut events: Vec<RecordedEvent> = Vec::new();
        let folded = fold_and(log, id, |event| {
            if event.version > after && events.len() <= limit {
                events.push(event);
            }
        })?;
        let more = events.len() > limit;
        events.truncate(limit);
        let numbers = match &folded {
            Ok(Some((_, ticket, _))) => numbers(log, ticket, &events)?,
            Ok(None) | Err(_) => Default::default(),
        };
        Ok((folded, events, more, numbers))
    });
    let (folded, events, more, numbers) = read.await?;
    let Some((_, ticket, _)) = folded.map_err(damaged)? else { return Err(unknown(id.into())) };
    let next = events.last().filter(|_| more).map(|last| last.version);
    let now = gateway.ports().clock.now();
    let models = Arc::clone(&gateway.ports().read_models);
    let told = gateway.on_own_thread(move || {
        let told = models.directory().read(|directory| {
            let rules = &directory.rules().rules;
            let time = LocalTime::new(Zone::or_utc(&rules.zone));
            let names = DirectoryNames::new(directory, &numbers);
            let [zh, en] = [Language::Chinese, Language::English]
                .map(|language| (language, Speaker::new(language, &time, &names)));
            let step = |event: &RecordedEvent| {
                let lines = |(language, speaker): &(Language, Speaker<'_>)| {
                    speaker.event(&event.event, event.occurred_at).lines(*language)
                };
                Ok(WhyStep { event: EventView::new(event)?, zh: lines(&zh), en: lines(&en) })
            };
            let steps = events.iter().map(step).collect::<Result<Vec<_>, serde_json::Error>>();
            let upcoming = Upcoming {
                due: ticket.due(),
                zh: zh.1.next(&ticket, rules, now),
                en: en.1.next(&ticket, rules, now),
            };
            (steps, upcoming)
        });
        told.value
    });
    let (steps, upcoming) = told.await?;
    let steps = steps.map_err(unwritable)?;
    Ok(Json(WhyAnswer { position, id, steps, next, upcoming }).into_response())
}

//! Saved questions: prepared, bounded, and each with an address that can be kept and shared.

mod list;

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use ::pages::questions::{Parameters, QuestionPage, QuestionsPage};
use ::pages::{Frame, Notice};
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::{Coded, Timestamp};
use serde::Deserialize;
use words::{Language, LocalTime};

use super::answer::{not_found, page, with_status};
use super::names::DirectoryNames;
use super::past::{PastQuery, refused};
use super::{PageAnswer, Reader};
use crate::Gateway;
use crate::board::bad;
use crate::look_back::AsOfBy;
use crate::params::{Asked, Segments, addressed};
use crate::problem::{Kind, Problem};
use list::{QUESTIONS, Question};

const ROWS: usize = 50;
/// As many tickets as a page of the API has, but for the one that tells that there are more.
const ROWS_MAX: usize = 199;

/// `GET /questions`.
pub(super) async fn all(Reader(frame): Reader) -> Response {
    let questions = QUESTIONS.iter().map(|question| {
        let (title, about) = words(frame.language, *question);
        (question.name, title, about)
    });
    let questions = questions.collect();
    page(&QuestionsPage { frame, questions })
}

fn words(language: Language, question: Question) -> (String, String) {
    let name = question.name;
    let title = language.say(&format!("question-{name}"));
    (title, language.say(&format!("question-{name}-about")))
}

/// A question's parameters, as a form sends them: what is empty is not asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct QuestionQuery {
    from: String,
    until: String,
    outlet: String,
    engineer: String,
    limit: String,
    as_of: String,
    as_of_by: Option<AsOfBy>,
}

fn set<T: FromStr>(name: &str, text: &str) -> Result<Option<T>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let shown: String = text.chars().take(64).collect();
    text.parse().map(Some).map_err(|_| bad(format_args!("{name}: `{shown}` cannot be")))
}

fn named<T: Coded>(text: &str) -> Result<Option<T>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => Ok(Some(addressed(text).map_err(|problem| bad(problem.detail()))?.id)),
    }
}

impl QuestionQuery {
    fn asked(&self, question: Question) -> Result<list::Asked, Problem> {
        let limit = set("limit", &self.limit)?.unwrap_or(ROWS);
        if !(1..=ROWS_MAX).contains(&limit) {
            return Err(bad(format_args!("limit: {limit} cannot be; write 1 to {ROWS_MAX}")));
        }
        let mut asked = list::Asked {
            outlet: named(&self.outlet)?,
            engineer: named(&self.engineer)?,
            limit,
            ..list::Asked::default()
        };
        if question.has_days() {
            (asked.from, asked.until) = (set("from", &self.from)?, set("until", &self.until)?);
        }
        Ok(asked)
    }

    fn parameters(&self, question: Question, limit: usize) -> Parameters {
        let day = |text: &str| question.has_days().then(|| text.to_owned());
        Parameters {
            from: day(&self.from),
            until: day(&self.until),
            outlet: self.outlet.clone(),
            engineer: self.engineer.clone(),
            limit,
            limit_max: ROWS_MAX,
        }
    }
}

/// `GET /questions/{name}`, and with `.csv` behind the name its answer alone.
pub(super) async fn one(
    State(gateway): State<Arc<Gateway>>,
    Reader(mut frame): Reader,
    Segments(name): Segments<String>,
    RawQuery(raw): RawQuery,
    query: Result<Asked<QuestionQuery>, Problem>,
) -> PageAnswer {
    let refuse = |problem| refused(frame.clone(), &problem);
    let as_csv = name.strip_suffix(".csv");
    let Some(question) = Question::named(as_csv.unwrap_or(&name)) else {
        return Err(not_found(frame));
    };
    let Asked(query) = query.map_err(|_| wrong(frame.clone()))?;
    let asked = query.asked(*question).map_err(|_| wrong(frame.clone()))?;
    let past = PastQuery::new(query.as_of.clone(), query.as_of_by);
    let then = gateway.page_then(&past).await.map_err(refuse)?;
    let models = match then {
        Some(then) => gateway.models_as_of(then).await.map_err(refuse)?,
        None => Arc::clone(&gateway.ports().read_models),
    };
    let now: Timestamp = then.map_or_else(|| gateway.ports().clock.now(), |then| then.moment);
    let (live, language) = (Arc::clone(&gateway.ports().read_models), frame.language);
    let answered = gateway.on_own_thread(move || {
        let found = question.ask(&models, asked, now).map_err(|error| {
            Problem::failure(Kind::Internal, "the question could not be answered", &error)
        })?;
        let answer = live.directory().read(|directory| {
            let numbers = HashMap::new();
            let names = DirectoryNames::new(directory, &numbers);
            found.answer(language, &names, asked.limit)
        });
        Ok::<_, Problem>(answer.value)
    });
    let answer = answered.await.and_then(|answer| answer).map_err(refuse)?;
    if as_csv.is_some() {
        let file = format!("attachment; filename=\"{}.csv\"", question.name);
        let headers = [
            (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (CONTENT_DISPOSITION, file),
            (CACHE_CONTROL, "no-store".to_owned()),
        ];
        return Ok((headers, answer.csv()).into_response());
    }
    let look_back = gateway.look_back_of(&mut frame, then);
    let raw = raw.unwrap_or_default();
    frame.kept.clone_from(&raw);
    let time = LocalTime::new(gateway.firm_zone());
    let (title, about) = words(language, *question);
    let csv = csv_address(&frame, &raw);
    let parameters = query.parameters(*question, asked.limit);
    let (answer, time) = (&answer, &time);
    Ok(page(&QuestionPage { frame, look_back, title, about, parameters, answer, time, csv }))
}

/// Something that is set cannot be.
fn wrong(frame: Frame) -> Response {
    let (title, text) = (frame.say("question-wrong-title"), frame.say("question-wrong-text"));
    with_status(StatusCode::BAD_REQUEST, &Notice { frame, title, text })
}

fn csv_address(frame: &Frame, query: &str) -> String {
    let sign = if query.is_empty() { "" } else { "?" };
    format!("{}.csv{sign}{query}", frame.path)
}

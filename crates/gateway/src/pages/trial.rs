//! The page that tries rules on the past: a form without a script, and what the API answers, in words.

use std::collections::HashMap;
use std::sync::Arc;

use ::pages::Frame;
use ::pages::trial::{Trial, Tried};
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::rules::Rules;
use domain::{StreamVersion, TicketId, TicketNumber, Timestamp, Zone};
use serde::Deserialize;
use trial::{Between, Changed, Error, Report};
use words::{Args, Language, LocalTime};

use super::answer::{failed, page, with_status};
use super::names::DirectoryNames;
use super::trial_words::TrialWords;
use super::{PageAnswer, Reader};
use crate::Gateway;
use crate::body::JsonText;
use crate::problem::{Kind, Problem};
use crate::trials::Untried;

/// Tickets on the page; the API and `paidan rules try` tell more.
const TICKETS_MAX: usize = 20;

/// What the form sends. What is empty is not asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct TrialForm {
    rules: String,
    from: String,
    to: String,
}

/// Why rules are not tried, in words, and with which status.
struct Refused(StatusCode, Vec<String>);

/// `GET /rules/try`: the form, with the rules that hold.
pub(super) async fn form(State(gateway): State<Arc<Gateway>>, Reader(frame): Reader) -> PageAnswer {
    let models = &gateway.ports().read_models;
    let rules = models.directory().read(|model| model.rules().rules.clone()).value;
    let rules = serde_json::to_string_pretty(&rules).map_err(|error| {
        let what = "the rules could not be written as JSON";
        failed(frame.clone(), &Problem::failure(Kind::Internal, what, &error))
    })?;
    Ok(page(&TrialForm { rules, ..TrialForm::default() }.page(frame, Vec::new(), None)))
}

/// `POST /rules/try`: the form as it was sent, and what was found. Records nothing.
pub(super) async fn try_on(
    State(gateway): State<Arc<Gateway>>,
    Reader(frame): Reader,
    Form(form): Form<TrialForm>,
) -> PageAnswer {
    let zone = gateway.firm_zone();
    let asked = form.rules(frame.language).and_then(|rules| {
        let between = form.between(frame.language, &zone)?;
        Ok((rules, between))
    });
    let (rules, between) = match asked {
        Ok(asked) => asked,
        Err(refused) => return Ok(form.refused(frame, refused)),
    };
    let report = match gateway.try_rules(rules, between, TICKETS_MAX).await {
        Ok(report) => report,
        Err(why) => {
            let within = gateway.config().trial_within;
            let said = said(&why, frame.language, within.as_secs());
            let problem = why.problem(within);
            let Some(said) = said else { return Err(failed(frame, &problem)) };
            let refused = Refused(problem.kind().status(), vec![said]);
            return Ok(form.refused(frame, refused));
        }
    };
    let tried = tried(&gateway, frame.language, zone, report).await;
    let tried = tried.map_err(|problem| failed(frame.clone(), &problem))?;
    Ok(page(&form.page(frame, Vec::new(), Some(tried))))
}

impl TrialForm {
    fn page(self, frame: Frame, problems: Vec<String>, tried: Option<Tried>) -> Trial {
        let Self { rules, from, to } = self;
        Trial { frame, rules, from, to, problems, tried }
    }

    fn refused(self, frame: Frame, Refused(status, problems): Refused) -> Response {
        with_status(status, &self.page(frame, problems, None))
    }

    fn rules(&self, language: Language) -> Result<Rules, Refused> {
        let unprocessable = |problems| Refused(StatusCode::UNPROCESSABLE_ENTITY, problems);
        let rules: Rules = JsonText::new(self.rules.as_bytes()).read().map_err(|problem| {
            // Here the rules are a field of a form, no body.
            let detail = problem.detail().trim_start_matches("the body: ").to_owned();
            let args = Args::new().text("detail", detail);
            unprocessable(vec![language.say_with("trial-unreadable", &args)])
        })?;
        let found = rules.check().err().unwrap_or_default();
        if found.is_empty() {
            return Ok(rules);
        }
        Err(unprocessable(found.iter().map(|problem| language.rule_problem(problem)).collect()))
    }

    fn between(&self, language: Language, zone: &Zone) -> Result<Between, Refused> {
        let moment = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse().ok().or_else(|| zone.at_clock(text)).map(Some).ok_or_else(|| {
                let shown: String = text.chars().take(64).collect();
                language.say_with("trial-no-moment", &Args::new().text("text", shown))
            }),
        };
        let unprocessable = |problem| Refused(StatusCode::UNPROCESSABLE_ENTITY, vec![problem]);
        let from = moment(&self.from).map_err(unprocessable)?.unwrap_or(Timestamp::MIN);
        let to = moment(&self.to).map_err(unprocessable)?.unwrap_or(Timestamp::MAX);
        if to <= from {
            return Err(unprocessable(language.say("trial-no-span")));
        }
        Ok(Between { from, to })
    }
}

/// What whoever asked can do something about; nothing where it is the server's failure.
fn said(why: &Untried, language: Language, seconds: u64) -> Option<String> {
    Some(match why {
        Untried::Busy => language.say("trial-busy"),
        Untried::Refused(Error::Stopped) => {
            language.say_with("trial-too-slow", &Args::new().text("seconds", seconds.to_string()))
        }
        Untried::Refused(Error::NothingThen { .. }) => language.say("trial-nothing-then"),
        Untried::Refused(Error::TooLong { events_max }) => {
            language.say_with("trial-too-much", &Args::new().text("events", events_max.to_string()))
        }
        Untried::Refused(Error::Rules(rejection)) => rejection.to_string(),
        Untried::Refused(
            Error::Read(_) | Error::Fault(_) | Error::Corrupt(_) | Error::Restless { .. },
        )
        | Untried::Failed(_) => return None,
    })
}

async fn tried(
    gateway: &Arc<Gateway>,
    language: Language,
    zone: Zone,
    report: Report,
) -> Result<Tried, Problem> {
    let numbers = numbers(gateway, &report.tickets).await?;
    let models = &gateway.ports().read_models;
    let told = models.directory().read(|directory| {
        let names = DirectoryNames::new(directory, &numbers);
        TrialWords { language, time: LocalTime::new(zone), names: &names }.tried(&report)
    });
    Ok(told.value)
}

async fn numbers(
    gateway: &Gateway,
    tickets: &[Changed],
) -> Result<HashMap<TicketId, TicketNumber>, Problem> {
    let ids: Vec<_> = tickets.iter().map(|changed| changed.ticket).collect();
    let read = gateway.read_log(move |log| {
        let mut numbers = HashMap::new();
        for id in ids {
            if let Some(first) = log.read_stream(id.into(), StreamVersion::ZERO, 1)?.first() {
                numbers.insert(id, TicketNumber::from_position(first.position));
            }
        }
        Ok(numbers)
    });
    read.await
}

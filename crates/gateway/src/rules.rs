//! The firm's rules: published whole, read in the shape in which they are put, checked before.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::rules::{RuleSet, RuleSetVersion, RuleValue, Rules};
use domain::{Command, Event, GlobalPosition, StreamId, StreamVersion, Timestamp};
use eventlog::{EventLog, ReadError, RecordedEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use words::Language;

use crate::Gateway;
use crate::answer::{Answer, versioned};
use crate::body::JsonBody;
use crate::directory::last_event;
use crate::headers::CommandHeaders;
use crate::params::Asked;
use crate::problem::{Kind, Problem};
use crate::views::ReceiptView;

/// `PUT /rules`.
pub(crate) async fn put(
    State(gateway): State<Arc<Gateway>>,
    headers: CommandHeaders,
    body: JsonBody,
) -> Answer {
    let rules: Rules = body.read()?;
    let receipt = gateway.submit(headers.submission(Command::PublishRules(rules))).await?;
    Ok(versioned(receipt.version, ReceiptView::from(receipt)))
}

/// The query of the rules.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesAsked {
    /// As they were in this version; 0 is the set that ships. Those that hold, where absent.
    version: Option<RuleSetVersion>,
    min_position: Option<GlobalPosition>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RulesAnswer {
    position: GlobalPosition,
    rule_set: RuleSetVersion,
    /// From where in the log on they hold or held; nothing for those that ship.
    holds_from: Option<GlobalPosition>,
    published_at: Option<Timestamp>,
    /// In the shape in which they are put.
    rules: Rules,
}

/// `GET /rules`.
pub(crate) async fn get(
    State(gateway): State<Arc<Gateway>>,
    Asked(query): Asked<RulesAsked>,
) -> Answer {
    let position = gateway.log_at(query.min_position).await?;
    let asked = query.version;
    let publication = gateway
        .read_log(move |log| match asked {
            Some(version) => publication(log, version),
            None => last_event(log, StreamId::RULES),
        })
        .await?;
    let (set, recorded) = told(publication);
    if let Some(asked) = asked.filter(|asked| *asked != set.version) {
        let newest = gateway.read_log(|log| last_event(log, StreamId::RULES)).await?;
        let (RuleSet { version: newest, .. }, _) = told(newest);
        let detail = format!("there is no version {asked} of the rules; the newest is {newest}");
        return Err(Problem::new(Kind::NotFound, detail).with("stream", StreamId::RULES));
    }
    let RuleSet { version: rule_set, rules } = set;
    let version = recorded.as_ref().map_or(StreamVersion::ZERO, |event| event.version);
    let answer = RulesAnswer {
        position,
        rule_set,
        holds_from: recorded.as_ref().map(|event| event.position),
        published_at: recorded.map(|event| event.recorded_at),
        rules,
    };
    Ok(versioned(version, answer))
}

/// The publication of a version; nothing where it shipped, or is not there. Each publication is
/// one event, so both are counted alike.
fn publication(
    log: &dyn EventLog,
    version: RuleSetVersion,
) -> Result<Option<RecordedEvent>, ReadError> {
    let Some(before) = version.get().checked_sub(1) else { return Ok(None) };
    Ok(log.read_stream(StreamId::RULES, StreamVersion::new(before.into()), 1)?.pop())
}

/// What a publication leaves, which is all that ships without one.
fn told(publication: Option<RecordedEvent>) -> (RuleSet, Option<RecordedEvent>) {
    let mut set = RuleSet::default();
    if let Some(Event::Rules(event)) = publication.as_ref().map(|recorded| &recorded.event) {
        set.apply(event);
    }
    (set, publication)
}

/// What a check finds.
#[derive(Serialize, ToSchema)]
pub(crate) struct RulesCheck {
    position: GlobalPosition,
    /// The rules that hold, which `changes` begin with.
    rule_set: RuleSetVersion,
    /// All that keeps them from taking effect; empty: they can be put.
    problems: Vec<RuleFault>,
    /// Every field in which they differ from the rules that hold.
    changes: Vec<RuleDifference>,
}

/// Something that keeps rules from taking effect.
#[derive(Serialize, ToSchema)]
pub(crate) struct RuleFault {
    #[schema(example = "accept.within")]
    field: &'static str,
    /// What is wrong, and what to write instead.
    #[schema(example = "`accept.within` is 40d; write a span from 1s to 31d")]
    problem: String,
    /// The same in Chinese.
    #[schema(example = "`accept.within` 是 40d；请写 1s 至 31d 的时长")]
    problem_zh: String,
}

/// A field that changes.
#[derive(Serialize, ToSchema)]
pub(crate) struct RuleDifference {
    #[schema(example = "accept.within")]
    field: &'static str,
    /// What holds.
    #[schema(value_type = Value, example = "30m")]
    from: Value,
    /// What was sent.
    #[schema(value_type = Value, example = "20m")]
    to: Value,
}

/// `POST /rules/check`: looks and records nothing.
pub(crate) async fn check(State(gateway): State<Arc<Gateway>>, body: JsonBody) -> Answer {
    let rules: Rules = body.read()?;
    let position = gateway.log_at(None).await?;
    let last = gateway.read_log(|log| last_event(log, StreamId::RULES)).await?;
    let (RuleSet { version: rule_set, rules: holding }, _) = told(last);
    let fault = |problem: domain::rules::RuleProblem| RuleFault {
        field: problem.field(),
        problem: problem.to_string(),
        problem_zh: Language::Chinese.rule_problem(&problem),
    };
    let problems = rules.check().err().unwrap_or_default().into_iter().map(fault).collect();
    let written = |value: RuleValue<'_>| {
        serde_json::to_value(value).map_err(|error| {
            Problem::failure(Kind::Internal, "a rule could not be written as JSON", &error)
        })
    };
    let changes = holding.changes_to(&rules).into_iter().map(|change| {
        let (from, to) = (written(change.from)?, written(change.to)?);
        Ok(RuleDifference { field: change.field, from, to })
    });
    let changes = changes.collect::<Result<_, Problem>>()?;
    Ok(Json(RulesCheck { position, rule_set, problems, changes }).into_response())
}

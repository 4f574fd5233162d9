//! Rules tried on the past: one trial at a time, because each reads the whole log.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::rules::Rules;
use domain::{Rejection, Timestamp};
use serde::Deserialize;
use trial::{Between, Error, Report, try_rules};
use utoipa::ToSchema;

use crate::Gateway;
use crate::answer::Answer;
use crate::body::JsonBody;
use crate::problem::{Kind, Problem};

/// Tickets that an answer tells of.
const TICKETS_MAX: usize = 1_000;

/// What is tried, and on what.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RulesTry {
    /// The whole set; what is left out is as shipped.
    rules: Rules,
    /// As if they had held from this moment on; from the log's beginning where absent.
    from: Option<Timestamp>,
    /// Until before this moment; until the log's end where absent.
    to: Option<Timestamp>,
    /// So many of the tickets that come otherwise are told, worst first; 20 where absent.
    #[schema(maximum = 1_000)]
    limit: Option<u32>,
}

impl RulesTry {
    fn between(&self) -> Between {
        let (from, to) = (self.from, self.to);
        Between { from: from.unwrap_or(Timestamp::MIN), to: to.unwrap_or(Timestamp::MAX) }
    }

    fn limit(&self) -> usize {
        let limit = self.limit.unwrap_or(20);
        usize::try_from(limit).unwrap_or(TICKETS_MAX).min(TICKETS_MAX)
    }
}

/// `POST /rules/try`: records nothing.
pub(crate) async fn try_on(State(gateway): State<Arc<Gateway>>, body: JsonBody) -> Answer {
    let asked: RulesTry = body.read()?;
    let Ok(permit) = Arc::clone(&gateway.trials).try_acquire_owned() else {
        let detail = "other rules are being tried; try these when that is done";
        return Err(Problem::new(Kind::Busy, detail));
    };
    let ports = gateway.ports().clone();
    let within = gateway.config().trial_within;
    let closing = gateway.closing().subscribe();
    let tried = gateway.on_own_thread(move || {
        let _permit = permit;
        let end = ports.clock.monotonic().saturating_add(within);
        let (log, between) = (ports.log.as_ref(), asked.between());
        try_rules(log, &asked.rules, between, asked.limit(), &mut |_, _| {
            ports.clock.monotonic() < end && !*closing.borrow()
        })
    });
    let report: Report = tried.await?.map_err(|error| match error {
        Error::Rules(rejection) => refused(&rejection),
        Error::NothingThen { .. } | Error::TooLong { .. } => {
            let detail = format!("from: {error}");
            let problem = Problem::new(Kind::Invalid, detail).with("field", "from");
            problem.with("problem", error.to_string())
        }
        Error::Stopped => Problem::new(
            Kind::Busy,
            format!(
                "a trial takes longer than {} s here; ask for less time with `from` and `to`, or run \
                 `paidan rules try`",
                within.as_secs()
            ),
        ),
        Error::Read(error) => error.into(),
        error @ (Error::Fault(_) | Error::Corrupt(_)) => Problem::failure(
            Kind::StoreFailed,
            "the log cannot be followed; run `paidan log verify`",
            &error,
        ),
        error @ Error::Restless { .. } => {
            Problem::failure(Kind::Internal, "the trial does not come to rest", &error)
        }
    })?;
    Ok(Json(report).into_response())
}

fn refused(rejection: &Rejection) -> Problem {
    let problem = Problem::new(Kind::InvalidRules, rejection.to_string());
    match rejection {
        Rejection::InvalidRules { problems } => problem.with("problems", problems),
        _ => problem,
    }
}

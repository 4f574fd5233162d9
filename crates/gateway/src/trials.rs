//! Rules tried on the past: one trial at a time, because each reads the whole log.

use std::sync::Arc;
use std::time::{Duration, Instant};

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

    fn limit(&self) -> Result<usize, Problem> {
        let limit = usize::try_from(self.limit.unwrap_or(20)).unwrap_or(usize::MAX);
        if limit <= TICKETS_MAX {
            return Ok(limit);
        }
        let problem = format!("{limit} are too many; write up to {TICKETS_MAX}");
        let refused = Problem::new(Kind::Invalid, format!("limit: {problem}"));
        Err(refused.with("field", "limit").with("problem", problem))
    }
}

/// Why rules were not tried.
pub(crate) enum Untried {
    /// Other rules are being tried.
    Busy,
    /// The trial says no.
    Refused(Error),
    /// It ended before it could say anything.
    Failed(Problem),
}

impl Gateway {
    /// Tries rules on the log: one trial at a time, and only as long as a trial may take here.
    pub(crate) async fn try_rules(
        &self,
        rules: Rules,
        between: Between,
        tickets_max: usize,
    ) -> Result<Report, Untried> {
        let permit = Arc::clone(&self.trials).try_acquire_owned();
        let permit = permit.map_err(|_| Untried::Busy)?;
        let ports = self.ports().clone();
        let within = self.config().trial_within;
        let closing = self.closing().subscribe();
        let tried = self.on_own_thread(move || {
            let _permit = permit;
            // What it costs, and so no time of the firm's: a demo's day runs faster.
            let begun = Instant::now();
            try_rules(ports.log.as_ref(), &rules, between, tickets_max, &mut |_, _| {
                begun.elapsed() < within && !*closing.borrow()
            })
        });
        tried.await.map_err(Untried::Failed)?.map_err(Untried::Refused)
    }
}

/// `POST /rules/try`: records nothing.
pub(crate) async fn try_on(State(gateway): State<Arc<Gateway>>, body: JsonBody) -> Answer {
    let asked: RulesTry = body.read()?;
    let (between, limit) = (asked.between(), asked.limit()?);
    let tried = gateway.try_rules(asked.rules, between, limit).await;
    let report = tried.map_err(|why| why.problem(gateway.config().trial_within))?;
    Ok(Json(report).into_response())
}

impl Untried {
    /// As the API answers it, where a trial may take so long.
    pub(crate) fn problem(self, within: Duration) -> Problem {
        let error = match self {
            Self::Busy => {
                let detail = "other rules are being tried; try these when that is done";
                return Problem::new(Kind::Busy, detail);
            }
            Self::Refused(error) => error,
            Self::Failed(problem) => return problem,
        };
        match error {
            Error::Rules(rejection) => refused(&rejection),
            Error::NothingThen { .. } | Error::TooLong { .. } => {
                let detail = format!("from: {error}");
                let problem = Problem::new(Kind::Invalid, detail).with("field", "from");
                problem.with("problem", error.to_string())
            }
            Error::Stopped => Problem::new(
                Kind::Busy,
                format!(
                    "a trial takes longer than {} s here; ask for less time with `from` and `to`, or \
                     run `paidan rules try`",
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
        }
    }
}

fn refused(rejection: &Rejection) -> Problem {
    let problem = Problem::new(Kind::InvalidRules, rejection.to_string());
    match rejection {
        Rejection::InvalidRules { problems } => problem.with("problems", problems),
        _ => problem,
    }
}

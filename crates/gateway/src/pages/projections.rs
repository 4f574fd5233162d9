//! The page of read models and their rebuild.

use std::collections::HashMap;
use std::sync::Arc;

use ::pages::Frame;
use ::pages::projections::{Compared, Model, Projections, Rebuild};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse;
use domain::RuleSetVersion;
use projector::{
    Comparison, ModelName, RebuildPhase, RebuildPlan, RebuildRules, RebuildView, RecountName,
    RowChange, RowDifference, Workbench, WorkbenchError,
};
use serde_json::Value;
use words::Args;

use super::answer::{failed, not_found, page, with_status};
use super::{PageAnswer, Reader};
use crate::Gateway;

/// Rows of a comparison on the page; `paidan projection compare --rows` tells more.
const ROWS_MAX: usize = 50;

/// `GET /projections`.
pub(super) async fn projections(
    State(gateway): State<Arc<Gateway>>,
    Reader(frame): Reader,
) -> PageAnswer {
    shown(&gateway, frame, None).await
}

async fn shown(gateway: &Arc<Gateway>, frame: Frame, refused: Option<String>) -> PageAnswer {
    let rows = gateway.projections().await.map_err(|problem| failed(frame.clone(), &problem))?;
    let models = rows.into_iter().map(|row| Model {
        name: row.name.to_owned(),
        version: row.version,
        recount: recount(row.recount, &frame),
        inputs: row.inputs.join(", "),
        position: row.position.get(),
        lag: row.lag,
        rows: row.rows,
        stopped: row.stopped,
    });
    let bench = gateway.ports().rebuilds.as_ref();
    let rebuild = bench.and_then(|bench| bench.view()).map(|view| rebuild(&view, &frame));
    let found = bench.and_then(|bench| bench.comparison().ok()).unwrap_or_default();
    let compared = found.iter().map(|found| compared(found, &frame)).collect();
    let (models, status) = (models.collect(), if refused.is_some() { 409 } else { 200 });
    let status = StatusCode::from_u16(status).unwrap_or_default();
    if refused.is_none() {
        return Ok(page(&Projections { frame, models, rebuild, compared, refused }));
    }
    Ok(with_status(status, &Projections { frame, models, rebuild, compared, refused }))
}

/// `POST /projections/{verb}`: does it, and leads back to the page.
pub(super) async fn manage(
    State(gateway): State<Arc<Gateway>>,
    Path(verb): Path<String>,
    Reader(frame): Reader,
    Form(form): Form<HashMap<String, String>>,
) -> PageAnswer {
    let frame = Frame { path: "/projections".to_owned(), ..frame };
    let Some(bench) = gateway.ports().rebuilds.clone() else { return Err(not_found(frame)) };
    let Some(work) = asked(&verb, &form) else { return Err(not_found(frame)) };
    let done = gateway.on_own_thread(move || work(&bench)).await;
    match done.map_err(|problem| failed(frame.clone(), &problem))? {
        Ok(()) => Ok((StatusCode::SEE_OTHER, [(LOCATION, "/projections")]).into_response()),
        Err(error) => shown(&gateway, frame, Some(error.to_string())).await,
    }
}

type Work = Box<dyn FnOnce(&Workbench) -> Result<(), WorkbenchError> + Send>;

fn asked(verb: &str, form: &HashMap<String, String>) -> Option<Work> {
    Some(match verb {
        "begin" => {
            let plan = plan(form);
            Box::new(move |bench| bench.begin(plan?).map(drop))
        }
        "pause" => Box::new(Workbench::pause),
        "resume" => Box::new(Workbench::resume),
        "cancel" => Box::new(Workbench::cancel),
        "swap" => Box::new(|bench| bench.swap(None).map(drop)),
        "swap-back" => Box::new(|bench| bench.swap_back().map(drop)),
        _ => return None,
    })
}

fn plan(form: &HashMap<String, String>) -> Result<RebuildPlan, WorkbenchError> {
    let models = ModelName::ALL.iter().map(ToString::to_string);
    let version = form.get("version").map(|version| version.trim()).filter(|text| !text.is_empty());
    let rules = match version.map(str::parse) {
        None => RebuildRules::Same,
        Some(Ok(version)) => RebuildRules::Published(RuleSetVersion::new(version)),
        Some(Err(_)) => {
            let problem = "a version of the rules is a number, such as 3".to_owned();
            return Err(WorkbenchError::Plan(problem));
        }
    };
    let models = models.filter(|name| form.contains_key(name)).collect();
    Ok(RebuildPlan { models, rules, share: 50 })
}

fn rebuild(view: &RebuildView, frame: &Frame) -> Rebuild {
    let args = Args::new()
        .text("models", view.models.join(", "))
        .text("rules", recount(view.rules, frame))
        .text("phase", frame.say(phase(view.phase)))
        .text("position", view.position.to_string())
        .text("head", view.head.to_string());
    let mut words = frame.language.say_with("rebuild-progress", &args);
    if let (Some(rate), Some(left)) = (view.events_per_s, view.seconds_left) {
        let args = Args::new().text("rate", rate.to_string()).text("left", left.to_string());
        words.push_str(&frame.language.say_with("rebuild-pace", &args));
    }
    let percent = (view.position.get().saturating_mul(100)).checked_div(view.head.get());
    Rebuild {
        words,
        rows_changed: view.rows_changed,
        why: view.why.clone(),
        percent: percent.and_then(|percent| u8::try_from(percent).ok()).unwrap_or(100).min(100),
        moves: matches!(view.phase, RebuildPhase::Folding | RebuildPhase::Comparing),
        verbs: verbs(view.phase),
    }
}

/// By which rules the past is counted, in words.
fn recount(name: RecountName, frame: &Frame) -> String {
    match name {
        RecountName::AsRecorded => frame.say("rebuild-as-recorded"),
        RecountName::Published(version) => {
            let version = Args::new().text("version", version.to_string());
            frame.language.say_with("rebuild-by-version", &version)
        }
        RecountName::Tried => frame.say("rebuild-by-tried"),
        RecountName::AsLive => frame.say("rebuild-as-live"),
    }
}

fn verbs(phase: RebuildPhase) -> Vec<(&'static str, &'static str)> {
    const CANCEL: (&str, &str) = ("cancel", "projections-cancel");
    match phase {
        RebuildPhase::Folding => vec![("pause", "projections-pause"), CANCEL],
        RebuildPhase::Paused => vec![("resume", "projections-resume"), CANCEL],
        RebuildPhase::Ready => vec![("swap", "projections-swap"), CANCEL],
        RebuildPhase::Swapped => vec![("swap-back", "projections-swap-back"), CANCEL],
        RebuildPhase::Comparing | RebuildPhase::Failed => vec![CANCEL],
    }
}

const fn phase(phase: RebuildPhase) -> &'static str {
    match phase {
        RebuildPhase::Folding => "rebuild-folding",
        RebuildPhase::Paused => "rebuild-paused",
        RebuildPhase::Comparing => "rebuild-comparing",
        RebuildPhase::Ready => "rebuild-ready",
        RebuildPhase::Swapped => "rebuild-swapped",
        RebuildPhase::Failed => "rebuild-failed",
    }
}

fn compared(found: &Comparison, frame: &Frame) -> Compared {
    let args = Args::new()
        .text("model", found.model.clone())
        .text("position", found.position.to_string())
        .text("live", recount(found.live, frame))
        .text("rebuilt", recount(found.rebuilt, frame));
    let mut totals = Vec::new();
    for table in &found.tables {
        let mut total = |name: String, live: u64, rebuilt: u64| {
            totals.push([table.table.clone(), name, live.to_string(), rebuilt.to_string()]);
        };
        total(frame.say("compare-rows"), table.live_rows, table.rebuilt_rows);
        for count in table.totals.iter().filter(|count| count.live != count.rebuilt) {
            total(count.field.clone(), count.live, count.rebuilt);
        }
    }
    let left_out = found.rows.len().saturating_sub(ROWS_MAX) as u64 + found.rows_left_out;
    Compared {
        words: frame.language.say_with("compare-head", &args),
        equal: found.equal,
        totals,
        rows: found.rows.iter().take(ROWS_MAX).map(|found| row(found, frame)).collect(),
        left_out,
    }
}

fn row(found: &RowDifference, frame: &Frame) -> [String; 5] {
    let known = found.key.values().filter(|value| !value.is_null()).map(plain);
    let change = match found.change {
        RowChange::Added => "compare-added",
        RowChange::Removed => "compare-removed",
        RowChange::Changed => "compare-changed",
    };
    let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".into(), plain);
    let fields = found.fields.iter().filter(|_| found.change == RowChange::Changed);
    let fields =
        fields.map(|one| format!("{} {} → {}", one.field, shown(&one.live), shown(&one.rebuilt)));
    let mut events = Vec::new();
    if let Some(why) = &found.explained {
        events.extend(why.from_the_start.then(|| frame.say("compare-from-the-start")));
        events.extend(why.positions.iter().map(ToString::to_string));
        let more = why.events.saturating_sub(why.positions.len() as u64);
        events.extend((more > 0).then(|| format!("… +{more}")));
    }
    [
        found.table.clone(),
        known.collect::<Vec<_>>().join(" "),
        frame.say(change),
        fields.collect::<Vec<_>>().join(", "),
        events.join(" "),
    ]
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

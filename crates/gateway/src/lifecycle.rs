//! What happened in each hour, for the heat map and the day's counters.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::{AreaId, CivilDate, GlobalPosition, OutletId, Timestamp};
use projector::lifecycle::{LifecycleCorrection, LifecycleHour, LifecycleQuery};
use projector::{At, ModelName, ReadModels};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Gateway;
use crate::answer::Answer;
use crate::board::bad;
use crate::look_back::{AsOfAsked, AsOfBy, PastAsked, PastTold};
use crate::params::{Asked, Named};
use crate::problem::Problem;

/// A month of hours is what a heat map shows at most.
const DAYS_MAX: i32 = 31;

/// The query of the lifecycle. Without days it is today, or
/// the day that is looked back to; with one of them that day.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LifecycleAsked {
    from: Option<CivilDate>,
    until: Option<CivilDate>,
    #[schema(inline)]
    outlet: Option<Named<OutletId>>,
    #[schema(inline)]
    area: Option<Named<AreaId>>,
    min_position: Option<GlobalPosition>,
    /// As of this position or moment.
    #[schema(inline)]
    as_of: Option<AsOfAsked>,
    /// Whether what was known by then counts, or what had happened by then.
    #[schema(inline)]
    as_of_by: Option<AsOfBy>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LifecycleAnswer {
    position: GlobalPosition,
    /// The moment that was looked back to, where one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    /// What counted of what is past.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    as_of_by: Option<AsOfBy>,
    from: CivilDate,
    until: CivilDate,
    /// Hours in which nothing happened are left out.
    hours: Vec<LifecycleHour>,
    /// Days of these that were corrected by what was recorded after they were over.
    corrected: Vec<LifecycleCorrection>,
}

fn days(asked: &LifecycleAsked, today: CivilDate) -> Result<(CivilDate, CivilDate), Problem> {
    let from = asked.from.or(asked.until).unwrap_or(today);
    let until = asked.until.unwrap_or(from);
    match until.days_since(from) {
        later if later < 0 => Err(bad(format_args!("until: {until} comes before {from}"))),
        later if later >= DAYS_MAX => Err(bad(format_args!(
            "until: {from} to {until} are {} days; ask for at most {DAYS_MAX}",
            later + 1
        ))),
        _ => Ok((from, until)),
    }
}

/// `GET /lifecycle`.
pub(crate) async fn lifecycle(
    State(gateway): State<Arc<Gateway>>,
    Asked(query): Asked<LifecycleAsked>,
) -> Answer {
    let past =
        PastAsked { min_position: query.min_position, as_of: query.as_of, by: query.as_of_by };
    let question = move |models: &ReadModels, now| {
        models.lifecycle().read(|model| {
            let (from, until) = days(&query, model.today(now))?;
            let area = query.area.as_ref().map(|named| named.0);
            let outlet = query.outlet.as_ref().map(|named| named.0);
            let asked = LifecycleQuery { from, until, area, outlet };
            Ok::<_, Problem>((from, until, model.hours(&asked), model.corrections(&asked)))
        })
    };
    let asked = gateway.ask_as_of(ModelName::Lifecycle, past, question);
    let (PastTold { as_of, as_of_by }, At { position, value }) = asked.await?;
    let (from, until, hours, corrected) = value?;
    Ok(Json(LifecycleAnswer { position, as_of, as_of_by, from, until, hours, corrected })
        .into_response())
}

//! Pages that look back, by the same words as the API: `as_of` and `as_of_by`. A form has no zone;
//! what it sends is the firm's clock.

use ::pages::{Frame, LookBack, Notice};
use axum::http::StatusCode;
use axum::response::Response;
use domain::Zone;
use serde::Deserialize;
use words::LocalTime;

use super::answer::{failed, with_status};
use crate::Gateway;
use crate::board::bad;
use crate::look_back::{AsOfAsked, AsOfBy, PastAsked, Then};
use crate::problem::{Kind, Problem};

/// What a page is asked to look back to. An empty moment is now.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct PastQuery {
    #[serde(default)]
    as_of: String,
    as_of_by: Option<AsOfBy>,
}

impl PastQuery {
    pub(super) const fn new(as_of: String, as_of_by: Option<AsOfBy>) -> Self {
        Self { as_of, as_of_by }
    }

    fn asked(&self, zone: &Zone) -> Result<PastAsked, Problem> {
        let text = self.as_of.trim();
        if text.is_empty() {
            return Ok(PastAsked::default());
        }
        let as_of = match text.parse() {
            Ok(as_of) => as_of,
            Err(error) => match zone.at_clock(text) {
                Some(moment) => audit::AsOf::Time(moment),
                None => return Err(bad(format_args!("as_of: {error}"))),
            },
        };
        let as_of = Some(AsOfAsked(as_of));
        Ok(PastAsked { min_position: None, as_of, by: self.as_of_by })
    }
}

impl Gateway {
    /// Where a page looks back to; nothing where it is of now.
    pub(super) async fn page_then(&self, query: &PastQuery) -> Result<Option<Then>, Problem> {
        self.then(query.asked(&self.firm_zone())?).await
    }

    pub(super) fn firm_zone(&self) -> Zone {
        let models = &self.ports().read_models;
        models.directory().read(|model| Zone::or_utc(&model.rules().rules.zone)).value
    }

    /// The form of a page, and what says that it is not of now. Links of the page stay in the past.
    pub(super) fn look_back_of(&self, frame: &mut Frame, then: Option<Then>) -> LookBack {
        let Some(Then { position, moment, by }) = then else { return LookBack::now() };
        let occurred = by == AsOfBy::OccurredAt;
        let by = if occurred { "occurred_at" } else { "recorded_at" };
        frame.kept = format!("as_of={moment}&as_of_by={by}");
        LookBack::to(frame.language, &LocalTime::new(self.firm_zone()), moment, occurred, position)
    }
}

/// Why a page cannot look back.
pub(super) fn refused(frame: Frame, problem: &Problem) -> Response {
    let (status, name) = match problem.kind() {
        Kind::BadQuery => (StatusCode::BAD_REQUEST, "past-refused"),
        Kind::Busy => (StatusCode::SERVICE_UNAVAILABLE, "past-busy"),
        _ => return failed(frame, problem),
    };
    let (title, text) = (frame.say(&format!("{name}-title")), frame.say(&format!("{name}-text")));
    with_status(status, &Notice { frame, title, text })
}

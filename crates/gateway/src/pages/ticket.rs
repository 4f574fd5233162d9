//! The page of a ticket.

use std::sync::Arc;
use std::time::Duration;

use ::attachments::describe::may_have_thumbnail;
use ::pages::ticket::{Attached, AttachmentShown, Gallery, Reported, Shown, TicketPage};
use ::pages::{Frame, LookBack};
use axum::extract::State;
use domain::{StreamVersion, TicketId, Zone};
use projector::ModelName;
use serde::Deserialize;
use words::{Category, LocalTime};

use super::answer::{failed, not_found, page};
use super::history::{Gathered, Part};
use super::names::DirectoryNames;
use super::news::attachments_mark;
use super::past::{PastQuery, refused};
use super::{PageAnswer, Reader};
use crate::Gateway;
use crate::attachment::{self, Known};
use crate::look_back::{AsOfBy, Then};
use crate::params::{Asked, Segments};
use crate::problem::{Kind, Problem};
use crate::tickets::{damaged, fold_as_of};
use crate::views::ReportView;

/// Which part of the history, and how many files are asked for.
#[derive(Debug, Deserialize)]
pub(super) struct PartQuery {
    files: Option<usize>,
    about: Option<String>,
    before: Option<StreamVersion>,
    #[serde(default)]
    as_of: String,
    as_of_by: Option<AsOfBy>,
}

impl PartQuery {
    fn part(self) -> Result<Part, Problem> {
        let about = self.about.map(|about| about.parse::<Category>()).transpose();
        let about = about.map_err(|_| {
            let names = Category::ALL.map(Category::as_str).join(", ");
            Problem::new(Kind::BadQuery, format!("the query: about: write one of {names}"))
        })?;
        Ok(Part { about, before: self.before })
    }
}

/// `GET /tickets/{id or number}`.
pub(super) async fn ticket(
    State(gateway): State<Arc<Gateway>>,
    Reader(mut frame): Reader,
    Segments(named): Segments<String>,
    query: Result<Asked<PartQuery>, Problem>,
) -> PageAnswer {
    let Asked(mut query) = query.map_err(|problem| failed(frame.clone(), &problem))?;
    let past = PastQuery::new(std::mem::take(&mut query.as_of), query.as_of_by);
    let then = gateway.page_then(&past).await;
    let then = then.map_err(|problem| refused(frame.clone(), &problem))?;
    let look_back = gateway.look_back_of(&mut frame, then);
    let on_failure = |problem| failed(frame.clone(), &problem);
    let files = query.files.unwrap_or(Gallery::FILES);
    let part = query.part().map_err(on_failure)?;
    let named = named.parse().map_err(on_failure)?;
    let id = gateway.ticket_id(named).await.map_err(on_failure)?;
    let asked = Of { id, then, part, files, look_back };
    let made = make(&gateway, frame.clone(), asked).await.map_err(on_failure)?;
    made.map(|made| page(&made)).ok_or_else(|| not_found(frame))
}

/// What a page is of.
struct Of {
    id: TicketId,
    then: Option<Then>,
    part: Part,
    files: usize,
    look_back: LookBack,
}

/// The page; nothing where there is no such ticket, or was none.
async fn make(gateway: &Arc<Gateway>, frame: Frame, of: Of) -> Result<Option<TicketPage>, Problem> {
    let Of { id, then, part, files, look_back } = of;
    let read = gateway.read_log(move |log| {
        let mut gathered = Gathered::new(part);
        let folded = fold_as_of(log, id, then, |event| gathered.take(event))?;
        let numbers = match &folded {
            Ok(Some((_, ticket, _))) => gathered.numbers(log, ticket)?,
            Ok(None) | Err(_) => Default::default(),
        };
        Ok((folded, gathered, numbers))
    });
    // A photo that came with the last event of the page is on the page.
    let position = gateway.ports().log.head().position;
    let (folded, gathered, numbers) = read.await?;
    let Some((version, ticket, report)) = folded.map_err(damaged)? else { return Ok(None) };
    let reported = reported(report);
    let merged = ticket.merged_from.clone();
    // Whether it gets there in time or not, the page is made.
    drop(gateway.wait_for(ModelName::Attachments, Some(position)).await);
    // Taken before the look, so that what comes meanwhile is news.
    let mark = attachments_mark(gateway, id, None).await?;
    let attached = gateway.attachments_of(id, merged, None).await?;
    let mut attached: Vec<_> = attached.into_iter().map(attached_of).collect();
    // What came later was not there; what is gone since stays gone.
    attached.retain(|attached| then.is_none_or(|then| attached.at <= then.moment));
    let now = then.map_or_else(|| gateway.ports().clock.now(), |then| then.moment);
    let models = Arc::clone(&gateway.ports().read_models);
    let made = gateway.on_own_thread(move || {
        let page = models.directory().read(|directory| {
            let rules = &directory.rules().rules;
            let time = LocalTime::new(Zone::or_utc(&rules.zone));
            let shown = Shown {
                ticket: &ticket,
                version,
                reported: &reported,
                rules,
                time: &time,
                now,
                gallery: Gallery { attached: &attached, files, mark },
                names: &DirectoryNames::new(directory, &numbers),
                history: &gathered.history(),
                look_back: &look_back,
            };
            TicketPage::new(frame, &shown)
        });
        page.value
    });
    Ok(Some(made.await?))
}

fn reported(report: ReportView) -> Reported {
    let ReportView { sentence, contact_name, contact_phone, place, erased, .. } = report;
    Reported { sentence, contact_name, contact_phone, place, erased }
}

fn attached_of(known: Known) -> Attached {
    use attachment::State;
    let name = known.name().map(str::to_owned);
    let Known { row, link, state, .. } = known;
    let plays = row.media.duration_ms.map(Duration::from_millis);
    let media_type = row.attachment.media_type;
    let shown = match state {
        State::Shown if may_have_thumbnail(&media_type) => AttachmentShown::Image,
        State::Shown if media_type.starts_with("audio/") => AttachmentShown::Sound,
        State::Shown if media_type.starts_with("video/") => AttachmentShown::Video,
        State::Shown => AttachmentShown::Sign,
        State::Removed => AttachmentShown::Removed,
        State::Quarantined => AttachmentShown::Quarantined,
        State::Erased => AttachmentShown::Erased,
        State::Missing => AttachmentShown::Missing,
    };
    let (hash, bytes) = (row.attachment.hash, row.attachment.bytes);
    Attached { hash, name, media_type, bytes, plays, by: link.by, at: link.recorded_at, shown }
}

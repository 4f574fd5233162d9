//! Images made small.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::access::{may_be_shown, nobody_names};
use super::content::small;
use super::hash_of;
use crate::Gateway;
use crate::answer::Answer;
use crate::params::{Asked, Segments};
use crate::problem::{Kind, Problem};

const SIDE_DEFAULT: u32 = 256;
const SIDES: std::ops::RangeInclusive<u32> = 16..=1024;

/// How small.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ThumbnailAsked {
    /// The longer side in pixels, rounded up to a power of two; 256 where absent.
    #[schema(minimum = 16, maximum = 1024)]
    side: Option<u32>,
    /// Also what was taken out of view.
    removed: bool,
}

/// `GET /attachments/{hash}/thumbnail`.
pub(crate) async fn thumbnail(
    State(gateway): State<Arc<Gateway>>,
    Segments(hash): Segments<String>,
    Asked(ThumbnailAsked { side, removed }): Asked<ThumbnailAsked>,
) -> Answer {
    let hash = hash_of(&hash)?;
    let side = side.unwrap_or(SIDE_DEFAULT);
    if !SIDES.contains(&side) {
        let (least, most) = (SIDES.start(), SIDES.end());
        let detail = format!("the query: side: {side} cannot be; write {least} to {most}");
        return Err(Problem::new(Kind::BadQuery, detail));
    }
    let known = gateway.attachment(hash, None).await?.ok_or_else(|| nobody_names(hash))?;
    may_be_shown(&known, removed)?;
    let made = gateway.attachments()?.thumbnails.thumbnail(hash, side).await?;
    Ok(small(made.format.media_type(), &format!("\"{hash}-{side}\""), made.bytes))
}

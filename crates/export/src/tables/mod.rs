//! The tables of each model: which columns there are, and how a line becomes a row.

mod attachments;
mod directory;
mod engineer_load;
mod lifecycle;
mod open_tickets;
mod satisfaction;

use crate::fields::{Fields, RowError};
use crate::model::Model;

/// All models that can be exported.
pub static MODELS: [Model; 6] = [
    open_tickets::MODEL,
    engineer_load::MODEL,
    directory::MODEL,
    satisfaction::MODEL,
    lifecycle::MODEL,
    attachments::MODEL,
];

/// Lines of the models that count which are no counts: the rules that they counted by, and what
/// they remember of tickets that are open. `open_tickets` tells more of those.
fn leave_out_cases(mut fields: Fields) -> Result<(), RowError> {
    if fields.has("ticket") {
        fields.leave_out(&[
            "ticket",
            "created_at",
            "outlet",
            "area",
            "engineer",
            "accepted",
            "open",
            "counted",
        ])
    } else if fields.has("low_stars") {
        fields.leave_out(&["from", "zone", "low_stars"])
    } else {
        Err(RowError::UnknownKind)
    }
}

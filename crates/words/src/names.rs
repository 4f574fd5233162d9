//! What things are called.

use domain::{AreaId, CustomerId, DeviceId, EngineerId, OutletId, StaffId, TicketId, TicketNumber};

/// What things are called, as far as the caller knows. What has no name, or whose name was erased,
/// is told by a short form of its id.
pub trait Names {
    /// An engineer's name or code.
    fn engineer(&self, _: EngineerId) -> Option<String> {
        None
    }

    /// A customer's name or code.
    fn customer(&self, _: CustomerId) -> Option<String> {
        None
    }

    /// A device's model and serial number, or its code.
    fn device(&self, _: DeviceId) -> Option<String> {
        None
    }

    /// An outlet's name.
    fn outlet(&self, _: OutletId) -> Option<String> {
        None
    }

    /// An area's name.
    fn area(&self, _: AreaId) -> Option<String> {
        None
    }

    /// The name of an agent, supervisor, deputy, director or administrator.
    fn staff(&self, _: StaffId) -> Option<String> {
        None
    }

    /// A ticket's number.
    fn ticket(&self, _: TicketId) -> Option<TicketNumber> {
        None
    }
}

/// No name is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoNames;

impl Names for NoNames {}

/// The prefix and the last letters of an id: enough to tell two apart on a page, short enough for
/// a sentence.
pub(crate) fn short(id: &impl ToString) -> String {
    const LETTERS: usize = 6;
    let id = id.to_string();
    match (id.split_once('_'), id.len().checked_sub(LETTERS).and_then(|from| id.get(from..))) {
        (Some((prefix, rest)), Some(last)) if rest.len() > LETTERS => format!("{prefix}…{last}"),
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_without_a_name_is_told_by_its_kind_and_its_last_letters() {
        let id = EngineerId::from_u128(0x1234_5678_9abc);
        assert!(id.to_string().ends_with(short(&id).trim_start_matches("en…")));
        assert_eq!(short(&id).chars().count(), 9);
        assert_eq!(short(&"E7"), "E7");
    }
}

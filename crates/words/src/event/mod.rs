//! Every event in words. No arm of a match here is `_`: a new event must be thought about.

mod attachment;
mod draft;
mod engineer;
mod records;
mod ticket;

#[cfg(test)]
mod tests;

use domain::{Event, Timestamp};

use crate::{Sentence, Speaker};

impl Speaker<'_> {
    /// What an event says. Moments within it are told as seen from when it occurred.
    pub fn event(&self, event: &Event, occurred_at: Timestamp) -> Sentence {
        match event {
            Event::Ticket(event) => self.ticket_event(event, occurred_at),
            Event::Engineer(event) => self.engineer_event(event, occurred_at),
            Event::Customer(event) => self.customer_event(event),
            Event::Device(event) => self.device_event(event),
            Event::Outlet(event) => self.outlet_event(event),
            Event::Area(event) => self.area_event(event),
            Event::Rules(event) => self.rules_event(event),
            Event::Attachment(event) => self.attachment_event(event, occurred_at),
            Event::Audit(event) => self.audit_event(event),
            Event::Log(event) => self.log_event(event),
        }
    }
}

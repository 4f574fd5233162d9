//! The page of a ticket, with its history in words.

use askama::Template;
use domain::TicketNumber;
use domain::ticket::PhaseName;
use words::Args;

use crate::Frame;

/// A ticket, and all that happened to it.
#[derive(Debug, Template)]
#[template(path = "ticket.html")]
pub struct TicketPage {
    /// What every page has.
    pub frame: Frame,
    /// Its number for people.
    pub number: TicketNumber,
    /// Where it stands.
    pub state: PhaseName,
}

impl TicketPage {
    fn heading(&self) -> String {
        let args = Args::new().text("number", self.number.to_string());
        self.frame.language.say_with("ticket-title", &args)
    }
}

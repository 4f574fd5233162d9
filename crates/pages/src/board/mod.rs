//! The live board 实时作战看板: a page of sections, each of which can be sent again alone.

mod sections;
mod view;

use askama::Template;

use crate::{Frame, LookBack};

pub use sections::{Section, render};
pub use view::{
    BoardView, Counters, Day, Duty, EngineerLine, EngineerList, Happened, Name, Owner,
    SatisfactionLine, SatisfactionList, TicketLine, TicketList,
};

/// The page around the sections.
#[derive(Debug, Template)]
#[template(path = "board.html")]
pub struct BoardPage<'a> {
    /// What every page has.
    pub frame: Frame,
    /// Where what changes is sent; nothing of the past changes.
    pub stream: Option<&'a str>,
    /// Whether it is of now.
    pub look_back: LookBack,
    /// The HTML of the sections, in the order of [`Section::ALL`].
    pub sections: [&'a str; Section::COUNT],
}

impl BoardPage<'_> {
    fn section(&self, of: Section) -> &str {
        self.sections.get(of as usize).copied().unwrap_or_default()
    }
}

/// The message that puts sections in the place of those that a page has.
pub fn message<'a>(sections: impl IntoIterator<Item = (Section, &'a str)>) -> String {
    sections.into_iter().fold(String::new(), |mut message, (section, html)| {
        // Morphing leaves what did not change where it is: focus, selection, the pointer's row.
        message.push_str("<hx-partial hx-target=\"#");
        message.push_str(section.id());
        message.push_str("\" hx-swap=\"outerMorph\">");
        message.push_str(html);
        message.push_str("</hx-partial>\n");
        message
    })
}

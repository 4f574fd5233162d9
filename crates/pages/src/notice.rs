//! A page that only says something: that there is no such page, or that something went wrong.

use askama::Template;

use crate::Frame;

/// A page that only says something.
#[derive(Debug, Template)]
#[template(path = "notice.html")]
pub struct Notice {
    /// What every page has.
    pub frame: Frame,
    /// In a few words.
    pub title: String,
    /// What to do.
    pub text: String,
}

impl Notice {
    /// There is nothing at the address.
    pub fn not_found(frame: Frame) -> Self {
        let (title, text) = (frame.say("not-found-title"), frame.say("not-found-text"));
        Self { frame, title, text }
    }

    /// The page could not be made.
    pub fn failed(frame: Frame) -> Self {
        let (title, text) = (frame.say("failed-title"), frame.say("failed-text"));
        Self { frame, title, text }
    }
}

//! Read models and their rebuild: how far, what differs and because of which events, and what can be
//! done with it.

use askama::Template;
use words::Args;

use crate::Frame;

/// The page.
#[derive(Debug, Template)]
#[template(path = "projections.html")]
pub struct Projections {
    /// What every page has.
    pub frame: Frame,
    /// The read models.
    pub models: Vec<Model>,
    /// The rebuild that is there.
    pub rebuild: Option<Rebuild>,
    /// What it and the live models differ in, once that is known.
    pub compared: Vec<Compared>,
    /// Why what was asked for could not be done.
    pub refused: Option<String>,
}

/// A read model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// The version of its fold.
    pub version: u32,
    /// By which rules it counts the past.
    pub recount: String,
    /// The rules that it depends on.
    pub inputs: String,
    /// The last event that it has.
    pub position: u64,
    /// Events that it is behind.
    pub lag: u64,
    /// How many rows there are.
    pub rows: u64,
    /// The event that it stopped at, and why.
    pub stopped: Option<String>,
}

/// A rebuild.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuild {
    /// Which models, by which rules, how far.
    pub words: String,
    /// Rows that differ, once that is known.
    pub rows_changed: Option<u64>,
    /// Why it cannot go on.
    pub why: Option<String>,
    /// From 0 to 100.
    pub percent: u8,
    /// It goes on by itself, so the page is loaded again.
    pub moves: bool,
    /// What can be done with it: the last part of the address, and the name of the message.
    pub verbs: Vec<(&'static str, &'static str)>,
}

/// What a model and its rebuilt one differ in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Which model, where, by which rules.
    pub words: String,
    /// Both are equal, byte for byte.
    pub equal: bool,
    /// Table, count, live, rebuilt.
    pub totals: Vec<[String; 4]>,
    /// Rows: table, row, change, fields, events.
    pub rows: Vec<[String; 5]>,
    /// Rows that differ and are not shown.
    pub left_out: u64,
}

impl Projections {
    fn say(&self, name: &str) -> String {
        self.frame.say(name)
    }

    // The template hands numbers on by reference.
    fn count(&self, name: &str, count: &u64) -> String {
        self.frame.language.say_with(name, &Args::new().count("count", *count))
    }
}

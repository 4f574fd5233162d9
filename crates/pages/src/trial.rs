//! Rules tried on the past: a form with rules, and what they would have led to.

use askama::Template;

use crate::Frame;

/// The page.
#[derive(Debug, Template)]
#[template(path = "trial.html")]
pub struct Trial {
    /// What every page has.
    pub frame: Frame,
    /// The rules in the form, as JSON.
    pub rules: String,
    /// From when on, as the form has it.
    pub from: String,
    /// Until before when, as the form has it.
    pub to: String,
    /// Why these could not be tried.
    pub problems: Vec<String>,
    /// What was found, where rules were tried.
    pub tried: Option<Tried>,
}

/// What a trial found, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// From when to when, and instead of which rules.
    pub span: String,
    /// Figure, recorded, old rules, new rules, change, chance.
    pub figures: Vec<[String; 6]>,
    /// How near the sandbox is to the log, and whether its decisions come out again.
    pub trust: [String; 2],
    /// How many tickets come otherwise, and how.
    pub otherwise: String,
    /// The first of them.
    pub tickets: Vec<TriedTicket>,
    /// Assumption, how often under the old rules, and under the new ones.
    pub assumed: Vec<[String; 3]>,
}

/// A ticket that comes otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriedTicket {
    /// The last part of its address.
    pub id: String,
    /// Its number.
    pub number: String,
    /// Time to accept, by whom, how often asked, time-outs, queued, linked.
    pub cells: [String; 6],
}

impl Trial {
    fn say(&self, name: &str) -> String {
        self.frame.say(name)
    }
}

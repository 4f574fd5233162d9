//! What an event says, in parts that pages and terminals lay out as they like.

/// What an event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// What happened, in one line and in our words.
    pub what: String,
    /// What somebody said with it, in their words.
    pub said: Option<Said>,
    /// More about it, each with a label.
    pub details: Vec<Detail>,
    /// Why somebody was chosen, or nobody.
    pub why: Option<Why>,
}

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// In these words, which may hold anything.
    Words(String),
    /// It was erased.
    Erased,
}

/// A labelled value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// What it is.
    pub label: String,
    /// Its value; may hold what people wrote.
    pub value: String,
}

/// Why somebody was chosen, or nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// What made the choice.
    pub rule: String,
    /// Counts the publications of the rules; 0 for those that ship with the binary.
    pub rule_set: u32,
    /// The best candidates with their scores, best first; at most ten.
    pub candidates: Vec<(String, i32)>,
    /// How many candidates there were.
    pub candidates_total: u32,
    /// For what reason how many were passed over: `休假 1 人`.
    pub passed_over: Vec<String>,
}

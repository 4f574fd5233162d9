//! What an event says, in parts that pages and terminals lay out as they like.

use crate::{Args, Language};

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

impl Sentence {
    /// All of it, line by line: what happened, what somebody said with it, each detail, and why.
    pub fn lines(&self, language: Language) -> Vec<String> {
        let labelled = |label: &str, value: &str| {
            let args = Args::new().text("label", label.to_owned()).text("value", value.to_owned());
            language.say_with("sentence-labelled", &args)
        };
        let mut lines = vec![self.what.clone()];
        if let Some(Said::Words(words)) = &self.said {
            lines.push(format!("“{}”", words.trim()));
        }
        lines.extend(self.details.iter().map(|detail| labelled(&detail.label, &detail.value)));
        let Some(why) = &self.why else { return lines };
        let of_rules = Args::new().text("rule", why.rule.clone()).text(
            "version",
            match why.rule_set {
                0 => language.say("ticket-why-shipped"),
                version => version.to_string(),
            },
        );
        lines.push(language.say_with("sentence-rule", &of_rules));
        if !why.candidates.is_empty() {
            let scores = why.candidates.iter().map(|(name, score)| format!("{name} ({score})"));
            let candidates: Vec<String> = scores.collect();
            let args = Args::new()
                .text("total", why.candidates_total.to_string())
                .text("candidates", language.list(&candidates));
            lines.push(language.say_with("sentence-candidates", &args));
        }
        if !why.passed_over.is_empty() {
            lines.push(labelled(
                &language.say("ticket-why-passed-over"),
                &language.list(&why.passed_over),
            ));
        }
        lines
    }
}

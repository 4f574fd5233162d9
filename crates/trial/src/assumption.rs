//! What a sandbox has to assume about people, and how often it did.

use std::collections::BTreeMap;

use domain::ticket::Verb;
use serde::{Deserialize, Serialize};

/// Something that was assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TrialAssumption))]
#[serde(rename_all = "snake_case")]
pub enum Assumption {
    /// Whoever was asked answers as they answered about this ticket, as long after being asked.
    AnsweredAsThen,
    /// Whoever let this ticket pass then lets it pass, however much time there is.
    LetPassAsThen,
    /// Whoever was not asked about this ticket then answers as they answered about another one.
    AnsweredAsUsual,
    /// The same, of somebody of whom too little is known: as somebody answered about some ticket.
    AnsweredLikeOthers,
    /// Nobody answered anything in the log, so nobody does.
    NoAnswerKnown,
    /// An acceptance comes when the ticket is no longer theirs.
    AnsweredTooLate,
    /// Accepted work goes as it went then, with the same spans.
    WorkedAsThen,
    /// There was no such work then: it goes as work on another ticket went.
    WorkedLikeOthers,
    /// No work ended in the log, so none does.
    NoWorkKnown,
    /// A supervisor does about a queued ticket what they did then, as long after it came.
    HandledAsThen,
    /// It was queued then too, and no supervisor did anything about it: nobody does.
    LeftAsThen,
    /// It was not queued then: it is given to whoever accepted it then, after a span that another
    /// queued ticket waited.
    HandledLikeOthers,
    /// It was not queued then, and nothing says what a supervisor would do: nobody does anything.
    NotHandled,
    /// What somebody did then has no object now, and is left out.
    NotNeeded,
    /// Rules that were published meanwhile are left out: the ones that are tried hold all along.
    OtherRulesLeftOut,
}

impl Assumption {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::AnsweredAsThen,
        Self::LetPassAsThen,
        Self::AnsweredAsUsual,
        Self::AnsweredLikeOthers,
        Self::NoAnswerKnown,
        Self::AnsweredTooLate,
        Self::WorkedAsThen,
        Self::WorkedLikeOthers,
        Self::NoWorkKnown,
        Self::HandledAsThen,
        Self::LeftAsThen,
        Self::HandledLikeOthers,
        Self::NotHandled,
        Self::NotNeeded,
        Self::OtherRulesLeftOut,
    ];

    /// Its name in JSON and CSV.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AnsweredAsThen => "answered_as_then",
            Self::LetPassAsThen => "let_pass_as_then",
            Self::AnsweredAsUsual => "answered_as_usual",
            Self::AnsweredLikeOthers => "answered_like_others",
            Self::NoAnswerKnown => "no_answer_known",
            Self::AnsweredTooLate => "answered_too_late",
            Self::WorkedAsThen => "worked_as_then",
            Self::WorkedLikeOthers => "worked_like_others",
            Self::NoWorkKnown => "no_work_known",
            Self::HandledAsThen => "handled_as_then",
            Self::LeftAsThen => "left_as_then",
            Self::HandledLikeOthers => "handled_like_others",
            Self::NotHandled => "not_handled",
            Self::NotNeeded => "not_needed",
            Self::OtherRulesLeftOut => "other_rules_left_out",
        }
    }
}

/// How often each was used, and what people did then that is refused now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TrialAssumptions))]
pub struct Assumptions {
    /// How often.
    pub used: BTreeMap<Assumption, u64>,
    /// What was refused, by what was asked.
    pub refused: BTreeMap<Verb, u64>,
}

impl Assumptions {
    pub(crate) fn note(&mut self, assumption: Assumption) {
        *self.used.entry(assumption).or_default() += 1;
    }

    pub(crate) fn refused(&mut self, verb: Verb) {
        *self.refused.entry(verb).or_default() += 1;
    }

    /// How often it was used.
    pub fn count(&self, assumption: Assumption) -> u64 {
        self.used.get(&assumption).copied().unwrap_or_default()
    }
}

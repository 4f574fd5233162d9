//! The rule set: every number of the product that a firm may change, as versioned data.

mod check;
mod condition;
mod defaults;
mod event;
mod exceptions;
mod field;
mod fold;
mod publish;

pub use check::RuleProblem;
pub use condition::{
    At, CEL_VARIABLES, Cel, CelProblem, Condition, ConditionProblem, Facts, Finding, Met, Test,
};
pub use event::{
    AcceptRules, BoardRules, CandidateRules, CloseRules, DispatchBy, DuplicateRules, FreezeRules,
    QueueRules, Rounds, RuleException, RuleSet, RuleSetEvent, RuleSetPublished, RuleSetVersion,
    Rules, UrgentRules, WorkRules,
};
pub use field::{RuleChange, RuleField, RuleForm, RuleValue};
pub(crate) use publish::publish;

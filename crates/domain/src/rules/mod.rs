//! The rule set: every number of the product that a firm may change, as versioned data.

mod check;
mod defaults;
mod event;
mod field;
mod fold;
mod publish;

pub use check::RuleProblem;
pub use event::{
    AcceptRules, BoardRules, CloseRules, DuplicateRules, FreezeRules, QueueRules, RuleSet,
    RuleSetEvent, RuleSetPublished, RuleSetVersion, Rules, WorkRules,
};
pub use field::{RuleChange, RuleField, RuleForm, RuleValue};
pub(crate) use publish::publish;

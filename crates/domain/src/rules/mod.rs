//! The rule set: every number of the product that a firm may change, as versioned data.

mod defaults;
mod event;
mod publish;

pub use event::{
    AcceptRules, BoardRules, CloseRules, FreezeRules, QueueRules, RuleSet, RuleSetEvent,
    RuleSetPublished, RuleSetVersion, Rules, WorkRules,
};
pub(crate) use publish::publish;

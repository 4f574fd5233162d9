//! The rule set: every number of the product that a firm may change, as versioned data.

mod defaults;
mod event;

pub use event::{
    AcceptRules, BoardRules, CloseRules, FreezeRules, QueueRules, RuleSet, RuleSetEvent,
    RuleSetPublished, RuleSetVersion, Rules, WorkRules,
};

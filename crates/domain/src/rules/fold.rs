//! The rule set from its history.

use super::event::{RuleSet, RuleSetEvent, RuleSetPublished};

impl RuleSet {
    /// The set after an event. It checks nothing: what was published has been in effect.
    pub fn apply(&mut self, event: &RuleSetEvent) {
        match event {
            RuleSetEvent::RuleSetPublished(RuleSetPublished { version, rules }) => {
                self.version = *version;
                self.rules.clone_from(rules);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{RuleSetVersion, Rules};
    use crate::span::Span;

    #[test]
    fn without_history_the_shipped_rules_hold() {
        let set = RuleSet::default();
        assert_eq!(set, RuleSet { version: RuleSetVersion::SHIPPED, rules: Rules::default() });
    }

    #[test]
    fn the_last_publication_holds_as_a_whole() {
        let mut set = RuleSet::default();
        let mut rules = Rules::default();
        let mut publish = |within| {
            rules.accept.within = within;
            let version = set.version.next();
            let rules = rules.clone();
            set.apply(&RuleSetEvent::RuleSetPublished(RuleSetPublished { version, rules }));
        };
        publish(Span::minutes(10));
        publish(Span::minutes(20));
        assert_eq!(set.version, RuleSetVersion::new(2));
        assert_eq!(set.rules, rules);
    }
}

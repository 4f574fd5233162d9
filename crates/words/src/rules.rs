//! The rules: what each field means, what can stand there, what is wrong.

use domain::rules::{CEL_VARIABLES, Cel, CelProblem, ConditionProblem, RuleForm, RuleProblem};

use crate::{Args, Language};

impl Language {
    /// What a field of the rules means, by its path.
    pub fn rule_field(self, path: &str) -> String {
        self.say(&format!("rules-field-{}", path.replace(['.', '_'], "-")))
    }

    /// What a table of the rules is about.
    pub fn rule_table(self, path: &str) -> String {
        self.say(&format!("rules-table-{}", path.replace(['.', '_'], "-")))
    }

    /// What can stand in a field.
    pub fn rule_form(self, form: &RuleForm) -> String {
        let (name, args) = match form {
            RuleForm::Span { least, most, .. } => (
                "span",
                Args::new().text("least", least.to_string()).text("most", most.to_string()),
            ),
            RuleForm::Spans { least, most, entries_max, .. } => (
                "spans",
                Args::new()
                    .text("least", least.to_string())
                    .text("most", most.to_string())
                    .text("entries", entries_max.to_string()),
            ),
            RuleForm::Number { least, most, .. } => (
                "number",
                Args::new().text("least", least.to_string()).text("most", most.to_string()),
            ),
            RuleForm::Flag(_) => ("flag", Args::new()),
            RuleForm::Zone(_) => ("zone", Args::new()),
            RuleForm::Weekly(_) => ("weekly", Args::new()),
            RuleForm::Days(_) => ("days", Args::new()),
            RuleForm::Condition(_) => ("condition", Args::new()),
            RuleForm::Exceptions { least, most, entries_max, .. } => (
                "exceptions",
                Args::new()
                    .text("least", least.to_string())
                    .text("most", most.to_string())
                    .text("entries", entries_max.to_string()),
            ),
        };
        self.say_with(&format!("rules-form-{name}"), &args)
    }

    fn condition_problem(self, problem: &ConditionProblem) -> String {
        use ConditionProblem as P;
        let bounds =
            |found: String, most: String| Args::new().text("found", found).text("most", most);
        let (name, args) = match problem {
            P::Empty => ("empty", Args::new()),
            P::TooDeep { found, most } => ("too-deep", bounds(found.to_string(), most.to_string())),
            P::TooMany { found, most } => ("too-many", bounds(found.to_string(), most.to_string())),
            P::Entries { found, most } => ("entries", bounds(found.to_string(), most.to_string())),
            P::Letters { found, most } => ("letters", bounds(found.to_string(), most.to_string())),
            P::Number { found, least, most } => (
                "number",
                bounds(found.to_string(), most.to_string()).text("least", least.to_string()),
            ),
            P::NoWords => ("no-words", Args::new()),
            P::Cel(problem) => return self.cel_problem(problem),
        };
        self.say_with(&format!("condition-problem-{name}"), &args)
    }

    fn cel_problem(self, problem: &CelProblem) -> String {
        use CelProblem as P;
        let at = |at: &domain::rules::At| Args::new().text("at", at.to_string());
        let (name, args) = match problem {
            P::Empty => ("empty", Args::new()),
            P::TooLong { found, most } => (
                "too-long",
                Args::new().text("found", found.to_string()).text("most", most.to_string()),
            ),
            P::Nested { at: place } => (
                "nested",
                at(place)
                    .text("brackets", Cel::NESTED_MAX.to_string())
                    .text("operators", Cel::DEPTH_MAX.to_string()),
            ),
            P::Outside { at: place, found } => {
                ("outside", at(place).text("found", found.to_string()))
            }
            P::Syntax { at: place, what } => ("syntax", at(place).text("what", what.clone())),
            P::Unknown { at: place, name } => {
                ("unknown", at(place).text("name", name.clone()).text("known", CEL_VARIABLES))
            }
            P::Function { at: place, name } => {
                ("function", at(place).text("name", name.clone()).text("known", Cel::FUNCTIONS))
            }
            P::Call { at: place, name, example } => {
                ("call", at(place).text("name", name.clone()).text("example", *example))
            }
            P::Refused { at: place, what } => {
                ("refused", at(place).text("what", *what).text("known", Cel::FUNCTIONS))
            }
            P::Kinds { at: place, found } => ("kinds", at(place).text("found", found.clone())),
            P::Never { at: place, found, kind, example } => (
                "never",
                at(place)
                    .text("found", found.clone())
                    .text("kind", *kind)
                    .text("example", *example),
            ),
            P::NoAnswer { found } => ("no-answer", Args::new().text("found", *found)),
            P::Unreadable => ("unreadable", Args::new()),
            P::NoThread => ("no-thread", Args::new()),
        };
        self.say_with(&format!("cel-problem-{name}"), &args)
    }

    /// What is wrong with rules, and what to write instead.
    pub fn rule_problem(self, problem: &RuleProblem) -> String {
        let args = Args::new().text("field", problem.field());
        let (name, args) = match problem {
            RuleProblem::Span { found, least, most, .. } => (
                "span",
                args.text("found", found.to_string())
                    .text("least", least.to_string())
                    .text("most", most.to_string()),
            ),
            RuleProblem::Number { found, least, most, .. } => (
                "number",
                args.text("found", found.to_string())
                    .text("least", least.to_string())
                    .text("most", most.to_string()),
            ),
            RuleProblem::Zone { found, .. } => ("zone", args.text("found", found.clone())),
            RuleProblem::TooMany { found, most, .. } => {
                ("too-many", args.text("found", found.to_string()).text("most", most.to_string()))
            }
            RuleProblem::NotAscending { found, before, .. } => (
                "not-ascending",
                args.text("found", found.to_string()).text("before", before.to_string()),
            ),
            RuleProblem::NotBelow { found, other, limit, .. } => (
                "not-below",
                args.text("found", found.to_string())
                    .text("other", *other)
                    .text("limit", limit.to_string()),
            ),
            RuleProblem::Condition { at, problem, .. } => (
                "condition",
                args.text("at", at.clone()).text("problem", self.condition_problem(problem)),
            ),
            RuleProblem::ExceptionSpan { at, found, least, most, .. } => (
                "exception-span",
                args.text("at", at.clone())
                    .text("found", found.to_string())
                    .text("least", least.to_string())
                    .text("most", most.to_string()),
            ),
            RuleProblem::NoException { at, .. } => ("no-exception", args.text("at", at.clone())),
            RuleProblem::QueuePath { at, .. } => ("queue-path", args.text("at", at.clone())),
            RuleProblem::TooLong { found, most, .. } => {
                ("too-long", args.text("found", found.to_string()).text("most", most.to_string()))
            }
            RuleProblem::Above { found, other, limit, .. } => (
                "above",
                args.text("found", found.to_string())
                    .text("other", *other)
                    .text("limit", limit.to_string()),
            ),
        };
        self.say_with(&format!("rules-problem-{name}"), &args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Span;
    use domain::rules::Rules;

    #[test]
    fn every_field_and_every_table_has_words_in_both_languages() {
        for language in Language::ALL {
            for field in Rules::fields() {
                let name = format!("rules-field-{}", field.path.replace(['.', '_'], "-"));
                assert!(language.knows(&name), "{language:?}: {name}");
                assert!(!language.rule_form(&field.form).contains("{$"), "{name}");
                if let Some((table, _)) = field.path.rsplit_once('.') {
                    assert!(language.knows(&format!("rules-table-{table}")), "{table}");
                }
            }
        }
    }

    #[test]
    fn a_problem_reads_in_english_as_the_domain_words_it_and_names_the_field_in_chinese() {
        let mut rules = Rules { zone: "Beijing".into(), ..Rules::default() };
        rules.accept.within = Span::days(40);
        rules.work.hold_max = Span::hours(1);
        rules.close.remind_after = vec![Span::hours(80), Span::hours(24)];
        rules.board.low_stars = 9;
        let mut found = rules.check().expect_err("problems");
        rules.close.remind_after = vec![Span::hours(1); 6];
        found.extend(rules.check().expect_err("problems"));
        let kinds: std::collections::HashSet<_> =
            found.iter().map(std::mem::discriminant).collect();
        assert_eq!(kinds.len(), 7, "{found:?}");
        for problem in &found {
            assert_eq!(Language::English.rule_problem(problem), problem.to_string());
            let chinese = Language::Chinese.rule_problem(problem);
            assert!(chinese.contains(problem.field()) && !chinese.contains("write"), "{chinese}");
        }
    }

    #[test]
    fn a_problem_of_an_expression_reads_in_english_as_the_domain_words_it_and_in_chinese() {
        let long = format!("images{}", " ".repeat(Cel::BYTES_MAX));
        let deep = "(".repeat(Cel::NESTED_MAX + 1);
        let sources = [
            "",
            &long,
            &deep,
            "images >= 2 且",
            "images >=",
            "image > 2",
            "now() > 2",
            "says()",
            "images.a",
            "images < channel",
            "channel == \"fax\"",
            "images",
        ];
        let mut found: Vec<_> = sources.map(|source| Cel::new(source).problem()).into();
        found.extend([Some(CelProblem::Unreadable), Some(CelProblem::NoThread)]);
        let kinds: std::collections::HashSet<_> =
            found.iter().flatten().map(std::mem::discriminant).collect();
        assert_eq!(kinds.len(), 14, "{found:?}");
        for problem in found.into_iter().flatten() {
            let condition = ConditionProblem::Cel(problem.clone());
            assert_eq!(Language::English.condition_problem(&condition), problem.to_string());
            let chinese = Language::Chinese.condition_problem(&condition);
            assert!(!chinese.contains("write") && !chinese.contains("{$"), "{chinese}");
        }
    }
}

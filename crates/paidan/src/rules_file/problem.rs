//! What is wrong in a file of rules.

use domain::rules::{RuleForm, RuleProblem};
use words::{Args, Language};

use super::place::Place;

/// Something in a file that cannot stay as it is.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What.
    pub wrong: Wrong,
}

/// What is wrong.
#[derive(Debug, Clone)]
pub enum Wrong {
    /// It is not TOML.
    Syntax(String),
    /// There is no such field.
    Key {
        /// Its path.
        field: String,
        /// One that there is and that may be meant.
        nearest: Option<&'static str>,
    },
    /// A value stands where a table belongs.
    Table {
        /// The table.
        field: String,
        /// What stands there.
        found: String,
    },
    /// A field does not hold this.
    Form {
        /// Its path.
        field: &'static str,
        /// What stands there.
        found: String,
        /// What it holds.
        form: RuleForm,
        /// Why it cannot be read.
        why: String,
    },
    /// A condition or an exception has no such key.
    Part {
        /// The field.
        field: &'static str,
        /// What stands there.
        found: String,
        /// One that there is and that may be meant.
        nearest: &'static str,
    },
    /// It can be read and cannot take effect.
    Rule(RuleProblem),
}

impl Wrong {
    /// The path of the field, where it is about one.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Syntax(_) => None,
            Self::Key { field, .. } | Self::Table { field, .. } => Some(field),
            Self::Form { field, .. } | Self::Part { field, .. } => Some(field),
            Self::Rule(problem) => Some(problem.field()),
        }
    }

    /// What is wrong, and what to write instead.
    pub fn say(&self, language: Language) -> String {
        let args = Args::new();
        match self {
            Self::Syntax(what) => {
                language.say_with("rules-wrong-syntax", &args.text("what", what.clone()))
            }
            Self::Key { field, nearest: Some(nearest) } => {
                let args = args.text("field", field.clone()).text("nearest", *nearest);
                language.say_with("rules-wrong-key", &args)
            }
            Self::Key { field, nearest: None } => {
                language.say_with("rules-wrong-key-alone", &args.text("field", field.clone()))
            }
            Self::Table { field, found } => {
                let args = args.text("field", field.clone()).text("found", found.clone());
                language.say_with("rules-wrong-table", &args)
            }
            // What is wrong in hours is worth more than that they are hours.
            Self::Form { field, found, form: RuleForm::Weekly(_) | RuleForm::Days(_), why } => {
                let args = args.text("field", *field).text("found", found.clone());
                language.say_with("rules-wrong-hours", &args.text("why", why.clone()))
            }
            Self::Form {
                found,
                form: RuleForm::Condition(_) | RuleForm::Exceptions { .. },
                why,
                ..
            } => {
                let args = args.text("found", found.clone()).text("why", why.clone());
                language.say_with("rules-wrong-condition", &args)
            }
            Self::Part { found, nearest, .. } => {
                let args = args.text("found", found.clone()).text("nearest", *nearest);
                language.say_with("rules-wrong-condition-key", &args)
            }
            Self::Form { field, found, form, .. } => {
                let args = args.text("field", *field).text("found", found.clone());
                language.say_with("rules-wrong-form", &args.text("form", language.rule_form(form)))
            }
            Self::Rule(problem) => language.rule_problem(problem),
        }
    }
}

//! Rules as a file that explains itself.

use domain::rules::{RuleSet, RuleSetVersion, RuleValue, Rules};
use serde::Serialize;
use words::{Args, Language};

/// The file of a set: every field, with what it means and what it can be.
pub fn write(set: &RuleSet, language: Language) -> String {
    let shipped = Rules::default();
    let version = match set.version {
        RuleSetVersion::SHIPPED => language.say("rules-file-shipped"),
        version => {
            let args = Args::new().text("version", version.to_string());
            language.say_with("rules-file-version", &args)
        }
    };
    let mut text = format!("# {version}\n# {}\n", language.say("rules-file-how"));
    let mut open = "";
    for field in Rules::fields() {
        let (table, name) = field.path.rsplit_once('.').unwrap_or(("", field.path));
        if table != open {
            open = table;
            text.push_str(&format!("\n# {}\n[{table}]\n", language.rule_table(table)));
        } else {
            text.push('\n');
        }
        let form = Args::new()
            .text("form", language.rule_form(&field.form))
            .text("value", value(&field.value(&shipped), ""));
        text.push_str(&format!(
            "# {}\n# {}\n{name} = {}\n",
            language.rule_field(field.path),
            language.say_with("rules-form-shipped", &form),
            value(&field.value(&set.rules), "    "),
        ));
    }
    text
}

/// A value as the file has it. Dates stand on lines of their own behind this indent; on the same
/// line without one.
pub fn value(value: &RuleValue<'_>, indent: &str) -> String {
    match value {
        RuleValue::Days(days) if !days.is_empty() && !indent.is_empty() => {
            let lines: String =
                days.iter().map(|day| format!("{indent}{},\n", inline(day))).collect();
            format!("[\n{lines}]")
        }
        RuleValue::Exceptions(exceptions) if !exceptions.is_empty() && !indent.is_empty() => {
            let lines: String =
                exceptions.iter().map(|one| format!("{indent}{},\n", inline(one))).collect();
            format!("[\n{lines}]")
        }
        value => inline(value),
    }
}

fn inline(value: &impl Serialize) -> String {
    toml::Value::try_from(value)
        .expect("a value of the rules is a text, a number, a flag or a list of such")
        .to_string()
}

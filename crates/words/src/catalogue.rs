//! The messages, by name.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::Language;

/// One file per room of the product, each in both languages.
const FILES: &[(&str, &str)] = &[
    (include_str!("messages/audit.zh.ftl"), include_str!("messages/audit.en.ftl")),
    (include_str!("messages/board.zh.ftl"), include_str!("messages/board.en.ftl")),
    (include_str!("messages/event.zh.ftl"), include_str!("messages/event.en.ftl")),
    (include_str!("messages/command.zh.ftl"), include_str!("messages/command.en.ftl")),
    (include_str!("messages/log.zh.ftl"), include_str!("messages/log.en.ftl")),
    (include_str!("messages/export.zh.ftl"), include_str!("messages/export.en.ftl")),
    (include_str!("messages/rebuild.zh.ftl"), include_str!("messages/rebuild.en.ftl")),
    (include_str!("messages/next.zh.ftl"), include_str!("messages/next.en.ftl")),
    (include_str!("messages/page.zh.ftl"), include_str!("messages/page.en.ftl")),
    (include_str!("messages/rules.zh.ftl"), include_str!("messages/rules.en.ftl")),
    (include_str!("messages/term.zh.ftl"), include_str!("messages/term.en.ftl")),
    (include_str!("messages/trial.zh.ftl"), include_str!("messages/trial.en.ftl")),
    (include_str!("messages/ticket.zh.ftl"), include_str!("messages/ticket.en.ftl")),
];

static CHINESE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(Language::Chinese));
static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(Language::English));

struct Catalogue {
    bundle: FluentBundle<FluentResource>,
}

impl Catalogue {
    fn new(language: Language) -> Self {
        let tag: LanguageIdentifier =
            language.tag().parse().expect("the tags of both languages are well formed");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // The marks around variables are for texts of mixed direction; both of ours read alike.
        bundle.set_use_isolating(false);
        for (chinese, english) in FILES {
            let source = match language {
                Language::Chinese => *chinese,
                Language::English => *english,
            };
            let resource = FluentResource::try_new(source.to_owned())
                .expect("a test reads every file of messages");
            bundle.add_resource(resource).expect("a test looks for names that stand twice");
        }
        Self { bundle }
    }
}

fn catalogue(language: Language) -> &'static Catalogue {
    match language {
        Language::Chinese => &CHINESE,
        Language::English => &ENGLISH,
    }
}

/// What goes into a message, by the names of its variables.
#[derive(Debug, Default)]
pub struct Args(FluentArgs<'static>);

impl Args {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a text.
    #[must_use]
    pub fn text(mut self, name: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        self.0.set(name, FluentValue::String(text.into()));
        self
    }

    /// With a number, by which a message may choose its form.
    #[must_use]
    pub fn count(mut self, name: &'static str, count: u64) -> Self {
        self.0.set(name, FluentValue::from(count));
        self
    }
}

impl Language {
    /// A message that takes nothing.
    pub fn say(self, name: &str) -> String {
        self.say_with(name, &Args::default())
    }

    /// A message with what goes into it. A name that there is not is answered as it is, because a
    /// page with one odd word is better than none.
    pub fn say_with(self, name: &str, args: &Args) -> String {
        self.find(name, args).unwrap_or_else(|| {
            debug_assert!(false, "there is no message `{name}`");
            name.to_owned()
        })
    }

    /// Whether there is a message of this name.
    pub fn knows(self, name: &str) -> bool {
        catalogue(self).bundle.has_message(name)
    }

    fn find(self, name: &str, args: &Args) -> Option<String> {
        let bundle = &catalogue(self).bundle;
        let pattern = bundle.get_message(name)?.value()?;
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&args.0), &mut errors);
        debug_assert!(errors.is_empty(), "the message `{name}`: {errors:?}");
        Some(text.into_owned())
    }

    /// The names of all messages.
    pub fn names(self) -> HashSet<String> {
        FILES
            .iter()
            .flat_map(|(chinese, english)| {
                match self {
                    Self::Chinese => chinese,
                    Self::English => english,
                }
                .lines()
            })
            .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
            .filter_map(|line| line.split_once('='))
            .map(|(name, _)| name.trim().to_owned())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Each message of a file with the variables that it takes.
    fn variables(source: &str) -> BTreeMap<String, Vec<String>> {
        let mut messages = BTreeMap::<String, Vec<String>>::new();
        let mut name = None;
        for line in source.lines() {
            if line.starts_with(|first: char| first.is_ascii_lowercase()) {
                let found = line.split_once('=').expect("a message has a value").0.trim();
                let twice = messages.insert(found.to_owned(), Vec::new());
                assert!(twice.is_none(), "{found} stands twice");
                name = Some(found.to_owned());
            }
            let Some(name) = &name else { continue };
            let found = messages.get_mut(name).expect("just put there");
            for variable in line.split('$').skip(1) {
                let end = variable.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                found.push(variable[..end.unwrap_or(variable.len())].to_owned());
            }
            found.sort();
            found.dedup();
        }
        messages
    }

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_variables() {
        for (chinese, english) in FILES {
            assert_eq!(variables(chinese), variables(english));
        }
    }

    #[test]
    fn every_file_is_read_and_no_name_stands_twice() {
        for language in Language::ALL {
            let names = language.names();
            let count: usize = FILES
                .iter()
                .map(|(chinese, english)| match language {
                    Language::Chinese => variables(chinese).len(),
                    Language::English => variables(english).len(),
                })
                .sum();
            assert_eq!(names.len(), count);
            for name in names {
                assert!(language.knows(&name), "{name}");
            }
        }
    }

    #[test]
    fn a_message_takes_its_variables() {
        let args = Args::new().count("minutes", 12);
        assert_eq!(Language::Chinese.say_with("span-minutes", &args), "12 分钟");
        assert_eq!(Language::English.say_with("span-minutes", &args), "12 min");
    }
}

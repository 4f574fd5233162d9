//! What every page has around its content.

use std::fmt;
use std::str::FromStr;

use words::{Args, Language};

use crate::assets::href;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the reader's system has it.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// As addresses and the style sheet write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::Auto => "theme-auto",
            Self::Light => "theme-light",
            Self::Dark => "theme-dark",
        }
    }
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Theme {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text).ok_or(())
    }
}

/// The firm is invented and its day is played, for people to see what Paidan does: pages say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Simulated {
    /// The same seed plays the same day.
    pub seed: u64,
    /// So many times faster than real time, 1 to 3600.
    pub speed: u32,
}

/// What every page has around its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The language of the page.
    pub language: Language,
    /// Light or dark.
    pub theme: Theme,
    /// The page's own address without a query; the switches of language and theme go there.
    pub path: String,
    /// A query that links to other parts and looks of this page keep; empty where there is none.
    pub kept: String,
    /// Said on each page while a demo runs.
    pub simulated: Option<Simulated>,
}

impl Frame {
    /// A message in the page's language.
    pub fn say(&self, name: &str) -> String {
        self.language.say(name)
    }

    /// This page with a query of its own beside what is kept.
    pub(crate) fn with(&self, query: &str) -> String {
        let both: Vec<_> = [&*self.kept, query].into_iter().filter(|it| !it.is_empty()).collect();
        if both.is_empty() {
            return self.path.clone();
        }
        format!("{}?{}", self.path, both.join("&"))
    }

    pub(crate) fn title(&self, title: &str) -> String {
        self.language.say_with("page-title", &Args::new().text("title", title.to_owned()))
    }

    pub(crate) fn asset(&self, name: &str) -> &'static str {
        href(name)
    }

    /// Each theme with its name and whether it is the page's.
    pub(crate) fn themes(&self) -> impl Iterator<Item = (&'static str, String, bool)> {
        Theme::ALL
            .into_iter()
            .map(|theme| (theme.as_str(), self.say(theme.message()), theme == self.theme))
    }

    pub(crate) fn simulated_words(&self) -> Option<String> {
        self.simulated.map(|simulated| {
            let args = Args::new()
                .text("speed", simulated.speed.to_string())
                .text("seed", simulated.seed.to_string());
            self.language.say_with("simulated", &args)
        })
    }
}

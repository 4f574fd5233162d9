//! What can be said of rules.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Subcommand;
use domain::Timestamp;
use domain::rules::RuleSetVersion;
use trial::Threshold;
use words::{Args, Language};

use crate::cli::args::OutputArgs;
use crate::cli::query_args::QueryArgs;
use crate::control::TICKETS_MAX;

/// What can be done with rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommands {
    /// Print the rules that hold as a TOML file, with what each field means.
    Show(RulesShowArgs),
    /// Look for everything that is wrong in a file of rules; ends with 2 where there is something.
    ///
    /// Needs neither a server nor a data directory.
    Check(RulesFileArgs),
    /// Compare two sets of rules field by field; ends with 1 where they differ.
    ///
    /// Each is a file, the number of a version, `shipped` or `current`. Without any it compares
    /// `shipped` with `current`; with one, `current` with that.
    Diff(RulesDiffArgs),
    /// Try the rules of a file on the past: what would have been otherwise had they held; records nothing.
    ///
    /// The log's reports and people meet the dispatcher again in a sandbox, under the old rules and
    /// under these. Ends with 4 where a threshold is crossed. docs/trying-rules.md says what is assumed.
    Try(Box<RulesTryArgs>),
    /// Check a file, show what changes, and make it the rules that hold from now on.
    ///
    /// Timers that run keep the rules that they were started under. The same rules again record
    /// nothing.
    Publish(RulesFileArgs),
}

/// Of `rules show`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct RulesShowArgs {
    /// As they were in this version; 0 is the set that ships, which is known without a server.
    #[arg(long, value_name = "N")]
    pub version: Option<u32>,
    /// Print TOML, for people, which is the default.
    #[arg(long, conflicts_with = "json")]
    pub toml: bool,
    /// How it is asked.
    #[command(flatten)]
    pub query: QueryArgs,
}

/// Of `rules check` and `rules publish`.
#[derive(Debug, Clone, clap::Args)]
pub struct RulesFileArgs {
    /// The file (TOML; docs/rules.md and `paidan rules show` say what can stand in it).
    pub file: PathBuf,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Of `rules try`.
#[derive(Debug, Clone, clap::Args)]
pub struct RulesTryArgs {
    /// The file, as for `rules publish`.
    pub file: PathBuf,
    /// As if they had held from this moment on (RFC 3339) [default: the log's beginning].
    #[arg(long, value_name = "TIME")]
    pub from: Option<Timestamp>,
    /// Until before this moment [default: the log's end].
    #[arg(long, value_name = "TIME")]
    pub to: Option<Timestamp>,
    /// Tell so many of the tickets that came otherwise, worst first.
    #[arg(long, value_name = "N", default_value_t = 20,
          value_parser = clap::value_parser!(u32).range(..=i64::from(TICKETS_MAX)))]
    pub limit: u32,
    /// End with 4 where a figure of these rules is above or below a number, or changed by more than
    /// so much: `red>20`, `time_outs>+10%`, `done<-5`. Can be said again.
    #[arg(long, value_name = "METRIC>BOUND")]
    pub fail_if: Vec<Threshold>,
    /// Print JSON, for programs.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print CSV: a line for each ticket that came otherwise.
    #[arg(long)]
    pub csv: bool,
}

/// Of `rules diff`.
#[derive(Debug, Clone, clap::Args)]
pub struct RulesDiffArgs {
    /// One set: a file, the number of a version, `shipped` or `current`.
    pub first: Option<Which>,
    /// The other.
    pub second: Option<Which>,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Which rules are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Those that hold.
    Current,
    /// Those of a version; the shipped ones are the first.
    Version(RuleSetVersion),
    /// Those of a file.
    File(PathBuf),
}

impl Which {
    /// Those that ship with the binary.
    pub const SHIPPED: Self = Self::Version(RuleSetVersion::SHIPPED);

    /// What people call them.
    pub(super) fn say(&self, language: Language) -> String {
        match self {
            Self::Current => language.say("rules-what-current"),
            &Self::SHIPPED => language.say("rules-what-shipped"),
            Self::Version(version) => {
                let args = Args::new().text("version", version.to_string());
                language.say_with("rules-what-version", &args)
            }
            Self::File(path) => path.display().to_string(),
        }
    }
}

impl FromStr for Which {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "current" => Self::Current,
            "shipped" => Self::SHIPPED,
            text => match text.parse() {
                Ok(number) => Self::Version(RuleSetVersion::new(number)),
                // A file that is called like a number can be written `./7`.
                Err(_) => Self::File(text.into()),
            },
        })
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current => f.write_str("current"),
            Self::Version(RuleSetVersion::SHIPPED) => f.write_str("shipped"),
            Self::Version(version) => version.fmt(f),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_named_by_word_by_number_or_by_file() {
        let which = |text: &str| text.parse::<Which>().expect("anything names something");
        assert_eq!(which("current"), Which::Current);
        assert_eq!((which("shipped"), which("0")), (Which::SHIPPED, Which::SHIPPED));
        assert_eq!(which("3"), Which::Version(RuleSetVersion::new(3)));
        for file in ["./3", "rules.toml", "-1", "Shipped"] {
            assert_eq!(which(file), Which::File(file.into()));
        }
        for name in ["current", "shipped", "3", "rules.toml"] {
            assert_eq!(which(name).to_string(), name);
        }
    }
}

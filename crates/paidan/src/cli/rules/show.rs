//! `paidan rules show`.

use domain::rules::RuleSet;

use super::args::RulesShowArgs;
use super::load;
use crate::cli::CliError;
use crate::cli::page::Page;
use crate::cli::reader::Reader;
use crate::config::Config;
use crate::rules_file;

pub(super) fn run(
    config: &Config,
    args: &RulesShowArgs,
    mut page: Page<'_>,
) -> Result<(), CliError> {
    let RulesShowArgs { version, query, .. } = args;
    // A file to begin with needs neither a server nor a directory.
    if *version == Some(0) && !query.json {
        return page.end_with(&rules_file::write(&RuleSet::default(), page.language));
    }
    let body = Reader::new(config, !query.json)?.ask(load::target(*version).asked(query))?;
    if query.json {
        return page.end_with_body(&body);
    }
    page.end_with(&rules_file::write(&load::told(&body)?, page.language))
}

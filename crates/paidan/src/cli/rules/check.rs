//! `paidan rules check`.

use super::args::RulesFileArgs;
use super::load;
use crate::cli::CliError;
use crate::cli::page::Page;
use words::Args;

pub(super) fn run(args: &RulesFileArgs, mut page: Page<'_>) -> Result<(), CliError> {
    let RulesFileArgs { file, output } = args;
    load::file(file, &mut page, output.json)?;
    if output.json {
        return load::tell(file, &[], &mut page, true);
    }
    let fine = Args::new().text("file", file.display().to_string());
    page.end_with(&format!("{}\n", page.language.say_with("rules-fine", &fine)))
}

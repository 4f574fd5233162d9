//! What the API tells of one ticket page by page, as a whole.

use serde_json::{Map, Value};

use super::CliError;
use super::query_args::TicketArgs;
use super::reader::{Reader, read};
use super::target::Target;

/// The most that one page can have.
const PAGE: usize = 500;

/// The answer of a path below the ticket, with the list of all its pages. They are few: what happens
/// to one ticket has room on one screen or ten.
pub(super) fn whole(
    reader: &mut Reader<'_>,
    args: &TicketArgs,
    path: &str,
    list: &str,
) -> Result<Map<String, Value>, CliError> {
    let target = |after: Option<&Value>| {
        Target::new("/api/v1/tickets")
            .step(&args.id.to_string())
            .then(path)
            .with("limit", Some(PAGE))
            .with("after", after)
            .asked(&args.query)
    };
    let mut answer: Map<String, Value> = read(&reader.ask(target(None))?)?;
    while let Some(next) = answer.get("next").filter(|next| !next.is_null()) {
        let mut page: Map<String, Value> = read(&reader.ask(target(Some(next)))?)?;
        if let (Some(Value::Array(all)), Some(Value::Array(more))) =
            (answer.get_mut(list), page.get_mut(list))
        {
            all.append(more);
        }
        answer.insert("next".to_owned(), page.remove("next").unwrap_or_default());
    }
    Ok(answer)
}

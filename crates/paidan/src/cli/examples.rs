//! Examples of commands: the lines of `docs/commands.md`, so that manual and document say the
//! same.

const DOCUMENT: &str = include_str!("../../../../docs/commands.md");

/// The examples of one command, `["ticket", "show"]`; of none in particular, those of all.
pub fn examples(path: &[String]) -> impl Iterator<Item = &'static str> {
    lines().filter(move |line| {
        let words = line.split_whitespace().skip(1);
        words.take(path.len()).eq(path.iter().map(String::as_str))
    })
}

fn lines() -> impl Iterator<Item = &'static str> {
    DOCUMENT
        .lines()
        .filter_map(|line| line.strip_prefix("$ "))
        .filter(|line| line.starts_with("paidan"))
}

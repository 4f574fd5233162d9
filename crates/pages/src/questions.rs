//! Saved questions: a list of them, and one with its answer as a table.

use askama::Template;
use domain::Timestamp;
use words::{Language, LocalTime};

use crate::{Frame, LookBack};

/// What stands in one cell of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    None,
    /// Words, or what something is called.
    Text(String),
    /// Words that lead to a page.
    Link(String, String),
    /// So many.
    Count(u64),
    /// A span, in seconds.
    Seconds(u64),
    /// A moment.
    Moment(Timestamp),
    /// Hundredths, such as a mean of stars.
    Hundredths(u64),
}

impl Cell {
    fn text(&self, language: Language, time: &LocalTime) -> String {
        match self {
            Self::None => String::new(),
            Self::Text(text) | Self::Link(text, _) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Seconds(seconds) => language.span(std::time::Duration::from_secs(*seconds)),
            Self::Moment(at) => time.to_minute(*at),
            Self::Hundredths(value) => format!("{}.{:02}", value / 100, value % 100),
        }
    }

    /// As a program reads it: spans in seconds, moments in UTC.
    fn plain(&self) -> String {
        match self {
            Self::None => String::new(),
            // A text that a spreadsheet would compute stays a text.
            Self::Text(text) | Self::Link(text, _) if text.starts_with(FORMULA) => {
                format!("'{text}")
            }
            Self::Text(text) | Self::Link(text, _) => text.clone(),
            Self::Count(count) | Self::Seconds(count) => count.to_string(),
            Self::Moment(at) => at.to_string(),
            Self::Hundredths(value) => format!("{}.{:02}", value / 100, value % 100),
        }
    }

    const fn is_figure(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Seconds(_) | Self::Hundredths(_))
    }

    fn href(&self) -> &str {
        match self {
            Self::Link(_, href) => href,
            _ => "",
        }
    }
}

const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The names of its columns, in words.
    pub columns: Vec<String>,
    /// Its rows, each with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// There are more rows than were asked for.
    pub more: bool,
}

impl Answer {
    /// The answer as CSV with a line of names.
    pub fn csv(&self) -> String {
        let line = |cells: Vec<String>| {
            let cells: Vec<_> = cells.iter().map(|cell| quoted(cell)).collect();
            cells.join(",") + "\r\n"
        };
        let rows = self.rows.iter().map(|row| line(row.iter().map(Cell::plain).collect()));
        std::iter::once(line(self.columns.clone())).chain(rows).collect()
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// What can be set of a question, as it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameters {
    /// From this day, where the question has days.
    pub from: Option<String>,
    /// To this day.
    pub until: Option<String>,
    /// Of this outlet.
    pub outlet: String,
    /// Of this engineer.
    pub engineer: String,
    /// At most so many rows.
    pub limit: usize,
    /// The most that can be asked for.
    pub limit_max: usize,
}

/// The list of questions.
#[derive(Debug, Template)]
#[template(path = "questions.html")]
pub struct QuestionsPage {
    /// What every page has.
    pub frame: Frame,
    /// Each with its name in addresses, its title, and what it tells.
    pub questions: Vec<(&'static str, String, String)>,
}

/// A question with its answer.
#[derive(Debug, Template)]
#[template(path = "question.html")]
pub struct QuestionPage<'a> {
    /// What every page has.
    pub frame: Frame,
    /// Whether it is of now.
    pub look_back: LookBack,
    /// What is asked.
    pub title: String,
    /// What it tells, and how it counts.
    pub about: String,
    /// What was set.
    pub parameters: Parameters,
    /// What the answer is.
    pub answer: &'a Answer,
    /// The firm's clock.
    pub time: &'a LocalTime,
    /// Where the answer is as CSV.
    pub csv: String,
}

impl QuestionPage<'_> {
    fn shown(&self, cell: &Cell) -> String {
        cell.text(self.frame.language, self.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_is_quoted_and_no_formula() {
        let cell = |text: &str| Cell::Text(text.into());
        let answer = Answer {
            columns: vec!["a".into(), "b,c".into()],
            rows: vec![
                vec![cell("=1+1"), Cell::Seconds(90)],
                vec![cell("say \"hi\"\n"), Cell::None],
                vec![Cell::Moment(Timestamp::from_seconds(0)), Cell::Hundredths(405)],
            ],
            more: false,
        };
        let lines =
            "a,\"b,c\"\r\n'=1+1,90\r\n\"say \"\"hi\"\"\n\",\r\n1970-01-01T00:00:00Z,4.05\r\n";
        assert_eq!(answer.csv(), lines);
    }
}

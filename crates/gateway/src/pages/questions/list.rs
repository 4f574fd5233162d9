//! The questions that there are. Each is one of the API's, with parameters and bounds; a question
//! whose address somebody keeps means the same tomorrow.

use ::pages::questions::{Answer, Cell};
use domain::{CivilDate, EngineerId, OutletId, Timestamp};
use projector::ReadModels;
use projector::open_tickets::{Attention, CursorError, PageRequest, Sort, TicketFilter, TicketRow};
use projector::satisfaction::{SatisfactionBy, SatisfactionOf, SatisfactionQuery, SatisfactionRow};
use words::{Language, Names};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Question {
    /// In addresses, and in the names of its messages.
    pub(super) name: &'static str,
    of: Of,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// Open tickets that need these kinds of attention; all where none is named.
    Tickets(&'static [Attention]),
    /// Sums over days.
    Sums(SatisfactionBy, Sums),
}

/// Which sums, and of which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sums {
    Answers,
    FirstResponse,
    Reopened,
    /// Only where there are any, most first.
    Low,
}

pub(super) static QUESTIONS: [Question; 8] = [
    Question { name: "backlog", of: Of::Tickets(&[]) },
    Question { name: "attention", of: Of::Tickets(&[Attention::Red, Attention::Flashing]) },
    Question {
        name: "satisfaction-by-engineer",
        of: Of::Sums(SatisfactionBy::Engineer, Sums::Answers),
    },
    Question { name: "satisfaction-by-week", of: Of::Sums(SatisfactionBy::Week, Sums::Answers) },
    Question {
        name: "first-response-by-outlet",
        of: Of::Sums(SatisfactionBy::Outlet, Sums::FirstResponse),
    },
    Question {
        name: "report-to-acceptance",
        of: Of::Sums(SatisfactionBy::Day, Sums::FirstResponse),
    },
    Question { name: "reopened-and-silent", of: Of::Sums(SatisfactionBy::Outlet, Sums::Reopened) },
    Question { name: "low-ratings", of: Of::Sums(SatisfactionBy::Engineer, Sums::Low) },
];

/// How it is asked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked {
    pub(super) from: Option<CivilDate>,
    pub(super) until: Option<CivilDate>,
    pub(super) outlet: Option<OutletId>,
    pub(super) engineer: Option<EngineerId>,
    pub(super) limit: usize,
}

/// Rows that the read models gave; names come later, because they are those of today.
#[derive(Debug)]
pub(super) enum Found {
    Tickets(Vec<TicketRow>),
    Sums(Sum, Vec<SatisfactionRow>),
}

/// What a row of sums is by, and which sums are shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sum(SatisfactionBy, Sums);

impl Question {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        QUESTIONS.iter().find(|question| question.name == name)
    }

    /// Whether it is about days, so that it can be asked of some of them.
    pub(super) const fn has_days(self) -> bool {
        matches!(self.of, Of::Sums(..))
    }

    /// Asks the read models. One row more than wanted tells that there are more.
    pub(super) fn ask(
        self,
        models: &ReadModels,
        asked: Asked,
        now: Timestamp,
    ) -> Result<Found, CursorError> {
        match self.of {
            Of::Tickets(attention) => tickets(models, attention, asked, now).map(Found::Tickets),
            Of::Sums(by, sums) => {
                let Asked { from, until, outlet, engineer, .. } = asked;
                let query = SatisfactionQuery { by, from, until, area: None, outlet, engineer };
                let mut rows = models.satisfaction_by(&query).value;
                sums.choose(by, &mut rows);
                rows.truncate(asked.limit + 1);
                Ok(Found::Sums(Sum(by, sums), rows))
            }
        }
    }
}

fn tickets(
    models: &ReadModels,
    attention: &[Attention],
    asked: Asked,
    now: Timestamp,
) -> Result<Vec<TicketRow>, CursorError> {
    let kinds: Vec<_> = match attention {
        [] => vec![None],
        some => some.iter().copied().map(Some).collect(),
    };
    let mut rows: Vec<TicketRow> = Vec::new();
    for attention in kinds {
        let Asked { outlet, engineer, limit, .. } = asked;
        let filter = TicketFilter { outlet, engineer, attention, ..TicketFilter::default() };
        let limit = limit + 1;
        let request = PageRequest { filter, sort: Sort::Due, after: None, limit, now };
        let page = models.tickets(&request)?.value;
        rows.extend(page.tickets);
    }
    rows.sort_by_key(|row| (row.due, row.id));
    rows.dedup_by_key(|row| row.id);
    rows.truncate(asked.limit + 1);
    Ok(rows)
}

impl Sums {
    fn choose(self, by: SatisfactionBy, rows: &mut Vec<SatisfactionRow>) {
        use std::cmp::Reverse;
        match self {
            Self::Answers => {}
            Self::FirstResponse => rows.retain(|row| row.first_response.is_some()),
            Self::Reopened => rows.retain(|row| row.reopened + row.closed_by_silence > 0),
            Self::Low => rows.retain(|row| row.low > 0),
        }
        // Days and weeks are read in their order, the last ones first.
        if matches!(by, SatisfactionBy::Day | SatisfactionBy::Week) {
            rows.reverse();
            return;
        }
        match self {
            Self::Answers => rows.sort_by_key(|row| Reverse(row.resolved)),
            Self::FirstResponse => {
                rows.sort_by_key(|row| Reverse(row.first_response.map(|it| it.median_s)));
            }
            Self::Reopened => rows.sort_by_key(|row| Reverse(row.reopened + row.closed_by_silence)),
            Self::Low => rows.sort_by_key(|row| Reverse(row.low)),
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Answers => &[
                "state-resolved",
                "verdict-satisfied",
                "verdict-partial",
                "verdict-unresolved",
                "command-silent",
                "command-stars",
                "question-late",
            ],
            Self::FirstResponse => &["question-accepted", "question-median", "question-p90"],
            Self::Reopened => &["state-resolved", "command-reopened", "command-silent"],
            Self::Low => &["command-low", "question-answers", "command-stars"],
        }
    }

    fn cells(self, row: &SatisfactionRow) -> Vec<Cell> {
        let mean = match row.stars_sum.saturating_mul(100).checked_div(row.stars_count) {
            Some(mean) => Cell::Hundredths(mean),
            None => Cell::None,
        };
        let answers = row.satisfied + row.partial + row.unresolved;
        match self {
            Self::Answers => vec![
                Cell::Count(row.resolved),
                Cell::Count(row.satisfied),
                Cell::Count(row.partial),
                Cell::Count(row.unresolved),
                Cell::Count(row.closed_by_silence),
                mean,
                Cell::Count(row.late),
            ],
            Self::FirstResponse => match row.first_response {
                Some(first) => vec![
                    Cell::Count(first.count),
                    Cell::Seconds(first.median_s.into()),
                    Cell::Seconds(first.p90_s.into()),
                ],
                None => vec![Cell::None, Cell::None, Cell::None],
            },
            Self::Reopened => vec![
                Cell::Count(row.resolved),
                Cell::Count(row.reopened),
                Cell::Count(row.closed_by_silence),
            ],
            Self::Low => vec![Cell::Count(row.low), Cell::Count(answers), mean],
        }
    }
}

impl Found {
    /// The answer in words, with the names of today.
    pub(super) fn answer(self, language: Language, names: &dyn Names, limit: usize) -> Answer {
        let say = |name: &&str| language.say(name);
        let (columns, mut rows): (Vec<String>, Vec<Vec<Cell>>) = match self {
            Self::Tickets(rows) => {
                let columns = [
                    "command-number",
                    "command-state",
                    "command-priority",
                    "command-outlet",
                    "command-engineer",
                    "command-created",
                    "command-due",
                    "command-marks",
                ];
                let cells = rows.iter().map(|row| ticket_cells(row, language, names));
                (columns.iter().map(say).collect(), cells.collect())
            }
            Self::Sums(Sum(by, sums), rows) => {
                let first = match by {
                    SatisfactionBy::Engineer => "command-engineer",
                    SatisfactionBy::Outlet => "command-outlet",
                    SatisfactionBy::Area => "command-area",
                    SatisfactionBy::Day => "command-day",
                    SatisfactionBy::Week => "command-week",
                };
                let columns = std::iter::once(&first).chain(sums.columns());
                let cells = rows.iter().map(|row| {
                    let mut cells = vec![of(row.of, language, names)];
                    cells.extend(sums.cells(row));
                    cells
                });
                (columns.map(say).collect(), cells.collect())
            }
        };
        let more = rows.len() > limit;
        rows.truncate(limit);
        Answer { columns, rows, more }
    }
}

/// A name, or the id of whom nobody knows any more.
fn known<I: Copy + ToString>(
    id: Option<I>,
    name: impl FnOnce(I) -> Option<String>,
    nobody: impl FnOnce() -> String,
) -> Cell {
    Cell::Text(match id {
        Some(id) => name(id).unwrap_or_else(|| id.to_string()),
        None => nobody(),
    })
}

fn of(of: SatisfactionOf, language: Language, names: &dyn Names) -> Cell {
    let nobody = || language.say("command-nobody");
    match of {
        SatisfactionOf::Engineer(id) => known(id, |id| names.engineer(id), nobody),
        SatisfactionOf::Outlet(id) => known(id, |id| names.outlet(id), nobody),
        SatisfactionOf::Area(id) => known(id, |id| names.area(id), nobody),
        SatisfactionOf::Day(day) => Cell::Text(day.to_string()),
        SatisfactionOf::Week(week) => Cell::Text(week.to_string()),
    }
}

fn ticket_cells(row: &TicketRow, language: Language, names: &dyn Names) -> Vec<Cell> {
    let marks = [
        (row.urgent, "command-urgent"),
        (row.red, "command-red"),
        (row.flashing, "command-flashing"),
        (row.overdue, "command-overdue"),
    ];
    let marks: Vec<_> =
        marks.into_iter().filter(|(is, _)| *is).map(|(_, name)| language.say(name)).collect();
    vec![
        Cell::Link(row.number.to_string(), format!("/tickets/{}", row.id)),
        Cell::Text(language.state(row.phase)),
        Cell::Text(language.priority(row.priority)),
        known(row.outlet, |id| names.outlet(id), String::new),
        known(row.engineer, |id| names.engineer(id), String::new),
        Cell::Moment(row.created_at),
        Cell::Moment(row.due),
        Cell::Text(marks.join(", ")),
    ]
}

//! When reports came in, of whom and where: the `opened_at` sequence of a real year.

use std::collections::HashSet;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

/// One case as it was opened.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// Since the window's begin. Cases of the same minute are spread over it in their order.
    pub(crate) after: Duration,
    /// Who called.
    pub(crate) caller: String,
    /// From where, where that is known.
    pub(crate) location: Option<String>,
    /// What about: the codes of category, subcategory and symptom.
    pub(crate) sentence: String,
    /// 1 is the highest.
    pub(crate) priority: u8,
}

/// The cases that were opened on this day (`7/3/2016`) from the one hour to before the other.
///
/// # Panics
/// When the file cannot be read or lacks a column.
pub(crate) fn read(file: &Path, day: &str, hours: std::ops::Range<u64>) -> Vec<Arrival> {
    let open = std::fs::File::open(file);
    let open = open.unwrap_or_else(|why| panic!("{}: {why}; see docs/replay.md", file.display()));
    let mut text = String::new();
    flate2::read::GzDecoder::new(open).read_to_string(&mut text).expect("a gzip file of text");
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let columns = table.headers().expect("a line of headers").clone();
    let column = |name: &str| {
        columns.iter().position(|one| one == name).unwrap_or_else(|| panic!("no column {name}"))
    };
    let [number, opened, caller, location, priority] =
        ["number", "opened_at", "caller_id", "location", "priority"].map(column);
    let said = ["category", "subcategory", "u_symptom"].map(column);
    let mut seen = HashSet::new();
    let mut cases = Vec::new();
    for row in table.records() {
        let row = row.expect("a row");
        // One row for each update: the first of a number is the case as it was opened.
        if !seen.insert(row[number].to_owned()) {
            continue;
        }
        let known = |column: usize| Some(row[column].to_owned()).filter(|value| value != "?");
        let Some(minute) = minute_on(&row[opened], day) else { continue };
        if !hours.contains(&(minute / 60)) {
            continue;
        }
        let arrival = Arrival {
            after: Duration::ZERO,
            caller: row[caller].to_owned(),
            location: known(location),
            sentence: said.into_iter().filter_map(known).collect::<Vec<_>>().join(", "),
            priority: row[priority].bytes().next().map_or(3, |digit| digit.wrapping_sub(b'0')),
        };
        cases.push((minute - hours.start * 60, arrival));
    }
    cases.sort_by_key(|(minute, _)| *minute);
    for same in cases.chunk_by_mut(|(one, _), (other, _)| one == other) {
        let step = Duration::from_secs(60) / u32::try_from(same.len()).expect("a minute's cases");
        for (place, (minute, arrival)) in (0..).zip(same) {
            arrival.after = Duration::from_secs(*minute * 60) + step * place;
        }
    }
    cases.into_iter().map(|(_, arrival)| arrival).collect()
}

/// The minute of the day in `7/3/2016 09:41`, where it is of this day.
fn minute_on(opened: &str, day: &str) -> Option<u64> {
    let (date, time) = opened.split_once(' ')?;
    let (hour, minute) = time.split_once(':')?;
    (date == day).then(|| Some(hour.parse::<u64>().ok()? * 60 + minute.parse::<u64>().ok()?))?
}

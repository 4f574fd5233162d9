//! So many appends of one event of about 270 bytes wait at once, over 10,000 streams, durable
//! before the answer. The log checks expected versions and command ids; the references check
//! nothing. Rounds are interleaved, and a row is the round with the median rate. PostgreSQL follows
//! where it is installed.

use std::path::Path;
use std::time::Duration;

use crate::bare_file::BareFile;
use crate::cell::{self, Figures};
use crate::paidan::{Kind, Paidan};
use crate::postgres::{CONNECTIONS_MAX, Postgres};
use crate::sled_values::SledValues;
use crate::{Failure, Options, again};

pub(crate) const OPTIONS: [&str; 5] = ["seconds", "rounds", "dir", "subjects", "waiting"];

/// What is measured, and how it is called in the table.
const SUBJECTS: [(&str, &str); 4] = [
    ("bare", "bare file, group commit"),
    ("sled", "sled, a value per event"),
    ("plain", "Paidan, nothing personal"),
    ("sealed", "Paidan, personal words sealed"),
];

pub(crate) fn table(options: &Options) -> Result<(), Failure> {
    let subjects: Vec<&str> =
        options.text("subjects", "bare,sled,plain,sealed").split(',').collect();
    let waiting: Vec<&str> = options.text("waiting", "1,16,64,256,1024").split(',').collect();
    let rounds: usize = options.text("rounds", "3").parse()?;
    let seconds = options.text("seconds", "3");
    let mut cells = Vec::new();
    for round in 1..=rounds {
        for count in &waiting {
            for subject in &subjects {
                let dir = tempfile::tempdir_in(options.dir())?;
                let process = again("cell", dir.path(), &[subject, count, seconds])?;
                let output = process.wait_with_output()?;
                if !output.status.success() {
                    return Err(format!("{subject} with {count} waiting failed").into());
                }
                let figures: Figures = String::from_utf8(output.stdout)?.trim().parse()?;
                eprintln!("round {round}: {subject} {count}: {figures}");
                cells.push((*subject, *count, figures));
            }
        }
    }
    println!(
        "| what | waiting | appends/s | of bare | p50, ms | p99, ms | of bare | processor, µs \
         | bytes on disk | memory, MiB |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    for subject in subjects {
        for count in &waiting {
            print_row(&cells, subject, count);
        }
    }
    postgres(options, &waiting, &cells)
}

/// One `INSERT` per event on a connection each, as many as PostgreSQL is set up for.
fn postgres(
    options: &Options,
    waiting: &[&str],
    cells: &[(&str, &str, Figures)],
) -> Result<(), Failure> {
    let dir = tempfile::tempdir_in(options.dir())?;
    let Some(postgres) = Postgres::start(dir.path())? else {
        println!("\nPostgreSQL is not installed, or not on PATH.");
        return Ok(());
    };
    let lasts = Duration::from_secs_f64(options.text("seconds", "3").parse()?);
    for count in waiting {
        let clients: usize = count.parse()?;
        if clients > CONNECTIONS_MAX {
            continue;
        }
        let (rate, mean) = postgres.insert(clients, lasts)?;
        let of_bare = median(cells, "bare", count).map_or(f64::NAN, |bare| rate / bare.per_second);
        println!(
            "| PostgreSQL, one INSERT per event | {count} | {rate:.0} | {of_bare:.2} \
             | mean {mean:.2} | – | – | – | – | – |"
        );
    }
    Ok(())
}

/// The round with the median rate of a cell.
fn median(cells: &[(&str, &str, Figures)], subject: &str, waiting: &str) -> Option<Figures> {
    let of_cell = |cell: &&(&str, &str, Figures)| (cell.0, cell.1) == (subject, waiting);
    let mut rounds: Vec<Figures> = cells.iter().filter(of_cell).map(|cell| cell.2).collect();
    rounds.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
    rounds.get(rounds.len() / 2).copied()
}

fn print_row(cells: &[(&str, &str, Figures)], subject: &str, waiting: &str) {
    let name = SUBJECTS.iter().find(|(key, _)| *key == subject).map_or(subject, |(_, name)| name);
    let Some(row) = median(cells, subject, waiting) else { return };
    let [rate, latency] = match median(cells, "bare", waiting) {
        None => [f64::NAN; 2],
        Some(bare) => [row.per_second / bare.per_second, row.p99_ms / bare.p99_ms],
    };
    println!(
        "| {name} | {waiting} | {:.0} | {rate:.2} | {:.2} | {:.2} | {latency:.1} | {:.1} | {:.0} | {:.0} |",
        row.per_second,
        row.p50_ms,
        row.p99_ms,
        row.processor_us,
        row.bytes_per_event,
        row.memory_mib,
    );
}

/// `cell DIRECTORY SUBJECT WAITING SECONDS`: one figure of the table.
pub(crate) fn cell(arguments: impl Iterator<Item = String>) -> Result<(), Failure> {
    let given: Vec<String> = arguments.collect();
    let [dir, subject, waiting, seconds] = given.as_slice() else {
        return Err("cell DIRECTORY SUBJECT WAITING SECONDS".into());
    };
    let dir = Path::new(dir);
    let waiting = waiting.parse()?;
    let lasts = Duration::from_secs_f64(seconds.parse()?);
    let figures = match subject.as_str() {
        "bare" => cell::run(BareFile::open(dir)?, waiting, lasts, dir)?,
        "sled" => cell::run(SledValues::open(dir)?, waiting, lasts, dir)?,
        kind => cell::run(Paidan::open(dir, kind.parse::<Kind>()?)?, waiting, lasts, dir)?,
    };
    println!("{figures}");
    Ok(())
}

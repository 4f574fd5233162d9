//! How fast appends become durable, beside what the disk allows: one table per run.
//!
//! `cargo bench -p paidan-eventlog --bench log -- [--seconds S] [--rounds R] [--dir DIR]`
//!
//! Each cell is a process of its own on an empty directory: so many appends of one event of about
//! 270 bytes wait at once, over 10,000 streams, durable before the answer. The log checks expected
//! versions and command ids; the references check nothing. Rounds are interleaved, and a cell
//! shows the median of its rounds. Ratios to the bare file at the same number of waiting count, not
//! absolute numbers.

mod bare_file;
mod cell;
mod paidan;
mod sled_values;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cell::Figures;

/// Why nothing was measured.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// About the size of a stored event with its share of the append's header.
pub(crate) const EVENT_BYTES: usize = 270;
const WAITING: [usize; 5] = [1, 16, 64, 256, 1_024];

/// What is measured, and how it is called in the table.
const SUBJECTS: [(&str, &str); 4] = [
    ("bare", "bare file, group commit"),
    ("sled", "sled, a value per event"),
    ("plain", "Paidan, nothing personal"),
    ("sealed", "Paidan, personal words sealed"),
];

struct Options {
    seconds: f64,
    rounds: usize,
    dir: PathBuf,
    subjects: Vec<String>,
    waiting: Vec<usize>,
}

fn options(arguments: impl Iterator<Item = String>) -> Result<Options, Failure> {
    let mut options = Options {
        seconds: 3.0,
        rounds: 3,
        dir: std::env::temp_dir(),
        subjects: SUBJECTS.iter().map(|(key, _)| (*key).to_owned()).collect(),
        waiting: WAITING.to_vec(),
    };
    // Cargo adds this one to what it runs.
    let mut arguments = arguments.filter(|argument| argument != "--bench");
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--seconds" => options.seconds = value.parse()?,
            "--rounds" => options.rounds = value.parse()?,
            "--dir" => options.dir = value.into(),
            "--subjects" => options.subjects = value.split(',').map(str::to_owned).collect(),
            "--waiting" => {
                options.waiting = value.split(',').map(str::parse).collect::<Result<_, _>>()?;
            }
            _ => return Err(format!("there is no option {name}").into()),
        }
    }
    Ok(options)
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.peek().is_some_and(|first| first == "cell") {
        let given: Vec<String> = arguments.skip(1).collect();
        let [subject, waiting, seconds, dir] = given.as_slice() else {
            return Err("cell SUBJECT WAITING SECONDS DIRECTORY".into());
        };
        let lasts = Duration::from_secs_f64(seconds.parse()?);
        println!("{}", measure(subject, waiting.parse()?, lasts, Path::new(dir))?);
        return Ok(());
    }
    let options = options(arguments)?;
    let mut cells = Vec::new();
    for round in 0..options.rounds {
        for waiting in &options.waiting {
            for subject in &options.subjects {
                let dir = tempfile::tempdir_in(&options.dir)?;
                let figures = in_a_process(subject, *waiting, options.seconds, dir.path())?;
                eprintln!("round {round}: {subject} {waiting}: {figures}");
                cells.push((subject.clone(), *waiting, figures));
            }
        }
    }
    print_table(&options, &cells);
    Ok(())
}

fn measure(subject: &str, waiting: usize, lasts: Duration, dir: &Path) -> Result<Figures, Failure> {
    match subject {
        "bare" => cell::run(bare_file::BareFile::open(dir)?, waiting, lasts, dir),
        "sled" => cell::run(sled_values::SledValues::open(dir)?, waiting, lasts, dir),
        "plain" => cell::run(paidan::Paidan::open(dir, false)?, waiting, lasts, dir),
        "sealed" => cell::run(paidan::Paidan::open(dir, true)?, waiting, lasts, dir),
        _ => Err(format!("there is nothing called {subject} to measure").into()),
    }
}

fn in_a_process(
    subject: &str,
    waiting: usize,
    seconds: f64,
    dir: &Path,
) -> Result<Figures, Failure> {
    let output = Command::new(std::env::current_exe()?)
        .args(["cell", subject, &waiting.to_string(), &seconds.to_string()])
        .arg(dir)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    String::from_utf8(output.stdout)?.trim().parse()
}

fn print_table(options: &Options, cells: &[(String, usize, Figures)]) {
    let median = |subject: &str, waiting: usize| {
        let mut rounds: Vec<Figures> = cells
            .iter()
            .filter(|(name, count, _)| name == subject && *count == waiting)
            .map(|(_, _, figures)| *figures)
            .collect();
        rounds.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
        rounds.get(rounds.len() / 2).copied()
    };
    println!(
        "| what | waiting | appends/s | of bare | p50, ms | p99, ms | of bare | processor, µs \
         | bytes on disk | memory, MiB |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    for subject in &options.subjects {
        let name = SUBJECTS.iter().find(|(key, _)| key == subject).map_or("", |(_, name)| name);
        for waiting in &options.waiting {
            let Some(cell) = median(subject, *waiting) else { continue };
            let bare = median("bare", *waiting).unwrap_or(cell);
            println!(
                "| {name} | {waiting} | {:.0} | {:.2} | {:.2} | {:.2} | {:.1} | {:.1} | {:.0} | {:.0} |",
                cell.per_second,
                cell.per_second / bare.per_second,
                cell.p50_ms,
                cell.p99_ms,
                cell.p99_ms / bare.p99_ms,
                cell.processor_us,
                cell.bytes_per_event,
                cell.memory_mib,
            );
        }
    }
}

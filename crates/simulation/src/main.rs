//! Runs seeds of the simulation, as many at once as there are processors; a seed that fails prints
//! itself and the command that replays it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use simulation::{Failure, Options, Sabotage, Story, run};

#[derive(Parser)]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 2_000)]
    seeds: u64,
    /// The first of them; alone, only this one, with each of its steps.
    #[arg(long)]
    seed: Option<u64>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let only =
        arguments.seed.filter(|_| !std::env::args().any(|given| given.starts_with("--seeds")));
    let first = arguments.seed.unwrap_or_default();
    let count = if only.is_some() { 1 } else { arguments.seeds };
    let options = Options { sabotage: Sabotage::None, tell: only.is_some() };
    let begun = Instant::now();
    let next = AtomicU64::new(first);
    let told = Mutex::new((Story::default(), Vec::<Failure>::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        break;
                    }
                    let outcome = run(seed, options);
                    let mut told = told.lock().expect("nobody panics here");
                    match outcome {
                        Ok(story) => told.0.add(&story),
                        Err(failure) => {
                            eprintln!("{failure}");
                            told.1.push(failure);
                        }
                    }
                }
            });
        }
    });
    let (story, failures) = told.into_inner()?;
    for (name, times) in &story.counts {
        println!("{times:>12}  {name}");
    }
    println!("{count} seeds from {first} on in {:.1} s", begun.elapsed().as_secs_f64());
    anyhow::ensure!(failures.is_empty(), "{} of {count} seeds failed", failures.len());
    Ok(())
}

//! One cell of the table: a subject under a number of waiting appends, for some seconds.

use std::collections::VecDeque;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::Failure;

/// Something that makes events durable.
pub(crate) trait Subject {
    /// An event on its way.
    type Pending;

    /// Hands in the event with this number, from zero.
    fn submit(&mut self, number: u64) -> Result<Self::Pending, Failure>;

    /// Returns once it is durable.
    fn wait(pending: Self::Pending) -> Result<(), Failure>;

    /// Ends, so that all bytes are on the disk.
    fn close(self) -> Result<(), Failure>;
}

/// What a cell shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Of all threads, the client's among them, for each event.
    pub(crate) processor_us: f64,
    pub(crate) bytes_per_event: f64,
    /// The most that was resident.
    pub(crate) memory_mib: f64,
}

impl Figures {
    fn all(&self) -> [f64; 6] {
        [
            self.per_second,
            self.p50_ms,
            self.p99_ms,
            self.processor_us,
            self.bytes_per_event,
            self.memory_mib,
        ]
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.all().map(|figure| format!("{figure:.3}"));
        f.write_str(&all.join(" "))
    }
}

impl FromStr for Figures {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let numbers: Vec<f64> = text.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [per_second, p50_ms, p99_ms, processor_us, bytes_per_event, memory_mib] =
            numbers.try_into().map_err(|_| format!("no figures but {text:?}"))?;
        Ok(Self { per_second, p50_ms, p99_ms, processor_us, bytes_per_event, memory_mib })
    }
}

/// Runs a subject: the oldest waiting append is answered, then the next is handed in.
pub(crate) fn run<S: Subject>(
    mut subject: S,
    waiting: usize,
    lasts: Duration,
    dir: &Path,
) -> Result<Figures, Failure> {
    let mut pending: VecDeque<(Instant, S::Pending)> = VecDeque::with_capacity(waiting);
    let mut took = Vec::new();
    let processor = processor_time()?;
    let begun = Instant::now();
    let mut number = 0;
    while begun.elapsed() < lasts {
        pending.push_back((Instant::now(), subject.submit(number)?));
        number += 1;
        if pending.len() == waiting
            && let Some((since, oldest)) = pending.pop_front()
        {
            S::wait(oldest)?;
            took.push(since.elapsed());
        }
    }
    for (since, left) in pending {
        S::wait(left)?;
        took.push(since.elapsed());
    }
    let seconds = begun.elapsed().as_secs_f64();
    let processor = processor_time()?.saturating_sub(processor);
    let memory_mib = peak_memory_mib()?;
    subject.close()?;
    took.sort_unstable();
    let rank = |percent: usize| took[(took.len() * percent).div_ceil(100).max(1) - 1];
    let events = number as f64;
    Ok(Figures {
        per_second: events / seconds,
        p50_ms: rank(50).as_secs_f64() * 1e3,
        p99_ms: rank(99).as_secs_f64() * 1e3,
        processor_us: processor.as_secs_f64() * 1e6 / events,
        bytes_per_event: bytes_on_disk(dir)? as f64 / events,
        memory_mib,
    })
}

fn processor_time() -> Result<Duration, Failure> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Ok(Duration::new(time.tv_sec.try_into()?, time.tv_nsec.try_into()?))
}

/// The most that was resident.
pub(crate) fn peak_memory_mib() -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmHWM")?;
    Ok(kib.parse::<f64>()? / 1024.0)
}

/// What the file system has given out, which is what a disk fills up with.
pub(crate) fn bytes_on_disk(dir: &Path) -> Result<u64, Failure> {
    use std::os::unix::fs::MetadataExt;
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        bytes += if meta.is_dir() { bytes_on_disk(&entry.path())? } else { meta.blocks() * 512 };
    }
    Ok(bytes)
}

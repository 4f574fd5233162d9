//! The server that is measured: the real binary, in a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Failure;
use crate::http::{Connection, write};

/// What the kernel counts processor time in.
const TICK: Duration = Duration::from_millis(10);

/// The read models are given so long to come up with the log.
const SETTLES_WITHIN: u32 = 600;
const LOOK_EVERY: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
}

/// What was used up to a moment.
#[derive(Debug)]
pub(crate) struct Usage {
    /// Processor time of the server.
    pub(crate) processor: Duration,
    /// Processor time of whoever sends.
    pub(crate) own: Duration,
    pub(crate) resident_mib: f64,
    /// The last event.
    pub(crate) position: u64,
    /// How many events the read model that is furthest behind has not seen.
    pub(crate) lag: u64,
}

fn binary() -> Result<PathBuf, Failure> {
    if let Some(named) = std::env::var_os("PAIDAN") {
        return Ok(named.into());
    }
    let own = std::env::current_exe()?;
    let beside = own.parent().and_then(Path::parent).ok_or("no directory")?.join("paidan");
    if beside.exists() {
        return Ok(beside);
    }
    Err("build the server first: cargo build --release -p paidan".into())
}

/// User and system time of a process.
fn processor_time(process: &str) -> Result<Duration, Failure> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name stands in parentheses and may hold anything.
    let (_, after) = stat.rsplit_once(')').ok_or("no name")?;
    let mut fields = after.split_whitespace().skip(11);
    let mut ticks = || fields.next().unwrap_or_default().parse::<u32>();
    Ok(TICK * (ticks()? + ticks()?))
}

impl Server {
    pub(crate) async fn start(directory: &Path) -> Result<Self, Failure> {
        let mut process = Command::new(binary()?)
            .env_remove("PAIDAN_DATA")
            .env_remove("PAIDAN_CONFIG")
            .env("PAIDAN_LOG", "warn")
            .arg("--data")
            .arg(directory.join("paidan"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()?;
        let out = process.stdout.take().ok_or("no output")?;
        let line = BufReader::new(out).lines().next().ok_or("it did not start")??;
        let address = line.rsplit("http://").next().unwrap_or_default().trim_end_matches('/');
        let server = Self { process, address: address.parse()? };
        server.settle().await?;
        Ok(server)
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    async fn numbers(&self) -> Result<String, Failure> {
        let mut connection = Connection::open(self.address).await?;
        let mut request = Vec::new();
        write(&mut request, "GET", "/metrics", &[], "");
        Ok(connection.exchange(&request).await?.body.to_owned())
    }

    /// A size of the process as the kernel tells it, such as `VmRSS`.
    pub(crate) fn memory_kib(&self, field: &str) -> Result<u64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        let kib = line.and_then(|text| text.split_whitespace().next()).ok_or("no size")?;
        Ok(kib.parse()?)
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    pub(crate) async fn usage(&self) -> Result<Usage, Failure> {
        let process = self.process().to_string();
        let (processor, own) = (processor_time(&process)?, processor_time("self")?);
        let kib = self.memory_kib("VmRSS")?;
        let numbers = self.numbers().await?;
        Ok(Usage {
            processor,
            own,
            resident_mib: kib as f64 / 1024.0,
            position: most(&numbers, "paidan_log_position")?,
            lag: most(&numbers, "paidan_projection_lag_events")?,
        })
    }

    /// Waits until the read models and the dispatcher are where the log is.
    pub(crate) async fn settle(&self) -> Result<(), Failure> {
        for _ in 0..SETTLES_WITHIN {
            let numbers = self.numbers().await?;
            let behind = most(&numbers, "paidan_projection_lag_events")?
                + most(&numbers, "paidan_dispatcher_lag_events")?
                + most(&numbers, "paidan_dispatcher_in_flight")?;
            if behind == 0 {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Err("the read models or the dispatcher do not come up with the log".into())
    }

    /// Stops it as a service manager does.
    pub(crate) fn stop(mut self) -> Result<(), Failure> {
        let process = self.process().to_string();
        if !Command::new("kill").arg(process).status()?.success() {
            return Err("the server could not be told to stop".into());
        }
        match self.process.wait()? {
            ended if ended.success() => Ok(()),
            ended => Err(format!("the server ended with {ended}").into()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already, or is of no use any more.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The largest of a metric's values.
fn most(numbers: &str, name: &str) -> Result<u64, Failure> {
    let values = numbers
        .lines()
        .filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{'])));
    let values = values.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
    values.max().ok_or_else(|| format!("no metric {name}").into())
}

//! PostgreSQL as it comes, in a cluster of its own that is removed afterwards: one `INSERT` per
//! event, each durable before its answer.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::Failure;

/// As large as an event of ours.
const EVENT_BYTES: usize = 270;

/// So many connections it is set up for.
pub(crate) const CONNECTIONS_MAX: usize = 300;

/// A server of PostgreSQL on a Unix socket.
#[derive(Debug)]
pub(crate) struct Postgres {
    directory: PathBuf,
    /// It refuses to run as root.
    as_another: bool,
}

fn is_installed(program: &str) -> bool {
    let ran = Command::new(program).arg("--version").stdout(Stdio::null()).status();
    ran.is_ok_and(|status| status.success())
}

impl Postgres {
    /// Nothing where it is not installed.
    pub(crate) fn start(scratch: &Path) -> Result<Option<Self>, Failure> {
        if !["initdb", "pg_ctl", "psql", "pgbench"].into_iter().all(is_installed) {
            return Ok(None);
        }
        let id = Command::new("id").arg("-u").output()?.stdout;
        let as_another = id.trim_ascii() == b"0";
        let directory = scratch.join("postgres");
        std::fs::create_dir(&directory)?;
        if as_another {
            std::fs::set_permissions(scratch, std::fs::Permissions::from_mode(0o755))?;
            done(Command::new("chown").arg("nobody").arg(&directory))?;
        }
        let postgres = Self { directory, as_another };
        let (data, log) = (postgres.directory.join("data"), postgres.directory.join("log"));
        done(postgres.command("initdb").args(["-A", "trust", "-U", "bench", "-D"]).arg(&data))?;
        let options = format!(
            "-c listen_addresses= -c unix_socket_directories={} -c max_connections={} -c fsync=on \
             -c synchronous_commit=on",
            postgres.directory.display(),
            CONNECTIONS_MAX + 3
        );
        done(
            postgres
                .command("pg_ctl")
                .args(["-w", "-D"])
                .arg(&data)
                .arg("-l")
                .arg(log)
                .args(["-o", &options, "start"]),
        )?;
        let table = "CREATE TABLE events (position bigserial PRIMARY KEY, stream int NOT NULL, \
                     data text NOT NULL)";
        done(postgres.client("psql").args(["-d", "postgres", "-c", table]))?;
        let insert = format!(
            "\\set stream random(1, 10000)\n\
             INSERT INTO events (stream, data) VALUES (:stream, '{}');\n",
            "x".repeat(EVENT_BYTES)
        );
        std::fs::write(postgres.script(), insert)?;
        Ok(Some(postgres))
    }

    fn script(&self) -> PathBuf {
        self.directory.join("insert.sql")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = if self.as_another {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", program]);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.directory);
        command
    }

    fn client(&self, program: &str) -> Command {
        let mut command = self.command(program);
        command.arg("-h").arg(&self.directory).args(["-U", "bench"]);
        command
    }

    /// Inserts per second, and the mean latency in milliseconds.
    pub(crate) fn insert(&self, clients: usize, lasts: Duration) -> Result<(f64, f64), Failure> {
        let ran = self
            .client("pgbench")
            .args(["-n", "-M", "prepared", "-j", "1", "-c", &clients.to_string()])
            .args(["-T", &lasts.as_secs().to_string(), "-f"])
            .arg(self.script())
            .arg("postgres")
            .output()?;
        let told = String::from_utf8_lossy(&ran.stdout).into_owned();
        let number = |name: &str| {
            let after = told.lines().find_map(|line| line.strip_prefix(name))?;
            after.split_whitespace().next()?.parse().ok()
        };
        match (number("tps = "), number("latency average = ")) {
            (Some(rate), Some(mean)) => Ok((rate, mean)),
            _ => Err(format!("pgbench: {told}{}", String::from_utf8_lossy(&ran.stderr)).into()),
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let stop = ["-w", "-m", "immediate", "stop", "-D"];
        drop(done(self.command("pg_ctl").args(stop).arg(self.directory.join("data"))));
    }
}

fn done(command: &mut Command) -> Result<(), Failure> {
    let ran = command.output()?;
    if ran.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&ran.stderr)).into())
}

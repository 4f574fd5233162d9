//! What the binary is told: flags, environment, a file, defaults, in this order of precedence.
//!
//! Built once, before anything runs. Unknown keys of the file are refused; an unknown variable
//! with the prefix is only warned of, because container platforms make such variables themselves
//! for a service of this name.

mod attachments;
mod error;
mod nats;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use engine::DiskReserve;
use serde::Deserialize;

use crate::logging::{self, LogConfig, LogFormat};
pub use attachments::{AttachmentsConfig, S3Config};
use attachments::{AttachmentsToml, CLAMD, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY};
pub use error::{ConfigError, Origin};
pub use nats::NatsConfig;
use nats::{NATS, NATS_TOKEN, NatsToml};

/// The beginning of all variables.
const PREFIX: &str = "PAIDAN_";

const CONFIG: &str = "PAIDAN_CONFIG";
const DATA: &str = "PAIDAN_DATA";
const LISTEN: &str = "PAIDAN_LISTEN";
const DISK_RESERVE_BYTES: &str = "PAIDAN_DISK_RESERVE_BYTES";
const LOG: &str = "PAIDAN_LOG";
const LOG_FORMAT: &str = "PAIDAN_LOG_FORMAT";
const OTLP_ENDPOINT: &str = "PAIDAN_OTLP_ENDPOINT";
const MASTER_KEY: &str = "PAIDAN_MASTER_KEY";
const MASTER_KEY_FILE: &str = "PAIDAN_MASTER_KEY_FILE";

/// Where the tests find data that is not part of the project.
const SHARED_DATA: &str = "PAIDAN_SHARED_DATA";

/// Read by the command line alone, beside LC_ALL and LANG.
const LANGUAGE: &str = "PAIDAN_LANG";

const KNOWN: [&str; 16] = [
    CONFIG,
    DATA,
    LISTEN,
    DISK_RESERVE_BYTES,
    LOG,
    LOG_FORMAT,
    OTLP_ENDPOINT,
    MASTER_KEY,
    MASTER_KEY_FILE,
    CLAMD,
    NATS,
    NATS_TOKEN,
    S3_ACCESS_KEY_ID,
    S3_SECRET_ACCESS_KEY,
    SHARED_DATA,
    LANGUAGE,
];

/// Beside the current directory, so that trying it out needs no rights and leaves no traces.
const DATA_DEFAULT: &str = "./data";

/// Loopback, because there are no accounts yet.
const LISTEN_DEFAULT: &str = "127.0.0.1:7800";

/// What was said on the command line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flags {
    /// `--data`.
    pub data: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<String>,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--master-key-file`.
    pub master_key_file: Option<PathBuf>,
    /// `--log`.
    pub log: Option<String>,
    /// `--log-format`.
    pub log_format: Option<String>,
    /// `--disk-reserve-bytes`.
    pub disk_reserve_bytes: Option<u64>,
    /// `--nats`.
    pub nats: Option<String>,
}

/// The configuration file. Paths in it are relative to the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigToml {
    data: Option<PathBuf>,
    listen: Option<String>,
    master_key_file: Option<PathBuf>,
    log: Option<String>,
    log_format: Option<String>,
    otlp_endpoint: Option<String>,
    disk_reserve_bytes: Option<u64>,
    #[serde(default)]
    attachments: AttachmentsToml,
    #[serde(default)]
    nats: NatsToml,
}

/// A secret as it was given; never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Where the master key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MasterKeySource {
    /// From the environment, in hexadecimal digits.
    Given(Secret),
    /// From a file that has to be there.
    File(PathBuf),
    /// From a file in the data directory, made at the first start.
    Generated(PathBuf),
}

/// An address to listen on; of this machine only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenAddress(SocketAddr);

impl ListenAddress {
    /// The address.
    pub const fn get(self) -> SocketAddr {
        self.0
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The configuration of the whole binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The data directory.
    pub data: PathBuf,
    /// Where HTTP is served.
    pub listen: ListenAddress,
    /// Where the master key comes from.
    pub master_key: MasterKeySource,
    /// How much of the log's disk is kept for finishing what was begun.
    pub disk_reserve: DiskReserve,
    /// How attachments are kept.
    pub attachments: AttachmentsConfig,
    /// What is said while it runs.
    pub log: LogConfig,
    /// Variables with the prefix that mean nothing; worth a warning.
    pub unknown_variables: Vec<String>,
    /// Where NATS is, for processes of one role.
    pub nats: NatsConfig,
    /// Which parts run in this process; the command says so.
    pub role: Role,
    /// What is served is a demo; `serve --demo` alone says so.
    pub simulated: Option<gateway::Simulated>,
}

/// Which parts run in one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// All of them, without NATS.
    #[default]
    Everything,
    /// All but the dispatcher, which follows over NATS.
    Gateway,
}

impl Config {
    /// Brings everything that was said together. The environment is handed in.
    ///
    /// # Errors
    /// When the file or a value cannot be used.
    pub fn resolve(
        flags: Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let environment = Environment::of(environment);
        let file = flags.config.or_else(|| environment.path(CONFIG));
        let (from_file, file) = match file {
            Some(path) => (read_file(&path)?, path),
            None => (ConfigToml::default(), PathBuf::new()),
        };
        let beside = |path: PathBuf| file.parent().unwrap_or(Path::new("")).join(path);

        let data = flags
            .data
            .or_else(|| environment.path(DATA))
            .or_else(|| from_file.data.map(beside))
            .unwrap_or_else(|| DATA_DEFAULT.into());

        let first = |flag: (&'static str, Option<String>),
                     variable: &'static str,
                     key: (&'static str, Option<String>)| {
            Ok(match (flag.1, environment.text(variable)?, key.1) {
                (Some(given), ..) => Some((given, Origin::Flag(flag.0))),
                (None, Some(given), _) => Some((given, Origin::Variable(variable))),
                (None, None, Some(given)) => Some((given, Origin::Key(key.0, file.clone()))),
                (None, None, None) => None,
            })
        };
        let (given, origin) =
            first(("--listen", flags.listen), LISTEN, ("listen", from_file.listen))?
                .unwrap_or_else(|| (LISTEN_DEFAULT.to_owned(), Origin::Default));
        let listen = listen_address(given, origin)?;
        let filter = first(("--log", flags.log), LOG, ("log", from_file.log))?;
        let format = first(
            ("--log-format", flags.log_format),
            LOG_FORMAT,
            ("log_format", from_file.log_format),
        )?;
        let log = LogConfig {
            filter: filter.map(|(given, origin)| log_filter(given, origin)).transpose()?,
            format: format.map_or(Ok(LogFormat::default()), |(given, origin)| {
                given.parse().map_err(|source| ConfigError::LogFormat { origin, given, source })
            })?,
            otlp_endpoint: environment.text(OTLP_ENDPOINT)?.or(from_file.otlp_endpoint),
        };

        // A flag goes before both variables, and the key itself before the file that may hold it.
        let master_key = match (flags.master_key_file, environment.text(MASTER_KEY)?) {
            (Some(path), _) => MasterKeySource::File(path),
            (None, Some(key)) => MasterKeySource::Given(Secret(key)),
            (None, None) => environment
                .path(MASTER_KEY_FILE)
                .or_else(|| from_file.master_key_file.map(beside))
                .map_or_else(
                    || MasterKeySource::Generated(data.join("keys").join("master.key")),
                    MasterKeySource::File,
                ),
        };
        let by_variable = environment.bytes(DISK_RESERVE_BYTES)?;
        let reserve = flags.disk_reserve_bytes.or(by_variable).or(from_file.disk_reserve_bytes);
        let disk_reserve = reserve.map_or_else(DiskReserve::default, |bytes| DiskReserve { bytes });
        let attachments = AttachmentsConfig::resolve(from_file.attachments, &environment)?;
        let nats = NatsConfig::resolve(flags.nats, from_file.nats, beside, &environment)?;
        let unknown_variables = environment.unknown;
        Ok(Self {
            data,
            listen,
            master_key,
            disk_reserve,
            attachments,
            log,
            unknown_variables,
            nats,
            role: Role::default(),
            simulated: None,
        })
    }

    /// The socket through which the command line talks to a server on this data directory.
    pub fn socket(&self) -> PathBuf {
        self.data.join("paidan.sock")
    }
}

fn read_file(path: &Path) -> Result<ConfigToml, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_path_buf(), source })?;
    toml::from_str(&text).map_err(|source| ConfigError::Syntax {
        path: path.to_path_buf(),
        source: Box::new(source),
    })
}

fn log_filter(given: String, origin: Origin) -> Result<String, ConfigError> {
    match logging::check_filter(&given) {
        Ok(()) => Ok(given),
        Err(source) => Err(ConfigError::LogFilter { origin, given, source }),
    }
}

fn listen_address(given: String, origin: Origin) -> Result<ListenAddress, ConfigError> {
    // The one name whose address needs no asking.
    let numeric = match given.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => given.clone(),
    };
    let Ok(address) = numeric.parse::<SocketAddr>() else {
        return Err(ConfigError::Address { origin, given });
    };
    // An IPv4 address in IPv6 clothes is judged as what it is.
    if !address.ip().to_canonical().is_loopback() {
        return Err(ConfigError::NotLoopback { origin, given });
    }
    Ok(ListenAddress(address))
}

/// The variables with the prefix. An empty one is as good as none: compose files make such.
struct Environment {
    known: Vec<(&'static str, OsString)>,
    unknown: Vec<String>,
}

impl Environment {
    fn of(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut known = Vec::new();
        let mut unknown = Vec::new();
        for (name, value) in variables {
            match KNOWN.iter().find(|known| OsStr::new(known) == name) {
                Some(name) if !value.is_empty() => known.push((*name, value)),
                Some(_) => {}
                None => {
                    let name = name.to_string_lossy();
                    if name.starts_with(PREFIX) {
                        unknown.push(name.into_owned());
                    }
                }
            }
        }
        unknown.sort();
        Self { known, unknown }
    }

    fn raw(&self, name: &'static str) -> Option<&OsString> {
        self.known.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn path(&self, name: &'static str) -> Option<PathBuf> {
        self.raw(name).map(PathBuf::from)
    }

    fn bytes(&self, name: &'static str) -> Result<Option<u64>, ConfigError> {
        self.text(name)?
            .map(|given| given.parse().map_err(|_| ConfigError::Bytes { name, given }))
            .transpose()
    }

    fn text(&self, name: &'static str) -> Result<Option<String>, ConfigError> {
        self.raw(name)
            .map(|value| value.to_str().map(str::to_owned).ok_or(ConfigError::NotUtf8 { name }))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(flags: Flags, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let pairs = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Config::resolve(flags, pairs)
    }

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("paidan.toml");
        std::fs::write(&path, text).expect("written");
        (directory, path)
    }

    fn listen(given: &str) -> Flags {
        Flags { listen: Some(given.to_owned()), ..Flags::default() }
    }

    #[test]
    fn nothing_said_gives_the_defaults() {
        let config = resolve(Flags::default(), &[("HOME", "/")]).expect("a configuration");
        assert_eq!(config.data, Path::new("./data"));
        assert_eq!(config.listen.to_string(), "127.0.0.1:7800");
        let generated = MasterKeySource::Generated("./data/keys/master.key".into());
        assert_eq!(config.master_key, generated);
        assert_eq!(config.socket(), Path::new("./data/paidan.sock"));
    }

    #[test]
    fn attachments_lie_beside_the_log_unless_the_file_says_otherwise() {
        let usual = resolve(Flags::default(), &[]).expect("a configuration").attachments;
        assert_eq!((usual.file_bytes_max, usual.clamd, usual.s3), (2 << 30, None, None));
        let (_directory, path) = file(
            "[attachments]\nfile_bytes_max = 5\nunfinished_hours = 2\nclamd = '/run/clamd.ctl'\n",
        );
        let in_file = Flags { config: Some(path), ..Flags::default() };
        let said = resolve(in_file.clone(), &[]).expect("a configuration").attachments;
        assert_eq!((said.file_bytes_max, said.unfinished_for.as_secs()), (5, 7_200));
        assert_eq!(said.clamd, Some(::attachments::scan::Address::Unix("/run/clamd.ctl".into())));
        let variables = [(CLAMD, "localhost:3310")];
        let said = resolve(in_file, &variables).expect("a configuration").attachments;
        assert_eq!(said.clamd, Some(::attachments::scan::Address::Tcp("localhost:3310".into())));
    }

    #[cfg(not(feature = "s3"))]
    #[test]
    fn a_bucket_is_refused_by_a_build_that_knows_none() {
        let (_directory, path) = file("[attachments.s3]\nregion = 'r'\nbucket = 'photos'\n");
        let in_file = Flags { config: Some(path), ..Flags::default() };
        let error = resolve(in_file, &[]).expect_err("no bucket");
        assert!(error.to_string().contains("--features s3"), "{error}");
    }

    #[test]
    fn a_flag_goes_before_a_variable_and_a_variable_before_the_file() {
        let (_directory, path) = file("listen = '127.0.0.1:1'\ndata = 'd'\n");
        let in_file = Flags { config: Some(path.clone()), ..Flags::default() };
        let port = |config: Config| config.listen.get().port();
        assert_eq!(port(resolve(in_file.clone(), &[]).expect("file")), 1);
        let variables = [(LISTEN, "127.0.0.1:2")];
        assert_eq!(port(resolve(in_file.clone(), &variables).expect("variable")), 2);
        let flags = Flags { listen: Some("127.0.0.1:3".into()), ..in_file.clone() };
        assert_eq!(port(resolve(flags, &variables).expect("flag")), 3);
        let by_variable = [(CONFIG, path.to_str().expect("text"))];
        assert_eq!(port(resolve(Flags::default(), &by_variable).expect("file")), 1);
    }

    #[test]
    fn logs_are_told_how_much_and_how_to_say_it_by_flag_variable_or_file() {
        let (_directory, path) =
            file("log = 'warn'\nlog_format = 'json'\notlp_endpoint = 'http://127.0.0.1:1'\n");
        let in_file = Flags { config: Some(path), ..Flags::default() };
        let by_file = resolve(in_file.clone(), &[]).expect("file").log;
        assert_eq!((by_file.filter.as_deref(), by_file.format), (Some("warn"), LogFormat::Json));
        assert_eq!(by_file.otlp_endpoint.as_deref(), Some("http://127.0.0.1:1"));
        let variables = [(LOG, "debug"), (LOG_FORMAT, "text"), (OTLP_ENDPOINT, "http://[::1]:2")];
        let by_variable = resolve(in_file.clone(), &variables).expect("variables").log;
        assert_eq!(
            (by_variable.filter.as_deref(), by_variable.format),
            (Some("debug"), LogFormat::Text)
        );
        assert_eq!(by_variable.otlp_endpoint.as_deref(), Some("http://[::1]:2"));
        let flags = Flags { log: Some("error".into()), log_format: Some("json".into()), ..in_file };
        let by_flag = resolve(flags, &variables).expect("flags").log;
        assert_eq!((by_flag.filter.as_deref(), by_flag.format), (Some("error"), LogFormat::Json));
        for (wrong, said) in [
            ([(LOG, "gateway=loud"), (LOG_FORMAT, "")], "PAIDAN_LOG is `gateway=loud`"),
            ([(LOG, ""), (LOG_FORMAT, "xml")], "PAIDAN_LOG_FORMAT is `xml`"),
        ] {
            let error = resolve(Flags::default(), &wrong).expect_err(said);
            assert!(error.to_string().starts_with(said), "{error}");
        }
    }

    #[test]
    fn the_disk_reserve_is_told_by_flag_variable_or_file_and_has_a_default() {
        let (_directory, path) = file("disk_reserve_bytes = 1\n");
        let in_file = Flags { config: Some(path), ..Flags::default() };
        let bytes = |flags: &Flags, variables: &[(&str, &str)]| {
            resolve(flags.clone(), variables).expect("a configuration").disk_reserve.bytes
        };
        assert_eq!(bytes(&Flags::default(), &[]), 256 * 1024 * 1024);
        assert_eq!(bytes(&in_file, &[]), 1);
        assert_eq!(bytes(&in_file, &[(DISK_RESERVE_BYTES, "2")]), 2);
        let by_flag = Flags { disk_reserve_bytes: Some(0), ..in_file };
        assert_eq!(bytes(&by_flag, &[(DISK_RESERVE_BYTES, "2")]), 0);
        let wrong =
            resolve(Flags::default(), &[(DISK_RESERVE_BYTES, "1G")]).expect_err("no number");
        assert!(wrong.to_string().starts_with("PAIDAN_DISK_RESERVE_BYTES is `1G`"), "{wrong}");
    }

    #[test]
    fn paths_in_the_file_are_relative_to_the_file() {
        let (directory, path) = file("data = 'd'\nmaster_key_file = 'k/master.key'\n");
        let flags = Flags { config: Some(path), ..Flags::default() };
        let config = resolve(flags, &[]).expect("a configuration");
        assert_eq!(config.data, directory.path().join("d"));
        let key = directory.path().join("k/master.key");
        assert_eq!(config.master_key, MasterKeySource::File(key));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_the_keys_that_exist() {
        let (_directory, path) = file("data = 'd'\nlisten_on = '127.0.0.1:1'\n");
        let flags = Flags { config: Some(path), ..Flags::default() };
        let error = resolve(flags, &[]).expect_err("an unknown key");
        let ConfigError::Syntax { source, .. } = error else { panic!("{error:?}") };
        let said = source.to_string();
        for part in ["line 2", "listen_on", "`listen`"] {
            assert!(said.contains(part), "{part} in {said}");
        }
    }

    #[test]
    fn an_address_that_others_can_reach_is_refused_with_the_reason() {
        for given in ["0.0.0.0:7800", "[::]:7800", "192.168.1.5:80", "[::ffff:10.0.0.1]:80"] {
            let error = resolve(listen(given), &[]).expect_err(given);
            assert!(matches!(error, ConfigError::NotLoopback { .. }), "{error:?}");
            assert!(error.to_string().contains("no accounts yet"), "{error}");
        }
        let error = resolve(Flags::default(), &[(LISTEN, "0.0.0.0:1")]).expect_err("reachable");
        assert!(error.to_string().starts_with("PAIDAN_LISTEN is `0.0.0.0:1`"), "{error}");
    }

    #[test]
    fn every_loopback_address_can_be_listened_on() {
        for given in ["127.0.0.1:0", "127.8.8.8:80", "[::1]:80", "localhost:7800"] {
            assert!(resolve(listen(given), &[]).is_ok(), "{given}");
        }
    }

    #[test]
    fn what_is_no_address_is_answered_with_one() {
        for given in ["7800", "127.0.0.1", "localhost", "example.org:80", "localhost:x"] {
            let error = resolve(listen(given), &[]).expect_err(given);
            assert!(matches!(error, ConfigError::Address { .. }), "{error:?}");
        }
    }

    #[test]
    fn a_master_key_is_never_shown() {
        let config = resolve(Flags::default(), &[(MASTER_KEY, "c0ffee")]).expect("a config");
        assert!(!format!("{config:?}").contains("c0ffee"));
        assert_eq!(config.master_key, MasterKeySource::Given(Secret("c0ffee".into())));
    }

    #[test]
    fn a_key_file_by_flag_goes_before_a_key_by_variable_and_that_before_a_file_by_variable() {
        let variables = [(MASTER_KEY, "c0ffee"), (MASTER_KEY_FILE, "/v")];
        let flags = Flags { master_key_file: Some("/f".into()), ..Flags::default() };
        let by_flag = resolve(flags, &variables).expect("a config").master_key;
        assert_eq!(by_flag, MasterKeySource::File("/f".into()));
        let by_variable = resolve(Flags::default(), &variables).expect("a config").master_key;
        assert!(matches!(by_variable, MasterKeySource::Given(_)));
        let by_file = resolve(Flags::default(), &variables[1..]).expect("a config").master_key;
        assert_eq!(by_file, MasterKeySource::File("/v".into()));
    }

    #[test]
    fn an_unknown_variable_is_warned_of_and_an_empty_one_is_none() {
        let variables = [("PAIDAN_LISTNE", "x"), (DATA, ""), ("OTHER", "x")];
        let config = resolve(Flags::default(), &variables).expect("a configuration");
        assert_eq!(config.unknown_variables, ["PAIDAN_LISTNE"]);
        assert_eq!(config.data, Path::new("./data"));
    }
}

//! What the command line answers, and how it ends.

use std::path::PathBuf;
use std::process::{Command, Output};

use clap::Parser;
use paidan::cli::{Cli, run};

const MAPPING: &str = r#"
    source = "desk"
    [columns]
    case = "工单"
    state = "状态"
    time = "时间"
    [time]
    formats = ["%Y-%m-%d %H:%M"]
    zone = "Asia/Shanghai"
    [states]
    "待处理" = "open"
    "处理中" = "started"
    "完工" = "resolved"
"#;

const ROWS: &str = "工单,状态,时间\n\
    甲-1,待处理,2026-03-01 08:00\n\
    甲-1,处理中,2026-03-01 08:30\n\
    乙-2,完工,昨天\n\
    乙-2,挂起,2026-03-01 09:00\n";

/// A directory with a table and its mapping.
struct Files {
    directory: tempfile::TempDir,
}

impl Files {
    fn new(mapping: &str, rows: &str) -> Self {
        let files = Self { directory: tempfile::tempdir().expect("a directory") };
        std::fs::write(files.path("map.toml"), mapping).expect("written");
        std::fs::write(files.path("rows.csv"), rows).expect("written");
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn import(&self, more: &[&str]) -> (Vec<String>, PathBuf) {
        let rows = self.path("rows.csv").display().to_string();
        let mapping = self.path("map.toml").display().to_string();
        let mut words: Vec<String> =
            ["import", "history", &rows, "--mapping", &mapping].map(str::to_owned).into();
        words.extend(more.iter().map(|word| (*word).to_owned()));
        (words, self.directory.path().to_path_buf())
    }

    fn answer(&self, more: &[&str]) -> String {
        let (words, _) = self.import(more);
        let cli = Cli::try_parse_from(std::iter::once("paidan".to_owned()).chain(words))
            .expect("understood");
        let mut out = Vec::new();
        run(cli, [], &mut out).expect("done");
        String::from_utf8(out).expect("text")
    }

    fn program(&self, more: &[&str]) -> Output {
        let (words, directory) = self.import(more);
        program(&directory, &words)
    }
}

fn program<W: AsRef<std::ffi::OsStr>>(directory: &std::path::Path, words: &[W]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_paidan"))
        .args(words)
        .current_dir(directory)
        .env_clear()
        .output()
        .expect("the program starts")
}

#[test]
fn a_dry_run_prints_the_counts_and_what_was_left_out() {
    let answer = Files::new(MAPPING, ROWS).answer(&["--dry-run"]);
    let (tables, end) = answer.split_once("\ndry run of desk in ").expect("an end");
    assert!(end.ends_with("nothing was recorded\n"), "{end}");
    assert_eq!(
        tables,
        "\
what               count
rows                   4
rows left out          1
cases                  2
cases closed           0
opened                 2
assigned               0
reassigned             0
started                1
held                   0
resolved               0
closed                 0
reopened               0
attachments named      0
steps                  3

left out: 1 (bad_time 1)
line  case  why
   4  乙-2  its time \"昨天\" is in none of the formats of the mapping

used, but odd: 1 (unknown_state 1)
line  case  why
   5  乙-2  the state \"挂起\" is not in `states` of the mapping
"
    );
}

#[test]
fn the_same_as_json_for_programs() {
    let answer = Files::new(MAPPING, ROWS).answer(&["--dry-run", "--json", "--list", "0"]);
    let mut report: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    let fields = report.as_object_mut().expect("an object");
    assert!(fields.remove("elapsed_ms").is_some_and(|value| value.is_u64()));
    assert!(fields.remove("rows_per_s").is_some_and(|value| value.is_u64()));
    assert_eq!(
        report,
        serde_json::json!({
            "source": "desk",
            "dry_run": true,
            "rows": 4,
            "cases": 2,
            "cases_closed": 0,
            "steps": {
                "opened": 2, "assigned": 0, "reassigned": 0, "started": 1, "held": 0,
                "resolved": 0, "closed": 0, "reopened": 0, "attachments_named": 0,
            },
            "commands": {
                "sent": 3, "new": 0, "already_there": 0, "conflicting": 0, "refused": 0,
            },
            "skipped": { "total": 1, "by_kind": { "bad_time": 1 }, "first": [] },
            "noticed": { "total": 1, "by_kind": { "unknown_state": 1 }, "first": [] },
            "refused": { "total": 0, "by_kind": {}, "first": [] },
        })
    );
}

#[test]
fn a_failure_prints_its_whole_chain_and_ends_with_1() {
    let output =
        Files::new(&MAPPING.replace("\"状态\"", "\"state\""), ROWS).program(&["--dry-run"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).expect("text");
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].starts_with("error: could not import "), "{said}");
    assert_eq!(lines[1], "  because: the mapping cannot be used for this file");
    assert_eq!(
        lines[2],
        "  because: the columns of the mapping do not fit the file: `state` (columns.state) is not \
         there; the file has: 工单, 状态, 时间"
    );
}

#[test]
fn a_command_line_that_is_not_understood_ends_with_2() {
    let directory = tempfile::tempdir().expect("a directory");
    for words in [vec![], vec!["serv"], vec!["ticket", "history", "tk_1"], vec!["serve", "--port"]]
    {
        let output = program(directory.path(), &words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
    }
}

#[test]
fn an_address_that_others_can_reach_is_refused_before_anything_is_made() {
    let directory = tempfile::tempdir().expect("a directory");
    let output = program(directory.path(), &["serve", "--listen", "0.0.0.0:7800"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(said.contains("--listen is `0.0.0.0:7800`"), "{said}");
    assert!(said.contains("no accounts yet"), "{said}");
    assert_eq!(directory.path().read_dir().expect("readable").count(), 0);
}

#[test]
fn a_dry_run_makes_no_data_directory() {
    let files = Files::new(MAPPING, ROWS);
    let output = files.program(&["--dry-run"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(!files.path("data").exists());
}

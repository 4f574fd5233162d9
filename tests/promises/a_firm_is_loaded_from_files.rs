//! A firm's directory is loaded from files, on the command line or over HTTP, with one result.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};

use crate::client::Client;
use crate::running::{Process, paidan};

/// In the order in which they can be sent one by one.
const SHEETS: [&str; 5] = ["areas", "outlets", "engineers", "customers", "devices"];

fn file(sheet: &str) -> PathBuf {
    let firm = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples/firm");
    firm.join(format!("{sheet}.csv"))
}

fn by_command_line(data: &Path, more: &[&str]) -> Value {
    let files: Vec<_> = SHEETS.iter().map(|sheet| file(sheet).display().to_string()).collect();
    let words: Vec<_> = ["import", "directory", "--json"]
        .into_iter()
        .chain(files.iter().map(String::as_str))
        .chain(more.iter().copied())
        .collect();
    let Output { status, stdout, stderr } = paidan(data, &words).output().expect("paidan runs");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    serde_json::from_slice(&stdout).expect("a report")
}

fn by_http(client: &Client, sheet: &str) -> Value {
    let csv = std::fs::read(file(sheet)).expect("an example");
    let path = format!("/api/v1/directory/{sheet}");
    let answer = client.send("POST", &path, &[("Content-Type", "text/csv")], Some(&csv));
    answer.expect("an answer").expect(200).body
}

/// What became of which entry, wherever it stood.
fn changes<'r>(reports: impl IntoIterator<Item = &'r Value>) -> Vec<Value> {
    let changes =
        reports.into_iter().flat_map(|report| report["changes"].as_array().expect("a list"));
    changes
        .map(|change| {
            json!([
                change["sheet"],
                change["code"],
                change["id"],
                change["outcome"],
                change["line"]
            ])
        })
        .collect()
}

#[test]
fn the_command_line_and_http_load_the_same_files_alike_and_each_finds_nothing_left_to_do() {
    let (one, other) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("another"));
    let served = [Process::start(one.path()), Process::start(other.path())];
    let clients = [served[0].client(), served[1].client()];
    let said = by_command_line(one.path(), &[]);
    let answered = SHEETS.map(|sheet| by_http(&clients[1], sheet));
    assert_eq!(changes([&said]), changes(&answered));
    assert_eq!(changes([&said]).len(), 43);
    for path in
        ["areas/HD", "outlets/PD", "outlets/SZ", "engineers/E05", "customers/C08", "devices/D009"]
    {
        let [one, other] = [&clients[0], &clients[1]]
            .map(|client| client.get(&format!("/api/v1/{path}")).expect(200).body["entry"].clone());
        assert_eq!(one, other, "{path}");
        assert!(one["code"].is_string(), "{one}");
    }
    // The other way round there is nothing left to do.
    assert_eq!(by_command_line(other.path(), &[])["recorded"], 0);
    assert!(SHEETS.iter().all(|sheet| by_http(&clients[0], sheet)["recorded"] == 0));
}

#[test]
fn a_firm_that_was_loaded_at_rest_is_read_over_http() {
    let data = tempfile::tempdir().expect("a directory");
    by_command_line(data.path(), &[]);
    let server = Process::start(data.path());
    let client = server.client();
    let read =
        |path: &str| client.get(&format!("/api/v1/{path}")).expect(200).body["entry"].clone();
    let customer = read("customers/C08");
    assert_eq!(
        customer["contacts"],
        json!([
            {"name": "罗工", "phone": "13900000011", "roles": ["reports"]},
            {"name": "梁主管", "phone": "13900000012", "roles": ["on_site"]},
            {"name": "宋经理", "phone": "13900000013", "roles": ["confirms"]}
        ])
    );
    let outlet = read("outlets/SZ");
    assert_eq!(outlet["hours"]["weekly"], "Mon-Fri 08:30-17:30");
    assert_eq!(outlet["hours"]["exceptions"].as_array().map(Vec::len), Some(7));
    let area = read("areas/HB");
    assert_eq!(area["staff"][2]["name"], "林静");
    assert_eq!(read("engineers/E08")["retired"], true);
    let device = read("devices/D013");
    assert_eq!(device["skills"], json!(["立加", "数控系统"]));
    assert_eq!(device["warranty_until"], "2027-10-31T16:00:00Z");
}

//! Attachments on the command line: audited, followed, collected, backed up and brought back.

mod support;

use std::fs;
use std::path::PathBuf;

use attachments::hash_text;
use domain::attachment::{
    Claims, MediaFacts, NewAttachment, Standing, UploadFacts, UploadVia, Vouched,
};
use domain::ticket::Create;
use domain::{Actor, Command, CommandId, ContentHash, Issuer, Party, TicketId, Timestamp};
use engine::Submission;
use eventlog::SystemClock;
use paidan::control::{Purpose, open};
use support::{Place, chain};

const TICKET: TicketId = TicketId::from_u128(7);

fn hash(bytes: &[u8]) -> ContentHash {
    ContentHash(*blake3::hash(bytes).as_bytes())
}

fn file(place: &Place, data: &str, bytes: &[u8]) -> PathBuf {
    let text = hash_text(hash(bytes));
    place.path(data).join("attachments").join(&text[..2]).join(&text[2..4]).join(text)
}

fn put(place: &Place, bytes: &[u8]) {
    let path = file(place, "data", bytes);
    fs::create_dir_all(path.parent().expect("in the store")).expect("made");
    fs::write(path, bytes).expect("written");
}

/// A ticket with these attachments, whose bytes are there.
fn with(photos: &[&[u8]]) -> Place {
    let place = Place::new();
    let config = place.config();
    let opened = open(&config, Purpose::Record, std::sync::Arc::new(SystemClock)).expect("opens");
    let attachments = photos.iter().map(|bytes| {
        put(&place, bytes);
        let upload = UploadFacts {
            by: Party::Anonymous,
            via: UploadVia::Tus,
            begun_at: Timestamp::from_seconds(1),
            finished_at: Timestamp::from_seconds(2),
        };
        let vouched = Vouched {
            upload,
            media: MediaFacts::default(),
            claims: Claims::default(),
            standing: Standing::Clear,
        };
        NewAttachment {
            hash: hash(bytes),
            bytes: bytes.len() as u64,
            media_type: "image/jpeg".into(),
            name: "现场.jpg".into(),
            vouched: Some(vouched),
        }
    });
    let create = Create { attachments: attachments.collect(), ..Create::default() };
    let id = CommandId { issuer: Issuer::Client("test".into()), key: "1".into() };
    let command = Command::Ticket(TICKET, create.into());
    let submission = Submission::live(id, command, Actor::claimed(Party::Anonymous));
    opened.parts.engine.begin(submission).and_then(engine::Pending::wait).expect("recorded");
    place
}

#[test]
fn an_audit_says_that_nothing_is_lost_at_rest_and_served_alike() {
    let place = with(&[b"one", b"two"]);
    let words = ["audit", "attachments", "--deep", "--handovers"];
    let at_rest = place.answer(&words);
    assert!(at_rest.contains("nothing is lost; every byte was hashed"), "{at_rest}");
    let chinese = place.answer(&[&words[..], &["--lang", "zh"]].concat());
    assert!(chinese.contains("没有丢失"), "{chinese}");
    let server = place.serve();
    assert_eq!(place.answer(&words), at_rest);
    let said = place.answer(&["audit", "attachments", "--record"]);
    assert!(said.contains("recorded at position"), "{said}");
    server.stop();
    assert!(place.answer(&["log", "tail", "--json"]).contains("AttachmentsAudited"));
}

#[test]
fn a_loss_ends_with_three_and_is_named_in_every_form() {
    let place = with(&[b"one", b"two", b"three"]);
    fs::remove_file(file(&place, "data", b"one")).expect("removed");
    fs::write(file(&place, "data", b"two"), "tw").expect("written");
    fs::write(place.path("data").join("attachments/=1+1.txt"), "x").expect("written");
    let (result, said) = place.run_with_output(&["audit", "attachments"]);
    let error = result.expect_err("something is lost");
    assert_eq!(error.exit_code(), 3, "{}", chain(&error));
    assert!(said.contains("LOST: 1 missing, 1 damaged"), "{said}");
    assert!(said.contains(&hash(b"one").to_string()), "{said}");
    let (_, csv) = place.run_with_output(&["audit", "attachments", "--csv"]);
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines.len(), 5, "{csv}");
    assert!(csv.contains("stranger,,'=1+1.txt"), "{csv}");
    let (_, json) = place.run_with_output(&["audit", "attachments", "--json"]);
    let lines: Vec<serde_json::Value> =
        json.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[4]["report"]["totals"]["missing"], 1);
    let page = place.path("page").display().to_string();
    let (_, _) = place.run_with_output(&["audit", "attachments", "--html", &page]);
    let html = fs::read_to_string(page).expect("written");
    assert!(html.contains("附件审计") && html.contains("Audit of attachments"));
    assert!(!html.contains("<script") && !html.contains("http://"), "{html}");
    let (result, _) = place.run_with_output(&["audit", "attachments", "--as-of", "999999"]);
    assert_eq!(result.expect_err("after the head").exit_code(), 1);
}

#[test]
fn the_custody_of_an_attachment_is_told_in_both_languages() {
    let place = with(&[b"one"]);
    let hash = hash(b"one").to_string();
    let said = place.answer(&["audit", "custody", &hash]);
    assert!(said.contains("names it; sent by") && said.contains("(tus)"), "{said}");
    // The firm's clock, in which all of it is told.
    assert!(said.contains("recorded (Asia/Shanghai)"), "{said}");
    assert!(said.contains("from 1970-01-01 08:00:01"), "{said}");
    let said = place.answer(&["audit", "custody", &hash, "--lang", "zh"]);
    assert!(said.contains("引用；由"), "{said}");
    assert_eq!(place.json(&["audit", "custody", &hash])["steps"][0]["what"], "linked");
    let said = place.complaint(&["audit", "custody", &"0".repeat(64)]);
    assert!(said.contains("no event names"), "{said}");
}

#[test]
fn what_no_event_names_is_collected_after_it_was_told() {
    let place = with(&[b"one"]);
    put(&place, b"orphan");
    let said = place.answer(&["attachments", "gc"]);
    assert!(said.contains("removed 0"), "{said}");
    let words = ["attachments", "gc", "--older-than", "0s"];
    let said = place.answer(&[&words[..], &["--dry-run"]].concat());
    assert!(
        said.contains("would remove 1") && said.contains(&hash(b"orphan").to_string()),
        "{said}"
    );
    assert!(file(&place, "data", b"orphan").exists());
    assert_eq!(place.json(&words)["orphans"], 1);
    assert!(!file(&place, "data", b"orphan").exists());
    assert!(file(&place, "data", b"one").exists());
}

#[test]
fn a_backup_takes_attachments_along_names_what_is_lost_and_brings_them_back() {
    let place = with(&[b"one", b"two"]);
    fs::remove_file(file(&place, "data", b"two")).expect("removed");
    let backup = place.path("backup").display().to_string();
    let said = place.answer(&["log", "backup", &backup]);
    assert!(said.contains("attachments in it: 1; copied now: 1"), "{said}");
    assert!(said.contains(&hash(b"two").to_string()), "{said}");
    assert_eq!(place.json(&["log", "backup", &backup])["attachments"]["copied"], 0);
    let (new, key) =
        (place.path("new").display().to_string(), place.data().join("keys/master.key"));
    let key = key.display().to_string();
    let words = ["log", "restore", &backup, "--data", &new, "--master-key-file", &key];
    let said = place.answer(&words);
    assert!(said.contains("attachments brought back: 1 of 2"), "{said}");
    assert_eq!(fs::read(file(&place, "new", b"one")).expect("is back"), b"one");
}

#[test]
fn files_that_an_imported_history_names_are_listed_as_never_arrived() {
    let place = Place::new();
    let history = "case,state,at,photos\n\
                   A,New,2026-03-01 08:00,铭牌.jpg;=1+1.jpg\n\
                   A,Done,2026-03-01 09:00,铭牌.jpg\n";
    let mapping = "source = \"desk\"\n\
                   [columns]\ncase = \"case\"\nstate = \"state\"\ntime = \"at\"\n\
                   attachments = [\"photos\"]\n\
                   [time]\nformats = [\"%Y-%m-%d %H:%M\"]\nzone = \"UTC\"\n\
                   [states]\nNew = \"open\"\nDone = \"closed\"\n";
    fs::write(place.path("history.csv"), history).expect("written");
    fs::write(place.path("mapping.toml"), mapping).expect("written");
    let path = |name: &str| place.path(name).display().to_string();
    let words = ["import", "history", &path("history.csv"), "--mapping", &path("mapping.toml")];
    assert_eq!(place.json(&words)["steps"]["attachments_named"], 1);
    assert_eq!(place.json(&words)["commands"]["already_there"], 3);
    let said = place.answer(&["audit", "attachments"]);
    assert!(said.contains("never arrived") && said.contains("铭牌.jpg"), "{said}");
    assert!(said.contains("nothing is lost"), "{said}");
    let csv = place.answer(&["audit", "attachments", "--csv"]);
    assert!(csv.contains("never_arrived,,'=1+1.jpg,"), "{csv}");
    let (_, json) = place.run_with_output(&["audit", "attachments", "--json"]);
    let lines: Vec<serde_json::Value> =
        json.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(
        (&lines[0]["class"], &lines[0]["name"]),
        (&"never_arrived".into(), &"铭牌.jpg".into())
    );
    assert_eq!(lines[2]["report"]["totals"]["never_arrived"], 2);
}

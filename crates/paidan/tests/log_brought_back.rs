//! The log on the command line: taken out, brought back, salvaged, in both languages.

mod support;

use std::fs;

use support::{Place, STEPS};

/// A path of the place that need not exist yet.
fn at(place: &Place, name: &str) -> String {
    place.path(name).display().to_string()
}

#[test]
fn an_export_is_imported_by_one_command_and_the_answer_is_in_words() {
    let place = Place::imported();
    let (file, new) = (at(&place, "log.part"), at(&place, "new"));
    let said = place.answer(&["log", "export", &file]);
    assert!(said.contains("positions 1 to 7 of log"), "{said}");
    assert!(said.contains("without keys"), "{said}");
    let with_keys = at(&place, "keys.part");
    let said = place.answer(&["log", "export", &with_keys, "--with-keys", "--lang", "zh"]);
    assert!(said.contains("的位置 1 到 7 已写入"), "{said}");
    assert!(said.contains("由主密钥加密"), "{said}");
    let said = place.complaint(&["log", "export", &file]);
    assert!(said.contains("is there already"), "{said}");

    let stat = place.json(&["log", "stat"]);
    let said = place.complaint(&["log", "import", &with_keys, "--data", &new]);
    assert!(said.contains("--master-key-file"), "{said}");
    let key = at(&place, "data/keys/master.key");
    let words = ["log", "import", &with_keys, "--data", &new, "--master-key-file", &key];
    let done = place.json(&words);
    assert_eq!((&done["kept"], &done["kept_chain"]), (&stat["position"], &stat["chain"]));
    assert_eq!(done["log"]["epoch"], 2);
    let said = place.complaint(&words);
    assert!(said.contains("holds a log already"), "{said}");
    let reads = ["--data", &new, "--master-key-file", &key];
    let history = |words: &[&str]| place.answer(&[&["log", "tail"], words].concat());
    assert!(history(&reads).contains("冲床停了"));
    // Without keys and with a key of its own: everything but what was sealed.
    let bare = at(&place, "bare");
    let said = place.answer(&["log", "import", &file, "--data", &bare, "--lang", "zh"]);
    assert!(said.contains("显示为已抹除"), "{said}");
    assert!(!history(&["--data", &bare]).contains("冲床停了"));
    assert_eq!(place.json(&["log", "verify", "--data", &bare])["events"], STEPS + 2);
}

#[test]
fn a_damaged_export_is_refused_with_its_file_offset_and_position() {
    let place = Place::imported();
    let (file, new) = (at(&place, "log.part"), at(&place, "new"));
    place.answer(&["log", "export", &file]);
    let good = fs::read(&file).expect("reads");
    fs::write(&file, &good[..good.len() - 100]).expect("written");
    let said = place.complaint(&["log", "import", &file, "--data", &new]);
    assert!(said.contains("is damaged at byte 144, where position 1 comes next"), "{said}");
    assert!(said.contains(&file), "{said}");
    let said = place.complaint(&["log", "import", "map.toml", "--data", &new]);
    assert!(said.contains("is no export of a log"), "{said}");
}

#[test]
fn a_backup_says_that_its_master_key_is_elsewhere_and_comes_back() {
    let place = Place::imported();
    let (backup, new) = (at(&place, "backup"), at(&place, "new"));
    let said = place.answer(&["log", "backup", &backup]);
    assert!(said.contains("7 events were added"), "{said}");
    let key = at(&place, "data/keys/master.key");
    assert!(said.contains(&key), "{said}");
    let said = place.answer(&["log", "backup", &backup, "--lang", "zh"]);
    assert!(said.contains("没有新事件"), "{said}");
    let ring = at(&place, "data/keys/ring");
    let words = ["log", "restore", &backup, "--data", &new, "--master-key-file", &key];
    let said = place.answer(&[&words[..], &["--newer-ring", &ring]].concat());
    assert!(said.contains("0 keys that were destroyed since stayed destroyed"), "{said}");
    assert!(said.contains("opens epoch 2"), "{said}");
    let third = at(&place, "third");
    let words = ["log", "restore", &backup, "--data", &third, "--master-key-file", &key];
    let said = place.answer(&[&words[..], &["--lang", "zh"]].concat());
    assert!(said.contains("开启纪元 3") && said.contains("请重新抹除"), "{said}");
    let before = place.answer(&["projection", "dump", "open_tickets"]);
    let after = place.answer(&[
        "projection",
        "dump",
        "open_tickets",
        "--data",
        &new,
        "--master-key-file",
        &key,
    ]);
    let rows = |dump: &str| dump.split_once('\n').expect("a header").1.to_owned();
    assert_eq!(rows(&before), rows(&after));
}

#[test]
fn a_salvage_says_what_is_missing_in_both_languages_and_as_json() {
    let place = Place::imported();
    let db = place.data().join("log/db");
    let mut bytes = fs::read(&db).expect("reads");
    // Every copy of the frame that holds position 5.
    let frames: Vec<_> =
        (0..bytes.len() - 104).filter(|at| bytes[*at..].starts_with(b"PDF\x01")).collect();
    let first = |at: &usize| u64::from(bytes[*at + 8]);
    let holding = frames.iter().map(first).filter(|first| *first <= 5).max().expect("a frame");
    let spoiled: Vec<_> = frames.iter().filter(|at| first(at) == holding).copied().collect();
    spoiled.into_iter().for_each(|at| bytes[at + 150] ^= 1);
    fs::write(&db, bytes).expect("written");
    let new = at(&place, "new");
    let found = place.json(&["log", "salvage", &new]);
    assert_eq!((&found["complete"], &found["kept"]), (&false.into(), &(holding - 1).into()));
    assert_eq!(found["lost"]["from"], holding);
    assert_eq!(found["lost"]["until"], STEPS + 1);
    assert_eq!(found["lost"]["count"], STEPS + 2 - holding);
    assert_eq!(found["witness"]["durable"], STEPS + 1);
    assert_eq!(place.json(&["log", "verify", "--data", &new])["events"], holding);
    let (english, chinese) = (at(&place, "english"), at(&place, "chinese"));
    let said = place.answer(&["log", "salvage", &english]);
    assert!(said.contains(&format!("LOST: positions {holding} to {}", STEPS + 1)), "{said}");
    assert!(said.contains("was not touched"), "{said}");
    let said = place.answer(&["log", "salvage", &chinese, "--lang", "zh"]);
    assert!(said.contains(&format!("丢失：位置 {holding} 到 {}", STEPS + 1)), "{said}");
    let said = place.complaint(&["log", "salvage", &at(&place, "data/inside")]);
    assert!(said.contains("lies in the damaged directory"), "{said}");
}

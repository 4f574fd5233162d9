//! A firm's rules as a file: shown, checked, compared and published.

mod support;

use std::path::Path;

use domain::rules::Rules;
use serde_json::{Value, json};
use support::{Place, chain};

/// The shipped rules in a file of a place, each text replaced by its other.
fn edited(place: &Place, name: &str, changes: &[(&str, &str)]) {
    let mut text = place.answer(&["rules", "show", "--version", "0"]);
    for (before, after) in changes {
        assert!(text.contains(before), "{before}: {text}");
        text = text.replacen(before, after, 1);
    }
    place.write(name, text.as_bytes());
}

const FASTER: &[(&str, &str)] = &[("within = \"30m\"", "within = \"20m\"")];

#[test]
fn the_example_is_what_the_shipped_set_shows() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/rules.toml");
    let shown = Place::new().answer(&["rules", "show", "--version", "0", "--toml"]);
    let kept = std::fs::read_to_string(&example).expect("the example");
    assert_eq!(
        kept, shown,
        "write it anew: paidan rules show --version 0 --lang en > docs/examples/rules.toml"
    );
}

#[test]
fn the_page_about_rules_names_every_field() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let page = std::fs::read_to_string(page).expect("the page");
    for field in Rules::fields() {
        let (table, name) = field.path.rsplit_once('.').unwrap_or(("", field.path));
        let named = page.contains(&format!("`{name}`"));
        assert!(
            named && page.contains(&format!("`[{table}]`").replace("`[]`", "")),
            "{}",
            field.path
        );
    }
}

#[test]
fn what_was_shown_can_be_changed_checked_and_published_at_rest_and_through_a_server() {
    let (at_rest, served) = (Place::new(), Place::new());
    let _server = served.serve();
    let head = |place: &Place| place.json(&["log", "stat"])["position"].as_u64();
    for place in [&at_rest, &served] {
        edited(place, "rules.toml", FASTER);
        let fine = place.answer(&["rules", "check", "rules.toml"]);
        assert!(fine.ends_with("rules.toml: the rules can take effect\n"), "{fine}");
        let published = place.answer(&["rules", "publish", "rules.toml"]);
        let from = head(place).expect("a position");
        assert_eq!(
            published,
            format!(
                "field          shipped  version 1\n\
                 accept.within  \"30m\"    \"20m\"\n\
                 \n\
                 Version 1 of the rules holds from position {from} on\n\
                 Timers that run keep the rules that they were started under.\n"
            )
        );
        let shown = place.json(&["rules", "show"]);
        assert_eq!(
            (&shown["rule_set"], &shown["rules"]["accept"]["within"], &shown["holds_from"]),
            (&json!(1), &json!("20m"), &json!(from))
        );
        let again = place.answer(&["rules", "publish", "rules.toml"]);
        assert_eq!(again, format!("These rules hold already: version 1, since position {from}\n"));
        assert_eq!(head(place), Some(from));
        // What is shown now is the same set, and an older one stays to be had.
        place.write("now.toml", place.answer(&["rules", "show"]).as_bytes());
        assert_eq!(
            place.json(&["rules", "publish", "now.toml"]),
            json!({"version": 1, "holds_from": from, "changes": []})
        );
        edited(place, "shipped.toml", &[]);
        let back = place.json(&["rules", "publish", "shipped.toml"]);
        assert_eq!(
            (&back["version"], &back["changes"]),
            (&json!(2), &json!([{"field": "accept.within", "from": "20m", "to": "30m"}]))
        );
        let first = place.answer(&["rules", "show", "--version", "1"]);
        assert!(first.starts_with("# The rules of the firm, version 1.\n"), "{first}");
        assert!(first.contains("\nwithin = \"20m\"\n"), "{first}");
    }
}

#[test]
fn the_shipped_rules_hold_already_in_a_new_directory() {
    let place = Place::new();
    edited(&place, "rules.toml", &[]);
    let said = place.answer(&["rules", "publish", "rules.toml"]);
    assert_eq!(said, "These rules hold already: they are the shipped ones\n");
}

#[test]
fn a_check_needs_no_directory_and_tells_every_problem_where_it_stands() {
    let place = Place::new();
    place.write("rules.toml", b"[accept]\nwithin = \"40d\"\nurgent_witin = \"5m\"\n");
    let (failed, said) = place.run_with_output(&["rules", "check", "rules.toml"]);
    let failed = failed.expect_err("problems");
    assert_eq!(failed.exit_code(), 2);
    assert!(failed.to_string().contains("(2)"), "{failed}");
    let file = place.path("rules.toml").display().to_string();
    assert_eq!(
        said,
        format!(
            "{file}:2:10: `accept.within` is 40d; write a span from 1s to 31d\n\
             {file}:3:1: `accept.urgent_witin` is no field of the rules; write \
             `accept.urgent_within`, or take it out\n\
             2 problems\n"
        )
    );
    let (_, said) =
        place.run_with_output(&["rules", "check", "rules.toml", "--json", "--lang", "zh"]);
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(
        said["problems"][0],
        json!({
            "line": 2, "column": 10, "field": "accept.within",
            "problem": "`accept.within` 是 40d；请写 1s 至 31d 的时长",
        })
    );
    // The same file is neither published nor compared.
    for words in
        [&["rules", "publish", "rules.toml"][..], &["rules", "diff", "shipped", "rules.toml"]]
    {
        assert_eq!(place.run(words).expect_err("problems").exit_code(), 2, "{words:?}");
    }
    assert!(!place.data().exists());
}

#[test]
fn a_file_that_cannot_be_read_is_told_apart_from_one_with_problems() {
    let place = Place::new();
    place.write("large.toml", &vec![b'#'; (1 << 20) + 1]);
    place.write("gbk.toml", &[0xb9, 0xe6, 0xd4, 0xf2]);
    for (name, why) in
        [("nothing.toml", "No such file"), ("large.toml", "larger than"), ("gbk.toml", "UTF-8")]
    {
        let failed = place.run(&["rules", "check", name]).expect_err("not to be read");
        assert_eq!(failed.exit_code(), 1, "{name}");
        assert!(
            chain(&failed).contains(why) && chain(&failed).contains(name),
            "{}",
            chain(&failed)
        );
    }
}

#[test]
fn a_difference_is_told_between_any_two_sets_in_the_order_of_the_file() {
    let place = Place::new();
    edited(&place, "a.toml", FASTER);
    edited(
        &place,
        "b.toml",
        &[
            ("low_stars = 3", "low_stars = 2"),
            (
                "hours = \"09:00-12:00\" }]\nexceptions = []",
                "hours\nexceptions = [{date = 2026-10-01, hours = ''}]",
            ),
        ],
    );
    place.answer(&["rules", "publish", "a.toml"]);
    let differ = |words: &[&str]| {
        let words: Vec<_> = ["rules", "diff"].iter().chain(words).copied().collect();
        let (result, said) = place.run_with_output(&words);
        assert_eq!(result.expect_err("they differ").exit_code(), 1, "{words:?}");
        said
    };
    let file = place.path("b.toml").display().to_string();
    let said = differ(&["b.toml"]);
    assert_eq!(said, differ(&["current", "b.toml"]));
    let rows: Vec<Vec<_>> = said.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(
        rows,
        [
            vec!["field", "current", &file],
            vec!["hours.exceptions", "2026-10-01", "-", "\"\""],
            vec!["accept.within", "\"20m\"", "\"30m\""],
            vec!["board.low_stars", "3", "2"],
        ]
    );
    // Of holidays only those that are not the same.
    place.write(
        "c.toml",
        b"hours.exceptions = [{date = 2026-10-01, hours = ''}, {date = 2026-10-02, hours = ''}]",
    );
    let said = differ(&["b.toml", "c.toml"]);
    assert!(said.contains("2026-10-02") && !said.contains("2026-10-01"), "{said}");
    assert_eq!(differ(&[]), differ(&["shipped", "current"]));
    assert!(differ(&["0", "1"]).starts_with("field          shipped  version 1\n"));
    assert!(differ(&["0", "1", "--lang", "zh"]).starts_with("字段"));
    let json: Value = serde_json::from_str(&differ(&["1", "shipped", "--json"])).expect("JSON");
    let change = json!({"field": "accept.within", "from": "20m", "to": "30m"});
    assert_eq!(json, json!({"from": "1", "to": "shipped", "changes": [change]}));
    for same in [&["a.toml"][..], &["1"], &["a.toml", "1"], &["shipped", "0"]] {
        let words: Vec<_> = ["rules", "diff"].iter().chain(same).copied().collect();
        assert_eq!(place.answer(&words), "no difference\n", "{same:?}");
    }
    let nothing = place.run(&["rules", "diff", "7"]).expect_err("no such version");
    assert!(nothing.to_string().contains("the newest is 1"), "{nothing}");
}

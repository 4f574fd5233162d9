use super::{Problem, read, write};
use domain::rules::{RuleSet, RuleSetVersion, Rules};
use domain::{CivilDate, Span};
use words::Language;

/// What is wrong with a file, as people read it.
fn problems(text: &str) -> Vec<String> {
    let said = |Problem { place, wrong }: Problem| {
        format!("{}:{} {}", place.line, place.column, wrong.say(Language::English))
    };
    read(text).err().unwrap_or_default().into_iter().map(said).collect()
}

#[test]
fn a_file_that_says_nothing_is_the_shipped_rules() {
    assert_eq!(read("").expect("rules"), Rules::default());
}

#[test]
fn a_file_that_was_written_reads_back_as_the_same_rules() {
    let mut rules = Rules::default();
    rules.accept.within = Span::seconds(5_401);
    rules.close.remind_after = vec![];
    rules.freeze.enabled = false;
    rules.hours = serde_json::from_value(serde_json::json!({
        "zone": "Asia/Urumqi", "weekly": "Mon-Fri 08:00-18:00",
        "exceptions": [
            {"date": "2026-10-01", "hours": ""},
            {"date": "2026-10-10", "hours": "09:00-12:00"},
        ],
    }))
    .expect("hours");
    let set = RuleSet { version: RuleSetVersion::new(7), rules };
    for language in Language::ALL {
        let text = write(&set, language);
        assert!(text.contains("within = \"1h30m1s\""), "{text}");
        assert!(text.lines().next().is_some_and(|line| line.contains('7')), "{text}");
        assert_eq!(read(&text).expect("rules"), set.rules, "{text}");
    }
}

#[test]
fn every_problem_is_told_at_once_at_its_place() {
    let text = "\
zone = 'Beijing'
[hours]
weekly = \"Mon-Fri 8-18\"
[accept]
within = \"40d\"
withn = \"30m\"
urgent_within = 300
redispatches_max = -1
pause_outside_hours = \"yes\"
[close]
remind_after = [\"24h\", \"soon\", \"48h\"]
[boards]
red_after = \"2h\"
";
    assert_eq!(
        problems(text),
        [
            "1:8 `zone` is `Beijing`, which is not a time zone; write it like `Asia/Shanghai`",
            "3:10 `hours.weekly` is \"Mon-Fri 8-18\": `8-18` is not a window of hours; write it \
             like `08:00-12:00`, from 00:00 to 24:00",
            "5:10 `accept.within` is 40d; write a span from 1s to 31d",
            "6:1 `accept.withn` is no field of the rules; write `accept.within`, or take it out",
            "7:17 `accept.urgent_within` is 300; write what it holds: a span of time in days, \
             hours, minutes, seconds (\"1h30m\"), from 1s to 31d",
            "8:20 `accept.redispatches_max` is -1; write what it holds: a number from 0 to 10",
            "9:23 `accept.pause_outside_hours` is \"yes\"; write what it holds: true or false",
            "11:24 `close.remind_after` is \"soon\"; write what it holds: spans of time \
             ([\"24h\", \"48h\"]), at most 5, each from 1s to 366d",
            "12:2 `boards` is no field of the rules; write `board`, or take it out",
        ]
    );
}

#[test]
fn fields_in_the_wrong_place_are_told_with_the_right_one() {
    assert_eq!(
        problems("low_stars = 2\naccept = 3\n[colour]\nred = 1\nblue = 2"),
        [
            "1:1 `low_stars` is no field of the rules; write `board.low_stars`, or take it out",
            "2:10 `accept` is 3; it is a table: write [accept] and its fields below",
            "3:2 `colour` is no field of the rules; take it out",
        ]
    );
}

#[test]
fn a_field_that_does_not_fit_another_is_told_where_one_of_them_stands() {
    assert_eq!(
        problems("[work]\nhold_max = '1h'"),
        ["2:12 `work.hold_default` is 1d; write at most `work.hold_max`, which is 1h"]
    );
    // What the other field is to be is not known.
    let unknown = problems("[work]\nhold_default = '100d'\nhold_max = 'long'");
    assert!(unknown.len() == 1 && unknown[0].starts_with("3:12 `work.hold_max`"), "{unknown:?}");
}

#[test]
fn what_is_not_toml_is_told_once_and_the_rest_is_read_all_the_same() {
    let hint = "texts and spans stand in quotation marks (\"30m\"), each field on its own line";
    let file = "[accept]\nwithin = 40d\n[board]\nlow_stars = 9\nred_after = \"2h\n\
                flash_after = \"1h\"\n[board]";
    assert_eq!(
        problems(file),
        [
            &format!(
                "2:10 this is not TOML: string values must be quoted, expected literal \
                 string; {hint}"
            ),
            "4:13 `board.low_stars` is 9; write a number from 1 to 5",
            &format!("5:16 this is not TOML: invalid basic string, expected `\"`; {hint}"),
            &format!("7:2 this is not TOML: duplicate key; {hint}"),
        ]
    );
}

#[test]
fn dates_are_told_one_by_one_and_can_be_written_as_toml_has_them() {
    let file = "[[hours.exceptions]]\ndate = 2026-10-01\nhours = ''\n";
    let rules = read(file).expect("rules");
    let date: CivilDate = "2026-10-01".parse().expect("a date");
    assert_eq!(rules.hours.exceptions()[0].date(), date);
    let file = "hours.exceptions = [\n {date = 2026-10-01, hours = '8'},\n \
                {date = '10-01', hours = ''},\n]";
    assert_eq!(
        problems(file),
        [
            "2:2 `hours.exceptions` is {date = 2026-10-01, hours = '8'}: 2026-10-01: `8` is not \
             a window of hours; write it like `08:00-12:00`, from 00:00 to 24:00",
            "3:2 `hours.exceptions` is {date = '10-01', hours = ''}: `10-01` is not a date; \
             write it like `2026-10-01`",
        ]
    );
    let day = "{date = 2026-10-01, hours = ''}";
    let twice = problems(&format!("hours.exceptions = [{day}, {day}]"));
    assert!(twice.len() == 1 && twice[0].contains("has two entries"), "{twice:?}");
}

#[test]
fn problems_are_told_in_chinese_as_well() {
    let file = "zoen = 1\n[accept]\nwithin = 30\nurgent_within = '60d'";
    let problems = read(file).expect_err("problems");
    let said: Vec<_> = problems.iter().map(|one| one.wrong.say(Language::Chinese)).collect();
    assert_eq!(
        said,
        [
            "规则里没有 `zoen`；请写 `zone`，或删去",
            "`accept.within` 是 30；应写：时长，用天 d、时 h、分 m、秒 s 表示（\"1h30m\"），1s 至 31d",
            "`accept.urgent_within` 是 60d；请写 1s 至 31d 的时长",
        ]
    );
}

#[test]
fn what_is_wrong_in_a_condition_is_told_where_it_stands() {
    let text = r#"
[urgent]
when = { any = [
    { says = ["停机"] },
    { image_at_least = 2 },
    { all = [] },
    { says = [] },
    { priority_at_least = "urgent" },
] }

[[exceptions]]
when = { says = ["停机"] }
accept_within = "40d"

[[exceptions]]
when = { priority_at_least = "high" }
acept_within = "10m"
"#;
    let told = |text: &str| -> Vec<String> {
        let problems = read(text).expect_err("problems");
        let line =
            |one: &Problem| format!("{}: {}", one.place.line, one.wrong.say(Language::English));
        problems.iter().map(line).collect()
    };
    let found = told(text);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert_eq!(found[0], "5: `image_at_least` is no condition; write `images_at_least`");
    assert!(found[1].starts_with("8: \"urgent\": unknown variant"), "{}", found[1]);
    assert_eq!(found[2], "17: `acept_within` is no condition; write `accept_within`");
    // What can be read is judged as a whole.
    let readable = text
        .replace("image_at_least", "images_at_least")
        .replace("\"urgent\" }", "\"high\" }")
        .replace("acept_within", "accept_within");
    let found = told(&readable);
    assert_eq!(
        found,
        [
            "6: `urgent.when` at `any[2].all` has no condition; write at least one, or take the group out",
            "7: `urgent.when` at `any[3].says` has 0 entries; write 1 to 50",
            "12: `exceptions` at `[0].when.says` asks what the description says, which no time-out can \
             depend on; ask for something else",
            "13: `exceptions` at `[0].accept_within` is 40d; write a span from 1s to 31d",
        ]
    );
}

#[test]
fn what_is_wrong_in_an_expression_is_told_with_its_line_and_its_place_within() {
    let text = r#"
[urgent]
when = { any = [
    { images_at_least = 2 },
    { cel = 'images >= 2 && says("停机") && image < 9' },
    { cel = '''
      images >= 2 &&
      channel == "fax"''' },
] }

[[exceptions]]
when = { cel = 'priority >= high && says("停机")' }
accept_within = "10m"
"#;
    let problems = read(text).expect_err("problems");
    let told = |language: Language| -> Vec<String> {
        let line = |one: &Problem| format!("{}: {}", one.place.line, one.wrong.say(language));
        problems.iter().map(line).collect()
    };
    let english = told(Language::English);
    assert_eq!(english.len(), 3, "{english:#?}");
    assert!(english[0].starts_with(
        "5: `urgent.when` at `any[1].cel` asks for `image` at 1:30, which there is not; write one of images, "
    ));
    assert_eq!(
        english[1],
        "6: `urgent.when` at `any[2].cel` has \"fax\" for channel at 2:18, which it never is; write \
         it like \"phone\""
    );
    assert!(english[2].starts_with("12: `exceptions` at `[0].when.cel` asks what the description"));
    let chinese = told(Language::Chinese);
    assert!(
        chinese[0].contains("在 1:30 处问 `image`，没有这一项；请写下列之一：images, "),
        "{}",
        chinese[0]
    );
}

#[test]
fn conditions_and_exceptions_read_back_from_their_file() {
    let text = r#"
exceptions = [{ when = { all = [{ priority_at_least = "high" }, { not = [{ device_model_in = ["GK-800"] }] }] }, accept_within = "10m" }]
[urgent]
when = { any = [{ says = ["停机"] }, { cel = 'says("停\u673a", "\"b")' }, { within_hours = "Mon-Fri 08:00-18:00" }] }
"#;
    let rules = read(text).expect("rules");
    let set = RuleSet { rules, ..Default::default() };
    let written = write(&set, Language::Chinese);
    assert_eq!(read(&written).expect("rules"), set.rules);
}

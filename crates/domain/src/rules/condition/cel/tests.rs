use proptest::prelude::*;

use super::*;
use crate::id::AreaId;
use crate::likeness::Said;
use crate::rules::{Condition, ConditionProblem, Finding, Met, Test};
use crate::ticket::{Channel, Priority};

const ZONE: &str = "Asia/Shanghai";
const AREA: &str = "ar_00000000000000000000000001";

fn facts(said: Option<&Said>) -> Facts<'_> {
    Facts {
        said,
        said_all: said.is_some(),
        images: 2,
        urgent: false,
        priority: Priority::High,
        channel: Channel::OnSite,
        area: Some(AreaId::from_u128(1)),
        outlet: None,
        device_model: Some("GK-800 "),
        // A Monday at nine in Shanghai, and still Sunday's night in Greenwich.
        now: "2026-03-02T00:30:00+08:00".parse().expect("a moment"),
    }
}

fn judge(source: &str, facts: &Facts<'_>) -> Option<bool> {
    let cel = Cel::new(source);
    assert_eq!(cel.problem(), None, "{source}");
    cel.holds(facts, ZONE)
}

fn problem(source: &str) -> String {
    Cel::new(source).problem().map(|problem| problem.to_string()).unwrap_or_default()
}

#[test]
fn an_expression_asks_what_is_known_of_a_ticket() {
    let said = Said::of("Ｅ05 报警，冲床停机，没有冒烟");
    for (source, holds) in [
        ("images >= 2", true),
        ("images * 3 - 1 == 5 && images % 2 == 0 && -images < 0", true),
        ("images > 2 || urgent", false),
        ("!urgent", true),
        ("priority >= high", true),
        ("priority == critical || priority < normal", false),
        ("channel == \"on_site\"", true),
        ("channel in ['phone', 'chat']", false),
        (&format!("area == \"{AREA}\""), true),
        (&format!("area in [\"{AREA}\"]"), true),
        ("area != \"\" && outlet == ''", true),
        ("device_model == 'gk-800'", true),
        ("device_model.startsWith('gk-') && !device_model.endsWith('-900')", true),
        ("hour == 0 && weekday == 1", true),
        ("hour >= 18 || hour < 8", true),
        ("date >= \"2026-03-01\" && date < \"2026-03-03\"", true),
        ("says(\"停机\")", true),
        ("says('冒烟', '漏油')", false),
        ("says('漏油') || says('停机')", true),
        ("description.contains('E05')", true),
        ("description.contains('冒烟') && !says('冒烟')", true),
        ("description == '停机'", false),
        ("urgent ? images >= 1 : images >= 2", true),
        ("images >= (urgent ? 1 : 3)", false),
        ("priority == (images > 1 ? high : low)", true),
        ("images >= 2 // so many\n  && priority >= high", true),
        ("true", true),
    ] {
        assert_eq!(judge(source, &facts(Some(&said))), Some(holds), "{source}");
    }
}

#[test]
fn what_is_not_known_makes_an_expression_unknown_unless_the_rest_decides() {
    for (source, holds) in [
        ("says('停机')", None),
        ("!says('停机')", None),
        ("description.contains('停机')", None),
        ("says('停机') && images >= 2", None),
        ("images >= 2 && says('停机')", None),
        ("says('停机') || says('冒烟')", None),
        ("says('停机') ? images >= 2 : images >= 1", None),
        ("says('停机') && images >= 3", Some(false)),
        ("images >= 3 && says('停机')", Some(false)),
        ("says('停机') || images >= 2", Some(true)),
        ("images >= 2 || says('停机')", Some(true)),
        ("images >= 2 ? images >= 1 : says('停机')", Some(true)),
        // What cannot be computed is not known either.
        ("images / 0 == 1", None),
        ("images % (images - 2) == 1", None),
        ("images * 9223372036854775807 > 0", None),
        ("-9223372036854775808 / -1 > 0", None),
        ("-(-9223372036854775807 - 1) > 0", None),
        ("images / 0 == 1 || !urgent", Some(true)),
    ] {
        assert_eq!(judge(source, &facts(None)), holds, "{source}");
    }
    let said = Said::of("冲床停机");
    let partly = Facts { said_all: false, ..facts(Some(&said)) };
    assert_eq!(judge("says('停机')", &partly), Some(true), "what is known is known");
    assert_eq!(judge("!says('演习')", &partly), None, "what is sealed may say it");
    assert_eq!(judge("description.contains('停机')", &partly), None);
}

#[test]
fn it_stands_wherever_conditions_do_and_tells_itself() {
    let cel = |source: &str| Condition::Is(Test::Cel(Cel::new(source)));
    let tree = Condition::All(vec![
        cel("images >= 2 && priority >= high"),
        Condition::Not(vec![cel("hour >= 8")]),
    ]);
    let met = tree.met(&facts(None), ZONE).expect("it holds");
    let found = Finding::Cel("images >= 2 && priority >= high".into());
    assert_eq!(met[0], Met { at: "all[0].cel".into(), found });
    assert_eq!(met[1], Met { at: "all[1].not".into(), found: Finding::NoneOf });
    assert!(!Condition::Not(vec![cel("says('演习')")]).holds(&facts(None), ZONE), "not known");
    let long = format!("images >= 2{}", " || images >= 2".repeat(50));
    let met = cel(&long).met(&facts(None), ZONE).expect("it holds");
    let Finding::Cel(told) = &met[0].found else { panic!("{met:?}") };
    assert_eq!(told.chars().count(), Cel::TOLD_LETTERS_MAX + 1, "{told}");
    assert!(tree.bytes() > "images >= 2 && priority >= high".len());
}

#[test]
fn where_no_words_are_known_none_can_be_asked_for() {
    let problems =
        |source: &str, words: bool| Condition::Is(Test::Cel(Cel::new(source))).problems(words);
    assert_eq!(problems("says('停机')", true), []);
    for source in ["says('停机')", "images > 1 || description.contains('停机')"] {
        assert_eq!(problems(source, false), [("cel".to_owned(), ConditionProblem::NoWords)]);
    }
    assert_eq!(problems("images > 1", false), []);
}

#[test]
fn what_cannot_be_used_is_told_with_its_place_and_what_to_write() {
    let all = "images, urgent, priority (low, normal, high, critical), channel, area, outlet, \
               device_model, hour, weekday, date, description";
    for (source, told) in [
        ("  \n", "is empty; write an expression, such as images >= 2"),
        ("images >= 2 && 描述", "has `描` outside quotation marks at 1:16; write words within"),
        ("says(“停机”)", "has `“` outside quotation marks at 1:6; write words within"),
        ("images >=", "cannot be read at 1:10: mismatched input '<EOF>'"),
        ("images >= 2\n&& && urgent", "cannot be read at 2:4: "),
        ("says(\"停机\") images", "cannot be read at 1:12: "),
        (
            "says('停机') && image >= 2",
            &format!("asks for `image` at 1:15, which there is not; write one of {all}"),
        ),
        ("area == \"\"\n  && now > 1", "asks for `now` at 2:6, which"),
        ("now() > 1", "calls `now` at 1:4, which there is not; write one of says, contains"),
        ("description.matches('a.*')", "calls `matches` at 1:20, which there is not; write one of"),
        ("size(description) > 3", "calls `size` at 1:5, which"),
        (
            "says(images)",
            "calls `says` at 1:5 as it cannot be called; write it like says(\"停机\", ",
        ),
        ("says()", "calls `says` at 1:5 as it cannot"),
        ("says('')", "calls `says` at 1:5 as it cannot"),
        (
            "contains('停机')",
            "calls `contains` at 1:9 as it cannot be called; write it like description.",
        ),
        ("description.contains(channel)", "calls `contains` at 1:21 as it cannot"),
        ("area.contains('ar')", "calls `contains` at 1:14 as it cannot"),
        (
            "channel in 'phone'",
            "calls `in` at 1:9 as it cannot be called; write it like channel in [",
        ),
        (
            "[1, 2].all(x, x > 1)",
            "uses […].all(x, …) at 1:11, which conditions do not have; write comp",
        ),
        ("[1].exists(x, [2].exists(y, y > x))", "uses […].all(x, …) at "),
        ("images.size > 1", "uses a.b at 1:7, which conditions do not have; write"),
        ("has(images.size)", "uses has(a.b) at "),
        ("[1, 2] == images", "uses […] at 1:1, "),
        ("images[0] == 1", "uses a[b] at "),
        ("{'a': 1} == 1", "uses {a: b} at "),
        ("a{b: 1} == 1", "uses a{b: c} at "),
        ("images > 1.5", "uses 1.5 at 1:10, which"),
        ("images > 1u", "uses 1u at 1:10, which"),
        ("description == b'a'", "uses b\"…\" at 1:16"),
        ("area == null", "uses null at 1:9"),
        (
            "images < channel",
            "has int < channel at 1:8, which does not go together; compare like with",
        ),
        ("urgent && images", "has bool && int at 1:8, "),
        ("channel < \"phone\"", "has channel < text at 1:9, "),
        ("priority >= 2", "has priority >= int at 1:10, "),
        ("images in [1, '2']", "has int in text at 1:8, "),
        ("!images", "has ! int at 1:1, "),
        ("(urgent ? 'phone' : 'chat') == channel", "has bool ? text : text at 1:9, "),
        ("'停机' + 'a' == description", "has text + text at 1:6, "),
        (
            "channel == 'fone'",
            "has \"fone\" for channel at 1:12, which it never is; write it like \"phone\"",
        ),
        ("channel in ['phone', 'chta']", "has \"chta\" for channel at 1:22, which"),
        (
            "area == '东区'",
            "has \"东区\" for area at 1:9, which it never is; write it like \"ar_01",
        ),
        ("'ou_1' != outlet", "has \"ou_1\" for outlet at 1:1, which"),
        (
            "date > '10-01'",
            "has \"10-01\" for date at 1:8, which it never is; write it like \"2026-10-01\"",
        ),
        ("images", "is int, not true or false; compare it, as in images >= 2"),
        ("'停机'", "is text, not true or false; "),
    ] {
        let problem = problem(source);
        assert!(
            problem.starts_with(told),
            "{source}
  {problem}
  {told}"
        );
    }
    let long = problem(&format!("images >= 2{}", " ".repeat(Cel::BYTES_MAX)));
    assert!(long.starts_with("has 2059 bytes; write at most 2048, or several"), "{long}");
}

/// Each of what makes parsers recurse, as long as can be written.
fn deep() -> Vec<String> {
    let most = Cel::BYTES_MAX;
    let chain = |begin: &str, link: &str, end: &str| {
        format!("{begin}{}{end}", link.repeat((most - begin.len() - end.len()) / link.len()))
    };
    let within = |open: &str, inner: &str, close: &str| {
        let times = (most - inner.len()) / (open.len() + close.len());
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    vec![
        chain("", "(", ""),
        within("(", "true", ")"),
        within("[", "1", "]"),
        within("!(", "true", ")"),
        within("{a:", "1", "}"),
        within("says(", "'a'", ")"),
        within("a?", "true", ":b"),
        chain("", "!", "true"),
        chain("", "! ", "true"),
        chain("", "-", "1 < 2"),
        chain("", "- ", "1 < 2"),
        chain("", "!-", "1 < 2"),
        chain("", "urgent?urgent:", "true"),
        chain("urgent", ".b", ""),
        chain("urgent", ".b()", ""),
        chain("urgent", "[0]", ""),
        chain("1", "+1", " > 0"),
        chain("1", "*1", " > 0"),
        chain("1", "<1", ""),
        chain("1", "==1", ""),
        chain("1", " in 1", ""),
        chain("urgent", "&&urgent", ""),
        chain("urgent", "||urgent", ""),
        chain("urgent", "&&urgent||urgent", ""),
        chain("1 in [1", ",1", "]"),
        chain("", "[].all(x,", ""),
        chain("", "\"(\"+(", ""),
        chain("", "r\"\\\"(", ""),
        chain("", "'''(", ""),
        chain("", "a.b{", ""),
        chain("", "`", ""),
        chain("", "'", ""),
        chain("", "\\", ""),
    ]
}

/// Threads of a server have 2 MiB.
#[test]
fn nothing_that_fits_is_too_deep_for_a_stack() {
    for source in deep() {
        let cel = Cel::new(source.as_str());
        let (problem, holds) = (cel.problem(), cel.holds(&facts(None), ZONE));
        assert!(source.len() <= Cel::BYTES_MAX);
        assert!(problem.is_none() || holds.is_none(), "{source}");
    }
}

#[test]
fn as_much_as_can_be_nested_can_be_evaluated_on_a_small_stack() {
    let brackets = format!("{}urgent{}", "!(".repeat(16), ")".repeat(16));
    let sum = format!("1{} > 0", "+1".repeat(Cel::DEPTH_MAX - 2));
    let choices = format!("{}true", "urgent?urgent:".repeat(15));
    for source in [brackets, sum, choices] {
        assert!(judge(&source, &facts(None)).is_some());
    }
    assert!(problem(&format!("1{} > 0", "+1".repeat(Cel::DEPTH_MAX - 1))).contains("too deep"));
    assert!(problem(&format!("{}urgent{}", "(".repeat(17), ")".repeat(17))).contains("1:17"));
    assert!(problem(&format!("says('{}')", "(".repeat(17))).is_empty(), "within a text");
}

#[test]
fn it_is_stored_and_compared_by_its_text_and_read_once() {
    let cel = Cel::new("images >= 2");
    let copy = cel.clone();
    assert!(copy.holds(&facts(None), ZONE).is_some());
    assert!(cel.0.program.get().is_some(), "copies share what was read");
    let json = serde_json::to_string(&cel).expect("text");
    assert_eq!(json, "\"images >= 2\"");
    let again: Cel = serde_json::from_str(&json).expect("an expression");
    assert_eq!(again, cel);
    assert_ne!(again, Cel::new("images >=  2"), "what people wrote is kept");
    assert_eq!(format!("{cel:?}"), "Cel(\"images >= 2\")");
    let condition: Condition = serde_json::from_str(r#"{"cel":"?"}"#).expect("checked later");
    assert_eq!(condition, Condition::Is(Test::Cel(Cel::new("?"))));
}

/// Texts made of what expressions are made of.
fn likely() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "images",
        "urgent",
        "priority",
        "high",
        "says(",
        "'停机'",
        "\"",
        "'",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "?",
        ":",
        "!",
        "-",
        "+",
        "/",
        "%",
        "&&",
        "||",
        "==",
        "<",
        " in ",
        ",",
        ".",
        "contains(",
        "area",
        "date",
        "\"2026-10-01\"",
        "1",
        "9223372036854775807",
        "0",
        "true",
        "//",
        "\n",
        "\\",
        "r'",
        "b\"",
        "'''",
        " ",
        "停",
        "\0",
        "all(x,",
        "has(",
        "null",
        "1.5e9",
        "0x",
        "`",
    ]);
    prop::collection::vec(parts, 0..60).prop_map(|parts| parts.concat())
}

fn sound(source: &str) -> Result<(), TestCaseError> {
    let said = Said::of("冲床停机");
    let cel = Cel::new(source);
    let holds = cel.holds(&facts(Some(&said)), ZONE);
    let again: Cel =
        serde_json::from_str(&serde_json::to_string(&cel).expect("text")).expect("read");
    prop_assert_eq!(again.holds(&facts(Some(&said)), ZONE), holds);
    prop_assert_eq!(again.problem(), cel.problem());
    prop_assert!(cel.problem().is_none() || holds.is_none());
    prop_assert!(!matches!(cel.problem(), Some(CelProblem::Unreadable)), "the parser panics");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_refused_or_works(source in "\\PC{0,600}") {
        sound(&source)?;
    }

    #[test]
    fn any_text_of_likely_parts_is_refused_or_works(source in likely()) {
        sound(&source)?;
    }
}

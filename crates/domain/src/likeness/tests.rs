use super::Gist;
use proptest::prelude::*;

fn likeness(one: &str, other: &str) -> u8 {
    Gist::of(one).likeness(&Gist::of(other))
}

#[test]
fn the_coefficient_is_dices() {
    // 夜 白 | 白 天 against 夜 白 | 白 夜: one of two and two.
    assert_eq!(likeness("夜白天", "夜白夜"), 50);
    // The classic pair: ni ig gh ht against na ac ch ht.
    assert_eq!(likeness("night", "nacht"), 25);
    assert_eq!(likeness("灯灯灯", "灯灯"), 66, "counted as often as it occurs");
    assert_eq!(likeness("响", "响"), 100);
    assert_eq!(likeness("响", "停"), 0);
}

#[test]
fn width_case_punctuation_spaces_and_particles_do_not_matter() {
    for (one, other) in [
        ("ＧＫ－８００主轴异响！", "gk-800 主轴 异响"),
        ("冲床停了。", "冲床，停"),
        ("The Printer is ON FIRE", "the printer is on fire!"),
        ("三号冲床漏油", "3号冲床漏油"),
        ("二十一楼电梯停了", "21 楼电梯停了"),
        ("泵站 07 报警", "泵站7报警"),
    ] {
        assert_eq!(likeness(one, other), 100, "{one} | {other}");
    }
}

#[test]
fn the_same_fault_in_other_words_is_alike() {
    for (one, other, least) in [
        ("冲床咔哒两声就停了", "冲床咔哒两声停了", 70),
        ("服务器宕机", "服务器宕机了，进不去", 60),
        ("3号注塑机料筒不升温", "注塑机3号料筒不升温了", 60),
        ("the press in hall 2 leaks oil", "press in hall 2 is leaking oil", 60),
        ("空调不制冷", "空调没有制冷", 100),
        // 一 is part of a word here, and counts nothing.
        ("机器一直在响，停不下来", "机器三天两头响，停不下来", 40),
    ] {
        let found = likeness(one, other);
        assert!(found >= least, "{one} | {other}: {found}");
    }
}

#[test]
fn other_faults_are_not_alike() {
    for (one, other) in [
        ("冲床咔哒两声就停了", "空调不制冷"),
        ("打印机卡纸", "扫码枪没反应"),
        ("no water", "door jammed"),
    ] {
        assert!(likeness(one, other) < 30, "{one} | {other}");
    }
}

#[test]
fn what_one_says_and_the_other_denies_is_not_alike() {
    let place = "A车间东侧第二排GK800立式加工中心";
    for denied in ["没有停机", "未停机", "不停机", "没停机", "无法停机"] {
        assert_eq!(likeness("停机", denied), 0, "{denied}");
        assert_eq!(likeness(&format!("{place}停机"), &format!("{place}{denied}")), 0, "{denied}");
    }
    for (one, other) in [
        ("the machine does start", "the machine does not start"),
        ("door opens", "door never opens"),
        ("the pump isn't running", "the pump is running"),
        ("机器没停", "机器停了"),
        ("机器没停，很急", "机器停，着急"),
        ("能正常启动", "不能正常启动"),
    ] {
        assert_eq!(likeness(one, other), 0, "{one} | {other}");
    }
}

#[test]
fn a_denial_denied_is_said_again() {
    assert_eq!(likeness("不是没停机", "停机"), 100);
    let both = "有时停机，有时没有停机";
    assert_eq!(likeness(both, both), 100, "nothing contradicts itself");
}

#[test]
fn the_same_denial_in_other_words_is_the_same() {
    assert_eq!(likeness("没有停机", "未停机"), 100);
    assert_eq!(likeness("it won't start", "it doesn’t start"), 100);
}

#[test]
fn opposites_are_not_alike() {
    for (one, other) in [
        ("3楼电梯门打不开", "3楼电梯门关不上"),
        ("左侧主轴有异响", "右侧主轴有异响"),
        ("冷库温度过高", "冷库温度过低"),
        ("左边电机温度升得快", "左边电机温度升得慢"),
        ("pressure too high", "pressure too low"),
        ("valve stays open", "valve stays closed"),
    ] {
        assert_eq!(likeness(one, other), 0, "{one} | {other}");
    }
    assert!(likeness("开关坏了", "电源开关坏了") > 50, "both sides in one word are no opposite");
}

#[test]
fn each_with_a_number_letter_or_symptom_of_its_own_are_not_alike() {
    for (one, other) in [
        ("3号冲床停了", "5号冲床停了"),
        ("三号冲床停了", "五号冲床停了"),
        ("A线传送带停了", "B线传送带停了"),
        ("报警代码E101", "报警代码E202"),
        ("显示温度0度", "显示温度5度"),
        ("A车间三号冲床主轴停机", "A车间三号冲床主轴漏油"),
    ] {
        assert_eq!(likeness(one, other), 0, "{one} | {other}");
    }
    // What only one of them names contradicts nothing.
    assert!(likeness("3号冲床停了", "冲床停了") > 50);
}

#[test]
fn who_says_nothing_is_like_nobody() {
    for nothing in ["", " ", "。！", "了"] {
        assert_eq!(likeness(nothing, nothing), 0);
        assert_eq!(likeness(nothing, "冲床停了"), 0);
    }
}

#[test]
fn a_text_without_end_is_compared_by_its_beginning() {
    let long = "冲床停了".repeat(10_000);
    assert_eq!(likeness(&long, &format!("{long}，又响了")), 100);
}

/// Texts of the characters that matter here, and any others.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "冲床", "停机", "没有", "不", "未", "漏油", "3", "五号", "开", "关", "左", "not ", "on ",
        "A", "，", " ", "了", "能", "响",
    ]);
    prop_oneof![prop::collection::vec(pieces, 0..12).prop_map(|all| all.concat()), ".{0,40}"]
}

proptest! {
    #[test]
    fn likeness_goes_both_ways_and_stays_within_bounds(one in text(), other in text()) {
        let found = likeness(&one, &other);
        prop_assert!(found <= 100);
        prop_assert_eq!(found, likeness(&other, &one));
    }

    #[test]
    fn what_says_something_is_wholly_like_itself(text in text()) {
        let gist = Gist::of(&text);
        let expected = if gist.bigrams.is_empty() { 0 } else { 100 };
        prop_assert_eq!(gist.likeness(&gist), expected);
    }
}

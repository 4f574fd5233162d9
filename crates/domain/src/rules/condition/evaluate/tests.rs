use super::*;

fn says(word: &str) -> Condition {
    Condition::Is(Test::Says(vec![word.to_owned()]))
}

fn images(least: u32) -> Condition {
    Condition::Is(Test::ImagesAtLeast(least))
}

fn facts(said: Option<&Said>, images: u32) -> Facts<'_> {
    Facts {
        said,
        said_all: true,
        images,
        urgent: false,
        priority: Priority::Normal,
        channel: Channel::Page,
        area: Some(AreaId::from_u128(1)),
        outlet: None,
        device_model: Some("GK-800"),
        // A Monday at nine in Shanghai.
        now: "2026-03-02T09:00:00+08:00".parse().expect("a moment"),
    }
}

const ZONE: &str = "Asia/Shanghai";

#[test]
fn the_shipped_rule_needs_a_word_and_two_images_and_says_which() {
    let when = crate::rules::UrgentRules::default().when;
    let (stopped, noise) = (Said::of("冲床停机"), Said::of("冲床异响，没有停机"));
    let met = when.met(&facts(Some(&stopped), 2), ZONE).expect("it holds");
    let at = |at: &str, found| Met { at: at.into(), found };
    assert_eq!(
        met,
        [
            at("all[0].says", Finding::Says("停机".into())),
            at("all[1].images_at_least", Finding::Images(2)),
        ]
    );
    assert_eq!(when.met(&facts(Some(&stopped), 1), ZONE), None);
    assert_eq!(when.met(&facts(Some(&noise), 2), ZONE), None);
    assert_eq!(when.met(&facts(None, 2), ZONE), None);
}

#[test]
fn what_is_not_known_neither_holds_nor_does_not() {
    let not_said = Condition::Not(vec![says("演习")]);
    assert!(!not_said.holds(&facts(None, 0), ZONE));
    let said = Said::of("冲床停机");
    assert!(not_said.holds(&facts(Some(&said), 0), ZONE));
    let partly = Facts { said_all: false, ..facts(Some(&said), 0) };
    assert!(!not_said.holds(&partly, ZONE), "what is sealed may say it");
    assert!(says("停机").holds(&partly, ZONE), "what is known is known");
    // What is known decides where that is enough.
    assert!(Condition::Any(vec![says("停机"), images(1)]).holds(&facts(None, 1), ZONE));
    assert!(
        !Condition::Not(vec![Condition::All(vec![says("停机"), images(1)])])
            .holds(&facts(None, 1), ZONE)
    );
    assert!(
        Condition::Not(vec![Condition::All(vec![says("停机"), images(1)])])
            .holds(&facts(None, 0), ZONE)
    );
}

#[test]
fn each_test_looks_at_what_it_names() {
    let hours = |hours: &str| Test::WithinHours(hours.parse().expect("hours"));
    for (test, holds) in [
        (Test::Urgent(false), true),
        (Test::Urgent(true), false),
        (Test::PriorityAtLeast(Priority::Normal), true),
        (Test::PriorityAtLeast(Priority::High), false),
        (Test::ChannelIn(vec![Channel::Chat, Channel::Page]), true),
        (Test::ChannelIn(vec![Channel::Chat]), false),
        (Test::AreaIn(vec![AreaId::from_u128(1)]), true),
        (Test::AreaIn(vec![AreaId::from_u128(2)]), false),
        (Test::OutletIn(vec![OutletId::from_u128(1)]), false),
        (Test::DeviceModelIn(vec!["gk-800 ".into()]), true),
        (Test::DeviceModelIn(vec!["GK-8".into()]), false),
        (hours("Mon-Fri 08:00-18:00"), true),
        (hours("Sat 08:00-18:00"), false),
    ] {
        assert_eq!(Condition::Is(test.clone()).holds(&facts(None, 0), ZONE), holds, "{test:?}");
    }
}

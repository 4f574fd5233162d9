//! The page that tries rules on the past: a form without a script, and its answer in words.

use std::sync::Arc;
use std::time::Duration;

use gateway::{Config, NoDispatcher};
use serde_json::{Value, json};

use crate::world::World;

/// What the form of the page sends.
struct Form<'a> {
    rules: &'a str,
    from: &'a str,
    to: &'a str,
}

impl Form<'_> {
    async fn send(&self, world: &World, language: &str, site: &str) -> (u16, String) {
        let encoded = |text: &str| -> String {
            text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
        };
        let Self { rules, from, to } = self;
        let body = format!("rules={}&from={}&to={}", encoded(rules), encoded(from), encoded(to));
        let asking = world
            .request(axum::http::Method::POST, "/rules/try")
            .header("accept-language", language)
            .header("sec-fetch-site", site);
        let reply = asking.raw("application/x-www-form-urlencoded", body).send().await;
        (reply.status, String::from_utf8_lossy(&reply.bytes).into_owned())
    }

    /// The answer in English.
    async fn sent(&self, world: &World) -> (u16, String) {
        self.send(world, "en", "same-origin").await
    }
}

async fn page(world: &World, path: &str) -> String {
    let asked = world.request(axum::http::Method::GET, path);
    let reply = asked.header("accept-language", "en").send().await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body.as_str().expect("a page is no JSON").to_owned()
}

/// The rules in the form, as the browser sends them.
fn rules_in(page: &str) -> String {
    let (_, rest) = page.split_once("<textarea").expect("a form");
    let (_, rest) = rest.split_once(">\n").expect("the end of the tag");
    let (text, _) = rest.split_once("</textarea>").expect("the end of the text");
    text.replace("&#34;", "\"").replace("&#38;", "&").replace("&#60;", "<").replace("&#62;", ">")
}

/// A ticket that waits for two hours, and an engineer on duty.
async fn two_hours(world: &World) -> String {
    world.firm().await;
    let ticket = world.ticket().await;
    world.pass(Duration::from_secs(2 * 60 * 60));
    world.ticket().await;
    world.settled().await;
    ticket
}

#[tokio::test]
async fn the_rules_that_hold_are_in_the_form_and_can_be_tried_as_they_are() {
    let world = World::new();
    let put = json!({"accept": {"within": "17m"}, "zone": "America/Los_Angeles"});
    assert_eq!(world.put("/rules").json(&put).send().await.status, 200);
    two_hours(&world).await;
    let rules = rules_in(&page(&world, "/rules/try").await);
    let held: Value = serde_json::from_str(&rules).expect("the rules are JSON");
    assert_eq!(held, world.get("/rules").send().await.body["rules"]);
    let before = world.log_head();
    let (status, tried) = Form { rules: &rules, from: "", to: "" }.sent(&world).await;
    assert_eq!(status, 200, "{tried}");
    assert!(tried.contains("Tickets that come otherwise: 0."), "{tried}");
    assert_eq!((rules_in(&tried), world.log_head()), (rules, before));
    assert!(page(&world, "/projections").await.contains("href=\"/rules/try\""));
}

#[tokio::test]
async fn other_rules_are_answered_with_figures_tickets_and_assumptions_in_both_languages() {
    let world = World::new();
    let ticket = two_hours(&world).await;
    let form = Form { rules: r#"{"accept": {"within": "4h"}}"#, from: "", to: "" };
    let (status, tried) = form.sent(&world).await;
    assert_eq!(status, 200, "{tried}");
    assert!(tried.contains(&format!("href=\"/tickets/{ticket}\"")), "{tried}");
    let row = |name: &str| {
        let (_, row) = tried.split_once(&format!("<th scope=\"row\">{name}</th>")).expect(name);
        row.split("</tr>").next().expect("a row").replace("<td class=\"figure\">", "")
    };
    // Recorded, old rules, new rules, change, chance.
    assert_eq!(row("time-outs").split("</td>").take(4).collect::<Vec<_>>(), ["0", "1", "0", "-1"]);
    let assumed = row("nobody answered anything then: no answer");
    assert_ne!(assumed.split("</td>").next(), Some("0"));
    let (status, tried) = form.send(&world, "zh", "same-origin").await;
    assert_eq!(status, 200, "{tried}");
    assert!(tried.contains("旧规则") && tried.contains("当时没有任何人回答过：不回答"), "{tried}");
}

#[tokio::test]
async fn what_cannot_be_tried_is_said_above_the_form_and_what_was_typed_is_kept() {
    let world = World::new();
    two_hours(&world).await;
    let good = "{}";
    for (rules, from, to, why) in [
        (r#"{"accept": {"within": "0s"}}"#, "", "", "accept.within"),
        (r#"{"accept": {"<b>": 1}}"#, "", "", "cannot be read"),
        ("[]", "", "", "cannot be read"),
        (good, "yesterday", "", "is no moment"),
        (good, "2999-01-01T00:00", "", "choose an earlier one"),
        (good, "2026-01-02T00:00", "2026-01-01T00:00", "not after the beginning"),
    ] {
        let (status, page) = Form { rules, from, to }.sent(&world).await;
        assert_eq!(status, 422, "{rules} {from}: {page}");
        let problems = page.split_once("data-problems").expect("problems").1;
        let (problems, form) = problems.split_once("<form class=\"ask\"").expect("a form");
        assert!(problems.contains(why) && !problems.contains("<b>"), "{problems}");
        assert_eq!(rules_in(form), rules);
        assert!(form.contains(&format!("name=\"from\" step=\"1\" value=\"{from}\"")), "{form}");
        assert!(form.contains(&format!("name=\"to\" step=\"1\" value=\"{to}\"")), "{form}");
    }
    let long = format!("{{}}{}", " ".repeat(Config::default().body_bytes_max));
    assert_eq!(Form { rules: &long, from: "", to: "" }.sent(&world).await.0, 413);
    let wrong = Form { rules: r#"{"accept": {"within": "0s"}}"#, from: "", to: "" };
    let (_, chinese) = wrong.send(&world, "zh", "same-origin").await;
    assert!(chinese.contains("请写"), "{chinese}");
}

#[tokio::test]
async fn moments_are_read_and_told_on_the_firms_clock() {
    let world = World::new();
    two_hours(&world).await;
    let now = world.now();
    let zone = domain::Zone::or_utc(&domain::rules::Rules::default().zone);
    let shown = words::LocalTime::new(zone).to_minute(now);
    let from = shown.replacen(' ', "T", 1);
    let (status, tried) = Form { rules: "{}", from: &from, to: "" }.sent(&world).await;
    assert_eq!(status, 200, "{tried}");
    assert!(tried.contains(&format!("held from {shown}")), "{tried}");
}

#[tokio::test]
async fn a_trial_that_takes_too_long_ends_and_other_sites_may_not_begin_one() {
    let config = Config { trial_within: Duration::ZERO, ..Config::default() };
    let world = World::with(config, Arc::new(NoDispatcher));
    two_hours(&world).await;
    let form = Form { rules: "{}", from: "", to: "" };
    let (status, page) = form.sent(&world).await;
    assert_eq!(status, 503, "{page}");
    assert!(page.contains("this one takes longer") && !page.contains("data-tried"), "{page}");
    assert_eq!(form.send(&world, "en", "cross-site").await.0, 403);
}

//! The page of a ticket.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::world::{Reply, World};

/// A page as somebody reads it.
struct Page(String);

impl Page {
    fn of(reply: &Reply) -> Self {
        assert_eq!(reply.status, 200, "{}", reply.body);
        Self(reply.body.as_str().expect("a page is no JSON").to_owned())
    }

    /// The history's events: name and what the page says of each, in the page's order.
    fn events(&self) -> Vec<(String, String)> {
        let items = self.0.split("<li id=\"p").skip(1);
        let item = |item: &str| {
            let name = between(item, "data-event=\"", "\"");
            (name, between(item, "class=\"what\">", "</span>"))
        };
        items.map(item).collect()
    }

    fn next(&self) -> String {
        between(&self.0, "data-next>", "</p>")
    }

    fn state(&self) -> String {
        between(&self.0, "data-state=\"", "\"")
    }

    fn has(&self, text: &str) -> bool {
        self.0.contains(text)
    }
}

fn between(text: &str, before: &str, after: &str) -> String {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}")).1;
    rest.split_once(after).unwrap_or_else(|| panic!("no {after}")).0.to_owned()
}

async fn page(world: &World, path: &str, language: &str) -> Page {
    world.settled().await;
    let asked = world.request(Method::GET, path).header("accept-language", language);
    Page::of(&asked.send().await)
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// A ticket from the report to the answer; its id, and the names of its events in order.
async fn whole_life(world: &World) -> (String, Vec<&'static str>) {
    let (outlet, engineer) = world.firm().await;
    let report = json!({
        "channel": "phone", "sentence": "冲床咔哒两声就停了", "contact_name": "老李",
        "contact_phone": "13800000000", "outlet": outlet, "urgent": true,
    });
    let created = world.post("/tickets").json(&report).send().await;
    let id = created.text("id");
    let me = format!("engineer:{engineer}");
    world.done(&format!("/tickets/{id}/assign"), json!({"engineer": engineer})).await;
    world.pass(minutes(5));
    for verb in ["accept", "depart", "arrive"] {
        let done = world.post(&format!("/tickets/{id}/{verb}")).actor(&me).send().await;
        assert_eq!(done.status, 200, "{}", done.body);
    }
    world.done(&format!("/tickets/{id}/urge"), json!({"words": "产线停着"})).await;
    world.done(&format!("/tickets/{id}/hold"), json!({"reason": "waiting_for_parts"})).await;
    world.done(&format!("/tickets/{id}/resume"), json!({})).await;
    let fixed = json!({"fault_type": "电气", "words": "换了行程开关"});
    let done = world.post(&format!("/tickets/{id}/resolve")).actor(&me).json(&fixed).send().await;
    assert_eq!(done.status, 200, "{}", done.body);
    world.done(&format!("/tickets/{id}/confirm"), json!({"stars": 5})).await;
    let names = vec![
        "Created",
        "Assigned",
        "Accepted",
        "Departed",
        "Arrived",
        "Urged",
        "Told",
        "Held",
        "Resumed",
        "Resolved",
        "Confirmed",
    ];
    (id, names)
}

#[tokio::test]
async fn a_whole_life_is_told_newest_first_with_one_sentence_per_event() {
    let world = World::new();
    let (id, mut names) = whole_life(&world).await;
    names.reverse();
    for (language, sentences) in [
        (
            "zh",
            [
                "客户答复：解决满意；5 星",
                "工程师 E1 完工：现场解决；03-05 08:05 前无答复则结单",
                "恢复；若无动静，12:05 询问",
                "挂起：等配件；03-03 08:05 自动恢复",
                "给工程师 工程师 E1的通知：客户催单",
                "客户催单",
                "到场；若无动静，12:05 询问",
                "出发；若无动静，12:05 询问",
                "工程师 E1 接单；若无动静，12:05 询问",
                "派单给 工程师 E1：人工指定；08:05 前须接单",
                "报修（电话）；紧急；自动派单，08:05 前须有人接手",
            ],
        ),
        (
            "en",
            [
                "The customer answered: satisfied; 5 stars",
                "工程师 E1 is done, on site; closed without an answer by 03-05 08:05",
                "Work goes on; asked at 12:05 if nothing is heard",
                "On hold: waiting for parts; comes back at 03-03 08:05",
                "Notice for engineer 工程师 E1: the customer urges",
                "The customer urges",
                "On site; asked at 12:05 if nothing is heard",
                "On the way; asked at 12:05 if nothing is heard",
                "工程师 E1 accepted; asked at 12:05 if nothing is heard",
                "Assigned to 工程师 E1: chosen by hand; to be accepted by 08:05",
                "Reported (telephone); urgent; goes to dispatch, somebody must have it by 08:05",
            ],
        ),
    ] {
        let page = page(&world, &format!("/tickets/{id}"), language).await;
        let told = page.events();
        let (found, words): (Vec<_>, Vec<_>) = told.into_iter().unzip();
        assert_eq!(found, names);
        assert_eq!(words, sentences);
        assert_eq!(page.state(), "closed");
        for text in ["老李 13800000000", "浦东", "产线停着", "换了行程开关", "电气"]
        {
            assert!(page.has(text), "{text}");
        }
        // No id stands where a name or number is known.
        assert!(!page.has("en_") && !page.has("ou_"), "{}", page.0);
    }
}

#[tokio::test]
async fn a_filter_shows_only_what_it_is_about_and_says_how_much_it_hides() {
    let world = World::new();
    let (id, _) = whole_life(&world).await;
    let path = format!("/tickets/{id}");
    let all = page(&world, &path, "en").await;
    for chip in ["?about=customer\" data-filter=\"customer\"", "?about=messages\""] {
        assert!(all.has(chip), "{chip}");
    }
    assert!(!all.has("?about=limits"), "nothing was late");
    let customer = page(&world, &format!("{path}?about=customer"), "en").await;
    let names: Vec<_> = customer.events().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Confirmed", "Urged", "Created"]);
    assert!(customer.has("8 events are hidden by the filter"));
    assert!(customer.has("data-filter=\"customer\" aria-current=\"true\""));
    let nothing = world.request(Method::GET, &format!("{path}?about=nothing")).send().await;
    assert_eq!(nothing.status, 404);
}

#[tokio::test]
async fn a_long_history_is_turned_page_by_page_without_a_gap() {
    let world = World::new();
    let id = world.ticket().await;
    for number in 1..=450 {
        let note = json!({"words": format!("第 {number} 条")});
        world.done(&format!("/tickets/{id}/note"), note).await;
    }
    let mut path = format!("/tickets/{id}");
    let mut versions = Vec::new();
    let mut pages = Vec::new();
    loop {
        let page = page(&world, &path, "zh").await;
        let items = page.0.split("<li id=\"p").skip(1);
        let found: Vec<u64> = items
            .map(|item| between(item, "data-version=\"", "\"").parse().expect("a version"))
            .collect();
        pages.push((path.clone(), found.len()));
        versions.extend(found);
        let turn = page.0.split("<a href=\"").find(|link| link.contains("data-turn=\"older\""));
        let Some(turn) = turn else { break };
        path = turn.split('"').next().expect("an address").to_owned();
    }
    assert_eq!(versions, (1..=451).rev().collect::<Vec<_>>());
    assert_eq!(pages.iter().map(|(_, events)| *events).collect::<Vec<_>>(), [200, 200, 51]);
    // The way back leads over the same pages.
    for (newer, older) in pages.iter().zip(pages.iter().skip(1)) {
        let page = page(&world, &older.0, "zh").await;
        let turn = page.0.split("<a href=\"").find(|link| link.contains("data-turn=\"newer\""));
        let turn = turn.and_then(|turn| turn.split('"').next()).expect("a way back");
        assert_eq!(turn, newer.0);
    }
}

#[tokio::test]
async fn what_people_write_is_text_and_never_a_part_of_the_page() {
    let world = World::new();
    let attack = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&";
    let report = json!({"sentence": attack, "contact_name": attack, "place": attack});
    let id = world.post("/tickets").json(&report).send().await.text("id");
    world.done(&format!("/tickets/{id}/note"), json!({"words": attack})).await;
    let page = page(&world, &format!("/tickets/{id}"), "en").await;
    assert!(!page.has("<script>alert") && !page.has("<img"), "{}", page.0);
    let escaped = page.0.matches("&#60;script&#62;alert(1)").count();
    // The report, its first event with contact and place twice each, and the note.
    assert!(escaped >= 6, "{escaped} in {}", page.0);
}

#[tokio::test]
async fn who_acted_for_whom_and_when_it_was_recorded_stands_with_an_event() {
    let world = World::new();
    let (_, engineer) = world.firm().await;
    let staff = json!({
        "name": "东区", "supervisor": domain::StaffId::from_code("S1"),
        "staff": [{"id": domain::StaffId::from_code("S1"), "name": "陈主管", "phone": null}],
    });
    assert_eq!(world.put("/areas/east").json(&staff).send().await.status, 200);
    let id = world.ticket().await;
    world.done(&format!("/tickets/{id}/assign"), json!({"engineer": engineer})).await;
    world.pass(minutes(10));
    let accepted = world
        .post(&format!("/tickets/{id}/accept"))
        .actor("supervisor:code:S1")
        .header("paidan-on-behalf-of", &format!("engineer:{engineer}"))
        .header("paidan-occurred-at", "2026-03-02T08:04:00+08:00")
        .send()
        .await;
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    let page = page(&world, &format!("/tickets/{id}"), "en").await;
    let item = between(&page.0, "data-event=\"Accepted\"", "</li>");
    assert!(item.contains("supervisor 陈主管 (for engineer 工程师 E1)"), "{item}");
    assert!(item.contains("(not verified)"), "{item}");
    assert!(item.contains("title=\"2026-03-02 08:04:00\""), "{item}");
    assert!(item.contains("recorded 08:10"), "{item}");
    let assigned = between(&page.0, "data-event=\"Assigned\"", "</li>");
    assert!(!assigned.contains("recorded"), "{assigned}");
}

#[tokio::test]
async fn tickets_that_belong_together_lead_to_each_other() {
    let world = World::new();
    let (first, second) = (world.ticket().await, world.ticket().await);
    let link = json!({"to": first, "kind": "duplicate"});
    world.done(&format!("/tickets/{second}/link"), link).await;
    let duplicate = page(&world, &format!("/tickets/{second}"), "en").await;
    assert_eq!(duplicate.state(), "duplicate");
    let to_first = format!("The same fault as <a href=\"/tickets/{first}\">1-3</a>");
    let number = world.get(&format!("/tickets/{first}")).send().await.text("number");
    assert!(duplicate.has(&to_first.replace("1-3", &number)), "{}", duplicate.0);
    assert!(duplicate.next().starts_with(&format!("Goes along with ticket {number};")));
    world.done(&format!("/tickets/{second}/merge"), json!({"into": first})).await;
    let merged = page(&world, &format!("/tickets/{second}"), "en").await;
    assert_eq!(merged.next(), format!("Goes on in ticket {number}"));
    let kept = page(&world, &format!("/tickets/{first}"), "en").await;
    assert!(kept.has(&format!("Merged into this one <a href=\"/tickets/{second}\">")));
}

#[tokio::test]
async fn what_happens_next_is_said_for_every_state() {
    let world = World::new();
    let (_, engineer) = world.firm().await;
    let other = world.engineer("E2").await;
    let me = format!("engineer:{engineer}");
    let id = world.ticket().await;
    let path = format!("/tickets/{id}");
    let mut seen = Vec::new();
    let next = async |verb: &str, body: serde_json::Value| {
        if !verb.is_empty() {
            // The customer's answer from the engineer's own login would not count.
            let who = if verb == "reject" { "anonymous" } else { me.as_str() };
            let asked = world.post(&format!("/tickets/{id}/{verb}")).actor(who);
            let done = asked.json(&body).send().await;
            assert_eq!(done.status, 200, "{verb}: {}", done.body);
        }
        let page = page(&world, &path, "en").await;
        (page.state(), page.next())
    };
    for (verb, body) in [
        ("", json!({})),
        ("claim", json!({"agent": domain::StaffId::from_code("A1")})),
        ("offer", json!({"engineers": [engineer, other]})),
        ("assign", json!({"engineer": engineer})),
        ("accept", json!({})),
        ("transfer", json!({"to": other})),
        ("hold", json!({"reason": "customer_absent"})),
        ("resolve", json!({})),
        ("reject", json!({})),
        ("to-supervisor", json!({})),
        ("cancel", json!({"words": "已恢复"})),
    ] {
        seen.push(next(verb, body).await);
    }
    let expected = [
        ("waiting", "Being dispatched; if nobody has it by 08:30, it goes to the area supervisor"),
        (
            "claimed",
            "To be handled by st…azcgx0 before 08:15, else it goes back to dispatch or to the \
             call-back queue",
        ),
        ("offered", "2 can accept; if nobody has by 08:30, it goes to somebody else"),
        (
            "assigned",
            "If 工程师 E1 has not accepted by 08:30: dispatched to somebody else, and the area \
             supervisor is told",
        ),
        ("working", "If nothing is heard of 工程师 E1: asked at 12:00"),
        ("working", "工程师 E2 answers by 08:30 whether to take it over; if not, the owner stays"),
        (
            "on_hold",
            "Comes back by itself at 03-03 08:00; 工程师 E2 answers by 08:30 whether to take it \
             over; if not, the owner stays",
        ),
        (
            "resolved",
            "Waits for the customer’s answer; reminded at 03-03 08:00, closed without an answer \
             at 03-05 08:00, which never counts as satisfied",
        ),
        ("waiting", "Being dispatched; if nobody has it by 08:30, it goes to the area supervisor"),
        ("queued", "To be handled by the area supervisor before 08:30, else it goes to the deputy"),
        ("cancelled", "Cancelled; can be opened again until 03-09 08:00"),
    ];
    let seen: Vec<_> = seen.iter().map(|(state, next)| (state.as_str(), next.as_str())).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_ticket_that_is_not_there_is_said_as_a_page() {
    let world = World::new();
    for path in ["/tickets/nothing", "/tickets/9-9", "/tickets/tk_00000000000000000000000001"] {
        let page = world.request(Method::GET, path).send().await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.body.as_str().is_some_and(|html| html.contains("<!doctype html>")), "{path}");
    }
}

#[tokio::test]
async fn a_number_that_is_typed_leads_to_the_ticket() {
    let world = World::new();
    let id = world.ticket().await;
    let number = world.get(&format!("/tickets/{id}")).send().await.text("number");
    let wide = number.replace('-', "%EF%BC%8D");
    for typed in [number.clone(), format!("+{number}+"), wide, id.clone()] {
        let found = world.request(Method::GET, &format!("/tickets?number={typed}")).send().await;
        let target = if typed == id { &id } else { &number };
        let target = format!("/tickets/{target}");
        assert_eq!((found.status, found.header("location")), (303, target.as_str()), "{typed}");
    }
    for typed in ["12345-6", "%3Cb%3E", "9-9"] {
        let asked = world.request(Method::GET, &format!("/tickets?number={typed}"));
        let nothing = asked.header("accept-language", "en").send().await;
        assert_eq!(nothing.status, 404, "{typed}");
        let html = nothing.body.as_str().expect("a page");
        assert!(html.contains("There is no ticket ") && !html.contains("<b>"), "{html}");
    }
    let empty = world.request(Method::GET, "/tickets?number=").send().await;
    assert_eq!((empty.status, empty.header("location")), (303, "/"));
}

#[tokio::test]
async fn a_page_hears_that_its_ticket_has_gone_on() {
    let world = World::new();
    let (id, other) = (world.ticket().await, world.ticket().await);
    let page = page(&world, &format!("/tickets/{id}"), "en").await;
    let news = between(&page.0, "data-news=\"", "\"").replace("&amp;", "&");
    assert!(news.starts_with(&format!("/tickets/{id}/news?after=1&attachments=")), "{news}");
    let hears = world.request(Method::GET, &news).send();
    let writes = async {
        // Another ticket is no news.
        world.done(&format!("/tickets/{other}/note"), json!({"words": "别的单"})).await;
        world.done(&format!("/tickets/{id}/note"), json!({"words": "本单"})).await;
    };
    let (heard, ()) = tokio::join!(hears, writes);
    assert_eq!(heard.header("content-type"), "text/event-stream");
    assert_eq!(heard.body, json!("event: version\ndata: 2\n\n"));
}

#[tokio::test]
async fn a_browser_is_told_of_an_unknown_address_by_a_page_and_a_program_by_a_problem() {
    let world = World::new();
    let accept = "text/html,application/xhtml+xml,*/*;q=0.8";
    let page = world.request(Method::GET, "/nowhere").header("accept", accept).send().await;
    assert_eq!(page.status, 404);
    assert!(page.body.as_str().is_some_and(|html| html.contains("<!doctype html>")));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    let program = world.request(Method::GET, "/nowhere").header("accept", "*/*").send().await;
    assert_eq!(program.problem(), (404, "no-route"));
    let api = world.get("/nowhere").header("accept", accept).send().await;
    assert_eq!(api.problem(), (404, "no-route"));
}

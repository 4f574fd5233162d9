use domain::rules::{Finding, Met};
use domain::ticket::event::{
    Assigned, Created, Entry, LinkKind, Linked, MarkedUrgent, QueueEntry, QueueReason, QueueRole,
    Report, Told, Via,
};
use domain::ticket::{Channel, Notice, Priority, Recipient};
use domain::{
    Actor, Candidate, CommonGround, CustomerId, DeviceId, DispatchReason, EngineerId, Event,
    Filter, FilterCount, GlobalPosition, LinkCandidate, LinkReason, OutletId, Party, Personal,
    Rule, RuleSetVersion, StaffId, TicketId, TicketNumber, Timestamp, Zone,
};

use super::*;
use crate::{Category, Language, LocalTime, Names, NoNames, Said};

/// The text of all samples, which people wrote.
const WRITTEN: &str = "主轴异响 spindle";

struct Everything;

impl Names for Everything {
    fn engineer(&self, id: EngineerId) -> Option<String> {
        Some(if id == EngineerId::from_u128(1) { "王工".into() } else { "Li".into() })
    }
    fn customer(&self, _: CustomerId) -> Option<String> {
        Some("Shunda".into())
    }
    fn device(&self, _: DeviceId) -> Option<String> {
        Some("GK-800".into())
    }
    fn outlet(&self, _: OutletId) -> Option<String> {
        Some("Pudong".into())
    }
    fn area(&self, _: domain::AreaId) -> Option<String> {
        Some("East".into())
    }
    fn staff(&self, _: StaffId) -> Option<String> {
        Some("Chen".into())
    }
    fn ticket(&self, _: TicketId) -> Option<TicketNumber> {
        Some(TicketNumber::from_position(GlobalPosition::new(12)))
    }
}

fn shanghai() -> LocalTime {
    LocalTime::new(Zone::new("Asia/Shanghai").expect("it is a zone"))
}

fn at(moment: &str) -> Timestamp {
    moment.parse().expect("a moment")
}

const NOON: &str = "2026-03-02T12:00:00+08:00";

/// Every event with every variant that it can have, as it is, and with all that is personal erased.
fn every_event() -> Vec<Event> {
    let mut events = Vec::new();
    for shape in eventlog::samples::all() {
        for event in shape.events {
            let mut fields = serde_json::to_value(&event).expect("events can be written");
            let known = read(&event, &fields);
            assert_eq!(known, event, "{} reads back", shape.name);
            for personal in ["words", "report", "card", "position", "place", "staff", "claims"] {
                if let Some(content) = fields.get_mut(personal)
                    && !(personal == "position" && event.name() == "OutletSet")
                {
                    *content = serde_json::Value::Null;
                }
            }
            let erased = read(&event, &fields);
            if erased != event {
                events.push(erased);
            }
            events.push(event);
        }
    }
    events
}

fn read(event: &Event, fields: &serde_json::Value) -> Event {
    let read = Event::read(event.name(), fields).expect("a name of ours");
    read.unwrap_or_else(|error| panic!("{}: {error}", event.name()))
}

/// All that a sentence says in our words; what people wrote and names in Chinese left out.
fn in_our_words(sentence: &Sentence) -> Vec<String> {
    let mut texts = vec![sentence.what.clone()];
    for detail in &sentence.details {
        texts.extend([detail.label.clone(), detail.value.clone()]);
    }
    if let Some(why) = &sentence.why {
        texts.push(why.rule.clone());
        texts.extend(why.passed_over.iter().cloned());
        texts.extend(why.candidates.iter().map(|(name, _)| name.clone()));
    }
    texts.iter().map(|text| text.replace(WRITTEN, "X").replace("王工", "X")).collect()
}

#[test]
fn every_event_is_told_in_both_languages() {
    let time = shanghai();
    for event in every_event() {
        for language in Language::ALL {
            // A message that is missing, or is not given what it takes, panics here.
            let sentence = Speaker::new(language, &time, &Everything).event(&event, at(NOON));
            assert!(!sentence.what.is_empty());
            for text in in_our_words(&sentence) {
                for odd in ["{", "}", "_", "Some(", "Personal", "  ", "$"] {
                    assert!(!text.contains(odd), "{} has {odd}: {text}", event.name());
                }
                let chinese = text.chars().any(|c| ('\u{3000}'..='\u{ffef}').contains(&c));
                if language == Language::English {
                    assert!(!chinese, "{} in English: {text}", event.name());
                }
            }
            if language == Language::Chinese {
                let latin = sentence.what.replace(WRITTEN, "").replace("Li", "");
                let mut words = latin.split(|c: char| !c.is_ascii_lowercase());
                // Names are in Latin letters here; whatever else is was not translated.
                let known = ["hunda", "udong", "hen", "ast"];
                let foreign = words.find(|word| word.len() > 1 && !known.contains(word));
                assert_eq!(foreign, None, "{}: {}", event.name(), sentence.what);
            }
        }
    }
}

#[test]
fn without_names_the_short_form_of_ids_is_told() {
    let time = shanghai();
    let speaker = Speaker::new(Language::English, &time, &NoNames);
    for event in every_event() {
        let sentence = speaker.event(&event, at(NOON));
        for text in in_our_words(&sentence) {
            assert!(!text.contains("_0000"), "{}: {text}", event.name());
        }
    }
    assert_eq!(speaker.engineer(EngineerId::from_u128(7)), "en…000007");
}

#[test]
fn what_was_said_stands_apart_and_what_was_erased_is_told_as_erased() {
    let time = shanghai();
    let speaker = Speaker::new(Language::Chinese, &time, &Everything);
    let mut erased = 0;
    for event in every_event() {
        let sentence = speaker.event(&event, at(NOON));
        if let Some(Said::Words(words)) = &sentence.said {
            assert_eq!(words, WRITTEN);
            assert!(!sentence.what.contains(WRITTEN), "{}", sentence.what);
        }
        erased += usize::from(sentence.said == Some(Said::Erased));
    }
    assert!(erased > 20, "{erased}");
}

fn assigned(number: u32, via: Via) -> Event {
    let reason = DispatchReason {
        rule: Rule::LeastLoaded,
        rule_set: RuleSetVersion::new(4),
        candidates: vec![Candidate { engineer: EngineerId::from_u128(1), score: 30_000 }],
        candidates_total: 3,
        filtered: vec![
            FilterCount { filter: Filter::OtherArea, engineers: 280 },
            FilterCount { filter: Filter::OnLeave, engineers: 1 },
            FilterCount { filter: Filter::NoFreePlace, engineers: 2 },
        ],
    };
    let engineer = EngineerId::from_u128(1);
    let due = at("2026-03-02T14:32:00+08:00");
    Event::Ticket(Assigned { number, engineer, via, due, reason }.into())
}

fn told(language: Language, event: &Event) -> String {
    Speaker::new(language, &shanghai(), &Everything).event(event, at(NOON)).what
}

#[test]
fn an_assignment_says_to_whom_why_and_until_when() {
    let again = assigned(2, Via::Choice);
    assert_eq!(
        told(Language::Chinese, &again),
        "派单给 王工（第 2 次）：负荷最低；候选 3 人；未选：休假 1 人、无空位 2 人；14:32 前须接单"
    );
    assert_eq!(
        told(Language::English, &again),
        "Assigned to 王工 (2nd time): least loaded of 3 candidates; passed over: 1 on leave, \
         2 without a free place; to be accepted by 14:32"
    );
    let first = told(Language::Chinese, &assigned(1, Via::Choice));
    assert!(first.starts_with("派单给 王工：负荷最低"), "{first}");
    let why = Speaker::new(Language::English, &shanghai(), &Everything).event(&again, at(NOON)).why;
    let why = why.expect("an assignment has a reason");
    assert_eq!((why.rule_set, why.candidates_total), (4, 3));
    assert_eq!(why.candidates, [("王工".to_owned(), 30_000)]);
    assert_eq!(why.passed_over[0], "280 of another area");
}

#[test]
fn a_link_of_the_dispatchers_says_what_was_compared() {
    let candidate =
        LinkCandidate { ticket: TicketId::from_u128(1), ground: CommonGround::Device, percent: 92 };
    let reason =
        LinkReason { rule_set: RuleSetVersion::SHIPPED, candidates: vec![candidate, candidate] };
    let (to, kind) = (candidate.ticket, LinkKind::Duplicate);
    let linked = |reason| Linked { to, kind, due: None, reason };
    let said = |language, linked: Linked| {
        let event = Event::Ticket(linked.into());
        let sentence = Speaker::new(language, &shanghai(), &Everything).event(&event, at(NOON));
        sentence.details.into_iter().map(|detail| detail.value).collect::<Vec<_>>()
    };
    let zh = said(Language::Chinese, linked(Some(reason.clone())));
    assert!(zh[0].contains("同一设备，描述相似度 92%"), "{zh:?}");
    let en = said(Language::English, linked(Some(reason)));
    assert!(en[0].contains("same device, words 92% alike"), "{en:?}");
    assert_eq!(said(Language::Chinese, linked(None)), Vec::<String>::new());
}

#[test]
fn an_expression_that_made_a_ticket_urgent_is_told_as_it_was_written() {
    let source = "images >= 2 && says(\"停机\")";
    let met = Met { at: "any[1].cel".into(), found: Finding::Cel(source.into()) };
    let rule_set = RuleSetVersion::new(3);
    let marked = MarkedUrgent { rule_set, met: vec![met], priority: None };
    let event = Event::Ticket(marked.into());
    for (language, words) in
        [(Language::English, "it is true that "), (Language::Chinese, "表达式 ")]
    {
        let told = told(language, &event);
        assert!(told.contains(&format!("{words}{source}")), "{told}");
    }
}

#[test]
fn who_was_first_to_accept_an_offer_is_not_told_to_accept() {
    let won = told(Language::English, &assigned(1, Via::Offer(1)));
    assert_eq!(won, "王工 got it by accepting the offer first");
}

#[test]
fn a_report_tells_where_it_goes_and_keeps_the_words_apart() {
    let report = Report {
        sentence: Some(" 冲床 <b>咔哒</b>两声就停了 ".into()),
        contact_name: Some("老李".into()),
        contact_phone: Some("13800000000".into()),
        ..Report::default()
    };
    let due = at("2026-03-03T08:30:00+08:00");
    let event = Event::Ticket(
        Created {
            channel: Channel::Phone,
            customer: Some(CustomerId::from_u128(3)),
            outlet: None,
            area: None,
            device: None,
            skills: vec![],
            priority: Priority::High,
            urgent: true,
            has_sentence: true,
            has_place: false,
            entry: Entry::Dispatch { due },
            attachments: vec![],
            report: Personal::Known(report),
        }
        .into(),
    );
    // Another day is told with its date.
    assert_eq!(
        told(Language::Chinese, &event),
        "报修（电话）；紧急；自动派单，03-03 08:30 前须有人接手"
    );
    let time = shanghai();
    let sentence = Speaker::new(Language::English, &time, &Everything).event(&event, at(NOON));
    assert_eq!(sentence.said, Some(Said::Words("冲床 <b>咔哒</b>两声就停了".into())));
    let details: Vec<_> =
        sentence.details.iter().map(|it| format!("{}={}", it.label, it.value)).collect();
    assert_eq!(details, ["Contact=老李, 13800000000", "Customer=Shunda", "Priority=high"]);
}

#[test]
fn queues_and_recipients_are_people_where_the_area_names_one() {
    let person = Some(StaffId::from_u128(8));
    let entry = QueueEntry {
        role: QueueRole::Supervisor,
        person,
        reason: QueueReason::RoundsExhausted,
        due: at("2026-03-02T12:30:00+08:00"),
    };
    let queued = Event::Ticket(domain::ticket::event::Queued { entry }.into());
    assert_eq!(
        told(Language::English, &queued),
        "Goes to the queue of area supervisor Chen: nobody accepted in any round; \
         to be handled by 12:30"
    );
    let notice = Notice::NotAcceptedInTime;
    let notice = Told { whom: Recipient::Supervisor(None), notice };
    assert_eq!(
        told(Language::Chinese, &Event::Ticket(notice.into())),
        "给片区主管的通知：未按时接单"
    );
}

#[test]
fn an_actor_is_told_with_whom_they_act_for_and_how_sure_that_is() {
    let time = shanghai();
    let speaker = Speaker::new(Language::Chinese, &time, &Everything);
    let mut actor = Actor::claimed(Party::Agent(StaffId::from_u128(8)));
    actor.on_behalf_of = Some(Party::Customer(CustomerId::from_u128(3)));
    assert_eq!(speaker.actor(&actor), "客服 Chen（代 客户 Shunda）");
    assert_eq!(speaker.assurance(&actor).as_deref(), Some("自称"));
    let dispatcher = Actor::system(Party::Dispatcher);
    assert_eq!(speaker.actor(&dispatcher), "自动派单");
    assert_eq!(speaker.assurance(&dispatcher), None);
}

#[test]
fn every_category_has_events_and_its_name_reads_back() {
    let events = every_event();
    for category in Category::ALL {
        assert!(events.iter().any(|event| Category::of(event) == category), "{category}");
        assert_eq!(category.to_string().parse(), Ok(category));
    }
}

#[test]
fn ordinals_are_those_of_the_language() {
    let time = shanghai();
    let english = Speaker::new(Language::English, &time, &NoNames);
    let told: Vec<_> = [1, 2, 3, 4, 11, 12, 21, 112].map(|n| english.ordinal(n)).into();
    assert_eq!(told, ["1st", "2nd", "3rd", "4th", "11th", "12th", "21st", "112th"]);
    assert_eq!(Speaker::new(Language::Chinese, &time, &NoNames).ordinal(21), "21");
}

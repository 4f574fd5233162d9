//! How commands, events, states and rejections are written where the API shows them: bodies read
//! back, mistakes are named, and what clients rely on does not change by accident.

mod world;

use domain::engineer::{EngineerCommand, Profile};
use domain::rules::{Finding, Met};
use domain::ticket::{
    Accept, AcceptTransfer, AddHelper, Appoint, Arrive, AskOwner, Assign, Cancel, Channel, Claim,
    Close, CloseBySilence, Confirm, Create, Decline, Defer, Depart, Details, EndClaim, EndTransfer,
    Escalate, EscalateQueue, ExpireOffer, Hold, HoldReason, Import, ImportedStep, Link, LinkKind,
    MarkUrgent, Merge, MissAppointment, Note, Offer, Part, PhaseName, Priority, QueueReason,
    Reject, Remind, RemoveAttachment, RemoveHelper, Reopen, ReportSilence, ResolutionMethod,
    Resolve, Resume, RetractAnswer, Return, TicketCommand, TimeOut, ToSupervisor, Transfer, Unlink,
    Urge, Verb, Verdict, Withdraw,
};
use domain::{
    Command, CommonGround, Coordinates, Datum, LinkCandidate, LinkReason, NewAttachment, Rejection,
    RuleSetVersion,
};
use serde_json::{Value, json};
use world::erase::erased;
use world::*;

fn attachment() -> NewAttachment {
    unvouched(7)
}

/// A body in which every field says something.
#[expect(clippy::too_many_lines, reason = "one arm per verb")]
fn full(verb: Verb) -> TicketCommand {
    let here = Coordinates::new(31.2304, 121.4737, Datum::Gcj02).expect("on the earth");
    let words = || "一二三".to_owned();
    let said = || Some(words());
    let at = Some(START);
    let engineer = Some(ANNA);
    match verb {
        Verb::Create => Create {
            channel: Channel::Phone,
            customer: Some(CUSTOMER),
            outlet: Some(OUTLET),
            device: Some(DEVICE),
            skills: vec![words()],
            priority: Priority::High,
            urgent: true,
            sentence: said(),
            contact_name: said(),
            contact_phone: said(),
            place: said(),
            position: Some(here),
            attachments: vec![attachment()],
        }
        .into(),
        Verb::Details => Details {
            customer: Some(CUSTOMER),
            outlet: Some(OUTLET),
            device: Some(DEVICE),
            skills: Some(vec![words()]),
            priority: Some(Priority::Critical),
            urgent: Some(false),
            sentence: said(),
            contact_name: said(),
            contact_phone: said(),
            place: said(),
            position: Some(here),
            attachments: vec![attachment()],
        }
        .into(),
        Verb::Claim => Claim { agent: Some(AGENT) }.into(),
        Verb::EndClaim => EndClaim {}.into(),
        Verb::Offer => Offer {
            engineers: vec![ANNA, BO],
            until: at,
            reason: Some(least_loaded(ANNA)),
            after: Some(0),
        }
        .into(),
        Verb::ExpireOffer => ExpireOffer { offer: 3 }.into(),
        Verb::Assign => {
            Assign { engineer, reason: Some(least_loaded(ANNA)), after: Some(2) }.into()
        }
        Verb::Accept => Accept { engineer }.into(),
        Verb::Decline => Decline { engineer, words: words() }.into(),
        Verb::Return => Return { engineer, words: words() }.into(),
        Verb::Transfer => Transfer { to: engineer }.into(),
        Verb::AcceptTransfer => AcceptTransfer { engineer }.into(),
        Verb::EndTransfer => EndTransfer { assignment: Some(1) }.into(),
        Verb::TimeOut => TimeOut { assignment: 1 }.into(),
        Verb::Withdraw => Withdraw {}.into(),
        Verb::Depart => Depart { engineer }.into(),
        Verb::Arrive => Arrive { engineer }.into(),
        Verb::Hold => {
            Hold { reason: Some(HoldReason::CustomerAbsent), until: at, words: words() }.into()
        }
        Verb::Resume => Resume {}.into(),
        Verb::Appoint => Appoint { from: at, until: at, words: words() }.into(),
        Verb::MissAppointment => MissAppointment {}.into(),
        Verb::AddHelper => AddHelper { engineer }.into(),
        Verb::RemoveHelper => RemoveHelper { engineer }.into(),
        Verb::Note => Note { words: words(), attachments: vec![attachment()] }.into(),
        Verb::RemoveAttachment => RemoveAttachment { hash: Some(hash(7)), words: words() }.into(),
        Verb::Urge => Urge { words: words() }.into(),
        Verb::Resolve => Resolve {
            engineer,
            method: Some(ResolutionMethod::Remotely),
            fault_type: said(),
            cause: said(),
            parts: vec![Part { code: "BRG-7014".into(), quantity: 2 }],
            words: words(),
            attachments: vec![attachment()],
        }
        .into(),
        Verb::Remind => Remind { number: 1 }.into(),
        Verb::Confirm => Confirm {
            verdict: Some(Verdict::Partial),
            stars: Some(4),
            words: words(),
            attachments: vec![attachment()],
        }
        .into(),
        Verb::Reject => {
            Reject { stars: Some(1), words: words(), attachments: vec![attachment()] }.into()
        }
        Verb::RetractAnswer => RetractAnswer {}.into(),
        Verb::CloseBySilence => CloseBySilence {}.into(),
        Verb::Close => Close { words: words() }.into(),
        Verb::Reopen => Reopen { words: words() }.into(),
        Verb::Escalate => Escalate { without: engineer }.into(),
        Verb::ToSupervisor => ToSupervisor { reason: Some(QueueReason::RoundsExhausted) }.into(),
        Verb::EscalateQueue => EscalateQueue {}.into(),
        Verb::MarkUrgent => {
            let met = Met { at: "says".into(), found: Finding::Says(words()) };
            MarkUrgent { rule_set: RuleSetVersion::new(3), met: vec![met] }.into()
        }
        Verb::Defer => Defer { reason: Some(least_loaded(BO)) }.into(),
        Verb::AskOwner => AskOwner { assignment: 1 }.into(),
        Verb::ReportSilence => ReportSilence { assignment: 1 }.into(),
        Verb::Merge => Merge { into: Some(T2) }.into(),
        Verb::Link => {
            let candidate = LinkCandidate { ticket: T2, ground: CommonGround::Device, percent: 80 };
            let reason =
                LinkReason { rule_set: RuleSetVersion::SHIPPED, candidates: vec![candidate] };
            Link { to: Some(T2), kind: Some(LinkKind::RepeatVisit), reason: Some(reason) }.into()
        }
        Verb::Unlink => Unlink { from: Some(T2) }.into(),
        Verb::Cancel => Cancel { words: words() }.into(),
        Verb::Import => Import { step: Some(opened_elsewhere()), words: words() }.into(),
    }
}

fn body(command: &TicketCommand) -> Value {
    command.write(serde_json::value::Serializer).expect("a body has a text")
}

#[test]
fn every_body_reads_back_as_it_was_written() {
    for verb in Verb::ALL {
        let command = full(*verb);
        assert_eq!(command.verb(), *verb);
        let written = body(&command);
        let read = TicketCommand::read(*verb, written.clone());
        assert_eq!(read.expect("what was written"), command, "{written}");
        for value in written.as_object().expect("a body is an object").values() {
            assert!(!value.is_null(), "{verb:?} leaves a field empty: {written}");
        }
    }
}

#[test]
fn nothing_is_required_to_be_understood() {
    for verb in Verb::ALL {
        let empty = TicketCommand::read(*verb, json!({})).expect("an empty body");
        assert_eq!(empty.verb(), *verb);
        let again = TicketCommand::read(*verb, body(&empty)).expect("an empty body written out");
        assert_eq!(again, empty);
    }
}

#[test]
fn an_unknown_field_is_refused_by_its_name() {
    for verb in Verb::ALL {
        let mut written = body(&full(*verb));
        written["colour"] = json!("red");
        let error = TicketCommand::read(*verb, written).expect_err("no such field").to_string();
        assert!(error.contains("colour"), "{verb:?}: {error}");
    }
}

#[test]
fn an_unknown_field_deep_inside_is_refused_by_its_name() {
    let reason = json!({
        "rule": "by_hand", "rule_set": 0, "candidates": [], "candidates_total": 0, "filtered": [],
    });
    let mut odd_reason = reason.clone();
    odd_reason["colour"] = json!(1);
    let mut odd_candidate = reason;
    odd_candidate["candidates"] = json!([{"engineer": ANNA, "score": 1, "colour": 1}]);
    let opened = json!({"customer": null, "outlet": null, "device": null, "priority": "low"});
    let mut odd_step = opened;
    odd_step["colour"] = json!(1);
    for (verb, odd) in [
        (Verb::Assign, json!({"engineer": ANNA, "reason": odd_reason})),
        (Verb::Assign, json!({"engineer": ANNA, "reason": odd_candidate})),
        (Verb::Import, json!({"step": {"opened": odd_step}})),
        (Verb::Resolve, json!({"parts": [{"code": "x", "quantity": 1, "colour": 1}]})),
        (Verb::Create, json!({"position": {"latitude": 1, "longitude": 1, "colour": 1}})),
    ] {
        let error = TicketCommand::read(verb, odd).expect_err("no such field").to_string();
        assert!(error.contains("colour"), "{verb:?}: {error}");
    }
}

#[test]
fn nobody_outside_can_vouch_for_an_attachment() {
    let mut written = body(&full(Verb::Note));
    assert_eq!(written["attachments"][0]["hash"], "07".repeat(32));
    written["attachments"][0]["vouched"] = json!({});
    let error = TicketCommand::read(Verb::Note, written).expect_err("no such field").to_string();
    assert!(error.contains("vouched"), "{error}");
}

#[test]
fn a_wrong_value_is_refused_by_what_is_wrong_with_it() {
    for (verb, wrong, named) in [
        (Verb::Assign, json!({"engineer": T1}), "engineer's id"),
        (Verb::Assign, json!({"engineer": "李工"}), "李工"),
        (Verb::Hold, json!({"reason": "lunch"}), "lunch"),
        (Verb::Hold, json!({"until": "tomorrow"}), "tomorrow"),
        (Verb::Confirm, json!({"stars": 300}), "300"),
        (Verb::Create, json!({"position": {"latitude": 95, "longitude": 0}}), "95"),
        (Verb::Note, json!({"words": null}), "null"),
        (Verb::RemoveAttachment, json!({"hash": "7F"}), "64 lower-case hexadecimal digits"),
    ] {
        let error = TicketCommand::read(verb, wrong.clone()).expect_err("a wrong value");
        assert!(error.to_string().contains(named), "{wrong}: {error}");
    }
}

#[test]
fn a_verb_is_written_as_it_stands_in_urls() {
    for verb in Verb::ALL {
        assert_eq!(json!(verb), json!(verb.as_str()));
        let read: Verb = serde_json::from_value(json!(verb.as_str())).expect("its own name");
        assert_eq!(read, *verb);
    }
    for phase in PhaseName::ALL {
        assert_eq!(json!(phase), json!(phase.as_str()));
    }
}

#[test]
fn verbs_are_those_that_clients_know() {
    let verbs: Vec<_> = Verb::ALL.iter().map(|verb| verb.as_str()).collect();
    assert_eq!(
        verbs.join(" "),
        "create details claim end-claim offer expire-offer assign accept decline return transfer \
         accept-transfer end-transfer time-out withdraw depart arrive hold resume appoint \
         miss-appointment add-helper remove-helper note remove-attachment urge resolve remind \
         confirm reject retract-answer close-by-silence close reopen escalate to-supervisor mark-urgent escalate-queue defer \
         ask-owner report-silence merge link unlink cancel import"
    );
}

#[test]
fn a_whole_command_says_what_it_is_about_and_which_verb() {
    for verb in Verb::ALL {
        let command = Command::Ticket(T1, full(*verb));
        let written = json!(command);
        assert_eq!(written["ticket"][0], json!(T1));
        assert_eq!(written["ticket"][1]["verb"], json!(verb.as_str()));
    }
    let hold = Hold { reason: Some(HoldReason::CustomerAbsent), ..Hold::default() };
    assert_eq!(
        json!(Command::Ticket(T1, hold.into())),
        json!({"ticket": [
            "tk_0000000000000000000000003h",
            {"verb": "hold", "reason": "customer_absent", "until": null, "words": ""},
        ]})
    );
    assert_eq!(
        json!(freeze(ANNA).command),
        json!({"engineer": [
            "en_0000000000000000000000000a",
            {"freeze": {"until": null, "reason": "by_hand", "words": ""}},
        ]})
    );
    let online = Command::Engineer(ANNA, EngineerCommand::GoOnline);
    assert_eq!(json!(online), json!({"engineer": ["en_0000000000000000000000000a", "go_online"]}));
    let rules = Command::PublishRules(Default::default());
    assert_eq!(json!(rules)["publish_rules"]["zone"], "Asia/Shanghai");
}

#[test]
fn commands_that_differ_are_written_differently() {
    let mut texts = std::collections::BTreeSet::new();
    for verb in Verb::ALL {
        for command in [full(*verb), TicketCommand::read(*verb, json!({})).expect("empty")] {
            for id in [T1, T2] {
                texts.insert(json!(Command::Ticket(id, command.clone())).to_string());
            }
        }
    }
    let alike = Verb::ALL.iter().filter(|verb| body(&full(**verb)) == json!({})).count();
    assert_eq!(texts.len(), Verb::ALL.len() * 4 - alike * 2);
}

#[test]
fn an_engineers_entry_reads_back_and_names_what_it_does_not_know() {
    let full = Profile {
        code: Some("E-17".into()),
        outlet: Some(OUTLET),
        skills: vec!["立加".into()],
        capacity: Some(2),
        zone: Some("Asia/Shanghai".into()),
        retired: true,
        name: Some("安娜".into()),
        phone: Some("138".into()),
        ..Profile::default()
    };
    let mut written = json!(full);
    let read: Profile = serde_json::from_value(written.clone()).expect("what was written");
    assert_eq!(read, full);
    written["colour"] = json!(1);
    let error = serde_json::from_value::<Profile>(written).expect_err("no such field");
    assert!(error.to_string().contains("colour"), "{error}");
}

#[test]
fn events_are_written_as_clients_read_them() {
    let mut world = given([create(), assign(ANNA)]);
    let changes = world.run(&accept(ANNA)).expect("hers");
    assert_eq!(
        json!(changes[0].event),
        json!({
            "type": "accepted",
            "number": 1,
            "engineer": "en_0000000000000000000000000a",
            "due": "2026-03-02T05:00:00Z",
        })
    );
    let step = ImportedStep::Held(HoldReason::WaitingForCustomer);
    let mut world = given([import(opened_elsewhere())]);
    let changes = world.run(&import(step)).expect("the next step");
    assert_eq!(
        json!(changes[0].event),
        json!({
            "type": "imported",
            "step": {"held": "waiting_for_customer"},
            "due": "2026-03-03T01:00:00Z",
            "words": {"text": "", "attachment_names": []},
        })
    );
}

#[test]
fn erased_words_are_written_as_nothing() {
    let mut world = given([create()]);
    let changes = world.run(&note("门口有狗")).expect("a note");
    assert_eq!(json!(changes[0].event)["words"]["text"], "门口有狗");
    assert_eq!(json!(erased(&changes[0].event))["words"], Value::Null);
}

#[test]
fn a_ticket_is_written_with_its_state_beside_its_fields() {
    let world = given([create(), assign(ANNA), accept(ANNA), hold(ANNA)]);
    let written = json!(world.ticket_now(T1));
    assert_eq!(written["state"], "working");
    assert_eq!(written["hold"]["reason"], "waiting_for_parts");
    assert_eq!(written["assignment"]["engineer"], json!(ANNA));
    assert_eq!(written["number"], world.ticket_now(T1).number.to_string());
}

#[test]
fn a_rejection_has_a_stable_reason_and_says_what_to_do() {
    let world = given([create(), assign(ANNA)]);
    let mut asked = world;
    let rejection = asked.run(&accept(BO)).expect_err("Anna has it");
    assert_eq!(
        json!(rejection),
        json!({
            "reason": "taken_by",
            "winner": "en_0000000000000000000000000a",
            "since": "2026-03-02T01:00:00Z",
        })
    );
    let invalid = Rejection::invalid("stars", "must be 1 to 5, or absent");
    assert_eq!(invalid.to_string(), "stars: must be 1 to 5, or absent");
}

//! An urgent ticket goes to the nearest three who are online, by the firm's own rule.

use serde_json::json;

use crate::firm::Firm;
use crate::running::Process;

#[test]
fn a_report_that_the_rule_finds_urgent_is_offered_to_the_nearest_three() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Process::start(data.path());
    let client = server.client();
    let firm = Firm::enter(&client, 5, 3);
    let rules =
        json!({"urgent": {"when": {"all": [{"says": ["停机"]}, {"channel_in": ["page"]}]}}});
    client.put("/api/v1/rules", rules).expect(200);
    for (place, engineer) in firm.engineers.iter().enumerate() {
        let path = format!("/api/v1/engineers/{engineer}");
        client.post(&format!("{path}/online"), json!({})).expect(200);
        let latitude = 31.3 - 0.01 * place as f64;
        let position = json!({"latitude": latitude, "longitude": 121.5});
        client.post(&format!("{path}/position"), position).expect(200);
    }
    let report = |sentence: &str| {
        let position = json!({"latitude": 31.2, "longitude": 121.5});
        let report = json!({
            "sentence": sentence, "outlet": firm.outlet, "channel": "page", "position": position,
        });
        client.post("/api/v1/tickets", report).expect(201).text("/id").to_owned()
    };
    let ticket = report("三号冲床停机了");
    let offered = client.ticket_once(&ticket, "offered");
    let nearest: Vec<_> = firm.engineers[2..].iter().rev().map(|id| json!(id)).collect();
    assert_eq!(offered.body["offer"]["engineers"], json!(nearest));
    assert_eq!(offered.body["urgent"], true);
    assert!(client.history(&ticket).contains(&"MarkedUrgent".to_owned()));

    // Whoever asks why is told the rule, the candidates and the basis, in both languages.
    let why = client.get(&format!("/api/v1/tickets/{ticket}/why")).expect(200);
    let steps = why.body["steps"].as_array().expect("steps");
    let offer = steps.iter().find(|step| step["event"]["type"] == "Offered").expect("an offer");
    assert_eq!(offer["event"]["data"]["reason"]["rule"], "nearest_online");
    assert!(offer["event"]["basis"]["position"].is_u64());
    let said = |step: &serde_json::Value, language: &str| step[language].to_string();
    assert!(said(offer, "en").contains("Candidates with scores, 5 in all"), "{offer}");
    assert!(said(offer, "zh").contains("候选及得分，共 5 人"), "{offer}");
    let marked = steps.iter().find(|step| step["event"]["type"] == "MarkedUrgent");
    assert!(marked.is_some_and(|step| said(step, "zh").contains("停机")), "{steps:?}");
    assert!(why.body["upcoming"]["due"].is_string() && why.body["upcoming"]["zh"].is_string());

    let calm = report("空调没有停机，只是不制冷");
    assert_eq!(client.ticket_once(&calm, "assigned").body["urgent"], false);
}

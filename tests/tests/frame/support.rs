//! What these tests check of many answers.

use reqwest::Method;
use tests::{Answer, Client, Value, json};

/// A partner to add.
pub fn partner(name: &str) -> Value {
    json!({"name": name, "domain": format!("{}.example", name.to_lowercase()), "country": "DE"})
}

/// Sends bytes of a type.
pub fn send(client: &Client, path: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
    let request = client.request(Method::POST, path).header("Content-Type", content_type);
    Answer::of(request.body(body.into()))
}

/// Where the faults are, each place once: two rules can be broken at one.
pub fn places(answer: &Answer) -> Vec<String> {
    let mut places = answer.faults();
    places.dedup();
    places
}

/// Fails the test if an answer tells what is nobody's business: SQL, our files, our languages.
#[track_caller]
pub fn expect_discreet(answer: &Answer) {
    let text = answer.text.to_lowercase();
    for word in [
        "select ", "insert ", "sqlite", "postgres", "diesel", ".rs:", "/src/", "/home/", "/root/", "/tmp/", "panicked",
        "actix", "serde",
    ] {
        assert!(!text.contains(word), "“{word}” in {}", answer.text);
    }
}

/// The types of the events of a subject, oldest first.
pub fn events_of(client: &Client, subject: &str) -> Vec<String> {
    let (mut after, mut found) = (String::new(), Vec::new());
    loop {
        let page = client.get(&format!("/v1/events?limit=200{after}")).expect_status(200);
        let of_subject = page.json["data"].as_array().expect("data").iter().filter(|event| event["subject"] == subject);
        found.extend(of_subject.map(|event| event["type"].as_str().expect("a type").to_owned()));
        match page.json["next_cursor"].as_str() {
            Some(next) if !page.json["data"].as_array().expect("data").is_empty() => after = format!("&after={next}"),
            _ => return found,
        }
    }
}

/// The audit entries of a subject, oldest first.
pub fn audit_of(client: &Client, subject: &str) -> Vec<Value> {
    let mut entries = client.all(&format!("/v1/audit-entries?subject={subject}"));
    entries.reverse();
    entries
}

/// Fails the test unless the subject's last entry is this action, by whoever asks, with these states.
#[track_caller]
pub fn expect_audited(client: &Client, subject: &str, action: &str, before: &Value, after: &Value) {
    let entry = audit_of(client, subject).pop().expect("an entry");
    assert_eq!(entry["action"], action);
    assert_eq!(entry["actor"], client.get("/v1/me").json["subject"]);
    assert_eq!((&entry["before"], &entry["after"]), (before, after), "{action}");
    assert_eq!(entry["address"], "127.0.0.1");
    assert!(entry["request_id"].is_string() && entry["occurred_at"].is_string());
}

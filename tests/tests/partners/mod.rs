//! What partners agree to, what follows when they do not keep to it, where they may act, and what they plan.

use reqwest::Method;
use tests::{
    Answer, Client, Scene, Server, Value,
    clock::{advance, now, time},
    json, on_both, on_both_with,
    scene::{Partner, deal},
};

mod agreements;
mod applications;
mod plans;
mod standing;
mod territories;
mod violations;

const DEALS: &str = "/v1/deal-registrations";

/// A sandbox that does not sweep while a test runs: what it answers is right by itself.
const UNSWEPT: &[(&str, &str)] = &[("ENTENTE_SANDBOX", "1"), ("ENTENTE_SWEEP_SECONDS", "3600")];

/// A sandbox that sweeps every second.
const SWEPT: &[(&str, &str)] = &[("ENTENTE_SANDBOX", "1"), ("ENTENTE_SWEEP_SECONDS", "1")];

/// A vendor whose program `reseller` has these sections besides the usual, and approves what is clean.
fn vendor(server: &Server, sections: &Value) -> Scene {
    let scene = Scene::new(server, json!({"auto_approve": {}}));
    program(&scene, "strict", sections);
    scene
}

/// Adds a program with these sections besides the usual.
fn program(scene: &Scene, slug: &str, sections: &Value) {
    let mut document = json!({
        "slug": slug, "name": slug, "tiers": [{"name": "Gold", "benefits": {"protection_days": 90}}],
        "deal_registration": {"auto_approve": {"up_to": {"amount": "50000.00", "currency": "EUR"}}}
    });
    for (name, value) in sections.as_object().unwrap() {
        document[name] = value.clone();
    }
    scene.admin.post("/v1/programs", &document).expect_status(201);
}

/// A partner that is in the program `strict` too; its enrollment there.
fn partner(scene: &Scene, name: &str) -> (Partner, String) {
    let partner = scene.partner(name);
    let enrollment = scene.enroll(&partner.id, "strict", "Gold");
    (partner, enrollment)
}

/// A registration in the program `strict`.
fn strict(domain: &str) -> Value {
    let mut deal = deal(domain);
    deal["program"] = json!("strict");
    deal
}

/// The same, of an amount that a person decides on.
fn undecided(domain: &str) -> Value {
    let mut deal = strict(domain);
    deal["amount"]["amount"] = json!("90000.00");
    deal
}

#[track_caller]
fn register(client: &Client, body: &Value) -> Answer {
    client.post(DEALS, body).expect_status(201)
}

fn get(client: &Client, id: &str) -> Answer {
    client.get(&format!("{DEALS}/{id}")).expect_status(200)
}

/// A verb on something.
fn act(client: &Client, path: &str, verb: &str, body: &Value) -> Answer {
    client.post(&format!("{path}/{verb}"), body)
}

/// Everything that a partner does with a registration: the verb, and a body that it takes.
fn verbs() -> Vec<(&'static str, Value)> {
    vec![
        ("submit", json!({})),
        ("withdraw", json!({})),
        ("release", json!({})),
        ("extend", json!({"progress": "an offer is out"})),
        ("win", json!({"amount": {"amount": "1.00", "currency": "EUR"}, "closed_on": "2026-01-01"})),
        ("lose", json!({"reason": "price"})),
        ("dispute", json!({"text": "it is ours"})),
    ]
}

/// The time in so many days, as it is sent.
fn in_days(admin: &Client, days: i64) -> String {
    (now(admin) + chrono::TimeDelta::days(days)).to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// The codes of the faults.
fn codes(answer: &Answer) -> Vec<String> {
    let faults = answer.json["errors"].as_array().into_iter().flatten();
    faults.map(|fault| fault["code"].as_str().unwrap().to_owned()).collect()
}

/// The types of the events of a subject, oldest first.
fn told(client: &Client, subject: &str) -> Vec<String> {
    let (mut after, mut found) = (String::new(), Vec::new());
    loop {
        let page = client.get(&format!("/v1/events?limit=200{after}")).expect_status(200);
        let events = page.json["data"].as_array().unwrap();
        let own = events.iter().filter(|event| event["subject"] == subject);
        found.extend(own.map(|event| event["type"].as_str().unwrap().to_owned()));
        match page.json["next_cursor"].as_str() {
            Some(next) if !events.is_empty() => after = format!("&after={next}"),
            _ => return found,
        }
    }
}

/// What the audit trail last says of a subject: the operation, before and after.
fn audited(admin: &Client, subject: &str) -> (String, Value, Value) {
    let entry = admin.all(&format!("/v1/audit-entries?subject={subject}")).remove(0);
    (entry["action"].as_str().unwrap().to_owned(), entry["before"].clone(), entry["after"].clone())
}

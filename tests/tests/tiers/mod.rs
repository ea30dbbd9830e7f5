//! Tiers: who rises and falls when, why, and what comes next.

use std::time::Duration;

use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use reqwest::Method;
use tests::{
    Answer, Client, Scene, Server, Value,
    clock::{self, today},
    json, on_both_with,
    scene::Partner,
};

mod moves;
mod overrides;
mod reasons;
mod runs;

/// A sandbox that does not sweep while a test runs: what it answers is right by itself.
const UNSWEPT: &[(&str, &str)] = &[("ENTENTE_SANDBOX", "1"), ("ENTENTE_SWEEP_SECONDS", "3600")];

/// A sandbox that sweeps every second.
const SWEPT: &[(&str, &str)] = &[("ENTENTE_SANDBOX", "1"), ("ENTENTE_SWEEP_SECONDS", "1")];

/// A vendor with the program `ladder`: Bronze, Silver from 100, Gold from 1,000, Platinum from 10,000 sold, as `sold` is
/// observed; reviewed on the first of each month.
fn vendor(server: &Server, demotion: &Value) -> Scene {
    let scene = Scene::approving(server);
    scene.admin.post("/v1/programs", &ladder(demotion)).expect_status(201);
    scene
}

fn ladder(demotion: &Value) -> Value {
    let tier = |name: &str, days: u32, least: u32| json!({"name": name, "requires": {"metric": "sold", "at_least": least}, "benefits": {"protection_days": days}});
    json!({
        "slug": "ladder", "name": "Ladder", "currency": "EUR",
        "facts": {"sold": {"type": "number", "unit": "EUR", "default": 0, "source": {"observation": "sold"}}},
        "tiers": [
            {"name": "Bronze", "benefits": {"protection_days": 30}},
            tier("Silver", 60, 100), tier("Gold", 90, 1000), tier("Platinum", 120, 10000)
        ],
        "evaluation": {"cadence": "monthly", "promotion": "immediate", "demotion": demotion},
        "deal_registration": {"auto_approve": {}}
    })
}

/// A partner in the program at a tier; the path of its enrollment there.
fn partner(scene: &Scene, name: &str, tier: &str) -> (Partner, String) {
    let partner = scene.partner(name);
    let enrollment = scene.enroll(&partner.id, "ladder", tier);
    (partner, format!("/v1/enrollments/{enrollment}"))
}

/// The first day of the month after a day.
fn next_first(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap() + Months::new(1)
}

/// Moves the sandbox's clock to some hours into a day.
fn go_to(admin: &Client, day: NaiveDate) {
    clock::go_to(admin, day.and_hms_opt(3, 0, 0).unwrap().and_utc());
}

/// An ERP tells what the partner has sold by a day.
fn observe(admin: &Client, partner: &Partner, day: NaiveDate, sold: &str) {
    let one =
        json!({"partner_id": partner.id, "metric": "sold", "day": day, "value": sold, "unit": "EUR", "source": "erp"});
    report(admin, &one);
}

fn report(admin: &Client, observation: &Value) {
    let request = admin.request(Method::PUT, "/v1/observations").json(&json!({"observations": [observation]}));
    Answer::of(request).expect_status(200);
}

/// The tier, once it is as it is waited for.
#[track_caller]
fn wait(client: &Client, path: &str, what: impl Fn(&Value) -> bool) -> Value {
    clock::wait(client, &format!("{path}/tier"), what)
}

/// Waits until a program is looked after: what is reported from then on has its effect at once.
fn wait_for_sweep(admin: &Client) {
    let run = admin.post("/v1/tier-runs", &json!({"program": "ladder"})).expect_status(202).text("id");
    clock::wait(admin, &format!("/v1/tier-runs/{run}"), |run| run["state"] == "finished");
}

/// The kinds of the decisions on an enrollment, oldest first.
fn history(client: &Client, path: &str) -> Vec<String> {
    let mut kinds: Vec<String> = client
        .all(&format!("{path}/tier-history"))
        .iter()
        .map(|decision| decision["kind"].as_str().unwrap().to_owned())
        .collect();
    kinds.reverse();
    kinds
}

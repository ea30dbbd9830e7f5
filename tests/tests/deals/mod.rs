//! Deal registration, from outside: states, accounts, verdicts, protection, deadlines, disputes, lists, writes.

use std::{
    thread,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use tests::{
    Answer, Client, Scene, Server, Value,
    clock::{advance, now, time},
    json, on_both, on_both_with,
    scene::{Partner, deal},
};

mod accounts;
mod disputes;
mod explain;
mod lists;
mod protection;
mod secrecy;
mod sla;
mod states;
mod verdicts;
mod walk;
mod writes;

const DEALS: &str = "/v1/deal-registrations";

/// A sandbox that does not sweep while a test runs: what it answers is right by itself.
const UNSWEPT: &[(&str, &str)] = &[("ENTENTE_SANDBOX", "1"), ("ENTENTE_SWEEP_SECONDS", "3600")];

/// A sandbox that sweeps every second.
const SWEPT: &[(&str, &str)] = &[("ENTENTE_SANDBOX", "1"), ("ENTENTE_SWEEP_SECONDS", "1")];

/// A registration at a customer of this domain, with these members instead of the usual.
fn deal_with(domain: &str, members: Value) -> Value {
    let mut body = deal(domain);
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn path(id: &str) -> String {
    format!("{DEALS}/{id}")
}

#[track_caller]
fn register(client: &Client, body: &Value) -> Answer {
    client.post(DEALS, body).expect_status(201)
}

/// A verb on a registration.
fn act(client: &Client, id: &str, verb: &str, body: &Value) -> Answer {
    client.post(&format!("{DEALS}/{id}/{verb}"), body)
}

#[track_caller]
fn get(client: &Client, id: &str) -> Answer {
    client.get(&path(id)).expect_status(200)
}

/// PATCH of the registration as it is now.
fn patch(client: &Client, id: &str, body: &Value) -> Answer {
    client.patch(&path(id), &get(client, id).tag(), body)
}

/// What the registration's timeline tells, without the prefix that all its types share.
fn told(client: &Client, id: &str) -> Vec<String> {
    let timeline = client.get(&format!("{DEALS}/{id}/timeline")).expect_status(200);
    let kind = |entry: &Value| entry["type"].as_str().unwrap().replace("deal_registration.", "");
    timeline.json["data"].as_array().unwrap().iter().map(kind).collect()
}

fn times_told(client: &Client, id: &str, kind: &str) -> usize {
    told(client, id).iter().filter(|told| *told == kind).count()
}

/// The whole feed, of these types (`""` for all).
fn feed(client: &Client, types: &str) -> Vec<Value> {
    let (mut events, mut after) = (Vec::new(), String::new());
    loop {
        let types = if types.is_empty() { String::new() } else { format!("&types={types}") };
        let page = client.get(&format!("/v1/events?limit=200{types}{after}")).expect_status(200);
        events.extend(page.json["data"].as_array().unwrap().iter().cloned());
        match page.json["next_cursor"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return events,
        }
    }
}

/// The texts of a JSON array.
fn texts(array: &Value) -> Vec<String> {
    array.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort();
    items
}

/// The places of the faults, each once: one value may break several rules.
fn places(answer: &Answer) -> Vec<String> {
    let mut places = answer.faults();
    places.dedup();
    places
}

/// The verdicts of the findings, in their order.
fn kinds(answer: &Answer) -> Vec<String> {
    answer.json["findings"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
}

/// Waits for what a sweep is to bring.
#[track_caller]
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "never: {what}");
        thread::sleep(Duration::from_millis(100));
    }
}

/// Long enough for two sweeps of a server that sweeps every second.
fn two_sweeps() {
    thread::sleep(Duration::from_millis(2_600));
}

/// Another server on the same database, that sweeps.
fn sweeping(server: &Server) -> Server {
    Server::with(server.database.clone(), SWEPT)
}

//! What must hold when much happens at once, and when something breaks.

mod disk;
mod exclusivity;
mod feed;
mod group_commit;
mod idempotency;
mod kills;
mod logs;
mod outage;
mod sandbox;
mod shutdown;

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, Hasher, RandomState},
    thread,
    time::Duration,
};

use tests::{Answer, Client, Server, Value, scene::deal};

/// Where deals are registered.
const DEALS: &str = "/v1/deal-registrations";

/// The domain of a company whose name is like no other's, so that no verdict is about likeness.
fn company(number: u64) -> String {
    // SplitMix64: neighbours have nothing in common.
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let letter = |at: u32| char::from(b'a' + (mixed / 26_u64.pow(at) % 26) as u8);
    format!("{}.example", (0..13).map(letter).collect::<String>())
}

/// A deal with that company, handed in at once.
fn deal_with(number: u64) -> Value {
    deal(&company(number))
}

/// A number below `end` that nobody can foresee.
fn random(end: u64) -> u64 {
    RandomState::new().build_hasher().finish() % end
}

/// Sends the request until the server is not too busy for it; with how often it was.
fn patiently(send: impl Fn() -> Answer) -> (Answer, usize) {
    for refused in 0..200 {
        let answer = send();
        if answer.status != 503 {
            return (answer, refused);
        }
        let answer = answer.expect_problem(503, "busy");
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
        thread::sleep(Duration::from_millis(20));
    }
    panic!("the server was busy for 200 attempts");
}

/// How many registrations are stored.
fn stored(admin: &Client) -> usize {
    let page = admin.get(&format!("{DEALS}?limit=1&include=total")).expect_status(200);
    usize::try_from(page.json["total"].as_i64().expect("a total")).expect("a count")
}

/// A member of a JSON object as text.
fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_else(|| panic!("no {member} in {value}"))
}

/// All events from the beginning, as the caller sees them.
fn whole_feed(client: &Client) -> Vec<Value> {
    let (mut events, mut path) = (Vec::new(), "/v1/events?limit=200".to_owned());
    loop {
        let (page, _) = patiently(|| client.get(&path));
        let page = page.expect_status(200);
        events.extend(page.json["data"].as_array().expect("data").iter().cloned());
        match page.json["next_cursor"].as_str() {
            Some(next) => path = format!("/v1/events?limit=200&after={next}"),
            None => return events,
        }
    }
}

/// The types of each registration's events, in the feed's order.
fn histories(events: &[Value]) -> BTreeMap<&str, Vec<&str>> {
    let mut histories = BTreeMap::<_, Vec<_>>::new();
    for event in events {
        if let Some(kind) = text(event, "type").strip_prefix("deal_registration.") {
            histories.entry(text(event, "subject")).or_default().push(kind);
        }
    }
    histories
}

/// Waits until it holds, a while.
#[track_caller]
fn soon(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..200 {
        if holds() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("after ten seconds it still does not hold: {what}");
}

/// The caller at each of the servers.
fn at_each(client: &Client, servers: &[Server]) -> Vec<Client> {
    servers.iter().map(|server| client.at(&server.url)).collect()
}

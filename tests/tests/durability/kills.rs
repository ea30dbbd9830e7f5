//! What was acknowledged survives `kill -9`.

use std::{
    collections::BTreeSet,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use tests::{Answer, Client, Scene, Server, Value, on_both, scene::Partner};

use super::{DEALS, company, deal_with, histories, random, stored, text, whole_feed};

const KILLS: u64 = 20;
const WRITERS: u64 = 6;

/// A registration that was sent; nobody knows what became of it until there is an answer.
struct Attempt {
    writer: usize,
    key: String,
    body: Value,
    answer: Option<Answer>,
}

on_both! {
    fn what_was_acknowledged_survives_twenty_kills(server: Server) {
        let began = Instant::now();
        let mut server = server;
        let scene = Scene::approving(&server);
        let partners: Vec<_> = (0..WRITERS).map(|n| scene.partner(company(n).trim_end_matches(".example"))).collect();
        let mut attempts = Vec::new();
        let mut unknown = 0;
        for round in 1..=KILLS {
            attempts.extend(load_until_killed(&mut server, &partners, round));
            server = server.another();
            unknown += settle(&scene.admin.at(&server.url), &partners, &server.url, &mut attempts);
        }
        let admin = scene.admin.at(&server.url);
        assert_eq!(stored(&admin), attempts.len());
        everything_is_there(&partners, &server.url, &attempts);
        every_history_is_whole(&admin, &attempts);
        let took = began.elapsed();
        println!(
            "{:?}: {KILLS} kills, {} registrations acknowledged before a kill, {unknown} unanswered, {} stored, {took:?}",
            server.database.kind,
            attempts.len() - unknown,
            stored(&admin),
        );
        assert!(attempts.len() - unknown > 20, "so little was written that nothing is shown");
    }
}

/// Registers from many threads until the server is killed at a moment that nobody knows.
fn load_until_killed(server: &mut Server, partners: &[Partner], round: u64) -> Vec<Attempt> {
    let attempts = Mutex::new(Vec::new());
    let url = server.url.clone();
    thread::scope(|scope| {
        for (writer, partner) in partners.iter().enumerate() {
            let (client, attempts) = (partner.admin.at(&url), &attempts);
            scope.spawn(move || register_until_dead(&client, writer, round, attempts));
        }
        thread::sleep(Duration::from_millis(50 + random(500)));
        server.kill();
    });
    attempts.into_inner().expect("the attempts")
}

fn register_until_dead(client: &Client, writer: usize, round: u64, attempts: &Mutex<Vec<Attempt>>) {
    for n in 0_u64.. {
        let body = deal_with(round << 40 | (writer as u64) << 32 | n);
        let key = format!("round-{round}-writer-{writer}-{n}");
        let sent = client.request(reqwest::Method::POST, DEALS).header("Idempotency-Key", &key).json(&body);
        let answer = match Answer::try_of(sent) {
            Ok(answer) if answer.status == 503 => None,
            answer => Some(answer.map(|answer| answer.expect_status(201)).ok()),
        };
        let dead = matches!(answer, Some(None));
        attempts.lock().expect("the lock").push(Attempt { writer, key, body, answer: answer.flatten() });
        if dead {
            return;
        }
    }
}

/// Finds out about the attempts that got no answer, by sending them again; how many they were.
fn settle(admin: &Client, partners: &[Partner], url: &str, attempts: &mut [Attempt]) -> usize {
    let acknowledged = attempts.iter().filter(|attempt| attempt.answer.is_some()).count();
    let stored = stored(admin);
    assert!((acknowledged..=attempts.len()).contains(&stored), "{acknowledged} acknowledged, {stored} stored");
    for attempt in attempts.iter_mut().filter(|attempt| attempt.answer.is_none()) {
        attempt.answer = Some(repeat(&partners[attempt.writer].admin.at(url), attempt));
    }
    attempts.len() - acknowledged
}

fn repeat(client: &Client, attempt: &Attempt) -> Answer {
    for _ in 0..100 {
        let answer = client.post_once(DEALS, &attempt.key, &attempt.body);
        // The database may not have noticed yet that the server that worked on it is dead.
        if !matches!(answer.json["code"].as_str(), Some("busy" | "idempotency_key_in_use")) {
            return answer.expect_status(201);
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{} stays in use", attempt.key);
}

/// Every acknowledged registration can be read, and its request gets the same answer again.
fn everything_is_there(partners: &[Partner], url: &str, attempts: &[Attempt]) {
    thread::scope(|scope| {
        for (writer, partner) in partners.iter().enumerate() {
            let client = partner.admin.at(url);
            scope.spawn(move || {
                attempts.iter().filter(|one| one.writer == writer).for_each(|one| is_there(&client, one))
            });
        }
    });
}

fn is_there(client: &Client, attempt: &Attempt) {
    let first = attempt.answer.as_ref().expect("an answer");
    let now = client.get(&format!("{DEALS}/{}", first.text("id"))).expect_status(200);
    assert_eq!(now.json, first.json);
    let again = client.post_once(DEALS, &attempt.key, &attempt.body).expect_status(201);
    assert_eq!((&again.text, again.header("location")), (&first.text, first.header("location")));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
}

/// No registration lacks one of its events, and no event lacks its registration.
fn every_history_is_whole(admin: &Client, attempts: &[Attempt]) {
    let feed = whole_feed(admin);
    let histories = histories(&feed);
    let ids: BTreeSet<_> =
        attempts.iter().map(|one| text(&one.answer.as_ref().expect("an answer").json, "id")).collect();
    assert_eq!(histories.keys().copied().collect::<BTreeSet<_>>(), ids);
    for (id, history) in histories {
        assert_eq!(history, ["created", "submitted", "approved"], "{id}");
    }
}

//! The same request from many at once has one effect.

use std::{sync::Barrier, thread};

use tests::{Answer, Client, Kind, Scene, Server, Value};

use super::{DEALS, at_each, company, deal_with, histories, stored, text, whole_feed};

const SENDERS: usize = 16;
const ROUNDS: u64 = 10;

#[test]
fn the_same_key_at_once_has_one_effect_embedded() {
    all_send_the_same(&[Server::start(Kind::Sqlite)]);
}

#[test]
fn the_same_key_at_once_has_one_effect_on_postgres() {
    all_send_the_same(&[Server::start(Kind::Postgres)]);
}

#[test]
fn the_same_key_at_once_has_one_effect_on_two_servers() {
    let first = Server::start(Kind::Postgres);
    let second = first.another();
    all_send_the_same(&[first, second]);
}

fn all_send_the_same(servers: &[Server]) {
    let scene = Scene::approving(&servers[0]);
    let partner = scene.partner("Anna");
    let clients = at_each(&partner.admin, servers);
    let mut in_use = 0;
    for round in 0..ROUNDS {
        let (key, body) = (format!("round-{round}"), deal_with(round));
        let answers = at_once(&clients, &key, &body);
        in_use += answers.iter().filter(|answer| answer.status == 409).count();
        the_answers_are_one(answers);
        let again = clients[0].post_once(DEALS, &key, &body).expect_status(201);
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(stored(&scene.admin) as u64, round + 1);
    }
    let feed = whole_feed(&scene.admin);
    assert_eq!(histories(&feed).len() as u64, ROUNDS);
    assert!(histories(&feed).values().all(|history| *history == ["created", "submitted", "approved"]));
    println!(
        "{:?}: {} servers, {ROUNDS} keys sent by {SENDERS} at once, {in_use} answers that the key is in use",
        servers[0].database.kind,
        servers.len(),
    );
}

fn at_once(clients: &[Client], key: &str, body: &Value) -> Vec<Answer> {
    let start = Barrier::new(SENDERS);
    thread::scope(|scope| {
        let senders: Vec<_> = clients
            .iter()
            .cycle()
            .take(SENDERS)
            .map(|client| {
                scope.spawn(|| {
                    start.wait();
                    client.post_once(DEALS, key, body)
                })
            })
            .collect();
        senders.into_iter().map(|sender| sender.join().expect("an answer")).collect()
    })
}

/// Whoever was not told to come back has the same answer to the byte, and one of them was the first.
fn the_answers_are_one(answers: Vec<Answer>) {
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    for answer in refused {
        let answer = answer.expect_problem(409, "idempotency_key_in_use");
        assert!(answer.header("retry-after").is_some());
    }
    let first = made.first().expect("somebody who was not told to come back");
    for answer in &made {
        for header in ["location", "etag", "content-type"] {
            assert_eq!(answer.header(header), first.header(header));
        }
        assert_eq!(answer.text, first.text);
    }
    // The answer to the one who was first may be among them once; it is never there twice.
    let replayed = made.iter().filter(|answer| answer.header("idempotency-replayed") == Some("true")).count();
    assert_eq!(replayed + 1, made.len());
}

#[test]
fn a_key_belongs_to_one_request_of_one_caller_on_two_servers() {
    let first = Server::start(Kind::Postgres);
    let second = first.another();
    let scene = Scene::approving(&first);
    let (anna, berta) = (scene.partner("Anna"), scene.partner("Berta"));
    let made = anna.admin.post_once(DEALS, "one", &deal_with(1)).expect_status(201);
    let other = anna.admin.at(&second.url).post_once(DEALS, "one", &deal_with(2));
    other.expect_problem(422, "idempotency_key_reused");
    let of_berta = berta.admin.at(&second.url).post_once(DEALS, "one", &deal_with(2)).expect_status(201);
    assert_ne!(of_berta.text("id"), made.text("id"));
    assert_eq!(text(&of_berta.json["account"], "domain"), company(2));
    assert_eq!(stored(&scene.admin), 2);
}

//! How long it takes to hear that there is nothing: measured, not asserted. `make test` does not wait for it.
//!
//! `tests/with-postgres cargo test -p tests --test product -- --ignored --nocapture authorization::timing`

use std::time::{Duration, Instant};

use reqwest::Method;
use tests::{Answer, Client, Kind as DatabaseKind, Value, json};

use super::world::{Kind, Whose, World, missing, start};

/// How often each is asked, in turns.
const TIMES: usize = 500;

fn median(mut times: Vec<Duration>) -> u128 {
    times.sort_unstable();
    times[times.len() / 2].as_micros()
}

fn took(client: &Client, (method, path): (&Method, &str), body: Option<&Value>) -> Duration {
    let request = client.request(method.clone(), path).header("If-Match", "*");
    let request = if let Some(body) = body { request.json(body) } else { request };
    let began = Instant::now();
    let answer = Answer::of(request);
    assert_eq!(answer.status, 404, "{}", answer.text);
    began.elapsed()
}

fn measure(database: DatabaseKind) {
    let server = start(database);
    let world = World::new(&server);
    let own = &world.ours.partner.admin;
    let asked = [
        (Method::GET, "/v1/deal-registrations/{id}", Kind::Deal, None),
        (Method::GET, "/v1/enrollments/{id}/explanation", Kind::Enrollment, None),
        (Method::GET, "/v1/users/{id}", Kind::User, None),
        (Method::PATCH, "/v1/contacts/{id}", Kind::Contact, Some(json!({"name": "Other"}))),
        (Method::POST, "/v1/deal-registrations/{id}/withdraw", Kind::Deal, Some(json!({"text": "x"}))),
        (Method::POST, "/v1/business-plans/{id}/agree", Kind::BusinessPlan, None),
    ];
    for (method, path, kind, body) in asked {
        let theirs = world.id(kind, Whose::Theirs).expect("an id");
        let paths = [&theirs, &missing(&theirs)].map(|id| world.path(path, id));
        let mut times = [Vec::new(), Vec::new()];
        for turn in 0..2 * TIMES {
            // Each goes first as often as the other.
            let which = (turn + turn / 2) % 2;
            times[which].push(took(own, (&method, &paths[which]), body.as_ref()));
        }
        let [foreign, absent] = times.map(median);
        println!("{database:?} {method} {path}: another's {foreign} µs, nobody's {absent} µs");
    }
}

#[test]
#[ignore = "a measurement: it asserts nothing"]
fn anothers_and_nobodys_take_the_same_time_on_sqlite() {
    measure(DatabaseKind::Sqlite);
}

#[test]
#[ignore = "a measurement: it asserts nothing"]
fn anothers_and_nobodys_take_the_same_time_on_postgres() {
    measure(DatabaseKind::Postgres);
}

//! The statuses that operations share, each provoked at every operation that documents it. The client checks each
//! answer against the document; here it is only made to happen.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    thread,
    time::Duration,
};

use reqwest::Method;
use tests::{Answer, Client, Cluster, Database, Kind, Server, json, on_both_with, wire};

use super::operation::{Operation, all, documenting};

/// Operations of a sandbox too, and no patience for bodies.
const SETTINGS: &[(&str, &str)] =
    &[("ENTENTE_SANDBOX", "true"), ("ENTENTE_BODY_SECONDS", "1"), ("ENTENTE_APPLICATION_DIFFICULTY", "0")];
const IMPATIENT: &[(&str, &str)] = &[("ENTENTE_SANDBOX", "true"), ("ENTENTE_CALLER_RATE", "1")];

/// Asks each, and fails the test with all those that do not answer this problem.
#[track_caller]
pub fn each(operations: &[Operation], status: u16, codes: &[&str], ask: impl Fn(&Operation) -> Answer) {
    let faults = operations.iter().filter_map(|operation| otherwise(operation, &ask(operation), status, codes));
    let faults: Vec<_> = faults.collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The same, at once: where each takes its time.
#[track_caller]
fn each_at_once(operations: &[Operation], status: u16, codes: &[&str], ask: impl Fn(&Operation) -> Answer + Sync) {
    let faults: Vec<_> = thread::scope(|scope| {
        let ask = &ask;
        let asked = operations.iter().map(|one| scope.spawn(move || otherwise(one, &ask(one), status, codes)));
        asked.collect::<Vec<_>>().into_iter().filter_map(|one| one.join().expect("an answer")).collect()
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn otherwise(operation: &Operation, answer: &Answer, status: u16, codes: &[&str]) -> Option<String> {
    let told = answer.json["code"].as_str().unwrap_or_default();
    let meant = answer.status == status && codes.contains(&told);
    (!meant).then(|| format!("{}: {} {}", operation.id, answer.status, answer.text))
}

fn those(operations: Vec<Operation>, which: impl Fn(&Operation) -> bool) -> Vec<Operation> {
    let chosen: Vec<_> = operations.into_iter().filter(which).collect();
    assert!(!chosen.is_empty(), "no operation is left");
    chosen
}

/// Somebody with this scope alone.
fn powerless(server: &Server, admin: &Client, scope: &str) -> Client {
    let made = admin.post("/v1/api-clients", &json!({"name": scope, "scopes": [scope]})).expect_status(201);
    server.client().as_api_client(&made.text("client_id"), &made.text("client_secret"))
}

/// The head of a request whose body is announced and does not come.
fn announced(operation: &Operation, client: &Client, length: usize) -> Vec<u8> {
    let token = client.token.as_deref().unwrap_or_default();
    let (method, path, media) = (&operation.method, operation.asked(), &operation.takes[0]);
    format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIf-Match: *\r\n\
         X-Experience-API-Version: 1.0.3\r\n\
         Content-Type: {media}\r\nContent-Length: {length}\r\n\r\n"
    )
    .into_bytes()
}

on_both_with! {
    SETTINGS;

    fn a_parameter_that_there_is_not_is_refused(server: Server) {
        let admin = server.admin();
        each(&documenting(&admin, 400), 400, &["invalid_parameter"], |operation| {
            Answer::of(operation.whole(&admin).query(&[("no_such_parameter", "1")]))
        });
    }

    fn what_is_no_json_is_refused(server: Server) {
        let admin = server.admin();
        each(&those(documenting(&admin, 415), Operation::refuses_json), 400, &["invalid_json"], |operation| {
            Answer::of(operation.bare(&admin).header("Content-Type", "application/json").body("{"))
        });
    }

    fn without_a_token_nothing_is_told(server: Server) {
        let (admin, nobody) = (server.admin(), server.client());
        let guarded = those(documenting(&admin, 401), |one| one.scopes.is_some());
        let forged = nobody.with_token("nonsense");
        each(&guarded, 401, &["invalid_token"], |operation| Answer::of(operation.whole(&forged)));
        let closed = those(guarded, |one| !one.open);
        each(&closed, 401, &["invalid_token"], |operation| Answer::of(operation.whole(&nobody)));
    }

    fn without_the_scope_nothing_is_done(server: Server) {
        let admin = server.admin();
        let (one, other) = (powerless(&server, &admin, "audit:read"), powerless(&server, &admin, "events:read"));
        each(&documenting(&admin, 403), 403, &["insufficient_scope"], |operation| {
            let needed = operation.scopes.iter().flatten().any(|scope| scope == "audit:read");
            Answer::of(operation.whole(if needed { &other } else { &one }))
        });
    }

    fn what_is_not_there_is_not_found(server: Server) {
        let admin = server.admin();
        let named = those(documenting(&admin, 404), |one| !one.is_of_xapi());
        each(&named, 404, &["not_found"], |operation| Answer::of(operation.whole(&admin)));
    }

    fn a_method_that_a_path_does_not_take_is_refused(server: Server) {
        let admin = server.admin();
        let operations = all(&admin);
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let untaken = those(all(&admin), |operation| {
                let path = operation.missing();
                !operations.iter().any(|one| one.method == method && one.fits(&path))
            });
            each(&untaken, 405, &["method_not_allowed"], |operation| {
                Answer::of(admin.request(method.clone(), &operation.missing()))
            });
        }
    }

    fn a_body_that_does_not_arrive_is_not_waited_for(server: Server) {
        let admin = server.admin();
        let operations = documenting(&admin, 408);
        each_at_once(&operations, 408, &["request_timeout"], |operation| {
            wire::answer(&server.url, &announced(operation, &admin, 10))
        });
    }

    fn a_body_that_is_announced_as_too_large_is_not_read(server: Server) {
        let admin = server.admin();
        each(&documenting(&admin, 413), 413, &["body_too_large"], |operation| {
            wire::answer(&server.url, &announced(operation, &admin, 100_000_000))
        });
    }

    fn a_body_of_another_type_is_not_read(server: Server) {
        let admin = server.admin();
        each(&documenting(&admin, 415), 415, &["unsupported_media_type"], |operation| {
            Answer::of(operation.bare(&admin).header("Content-Type", "text/plain").body("{}"))
        });
    }

    fn a_field_that_there_is_not_is_refused(server: Server) {
        let admin = server.admin();
        let codes = ["invalid_body", "invalid_program"];
        let refusing = those(documenting(&admin, 415), |one| one.refuses_json() && one.statuses.contains(&422));
        each(&refusing, 422, &codes, |operation| {
            Answer::of(operation.bare(&admin).json(&json!({"no_such_field": 1})))
        });
    }

    fn a_key_is_good_for_one_request(server: Server) {
        let admin = server.admin();
        let partner = json!({"name": "The first", "domain": "the-first.example", "country": "DE"});
        admin.post_once("/v1/partners", "used", &partner).expect_status(201);
        // A program document is checked before anybody asks for the key.
        let codes = ["idempotency_key_reused", "invalid_program"];
        each(&those(documenting(&admin, 422), Operation::takes_a_key), 422, &codes, |operation| {
            Answer::of(operation.whole(&admin).header("Idempotency-Key", "used"))
        });
    }

    fn who_changes_must_say_which_version(server: Server) {
        let admin = server.admin();
        each(&documenting(&admin, 428), 428, &["precondition_required"], |operation| {
            Answer::of(operation.with_body(admin.request(Method::PATCH, &operation.missing())))
        });
    }
}

on_both_with! {
    IMPATIENT;

    fn who_asks_without_a_pause_is_slowed_at_every_operation(server: Server) {
        let admin = server.admin();
        each(&documenting(&admin, 429), 429, &["rate_limited"], |operation| {
            let mut answers = (0..50).map(|_| Answer::of(operation.whole(&admin)));
            answers.find(|answer| answer.status == 429).expect("an end of patience")
        });
    }
}

#[test]
fn while_the_database_is_away_every_operation_says_so() {
    let cluster = Cluster::start();
    let server = Server::with(Arc::new(Database::at(Kind::Postgres, cluster.url())), SETTINGS);
    let admin = server.admin();
    let operations = documenting(&admin, 503);
    cluster.run("stop", "fast");
    each_at_once(&operations, 503, &["database_unavailable", "busy"], |operation| Answer::of(operation.whole(&admin)));
}

#[test]
fn while_a_request_runs_its_key_is_in_use() {
    let server = Server::with(Arc::new(Database::empty(Kind::Postgres)), SETTINGS);
    let admin = server.admin();
    let with_key = |operation: &Operation| Answer::of(operation.whole(&admin).header("Idempotency-Key", "held"));
    let operations = those(documenting(&admin, 409), Operation::takes_a_key);
    let slow = those(all(&admin), |one| one.id == "createVendorOpportunity");
    let mut connection = postgres::Client::connect(&server.database.url, postgres::NoTls).expect("a connection");
    let mut locked = connection.transaction().expect("a transaction");
    locked.batch_execute("LOCK TABLE vendor_opportunities IN ACCESS EXCLUSIVE MODE").expect("a lock");
    thread::scope(|scope| {
        let first = scope.spawn(|| with_key(&slow[0]));
        let waits = "SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = relation \
                     WHERE NOT granted AND relname = 'vendor_opportunities'";
        while locked.query_one(waits, &[]).expect("a count").get::<_, i64>(0) == 0 {
            thread::sleep(Duration::from_millis(10));
        }
        let codes = ["idempotency_key_in_use"];
        // Whatever comes of it, the first goes on.
        let held = catch_unwind(AssertUnwindSafe(|| each(&operations, 409, &codes, with_key)));
        locked.rollback().expect("an end");
        first.join().expect("an answer").expect_status(201);
        held.unwrap_or_else(|fault| resume_unwind(fault));
    });
}

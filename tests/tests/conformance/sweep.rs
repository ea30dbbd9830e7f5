//! The statuses that operations share, each provoked at every operation that documents it. The client checks each
//! answer against the document; here it is only made to happen.

use std::thread;

use reqwest::{Method, blocking::RequestBuilder};
use tests::{Answer, Client, json, on_both_with, wire};

use super::{
    existing,
    operation::{Operation, all, documenting},
};

/// Operations of a sandbox too, and no patience for bodies.
const SETTINGS: &[(&str, &str)] =
    &[("ENTENTE_SANDBOX", "true"), ("ENTENTE_BODY_SECONDS", "1"), ("ENTENTE_APPLICATION_DIFFICULTY", "0")];
const WITH_DEMO: &[(&str, &str)] = &[("ENTENTE_SANDBOX", "true"), ("ENTENTE_DEMO", "true")];

/// Fails the test unless it is this problem, and says of which operation.
#[track_caller]
fn expect(operation: &Operation, request: RequestBuilder, status: u16, code: &str) {
    let answer = Answer::of(request);
    let told = answer.json["code"].as_str().unwrap_or_default();
    assert_eq!((answer.status, told), (status, code), "{}: {}", operation.id, answer.text);
}

/// Somebody who may not do what the operation asks for.
fn powerless(admin: &Client, scope: &str) -> Client {
    let made = admin.post("/v1/api-clients", &json!({"name": scope, "scopes": [scope]})).expect_status(201);
    admin.as_api_client(&made.text("client_id"), &made.text("client_secret"))
}

/// The head of a request whose body is announced and does not come.
fn announced(operation: &Operation, client: &Client, length: usize) -> Vec<u8> {
    let token = client.token.as_deref().unwrap_or_default();
    let (method, path, media) = (&operation.method, operation.missing(), &operation.takes[0]);
    format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIf-Match: *\r\n\
         Content-Type: {media}\r\nContent-Length: {length}\r\n\r\n"
    )
    .into_bytes()
}

on_both_with! {
    SETTINGS;

    fn a_parameter_that_there_is_not_is_refused(server: Server) {
        let admin = server.admin();
        for operation in documenting(&admin, 400) {
            expect(&operation, operation.whole(&admin).query(&[("no_such_parameter", "1")]), 400, "invalid_parameter");
        }
    }

    fn what_is_no_json_is_refused(server: Server) {
        let admin = server.admin();
        for operation in documenting(&admin, 415).iter().filter(|one| one.takes_json() && !one.answers_faults()) {
            let request = operation.bare(&admin).header("Content-Type", "application/json").body("{");
            expect(operation, request, 400, "invalid_json");
        }
    }

    fn without_a_token_nothing_is_told(server: Server) {
        let (admin, nobody) = (server.admin(), server.client());
        for operation in documenting(&admin, 401) {
            let with = if operation.id == "createToken" { continue } else { nobody.with_token("nonsense") };
            if operation.id != "createApplication" {
                expect(&operation, operation.whole(&nobody), 401, "invalid_token");
            }
            expect(&operation, operation.whole(&with), 401, "invalid_token");
        }
    }

    fn without_the_scope_nothing_is_done(server: Server) {
        let admin = server.admin();
        let (one, other) = (powerless(&admin, "audit:read"), powerless(&admin, "events:read"));
        for operation in documenting(&admin, 403) {
            let needed = operation.scopes.iter().flatten().any(|scope| scope == "audit:read");
            let client = if needed { &other } else { &one };
            if operation.scopes.as_ref().is_some_and(|scopes| !scopes.is_empty()) {
                expect(&operation, operation.whole(client), 403, "insufficient_scope");
            }
        }
    }

    fn what_is_not_there_is_not_found(server: Server) {
        let admin = server.admin();
        for operation in documenting(&admin, 404) {
            expect(&operation, operation.whole(&admin), 404, "not_found");
        }
    }

    fn a_method_that_a_path_does_not_take_is_refused(server: Server) {
        let admin = server.admin();
        let operations = all(&admin);
        let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        for operation in &operations {
            let path = operation.missing();
            let taken = |method: &&Method| operations.iter().any(|one| one.method == **method && one.fits(&path));
            for method in methods.iter().filter(|method| !taken(method)) {
                expect(operation, admin.request(method.clone(), &path), 405, "method_not_allowed");
            }
        }
    }

    fn a_body_that_does_not_arrive_is_not_waited_for(server: Server) {
        let admin = server.admin();
        let operations = documenting(&admin, 408);
        thread::scope(|scope| {
            for operation in &operations {
                let (admin, url) = (&admin, &server.url);
                scope.spawn(move || {
                    let answer = wire::answer(url, &announced(operation, admin, 10));
                    assert_eq!((answer.status, answer.text("code").as_str()), (408, "request_timeout"), "{}", operation.id);
                });
            }
        });
    }

    fn a_body_that_is_announced_as_too_large_is_not_read(server: Server) {
        let admin = server.admin();
        for operation in documenting(&admin, 413) {
            let answer = wire::answer(&server.url, &announced(&operation, &admin, 100_000_000));
            assert_eq!((answer.status, answer.text("code").as_str()), (413, "body_too_large"), "{}", operation.id);
        }
    }

    fn a_body_of_another_type_is_not_read(server: Server) {
        let admin = server.admin();
        for operation in documenting(&admin, 415) {
            let request = operation.bare(&admin).header("Content-Type", "text/plain").body("{}");
            expect(&operation, request, 415, "unsupported_media_type");
        }
    }

    fn a_field_that_there_is_not_is_refused(server: Server) {
        let admin = server.admin();
        for operation in documenting(&admin, 415).iter().filter(|one| one.takes_json() && !one.answers_faults()) {
            let answer = Answer::of(operation.bare(&admin).json(&json!({"no_such_field": 1})));
            assert_eq!(answer.status, 422, "{}: {}", operation.id, answer.text);
        }
    }

    fn a_key_is_good_for_one_request(server: Server) {
        let admin = server.admin();
        let partner = json!({"name": "Acme", "domain": "acme.example", "country": "DE"});
        admin.post_once("/v1/partners", "used", &partner).expect_status(201);
        for operation in documenting(&admin, 409).iter().filter(|one| one.method == Method::POST && one.asks_who()) {
            let request = operation.whole(&admin).header("Idempotency-Key", "used");
            let answer = Answer::of(request).expect_status(422);
            // A program document is checked before anybody asks for the key.
            let told = answer.text("code");
            assert!(matches!(told.as_str(), "idempotency_key_reused" | "invalid_program"), "{}: {told}", operation.id);
        }
    }

    fn who_changes_must_say_which_version(server: Server) {
        let admin = server.admin();
        for operation in documenting(&admin, 428) {
            let request = operation.with_body(admin.request(Method::PATCH, &operation.missing()));
            expect(&operation, request, 428, "precondition_required");
        }
    }
}

on_both_with! {
    WITH_DEMO;

    fn a_version_that_is_out_of_date_is_not_changed_and_one_that_is_known_is_not_sent_again(server: Server) {
        let admin = server.client().signed_in("admin@demo.example", "partner-program-demo");
        let operations = all(&admin);
        for operation in operations.iter().filter(|one| one.statuses.contains(&304)) {
            let answer = Answer::of(admin.request(Method::GET, &existing::path(&admin, &operations, operation)));
            let tag = answer.expect_status(200).tag();
            let again = admin.request(Method::GET, &existing::path(&admin, &operations, operation));
            let again = Answer::of(again.header("If-None-Match", tag));
            assert_eq!((again.status, again.text.as_str()), (304, ""), "{}", operation.id);
        }
        for operation in operations.iter().filter(|one| one.statuses.contains(&412)) {
            let request = admin.request(operation.method.clone(), &existing::path(&admin, &operations, operation));
            expect(operation, operation.with_body(request.header("If-Match", "\"stale\"")), 412, "stale");
        }
    }
}

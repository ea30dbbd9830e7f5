//! Repeated requests and stale copies.

use serde_json::{Value, json};

use crate::{
    server,
    support::{Answer, World, request, send},
};

fn user(email: &str) -> Value {
    json!({"email": email, "name": "Ada Lovelace", "role": "analyst"})
}

#[actix_web::test]
async fn a_repeated_request_gets_the_same_answer() {
    let world = World::new();
    server!(world, service, token);
    let post = |key: &str, email: &str| {
        let request = request("POST", "/v1/users", &token).insert_header(("Idempotency-Key", key));
        request.set_json(user(email))
    };
    let first = send(&service, post("key-1", "ada@vendor.example")).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""), "{}", first.text());
    let again = send(&service, post("key-1", "ada@vendor.example")).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(first.body, again.body);
    for name in ["etag", "location", "content-type"] {
        assert_eq!(first.header(name), again.header(name), "{name}");
    }
    let other = send(&service, post("key-1", "eve@vendor.example")).await;
    assert_eq!(other.problem(), (422, "idempotency_key_reused".into()));
    let taken = send(&service, post("key-2", "ADA@vendor.example")).await;
    assert_eq!(taken.problem(), (409, "already_exists".into()));
    assert_eq!(taken.faults(), [("/email".to_owned(), "taken".to_owned())]);
    let taken_again = send(&service, post("key-2", "ADA@vendor.example")).await;
    assert_eq!((taken_again.header("idempotency-replayed"), &taken_again.body), ("true", &taken.body));
    assert_eq!(taken_again.header("content-type"), "application/problem+json");
    let bad = send(&service, post("a b", "x@vendor.example")).await;
    assert_eq!((bad.problem().0, bad.faults()[0].0.as_str()), (400, "Idempotency-Key"));
    let events = send(&service, request("GET", "/v1/events?types=user.created", &token)).await.json();
    assert_eq!(events["data"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn the_same_key_at_the_same_time_is_refused_or_replayed() {
    let world = World::new();
    server!(world, service, token);
    let post = || {
        let request = request("POST", "/v1/users", &token).insert_header(("Idempotency-Key", "same"));
        send(&service, request.set_json(user("ada@vendor.example")))
    };
    let answers: [Answer; 4] = {
        let (a, b, c, d) = tokio::join!(post(), post(), post(), post());
        [a, b, c, d]
    };
    assert!(answers.iter().any(|answer| answer.status == 201));
    assert!(
        answers.iter().all(|answer| answer.status == 201 || answer.problem() == (409, "idempotency_key_in_use".into()))
    );
    assert_eq!(post().await.header("idempotency-replayed"), "true");
}

#[actix_web::test]
async fn a_stale_copy_is_refused() {
    let world = World::new();
    server!(world, service, token);
    let made = send(&service, request("POST", "/v1/users", &token).set_json(user("ada@vendor.example"))).await;
    let path = made.header("location").to_owned();
    let patch = |tag: Option<&str>, name: &str| {
        let request = request("PATCH", &path, &token).set_json(json!({ "name": name }));
        let request = request.insert_header(("Content-Type", "application/merge-patch+json"));
        match tag {
            Some(tag) => request.insert_header(("If-Match", tag)),
            None => request,
        }
    };
    assert_eq!(send(&service, patch(None, "B")).await.problem(), (428, "precondition_required".into()));
    assert_eq!(send(&service, patch(Some("\"other\""), "B")).await.problem(), (412, "stale".into()));
    let tag = made.header("etag").to_owned();
    let changed = send(&service, patch(Some(&format!("\"other\", {tag}")), "B")).await;
    assert_eq!((changed.status, &changed.json()["name"]), (200, &json!("B")), "{}", changed.text());
    assert_ne!(changed.header("etag"), tag);
    assert_eq!(send(&service, patch(Some(&tag), "C")).await.problem().0, 412);
    assert_eq!(send(&service, patch(Some("*"), "D")).await.status, 200);
    let read = send(&service, request("GET", &path, &token)).await;
    let known = request("GET", &path, &token).insert_header(("If-None-Match", read.header("etag")));
    let unchanged = send(&service, known).await;
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
}

#[actix_web::test]
async fn a_client_s_secret_is_shown_once() {
    let world = World::new();
    server!(world, service, token);
    let body = json!({"name": "Sync", "scopes": ["deals:read", "events:read"]});
    let made = send(&service, request("POST", "/v1/api-clients", &token).set_json(body)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let path = made.header("location").to_owned();
    let read = send(&service, request("GET", &path, &token)).await;
    assert!(read.json()["client_secret"].is_null());
    assert_eq!(made.header("etag"), read.header("etag"));
    let secret = made.json()["client_secret"].as_str().unwrap().to_owned();
    let id = made.json()["client_id"].as_str().unwrap().to_owned();
    let fields = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
    let tokens = send(&service, crate::support::form(&fields)).await;
    assert_eq!((tokens.status, tokens.json()["scope"].as_str().unwrap()), (200, "deals:read events:read"));
    let client = tokens.json()["access_token"].as_str().unwrap().to_owned();
    let me = send(&service, request("GET", "/v1/me", &client)).await;
    assert_eq!(me.json()["kind"], "api_client", "{}", me.text());
    let stale = request("POST", &format!("{path}/revoke"), &token).insert_header(("If-Match", "\"other\""));
    assert_eq!(send(&service, stale).await.problem().0, 412);
    let rotated = send(&service, request("POST", &format!("{path}/rotate-secret"), &token)).await;
    assert_ne!(rotated.json()["client_secret"], secret);
    assert_eq!(send(&service, crate::support::form(&fields)).await.status, 401);
    assert_eq!(send(&service, request("POST", &format!("{path}/revoke"), &token)).await.json()["status"], "revoked");
    // The token is genuine and fresh, and still worth nothing.
    assert_eq!(send(&service, request("GET", "/v1/me", &client)).await.problem().0, 401);
}

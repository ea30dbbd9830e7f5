//! What every answer has, and what is there for whoever runs the server.

use actix_web::test::TestRequest;
use serde_json::json;

use crate::{
    server,
    support::{World, request, send, settings},
};

#[actix_web::test]
async fn the_request_s_id_comes_back() {
    let world = World::new();
    server!(world, service, token);
    let named = request("GET", "/v1/nothing", &token).insert_header(("X-Request-Id", "my-request"));
    assert_eq!(send(&service, named).await.json()["request_id"], "my-request");
    let unfit = request("GET", "/healthz", "").insert_header(("X-Request-Id", "with spaces"));
    let answer = send(&service, unfit).await;
    assert_eq!(answer.header("x-request-id").len(), 36);
    assert_eq!((answer.header("x-content-type-options"), answer.header("cache-control")), ("nosniff", "no-store"));
    assert_eq!(answer.header("server"), "");
}

#[actix_web::test]
async fn answers_are_compressed_as_wanted() {
    let world = World::new();
    let service = actix_web::test::init_service(api::service(&world.app)).await;
    let plain = send(&service, request("GET", "/openapi.json", "")).await.body.len();
    for coding in ["gzip", "br", "zstd"] {
        let answer =
            send(&service, request("GET", "/openapi.json", "").insert_header(("Accept-Encoding", coding))).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, coding));
        assert!(answer.body.len() * 4 < plain, "{} of {plain}", answer.body.len());
    }
}

#[actix_web::test]
async fn pages_of_known_origins_may_call() {
    let mut settings = settings();
    settings.cors_origins = vec!["https://portal.example".into()];
    let world = World::with(settings);
    let service = actix_web::test::init_service(api::service(&world.app)).await;
    let preflight = |origin: &'static str| {
        request("OPTIONS", "/v1/users", "")
            .insert_header(("Origin", origin))
            .insert_header(("Access-Control-Request-Method", "POST"))
            .insert_header(("Access-Control-Request-Headers", "authorization,idempotency-key,if-match"))
    };
    let answer = send(&service, preflight("https://portal.example")).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "https://portal.example"));
    assert_eq!(send(&service, preflight("https://evil.example")).await.problem().0, 400);
    // Errors too can be read by the page.
    let answer =
        send(&service, request("GET", "/v1/users", "").insert_header(("Origin", "https://portal.example"))).await;
    assert_eq!((answer.problem().0, answer.header("access-control-allow-origin")), (401, "https://portal.example"));
    assert!(answer.header("access-control-expose-headers").to_lowercase().contains("etag"));
}

#[actix_web::test]
async fn the_server_tells_how_it_is() {
    let world = World::new();
    server!(world, service, token);
    for path in ["/", "/healthz", "/readyz", "/openapi.json", "/problems", "/problems/stale"] {
        let answer = send(&service, TestRequest::get().uri(path)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "{path}");
    }
    assert_eq!(send(&service, TestRequest::get().uri("/metrics")).await.status, 200);
    let keys = send(&service, TestRequest::get().uri("/.well-known/jwks.json")).await.json();
    assert_eq!((&keys["keys"][0]["crv"], &keys["keys"][0]["use"]), (&json!("Ed25519"), &json!("sig")), "{keys}");
    let metadata = send(&service, TestRequest::get().uri("/.well-known/oauth-authorization-server")).await.json();
    assert_eq!(metadata["token_endpoint"], "http://localhost/oauth/token");
    let docs = send(&service, TestRequest::get().uri("/docs/")).await;
    assert_eq!(docs.status, 200);
    assert_eq!(send(&service, TestRequest::get().uri("/docs")).await.header("location"), "/docs/");
    assert!(docs.text().contains("swagger-ui") && docs.header("content-security-policy").contains("'self'"));
    for file in ["docs.css", "swagger-ui-bundle.js"] {
        assert_eq!(send(&service, TestRequest::get().uri(&format!("/docs/{file}"))).await.status, 200, "{file}");
    }
    assert_eq!(send(&service, TestRequest::get().uri("/docs/nothing")).await.problem().0, 404);
    assert_eq!(send(&service, request("GET", "/v1/sandbox/clock", &token)).await.problem().0, 404);
}

#[actix_web::test]
async fn a_sandbox_moves_its_clock() {
    let world = World::with(api::Settings { sandbox: true, ..settings() });
    server!(world, service, token);
    let post = |by: &str| {
        let request = request("POST", "/v1/sandbox/clock", &token).insert_header(("Idempotency-Key", by));
        request.set_json(json!({ "advance": by }))
    };
    let answer = send(&service, post("P30D")).await;
    assert_eq!(answer.json()["offset_seconds"], 2_592_000, "{}", answer.text());
    assert_eq!(world.database.clock().offset_micros(), 2_592_000_000_000);
    assert_eq!(send(&service, post("P30D")).await.header("idempotency-replayed"), "true");
    assert_eq!(world.database.clock().offset_micros(), 2_592_000_000_000);
    assert_eq!(send(&service, post("P1M")).await.faults()[0].0, "/advance");
    assert_eq!(send(&service, post("P9999D")).await.problem().0, 422);
    // The token is measured by the machine's clock.
    assert_eq!(send(&service, request("GET", "/v1/sandbox/clock", &token)).await.status, 200);
}

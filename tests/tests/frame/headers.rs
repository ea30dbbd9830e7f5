//! What every answer carries, and what none does.

use reqwest::Method;
use tests::{Answer, Client, json, on_both};

use super::support::partner;

/// Answers of all kinds.
fn of_all_kinds(admin: &Client, nobody: &Client) -> Vec<Answer> {
    vec![
        nobody.get("/"),
        nobody.get("/healthz"),
        nobody.get("/readyz"),
        nobody.get("/openapi.json"),
        nobody.get("/metrics"),
        nobody.get("/docs/"),
        nobody.get("/v1/me"),
        nobody.get("/nothing"),
        nobody.post("/oauth/token", &json!({})),
        nobody.get("/.well-known/jwks.json"),
        admin.get("/v1/me"),
        admin.post("/v1/partners", &json!({})),
        admin.post("/v1/partners", &partner("Acme")),
        admin.get("/v1/partners?x=1"),
        Answer::of(admin.request(Method::DELETE, "/v1/me")),
    ]
}

fn request_id(client: &Client, id: &str) -> String {
    Answer::of(client.request(Method::GET, "/v1/nothing").header("X-Request-Id", id))
        .header("x-request-id")
        .expect("an id")
        .to_owned()
}

on_both! {
    fn every_answer_has_an_id_and_says_not_to_guess_its_type(server: Server) {
        let mut ids = Vec::new();
        for answer in of_all_kinds(&server.admin(), &server.client()) {
            let id = answer.header("x-request-id").expect("X-Request-Id").to_owned();
            assert!(id.len() >= 16, "{id}");
            ids.push(id);
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{}", answer.text);
            assert!(answer.header("content-type").is_some(), "{:?}", answer.headers);
            for (name, value) in &answer.headers {
                let (name, value) = (name.to_lowercase(), value.to_lowercase());
                assert!(name != "server" && name != "x-powered-by" && !value.contains("actix"), "{name}: {value}");
            }
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 15, "no two requests have one id");
    }

    fn what_is_somebodys_own_is_kept_by_nobody_else(server: Server) {
        let admin = server.admin();
        for answer in [
            admin.get("/v1/me"),
            admin.get("/v1/partners"),
            admin.get("/v1/nothing"),
            admin.post("/v1/partners", &partner("Acme")),
        ] {
            let kept = answer.header("cache-control").unwrap_or_default();
            assert!(kept.contains("no-store") || kept.contains("private"), "{kept}");
        }
    }

    fn a_request_keeps_the_id_that_its_caller_gave_it_if_it_is_one(server: Server) {
        let client = server.client();
        assert_eq!(request_id(&client, "my-id.7"), "my-id.7");
        assert_eq!(request_id(&client, &"a".repeat(64)), "a".repeat(64));
        for strange in ["a".repeat(65), "two words".into(), String::new()] {
            assert_ne!(request_id(&client, &strange), strange);
        }
        let answer = Answer::of(client.request(Method::GET, "/v1/nothing").header("X-Request-Id", "my-id.8"));
        assert_eq!(answer.text("request_id"), "my-id.8");
        // It is how the audit trail is found.
        let admin = server.admin();
        Answer::of(
            admin.request(Method::POST, "/v1/partners").header("X-Request-Id", "my-id.9").json(&partner("Acme")),
        )
        .expect_status(201);
        assert!(admin.all("/v1/audit-entries").iter().any(|entry| entry["request_id"] == "my-id.9"));
    }
}

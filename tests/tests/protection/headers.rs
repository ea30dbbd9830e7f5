//! What every answer tells a browser, and what none tells anybody.

use reqwest::Method;
use tests::{Answer, Client, Kind, json, on_both, wire};

use super::{last, servers};

const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

fn put(client: &Client, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = client.request(Method::GET, path);
    Answer::of(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
}

/// Answers with every status that a caller can bring about.
fn of_all_statuses(admin: &Client, nobody: &Client) -> Vec<(u16, Answer)> {
    let new = json!({"name": "Acme", "domain": "acme.example", "country": "DE"});
    let made = admin.post("/v1/partners", &new);
    let path = format!("/v1/partners/{}", made.text("id"));
    let tag = made.tag();
    let typed = |kind: &str, body: &str| {
        Answer::of(admin.request(Method::POST, "/v1/partners").header("Content-Type", kind).body(body.to_owned()))
    };
    let unconditional = Answer::of(admin.request(Method::PATCH, &path).json(&json!({"name": "Other"})));
    vec![
        (200, nobody.get("/")),
        (200, nobody.get("/healthz")),
        (200, nobody.get("/metrics")),
        (200, nobody.get("/openapi.json")),
        (200, nobody.get("/problems/stale")),
        (200, nobody.get("/.well-known/jwks.json")),
        (
            200,
            nobody.form(
                "/oauth/token",
                &[
                    ("grant_type", "password"),
                    ("username", tests::server::ADMIN.0),
                    ("password", tests::server::ADMIN.1),
                ],
            ),
        ),
        (200, admin.get(&path)),
        (200, admin.get("/v1/partners")),
        (200, Answer::of(admin.request(Method::HEAD, "/v1/me"))),
        (201, made),
        (304, put(admin, &path, &[("If-None-Match", &tag)])),
        (400, nobody.form("/oauth/token", &[])),
        (400, admin.get("/v1/partners?x=1")),
        (400, typed("application/json", "{")),
        (401, nobody.get("/v1/me")),
        (401, nobody.with_token("forged").get("/v1/me")),
        (404, admin.get("/v1/nothing")),
        (404, nobody.get("/docs/nothing")),
        (405, Answer::of(admin.request(Method::DELETE, "/v1/me"))),
        (412, admin.patch(&path, "\"other\"", &json!({"name": "Other"}))),
        (413, typed("application/json", &" ".repeat(300_000))),
        (415, typed("text/plain", "x")),
        (422, admin.post("/v1/partners", &json!({}))),
        (428, unconditional),
    ]
}

on_both! {
    fn every_answer_protects_who_reads_it_in_a_browser(server: Server) {
        for (status, answer) in of_all_statuses(&server.admin(), &server.client()) {
            let answer = answer.expect_status(status);
            let has = |name: &str| answer.header(name).unwrap_or_default().to_owned();
            assert_eq!(has("x-content-type-options"), "nosniff", "{status}: {:?}", answer.headers);
            assert_eq!(has("referrer-policy"), "no-referrer", "{status}: {:?}", answer.headers);
            assert_eq!(has("x-frame-options"), "DENY", "{status}: {:?}", answer.headers);
            assert!(!has("content-security-policy").is_empty(), "{status}: {:?}", answer.headers);
            let data = has("content-type").contains("json") || has("content-type").contains("plain");
            if data {
                assert_eq!(has("content-security-policy"), DATA_POLICY, "{status}");
            }
            assert!(has("content-security-policy").contains("frame-ancestors 'none'"), "{status}");
            // By plain HTTP nobody may promise TLS (RFC 6797, 7.2).
            assert_eq!(answer.header("strict-transport-security"), None);
        }
    }

    fn no_answer_tells_what_the_server_is_made_of(server: Server) {
        let answers = of_all_statuses(&server.admin(), &server.client());
        for (_, answer) in &answers {
            for (name, value) in &answer.headers {
                assert!(!matches!(name.as_str(), "server" | "via" | "x-powered-by" | "x-runtime"), "{name}: {value}");
                for word in ["actix", "rust", "entente/", "0.1.0", "sqlite", "postgres"] {
                    assert!(!value.to_lowercase().contains(word), "{name}: {value}");
                }
            }
        }
        // Nor what answers before a request has been understood.
        for head in ["nonsense\r\n\r\n".to_owned(), last("GET", "/healthz", &"X: y\r\n".repeat(200))] {
            let said = wire::exchange(&server.url, head.as_bytes()).to_lowercase();
            assert!(said.starts_with("http/1.1 4") && !said.contains("server:") && !said.contains("actix"), "{said}");
        }
    }

    fn what_is_somebodys_own_is_kept_by_nobody_and_what_has_a_tag_is_asked_for_again(server: Server) {
        let (admin, nobody) = (server.admin(), server.client());
        let new = json!({"name": "Acme", "domain": "acme.example", "country": "DE"});
        let made = admin.post("/v1/partners", &new).expect_status(201);
        let path = format!("/v1/partners/{}", made.text("id"));
        let kept = |answer: &Answer| answer.header("cache-control").unwrap_or_default().to_owned();
        // A tag allows to ask whether it still holds: only then it may lie somewhere, and only at whoever asked.
        let read = admin.get(&path).expect_status(200);
        assert_eq!(kept(&read), "private, no-cache");
        let unchanged = put(&admin, &path, &[("If-None-Match", &read.tag())]).expect_status(304);
        assert_eq!((kept(&unchanged), unchanged.text.as_str()), ("private, no-cache".into(), ""));
        // Whoever has the tag and not the right hears nothing of it.
        put(&nobody, &path, &[("If-None-Match", &read.tag())]).expect_problem(401, "invalid_token");
        // Secrets, what was changed, lists and refusals lie nowhere.
        let form = [("grant_type", "password"), ("username", tests::server::ADMIN.0), ("password", tests::server::ADMIN.1)];
        let secret = admin.post("/v1/api-clients", &json!({"name": "CRM", "scopes": ["deals:read"]}));
        for answer in [
            nobody.form("/oauth/token", &form).expect_status(200),
            secret.expect_status(201),
            made,
            admin.get("/v1/partners").expect_status(200),
            admin.get("/v1/partners/nobody").expect_status(400),
            nobody.get("/v1/me").expect_status(401),
        ] {
            assert_eq!(kept(&answer), "no-store", "{}", answer.text);
        }
    }
}

#[test]
fn behind_a_proxy_that_speaks_tls_browsers_are_told_to_come_by_tls() {
    let server = servers(Kind::Sqlite, &[("ENTENTE_BEHIND_PROXY", "true")]).remove(0);
    let client = server.client();
    for (headers, told) in [
        (vec![("X-Forwarded-Proto", "https")], true),
        (vec![("Forwarded", "for=192.0.2.1;proto=https")], true),
        (vec![("X-Forwarded-Proto", "http")], false),
        (vec![], false),
    ] {
        for path in ["/healthz", "/v1/nothing", "/docs/"] {
            let policy = put(&client, path, &headers).header("strict-transport-security").map(str::to_owned);
            assert_eq!(policy.is_some(), told, "{path} with {headers:?}");
            assert!(policy.is_none_or(|policy| policy.starts_with("max-age=31536000")));
        }
    }
    // Without a proxy the header is the caller's own invention.
    let server = servers(Kind::Sqlite, &[]).remove(0);
    let answer = put(&server.client(), "/healthz", &[("X-Forwarded-Proto", "https")]);
    assert_eq!(answer.header("strict-transport-security"), None);
}

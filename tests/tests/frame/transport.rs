//! What happens on the wire: compression, other origins, and requests that are hardly requests.

use std::sync::Arc;

use reqwest::Method;
use tests::{Answer, Client, Database, Kind, Server, on_both, wire};

/// Asks for a coding.
fn coded(client: &Client, path: &str, coding: &str) -> Answer {
    Answer::of(client.request(Method::GET, path).header("Accept-Encoding", coding))
}

on_both! {
    fn answers_are_compressed_for_whoever_asks(server: Server) {
        let admin = server.admin();
        let plain = coded(&admin, "/openapi.json", "identity");
        assert_eq!(plain.header("content-encoding"), None);
        let whole = plain.text.len();
        for coding in ["gzip", "br", "zstd"] {
            let answer = coded(&admin, "/openapi.json", coding).expect_status(200);
            assert_eq!(answer.header("content-encoding"), Some(coding));
            let vary = answer.headers.iter().filter(|(name, _)| name == "vary").map(|(_, value)| value.to_lowercase());
            assert!(vary.collect::<String>().contains("accept-encoding"), "{:?}", answer.headers);
            let request = admin.request(Method::GET, "/openapi.json").header("Accept-Encoding", coding);
            let bytes = request.send().and_then(|answer| answer.bytes()).expect("an answer").len();
            assert!(bytes * 3 < whole, "{coding}: {bytes} of {whole}");
        }
        // The tag names the state, in whichever coding it travels.
        let tags = ["identity", "gzip", "br"].map(|coding| coded(&admin, "/v1/me", coding).tag());
        assert!(tags.iter().all(|tag| *tag == tags[0]), "{tags:?}");
        let problem = coded(&admin, "/v1/nothing", "unknown-coding, identity");
        problem.expect_problem(404, "unknown_route");
    }

    fn requests_that_are_hardly_requests_get_no_plain_text_and_do_no_harm(server: Server) {
        let huge = format!("GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Huge: {}\r\n\r\n", "a".repeat(1_000_000));
        let many = format!("GET /v1/me HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-A: b\r\n".repeat(5_000));
        let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "a".repeat(200_000));
        let requests: Vec<Vec<u8>> = vec![
            huge.into(), many.into(), long.into(),
            b"nonsense\r\n\r\n".to_vec(),
            b"GET /v1/me HTTP/9.9\r\nHost: x\r\n\r\n".to_vec(),
            b"GET /v1/me\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
            b"POST /v1/partners HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n{}".to_vec(),
            b"POST /v1/partners HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\
              Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                .to_vec(),
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        ];
        for request in requests {
            let said = wire::exchange(&server.url, &request);
            let shown = String::from_utf8_lossy(&request[..request.len().min(60)]).into_owned();
            assert!(
                said.is_empty() || wire::status(&said).is_some_and(|status| (400..500).contains(&status)),
                "{shown}: {said}"
            );
            let body = wire::body(&said);
            assert!(body.is_empty() || said.to_lowercase().contains("application/problem+json"), "{shown}: {said}");
        }
        server.admin().get("/v1/me").expect_status(200);
    }

    fn without_a_configured_origin_no_page_of_another_may_call(server: Server) {
        let request = server.client().request(Method::GET, "/healthz").header("Origin", "https://portal.example");
        assert_eq!(Answer::of(request).header("access-control-allow-origin"), None);
    }
}

fn with_origin(server: &Server, origin: &str) -> Answer {
    Answer::of(server.admin().request(Method::GET, "/v1/me").header("Origin", origin))
}

fn preflight(server: &Server, origin: &str, method: &str, headers: &str) -> Answer {
    let request = server.client().request(Method::OPTIONS, "/v1/partners").header("Origin", origin);
    Answer::of(
        request.header("Access-Control-Request-Method", method).header("Access-Control-Request-Headers", headers),
    )
}

#[test]
fn pages_of_the_configured_origins_may_call_and_no_others() {
    let origins = [("ENTENTE_CORS_ORIGINS", "https://portal.example,https://crm.example")];
    let server = Server::with(Arc::new(Database::empty(Kind::Sqlite)), &origins);
    for origin in ["https://portal.example", "https://crm.example"] {
        let answer = with_origin(&server, origin).expect_status(200);
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        assert!(answer.header("vary").is_some_and(|vary| vary.to_lowercase().contains("origin")));
        let exposed = answer.header("access-control-expose-headers").unwrap_or_default().to_lowercase();
        for name in ["etag", "link", "location", "retry-after", "x-request-id", "idempotency-replayed"] {
            assert!(exposed.contains(name), "{name} in {exposed}");
        }
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            None,
            "tokens travel in a header, never in a cookie"
        );
        let asked = preflight(&server, origin, "PATCH", "authorization, content-type, if-match, idempotency-key");
        assert!(matches!(asked.status, 200 | 204), "{} {}", asked.status, asked.text);
        assert!(asked.header("access-control-allow-methods").is_some_and(|methods| methods.contains("PATCH")));
    }
    for origin in ["https://evil.example", "https://portal.example.evil.example", "http://portal.example", "null"] {
        assert_eq!(with_origin(&server, origin).header("access-control-allow-origin"), None, "{origin}");
        assert_eq!(
            preflight(&server, origin, "GET", "authorization").header("access-control-allow-origin"),
            None,
            "{origin}"
        );
    }
    // A problem is for the page to read too.
    let refused = Answer::of(server.client().request(Method::GET, "/v1/me").header("Origin", "https://portal.example"));
    assert_eq!(
        refused.expect_problem(401, "invalid_token").header("access-control-allow-origin"),
        Some("https://portal.example")
    );
}

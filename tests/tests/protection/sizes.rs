//! Requests that are too large, too deep or too many in one.

use reqwest::Method;
use tests::{Answer, Client, on_both, wire};

use super::last;

fn json_bytes(client: &Client, bytes: impl Into<Vec<u8>>) -> Answer {
    let request = client.request(Method::POST, "/v1/partners").header("Content-Type", "application/json");
    Answer::of(request.body(bytes.into()))
}

/// Every problem lists so many faults at most.
#[track_caller]
fn expect_few_faults(answer: &Answer) {
    let faults = answer.json["errors"].as_array().expect("errors").len();
    assert!((1..=100).contains(&faults), "{faults} faults");
    assert!(answer.text.len() < 100_000, "{} bytes of faults", answer.text.len());
}

on_both! {
    fn heads_have_an_end(server: Server) {
        let many = "X-A: b\r\n".repeat(200);
        for (path, headers, expected) in [
            ("/healthz".to_owned(), many, 431),
            ("/healthz".to_owned(), format!("X-Long: {}\r\n", "a".repeat(200_000)), 431),
            ("/healthz".to_owned(), format!("{}: a\r\n", "X".repeat(200_000)), 431),
            (format!("/{}", "a".repeat(100_000)), String::new(), 400),
            (format!("/{}", "a".repeat(1_000_000)), String::new(), 431),
            (format!("/v1/partners?{}", "q=a&".repeat(50_000)), String::new(), 431),
        ] {
            let said = wire::exchange(&server.url, last("GET", &path, &headers).as_bytes());
            let shown = &path[..path.len().min(40)];
            assert!(said.is_empty() || wire::status(&said) == Some(expected), "{shown}: {said}");
        }
        server.client().get("/healthz").expect_status(200);
    }

    fn tokens_keys_and_tags_that_are_too_long_are_refused(server: Server) {
        let admin = server.admin();
        let long = "a".repeat(50_000);
        admin.with_token(&long).get("/v1/me").expect_problem(401, "invalid_token");
        admin.post_once("/v1/partners", &long, &tests::json!({})).expect_problem(400, "invalid_parameter");
        admin.get(&format!("/v1/partners/{}", &long[..10_000])).expect_problem(400, "invalid_parameter");
        let request = admin.request(Method::GET, "/v1/me").header("If-None-Match", &long);
        Answer::of(request).expect_problem(400, "invalid_parameter");
        Answer::of(admin.request(Method::GET, "/v1/me").header("X-Request-Id", &long)).expect_status(200);
    }

    fn many_parameters_are_refused_with_few_words(server: Server) {
        let admin = server.admin();
        let query: String = (0..3_000).map(|at| format!("parameter{at}=x&")).collect();
        let answer = admin.get(&format!("/v1/partners?{query}")).expect_problem(400, "invalid_parameter");
        expect_few_faults(&answer);
        let repeated = "limit=1&".repeat(3_000);
        expect_few_faults(&admin.get(&format!("/v1/partners?{repeated}")).expect_problem(400, "invalid_parameter"));
        let listed = format!("status={}", "active,".repeat(3_000));
        expect_few_faults(&admin.get(&format!("/v1/partners?{listed}")).expect_problem(400, "invalid_parameter"));
    }

    fn many_members_are_refused_with_few_words(server: Server) {
        let admin = server.admin();
        let members: Vec<_> = (0..15_000).map(|at| format!("\"member{at}\":1")).collect();
        let answer = json_bytes(&admin, format!("{{{}}}", members.join(","))).expect_problem(422, "invalid_body");
        expect_few_faults(&answer);
        let products: Vec<_> = (0..60_000).map(|_| "1").collect();
        let body = format!("{{\"name\": [{}]}}", products.join(","));
        expect_few_faults(&json_bytes(&admin, body).expect_problem(422, "invalid_body"));
    }

    fn numbers_that_no_machine_holds_are_refused(server: Server) {
        let admin = server.admin();
        for number in ["1e999999999", "-1e400", &"9".repeat(100_000), &format!("0.{}", "1".repeat(100_000)), "1e-999999999"] {
            for body in [
                format!("{{\"name\": \"Acme\", \"domain\": \"acme.example\", \"country\": {number}}}"),
                format!("{{\"name\": {number}}}"),
                number.to_owned(),
            ] {
                let answer = json_bytes(&admin, body);
                assert!(matches!(answer.status, 400 | 422), "{} {}", answer.status, answer.text);
                assert!(answer.text.len() < 10_000, "the answer repeats the number");
            }
        }
        let query = format!("/v1/partners?limit={}", "9".repeat(1_000));
        let answer = admin.get(&query).expect_problem(400, "invalid_parameter");
        assert_eq!(answer.faults(), ["limit"]);
    }

    fn a_compressed_body_is_not_unpacked(server: Server) {
        let admin = server.admin();
        // Ten bytes of gzip's head are enough to see that nobody looks at the rest.
        let packed: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03";
        for coding in ["gzip", "x-gzip", "deflate", "br", "zstd", "compress", "gzip, gzip", "GZIP", "identity, gzip"] {
            for (path, kind) in [("/v1/partners", "application/json"), ("/oauth/token", "application/x-www-form-urlencoded")] {
                let request = admin.request(Method::POST, path).header("Content-Encoding", coding);
                Answer::of(request.header("Content-Type", kind).body(packed)).expect_problem(415, "unsupported_media_type");
            }
        }
        // As a transfer coding it is no request at all.
        let coded = last("POST", "/oauth/token", "Transfer-Encoding: gzip, chunked\r\n");
        let said = wire::exchange(&server.url, coded.as_bytes());
        assert!(matches!(wire::status(&said), Some(400 | 415)), "{said}");
    }

    fn a_form_has_an_end_and_its_fields_too(server: Server) {
        let client = server.client();
        let long = "a".repeat(5_000);
        for field in ["username", "password", "refresh_token", "client_id", "client_secret", "scope"] {
            let mut form = vec![("grant_type", "password"), ("username", "a@b.example"), ("password", "x")];
            form.retain(|(name, _)| *name != field);
            form.push((field, long.as_str()));
            let answer = client.form("/oauth/token", &form).expect_status(400);
            assert_eq!(answer.json["error"], "invalid_request", "{field}: {}", answer.text);
            assert!(!answer.text.contains(&long), "{field}: the answer repeats it");
        }
        let large = "a".repeat(100_000);
        client.form("/oauth/token", &[("password", &large)]).expect_problem(413, "body_too_large");
        let many: Vec<_> = (0..500).map(|_| ("x", "y")).collect();
        client.form("/oauth/token", &many).expect_status(400);
    }
}

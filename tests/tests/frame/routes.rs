//! Routes and methods that there are, and those that there are not.

use reqwest::Method;
use tests::{Answer, json, on_both, wire};

on_both! {
    fn a_route_that_there_is_not_is_a_problem(server: Server) {
        let admin = server.admin();
        let unknown = [
            "/v1",
            "/v1/",
            "/v1/nothing",
            "/v2/partners",
            "/v1/partners/",
            "/v1/Partners",
            "/favicon.ico",
            "/v1/partners/x/y",
            "//v1/partners",
            "/v1/sandbox/clock",
        ];
        for path in unknown {
            for client in [&admin, &server.client()] {
                let answer = client.get(path).expect_problem(404, "unknown_route");
                assert_eq!(answer.text("instance").trim_start_matches('/'), path.trim_start_matches('/'));
            }
        }
        // A body does not matter where there is nothing to take it.
        Answer::of(admin.request(Method::POST, "/v1/nothing").body("no json")).expect_problem(404, "unknown_route");
    }

    fn a_method_that_a_route_does_not_take_is_told_which_it_takes(server: Server) {
        let admin = server.admin();
        let wrong = [
            (Method::DELETE, "/v1/partners", "GET, POST"),
            (Method::PUT, "/v1/partners/x", "GET, PATCH"),
            (Method::GET, "/oauth/token", "POST"),
            (Method::POST, "/healthz", "GET"),
            (Method::POST, "/openapi.json", "GET"),
            (Method::TRACE, "/v1/me", "GET"),
            (Method::GET, "/v1/deal-registrations/x/approve", "POST"),
            (Method::from_bytes(b"BREW").unwrap(), "/v1/me", "GET"),
        ];
        for (method, path, allowed) in wrong {
            let answer = Answer::of(admin.request(method.clone(), path)).expect_problem(405, "method_not_allowed");
            let told: Vec<&str> = answer
                .header("allow")
                .expect("Allow")
                .split(", ")
                .filter(|one| !matches!(*one, "HEAD" | "OPTIONS"))
                .collect();
            assert_eq!(told.join(", "), allowed, "{method} {path}");
        }
    }

    fn head_is_get_without_the_body(server: Server) {
        // RFC 9110, 9.1: "All general-purpose servers MUST support the methods GET and HEAD."
        let admin = server.admin();
        for path in ["/healthz", "/v1/partners", "/v1/me", "/openapi.json", "/docs/"] {
            let (get, head) = (admin.get(path), Answer::of(admin.request(Method::HEAD, path)));
            assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
            assert_eq!(
                (head.header("content-type"), head.header("etag")),
                (get.header("content-type"), get.header("etag")),
                "{path}"
            );
        }
        assert_eq!(Answer::of(server.client().request(Method::HEAD, "/v1/me")).status, 401);
        assert_eq!(Answer::of(admin.request(Method::HEAD, "/v1/nothing")).status, 404);
    }

    fn options_is_answered_without_harm(server: Server) {
        let admin = server.admin();
        for path in ["/v1/partners", "/v1/me"] {
            let answer = Answer::of(admin.request(Method::OPTIONS, path));
            assert!(matches!(answer.status, 200 | 204 | 405), "{} {}", answer.status, answer.text);
            assert!(answer.header("allow").is_some_and(|allow| allow.contains("GET")), "{:?}", answer.headers);
        }
        let answer = wire::exchange(&server.url, b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert!(wire::status(&answer).is_some_and(|status| status < 500), "{answer}");
    }

    fn the_index_leads_on(server: Server) {
        let index = server.client().get("/").expect_status(200).json;
        for member in ["docs", "openapi", "health"] {
            server.client().get(index[member].as_str().expect("a path")).expect_status(200);
        }
    }

    fn every_type_of_problem_leads_to_its_explanation(server: Server) {
        let admin = server.admin();
        let problems = [
            admin.get("/v1/nothing"),
            admin.post("/v1/partners", &json!({})),
            server.client().get("/v1/me"),
            admin.get("/v1/partners?x=1"),
        ];
        for problem in problems {
            let explained = server.client().get(&problem.text("type")).expect_status(200);
            assert_eq!(
                (explained.text("code"), explained.text("title")),
                (problem.text("code"), problem.text("title"))
            );
            assert_eq!(explained.json["status"], problem.status);
        }
        let all = server.client().get("/problems").expect_status(200).json["data"].as_array().expect("data").len();
        assert!(all > 20);
        server.client().get("/problems/nonsense").expect_problem(404, "not_found");
    }
}

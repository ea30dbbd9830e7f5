//! Bodies that are not acceptable, each in its own way.

use reqwest::Method;
use tests::{Answer, Scene, json, on_both, scene::deal};

use super::support::{expect_discreet, partner, places, send};

on_both! {
    fn what_is_not_json_is_said_to_be_so_with_its_place(server: Server) {
        let admin = server.admin();
        let malformed: &[&[u8]] = &[
            b"{",
            b"",
            b"{\"name\": }",
            b"[1,]",
            b"nope",
            b"{\"name\": \"\x80\"}",
            b"\xff\xfe",
            b"{} {}",
            b"{\"name\": \"a\nb\"}",
            b"{'name': 'x'}",
            b"NaN",
        ];
        for body in malformed {
            let answer = send(&admin, "/v1/partners", "application/json", *body).expect_problem(400, "invalid_json");
            expect_discreet(&answer);
            assert!(answer.text("detail").contains("line"), "{}", answer.text);
        }
    }

    fn a_name_that_comes_twice_is_refused(server: Server) {
        // RFC 8259, 4: "the names within an object SHOULD be unique". Two readers may take two different values.
        let twice = r#"{"name": "Acme", "domain": "acme.example", "country": "DE", "name": "Other"}"#;
        let admin = server.admin();
        let answer = send(&admin, "/v1/partners", "application/json", twice).expect_problem(400, "invalid_json");
        assert!(answer.text("detail").contains("name"), "{}", answer.text);
        let nested = r#"{"title": "T", "account": {"name": "A", "n\u0061me": "B", "country": "DE"}}"#;
        send(&admin, "/v1/vendor-opportunities", "application/json", nested).expect_problem(400, "invalid_json");
        let apart = r#"{"title": "T", "account": {"name": "T", "country": "DE"}}"#;
        send(&admin, "/v1/vendor-opportunities", "application/json", apart).expect_status(201);
    }

    fn what_is_no_object_is_not_acceptable(server: Server) {
        let admin = server.admin();
        for body in [json!([]), json!("text"), json!(7), json!(null), json!(true)] {
            let answer = admin.post("/v1/partners", &body).expect_problem(422, "invalid_body");
            assert_eq!(answer.faults(), [""], "{}", answer.text);
        }
    }

    fn all_faults_come_at_once_each_with_its_place(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Acme");
        let mut new = deal("one.example");
        new["account"] = json!({"nam": "One", "country": 49});
        new["amount"] = json!({"amount": 12.5, "currency": "euro"});
        new["products"] = json!(["core", 7]);
        new["expected_close_on"] = json!("31.12.2027");
        new["stage"] = json!("daydream");
        new["titel"] = json!("x");
        new["title"] = json!("x".repeat(5_000));
        let answer = partner.admin.post("/v1/deal-registrations", &new).expect_problem(422, "invalid_body");
        let expected = [
            "/account/country",
            "/account/nam",
            "/account/name",
            "/amount/amount",
            "/amount/currency",
            "/expected_close_on",
            "/products/1",
            "/stage",
            "/titel",
            "/title",
        ];
        assert_eq!(places(&answer), expected, "{}", answer.text);
        for fault in answer.json["errors"].as_array().expect("errors") {
            assert!(fault["code"].is_string() && fault["detail"].is_string(), "{fault}");
        }
        expect_discreet(&answer);
    }

    fn an_unknown_field_is_refused_and_the_nearest_name_told(server: Server) {
        let admin = server.admin();
        let answer = admin.post("/v1/partners", &json!({"nmae": "Acme", "domain": "acme.example", "country": "DE"}));
        let answer = answer.expect_problem(422, "invalid_body");
        assert_eq!(answer.faults(), ["/name", "/nmae"]);
        let unknown =
            answer.json["errors"].as_array().unwrap().iter().find(|fault| fault["pointer"] == "/nmae").expect("it");
        assert_eq!(unknown["code"], "unknown_field");
        assert!(unknown["detail"].as_str().is_some_and(|detail| detail.contains("did you mean name")), "{unknown}");
        // What is like nothing gets no guess, and a pointer escapes what it must (RFC 6901, 3).
        let answer =
            admin.post("/v1/partners", &json!({"name": "Acme", "domain": "acme.example", "country": "DE", "a/b~c": 1}));
        assert_eq!(answer.faults(), ["/a~1b~0c"]);
        assert!(!answer.text.contains("did you mean"), "{}", answer.text);
    }

    fn the_type_of_the_body_must_be_one_that_is_taken(server: Server) {
        let admin = server.admin();
        let body = partner("Acme").to_string();
        for content_type in [
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/yaml",
            "json",
            "",
        ] {
            let answer = send(&admin, "/v1/partners", content_type, body.clone());
            answer.expect_problem(415, "unsupported_media_type");
        }
        let untyped = admin.request(Method::POST, "/v1/partners").body(body.clone());
        Answer::of(untyped).expect_problem(415, "unsupported_media_type");
        let compressed = admin.request(Method::POST, "/v1/partners").header("Content-Encoding", "gzip");
        Answer::of(compressed.header("Content-Type", "application/json").body(body.clone()))
            .expect_problem(415, "unsupported_media_type");
        send(&admin, "/v1/partners", "Application/JSON; charset=utf-8", body).expect_status(201);
    }

    fn a_body_that_is_too_large_is_not_read(server: Server) {
        let admin = server.admin();
        let mut new = partner("Acme");
        new["name"] = "x".repeat(400_000).into();
        let answer = admin.post("/v1/partners", &new).expect_problem(413, "body_too_large");
        assert!(answer.text("detail").chars().any(|letter| letter.is_ascii_digit()), "the limit is told");
        // Nor does it help not to say how long it is.
        let endless = std::io::Cursor::new(new.to_string().into_bytes());
        let request = admin.request(Method::POST, "/v1/partners").header("Content-Type", "application/json");
        Answer::of(request.body(reqwest::blocking::Body::new(endless))).expect_problem(413, "body_too_large");
        admin.get("/v1/partners").expect_status(200);
    }

    fn a_body_that_is_too_deep_is_refused(server: Server) {
        let admin = server.admin();
        for depth in [33, 200, 100_000] {
            let body = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            send(&admin, "/v1/partners", "application/json", body).expect_problem(400, "invalid_json");
            let body = format!("{}1{}", r#"{"a":"#.repeat(depth.min(40_000)), "}".repeat(depth.min(40_000)));
            send(&admin, "/v1/partners", "application/json", body).expect_problem(400, "invalid_json");
        }
    }

    fn long_lists_and_texts_have_an_end(server: Server) {
        let admin = server.admin();
        let scopes = vec!["deals:read"; 51];
        let answer = admin.post("/v1/api-clients", &json!({"name": "x".repeat(201), "scopes": scopes}));
        assert_eq!(answer.expect_problem(422, "invalid_body").faults(), ["/name", "/scopes"]);
        // Characters are counted, not bytes.
        let mut new = partner("Acme");
        new["name"] = "ü".repeat(200).into();
        admin.post("/v1/partners", &new).expect_status(201);
    }

    fn strange_texts_are_kept_as_they_are_or_refused(server: Server) {
        let admin = server.admin();
        let quoted = "\"quoted\" \\ back";
        let names = ["Ünï©ode 株式会社 🙂", quoted, "'; DROP TABLE partners; --", "<script>", "a\u{202e}b"];
        for (at, name) in names.iter().enumerate() {
            let new = json!({"name": name, "domain": format!("strange{at}.example"), "country": "DE"});
            let made = admin.post("/v1/partners", &new).expect_status(201);
            assert_eq!(admin.get(&format!("/v1/partners/{}", made.text("id"))).text("name"), *name);
        }
        // PostgreSQL keeps no NUL: the same answer from both.
        let nul = json!({"name": "a\u{0}b", "domain": "nul.example", "country": "DE"});
        let answer = admin.post("/v1/partners", &nul).expect_problem(422, "invalid_body");
        assert_eq!(answer.faults(), ["/name"]);
        expect_discreet(&answer);
    }
}

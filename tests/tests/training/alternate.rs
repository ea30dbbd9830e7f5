//! xAPI's other syntax: a form that stands for a request with another method and other headers.

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use tests::{Answer, Client, Server, Value, json, on_both, wire};

use super::school;

const STATEMENTS: &str = "/xapi/statements";
const ID: &str = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee";

fn statement() -> Value {
    json!({
        "actor": {"mbox": "mailto:ada@acme.example", "name": "Ada & Æon = 1+1"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"}, "object": {"id": "https://lms.example/basics"}
    })
}

/// Sends a form as a browser does that can do nothing else: with no header but those of a form.
fn send(server: &Server, query: &str, fields: &[(&str, &str)]) -> Answer {
    let nobody = reqwest::blocking::Client::new();
    let form = nobody.post("http://x.example").form(fields).build().unwrap();
    let body = String::from_utf8(form.body().unwrap().as_bytes().unwrap().to_vec()).unwrap();
    send_body(server, query, &body)
}

fn send_body(server: &Server, query: &str, body: &str) -> Answer {
    let length = body.len();
    let head =
        format!("POST {STATEMENTS}?{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}");
    wire::answer(
        &server.url,
        format!("{head}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n{body}").as_bytes(),
    )
}

/// The fields of somebody who may, by their token.
fn by(client: &Client) -> [(&'static str, String); 2] {
    let token = format!("Bearer {}", client.token.as_ref().unwrap());
    [("Authorization", token), ("X-Experience-API-Version", "1.0.3".into())]
}

on_both! {
    fn a_form_stands_for_another_request(server: Server) {
        let scene = school(&server);
        let new = json!({"name": "LMS", "scopes": ["training:read", "training:report"]});
        let made = scene.admin.post("/v1/api-clients", &new).expect_status(201);
        let secret = STANDARD.encode(format!("{}:{}", made.text("client_id"), made.text("client_secret")));
        let basic = format!("Basic {secret}");
        let common = [("Authorization", basic.as_str()), ("X-Experience-API-Version", "1.0.3")];
        let ask = |method: &str, fields: &[(&str, &str)]| {
            send(&server, &format!("method={method}"), &[&common, fields].concat())
        };
        let text = statement().to_string();
        let length = text.len().to_string();
        let sent = [("statementId", ID), ("Content-Type", "application/json"), ("Content-Length", &length), ("content", &text)];
        let stored = ask("PUT", &sent).expect_status(204);
        assert_eq!(stored.header("x-experience-api-version"), Some("1.0.3"));
        let many = json!([statement(), statement()]).to_string();
        assert_eq!(ask("POST", &[("content", &many)]).expect_status(200).json.as_array().unwrap().len(), 2);
        let one = ask("GET", &[("statementId", ID)]).expect_status(200);
        assert_eq!(one.json["actor"], statement()["actor"]);
        assert_eq!(one.json["authority"]["account"]["name"], made.json["client_id"]);
        let agent = r#"{"mbox":"mailto:ada@acme.example"}"#;
        let page = ask("GET", &[("agent", agent), ("limit", "2")]).expect_status(200);
        assert_eq!(page.json["statements"].as_array().unwrap().len(), 2);
        let next = scene.admin.get(&page.text("more")).expect_status(200);
        assert_eq!(next.json["statements"][0]["id"], ID);
        ask("DELETE", &[]).expect_problem(405, "method_not_allowed");
        // The request that is meant is held to everything that it would be held to.
        ask("PUT", &sent[..3]).expect_problem(400, "invalid_json");
        ask("PUT", &[("content", &text)]).expect_problem(400, "invalid_parameter");
        ask("GET", &[("statementid", ID)]).expect_problem(400, "invalid_parameter");
        ask("POST", &[("content", &text), ("Content-Type", "text/plain")]).expect_problem(415, "unsupported_media_type");
        ask("POST", &[("content", "{}")]).expect_problem(400, "invalid_statement");
        let nobody = [("X-Experience-API-Version", "1.0.3"), ("content", text.as_str())];
        send(&server, "method=POST", &nobody).expect_problem(401, "invalid_token");
        let guess = [("Authorization", "Bearer x"), ("content", text.as_str())];
        send(&server, "method=POST", &guess).expect_problem(401, "invalid_token");
        let unsaid = send(&server, "method=GET", &[("Authorization", basic.as_str())]).expect_problem(400, "invalid_parameter");
        assert_eq!(unsaid.faults(), ["X-Experience-API-Version"]);
    }

    fn what_stands_for_no_request_is_refused(server: Server) {
        let scene = school(&server);
        let admin = &scene.admin;
        let common = by(admin);
        let common: Vec<(&str, &str)> = common.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let with = |query: &str, more: &[(&str, &str)]| send(&server, query, &[common.as_slice(), more].concat());
        for (query, fault) in [
            ("method=GET&limit=1", "limit"), ("method=PATCH", "method"), ("method=get", "method"), ("method=", "method"),
            ("method=GET&method=GET", "method"),
        ] {
            assert_eq!(with(query, &[]).expect_problem(400, "invalid_parameter").faults(), [fault], "{query}");
        }
        for (name, value) in [("authorization", "Bearer x"), ("If-Match", "a\r\nX-Evil: 1")] {
            let refused = with("method=GET", &[(name, value)]).expect_problem(400, "invalid_parameter");
            assert_eq!(refused.faults(), [name]);
        }
        for (body, code) in [
            ("content=%ff", "invalid_json"),
            ("content=\u{e9}%80", "invalid_json"),
            (&"a&".repeat(1_000_000), "invalid_parameter"),
        ] {
            send_body(&server, "method=POST", body).expect_problem(400, code);
        }
        let many: Vec<(String, String)> = (0..60).map(|nth| (format!("f{nth}"), String::new())).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert!(with("method=GET", &many).expect_problem(400, "invalid_json").text("detail").contains("50 fields"));
        with("method=GET", &[("agent", &"a".repeat(100_000))]).expect_problem(400, "invalid_parameter");
        with("method=POST", &[("content", &" ".repeat(5_000_000))]).expect_problem(413, "body_too_large");
        // Another type says that it is no form; elsewhere there is no such syntax.
        let post = |path: &str| admin.request(Method::POST, path).query(&[("method", "GET")]);
        Answer::of(post(STATEMENTS).json(&json!({}))).expect_problem(415, "unsupported_media_type");
        Answer::of(post(STATEMENTS).header("Content-Encoding", "gzip").body("x")).expect_problem(415, "unsupported_media_type");
        Answer::of(post("/v1/partners").form(&common)).expect_problem(400, "invalid_parameter");
        // One without a type is taken for a form, and may be sent by whoever can say who they are in a header.
        Answer::of(post(STATEMENTS).body("limit=1")).expect_status(200);
    }
}

//! Every request has an id, and the log tells of it without telling secrets.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use tests::{Answer, Client, Database, Kind, Scene, Server, Value, json, on_both, scene::PASSWORD};

use super::{DEALS, deal_with, soon, text};

const ID: &str = "X-Request-Id";

fn get_as(client: &Client, path: &str, id: &str) -> Answer {
    Answer::of(client.request(reqwest::Method::GET, path).header(ID, id))
}

on_both! {
    fn the_callers_request_id_is_in_answer_problem_and_log(server: Server) {
        let admin = server.admin();
        let answer = get_as(&admin, "/v1/me", "order-4711").expect_status(200);
        assert_eq!(answer.header(ID), Some("order-4711"));
        let missing = get_as(&admin, &format!("{DEALS}/deal_01h455vb4pex5vsknk084sn02q"), "order-4712");
        let missing = missing.expect_problem(404, "not_found");
        assert_eq!((missing.header(ID), missing.text("request_id").as_str()), (Some("order-4712"), "order-4712"));
        let unnamed = admin.get("/v1/me").expect_status(200);
        for wrong in ["two words", "", &"x".repeat(65)] {
            let answer = get_as(&admin, "/v1/me", wrong).expect_status(200);
            let id = answer.header(ID).expect("an id");
            assert!(id.len() == 36 && Some(id) != unnamed.header(ID), "{id}");
        }
        for (id, status) in [("order-4711", 200), ("order-4712", 404)] {
            soon("the log has the line", || line_of(&server, id).is_some());
            let line = line_of(&server, id).expect("the line");
            assert_eq!(line["status"], status, "{line}");
        }
        let line = line_of(&server, "order-4711").expect("the line");
        assert_eq!(text(&line["span"], "operation"), "getMe", "{line}");
        soon("the log has the unnamed one", || line_of(&server, unnamed.header(ID).expect("an id")).is_some());
    }
}

/// The line that tells that the request was answered. Each line is JSON.
fn line_of(server: &Server, id: &str) -> Option<Value> {
    let log = server.log();
    // The last may be half written.
    let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let mut lines = whole.lines().map(|line| serde_json::from_str::<Value>(line).expect(line));
    lines.find(|line| line["span"]["id"] == id && line["message"] == "answered")
}

#[test]
fn the_log_holds_no_secret_even_when_it_tells_much() {
    let server = talkative();
    let mut secrets = vec![PASSWORD.to_owned()];
    signs_in_and_out(&server, &mut secrets);
    leaks_by_mistake(&server, &mut secrets);
    told_nobody(&server, &secrets);
}

/// Tokens do not belong there, and the request is refused; but a log is kept and passed on.
#[test]
fn a_secret_in_the_url_is_not_in_the_log() {
    let server = talkative();
    let secret = "an-access-token-that-does-not-belong-there";
    server.admin().get(&format!("/v1/me?access_token={secret}")).expect_status(400);
    let form = [("grant_type", "password"), ("username", "admin@vendor.example"), ("password", PASSWORD)];
    server.client().form(&format!("/oauth/token?password={secret}"), &form);
    told_nobody(&server, &[secret.to_owned()]);
}

fn talkative() -> Server {
    Server::with(Arc::new(Database::empty(Kind::Sqlite)), &[("ENTENTE_LOG", "debug")])
}

fn told_nobody(server: &Server, secrets: &[String]) {
    get_as(&server.admin(), "/v1/me", "the-last").expect_status(200);
    soon("the log has the last line", || line_of(server, "the-last").is_some());
    let told = server.log() + &server.errors();
    assert!(told.lines().count() > 3, "the log tells little:\n{told}");
    for secret in secrets {
        for form in forms(secret) {
            let line = told.lines().find(|line| line.contains(&form));
            assert!(line.is_none(), "the log tells a secret: {line:?}");
        }
    }
}

/// As it is, and as it may stand in a URL or in Basic credentials.
fn forms(secret: &str) -> Vec<String> {
    vec![secret.to_owned(), secret.replace(' ', "+"), secret.replace(' ', "%20"), STANDARD.encode(secret)]
}

/// What people and programs do all day with their secrets.
fn signs_in_and_out(server: &Server, secrets: &mut Vec<String>) {
    let scene = Scene::approving(server);
    let partner = scene.partner("Anna");
    let anybody = server.client();
    secrets.extend([scene.admin.token.clone(), partner.admin.token.clone()].into_iter().flatten());
    let form = [("grant_type", "password"), ("username", "admin@anna.example"), ("password", PASSWORD)];
    let tokens = anybody.form("/oauth/token", &form).expect_status(200);
    let refresh = tokens.text("refresh_token");
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let next = anybody.form("/oauth/token", &form).expect_status(200);
    anybody.form("/oauth/token", &form).expect_status(400);
    secrets.extend([tokens.text("access_token"), next.text("access_token"), next.text("refresh_token"), refresh]);
    let new = json!({"name": "crm", "scopes": ["deals:read"]});
    let made = scene.admin.post_once("/v1/api-clients", "a-client", &new).expect_status(201);
    let (id, secret) = (made.text("client_id"), made.text("client_secret"));
    let crm = anybody.as_api_client(&id, &secret);
    crm.get(DEALS).expect_status(200);
    secrets.extend([secret.clone(), format!("{id}:{secret}"), crm.token.expect("a token")]);
    partner.admin.post(DEALS, &deal_with(1)).expect_status(201);
}

/// What goes wrong, and with it secrets in places where they do not belong.
fn leaks_by_mistake(server: &Server, secrets: &mut Vec<String>) {
    let (admin, anybody) = (server.admin(), server.client());
    let secret = |name: &str| format!("{name}-is-a-secret-that-nobody-may-read");
    let wrong = secret("password");
    let form = [("grant_type", "password"), ("username", "admin@vendor.example"), ("password", wrong.as_str())];
    anybody.form("/oauth/token", &form).expect_status(400);
    let form = [("grant_type", "unheard_of"), ("password", wrong.as_str())];
    anybody.form("/oauth/token", &form).expect_status(400);
    let user = json!({"email": "x@vendor.example", "password": wrong, "role": "no_such_role"});
    admin.post("/v1/users", &user).expect_status(422);
    let malformed = format!(r#"{{"email": "x@vendor.example", "password": "{wrong}","#);
    let sent = admin.request(reqwest::Method::POST, "/v1/users").header("Content-Type", "application/json");
    Answer::of(sent.body(malformed)).expect_status(400);
    let token = secret("token");
    anybody.with_token(&token).get("/v1/me").expect_status(401);
    let sent = anybody.request(reqwest::Method::POST, "/oauth/token").basic_auth("somebody", Some(&wrong));
    Answer::of(sent.form(&[("grant_type", "client_credentials")])).expect_status(401);
    secrets.extend([wrong, token]);
}

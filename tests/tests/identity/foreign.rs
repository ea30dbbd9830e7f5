//! Tokens of a foreign OpenID Connect issuer: a real provider, and not ours.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tests::{
    Client, Database, Kind, Server, json,
    oidc::{self, AUDIENCE, Provider},
};

use super::support::{expect_no_entry, parts};

/// The least time that the server lets pass between two looks for keys, and a little more.
const PAUSE: Duration = Duration::from_millis(5_500);

/// A server that believes the provider, with a user for each of these subjects.
fn believing(provider: &Provider, database: &Arc<Database>, subjects: &[&str]) -> Server {
    let environment = [("ENTENTE_OIDC_ISSUER", provider.issuer.as_str()), ("ENTENTE_OIDC_AUDIENCE", AUDIENCE)];
    let server = Server::with(database.clone(), &environment);
    let admin = server.admin();
    for subject in subjects {
        let new = json!({"email": format!("{subject}@vendor.example"), "role": "analyst", "oidc_subject": subject});
        admin.post("/v1/users", &new).expect_status(201);
    }
    server
}

fn on_sqlite(provider: &Provider, subjects: &[&str]) -> Server {
    believing(provider, &Arc::new(Database::empty(Kind::Sqlite)), subjects)
}

fn enters(client: &Client, token: &str) -> bool {
    client.with_token(token).get("/v1/me").status == 200
}

/// Tries until the token is taken; how long that took.
fn enters_within(client: &Client, token: &str, limit: Duration) -> Duration {
    let began = Instant::now();
    while !enters(client, token) {
        assert!(began.elapsed() < limit, "the token is not taken after {:?}", began.elapsed());
        thread::sleep(Duration::from_millis(100));
    }
    began.elapsed()
}

/// A token that names a key that nobody has.
fn of_an_invented_key(provider: &Provider, at: usize) -> String {
    let payload = parts(&provider.token("crm", AUDIENCE)).1;
    oidc::sign(&json!({"alg": "ES256", "typ": "at+jwt", "kid": format!("invented-{at}")}), &payload, None)
}

fn a_linked_user_enters(kind: Kind) {
    let provider = Provider::start();
    let subjects = ["crm", "crm-es256", "crm-eddsa", "crm-expired"];
    let server = believing(&provider, &Arc::new(Database::empty(kind)), &subjects);
    for (subject, alg) in [("crm", "RS256"), ("crm-es256", "ES256"), ("crm-eddsa", "EdDSA")] {
        let token = provider.token(subject, AUDIENCE);
        assert_eq!(parts(&token).0["alg"], alg, "the provider does not do what is to be tested");
        let me = server.client().with_token(&token).get("/v1/me").expect_status(200);
        assert_eq!((me.text("email"), me.text("role")), (format!("{subject}@vendor.example"), "analyst".into()));
        // What they may do is for their role to say, not for the foreign token.
        server.client().with_token(&token).get("/v1/partners").expect_status(200);
        server.client().with_token(&token).get("/v1/users").expect_problem(403, "insufficient_scope");
    }
    assert_eq!(provider.fetches(), 1, "keys are fetched once and kept");
    let expired = provider.token("crm-expired", AUDIENCE);
    expect_no_entry(&server.client(), &expired, "expired");
    expect_no_entry(&server.client(), &provider.token("crm", "https://other.test"), "for another audience");
    expect_no_entry(&server.client(), &provider.token("crm-short", AUDIENCE), "of a subject that is linked to nobody");
    // Our own tokens are as good as before.
    server.admin().get("/v1/me").expect_status(200);
}
#[test]
fn a_linked_user_enters_with_a_token_of_any_of_the_usual_algorithms_on_sqlite() {
    a_linked_user_enters(Kind::Sqlite);
}

#[test]
fn a_linked_user_enters_with_a_token_of_any_of_the_usual_algorithms_on_postgres() {
    a_linked_user_enters(Kind::Postgres);
}

#[test]
fn an_address_that_the_issuer_has_not_verified_opens_nothing() {
    let provider = Provider::start();
    let server = on_sqlite(&provider, &[]);
    let token = provider.token("crm", AUDIENCE);
    let email = parts(&token).1["email"].as_str().expect("an address").to_owned();
    server.admin().post("/v1/users", &json!({"email": email, "role": "program_admin"})).expect_status(201);
    expect_no_entry(&server.client(), &token, "with the address of an administrator that nobody has verified");
}

#[test]
fn a_suspended_user_does_not_enter_by_the_other_door() {
    let provider = Provider::start();
    let server = on_sqlite(&provider, &["crm"]);
    let token = provider.token("crm", AUDIENCE);
    assert!(enters(&server.client(), &token));
    let admin = server.admin();
    let user = admin.all("/v1/users?email=crm@vendor.example").remove(0);
    let path = format!("/v1/users/{}", user["id"].as_str().expect("an id"));
    let tag = admin.get(&path).tag();
    admin.patch(&path, &tag, &json!({"status": "suspended"})).expect_status(200);
    expect_no_entry(&server.client(), &token, "of a suspended user");
}

#[test]
fn a_server_that_believes_no_other_issuer_takes_no_such_token() {
    let provider = Provider::start();
    let server = Server::start(Kind::Sqlite);
    server
        .admin()
        .post("/v1/users", &json!({"email": "a@x.example", "role": "analyst", "oidc_subject": "crm"}))
        .expect_status(201);
    expect_no_entry(&server.client(), &provider.token("crm", AUDIENCE), "of an issuer that is not configured");
    assert_eq!(provider.fetches(), 0);
}

#[test]
fn tokens_that_only_look_like_the_issuers_are_refused() {
    let provider = Provider::start();
    let server = on_sqlite(&provider, &["crm"]);
    let token = provider.token("crm", AUDIENCE);
    assert!(enters(&server.client(), &token));
    let (header, payload) = parts(&token);
    let forged = oidc::sign(&json!({"alg": "RS256", "typ": "at+jwt", "kid": header["kid"]}), &payload, None);
    expect_no_entry(&server.client(), &forged, "signed by somebody else");
    let confused = oidc::sign(&json!({"alg": "EdDSA", "typ": "at+jwt", "kid": header["kid"]}), &payload, None);
    expect_no_entry(&server.client(), &confused, "of another algorithm than its key");
    // A key of ours signs for us alone, and one of theirs for them alone.
    let ours = parts(&server.admin().token.expect("a token"));
    let mixed = oidc::sign(&json!({"alg": "RS256", "typ": "at+jwt", "kid": ours.0["kid"]}), &payload, None);
    expect_no_entry(&server.client(), &mixed, "of the issuer, with the name of our key");
    let as_ours = oidc::sign(&json!({"alg": "RS256", "typ": "at+jwt", "kid": header["kid"]}), &ours.1, None);
    expect_no_entry(&server.client(), &as_ours, "in our name, with the name of their key");
}

#[test]
fn a_key_rotation_is_met_by_one_look_and_invented_keys_by_no_more() {
    let provider = Provider::start();
    let server = on_sqlite(&provider, &["crm"]);
    let old = provider.token("crm", AUDIENCE);
    assert!(enters(&server.client(), &old));
    assert_eq!(provider.fetches(), 1);
    thread::sleep(PAUSE);
    provider.rotate(true);
    let new = provider.token("crm", AUDIENCE);
    assert!(enters(&server.client(), &new), "the new key is looked for at once");
    assert!(enters(&server.client(), &old), "the old one is still published");
    assert_eq!(provider.fetches(), 2);
    // An attacker's inventions, many at once: not even one look, so soon after the last.
    let invented: Vec<String> = (0..4).map(|at| of_an_invented_key(&provider, at)).collect();
    let callers: Vec<_> = (0..20)
        .map(|at| {
            let (client, token) = (server.client(), invented[at % invented.len()].clone());
            thread::spawn(move || client.with_token(&token).get("/v1/me").status)
        })
        .collect();
    assert!(callers.into_iter().all(|caller| caller.join().expect("an answer") == 401));
    assert!(provider.fetches() <= 3, "{} looks for keys", provider.fetches());
    // They cannot keep a real rotation from being met for longer than the pause.
    provider.rotate(false);
    let newer = provider.token("crm", AUDIENCE);
    enters_within(&server.client(), &newer, PAUSE + Duration::from_secs(2));
    expect_no_entry(&server.client(), &old, "of a key that is not published any more");
}

#[test]
fn while_the_issuer_is_away_known_keys_are_good_and_unknown_ones_wait() {
    let provider = Provider::start();
    let server = on_sqlite(&provider, &["crm"]);
    let token = provider.token("crm", AUDIENCE);
    assert!(enters(&server.client(), &token));
    thread::sleep(PAUSE);
    let invented = of_an_invented_key(&provider, 0);
    provider.outage(60);
    // Nobody can say whether it is good: that is not the caller's fault.
    let answer = server.client().with_token(&invented).get("/v1/me").expect_problem(503, "database_unavailable");
    assert!(answer.header("retry-after").is_some());
    assert!(enters(&server.client(), &token));
    provider.outage(0);
    thread::sleep(PAUSE);
    expect_no_entry(&server.client(), &invented, "of a key that the issuer does not have");
}

#[test]
fn an_issuer_that_does_not_answer_holds_up_nobody_whose_key_is_known() {
    let provider = Provider::start();
    let server = on_sqlite(&provider, &["crm"]);
    let token = provider.token("crm", AUDIENCE);
    assert!(enters(&server.client(), &token));
    thread::sleep(PAUSE);
    let invented = of_an_invented_key(&provider, 0);
    provider.hang();
    let client = server.client();
    let waiting = thread::spawn(move || client.with_token(&invented).get("/v1/me").status);
    thread::sleep(Duration::from_millis(300));
    let began = Instant::now();
    let entered = enters(&server.client(), &token);
    let took = began.elapsed();
    provider.go_on();
    assert!(entered && took < Duration::from_secs(1), "it took {took:?}");
    assert!(matches!(waiting.join().expect("an answer"), 401 | 503));
}

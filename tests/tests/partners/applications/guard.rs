//! What keeps machines from applying: a proof of work, a captcha, and a limit.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
};

use sha2::{Digest, Sha256};
use tests::{Database, Kind};

use super::*;

/// Twelve zero bits: some thousand hashes.
const WORKING: &[(&str, &str)] =
    &[("ENTENTE_SANDBOX", "1"), ("ENTENTE_APPLICATION_DIFFICULTY", "12"), ("ENTENTE_APPLICATION_RATE", "0")];

fn challenge(client: &Client, program: &str) -> Answer {
    client.get(&format!("{APPLICATIONS}/challenge?program={program}")).expect_status(200)
}

fn zero_bits(challenge: &str, nonce: u64) -> u32 {
    let hash = Sha256::digest(format!("{challenge}.{nonce}"));
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]).leading_zeros()
}

/// A nonce with so many zero bits, or with fewer.
fn nonce(challenge: &str, enough: bool) -> String {
    (0..).find(|nonce| (zero_bits(challenge, *nonce) >= 12) == enough).unwrap().to_string()
}

fn with_proof(mut body: Value, challenge: &str, nonce: &str) -> Value {
    body["proof"] = json!({"challenge": challenge, "nonce": nonce});
    body
}

/// The pointer and the code of the one fault.
fn fault(answer: &Answer) -> (String, String) {
    let [fault] = answer.json["errors"].as_array().unwrap().as_slice() else { panic!("{}", answer.text) };
    (fault["pointer"].as_str().unwrap().to_owned(), fault["code"].as_str().unwrap().to_owned())
}

on_both_with! { WORKING;
    fn who_applies_without_an_account_works_for_it(server: Server) {
        let (scene, _) = recruiting(&server);
        let client = server.client();
        let given = challenge(&client, "strict");
        assert_eq!((given.text("method"), &given.json["difficulty"]), ("proof_of_work".into(), &json!(12)));
        let text = given.text("challenge");
        let refused = |body: &Value| fault(&client.post(APPLICATIONS, body).expect_problem(422, "proof_required"));
        assert_eq!(refused(&applicant("Lakeside")), ("/proof".into(), "required".into()));
        let lazy = with_proof(applicant("Lakeside"), &text, &nonce(&text, false));
        assert_eq!(refused(&lazy), ("/proof/nonce".into(), "wrong".into()));
        for forged in ["nonsense", scene.admin.token.as_deref().unwrap(), &text[..text.len() - 4]] {
            let forged = with_proof(applicant("Lakeside"), forged, &nonce(forged, true));
            assert_eq!(refused(&forged), ("/proof/challenge".into(), "wrong".into()));
        }
        let other = challenge(&client, "reseller").text("challenge");
        assert_eq!(refused(&with_proof(applicant("Lakeside"), &other, &nonce(&other, true))).1, "wrong");
        // A challenge is no access token.
        server.client().with_token(&text).get("/v1/me").expect_problem(401, "invalid_token");
        // What is refused has not spent it; what is taken has.
        let solved = nonce(&text, true);
        let mut faulty = with_proof(applicant("Lakeside"), &text, &solved);
        faulty["answers"]["sales_people"] = json!("many");
        client.post(APPLICATIONS, &faulty).expect_problem(422, "invalid_body");
        let good = with_proof(applicant("Lakeside"), &text, &solved);
        let first = client.post_once(APPLICATIONS, "once", &good).expect_status(201);
        assert_eq!(client.post_once(APPLICATIONS, "once", &good).expect_status(201).text, first.text);
        assert_eq!(refused(&with_proof(applicant("Other"), &text, &solved)), ("/proof/challenge".into(), "spent".into()));
        // Who is known need not work.
        scene.admin.post(APPLICATIONS, &applicant("Third")).expect_status(201);
        // The vendor's business time is not the machine's.
        let before = challenge(&client, "strict").text("challenge");
        advance(&scene.admin, "P2D");
        client.post(APPLICATIONS, &with_proof(applicant("Fourth"), &before, &nonce(&before, true))).expect_status(201);
    }

    fn of_those_who_spend_one_proof_at_once_one_gets_in(server: Server) {
        recruiting(&server);
        let text = challenge(&server.client(), "strict").text("challenge");
        let solved = nonce(&text, true);
        let racers: Vec<_> = (0..6)
            .map(|at| {
                let (client, body) = (server.client(), with_proof(applicant(&format!("Company{at}")), &text, &solved));
                thread::spawn(move || {
                    (0..20).map(|_| client.post(APPLICATIONS, &body)).find(|answer| answer.status != 503)
                })
            })
            .collect();
        let mut statuses: Vec<u16> = racers.into_iter().map(|racer| racer.join().unwrap().unwrap().status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422, 422, 422, 422, 422]);
    }
}

/// A provider of captchas: it accepts `good`, refuses what else it is asked, and keeps what it was asked.
fn provider() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/siteverify", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = asked.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut request, mut part) = (String::new(), [0; 4096]);
            // The form is the last line, and ends with the address.
            while !request.contains("remoteip=") {
                let read = stream.read(&mut part).unwrap();
                request.push_str(&String::from_utf8_lossy(&part[..read]));
            }
            let form = request.lines().last().unwrap().to_owned();
            let answer = json!({"success": form.contains("response=good&"), "error-codes": []}).to_string();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
            stream.write_all(format!("{head}{answer}").as_bytes()).unwrap();
            kept.lock().unwrap().push(form);
        }
    });
    (url, asked)
}

fn a_captcha_takes_the_place_of_the_work(kind: Kind) {
    let (url, asked) = provider();
    let environment = [("ENTENTE_CAPTCHA_VERIFY_URL", url.as_str()), ("ENTENTE_CAPTCHA_SECRET", "our secret")];
    let server = Server::with(Arc::new(Database::empty(kind)), &environment);
    recruiting(&server);
    let client = server.client();
    assert_eq!(challenge(&client, "strict").text("method"), "captcha");
    let with = |captcha: &str| {
        let mut body = applicant("Lakeside");
        body["captcha"] = json!(captcha);
        body
    };
    let missing = client.post(APPLICATIONS, &applicant("Lakeside")).expect_problem(422, "proof_required");
    assert_eq!(fault(&missing), ("/captcha".into(), "required".into()));
    let wrong = client.post(APPLICATIONS, &with("bad")).expect_problem(422, "proof_required");
    assert_eq!(fault(&wrong), ("/captcha".into(), "wrong".into()));
    client.post(APPLICATIONS, &with("good")).expect_status(201);
    assert_eq!(
        *asked.lock().unwrap(),
        ["bad", "good"].map(|token| format!("secret=our+secret&response={token}&remoteip=127.0.0.1"))
    );
}

#[test]
fn a_captcha_takes_the_place_of_the_work_sqlite() {
    a_captcha_takes_the_place_of_the_work(Kind::Sqlite);
}

#[test]
fn a_captcha_takes_the_place_of_the_work_postgres() {
    a_captcha_takes_the_place_of_the_work(Kind::Postgres);
}

#[test]
fn without_the_captchas_provider_nobody_gets_in() {
    // A port that nobody listens on any more.
    let url = format!("http://{}/siteverify", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let environment = [("ENTENTE_CAPTCHA_VERIFY_URL", url.as_str()), ("ENTENTE_CAPTCHA_SECRET", "our secret")];
    let server = Server::with(Arc::new(Database::empty(Kind::Sqlite)), &environment);
    recruiting(&server);
    let mut body = applicant("Lakeside");
    body["captcha"] = json!("good");
    let refused = server.client().post(APPLICATIONS, &body).expect_problem(503, "captcha_unavailable");
    assert!(refused.header("retry-after").is_some() && !refused.text.contains("siteverify"));
}

#[test]
fn an_address_that_floods_is_slowed_and_who_is_known_is_not() {
    let environment = [("ENTENTE_APPLICATION_DIFFICULTY", "0"), ("ENTENTE_APPLICATION_RATE", "3")];
    let server = Server::with(Arc::new(Database::empty(Kind::Sqlite)), &environment);
    let (scene, _) = recruiting(&server);
    assert_eq!(challenge(&server.client(), "strict").text("method"), "none");
    for at in 0..3 {
        applied(&server, &applicant(&format!("Company{at}")));
    }
    let slowed = server.client().post(APPLICATIONS, &applicant("Another")).expect_problem(429, "rate_limited");
    let seconds: u64 = slowed.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=20).contains(&seconds), "{seconds}");
    assert_eq!(slowed.header("ratelimit-policy"), Some("\"applications\";q=3;w=60"));
    scene.admin.post(APPLICATIONS, &applicant("Another")).expect_status(201);
}

//! Limits that hold for two servers on one database, for whoever is meant by them and for nobody else.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use tests::{Answer, Client, Kind, Scene, Server, Value, json, scene::PASSWORD, server::ADMIN};

use super::servers;

const CHECKS: &str = "/v1/deal-registrations/check";

/// Makes a test for two servers on PostgreSQL, and for one on SQLite.
macro_rules! on_servers {
    ($environment:expr; $(fn $name:ident($servers:ident) $body:block)+) => {$(
        mod $name {
            use super::*;
            fn run($servers: &[Server]) $body
            #[test]
            fn one_on_sqlite() {
                run(&servers(Kind::Sqlite, $environment));
            }
            #[test]
            fn two_on_postgres() {
                run(&servers(Kind::Postgres, $environment));
            }
        }
    )+};
}

/// The problem of whoever asks too often, with all that it must tell.
#[track_caller]
fn expect_slowed(answer: Answer, of: &str) -> u64 {
    let answer = answer.expect_problem(429, "rate_limited");
    let seconds: u64 = answer.header("retry-after").and_then(|value| value.parse().ok()).expect("Retry-After");
    assert!(seconds >= 1);
    assert_eq!(answer.header("ratelimit"), Some(format!("\"{of}\";r=0;t={seconds}").as_str()));
    let policy = answer.header("ratelimit-policy").expect("a policy");
    assert!(policy.starts_with(&format!("\"{of}\";q=")) && policy.contains(";w="), "{policy}");
    seconds
}

/// The first answer that says to slow down. One machine asks more often than once a second.
fn until_slowed(ask: impl Fn() -> Answer) -> Answer {
    let answers = (0..1_000).map(|_| ask());
    answers.into_iter().find(|answer| answer.status == 429).expect("an end to the asking")
}

/// What is left of a limit after an answer.
#[track_caller]
fn left(answer: &Answer, of: &str) -> u64 {
    let told = answer.header("ratelimit").unwrap_or_else(|| panic!("no RateLimit in {:?}", answer.headers));
    let one = told.split(", ").find_map(|one| one.strip_prefix(&format!("\"{of}\";r="))).expect("the limit");
    let policy = answer.header("ratelimit-policy").expect("a policy");
    assert!(policy.contains(&format!("\"{of}\";q=")), "{policy}");
    one.split(';').next().and_then(|left| left.parse().ok()).expect("a number")
}

/// Sends from four threads to all servers, so many times; how many were not slowed, and how many could have been let
/// through at most by a limit of so many at once and so many each second.
fn flood(
    servers: &[Server],
    times: usize,
    (burst, each_second): (f64, f64),
    send: impl Fn(&Client, usize) -> Answer + Sync,
) -> (usize, usize) {
    let (began, passed, next) = (Instant::now(), AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for thread in 0..4 {
            let (send, passed, next) = (&send, &passed, &next);
            let client = servers[thread % servers.len()].client();
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= times {
                        return;
                    }
                    if send(&client, at).status != 429 {
                        passed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let most = burst + began.elapsed().as_secs_f64() * each_second + 1.0;
    (passed.into_inner(), most as usize)
}

/// A request for a token that says too little: it counts, and costs nothing.
fn incomplete(client: &Client) -> Answer {
    client.form("/oauth/token", &[("scope", "deals:read")])
}

fn guess(client: &Client, user: &str) -> Answer {
    client.form("/oauth/token", &[("grant_type", "password"), ("username", user), ("password", "a wrong guess")])
}

fn sign_in(client: &Client, user: &str) -> Answer {
    client.form("/oauth/token", &[("grant_type", "password"), ("username", user), ("password", PASSWORD)])
}

fn check(client: &Client, number: usize) -> Answer {
    client.post(CHECKS, &a_check(number))
}

fn a_check(number: usize) -> Value {
    json!({
        "program": "reseller", "products": ["core"],
        "account": {"name": format!("Guess {number}"), "domain": format!("guess{number}.example"), "country": "DE"}
    })
}

on_servers! { &[("ENTENTE_TOKEN_RATE", "1")];
    fn an_address_asks_for_tokens_so_often_wherever_it_asks(servers) {
        let client = servers[0].client();
        assert_eq!(left(&incomplete(&client).expect_status(400), "tokens"), 4);
        let (passed, most) = flood(servers, 80, (4.0, 1.0), |client, _| incomplete(client));
        assert!((4..=most).contains(&passed), "{passed} of 80 were let through, at most {most} should have been");
        for server in servers {
            expect_slowed(until_slowed(|| incomplete(&server.client())), "tokens");
            // Another address is not meant, nor is the work of who has a token.
            let elsewhere = Client::from_address(&server.url, IpAddr::from([127, 0, 0, 2]));
            elsewhere.signed_in(ADMIN.0, ADMIN.1).get("/v1/me").expect_status(200);
        }
    }

    fn guesses_for_one_account_from_many_addresses_are_slowed_and_its_owner_is_not_locked_out(servers) {
        let at = |server: &Server, last: u8| Client::from_address(&server.url, IpAddr::from([127, 0, 0, last]));
        let (home, victim) = (at(&servers[0], 9), "victim@vendor.example");
        let admin = home.signed_in(ADMIN.0, ADMIN.1);
        admin.post("/v1/users", &json!({"email": victim, "password": PASSWORD, "role": "analyst"})).expect_status(201);
        sign_in(&home, victim).expect_status(200);
        let (attacked, guessed) = (AtomicBool::new(true), AtomicUsize::new(0));
        let began = Instant::now();
        thread::scope(|scope| {
            for thread in 0..4 {
                let (attacked, guessed) = (&attacked, &guessed);
                let server = &servers[thread % servers.len()];
                scope.spawn(move || {
                    let addresses: Vec<_> = (0..20).map(|n| at(server, 20 + (thread * 20 + n) as u8)).collect();
                    for client in addresses.iter().cycle().take_while(|_| attacked.load(Ordering::Relaxed)) {
                        let answer = guess(client, victim);
                        assert!(matches!(answer.status, 400 | 429), "{}", answer.text);
                        guessed.fetch_add(usize::from(answer.status == 400), Ordering::Relaxed);
                    }
                });
            }
            // When strangers have used up what they have together …
            let stranger = at(&servers[0], 200);
            let slowed = until_slowed(|| guess(&stranger, "VICTIM@vendor.example"));
            if slowed.header("ratelimit").is_some_and(|limit| limit.starts_with("\"tokens-for-account\"")) {
                expect_slowed(slowed, "tokens-for-account");
            }
            // … the owner still gets in from where they are known, at each server,
            for server in servers {
                sign_in(&home.at(&server.url), victim).expect_status(200);
            }
            // and another account from anywhere.
            at(&servers[0], 201).signed_in(ADMIN.0, ADMIN.1);
            attacked.store(false, Ordering::Relaxed);
        });
        // One each second after two at once, of which the owner's first sign-in was one.
        let most = 2.0 + began.elapsed().as_secs_f64() + 1.0;
        let guessed = guessed.into_inner();
        assert!(guessed as f64 <= most, "{guessed} guesses, at most {most}");
        // From a strange address the owner gets in when the flood is over.
        let abroad = at(&servers[0], 202);
        let let_in = (0..30).any(|_| {
            let answer = sign_in(&abroad, victim);
            if answer.status == 429 {
                thread::sleep(Duration::from_secs(expect_slowed(answer, "tokens-for-account").min(2)));
                return false;
            }
            answer.expect_status(200);
            true
        });
        assert!(let_in, "the owner is locked out");
    }
}

on_servers! { &[("ENTENTE_APPLICATION_RATE", "6"), ("ENTENTE_APPLICATION_DIFFICULTY", "0")];
    fn an_address_applies_so_often_wherever_it_applies(servers) {
        Scene::approving(&servers[0]);
        let company = |at: usize| {
            let domain = format!("company{at}.example");
            json!({
                "program": "reseller", "answers": {},
                "company": {"name": format!("Company {at}"), "domain": domain, "country": "DE"},
                "contact": {"name": "Ada", "email": format!("ada@{domain}")}
            })
        };
        let first = servers[0].client().post("/v1/applications", &company(1_000));
        assert_eq!(left(&first, "applications"), 5, "{}", first.text);
        let apply = |client: &Client, at: usize| client.post("/v1/applications", &company(at));
        let (passed, most) = flood(servers, 40, (5.0, 0.1), apply);
        assert!((5..=most).contains(&passed), "{passed} of 40 were let through, at most {most} should have been");
        expect_slowed(servers[0].client().post("/v1/applications", &company(2_000)), "applications");
    }
}

on_servers! { &[("ENTENTE_CHECK_RATE", "6"), ("ENTENTE_PARTNER_CHECK_RATE", "10")];
    fn nobody_probes_for_the_vendors_customers(servers) {
        let scene = Scene::approving(&servers[0]);
        let (acme, other) = (scene.partner("Acme"), scene.partner("Other"));
        let colleague = scene.user("colleague@acme.example", "partner_member", Some(&acme.id));
        assert_eq!(left(&check(&acme.admin, 1_000).expect_status(200), "checks"), 5);
        let (passed, most) = flood(servers, 30, (5.0, 0.1), |at, number| {
            let client = at.with_token(acme.admin.token.as_deref().unwrap());
            check(&client, number)
        });
        assert!((5..=most).contains(&passed), "{passed} of 30 were let through, at most {most} should have been");
        // More users of the partner do not find out more: what is left for the day is left for all of them.
        let (passed, _) = flood(servers, 30, (6.0, 0.1), |at, number| {
            check(&at.with_token(colleague.token.as_deref().unwrap()), 100 + number)
        });
        assert!(passed <= 5, "{passed} more than the partner's ten a day");
        let third = scene.user("third@acme.example", "partner_member", Some(&acme.id));
        for server in servers {
            let seconds = expect_slowed(check(&third.at(&server.url), 3), "checks-of-partner");
            assert!(seconds > 60, "a tenth of a day, not {seconds} s");
        }
        // To ask under a key does not help, and another partner is not meant.
        expect_slowed(third.post_once(CHECKS, "key", &a_check(4)), "checks-of-partner");
        check(&other.admin, 5).expect_status(200);
        let mut of_the_vendor = a_check(6);
        of_the_vendor["partner_id"] = acme.id.into();
        scene.admin.post(CHECKS, &of_the_vendor).expect_status(200);
    }
}

on_servers! { &[("ENTENTE_CALLER_RATE", "1")];
    fn a_caller_who_asks_without_a_pause_is_slowed_and_others_are_not(servers) {
        let server = &servers[0];
        let admin = server.admin();
        admin.post("/v1/users", &json!({"email": "ada@vendor.example", "password": PASSWORD, "role": "analyst"})).expect_status(201);
        let ada = server.client().signed_in("ada@vendor.example", PASSWORD);
        let first = ada.get("/v1/me").expect_status(200);
        assert_eq!(left(&first, "requests"), 4);
        assert_eq!(first.header("ratelimit-policy"), Some("\"requests\";q=5;w=5"));
        // What is refused for another reason counts too, and says what is left.
        assert!(left(&ada.get("/v1/partners?x=1").expect_status(400), "requests") < 5);
        expect_slowed(until_slowed(|| ada.get("/v1/me")), "requests");
        // At the same address: who is somebody else, and who is nobody.
        admin.get("/v1/me").expect_status(200);
        server.client().get("/healthz").expect_status(200);
        // Nobody is counted by address, whatever they say of themselves.
        let forged = |name: &str| server.client().with_token(name).get("/v1/me");
        expect_slowed(until_slowed(|| forged("forged.one")), "requests");
        expect_slowed(until_slowed(|| forged("forged.two")), "requests");
        expect_slowed(until_slowed(|| server.client().get("/v1/nothing")), "requests");
        expect_slowed(until_slowed(|| server.client().get("/docs/")), "requests");
        admin.get("/v1/me").expect_status(200);
    }
}

on_servers! { &[];
    fn without_a_limit_nothing_is_told_of_one(servers) {
        // The tests' servers have none.
        let answer = servers[0].admin().get("/v1/me").expect_status(200);
        assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), (None, None));
    }
}

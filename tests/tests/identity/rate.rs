//! The token endpoint slows down whoever guesses, and nobody else.

use std::{net::IpAddr, sync::Arc};

use tests::{Answer, Client, Database, Kind, Server, json, server::ADMIN};

use super::support::by_password;

/// A server that takes two requests for tokens each second from one address, and one for each account.
fn slow_server(kind: Kind, environment: &[(&str, &str)]) -> Server {
    let environment: Vec<_> = [("ENTENTE_TOKEN_RATE", "2")].iter().chain(environment).copied().collect();
    Server::with(Arc::new(Database::empty(kind)), &environment)
}

/// Guesses until it is told to slow down.
fn guess_until_slowed(guess: impl Fn(usize) -> Answer) -> Answer {
    let answers = (0..200).map(guess);
    answers.into_iter().find(|answer| answer.status != 400).expect("an end to the guessing")
}

#[track_caller]
fn expect_slowed(answer: Answer) {
    let answer = answer.expect_problem(429, "rate_limited");
    let seconds: u64 = answer.header("retry-after").and_then(|value| value.parse().ok()).expect("Retry-After");
    assert!((1..=60).contains(&seconds));
    let (policy, left) =
        (answer.header("ratelimit-policy").unwrap_or_default(), answer.header("ratelimit").unwrap_or_default());
    assert!(policy.contains(";q=") && policy.contains(";w="), "{policy}");
    assert!(left.contains(";r=0") && left.contains(&format!(";t={seconds}")), "{left}");
}

fn whoever_guesses_for_one_account_is_slowed(server: &Server) {
    let client = server.client();
    expect_slowed(guess_until_slowed(|_| by_password(&client, "victim@vendor.example", "a guess")));
    // In capitals it is the same account; one guess may have become possible since.
    let capitals = [0; 2].map(|_| by_password(&client, "VICTIM@vendor.example", "a guess"));
    assert!(capitals.iter().any(|answer| answer.status == 429));
    // Somebody else at the same address is not slowed, nor is the work of who has a token.
    let admin = server.admin();
    admin.post("/v1/users", &json!({"email": "ada@vendor.example", "role": "analyst"})).expect_status(201);
}

#[test]
fn whoever_guesses_for_one_account_is_slowed_on_sqlite() {
    whoever_guesses_for_one_account_is_slowed(&slow_server(Kind::Sqlite, &[]));
}

#[test]
fn whoever_guesses_for_one_account_is_slowed_on_postgres() {
    whoever_guesses_for_one_account_is_slowed(&slow_server(Kind::Postgres, &[]));
}

#[test]
fn whoever_guesses_from_one_address_is_slowed_and_another_address_is_not() {
    let server = slow_server(Kind::Sqlite, &[]);
    let client = server.client();
    let elsewhere = Client::from_address(&server.url, IpAddr::from([127, 0, 0, 2]));
    expect_slowed(guess_until_slowed(|at| by_password(&client, &format!("user{at}@vendor.example"), "a guess")));
    by_password(&elsewhere, ADMIN.0, ADMIN.1).expect_status(200);
    // Without a proxy the header is the guesser's own invention.
    let form = [("grant_type", "password"), ("username", "x@vendor.example"), ("password", "a guess")];
    let told = |at: usize| {
        let request = client.request(reqwest::Method::POST, "/oauth/token").form(&form);
        Answer::of(request.header("X-Forwarded-For", format!("192.0.2.{at}")))
    };
    expect_slowed(guess_until_slowed(told));
}

#[test]
fn behind_a_proxy_the_address_is_what_the_proxy_says() {
    let server = slow_server(Kind::Sqlite, &[("ENTENTE_BEHIND_PROXY", "true")]);
    let client = server.client();
    let from = |address: &str, user: usize| {
        let user = format!("user{user}@vendor.example");
        let form = [("grant_type", "password"), ("username", user.as_str()), ("password", "a guess")];
        let request = client.request(reqwest::Method::POST, "/oauth/token").form(&form);
        Answer::of(request.header("X-Forwarded-For", address))
    };
    expect_slowed(guess_until_slowed(|at| from("192.0.2.1", at)));
    from("192.0.2.2", 1_000).expect_status(400);
}

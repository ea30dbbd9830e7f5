//! What these tests ask of the token endpoint, and how they take tokens apart.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tests::{Answer, Client, Value};

/// Asks for a token with a form.
pub fn token(client: &Client, form: &[(&str, &str)]) -> Answer {
    client.form("/oauth/token", form)
}

/// Asks for a token with e-mail address and password.
pub fn by_password(client: &Client, email: &str, password: &str) -> Answer {
    token(client, &[("grant_type", "password"), ("username", email), ("password", password)])
}

/// Goes on with a session.
pub fn refresh(client: &Client, refresh_token: &str) -> Answer {
    token(client, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)])
}

/// Asks for a token with a client's id and secret in the form.
pub fn by_secret(client: &Client, id: &str, secret: &str) -> Answer {
    token(client, &[("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)])
}

/// Fails the test unless it is this error of RFC 6749, 5.2, in the form that the RFC wants.
#[track_caller]
pub fn expect_refusal(answer: Answer, status: u16, error: &str) -> Answer {
    assert_eq!((answer.status, answer.json["error"].as_str()), (status, Some(error)), "{}", answer.text);
    assert!(answer.json["error_description"].is_string(), "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer
}

/// Header and payload of a token, whether they are genuine or not.
pub fn parts(token: &str) -> (Value, Value) {
    let part = |at: usize| {
        let text = token.split('.').nth(at).expect("three parts");
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("JSON")
    };
    (part(0), part(1))
}

/// A part of a token.
pub fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// The scopes of an answer of the token endpoint.
pub fn scopes(answer: &Answer) -> Vec<String> {
    answer.text("scope").split_whitespace().map(str::to_owned).collect()
}

/// Fails the test unless the token is refused, and the caller told how to sign in.
#[track_caller]
pub fn expect_no_entry(client: &Client, token: &str, what: &str) {
    let answer = client.with_token(token).get("/v1/me");
    assert_eq!((answer.status, answer.json["code"].as_str()), (401, Some("invalid_token")), "{what}: {}", answer.text);
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    assert!(challenge.starts_with("Bearer ") && challenge.contains(r#"error="invalid_token""#), "{what}: {challenge}");
}

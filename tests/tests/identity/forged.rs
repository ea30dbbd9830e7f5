//! Tokens that are not good, each by one thing alone.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use postgres::NoTls;
use tests::{Kind, Server, Value, json, oidc, on_both, server::ADMIN};

use super::support::{by_password, encoded, expect_no_entry, parts};

fn genuine(server: &Server) -> String {
    by_password(&server.client(), ADMIN.0, ADMIN.1).expect_status(200).text("access_token")
}

on_both! {
    fn what_is_no_token_of_ours_opens_nothing(server: Server) {
        let client = server.client();
        let token = genuine(&server);
        let (header, payload) = parts(&token);
        let signature = token.rsplit('.').next().expect("a signature");
        let with = |part: &Value, member: &str, value: Value| {
            let mut part = part.clone();
            part[member] = value;
            part
        };
        let unsigned = |alg: &str| format!("{}.{}.", encoded(&with(&header, "alg", alg.into())), encoded(&payload));
        let other_subject = with(&payload, "sub", "user_01h455vb4pex5vsknk084sn02q".into());
        let mut flipped = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        flipped[0] ^= 1;
        let (head, body) = (encoded(&header), encoded(&payload));
        let forged = [
            ("alg none", unsigned("none")),
            ("alg None", unsigned("None")),
            ("alg none with the signature", format!("{}{signature}", unsigned("none"))),
            ("another subject", format!("{head}.{}.{signature}", encoded(&other_subject))),
            (
                "more scopes",
                format!("{head}.{}.{signature}", encoded(&with(&payload, "scope", "sandbox:write".into()))),
            ),
            (
                "a later end",
                format!("{head}.{}.{signature}", encoded(&with(&payload, "exp", 4_000_000_000_i64.into()))),
            ),
            ("another header", format!("{}.{body}.{signature}", encoded(&with(&header, "typ", "JWT".into())))),
            ("a bit of the signature", format!("{head}.{body}.{}", URL_SAFE_NO_PAD.encode(flipped))),
            ("no signature", format!("{head}.{body}.")),
            ("two parts", format!("{head}.{body}")),
            ("another key of the same name", oidc::sign(&header, &payload, None)),
            ("another algorithm", oidc::sign(&with(&header, "alg", "ES256".into()), &payload, None)),
            ("an unknown key", oidc::sign(&with(&header, "kid", "unknown".into()), &payload, None)),
            ("no key", oidc::sign(&json!({"alg": "EdDSA", "typ": "at+jwt"}), &payload, None)),
            ("no token", "abc".into()),
            ("dots", "..".into()),
            ("a long one", "a".repeat(8_000)),
        ];
        for (what, token) in forged {
            expect_no_entry(&client, &token, what);
        }
        client.with_token(&token).get("/v1/me").expect_status(200);
    }

    fn our_public_key_is_no_secret_to_sign_with(server: Server) {
        // The classic: verify an HMAC with the public key, which everybody has.
        let (header, payload) = parts(&genuine(&server));
        let published = server.client().get("/.well-known/jwks.json").json;
        let mut keys = published["keys"].as_array().expect("keys").iter();
        let of_tokens = keys.find(|key| key["alg"] == "EdDSA").expect("the key of tokens");
        let x = of_tokens["x"].as_str().expect("x").to_owned();
        for alg in ["HS256", "HS512"] {
            let mut header = header.clone();
            header["alg"] = alg.into();
            let fake = format!("{}.{}.{}", encoded(&header), encoded(&payload), x);
            expect_no_entry(&server.client(), &fake, alg);
        }
    }

    fn without_a_token_or_with_another_scheme_the_caller_is_told_what_to_send(server: Server) {
        let bare = server.client().get("/v1/me").expect_problem(401, "invalid_token");
        // RFC 6750, 3.1: no error code for somebody who did not try.
        assert_eq!(bare.header("www-authenticate"), Some(r#"Bearer realm="entente""#));
        let token = genuine(&server);
        for header in
            [format!("Basic {token}"), format!("Token {token}"), token.clone(), "Bearer".into(), "Bearer ".into()]
        {
            let request = server.client().request(reqwest::Method::GET, "/v1/me").header("Authorization", header);
            let answer = tests::Answer::of(request).expect_problem(401, "invalid_token");
            assert!(answer.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer ")));
        }
        // The scheme's name has no case (RFC 9110, 11.1); a token in the query is none (it would be logged).
        let request =
            server.client().request(reqwest::Method::GET, "/v1/me").header("Authorization", format!("bearer {token}"));
        tests::Answer::of(request).expect_status(200);
        server.client().get(&format!("/v1/me?access_token={token}")).expect_problem(401, "invalid_token");
    }
}

/// The key that signs, as PEM: only a database that a test can read without our code shows it.
fn signing_key(server: &Server) -> String {
    let mut connection = postgres::Client::connect(&server.database.url, NoTls).expect("the database");
    let row = connection
        .query_one("SELECT private_key FROM signing_keys WHERE retired_at IS NULL AND algorithm = 'EdDSA'", &[])
        .expect("a key");
    let key = STANDARD.decode(row.get::<_, String>(0)).expect("base64");
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(key))
}

#[test]
fn even_our_own_signature_does_not_save_a_token_that_is_expired_or_for_others() {
    let server = Server::start(Kind::Postgres);
    let (header, payload) = parts(&genuine(&server));
    let key = signing_key(&server);
    let signed = |member: &str, value: Value| {
        let mut payload = payload.clone();
        payload[member] = value;
        oidc::sign(&header, &payload, Some(&key))
    };
    let now = payload["iat"].as_i64().expect("iat");
    // So that what follows is refused for what was changed, and not for how it was signed.
    server.client().with_token(&signed("jti", "other".into())).get("/v1/me").expect_status(200);
    expect_no_entry(&server.client(), &signed("exp", (now - 1).into()), "expired");
    expect_no_entry(&server.client(), &signed("exp", Value::Null), "without an end");
    expect_no_entry(&server.client(), &signed("aud", "https://other.test".into()), "for another audience");
    expect_no_entry(&server.client(), &signed("aud", Value::Null), "for nobody");
    expect_no_entry(&server.client(), &signed("iss", "https://other.test".into()), "of another issuer");
    expect_no_entry(&server.client(), &signed("sub", "user_01h455vb4pex5vsknk084sn02q".into()), "of nobody");
    expect_no_entry(&server.client(), &signed("sub", "system".into()), "of the engine");
}

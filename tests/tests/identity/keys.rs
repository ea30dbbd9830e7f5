//! The keys that sign, as others see them: published, verified by another library, rotated.

use std::{
    thread,
    time::{Duration, Instant},
};

use tests::{
    Answer, Server, oidc, on_both,
    server::{ADMIN, command},
};

use super::support::{by_password, parts};

const ISSUER: &str = "http://entente.test";

/// Rotates as whoever runs the server does.
fn rotate(server: &Server) {
    rotate_with(server, &[]);
}

fn rotate_with(server: &Server, flags: &[&str]) {
    let rotate = ["keys", "rotate", "--database-url", &server.database.url];
    let done = command().args(rotate).args(flags).output().expect("entente");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn kid(token: &str) -> String {
    parts(token).0["kid"].as_str().expect("a kid").to_owned()
}

fn access_token(server: &Server) -> String {
    by_password(&server.client(), ADMIN.0, ADMIN.1).expect_status(200).text("access_token")
}

fn jwks(server: &Server) -> Answer {
    server.client().get("/.well-known/jwks.json").expect_status(200)
}

/// A token that is signed with another key than `old`; the server takes up a new one with its next sweep.
fn signed_anew(server: &Server, old: &str) -> String {
    let began = Instant::now();
    loop {
        let token = access_token(server);
        if kid(&token) != old {
            return token;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "the server goes on signing with the old key");
        thread::sleep(Duration::from_millis(100));
    }
}

on_both! {
    fn another_library_verifies_our_tokens_with_what_we_publish(server: Server) {
        let published = jwks(&server);
        let keys = published.json["keys"].as_array().expect("keys");
        assert_eq!(keys.len(), 2);
        let of_tokens: Vec<_> = keys.iter().filter(|key| key["alg"] == "EdDSA").collect();
        let keys = of_tokens.as_slice();
        assert_eq!(keys.len(), 1, "the other signs credentials: tests/tests/training/badges.rs");
        for (member, value) in [("kty", "OKP"), ("crv", "Ed25519"), ("use", "sig"), ("alg", "EdDSA")] {
            assert_eq!(keys[0][member], value);
        }
        assert!(keys[0].get("d").is_none(), "a private key is published");
        assert!(published.header("cache-control").is_some_and(|value| value.contains("max-age")));
        let token = access_token(&server);
        let (header, payload) = oidc::verify(&token, &published.json, ISSUER).expect("a token that verifies");
        assert_eq!(
            (&header["alg"], &header["typ"], &header["kid"]),
            (&"EdDSA".into(), &"at+jwt".into(), &keys[0]["kid"])
        );
        assert_eq!((&payload["iss"], &payload["aud"]), (&ISSUER.into(), &ISSUER.into()));
        assert_eq!(payload["exp"].as_i64().unwrap() - payload["iat"].as_i64().unwrap(), 15 * 60);
        assert!(payload["sub"].as_str().is_some_and(|subject| subject.starts_with("user_")));
        assert!(payload["scope"].as_str().is_some_and(|scope| scope.contains("deals:read")));
        assert_ne!(payload["jti"], parts(&access_token(&server)).1["jti"]);
        // The other library is no yes-man.
        assert!(oidc::verify(&token, &published.json, "https://other.test").is_err());
    }

    fn the_metadata_says_where_everything_is(server: Server) {
        let metadata = server.client().get("/.well-known/oauth-authorization-server").expect_status(200).json;
        assert_eq!(metadata["issuer"], ISSUER);
        assert_eq!(metadata["token_endpoint"], format!("{ISSUER}/oauth/token"));
        assert_eq!(metadata["jwks_uri"], format!("{ISSUER}/.well-known/jwks.json"));
        assert!(metadata["response_types_supported"].is_array(), "required by RFC 8414, 2");
        let mut grants: Vec<_> =
            metadata["grant_types_supported"].as_array().unwrap().iter().filter_map(|v| v.as_str()).collect();
        grants.sort_unstable();
        assert_eq!(grants, ["client_credentials", "password", "refresh_token"]);
        let scopes = metadata["scopes_supported"].as_array().expect("scopes");
        assert!(scopes.contains(&"deals:decide".into()));
    }

    fn after_a_rotation_old_tokens_stay_good_and_new_ones_have_the_new_key(server: Server) {
        let old = access_token(&server);
        rotate(&server);
        let new = signed_anew(&server, &kid(&old));
        for token in [&old, &new] {
            server.client().with_token(token).get("/v1/me").expect_status(200);
        }
        let published = jwks(&server).json;
        let kids: Vec<_> = published["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect();
        assert!(kids.contains(&kid(&old).into()) && kids.contains(&kid(&new).into()), "{kids:?}");
        oidc::verify(&old, &published, ISSUER).expect("the old key is published as long as it verifies");
        oidc::verify(&new, &published, ISSUER).expect("the new key is published");
    }

    fn another_server_accepts_a_token_of_a_new_key_at_once(server: Server) {
        // It would not look for new keys by itself within the hour.
        let other = Server::with(server.database.clone(), &[("ENTENTE_SWEEP_SECONDS", "3600")]);
        let old = access_token(&server);
        other.client().with_token(&old).get("/v1/me").expect_status(200);
        rotate(&server);
        let new = signed_anew(&server, &kid(&old));
        other.client().with_token(&new).get("/v1/me").expect_status(200);
        // Nor does somebody who invents keys keep it from that.
        let forged =
            oidc::sign(&serde_json::json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "invented"}), &parts(&new).1, None);
        other.client().with_token(&forged).get("/v1/me").expect_problem(401, "invalid_token");
        rotate(&server);
        let newer = signed_anew(&server, &kid(&new));
        other.client().with_token(&newer).get("/v1/me").expect_status(200);
        other.client().with_token(&old).get("/v1/me").expect_status(200);
    }

    fn what_a_key_has_signed_as_credential_stays_good_unless_the_key_is_withdrawn(server: Server) {
        server.admin().post("/v1/training-catalogue/versions", &serde_json::json!({"name": "Academy"})).expect_status(201);
        let key = || {
            let issuer = server.client().get("/credentials/issuer").expect_status(200).json;
            let address = issuer["assertionMethod"][0].as_str().expect("a key").to_owned();
            address.strip_prefix(ISSUER).expect("an address of ours").to_owned()
        };
        let another_than = |old: &str| {
            let mut keys = (0..100).map(|_| {
                thread::sleep(Duration::from_millis(100));
                key()
            });
            keys.find(|key| key != old).expect("the server takes up the new key")
        };
        let first = key();
        rotate(&server);
        let second = another_than(&first);
        server.client().get(&first).expect_status(200);
        rotate_with(&server, &["--withdraw"]);
        let third = another_than(&second);
        for withdrawn in [&first, &second] {
            server.client().get(withdrawn).expect_problem(404, "not_found");
        }
        server.client().get(&third).expect_status(200);
    }
}

//! The errors of the token endpoint, as RFC 6749, 5.2 names them.

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use tests::{Answer, Client, json, on_both, server::ADMIN};

use super::support::{by_password, by_secret, expect_refusal, refresh, token};

/// Asks with these bytes as the form, and this `Authorization`.
fn raw(client: &Client, authorization: Option<&str>, form: &str) -> Answer {
    let request = client.request(Method::POST, "/oauth/token").body(form.to_owned());
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    Answer::of(match authorization {
        Some(authorization) => request.header("Authorization", authorization),
        None => request,
    })
}

on_both! {
    fn a_form_that_lacks_something_or_repeats_it_is_an_invalid_request(server: Server) {
        let client = server.client();
        let lacking = [
            "",
            "grant_type=password",
            "grant_type=password&username=a%40b.example",
            "grant_type=refresh_token",
            "grant_type=client_credentials",
            "grant_type=client_credentials&client_id=client_1",
            "username=a&password=b",
            "grant_type=password&grant_type=password&username=a&password=b",
            "grant_type=password&username=a&username=b&password=c",
        ];
        for form in lacking {
            expect_refusal(raw(&client, None, form), 400, "invalid_request");
        }
    }

    fn an_unknown_grant_type_or_scope_is_named_as_such(server: Server) {
        let client = server.client();
        for grant in ["authorization_code", "implicit", "", "PASSWORD", "urn:ietf:params:oauth:grant-type:jwt-bearer"] {
            expect_refusal(token(&client, &[("grant_type", grant)]), 400, "unsupported_grant_type");
        }
        let form = [
            ("grant_type", "password"),
            ("username", ADMIN.0),
            ("password", ADMIN.1),
            ("scope", "deals:read everything"),
        ];
        expect_refusal(token(&client, &form), 400, "invalid_scope");
    }

    fn wrong_credentials_of_a_person_are_an_invalid_grant(server: Server) {
        let client = server.client();
        let unknown =
            expect_refusal(by_password(&client, "nobody@vendor.example", "whatever it is"), 400, "invalid_grant");
        let wrong = expect_refusal(by_password(&client, ADMIN.0, "not the password"), 400, "invalid_grant");
        // Who guesses learns nothing about which addresses there are.
        assert_eq!(unknown.json["error_description"], wrong.json["error_description"]);
        expect_refusal(by_password(&client, "", ""), 400, "invalid_grant");
        for strange in ["a\u{0}b", "\u{0}", "'; --", "🙂@vendor.example", &"a".repeat(200)] {
            expect_refusal(by_password(&client, strange, strange), 400, "invalid_grant");
        }
        expect_refusal(refresh(&client, "no such token"), 400, "invalid_grant");
        // Somebody who only signs in elsewhere has no password to guess.
        server.admin().post("/v1/users", &json!({"email": "sso@vendor.example", "role": "analyst"})).expect_status(201);
        expect_refusal(by_password(&client, "sso@vendor.example", ""), 400, "invalid_grant");
        expect_refusal(by_password(&client, "sso@vendor.example", "nobody's password"), 400, "invalid_grant");
    }

    fn wrong_credentials_of_a_client_are_an_invalid_client(server: Server) {
        let client = server.client();
        let made = server
            .admin()
            .post("/v1/api-clients", &json!({"name": "Sync", "scopes": ["deals:read"]}))
            .expect_status(201);
        let (id, secret) = (made.text("client_id"), made.text("client_secret"));
        for (id, secret) in
            [(id.as_str(), "wrong"), (id.as_str(), ""), ("client_1", "wrong"), ("", ""), ("user_1", secret.as_str())]
        {
            expect_refusal(by_secret(&client, id, secret), 401, "invalid_client");
        }
        // Whoever tried with the header is told that the header is the way (RFC 6749, 5.2).
        for pair in [format!("{id}:wrong"), "client_1:wrong".into(), "no colon".into()] {
            let basic = format!("Basic {}", STANDARD.encode(pair));
            let answer =
                expect_refusal(raw(&client, Some(&basic), "grant_type=client_credentials"), 401, "invalid_client");
            assert!(
                answer.header("www-authenticate").is_some_and(|value| value.starts_with("Basic ")),
                "{:?}",
                answer.headers
            );
        }
        for header in ["Basic", "Basic !!!", "Bearer abc", "Basic /w=="] {
            expect_refusal(raw(&client, Some(header), "grant_type=client_credentials"), 401, "invalid_client");
        }
    }

    fn one_way_to_authenticate_is_enough(server: Server) {
        // RFC 6749, 2.3: "The client MUST NOT use more than one authentication method in each request."
        let made = server
            .admin()
            .post("/v1/api-clients", &json!({"name": "Sync", "scopes": ["deals:read"]}))
            .expect_status(201);
        let (id, secret) = (made.text("client_id"), made.text("client_secret"));
        let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        expect_refusal(raw(&server.client(), Some(&basic), &form), 400, "invalid_request");
    }

    fn what_is_no_form_is_a_problem_like_everywhere(server: Server) {
        let client = server.client();
        client.post("/oauth/token", &json!({"grant_type": "password"})).expect_problem(415, "unsupported_media_type");
        let answer = client.get("/oauth/token").expect_problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some("POST"));
        let long = format!("grant_type=password&username={}&password=x", "a".repeat(600_000));
        raw(&client, None, &long).expect_problem(413, "body_too_large");
    }
}

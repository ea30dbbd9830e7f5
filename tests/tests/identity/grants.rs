//! The grants of the token endpoint.

use std::thread;

use reqwest::Method;
use tests::{Answer, Scene, json, on_both, server::ADMIN};

use super::support::{by_password, by_secret, expect_refusal, refresh, scopes, token};

on_both! {
    fn a_person_gets_an_access_token_and_a_refresh_token(server: Server) {
        let answer = by_password(&server.client(), ADMIN.0, ADMIN.1).expect_status(200);
        assert_eq!(answer.text("token_type"), "Bearer");
        assert_eq!(answer.json["expires_in"], 900);
        assert!(answer.text("refresh_token").len() >= 32);
        assert!(scopes(&answer).contains(&"users:write".to_owned()));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("pragma"), Some("no-cache"));
        server.client().with_token(&answer.text("access_token")).get("/v1/me").expect_status(200);
        // An address is the same in any case; a password is not.
        by_password(&server.client(), &ADMIN.0.to_uppercase(), ADMIN.1).expect_status(200);
        expect_refusal(by_password(&server.client(), ADMIN.0, &ADMIN.1.to_uppercase()), 400, "invalid_grant");
    }

    fn a_refresh_token_is_good_for_one_use_and_using_it_twice_ends_the_session(server: Server) {
        let client = server.client();
        let other = by_password(&client, ADMIN.0, ADMIN.1).expect_status(200).text("refresh_token");
        let first = by_password(&client, ADMIN.0, ADMIN.1).expect_status(200).text("refresh_token");
        let second = refresh(&client, &first).expect_status(200);
        client.with_token(&second.text("access_token")).get("/v1/me").expect_status(200);
        let third = refresh(&client, &second.text("refresh_token")).expect_status(200).text("refresh_token");
        assert!(first != third && second.text("refresh_token") != third);
        // A copy of an old one turns up: nobody can tell who is the thief, so all of the session's tokens die.
        expect_refusal(refresh(&client, &first), 400, "invalid_grant");
        expect_refusal(refresh(&client, &third), 400, "invalid_grant");
        // Another session of the same person is another matter.
        refresh(&client, &other).expect_status(200);
    }

    fn of_two_refreshes_at_once_one_wins_at_most(server: Server) {
        let client = server.client();
        for _ in 0..5 {
            let token = by_password(&client, ADMIN.0, ADMIN.1).expect_status(200).text("refresh_token");
            let racers = [0; 4].map(|_| {
                let (client, token) = (client.clone(), token.clone());
                thread::spawn(move || refresh(&client, &token))
            });
            let answers = racers.map(|racer| racer.join().expect("an answer"));
            let (won, lost): (Vec<Answer>, Vec<Answer>) = answers.into_iter().partition(|answer| answer.status == 200);
            assert!(won.len() <= 1, "{} refreshes with one token were granted", won.len());
            for answer in lost {
                // Busy is no refusal: the database may be too contended to say.
                if answer.status != 503 {
                    expect_refusal(answer, 400, "invalid_grant");
                }
            }
            // It was used more than once, so what the winner got is dead too.
            for answer in won {
                expect_refusal(refresh(&client, &answer.text("refresh_token")), 400, "invalid_grant");
            }
        }
    }

    fn an_integration_signs_in_by_form_and_by_basic(server: Server) {
        let admin = server.admin();
        let new = json!({"name": "Sync", "scopes": ["deals:read", "partners:read"]});
        let made = admin.post("/v1/api-clients", &new).expect_status(201);
        let (id, secret) = (made.text("client_id"), made.text("client_secret"));
        let by_form = by_secret(&server.client(), &id, &secret).expect_status(200);
        let request = server.client().request(Method::POST, "/oauth/token").basic_auth(&id, Some(&secret));
        let by_basic = Answer::of(request.form(&[("grant_type", "client_credentials")])).expect_status(200);
        for answer in [by_form, by_basic] {
            assert_eq!(scopes(&answer), ["partners:read", "deals:read"]);
            assert!(answer.json.get("refresh_token").is_none(), "RFC 6749, 4.4.3: no refresh token");
            assert_eq!(answer.json["expires_in"], 900);
            server.client().with_token(&answer.text("access_token")).get("/v1/partners").expect_status(200);
        }
    }

    fn a_scope_narrows_and_never_widens(server: Server) {
        let scene = Scene::approving(&server);
        let client = server.client();
        let narrow = [
            ("grant_type", "password"),
            ("username", ADMIN.0),
            ("password", ADMIN.1),
            ("scope", "partners:read users:read"),
        ];
        let answer = token(&client, &narrow).expect_status(200);
        assert_eq!(scopes(&answer), ["partners:read", "users:read"]);
        let caller = client.with_token(&answer.text("access_token"));
        caller.get("/v1/partners").expect_status(200);
        let refused = caller.get("/v1/audit-entries").expect_problem(403, "insufficient_scope");
        let challenge = refused.header("www-authenticate").unwrap_or_default().to_owned();
        assert!(challenge.contains(r#"scope="audit:read""#), "{challenge}");
        // The session keeps to it, whatever is asked for later.
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &answer.text("refresh_token")),
            ("scope", "audit:read users:read"),
        ];
        let later = token(&client, &form);
        assert!(later.status == 400 || scopes(&later) == ["users:read"], "{}", later.text);
        // Nobody asks for more than their role gives.
        let partner = scene.partner("Acme");
        let form = [
            ("grant_type", "password"),
            ("username", "admin@acme.example"),
            ("password", tests::scene::PASSWORD),
            ("scope", "deals:read deals:decide"),
        ];
        let answer = token(&client, &form).expect_status(200);
        assert_eq!(scopes(&answer), ["deals:read"]);
        assert!(partner.admin.get("/v1/me").expect_status(200).json["scopes"].as_array().is_some());
    }
}

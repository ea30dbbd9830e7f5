//! Requests that come twice.

use reqwest::Method;
use tests::{Answer, Scene, json, on_both};

use super::support::{partner, places};

on_both! {
    fn a_repeated_request_gets_the_first_answer_to_the_byte(server: Server) {
        let admin = server.admin();
        let first = admin.post_once("/v1/partners", "key-1", &partner("Acme")).expect_status(201);
        assert_eq!(first.header("idempotency-replayed"), None);
        let second = admin.post_once("/v1/partners", "key-1", &partner("Acme")).expect_status(201);
        assert_eq!(
            (&second.text, second.tag(), second.header("location")),
            (&first.text, first.tag(), first.header("location"))
        );
        assert_eq!(second.header("idempotency-replayed"), Some("true"));
        assert_eq!(admin.all("/v1/partners").len(), 1);
        admin.post_once("/v1/partners", "key-1", &partner("Bravo")).expect_problem(422, "idempotency_key_reused");
        admin
            .post_once("/v1/accounts", "key-1", &json!({"name": "A", "country": "DE"}))
            .expect_problem(422, "idempotency_key_reused");
        // A refusal is an answer too.
        let refused = admin.post_once("/v1/partners", "key-2", &partner("Acme")).expect_problem(409, "already_exists");
        let again = admin.post_once("/v1/partners", "key-2", &partner("Acme")).expect_problem(409, "already_exists");
        assert_eq!(again.text, refused.text);
    }

    fn a_key_is_its_owners_own(server: Server) {
        let scene = Scene::approving(&server);
        scene.admin.post_once("/v1/partners", "key", &partner("Acme")).expect_status(201);
        let other = scene.user("cam@vendor.example", "channel_manager", None);
        other.post_once("/v1/partners", "key", &partner("Acme")).expect_problem(409, "already_exists");
    }

    fn of_many_at_once_one_has_an_effect(server: Server) {
        let admin = server.admin();
        let racers = [0; 8].map(|_| {
            let admin = admin.clone();
            std::thread::spawn(move || admin.post_once("/v1/partners", "key", &partner("Acme")))
        });
        let answers = racers.map(|racer| racer.join().expect("an answer"));
        assert!(answers.iter().any(|answer| answer.status == 201));
        for answer in answers {
            assert!(
                answer.status == 201 || answer.text("code") == "idempotency_key_in_use" || answer.status == 503,
                "{}",
                answer.text
            );
        }
        assert_eq!(admin.all("/v1/partners").len(), 1);
    }

    fn a_key_that_is_none_is_refused(server: Server) {
        let admin = server.admin();
        for key in ["", "two words", &"a".repeat(256), "ü"] {
            let request =
                admin.request(Method::POST, "/v1/partners").header("Idempotency-Key", key).json(&partner("Acme"));
            assert_eq!(places(&Answer::of(request).expect_problem(400, "invalid_parameter")), ["Idempotency-Key"]);
        }
        assert!(admin.all("/v1/partners").is_empty());
    }
}

//! Versions: published once, in force from a time on, readable for ever.

use reqwest::Method;
use tests::{Answer, Scene, Value, json, on_both, on_both_with, scene::deal};

use super::send;

const PROGRAM: &str = "/v1/programs/reseller";
const VERSIONS: &str = "/v1/programs/reseller/versions";
const DEALS: &str = "/v1/deal-registrations";

/// The scene's program with other days of protection for Gold.
fn with_days(days: u16) -> Value {
    json!({
        "slug": "reseller", "name": "reseller",
        "tiers": [
            {"name": "Silver", "benefits": {"protection_days": 60}},
            {"name": "Gold", "benefits": {"protection_days": days}}
        ],
        "deal_registration": {"auto_approve": {"up_to": {"amount": "50000.00", "currency": "EUR"}}}
    })
}

fn protection_days(deal: &Answer) -> i64 {
    let day = |member| chrono::DateTime::parse_from_rfc3339(&deal.text(member)).expect(member);
    (day("protected_until") - day("protected_from")).num_days()
}

fn standings(scene: &Scene) -> Vec<(i64, String)> {
    let versions = scene.admin.all(VERSIONS);
    let one =
        |version: &Value| (version["version"].as_i64().unwrap(), version["standing"].as_str().unwrap().to_owned());
    versions.iter().map(one).collect()
}

on_both! {
    fn a_version_and_a_plan_may_be_as_long_as_the_program(server: Server) {
        let scene = Scene::approving(&server);
        let long = |days| format!("# {}\n{}", "x".repeat(600_000), with_days(days));
        send(&scene.admin, "/v1/programs/validate", &long(91)).expect_status(200);
        send(&scene.admin, VERSIONS, &long(91)).expect_status(201);
        send(&scene.admin, &format!("{PROGRAM}/plans"), &long(92)).expect_status(201);
        let longer = format!("{}{}", long(93), " ".repeat(600_000));
        send(&scene.admin, VERSIONS, &longer).expect_problem(413, "body_too_large");
    }

    fn what_was_decided_under_a_version_stays_explained_by_it(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Acme");
        let before = partner.admin.post(DEALS, &deal("one.example")).expect_status(201);
        let old = scene.admin.get(PROGRAM).expect_status(200);
        let made = scene.admin.post(VERSIONS, &with_days(120)).expect_status(201);
        assert_eq!(made.header("location"), Some("/v1/programs/reseller/versions/2"));
        assert_eq!((&made.json["version"], &made.json["program"]), (&json!(2), &json!("reseller")));
        let after = partner.admin.post(DEALS, &deal("two.example")).expect_status(201);
        assert_eq!((protection_days(&before), protection_days(&after)), (90, 120));
        for (deal, version) in [(&before, 1), (&after, 2)] {
            let why = partner.admin.get(&format!("{DEALS}/{}/explanation", deal.text("id"))).expect_status(200);
            assert_eq!(why.json["program_version"], version, "{}", why.text);
        }
        let now = scene.admin.get(PROGRAM).expect_status(200);
        assert_eq!((&now.json["version"], &now.json["document"]), (&json!(2), &made.json["document"]));
        assert_ne!(now.json["digest"], old.json["digest"]);
        let then = scene.admin.get(&format!("{PROGRAM}?as_of={}", old.text("effective_from"))).expect_status(200);
        assert_eq!((&then.json["version"], &then.json["document"]), (&json!(1), &old.json["document"]));
        scene.admin.get(&format!("{PROGRAM}?as_of=2020-01-01T00:00:00Z")).expect_problem(404, "not_found");
        let first = scene.admin.get(&format!("{VERSIONS}/1")).expect_status(200);
        assert_eq!((&first.json["digest"], &first.json["document"]), (&old.json["digest"], &old.json["document"]));
        assert_eq!(standings(&scene), [(2, "in_force".into()), (1, "superseded".into())]);
        assert_eq!(scene.admin.all("/v1/programs"), [now.json]);
        let diff = scene.admin.get(&format!("{VERSIONS}/2/diff")).expect_status(200).json;
        assert_eq!((&diff["from"], &diff["to"], diff["changes"].as_array().unwrap().len()), (&json!(1), &json!(2), 1));
        let change = json!({
            "kind": "changed", "pointer": "/tiers/1/benefits/protection_days",
            "words": "Gold: protection days 90 → 120", "before": 90, "after": 120
        });
        assert_eq!(diff["changes"][0], change);
        let back = scene.admin.get(&format!("{VERSIONS}/1/diff?against=2")).expect_status(200).json;
        assert_eq!(back["changes"][0]["words"], "Gold: protection days 120 → 90");
        scene.admin.get(&format!("{VERSIONS}/1/diff")).expect_problem(404, "not_found");
    }

    fn a_version_that_cannot_be_is_refused(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Acme");
        scene.admin.post(VERSIONS, &with_days(90)).expect_problem(409, "already_exists");
        let late = format!("{VERSIONS}?effective_from=2020-01-01T00:00:00Z");
        let answer = scene.admin.post(&late, &with_days(91)).expect_problem(400, "invalid_parameter");
        assert!(answer.text.contains("effective_from"), "{}", answer.text);
        let mut other = with_days(91);
        (other["slug"], other["partner_type"]) = (json!("referral"), json!("referral"));
        let answer = scene.admin.post(VERSIONS, &other).expect_problem(422, "invalid_program");
        assert_eq!(answer.faults(), ["/partner_type", "/slug"]);
        scene.admin.post("/v1/programs/nothing/versions", &with_days(91)).expect_problem(404, "not_found");
        for missing in ["nothing/versions", "reseller/versions/2", "nothing/versions/1"] {
            scene.admin.get(&format!("/v1/programs/{missing}")).expect_problem(404, "not_found");
        }
        partner.admin.post(VERSIONS, &with_days(91)).expect_problem(403, "insufficient_scope");
        let stale = scene.admin.request(Method::POST, VERSIONS).header("If-Match", "\"stale\"").json(&with_days(91));
        Answer::of(stale).expect_problem(412, "stale");
        assert_eq!(standings(&scene), [(1, "in_force".into())]);
        let tag = scene.admin.get(PROGRAM).expect_status(200).tag();
        let fresh = scene.admin.request(Method::POST, VERSIONS).header("If-Match", tag).json(&with_days(91));
        Answer::of(fresh).expect_status(201);
    }

    fn of_many_who_publish_at_once_each_gets_a_version_of_their_own(server: Server) {
        let scene = Scene::approving(&server);
        std::thread::scope(|scope| {
            for days in 100..108 {
                let admin = &scene.admin;
                scope.spawn(move || admin.post(VERSIONS, &with_days(days)).expect_status(201));
            }
        });
        let numbers: Vec<i64> = standings(&scene).into_iter().map(|(version, _)| version).collect();
        assert_eq!(numbers, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    }
}

on_both_with! {
    &[("ENTENTE_SANDBOX", "1")];
    fn a_scheduled_version_comes_into_force_by_itself(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Acme");
        let now = scene.admin.get(PROGRAM).expect_status(200).text("effective_from");
        let now = chrono::DateTime::parse_from_rfc3339(&now).expect("a time");
        let from = (now + chrono::TimeDelta::days(10)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let made = scene.admin.post(&format!("{VERSIONS}?effective_from={from}"), &with_days(120)).expect_status(201);
        assert_eq!(made.text("effective_from"), from.replace('Z', ".000000Z"));
        assert_eq!(standings(&scene), [(2, "scheduled".into()), (1, "in_force".into())]);
        let before = partner.admin.post(DEALS, &deal("one.example")).expect_status(201);
        let then = scene.admin.get(&format!("{PROGRAM}?as_of={from}")).expect_status(200);
        assert_eq!(then.json["version"], 2, "what will hold can be read today");
        tests::clock::advance(&scene.admin, "P11D");
        assert_eq!(standings(&scene), [(2, "in_force".into()), (1, "superseded".into())]);
        let after = partner.admin.post(DEALS, &deal("two.example")).expect_status(201);
        assert_eq!((protection_days(&before), protection_days(&after)), (90, 120));
    }
}

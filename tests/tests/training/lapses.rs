//! Tiers on the day on which a certification lapses: where the program is, and as was foreseen.

use std::time::Duration;

use chrono::{Months, NaiveDate, TimeDelta};
use tests::{Client, Scene, Value, clock, json, on_both_with};

use super::person;

/// A program that asks for a certified person.
fn program(slug: &str, zone: &str, demotion: Value) -> Value {
    json!({
        "slug": slug, "name": slug, "time_zone": zone,
        "facts": {"people": {"type": "people", "default": {}, "source": {"engine": "certificates"}}},
        "metrics": {"certified": {"unit": "people", "value": {"people": {"holding": ["monthly"]}}}},
        "tiers": [{"name": "Bronze"}, {"name": "Gold", "requires": {"metric": "certified", "at_least": 1}}],
        "evaluation": {"cadence": "annual", "dates": ["06-15"], "promotion": "immediate", "demotion": demotion}
    })
}

/// Moves the sandbox's clock to a time of a day.
fn go_to(admin: &Client, day: NaiveDate, time: &str) {
    clock::go_to(admin, format!("{day}T{time}Z").parse().unwrap());
}

/// The tier, once it is as it is waited for.
#[track_caller]
fn wait(client: &Client, path: &str, what: impl Fn(&Value) -> bool) -> Value {
    clock::wait(client, &format!("{path}/tier"), what)
}

/// Long enough for several sweeps.
fn several_sweeps() {
    std::thread::sleep(Duration::from_secs(4));
}

/// What was decided last on an enrollment: kind, and the day for which the rules were asked.
fn last_decision(client: &Client, path: &str) -> (String, String) {
    let last = client.all(&format!("{path}/tier-history")).remove(0);
    (last["kind"].as_str().unwrap().to_owned(), last["as_of"].as_str().unwrap().to_owned())
}

/// A vendor with three programs, and a partner in them with somebody who is certified for a month from yesterday on: the
/// paths of the enrollments, and the last day.
fn certified(scene: &Scene) -> (Client, [String; 3], NaiveDate, String) {
    let admin = &scene.admin;
    let academy = json!({
        "name": "Academy", "courses": {"basics": {"name": "Basics", "duration_minutes": 90}},
        "certifications": {"monthly": {"name": "Monthly", "requires": "basics", "valid_months": 1}}
    });
    admin.post("/v1/training-catalogue/versions", &academy).expect_status(201);
    let programs = [
        program("auckland", "Pacific/Auckland", json!({"when": "immediate", "grace_days": 10})),
        program("angeles", "America/Los_Angeles", json!({"when": "immediate"})),
        program("yearly", "UTC", json!({})),
    ];
    let acme = scene.partner("Acme");
    let paths = programs.map(|document| {
        admin.post("/v1/programs", &document).expect_status(201);
        let enrollment = scene.enroll(&acme.id, document["slug"].as_str().unwrap(), "Bronze");
        format!("/v1/enrollments/{enrollment}")
    });
    let ada = person(admin, &acme.id, "ada@acme.example");
    let today = clock::today(admin);
    let yesterday = today - TimeDelta::days(1);
    super::completed(admin, &ada, "basics", &yesterday.to_string());
    let last: NaiveDate = admin.all("/v1/credentials")[0]["valid_to"].as_str().unwrap().parse().unwrap();
    assert!(last > yesterday && last < yesterday + Months::new(1));
    for path in &paths {
        wait(&acme.admin, path, |tier| tier["tier"] == "Gold");
    }
    (acme.admin, paths, last, ada)
}

on_both_with! {
    &[("ENTENTE_SANDBOX", "1"), ("ENTENTE_SWEEP_SECONDS", "1")];

    fn a_tier_hears_of_it_on_the_day_where_the_program_is(server: Server) {
        let scene = Scene::approving(&server);
        let (acme, [auckland, angeles, yearly], last, ada) = certified(&scene);
        let lapsed = last + TimeDelta::days(1);
        // It was foreseen, with the certification and whose it is.
        let foreseen = |path: &str| {
            let forecast = acme.get(&format!("{path}/forecast?until={}", last + TimeDelta::days(40))).expect_status(200).json;
            let days = forecast["days"].as_array().unwrap().clone();
            days.into_iter().find(|day| day["on"] == json!(lapsed)).unwrap_or_else(|| panic!("no {lapsed} in {forecast}"))
        };
        for (path, happens, tier) in [(&auckland, json!("grace"), "Gold"), (&angeles, json!("demotion"), "Bronze"), (&yearly, Value::Null, "Gold")] {
            let day = foreseen(path);
            assert_eq!(day["lapses"][0], json!({"kind": "certificate_ends", "fact": "people", "what": format!("{ada}: monthly"), "day": last}));
            assert_eq!((&day["happens"], &day["tier"], &day["meets"]), (&happens, &json!(tier), &json!("Bronze")));
        }
        // The day before has not ended in Auckland, and has just begun in Los Angeles.
        go_to(&scene.admin, last, "10:30:00");
        several_sweeps();
        for path in [&auckland, &angeles] {
            let tier = wait(&acme, path, |tier| tier["tier"] == "Gold");
            assert_eq!((&tier["in_grace_until"], &tier["as_of"]), (&Value::Null, &json!(last)));
            assert_eq!(last_decision(&acme, path).0, "promoted");
        }
        // Past midnight in Auckland; in Los Angeles it counts still.
        go_to(&scene.admin, last, "12:30:00");
        let tier = wait(&acme, &auckland, |tier| tier["in_grace_until"].is_string());
        let until = lapsed + TimeDelta::days(10);
        assert_eq!((&tier["tier"], &tier["in_grace_until"]), (&json!("Gold"), &json!(until)));
        assert_eq!(last_decision(&acme, &auckland), ("grace_begun".into(), lapsed.to_string()));
        go_to(&scene.admin, lapsed, "06:30:00");
        several_sweeps();
        assert_eq!(last_decision(&acme, &angeles).0, "promoted");
        // Past midnight in Los Angeles.
        go_to(&scene.admin, lapsed, "08:30:00");
        let tier = wait(&acme, &angeles, |tier| tier["tier"] == "Bronze");
        assert_eq!(tier["since"], json!(lapsed));
        assert_eq!(last_decision(&acme, &angeles), ("demoted".into(), lapsed.to_string()));
        // Who falls at reviews only, stays until then.
        let tier = wait(&acme, &yearly, |tier| tier["meets"] == "Bronze");
        assert_eq!((&tier["tier"], &tier["pending"]["kind"]), (&json!("Gold"), &json!("demotion")));
        // A server that was away comes to the same.
        go_to(&scene.admin, until + TimeDelta::days(9), "12:00:00");
        let tier = wait(&acme, &auckland, |tier| tier["tier"] == "Bronze");
        assert_eq!(tier["since"], json!(until + TimeDelta::days(1)));
    }

    fn days_that_nobody_looked_are_gone_through(server: Server) {
        let scene = Scene::approving(&server);
        let (acme, [auckland, angeles, _], last, _) = certified(&scene);
        let lapsed = last + TimeDelta::days(1);
        go_to(&scene.admin, last + TimeDelta::days(25), "12:00:00");
        let tier = wait(&acme, &angeles, |tier| tier["tier"] == "Bronze");
        assert_eq!(tier["since"], json!(lapsed), "as of the day on which it lapsed");
        let tier = wait(&acme, &auckland, |tier| tier["tier"] == "Bronze");
        assert_eq!(tier["since"], json!(lapsed + TimeDelta::days(11)), "after the days of grace from then on");
        let kinds: Vec<Value> = acme.all(&format!("{auckland}/tier-history")).iter().map(|one| one["kind"].clone()).collect();
        assert_eq!(kinds, ["demoted", "grace_begun", "promoted", "enrolled"]);
    }

    fn what_begins_by_itself_is_felt_on_its_day(server: Server) {
        let scene = Scene::approving(&server);
        let invited = json!({
            "slug": "invited", "name": "Invited", "time_zone": "Pacific/Auckland",
            "facts": {"invited": {"type": "boolean", "default": false, "source": {"manual": "invitation"}}},
            "tiers": [{"name": "Bronze"}, {"name": "Gold", "requires": "invited"}],
            "evaluation": {"cadence": "annual", "promotion": "immediate", "demotion": {"when": "immediate"}}
        });
        scene.admin.post("/v1/programs", &invited).expect_status(201);
        let acme = scene.partner("Acme");
        let path = format!("/v1/enrollments/{}", scene.enroll(&acme.id, "invited", "Bronze"));
        let today = clock::today(&scene.admin);
        let (from, until) = (today + TimeDelta::days(20), today + TimeDelta::days(29));
        let fact = json!({"partner_id": acme.id, "name": "invitation", "from": from, "until": until, "reason": "By the board."});
        scene.admin.post("/v1/manual-facts", &fact).expect_status(201);
        several_sweeps();
        assert_eq!(wait(&acme.admin, &path, |_| true)["tier"], "Bronze");
        go_to(&scene.admin, from - TimeDelta::days(1), "12:30:00");
        let tier = wait(&acme.admin, &path, |tier| tier["tier"] == "Gold");
        assert_eq!(tier["since"], json!(from));
        go_to(&scene.admin, until, "12:30:00");
        let tier = wait(&acme.admin, &path, |tier| tier["tier"] == "Bronze");
        assert_eq!(tier["since"], json!(until + TimeDelta::days(1)));
    }
}

//! What people are awarded, to the day: renewed, expired, revoked, retired.

use chrono::{Days, Months, NaiveDate};
use tests::{Server, clock, json, on_both, on_both_with};

use super::{academy, completed, held, passed, people::program, person, school};

on_both! {
    fn the_order_in_which_it_becomes_known_does_not_matter(server: Server) {
        let scene = school(&server);
        let (acme, admin) = (scene.partner("Acme"), &scene.admin);
        let (ada, grace) = (person(admin, &acme.id, "ada@acme.example"), person(admin, &acme.id, "grace@acme.example"));
        completed(admin, &ada, "basics", "2025-01-31");
        passed(admin, &ada, "exam", "2025-02-15");
        passed(admin, &grace, "exam", "2025-02-15");
        completed(admin, &grace, "basics", "2025-01-31");
        assert_eq!(held(admin, &ada), ["technical valid 2025-02-15 2027-02-14"]);
        assert_eq!(held(admin, &ada), held(admin, &grace));
        // The renewal opens 180 days before the last day; a pass before it renews nothing.
        passed(admin, &ada, "exam", "2026-08-17");
        assert_eq!(held(admin, &ada).len(), 1);
        passed(admin, &ada, "exam", "2026-08-18");
        assert_eq!(held(admin, &ada), ["technical renewed 2025-02-15 2027-02-14", "technical valid 2027-02-15 2029-02-14"]);
        let both = admin.all(&format!("/v1/credentials?person_id={ada}"));
        assert_eq!(both[0]["renews"], both[1]["id"]);
        assert_eq!(both[1]["days"], 15);
    }

    fn one_certification_rests_on_another(server: Server) {
        let scene = school(&server);
        let (acme, admin) = (scene.partner("Acme"), &scene.admin);
        let ada = person(admin, &acme.id, "ada@acme.example");
        completed(admin, &ada, "deep_dive", "2026-01-05");
        assert!(held(admin, &ada).is_empty());
        completed(admin, &ada, "basics", "2026-01-10");
        passed(admin, &ada, "exam", "2026-01-20");
        assert_eq!(held(admin, &ada), ["technical valid 2026-01-20 2028-01-19", "expert valid 2026-01-20 2027-01-19"]);
    }

    fn what_is_revoked_is_earned_anew(server: Server) {
        let scene = school(&server);
        let (acme, admin) = (scene.partner("Acme"), &scene.admin);
        let ada = person(admin, &acme.id, "ada@acme.example");
        completed(admin, &ada, "pitch", "2026-01-10");
        let credential = admin.all("/v1/credentials")[0]["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/credentials/{credential}/revoke");
        acme.admin.post(&path, &json!({"reason": "x"})).expect_problem(403, "insufficient_scope");
        let revoked = admin.post(&path, &json!({"reason": "Somebody else sat it."})).expect_status(200);
        assert_eq!(revoked.text("status"), "revoked");
        admin.post(&path, &json!({"reason": "Again"})).expect_problem(409, "invalid_transition");
        assert_eq!(admin.all("/v1/credentials?status=revoked").len(), 1);
        assert!(admin.all("/v1/credentials?status=valid").is_empty());
        completed(admin, &ada, "pitch", "2026-01-11");
        assert_eq!(held(admin, &ada), ["sales revoked 2026-01-10 -"], "what was done before does not earn it again");
        let kinds: Vec<_> = acme.admin.all_events().iter().filter_map(|one| one["type"].as_str().map(str::to_owned)).filter(|kind| kind.starts_with("credential")).collect();
        assert_eq!(kinds, ["credential.awarded", "credential.revoked"]);
    }

    fn another_catalogue_takes_nothing_away(server: Server) {
        let scene = school(&server);
        let (acme, admin) = (scene.partner("Acme"), &scene.admin);
        let (ada, grace) = (person(admin, &acme.id, "ada@acme.example"), person(admin, &acme.id, "grace@acme.example"));
        completed(admin, &ada, "basics", "2026-01-10");
        passed(admin, &ada, "exam", "2026-01-20");
        let mut harder = academy();
        harder["certifications"]["technical"]["requires"] = json!({"all": ["basics", "exam", "pitch"]});
        admin.post("/v1/training-catalogue/versions", &harder).expect_status(201);
        completed(admin, &ada, "pitch", "2026-02-01");
        assert_eq!(held(admin, &ada), ["technical valid 2026-01-20 2028-01-19", "sales valid 2026-02-01 -"]);
        completed(admin, &grace, "basics", "2026-01-10");
        passed(admin, &grace, "exam", "2026-01-20");
        assert!(held(admin, &grace).is_empty(), "who comes later is asked for more");
    }
}

/// Moves the sandbox's clock to a time.
fn to(server: &Server, at: &str) {
    clock::go_to(&server.admin(), at.parse().expect("a time"));
}

on_both_with! {
    &[("ENTENTE_SANDBOX", "true"), ("ENTENTE_SWEEP_SECONDS", "1")];

    fn it_is_told_before_it_expires_and_expires_to_the_day(server: Server) {
        let scene = school(&server);
        let (acme, admin) = (scene.partner("Acme"), &scene.admin);
        let ada = person(admin, &acme.id, "ada@acme.example");
        let today = clock::today(admin).to_string();
        completed(admin, &ada, "basics", &today);
        passed(admin, &ada, "exam", &today);
        let credential = admin.all("/v1/credentials")[0].clone();
        let last = credential["valid_to"].as_str().unwrap();
        let day = |days: i64| {
            let last: chrono::NaiveDate = last.parse().unwrap();
            (last + chrono::TimeDelta::days(days)).to_string()
        };
        let told = |kind: &str| {
            let count = || acme.admin.all_events().iter().filter(|one| one["type"] == kind).count();
            let mut seen = count();
            for _ in 0..8 {
                std::thread::sleep(std::time::Duration::from_millis(500));
                seen = seen.max(count());
            }
            seen
        };
        assert_eq!(told("credential.expiring"), 0);
        for (notices, before) in [(1, 90), (2, 60), (3, 30), (4, 7)] {
            to(&server, &format!("{}T12:00:00Z", day(-before)));
            assert_eq!(told("credential.expiring"), notices, "{before} days before");
        }
        let path = format!("/v1/credentials/{}", credential["id"].as_str().unwrap());
        // The last day ends at midnight in Berlin.
        to(&server, &format!("{}T21:30:00Z", day(0)));
        assert_eq!(admin.get(&path).text("status"), "valid");
        to(&server, &format!("{}T23:30:00Z", day(0)));
        assert_eq!(admin.get(&path).text("status"), "expired", "swept or not");
        assert_eq!(told("credential.expired"), 1);
        assert_eq!(admin.all("/v1/credentials?status=expired").len(), 1);
        assert!(admin.all("/v1/credentials?status=valid").is_empty());
    }

    fn a_renewal_that_is_revoked_gives_back_what_it_had_renewed(server: Server) {
        let scene = school(&server);
        let (acme, admin) = (scene.partner("Acme"), &scene.admin);
        let mut catalogue = academy();
        catalogue["certifications"]["technical"]["renewal"]["from"] = json!("award");
        admin.post("/v1/training-catalogue/versions", &catalogue).expect_status(201);
        admin.post("/v1/programs", &program()).expect_status(201);
        let enrollment = scene.enroll(&acme.id, "certified", "Silver");
        let is_met = || admin.get(&format!("/v1/enrollments/{enrollment}/progress")).expect_status(200).json["next"][0]["outcome"] == "met";
        let ada = person(admin, &acme.id, "ada@acme.example");
        let today = clock::noon(admin);
        let earned = today - Months::new(23);
        let last = earned + Months::new(24) - Days::new(1);
        completed(admin, &ada, "basics", &earned.to_string());
        passed(admin, &ada, "exam", &earned.to_string());
        passed(admin, &ada, "exam", &today.to_string());
        let renewal = admin.all("/v1/credentials?status=valid")[0]["id"].as_str().unwrap().to_owned();
        admin.post(&format!("/v1/credentials/{renewal}/revoke"), &json!({"reason": "Somebody else sat it."})).expect_status(200);
        let first = |status: &str| format!("technical {status} {earned} {last}");
        let to_of = |from: NaiveDate| from + Months::new(24) - Days::new(1);
        let second = format!("technical revoked {today} {}", to_of(today));
        assert_eq!(held(admin, &ada), [first("valid"), second.clone()]);
        assert!(is_met(), "what was renewed counts again");
        let kinds: Vec<_> = acme.admin.all_events().iter().filter_map(|one| one["type"].as_str().map(str::to_owned)).filter(|kind| kind.starts_with("credential")).collect();
        assert_eq!(kinds, ["credential.awarded", "credential.renewed", "credential.revoked", "credential.reinstated"]);
        // Wherever its holder goes.
        let (bravo, path) = (scene.partner("Bravo"), format!("/v1/people/{ada}/move"));
        for partner in [&bravo.id, &acme.id] {
            admin.post(&path, &json!({"partner_id": partner, "reason": "Works there now."})).expect_status(200);
        }
        assert!(is_met(), "what was renewed goes along");
        // What is earned later takes nothing from it.
        let tomorrow = today + Days::new(1);
        to(&server, &format!("{tomorrow}T12:00:00Z"));
        assert!(is_met());
        passed(admin, &ada, "exam", &tomorrow.to_string());
        assert_eq!(held(admin, &ada), [first("renewed"), second, format!("technical valid {tomorrow} {}", to_of(tomorrow))]);
        assert!(is_met());
    }

    fn what_was_assigned_and_not_done_is_told(server: Server) {
        let scene = school(&server);
        let (acme, admin) = (scene.partner("Acme"), &scene.admin);
        let ada = person(admin, &acme.id, "ada@acme.example");
        let due = clock::noon(admin);
        let assigned = json!({"person_id": ada, "item": "basics", "due_on": due});
        admin.post("/v1/training-enrollments", &assigned).expect_status(201);
        let told = || acme.admin.all_events().iter().filter(|one| one["type"] == "training_enrollment.overdue").count();
        assert_eq!(told(), 0);
        to(&server, &format!("{}T12:00:00Z", due + chrono::TimeDelta::days(2)));
        let seen = (0..40).find(|_| {
            std::thread::sleep(std::time::Duration::from_millis(250));
            told() > 0
        });
        assert!(seen.is_some());
        std::thread::sleep(std::time::Duration::from_secs(3));
        assert_eq!(told(), 1, "once");
    }

    fn one_that_was_retired_counts_until_another_day(server: Server) {
        let scene = school(&server);
        let (acme, admin) = (scene.partner("Acme"), &scene.admin);
        let ada = person(admin, &acme.id, "ada@acme.example");
        completed(admin, &ada, "pitch", "2026-01-10");
        let mut retired = academy();
        retired["certifications"]["sales"]["retired_on"] = json!("2026-06-30");
        retired["certifications"]["sales"]["counts_until"] = json!("2099-06-30");
        admin.post("/v1/training-catalogue/versions", &retired).expect_status(201);
        let path = format!("/v1/credentials/{}", admin.all("/v1/credentials")[0]["id"].as_str().unwrap());
        let counts = (0..40).map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(250));
            admin.get(&path).json["counts_until"].clone()
        });
        assert!(counts.into_iter().any(|until| until == "2099-06-30"));
        let grace = person(admin, &acme.id, "grace@acme.example");
        completed(admin, &grace, "pitch", "2026-07-01");
        assert!(held(admin, &grace).is_empty(), "it is not awarded any more");
    }
}

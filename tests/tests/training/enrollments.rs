//! A person in a course or an exam: states, attempts, waivers.

use tests::{json, on_both};

use super::{completed, enroll, held, person, school};

on_both! {
    fn a_course_goes_its_way(server: Server) {
        let scene = school(&server);
        let acme = scene.partner("Acme");
        let ada = person(&acme.admin, &acme.id, "ada@acme.example");
        let faulty = json!({"person_id": ada, "item": "nothing", "due_on": "2020-01-01"});
        let faults = acme.admin.post("/v1/training-enrollments", &faulty).expect_problem(422, "invalid_body").faults();
        assert_eq!(faults, ["/due_on", "/item"]);
        let assigned = json!({"person_id": ada, "item": "basics", "due_on": "2999-12-31"});
        let made = acme.admin.post("/v1/training-enrollments", &assigned).expect_status(201);
        assert_eq!(made.text("assigned_by"), acme.admin.get("/v1/me").text("subject"));
        assert_eq!(made.text("item_version"), "2");
        acme.admin.post("/v1/training-enrollments", &assigned).expect_problem(409, "already_exists");
        let path = format!("/v1/training-enrollments/{}", made.text("id"));
        let act = |verb: &str, body| acme.admin.post(&format!("{path}/{verb}"), &body);
        act("progress", json!({"progress": 10})).expect_problem(409, "invalid_transition");
        assert_eq!(act("start", json!({})).expect_status(200).text("status"), "in_progress");
        act("start", json!({})).expect_problem(409, "invalid_transition");
        assert_eq!(act("progress", json!({"progress": 60})).expect_status(200).json["progress"], 60);
        act("progress", json!({"progress": 40})).expect_problem(422, "invalid_body");
        act("complete", json!({})).expect_problem(422, "policy_refuses");
        let admin = &scene.admin;
        admin.post(&format!("{path}/attempt"), &json!({"score": "80"})).expect_problem(409, "invalid_transition");
        admin.post(&format!("{path}/complete"), &json!({"on": "2999-01-01"})).expect_problem(422, "invalid_body");
        let done = admin.post(&format!("{path}/complete"), &json!({"on": "2026-02-01", "score": "92.5"})).expect_status(200);
        assert_eq!((done.text("status"), done.text("ended_on"), done.json["progress"].clone()), ("completed".into(), "2026-02-01".into(), json!(100)));
        admin.post(&format!("{path}/complete"), &json!({})).expect_problem(409, "invalid_transition");
        admin.post(&format!("{path}/waive"), &json!({"reason": "x"})).expect_problem(409, "invalid_transition");
        act("withdraw", json!({})).expect_problem(409, "invalid_transition");
        assert_eq!(acme.admin.all("/v1/training-enrollments?status=completed&item=basics").len(), 1);
        assert!(acme.admin.all("/v1/training-enrollments?due_before=2027-01-01").is_empty());
        enroll(&acme.admin, &ada, "basics");
    }

    fn attempts_are_counted_and_wait(server: Server) {
        let scene = school(&server);
        let (acme, admin) = (scene.partner("Acme"), &scene.admin);
        let ada = person(admin, &acme.id, "ada@acme.example");
        let path = enroll(admin, &ada, "exam");
        let attempt = |score: &str, on: &str, proctored: bool| {
            admin.post(&format!("{path}/attempt"), &json!({"score": score, "proctored": proctored, "on": on}))
        };
        attempt("80", "2026-03-01", false).expect_problem(422, "policy_refuses");
        assert_eq!(attempt("69.9", "2026-03-01", true).expect_status(200).text("status"), "in_progress");
        attempt("90", "2026-03-14", true).expect_problem(422, "policy_refuses");
        assert_eq!(attempt("10", "2026-03-15", true).expect_status(200).text("status"), "failed");
        attempt("90", "2026-06-01", true).expect_problem(409, "invalid_transition");
        let attempts = acme.admin.all(&format!("{path}/attempts"));
        let told: Vec<_> = attempts.iter().map(|one| (one["number"].as_i64().unwrap(), one["passed"] == true)).collect();
        assert_eq!(told, [(2, false), (1, false)]);
        let waived = admin.post(&format!("{path}/waive"), &json!({"reason": "Wrote the exam.", "on": "2026-04-01"}));
        assert_eq!(waived.expect_status(200).text("status"), "waived");
        acme.admin.post(&format!("{path}/waive"), &json!({"reason": "x"})).expect_problem(403, "insufficient_scope");
        completed(admin, &ada, "basics", "2026-03-20");
        assert_eq!(held(admin, &ada), ["technical valid 2026-04-01 2028-03-31"]);
        let again = enroll(admin, &ada, "exam");
        let passed = admin.post(&format!("{again}/attempt"), &json!({"score": "70", "proctored": true})).expect_status(200);
        assert_eq!(passed.text("status"), "completed");
    }

    fn what_was_assigned_is_not_given_up(server: Server) {
        let scene = school(&server);
        let acme = scene.partner("Acme");
        let member = scene.user("ada@acme.example", "partner_member", Some(&acme.id));
        let ada = person(&acme.admin, &acme.id, "ada@acme.example");
        let path = enroll(&acme.admin, &ada, "pitch");
        member.post(&format!("{path}/withdraw"), &json!({})).expect_problem(422, "policy_refuses");
        let withdrawn = acme.admin.post(&format!("{path}/withdraw"), &json!({})).expect_status(200);
        assert_eq!(withdrawn.text("status"), "withdrawn");
        let own = enroll(&member, &ada, "pitch");
        member.post(&format!("{own}/withdraw"), &json!({})).expect_status(200);
        let grace = person(&acme.admin, &acme.id, "grace@acme.example");
        let path = enroll(&acme.admin, &grace, "pitch");
        for verb in ["start", "withdraw"] {
            member.post(&format!("{path}/{verb}"), &json!({})).expect_problem(422, "policy_refuses");
        }
        acme.admin.post(&format!("{path}/start"), &json!({})).expect_status(200);
        member.post(&format!("{path}/progress"), &json!({"progress": 5})).expect_problem(422, "policy_refuses");
    }
}

//! Runs: several servers, servers that stop, and days that were evaluated before.

use std::sync::Arc;

use super::*;

/// How many partners a run has to do with: more than one chunk may move.
const MANY: usize = 120;

/// Partners that meet Gold, enrolled at Bronze; their enrollments' paths.
fn many(scene: &Scene, count: usize) -> Vec<String> {
    let day = today(&scene.admin);
    let mut observations = Vec::new();
    let paths = (0..count).map(|nth| {
        let new = json!({"name": format!("P{nth}"), "domain": format!("p{nth}.example"), "country": "DE"});
        let id = scene.admin.post("/v1/partners", &new).expect_status(201).text("id");
        observations.push(json!({"partner_id": id, "metric": "sold", "day": day, "value": "1000", "source": "erp"}));
        format!("/v1/enrollments/{}", scene.enroll(&id, "ladder", "Bronze"))
    });
    let paths = paths.collect();
    let request = scene.admin.request(Method::PUT, "/v1/observations").json(&json!({"observations": observations}));
    Answer::of(request).expect_status(200);
    paths
}

#[track_caller]
fn finished(admin: &Client, run: &str) -> Value {
    clock::wait(admin, &format!("/v1/tier-runs/{run}"), |run| run["state"] == "finished")
}

fn ask(admin: &Client, body: &Value) -> String {
    let answer = admin.post("/v1/tier-runs", body).expect_status(202);
    let id = answer.text("id");
    assert_eq!(answer.header("location"), Some(format!("/v1/tier-runs/{id}").as_str()));
    id
}

on_both_with! {
    UNSWEPT;
    fn a_run_that_nobody_drives_is_resumed_by_anybody(server: Server) {
        let scene = vendor(&server, &json!({}));
        let paths = many(&scene, MANY);
        let run = ask(&scene.admin, &json!({"program": "ladder"}));
        let before = scene.admin.get(&format!("/v1/tier-runs/{run}")).expect_status(200).json;
        assert_eq!((&before["state"], &before["counts"]["total"], &before["counts"]["done"]), (&json!("running"), &json!(MANY), &json!(0)));
        // Two servers that sweep come at once; each takes it on where it is.
        let mut server = server;
        server.kill();
        let (database, admin) = (Arc::clone(&server.database), scene.admin.clone());
        let others = [Server::with(Arc::clone(&database), SWEPT), Server::with(database, SWEPT)];
        let admin = admin.at(&others[0].url);
        let run = finished(&admin, &run);
        let counts = &run["counts"];
        assert_eq!((&counts["total"], &counts["done"]), (&json!(MANY), &json!(MANY)));
        for path in &paths {
            assert_eq!(history(&admin, path), ["enrolled", "promoted"], "once each, whoever did it");
        }
        assert_eq!(admin.all("/v1/enrollments?program=ladder&tier=Gold&limit=200").len(), MANY);
        let notices = admin.all("/v1/notices?kind=tier_changed&limit=200");
        assert_eq!(notices.len(), MANY);
        // Once more changes nothing.
        let again = finished(&admin, &ask(&admin, &json!({"program": "ladder", "review": true})));
        assert_eq!((&again["counts"]["done"], &again["counts"]["promoted"]), (&json!(MANY), &json!(0)));
    }
}

on_both_with! {
    SWEPT;
    fn a_run_is_of_one_partner_too_and_of_a_day_that_has_passed(server: Server) {
        let scene = vendor(&server, &json!({}));
        wait_for_sweep(&scene.admin);
        let (own, path) = partner(&scene, "Northwind", "Gold");
        let (other, others) = partner(&scene, "Contoso", "Gold");
        let id = path.rsplit('/').next().unwrap();
        // By asking for a review: nothing is sold, and there is no grace.
        let run = ask(&scene.admin, &json!({"program": "ladder", "enrollment_id": id, "review": true}));
        let run = finished(&scene.admin, &run);
        assert_eq!((&run["counts"]["demoted"], &run["counts"]["done"]), (&json!(1), &json!(1)));
        assert_eq!((scene.admin.get(&path).text("tier"), scene.admin.get(&others).text("tier")), ("Bronze".into(), "Gold".into()));
        let run_path = format!("/v1/tier-runs/{}", run["id"].as_str().unwrap());
        own.admin.get(&run_path).expect_status(200);
        other.admin.get(&run_path).expect_problem(404, "not_found");
        let day = today(&scene.admin);
        let earlier = json!({"program": "ladder", "as_of": day - TimeDelta::days(40), "review": true});
        let run = finished(&scene.admin, &ask(&scene.admin, &earlier));
        assert_eq!((&run["counts"]["demoted"], &run["counts"]["done"]), (&json!(0), &json!(2)), "what was decided later stands");
        let later = json!({"program": "ladder", "as_of": day + TimeDelta::days(1)});
        assert_eq!(scene.admin.post("/v1/tier-runs", &later).expect_problem(422, "invalid_body").faults(), ["/as_of"]);
        let by_hand = scene.admin.post("/v1/tier-runs", &json!({"program": "reseller"}));
        by_hand.expect_problem(422, "policy_refuses");
        let manager = scene.user("cam@vendor.example", "channel_manager", None);
        let refused = manager.post("/v1/tier-runs", &json!({"program": "ladder"}));
        assert_eq!(refused.expect_problem(422, "invalid_body").faults(), ["/enrollment_id"]);
        assert!(manager.all("/v1/tier-runs").is_empty());
    }

    fn other_rules_are_applied_when_they_come_into_force(server: Server) {
        let scene = vendor(&server, &json!({}));
        wait_for_sweep(&scene.admin);
        let (partner, path) = partner(&scene, "Northwind", "Bronze");
        observe(&scene.admin, &partner, today(&scene.admin), "500");
        wait(&partner.admin, &path, |tier| tier["tier"] == "Silver");
        let mut document = ladder(&json!({}));
        document["tiers"][2]["requires"]["at_least"] = json!(400);
        scene.admin.post("/v1/programs/ladder/versions", &document).expect_status(201);
        wait(&partner.admin, &path, |tier| tier["tier"] == "Gold");
        let decision = partner.admin.all(&format!("{path}/tier-history")).remove(0);
        assert_eq!(decision["program_version"], 2);
        let runs = scene.admin.all("/v1/tier-runs?kind=rules_changed");
        assert_eq!((runs.len(), &runs[0]["counts"]["promoted"]), (1, &json!(1)));
        assert_eq!(runs[0]["id"], decision["run_id"]);
    }
}

#[test]
fn the_command_evaluates_against_the_database() {
    let server = Server::with(Arc::new(tests::Database::empty(tests::Kind::Sqlite)), UNSWEPT);
    let scene = vendor(&server, &json!({}));
    let paths = many(&scene, 3);
    let evaluate = |arguments: &[&str]| {
        let mut command = tests::server::command();
        command.args(["tiers", "evaluate", "--database-url", &server.database.url, "--program"]).args(arguments);
        command.output().unwrap()
    };
    let done = evaluate(&["ladder"]);
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success() && said.contains("3 promoted, 0 demoted"), "{said}");
    assert_eq!(history(&scene.admin, &paths[0]), ["enrolled", "promoted"]);
    let json = evaluate(&["ladder", "--json"]);
    let run: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&run["state"], &run["counts"]["promoted"]), (&json!("finished"), &json!(0)));
    let refused = evaluate(&["nothing"]);
    assert!(!refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("is not a known program"));
}

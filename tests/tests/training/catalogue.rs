//! The catalogue as a document: checked, compared, published, and offered to whom it is for.

use reqwest::Method;
use tests::{Answer, Scene, json, on_both};

use super::{academy, person, school};

const YAML: &str = "name: Academy
courses:
  basics: { name: Basics, delivery: classroom }
certifications:
  technical:
    name: Technical
    requires: { all: [basics, exma] }
  loop:
    name: Loop
    requires: loop
exams:
  exam: { name: Exam, pass_mark: 170 }
";

on_both! {
    fn everything_wrong_with_a_catalogue_is_told_with_its_place(server: Server) {
        let admin = server.admin();
        let request = admin.request(Method::POST, "/v1/training-catalogue/validate");
        let report = Answer::of(request.header("Content-Type", "application/yaml").body(YAML)).expect_status(200).json;
        assert_eq!(report["valid"], false);
        let faults: Vec<_> = report["faults"].as_array().unwrap().iter()
            .map(|fault| format!("{}:{} {}", fault["line"], fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap()))
            .collect();
        assert_eq!(faults, [
            "7:/certifications/technical/requires unknown_name",
            "8:/certifications/loop cycle",
            "12:/exams/exam/pass_mark maximum",
        ]);
        let near = report["faults"][0]["detail"].as_str().unwrap();
        assert!(near.contains("did you mean \"exam\""), "{near}");
        let shape = json!({"name": "A", "courses": {"x": {"nam": "X"}}, "certifications": {"c": {"name": "C", "requires": {"metric": "x", "at_least": 1}}}});
        let refused = admin.post("/v1/training-catalogue/versions", &shape).expect_problem(422, "invalid_body");
        assert!(refused.faults().contains(&"/courses/x/nam".to_owned()), "{}", refused.text);
        let meaning = json!({"name": "A", "certifications": {"c": {"name": "C", "requires": {"metric": "x", "at_least": 1}}}});
        let refused = admin.post("/v1/training-catalogue/versions", &meaning).expect_problem(422, "invalid_catalogue");
        assert_eq!(refused.faults(), ["/certifications/c/requires"]);
        admin.post("/v1/training-catalogue/diff", &meaning).expect_problem(422, "invalid_catalogue");
        admin.get("/v1/training-catalogue").expect_problem(404, "not_found");
    }

    fn versions_follow_each_other_and_never_change(server: Server) {
        let admin = server.admin();
        let valid = admin.post("/v1/training-catalogue/validate", &academy()).expect_status(200).json;
        assert_eq!(valid, json!({"valid": true, "faults": []}));
        let keyed = admin.post_once("/v1/training-catalogue/validate", "once", &academy()).expect_status(200);
        assert_eq!(keyed.json["valid"], true);
        let first = admin.post("/v1/training-catalogue/versions", &academy()).expect_status(201);
        assert_eq!(first.json["version"], 1);
        admin.post("/v1/training-catalogue/versions", &academy()).expect_problem(409, "already_exists");
        let mut next = academy();
        next["exams"]["exam"]["pass_mark"] = json!(75);
        let diff = admin.post("/v1/training-catalogue/diff", &next).expect_status(200).json;
        assert_eq!(diff["from"], 1);
        assert_eq!(diff["changes"][0]["pointer"], "/exams/exam/pass_mark");
        admin.post_once("/v1/training-catalogue/diff", "diff", &next).expect_status(200);
        let stale = admin.request(Method::POST, "/v1/training-catalogue/versions").header("If-Match", "\"stale\"").json(&next);
        Answer::of(stale).expect_problem(412, "stale");
        let tag = admin.get("/v1/training-catalogue").expect_status(200).tag();
        let second = admin.request(Method::POST, "/v1/training-catalogue/versions").header("If-Match", tag).json(&next);
        assert_eq!(Answer::of(second).expect_status(201).json["version"], 2);
        assert_eq!(admin.get("/v1/training-catalogue").json["document"]["exams"]["exam"]["pass_mark"], 75);
        assert_eq!(admin.get("/v1/training-catalogue/versions/1").json["document"], first.json["document"]);
        let listed = admin.all("/v1/training-catalogue/versions");
        assert_eq!(listed.iter().map(|one| one["version"].as_i64().unwrap()).collect::<Vec<_>>(), [2, 1]);
    }

    fn a_partner_sees_what_it_is_entitled_to(server: Server) {
        let scene = school(&server);
        let (gold, silver) = (scene.partner("Gold"), scene.partner("Silver"));
        let path = format!("/v1/enrollments/{}", silver.enrollment);
        scene.admin.patch(&path, "*", &json!({"tier": "Silver"})).expect_status(200);
        let slugs = |scene: &Scene, query: &str| {
            let offers = scene.admin.all(&format!("/v1/training-offers{query}"));
            offers.iter().map(|one| one["slug"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(slugs(&scene, "?kind=course"), ["basics", "deep_dive", "pitch"]);
        assert_eq!(slugs(&scene, "?role=technical"), ["technical_path"]);
        assert_eq!(slugs(&scene, &format!("?kind=course&partner_id={}", silver.id)), ["basics", "pitch"]);
        gold.admin.get("/v1/training-offers/deep_dive").expect_status(200);
        silver.admin.get("/v1/training-offers/deep_dive").expect_problem(404, "not_found");
        assert_eq!(silver.admin.all("/v1/training-offers?kind=course").len(), 2);
        let other = silver.admin.get(&format!("/v1/training-offers?partner_id={}", gold.id));
        other.expect_problem(400, "invalid_parameter");
        let first = scene.admin.get("/v1/training-offers?limit=3").expect_status(200).json;
        let next = format!("/v1/training-offers?limit=3&cursor={}", first["next_cursor"].as_str().unwrap());
        assert_eq!(scene.admin.get(&next).json["data"][0]["slug"], "expert");
        let ada = person(&scene.admin, &silver.id, "ada@silver.example");
        let refused = json!({"person_id": ada, "item": "deep_dive"});
        scene.admin.post("/v1/training-enrollments", &refused).expect_problem(422, "policy_refuses");
    }
}

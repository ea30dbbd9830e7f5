//! Required against held: what a tier asks for in certified people, what expires, and the cheapest way to more.

use chrono::{Months, NaiveDate, TimeDelta};
use reqwest::Method;
use tests::{Answer, Client, Scene, Value, json, on_both};

use super::{completed, passed, person, school};

/// Bronze; Silver with one technical person; Gold with three certified people, two of them technical, and something sold.
fn skilled(scene: &Scene) {
    let metric = |holding: &[&str]| json!({"unit": "people", "value": {"people": {"holding": holding}}});
    let document = json!({
        "slug": "skilled", "name": "Skilled", "time_zone": "Europe/Berlin",
        "facts": {
            "people": {"type": "people", "default": {}, "source": {"engine": "certificates"}},
            "sold": {"type": "number", "default": 0, "source": {"observation": "sold"}}
        },
        "metrics": {"certified": metric(&["technical", "sales"]), "technicians": metric(&["technical"])},
        "rules": {"skilled_enough": {"all": [{"metric": "certified", "at_least": 3}, {"metric": "technicians", "at_least": 2}]}},
        "tiers": [
            {"name": "Bronze"},
            {"name": "Silver", "requires": {"metric": "technicians", "at_least": 1}},
            {"name": "Gold", "requires": {"all": ["skilled_enough", {"metric": "sold", "at_least": 100}]}},
            {"name": "Platinum", "requires": {"any": [
                {"metric": "sold", "at_least": 1000},
                {"at_least_of": {"count": 1, "of": [{"metric": "technicians", "more_than": 5}, {"metric": "certified", "at_least": 4}]}}
            ]}}
        ],
        "evaluation": {"cadence": "annual", "promotion": "at_review"}
    });
    scene.admin.post("/v1/programs", &document).expect_status(201);
}

/// The day that it is where the program is.
fn today(client: &Client, enrollment: &str) -> NaiveDate {
    client.get(&format!("/v1/enrollments/{enrollment}/tier")).expect_status(200).text("as_of").parse().unwrap()
}

/// What a course costs that the catalogue gives no duration.
const USUAL: u64 = 60;

fn labels(steps: &Value) -> Vec<String> {
    let steps = steps.as_array().unwrap();
    let line = |step: &Value| {
        let needs: Vec<&str> =
            step["needs"].as_array().unwrap().iter().map(|it| it["item"].as_str().unwrap()).collect();
        let earned: Vec<&str> =
            step["certifications"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        format!("{}: {} for {}", step["person_id"].as_str().unwrap(), needs.join("+"), earned.join("+"))
    };
    steps.iter().map(line).collect()
}

on_both! {
    fn required_is_laid_beside_held_and_the_gap_is_closed_cheaply(server: Server) {
        let scene = school(&server);
        skilled(&scene);
        let (acme, admin) = (scene.partner("Acme"), &scene.admin);
        let enrollment = scene.enroll(&acme.id, "skilled", "Silver");
        let path = format!("/v1/enrollments/{enrollment}/training-compliance");
        let today = today(&acme.admin, &enrollment);
        // Nobody is there yet.
        let nobody = acme.admin.get(&path).expect_status(200).json;
        assert_eq!((&nobody["target"], &nobody["outcome"]), (&json!("Gold"), &json!("not_met")));
        assert_eq!((&nobody["cheapest"]["lacking"], &nobody["cheapest"]["minutes"]), (&json!(5), &json!(0)));
        assert_eq!(nobody["cheapest"]["meets_tier"], false);
        let name = |email: &str| person(admin, &acme.id, email);
        let (ada, bob, cem, dora) = (name("ada@acme.example"), name("bob@acme.example"), name("cem@acme.example"), name("dora@acme.example"));
        // Ada is technical for another month, Bob has done the course, Dora sells; Cem is new.
        let earned = today - Months::new(23);
        completed(admin, &ada, "basics", &earned.to_string());
        passed(admin, &ada, "exam", &earned.to_string());
        completed(admin, &bob, "basics", &earned.to_string());
        completed(admin, &dora, "pitch", &today.pred_opt().unwrap().to_string());
        let last: NaiveDate = {
            let all = admin.all(&format!("/v1/credentials?person_id={ada}"));
            all[0]["valid_to"].as_str().unwrap().parse().unwrap()
        };
        let seen = acme.admin.get(&path).expect_status(200).json;
        assert_eq!((&seen["tier"], &seen["target"], &seen["catalogue_version"]), (&json!("Silver"), &json!("Gold"), &json!(1)));
        let requirements = seen["requirements"].as_array().unwrap();
        let told: Vec<_> = requirements.iter().map(|it| (&it["metric"], &it["required"], &it["held"], &it["missing"])).collect();
        assert_eq!(told, [
            (&json!("certified"), &json!(3), &json!(2), &json!(1)),
            (&json!("technicians"), &json!(2), &json!(1), &json!(1)),
        ]);
        let certified = &requirements[0];
        assert_eq!(certified["pointer"], "/rules/skilled_enough/requires/all/0");
        assert_eq!(certified["by_certification"], json!([
            {"certification": "technical", "people": 1}, {"certification": "sales", "people": 1}
        ]));
        assert_eq!(certified["people"]["total"], 2);
        assert_eq!(certified["people"]["data"][0], json!({"person": ada, "name": "Ada", "certifications": ["technical"]}));
        assert_eq!(seen["expiring"], json!({"total": 1, "data": [
            {"person": ada, "name": "Ada", "certification": "technical", "last_day": last}
        ]}));
        // Bob's exam makes both enough; that too little is sold is told.
        let cheapest = &seen["cheapest"];
        assert_eq!(labels(&cheapest["steps"]), [format!("{bob}: exam for technical")]);
        assert_eq!((&cheapest["minutes"], &cheapest["lower_bound_minutes"], &cheapest["exact"]), (&json!(USUAL), &json!(USUAL), &json!(true)));
        assert_eq!((&cheapest["metrics"], &cheapest["meets_tier"], &cheapest["lacking"]), (&json!(["certified", "technicians"]), &json!(false), &json!(0)));
        // Once it is sold, nothing else is missing.
        let sold = json!({"partner_id": acme.id, "metric": "sold", "day": today, "value": "500", "source": "erp"});
        let request = admin.request(Method::PUT, "/v1/observations").json(&json!({"observations": [sold]}));
        Answer::of(request).expect_status(200);
        assert_eq!(acme.admin.get(&path).expect_status(200).json["cheapest"]["meets_tier"], true);
        // The day after Ada's last she can have renewed it by the exam alone.
        let then = acme.admin.get(&format!("{path}?at={}", last + TimeDelta::days(1))).expect_status(200).json;
        let held: Vec<_> = then["requirements"].as_array().unwrap().iter().map(|it| (&it["held"], &it["missing"])).collect();
        assert_eq!(held, [(&json!(1), &json!(2)), (&json!(0), &json!(2))]);
        let mut both = [format!("{ada}: exam for technical"), format!("{bob}: exam for technical")];
        both.sort();
        assert_eq!((labels(&then["cheapest"]["steps"]), &then["cheapest"]["minutes"]), (both.to_vec(), &json!(2 * USUAL)));
        // Of two ways to Platinum that need nothing else, the one by people: one more who sells takes an hour.
        let platinum = acme.admin.get(&format!("{path}?tier=platinum")).expect_status(200).json;
        assert_eq!((&platinum["target"], &platinum["cheapest"]["people"]), (&json!("Platinum"), &json!(2)));
        assert_eq!((&platinum["cheapest"]["minutes"], &platinum["cheapest"]["meets_tier"]), (&json!(120), &json!(true)));
        let silver = acme.admin.get(&format!("{path}?tier=Silver")).expect_status(200).json;
        assert_eq!((&silver["outcome"], &silver["cheapest"], &silver["requirements"][0]["missing"]), (&json!("met"), &Value::Null, &json!(0)));
        // What Bob learns is there at once.
        passed(admin, &bob, "exam", &today.pred_opt().unwrap().to_string());
        let after = acme.admin.get(&path).expect_status(200).json;
        assert_eq!((&after["outcome"], &after["cheapest"]), (&json!("met"), &Value::Null));
        assert_eq!(after["expiring"]["total"], 1);
        let _ = cem;
    }

    fn what_cannot_be_asked_is_refused(server: Server) {
        let scene = school(&server);
        skilled(&scene);
        let (acme, other) = (scene.partner("Acme"), scene.partner("Bravo"));
        let enrollment = scene.enroll(&acme.id, "skilled", "Bronze");
        let path = format!("/v1/enrollments/{enrollment}/training-compliance");
        let refused = acme.admin.get(&format!("{path}?tier=Tin")).expect_problem(400, "invalid_parameter");
        assert_eq!(refused.faults(), ["tier"]);
        let far = today(&acme.admin, &enrollment) + TimeDelta::days(2_000);
        assert_eq!(acme.admin.get(&format!("{path}?at={far}")).expect_problem(400, "invalid_parameter").faults(), ["at"]);
        other.admin.get(&path).expect_problem(404, "not_found");
        scene.user("cam@vendor.example", "channel_manager", None).get(&path).expect_problem(404, "not_found");
        let member = scene.user("member@acme.example", "partner_member", Some(&acme.id));
        let seen = member.get(&path).expect_status(200);
        assert_eq!((&seen.json["target"], seen.json["requirements"].as_array().unwrap().len()), (&json!("Silver"), 1));
        assert_eq!(member.request(Method::GET, &path).header("if-none-match", seen.tag()).send().unwrap().status(), 304);
    }

    fn whom_only_a_learning_system_knows_counts_too(server: Server) {
        let scene = school(&server);
        skilled(&scene);
        let acme = scene.partner("Acme");
        let path = format!("/v1/enrollments/{}/training-compliance", scene.enroll(&acme.id, "skilled", "Silver"));
        let certificate = json!({
            "partner_id": acme.id, "metric": "certificates", "period": {"from": "2026-01-01", "to": "2098-12-31"},
            "dimensions": {"person": "eve@acme.example", "certificate": "technical"}, "source": "lms"
        });
        let request = scene.admin.request(Method::PUT, "/v1/observations").json(&json!({"observations": [certificate]}));
        Answer::of(request).expect_status(200);
        let bob = person(&scene.admin, &acme.id, "bob@acme.example");
        let seen = acme.admin.get(&path).expect_status(200).json;
        let technicians = &seen["requirements"][1];
        assert_eq!((&technicians["held"], &technicians["missing"]), (&json!(1), &json!(1)));
        assert_eq!(technicians["people"]["data"][0], json!({"person": "eve@acme.example", "name": null, "certifications": ["technical"]}));
        assert_eq!(labels(&seen["cheapest"]["steps"]), [format!("{bob}: basics+exam for technical")]);
        // Three are asked for, and two work there.
        assert_eq!((&seen["cheapest"]["lacking"], &seen["cheapest"]["minutes"]), (&json!(1), &json!(300)));
    }

    fn a_published_program_counts_what_is_stored_unless_a_total_is_reported(server: Server) {
        let scene = Scene::approving(&server);
        let document = include_str!("../../../programs/aws/services-path-2024.yaml");
        let request = scene.admin.request(Method::POST, "/v1/programs").header("content-type", "application/yaml");
        Answer::of(request.body(document)).expect_status(201);
        let slugs = ["technical_accreditation", "business_accreditation", "cloud_practitioner", "developer_associate"];
        let mut academy = json!({"name": "Academy", "courses": {}, "certifications": {}});
        for slug in slugs {
            academy["courses"][format!("{slug}_course")] = json!({"name": slug});
            academy["certifications"][slug] = json!({"name": slug, "requires": format!("{slug}_course")});
        }
        scene.admin.post("/v1/training-catalogue/versions", &academy).expect_status(201);
        let (acme, admin) = (scene.partner("Acme"), &scene.admin);
        let enrollment = scene.enroll(&acme.id, "aws-services-path-2024", "Registered");
        let path = format!("/v1/enrollments/{enrollment}/training-compliance");
        let today = today(&acme.admin, &enrollment);
        let all = ["ada", "bob", "cem", "dora"].map(|name| person(admin, &acme.id, &format!("{name}@acme.example")));
        completed(admin, &all[0], "technical_accreditation_course", &today.pred_opt().unwrap().to_string());
        let report = |metric: &str, value: &str| {
            let observation = json!({"partner_id": acme.id, "metric": metric, "day": today, "value": value, "source": "erp"});
            let request = admin.request(Method::PUT, "/v1/observations");
            Answer::of(request.json(&json!({"observations": [observation]}))).expect_status(200);
        };
        let told = |seen: &Value| -> Vec<String> {
            let of = |it: &Value| format!("{} {} of {}", it["metric"].as_str().unwrap(), it["held"], it["required"]);
            seen["requirements"].as_array().unwrap().iter().map(of).collect()
        };
        report("launched_opportunities_12m", "3");
        report("launched_mrr_usd", "1500");
        let seen = acme.admin.get(&path).expect_status(200).json;
        assert_eq!(told(&seen), [
            "accredited 1 of 4", "technically_accredited 1 of 2", "business_accredited 0 of 2", "foundational_people 0 of 2",
            "technical_people 0 of 2"
        ]);
        // Three accreditations for three people, and two certificates each of two kinds.
        let cheapest = &seen["cheapest"];
        assert_eq!((&cheapest["minutes"], &cheapest["exact"]), (&json!(7 * USUAL), &json!(true)));
        assert_eq!((&cheapest["lacking"], &cheapest["meets_tier"]), (&json!(0), &json!(true)));
        let soonest = &acme.admin.get(&format!("/v1/enrollments/{enrollment}/progress")).expect_status(200).json["next"][0]["soonest"];
        assert_eq!(soonest["steps"][0]["words"], "3 people more of accredited");
        // What another system counts is no matter of training here.
        report("accredited_people", "4");
        report("technical_certified", "1");
        let seen = acme.admin.get(&path).expect_status(200).json;
        assert_eq!(told(&seen), ["technically_accredited 1 of 2", "business_accredited 0 of 2", "foundational_people 0 of 2"]);
        assert_eq!((&seen["cheapest"]["minutes"], &seen["cheapest"]["meets_tier"]), (&json!(5 * USUAL), &json!(false)));
    }

    fn one_certified_person_is_asked_for_unless_somebody_else_says_so(server: Server) {
        let scene = Scene::approving(&server);
        let document = include_str!("../../../programs/hubspot/tiers-mrr-2018.yaml");
        let request = scene.admin.request(Method::POST, "/v1/programs").header("content-type", "application/yaml");
        Answer::of(request.body(document)).expect_status(201);
        let academy = json!({
            "name": "Academy", "courses": {"selling": {"name": "Selling"}},
            "certifications": {"partner": {"name": "Partner", "requires": "selling"}}
        });
        scene.admin.post("/v1/training-catalogue/versions", &academy).expect_status(201);
        let acme = scene.partner("Acme");
        let enrollment = scene.enroll(&acme.id, "hubspot-tiers-mrr-2018", "Untiered");
        let path = format!("/v1/enrollments/{enrollment}/training-compliance");
        let ada = person(&scene.admin, &acme.id, "ada@acme.example");
        let seen = acme.admin.get(&path).expect_status(200).json;
        let told = &seen["requirements"][0];
        assert_eq!((&told["metric"], &told["required"], &told["held"]), (&json!("certified_people"), &json!(1), &json!(0)));
        assert_eq!(labels(&seen["cheapest"]["steps"]), [format!("{ada}: selling for partner")]);
        let said = json!({
            "partner_id": acme.id, "metric": "partner_certified", "day": today(&acme.admin, &enrollment), "value": "true", "source": "crm"
        });
        let request = scene.admin.request(Method::PUT, "/v1/observations").json(&json!({"observations": [said]}));
        Answer::of(request).expect_status(200);
        let seen = acme.admin.get(&path).expect_status(200).json;
        assert_eq!((&seen["requirements"], &seen["cheapest"]), (&json!([]), &Value::Null));
    }
}

//! Who learns: known by their addresses, moved between partners, merged.

use tests::{Client, clock, json, on_both, on_both_with};

use super::{completed, enroll, held, passed, person, school};

on_both! {
    fn an_address_is_one_persons(server: Server) {
        let scene = school(&server);
        let (acme, bravo) = (scene.partner("Acme"), scene.partner("Bravo"));
        let ada = person(&acme.admin, &acme.id, "Ada@Acme.example");
        let path = format!("/v1/people/{ada}");
        assert_eq!(acme.admin.get(&path).expect_status(200).text("email"), "ada@acme.example");
        let again = json!({"name": "Ada", "email": "ada@acme.EXAMPLE"});
        acme.admin.post("/v1/people", &again).expect_problem(409, "already_exists");
        let changed = acme.admin.patch(&path, "*", &json!({"email": "ada.king@acme.example", "external_id": "HR-1"}));
        assert_eq!(changed.expect_status(200).text("email"), "ada.king@acme.example");
        let found = acme.admin.all("/v1/people?email=ada@acme.example");
        assert_eq!(found.len(), 1, "she stays known by the address before");
        assert_eq!(acme.admin.all("/v1/people?external_id=HR-1").len(), 1);
        assert!(bravo.admin.all("/v1/people").is_empty());
        bravo.admin.get(&path).expect_problem(404, "not_found");
        let grace = person(&acme.admin, &acme.id, "grace@acme.example");
        let taken = acme.admin.patch(&format!("/v1/people/{grace}"), "*", &json!({"email": "ada@acme.example"}));
        taken.expect_problem(409, "already_exists");
        let foreign = json!({"name": "Eve", "email": "eve@bravo.example", "partner_id": bravo.id});
        acme.admin.post("/v1/people", &foreign).expect_problem(422, "invalid_body");
        scene.admin.post(&format!("/v1/partners/{}/suspend", acme.id), &json!({"reason": "A breach"})).expect_status(200);
        scene.admin.post("/v1/people", &json!({"name": "New", "email": "new@acme.example", "partner_id": acme.id}))
            .expect_status(201);
    }

    fn members_act_for_themselves(server: Server) {
        let scene = school(&server);
        let acme = scene.partner("Acme");
        let member = scene.user("ada@acme.example", "partner_member", Some(&acme.id));
        let (ada, grace) = (person(&acme.admin, &acme.id, "ada@acme.example"), person(&acme.admin, &acme.id, "grace@acme.example"));
        let new = |person: &str| json!({"person_id": person, "item": "pitch"});
        member.post("/v1/training-enrollments", &new(&grace)).expect_problem(422, "policy_refuses");
        let own = member.post("/v1/training-enrollments", &new(&ada)).expect_status(201);
        assert!(own.json["assigned_by"].is_null());
        let path = format!("/v1/training-enrollments/{}", own.text("id"));
        member.post(&format!("{path}/complete"), &json!({"on": "2020-01-01"})).expect_problem(422, "invalid_body");
        member.post(&format!("{path}/complete"), &json!({})).expect_status(200);
        assert_eq!(member.all("/v1/credentials").len(), 1, "she has earned sales");
        member.post("/v1/people", &json!({"name": "Eve", "email": "eve@acme.example"})).expect_problem(403, "insufficient_scope");
    }
}

/// A program that counts certified people.
pub fn program() -> serde_json::Value {
    json!({
        "slug": "certified", "name": "Certified",
        "facts": {"people": {"type": "people", "default": {}, "source": {"engine": "certificates"}}},
        "metrics": {"certified": {"unit": "people", "value": {"people": {"holding": ["technical"]}}}},
        "tiers": [{"name": "Silver"}, {"name": "Gold", "requires": {"metric": "certified", "at_least": 1}}]
    })
}

on_both_with! {
    &[("ENTENTE_SANDBOX", "true")];

    fn what_a_person_holds_counts_for_the_partner_of_the_day(server: Server) {
        let scene = school(&server);
        clock::noon(&scene.admin);
        scene.admin.post("/v1/programs", &program()).expect_status(201);
        let (acme, bravo) = (scene.partner("Acme"), scene.partner("Bravo"));
        let of_acme = scene.enroll(&acme.id, "certified", "Silver");
        let of_bravo = scene.enroll(&bravo.id, "certified", "Silver");
        let ada = person(&scene.admin, &acme.id, "ada@acme.example");
        completed(&scene.admin, &ada, "basics", "2026-01-10");
        passed(&scene.admin, &ada, "exam", "2026-01-20");
        assert_eq!(held(&acme.admin, &ada), ["technical valid 2026-01-20 2028-01-19"]);
        let gap = |enrollment: &str| {
            let progress = scene.admin.get(&format!("/v1/enrollments/{enrollment}/progress")).expect_status(200);
            progress.json["next"][0]["outcome"].as_str().unwrap_or_default().to_owned()
        };
        assert_eq!(gap(&of_acme), "met");
        let moved = json!({"partner_id": bravo.id, "reason": "Left for Bravo."});
        let path = format!("/v1/people/{ada}/move");
        acme.admin.post(&path, &moved).expect_problem(403, "insufficient_scope");
        scene.admin.post(&path, &json!({"partner_id": bravo.id, "reason": "x", "on": "2999-01-01"})).expect_problem(422, "invalid_body");
        assert_eq!(scene.admin.post(&path, &moved).expect_status(200).text("partner_id"), bravo.id);
        assert_eq!(gap(&of_acme), "not_met");
        assert_eq!(gap(&of_bravo), "met");
        acme.admin.get(&format!("/v1/people/{ada}")).expect_problem(404, "not_found");
        assert_eq!(held(&bravo.admin, &ada).len(), 1);
        let history = bravo.admin.get(&format!("/v1/people/{ada}/history")).expect_status(200).json;
        assert_eq!(history["employments"].as_array().unwrap().len(), 1, "of the other partner nothing is told");
        assert_eq!(scene.admin.get(&format!("/v1/people/{ada}/history")).json["employments"].as_array().unwrap().len(), 2);
        let told = |client: &Client| client.all_events().iter().filter(|one| one["type"] == "person.moved").map(|one| one["data"].to_string()).collect::<Vec<_>>();
        let (left, joined) = (told(&acme.admin), told(&bravo.admin));
        assert!(left.len() == 1 && joined.len() == 1 && !left[0].contains(&bravo.id) && !joined[0].contains(&acme.id));
        // And back on the same day: nobody counts twice.
        scene.admin.post(&path, &json!({"partner_id": acme.id, "reason": "Came back."})).expect_status(200);
        assert_eq!((gap(&of_acme), gap(&of_bravo)), ("met".to_owned(), "not_met".to_owned()));
    }

    fn one_person_under_two_addresses_is_merged(server: Server) {
        let scene = school(&server);
        let acme = scene.partner("Acme");
        let (ada, double) = (person(&scene.admin, &acme.id, "ada@acme.example"), person(&scene.admin, &acme.id, "lovelace@acme.example"));
        completed(&scene.admin, &ada, "basics", "2026-01-10");
        passed(&scene.admin, &double, "exam", "2026-01-20");
        assert!(held(&scene.admin, &ada).is_empty() && held(&scene.admin, &double).is_empty());
        enroll(&scene.admin, &double, "pitch");
        enroll(&scene.admin, &ada, "pitch");
        let path = format!("/v1/people/{double}/merge");
        scene.admin.post(&path, &json!({"into": double, "reason": "x"})).expect_problem(422, "invalid_body");
        let merged = scene.admin.post(&path, &json!({"into": ada, "reason": "She married."})).expect_status(200);
        assert_eq!(merged.text("id"), ada);
        assert_eq!(held(&scene.admin, &ada), ["technical valid 2026-01-20 2028-01-19"], "together they have earned it");
        let gone = scene.admin.get(&format!("/v1/people/{double}")).expect_status(200).json;
        assert_eq!(gone["merged_into"], json!(ada));
        assert_eq!(acme.admin.all("/v1/people").len(), 1);
        assert_eq!(acme.admin.all("/v1/people?email=lovelace@acme.example")[0]["id"], json!(ada));
        scene.admin.post(&path, &json!({"into": ada, "reason": "Again"})).expect_problem(409, "invalid_transition");
        let moved = json!({"partner_id": scene.partner("Bravo").id, "reason": "Left"});
        scene.admin.post(&format!("/v1/people/{double}/move"), &moved).expect_problem(409, "invalid_transition");
        let renamed = scene.admin.patch(&format!("/v1/people/{double}"), "*", &json!({"name": "Other"}));
        renamed.expect_problem(409, "invalid_transition");
        let enrolled = json!({"person_id": double, "item": "pitch"});
        scene.admin.post("/v1/training-enrollments", &enrolled).expect_problem(409, "invalid_transition");
        let open = scene.admin.all(&format!("/v1/training-enrollments?person_id={ada}&item=pitch"));
        let statuses: Vec<_> = open.iter().map(|one| one["status"].as_str().unwrap()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == "enrolled").count(), 1, "{statuses:?}");
        let history = scene.admin.get(&format!("/v1/people/{ada}/history")).json;
        assert_eq!(history["merged"], json!([double]));
        assert_eq!(history["emails"], json!(["ada@acme.example", "lovelace@acme.example"]));
    }
}

//! What the program's document decides about applications.

use super::*;

on_both_with! { OPEN;
    fn all_that_is_wrong_with_an_application_is_told_at_once(server: Server) {
        recruiting(&server);
        let client = server.client();
        let mut body = applicant("Lakeside");
        body["company"]["domain"] = json!("localhost");
        body["answers"] = json!({"sales_people": "many", "audited": true, "sales_poeple": 3});
        let refused = client.post(APPLICATIONS, &body).expect_problem(422, "invalid_body");
        let expected = ["/answers/audited", "/answers/sales_people", "/answers/sales_poeple", "/company/domain"];
        assert_eq!(refused.faults(), expected);
        assert!(refused.text.contains("sales_people") && refused.text.contains("did you mean"), "{}", refused.text);
        body = applicant("Lakeside");
        body["program"] = json!("nothing");
        assert_eq!(client.post(APPLICATIONS, &body).expect_problem(422, "invalid_body").faults(), ["/program"]);
        body["company"]["employees"] = json!(0);
        body["contact"]["email"] = json!("nobody");
        body["answer"] = json!({});
        let refused = client.post(APPLICATIONS, &body).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/answer", "/company/employees", "/contact/email"]);
    }

    fn who_certainly_is_not_eligible_is_rejected_where_the_program_says_so(server: Server) {
        let scene = Scene::approving(&server);
        let mut sections = asking();
        sections["application"] = json!({"auto_reject_ineligible": true, "reapply_after_days": 7});
        program(&scene, "strict", &sections);
        let mut body = applicant("Lakeside");
        body["answers"]["sales_people"] = json!(1);
        let (holder, path) = applied(&server, &body);
        let own = holder.get(OWN).expect_status(200);
        assert_eq!((own.text("status"), &own.json["decision"]["reason"]), ("rejected".into(), &json!("not_eligible")));
        assert!(own.text.contains("At least two sales people"), "{}", own.text);
        assert_eq!(scene.admin.get(&path).json["decision"]["by"], "system");
        server.client().post(APPLICATIONS, &body).expect_problem(409, "reapply_later");
        // What is not known yet is for a person.
        let mut body = applicant("Other");
        body["answers"] = json!({});
        let (holder, _) = applied(&server, &body);
        assert_eq!(holder.get(OWN).text("status"), "submitted");
        assert_eq!(scene.admin.all(&format!("{APPLICATIONS}?eligibility=not_eligible")).len(), 1);
    }

    fn a_program_that_is_closed_takes_what_the_vendor_brings(server: Server) {
        let scene = Scene::approving(&server);
        program(&scene, "strict", &json!({"application": {"open": false}}));
        let mut body = applicant("Lakeside");
        body["answers"] = json!({});
        server.client().post(APPLICATIONS, &body).expect_problem(422, "policy_refuses");
        let made = scene.admin.post(APPLICATIONS, &body).expect_status(201);
        let seen = scene.admin.get(made.header("location").unwrap()).expect_status(200);
        assert_eq!((&seen.json["screening"]["score"], &seen.json["screening"]["outcome"]), (&Value::Null, &json!("eligible")));
    }

    fn an_application_keeps_the_rules_that_it_was_screened_by(server: Server) {
        let (scene, _) = recruiting(&server);
        let (_, path) = applied(&server, &applicant("Lakeside"));
        let mut document = scene.admin.get("/v1/programs/strict").json["document"].clone();
        document["eligibility"][0]["requires"]["at_least"] = json!(10);
        scene.admin.post("/v1/programs/strict/versions", &document).expect_status(201);
        let kept = scene.admin.get(&path).expect_status(200);
        assert_eq!((&kept.json["program_version"], &kept.json["screening"]["outcome"]), (&json!(1), &json!("eligible")));
        let question = json!({"requests": [{"field": "/message", "text": "Anything else?"}]});
        act(&scene.admin, &path, "request-information", &question).expect_status(200);
        let anew = act(&scene.admin, &path, "supply-information", &json!({})).expect_status(200);
        assert_eq!((&anew.json["program_version"], &anew.json["screening"]["outcome"]), (&json!(2), &json!("not_eligible")));
    }
}

//! Business plans: written by either side, agreed by both, followed up and reviewed.

use super::*;

const PLANS: &str = "/v1/business-plans";

fn goal(name: &str, target: &str) -> Value {
    json!({"name": name, "target": target, "unit": "EUR", "due_on": "2027-12-31"})
}

fn plan(enrollment: &str) -> Value {
    json!({
        "enrollment_id": enrollment, "title": "Joint plan 2027", "starts_on": "2027-01-01", "ends_on": "2027-12-31",
        "goals": [goal("New revenue", "250000.00"), goal("Certified people", "4")], "summary": "Grow together."
    })
}

#[track_caller]
fn write(client: &Client, body: &Value) -> (String, Answer) {
    let made = client.post(PLANS, body).expect_status(201);
    (format!("{PLANS}/{}", made.text("id")), made)
}

fn change(client: &Client, path: &str, body: &Value) -> Answer {
    client.patch(path, &client.get(path).tag(), body)
}

on_both! {
    fn one_side_proposes_and_the_other_agrees(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (partner, enrollment) = partner(&scene, "Northwind");
        let (path, made) = write(&partner.admin, &plan(&enrollment));
        assert_eq!((made.text("status"), &made.json["goals"][0]["status"]), ("draft".into(), &json!("open")));
        act(&scene.admin, &path, "agree", &json!({})).expect_problem(409, "invalid_transition");
        act(&partner.admin, &path, "propose", &json!({})).expect_status(200);
        act(&partner.admin, &path, "agree", &json!({})).expect_problem(409, "invalid_transition");
        // The vendor would like more: then it is a draft again, and its turn to propose.
        let more = json!({"goals": [goal("New revenue", "300000.00")]});
        let changed = change(&scene.admin, &path, &more).expect_status(200);
        assert_eq!((changed.text("status"), &changed.json["consents"]), ("draft".into(), &json!([])));
        act(&scene.admin, &path, "propose", &json!({})).expect_status(200);
        act(&scene.admin, &path, "agree", &json!({})).expect_problem(409, "invalid_transition");
        let stale = partner.admin.request(Method::POST, &format!("{path}/agree")).header("If-Match", made.tag());
        Answer::of(stale).expect_problem(412, "stale");
        let agreed = act(&partner.admin, &path, "agree", &json!({})).expect_status(200);
        assert_eq!(agreed.text("status"), "agreed");
        let sides: Vec<&Value> = agreed.json["consents"].as_array().unwrap().iter().map(|one| &one["side"]).collect();
        assert_eq!(sides, ["vendor", "partner"]);
        assert_eq!(agreed.json["consents"][1]["by"], partner.admin.get("/v1/me").json["subject"]);
        assert_eq!(
            told(&scene.admin, &made.text("id")),
            ["created", "proposed", "updated", "proposed", "agreed"].map(|kind| format!("business_plan.{kind}"))
        );
        assert_eq!(audited(&scene.admin, &made.text("id")).0, "agreeBusinessPlan");
        let closed = act(&scene.admin, &path, "close", &json!({"text": "Met."})).expect_status(200);
        assert_eq!((closed.text("status"), &closed.json["closing"]["text"]), ("closed".into(), &json!("Met.")));
    }

    fn of_what_is_agreed_only_progress_changes(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (partner, enrollment) = partner(&scene, "Northwind");
        let (path, _) = write(&scene.admin, &plan(&enrollment));
        act(&scene.admin, &path, "propose", &json!({})).expect_status(200);
        act(&partner.admin, &path, "agree", &json!({})).expect_status(200);
        change(&partner.admin, &path, &json!({"title": "Ours"})).expect_problem(409, "invalid_transition");
        change(&partner.admin, &path, &json!({"goals": []})).expect_problem(409, "invalid_transition");
        let mut goals = partner.admin.get(&path).json["goals"].clone();
        goals[0]["target"] = json!("1.00");
        change(&partner.admin, &path, &json!({"goals": goals})).expect_problem(409, "invalid_transition");
        goals[0]["target"] = json!("250000.00");
        goals[0]["actual"] = json!("118000.50");
        goals[0]["status"] = json!("on_track");
        let changed = change(&partner.admin, &path, &json!({"goals": goals})).expect_status(200);
        assert_eq!((changed.text("status"), &changed.json["goals"]), ("agreed".into(), &goals));
        change(&scene.admin, &path, &json!({"internal_notes": "They will not make it."})).expect_status(200);
        act(&scene.admin, &path, "close", &json!({"text": "Over."})).expect_status(200);
        goals[0]["actual"] = json!("2.00");
        change(&partner.admin, &path, &json!({"goals": goals})).expect_problem(409, "invalid_transition");
    }

    fn what_the_vendor_notes_for_itself_stays_there(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (own, enrollment) = partner(&scene, "Northwind");
        let (other, _) = partner(&scene, "Contoso");
        let mut body = plan(&enrollment);
        body["internal_notes"] = json!("A secret.");
        own.admin.post(PLANS, &body).expect_problem(422, "invalid_body");
        let (path, made) = write(&scene.admin, &body);
        assert_eq!(made.text("internal_notes"), "A secret.");
        let seen = own.admin.get(&path).expect_status(200);
        assert!(!seen.text.contains("secret") && seen.json["internal_notes"].is_null(), "{}", seen.text);
        change(&own.admin, &path, &json!({"internal_notes": null})).expect_problem(422, "invalid_body");
        // A partner's change does not lose what it cannot see.
        assert!(!change(&own.admin, &path, &json!({"summary": null})).expect_status(200).text.contains("secret"));
        assert_eq!(scene.admin.get(&path).text("internal_notes"), "A secret.");
        act(&scene.admin, &path, "propose", &json!({})).expect_status(200);
        let review = json!({
            "held_on": "2027-04-08", "attendees": ["Ada"], "notes": "On track.", "decisions": ["Train two."],
            "next_review_on": "2027-07-08", "internal_notes": "Another secret."
        });
        let reviews = format!("{path}/reviews");
        own.admin.post(&reviews, &review).expect_problem(422, "invalid_body");
        let made = scene.admin.post(&reviews, &review).expect_status(201);
        let at = made.header("location").unwrap();
        assert_eq!((own.admin.all(&reviews).len(), scene.admin.get(at).json), (1, made.json.clone()));
        for text in [own.admin.get(at).expect_status(200).text, own.admin.get(&reviews).expect_status(200).text] {
            assert!(!text.contains("secret") && text.contains("Train two."), "{text}");
        }
        let later = change(&own.admin, at, &json!({"next_review_on": "2027-07-15"})).expect_status(200);
        assert!(!later.text.contains("secret"), "{}", later.text);
        assert_eq!(scene.admin.get(at).text("internal_notes"), "Another secret.");
        for path in [path.as_str(), at, &reviews] {
            other.admin.get(path).expect_problem(404, "not_found");
        }
        assert!(other.admin.all(PLANS).is_empty());
        assert_eq!(
            told(&scene.admin, &made.text("id")),
            ["business_plan_review.created", "business_plan_review.updated"]
        );
    }

    fn who_has_not_accepted_what_the_program_asks_for_does_not_plan(server: Server) {
        let scene = vendor(&server, &json!({"agreement": {"slug": "rules", "required_for": ["plan_business"]}}));
        let (own, enrollment) = partner(&scene, "Northwind");
        own.admin.post(PLANS, &plan(&enrollment)).expect_problem(409, "agreement_required");
        // The vendor plans with whom it likes.
        let (path, _) = write(&scene.admin, &plan(&enrollment));
        change(&own.admin, &path, &json!({"title": "x"})).expect_problem(409, "agreement_required");
        act(&scene.admin, &path, "propose", &json!({})).expect_status(200);
        let review = json!({"held_on": "2027-04-08", "notes": "x"});
        let review = scene.admin.post(&format!("{path}/reviews"), &review).expect_status(201);
        let at = review.header("location").unwrap();
        change(&own.admin, at, &json!({"notes": "y"})).expect_problem(409, "agreement_required");
        change(&scene.admin, at, &json!({"notes": "y"})).expect_status(200);
    }

    fn what_is_wrong_with_a_plan_is_told(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (own, enrollment) = partner(&scene, "Northwind");
        let (_, foreign) = partner(&scene, "Contoso");
        let faults = |members: Value| {
            let mut body = plan(&enrollment);
            for (name, value) in members.as_object().unwrap() {
                body[name] = value.clone();
            }
            own.admin.post(PLANS, &body).expect_problem(422, "invalid_body").faults()
        };
        assert_eq!(faults(json!({"enrollment_id": foreign})), ["/enrollment_id"]);
        let twice = json!([goal("a", "1"), goal("A", "2")]);
        assert_eq!(faults(json!({"ends_on": "2026-12-31", "goals": twice})), ["/ends_on", "/goals/1/name"]);
        for target in ["a lot", "1,5", "1e9", ".5", "1."] {
            assert_eq!(faults(json!({"goals": [goal("a", target)]})), ["/goals/0/target"], "{target}");
        }
        let (path, made) = write(&own.admin, &plan(&enrollment));
        let review = json!({"held_on": "2027-04-08", "notes": "x"});
        own.admin.post(&format!("{path}/reviews"), &review).expect_problem(409, "invalid_transition");
        act(&own.admin, &path, "propose", &json!({})).expect_status(200);
        let backwards = json!({"held_on": "2027-04-08", "notes": "x", "next_review_on": "2027-04-08"});
        let refused = own.admin.post(&format!("{path}/reviews"), &backwards).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/next_review_on"]);
        let member = scene.user("member@northwind.example", "partner_member", Some(&own.id));
        member.post(PLANS, &plan(&enrollment)).expect_problem(403, "insufficient_scope");
        member.get(&path).expect_status(200);
        let count = |query: &str| scene.admin.all(&format!("{PLANS}?{query}")).len();
        assert_eq!((count("status=proposed"), count("status=draft")), (1, 0));
        assert_eq!((count(&format!("partner_id={}", own.id)), count(&format!("enrollment_id={foreign}"))), (1, 0));
        assert_eq!(count(&format!("updated_after={}", made.text("updated_at"))), 1);
        // Who may not act does not plan either.
        act(&scene.admin, &format!("/v1/enrollments/{enrollment}"), "suspend", &json!({"reason": "x"})).expect_status(200);
        own.admin.post(PLANS, &plan(&enrollment)).expect_problem(422, "policy_refuses");
        change(&own.admin, &path, &json!({"title": "x"})).expect_problem(422, "policy_refuses");
        act(&scene.admin, &path, "agree", &json!({})).expect_status(200);
    }
}

//! Violations: their consequences bite at once, in everything that a partner does, and end when they end.

use super::*;

const VIOLATIONS: &str = "/v1/violations";

/// A violation of this partner with this consequence.
fn violation(partner: &str, enrollment: Option<&str>, consequence: Value) -> Value {
    json!({
        "partner_id": partner, "enrollment_id": enrollment, "category": "poaching", "text": "Quoted to another's customer.",
        "evidence": [{"text": "The customer's mail.", "url": "https://files.vendor.example/1.eml"}],
        "found_by": "Channel operations", "consequence": consequence
    })
}

#[track_caller]
fn record(scene: &Scene, body: &Value) -> Answer {
    scene.admin.post(VIOLATIONS, body).expect_status(201)
}

fn path(violation: &Answer) -> String {
    format!("{VIOLATIONS}/{}", violation.text("id"))
}

/// Fails unless the partner may do nothing with the registrations, in which verb each stands for one action.
#[track_caller]
fn expect_tied(partner: &Partner, draft: &str, open: &str, approved: &str, code: &str) {
    let refused = |answer: Answer, what: &str| {
        let answer = answer.expect_problem(422, "policy_refuses");
        assert_eq!(codes(&answer), [code], "{what}: {}", answer.text);
    };
    for (verb, body) in verbs() {
        let id = match verb {
            "submit" => draft,
            "withdraw" | "dispute" => open,
            _ => approved,
        };
        refused(act(&partner.admin, &format!("{DEALS}/{id}"), verb, &body), verb);
    }
    let tag = get(&partner.admin, open).tag();
    refused(partner.admin.patch(&format!("{DEALS}/{open}"), &tag, &json!({"notes": "x"})), "update");
    refused(partner.admin.post(DEALS, &strict("new.example")), "register");
    let check = json!({"program": "strict", "products": ["core"], "account": strict("new.example")["account"]});
    refused(partner.admin.post(&format!("{DEALS}/check"), &check), "check");
}

/// A draft, an open and an approved registration of the partner in the program `strict`.
fn three(partner: &Partner) -> [String; 3] {
    let mut draft = strict("draft.example");
    draft["submit"] = json!(false);
    [draft, undecided("open.example"), strict("approved.example")]
        .map(|body| register(&partner.admin, &body).text("id"))
}

on_both! {
    fn a_warning_ties_nobody(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (partner, enrollment) = partner(&scene, "Northwind");
        let mut body = violation(&partner.id, Some(&enrollment), Value::Null);
        body.as_object_mut().unwrap().remove("consequence");
        let made = record(&scene, &body);
        assert_eq!((&made.json["consequence"]["kind"], made.text("status")), (&json!("warning"), "in_force".into()));
        register(&partner.admin, &strict("a.example"));
        assert_eq!(partner.admin.get(&path(&made)).expect_status(200).json, made.json);
        assert_eq!(audited(&scene.admin, &made.text("id")), ("createViolation".into(), Value::Null, made.json.clone()));
    }

    fn a_suspension_bites_at_once_in_everything_and_lets_read(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (partner, enrollment) = partner(&scene, "Northwind");
        let [draft, open, approved] = three(&partner);
        let made = record(&scene, &violation(&partner.id, Some(&enrollment), json!({"kind": "suspension"})));
        assert_eq!((&made.json["consequence"]["scope"], &made.json["consequence"]["until"]), (&json!("program"), &Value::Null));
        expect_tied(&partner, &draft, &open, &approved, "violation_suspension");
        for id in [&draft, &open, &approved] {
            get(&partner.admin, id);
        }
        let standing = partner.admin.get(&format!("/v1/enrollments/{enrollment}/standing")).expect_status(200);
        assert_eq!((&standing.json["may_act"], &standing.json["blocks"][0]["violation_id"]), (&json!(false), &made.json["id"]));
        // The other program, and the company's own affairs, are not concerned.
        register(&partner.admin, &deal("other.example"));
        let contact = json!({"name": "Ada", "email": "ada@northwind.example"});
        partner.admin.post("/v1/contacts", &contact).expect_status(201);
        // By default nothing else happens, and the vendor decides as before.
        assert_eq!(made.json["effects"], json!({"held": [], "withdrawn": [], "paused": [], "released": [], "resumed": []}));
        act(&scene.admin, &format!("{DEALS}/{open}"), "approve", &json!({})).expect_status(200);
        act(&scene.admin, &format!("{DEALS}/{approved}"), "release", &json!({"text": "x"})).expect_status(200);
        let mut for_them = strict("new.example");
        for_them["partner_id"] = json!(partner.id);
        scene.admin.post(DEALS, &for_them).expect_problem(422, "policy_refuses");
        let reason = json!({"reason": "It was a misunderstanding."});
        let withdrawn = act(&scene.admin, &path(&made), "withdraw", &reason).expect_status(200);
        assert_eq!((withdrawn.text("status"), &withdrawn.json["withdrawal_reason"]), ("withdrawn".into(), &reason["reason"]));
        act(&partner.admin, &format!("{DEALS}/{draft}"), "submit", &json!({})).expect_status(200);
        act(&scene.admin, &path(&made), "withdraw", &reason).expect_problem(409, "invalid_transition");
        assert_eq!(told(&scene.admin, &made.text("id")), ["violation.created", "violation.withdrawn"]);
        assert_eq!(audited(&scene.admin, &made.text("id")), ("withdrawViolation".into(), made.json, withdrawn.json));
    }

    fn a_suspension_of_the_company_reaches_all_that_it_does(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (partner, _) = partner(&scene, "Northwind");
        let contact = json!({"name": "Ada", "email": "ada@northwind.example"});
        let made = partner.admin.post("/v1/contacts", &contact).expect_status(201);
        let ada = format!("/v1/contacts/{}", made.text("id"));
        let violation = record(&scene, &violation(&partner.id, None, json!({"kind": "suspension"})));
        assert_eq!(violation.json["consequence"]["scope"], "partner");
        for deal in [strict("a.example"), deal("a.example")] {
            let refused = partner.admin.post(DEALS, &deal).expect_problem(422, "policy_refuses");
            assert!(refused.text("detail").contains(&violation.text("id")), "{}", refused.text);
        }
        let other = json!({"name": "Bob", "email": "bob@northwind.example"});
        partner.admin.post("/v1/contacts", &other).expect_problem(422, "policy_refuses");
        partner.admin.patch(&ada, &made.tag(), &json!({"name": "A."})).expect_problem(422, "policy_refuses");
        Answer::of(partner.admin.request(Method::DELETE, &ada)).expect_problem(422, "policy_refuses");
        let user = json!({"email": "bob@northwind.example", "role": "partner_member", "password": "a long password"});
        partner.admin.post("/v1/users", &user).expect_problem(422, "policy_refuses");
        partner.admin.get("/v1/me").expect_status(200);
        // The vendor does for it what is to be done.
        let mut for_them = other;
        for_them["partner_id"] = json!(partner.id);
        scene.admin.post("/v1/contacts", &for_them).expect_status(201);
    }

    fn termination_takes_what_the_partner_holds(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (one, enrollment) = partner(&scene, "Northwind");
        let (rival, _) = partner(&scene, "Contoso");
        let [draft, open, approved] = three(&one);
        let check = json!({"program": "strict", "products": ["core"], "account": strict("approved.example")["account"]});
        let verdict = || rival.admin.post(&format!("{DEALS}/check"), &check).expect_status(200).text("verdict");
        assert_eq!(verdict(), "conflict");
        let made = record(&scene, &violation(&one.id, Some(&enrollment), json!({"kind": "termination"})));
        assert_eq!(made.json["effects"]["withdrawn"], json!([open]));
        assert_eq!(made.json["effects"]["released"], json!([approved]));
        let shown = get(&one.admin, &open);
        assert_eq!((shown.text("status"), &shown.json["decision"]["reason"]), ("withdrawn".into(), &json!("termination")));
        assert_eq!(get(&one.admin, &approved).text("status"), "released");
        assert_eq!(told(&scene.admin, &approved).last().unwrap(), "deal_registration.released");
        assert_eq!(verdict(), "clean");
        let refused = act(&one.admin, &format!("{DEALS}/{draft}"), "submit", &json!({}));
        assert_eq!(codes(&refused.expect_problem(422, "policy_refuses")), ["violation_termination"]);
    }

    fn nothing_slips_through_while_it_is_recorded(server: Server) {
        let scene = vendor(&server, &json!({"standing": {"on_suspension": {"protections": "pause"}}}));
        let (partner, enrollment) = partner(&scene, "Northwind");
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let client = &partner.admin;
                scope.spawn(move || {
                    for at in 0..12 {
                        let answer = client.post(DEALS, &strict(&format!("customer-{thread}-{at}.example")));
                        match answer.status {
                            201 | 503 => {}
                            _ => return codes(&answer.expect_problem(422, "policy_refuses")),
                        }
                    }
                    Vec::new()
                });
            }
            std::thread::sleep(std::time::Duration::from_millis(700));
            let body = violation(&partner.id, Some(&enrollment), json!({"kind": "suspension"}));
            // Under such a crowd it may be told to come again.
            while scene.admin.post(VIOLATIONS, &body).status != 201 {}
        });
        let deals = scene.admin.all(&format!("{DEALS}?limit=200"));
        assert!(deals.len() > 4, "{}", deals.len());
        // Each was there before, and stands still with the others; or it was refused.
        for deal in &deals {
            assert_eq!((&deal["status"], deal["paused"].is_object()), (&json!("approved"), true), "{deal}");
        }
    }

    fn what_is_wrong_with_a_violation_is_told(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (own, enrollment) = partner(&scene, "Northwind");
        let (other, foreign) = partner(&scene, "Contoso");
        let faults = |body: Value| scene.admin.post(VIOLATIONS, &body).expect_problem(422, "invalid_body").faults();
        let with = |enrollment: Option<&str>, consequence: Value| violation(&own.id, enrollment, consequence);
        assert_eq!(faults(with(None, json!({"kind": "suspension", "scope": "program"}))), ["/enrollment_id"]);
        assert_eq!(faults(with(Some(&foreign), json!({"kind": "warning"}))), ["/enrollment_id"]);
        let past = json!({"kind": "suspension", "from": "2020-01-01T00:00:00Z", "until": "2020-01-01T00:00:00Z"});
        assert_eq!(faults(with(None, past)), ["/consequence/from", "/consequence/until"]);
        assert_eq!(
            faults(with(None, json!({"kind": "termination", "until": "2099-01-01T00:00:00Z"}))),
            ["/consequence/until"]
        );
        assert_eq!(faults(with(None, json!({"kind": "exile"}))), ["/consequence/kind"]);
        let nobody = violation("partner_01h455vb4pex5vsknk084sn02q", None, json!({"kind": "warning"}));
        assert_eq!(faults(nobody), ["/partner_id"]);
        // Whose violation it is, is the vendor's to say and the partner's to see.
        let made = record(&scene, &with(Some(&enrollment), json!({"kind": "warning"})));
        own.admin.post(VIOLATIONS, &with(None, json!({"kind": "warning"}))).expect_problem(403, "insufficient_scope");
        other.admin.get(&path(&made)).expect_problem(404, "not_found");
        assert!(other.admin.all(VIOLATIONS).is_empty());
        let manager = scene.user("cam@vendor.example", "channel_manager", None);
        manager.post(VIOLATIONS, &with(None, json!({"kind": "warning"}))).expect_problem(422, "invalid_body");
        act(&manager, &path(&made), "withdraw", &json!({"reason": "x"})).expect_problem(404, "not_found");
        let count = |query: &str| scene.admin.all(&format!("{VIOLATIONS}?{query}")).len();
        assert_eq!((count("category=poaching"), count("category=brand")), (1, 0));
        assert_eq!((count("consequence=warning"), count("consequence=suspension")), (1, 0));
        assert_eq!((count("status=in_force"), count("status=withdrawn"), count("status=ended")), (1, 0, 0));
        assert_eq!(count(&format!("partner_id={}&enrollment_id={enrollment}", own.id)), 1);
        assert_eq!(count(&format!("updated_after={}", made.text("updated_at"))), 1);
    }
}

on_both_with! {
    UNSWEPT;
    fn a_suspension_begins_and_ends_by_itself(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (partner, enrollment) = partner(&scene, "Northwind");
        let (from, until) = (in_days(&scene.admin, 10), in_days(&scene.admin, 30));
        let consequence = json!({"kind": "suspension", "from": from, "until": until});
        let made = record(&scene, &violation(&partner.id, Some(&enrollment), consequence));
        assert_eq!(made.text("status"), "pending");
        register(&partner.admin, &strict("before.example"));
        advance(&scene.admin, "P10D");
        assert_eq!(partner.admin.get(&path(&made)).text("status"), "in_force");
        let refused = partner.admin.post(DEALS, &strict("within.example")).expect_problem(422, "policy_refuses");
        assert!(refused.text("detail").contains(&until), "{}", refused.text);
        assert_eq!(scene.admin.all(&format!("{VIOLATIONS}?status=in_force")).len(), 1);
        advance(&scene.admin, "P20D");
        register(&partner.admin, &strict("after.example"));
        assert_eq!(partner.admin.get(&path(&made)).text("status"), "ended");
        assert_eq!(scene.admin.all(&format!("{VIOLATIONS}?status=ended")).len(), 1);
    }
}

on_both_with! {
    SWEPT;
    fn the_clock_tells_of_beginning_and_end(server: Server) {
        let scene = vendor(&server, &json!({"standing": {"on_suspension": {"protections": "pause"}}}));
        let (partner, enrollment) = partner(&scene, "Northwind");
        let deal = register(&partner.admin, &strict("a.example"));
        let (from, until) = (in_days(&scene.admin, 10), in_days(&scene.admin, 30));
        let consequence = json!({"kind": "suspension", "from": from, "until": until});
        let made = record(&scene, &violation(&partner.id, Some(&enrollment), consequence));
        assert_eq!(made.json["effects"]["paused"], json!([]));
        let (id, began) = (made.text("id"), std::time::Instant::now());
        let eventually = |kinds: &[&str]| {
            while told(&scene.admin, &id) != kinds {
                assert!(began.elapsed().as_secs() < 60, "{:?}", told(&scene.admin, &id));
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
        };
        advance(&scene.admin, "P11D");
        eventually(&["violation.created", "violation.began"]);
        let paused = get(&partner.admin, &deal.text("id"));
        // However late the sweep came: the clock has stood still since the suspension began.
        assert_eq!(paused.json["paused"], json!({"since": from, "until": until}));
        let end = time(&deal.json["protected_until"]) + chrono::TimeDelta::days(20);
        let (shown, expected) = (time(&paused.json["protected_until"]), end);
        assert!((shown - expected).num_seconds().abs() < 60, "{shown} {expected}");
        advance(&scene.admin, "P20D");
        eventually(&["violation.created", "violation.began", "violation.ended"]);
        let shown = scene.admin.get(&path(&made)).json;
        assert_eq!(
            (&shown["effects"]["paused"], &shown["effects"]["resumed"]),
            (&json!([deal.text("id")]), &json!([deal.text("id")]))
        );
        assert_eq!(get(&partner.admin, &deal.text("id")).json["protected_until"], paused.json["protected_until"]);
    }
}

//! Suspension, termination and reinstatement: what becomes of registrations and protections, by policy.

use super::*;

fn policy(open: &str, protections: &str) -> Value {
    json!({"standing": {"on_suspension": {"open_registrations": open, "protections": protections}}})
}

/// A partner with an undecided and an approved registration; its enrollment's path.
fn cast(scene: &Scene) -> (Partner, String, [Answer; 2]) {
    let (partner, enrollment) = partner(scene, "Northwind");
    let deals = [undecided("open.example"), strict("approved.example")].map(|body| register(&partner.admin, &body));
    (partner, format!("/v1/enrollments/{enrollment}"), deals)
}

fn why() -> Value {
    json!({"reason": "Invoices are unpaid."})
}

on_both! {
    fn a_suspended_enrollment_lets_read_and_nothing_else(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (partner, path, [open, approved]) = cast(&scene);
        let tag = scene.admin.get(&path).tag();
        let suspended = act(&scene.admin, &path, "suspend", &why()).expect_status(200);
        assert_eq!(suspended.json["enrollment"]["status"], "suspended");
        assert_eq!(suspended.json["enrollment"]["status_reason"], why()["reason"]);
        assert_eq!(suspended.json["standing"]["blocks"][0]["reason"], "enrollment_suspended");
        assert_eq!(suspended.tag(), scene.admin.get(&path).tag());
        let deal = format!("{DEALS}/{}", approved.text("id"));
        for (verb, body) in verbs().into_iter().filter(|(verb, _)| *verb != "submit") {
            let refused = act(&partner.admin, &deal, verb, &body).expect_problem(422, "policy_refuses");
            assert_eq!(codes(&refused), ["enrollment_suspended"], "{verb}");
        }
        assert_eq!(get(&partner.admin, &open.text("id")).json, open.json, "by default the clocks run on");
        act(&scene.admin, &path, "suspend", &why()).expect_problem(409, "invalid_transition");
        let stale = scene.admin.request(Method::POST, &format!("{path}/reinstate")).header("If-Match", tag).json(&why());
        Answer::of(stale).expect_problem(412, "stale");
        let back = act(&scene.admin, &path, "reinstate", &why()).expect_status(200);
        assert_eq!((&back.json["enrollment"]["status"], &back.json["standing"]["may_act"]), (&json!("active"), &json!(true)));
        act(&partner.admin, &deal, "release", &json!({})).expect_status(200);
        let id = path.rsplit('/').next().unwrap();
        assert_eq!(told(&scene.admin, id), ["enrollment.created", "enrollment.suspended", "enrollment.reinstated"]);
        let (action, before, after) = audited(&scene.admin, id);
        assert_eq!((action.as_str(), before, after), ("reinstateEnrollment", suspended.json["enrollment"].clone(), back.json["enrollment"].clone()));
    }

    fn a_terminated_enrollment_is_over_and_the_company_goes_on(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (partner, path, _) = cast(&scene);
        let done = act(&scene.admin, &path, "terminate", &why()).expect_status(200);
        assert_eq!((&done.json["enrollment"]["status"], &done.json["standing"]["may_act"]), (&json!("ended"), &json!(false)));
        partner.admin.get("/v1/me").expect_status(200);
        act(&scene.admin, &path, "suspend", &why()).expect_problem(409, "invalid_transition");
    }

    fn what_is_withdrawn_and_released_stays_so(server: Server) {
        let scene = vendor(&server, &policy("withdraw", "release"));
        let (partner, path, [open, approved]) = cast(&scene);
        let (open, approved) = (open.text("id"), approved.text("id"));
        let done = act(&scene.admin, &path, "suspend", &why()).expect_status(200);
        assert_eq!(done.json["effects"]["withdrawn"], json!([open]));
        assert_eq!(done.json["effects"]["released"], json!([approved]));
        assert_eq!(get(&partner.admin, &approved).json["decision"]["reason"], "suspension");
        let (rival, _) = super::partner(&scene, "Contoso");
        assert_eq!(register(&rival.admin, &strict("approved.example")).text("status"), "approved");
        let back = act(&scene.admin, &path, "reinstate", &why()).expect_status(200);
        assert_eq!(back.json["effects"]["resumed"], json!([]));
        assert_eq!((get(&partner.admin, &open).text("status"), get(&partner.admin, &approved).text("status")), ("withdrawn".into(), "released".into()));
    }

    fn a_patch_of_the_status_does_the_same(server: Server) {
        let scene = vendor(&server, &policy("withdraw", "release"));
        let (partner, path, [open, approved]) = cast(&scene);
        scene.admin.patch(&path, &scene.admin.get(&path).tag(), &json!({"status": "suspended"})).expect_status(200);
        let status = |deal: &Answer| get(&partner.admin, &deal.text("id")).text("status");
        assert_eq!((status(&open), status(&approved)), ("withdrawn".into(), "released".into()));
        let company = format!("/v1/partners/{}", partner.id);
        let done = act(&scene.admin, &company, "terminate", &why()).expect_status(200);
        assert_eq!((&done.json["partner"]["status"], &done.json["partner"]["status_reason"]), (&json!("terminated"), &why()["reason"]));
        partner.admin.get("/v1/me").expect_problem(401, "invalid_token");
        act(&scene.admin, &company, "suspend", &why()).expect_problem(409, "invalid_transition");
        act(&scene.admin, &company, "reinstate", &why()).expect_status(200);
        partner.admin.get("/v1/me").expect_status(200);
        assert_eq!(
            told(&scene.admin, &partner.id),
            ["partner.created", "partner.terminated", "partner.reinstated"]
        );
    }
}

on_both_with! {
    UNSWEPT;
    fn a_paused_protection_has_afterwards_the_time_that_was_left(server: Server) {
        let scene = vendor(&server, &policy("hold", "pause"));
        let (partner, path, [open, approved]) = cast(&scene);
        let (open_id, id) = (open.text("id"), approved.text("id"));
        let (rival, _) = super::partner(&scene, "Contoso");
        advance(&scene.admin, "P30D");
        let done = act(&scene.admin, &path, "suspend", &why()).expect_status(200);
        assert_eq!((&done.json["effects"]["held"], &done.json["effects"]["paused"]), (&json!([open_id]), &json!([id])));
        let since = time(&get(&partner.admin, &id).json["paused"]["since"]);
        let left = time(&approved.json["protected_until"]) - since;
        advance(&scene.admin, "P400D");
        let paused = get(&partner.admin, &id);
        assert_eq!((paused.text("status"), &paused.json["protected_until"]), ("approved".into(), &Value::Null));
        assert_eq!(get(&partner.admin, &open_id).json["decision_due_at"], Value::Null);
        assert_eq!(scene.admin.all(&format!("{DEALS}?status=approved&program=strict")).len(), 1);
        // The account stays reserved, and nobody is told a date that there is not.
        let refused = register(&rival.admin, &strict("approved.example"));
        assert_eq!((refused.text("verdict"), &refused.json["findings"][0]["until"]), ("conflict".into(), &Value::Null));
        let held = act(&scene.admin, &format!("{DEALS}/{open_id}"), "approve", &json!({}));
        assert_eq!(codes(&held.expect_problem(422, "policy_refuses")), ["on_hold"]);
        let extended = act(&scene.admin, &format!("{DEALS}/{id}"), "extend", &json!({"progress": "x"}));
        assert_eq!(codes(&extended.expect_problem(422, "policy_refuses")), ["on_hold"]);
        let before = now(&scene.admin);
        let back = act(&scene.admin, &path, "reinstate", &why()).expect_status(200);
        assert_eq!(back.json["effects"]["resumed"], json!([open_id, id]));
        let shown = get(&partner.admin, &id);
        let again = time(&shown.json["protected_until"]) - left;
        assert!(again >= before && again <= now(&scene.admin), "{}", shown.text);
        assert_eq!(shown.json["paused"], Value::Null);
        assert!(time(&get(&partner.admin, &open_id).json["decision_due_at"]) > time(&open.json["decision_due_at"]));
        assert_eq!(
            told(&scene.admin, &id),
            ["created", "submitted", "approved", "paused", "resumed"].map(|kind| format!("deal_registration.{kind}"))
        );
        act(&scene.admin, &format!("{DEALS}/{open_id}"), "approve", &json!({})).expect_status(200);
        advance(&scene.admin, "P61D");
        assert_eq!(get(&partner.admin, &id).text("status"), "expired");
    }

    fn several_suspensions_stop_the_clock_once(server: Server) {
        let scene = vendor(&server, &policy("keep", "pause"));
        let (partner, path, [_, approved]) = cast(&scene);
        let (id, enrollment) = (approved.text("id"), path.rsplit('/').next().unwrap());
        let suspend = |days: i64| {
            let violation = json!({
                "partner_id": partner.id, "enrollment_id": enrollment, "category": "payment", "text": "x", "found_by": "x",
                "consequence": {"kind": "suspension", "until": in_days(&scene.admin, days)}
            });
            scene.admin.post("/v1/violations", &violation).expect_status(201)
        };
        let until = || time(&get(&partner.admin, &id).json["protected_until"]);
        let longer_by = |days: i64| {
            let off = until() - time(&approved.json["protected_until"]) - chrono::TimeDelta::days(days);
            assert!(off.num_seconds().abs() < 60, "{off}");
        };
        let decided = register(&partner.admin, &undecided("later.example")).text("id");
        let first = suspend(10);
        // What the vendor approves meanwhile stands still like the rest.
        let approve = act(&scene.admin, &format!("{DEALS}/{decided}"), "approve", &json!({})).expect_status(200);
        assert_eq!(approve.json["paused"]["until"], first.json["consequence"]["until"]);
        act(&scene.admin, &format!("{DEALS}/{decided}"), "release", &json!({"text": "x"})).expect_status(200);
        longer_by(10);
        let second = suspend(20);
        assert_eq!(second.json["effects"]["paused"], json!([id]));
        longer_by(20);
        // The shorter one changes nothing while the longer holds.
        act(&scene.admin, &format!("/v1/violations/{}", first.text("id")), "withdraw", &why()).expect_status(200);
        longer_by(20);
        act(&scene.admin, &path, "suspend", &why()).expect_status(200);
        assert_eq!(get(&partner.admin, &id).json["protected_until"], Value::Null);
        let back = act(&scene.admin, &path, "reinstate", &why()).expect_status(200);
        assert_eq!(back.json["standing"]["may_act"], json!(false), "the violation still stands");
        longer_by(20);
        advance(&scene.admin, "P5D");
        let withdrawn = act(&scene.admin, &format!("/v1/violations/{}", second.text("id")), "withdraw", &why());
        assert_eq!(withdrawn.expect_status(200).json["effects"]["resumed"], json!([id]));
        longer_by(5);
        act(&partner.admin, &format!("{DEALS}/{id}"), "release", &json!({})).expect_status(200);
    }

    fn a_pause_ends_by_itself_with_its_suspension(server: Server) {
        let scene = vendor(&server, &policy("hold", "pause"));
        let (partner, path, [open, approved]) = cast(&scene);
        let violation = json!({
            "partner_id": partner.id, "enrollment_id": path.rsplit('/').next().unwrap(), "category": "payment", "text": "x",
            "found_by": "x", "consequence": {"kind": "suspension", "until": in_days(&scene.admin, 10)}
        });
        let made = scene.admin.post("/v1/violations", &violation).expect_status(201);
        expect_effects_of_both(&made, &open.text("id"), &approved.text("id"));
        let paused = get(&partner.admin, &approved.text("id"));
        assert_eq!(paused.json["paused"]["until"], made.json["consequence"]["until"]);
        advance(&scene.admin, "P10D");
        let shown = get(&partner.admin, &approved.text("id"));
        assert_eq!((&shown.json["paused"], &shown.json["protected_until"]), (&Value::Null, &paused.json["protected_until"]));
        act(&scene.admin, &format!("{DEALS}/{}", open.text("id")), "approve", &json!({})).expect_status(200);
        act(&partner.admin, &format!("{DEALS}/{}", approved.text("id")), "release", &json!({})).expect_status(200);
    }
}

#[track_caller]
fn expect_effects_of_both(answer: &Answer, held: &str, paused: &str) {
    let effects = json!({"held": [held], "withdrawn": [], "paused": [paused], "released": [], "resumed": []});
    assert_eq!(answer.json["effects"], effects);
}

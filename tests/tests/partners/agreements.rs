//! Agreements: published once, accepted as read, and asked for before a partner acts.

use super::*;

const AGREEMENTS: &str = "/v1/agreements";

fn sections() -> Value {
    json!({"agreement": {"slug": "rules", "required_for": ["register_deals", "extend_protection"]}})
}

/// The agreement `rules` with its first version; its path.
fn agreement(scene: &Scene) -> String {
    let new = json!({"slug": "rules", "title": "Rules of engagement", "program": "strict"});
    let made = scene.admin.post(AGREEMENTS, &new).expect_status(201);
    let path = format!("{AGREEMENTS}/{}", made.text("id"));
    assert_eq!((made.header("location"), &made.json["current"]), (Some(path.as_str()), &Value::Null));
    publish(scene, &path, json!({"text": "# Rules\n\nBe kind.", "requires_reacceptance": false}));
    path
}

#[track_caller]
fn publish(scene: &Scene, path: &str, version: Value) -> Answer {
    act(&scene.admin, path, "publish", &version).expect_status(200)
}

/// What a partner sends who has read the version in force.
fn read(client: &Client, path: &str) -> Value {
    let current = client.get(path).expect_status(200).json["current"].clone();
    json!({"version": current["number"], "digest": current["digest"]})
}

on_both! {
    fn a_version_is_published_once_and_for_all(server: Server) {
        let scene = vendor(&server, &json!({}));
        let path = agreement(&scene);
        let shown = scene.admin.get(&path);
        let first = shown.json["current"].clone();
        // SHA-256 of the text, by another's hand.
        assert_eq!(first["digest"], "0639e656076ad0abcde104037acde3304d957459a50429d9fb59496dd2e8a6e1");
        assert_eq!((&first["number"], &first["text"]), (&json!(1), &json!("# Rules\n\nBe kind.")));
        let second = json!({"text": "# Rules\n\nBe fair.", "requires_reacceptance": true, "url": "https://v.example/2"});
        let stale = Answer::of(
            scene.admin.request(Method::POST, &format!("{path}/publish")).header("If-Match", "\"old\"").json(&second),
        );
        stale.expect_problem(412, "stale");
        let once = |key: &str| scene.admin.post_once(&format!("{path}/publish"), key, &second).expect_status(200);
        assert_eq!(once("a").text, once("a").text, "the same key publishes once");
        let versions = scene.admin.all(&format!("{path}/versions"));
        assert_eq!(versions.iter().map(|one| one["number"].clone()).collect::<Vec<_>>(), [json!(2), json!(1)]);
        assert_eq!(versions[1], first, "the first has not changed");
        let (action, before, after) = audited(&scene.admin, path.rsplit('/').next().unwrap());
        assert_eq!((action.as_str(), &before["current"]["number"]), ("publishAgreement", &json!(1)));
        assert_eq!(after, scene.admin.get(&path).json);
        assert_eq!(
            told(&scene.admin, path.rsplit('/').next().unwrap()),
            ["agreement.created", "agreement.published", "agreement.published"]
        );
    }

    fn what_is_wrong_with_an_agreement_is_told(server: Server) {
        let scene = vendor(&server, &json!({}));
        let path = agreement(&scene);
        let again = json!({"slug": "rules", "title": "Again"});
        assert_eq!(scene.admin.post(AGREEMENTS, &again).expect_problem(409, "already_exists").faults(), ["/slug"]);
        let lost = json!({"slug": "other", "title": "Other", "program": "nowhere"});
        assert_eq!(scene.admin.post(AGREEMENTS, &lost).expect_problem(422, "invalid_body").faults(), ["/program"]);
        let past = json!({"text": "x", "requires_reacceptance": false, "effective_from": "2020-01-01T00:00:00Z"});
        let refused = act(&scene.admin, &path, "publish", &past).expect_problem(422, "invalid_body");
        assert_eq!(codes(&refused), ["in_the_past", "contradiction"]);
        let script = json!({"text": "x", "requires_reacceptance": false, "url": "javascript:alert(1)"});
        assert_eq!(act(&scene.admin, &path, "publish", &script).expect_problem(422, "invalid_body").faults(), ["/url"]);
        let changed = scene.admin.patch(&path, &scene.admin.get(&path).tag(), &json!({"title": "New"})).expect_status(200);
        assert_eq!(changed.text("title"), "New");
        let named = |query: &str| scene.admin.all(&format!("{AGREEMENTS}?{query}")).len();
        assert_eq!((named("slug=rules"), named("program=strict"), named("program=reseller")), (1, 1, 0));
        assert_eq!(named(&format!("updated_after={}", changed.text("updated_at"))), 1);
    }

    fn who_has_not_accepted_does_not_register(server: Server) {
        let scene = vendor(&server, &sections());
        let (partner, enrollment) = partner(&scene, "Northwind");
        // The program asks for what is not there yet: that is no way in.
        partner.admin.post(DEALS, &strict("a.example")).expect_problem(409, "agreement_required");
        let path = agreement(&scene);
        let id = path.rsplit('/').next().unwrap();
        let refused = partner.admin.post(DEALS, &strict("a.example")).expect_problem(409, "agreement_required");
        assert!(refused.text("detail").contains("rules, version 1"), "{}", refused.text);
        assert_eq!(codes(&refused), ["agreement_required"]);
        let check = json!({"program": "strict", "products": ["core"], "account": strict("a.example")["account"]});
        partner.admin.post(&format!("{DEALS}/check"), &check).expect_problem(409, "agreement_required");
        let mut for_them = strict("a.example");
        for_them["partner_id"] = json!(partner.id);
        scene.admin.post(DEALS, &for_them).expect_problem(409, "agreement_required");
        let standing = partner.admin.get(&format!("/v1/enrollments/{enrollment}/standing")).expect_status(200);
        assert_eq!((&standing.json["may_act"], &standing.json["blocks"][0]["agreement_id"]), (&json!(false), &json!(id)));
        assert_eq!(standing.json["blocks"][0]["actions"], json!(["register_deals", "extend_protection"]));
        // Another program does not ask.
        register(&partner.admin, &deal("a.example"));
        let accepted = act(&partner.admin, &path, "accept", &read(&partner.admin, &path)).expect_status(201);
        assert_eq!(accepted.json["accepted_by"], partner.admin.get("/v1/me").json["subject"]);
        assert_eq!((accepted.text("partner_id"), accepted.text("address")), (partner.id.clone(), "127.0.0.1".into()));
        assert_eq!(accepted.json["digest"], read(&partner.admin, &path)["digest"]);
        assert_eq!(partner.admin.get(accepted.header("location").unwrap()).json, accepted.json);
        assert_eq!(audited(&scene.admin, &accepted.text("id")), ("acceptAgreement".into(), Value::Null, accepted.json));
        register(&partner.admin, &strict("b.example"));
        let standing = partner.admin.get(&format!("/v1/enrollments/{enrollment}/standing")).expect_status(200);
        assert_eq!((&standing.json["may_act"], &standing.json["blocks"]), (&json!(true), &json!([])));
    }

    fn what_was_not_read_is_not_accepted(server: Server) {
        let scene = vendor(&server, &sections());
        let (partner, _) = partner(&scene, "Northwind");
        let path = agreement(&scene);
        let accept = |body: &Value| act(&partner.admin, &path, "accept", body);
        let first = read(&partner.admin, &path);
        let mut other = first.clone();
        other["digest"] = json!("0".repeat(64));
        let refused = accept(&other).expect_problem(409, "agreement_changed");
        assert!(refused.text("detail").contains(first["digest"].as_str().unwrap()), "{}", refused.text);
        publish(&scene, &path, json!({"text": "Second.", "requires_reacceptance": false}));
        accept(&first).expect_problem(409, "agreement_changed");
        accept(&json!({"version": 3, "digest": first["digest"]})).expect_problem(409, "agreement_changed");
        assert_eq!(accept(&json!({})).expect_problem(422, "invalid_body").faults(), ["/digest", "/version"]);
        let second = read(&partner.admin, &path);
        let once = |key: &str| partner.admin.post_once(&format!("{path}/accept"), key, &second);
        assert_eq!(once("k").expect_status(201).text, once("k").expect_status(201).text);
        accept(&second).expect_problem(409, "already_exists");
    }

    fn the_vendor_records_what_was_accepted_elsewhere(server: Server) {
        let scene = vendor(&server, &sections());
        let (own, _) = partner(&scene, "Northwind");
        let (other, _) = partner(&scene, "Contoso");
        let path = agreement(&scene);
        let mut body = read(&scene.admin, &path);
        let refused = act(&scene.admin, &path, "accept", &body).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/accepted_by", "/evidence", "/partner_id"]);
        body["partner_id"] = json!(own.id);
        body["accepted_by"] = json!("Ada Lovelace");
        body["accepted_at"] = json!("2026-01-31T12:00:00Z");
        body["evidence"] = json!({"text": "Signed on paper.", "url": "https://files.vendor.example/1.pdf"});
        // A partner signs for itself, and leaves the when and how to us.
        let refused = act(&own.admin, &path, "accept", &body).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/accepted_at", "/accepted_by", "/evidence"]);
        let made = act(&scene.admin, &path, "accept", &body).expect_status(201);
        assert_eq!((made.text("accepted_by"), made.text("accepted_at")), ("Ada Lovelace".into(), "2026-01-31T12:00:00.000000Z".into()));
        assert_eq!(made.json["recorded_by"], scene.admin.get("/v1/me").json["subject"]);
        register(&own.admin, &strict("a.example"));
        // Whose acceptance it is, is nobody else's business.
        let list = "/v1/agreement-acceptances";
        assert_eq!(own.admin.all(list), std::slice::from_ref(&made.json));
        assert!(other.admin.all(list).is_empty());
        other.admin.get(made.header("location").unwrap()).expect_problem(404, "not_found");
        let mut for_another = read(&other.admin, &path);
        for_another["partner_id"] = json!(own.id);
        let refused = act(&other.admin, &path, "accept", &for_another).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/partner_id"]);
        let count = |query: &str| scene.admin.all(&format!("{list}?{query}")).len();
        assert_eq!(count(&format!("partner_id={}&version=1", own.id)), 1);
        assert_eq!((count("version=2"), count(&format!("partner_id={}", other.id))), (0, 0));
        assert_eq!(count(&format!("agreement_id={}", path.rsplit('/').next().unwrap())), 1);
        assert_eq!(count(&format!("updated_after={}", made.text("created_at"))), 1);
        let member = scene.user("member@northwind.example", "partner_member", Some(&own.id));
        act(&member, &path, "accept", &read(&member, &path)).expect_problem(403, "insufficient_scope");
    }
}

on_both_with! {
    UNSWEPT;
    fn a_new_version_is_asked_for_from_its_day_on(server: Server) {
        let scene = vendor(&server, &sections());
        let (first, _) = partner(&scene, "Northwind");
        let (second, _) = partner(&scene, "Contoso");
        let path = agreement(&scene);
        for one in [&first, &second] {
            act(&one.admin, &path, "accept", &read(&one.admin, &path)).expect_status(201);
        }
        let open = register(&first.admin, &strict("open.example")).text("id");
        // Another wording: who accepted before need not again.
        publish(&scene, &path, json!({"text": "Reworded.", "requires_reacceptance": false}));
        register(&first.admin, &strict("a.example"));
        let new = json!({"text": "New.", "requires_reacceptance": true, "effective_from": in_days(&scene.admin, 30)});
        let shown = publish(&scene, &path, new);
        assert_eq!((&shown.json["current"]["number"], &shown.json["next"]["number"]), (&json!(2), &json!(3)));
        register(&first.admin, &strict("b.example"));
        // Who reads ahead accepts ahead.
        let next = json!({"version": 3, "digest": shown.json["next"]["digest"]});
        act(&second.admin, &path, "accept", &next).expect_status(201);
        advance(&scene.admin, "P30D");
        let refused = first.admin.post(DEALS, &strict("c.example")).expect_problem(409, "agreement_required");
        assert!(refused.text("detail").contains("rules, version 3"), "{}", refused.text);
        let progress = json!({"progress": "on it"});
        let deal = format!("{DEALS}/{open}");
        act(&first.admin, &deal, "extend", &progress).expect_problem(409, "agreement_required");
        // What the program does not ask it for, stays possible.
        first.admin.patch(&deal, &get(&first.admin, &open).tag(), &json!({"notes": "x"})).expect_status(200);
        register(&second.admin, &strict("d.example"));
        act(&first.admin, &path, "accept", &next).expect_status(201);
        register(&first.admin, &strict("c.example"));
    }
}

//! Why: the timeline in words and data, and the explanation of a verdict.

use super::*;

fn timeline(client: &Client, id: &str) -> Vec<Value> {
    let answer = client.get(&format!("{DEALS}/{id}/timeline")).expect_status(200);
    answer.json["data"].as_array().unwrap().clone()
}

fn explanation(client: &Client, id: &str) -> Value {
    client.get(&format!("{DEALS}/{id}/explanation")).expect_status(200).json
}

/// The members of the data that say something.
fn data(entry: &Value) -> Value {
    let said = |value: &Value| !value.is_null() && *value != json!([]);
    entry["data"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| said(value))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

on_both! {
    fn the_timeline_tells_everything_in_order(server: Server) {
        let extension = json!({"times": 1, "days": 30, "earliest_days_before_end": 1000, "progress_required": true});
        let scene = Scene::new(&server, json!({"protection": {"extension": extension}}));
        let partner = scene.partner("Northwind");
        let id = register(&partner.admin, &deal_with("acme.example", json!({"submit": false}))).text("id");
        patch(&partner.admin, &id, &json!({"title": "New", "notes": "New"})).expect_status(200);
        act(&partner.admin, &id, "submit", &json!({})).expect_status(200);
        act(&scene.admin, &id, "claim-review", &json!({})).expect_status(200);
        let requests =
            json!({"requests": [{"field": "/contact", "text": "Who?"}, {"field": "/notes", "text": "Why?"}]});
        act(&scene.admin, &id, "request-information", &requests).expect_status(200);
        act(&partner.admin, &id, "submit", &json!({})).expect_status(200);
        let granted = act(&scene.admin, &id, "approve", &json!({})).expect_status(200);
        let longer = act(&partner.admin, &id, "extend", &json!({"by": "P5D", "progress": "Good."})).expect_status(200);
        act(&partner.admin, &id, "lose", &json!({"reason": "missing_feature"})).expect_status(200);

        let (until, later) = (granted.text("protected_until"), longer.text("protected_until"));
        let expected = [
            ("created", json!({}), "Registered.".to_owned(), "partner"),
            ("updated", json!({"changed": ["title", "notes"]}), "Changed: title, notes.".into(), "partner"),
            (
                "submitted",
                json!({"from": "draft", "to": "submitted", "reason": "clean"}),
                "Handed in; the verdict is clean.".into(),
                "partner",
            ),
            (
                "in_review",
                json!({"from": "submitted", "to": "in_review", "reason": "claimed"}),
                "Taken into review: claimed.".into(),
                "vendor",
            ),
            (
                "action_required",
                json!({"from": "in_review", "to": "action_required", "changed": ["/contact", "/notes"]}),
                "The partner is asked for more: /contact, /notes.".into(),
                "vendor",
            ),
            (
                "submitted",
                json!({"from": "action_required", "to": "submitted", "reason": "clean"}),
                "Handed in; the verdict is clean.".into(),
                "partner",
            ),
            (
                "approved",
                json!({"from": "submitted", "to": "approved", "reason": "decision", "until": until}),
                format!("Approved by decision; protected until {}.", &until[..10]),
                "vendor",
            ),
            ("extended", json!({"until": later}), format!("Protection extended until {}.", &later[..10]), "partner"),
            (
                "lost",
                json!({"from": "approved", "to": "lost", "reason": "missing_feature"}),
                "Lost: missing feature.".into(),
                "partner",
            ),
        ];
        let who = |side: &str| {
            if side == "vendor" { scene.admin.get("/v1/me") } else { partner.admin.get("/v1/me") }.json["subject"]
                .clone()
        };
        let entries = timeline(&partner.admin, &id);
        assert_eq!(entries.len(), expected.len());
        for (entry, (kind, said, text, side)) in entries.iter().zip(expected) {
            assert_eq!(entry["type"], format!("deal_registration.{kind}"));
            assert_eq!((data(entry), entry["text"].as_str()), (said, Some(text.as_str())), "{kind}");
            assert_eq!(entry["actor"], who(side), "{kind}");
        }
        assert!(entries.windows(2).all(|pair| time(&pair[0]["occurred_at"]) <= time(&pair[1]["occurred_at"])));
        assert_eq!(timeline(&scene.admin, &id), entries, "both sides read the same");
    }

    fn the_timeline_and_the_feed_tell_the_same(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Northwind");
        let made = register(&partner.admin, &deal("acme.example"));
        let entries = timeline(&partner.admin, &made.text("id"));
        let feed = feed(&partner.admin, "");
        let of_deal: Vec<&Value> = feed.iter().filter(|event| event["subject"] == made.json["id"]).collect();
        assert_eq!(of_deal.len(), entries.len());
        for (event, entry) in of_deal.iter().zip(&entries) {
            assert_eq!(
                (&event["id"], &event["type"], &event["data"]),
                (&entry["event_id"], &entry["type"], &entry["data"])
            );
            assert_eq!((&event["program"], &event["program_version"]), (&json!("reseller"), &json!(1)));
            assert_eq!(event["partner_id"], partner.id.as_str());
        }
        // What the policy decides, the engine does; who handed it in is named where it was handed in.
        assert_eq!(entries[2]["data"]["reason"], "policy");
        assert_eq!(made.json["decision"]["by"], "system");
    }

    fn a_draft_has_nothing_to_explain(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Northwind");
        let id = register(&partner.admin, &deal_with("acme.example", json!({"submit": false}))).text("id");
        let told = explanation(&partner.admin, &id);
        assert_eq!((&told["verdict"], &told["inputs"]), (&Value::Null, &Value::Null));
        assert_eq!((&told["rules"], &told["findings"]), (&json!([]), &json!([])));
        assert_eq!((&told["program"], &told["program_version"]), (&json!("reseller"), &json!(1)));
    }

    fn an_explanation_has_inputs_rules_and_the_version_of_the_program(server: Server) {
        let scene = Scene::approving(&server);
        let (partner, rival) = (scene.partner("Northwind"), scene.partner("Contoso"));
        register(&rival.admin, &deal("acme.example"));
        let body = deal_with(
            "x.example",
            json!({"products": ["core", "extra"], "account": {
                "name": "Acme Industries GmbH", "domain": "https://www.Acme.example/shop", "country": "DE"
            }}),
        );
        let made = register(&partner.admin, &body);
        let told = explanation(&partner.admin, &made.text("id"));
        let program = scene.admin.get("/v1/programs/reseller").expect_status(200).json;
        let inputs = &told["inputs"];
        assert_eq!(inputs["evaluated_at"], made.json["submitted_at"]);
        assert_eq!((&inputs["program"], &inputs["program_version"]), (&json!("reseller"), &program["version"]));
        assert_eq!(inputs["program_digest"], program["digest"]);
        assert_eq!(
            (&inputs["domain"], &inputs["normalized_name"]),
            (&json!("acme.example"), &json!("acme industries"))
        );
        assert_eq!((&inputs["country"], &inputs["products"]), (&json!("DE"), &json!(["core", "extra"])));
        assert_eq!((&inputs["tier"], &inputs["protection_days"]), (&json!("Gold"), &json!(90)));
        assert_eq!((&inputs["name_threshold_per_mille"], &inputs["territory"]), (&json!(880), &json!([])));
        let rules: Vec<_> = told["rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| (rule["rule"].as_str().unwrap(), rule["findings"].as_u64().unwrap()))
            .collect();
        assert_eq!(
            rules,
            [
                ("protection.same_account", 1),
                ("registration.own_duplicate", 0),
                ("vendor_opportunity.open", 0),
                ("account.named", 0),
                ("account.similar_name", 0),
                ("enrollment.territory", 0),
            ]
        );
        for member in
            ["verdict", "findings", "decision", "dispute", "decision_due_at", "protected_from", "protected_until"]
        {
            assert_eq!(told[member], made.json[member], "{member}");
        }
        let vendor = explanation(&scene.admin, &made.text("id"));
        assert_eq!(vendor["findings"][0]["evidence"]["partner_id"], rival.id.as_str());
        assert_eq!(told["findings"][0]["evidence"], Value::Null);
        assert_eq!((&vendor["inputs"], &vendor["rules"]), (inputs, &told["rules"]));
    }

    fn an_explanation_stays_what_it_was_when_things_change(server: Server) {
        let scene = Scene::approving(&server);
        let (partner, rival) = (scene.partner("Northwind"), scene.partner("Contoso"));
        let held = register(&rival.admin, &deal("acme.example")).text("id");
        let id = register(&partner.admin, &deal("acme.example")).text("id");
        let before = explanation(&partner.admin, &id);
        act(&rival.admin, &held, "release", &json!({})).expect_status(200);
        let path = format!("/v1/enrollments/{}", partner.enrollment);
        scene.admin.patch(&path, &scene.admin.get(&path).tag(), &json!({"tier": "Silver"})).expect_status(200);
        assert_eq!(explanation(&partner.admin, &id), before);
        // Handed in again, it is judged again.
        act(&scene.admin, &id, "request-information", &json!({"requests": [{"field": "", "text": "?"}]}))
            .expect_status(200);
        let again = act(&partner.admin, &id, "submit", &json!({})).expect_status(200);
        assert_eq!((again.text("verdict"), again.text("status")), ("clean".into(), "approved".into()));
        assert_eq!(explanation(&partner.admin, &id)["inputs"]["tier"], "Silver");
    }

    fn every_change_has_its_entry_in_the_audit_trail(server: Server) {
        let scene = Scene::new(&server, json!({}));
        let partner = scene.partner("Northwind");
        let id = register(&partner.admin, &deal_with("acme.example", json!({"submit": false}))).text("id");
        patch(&partner.admin, &id, &json!({"title": "New"})).expect_status(200);
        act(&partner.admin, &id, "submit", &json!({})).expect_status(200);
        act(&scene.admin, &id, "approve", &json!({})).expect_status(200);
        let entries = scene.admin.all("/v1/audit-entries?limit=200");
        let of_deal: Vec<&Value> = entries.iter().filter(|entry| entry.to_string().contains(&id)).collect();
        assert_eq!(of_deal.len(), 4, "{of_deal:?}");
        for action in
            ["createDealRegistration", "updateDealRegistration", "submitDealRegistration", "approveDealRegistration"]
        {
            assert!(of_deal.iter().any(|entry| entry.to_string().contains(action)), "{action}");
        }
    }
}

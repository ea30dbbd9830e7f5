//! What comes out for a partner.

use tests::{Scene, json, on_both};

use super::{PROGRAM, send};

on_both! {
    fn a_stored_program_is_evaluated(server: Server) {
        let admin = server.admin();
        send(&admin, "/v1/programs", PROGRAM).expect_status(201);
        let facts = json!({"revenue": 112_000.5, "people": {"ann": ["cert_a"], "bob": ["cert_b"]}});
        let asked = json!({"program": "gold", "facts": facts, "as_of": "2026-12-31", "explain": ["Gold", "certified", "score.total"]});
        let came = admin.post("/v1/programs/evaluate", &asked).expect_status(200).json;
        assert_eq!((&came["tier"], &came["version"], &came["as_of"]), (&json!("Registered"), &json!(1), &json!("2026-12-31")));
        assert_eq!(came["tiers"], json!([{"name": "Registered", "outcome": "met"}, {"name": "Gold", "outcome": "not_met"}]));
        assert_eq!((&came["metrics"]["certified"], &came["rules"]["skilled"]), (&json!(1), &json!("not_met")));
        assert_eq!(came["eligibility"], json!({"has_people": "met"}));
        assert_eq!(came["scores"]["total"]["total"], 60);
        assert_eq!(came["scores"]["total"]["components"][0], json!({"name": "money", "points": 50, "applies": true, "gate_open": true}));
        let gold = &came["explanations"]["Gold"];
        assert_eq!((&gold["words"], &gold["outcome"]), (&json!("Gold is not met"), &json!("not_met")));
        let unmet = &gold["children"][0]["children"][1]["children"][0];
        assert_eq!((&unmet["gap"], &unmet["threshold"], &unmet["pointer"]), (&json!(1), &json!(2), &json!("/rules/skilled/requires")), "{gold}");
        // The same facts, the same answer, to the byte.
        assert_eq!(admin.post_once("/v1/programs/evaluate", "once", &asked).expect_status(200).json, came);
        let replayed = admin.post_once("/v1/programs/evaluate", "once", &asked).expect_status(200);
        assert_eq!((replayed.header("idempotency-replayed"), &replayed.json), (Some("true"), &came));
    }

    fn a_document_is_evaluated_without_being_stored(server: Server) {
        let admin = server.admin();
        let document = json!({
            "slug": "a", "name": "A", "facts": {"revenue": {"type": "number", "unit": "EUR"}},
            "tiers": [{"name": "Registered"}, {"name": "Gold", "requires": {"metric": "revenue", "at_least": 10}}]
        });
        let ask = |facts| admin.post("/v1/programs/evaluate", &json!({"document": document, "facts": facts}));
        let came = ask(json!({"revenue": 10})).expect_status(200).json;
        assert_eq!((&came["tier"], came.get("version")), (&json!("Gold"), None));
        assert!(came["as_of"].is_string());
        assert_eq!(ask(json!({"revenue": "29/3"})).json["tier"], "Registered");
        assert_eq!(ask(json!({})).json["tiers"][1]["outcome"], "unknown");
        assert!(admin.all("/v1/programs").is_empty());
    }

    fn what_is_wrong_with_the_request_is_told_at_once(server: Server) {
        let admin = server.admin();
        send(&admin, "/v1/programs", PROGRAM).expect_status(201);
        let ask = |body| admin.post("/v1/programs/evaluate", &body);
        let facts = ask(json!({"program": "gold", "facts": {"revenu": 1, "revenue": "much"}})).expect_problem(422, "invalid_body");
        assert_eq!(facts.faults(), ["/facts/revenu", "/facts/revenue"]);
        let explain = ask(json!({"program": "gold", "explain": ["tier", "Gold"]})).expect_problem(422, "invalid_body");
        assert_eq!(explain.faults(), ["/explain/0"]);
        for body in [json!({}), json!({"program": "gold", "document": {}})] {
            assert_eq!(ask(body).expect_problem(422, "invalid_body").json["errors"][0]["code"], "exactly_one");
        }
        assert_eq!(ask(json!({"program": "nothing"})).expect_problem(422, "invalid_body").faults(), ["/program"]);
        let document = json!({"slug": "a", "name": "A", "metrics": {"x": {"sum": ["y"]}}, "tiers": [{"name": "A", "requires": {"metrik": 1}}]});
        let refused = ask(json!({"document": document})).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/document/tiers/0/requires"]);
        let document = json!({"slug": "a", "name": "A", "metrics": {"x": {"sum": ["y"]}}});
        let refused = ask(json!({"document": document})).expect_problem(422, "invalid_program");
        assert_eq!(refused.faults(), ["/document/metrics/x/sum/0"]);
    }

    fn a_partner_may_ask_and_may_not_check_documents(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Acme").admin;
        let came = partner.post("/v1/programs/evaluate", &json!({"program": "reseller"})).expect_status(200);
        // A ladder that requires nothing.
        assert_eq!(came.json["tier"], "Gold");
        partner.post("/v1/programs/validate", &json!({})).expect_problem(403, "insufficient_scope");
    }
}

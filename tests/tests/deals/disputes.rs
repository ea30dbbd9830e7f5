//! Disputes: a partner does not accept a decision or a conflict, and the vendor says what becomes of it.

use super::*;

struct Cast {
    scene: Scene,
    partner: Partner,
    rival: Partner,
}

impl Cast {
    fn new(server: &Server) -> Self {
        let scene = Scene::new(server, json!({"auto_approve": {}}));
        let (partner, rival) = (scene.partner("Northwind"), scene.partner("Contoso"));
        Self { scene, partner, rival }
    }

    /// What the rival holds at `acme.example`, and the partner's disputed claim on some of it.
    fn disputed(&self, held: &[&str], claimed: &[&str]) -> (String, String) {
        let theirs = register(&self.rival.admin, &deal_with("acme.example", json!({"products": held})));
        let ours = register(&self.partner.admin, &deal_with("acme.example", json!({"products": claimed})));
        assert_eq!(ours.text("verdict"), "conflict");
        let ours = ours.text("id");
        act(&self.partner.admin, &ours, "dispute", &json!({"text": "We were first."})).expect_status(200);
        (theirs.text("id"), ours)
    }

    fn resolve(&self, id: &str, body: Value) -> Answer {
        act(&self.scene.admin, id, "resolve", &body)
    }

    /// What a third partner would be told of these products.
    fn verdict_of(&self, products: &[&str]) -> String {
        let body = json!({"program": "reseller", "partner_id": self.third(), "products": products,
            "account": {"name": "Acme", "domain": "acme.example", "country": "DE"}});
        self.scene.admin.post(&format!("{DEALS}/check"), &body).expect_status(200).text("verdict")
    }

    fn third(&self) -> String {
        let known = self.scene.admin.get("/v1/partners?q=fabrikam").expect_status(200).json["data"][0]["id"].clone();
        known.as_str().map_or_else(|| self.scene.partner("Fabrikam").id, str::to_owned)
    }
}

fn resolution(kind: &str) -> Value {
    json!({"resolution": kind, "text": "After hearing both."})
}

fn split(products: &[&str]) -> Value {
    json!({"resolution": "split", "text": "Each its own.", "products": products})
}

on_both! {
    fn a_rejection_can_be_disputed_and_upheld(server: Server) {
        let Cast { scene, partner, .. } = &Cast::new(&server);
        scene.program("manual", json!({}));
        scene.enroll(&partner.id, "manual", "Gold");
        let id = register(&partner.admin, &deal_with("acme.example", json!({"program": "manual"}))).text("id");
        act(&scene.admin, &id, "reject", &json!({"reason": "not_qualified", "text": "No budget."})).expect_status(200);
        let open = act(&partner.admin, &id, "dispute", &json!({"text": "There is one."})).expect_status(200);
        let dispute = &open.json["dispute"];
        assert_eq!(
            (open.text("status"), &dispute["text"], &dispute["resolution"]),
            ("rejected".into(), &json!("There is one."), &Value::Null)
        );
        assert_eq!(dispute["opened_by"], partner.admin.get("/v1/me").json["subject"]);
        let upheld = act(&scene.admin, &id, "resolve", &resolution("uphold")).expect_status(200);
        assert_eq!(upheld.text("status"), "rejected");
        assert_eq!(upheld.json["dispute"]["resolution_text"], "After hearing both.");
        assert_eq!(upheld.json["dispute"]["resolved_at"], upheld.json["updated_at"]);
        assert_eq!(upheld.json["decision"]["reason"], "not_qualified", "the decision stands");
        assert_eq!(told(&partner.admin, &id), ["created", "submitted", "rejected", "disputed", "dispute_resolved"]);
    }

    fn a_rejection_that_is_overturned_is_approved(server: Server) {
        let Cast { scene, partner, rival } = &Cast::new(&server);
        scene.program("manual", json!({}));
        scene.enroll(&partner.id, "manual", "Silver");
        let id = register(&partner.admin, &deal_with("acme.example", json!({"program": "manual"}))).text("id");
        act(&scene.admin, &id, "reject", &json!({"reason": "other", "text": "No."})).expect_status(200);
        act(&partner.admin, &id, "dispute", &json!({"text": "Yes."})).expect_status(200);
        let shown = act(&scene.admin, &id, "resolve", &resolution("overturn")).expect_status(200);
        assert_eq!(shown.text("status"), "approved");
        assert_eq!(time(&shown.json["protected_until"]) - time(&shown.json["protected_from"]), TimeDelta::days(60));
        assert_eq!(
            told(&partner.admin, &id),
            ["created", "submitted", "rejected", "disputed", "approved", "dispute_resolved"]
        );
        scene.enroll(&rival.id, "manual", "Gold");
        let other = register(&rival.admin, &deal_with("acme.example", json!({"program": "manual"})));
        assert_eq!(other.text("verdict"), "conflict");
    }

    fn a_conflict_that_is_upheld_stays_in_review(server: Server) {
        let cast = Cast::new(&server);
        let (theirs, ours) = cast.disputed(&["core"], &["core"]);
        let shown = cast.resolve(&ours, resolution("uphold")).expect_status(200);
        assert_eq!(shown.text("status"), "in_review");
        assert_eq!(get(&cast.scene.admin, &theirs).text("status"), "approved");
        assert_eq!(times_told(&cast.rival.admin, &theirs, "released"), 0);
        // It still has to be decided, and cannot be granted.
        act(&cast.scene.admin, &ours, "approve", &json!({})).expect_problem(409, "deal_conflict");
        act(&cast.scene.admin, &ours, "reject", &json!({"reason": "conflict", "text": "Taken."})).expect_status(200);
    }

    fn an_overturned_conflict_moves_the_protection(server: Server) {
        let cast = Cast::new(&server);
        let (theirs, ours) = cast.disputed(&["core"], &["core"]);
        let shown = cast.resolve(&ours, resolution("overturn")).expect_status(200);
        assert_eq!(
            (shown.text("status"), &shown.json["dispute"]["resolution"]),
            ("approved".into(), &json!("overturn"))
        );
        let lost = get(&cast.rival.admin, &theirs);
        assert_eq!((lost.text("status"), &lost.json["decision"]["reason"]), ("released".into(), &json!("dispute")));
        assert_eq!(lost.json["protected_until"], shown.json["protected_from"], "one ends where the other begins");
        assert_eq!(told(&cast.rival.admin, &theirs), ["created", "submitted", "approved", "released"]);
        assert_eq!(
            told(&cast.partner.admin, &ours),
            ["created", "submitted", "in_review", "disputed", "approved", "dispute_resolved"]
        );
        // It is the new holder's to give up, and then free.
        assert_eq!(cast.verdict_of(&["core"]), "conflict");
        act(&cast.partner.admin, &ours, "release", &json!({})).expect_status(200);
        assert_eq!(cast.verdict_of(&["core"]), "clean");
    }

    fn what_nobody_claims_stays_with_its_holder(server: Server) {
        let cast = Cast::new(&server);
        let (theirs, ours) = cast.disputed(&["a", "b", "c"], &["a", "b", "z"]);
        cast.resolve(&ours, resolution("overturn")).expect_status(200);
        let kept = get(&cast.rival.admin, &theirs);
        assert_eq!((kept.text("status"), &kept.json["products"]), ("approved".into(), &json!(["c"])));
        assert_eq!(get(&cast.partner.admin, &ours).json["products"], json!(["a", "b", "z"]));
        assert_eq!(
            told(&cast.rival.admin, &theirs),
            ["created", "submitted", "approved", "updated"],
            "one change is told once"
        );
        let evidence = |products: &[&str]| {
            let body = json!({"program": "reseller", "partner_id": cast.third(), "products": products,
                "account": {"name": "Acme", "domain": "acme.example", "country": "DE"}});
            let found =
                cast.scene.admin.post(&format!("{DEALS}/check"), &body).expect_status(200).json["findings"][0].clone();
            (found["evidence"]["deal_registration_id"].as_str().unwrap().to_owned(), found["products"].clone())
        };
        assert_eq!(evidence(&["a", "b"]), (ours, json!(["a", "b"])));
        assert_eq!(evidence(&["c"]), (theirs.clone(), json!(["c"])));
        let listed = |product: &str| {
            cast.rival.admin.get(&format!("{DEALS}?product={product}")).json["data"].as_array().unwrap().len()
        };
        assert_eq!((listed("a"), listed("c")), (0, 1));
    }

    fn a_split_gives_some_products_and_leaves_the_rest(server: Server) {
        let cast = Cast::new(&server);
        let (theirs, ours) = cast.disputed(&["a", "b"], &["a", "b"]);
        for (products, place) in [(vec![], "/products"), (vec!["a", "b"], "/products"), (vec!["a", "q"], "/products/1")]
        {
            assert_eq!(
                cast.resolve(&ours, split(&products)).expect_problem(422, "invalid_body").faults(),
                [place],
                "{products:?}"
            );
        }
        for kind in ["uphold", "overturn"] {
            let mut body = resolution(kind);
            body["products"] = json!(["a"]);
            assert_eq!(cast.resolve(&ours, body).expect_problem(422, "invalid_body").faults(), ["/products"]);
        }
        let shown = cast.resolve(&ours, split(&["b"])).expect_status(200);
        assert_eq!((shown.text("status"), &shown.json["products"]), ("approved".into(), &json!(["b"])));
        assert_eq!(shown.json["dispute"]["resolution"], "split");
        let kept = get(&cast.rival.admin, &theirs);
        assert_eq!((kept.text("status"), &kept.json["products"]), ("approved".into(), &json!(["a"])));
        for product in ["a", "b"] {
            assert_eq!(cast.verdict_of(&[product]), "conflict");
        }
        act(&cast.partner.admin, &ours, "release", &json!({})).expect_status(200);
        assert_eq!((cast.verdict_of(&["a"]), cast.verdict_of(&["b"])), ("conflict".into(), "clean".into()));
    }

    fn an_overturned_dispute_takes_from_every_holder(server: Server) {
        let cast = Cast::new(&server);
        let fourth = cast.scene.partner("Tailspin");
        let other = register(&fourth.admin, &deal_with("acme.example", json!({"products": ["b"]}))).text("id");
        let (theirs, ours) = cast.disputed(&["a"], &["a", "b"]);
        cast.resolve(&ours, resolution("overturn")).expect_status(200);
        assert_eq!(get(&cast.scene.admin, &theirs).text("status"), "released");
        assert_eq!(get(&cast.scene.admin, &other).text("status"), "released");
        assert_eq!(get(&cast.scene.admin, &ours).text("status"), "approved");
    }

    fn a_refused_resolution_moves_nothing(server: Server) {
        let cast = Cast::new(&server);
        let (theirs, ours) = cast.disputed(&["a", "b"], &["a", "b"]);
        let before = [&theirs, &ours].map(|id| get(&cast.scene.admin, id).json);
        for body in [
            split(&["q"]),
            json!({"resolution": "overturn"}),
            json!({"resolution": "maybe", "text": "x"}),
            json!({"resolution": "overturn", "text": ""}),
        ] {
            cast.resolve(&ours, body).expect_problem(422, "invalid_body");
        }
        act(&cast.partner.admin, &ours, "resolve", &resolution("overturn")).expect_problem(403, "insufficient_scope");
        assert_eq!([&theirs, &ours].map(|id| get(&cast.scene.admin, id).json), before);
    }

    fn there_is_one_dispute_at_a_time(server: Server) {
        let cast = Cast::new(&server);
        let (_, ours) = cast.disputed(&["core"], &["core"]);
        act(&cast.partner.admin, &ours, "dispute", &json!({"text": "Again."}))
            .expect_problem(409, "invalid_transition");
        cast.resolve(&ours, resolution("uphold")).expect_status(200);
        cast.resolve(&ours, resolution("overturn")).expect_problem(409, "invalid_transition");
        assert_eq!(
            act(&cast.partner.admin, &ours, "dispute", &json!({"text": ""}))
                .expect_problem(422, "invalid_body")
                .faults(),
            ["/text"]
        );
    }

    fn a_clean_registration_has_nothing_to_dispute(server: Server) {
        let Cast { scene, partner, .. } = &Cast::new(&server);
        scene.program("manual", json!({}));
        scene.enroll(&partner.id, "manual", "Gold");
        let id = register(&partner.admin, &deal_with("acme.example", json!({"program": "manual"}))).text("id");
        act(&partner.admin, &id, "dispute", &json!({"text": "Why?"})).expect_problem(409, "invalid_transition");
    }
}

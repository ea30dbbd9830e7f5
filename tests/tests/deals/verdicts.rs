//! What a claim collides with.

use super::*;

/// A program that approves whatever is clean, a partner who asks, and a rival.
fn cast(server: &Server) -> (Scene, Partner, Partner) {
    let scene = Scene::new(server, json!({"auto_approve": {}}));
    let (partner, rival) = (scene.partner("Northwind"), scene.partner("Contoso"));
    (scene, partner, rival)
}

/// The body that asks what would become of a registration.
fn check_of(body: &Value) -> Value {
    let mut check = json!({});
    for member in ["program", "account", "products", "amount", "partner_id"] {
        if let Some(value) = body.get(member) {
            check[member] = value.clone();
        }
    }
    check
}

/// Checks, then registers; both must say the same, and the check must leave nothing behind.
#[track_caller]
fn judged(scene: &Scene, client: &Client, body: &Value) -> Answer {
    let stored = || {
        ["/v1/deal-registrations?include=total", "/v1/accounts", "/v1/events?limit=200", "/v1/audit-entries?limit=200"]
            .map(|list| scene.admin.get(list).expect_status(200).text)
    };
    let before = stored();
    let checked = client.post(&format!("{DEALS}/check"), &check_of(body)).expect_status(200);
    assert_eq!(stored(), before, "a check has left something behind");
    let made = register(client, body);
    assert_eq!(made.json["verdict"], checked.json["verdict"]);
    assert_eq!(made.json["findings"], checked.json["findings"]);
    assert_eq!(made.json["status"], checked.json["expected_status"]);
    made
}

fn evidence(finding: &Value) -> &Value {
    assert!(finding["evidence"].is_object(), "{finding}");
    &finding["evidence"]
}

/// The registration as the vendor sees it.
fn vendor_sees(scene: &Scene, made: &Answer) -> Answer {
    get(&scene.admin, &made.text("id"))
}

on_both! {
    fn nothing_in_the_way_is_clean(server: Server) {
        let (scene, partner, rival) = cast(&server);
        register(&rival.admin, &deal("somewhere.example"));
        let made = judged(&scene, &partner.admin, &deal("elsewhere.example"));
        assert_eq!((made.text("verdict"), made.text("status")), ("clean".into(), "approved".into()));
        assert_eq!(kinds(&made), [""; 0]);
    }

    fn the_own_registration_is_a_duplicate(server: Server) {
        let (scene, partner, _) = cast(&server);
        let first = register(&partner.admin, &deal("acme.example"));
        let made = judged(&scene, &partner.admin, &deal("www.acme.example"));
        assert_eq!((made.text("verdict"), made.text("status")), ("duplicate".into(), "in_review".into()));
        assert_eq!(made.json["findings"][0]["rule"], "registration.own_duplicate");
        // It is the partner's own: it is told which.
        assert_eq!(evidence(&made.json["findings"][0])["deal_registration_id"], first.json["id"]);
        assert_eq!(evidence(&made.json["findings"][0])["partner_id"], partner.id.as_str());
    }

    fn a_draft_or_an_ended_registration_is_no_duplicate(server: Server) {
        let (scene, partner, _) = cast(&server);
        register(&partner.admin, &deal_with("acme.example", json!({"submit": false})));
        let made = judged(&scene, &partner.admin, &deal("acme.example"));
        assert_eq!(made.text("verdict"), "clean");
        for (verb, body) in [
            ("release", json!({})),
            ("win", json!({"amount": {"amount": "1.00", "currency": "EUR"}, "closed_on": "2026-01-31"})),
            ("lose", json!({"reason": "price"})),
        ] {
            let last =
                partner.admin.get(&format!("{DEALS}?status=approved")).expect_status(200).json["data"][0]["id"].clone();
            act(&partner.admin, last.as_str().unwrap(), verb, &body).expect_status(200);
            assert_eq!(judged(&scene, &partner.admin, &deal("acme.example")).text("verdict"), "clean", "after {verb}");
        }
    }

    fn the_same_account_with_other_products_is_clean(server: Server) {
        let (scene, partner, rival) = cast(&server);
        register(&rival.admin, &deal_with("acme.example", json!({"products": ["core", "extra"]})));
        let made = judged(&scene, &partner.admin, &deal_with("acme.example", json!({"products": ["third"]})));
        assert_eq!(made.text("verdict"), "clean");
        let own = judged(&scene, &partner.admin, &deal_with("acme.example", json!({"products": ["fourth"]})));
        assert_eq!(own.text("verdict"), "clean");
    }

    fn another_partner_s_protection_is_a_conflict_for_the_products_they_share(server: Server) {
        let (scene, partner, rival) = cast(&server);
        let held = register(&rival.admin, &deal_with("acme.example", json!({"products": ["a", "b", "c"]})));
        let body = deal_with("eu.acme.example", json!({"products": ["z", "c", "b"]}));
        let made = judged(&scene, &partner.admin, &body);
        assert_eq!((made.text("verdict"), made.text("status")), ("conflict".into(), "in_review".into()));
        let told = &made.json["findings"][0];
        assert_eq!(told["rule"], "protection.same_account");
        assert_eq!(told["products"], json!(["b", "c"]));
        assert_eq!(told["until"], held.json["protected_until"]);
        assert_eq!(told["evidence"], Value::Null);
        let vendor = vendor_sees(&scene, &made);
        let evidence = evidence(&vendor.json["findings"][0]);
        assert_eq!(evidence["deal_registration_id"], held.json["id"]);
        assert_eq!(evidence["partner_id"], rival.id.as_str());
        assert_eq!(evidence["account_id"], held.json["account_id"]);
        assert_eq!((&evidence["program"], &evidence["matched_by"]), (&json!("reseller"), &json!("domain")));
    }

    fn what_is_not_protected_yet_is_no_conflict(server: Server) {
        let scene = Scene::new(&server, json!({}));
        let (partner, rival) = (scene.partner("Northwind"), scene.partner("Contoso"));
        let waiting = register(&rival.admin, &deal("acme.example"));
        assert_eq!(judged(&scene, &partner.admin, &deal("acme.example")).text("verdict"), "clean");
        act(&scene.admin, &waiting.text("id"), "approve", &json!({})).expect_status(200);
        // Who is approved first is protected; the other's verdict was right when it was made.
        let other = partner.admin.get(DEALS).json["data"][0]["id"].as_str().unwrap().to_owned();
        act(&scene.admin, &other, "approve", &json!({})).expect_problem(409, "deal_conflict");
    }

    fn a_name_matched_account_conflicts_as_surely_as_a_domain(server: Server) {
        let (scene, partner, rival) = cast(&server);
        let account = |name: &str| json!({"account": {"name": name, "country": "DE"}});
        register(&rival.admin, &deal_with("x.example", account("Zephyr Werkzeuge GmbH")));
        let made = judged(&scene, &partner.admin, &deal_with("x.example", account("ZEPHYR WERKZEUGE")));
        assert_eq!(made.text("verdict"), "conflict");
        assert_eq!(evidence(&vendor_sees(&scene, &made).json["findings"][0])["matched_by"], "name");
    }

    fn giving_a_name_its_domain_is_still_a_match_by_name(server: Server) {
        let (scene, partner, rival) = cast(&server);
        register(
            &rival.admin,
            &deal_with("x.example", json!({"account": {"name": "Zephyr Werkzeuge", "country": "DE"}})),
        );
        let account = json!({"name": "Zephyr Werkzeuge", "domain": "zephyr.example", "country": "DE"});
        let mut body = deal_with("x.example", json!({"account": account, "partner_id": partner.id}));
        // The vendor sees the evidence, and the check and the registration must rest on the same.
        let made = judged(&scene, &scene.admin, &body);
        assert_eq!(made.text("verdict"), "conflict");
        assert_eq!(evidence(&made.json["findings"][0])["matched_by"], "name");
        // From now on the domain is known.
        body["account"]["name"] = json!("Another name");
        let again = judged(&scene, &scene.admin, &body);
        assert_eq!(evidence(&again.json["findings"][0])["matched_by"], "domain");
    }

    fn a_similar_name_is_a_possible_conflict(server: Server) {
        let (scene, partner, rival) = cast(&server);
        let held = register(
            &rival.admin,
            &deal_with(
                "northgate.example",
                json!({
                    "account": {"name": "Northgate Traders GmbH", "domain": "northgate.example", "country": "DE"}
                }),
            ),
        );
        let misspelt = json!({"account": {"name": "Nortgate Traders", "domain": "nortgate.example", "country": "DE"}});
        let made = judged(&scene, &partner.admin, &deal_with("x.example", misspelt));
        assert_eq!((made.text("verdict"), made.text("status")), ("possible_conflict".into(), "in_review".into()));
        assert_eq!(made.json["findings"][0]["evidence"], Value::Null);
        assert_eq!(made.json["findings"][0]["until"], held.json["protected_until"]);
        let vendor = vendor_sees(&scene, &made);
        let evidence = evidence(&vendor.json["findings"][0]);
        assert_eq!((&evidence["matched_by"], &evidence["partner_id"]), (&json!("similar_name"), &json!(rival.id)));
        assert!((880..1000).contains(&evidence["similarity_per_mille"].as_u64().unwrap()), "{evidence}");
        // A person may find that it is another company after all.
        act(&scene.admin, &made.text("id"), "approve", &json!({})).expect_status(200);
    }

    fn the_same_name_in_another_country_is_a_possible_conflict(server: Server) {
        let (scene, partner, rival) = cast(&server);
        let account = |country: &str| json!({"account": {"name": "Helios Optik", "country": country}});
        register(&rival.admin, &deal_with("x.example", account("DE")));
        let made = judged(&scene, &partner.admin, &deal_with("x.example", account("FR")));
        assert_eq!(made.text("verdict"), "possible_conflict");
        assert_eq!(evidence(&vendor_sees(&scene, &made).json["findings"][0])["similarity_per_mille"], 1000);
    }

    fn the_threshold_of_names_is_the_program_s(server: Server) {
        let (scene, partner, rival) = cast(&server);
        scene.program("strict", json!({"auto_approve": {}, "matching": {"name_threshold_per_mille": 1000}}));
        for one in [&partner, &rival] {
            scene.enroll(&one.id, "strict", "Gold");
        }
        let account = |program: &str, name: &str, domain: &str| {
            deal_with(domain, json!({"program": program, "account": {"name": name, "domain": domain, "country": "DE"}}))
        };
        register(&rival.admin, &account("strict", "Northgate Traders", "northgate.example"));
        let made = judged(&scene, &partner.admin, &account("strict", "Nortgate Traders", "nortgate.example"));
        assert_eq!(made.text("verdict"), "clean");
        let same = judged(&scene, &partner.admin, &account("strict", "Northgate Traders", "third.example"));
        assert_eq!(same.text("verdict"), "possible_conflict");
    }

    fn the_vendor_s_open_opportunity_is_direct_business(server: Server) {
        let (scene, partner, _) = cast(&server);
        let account = json!({"name": "Acme", "domain": "acme.example", "country": "DE"});
        let new = json!({"title": "Renewal", "account": account, "products": ["core"]});
        let opportunity = scene.admin.post("/v1/vendor-opportunities", &new).expect_status(201);
        let made = judged(&scene, &partner.admin, &deal_with("acme.example", json!({"products": ["core", "extra"]})));
        assert_eq!((made.text("verdict"), made.text("status")), ("direct".into(), "in_review".into()));
        assert_eq!(made.json["findings"][0]["products"], json!(["core"]));
        assert_eq!(made.json["findings"][0]["evidence"], Value::Null);
        let vendor = vendor_sees(&scene, &made);
        assert_eq!(evidence(&vendor.json["findings"][0])["vendor_opportunity_id"], opportunity.json["id"]);
        let other = judged(&scene, &partner.admin, &deal_with("acme.example", json!({"products": ["third"]})));
        assert_eq!(other.text("verdict"), "clean");
    }

    fn an_opportunity_without_products_concerns_all_until_it_is_closed(server: Server) {
        let (scene, partner, _) = cast(&server);
        for status in ["won", "lost"] {
            let domain = format!("{status}.example");
            let new = json!({"title": "Renewal", "account": {"name": status, "domain": domain, "country": "DE"}});
            let id = scene.admin.post("/v1/vendor-opportunities", &new).expect_status(201).text("id");
            let body = deal_with(&domain, json!({"products": ["anything"]}));
            let made = judged(&scene, &partner.admin, &body);
            assert_eq!(made.text("verdict"), "direct");
            act(&partner.admin, &made.text("id"), "withdraw", &json!({})).expect_status(200);
            let path = format!("/v1/vendor-opportunities/{id}");
            scene.admin.patch(&path, &scene.admin.get(&path).tag(), &json!({"status": status})).expect_status(200);
            assert_eq!(judged(&scene, &partner.admin, &body).text("verdict"), "clean");
        }
    }

    fn an_opportunity_at_a_similar_name_is_a_possible_conflict(server: Server) {
        let (scene, partner, _) = cast(&server);
        let account = json!({"name": "Northgate Traders", "domain": "northgate.example", "country": "DE"});
        let new = json!({"title": "Renewal", "account": account});
        scene.admin.post("/v1/vendor-opportunities", &new).expect_status(201);
        let misspelt = json!({"account": {"name": "Nortgate Traders", "country": "DE"}});
        assert_eq!(
            judged(&scene, &partner.admin, &deal_with("x.example", misspelt)).text("verdict"),
            "possible_conflict"
        );
    }

    fn a_reserved_account_is_a_named_account(server: Server) {
        let (scene, partner, _) = cast(&server);
        let new = json!({"name": "Acme", "domain": "acme.example", "country": "DE", "named": true});
        let account = scene.admin.post("/v1/accounts", &new).expect_status(201);
        let made = judged(&scene, &partner.admin, &deal("sales.acme.example"));
        assert_eq!((made.text("verdict"), made.text("status")), ("named_account".into(), "in_review".into()));
        assert_eq!(made.json["account_id"], account.json["id"]);
        let path = format!("/v1/accounts/{}", account.text("id"));
        act(&partner.admin, &made.text("id"), "withdraw", &json!({})).expect_status(200);
        scene.admin.patch(&path, &account.tag(), &json!({"named": false})).expect_status(200);
        assert_eq!(judged(&scene, &partner.admin, &deal("acme.example")).text("verdict"), "clean");
    }

    fn a_customer_outside_the_territory_is_told_so(server: Server) {
        let (scene, partner, rival) = cast(&server);
        let path = format!("/v1/enrollments/{}", partner.enrollment);
        let change = json!({"countries": ["AT", "CH"]});
        scene.admin.patch(&path, &scene.admin.get(&path).tag(), &change).expect_status(200);
        let at = |domain: &str, country: &str| {
            deal_with(domain, json!({"account": {"name": domain, "domain": domain, "country": country}}))
        };
        let outside = judged(&scene, &partner.admin, &at("mueller.example", "DE"));
        assert_eq!((outside.text("verdict"), outside.text("status")), ("out_of_territory".into(), "in_review".into()));
        assert!(outside.json["findings"][0]["detail"].as_str().unwrap().contains("DE"));
        assert_eq!(judged(&scene, &partner.admin, &at("huber.example", "AT")).text("verdict"), "clean");
        assert_eq!(
            judged(&scene, &rival.admin, &at("schmidt.example", "DE")).text("verdict"),
            "clean",
            "no territory is everywhere"
        );
    }

    fn the_gravest_of_several_findings_is_the_verdict(server: Server) {
        let (scene, partner, rival) = cast(&server);
        register(&rival.admin, &deal("acme.example"));
        let account =
            register(&partner.admin, &deal_with("acme.example", json!({"products": ["extra"]}))).text("account_id");
        let path = format!("/v1/accounts/{account}");
        scene.admin.patch(&path, &scene.admin.get(&path).tag(), &json!({"named": true})).expect_status(200);
        let new = json!({"title": "Renewal", "account": {"name": "Acme", "domain": "acme.example", "country": "DE"}});
        scene.admin.post("/v1/vendor-opportunities", &new).expect_status(201);
        let path = format!("/v1/enrollments/{}", partner.enrollment);
        scene.admin.patch(&path, &scene.admin.get(&path).tag(), &json!({"countries": ["FR"]})).expect_status(200);
        let made = judged(&scene, &partner.admin, &deal_with("acme.example", json!({"products": ["core", "extra"]})));
        assert_eq!(kinds(&made), ["conflict", "duplicate", "direct", "named_account", "out_of_territory"]);
        assert_eq!(made.text("verdict"), "conflict");
    }

    fn programs_exclude_each_other_when_either_says_so(server: Server) {
        let (scene, partner, rival) = cast(&server);
        scene.program("msp", json!({"auto_approve": {}, "exclusive_with": ["reseller"]}));
        scene.program("referral", json!({"auto_approve": {}}));
        for one in [&partner, &rival] {
            scene.enroll(&one.id, "msp", "Gold");
            scene.enroll(&one.id, "referral", "Gold");
        }
        let under = |program: &str, domain: &str| deal_with(domain, json!({"program": program}));
        // The customers' names are not alike, or the verdicts would be of names.
        for (customer, held, claimed, verdict) in [
            ("adventure", "reseller", "msp", "conflict"),
            ("bellows", "msp", "reseller", "conflict"),
            ("coho", "reseller", "referral", "clean"),
            ("datum", "referral", "reseller", "clean"),
            ("fabrikam", "msp", "referral", "clean"),
            ("graphic", "msp", "msp", "conflict"),
        ] {
            let domain = format!("{customer}.example");
            register(&rival.admin, &under(held, &domain));
            let made = judged(&scene, &partner.admin, &under(claimed, &domain));
            assert_eq!(made.text("verdict"), verdict, "{claimed} over {held}");
            if verdict == "conflict" {
                assert_eq!(evidence(&vendor_sees(&scene, &made).json["findings"][0])["program"], held);
                act(&scene.admin, &made.text("id"), "approve", &json!({})).expect_problem(409, "deal_conflict");
            }
        }
    }

    fn the_policy_approves_up_to_its_limit_and_in_its_currency(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Northwind");
        for (at, (amount, currency, status)) in [
            ("49999.99", "EUR", "approved"),
            ("50000.00", "EUR", "approved"),
            ("50000", "EUR", "approved"),
            ("50000.01", "EUR", "in_review"),
            ("1.00", "USD", "in_review"),
        ]
        .into_iter()
        .enumerate()
        {
            let money = json!({"amount": {"amount": amount, "currency": currency}});
            let made = judged(&scene, &partner.admin, &deal_with(&format!("limit{at}.example"), money));
            assert_eq!(
                (made.text("verdict"), made.text("status")),
                ("clean".into(), status.into()),
                "{amount} {currency}"
            );
        }
    }

    fn a_check_without_an_amount_tells_what_does_not_depend_on_it(server: Server) {
        let (scene, partner, _) = cast(&server);
        scene.program("limited", json!({"auto_approve": {"up_to": {"amount": "1.00", "currency": "EUR"}}}));
        scene.program("manual", json!({}));
        for (program, status) in [("reseller", "approved"), ("manual", "submitted"), ("limited", "submitted")] {
            if program != "reseller" {
                scene.enroll(&partner.id, program, "Silver");
            }
            let mut body = check_of(&deal_with("acme.example", json!({"program": program})));
            body.as_object_mut().unwrap().remove("amount");
            let checked = partner.admin.post(&format!("{DEALS}/check"), &body).expect_status(200);
            assert_eq!(checked.text("expected_status"), status, "{program}");
        }
    }

    fn a_check_tells_tier_and_days(server: Server) {
        let (scene, partner, _) = cast(&server);
        let check = |client: &Client, body: &Value| client.post(&format!("{DEALS}/check"), &check_of(body));
        let told = check(&partner.admin, &deal("acme.example")).expect_status(200);
        assert_eq!((&told.json["tier"], &told.json["protection_days"]), (&json!("Gold"), &json!(90)));
        let body = deal_with("acme.example", json!({"partner_id": partner.id}));
        assert_eq!(check(&scene.admin, &body).expect_status(200).json, told.json);
        assert_eq!(
            check(&scene.admin, &deal("acme.example")).expect_problem(422, "invalid_body").faults(),
            ["/partner_id"]
        );
    }

    fn a_check_under_a_key_is_answered_again(server: Server) {
        let (_, partner, rival) = cast(&server);
        let ask = || partner.admin.post_once(&format!("{DEALS}/check"), "check-1", &check_of(&deal("acme.example")));
        let first = ask().expect_status(200);
        assert_eq!(first.text("verdict"), "clean");
        register(&rival.admin, &deal("acme.example"));
        let again = ask().expect_status(200);
        assert_eq!((again.text.as_str(), again.header("idempotency-replayed")), (first.text.as_str(), Some("true")));
    }
}

//! Writing: repeated requests, and everything that a body can have wrong.

use reqwest::Method;

use super::*;

fn cast(server: &Server) -> (Scene, Partner) {
    let scene = Scene::approving(server);
    let partner = scene.partner("Northwind");
    (scene, partner)
}

fn count(client: &Client) -> i64 {
    client.get(&format!("{DEALS}?include=total&limit=1")).expect_status(200).json["total"].as_i64().unwrap()
}

/// Posts a body that is refused; the places of its faults.
#[track_caller]
fn faults(partner: &Partner, body: &Value) -> Vec<String> {
    places(&partner.admin.post(DEALS, body).expect_problem(422, "invalid_body"))
}

/// A refused registration with this member; the places of its faults.
#[track_caller]
fn faults_with(partner: &Partner, members: Value) -> Vec<String> {
    faults(partner, &deal_with("acme.example", members))
}

on_both! {
    fn a_registration_is_created_with_all_that_was_said(server: Server) {
        let (_, partner) = cast(&server);
        let body = deal_with(
            "acme.example",
            json!({
                "contact": {"name": "Grace Hopper", "email": "grace@acme.example"}, "notes": "Ünïcode ✓\nand lines",
                "external_refs": [{"system": "crm", "id": "1"}, {"system": "crm", "id": "2"}],
                "products": ["b", "a"], "submit": false
            }),
        );
        let made = register(&partner.admin, &body);
        for member in [
            "program",
            "title",
            "account",
            "products",
            "amount",
            "expected_close_on",
            "stage",
            "contact",
            "notes",
            "external_refs",
        ] {
            assert_eq!(made.json[member], body[member], "{member}");
        }
        assert_eq!(made.text("partner_id"), partner.id);
        assert_eq!(made.json["owner_id"], partner.admin.get("/v1/me").json["subject"]);
        assert_eq!(made.json["created_at"], made.json["updated_at"]);
        let id = made.text("id");
        assert!(id.starts_with("deal_"), "{id}");
        assert_eq!(made.header("location"), Some(path(&id).as_str()));
        let read = get(&partner.admin, &id);
        assert_eq!((read.text.as_str(), read.tag()), (made.text.as_str(), made.tag()));
    }

    fn what_may_be_left_out_may_be_left_out(server: Server) {
        let (_, partner) = cast(&server);
        let body = json!({
            "program": "reseller", "title": "x", "account": {"name": "Acme", "country": "DE"}, "products": ["core"],
            "amount": {"amount": "0", "currency": "JPY"}, "expected_close_on": "2027-06-30"
        });
        let made = register(&partner.admin, &body);
        assert_eq!((made.text("status"), made.text("stage")), ("draft".into(), "prospect".into()));
        assert_eq!(made.json["amount"], json!({"amount": "0", "currency": "JPY"}));
        for member in ["contact", "notes", "verdict", "decision_due_at", "protected_until", "submitted_at"] {
            assert_eq!(made.json.get(member), Some(&Value::Null), "{member} is there, and null");
        }
        assert_eq!(made.json["external_refs"], json!([]));
    }

    fn a_vendor_registers_for_a_partner(server: Server) {
        let (scene, partner) = cast(&server);
        assert_eq!(
            scene.admin.post(DEALS, &deal("acme.example")).expect_problem(422, "invalid_body").faults(),
            ["/partner_id"]
        );
        let unknown = deal_with("acme.example", json!({"partner_id": "partner_01h455vb4pex5vsknk084sn02q"}));
        assert_eq!(scene.admin.post(DEALS, &unknown).expect_problem(422, "invalid_body").faults(), ["/partner_id"]);
        let made = register(&scene.admin, &deal_with("acme.example", json!({"partner_id": partner.id})));
        assert_eq!(made.text("partner_id"), partner.id);
        assert_eq!(get(&partner.admin, &made.text("id")).text("status"), "approved");
    }

    fn the_same_key_and_body_give_the_first_answer_again(server: Server) {
        let (scene, partner) = cast(&server);
        let body = deal("acme.example");
        let first = partner.admin.post_once(DEALS, "key-1", &body).expect_status(201);
        assert_eq!(first.header("idempotency-replayed"), None);
        for _ in 0..2 {
            let again = partner.admin.post_once(DEALS, "key-1", &body).expect_status(201);
            assert_eq!(again.text, first.text, "byte for byte");
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
            for header in ["etag", "location", "content-type"] {
                assert_eq!(again.header(header), first.header(header), "{header}");
            }
        }
        assert_eq!(count(&partner.admin), 1);
        // Also when the registration has changed since.
        act(&partner.admin, &first.text("id"), "release", &json!({})).expect_status(200);
        assert_eq!(partner.admin.post_once(DEALS, "key-1", &body).expect_status(201).text, first.text);
        // A key is its caller's own.
        let other = scene.partner("Contoso");
        let theirs = other.admin.post_once(DEALS, "key-1", &body).expect_status(201);
        assert_ne!(theirs.text("id"), first.text("id"));
        register(&partner.admin, &deal("other.example"));
        assert_eq!(count(&partner.admin), 2);
    }

    fn the_same_key_with_another_request_is_refused(server: Server) {
        let (_, partner) = cast(&server);
        let id = partner.admin.post_once(DEALS, "key-1", &deal("acme.example")).expect_status(201).text("id");
        let refused = |path: &str, body: &Value| {
            partner.admin.post_once(path, "key-1", body).expect_problem(422, "idempotency_key_reused");
        };
        refused(DEALS, &deal("other.example"));
        refused(&format!("{DEALS}/{id}/release"), &json!({}));
        assert_eq!(count(&partner.admin), 1);
        assert_eq!(get(&partner.admin, &id).text("status"), "approved");
    }

    fn a_refusal_is_given_again(server: Server) {
        let (scene, partner) = cast(&server);
        let id = register(&partner.admin, &deal_with("acme.example", json!({"submit": false}))).text("id");
        let release = format!("{DEALS}/{id}/release");
        let first = partner.admin.post_once(&release, "key-1", &json!({})).expect_problem(409, "invalid_transition");
        act(&partner.admin, &id, "submit", &json!({})).expect_status(200);
        // It would be possible now; the caller asks what became of its first request.
        let again = partner.admin.post_once(&release, "key-1", &json!({})).expect_problem(409, "invalid_transition");
        assert_eq!((again.text.as_str(), again.header("idempotency-replayed")), (first.text.as_str(), Some("true")));
        assert_eq!(get(&partner.admin, &id).text("status"), "approved");
        partner.admin.post_once(&release, "key-2", &json!({})).expect_status(200);
        let unknown = deal_with("acme.example", json!({"program": "none"}));
        let first = scene.admin.post_once(DEALS, "key-3", &unknown).expect_problem(422, "invalid_body");
        assert_eq!(scene.admin.post_once(DEALS, "key-3", &unknown).text, first.text);
    }

    fn a_verb_under_a_key_happens_once(server: Server) {
        let (_, partner) = cast(&server);
        let id = register(&partner.admin, &deal("acme.example")).text("id");
        let win = json!({"amount": {"amount": "1.00", "currency": "EUR"}, "closed_on": "2026-01-31"});
        let first = partner.admin.post_once(&format!("{DEALS}/{id}/win"), "key-1", &win).expect_status(200);
        let again = partner.admin.post_once(&format!("{DEALS}/{id}/win"), "key-1", &win).expect_status(200);
        assert_eq!(again.text, first.text);
        assert_eq!(times_told(&partner.admin, &id, "won"), 1);
    }

    fn all_the_faults_are_told_at_once(server: Server) {
        let (_, partner) = cast(&server);
        let body = json!({
            "program": "", "title": "x".repeat(201), "account": {"name": "", "country": "Germany", "land": "DE"},
            "products": [], "amount": {"amount": 5, "currency": "EUR"}, "expected_close_on": "31.12.2027",
            "stage": "sold",
            "contact": {"name": "Grace", "email": "nobody"}, "external_refs": [{"system": "crm"}],
            "submit": "yes", "colour": "red"
        });
        assert_eq!(
            faults(&partner, &body),
            [
                "/account/country",
                "/account/land",
                "/account/name",
                "/amount/amount",
                "/colour",
                "/contact/email",
                "/expected_close_on",
                "/external_refs/0/id",
                "/products",
                "/program",
                "/stage",
                "/submit",
                "/title"
            ]
        );
        assert_eq!(count(&partner.admin), 0);
    }

    fn all_that_the_program_has_against_it_is_told_at_once(server: Server) {
        let (scene, partner) = cast(&server);
        scene.program("choosy", json!({"products": ["core", "extra"]}));
        scene.enroll(&partner.id, "choosy", "Gold");
        let body = deal_with(
            "localhost",
            json!({
                "program": "choosy", "products": ["core", "core", "third", "no product"], "stage": "won",
                "amount": {"amount": "-1.00", "currency": "EUR"},
                "external_refs": [{"system": "a", "id": "1"}, {"system": "a", "id": "1"}]
            }),
        );
        assert_eq!(
            faults(&partner, &body),
            [
                "/account/domain",
                "/amount/amount",
                "/external_refs/1",
                "/products/1",
                "/products/2",
                "/products/3",
                "/stage"
            ]
        );
        register(
            &partner.admin,
            &deal_with("acme.example", json!({"program": "choosy", "products": ["extra", "core"]})),
        );
    }

    fn an_empty_body_is_told_what_is_missing(server: Server) {
        let (_, partner) = cast(&server);
        let missing = ["/account", "/amount", "/expected_close_on", "/products", "/program", "/title"];
        assert_eq!(faults(&partner, &json!({})), missing);
        for body in [json!([]), json!("deal"), json!(5), Value::Null] {
            assert_eq!(faults(&partner, &body), [""], "{body}");
        }
    }

    fn what_is_required_is_never_null(server: Server) {
        let (_, partner) = cast(&server);
        for field in
            ["program", "title", "account", "products", "amount", "expected_close_on", "submit", "external_refs"]
        {
            assert_eq!(faults_with(&partner, json!({field: null})), [format!("/{field}")]);
        }
        let made = register(
            &partner.admin,
            &deal_with("acme.example", json!({"contact": null, "notes": null, "stage": null})),
        );
        assert_eq!((&made.json["contact"], &made.json["notes"]), (&Value::Null, &Value::Null));
    }

    fn wrong_types_are_refused_and_never_bent(server: Server) {
        let (_, partner) = cast(&server);
        for (members, place) in [
            (json!({"title": 5}), "/title"),
            (json!({"products": "core"}), "/products"),
            (json!({"products": [1]}), "/products/0"),
            (json!({"submit": 1}), "/submit"),
            (json!({"amount": "5.00"}), "/amount"),
            (json!({"amount": {"amount": "5.00"}}), "/amount/currency"),
            (json!({"amount": {"amount": "5.00", "currency": "EUR", "cents": 0}}), "/amount/cents"),
            (json!({"account": "Acme"}), "/account"),
            (json!({"account": {"name": "Acme", "country": 49}}), "/account/country"),
            (json!({"expected_close_on": "2027-02-30"}), "/expected_close_on"),
            (json!({"expected_close_on": "2027-06-30T00:00:00Z"}), "/expected_close_on"),
            (json!({"stage": "Qualified"}), "/stage"),
            (json!({"partner_id": "deal_01h455vb4pex5vsknk084sn02q"}), "/partner_id"),
            (json!({"partner_id": "42"}), "/partner_id"),
        ] {
            assert_eq!(faults_with(&partner, members.clone()), [place], "{members}");
        }
    }

    fn money_has_the_decimals_of_its_currency(server: Server) {
        let (_, partner) = cast(&server);
        for (amount, currency) in [
            ("1.234", "EUR"),
            ("1.5", "JPY"),
            ("1.2345", "KWD"),
            ("1000000000000000", "EUR"),
            ("1e3", "EUR"),
            ("01.00", "EUR"),
            ("+1.00", "EUR"),
            ("1,00", "EUR"),
            ("", "EUR"),
            ("1.", "EUR"),
            (".5", "EUR"),
            ("NaN", "EUR"),
        ] {
            let places = faults_with(&partner, json!({"amount": {"amount": amount, "currency": currency}}));
            assert!(
                places.iter().all(|place| place.starts_with("/amount")) && places.len() == 1,
                "{amount} {currency}: {places:?}"
            );
        }
        for currency in ["XYZ", "eur", "EURO", ""] {
            let places = faults_with(&partner, json!({"amount": {"amount": "1.00", "currency": currency}}));
            assert!(
                places.iter().all(|place| place == "/amount/currency") && !places.is_empty(),
                "{currency}: {places:?}"
            );
        }
        assert_eq!(
            faults_with(&partner, json!({"amount": {"amount": "-0.01", "currency": "EUR"}})),
            ["/amount/amount"]
        );
        for (amount, currency, shown) in [
            ("1.5", "EUR", "1.50"),
            ("0", "EUR", "0.00"),
            ("12", "JPY", "12"),
            ("1.234", "KWD", "1.234"),
            ("999999999999999.99", "EUR", "999999999999999.99"),
        ] {
            let body =
                deal_with("acme.example", json!({"submit": false, "amount": {"amount": amount, "currency": currency}}));
            assert_eq!(register(&partner.admin, &body).json["amount"]["amount"], shown);
        }
    }

    fn countries_are_countries(server: Server) {
        let (_, partner) = cast(&server);
        for country in ["ZZ", "de", "DEU", "Germany", ""] {
            let places = faults_with(&partner, json!({"account": {"name": "Acme", "country": country}}));
            assert!(
                places.iter().all(|place| place == "/account/country") && !places.is_empty(),
                "{country}: {places:?}"
            );
        }
    }

    fn won_and_lost_are_not_set_by_hand(server: Server) {
        let (_, partner) = cast(&server);
        let id = register(&partner.admin, &deal("acme.example")).text("id");
        for stage in ["won", "lost"] {
            assert_eq!(faults_with(&partner, json!({"stage": stage})), ["/stage"]);
            assert_eq!(
                patch(&partner.admin, &id, &json!({"stage": stage})).expect_problem(422, "invalid_body").faults(),
                ["/stage"]
            );
        }
    }

    fn a_product_is_a_product(server: Server) {
        let (_, partner) = cast(&server);
        for product in ["", " ", "no product", "-core", "ö", "a/b"] {
            assert_eq!(faults_with(&partner, json!({"products": ["core", product]})), ["/products/1"], "{product:?}");
        }
        let long = "x".repeat(65);
        assert_eq!(faults_with(&partner, json!({"products": [long]})), ["/products/0"]);
        let made = register(
            &partner.admin,
            &deal_with("acme.example", json!({"products": ["Core_1.0-x", "2", "x".repeat(64)]})),
        );
        assert_eq!(made.json["products"].as_array().unwrap().len(), 3);
    }

    fn every_length_has_its_limit(server: Server) {
        let (_, partner) = cast(&server);
        let text = |length: usize| "ü".repeat(length);
        let list = |length: usize| (0..length).map(|n| format!("p{n}")).collect::<Vec<_>>();
        let references =
            |length: usize| (0..length).map(|n| json!({"system": "crm", "id": n.to_string()})).collect::<Vec<_>>();
        for (limit, at) in [
            (deal_with("acme.example", json!({"title": text(200)})), ""),
            (deal_with("acme.example", json!({"title": text(201)})), "/title"),
            (deal_with("acme.example", json!({"notes": text(4000)})), ""),
            (deal_with("acme.example", json!({"notes": text(4001)})), "/notes"),
            (deal_with("acme.example", json!({"products": list(50)})), ""),
            (deal_with("acme.example", json!({"products": list(51)})), "/products"),
            (deal_with("acme.example", json!({"external_refs": references(20)})), ""),
            (deal_with("acme.example", json!({"external_refs": references(21)})), "/external_refs"),
            (deal_with("acme.example", json!({"account": {"name": text(200), "country": "DE"}})), ""),
            (deal_with("acme.example", json!({"account": {"name": text(201), "country": "DE"}})), "/account/name"),
            (
                deal_with(
                    "acme.example",
                    json!({"external_refs": [{"system": "s".repeat(64), "id": "i".repeat(200)}]}),
                ),
                "",
            ),
            (
                deal_with("acme.example", json!({"external_refs": [{"system": "s".repeat(65), "id": "i"}]})),
                "/external_refs/0/system",
            ),
            (
                deal_with("acme.example", json!({"external_refs": [{"system": "s", "id": "i".repeat(201)}]})),
                "/external_refs/0/id",
            ),
        ] {
            let answer = partner.admin.post(DEALS, &limit);
            if at.is_empty() {
                answer.expect_status(201);
            } else {
                assert_eq!(answer.expect_problem(422, "invalid_body").faults(), [at]);
            }
        }
    }

    fn a_patch_leaves_out_clears_and_refuses(server: Server) {
        let (_, partner) = cast(&server);
        let body = deal_with(
            "acme.example",
            json!({"submit": false, "notes": "Old", "contact": {"name": "Grace", "email": "grace@acme.example"}}),
        );
        let made = register(&partner.admin, &body);
        let id = made.text("id");
        let changed = patch(&partner.admin, &id, &json!({"title": "New", "notes": null})).expect_status(200);
        assert_eq!((changed.text("title"), &changed.json["notes"]), ("New".into(), &Value::Null));
        assert_eq!(changed.json["contact"], made.json["contact"], "what is left out stays");
        assert_eq!(
            patch(&partner.admin, &id, &json!({"contact": null})).expect_status(200).json["contact"],
            Value::Null
        );
        for field in ["title", "account", "products", "amount", "expected_close_on", "stage"] {
            let answer = patch(&partner.admin, &id, &json!({field: null})).expect_problem(422, "invalid_body");
            assert_eq!(places(&answer), [format!("/{field}")], "what must be there cannot be cleared");
        }
        let faulty = json!({"title": "", "products": ["a", "a"], "status": "approved", "id": "x", "partner_id": "y"});
        let answer = patch(&partner.admin, &id, &faulty).expect_problem(422, "invalid_body");
        assert_eq!(answer.faults(), ["/id", "/partner_id", "/status", "/title"]);
        let answer = patch(
            &partner.admin,
            &id,
            &json!({"products": ["a", "a"], "amount": {"amount": "-1.00", "currency": "EUR"}, "stage": "won"}),
        );
        assert_eq!(answer.expect_problem(422, "invalid_body").faults(), ["/amount/amount", "/products/1", "/stage"]);
    }

    fn a_verb_that_needs_a_body_says_so(server: Server) {
        let (scene, partner) = cast(&server);
        let id = register(
            &partner.admin,
            &deal_with("acme.example", json!({"amount": {"amount": "90000.00", "currency": "EUR"}})),
        )
        .text("id");
        let refused =
            |verb: &str, body: Value| act(&scene.admin, &id, verb, &body).expect_problem(422, "invalid_body").faults();
        assert_eq!(refused("reject", json!({})), ["/reason", "/text"]);
        assert_eq!(refused("reject", json!({"reason": "because", "text": ""})), ["/reason", "/text"]);
        assert_eq!(refused("request-information", json!({})), ["/requests"]);
        assert_eq!(refused("request-information", json!({"requests": []})), ["/requests"]);
        assert_eq!(
            refused("request-information", json!({"requests": [{"field": "contact", "text": ""}, {}]})),
            ["/requests/0/field", "/requests/0/text", "/requests/1/field", "/requests/1/text"]
        );
        assert_eq!(refused("approve", json!({"because": "yes"})), ["/because"]);
        assert_eq!(get(&scene.admin, &id).text("status"), "in_review");
        Answer::of(scene.admin.request(Method::POST, &format!("{DEALS}/{id}/approve"))).expect_status(200);
    }

    fn only_who_is_enrolled_registers(server: Server) {
        let (scene, partner) = cast(&server);
        scene.program("msp", json!({}));
        assert_eq!(faults_with(&partner, json!({"program": "msp"})), ["/program"]);
        assert_eq!(faults_with(&partner, json!({"program": "unknown"})), ["/program"]);
        let draft = register(&partner.admin, &deal_with("acme.example", json!({"submit": false}))).text("id");
        let path = format!("/v1/enrollments/{}", partner.enrollment);
        scene.admin.patch(&path, &scene.admin.get(&path).tag(), &json!({"status": "suspended"})).expect_status(200);
        assert_eq!(faults_with(&partner, json!({})), ["/program"]);
        // A draft from better days is no way around it.
        let refused = act(&partner.admin, &draft, "submit", &json!({}));
        refused.expect_problem(422, "policy_refuses");
        scene.admin.patch(&path, &scene.admin.get(&path).tag(), &json!({"status": "active"})).expect_status(200);
        assert_eq!(act(&partner.admin, &draft, "submit", &json!({})).expect_status(200).text("status"), "approved");
    }

    fn who_only_reads_writes_nothing(server: Server) {
        let (scene, partner) = cast(&server);
        let id = register(&partner.admin, &deal("acme.example")).text("id");
        for role in ["analyst", "finance"] {
            let reader = scene.user(&format!("{role}@vendor.example"), role, None);
            assert_eq!(get(&reader, &id).text("status"), "approved");
            reader
                .post(DEALS, &deal_with("b.example", json!({"partner_id": partner.id})))
                .expect_problem(403, "insufficient_scope");
            act(&reader, &id, "release", &json!({"text": "x"})).expect_problem(403, "insufficient_scope");
            reader.patch(&path(&id), "*", &json!({"notes": "x"})).expect_problem(403, "insufficient_scope");
        }
        let marketing = scene.user("marketing@vendor.example", "marketing", None);
        marketing.get(&path(&id)).expect_problem(403, "insufficient_scope");
        server.client().get(&path(&id)).expect_problem(401, "invalid_token");
    }

    fn what_is_no_json_is_told_so(server: Server) {
        let (_, partner) = cast(&server);
        let send = |kind: &str, body: &str| {
            Answer::of(partner.admin.request(Method::POST, DEALS).header("Content-Type", kind).body(body.to_owned()))
        };
        for body in ["{", "", "{\"title\": }", "nothing", "{} {}"] {
            send("application/json", body).expect_problem(400, "invalid_json");
        }
        send("text/plain", "{}").expect_problem(415, "unsupported_media_type");
        send("application/yaml", "a: b").expect_problem(415, "unsupported_media_type");
        partner.admin.get(&format!("{DEALS}/42")).expect_status(400);
    }
}

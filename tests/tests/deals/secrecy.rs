//! A partner is told that there is something and until when, and never whose it is.

use super::*;

/// Stands in everything that is another's. No word of ours holds it, and no id can: their alphabet has no `u`.
const MARK: &str = "zuzulo";

/// A rival all of whose data is marked, with all that can stand in a claim's way.
struct Rival {
    partner: Partner,
    deal: String,
    /// Ids that belong to it.
    ids: Vec<String>,
}

fn marked_deal(domain: &str, name: &str) -> Value {
    deal_with(
        domain,
        json!({
            "account": {"name": name, "domain": domain, "country": "DE"},
            "title": format!("{MARK} title"), "notes": format!("{MARK} notes"), "products": ["core", "extra"],
            "amount": {"amount": "7654.32", "currency": "EUR"}, "expected_close_on": "2031-07-07",
            "contact": {"name": format!("{MARK} person"), "email": format!("{MARK}@acme.example")},
            "external_refs": [{"system": format!("{MARK}-crm"), "id": format!("{MARK}-1")}]
        }),
    )
}

impl Rival {
    fn new(scene: &Scene) -> Self {
        let partner = scene.partner("Zuzulocorp");
        let deal = register(&partner.admin, &marked_deal("acme.example", "Zuzulospelling of Acme")).text("id");
        let alike = register(&partner.admin, &marked_deal("zuzulogate.example", "Northgate Traders")).text("id");
        let new = json!({
            "title": format!("{MARK} opportunity"),
            "external_ref": {"system": format!("{MARK}-crm"), "id": format!("{MARK}-2")},
            "account": {"name": "Acme", "domain": "acme.example", "country": "DE"}
        });
        let opportunity = scene.admin.post("/v1/vendor-opportunities", &new).expect_status(201).text("id");
        let user = partner.admin.get("/v1/me").expect_status(200).text("subject");
        let held = get(&partner.admin, &alike);
        let account = held.text("account_id");
        let ids = vec![partner.id.clone(), partner.enrollment.clone(), deal.clone(), alike, opportunity, account, user];
        Self { partner, deal, ids }
    }

    /// Fails if the text gives anything of the rival's away.
    #[track_caller]
    fn assert_secret(&self, from: &str, text: &str) {
        let lower = text.to_lowercase();
        assert!(!lower.contains(MARK), "{from} gives a marked text away: {text}");
        for id in &self.ids {
            assert!(!text.contains(id.as_str()), "{from} gives {id} away: {text}");
        }
        for value in ["7654.32", "2031-07-07"] {
            assert!(!text.contains(value), "{from} gives {value} away: {text}");
        }
    }
}

fn cast(server: &Server) -> (Scene, Partner, Rival) {
    let scene = Scene::new(server, json!({"auto_approve": {}}));
    let (partner, rival) = (scene.partner("Northwind"), Rival::new(&scene));
    (scene, partner, rival)
}

/// Claims on the same and on a similar account.
fn claims() -> [Value; 2] {
    [
        deal("www.acme.example"),
        deal_with(
            "nortgate.example",
            json!({
                "account": {"name": "Nortgate Traders", "domain": "nortgate.example", "country": "DE"}
            }),
        ),
    ]
}

/// Everything that the partner can read.
fn readings(partner: &Partner, id: &str) -> Vec<(String, String)> {
    let mut paths = vec![
        "/v1/events?limit=200".into(),
        "/v1/me".into(),
        "/v1/partners".into(),
        "/v1/enrollments".into(),
        "/v1/users".into(),
        "/v1/contacts".into(),
    ];
    paths.extend(["", "/timeline", "/explanation"].map(|part| format!("{DEALS}/{id}{part}")));
    for query in [
        "",
        "?include=total",
        "?q=z",
        "?sort=-amount",
        "?product=extra",
        "?amount_min=7000&currency=EUR",
        "?status=approved",
    ] {
        paths.push(format!("{DEALS}{query}"));
    }
    paths
        .into_iter()
        .map(|path| {
            let text = partner.admin.get(&path).text;
            (path, text)
        })
        .collect()
}

on_both! {
    fn no_answer_to_a_partner_says_whose_it_is(server: Server) {
        let (scene, partner, rival) = cast(&server);
        for claim in claims() {
            let check = json!({"program": "reseller", "account": claim["account"], "products": claim["products"]});
            let checked = partner.admin.post(&format!("{DEALS}/check"), &check).expect_status(200);
            rival.assert_secret("check", &checked.text);
            let made = register(&partner.admin, &claim);
            assert_ne!(made.text("verdict"), "clean");
            let held = get(&rival.partner.admin, &rival.deal);
            if made.text("verdict") == "conflict" {
                assert_eq!(made.json["findings"][0]["until"], held.json["protected_until"], "it is told until when");
            }
            rival.assert_secret("register", &made.text);
            let id = made.text("id");
            for (verb, body) in [
                ("approve", json!({})),
                ("submit", json!({})),
                ("release", json!({})),
                ("extend", json!({})),
                ("claim-review", json!({})),
                ("dispute", json!({"text": "We were first."})),
                ("resolve", json!({"resolution": "overturn", "text": "Please."})),
            ] {
                rival.assert_secret(verb, &act(&partner.admin, &id, verb, &body).text);
            }
            rival.assert_secret("patch", &patch(&partner.admin, &id, &json!({"notes": "Ours."})).text);
            let refused = patch(&partner.admin, &id, &json!({"title": "x"})).expect_status(409);
            rival.assert_secret("a refused patch", &refused.text);
            for (path, text) in readings(&partner, &id) {
                rival.assert_secret(&path, &text);
            }
            // The vendor sees it all: the marks are where they should be.
            let vendor = get(&scene.admin, &id);
            assert!(vendor.text.contains(&rival.partner.id), "{}", vendor.text);
            act(&scene.admin, &id, "approve", &json!({"text": "Yes"}));
            act(&scene.admin, &id, "reject", &json!({"reason": "conflict", "text": "Taken."}));
            for (path, text) in readings(&partner, &id) {
                rival.assert_secret(&path, &text);
            }
        }
    }

    fn a_dispute_tells_neither_side_who_the_other_is(server: Server) {
        let (scene, rival_side, rival) = cast(&server);
        // The roles are turned: the marked one loses its protection to the other, and to it the other is the secret.
        let made = register(
            &rival_side.admin,
            &deal_with("acme.example", json!({"title": "Secretplan", "notes": "Secretnotes"})),
        );
        let id = made.text("id");
        act(&rival_side.admin, &id, "dispute", &json!({"text": "Secretreason"})).expect_status(200);
        act(&scene.admin, &id, "resolve", &json!({"resolution": "overturn", "text": "Secretverdict"}))
            .expect_status(200);
        assert_eq!(get(&rival.partner.admin, &rival.deal).text("status"), "approved", "one product is left to it");
        for (path, text) in readings(&rival_side, &id) {
            rival.assert_secret(&path, &text);
        }
        for (path, text) in readings(&rival.partner, &rival.deal) {
            for secret in ["Secret", "Northwind", "northwind", rival_side.id.as_str(), id.as_str()] {
                assert!(!text.contains(secret), "{path} gives {secret} away: {text}");
            }
        }
    }

    fn what_is_another_s_is_as_if_it_were_not_there(server: Server) {
        let (scene, partner, rival) = cast(&server);
        let nowhere = {
            let own = register(&partner.admin, &deal_with("own.example", json!({"submit": false}))).text("id");
            let last = if own.ends_with('0') { '1' } else { '0' };
            format!("{}{last}", &own[..own.len() - 1])
        };
        let strip = |answer: &Answer, id: &str| {
            let mut json = answer.json.clone();
            json["request_id"] = Value::Null;
            (answer.status, json.to_string().replace(id, "ID"))
        };
        for part in ["", "/timeline", "/explanation"] {
            let theirs = partner.admin.get(&format!("{DEALS}/{}{part}", rival.deal)).expect_problem(404, "not_found");
            let none = partner.admin.get(&format!("{DEALS}/{nowhere}{part}")).expect_problem(404, "not_found");
            assert_eq!(strip(&theirs, &rival.deal), strip(&none, &nowhere), "{part}");
        }
        let bodies = [
            ("submit", json!({})),
            ("withdraw", json!({})),
            ("release", json!({})),
            ("extend", json!({})),
            ("lose", json!({"reason": "price"})),
            ("win", json!({"amount": {"amount": "1.00", "currency": "EUR"}, "closed_on": "2026-01-31"})),
            ("dispute", json!({"text": "No."})),
        ];
        for (verb, body) in bodies {
            let theirs = act(&partner.admin, &rival.deal, verb, &body).expect_problem(404, "not_found");
            let none = act(&partner.admin, &nowhere, verb, &body).expect_problem(404, "not_found");
            assert_eq!(strip(&theirs, &rival.deal), strip(&none, &nowhere), "{verb}");
        }
        for tag in ["*", "\"old\""] {
            let theirs =
                partner.admin.patch(&path(&rival.deal), tag, &json!({"notes": "x"})).expect_problem(404, "not_found");
            let none =
                partner.admin.patch(&path(&nowhere), tag, &json!({"notes": "x"})).expect_problem(404, "not_found");
            assert_eq!(strip(&theirs, &rival.deal), strip(&none, &nowhere));
        }
        for event in feed(&scene.admin, "deal_registration.approved") {
            if event["partner_id"] == rival.partner.id.as_str() {
                partner
                    .admin
                    .get(&format!("/v1/events/{}", event["id"].as_str().unwrap()))
                    .expect_problem(404, "not_found");
            }
        }
        for foreign in ["/v1/accounts", "/v1/vendor-opportunities", "/v1/audit-entries"] {
            partner.admin.get(foreign).expect_problem(403, "insufficient_scope");
        }
    }

    fn nobody_registers_in_another_s_name(server: Server) {
        let (_, partner, rival) = cast(&server);
        for path in [DEALS.to_owned(), format!("{DEALS}/check")] {
            let mut body = json!({"program": "reseller", "partner_id": rival.partner.id, "products": ["core"],
                "account": {"name": "Acme", "domain": "acme.example", "country": "DE"}});
            if path == DEALS {
                body = deal_with("acme.example", json!({"partner_id": rival.partner.id}));
            }
            let answer = partner.admin.post(&path, &body).expect_problem(422, "invalid_body");
            assert_eq!(answer.faults(), ["/partner_id"]);
            rival.assert_secret(&path, &answer.text);
        }
        // Its own name it may say.
        register(&partner.admin, &deal_with("own.example", json!({"partner_id": partner.id})));
    }
}

//! Lists: filters, orders, pages, and who sees what.

use super::*;

/// Two partners with registrations of every kind.
struct Cast {
    scene: Scene,
    one: Partner,
    other: Partner,
}

const STAGES: [&str; 7] =
    ["prospect", "qualified", "technical_validation", "business_validation", "proposal", "negotiation", "committed"];

impl Cast {
    fn new(server: &Server) -> Self {
        let scene = Scene::new(server, json!({}));
        scene.program("msp", json!({}));
        let (one, other) = (scene.partner("Northwind"), scene.partner("Contoso"));
        for partner in [&one, &other] {
            scene.enroll(&partner.id, "msp", "Silver");
        }
        let cast = Self { scene, one, other };
        for n in 0..24 {
            cast.add(n);
        }
        cast
    }

    /// The nth registration: members differ, and some are equal, so that orders have ties.
    fn add(&self, n: usize) {
        let partner = if n.is_multiple_of(3) { &self.other } else { &self.one };
        let currency = if n.is_multiple_of(4) { "USD" } else { "EUR" };
        let references: Vec<Value> = match n % 5 {
            0 => vec![json!({"system": "salesforce", "id": format!("sf-{n}")})],
            1 => vec![
                json!({"system": "salesforce", "id": "same"}),
                json!({"system": "hubspot", "id": format!("hs-{n}")}),
            ],
            2 => vec![json!({"system": "hubspot", "id": "same"})],
            _ => vec![],
        };
        let body = deal_with(
            &format!("customer{}.example", n / 2),
            json!({
                "program": if n % 6 == 5 { "msp" } else { "reseller" },
                "title": format!("Überfall 100%_{n}"),
                "notes": if n.is_multiple_of(7) { json!("Straße zum Ziel") } else { Value::Null },
                "products": if n.is_multiple_of(2) { json!(["core"]) } else { json!([format!("p{n}"), "extra"]) },
                "amount": {"amount": format!("{}.50", (n % 5) * 1000), "currency": currency},
                "expected_close_on": format!("2027-0{}-15", n % 4 + 1), "stage": STAGES[n % 7],
                "external_refs": references, "submit": !n.is_multiple_of(8)
            }),
        );
        let id = register(&partner.admin, &body).text("id");
        let decide = |verb: &str, body: Value| {
            act(&self.scene.admin, &id, verb, &body);
        };
        match n % 8 {
            1 => decide("claim-review", json!({})),
            2 => decide("reject", json!({"reason": "other", "text": "No."})),
            3 | 4 => decide("approve", json!({})),
            5 => decide("withdraw", json!({})),
            _ => {}
        }
    }

    fn everything(&self) -> Vec<Value> {
        let all = self.scene.admin.all(&format!("{DEALS}?limit=200"));
        assert_eq!(all.len(), 24);
        all
    }
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// What the list with this query has, page by page, must be what the filter leaves of everything: newest first, each
/// once, and counted.
#[track_caller]
fn assert_filters(client: &Client, all: &[Value], query: &str, keep: impl Fn(&Value) -> bool) {
    let expected: Vec<Value> = all.iter().filter(|row| keep(row)).cloned().collect();
    assert!(!expected.is_empty() && expected.len() < all.len(), "{query} tells nothing apart: {}", expected.len());
    assert_eq!(ids(&client.all(&format!("{DEALS}?limit=3&{query}"))), ids(&expected), "{query}");
    let counted = client.get(&format!("{DEALS}?limit=1&include=total&{query}")).expect_status(200);
    assert_eq!(counted.json["total"], expected.len(), "{query}");
}

fn minor(row: &Value) -> i64 {
    row["amount"]["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

fn references(row: &Value, holds: impl Fn(&Value) -> bool) -> bool {
    row["external_refs"].as_array().unwrap().iter().any(holds)
}

on_both! {
    fn every_filter_leaves_what_it_says(server: Server) {
        let cast = Cast::new(&server);
        let (all, admin) = (cast.everything(), &cast.scene.admin);
        let first = &all[10];
        let of = |member: &'static str, value: &Value| {
            let value = value.clone();
            move |row: &Value| row[member] == value
        };
        for status in ["draft", "submitted", "in_review", "rejected", "approved", "withdrawn"] {
            assert_filters(admin, &all, &format!("status={status}"), of("status", &json!(status)));
        }
        assert_filters(admin, &all, "status=draft,approved", |row| {
            ["draft", "approved"].contains(&row["status"].as_str().unwrap())
        });
        assert_filters(admin, &all, "status=draft&status=approved", |row| {
            ["draft", "approved"].contains(&row["status"].as_str().unwrap())
        });
        assert_filters(admin, &all, "stage=proposal", of("stage", &json!("proposal")));
        assert_filters(admin, &all, "stage=proposal,prospect", |row| {
            ["proposal", "prospect"].contains(&row["stage"].as_str().unwrap())
        });
        assert_filters(admin, &all, &format!("partner_id={}", cast.one.id), of("partner_id", &json!(cast.one.id)));
        assert_filters(admin, &all, "program=msp", of("program", &json!("msp")));
        assert_filters(
            admin,
            &all,
            &format!("account_id={}", first["account_id"].as_str().unwrap()),
            of("account_id", &first["account_id"]),
        );
        assert_filters(admin, &all, "product=extra", |row| {
            row["products"].as_array().unwrap().contains(&json!("extra"))
        });
        assert_filters(
            admin,
            &all,
            &format!("owner_id={}", first["owner_id"].as_str().unwrap()),
            of("owner_id", &first["owner_id"]),
        );
        assert_filters(admin, &all, "currency=USD", |row| row["amount"]["currency"] == "USD");
        let in_euro = |row: &Value| row["amount"]["currency"] == "EUR";
        assert_filters(admin, &all, "currency=EUR&amount_min=2000.50", |row| in_euro(row) && minor(row) >= 200_050);
        assert_filters(admin, &all, "currency=EUR&amount_max=2000.5", |row| in_euro(row) && minor(row) <= 200_050);
        assert_filters(admin, &all, "currency=EUR&amount_min=1000&amount_max=3000.49", |row| {
            in_euro(row) && (100_000..=300_049).contains(&minor(row))
        });
    }

    fn every_range_of_time_begins_with_and_ends_before(server: Server) {
        let cast = Cast::new(&server);
        let (all, admin) = (cast.everything(), &cast.scene.admin);
        let approved: Vec<&Value> = all.iter().filter(|row| !row["protected_until"].is_null()).collect();
        for (name, member, at) in [
            ("created", "created_at", time(&all[10]["created_at"])),
            ("updated", "updated_at", time(&all[10]["updated_at"])),
            ("protected_until", "protected_until", time(&approved[1]["protected_until"])),
        ] {
            let text = at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
            let known = |row: &Value| !row[member].is_null();
            assert_filters(admin, &all, &format!("{name}_after={text}"), |row| known(row) && time(&row[member]) >= at);
            assert_filters(admin, &all, &format!("{name}_before={text}"), |row| known(row) && time(&row[member]) < at);
            let later = (at + TimeDelta::microseconds(1)).to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
            assert_filters(admin, &all, &format!("{name}_after={text}&{name}_before={later}"), |row| {
                known(row) && time(&row[member]) == at
            });
            // The same moment, as another zone's clock shows it.
            let east =
                at.with_timezone(&chrono::FixedOffset::east_opt(7_200).unwrap()).to_rfc3339().replace('+', "%2B");
            assert_filters(admin, &all, &format!("{name}_after={east}"), |row| known(row) && time(&row[member]) >= at);
        }
    }

    fn references_are_found_by_system_and_id(server: Server) {
        let cast = Cast::new(&server);
        let (all, admin) = (cast.everything(), &cast.scene.admin);
        assert_filters(admin, &all, "external_system=hubspot", |row| references(row, |one| one["system"] == "hubspot"));
        assert_filters(admin, &all, "external_id=same", |row| references(row, |one| one["id"] == "same"));
        assert_filters(admin, &all, "external_system=salesforce&external_id=sf-5", |row| {
            references(row, |one| *one == json!({"system": "salesforce", "id": "sf-5"}))
        });
        // Both are of one reference: a registration with the system in one and the id in another is not meant.
        assert_filters(admin, &all, "external_system=hubspot&external_id=same", |row| {
            references(row, |one| *one == json!({"system": "hubspot", "id": "same"}))
        });
        let changed = json!({"external_refs": [{"system": "pipedrive", "id": "new"}]});
        patch(admin, all[0]["id"].as_str().unwrap(), &changed).expect_status(200);
        assert_eq!(ids(&admin.all(&format!("{DEALS}?external_system=pipedrive"))), ids(&all[..1]));
    }

    fn text_is_found_without_case_and_accents_and_literally(server: Server) {
        let cast = Cast::new(&server);
        let (all, admin) = (cast.everything(), &cast.scene.admin);
        let noted = |row: &Value| !row["notes"].is_null();
        for spelling in ["strasse", "STRASSE", "stra%C3%9Fe", "zum%20ziel", "Zum+Ziel", "zum%20%20ziel"] {
            assert_filters(admin, &all, &format!("q={spelling}"), noted);
        }
        let title = |row: &Value, text: &str| row["title"].as_str().unwrap().to_lowercase().contains(text);
        assert_filters(admin, &all, "q=uberfall%20100%25_1", |row| title(row, "100%_1"));
        assert_filters(admin, &all, "q=customer1", |row| {
            row["account"]["name"].as_str().unwrap().starts_with("customer1")
        });
        assert_filters(admin, &all, "q=customer3.example", |row| row["account"]["domain"] == "customer3.example");
        for nothing in ["100_", "1%25%25_1", "%5C", "'%20OR%201=1", "nothing"] {
            assert_eq!(admin.all(&format!("{DEALS}?q={nothing}")).len(), 0, "{nothing}");
        }
    }

    fn filters_add_up(server: Server) {
        let cast = Cast::new(&server);
        let (all, admin) = (cast.everything(), &cast.scene.admin);
        let query = format!(
            "status=draft,submitted,approved&partner_id={}&program=reseller&currency=EUR&product=extra&q=uberfall",
            cast.one.id
        );
        assert_filters(admin, &all, &query, |row| {
            ["draft", "submitted", "approved"].contains(&row["status"].as_str().unwrap())
                && row["partner_id"] == cast.one.id.as_str()
                && row["program"] == "reseller"
                && row["amount"]["currency"] == "EUR"
                && row["products"].as_array().unwrap().contains(&json!("extra"))
        });
    }

    fn every_order_pages_without_loss_or_repeat(server: Server) {
        let cast = Cast::new(&server);
        let (all, admin) = (cast.everything(), &cast.scene.admin);
        let id = |row: &Value| row["id"].as_str().unwrap().to_owned();
        let by = |key: &dyn Fn(&Value) -> String| {
            let mut rows = all.clone();
            rows.sort_by_key(|row| (key(row), id(row)));
            ids(&rows)
        };
        let reversed = |mut ids: Vec<String>| {
            ids.reverse();
            ids
        };
        let text = |member: &'static str| move |row: &Value| row[member].as_str().unwrap().to_owned();
        let expected = [
            ("created_at", by(&text("created_at"))),
            ("-created_at", reversed(by(&text("created_at")))),
            ("updated_at", by(&text("updated_at"))),
            ("-updated_at", reversed(by(&text("updated_at")))),
            ("-amount", reversed(by(&|row| format!("{:020}", minor(row))))),
            ("expected_close_on", by(&text("expected_close_on"))),
        ];
        for (sort, expected) in expected {
            for limit in [1, 5, 24, 200] {
                assert_eq!(
                    ids(&admin.all(&format!("{DEALS}?sort={sort}&limit={limit}"))),
                    expected,
                    "{sort} by {limit}"
                );
            }
        }
        assert_eq!(ids(&admin.all(DEALS)), reversed(by(&text("created_at"))), "newest first, unless said otherwise");
    }

    fn what_comes_in_meanwhile_moves_no_page(server: Server) {
        let cast = Cast::new(&server);
        let (all, admin) = (cast.everything(), &cast.scene.admin);
        let first = admin.get(&format!("{DEALS}?limit=10")).expect_status(200);
        cast.add(24);
        let cursor = first.text("next_cursor");
        let rest = admin.get(&format!("{DEALS}?limit=50&cursor={cursor}")).expect_status(200);
        let read =
            [first.json["data"].as_array().unwrap().clone(), rest.json["data"].as_array().unwrap().clone()].concat();
        assert_eq!(ids(&read), ids(&all));
        assert_eq!(rest.json["next_cursor"], Value::Null);
    }

    fn a_page_links_to_the_next_until_the_last(server: Server) {
        let cast = Cast::new(&server);
        let (all, admin) = (cast.everything(), &cast.scene.admin);
        let (mut at, mut read) = (format!("{DEALS}?q=uberfall%20100%25&limit=7"), Vec::new());
        loop {
            let page = admin.get(&at).expect_status(200);
            assert_eq!(page.json.get("total"), None, "nobody asked for it");
            read.extend(page.json["data"].as_array().unwrap().clone());
            let Some(link) = page.header("link") else {
                assert_eq!(page.json["next_cursor"], Value::Null);
                break;
            };
            let (address, relation) = link.split_once(">; ").unwrap();
            assert_eq!(relation, "rel=\"next\"");
            assert!(address.contains(page.json["next_cursor"].as_str().unwrap()), "{link}");
            at = address.trim_start_matches("<http://entente.test").trim_start_matches('<').to_owned();
        }
        assert_eq!(ids(&read), ids(&all));
    }

    fn a_full_last_page_has_no_next(server: Server) {
        let cast = Cast::new(&server);
        let page = cast.scene.admin.get(&format!("{DEALS}?limit=24&include=total")).expect_status(200);
        assert_eq!(
            (&page.json["next_cursor"], &page.json["total"], page.header("link")),
            (&Value::Null, &json!(24), None)
        );
        let empty = cast.scene.admin.get(&format!("{DEALS}?q=nothing&include=total")).expect_status(200);
        assert_eq!(empty.json, json!({"data": [], "next_cursor": null, "total": 0}));
    }

    fn a_parameter_that_is_wrong_is_told(server: Server) {
        let cast = Cast::new(&server);
        let admin = &cast.scene.admin;
        let cursor = admin.get(&format!("{DEALS}?limit=1&sort=-amount")).expect_status(200).text("next_cursor");
        for (query, parameters) in [
            ("statsu=draft", vec!["statsu"]),
            ("status=open", vec!["status"]),
            ("status=draft,open", vec!["status"]),
            ("status=", vec!["status"]),
            ("limit=0", vec!["limit"]),
            ("limit=201", vec!["limit"]),
            ("limit=ten", vec!["limit"]),
            ("limit=-1", vec!["limit"]),
            ("limit=1&limit=2", vec!["limit"]),
            ("sort=amount", vec!["sort"]),
            ("sort=", vec!["sort"]),
            ("include=everything", vec!["include"]),
            ("partner_id=42", vec!["partner_id"]),
            ("partner_id=deal_01h455vb4pex5vsknk084sn02q", vec!["partner_id"]),
            ("account_id=x", vec!["account_id"]),
            ("currency=EURO", vec!["currency"]),
            ("currency=EUR&amount_min=1e3", vec!["amount_min"]),
            ("amount_min=1", vec!["amount_min"]),
            ("amount_max=1", vec!["amount_max"]),
            ("currency=EUR&amount_min=1.234", vec!["amount_min"]),
            ("created_after=yesterday", vec!["created_after"]),
            ("updated_before=2026-01-31", vec!["updated_before"]),
            ("q=", vec!["q"]),
            ("cursor=x", vec!["cursor"]),
            (&format!("cursor={cursor}"), vec!["cursor"]),
            ("limit=0&status=open&colour=red", vec!["colour", "limit", "status"]),
        ] {
            let answer = admin.get(&format!("{DEALS}?{query}"));
            assert_eq!(answer.status, 400, "{query}: {}", answer.text);
            assert_eq!(places(&answer.expect_problem(400, "invalid_parameter")), parameters, "{query}");
        }
        admin.get(&format!("{DEALS}?limit=1&sort=-amount&cursor={cursor}")).expect_status(200);
        let id = admin.get(&format!("{DEALS}?limit=1")).json["data"][0]["id"].as_str().unwrap().to_owned();
        for part in ["", "/timeline", "/explanation"] {
            assert_eq!(
                admin.get(&format!("{DEALS}/{id}{part}?expand=all")).expect_problem(400, "invalid_parameter").faults(),
                ["expand"]
            );
        }
    }

    fn each_partner_sees_its_own_alone(server: Server) {
        let cast = Cast::new(&server);
        let all = cast.everything();
        for (partner, other) in [(&cast.one, &cast.other), (&cast.other, &cast.one)] {
            let own: Vec<Value> = all.iter().filter(|row| row["partner_id"] == partner.id.as_str()).cloned().collect();
            assert_eq!(ids(&partner.admin.all(&format!("{DEALS}?limit=5"))), ids(&own));
            for sort in ["created_at", "updated_at", "-updated_at", "-amount", "expected_close_on"] {
                let listed = partner.admin.all(&format!("{DEALS}?limit=5&sort={sort}"));
                assert_eq!(sorted(ids(&listed)), sorted(ids(&own)), "{sort}");
            }
            let counted = partner.admin.get(&format!("{DEALS}?include=total&limit=1")).expect_status(200);
            assert_eq!(counted.json["total"], own.len());
            let theirs =
                partner.admin.get(&format!("{DEALS}?include=total&partner_id={}", other.id)).expect_status(200);
            assert_eq!(theirs.json, json!({"data": [], "next_cursor": null, "total": 0}));
            let member =
                cast.scene.user(&format!("member@{}.example", &partner.id[8..]), "partner_member", Some(&partner.id));
            assert_eq!(ids(&member.all(DEALS)), ids(&own));
        }
    }

    fn a_channel_manager_sees_and_decides_for_their_partners_alone(server: Server) {
        let cast = Cast::new(&server);
        let all = cast.everything();
        let manager = cast.scene.user("cam@vendor.example", "channel_manager", None);
        assert_eq!(manager.all(DEALS).len(), 0, "nobody is theirs yet");
        let me = manager.get("/v1/me").expect_status(200).json["subject"].clone();
        let enrollment = format!("/v1/enrollments/{}", cast.one.enrollment);
        let admin = &cast.scene.admin;
        admin.patch(&enrollment, &admin.get(&enrollment).tag(), &json!({"channel_manager_id": me})).expect_status(200);
        let theirs: Vec<Value> = all.iter().filter(|row| row["partner_id"] == cast.one.id.as_str()).cloned().collect();
        assert_eq!(ids(&manager.all(&format!("{DEALS}?limit=5"))), ids(&theirs));
        let of = |partner: &Partner, status: &str| {
            let row = all.iter().find(|row| row["partner_id"] == partner.id.as_str() && row["status"] == status);
            row.unwrap()["id"].as_str().unwrap().to_owned()
        };
        let foreign = of(&cast.other, "submitted");
        manager.get(&path(&foreign)).expect_problem(404, "not_found");
        for verb in ["claim-review", "approve", "submit", "withdraw"] {
            act(&manager, &foreign, verb, &json!({})).expect_problem(404, "not_found");
        }
        manager.patch(&path(&foreign), "*", &json!({"notes": "x"})).expect_problem(404, "not_found");
        act(&manager, &of(&cast.one, "in_review"), "approve", &json!({})).expect_status(200);
        let for_other = deal_with("new.example", json!({"partner_id": cast.other.id}));
        assert_eq!(manager.post(DEALS, &for_other).expect_problem(422, "invalid_body").faults(), ["/partner_id"]);
        register(&manager, &deal_with("new.example", json!({"partner_id": cast.one.id})));
        let events = feed(&manager, "deal_registration.approved");
        assert!(events.iter().all(|event| event["partner_id"] == cast.one.id.as_str()), "{events:?}");
    }
}

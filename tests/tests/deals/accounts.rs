//! Which descriptions mean the same customer.

use super::*;

/// A draft at this customer; the account that the engine recognized.
#[track_caller]
fn account_of(partner: &Partner, account: Value) -> String {
    let body = deal_with("any.example", json!({"account": account, "submit": false}));
    register(&partner.admin, &body).text("account_id")
}

fn named(name: &str, domain: Option<&str>, country: &str) -> Value {
    match domain {
        Some(domain) => json!({"name": name, "domain": domain, "country": country}),
        None => json!({"name": name, "country": country}),
    }
}

fn account(admin: &Client, id: &str) -> Value {
    admin.get(&format!("/v1/accounts/{id}")).expect_status(200).json
}

fn cast(server: &Server) -> (Scene, Partner, Partner) {
    let scene = Scene::new(server, json!({}));
    let (one, other) = (scene.partner("Northwind"), scene.partner("Contoso"));
    (scene, one, other)
}

on_both! {
    fn every_host_below_a_registrable_domain_is_one_account(server: Server) {
        let (scene, one, other) = cast(&server);
        let first = account_of(&one, named("Acme", Some("eu.acme.co.uk"), "GB"));
        let spellings = [
            "acme.co.uk",
            "https://www.ACME.co.uk:443/a?b=c",
            "jane@sales.acme.co.uk",
            "acme.co.uk.",
            "ftp.acme.co.uk",
        ];
        for spelling in spellings {
            // Whatever the name and the country: a domain is certain.
            assert_eq!(account_of(&other, named("Something else", Some(spelling), "FR")), first, "{spelling}");
        }
        assert_eq!(account(&scene.admin, &first)["domain"], "acme.co.uk");
        assert_eq!(account(&scene.admin, &first)["name"], "Acme", "the first name stays");
        let found = scene.admin.get("/v1/accounts?domain=shop.acme.co.uk").expect_status(200);
        assert_eq!(found.json["data"].as_array().unwrap().len(), 1);
    }

    fn two_owners_below_one_public_suffix_are_two_accounts(server: Server) {
        let (scene, one, _) = cast(&server);
        for (a, b, is) in [
            ("acme.co.uk", "rival.co.uk", "acme.co.uk"),
            ("a.github.io", "b.github.io", "a.github.io"),
            ("shop.com.br", "laden.com.br", "shop.com.br"),
            ("münchen-gmbh.de", "muenchen-gmbh.de", "xn--mnchen-gmbh-thb.de"),
        ] {
            let (first, second) =
                (account_of(&one, named(a, Some(a), "DE")), account_of(&one, named(b, Some(b), "DE")));
            assert_ne!(first, second, "{a} and {b}");
            assert_eq!(account(&scene.admin, &first)["domain"], is);
        }
    }

    fn what_nobody_can_register_is_no_domain(server: Server) {
        let (_, one, _) = cast(&server);
        for domain in [
            "co.uk",
            "com",
            "github.io",
            "localhost",
            "192.168.1.1",
            "http://[::1]/",
            "ac me.com",
            "-acme.com",
            "acme..com",
        ] {
            for path in [DEALS.to_owned(), format!("{DEALS}/check")] {
                let account = named("Acme", Some(domain), "DE");
                let body = match path.ends_with("check") {
                    true => json!({"program": "reseller", "account": account, "products": ["core"]}),
                    false => deal_with("any.example", json!({"account": account})),
                };
                let answer = one.admin.post(&path, &body).expect_problem(422, "invalid_body");
                assert_eq!(answer.faults(), ["/account/domain"], "{domain}");
            }
        }
    }

    fn a_name_is_known_in_every_spelling_of_it(server: Server) {
        let (_, one, other) = cast(&server);
        for (at, (a, b)) in [
            ("Zephyr Werkzeuge GmbH", "ZEPHYR WERKZEUGE"),
            ("A.C.M.E. Inc.", "acme"),
            ("Brandt GmbH & Co. KG", "Brandt"),
            ("Johnson and Johnson", "Johnson & Johnson, Inc."),
            ("The Müller Company", "Muller"),
            ("L’Oréal S.A.", "LOreal"),
            ("Żabka Polska sp. z o.o.", "Zabka Polska"),
            ("Novo Nordisk A/S", "Nordisk Novo"),
            ("Koç Holding A.Ş.", "Koc Holding"),
            ("ООО Ромашка", "Romashka"),
            ("トヨタ自動車株式会社", "トヨタ自動車"),
            ("Petronas Sdn. Bhd.", "Petronas"),
            ("Infosys Private Limited", "Infosys Pvt. Ltd."),
            ("Arcelor S.à r.l.", "Arcelor SARL"),
            ("ＩＢＥＲＩＡ　Ｌｔｄ", "iberia"),
        ]
        .into_iter()
        .enumerate()
        {
            let first = account_of(&one, named(a, None, "DE"));
            assert_eq!(account_of(&other, named(b, None, "DE")), first, "{at}: {a} / {b}");
        }
    }

    fn names_that_tell_companies_apart_do(server: Server) {
        let (_, one, _) = cast(&server);
        for (a, b) in [("Vega Holding AG", "Vega AG"), ("Orion Plant 1", "Orion Plant 2"), ("ABC Mining", "ABD Mining")]
        {
            assert_ne!(account_of(&one, named(a, None, "DE")), account_of(&one, named(b, None, "DE")), "{a} / {b}");
        }
    }

    fn the_same_name_in_another_country_is_another_account(server: Server) {
        let (_, one, _) = cast(&server);
        let german = account_of(&one, named("Helios", None, "DE"));
        let french = account_of(&one, named("Helios", None, "FR"));
        assert_ne!(german, french);
        assert_eq!(account_of(&one, named("Helios SARL", None, "FR")), french);
    }

    fn a_domain_tells_two_companies_of_one_name_apart(server: Server) {
        let (_, one, _) = cast(&server);
        let first = account_of(&one, named("Helios", Some("helios.example"), "DE"));
        assert_ne!(account_of(&one, named("Helios", Some("helios-solar.example"), "DE")), first);
        // Without a domain the name is all there is: the company that was there first.
        assert_eq!(account_of(&one, named("Helios GmbH", None, "DE")), first);
    }

    fn an_account_known_by_name_alone_takes_the_first_domain(server: Server) {
        let (scene, one, other) = cast(&server);
        let first = account_of(&one, named("Helios", None, "DE"));
        assert_eq!(account(&scene.admin, &first)["domain"], Value::Null);
        assert_eq!(account_of(&other, named("Helios GmbH", Some("www.helios.example"), "DE")), first);
        assert_eq!(account(&scene.admin, &first)["domain"], "helios.example");
        assert_ne!(account_of(&one, named("Helios", Some("another.example"), "DE")), first);
        let kinds = feed(&scene.admin, "account.updated,account.created");
        let of_first: Vec<_> =
            kinds.iter().filter(|event| event["subject"] == first.as_str()).map(|event| &event["type"]).collect();
        assert_eq!(of_first, ["account.created", "account.updated"]);
    }

    fn a_name_without_a_letter_or_digit_is_none(server: Server) {
        let (_, one, _) = cast(&server);
        let body = deal_with("any.example", json!({"account": named(" .-/' ", None, "DE")}));
        let answer = one.admin.post(DEALS, &body).expect_problem(422, "invalid_body");
        assert_eq!(answer.faults(), ["/account/name"]);
    }

    fn another_customer_in_a_draft_is_another_account(server: Server) {
        let (_, one, _) = cast(&server);
        let id = register(&one.admin, &deal_with("first.example", json!({"submit": false}))).text("id");
        let before = get(&one.admin, &id).text("account_id");
        let changed = patch(&one.admin, &id, &json!({"account": named("Second", Some("second.example"), "DE")}));
        assert_ne!(changed.expect_status(200).text("account_id"), before);
        let back = patch(&one.admin, &id, &json!({"account": named("First", Some("www.first.example"), "DE")}));
        assert_eq!(back.expect_status(200).text("account_id"), before);
    }
}

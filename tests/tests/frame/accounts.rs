//! Accounts, and the vendor's own opportunities at them.

use tests::{Value, json, on_both};

use super::support::{events_of, expect_audited, places};

on_both! {
    fn an_account_is_known_by_its_domain_and_by_its_name(server: Server) {
        let admin = server.admin();
        let (name, domain) = ("Acme Industries GmbH", "https://www.acme.example");
        let new = json!({"name": name, "domain": domain, "country": "DE", "named": true});
        let made = admin.post("/v1/accounts", &new).expect_status(201);
        let (id, path) = (made.text("id"), format!("/v1/accounts/{}", made.text("id")));
        assert_eq!((made.text("domain"), &made.json["named"]), ("acme.example".into(), &json!(true)));
        expect_audited(&admin, &id, "createAccount", &Value::Null, &made.json);
        let same_domain = json!({"name": "Something else", "domain": "mail.acme.example", "country": "FR"});
        assert_eq!(
            admin.post("/v1/accounts", &same_domain).expect_problem(409, "already_exists").faults(),
            ["/domain"]
        );
        let same_name = json!({"name": "ACME  industries, Gmbh", "country": "DE"});
        assert_eq!(admin.post("/v1/accounts", &same_name).expect_problem(409, "already_exists").faults(), ["/name"]);
        let other = json!({"name": "Other", "domain": "another.example", "country": "FR"});
        let other = admin.post("/v1/accounts", &other).expect_status(201);
        let at = format!("/v1/accounts/{}", other.text("id"));
        let taken = admin.patch(&at, &other.tag(), &json!({"domain": "shop.acme.example"}));
        assert_eq!(taken.expect_problem(409, "already_exists").faults(), ["/domain"]);
        let changed = admin.patch(&path, &made.tag(), &json!({"named": false, "name": "Acme AG"})).expect_status(200);
        expect_audited(&admin, &id, "updateAccount", &made.json, &changed.json);
        assert_eq!(events_of(&admin, &id), ["account.created", "account.updated"]);
        admin.patch(&path, &made.tag(), &json!({"named": true})).expect_problem(412, "stale");
        for (query, count) in [
            ("domain=www.acme.example", 1),
            ("name=acme", 1),
            ("name=Acme%20Industries", 0),
            ("named=true", 0),
            ("country=DE", 1),
            ("domain=other.example", 0),
        ] {
            assert_eq!(admin.all(&format!("/v1/accounts?{query}")).len(), count, "{query}");
        }
        for domain in ["com", "not a domain"] {
            let wrong = json!({"name": "X", "domain": domain, "country": "DE"});
            assert_eq!(admin.post("/v1/accounts", &wrong).expect_problem(422, "invalid_body").faults(), ["/domain"]);
        }
        admin.get("/v1/accounts/account_01h455vb4pex5vsknk084sn02q").expect_problem(404, "not_found");
    }

    fn a_vendor_opportunity_brings_its_account_along(server: Server) {
        let admin = server.admin();
        let account = json!({"name": "Acme GmbH", "domain": "acme.example", "country": "DE"});
        let reference = json!({"system": "crm", "id": "1"});
        let new = json!({"title": "Renewal", "account": account, "products": ["core"], "external_ref": reference});
        let made = admin.post("/v1/vendor-opportunities", &new).expect_status(201);
        let (id, path) = (made.text("id"), format!("/v1/vendor-opportunities/{}", made.text("id")));
        assert_eq!(made.text("status"), "open");
        assert_eq!(admin.get(&format!("/v1/accounts/{}", made.text("account_id"))).text("domain"), "acme.example");
        expect_audited(&admin, &id, "createVendorOpportunity", &Value::Null, &made.json);
        let account = json!({"name": "Other spelling", "domain": "www.acme.example", "country": "DE"});
        let second = json!({"title": "More", "account": account});
        let second = admin.post("/v1/vendor-opportunities", &second).expect_status(201);
        assert_eq!(second.text("account_id"), made.text("account_id"));
        assert_eq!(
            admin.post("/v1/vendor-opportunities", &new).expect_problem(409, "already_exists").faults(),
            ["/external_ref"]
        );
        let changed = admin.patch(&path, &made.tag(), &json!({"status": "lost"})).expect_status(200);
        expect_audited(&admin, &id, "updateVendorOpportunity", &made.json, &changed.json);
        assert_eq!(events_of(&admin, &id), ["vendor_opportunity.created", "vendor_opportunity.updated"]);
        for (query, count) in [("status=open", 1), ("status=lost", 1), ("external_system=crm", 1), ("external_id=2", 0)]
        {
            assert_eq!(admin.all(&format!("/v1/vendor-opportunities?{query}")).len(), count, "{query}");
        }
        let faults = json!({"title": "", "account": {"name": "X", "domain": "com", "country": "D"}, "stage": 1});
        let refused = admin.post("/v1/vendor-opportunities", &faults).expect_problem(422, "invalid_body");
        assert_eq!(places(&refused), ["/account/country", "/stage", "/title"], "{}", refused.text);
    }
}

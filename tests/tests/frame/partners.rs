//! Partners, their contacts and their enrollments: made, read, changed, removed, and all of it on record.

use reqwest::Method;
use tests::{Answer, Scene, Value, json, on_both};

use super::support::{events_of, expect_audited, partner};

on_both! {
    fn a_partner_is_known_by_its_host_name(server: Server) {
        let admin = server.admin();
        let new = json!({"name": "Acme", "domain": "https://shop.eu.acme.co.uk/path", "country": "GB"});
        let made = admin.post("/v1/partners", &new).expect_status(201);
        let id = made.text("id");
        assert!(id.starts_with("partner_"));
        assert_eq!((made.text("domain"), made.text("status")), ("shop.eu.acme.co.uk".into(), "active".into()));
        assert_eq!(admin.get(&format!("/v1/partners/{id}")).json, made.json);
        expect_audited(&admin, &id, "createPartner", &Value::Null, &made.json);
        let changed = admin
            .patch(&format!("/v1/partners/{id}"), &made.tag(), &json!({"name": "Acme Ltd", "country": "IE"}))
            .expect_status(200);
        assert_eq!(
            (changed.text("name"), changed.text("country"), changed.text("domain")),
            ("Acme Ltd".into(), "IE".into(), "shop.eu.acme.co.uk".into())
        );
        expect_audited(&admin, &id, "updatePartner", &made.json, &changed.json);
        assert_eq!(events_of(&admin, &id), ["partner.created", "partner.updated"]);
        let taken = json!({"name": "Other", "domain": "Sales@Shop.EU.acme.co.uk", "country": "GB"});
        assert_eq!(admin.post("/v1/partners", &taken).expect_problem(409, "already_exists").faults(), ["/domain"]);
        let other = admin.post("/v1/partners", &partner("Bravo")).expect_status(201);
        let path = format!("/v1/partners/{}", other.text("id"));
        admin
            .patch(&path, &other.tag(), &json!({"domain": "shop.eu.acme.co.uk"}))
            .expect_problem(409, "already_exists");
        for domain in ["localhost", "no domain", "10.0.0.1", "-.example", "a..example"] {
            let new = json!({"name": "X", "domain": domain, "country": "GB"});
            assert_eq!(
                admin.post("/v1/partners", &new).expect_problem(422, "invalid_body").faults(),
                ["/domain"],
                "{domain}"
            );
        }
        let nowhere = json!({"name": "X", "domain": "x.example", "country": "XX"});
        assert_eq!(admin.post("/v1/partners", &nowhere).expect_problem(422, "invalid_body").faults(), ["/country"]);
    }

    fn a_refused_change_leaves_nothing_behind(server: Server) {
        let admin = server.admin();
        let made = admin.post("/v1/partners", &partner("Acme")).expect_status(201);
        let path = format!("/v1/partners/{}", made.text("id"));
        admin
            .patch(&path, &made.tag(), &json!({"name": "B", "domain": "localhost"}))
            .expect_problem(422, "invalid_body");
        admin.patch(&path, "\"stale\"", &json!({"name": "B"})).expect_problem(412, "stale");
        admin.patch(&path, &made.tag(), &json!({"name": null})).expect_problem(422, "invalid_body");
        assert_eq!(admin.get(&path).json, made.json);
        assert_eq!(events_of(&admin, &made.text("id")), ["partner.created"]);
        expect_audited(&admin, &made.text("id"), "createPartner", &Value::Null, &made.json);
    }

    fn a_contact_is_added_changed_and_removed(server: Server) {
        let scene = Scene::approving(&server);
        let admin = &scene.admin;
        let (own, other) = (scene.partner("Acme"), scene.partner("Bravo"));
        let new = json!({
            "partner_id": own.id, "name": "Ada", "email": "Ada@Acme.example", "phone": "+49 30 1", "job_title": "Sales"
        });
        let made = admin.post("/v1/contacts", &new).expect_status(201);
        let (id, path) = (made.text("id"), format!("/v1/contacts/{}", made.text("id")));
        assert_eq!(made.text("email"), "ada@acme.example");
        expect_audited(admin, &id, "createContact", &Value::Null, &made.json);
        let changed = admin.patch(&path, &made.tag(), &json!({"phone": null, "name": "Ada L."})).expect_status(200);
        assert_eq!(
            (&changed.json["phone"], changed.text("job_title"), changed.text("name")),
            (&Value::Null, "Sales".into(), "Ada L.".into())
        );
        expect_audited(admin, &id, "updateContact", &made.json, &changed.json);
        // One address, one contact, in one company.
        let same = json!({"partner_id": own.id, "name": "Ada", "email": "ADA@acme.example"});
        assert_eq!(admin.post("/v1/contacts", &same).expect_problem(409, "already_exists").faults(), ["/email"]);
        let grace = json!({"partner_id": own.id, "name": "Grace", "email": "grace@acme.example"});
        let grace = admin.post("/v1/contacts", &grace).expect_status(201);
        let theirs = format!("/v1/contacts/{}", grace.text("id"));
        let taken = admin.patch(&theirs, &grace.tag(), &json!({"email": "ada@acme.example"}));
        assert_eq!(taken.expect_problem(409, "already_exists").faults(), ["/email"]);
        Answer::of(admin.request(Method::DELETE, &theirs)).expect_status(204);
        let elsewhere = json!({"partner_id": other.id, "name": "Ada", "email": "ada@acme.example"});
        admin.post("/v1/contacts", &elsewhere).expect_status(201);
        let nowhere = json!({"name": "Ada", "email": "ada@acme.example"});
        assert_eq!(admin.post("/v1/contacts", &nowhere).expect_problem(422, "invalid_body").faults(), ["/partner_id"]);
        assert_eq!(admin.all(&format!("/v1/contacts?partner_id={}", own.id)).len(), 1);
        assert_eq!(admin.all("/v1/contacts?email=ADA@acme.example").len(), 2);
        let removed = Answer::of(admin.request(Method::DELETE, &path));
        assert_eq!((removed.status, removed.text.as_str()), (204, ""));
        admin.get(&path).expect_problem(404, "not_found");
        Answer::of(admin.request(Method::DELETE, &path)).expect_problem(404, "not_found");
        expect_audited(admin, &id, "deleteContact", &changed.json, &Value::Null);
        assert_eq!(events_of(admin, &id), ["contact.created", "contact.updated", "contact.deleted"]);
    }

    fn a_partner_is_enrolled_once_in_a_program_at_one_of_its_tiers(server: Server) {
        let scene = Scene::approving(&server);
        scene.program("referral", json!({}));
        let admin = &scene.admin;
        let partner = admin.post("/v1/partners", &partner("Acme")).expect_status(201).text("id");
        let new = json!({"partner_id": partner, "program": "reseller", "tier": "gold", "countries": ["DE", "AT"]});
        let made = admin.post("/v1/enrollments", &new).expect_status(201);
        let (id, path) = (made.text("id"), format!("/v1/enrollments/{}", made.text("id")));
        assert_eq!(
            (made.text("tier"), made.text("status"), &made.json["countries"]),
            ("Gold".into(), "active".into(), &json!(["DE", "AT"]))
        );
        expect_audited(admin, &id, "createEnrollment", &Value::Null, &made.json);
        let event = admin.all("/v1/audit-entries").remove(0);
        assert_eq!(event["partner_id"], json!(partner));
        assert_eq!(admin.post("/v1/enrollments", &new).expect_problem(409, "already_exists").faults(), ["/program"]);
        let lowest =
            admin.post("/v1/enrollments", &json!({"partner_id": partner, "program": "referral"})).expect_status(201);
        assert_eq!(lowest.text("tier"), "Silver");
        let wrong = json!({
            "partner_id": "partner_01h455vb4pex5vsknk084sn02q", "program": "nothing",
            "channel_manager_id": "user_01h455vb4pex5vsknk084sn02q"
        });
        let refused = admin.post("/v1/enrollments", &wrong).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/channel_manager_id", "/partner_id", "/program"], "{}", refused.text);
        let tier = json!({"partner_id": partner, "program": "reseller", "tier": "Diamond"});
        let refused = admin.post("/v1/enrollments", &tier).expect_problem(422, "invalid_body");
        assert!(refused.text.contains("Silver, Gold"), "{}", refused.text);
        let manager = scene.user("cam@vendor.example", "channel_manager", None).get("/v1/me").text("subject");
        let changes = json!({"tier": "Silver", "status": "suspended", "channel_manager_id": manager, "countries": []});
        let changed = admin.patch(&path, &made.tag(), &changes).expect_status(200);
        assert_eq!((changed.text("tier"), changed.text("channel_manager_id")), ("Silver".into(), manager.clone()));
        expect_audited(admin, &id, "updateEnrollment", &made.json, &changed.json);
        assert_eq!(events_of(admin, &id), ["enrollment.created", "enrollment.tier_changed", "enrollment.updated", "enrollment.suspended"]);
        admin.patch(&path, &changed.tag(), &json!({"tier": "Diamond"})).expect_problem(422, "invalid_body");
        let cleared = admin.patch(&path, &changed.tag(), &json!({"channel_manager_id": null})).expect_status(200);
        assert_eq!(cleared.json["channel_manager_id"], Value::Null);
        for (query, count) in
            [("program=reseller", 1), ("tier=Silver", 2), ("status=suspended", 1), ("status=ended", 0)]
        {
            assert_eq!(admin.all(&format!("/v1/enrollments?{query}&partner_id={partner}")).len(), count, "{query}");
        }
        assert!(admin.all(&format!("/v1/enrollments?channel_manager_id={manager}")).is_empty());
    }
}

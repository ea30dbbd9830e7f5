//! People: added, changed, suspended, listed.

use tests::{Client, Scene, Value, json, on_both, scene::PASSWORD, server::ADMIN};

use super::support::{by_password, expect_refusal, refresh};

/// The id of the user with this address.
fn id_of(admin: &Client, email: &str) -> String {
    let found = admin.all(&format!("/v1/users?email={email}"));
    assert_eq!(found.len(), 1, "{found:?}");
    found[0]["id"].as_str().expect("an id").to_owned()
}

/// Changes a user as they are now.
fn change(admin: &Client, id: &str, changes: &Value) -> tests::Answer {
    let path = format!("/v1/users/{id}");
    admin.patch(&path, &admin.get(&path).expect_status(200).tag(), changes)
}

on_both! {
    fn a_user_is_added_read_changed_and_listed(server: Server) {
        let admin = server.admin();
        let new = json!({"email": "Ada@Vendor.example", "name": "Ada", "password": PASSWORD, "role": "finance"});
        let made = admin.post("/v1/users", &new).expect_status(201);
        let path = format!("/v1/users/{}", made.text("id"));
        assert_eq!(made.header("location"), Some(path.as_str()));
        assert_eq!(
            (made.text("email"), made.text("status"), made.text("role")),
            ("ada@vendor.example".into(), "active".into(), "finance".into())
        );
        assert_eq!(made.json["partner_id"], Value::Null);
        assert!(!made.text.contains("password") && !made.text.contains("argon2"), "{}", made.text);
        let read = admin.get(&path).expect_status(200);
        assert_eq!((&read.json, read.tag()), (&made.json, made.tag()));
        let changed =
            change(&admin, &made.text("id"), &json!({"name": "Ada L.", "role": "analyst"})).expect_status(200);
        assert_eq!((changed.text("name"), changed.text("role")), ("Ada L.".into(), "analyst".into()));
        assert_eq!(changed.json["created_at"], made.json["created_at"]);
        assert_ne!(changed.tag(), made.tag());
        let emails = |path: &str| -> Vec<String> {
            admin.all(path).iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(emails("/v1/users"), ["ada@vendor.example", ADMIN.0], "newest first");
        assert_eq!(emails("/v1/users?role=analyst"), ["ada@vendor.example"]);
        assert_eq!(emails("/v1/users?email=ADA@vendor.example"), ["ada@vendor.example"]);
        assert!(emails("/v1/users?role=finance").is_empty());
    }

    fn an_address_or_a_subject_is_taken_once(server: Server) {
        let admin = server.admin();
        let new = json!({"email": "ada@vendor.example", "role": "analyst", "oidc_subject": "ada"});
        admin.post("/v1/users", &new).expect_status(201);
        let same = json!({"email": "ADA@vendor.example", "role": "finance"});
        let taken = admin.post("/v1/users", &same).expect_problem(409, "already_exists");
        assert_eq!(taken.faults(), ["/email"]);
        let same = json!({"email": "bob@vendor.example", "role": "analyst", "oidc_subject": "ada"});
        let taken = admin.post("/v1/users", &same).expect_problem(409, "already_exists");
        assert_eq!(taken.faults(), ["/oidc_subject"]);
        let bob =
            admin.post("/v1/users", &json!({"email": "bob@vendor.example", "role": "analyst"})).expect_status(201);
        change(&admin, &bob.text("id"), &json!({"oidc_subject": "ada"})).expect_problem(409, "already_exists");
    }

    fn a_role_fits_the_side_that_the_person_is_on(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Acme");
        let admin = &scene.admin;
        let refused = |new: Value, at: &str| {
            let answer = admin.post("/v1/users", &new).expect_problem(422, "invalid_body");
            assert_eq!(answer.faults(), [at], "{}", answer.text);
        };
        refused(json!({"email": "a@x.example", "role": "partner_admin"}), "/partner_id");
        refused(json!({"email": "a@x.example", "role": "finance", "partner_id": partner.id}), "/partner_id");
        refused(
            json!({
                "email": "a@x.example", "role": "partner_member", "partner_id": "partner_01h455vb4pex5vsknk084sn02q"
            }),
            "/partner_id",
        );
        refused(json!({"email": "a@x.example", "role": "integration"}), "/role");
        refused(json!({"email": "a@x.example", "role": "owner"}), "/role");
        refused(json!({"email": "not an address", "role": "finance"}), "/email");
        refused(json!({"email": "a@x.example", "role": "finance", "password": "short"}), "/password");
        // Nobody changes sides.
        let analyst =
            admin.post("/v1/users", &json!({"email": "an@vendor.example", "role": "analyst"})).expect_status(201);
        change(admin, &analyst.text("id"), &json!({"role": "partner_admin"})).expect_problem(422, "invalid_body");
        let member = id_of(admin, "admin@acme.example");
        change(admin, &member, &json!({"role": "program_admin"})).expect_problem(422, "invalid_body");
        change(admin, &member, &json!({"role": "partner_member"})).expect_status(200);
    }

    fn suspending_somebody_signs_them_out_at_once(server: Server) {
        let admin = server.admin();
        let new = json!({"email": "ada@vendor.example", "password": PASSWORD, "role": "analyst"});
        let id = admin.post("/v1/users", &new).expect_status(201).text("id");
        let session = by_password(&server.client(), "ada@vendor.example", PASSWORD).expect_status(200);
        let ada = server.client().with_token(&session.text("access_token"));
        ada.get("/v1/partners").expect_status(200);
        change(&admin, &id, &json!({"status": "suspended"})).expect_status(200);
        ada.get("/v1/partners").expect_problem(401, "invalid_token");
        expect_refusal(refresh(&server.client(), &session.text("refresh_token")), 400, "invalid_grant");
        expect_refusal(by_password(&server.client(), "ada@vendor.example", PASSWORD), 400, "invalid_grant");
        change(&admin, &id, &json!({"status": "active"})).expect_status(200);
        by_password(&server.client(), "ada@vendor.example", PASSWORD).expect_status(200);
        // What ended stays ended.
        expect_refusal(refresh(&server.client(), &session.text("refresh_token")), 400, "invalid_grant");
    }

    fn suspending_a_partner_signs_its_people_and_clients_out_at_once(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Acme");
        let new = json!({"name": "Sync", "scopes": ["deals:read"], "partner_id": partner.id});
        let made = scene.admin.post("/v1/api-clients", &new).expect_status(201);
        let client = server.client().as_api_client(&made.text("client_id"), &made.text("client_secret"));
        client.get("/v1/deal-registrations").expect_status(200);
        let path = format!("/v1/partners/{}", partner.id);
        let tag = scene.admin.get(&path).tag();
        scene.admin.patch(&path, &tag, &json!({"status": "suspended"})).expect_status(200);
        partner.admin.get("/v1/me").expect_problem(401, "invalid_token");
        client.get("/v1/me").expect_problem(401, "invalid_token");
        expect_refusal(by_password(&server.client(), "admin@acme.example", PASSWORD), 400, "invalid_grant");
    }

    fn a_new_password_ends_the_sessions_of_the_old_one(server: Server) {
        let admin = server.admin();
        let new = json!({"email": "ada@vendor.example", "password": PASSWORD, "role": "analyst"});
        let id = admin.post("/v1/users", &new).expect_status(201).text("id");
        let session =
            by_password(&server.client(), "ada@vendor.example", PASSWORD).expect_status(200).text("refresh_token");
        change(&admin, &id, &json!({"name": "Ada"})).expect_status(200);
        let session = refresh(&server.client(), &session).expect_status(200).text("refresh_token");
        change(&admin, &id, &json!({"password": "another password"})).expect_status(200);
        expect_refusal(refresh(&server.client(), &session), 400, "invalid_grant");
        expect_refusal(by_password(&server.client(), "ada@vendor.example", PASSWORD), 400, "invalid_grant");
        by_password(&server.client(), "ada@vendor.example", "another password").expect_status(200);
    }

    fn a_partners_administrator_adds_people_of_their_own_company_only(server: Server) {
        let scene = Scene::approving(&server);
        let (own, other) = (scene.partner("Acme"), scene.partner("Bravo"));
        let new = json!({"email": "new@acme.example", "role": "partner_member", "password": PASSWORD});
        let made = own.admin.post("/v1/users", &new).expect_status(201);
        assert_eq!(made.text("partner_id"), own.id);
        let named = json!({"email": "two@acme.example", "role": "partner_admin", "partner_id": own.id});
        own.admin.post("/v1/users", &named).expect_status(201);
        let foreign = json!({"email": "x@bravo.example", "role": "partner_member", "partner_id": other.id});
        own.admin.post("/v1/users", &foreign).expect_problem(422, "invalid_body");
        for role in ["program_admin", "channel_manager", "analyst", "integration"] {
            own.admin
                .post("/v1/users", &json!({"email": "boss@acme.example", "role": role}))
                .expect_problem(422, "invalid_body");
        }
        let path = format!("/v1/users/{}", made.text("id"));
        own.admin.patch(&path, &made.tag(), &json!({"role": "program_admin"})).expect_problem(422, "invalid_body");
        own.admin.patch(&path, &made.tag(), &json!({"partner_id": other.id})).expect_problem(422, "invalid_body");
        // A member only works there.
        let member = server.client().signed_in("new@acme.example", PASSWORD);
        member
            .post("/v1/users", &json!({"email": "y@acme.example", "role": "partner_member"}))
            .expect_problem(403, "insufficient_scope");
    }
}

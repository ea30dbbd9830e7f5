//! Integrations: their secrets, their scopes, their end.

use tests::{Scene, Value, json, on_both, scene::deal};

use super::support::{by_secret, expect_refusal, token};

on_both! {
    fn a_secret_is_shown_once_and_stored_nowhere_in_clear(server: Server) {
        let admin = server.admin();
        let new = json!({"name": "Sync", "scopes": ["deals:read", "partners:read"]});
        let made = admin.post("/v1/api-clients", &new).expect_status(201);
        let (id, secret) = (made.text("client_id"), made.text("client_secret"));
        assert!(id.starts_with("client_") && secret.len() >= 32, "{}", made.text);
        let path = format!("/v1/api-clients/{id}");
        assert_eq!(made.header("location"), Some(path.as_str()));
        let read = admin.get(&path).expect_status(200);
        assert_eq!(read.tag(), made.tag(), "the tag is that of the client, without the secret");
        let everywhere =
            ["/v1/api-clients", "/v1/audit-entries", "/v1/events"].map(|path| admin.get(path).expect_status(200).text);
        for text in everywhere.iter().chain([&read.text]) {
            assert!(
                !text.contains(&secret) && !text.contains("secret_hash") && !text.contains("client_secret"),
                "{text}"
            );
        }
    }

    fn a_rotated_secret_is_worth_nothing(server: Server) {
        let admin = server.admin();
        let made = admin.post("/v1/api-clients", &json!({"name": "Sync", "scopes": ["deals:read"]})).expect_status(201);
        let (id, old) = (made.text("client_id"), made.text("client_secret"));
        let rotated = admin.post(&format!("/v1/api-clients/{id}/rotate-secret"), &json!({})).expect_status(200);
        assert_ne!(rotated.text("client_secret"), old);
        expect_refusal(by_secret(&server.client(), &id, &old), 401, "invalid_client");
        by_secret(&server.client(), &id, &rotated.text("client_secret")).expect_status(200);
    }

    fn a_revoked_client_is_out_at_once(server: Server) {
        let admin = server.admin();
        let made = admin.post("/v1/api-clients", &json!({"name": "Sync", "scopes": ["deals:read"]})).expect_status(201);
        let (id, secret) = (made.text("client_id"), made.text("client_secret"));
        let client = server.client().as_api_client(&id, &secret);
        client.get("/v1/deal-registrations").expect_status(200);
        let revoked = admin.post(&format!("/v1/api-clients/{id}/revoke"), &json!({})).expect_status(200);
        assert_eq!(revoked.text("status"), "revoked");
        client.get("/v1/deal-registrations").expect_problem(401, "invalid_token");
        expect_refusal(by_secret(&server.client(), &id, &secret), 401, "invalid_client");
        // A new secret does not bring it back.
        let rotated = admin.post(&format!("/v1/api-clients/{id}/rotate-secret"), &json!({}));
        if rotated.status == 200 {
            expect_refusal(by_secret(&server.client(), &id, &rotated.text("client_secret")), 401, "invalid_client");
        }
    }

    fn nobody_gives_more_than_they_hold(server: Server) {
        let admin = server.admin();
        let new = json!({"name": "Provisioning", "scopes": ["api_clients:write", "api_clients:read", "deals:read"]});
        let made = admin.post("/v1/api-clients", &new).expect_status(201);
        let client = server.client().as_api_client(&made.text("client_id"), &made.text("client_secret"));
        client.post("/v1/api-clients", &json!({"name": "Fits", "scopes": ["deals:read"]})).expect_status(201);
        let more = json!({"name": "More", "scopes": ["deals:read", "deals:decide"]});
        let refused = client.post("/v1/api-clients", &more).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/scopes/1"]);
        let path = format!("/v1/api-clients/{}", made.text("client_id"));
        let tag = client.get(&path).expect_status(200).tag();
        client.patch(&path, &tag, &json!({"scopes": ["users:write"]})).expect_problem(422, "invalid_body");
        // Nor by a token that was narrowed.
        let form = [
            ("grant_type", "password"),
            ("username", tests::server::ADMIN.0),
            ("password", tests::server::ADMIN.1),
            ("scope", "api_clients:write"),
        ];
        let narrow =
            server.client().with_token(&token(&server.client(), &form).expect_status(200).text("access_token"));
        narrow
            .post("/v1/api-clients", &json!({"name": "X", "scopes": ["deals:read"]}))
            .expect_problem(422, "invalid_body");
        // Nor does it take over a client that holds more.
        let strong =
            admin.post("/v1/api-clients", &json!({"name": "Strong", "scopes": ["deals:decide"]})).expect_status(201);
        let path = format!("/v1/api-clients/{}/rotate-secret", strong.text("client_id"));
        client.post(&path, &json!({})).expect_problem(403, "insufficient_scope");
        by_secret(&server.client(), &strong.text("client_id"), &strong.text("client_secret")).expect_status(200);
    }

    fn who_may_add_users_makes_nobody_an_administrator(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Acme");
        let partner_scopes = partner.admin.get("/v1/me").json["scopes"].clone();
        let made = scene
            .admin
            .post("/v1/api-clients", &json!({"name": "Provisioning", "scopes": partner_scopes}))
            .expect_status(201);
        let client = server.client().as_api_client(&made.text("client_id"), &made.text("client_secret"));
        let member = json!({"email": "m@acme.example", "role": "partner_member", "partner_id": partner.id});
        client.post("/v1/users", &member).expect_status(201);
        for role in ["program_admin", "channel_manager", "finance"] {
            let boss = json!({"email": "boss@vendor.example", "role": role, "password": "a password for tests"});
            assert_eq!(client.post("/v1/users", &boss).expect_problem(422, "invalid_body").faults(), ["/role"]);
        }
        // Nor does it find another way in to one that there is.
        let admin = client.all("/v1/users?role=program_admin").remove(0);
        let path = format!("/v1/users/{}", admin["id"].as_str().expect("an id"));
        for change in [json!({"password": "a password for tests"}), json!({"oidc_subject": "attacker"})] {
            client.patch(&path, "*", &change).expect_problem(403, "insufficient_scope");
        }
        let other = scene
            .admin
            .post("/v1/users", &json!({"email": "a@vendor.example", "role": "marketing"}))
            .expect_status(201);
        let path = format!("/v1/users/{}", other.text("id"));
        client.patch(&path, "*", &json!({"role": "program_admin"})).expect_problem(422, "invalid_body");
    }

    fn scopes_that_there_are_not_and_none_at_all_are_refused(server: Server) {
        let admin = server.admin();
        let new = json!({"name": "", "scopes": ["deals:read", "everything"], "partner": "x"});
        let refused = admin.post("/v1/api-clients", &new).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/name", "/partner", "/scopes/1"]);
        admin.post("/v1/api-clients", &json!({"name": "X", "scopes": []})).expect_problem(422, "invalid_body");
    }

    fn fewer_scopes_hold_from_the_next_request_on(server: Server) {
        let admin = server.admin();
        let made = admin
            .post("/v1/api-clients", &json!({"name": "Sync", "scopes": ["deals:read", "partners:read"]}))
            .expect_status(201);
        let client = server.client().as_api_client(&made.text("client_id"), &made.text("client_secret"));
        client.get("/v1/partners").expect_status(200);
        let path = format!("/v1/api-clients/{}", made.text("client_id"));
        admin.patch(&path, &made.tag(), &json!({"scopes": ["deals:read"], "name": "Deals"})).expect_status(200);
        client.get("/v1/partners").expect_problem(403, "insufficient_scope");
        client.get("/v1/deal-registrations").expect_status(200);
        assert_eq!(client.get("/v1/me").json["scopes"], json!(["deals:read"]));
    }

    fn a_partners_client_sees_only_its_partner(server: Server) {
        let scene = Scene::approving(&server);
        let (own, other) = (scene.partner("Acme"), scene.partner("Bravo"));
        let own_deal = own.admin.post("/v1/deal-registrations", &deal("one.example")).expect_status(201).text("id");
        let other_deal = other.admin.post("/v1/deal-registrations", &deal("two.example")).expect_status(201).text("id");
        let scopes = json!(["partners:read", "deals:read", "deals:write", "events:read"]);
        let made = scene
            .admin
            .post("/v1/api-clients", &json!({"name": "CRM", "scopes": scopes, "partner_id": own.id}))
            .expect_status(201);
        let client = server.client().as_api_client(&made.text("client_id"), &made.text("client_secret"));
        let ids = |path: &str| -> Vec<Value> { client.all(path).iter().map(|one| one["id"].clone()).collect() };
        assert_eq!(ids("/v1/partners"), [json!(own.id)]);
        assert_eq!(ids("/v1/deal-registrations"), [json!(own_deal)]);
        client.get(&format!("/v1/deal-registrations/{other_deal}")).expect_problem(404, "not_found");
        client.get(&format!("/v1/partners/{}", other.id)).expect_problem(404, "not_found");
        let registered = client.post("/v1/deal-registrations", &deal("three.example")).expect_status(201);
        assert_eq!(registered.text("partner_id"), own.id);
        // What is not for partners is not for their clients.
        let vendor = json!({"name": "X", "scopes": ["deals:decide"], "partner_id": own.id});
        scene.admin.post("/v1/api-clients", &vendor).expect_problem(422, "invalid_body");
        let nobody = json!({"name": "X", "scopes": ["deals:read"], "partner_id": "partner_01h455vb4pex5vsknk084sn02q"});
        assert_eq!(
            scene.admin.post("/v1/api-clients", &nobody).expect_problem(422, "invalid_body").faults(),
            ["/partner_id"]
        );
        let listed = scene.admin.all(&format!("/v1/api-clients?partner_id={}", own.id));
        assert_eq!(listed.len(), 1);
        assert!(scene.admin.all(&format!("/v1/api-clients?partner_id={}", other.id)).is_empty());
    }
}

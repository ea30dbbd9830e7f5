//! Who am I?

use tests::{Scene, Value, json, on_both, server::ADMIN};

on_both! {
    fn everybody_can_ask_who_they_are(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Acme");
        let me = scene.admin.get("/v1/me").expect_status(200);
        assert_eq!(
            (me.text("kind"), me.text("email"), me.text("role")),
            ("user".into(), ADMIN.0.into(), "program_admin".into())
        );
        assert_eq!(me.json["partner_id"], Value::Null);
        assert!(me.text("subject").starts_with("user_"));
        for role in ["channel_manager", "finance", "marketing", "analyst"] {
            let somebody = scene.user(&format!("{role}@vendor.example"), role, None).get("/v1/me").expect_status(200);
            assert_eq!((somebody.text("role"), &somebody.json["partner_id"]), (role.into(), &Value::Null));
        }
        let member =
            scene.user("member@acme.example", "partner_member", Some(&partner.id)).get("/v1/me").expect_status(200);
        assert_eq!((member.text("role"), member.text("partner_id")), ("partner_member".into(), partner.id.clone()));
        for partner_id in [Value::Null, json!(partner.id)] {
            let new = json!({"name": "Sync", "scopes": ["deals:read"], "partner_id": partner_id});
            let made = scene.admin.post("/v1/api-clients", &new).expect_status(201);
            let client = server.client().as_api_client(&made.text("client_id"), &made.text("client_secret"));
            let me = client.get("/v1/me").expect_status(200);
            assert_eq!(
                (me.text("kind"), me.text("role"), me.text("name")),
                ("api_client".into(), "integration".into(), "Sync".into())
            );
            assert_eq!(me.text("subject"), made.text("client_id"));
            assert_eq!((&me.json["email"], &me.json["partner_id"]), (&Value::Null, &partner_id));
            assert_eq!(me.json["scopes"], json!(["deals:read"]));
        }
    }
}

//! Nobody makes more of themselves than they are, or acts for a company that is not theirs.

use std::collections::BTreeSet;

use tests::{Answer, Client, Scene, Value, json, on_both, scene::PASSWORD};

use super::world::missing;

/// Who they are and what they may do, as the server sees it.
fn standing(client: &Client) -> Value {
    let me = client.get("/v1/me").expect_status(200).json;
    json!([me["role"], me["partner_id"], me["scopes"]])
}

#[track_caller]
fn refused(answer: Answer, place: &str) {
    let answer = answer.expect_problem(422, "invalid_body");
    assert_eq!(
        answer.faults().into_iter().collect::<BTreeSet<_>>(),
        BTreeSet::from([place.to_owned()]),
        "{}",
        answer.text
    );
}

fn patched(client: &Client, path: &str, change: &Value) -> Answer {
    client.patch(path, "*", change)
}

on_both! {
    fn a_partner_makes_nobody_of_the_vendor(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Acme");
        let path = format!("/v1/users/{}", partner.admin.get("/v1/me").text("subject"));
        let before = standing(&partner.admin);
        for role in ["program_admin", "channel_manager", "finance", "marketing", "analyst", "integration"] {
            let new = json!({"email": format!("{role}@acme.example"), "role": role, "password": PASSWORD});
            refused(partner.admin.post("/v1/users", &new), "/role");
            let mut named = new.clone();
            named["partner_id"] = json!(partner.id);
            refused(partner.admin.post("/v1/users", &named), "/role");
            refused(patched(&partner.admin, &path, &json!({"role": role})), "/role");
        }
        assert_eq!(standing(&partner.admin), before);
        assert_eq!(partner.admin.all("/v1/users").len(), 1, "nobody was added");
    }

    fn a_member_manages_nobody(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Acme");
        let member = scene.user("member@acme.example", "partner_member", Some(&partner.id));
        let path = format!("/v1/users/{}", member.get("/v1/me").text("subject"));
        patched(&member, &path, &json!({"role": "partner_admin"})).expect_problem(403, "insufficient_scope");
        let new = json!({"email": "friend@acme.example", "role": "partner_admin", "password": PASSWORD});
        member.post("/v1/users", &new).expect_problem(403, "insufficient_scope");
        assert_eq!(standing(&member)[0], "partner_member");
    }

    fn nobody_is_moved_to_another_partner(server: Server) {
        let scene = Scene::approving(&server);
        let (own, other) = (scene.partner("Acme"), scene.partner("Bravo"));
        let new = json!({"email": "spy@acme.example", "role": "partner_admin", "password": PASSWORD, "partner_id": other.id});
        refused(own.admin.post("/v1/users", &new), "/partner_id");
        let path = format!("/v1/users/{}", own.admin.get("/v1/me").text("subject"));
        for client in [&own.admin, &scene.admin] {
            refused(patched(client, &path, &json!({"partner_id": other.id})), "/partner_id");
        }
        let theirs = format!("/v1/users/{}", other.admin.get("/v1/me").text("subject"));
        for change in [json!({"password": "another password"}), json!({"role": "partner_member"}), json!({"oidc_subject": "me"})] {
            patched(&own.admin, &theirs, &change).expect_problem(404, "not_found");
        }
        server.client().signed_in("admin@bravo.example", PASSWORD);
    }

    fn a_client_gives_no_scope_that_it_does_not_hold(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Acme");
        let maker = |scopes: &[&str]| {
            let made = scene.admin.post("/v1/api-clients", &json!({"name": "Maker", "scopes": scopes})).expect_status(201);
            (server.client().as_api_client(&made.text("client_id"), &made.text("client_secret")), made.text("client_id"))
        };
        let (weak, own) = maker(&["api_clients:read", "api_clients:write", "deals:read"]);
        let strong = maker(&["partners:write"]).1;
        let more = json!({"name": "More", "scopes": ["deals:read", "partners:write"]});
        refused(weak.post("/v1/api-clients", &more), "/scopes/1");
        refused(patched(&weak, &format!("/v1/api-clients/{own}"), &json!({"scopes": ["users:write"]})), "/scopes/0");
        weak.post(&format!("/v1/api-clients/{strong}/rotate-secret"), &json!({})).expect_problem(403, "insufficient_scope");
        // A partner's client holds nothing of the vendor's, whoever makes it; and partners make none.
        let vendors = json!({"name": "Of Acme", "scopes": ["deals:read", "deals:decide"], "partner_id": partner.id});
        refused(scene.admin.post("/v1/api-clients", &vendors), "/scopes/1");
        let own = json!({"name": "Own", "scopes": ["deals:read"], "partner_id": partner.id});
        partner.admin.post("/v1/api-clients", &own).expect_problem(403, "insufficient_scope");
    }

    fn a_channel_manager_takes_over_nobody_elses_partner(server: Server) {
        let scene = Scene::approving(&server);
        scene.program("second", json!({}));
        let managed = scene.partner("Acme");
        let manager = scene.user("cam@vendor.example", "channel_manager", None);
        let subject = manager.get("/v1/me").text("subject");
        let unknown = missing(&managed.id);
        let enroll = |partner: &str| {
            let new = json!({"partner_id": partner, "program": "second", "channel_manager_id": subject});
            manager.post("/v1/enrollments", &new)
        };
        // Whoever enrolls a partner reaches all that it has: so not one that is in a program already.
        let (known, nobody) = (enroll(&managed.id), enroll(&unknown));
        refused(known.clone(), "/partner_id");
        assert_eq!(known.json["errors"], nobody.json["errors"]);
        assert!(manager.all("/v1/partners").is_empty());
        // One that is in none is nobody's, and their own they may enroll again.
        let new = json!({"name": "New", "domain": "new.example", "country": "DE"});
        let new = manager.post("/v1/partners", &new).expect_status(201).text("id");
        enroll(&new).expect_status(201);
        let again = json!({"partner_id": new, "program": "reseller"});
        manager.post("/v1/enrollments", &again).expect_status(201);
    }

    fn the_feed_goes_on_after_no_event_of_anothers(server: Server) {
        let scene = Scene::approving(&server);
        let (own, other) = (scene.partner("Acme"), scene.partner("Bravo"));
        let last = |client: &Client| client.all_events().pop().expect("an event")["id"].as_str().expect("an id").to_owned();
        let (ours, theirs) = (last(&own.admin), last(&other.admin));
        own.admin.get(&format!("/v1/events?after={ours}")).expect_status(200);
        let known = own.admin.get(&format!("/v1/events?after={theirs}"));
        let unknown = own.admin.get(&format!("/v1/events?after={}", missing(&theirs)));
        assert_eq!((known.status, &known.json["errors"]), (400, &unknown.json["errors"]));
        // Nor does a cursor say how much happens elsewhere.
        let cursor = |client: &Client| client.get("/v1/events?limit=1").expect_status(200).text("next_cursor");
        let before = cursor(&own.admin);
        assert!(before.strip_prefix('p').is_none_or(|rest| rest.parse::<i64>().is_err()), "{before} counts");
        own.admin.get("/v1/events?after=p1").expect_problem(400, "invalid_parameter");
    }
}

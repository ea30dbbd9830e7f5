//! The clock that only a sandbox has.

use std::sync::Arc;

use tests::{Database, Kind, Scene, Server, json, on_both};

use super::{DEALS, deal_with, histories, soon, whole_feed};

const CLOCK: &str = "/v1/sandbox/clock";
const SANDBOX: [(&str, &str); 1] = [("ENTENTE_SANDBOX", "1")];

on_both! {
    fn without_a_sandbox_the_clock_cannot_be_moved(server: Server) {
        let admin = server.admin();
        admin.post(CLOCK, &json!({"advance": "P30D"})).expect_problem(404, "unknown_route");
        admin.get(CLOCK).expect_problem(404, "unknown_route");
        let document = admin.get("/openapi.json").expect_status(200);
        let paths = document.json["paths"].as_object().expect("paths");
        assert!(paths.contains_key(DEALS));
        assert!(!paths.keys().any(|path| path.contains("sandbox")), "the document has the route");
    }
}

#[test]
fn in_a_sandbox_the_clock_moves_and_stays_moved_embedded() {
    the_clock_moves(Kind::Sqlite);
}

#[test]
fn in_a_sandbox_the_clock_moves_and_stays_moved_on_postgres() {
    the_clock_moves(Kind::Postgres);
}

fn the_clock_moves(kind: Kind) {
    let server = Server::with(Arc::new(Database::empty(kind)), &SANDBOX);
    let scene = Scene::approving(&server);
    let partner = scene.partner("Anna");
    let document = server.client().get("/openapi.json").expect_status(200);
    assert!(document.json["paths"][CLOCK]["post"].is_object());
    let id = partner.admin.post(DEALS, &deal_with(1)).expect_status(201).text("id");
    let path = format!("{DEALS}/{id}");
    partner.admin.post(CLOCK, &json!({"advance": "P1D"})).expect_problem(403, "insufficient_scope");
    let first = scene.admin.post_once(CLOCK, "a-month", &json!({"advance": "P30D"})).expect_status(200);
    assert_eq!(first.json["offset_seconds"], 30 * 86_400);
    let again = scene.admin.post_once(CLOCK, "a-month", &json!({"advance": "P30D"})).expect_status(200);
    assert_eq!((again.header("idempotency-replayed"), &again.text), (Some("true"), &first.text));
    assert_eq!(partner.admin.get(&path).expect_status(200).text("status"), "approved");
    // Gold protects for 90 days. The token still holds: it goes by the machine's time.
    scene.admin.post(CLOCK, &json!({"advance": "P60DT1S"})).expect_status(200);
    assert_eq!(partner.admin.get(&path).expect_status(200).text("status"), "expired");
    soon("the sweep tells of it", || {
        histories(&whole_feed(&scene.admin)).get(id.as_str()).is_some_and(|history| history.last() == Some(&"expired"))
    });
    refuses_what_is_no_way_forward(&scene);
    kept_over_a_restart(server, &scene, &path);
}

fn refuses_what_is_no_way_forward(scene: &Scene) {
    for advance in ["-P1D", "P1M", "P1Y", "1 day", "", "P", "PT0.5S", "P-1D"] {
        let refused = scene.admin.post(CLOCK, &json!({"advance": advance})).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/advance"], "{advance}");
    }
    scene.admin.post(CLOCK, &json!({"advance": "P99999W"})).expect_problem(422, "invalid_body");
    scene.admin.post(CLOCK, &json!({"advance": 30})).expect_problem(422, "invalid_body");
    scene.admin.post(CLOCK, &json!({})).expect_problem(422, "invalid_body");
    let clock = scene.admin.get(CLOCK).expect_status(200);
    assert_eq!(clock.json["offset_seconds"], 90 * 86_400 + 1);
}

fn kept_over_a_restart(mut server: Server, scene: &Scene, path: &str) {
    assert!(server.stop());
    let next = Server::with(server.database.clone(), &SANDBOX);
    let admin = scene.admin.at(&next.url);
    assert_eq!(admin.get(CLOCK).expect_status(200).json["offset_seconds"], 90 * 86_400 + 1);
    assert_eq!(admin.get(path).expect_status(200).text("status"), "expired");
}

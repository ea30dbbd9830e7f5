//! Every role against what it may do.

use reqwest::Method;
use tests::{Answer, Client, Scene, Value, json, on_both};

const ADMIN: &str = "program_admin";
const CAM: &str = "channel_manager";
const FINANCE: &str = "finance";
const MARKETING: &str = "marketing";
const ANALYST: &str = "analyst";
const PARTNER_ADMIN: &str = "partner_admin";
const MEMBER: &str = "partner_member";

const ALL: &[&str] = &[ADMIN, CAM, FINANCE, MARKETING, ANALYST, PARTNER_ADMIN, MEMBER];
const NOT_MARKETING: &[&str] = &[ADMIN, CAM, FINANCE, ANALYST, PARTNER_ADMIN, MEMBER];
const DEAL: &str = "/v1/deal-registrations/deal_01h455vb4pex5vsknk084sn02q";

/// What the design gives to whom, written down here a second time: method, path, who may.
fn design() -> Vec<(&'static str, String, &'static [&'static str])> {
    let of = |resource: &str, action: &str| {
        format!("/v1/{resource}/{}_01h455vb4pex5vsknk084sn02q/{action}", resource.trim_end_matches('s'))
    };
    let territory = |action: &str| format!("/v1/territories/territory_01h455vb4pex5vsknk084sn02q/{action}");
    let plan = |action: &str| format!("/v1/business-plans/plan_01h455vb4pex5vsknk084sn02q/{action}");
    let program_plan =
        |action: &str| format!("/v1/programs/reseller/plans/program_plan_01h455vb4pex5vsknk084sn02q/{action}");
    let of_deal = |action: &str| format!("{DEAL}/{action}");
    vec![
        ("GET", "/v1/me".into(), ALL),
        ("GET", "/v1/programs".into(), ALL),
        ("POST", "/v1/programs".into(), &[ADMIN]),
        ("POST", "/v1/programs/validate".into(), &[ADMIN]),
        ("POST", "/v1/programs/evaluate".into(), ALL),
        ("GET", "/v1/programs/reseller/plans".into(), ALL),
        ("POST", "/v1/programs/reseller/plans".into(), &[ADMIN]),
        ("GET", program_plan("moves"), ALL),
        ("POST", program_plan("apply"), &[ADMIN]),
        ("GET", "/v1/partners".into(), ALL),
        ("POST", "/v1/partners".into(), &[ADMIN, CAM]),
        ("GET", "/v1/contacts".into(), ALL),
        ("POST", "/v1/contacts".into(), &[ADMIN, CAM, PARTNER_ADMIN]),
        ("GET", "/v1/enrollments".into(), ALL),
        ("POST", "/v1/enrollments".into(), &[ADMIN, CAM]),
        ("POST", of("enrollments", "suspend"), &[ADMIN, CAM]),
        ("POST", of("enrollments", "terminate"), &[ADMIN, CAM]),
        ("POST", of("enrollments", "reinstate"), &[ADMIN, CAM]),
        ("GET", of("enrollments", "standing"), ALL),
        ("GET", of("enrollments", "tier"), ALL),
        ("GET", of("enrollments", "tier-history"), ALL),
        ("GET", of("enrollments", "progress"), ALL),
        ("GET", of("enrollments", "explanation"), ALL),
        ("GET", of("enrollments", "forecast"), ALL),
        ("GET", of("enrollments", "benefits"), ALL),
        ("POST", of("enrollments", "tier-override"), &[ADMIN, CAM]),
        ("POST", of("enrollments", "tier-override/lift"), &[ADMIN, CAM]),
        ("GET", "/v1/tier-runs".into(), ALL),
        ("POST", "/v1/tier-runs".into(), &[ADMIN, CAM]),
        ("GET", "/v1/notices".into(), ALL),
        ("POST", of("notices", "read"), ALL),
        ("POST", of("partners", "suspend"), &[ADMIN, CAM]),
        ("POST", of("partners", "terminate"), &[ADMIN, CAM]),
        ("POST", of("partners", "reinstate"), &[ADMIN, CAM]),
        ("GET", "/v1/agreements".into(), ALL),
        ("POST", "/v1/agreements".into(), &[ADMIN]),
        ("GET", of("agreements", "versions"), ALL),
        ("POST", of("agreements", "publish"), &[ADMIN]),
        ("POST", of("agreements", "accept"), &[ADMIN, CAM, PARTNER_ADMIN]),
        ("GET", "/v1/agreement-acceptances".into(), ALL),
        ("GET", "/v1/violations".into(), ALL),
        ("POST", "/v1/violations".into(), &[ADMIN, CAM]),
        ("POST", of("violations", "withdraw"), &[ADMIN, CAM]),
        ("GET", "/v1/territories".into(), ALL),
        ("POST", "/v1/territories".into(), &[ADMIN]),
        ("POST", territory("assign"), &[ADMIN, CAM]),
        ("POST", territory("unassign"), &[ADMIN, CAM]),
        ("GET", "/v1/business-plans".into(), ALL),
        ("POST", "/v1/business-plans".into(), &[ADMIN, CAM, PARTNER_ADMIN]),
        ("POST", plan("propose"), &[ADMIN, CAM, PARTNER_ADMIN]),
        ("POST", plan("agree"), &[ADMIN, CAM, PARTNER_ADMIN]),
        ("POST", plan("close"), &[ADMIN, CAM, PARTNER_ADMIN]),
        ("GET", plan("reviews"), ALL),
        ("POST", plan("reviews"), &[ADMIN, CAM, PARTNER_ADMIN]),
        ("GET", "/v1/observations".into(), NOT_MARKETING),
        ("PUT", "/v1/observations".into(), &[ADMIN]),
        ("POST", of("observations", "withdraw"), &[ADMIN]),
        ("GET", "/v1/manual-facts".into(), NOT_MARKETING),
        ("POST", "/v1/manual-facts".into(), &[ADMIN, CAM]),
        ("POST", "/v1/manual-facts/manual_01h455vb4pex5vsknk084sn02q/withdraw".into(), &[ADMIN, CAM]),
        ("GET", "/v1/applications".into(), &[ADMIN, CAM, ANALYST, PARTNER_ADMIN]),
        ("POST", "/v1/applications".into(), &[ADMIN, CAM, PARTNER_ADMIN]),
        ("POST", of("applications", "claim-review"), &[ADMIN, CAM]),
        ("POST", of("applications", "request-information"), &[ADMIN, CAM]),
        ("POST", of("applications", "supply-information"), &[ADMIN, CAM, PARTNER_ADMIN]),
        ("POST", of("applications", "approve"), &[ADMIN, CAM]),
        ("POST", of("applications", "reject"), &[ADMIN, CAM]),
        ("POST", of("applications", "withdraw"), &[ADMIN, CAM, PARTNER_ADMIN]),
        ("GET", "/v1/accounts".into(), &[ADMIN, CAM, FINANCE, ANALYST]),
        ("POST", "/v1/accounts".into(), &[ADMIN, CAM]),
        ("GET", "/v1/vendor-opportunities".into(), &[ADMIN, CAM, FINANCE, ANALYST]),
        ("POST", "/v1/vendor-opportunities".into(), &[ADMIN, CAM]),
        ("GET", "/v1/deal-registrations".into(), NOT_MARKETING),
        ("POST", "/v1/deal-registrations".into(), &[ADMIN, CAM, PARTNER_ADMIN, MEMBER]),
        ("POST", of_deal("withdraw"), &[ADMIN, CAM, PARTNER_ADMIN, MEMBER]),
        ("POST", of_deal("approve"), &[ADMIN, CAM]),
        ("POST", of_deal("reject"), &[ADMIN, CAM]),
        ("POST", of_deal("claim-review"), &[ADMIN, CAM]),
        ("POST", of_deal("resolve"), &[ADMIN, CAM]),
        ("GET", of_deal("timeline"), NOT_MARKETING),
        ("GET", "/v1/events".into(), NOT_MARKETING),
        ("GET", "/v1/audit-entries".into(), &[ADMIN]),
        ("GET", "/v1/users".into(), &[ADMIN, PARTNER_ADMIN]),
        ("POST", "/v1/users".into(), &[ADMIN, PARTNER_ADMIN]),
        ("GET", "/v1/api-clients".into(), &[ADMIN]),
        ("POST", "/v1/api-clients".into(), &[ADMIN]),
    ]
}

/// Somebody of each role.
fn people(scene: &Scene) -> Vec<(&'static str, Client)> {
    let partner = scene.partner("Acme").id;
    let somebody = |role: &&'static str| {
        let side = matches!(*role, PARTNER_ADMIN | MEMBER).then_some(partner.as_str());
        (*role, scene.user(&format!("{role}@somewhere.example"), role, side))
    };
    ALL.iter().map(somebody).collect()
}

fn called(client: &Client, method: &str, path: &str) -> Answer {
    let request = client.request(method.parse::<Method>().expect("a method"), path);
    Answer::of(if method == "GET" { request } else { request.header("If-Match", "*").json(&json!({})) })
}

/// The operations of the published document that need a token: method, path, the scopes.
fn protected(document: &Value) -> Vec<(String, String, Vec<String>)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let Some(scopes) = operation["security"][0]["oauth2"].as_array() else { continue };
            let scopes = scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            let path =
                path.split('/').map(|part| if part.starts_with('{') { "none" } else { part }).collect::<Vec<_>>();
            found.push((method.to_uppercase(), path.join("/"), scopes));
        }
    }
    found
}

on_both! {
    fn every_role_can_do_what_the_design_gives_it_and_nothing_else(server: Server) {
        let scene = Scene::approving(&server);
        let people = people(&scene);
        for (method, path, may) in design() {
            for (role, client) in &people {
                let answer = called(client, method, &path);
                if may.contains(role) {
                    // An empty body is not acceptable, and the deal is not there: but the door was open.
                    assert!(matches!(answer.status, 200 | 404 | 422), "{role} {method} {path}: {}", answer.text);
                } else {
                    let refused = answer.expect_problem(403, "insufficient_scope");
                    let challenge = refused.header("www-authenticate").unwrap_or_default();
                    assert!(challenge.contains(r#"error="insufficient_scope""#), "{role} {method} {path}: {challenge}");
                }
            }
        }
    }

    fn the_document_says_of_every_operation_what_is_then_asked_for(server: Server) {
        let scene = Scene::approving(&server);
        let operations = protected(&server.client().get("/openapi.json").expect_status(200).json);
        assert!(operations.len() > 50, "{} operations need a token", operations.len());
        for (method, path, _) in &operations {
            let answer = called(&server.client(), method, path).expect_problem(401, "invalid_token");
            assert!(answer.header("www-authenticate").is_some(), "{method} {path}");
        }
        for (role, client) in people(&scene) {
            let held = client.get("/v1/me").expect_status(200).json["scopes"].clone();
            for (method, path, needed) in &operations {
                let may = needed.iter().all(|scope| held.as_array().expect("scopes").contains(&json!(scope)));
                let answer = called(&client, method, path);
                assert_eq!(answer.status != 403, may, "{role} {method} {path}: {}", answer.text);
                assert!(answer.status < 500 && answer.status != 401, "{role} {method} {path}: {}", answer.text);
            }
        }
    }
}

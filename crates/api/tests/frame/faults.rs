//! Every wrong request gets a problem document, whoever finds the fault.

use actix_web::test::TestRequest;

use crate::{
    server,
    support::{World, request, send},
};

#[actix_web::test]
async fn who_is_not_known_or_may_not_is_refused() {
    let world = World::new();
    server!(world, service, token);
    let answer = send(&service, TestRequest::get().uri("/v1/users")).await;
    assert_eq!(answer.problem(), (401, "invalid_token".into()));
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="entente""#);
    let answer = send(&service, request("GET", "/v1/users", &format!("{token}x"))).await;
    assert_eq!(answer.problem(), (401, "invalid_token".into()));
    assert!(answer.header("www-authenticate").contains("invalid_token"));
    let narrow =
        crate::support::sign_in(&service, crate::support::EMAIL, crate::support::PASSWORD, Some("deals:read")).await;
    // Before the body is read: it is not even JSON.
    let post = request("POST", "/v1/users", &narrow).insert_header(("Content-Type", "text/plain")).set_payload("?");
    let answer = send(&service, post).await;
    assert_eq!(answer.problem(), (403, "insufficient_scope".into()));
    assert!(answer.header("www-authenticate").contains(r#"scope="users:write""#));
    assert_eq!(send(&service, request("GET", "/v1/me", &narrow)).await.status, 200);
}

#[actix_web::test]
async fn what_is_not_there_is_told_as_a_problem() {
    let world = World::new();
    server!(world, service, token);
    let answer = send(&service, request("GET", "/v1/nothing", &token)).await;
    assert_eq!(answer.problem(), (404, "unknown_route".into()));
    let answer = send(&service, request("DELETE", "/v1/users", &token)).await;
    assert_eq!(answer.problem(), (405, "method_not_allowed".into()));
    assert_eq!(answer.header("allow"), "GET, HEAD, POST");
    let answer = send(&service, request("GET", "/v1/users/user_01h455vb4pex5vsknk084sn02q", &token)).await;
    assert_eq!(answer.problem(), (404, "not_found".into()));
    for wrong in ["/v1/users/7", "/v1/users/%ZZ", "/v1/users/user%5F", "/v1/users/%FF"] {
        let answer = send(&service, request("GET", wrong, &token)).await;
        assert_eq!(answer.problem(), (400, "invalid_parameter".into()), "{wrong}");
        assert_eq!(answer.faults()[0].0, "id");
    }
}

#[actix_web::test]
async fn all_faults_of_parameters_are_told_at_once() {
    let world = World::new();
    server!(world, service, token);
    let path = "/v1/users?limit=1000&rolle=analyst&role=king&email=a&email=b";
    let answer = send(&service, request("GET", path, &token)).await;
    assert_eq!(answer.problem(), (400, "invalid_parameter".into()));
    let mut faults = answer.faults();
    faults.sort();
    let expected =
        [("email", "repeated"), ("limit", "maximum"), ("role", "not_a_known_value"), ("rolle", "unknown_parameter")];
    assert_eq!(faults, expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
    assert!(answer.text().contains("did you mean role?"));
    for (path, code) in [
        ("/v1/users?limit=x", "type"),
        ("/v1/users?limit=0", "minimum"),
        ("/v1/users?cursor=x", "invalid_cursor"),
        ("/v1/audit-entries?occurred_after=yesterday", "format"),
    ] {
        let answer = send(&service, request("GET", path, &token)).await;
        assert_eq!((answer.problem().0, answer.faults()[0].1.as_str()), (400, code), "{path}");
    }
}

//! The token endpoint speaks RFC 6749.

use actix_web::test::TestRequest;
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    server,
    support::{EMAIL, PASSWORD, World, form, send, settings},
};

#[actix_web::test]
async fn errors_have_the_names_of_the_rfc() {
    let world = World::new();
    server!(world, service, token);
    assert!(!token.is_empty());
    let password = ("grant_type", "password");
    for (fields, status, error) in [
        (vec![("username", EMAIL)], 400, "invalid_request"),
        (vec![password, ("username", EMAIL)], 400, "invalid_request"),
        (vec![password, ("username", EMAIL), ("password", "wrong")], 400, "invalid_grant"),
        (vec![password, ("username", EMAIL), ("password", PASSWORD), ("scope", "all")], 400, "invalid_scope"),
        (vec![("grant_type", "magic")], 400, "unsupported_grant_type"),
        (vec![("grant_type", "client_credentials"), ("client_id", "x"), ("client_secret", "y")], 401, "invalid_client"),
    ] {
        let answer = send(&service, form(&fields)).await;
        assert_eq!((answer.status, answer.json()["error"].as_str().unwrap()), (status, error), "{}", answer.text());
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.json()["error_description"].is_string() && answer.json()["code"].is_string());
    }
    let basic = format!("Basic {}", STANDARD.encode("client:secret"));
    let request = form(&[("grant_type", "client_credentials")]).insert_header(("Authorization", basic));
    let answer = send(&service, request).await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, r#"Basic realm="entente""#));
    let json = TestRequest::post().uri("/oauth/token").set_json(serde_json::json!({}));
    assert_eq!(send(&service, json).await.problem(), (415, "unsupported_media_type".into()));
}

#[actix_web::test]
async fn a_refresh_token_is_good_once() {
    let world = World::new();
    server!(world, service, token);
    assert!(!token.is_empty());
    let fields = [("grant_type", "password"), ("username", EMAIL), ("password", PASSWORD)];
    let answer = send(&service, form(&fields)).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let refresh = answer.json()["refresh_token"].as_str().unwrap().to_owned();
    let again = || send(&service, form(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]));
    assert_eq!(again().await.status, 200);
    assert_eq!(again().await.json()["error"], "invalid_grant");
}

#[actix_web::test]
async fn guessing_is_slowed_down() {
    let mut settings = settings();
    settings.limits.tokens_by_account = Some(api::Rate::new(1, 2));
    let world = World::with(settings);
    let service = actix_web::test::init_service(api::service(&world.app)).await;
    let guess = || send(&service, form(&[("grant_type", "password"), ("username", "a@b.example"), ("password", "x")]));
    assert_eq!((guess().await.status, guess().await.status), (400, 400));
    let answer = guess().await;
    assert_eq!(answer.problem(), (429, "rate_limited".into()));
    assert_eq!(answer.header("retry-after"), "1");
    assert!(answer.header("ratelimit").contains("r=0"));
}

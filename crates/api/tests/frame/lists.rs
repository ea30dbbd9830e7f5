//! Pages, their links, and the feed.

use serde_json::json;

use crate::{
    server,
    support::{World, request, send},
};

#[actix_web::test]
async fn pages_follow_each_other_by_link() {
    let world = World::new();
    server!(world, service, token);
    for n in 0..4 {
        let body = json!({"email": format!("user{n}@vendor.example"), "role": "analyst"});
        assert_eq!(send(&service, request("POST", "/v1/users", &token).set_json(body)).await.status, 201);
    }
    let (mut next, mut seen) = (Some("/v1/users?limit=2&role=analyst".to_owned()), Vec::new());
    while let Some(path) = next {
        let page = send(&service, request("GET", &path, &token)).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let body = page.json();
        assert!(body.get("total").is_none() && body.get("next_cursor").is_some());
        seen.extend(body["data"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap().to_owned()));
        next = page.header("link").strip_prefix('<').and_then(|link| link.split('>').next()).map(str::to_owned);
        assert_eq!(next.is_some(), body["next_cursor"].is_string());
    }
    assert_eq!(seen, [3, 2, 1, 0].map(|n| format!("user{n}@vendor.example")));
}

#[actix_web::test]
async fn the_feed_goes_on_where_it_was_left() {
    let world = World::new();
    server!(world, service, token);
    let first = send(&service, request("GET", "/v1/events?limit=1", &token)).await;
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(first.json()["data"][0]["type"], "user.created");
    let empty = send(&service, request("GET", &format!("/v1/events?after={cursor}"), &token)).await;
    assert_eq!((empty.json()["data"].as_array().unwrap().len(), empty.json()["next_cursor"].is_null()), (0, true));
    let body = json!({"email": "ada@vendor.example", "role": "analyst"});
    send(&service, request("POST", "/v1/users", &token).set_json(body)).await;
    let path = format!("/v1/events?after={cursor}&types=user.updated,user.created");
    let next = send(&service, request("GET", &path, &token)).await;
    assert_eq!(next.json()["data"].as_array().unwrap().len(), 1, "{}", next.text());
    let id = next.json()["data"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(send(&service, request("GET", &format!("/v1/events/{id}"), &token)).await.json()["id"], id);
    let audit = send(&service, request("GET", "/v1/audit-entries?action=createUser&limit=1", &token)).await;
    assert_eq!(audit.json()["data"][0]["after"]["email"], "ada@vendor.example");
    assert!(!audit.text().contains("argon2"));
}

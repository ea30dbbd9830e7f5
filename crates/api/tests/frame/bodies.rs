//! Bodies: type, size, form, schema.

use serde_json::{Value, json};

use crate::{
    server,
    support::{World, request, send},
};

#[actix_web::test]
async fn a_body_of_the_wrong_type_size_or_form_is_refused() {
    let world = World::new();
    server!(world, service, token);
    let post = |kind: &'static str, body: String| {
        request("POST", "/v1/users", &token).insert_header(("Content-Type", kind)).set_payload(body)
    };
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    let too_deep = format!("{}{}", "[".repeat(4000), "]".repeat(4000));
    for (kind, body, status, code) in [
        ("text/plain", "{}".to_owned(), 415, "unsupported_media_type"),
        ("application/yaml", "{}".to_owned(), 415, "unsupported_media_type"),
        ("application/json", format!("\"{}\"", "x".repeat(300_000)), 413, "body_too_large"),
        ("application/json", "{\"email\": \n oops}".to_owned(), 400, "invalid_json"),
        ("application/json", String::new(), 400, "invalid_json"),
        ("application/json", deep, 400, "invalid_json"),
        ("application/json", too_deep, 400, "invalid_json"),
        ("application/vnd.entente+json; charset=utf-8", "[]".to_owned(), 422, "invalid_body"),
    ] {
        let answer = send(&service, post(kind, body)).await;
        assert_eq!(answer.problem(), (status, code.into()), "{}", answer.text());
    }
    let answer = send(&service, post("application/json", "{\"email\": \n oops}".into())).await;
    assert!(answer.text().contains("line 2, column 2"), "{}", answer.text());
    let compressed = post("application/json", "{}".into()).insert_header(("Content-Encoding", "gzip"));
    assert_eq!(send(&service, compressed).await.problem().0, 415);
}

#[actix_web::test]
async fn all_faults_of_a_body_are_told_at_once() {
    let world = World::new();
    server!(world, service, token);
    let body = json!({"email": "no address", "nmae": "Ada", "password": "short", "partner_id": 7, "oidc_subject": ""});
    let answer = send(&service, request("POST", "/v1/users", &token).set_json(body)).await;
    assert_eq!(answer.problem(), (422, "invalid_body".into()));
    let expected = [
        ("/email", "format"),
        ("/nmae", "unknown_field"),
        ("/oidc_subject", "too_short"),
        ("/partner_id", "type"),
        ("/password", "too_short"),
        ("/role", "required"),
    ];
    assert_eq!(answer.faults(), expected.map(|(place, code)| (place.to_owned(), code.to_owned())), "{}", answer.text());
    let text = answer.text();
    for words in ["is not an e-mail address", "did you mean name?", "must be at least 8 characters", "is required"] {
        assert!(text.contains(words), "{text}");
    }
}

#[actix_web::test]
async fn programs_come_as_json_or_yaml() {
    let world = World::new();
    server!(world, service, token);
    let yaml = "slug: reseller\nname: Reseller\ntiers:\n  - name: Gold\n    benefits: {protection_days: 90}\n";
    let post = |body: &str| {
        let request = request("POST", "/v1/programs", &token).insert_header(("Content-Type", "application/yaml"));
        request.set_payload(body.to_owned())
    };
    let answer = send(&service, post(yaml)).await;
    assert_eq!((answer.status, answer.header("location")), (201, "/v1/programs/reseller"), "{}", answer.text());
    let read = send(&service, request("GET", "/v1/programs/reseller", &token)).await;
    assert_eq!((read.status, read.header("etag")), (200, answer.header("etag")));
    let answer = send(&service, post("slug: a\nname: [")).await;
    assert_eq!(answer.problem(), (400, "invalid_json".into()));
    let wrong = "slug: a b\nname: A\ntiers:\n  - {name: Gold, benefits: {protection_days: 0}}\n  - {name: 7}\n\
                 deal_registration: {auto_approve: {up_to: {amount: 12.5, currency: EUR}}}\n";
    let answer = send(&service, post(wrong)).await;
    let places: Vec<_> = answer.faults().into_iter().map(|(place, _)| place).collect();
    // In the order of the text.
    let expected =
        ["/slug", "/tiers/0/benefits/protection_days", "/tiers/1/name", "/deal_registration/auto_approve/up_to/amount"];
    assert_eq!(places, expected, "{}", answer.text());
    // The schema cannot count a currency's decimals: the type does, and says where.
    let body: Value = json!({"slug": "b", "name": "B", "tiers": [{"name": "Gold"}],
        "deal_registration": {"auto_approve": {"up_to": {"amount": "1.234", "currency": "EUR"}}}});
    let answer = send(&service, request("POST", "/v1/programs", &token).set_json(body)).await;
    assert_eq!(answer.faults()[0].0, "/deal_registration/auto_approve/up_to", "{}", answer.text());
}

//! A partner sees only its own, and what is not its own looks exactly like what is not there.

use reqwest::Method;
use tests::{
    Answer, Client, Scene, Value, json, on_both,
    scene::{PASSWORD, Partner, deal},
};

/// What a partner has, each by its path.
fn belongings(scene: &Scene, partner: &Partner, domain: &str) -> Vec<String> {
    let contact = json!({"name": "Ada", "email": format!("ada@{domain}")});
    let contact = partner.admin.post("/v1/contacts", &contact).expect_status(201).text("id");
    let deal = partner.admin.post("/v1/deal-registrations", &deal(domain)).expect_status(201).text("id");
    let user = json!({"email": format!("user@{domain}"), "role": "partner_member", "password": PASSWORD});
    let user = partner.admin.post("/v1/users", &user).expect_status(201).text("id");
    let warning = json!({"partner_id": partner.id, "category": "other", "text": "x", "found_by": "x"});
    let violation = scene.admin.post("/v1/violations", &warning).expect_status(201).text("id");
    let exception = json!({"tier": "Gold", "reason": "x", "until": "2099-01-01T00:00:00Z"});
    let tier = format!("/v1/enrollments/{}/tier-override", partner.enrollment);
    scene.admin.post(&tier, &exception).expect_status(200);
    let notices = partner.admin.all("/v1/notices");
    let notice = notices[0]["id"].as_str().expect("an id");
    let plan = json!({
        "enrollment_id": partner.enrollment, "title": "Plan", "starts_on": "2027-01-01", "ends_on": "2027-12-31"
    });
    let plan = partner.admin.post("/v1/business-plans", &plan).expect_status(201).text("id");
    let new = json!({"program": "reseller", "name": domain});
    let territory = scene.admin.post("/v1/territories", &new).expect_status(201).text("id");
    let to = json!({"enrollment_id": partner.enrollment});
    scene.admin.post(&format!("/v1/territories/{territory}/assign"), &to).expect_status(200);
    let fact = json!({"partner_id": partner.id, "name": "invitation", "reason": "x"});
    let fact = scene.admin.post("/v1/manual-facts", &fact).expect_status(201).text("id");
    let seen =
        json!({"partner_id": partner.id, "metric": "revenue", "day": "2026-01-31", "value": "1", "source": "erp"});
    let seen = scene.admin.request(Method::PUT, "/v1/observations").json(&json!({"observations": [seen]}));
    let seen = Answer::of(seen).expect_status(200).json["data"][0]["id"].as_str().expect("an id").to_owned();
    scene.program(&format!("for-{}", partner.id.trim_start_matches("partner_")), json!({}));
    let application = json!({
        "program": format!("for-{}", partner.id.trim_start_matches("partner_")),
        "company": {"name": domain, "domain": partner.admin.get(&format!("/v1/partners/{}", partner.id)).text("domain"), "country": "DE"},
        "contact": {"name": "Ada", "email": format!("ada@{domain}")}
    });
    let application = partner.admin.post("/v1/applications", &application).expect_status(201).text("id");
    let events = scene.admin.get("/v1/events?limit=200").expect_status(200).json;
    let event =
        events["data"].as_array().expect("data").iter().rfind(|event| event["partner_id"] == *partner.id).expect("one");
    vec![
        format!("/v1/partners/{}", partner.id),
        format!("/v1/enrollments/{}", partner.enrollment),
        format!("/v1/contacts/{contact}"),
        format!("/v1/users/{user}"),
        format!("/v1/events/{}", event["id"].as_str().expect("an id")),
        format!("/v1/deal-registrations/{deal}"),
        format!("/v1/deal-registrations/{deal}/timeline"),
        format!("/v1/deal-registrations/{deal}/explanation"),
        format!("/v1/enrollments/{}/standing", partner.enrollment),
        format!("/v1/enrollments/{}/tier", partner.enrollment),
        format!("/v1/enrollments/{}/tier-history", partner.enrollment),
        format!("/v1/enrollments/{}/progress", partner.enrollment),
        format!("/v1/enrollments/{}/explanation", partner.enrollment),
        format!("/v1/enrollments/{}/forecast", partner.enrollment),
        format!("/v1/enrollments/{}/benefits", partner.enrollment),
        format!("/v1/notices/{notice}"),
        format!("/v1/violations/{violation}"),
        format!("/v1/business-plans/{plan}"),
        format!("/v1/business-plans/{plan}/reviews"),
        format!("/v1/territories/{territory}"),
        format!("/v1/manual-facts/{fact}"),
        format!("/v1/observations/{seen}"),
        format!("/v1/applications/{application}"),
    ]
}

/// The same path with an id that nothing has.
fn missing(path: &str) -> String {
    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    let id = &mut parts[3];
    let last = id.pop().expect("an id");
    id.push(if last == '0' { '1' } else { '0' });
    parts.join("/")
}

/// What the caller can tell from an answer, but for the path that they asked for themselves and the request's id.
fn told(answer: &Answer) -> (u16, Value, Vec<String>) {
    let mut body = answer.json.clone();
    for own in ["instance", "request_id"] {
        body[own] = Value::Null;
    }
    // `connection` tells of the socket (it closes where the server answered before the body was all there), not of the
    // deal; and headers come in any order.
    let names = answer.headers.iter().map(|(name, _)| name.clone()).filter(|name| name != "connection");
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    (answer.status, body, names)
}

/// Fails unless the caller cannot tell the path from one that there is not.
fn expect_hidden(client: &Client, method: Method, path: &str, body: Option<&Value>) {
    let call = |path: &str| {
        let request = client.request(method.clone(), path).header("If-Match", "*");
        Answer::of(match body {
            Some(body) => request.json(body),
            None => request,
        })
    };
    let answer = call(path).expect_problem(404, "not_found");
    assert_eq!(told(&answer), told(&call(&missing(path))), "{method} {path}");
}

/// Bodies that each verb would take, were the deal the caller's own.
fn verbs() -> Vec<(&'static str, Value)> {
    vec![
        ("submit", json!({})),
        ("withdraw", json!({})),
        ("release", json!({})),
        ("extend", json!({"progress": "an offer is out"})),
        ("win", json!({"amount": {"amount": "1.00", "currency": "EUR"}, "closed_on": "2027-01-01"})),
        ("lose", json!({"reason": "price"})),
        ("dispute", json!({"text": "it is ours"})),
    ]
}

on_both! {
    fn what_belongs_to_another_partner_is_not_there(server: Server) {
        let scene = Scene::approving(&server);
        let (own, other) = (scene.partner("Acme"), scene.partner("Bravo"));
        let ours = belongings(&scene, &own, "one.example");
        let theirs = belongings(&scene, &other, "two.example");
        for path in &ours {
            own.admin.get(path).expect_status(200);
        }
        for path in &theirs {
            expect_hidden(&own.admin, Method::GET, path, None);
        }
        let changed = json!({"name": "Ours now"});
        for path in theirs.iter().filter(|path| path.starts_with("/v1/contacts") || path.starts_with("/v1/users")) {
            expect_hidden(&own.admin, Method::PATCH, path, Some(&changed));
        }
        expect_hidden(&own.admin, Method::DELETE, &theirs[2], None);
        let deal = theirs[5].as_str();
        expect_hidden(&own.admin, Method::PATCH, deal, Some(&json!({"title": "Ours now"})));
        for (verb, body) in verbs() {
            let path = format!("{deal}/{verb}");
            let answer = Answer::of(own.admin.request(Method::POST, &path).json(&body));
            // Some of these bodies may lack something: then that is said of any deal, known or not.
            let unknown = Answer::of(own.admin.request(Method::POST, &missing(&path)).json(&body));
            assert!(matches!(answer.status, 404 | 422), "{path}: {}", answer.text);
            assert_eq!(told(&answer), told(&unknown), "{path}");
        }
    }

    fn lists_hold_nothing_of_another_partner_however_they_are_asked(server: Server) {
        let scene = Scene::approving(&server);
        let (own, other) = (scene.partner("Acme"), scene.partner("Bravo"));
        belongings(&scene, &own, "one.example");
        belongings(&scene, &other, "two.example");
        let lists = [
            "/v1/partners",
            "/v1/enrollments",
            "/v1/contacts",
            "/v1/users",
            "/v1/deal-registrations",
            "/v1/events",
            "/v1/violations",
            "/v1/notices",
            "/v1/business-plans",
            "/v1/territories",
            "/v1/manual-facts",
            "/v1/observations",
            "/v1/applications",
        ];
        for list in lists {
            let answer = own.admin.get(list).expect_status(200);
            assert!(!answer.json["data"].as_array().expect("data").is_empty(), "{list}");
            assert!(
                !answer.text.contains(&other.id) && !answer.text.contains("two.example"),
                "{list}: {}",
                answer.text
            );
        }
        for list in [
            "/v1/enrollments",
            "/v1/contacts",
            "/v1/users",
            "/v1/deal-registrations",
            "/v1/violations",
            "/v1/notices",
            "/v1/agreement-acceptances",
            "/v1/business-plans",
            "/v1/territories",
            "/v1/manual-facts",
            "/v1/observations",
        ] {
            let answer = own.admin.get(&format!("{list}?partner_id={}", other.id)).expect_status(200);
            assert_eq!(answer.json["data"], json!([]), "{list}");
        }
    }

    fn nothing_can_be_made_in_another_partners_name(server: Server) {
        let scene = Scene::approving(&server);
        let (own, other) = (scene.partner("Acme"), scene.partner("Bravo"));
        let contact = json!({"name": "Ada", "email": "ada@x.example", "partner_id": other.id});
        own.admin.post("/v1/contacts", &contact).expect_problem(422, "invalid_body");
        let mut new = deal("three.example");
        new["partner_id"] = json!(other.id);
        own.admin.post("/v1/deal-registrations", &new).expect_problem(422, "invalid_body");
        assert!(scene.admin.all(&format!("/v1/deal-registrations?partner_id={}", other.id)).is_empty());
        // The same words as for a partner that there is not.
        let mut contact_of_nobody = contact.clone();
        contact_of_nobody["partner_id"] = json!(missing(&format!("/v1/partners/{}", other.id)).rsplit('/').next());
        let (known, unknown) =
            (own.admin.post("/v1/contacts", &contact), own.admin.post("/v1/contacts", &contact_of_nobody));
        assert_eq!(told(&known), told(&unknown));
    }

    fn a_channel_manager_sees_the_partners_that_they_manage(server: Server) {
        let scene = Scene::approving(&server);
        let (managed, other) = (scene.partner("Acme"), scene.partner("Bravo"));
        let manager = scene.user("cam@vendor.example", "channel_manager", None);
        let deals = [(&managed, "one.example"), (&other, "two.example")].map(|(partner, domain)| {
            partner.admin.post("/v1/deal-registrations", &deal(domain)).expect_status(201).text("id")
        });
        assert!(manager.all("/v1/partners").is_empty());
        let id = manager.get("/v1/me").text("subject");
        let path = format!("/v1/enrollments/{}", managed.enrollment);
        let tag = scene.admin.get(&path).tag();
        scene.admin.patch(&path, &tag, &json!({"channel_manager_id": id})).expect_status(200);
        let partners: Vec<Value> = manager.all("/v1/partners").iter().map(|one| one["id"].clone()).collect();
        assert_eq!(partners, [json!(managed.id)]);
        manager.get(&format!("/v1/deal-registrations/{}", deals[0])).expect_status(200);
        manager.get(&format!("/v1/deal-registrations/{}", deals[1])).expect_problem(404, "not_found");
        let text = manager.get("/v1/events?limit=200").expect_status(200).text;
        assert!(text.contains(&deals[0]) && !text.contains(&deals[1]) && !text.contains(&other.id), "{text}");
    }
}

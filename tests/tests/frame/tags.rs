//! Entity tags: who has a copy, and who may change it.

use reqwest::Method;
use tests::{Answer, Client, Scene, json, on_both};

use super::support::partner;

fn get_unless(client: &Client, path: &str, tag: &str) -> Answer {
    Answer::of(client.request(Method::GET, path).header("If-None-Match", tag))
}

on_both! {
    fn who_has_the_current_version_gets_no_second_copy(server: Server) {
        let admin = server.admin();
        let made = admin.post("/v1/partners", &partner("Acme")).expect_status(201);
        let path = format!("/v1/partners/{}", made.text("id"));
        let tag = made.tag();
        assert_eq!(admin.get(&path).tag(), tag, "what was made and what is read are the same version");
        for known in [tag.clone(), "*".into(), format!("W/{tag}"), format!("\"other\", {tag}")] {
            let answer = get_unless(&admin, &path, &known);
            assert_eq!((answer.status, answer.text.as_str(), answer.tag()), (304, "", tag.clone()), "{known}");
            assert!(answer.header("x-request-id").is_some());
        }
        for unknown in ["\"other\"", "other", ""] {
            get_unless(&admin, &path, unknown).expect_status(200);
        }
        let changed = admin.patch(&path, &tag, &json!({"name": "Acme 2"})).expect_status(200);
        assert_ne!(changed.tag(), tag);
        assert_eq!(get_unless(&admin, &path, &tag).expect_status(200).tag(), changed.tag());
    }

    fn a_change_names_the_version_that_it_changes(server: Server) {
        let scene = Scene::approving(&server);
        let admin = &scene.admin;
        let made = admin.post("/v1/partners", &partner("Acme")).expect_status(201);
        let path = format!("/v1/partners/{}", made.text("id"));
        let change = |name: &str| json!({"name": name});
        Answer::of(admin.request(Method::PATCH, &path).json(&change("A"))).expect_problem(428, "precondition_required");
        for stale in ["\"other\"", "", "nonsense"] {
            admin.patch(&path, stale, &change("B")).expect_problem(412, "stale");
        }
        // By strong comparison: a weak tag never matches (RFC 9110, 13.1.1).
        admin.patch(&path, &format!("W/{}", made.tag()), &change("C")).expect_problem(412, "stale");
        assert_eq!(admin.get(&path).text("name"), "Acme");
        let second = admin.patch(&path, &made.tag(), &change("D")).expect_status(200);
        admin.patch(&path, &made.tag(), &change("E")).expect_problem(412, "stale");
        admin.patch(&path, &format!("\"other\", {}", second.tag()), &change("F")).expect_status(200);
        admin.patch(&path, "*", &change("G")).expect_status(200);
        assert_eq!(admin.get(&path).text("name"), "G");
        // What is not there is not there, whichever version is named; and what cannot be read is said first.
        admin
            .patch("/v1/partners/partner_01h455vb4pex5vsknk084sn02q", "*", &change("H"))
            .expect_problem(404, "not_found");
    }

    fn every_resource_that_can_be_changed_asks_for_the_version(server: Server) {
        let admin = server.admin();
        let document = server.client().get("/openapi.json").json;
        let paths = document["paths"].as_object().expect("paths");
        let patched: Vec<String> =
            paths.iter().filter(|(_, item)| item["patch"].is_object()).map(|(path, _)| path.clone()).collect();
        assert!(patched.len() >= 8, "{patched:?}");
        for path in patched {
            // Which it is does not matter yet.
            let id = path.split('/').nth(2).map_or("", |kind| match kind {
                "accounts" => "account",
                "agreements" => "agreement",
                "api-clients" => "client",
                "business-plan-reviews" => "review",
                "business-plans" => "plan",
                "contacts" => "contact",
                "deal-registrations" => "deal",
                "enrollments" => "enrollment",
                "partners" => "partner",
                "people" => "person",
                "territories" => "territory",
                "users" => "user",
                "vendor-opportunities" => "opportunity",
                other => panic!("teach this test the ids of {other}"),
            });
            let path = path
                .replace("{id}", "{}")
                .replace("{client_id}", "{}")
                .replace("{}", &format!("{id}_01h455vb4pex5vsknk084sn02q"));
            Answer::of(admin.request(Method::PATCH, &path).json(&json!({})))
                .expect_problem(428, "precondition_required");
        }
    }

    fn a_version_that_nobody_can_read_protects_nothing_and_is_refused(server: Server) {
        let admin = server.admin();
        let made = admin.post("/v1/partners", &partner("Acme")).expect_status(201);
        let path = format!("/v1/partners/{}", made.text("id"));
        let with = |method: Method, name: &str, value: &[u8]| {
            let value = reqwest::header::HeaderValue::from_bytes(value).expect("a header");
            Answer::of(admin.request(method, &path).header(name, value).json(&json!({"name": "Other"})))
        };
        for value in [&b"\"\xfc\""[..], "x".repeat(1001).as_bytes()] {
            let answer = with(Method::PATCH, "If-Match", value).expect_problem(400, "invalid_parameter");
            assert_eq!(answer.faults(), ["If-Match"]);
        }
        let answer = with(Method::GET, "If-None-Match", b"\"\xfc\"").expect_problem(400, "invalid_parameter");
        assert_eq!(answer.faults(), ["If-None-Match"]);
        // Two lines are one list (RFC 9110, 5.3), in whichever the version stands.
        let two = admin.request(Method::PATCH, &path).header("If-Match", "\"other\"").header("If-Match", made.tag());
        Answer::of(two.json(&json!({"name": "Other"}))).expect_status(200);
        let two = admin.request(Method::PATCH, &path).header("If-Match", "\"other\"").header("If-Match", "\"more\"");
        Answer::of(two.json(&json!({"name": "Third"}))).expect_problem(412, "stale");
    }

    fn a_verb_takes_the_version_too(server: Server) {
        let admin = server.admin();
        let made = admin.post("/v1/api-clients", &json!({"name": "Sync", "scopes": ["deals:read"]})).expect_status(201);
        let path = format!("/v1/api-clients/{}/revoke", made.text("client_id"));
        let verb = |tag: &str| Answer::of(admin.request(Method::POST, &path).header("If-Match", tag));
        verb("\"other\"").expect_problem(412, "stale");
        verb(&made.tag()).expect_status(200);
    }

    fn a_removal_takes_the_version_too(server: Server) {
        let scene = Scene::approving(&server);
        let acme = scene.partner("Acme");
        let new = json!({"name": "Ada", "email": "ada@acme.example", "partner_id": acme.id});
        let made = scene.admin.post("/v1/contacts", &new).expect_status(201);
        let path = format!("/v1/contacts/{}", made.text("id"));
        let remove = |tag: &[u8]| {
            let tag = reqwest::header::HeaderValue::from_bytes(tag).expect("a header");
            Answer::of(scene.admin.request(Method::DELETE, &path).header("If-Match", tag))
        };
        remove(b"\"\xfc\"").expect_problem(400, "invalid_parameter");
        remove(b"\"other\"").expect_problem(412, "stale");
        remove(made.tag().as_bytes()).expect_status(204);
    }

    fn of_two_changes_of_one_version_one_is_made(server: Server) {
        let admin = server.admin();
        let made = admin.post("/v1/partners", &partner("Acme")).expect_status(201);
        let path = format!("/v1/partners/{}", made.text("id"));
        let racers = ["A", "B", "C", "D"].map(|name| {
            let (admin, path, tag) = (admin.clone(), path.clone(), made.tag());
            std::thread::spawn(move || admin.patch(&path, &tag, &json!({"name": name})).status)
        });
        let mut statuses = racers.map(|racer| racer.join().expect("an answer"));
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412]);
    }
}

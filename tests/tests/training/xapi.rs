//! Statements of learning systems: stored as they come, and what they say of courses and exams recorded, or waiting.

use std::time::{Duration, Instant};

use reqwest::Method;
use tests::{Answer, Client, Scene, Value, json, on_both, on_both_with, wire};

use super::{academy, held, person, school};

const STATEMENTS: &str = "/xapi/statements";
const REVIEWS: &str = "/v1/training-reviews";

fn uuid(nth: usize) -> String {
    format!("6690e6c9-3ef0-4ed3-8b37-{nth:012}")
}

fn verb(name: &str) -> Value {
    json!({"id": format!("http://adlnet.gov/expapi/verbs/{name}"), "display": {"en": name}})
}

/// Somebody did something with an activity of the learning system.
fn did(nth: usize, who: &str, what: &str, activity: &str) -> Value {
    json!({
        "id": uuid(nth), "actor": {"mbox": format!("mailto:{who}")}, "verb": verb(what),
        "object": {"id": format!("https://lms.example/{activity}")}, "timestamp": "2026-03-31T12:00:00Z"
    })
}

fn with(mut statement: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        statement[name] = value.clone();
    }
    statement
}

/// A passed and watched exam.
fn passed(nth: usize, who: &str) -> Value {
    let members =
        json!({"result": {"score": {"scaled": 0.875}}, "context": {"instructor": {"mbox": "mailto:eye@lms.example"}}});
    with(did(nth, who, "passed", "exam"), members)
}

fn put(client: &Client, nth: usize, statement: &Value) -> Answer {
    Answer::of(client.request(Method::PUT, STATEMENTS).query(&[("statementId", uuid(nth))]).json(statement))
}

/// The ids of those that a query finds.
#[track_caller]
fn found(client: &Client, query: &[(&str, &str)]) -> Vec<String> {
    let page = Answer::of(client.request(Method::GET, STATEMENTS).query(query)).expect_status(200);
    page.json["statements"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// What waits: reason and key, oldest first.
fn waiting(admin: &Client) -> Vec<String> {
    let open = admin.all(&format!("{REVIEWS}?status=open"));
    let line = |one: &Value| format!("{} {}", one["reason"].as_str().unwrap(), one["key"].as_str().unwrap_or("-"));
    open.iter().rev().map(line).collect()
}

/// Waits until this holds.
fn until(mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never came");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn client_of(scene: &Scene, scopes: &[&str], partner: Option<&str>) -> (String, String) {
    let new = json!({"name": "LMS", "scopes": scopes, "partner_id": partner});
    let made = scene.admin.post("/v1/api-clients", &new).expect_status(201);
    (made.text("client_id"), made.text("client_secret"))
}

on_both! {
    fn what_a_learning_system_tells_is_certified(server: Server) {
        let scene = school(&server);
        let own = scene.partner("Acme");
        let ada = person(&scene.admin, &own.id, "ada@acme.example");
        let told = json!([
            did(1, "ada@acme.example", "registered", "basics"),
            did(2, "Ada@Acme.example", "initialized", "basics"),
            with(did(3, "ada@acme.example", "progressed", "basics"), json!({"result": {"extensions": {
                "https://w3id.org/xapi/cmi5/result/extensions/progress": 40
            }}})),
            with(did(4, "ada@acme.example", "completed", "basics"), json!({"result": {"score": {"raw": 9, "max": 10}}})),
            passed(5, "ada@acme.example"),
            did(6, "ada@acme.example", "terminated", "basics"),
            // What leads up to an end and comes after it begins nothing new.
            did(7, "ada@acme.example", "initialized", "basics"),
        ]);
        let stored = scene.admin.post(STATEMENTS, &told).expect_status(200);
        assert_eq!(stored.json, json!((1..=7).map(uuid).collect::<Vec<_>>()));
        assert_eq!(stored.header("x-experience-api-version"), Some("1.0.3"));
        assert!(waiting(&scene.admin).is_empty());
        assert_eq!(held(&scene.admin, &ada), ["technical valid 2026-03-31 2028-03-30"]);
        let trainings = scene.admin.all(&format!("/v1/training-enrollments?person_id={ada}"));
        let line = |one: &Value| format!("{} {} {} {}", one["item"], one["status"], one["score"], one["source"]);
        let mut lines: Vec<String> = trainings.iter().map(line).collect();
        lines.sort();
        assert_eq!(lines, [r#""basics" "completed" "90" "xapi""#, r#""exam" "completed" "87.5" "xapi""#]);
        // The same again changes nothing, however it is sent.
        scene.admin.post(STATEMENTS, &told).expect_status(200);
        put(&scene.admin, 5, &passed(5, "ada@acme.example")).expect_status(204);
        assert_eq!(scene.admin.all(&format!("/v1/training-enrollments?person_id={ada}")).len(), 2);
        // And something else under the same id is refused.
        let other = passed(5, "ben@acme.example");
        scene.admin.post(STATEMENTS, &json!([did(8, "x@y.example", "attempted", "x"), other]))
            .expect_problem(409, "already_exists");
        put(&scene.admin, 5, &other).expect_problem(409, "already_exists");
        assert!(found(&scene.admin, &[("agent", r#"{"mbox":"mailto:x@y.example"}"#)]).is_empty());
    }

    fn people_are_known_by_address_digest_and_number(server: Server) {
        let scene = school(&server);
        let own = scene.partner("Acme");
        let new = json!({"name": "Ada", "email": "ada@acme.example", "partner_id": own.id, "external_id": "HR-7"});
        let ada = scene.admin.post("/v1/people", &new).expect_status(201).text("id");
        // The SHA-1 of mailto:ada@acme.example.
        let digest = json!({"mbox_sha1sum": "7baab784ecac514713b2832f7ad61a568a94121a"});
        let account = json!({"account": {"homePage": "https://lms.example", "name": "HR-7"}});
        let address = json!({"account": {"homePage": "https://lms.example", "name": "ADA@acme.example"}});
        let own_id = json!({"account": {"homePage": server.url, "name": ada}});
        let of = |nth: usize, actor: &Value| with(did(nth, "x@x.example", "registered", "basics"), json!({"actor": actor}));
        for (nth, actor) in [account, address, own_id, digest].iter().enumerate() {
            scene.admin.post(STATEMENTS, &of(nth + 1, actor)).expect_status(200);
        }
        assert!(waiting(&scene.admin).is_empty());
        scene.admin.post(STATEMENTS, &of(8, &json!({"mbox_sha1sum": "A".repeat(40)}))).expect_status(200);
        scene.admin.post(STATEMENTS, &of(9, &json!({"openid": "https://ada.example"}))).expect_status(200);
        let group = json!({"objectType": "Group", "member": [{"mbox": "mailto:ada@acme.example"}]});
        scene.admin.post(STATEMENTS, &of(10, &group)).expect_status(200);
        assert_eq!(waiting(&scene.admin), [format!("unknown_person sha1:{}", "a".repeat(40))]);
        assert_eq!(scene.admin.all("/v1/training-enrollments").len(), 1);
    }

    fn what_cannot_be_recorded_waits_until_it_can(server: Server) {
        let scene = school(&server);
        let own = scene.partner("Acme");
        let ada = person(&scene.admin, &own.id, "ada@acme.example");
        let admin = &scene.admin;
        let late = with(did(6, "ada@acme.example", "completed", "basics"), json!({"timestamp": "2099-01-01T00:00:00Z"}));
        let told = json!([
            did(1, "ben@acme.example", "completed", "basics"),
            did(2, "ada@acme.example", "completed", "new"),
            did(3, "cleo@acme.example", "completed", "new"),
            with(did(4, "ada@acme.example", "passed", "exam"), json!({"result": {"score": {"scaled": 0.9}}})),
            with(passed(5, "ada@acme.example"), json!({"result": {"score": {"scaled": 0.6}}})),
            late,
        ]);
        admin.post(STATEMENTS, &told).expect_status(200);
        assert_eq!(waiting(admin), [
            "unknown_person mailto:ben@acme.example",
            "unknown_activity https://lms.example/new",
            "unknown_activity https://lms.example/new",
            "refused -", "refused -", "refused -",
        ]);
        let details: Vec<String> = admin.all(&format!("{REVIEWS}?reason=refused"))
            .iter().map(|one| one["detail"].as_str().unwrap().to_owned()).collect();
        assert!(details[2].contains("proctored") && details[1].contains("passed with 60"), "{details:?}");
        assert!(details[0].contains("has not come yet"), "{details:?}");
        // Somebody is added, and a catalogue has the activity: the sweep does the rest.
        let ben = person(admin, &own.id, "ben@acme.example");
        until(|| !waiting(admin).iter().any(|line| line.starts_with("unknown_person")));
        let mut catalogue = academy();
        catalogue["courses"]["deep_dive"]["activities"] = json!(["https://lms.example/new"]);
        admin.post("/v1/training-catalogue/versions", &catalogue).expect_status(201);
        until(|| waiting(admin).len() == 4);
        assert_eq!(waiting(admin)[0], "unknown_person mailto:cleo@acme.example");
        let done = |id: &str| admin.all(&format!("/v1/training-enrollments?status=completed&person_id={id}")).len();
        assert_eq!((done(&ben), done(&ada)), (1, 1));
        let settled = admin.all(&format!("{REVIEWS}?status=resolved"));
        assert!(settled.len() == 2 && settled.iter().all(|one| one["settled_by"] == "system"), "{settled:?}");
        // What was found out later belongs to whom it is about.
        assert_eq!(found(&own.admin, &[]).len(), 5, "all but cleo's");
        let kinds: Vec<Value> = admin.all_events().iter().map(|event| event["type"].clone()).collect();
        let count = |kind: &str| kinds.iter().filter(|one| *one == kind).count();
        assert_eq!((count("training_review.created"), count("training_review.resolved")), (6, 2));
    }

    fn somebody_settles_what_waits(server: Server) {
        let scene = school(&server);
        let own = scene.partner("Acme");
        let ada = person(&scene.admin, &own.id, "ada@acme.example");
        let admin = &scene.admin;
        let unwatched = with(did(2, "ada@acme.example", "passed", "exam"), json!({"result": {"score": {"scaled": 0.9}}}));
        let told = json!([did(1, "ada@home.example", "completed", "other"), unwatched, did(3, "x@y.example", "completed", "z")]);
        admin.post(STATEMENTS, &told).expect_status(200);
        let of = |nth: usize| {
            let found = admin.all(&format!("{REVIEWS}?source=xapi&reference={}", uuid(nth)));
            format!("{REVIEWS}/{}", found[0]["id"].as_str().unwrap())
        };
        let (first, second, third) = (of(1), of(2), of(3));
        let refused = admin.post(&format!("{first}/resolve"), &json!({})).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/item", "/person_id"]);
        let wrong = json!({"person_id": "person_01h455vb4pex5vsknk084sn02q", "item": "nothing"});
        let refused = admin.post(&format!("{first}/resolve"), &wrong).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/item", "/person_id"]);
        let right = json!({"person_id": ada, "item": "basics"});
        let settled = admin.post(&format!("{first}/resolve"), &right).expect_status(200);
        assert_eq!((settled.text("status"), settled.text("person_id")), ("resolved".into(), ada.clone()));
        admin.post(&format!("{first}/resolve"), &right).expect_problem(409, "invalid_transition");
        admin.post(&format!("{first}/dismiss"), &json!({"reason": "x"})).expect_problem(409, "invalid_transition");
        // Nobody watched, by what was told; somebody did, by what is known now.
        admin.post(&format!("{second}/resolve"), &json!({})).expect_problem(422, "policy_refuses");
        admin.post(&format!("{second}/resolve"), &json!({"proctored": true})).expect_status(200);
        assert_eq!(held(admin, &ada), ["technical valid 2026-03-31 2028-03-30"]);
        let gone = admin.post(&format!("{third}/dismiss"), &json!({"reason": "A test."})).expect_status(200);
        assert_eq!((gone.text("status"), gone.text("note")), ("dismissed".into(), "A test.".into()));
        assert!(waiting(admin).is_empty());
        // Partners settle nothing, and channel managers what is of their partners.
        own.admin.get(REVIEWS).expect_problem(403, "insufficient_scope");
        let manager = scene.user("cam@vendor.example", "channel_manager", None);
        assert!(manager.all(REVIEWS).is_empty());
        manager.get(&first).expect_problem(404, "not_found");
    }

    fn statements_are_found_by_all_that_they_name(server: Server) {
        let scene = school(&server);
        let admin = &scene.admin;
        let account = json!({"homePage": "https://h.example", "name": "t"});
        let told = json!([
            did(1, "a@x.example", "answered", "q1"),
            with(did(2, "b@x.example", "answered", "q2"), json!({
                "context": {
                    "registration": "AAAAAAAA-3ef0-4ed3-8b37-7f3964730bee",
                    "team": {"objectType": "Group", "account": account},
                    "contextActivities": {"parent": {"id": "https://lms.example/quiz"}}
                }
            })),
            with(did(3, "c@x.example", "asked", "x"), json!({
                "object": {"objectType": "SubStatement", "actor": {"mbox": "mailto:a@x.example"}, "verb": verb("did"),
                    "object": {"id": "https://lms.example/q1"}}
            })),
            with(did(4, "d@x.example", "confirmed", "x"), json!({"object": {"objectType": "StatementRef", "id": uuid(1)}})),
        ]);
        admin.post(STATEMENTS, &told).expect_status(200);
        // One that speaks of what comes later is found by that too, and whoever speaks of that one.
        let about = |nth: usize, of: usize| {
            with(did(nth, "e@x.example", "liked", "x"), json!({"object": {"objectType": "StatementRef", "id": uuid(of)}}))
        };
        admin.post(STATEMENTS, &json!([about(6, 7), about(5, 6)])).expect_status(200);
        admin.post(STATEMENTS, &did(7, "z@x.example", "ended", "late")).expect_status(200);
        let ids = |nths: &[usize]| nths.iter().map(|nth| uuid(*nth)).collect::<Vec<_>>();
        let by = |query: &[(&str, &str)]| found(admin, query);
        let a = r#"{"mbox":"mailto:a@X.example"}"#;
        assert_eq!(by(&[]), ids(&[7, 5, 6, 4, 3, 2, 1]));
        assert_eq!(by(&[("ascending", "true")]), ids(&[1, 2, 3, 4, 6, 5, 7]));
        assert_eq!(by(&[("agent", a)]), ids(&[4, 1]));
        assert_eq!(by(&[("agent", a), ("related_agents", "true")]), ids(&[4, 3, 1]));
        let team = r#"{"objectType":"Group","account":{"homePage":"https://h.example","name":"t"}}"#;
        assert_eq!(by(&[("agent", team)]), ids(&[]));
        assert_eq!(by(&[("agent", team), ("related_agents", "true")]), ids(&[2]));
        assert_eq!(by(&[("agent", r#"{"mbox":"mailto:z@x.example"}"#)]), ids(&[7, 5, 6]));
        assert_eq!(by(&[("verb", "http://adlnet.gov/expapi/verbs/answered")]), ids(&[4, 2, 1]));
        assert_eq!(by(&[("activity", "https://lms.example/q1")]), ids(&[4, 1]));
        assert_eq!(by(&[("activity", "https://lms.example/q1"), ("related_activities", "true")]), ids(&[4, 3, 1]));
        assert_eq!(by(&[("activity", "https://lms.example/quiz")]), ids(&[]));
        assert_eq!(by(&[("activity", "https://lms.example/quiz"), ("related_activities", "true")]), ids(&[2]));
        assert_eq!(by(&[("registration", "aaaaaaaa-3ef0-4ed3-8b37-7f3964730bee")]), ids(&[2]));
        assert_eq!(by(&[("verb", "http://adlnet.gov/expapi/verbs/answered"), ("agent", a)]), ids(&[4, 1]));
        // By time, page by page.
        let one = |nth: usize| Answer::of(admin.request(Method::GET, STATEMENTS).query(&[("statementId", uuid(nth))]));
        let (fourth, sixth) = (one(4).text("stored"), one(6).text("stored"));
        assert_eq!(by(&[("since", &fourth)]), ids(&[7, 5, 6]));
        assert_eq!(by(&[("until", &fourth)]), ids(&[4, 3, 2, 1]));
        assert_eq!(by(&[("since", &fourth), ("until", &sixth)]), ids(&[5, 6]));
        for (order, expected) in [("false", [7, 5, 6, 4, 3, 2, 1]), ("true", [1, 2, 3, 4, 6, 5, 7])] {
            let (mut seen, mut more) = (Vec::new(), format!("{STATEMENTS}?limit=3&ascending={order}"));
            while !more.is_empty() {
                let page = admin.get(&more).expect_status(200);
                seen.extend(page.json["statements"].as_array().unwrap().iter().map(|one| one["id"].clone()));
                more = page.text("more");
            }
            assert_eq!(json!(seen), json!(ids(&expected)));
        }
    }

    fn a_statement_is_answered_as_it_came_and_in_other_formats(server: Server) {
        let scene = school(&server);
        let admin = &scene.admin;
        let sent = json!({
            "actor": {"name": "Ada", "mbox": "mailto:ada@x.example"},
            "verb": {"id": "http://adlnet.gov/expapi/verbs/asked", "display": {"en-US": "asked", "de": "fragte"}},
            "object": {"id": "https://lms.example/q", "definition": {"name": {"en-US": "Q", "de": "F"}, "extensions": {"https://x.example/n": null}}},
            "context": {"contextActivities": {"parent": {"id": "https://lms.example/quiz"}}},
            "authority": {"mbox": "mailto:forged@x.example"}, "stored": "2001-01-01T00:00:00Z",
            "attachments": [{"usageType": "https://u.example", "display": {"en": "A"}, "contentType": "text/plain",
                "length": 3, "sha2": "a".repeat(64), "fileUrl": "https://f.example/a"}]
        });
        let id = admin.post(STATEMENTS, &sent).expect_status(200).json[0].as_str().unwrap().to_owned();
        let get = |query: &str| Answer::of(admin.request(Method::GET, &format!("{STATEMENTS}?statementId={id}{query}"))
            .header("Accept-Language", "de-AT, de;q=0.9, en;q=0.1")).expect_status(200);
        let exact = get("");
        let subject = admin.get("/v1/me").text("subject");
        assert_eq!(exact.json["authority"]["account"]["name"], subject);
        assert!(exact.text("stored").as_str() > "2026" && exact.text("timestamp") == exact.text("stored"));
        assert_eq!((exact.text("version"), exact.text("id")), ("1.0.0".into(), id.clone()));
        let parents = &exact.json["context"]["contextActivities"]["parent"];
        assert_eq!(*parents, json!([{"id": "https://lms.example/quiz"}]));
        for member in ["actor", "verb", "object", "attachments"] {
            assert_eq!(exact.json[member], sent[member], "{member}");
        }
        let modified = exact.header("last-modified").unwrap();
        assert!(modified.ends_with(" GMT") && modified.contains(&exact.text("stored")[11..19]), "{modified}");
        let through = exact.header("x-experience-api-consistent-through").unwrap();
        assert!(through < exact.text("stored").as_str(), "{through}");
        assert_eq!(get("&format=ids").json["object"], json!({"id": "https://lms.example/q"}));
        assert_eq!(get("&format=ids").json["actor"], json!({"mbox": "mailto:ada@x.example"}));
        let canonical = get("&format=canonical&attachments=false").json;
        assert_eq!(canonical["object"]["definition"]["name"], json!({"de": "F"}));
        assert_eq!(canonical["verb"]["display"], json!({"de": "fragte"}));
        // The head alone, and what is not there.
        assert_eq!(Answer::of(admin.request(Method::HEAD, &format!("{STATEMENTS}?statementId={id}"))).status, 200);
        admin.get(&format!("{STATEMENTS}?statementId={}", uuid(1))).expect_problem(404, "not_found");
        admin.get(&format!("{STATEMENTS}?voidedStatementId={id}")).expect_problem(404, "not_found");
        for (query, fault) in [
            (format!("statementId={id}&voidedStatementId={id}"), "voidedStatementId"),
            (format!("statementId={id}&limit=1"), "statementId"),
            ("statementId=x".to_owned(), "statementId"),
            ("agent=x".to_owned(), "agent"),
            ("agent={\"objectType\":\"Group\",\"member\":[]}".to_owned(), "agent"),
            ("verb=passed".to_owned(), "verb"),
            ("since=yesterday".to_owned(), "since"),
            ("attachments=yes".to_owned(), "attachments"),
            ("limit=-1".to_owned(), "limit"),
            ("format=short".to_owned(), "format"),
            ("Verb=x".to_owned(), "Verb"),
        ] {
            let refused = admin.get(&format!("{STATEMENTS}?{query}")).expect_problem(400, "invalid_parameter");
            assert_eq!(refused.faults(), [fault], "{query}");
        }
    }

    fn what_is_voided_is_not_answered_any_more(server: Server) {
        let scene = school(&server);
        let own = scene.partner("Acme");
        let admin = &scene.admin;
        admin.post(STATEMENTS, &did(1, "nobody@x.example", "completed", "basics")).expect_status(200);
        let void = |nth: usize, of: usize| {
            with(did(nth, "lms@x.example", "voided", "x"), json!({"object": {"objectType": "StatementRef", "id": uuid(of)}}))
        };
        admin.post(STATEMENTS, &void(2, 1)).expect_status(200);
        assert_eq!(found(admin, &[]), [uuid(2)]);
        assert_eq!(found(admin, &[("verb", "http://adlnet.gov/expapi/verbs/completed")]), [uuid(2)]);
        admin.get(&format!("{STATEMENTS}?statementId={}", uuid(1))).expect_problem(404, "not_found");
        let there = admin.get(&format!("{STATEMENTS}?voidedStatementId={}", uuid(1))).expect_status(200);
        assert_eq!(there.text("id"), uuid(1));
        // What waited of it does not wait any more.
        assert!(waiting(admin).is_empty());
        assert_eq!(admin.all(&format!("{REVIEWS}?status=dismissed"))[0]["note"], "The statement was voided.");
        // One that voids is not voided; one that comes after it was voided is, and is not recorded.
        admin.post(STATEMENTS, &void(3, 2)).expect_status(200);
        assert_eq!(found(admin, &[]), [uuid(3), uuid(2)]);
        person(admin, &own.id, "ada@acme.example");
        admin.post(STATEMENTS, &void(4, 5)).expect_status(200);
        admin.post(STATEMENTS, &did(5, "ada@acme.example", "completed", "basics")).expect_status(200);
        assert_eq!(found(admin, &[]), [uuid(4), uuid(3), uuid(2)]);
        assert!(admin.all("/v1/training-enrollments").is_empty());
    }

    fn a_client_shows_its_secret(server: Server) {
        let scene = school(&server);
        let own = scene.partner("Acme");
        let other = scene.partner("Bravo");
        person(&scene.admin, &own.id, "ada@acme.example");
        person(&scene.admin, &other.id, "ben@bravo.example");
        let nobody = server.client();
        let as_client = |(id, secret): &(String, String), method: Method| {
            nobody.request(method, STATEMENTS).basic_auth(id, Some(secret))
        };
        let lms = client_of(&scene, &["training:read", "training:report"], None);
        let told = json!([
            did(1, "ada@acme.example", "completed", "basics"), did(2, "ben@bravo.example", "completed", "basics"),
            did(3, "nobody@x.example", "completed", "basics")
        ]);
        let stored = Answer::of(as_client(&lms, Method::POST).json(&told)).expect_status(200);
        assert_eq!(stored.json.as_array().unwrap().len(), 3);
        let page = Answer::of(as_client(&lms, Method::GET)).expect_status(200);
        assert_eq!(page.json["statements"][0]["authority"]["account"]["name"], lms.0);
        // A partner's client reaches its partner's statements, and reports none.
        let bound = client_of(&scene, &["training:read"], Some(&own.id));
        let page = Answer::of(as_client(&bound, Method::GET)).expect_status(200);
        let ids: Vec<&Value> = page.json["statements"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert_eq!(ids, [&json!(uuid(1))]);
        let of = |nth: usize| Answer::of(as_client(&bound, Method::GET).query(&[("statementId", uuid(nth))]));
        of(1).expect_status(200);
        of(2).expect_problem(404, "not_found");
        of(3).expect_problem(404, "not_found");
        Answer::of(as_client(&bound, Method::POST).json(&told)).expect_problem(403, "insufficient_scope");
        // With a person who moves, what they have done goes along.
        let ada = scene.admin.all("/v1/people?email=ada@acme.example")[0]["id"].as_str().unwrap().to_owned();
        let to = json!({"partner_id": other.id, "reason": "A new job."});
        scene.admin.post(&format!("/v1/people/{ada}/move"), &to).expect_status(200);
        of(1).expect_problem(404, "not_found");
        assert_eq!(found(&other.admin, &[]), [uuid(2), uuid(1)]);
        // What is wrong is refused, and says how it would be right.
        let wrong = (lms.0.clone(), "guess".to_owned());
        let refused = Answer::of(as_client(&wrong, Method::GET)).expect_problem(401, "invalid_token");
        assert!(refused.header("www-authenticate").unwrap().contains("Basic realm"), "{:?}", refused.headers);
        Answer::of(as_client(&("x".into(), "y".into()), Method::GET)).expect_problem(401, "invalid_token");
        Answer::of(nobody.request(Method::GET, "/v1/people").basic_auth(&lms.0, Some(&lms.1)))
            .expect_problem(401, "invalid_token");
        scene.admin.post(&format!("/v1/api-clients/{}/revoke", lms.0), &json!({})).expect_status(200);
        Answer::of(as_client(&lms, Method::GET)).expect_problem(401, "invalid_token");
    }

    fn what_is_no_statement_is_refused_with_every_fault(server: Server) {
        let scene = school(&server);
        let admin = &scene.admin;
        let wrong = json!([
            did(1, "a@x.example", "passed", "x"),
            with(did(2, "a@x.example", "passed", "x"), json!({"actor": {"name": "x"}, "extra": 1, "result": {"score": {"scaled": 2}}})),
            did(1, "a@x.example", "passed", "x"),
        ]);
        let refused = admin.post(STATEMENTS, &wrong).expect_problem(400, "invalid_statement");
        assert_eq!(refused.faults(), ["/1/actor", "/1/extra", "/1/result/score/scaled", "/2/id"]);
        assert_eq!(refused.header("x-experience-api-version"), Some("1.0.3"));
        put(admin, 7, &did(1, "a@x.example", "passed", "x")).expect_problem(400, "invalid_statement");
        put(admin, 7, &json!([])).expect_problem(400, "invalid_statement");
        assert!(found(admin, &[]).is_empty());
        // The version is required, and one that is not spoken here is refused.
        let token = admin.token.clone().unwrap();
        for version in ["", "X-Experience-API-Version: 0.95\r\n", "X-Experience-API-Version: 1.1.0\r\n"] {
            let head = format!("GET {STATEMENTS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n{version}\r\n");
            let refused = wire::answer(&server.url, head.as_bytes());
            assert_eq!((refused.status, refused.faults()), (400, vec!["X-Experience-API-Version".to_owned()]), "{version}");
        }
        let head = format!("GET {STATEMENTS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nX-Experience-API-Version: 1.0\r\n\r\n");
        assert_eq!(wire::answer(&server.url, head.as_bytes()).status, 200);
        let form = admin.request(Method::POST, STATEMENTS).header("Content-Type", "multipart/form-data; boundary=x").body("--x--");
        Answer::of(form).expect_problem(415, "unsupported_media_type");
    }

    fn what_is_too_much_is_refused_at_once(server: Server) {
        let scene = school(&server);
        let admin = &scene.admin;
        let send = |body: Vec<u8>| {
            let begun = Instant::now();
            let answer = Answer::of(admin.request(Method::POST, STATEMENTS).header("Content-Type", "application/json").body(body));
            assert!(begun.elapsed() < Duration::from_secs(5), "{:?} for {}", begun.elapsed(), answer.text);
            answer
        };
        let text = |value: Value| value.to_string().into_bytes();
        let of = |members: Value| with(did(1, "a@x.example", "passed", "x"), members);
        let many = |number: usize| {
            let names = (0..number).map(|nth| (format!("https://x.example/{nth}"), json!(nth)));
            json!({"extensions": names.collect::<std::collections::BTreeMap<_, _>>()})
        };
        let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(200_000), "]".repeat(200_000));
        send(deep.into_bytes()).expect_problem(400, "invalid_json");
        send(text(of(json!({"result": many(100_000)})))).expect_problem(400, "invalid_statement");
        send(text(of(json!({"result": {"response": "x".repeat(1_100_000)}})))).expect_problem(413, "body_too_large");
        send(vec![b' '; 5_000_000]).expect_problem(413, "body_too_large");
        send(format!("[{}0]", "0,".repeat(500_000)).into_bytes()).expect_problem(400, "invalid_json");
        send(text(json!(vec![1; 1_001]))).expect_problem(400, "invalid_statement");
        send(b"\xff\xfe{\x00}\x00".to_vec()).expect_problem(400, "invalid_json");
        send(b"{\"a\": \"\xe9\"}".to_vec()).expect_problem(400, "invalid_json");
        send(b"{\"actor\": 1, \"actor\": 2}".to_vec()).expect_problem(400, "invalid_json");
        let members: Vec<Value> = (0..600).map(|nth| json!({"mbox": format!("mailto:{nth}@x.example")})).collect();
        let crowd = of(json!({"actor": {"objectType": "Group", "member": members}}));
        send(text(crowd)).expect_problem(400, "invalid_statement");
        // What is large and right is taken.
        send(text(of(json!({"result": {"response": "x".repeat(900_000)}})))).expect_status(200);
        send(text(with(of(json!({"result": many(5_000)})), json!({"id": uuid(2)})))).expect_status(200);
        assert_eq!(found(admin, &[]), [uuid(2), uuid(1)]);
        // A NUL is a character like others; it is the databases that may not like it.
        let nul = with(of(json!({"result": {"response": "a\u{0}b"}, "actor": {"name": "\u{0}", "mbox": "mailto:a@x.example"}})), json!({"id": uuid(3)}));
        send(text(nul)).expect_status(200);
    }
}

on_both_with! {
    &[("ENTENTE_TOKEN_RATE", "1"), ("ENTENTE_SANDBOX", "true")];

    fn who_guesses_a_secret_is_slowed_down_and_who_knows_it_is_not(server: Server) {
        let scene = school(&server);
        let lms = client_of(&scene, &["training:read"], None);
        let ask = |secret: &str| Answer::of(server.client().request(Method::GET, STATEMENTS).basic_auth(&lms.0, Some(secret)));
        let statuses: Vec<u16> = (0..60).map(|_| ask("guess").status).collect();
        assert!(statuses.starts_with(&[401]) && statuses.ends_with(&[429]), "{statuses:?}");
        (0..20).for_each(|_| drop(ask(&lms.1).expect_status(200)));
    }
}

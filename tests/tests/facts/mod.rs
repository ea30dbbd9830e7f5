//! What other systems report of partners, and what people enter.

use reqwest::Method;
use tests::{Answer, Client, Scene, Value, json, on_both};

const OBSERVATIONS: &str = "/v1/observations";
const MANUAL: &str = "/v1/manual-facts";

fn observation(partner: &str, day: &str, value: &str) -> Value {
    json!({"partner_id": partner, "metric": "azure_revenue", "day": day, "dimensions": {"region": "emea"},
        "value": value, "unit": "EUR", "source": "sap"})
}

#[track_caller]
fn put(client: &Client, observations: &[Value]) -> Answer {
    Answer::of(client.request(Method::PUT, OBSERVATIONS).json(&json!({"observations": observations})))
}

fn results(answer: &Answer) -> Vec<String> {
    let data = answer.json["data"].as_array().unwrap();
    data.iter().map(|one| one["result"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    fn the_same_again_changes_nothing_and_something_else_corrects(server: Server) {
        let scene = Scene::approving(&server);
        let own = scene.partner("Acme");
        let (first, second) = (observation(&own.id, "2026-01-31", "100.50"), observation(&own.id, "2026-02-28", "7"));
        let made = put(&scene.admin, &[first.clone(), second]).expect_status(200);
        assert_eq!((results(&made), &made.json["created"]), (vec!["created".into(); 2], &json!(2)));
        let id = made.json["data"][0]["id"].as_str().unwrap().to_owned();
        let before = scene.admin.get(&format!("{OBSERVATIONS}/{id}")).expect_status(200);
        assert_eq!(results(&put(&scene.admin, &[first]).expect_status(200)), ["unchanged"]);
        let corrected = put(&scene.admin, &[observation(&own.id, "2026-01-31", "120.00")]).expect_status(200);
        assert_eq!((results(&corrected), &corrected.json["data"][0]["id"]), (vec!["corrected".into()], &json!(id)));
        let now = scene.admin.get(&format!("{OBSERVATIONS}/{id}")).expect_status(200);
        assert_eq!((now.text("value"), &now.json["superseded_at"]), ("120.00".into(), &Value::Null));
        assert_eq!((now.text("metric"), &now.json["dimensions"]), ("azure_revenue".into(), &json!({"region": "emea"})));
        // What was known stays readable.
        let history = scene.admin.all(&format!("{OBSERVATIONS}?history=true&to=2026-01-31"));
        let values: Vec<&Value> = history.iter().map(|one| &one["value"]).collect();
        assert_eq!(values, ["120.00", "100.50"]);
        assert_eq!(history[1]["superseded_at"], history[0]["recorded_at"]);
        let then = scene.admin.all(&format!("{OBSERVATIONS}?known_at={}&to=2026-01-31", before.text("recorded_at")));
        assert_eq!((then.len(), &then[0]["value"]), (1, &json!("100.50")));
        let count = |query: &str| scene.admin.all(&format!("{OBSERVATIONS}?{query}")).len();
        assert_eq!((count("limit=1"), count("from=2026-02-01"), count("source=sap"), count("source=crm")), (2, 1, 2, 0));
        assert_eq!((count("metric=azure_revenue"), count("metric=other")), (2, 0));
        assert_eq!(count(&format!("updated_after={}", now.text("recorded_at"))), 1);
        // And what is withdrawn is not there any more.
        let withdraw = |client: &Client| client.post(&format!("{OBSERVATIONS}/{id}/withdraw"), &json!({"reason": "wrong"}));
        let gone = withdraw(&scene.admin).expect_status(200);
        assert!(gone.json["superseded_at"].is_string(), "{}", gone.text);
        withdraw(&scene.admin).expect_problem(409, "invalid_transition");
        assert_eq!((count("to=2026-01-31"), count("history=true")), (0, 3));
        assert_eq!(results(&put(&scene.admin, &[observation(&own.id, "2026-01-31", "1")]).expect_status(200)), ["created"]);
        let events = scene.admin.get("/v1/events?limit=200").json;
        let told = events["data"].as_array().unwrap().iter().filter(|event| event["subject"] == *id);
        let told: Vec<String> = told.map(|event| event["type"].as_str().unwrap().to_owned()).collect();
        assert_eq!(told, ["created", "corrected", "withdrawn", "created"].map(|kind| format!("observation.{kind}")));
    }

    fn what_an_external_id_names_can_be_corrected_in_all(server: Server) {
        let scene = Scene::approving(&server);
        let own = scene.partner("Acme");
        let sale = |day: &str, value: &str, id: &str| {
            json!({"partner_id": own.id, "metric": "transactions", "day": day, "value": value, "unit": "EUR",
                "source": "erp", "external_id": id})
        };
        let made = put(&scene.admin, &[sale("2026-01-10", "10.00", "a"), sale("2026-01-10", "10.00", "b")]);
        assert_eq!(results(&made.expect_status(200)), ["created", "created"]);
        assert_eq!(results(&put(&scene.admin, &[sale("2026-01-12", "11.00", "a")]).expect_status(200)), ["corrected"]);
        let list = scene.admin.all(&format!("{OBSERVATIONS}?metric=transactions"));
        assert_eq!((list.len(), &list[0]["day"], &list[0]["external_id"]), (2, &json!("2026-01-12"), &json!("a")));
        assert_eq!((&list[0]["value"], &list[0]["unit"]), (&json!("11.00"), &json!("EUR")));
        let certificate = |to: &str| {
            json!({"partner_id": own.id, "metric": "certificates", "period": {"from": "2026-01-01", "to": to},
                "dimensions": {"person": "ann", "certificate": "sales"}, "source": "lms"})
        };
        put(&scene.admin, &[certificate("2026-12-31")]).expect_status(200);
        assert_eq!(results(&put(&scene.admin, &[certificate("2027-12-31")]).expect_status(200)), ["corrected"]);
        let list = scene.admin.all(&format!("{OBSERVATIONS}?metric=certificates"));
        assert_eq!((list.len(), &list[0]["period"]), (1, &json!({"from": "2026-01-01", "to": "2027-12-31"})));
    }

    fn all_that_is_wrong_is_told_and_nothing_is_taken(server: Server) {
        let scene = Scene::approving(&server);
        let own = scene.partner("Acme");
        let right = observation(&own.id, "2026-01-31", "1");
        let with = |members: Value| {
            let mut one = observation(&own.id, "2026-03-31", "1");
            for (name, value) in members.as_object().unwrap() {
                if value.is_null() { one.as_object_mut().unwrap().remove(name); } else { one[name] = value.clone(); }
            }
            one
        };
        let nobody = "partner_01h455vb4pex5vsknk084sn02q";
        let refused = put(&scene.admin, &[
            right.clone(),
            right,
            with(json!({"partner_id": nobody})),
            with(json!({"period": {"from": "2026-02-01", "to": "2026-01-01"}})),
            with(json!({"metric": "registrations", "source": "engine"})),
            with(json!({"value": "1.0000000000001", "dimensions": {"value": "x"}})),
            with(json!({"metric": "transactions", "unit": "gold", "value": "much"})),
            with(json!({"metric": "certificates", "value": null})),
            with(json!({"program": "nothing", "value": null, "day": "2026-04-30"})),
        ]).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), [
            "/observations/1", "/observations/2/partner_id", "/observations/3", "/observations/4/metric",
            "/observations/4/source", "/observations/5/dimensions/value", "/observations/5/value",
            "/observations/6/unit", "/observations/6/value", "/observations/7/dimensions/certificate",
            "/observations/7/dimensions/person", "/observations/8/program", "/observations/8/value"
        ]);
        assert!(scene.admin.all(OBSERVATIONS).is_empty());
        put(&scene.admin, &[]).expect_problem(422, "invalid_body");
        let many: Vec<Value> = (0..1001).map(|_| observation(&own.id, "2026-01-31", "1")).collect();
        put(&scene.admin, &many).expect_problem(422, "invalid_body");
    }

    fn a_thousand_at_once_are_taken(server: Server) {
        let scene = Scene::approving(&server);
        let own = scene.partner("Acme");
        let mut many: Vec<Value> = (0..1000).map(|_| observation(&own.id, "2026-01-31", "1.5")).collect();
        for (at, one) in many.iter_mut().enumerate() {
            one["external_id"] = json!(format!("external id {at}"));
        }
        let made = put(&scene.admin, &many).expect_status(200);
        assert_eq!((&made.json["created"], made.json["data"].as_array().unwrap().len()), (&json!(1000), 1000));
        let again = put(&scene.admin, &many).expect_status(200);
        assert_eq!(again.json["unchanged"], 1000);
    }

    fn people_enter_facts_with_a_reason_and_take_them_back(server: Server) {
        let scene = Scene::approving(&server);
        let own = scene.partner("Acme");
        let new = json!({"partner_id": own.id, "name": "invitation", "from": "2026-01-01", "until": "2026-06-30",
            "program": "reseller", "reason": "Invited by the board."});
        let made = scene.admin.post(MANUAL, &new).expect_status(201);
        assert_eq!((&made.json["value"], made.text("from"), made.text("until")),
            (&json!(true), "2026-01-01".into(), "2026-06-30".into()));
        let path = made.header("location").unwrap().to_owned();
        assert_eq!(scene.admin.get(&path).expect_status(200).json, made.json);
        let count = |query: &str| scene.admin.all(&format!("{MANUAL}?{query}")).len();
        assert_eq!((count("holds_on=2026-06-30"), count("holds_on=2026-07-01"), count("name=audit")), (1, 0, 0));
        assert_eq!((count("program=reseller"), count(&format!("updated_after={}", made.text("updated_at")))), (1, 1));
        for (wrong, at) in [
            (json!({"program": "nothing"}), "/program"), (json!({"until": "2025-12-31"}), "/until"),
            (json!({"value": "1.0000000000001"}), "/value"), (json!({"reason": ""}), "/reason"),
            (json!({"partner_id": "partner_01h455vb4pex5vsknk084sn02q"}), "/partner_id"),
        ] {
            let mut body = new.clone();
            for (name, value) in wrong.as_object().unwrap() {
                body[name] = value.clone();
            }
            assert_eq!(scene.admin.post(MANUAL, &body).expect_problem(422, "invalid_body").faults(), [at]);
        }
        let withdraw = || scene.admin.post(&format!("{path}/withdraw"), &json!({"reason": "A mistake."}));
        let gone = withdraw().expect_status(200);
        assert_eq!((gone.text("withdrawal_reason"), count("holds_on=2026-06-30")), ("A mistake.".into(), 0));
        withdraw().expect_problem(409, "invalid_transition");
    }

    fn a_partner_sees_its_own_and_writes_nothing(server: Server) {
        let scene = Scene::approving(&server);
        let (own, other) = (scene.partner("Acme"), scene.partner("Bravo"));
        let made = put(&scene.admin, &[observation(&own.id, "2026-01-31", "1"), observation(&other.id, "2026-01-31", "2")]);
        let made = made.expect_status(200);
        let id = |at: usize| format!("{OBSERVATIONS}/{}", made.json["data"][at]["id"].as_str().unwrap());
        own.admin.get(&id(0)).expect_status(200);
        own.admin.get(&id(1)).expect_problem(404, "not_found");
        let seen = own.admin.all(&format!("{OBSERVATIONS}?history=true"));
        assert_eq!((seen.len(), &seen[0]["partner_id"]), (1, &json!(own.id)));
        put(&own.admin, &[observation(&own.id, "2026-02-28", "1000")]).expect_problem(403, "insufficient_scope");
        let reason = json!({"reason": "x"});
        own.admin.post(&format!("{}/withdraw", id(0)), &reason).expect_problem(403, "insufficient_scope");
        let new = json!({"partner_id": own.id, "name": "invitation", "reason": "x"});
        own.admin.post(MANUAL, &new).expect_problem(403, "insufficient_scope");
        // A channel manager enters facts of those whom they manage, and reports no figures.
        let manager = scene.user("cam@vendor.example", "channel_manager", None);
        manager.post(MANUAL, &new).expect_problem(422, "invalid_body");
        put(&manager, &[observation(&own.id, "2026-02-28", "1")]).expect_problem(403, "insufficient_scope");
    }
}

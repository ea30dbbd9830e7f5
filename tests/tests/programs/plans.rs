//! Plans: what a candidate would change, and whether it may be applied as it was shown.

use reqwest::Method;
use tests::{Answer, Client, Scene, Value, json, on_both, on_both_with};

pub const PLANS: &str = "/v1/programs/ladder/plans";

/// A ladder by revenue, reviewed every quarter.
pub fn ladder(gold: u32, days: u16) -> Value {
    json!({
        "slug": "ladder", "name": "Ladder", "currency": "EUR",
        "facts": {"revenue": {"type": "number", "unit": "EUR", "default": 0}},
        "tiers": [
            {"name": "Registered", "benefits": {"protection_days": 30}},
            {"name": "Silver", "requires": {"metric": "revenue", "at_least": 50000}, "benefits": {"protection_days": 60}},
            {"name": "Gold", "requires": {"metric": "revenue", "at_least": gold}, "benefits": {"protection_days": days}}
        ],
        "evaluation": {"cadence": "quarterly", "promotion": "at_review", "demotion": {"grace_days": 30}},
        "deal_registration": {"auto_approve": {}}
    })
}

/// A partner in it at a tier, with this revenue on a day.
pub fn member(admin: &Client, name: &str, tier: &str, day: &str, revenue: &str) -> String {
    let domain = format!("{}.example", name.to_lowercase());
    let id = admin.post("/v1/partners", &json!({"name": name, "domain": domain, "country": "DE"}));
    let id = id.expect_status(201).text("id");
    let new = json!({"partner_id": id, "program": "ladder", "tier": tier});
    admin.post("/v1/enrollments", &new).expect_status(201);
    observe(admin, &id, day, revenue);
    id
}

pub fn observe(admin: &Client, partner: &str, day: &str, revenue: &str) {
    let one = json!({"partner_id": partner, "metric": "revenue", "day": day, "value": revenue, "unit": "EUR", "source": "erp"});
    let sent = admin.request(Method::PUT, "/v1/observations").json(&json!({"observations": [one]}));
    Answer::of(sent).expect_status(200);
}

/// The program with four partners; their ids.
fn four(scene: &Scene) -> Vec<String> {
    scene.admin.post("/v1/programs", &ladder(100_000, 90)).expect_status(201);
    [
        ("Acme", "Gold", "110000"),
        ("Bravo", "Silver", "60000"),
        ("Corax", "Gold", "150000"),
        ("Delta", "Registered", "0"),
    ]
    .map(|(name, tier, revenue)| member(&scene.admin, name, tier, "2026-01-31", revenue))
    .into()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn apply(client: &Client, plan: &Answer) -> Answer {
    client.post(&format!("{PLANS}/{}/apply", plan.text("id")), &json!({}))
}

fn codes(answer: &Answer) -> Vec<String> {
    let errors = answer.json["errors"].as_array().expect("errors");
    errors.iter().map(|error| text(&error["code"]).to_owned()).collect()
}

on_both! {
    fn a_plan_says_who_moves_why_and_what_that_costs(server: Server) {
        let scene = Scene::approving(&server);
        let admin = &scene.admin;
        let partners = four(&scene);
        let deal = json!({"program": "ladder", "partner_id": partners[2], "title": "T", "products": ["core"],
            "account": {"name": "Zephyr", "domain": "zephyr.example", "country": "DE"},
            "amount": {"amount": "1.00", "currency": "EUR"}, "expected_close_on": "2027-06-30", "submit": true});
        admin.post("/v1/deal-registrations", &deal).expect_status(201);
        let made = admin.post(PLANS, &ladder(120_000, 120)).expect_status(201);
        let path = format!("{PLANS}/{}", made.text("id"));
        assert_eq!(made.header("location"), Some(path.as_str()));
        let (plan, findings) = (&made.json, &made.json["findings"]);
        assert_eq!((&plan["base_version"], &plan["has_changes"], &plan["state"]), (&json!(1), &json!(true), &json!("open")));
        let words: Vec<&str> = plan["changes"].as_array().unwrap().iter().map(|it| text(&it["words"])).collect();
        assert_eq!(words, ["Gold: protection days 90 → 120", "Gold: revenue at least 100,000 → 120,000 EUR"]);
        assert_eq!((&findings["enrollments"], &findings["up"], &findings["down"]), (&json!(4), &json!(0), &json!(1)));
        assert_eq!(findings["populations"], json!([
            {"tier": "Registered", "held": 1, "before": 1, "after": 1},
            {"tier": "Silver", "held": 1, "before": 1, "after": 2},
            {"tier": "Gold", "held": 2, "before": 2, "after": 1}
        ]));
        assert_eq!(findings["benefits_at_once"], json!([
            {"tier_before": "Gold", "tier_after": "Gold", "enrollments": 2,
             "change": {"benefit": "protection_days", "effect": "gains", "before": 90, "after": 120}}
        ]));
        assert_eq!(findings["benefits_of_moves"], json!([
            {"tier_before": "Gold", "tier_after": "Silver", "enrollments": 1,
             "change": {"benefit": "protection_days", "effect": "loses", "before": 90, "after": 60}}
        ]));
        assert_eq!((&findings["protection_days_changed"], &findings["open_protections"]), (&json!(2), &json!(1)));
        assert!(text(&findings["takes_effect"]["promotions_from"]) < text(&findings["takes_effect"]["demotions_from"]));
        let [acme] = plan["moves"].as_array().unwrap().as_slice() else { panic!("{}", made.text) };
        assert_eq!((text(&acme["partner_name"]), text(&acme["direction"])), ("Acme", "down"));
        assert_eq!((text(&acme["before"]), text(&acme["after"]), text(&acme["held"])), ("Gold", "Silver", "Gold"));
        let because = &acme["because"][0];
        assert_eq!((text(&because["pointer"]), text(&because["rules"])), ("/tiers/2/requires", "after"));
        assert_eq!((&because["value"], &because["threshold"], &because["gap"], &because["unit"]),
            (&json!(110_000), &json!(120_000), &json!(10_000), &json!("EUR")));
        assert!(text(&because["words"]).contains("10000 EUR short"), "{because}");
        // Nobody has moved, and the plan is kept.
        assert_eq!(admin.all("/v1/enrollments?program=ladder&tier=Gold").len(), 2);
        assert_eq!(admin.get(&path).expect_status(200).json, made.json);
        assert_eq!(admin.all(&format!("{path}/moves")), std::slice::from_ref(acme));
        assert!(admin.all(&format!("{path}/moves?direction=up")).is_empty());
        let listed = admin.all(PLANS);
        assert_eq!((listed.len(), &listed[0]["id"], &listed[0]["down"]), (1, &plan["id"], &json!(1)));
        // The other way round, it is the other way round.
        let up = admin.post(PLANS, &ladder(60_000, 90)).expect_status(201);
        let [bravo] = up.json["moves"].as_array().unwrap().as_slice() else { panic!("{}", up.text) };
        assert_eq!((text(&bravo["partner_name"]), text(&bravo["direction"])), ("Bravo", "up"));
        assert_eq!((text(&bravo["because"][0]["rules"]), &bravo["because"][0]["gap"]), ("before", &json!(40_000)));
    }

    fn a_plan_is_the_vendors_own(server: Server) {
        let scene = Scene::approving(&server);
        four(&scene);
        let own = scene.partner("Echo");
        let made = scene.admin.post(PLANS, &ladder(120_000, 90)).expect_status(201);
        let path = format!("{PLANS}/{}", made.text("id"));
        own.admin.post(PLANS, &ladder(120_000, 90)).expect_problem(403, "insufficient_scope");
        own.admin.get(&path).expect_problem(404, "not_found");
        own.admin.get(&format!("{path}/moves")).expect_problem(404, "not_found");
        assert!(own.admin.all(PLANS).is_empty());
        // A channel manager sees the counts, and of the partners only their own.
        let manager = scene.user("cam@vendor.example", "channel_manager", None);
        let seen = manager.get(&path).expect_status(200).json;
        assert_eq!((&seen["findings"]["down"], &seen["moves"]), (&json!(1), &json!([])));
        assert!(manager.all(&format!("{path}/moves")).is_empty());
        scene.admin.get(&path.replace("ladder", "reseller")).expect_problem(404, "not_found");
    }

    fn what_was_planned_is_applied_once(server: Server) {
        let scene = Scene::approving(&server);
        four(&scene);
        let admin = &scene.admin;
        let made = admin.post(PLANS, &ladder(120_000, 90)).expect_status(201);
        let path = format!("{PLANS}/{}/apply", made.text("id"));
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..4).map(|_| scope.spawn(|| admin.post(&path, &json!({})).status)).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let won = statuses.iter().filter(|status| **status == 200).count();
        assert!(won == 1 && statuses.iter().all(|status| matches!(status, 200 | 409)), "{statuses:?}");
        let applied = admin.get(&format!("{PLANS}/{}", made.text("id"))).expect_status(200);
        assert_eq!((applied.text("state"), &applied.json["applied_version"]), ("applied".into(), &json!(2)));
        let program = admin.get("/v1/programs/ladder").expect_status(200);
        assert_eq!((&program.json["version"], program.text("digest")), (&json!(2), made.text("digest")));
        apply(admin, &made).expect_problem(409, "invalid_transition");
        let same = admin.post(PLANS, &ladder(120_000, 90)).expect_status(201);
        assert_eq!((&same.json["has_changes"], &same.json["moves"]), (&json!(false), &json!([])));
        apply(admin, &same).expect_problem(409, "already_exists");
    }

    fn what_has_moved_meanwhile_makes_it_stale(server: Server) {
        let scene = Scene::approving(&server);
        let partners = four(&scene);
        let admin = &scene.admin;
        let plan = || admin.post(PLANS, &ladder(120_000, 90)).expect_status(201);
        let by_facts = plan();
        observe(admin, &partners[1], "2026-02-28", "61000");
        let refused = apply(admin, &by_facts).expect_problem(409, "plan_stale");
        assert_eq!(codes(&refused), ["facts_moved"]);
        assert!(refused.text("detail").contains(&format!("facts of 1 partner changed: {}", partners[1])), "{}", refused.text);
        let now = admin.get(&format!("{PLANS}/{}", by_facts.text("id"))).expect_status(200);
        assert_eq!((now.text("state"), now.json["moved"].as_array().unwrap().len()), ("stale".into(), 1));
        // What is known of others does not concern it.
        let not_ours = plan();
        let other = scene.partner("Echo");
        observe(admin, &other.id, "2026-02-28", "1");
        admin.post("/v1/programs/ladder/versions", &ladder(110_000, 90)).expect_status(201);
        let refused = apply(admin, &not_ours).expect_problem(409, "plan_stale");
        assert_eq!(codes(&refused), ["rules_moved"]);
        assert!(refused.text("detail").contains("version 2 was published"), "{}", refused.text);
        let by_enrollment = plan();
        scene.enroll(&other.id, "ladder", "Silver");
        assert!(codes(&apply(admin, &by_enrollment).expect_problem(409, "plan_stale")).contains(&"enrollments_moved".into()));
        apply(admin, &plan()).expect_status(200);
    }

    fn a_program_that_is_not_there_can_be_planned(server: Server) {
        let admin = server.admin();
        let made = admin.post(PLANS, &ladder(100_000, 90)).expect_status(201);
        assert_eq!((&made.json["base_version"], &made.json["has_changes"]), (&Value::Null, &json!(true)));
        admin.get("/v1/programs/ladder").expect_problem(404, "not_found");
        assert_eq!(apply(&admin, &made).expect_status(200).json["applied_version"], 1);
        admin.get("/v1/programs/ladder").expect_status(200);
        let wrong = admin.post("/v1/programs/other/plans", &ladder(1, 1)).expect_problem(422, "invalid_program");
        assert_eq!(wrong.faults(), ["/slug"]);
    }

    fn days_and_times_that_cannot_be_are_told_at_once(server: Server) {
        let admin = server.admin();
        admin.post("/v1/programs", &ladder(100_000, 90)).expect_status(201);
        let asked = format!("{PLANS}?as_of=2999-01-01&since=2999-02-01&effective_from=2020-01-01T00:00:00Z");
        let answer = admin.post(&asked, &ladder(1, 1)).expect_problem(400, "invalid_parameter");
        assert_eq!(answer.faults(), ["as_of", "effective_from", "since"]);
        let long_ago = format!("{PLANS}?since=1990-01-01");
        let answer = admin.post(&long_ago, &ladder(100_001, 1)).expect_problem(400, "invalid_parameter");
        assert_eq!(answer.faults(), ["since"]);
        let mut wrong = ladder(1, 1);
        wrong["tiers"][2]["requires"]["metric"] = json!("revenu");
        let answer = admin.post(PLANS, &wrong).expect_problem(422, "invalid_program");
        assert_eq!(answer.faults(), ["/tiers/2/requires/metric"]);
    }
}

on_both_with! {
    &[("ENTENTE_SANDBOX", "1")];
    fn past_reviews_are_looked_at_as_if_the_rules_had_been_in_force(server: Server) {
        let scene = Scene::approving(&server);
        let admin = &scene.admin;
        admin.post("/v1/programs", &ladder(100_000, 90)).expect_status(201);
        let begun = admin.get("/v1/programs/ladder").text("effective_from");
        let id = member(admin, "Acme", "Registered", &begun[..10], "110000");
        tests::clock::advance(admin, "P200D");
        let today = chrono::DateTime::parse_from_rfc3339(&begun).unwrap() + chrono::TimeDelta::days(200);
        observe(admin, &id, &today.format("%Y-%m-%d").to_string(), "130000");
        let asked = format!("{PLANS}?since={}", &begun[..10]);
        let made = admin.post(&asked, &ladder(120_000, 90)).expect_status(201);
        // Today it meets Gold by either; on the two or three reviews since it joined, it would not have.
        assert_eq!(made.json["findings"]["down"], 0, "{}", made.text);
        let reviews = made.json["findings"]["reviews"].as_array().unwrap();
        assert!(matches!(reviews.len(), 2 | 3), "{}", made.text);
        let last = reviews.last().unwrap();
        assert_eq!((&last["enrollments"], &last["down"]), (&json!(1), &json!(1)), "{last}");
        let day = text(&last["as_of"]);
        let moves = admin.all(&format!("{PLANS}/{}/moves?as_of={day}", made.text("id")));
        assert_eq!((moves.len(), text(&moves[0]["after"])), (1, "Silver"));
    }
}

//! Progress, explanation, forecast: why a tier is what it is, and what becomes of it.

use super::*;

/// A program that asks for a certified person, and for deals in the trailing twelve months.
fn skilled() -> Value {
    json!({
        "slug": "ladder", "name": "Skilled", "currency": "EUR",
        "facts": {
            "people": {"type": "people", "default": {}, "source": {"engine": "certificates"}},
            "transactions": {
                "type": "records", "default": [], "source": {"engine": "transactions"},
                "columns": [{"name": "day", "type": "date"}, {"name": "amount", "type": "number", "unit": "EUR"}]
            }
        },
        "metrics": {
            "certified": {"unit": "people", "value": {"people": {"holding": ["technical"]}}},
            "revenue": {"unit": "EUR", "value": {"total": {"of": "transactions", "value": "row.amount", "within": {"trailing": {"months": 12}}}}}
        },
        "tiers": [
            {"name": "Bronze"},
            {"name": "Gold", "requires": {"all": [{"metric": "certified", "at_least": 1}, {"metric": "revenue", "at_least": 1000}]}}
        ],
        "evaluation": {"cadence": "annual", "dates": ["01-01"], "promotion": "immediate"},
        "deal_registration": {"auto_approve": {}}
    })
}

fn vendor_of_skills(server: &Server) -> Scene {
    let scene = Scene::approving(server);
    scene.admin.post("/v1/programs", &skilled()).expect_status(201);
    scene
}

fn certify(admin: &Client, partner: &Partner, from: NaiveDate, to: NaiveDate) {
    let certificate = json!({
        "partner_id": partner.id, "metric": "certificates", "period": {"from": from, "to": to},
        "dimensions": {"person": "ann", "certificate": "technical"}, "source": "lms"
    });
    report(admin, &certificate);
}

fn sale(admin: &Client, partner: &Partner, day: NaiveDate, amount: &str) {
    let sale = json!({
        "partner_id": partner.id, "metric": "transactions", "day": day, "value": amount, "unit": "EUR",
        "source": "erp", "external_id": "sale-1"
    });
    report(admin, &sale);
}

on_both_with! {
    UNSWEPT;
    fn progress_tells_the_gap_and_what_would_close_it(server: Server) {
        let scene = vendor_of_skills(&server);
        let (partner, path) = partner(&scene, "Northwind", "Bronze");
        let day = today(&scene.admin);
        sale(&scene.admin, &partner, day, "600");
        let progress = partner.admin.get(&format!("{path}/progress")).expect_status(200).json;
        assert_eq!((&progress["tier"], &progress["as_of"]), (&json!("Bronze"), &json!(day)));
        let gold = &progress["next"][0];
        assert_eq!((&gold["tier"], &gold["outcome"]), (&json!("Gold"), &json!("not_met")));
        let steps = gold["soonest"]["steps"].as_array().unwrap();
        let told: Vec<_> = steps.iter().map(|step| (&step["label"], &step["gap"], &step["unit"])).collect();
        assert_eq!(told, [(&json!("certified"), &json!(1), &json!("people")), (&json!("revenue"), &json!(400), &json!("EUR"))]);
        assert_eq!(gold["soonest"]["words"], "1 people more of certified, and 400 EUR more of revenue");
        let text = gold["requirement"].to_string();
        assert!(text.contains("\"threshold\":1000") && text.contains("\"evidence\""), "{text}");
        // Yesterday nothing was sold.
        let yesterday = day - TimeDelta::days(1);
        let before = partner.admin.get(&format!("{path}/progress?as_of={yesterday}")).expect_status(200).json;
        assert_eq!(before["next"][0]["soonest"]["steps"][1]["gap"], 1000);
        let tomorrow = day + TimeDelta::days(1);
        let refused = partner.admin.get(&format!("{path}/progress?as_of={tomorrow}"));
        assert_eq!(refused.expect_problem(400, "invalid_parameter").faults(), ["as_of"]);
    }

    fn a_forecast_tells_what_lapses_when(server: Server) {
        let scene = vendor_of_skills(&server);
        let (partner, path) = partner(&scene, "Northwind", "Gold");
        let day = today(&scene.admin);
        let (ends, leaves) = (day + TimeDelta::days(30), day + Months::new(12));
        certify(&scene.admin, &partner, day, ends);
        sale(&scene.admin, &partner, day, "5000");
        let until = day + TimeDelta::days(400);
        let forecast = partner.admin.get(&format!("{path}/forecast?until={until}")).expect_status(200).json;
        assert_eq!((&forecast["tier"], &forecast["tier_at_end"]), (&json!("Gold"), &json!("Bronze")));
        let days = forecast["days"].as_array().unwrap();
        let on = |day: NaiveDate| days.iter().find(|one| one["on"] == json!(day)).unwrap_or_else(|| panic!("no {day} in {forecast}"));
        let lost = on(ends + TimeDelta::days(1));
        assert_eq!((&lost["lapses"][0]["kind"], &lost["lapses"][0]["what"]), (&json!("certificate_ends"), &json!("ann: technical")));
        assert_eq!(lost["metrics"][0], json!({"metric": "certified", "before": 1, "after": 0, "unit": "people"}));
        assert_eq!((&lost["meets"], &lost["tier"], &lost["happens"]), (&json!("Bronze"), &json!("Gold"), &Value::Null));
        let review = NaiveDate::from_ymd_opt((ends + TimeDelta::days(1)).year() + i32::from((ends + TimeDelta::days(1)).ordinal() > 1), 1, 1).unwrap();
        assert_eq!((&on(review)["tier"], &on(review)["happens"]), (&json!("Bronze"), &json!("demotion")));
        let left = on(leaves);
        assert_eq!((&left["lapses"][0]["kind"], &left["metrics"][0]["metric"]), (&json!("leaves_window"), &json!("revenue")));
        partner.admin.get(&format!("{path}/forecast?until={}", day - TimeDelta::days(1))).expect_problem(400, "invalid_parameter");
    }

    fn benefits_are_those_of_the_time_that_is_asked_for(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (partner, path) = partner(&scene, "Northwind", "Silver");
        let before = clock::now(&scene.admin).to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let tag = scene.admin.get(&path).tag();
        scene.admin.patch(&path, &tag, &json!({"tier": "Gold"})).expect_status(200);
        let at = |query: &str| partner.admin.get(&format!("{path}/benefits{query}")).expect_status(200).json;
        assert_eq!((&at("")["tier"], &at("")["program_version"]), (&json!("Gold"), &json!(1)));
        let then = at(&format!("?at={before}"));
        assert_eq!((&then["tier"], &then["benefits"]["protection_days"]), (&json!("Silver"), &json!(60)));
        partner.admin.get(&format!("{path}/benefits?at=2020-01-01T00:00:00Z")).expect_problem(400, "invalid_parameter");
    }

    fn what_is_another_partners_is_not_there(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (_, path) = partner(&scene, "Northwind", "Silver");
        let (other, own) = partner(&scene, "Contoso", "Silver");
        let until = today(&scene.admin) + TimeDelta::days(9);
        let new = json!({"tier": "Gold", "reason": "x", "until": format!("{until}T00:00:00Z")});
        scene.admin.post(&format!("{path}/tier-override"), &new).expect_status(200);
        for view in ["tier", "tier-history", "progress", "explanation", "forecast", "benefits"] {
            other.admin.get(&format!("{path}/{view}")).expect_problem(404, "not_found");
            other.admin.get(&format!("{own}/{view}")).expect_status(200);
        }
        let notice = scene.admin.all("/v1/notices").remove(0);
        let notice = format!("/v1/notices/{}", notice["id"].as_str().unwrap());
        other.admin.get(&notice).expect_problem(404, "not_found");
        other.admin.post(&format!("{notice}/read"), &json!({})).expect_problem(404, "not_found");
        assert!(other.admin.all("/v1/notices").is_empty());
    }
}

on_both_with! {
    SWEPT;
    fn a_won_deal_lifts_a_partner_at_once(server: Server) {
        let scene = vendor_of_skills(&server);
        wait_for_sweep(&scene.admin);
        let (partner, path) = partner(&scene, "Northwind", "Bronze");
        let day = today(&scene.admin);
        certify(&scene.admin, &partner, day, day + TimeDelta::days(300));
        let mut deal = tests::scene::deal("zephyr.example");
        deal["program"] = json!("ladder");
        let deal = partner.admin.post("/v1/deal-registrations", &deal).expect_status(201).text("id");
        let win = json!({"amount": {"amount": "2500.00", "currency": "EUR"}, "closed_on": day});
        partner.admin.post(&format!("/v1/deal-registrations/{deal}/win"), &win).expect_status(200);
        wait(&partner.admin, &path, |tier| tier["tier"] == "Gold");
        let why = partner.admin.get(&format!("{path}/explanation")).expect_status(200).json;
        assert!(why["tiers"][1]["explanation"].to_string().contains(&deal), "the deal is the evidence: {why}");
    }

    fn an_explanation_is_the_same_to_the_byte_whatever_is_corrected(server: Server) {
        let scene = vendor(&server, &json!({"grace_days": 5}));
        wait_for_sweep(&scene.admin);
        let (partner, path) = partner(&scene, "Northwind", "Bronze");
        let day = today(&scene.admin);
        observe(&scene.admin, &partner, day, "1500");
        wait(&partner.admin, &path, |tier| tier["tier"] == "Gold");
        let first = partner.admin.get(&format!("{path}/explanation?as_of={day}")).expect_status(200);
        let why = &first.json;
        assert_eq!((&why["held"], &why["meets"], &why["decision"]["kind"]), (&json!("Bronze"), &json!("Gold"), &json!("promoted")));
        assert_eq!((&why["inputs"]["sold"], &why["program_version"]), (&json!(1500), &json!(1)));
        // Corrections, other rules, another tier, another day.
        observe(&scene.admin, &partner, day, "20");
        let mut document = ladder(&json!({}));
        document["tiers"][2]["requires"]["at_least"] = json!(9000);
        scene.admin.post("/v1/programs/ladder/versions", &document).expect_status(201);
        go_to(&scene.admin, next_first(day));
        wait(&partner.admin, &path, |tier| tier["tier"] != "Gold" || tier["in_grace_until"].is_string());
        let triple = format!("as_of={day}&known_at={}&version=1", why["known_at"].as_str().unwrap());
        let later = partner.admin.get(&format!("{path}/explanation?{triple}")).expect_status(200);
        assert_eq!(later.text, first.text);
        assert_eq!(partner.admin.get(&format!("{path}/explanation?as_of={day}")).expect_status(200).text, first.text);
        // By what is known now, the same day looks different.
        let now = clock::now(&scene.admin).to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let corrected = partner.admin.get(&format!("{path}/explanation?as_of={day}&known_at={now}&version=1")).expect_status(200);
        assert_eq!((&corrected.json["inputs"]["sold"], &corrected.json["meets"]), (&json!(20), &json!("Bronze")));
    }
}

//! Tiers that the vendor sets until a time.

use super::*;

fn set(admin: &Client, path: &str, tier: &str, until: NaiveDate) -> Answer {
    let new = json!({"tier": tier, "reason": "Acquired a partner.", "until": format!("{until}T00:00:00Z")});
    admin.post(&format!("{path}/tier-override"), &new)
}

on_both_with! {
    UNSWEPT;
    fn an_override_holds_until_its_time_whoever_asks(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (partner, path) = partner(&scene, "Northwind", "Silver");
        let day = today(&scene.admin);
        let days = |client: &Client| client.get(&format!("{path}/benefits")).expect_status(200).json;
        assert_eq!((&days(&partner.admin)["tier"], &days(&partner.admin)["benefits"]["protection_days"]), (&json!("Silver"), &json!(60)));
        let until = day + TimeDelta::days(5);
        let tier = set(&scene.admin, &path, "platinum", until).expect_status(200).json;
        assert_eq!((&tier["tier"], &tier["override"]["tier_after"]), (&json!("Platinum"), &json!("Silver")));
        assert_eq!(tier["pending"], json!({"kind": "override_end", "tier": "Silver", "on": until}));
        assert!(tier["override"]["set_by"].as_str().unwrap().starts_with("user_"), "{tier}");
        assert_eq!(days(&partner.admin)["benefits"]["protection_days"], 120);
        // Deals are protected by the same truth.
        let mut deal = tests::scene::deal("zephyr.example");
        deal["program"] = json!("ladder");
        let lasts = |deal: &Answer| {
            let time = |name: &str| deal.text(name).parse::<chrono::DateTime<chrono::Utc>>().unwrap();
            (time("protected_until") - time("protected_from")).num_days()
        };
        assert_eq!(lasts(&partner.admin.post("/v1/deal-registrations", &deal).expect_status(201)), 120);
        assert_eq!(scene.admin.all("/v1/enrollments?program=ladder&tier=Platinum").len(), 1);
        // Nobody sweeps, and it is over nevertheless.
        go_to(&scene.admin, until);
        assert_eq!(scene.admin.get(&path).text("tier"), "Silver");
        assert_eq!(scene.admin.all("/v1/enrollments?program=ladder&tier=Platinum").len(), 0);
        assert_eq!(scene.admin.all("/v1/enrollments?program=ladder&tier=Silver").len(), 1);
        let tier = partner.admin.get(&format!("{path}/tier")).expect_status(200).json;
        assert_eq!((&tier["tier"], &tier["override"], &tier["since"]), (&json!("Silver"), &Value::Null, &json!(day)));
        let mut deal = tests::scene::deal("meridian.example");
        deal["program"] = json!("ladder");
        assert_eq!(lasts(&partner.admin.post("/v1/deal-registrations", &deal).expect_status(201)), 60);
    }

    fn an_override_is_lifted_with_a_reason(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (partner, path) = partner(&scene, "Northwind", "Silver");
        let lift = format!("{path}/tier-override/lift");
        scene.admin.post(&lift, &json!({"reason": "x"})).expect_problem(409, "invalid_transition");
        let refused = set(&scene.admin, &path, "Tin", today(&scene.admin)).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/tier", "/until"]);
        partner.admin.post(&lift, &json!({"reason": "x"})).expect_problem(403, "insufficient_scope");
        let until = today(&scene.admin) + TimeDelta::days(9);
        set(&scene.admin, &path, "Gold", until).expect_status(200);
        // Another takes its place, and what was before stays the same.
        let tier = set(&scene.admin, &path, "Platinum", until).expect_status(200).json;
        assert_eq!(tier["override"]["tier_after"], "Silver");
        let tier = scene.admin.post(&lift, &json!({"reason": "It did not come about."})).expect_status(200).json;
        assert_eq!((&tier["tier"], &tier["override"]), (&json!("Silver"), &Value::Null));
        assert_eq!(history(&partner.admin, &path), ["enrolled", "override_set", "override_set", "override_lifted"]);
        let kinds: Vec<Value> = partner.admin.all("/v1/notices").iter().map(|notice| notice["kind"].clone()).collect();
        assert_eq!(kinds, ["tier_override_ended", "tier_override_set", "tier_override_set"]);
    }
}

on_both_with! {
    SWEPT;
    fn the_rules_go_on_where_an_override_ends(server: Server) {
        let scene = vendor(&server, &json!({}));
        wait_for_sweep(&scene.admin);
        let (partner, path) = partner(&scene, "Northwind", "Silver");
        let until = today(&scene.admin) + TimeDelta::days(2);
        set(&scene.admin, &path, "Bronze", until).expect_status(200);
        observe(&scene.admin, &partner, today(&scene.admin), "20000");
        std::thread::sleep(Duration::from_secs(3));
        let tier = wait(&partner.admin, &path, |tier| tier["meets"] == "Platinum");
        assert_eq!(tier["tier"], "Bronze", "no rule moves what the vendor has set");
        go_to(&scene.admin, until);
        wait(&partner.admin, &path, |tier| tier["tier"] == "Platinum");
        assert_eq!(history(&partner.admin, &path), ["enrolled", "override_set", "override_expired", "promoted"]);
    }
}

//! Rising at once, falling with grace, holding, by the sandbox's clock.

use super::*;

on_both_with! {
    SWEPT;
    fn a_partner_rises_at_once_and_is_told(server: Server) {
        let scene = vendor(&server, &json!({}));
        wait_for_sweep(&scene.admin);
        let (partner, path) = partner(&scene, "Northwind", "Bronze");
        let day = today(&scene.admin);
        observe(&scene.admin, &partner, day, "1500");
        let tier = wait(&partner.admin, &path, |tier| tier["tier"] == "Gold");
        assert_eq!((&tier["since"], &tier["meets"], &tier["pending"]), (&json!(day), &json!("Gold"), &Value::Null));
        assert_eq!(tier["next_review_on"], json!(next_first(day)));
        assert_eq!(scene.admin.get(&path).text("tier"), "Gold");
        assert_eq!(history(&partner.admin, &path), ["enrolled", "promoted"]);
        let decision = partner.admin.all(&format!("{path}/tier-history")).remove(0);
        assert_eq!((&decision["from_tier"], &decision["to_tier"], &decision["as_of"]), (&json!("Bronze"), &json!("Gold"), &json!(day)));
        assert_eq!((&decision["decided_by"], &decision["program_version"]), (&json!("system"), &json!(1)));
        // The event, and the notice.
        let events = scene.admin.all_events();
        let told = events.iter().find(|event| event["type"] == "enrollment.tier_changed").unwrap();
        assert_eq!((&told["data"]["from"], &told["data"]["to"]), (&json!("Bronze"), &json!("Gold")));
        let notices = partner.admin.all("/v1/notices?read=false");
        assert_eq!((notices.len(), &notices[0]["kind"]), (1, &json!("tier_changed")));
        assert_eq!(notices[0]["subject"], "You are Gold now");
        let read = format!("/v1/notices/{}/read", notices[0]["id"].as_str().unwrap());
        scene.admin.post(&read, &json!({})).expect_problem(422, "policy_refuses");
        let once = partner.admin.post(&read, &json!({})).expect_status(200);
        assert_eq!(partner.admin.post(&read, &json!({})).expect_status(200).json, once.json);
        assert!(partner.admin.all("/v1/notices?read=false").is_empty());
        // A correction does not let it fall: that is for reviews.
        observe(&scene.admin, &partner, day, "50");
        std::thread::sleep(Duration::from_secs(3));
        let tier = wait(&partner.admin, &path, |tier| tier["tier"] == "Gold");
        assert_eq!((&tier["meets"], &tier["pending"]["kind"]), (&json!("Bronze"), &json!("demotion")));
    }

    fn a_partner_falls_after_grace_by_one_step(server: Server) {
        let scene = vendor(&server, &json!({"grace_days": 10, "at_most_one_step": true}));
        wait_for_sweep(&scene.admin);
        let (partner, path) = partner(&scene, "Northwind", "Gold");
        let review = next_first(today(&scene.admin));
        go_to(&scene.admin, review);
        let until = review + TimeDelta::days(10);
        let tier = wait(&partner.admin, &path, |tier| tier["in_grace_until"].is_string());
        assert_eq!((&tier["tier"], &tier["in_grace_until"]), (&json!("Gold"), &json!(until)));
        let pending = json!({"kind": "demotion", "tier": "Silver", "on": until + TimeDelta::days(1)});
        assert_eq!(tier["pending"], pending);
        go_to(&scene.admin, until + TimeDelta::days(1));
        let tier = wait(&partner.admin, &path, |tier| tier["tier"] == "Silver");
        assert_eq!((&tier["since"], &tier["in_grace_until"]), (&json!(until + TimeDelta::days(1)), &Value::Null));
        // A server that was away over the next review and its grace comes to the same: the last step.
        go_to(&scene.admin, next_first(review) + TimeDelta::days(12));
        wait(&partner.admin, &path, |tier| tier["tier"] == "Bronze");
        assert_eq!(history(&partner.admin, &path), ["enrolled", "grace_begun", "demoted", "grace_begun", "demoted"]);
        let kinds: Vec<Value> = partner.admin.all("/v1/notices").iter().map(|notice| notice["kind"].clone()).collect();
        assert_eq!(kinds, ["tier_changed", "grace_begun", "tier_changed", "grace_begun"]);
        let runs = scene.admin.all("/v1/tier-runs?kind=scheduled");
        assert!(runs.iter().all(|run| run["state"] == "finished" && run["review"] == true), "{runs:?}");
        assert_eq!(runs.len(), 2);
    }

    fn who_meets_its_tier_again_in_time_keeps_it(server: Server) {
        let scene = vendor(&server, &json!({"grace_days": 10}));
        wait_for_sweep(&scene.admin);
        let (partner, path) = partner(&scene, "Northwind", "Gold");
        let review = next_first(today(&scene.admin));
        go_to(&scene.admin, review);
        wait(&partner.admin, &path, |tier| tier["in_grace_until"].is_string());
        observe(&scene.admin, &partner, review, "1000");
        let tier = wait(&partner.admin, &path, |tier| tier["in_grace_until"].is_null());
        assert_eq!((&tier["tier"], &tier["pending"]), (&json!("Gold"), &Value::Null));
        assert_eq!(history(&partner.admin, &path), ["enrolled", "grace_begun", "grace_ended"]);
    }

    fn a_tier_is_held_for_its_months(server: Server) {
        let scene = vendor(&server, &json!({"minimum_months_held": 12}));
        wait_for_sweep(&scene.admin);
        let (partner, path) = partner(&scene, "Northwind", "Gold");
        let since = today(&scene.admin);
        go_to(&scene.admin, next_first(since));
        let tier = wait(&partner.admin, &path, |tier| tier["in_grace_until"].is_string());
        assert_eq!(tier["in_grace_until"], json!(since + Months::new(12) - TimeDelta::days(1)));
        assert_eq!(tier["pending"]["tier"], "Bronze");
    }
}

on_both_with! {
    UNSWEPT;
    fn a_tier_that_is_set_by_hand_is_a_decision_too(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (partner, path) = partner(&scene, "Northwind", "Silver");
        let tag = scene.admin.get(&path).tag();
        let changed = scene.admin.patch(&path, &tag, &json!({"tier": "gold"})).expect_status(200);
        assert_eq!(changed.text("tier"), "Gold");
        assert_eq!(scene.admin.get(&path).json, changed.json);
        assert_eq!(history(&partner.admin, &path), ["enrolled", "placed"]);
        let decision = partner.admin.all(&format!("{path}/tier-history")).remove(0);
        assert!(decision["decided_by"].as_str().unwrap().starts_with("user_"), "{decision}");
        // What changes nothing of the tier is none.
        let same = scene.admin.patch(&path, &changed.tag(), &json!({"tier": "Gold", "countries": ["DE"]})).expect_status(200);
        assert_eq!((same.text("tier"), history(&partner.admin, &path).len()), ("Gold".into(), 2));
        scene.admin.patch(&path, &same.tag(), &json!({"tier": "Tin"})).expect_problem(422, "invalid_body");
    }
}

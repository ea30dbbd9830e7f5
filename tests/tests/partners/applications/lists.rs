//! Lists of applications.

use super::*;

on_both_with! { OPEN;
    fn applications_are_filtered_and_ordered(server: Server) {
        let (scene, manager) = recruiting(&server);
        for (name, answers, country) in [
            ("Alpha", json!({"sales_people": 3, "support_desk": true}), "DE"),
            ("Bravo", json!({"sales_people": 3}), "AT"),
            ("Charlie", json!({"support_desk": true}), "AT"),
        ] {
            let mut body = applicant(name);
            (body["answers"], body["company"]["country"]) = (answers, json!(country));
            body["company"]["industry"] = json!("Société Générale");
            applied(&server, &body);
        }
        let found = |query: &str| -> Vec<String> {
            let all = manager.all(&format!("{APPLICATIONS}?{query}"));
            all.iter().map(|one| one["company"]["name"].as_str().unwrap().to_owned()).collect()
        };
        for limit in [1, 2, 200] {
            assert_eq!(found(&format!("limit={limit}")), ["Charlie", "Bravo", "Alpha"]);
            assert_eq!(found(&format!("sort=created_at&limit={limit}")), ["Alpha", "Bravo", "Charlie"]);
            assert_eq!(found(&format!("sort=-score&limit={limit}")), ["Alpha", "Bravo", "Charlie"]);
            assert_eq!(found(&format!("sort=updated_at&limit={limit}")), ["Alpha", "Bravo", "Charlie"]);
            assert_eq!(found(&format!("sort=-updated_at&limit={limit}")), ["Charlie", "Bravo", "Alpha"]);
        }
        assert_eq!(found("country=AT&eligibility=eligible"), ["Bravo"]);
        assert_eq!(found("score_min=66.67&sort=created_at"), ["Alpha", "Bravo"]);
        assert_eq!(found("score_min=33.33&score_max=66.66"), ["Charlie"]);
        assert_eq!(found("q=societe"), ["Charlie", "Bravo", "Alpha"]);
        assert_eq!(found("q=grace@bravo"), ["Bravo"]);
        assert_eq!(found("domain=alpha.example"), ["Alpha"]);
        assert_eq!((found("program=reseller").len(), found("status=submitted,in_review").len()), (0, 3));
        let alpha = manager.get(&format!("{APPLICATIONS}?domain=alpha.example&include=total")).expect_status(200);
        assert_eq!(alpha.json["total"], 1);
        let path = format!("{APPLICATIONS}/{}", alpha.json["data"][0]["id"].as_str().unwrap());
        act(&manager, &path, "claim-review", &json!({})).expect_status(200);
        assert_eq!(found("sort=-updated_at"), ["Alpha", "Charlie", "Bravo"]);
        assert_eq!(found("status=in_review"), ["Alpha"]);
        let since = alpha.json["data"][0]["updated_at"].as_str().unwrap();
        assert_eq!((found(&format!("created_after={since}")).len(), found(&format!("created_before={since}")).len()), (3, 0));
        for wrong in ["score_min=101", "score_max=1.234", "status=lost", "sort=name", "q="] {
            scene.admin.get(&format!("{APPLICATIONS}?{wrong}")).expect_problem(400, "invalid_parameter");
        }
    }
}

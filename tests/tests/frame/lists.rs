//! Lists: pages, cursors, links.

use tests::{Answer, Client, Value, on_both};

use super::support::partner;

fn add(admin: &Client, count: usize) -> Vec<String> {
    let mut ids: Vec<String> = (0..count)
        .map(|at| admin.post("/v1/partners", &partner(&format!("Number{at}"))).expect_status(201).text("id"))
        .collect();
    ids.reverse();
    ids
}

fn ids(answer: &Answer) -> Vec<String> {
    answer.json["data"]
        .as_array()
        .expect("data")
        .iter()
        .map(|one| one["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// Where the `Link` to the next page leads.
fn next_link(answer: &Answer) -> Option<String> {
    let link = answer.header("link")?;
    let (target, relation) = link.split_once(';').expect("a relation");
    assert_eq!(relation.trim(), r#"rel="next""#);
    let target = target.trim_start_matches('<').trim_end_matches('>');
    Some(target.trim_start_matches("http://entente.test").to_owned())
}

on_both! {
    fn pages_hold_everything_once_newest_first(server: Server) {
        let admin = server.admin();
        let added = add(&admin, 7);
        for limit in [1, 2, 3, 7, 200] {
            let listed: Vec<String> = admin
                .all(&format!("/v1/partners?limit={limit}"))
                .iter()
                .map(|one| one["id"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(listed, added, "limit {limit}");
        }
        let exact = admin.get("/v1/partners?limit=7").expect_status(200);
        assert_eq!((&exact.json["next_cursor"], exact.header("link")), (&Value::Null, None), "no page after the last");
    }

    fn the_link_leads_to_the_next_page_with_the_same_filters(server: Server) {
        let admin = server.admin();
        let added = add(&admin, 5);
        let mut seen = Vec::new();
        let mut at = Some("/v1/partners?country=DE&limit=2&q=number".to_owned());
        while let Some(path) = at {
            let page = admin.get(&path).expect_status(200);
            assert_eq!(next_link(&page).is_some(), page.json["next_cursor"].is_string());
            seen.extend(ids(&page));
            at = next_link(&page);
            assert!(at.as_ref().is_none_or(|next| next.contains("country=DE") && next.contains("q=number")));
        }
        assert_eq!(seen, added);
    }

    fn what_is_added_meanwhile_moves_no_page(server: Server) {
        let admin = server.admin();
        let added = add(&admin, 4);
        let first = admin.get("/v1/partners?limit=2").expect_status(200);
        admin.post("/v1/partners", &partner("Late")).expect_status(201);
        let second =
            admin.get(&format!("/v1/partners?limit=2&cursor={}", first.text("next_cursor"))).expect_status(200);
        assert_eq!([ids(&first), ids(&second)].concat(), added);
    }

    fn a_cursor_is_good_for_the_list_that_gave_it_only(server: Server) {
        let admin = server.admin();
        add(&admin, 2);
        let cursor = admin.get("/v1/partners?limit=1").expect_status(200).text("next_cursor");
        let mut altered = cursor.clone();
        altered.replace_range(4..5, if &cursor[4..5] == "A" { "B" } else { "A" });
        for path in [
            format!("/v1/users?cursor={cursor}"),
            format!("/v1/contacts?cursor={cursor}"),
            format!("/v1/programs?cursor={cursor}"),
            format!("/v1/audit-entries?cursor={cursor}"),
            format!("/v1/deal-registrations?cursor={cursor}"),
            "/v1/partners?cursor=nonsense".into(),
            "/v1/partners?cursor=%20".into(),
            format!("/v1/partners?cursor={altered}"),
            format!("/v1/partners?cursor={cursor}{cursor}"),
            "/v1/partners?cursor=WyJwYXJ0bmVycyIsMV0".into(),
        ] {
            let answer = admin.get(&path).expect_problem(400, "invalid_parameter");
            assert_eq!(answer.faults(), ["cursor"], "{path}");
        }
        admin.get("/v1/events?after=nonsense").expect_problem(400, "invalid_parameter");
    }

    fn a_count_comes_when_asked_for(server: Server) {
        let admin = server.admin();
        add(&admin, 3);
        let page = admin.get("/v1/partners?limit=1&include=total").expect_status(200);
        assert_eq!(page.json["total"], 3);
        assert!(admin.get("/v1/partners?limit=1").json.get("total").is_none());
        let second = admin.get(&next_link(&page).expect("a link")).expect_status(200);
        assert_eq!(second.json["total"], 3, "of all that match, not of what is left");
        admin.get("/v1/partners?include=everything").expect_problem(400, "invalid_parameter");
    }

    fn filters_find_what_they_name(server: Server) {
        let admin = server.admin();
        let added = add(&admin, 3);
        let names = |query: &str| ids(&admin.get(&format!("/v1/partners?{query}")).expect_status(200));
        assert_eq!(names("domain=number1.example"), [added[1].clone()]);
        assert_eq!(names("q=NÜMBER2"), [added[0].clone()], "case and accents do not matter");
        assert!(names("q=%25").is_empty() && names("q=_").is_empty(), "a wildcard is a letter like any other");
        assert!(names("country=FR").is_empty() && names("status=suspended").is_empty());
        let oldest = admin.get(&format!("/v1/partners/{}", added[2]));
        admin
            .patch(&format!("/v1/partners/{}", added[2]), &oldest.tag(), &tests::json!({"name": "Changed"}))
            .expect_status(200);
        let newest = admin.get(&format!("/v1/partners/{}", added[0])).text("updated_at");
        let changed = names(&format!("updated_after={newest}"));
        assert!(changed.contains(&added[2]) && !changed.contains(&added[1]), "{changed:?}");
    }
}

//! Territories: assigned to enrollments, an exclusive one to one partner, whoever comes at once.

use std::{sync::Barrier, thread};

use super::*;

const TERRITORIES: &str = "/v1/territories";

/// A territory of the program `strict` with these members; its path.
#[track_caller]
fn territory(scene: &Scene, name: &str, members: Value) -> String {
    let mut body = json!({"program": "strict", "name": name, "exclusive": true});
    for (member, value) in members.as_object().unwrap() {
        body[member] = value.clone();
    }
    let made = scene.admin.post(TERRITORIES, &body).expect_status(201);
    format!("{TERRITORIES}/{}", made.text("id"))
}

fn assign(client: &Client, path: &str, enrollment: &str) -> Answer {
    act(client, path, "assign", &json!({"enrollment_id": enrollment}))
}

fn at(domain: &str, country: &str) -> Value {
    let mut deal = strict(domain);
    deal["account"]["country"] = json!(country);
    deal
}

on_both! {
    fn a_territory_is_added_changed_assigned_and_taken_back(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (one, enrollment) = partner(&scene, "Northwind");
        let (other, _) = partner(&scene, "Contoso");
        let path = territory(&scene, "DACH", json!({"regions": [{"name": "DACH", "countries": ["DE", "AT"]}]}));
        let id = path.rsplit('/').next().unwrap();
        one.admin.get(&path).expect_problem(404, "not_found");
        let assigned = assign(&scene.admin, &path, &enrollment).expect_status(200);
        assert_eq!(assigned.json["enrollment_ids"], json!([enrollment]));
        assign(&scene.admin, &path, &enrollment).expect_problem(409, "already_exists");
        assert_eq!(one.admin.get(&path).expect_status(200).json["name"], "DACH");
        assert_eq!((one.admin.all(TERRITORIES).len(), other.admin.all(TERRITORIES).len()), (1, 0));
        let stale = scene.admin.patch(&path, "\"old\"", &json!({"name": "X"}));
        stale.expect_problem(412, "stale");
        let tag = scene.admin.get(&path).tag();
        let changed = scene.admin.patch(&path, &tag, &json!({"segments": ["smb"]})).expect_status(200);
        assert_eq!(audited(&scene.admin, id), ("updateTerritory".into(), assigned.json, changed.json.clone()));
        let taken = act(&scene.admin, &path, "unassign", &json!({"enrollment_id": enrollment})).expect_status(200);
        assert_eq!(taken.json["enrollment_ids"], json!([]));
        act(&scene.admin, &path, "unassign", &json!({"enrollment_id": enrollment})).expect_problem(422, "invalid_body");
        assert_eq!(
            told(&scene.admin, id),
            ["created", "assigned", "updated", "unassigned"].map(|kind| format!("territory.{kind}"))
        );
        let same = json!({"program": "strict", "name": "DACH"});
        assert_eq!(scene.admin.post(TERRITORIES, &same).expect_problem(409, "already_exists").faults(), ["/name"]);
        let lost = json!({"program": "nowhere", "name": "X"});
        assert_eq!(scene.admin.post(TERRITORIES, &lost).expect_problem(422, "invalid_body").faults(), ["/program"]);
        let elsewhere = assign(&scene.admin, &path, &one.enrollment).expect_problem(422, "invalid_body");
        assert_eq!(elsewhere.faults(), ["/enrollment_id"]);
        let count = |query: &str| scene.admin.all(&format!("{TERRITORIES}?{query}")).len();
        assert_eq!((count("program=strict"), count("program=reseller")), (1, 0));
        assert_eq!((count("exclusive=true"), count("exclusive=false")), (1, 0));
        assign(&scene.admin, &path, &enrollment).expect_status(200);
        assert_eq!((count(&format!("enrollment_id={enrollment}")), count(&format!("partner_id={}", other.id))), (1, 0));
        assert_eq!(count(&format!("updated_after={}", changed.text("updated_at"))), 1);
    }

    fn exclusive_territories_of_two_partners_do_not_overlap(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (_, first) = partner(&scene, "Northwind");
        let (_, second) = partner(&scene, "Contoso");
        let regions = json!([{"name": "DACH", "countries": ["DE", "AT", "CH"]}]);
        let dach = territory(&scene, "DACH", json!({"regions": regions}));
        let alps = territory(&scene, "Alps", json!({"countries": ["AT", "CH", "IT"]}));
        let italy = territory(&scene, "Italy", json!({"countries": ["IT"]}));
        let smb = territory(&scene, "Small in Germany", json!({"countries": ["DE"], "segments": ["smb"]}));
        let big = territory(&scene, "Big in Germany", json!({"countries": ["DE"], "segments": ["Enterprise"]}));
        let open = territory(&scene, "Everywhere", json!({"exclusive": false}));
        assign(&scene.admin, &dach, &first).expect_status(200);
        let refused = assign(&scene.admin, &alps, &second).expect_problem(409, "territory_conflict");
        let detail = refused.text("detail");
        assert!(detail.contains("DACH") && detail.contains(dach.rsplit('/').next().unwrap()), "{detail}");
        assert!(detail.contains("AT, CH") && !detail.contains("IT"), "{detail}");
        assert_eq!(scene.admin.get(&alps).json["enrollment_ids"], json!([]), "nothing is left of it");
        assign(&scene.admin, &italy, &second).expect_status(200);
        // One partner may have what overlaps; what is open is anybody's.
        assign(&scene.admin, &smb, &first).expect_status(200);
        assign(&scene.admin, &open, &first).expect_status(200);
        assign(&scene.admin, &open, &second).expect_status(200);
        // What is exclusive is not shared, and does not become so by a change.
        assign(&scene.admin, &italy, &first).expect_problem(409, "territory_conflict");
        let change = |path: &str, body: Value| scene.admin.patch(path, &scene.admin.get(path).tag(), &body);
        change(&italy, json!({"countries": ["IT", "CH"]})).expect_problem(409, "territory_conflict");
        change(&open, json!({"exclusive": true})).expect_problem(409, "territory_conflict");
        change(&dach, json!({"regions": [], "countries": ["AT"]})).expect_status(200);
        assign(&scene.admin, &big, &second).expect_status(200);
        let refused = change(&smb, json!({"segments": []})).expect_problem(409, "territory_conflict");
        assert!(refused.text("detail").contains("for the segments enterprise"), "{}", refused.text);
    }

    fn of_those_who_come_at_once_one_gets_it(server: Server) {
        let scene = vendor(&server, &json!({}));
        let enrollments: Vec<String> = (0..6).map(|n| partner(&scene, &format!("Partner{n}")).1).collect();
        for round in ["DE", "FR", "IT"] {
            let name = |n: usize| format!("{round} {n}");
            let paths: Vec<String> =
                (0..6).map(|n| territory(&scene, &name(n), json!({"countries": [round]}))).collect();
            let barrier = Barrier::new(6);
            let statuses: Vec<u16> = thread::scope(|scope| {
                let one = |(path, enrollment): (&String, &String)| {
                    let (barrier, admin) = (&barrier, &scene.admin);
                    let (path, enrollment) = (path.clone(), enrollment.clone());
                    scope.spawn(move || {
                        barrier.wait();
                        loop {
                            let answer = assign(admin, &path, &enrollment);
                            // Too much at once is told so, and changes nothing.
                            if answer.status != 503 {
                                return answer.status;
                            }
                        }
                    })
                };
                let threads: Vec<_> = paths.iter().zip(&enrollments).map(one).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{round}: {statuses:?}");
            assert!(statuses.iter().all(|status| matches!(status, 200 | 409)), "{round}: {statuses:?}");
        }
    }

    fn a_claim_outside_all_territories_is_told_so(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (one, enrollment) = partner(&scene, "Northwind");
        let verdict = |domain: &str, country: &str| register(&one.admin, &at(domain, country)).text("verdict");
        let path = format!("/v1/enrollments/{enrollment}");
        scene.admin.patch(&path, &scene.admin.get(&path).tag(), &json!({"countries": ["FR"]})).expect_status(200);
        assert_eq!(verdict("a.example", "DE"), "out_of_territory");
        let dach = territory(&scene, "DACH", json!({"regions": [{"name": "DACH", "countries": ["DE", "AT"]}]}));
        let open = territory(&scene, "Open", json!({"countries": ["IT"], "exclusive": false}));
        assign(&scene.admin, &dach, &enrollment).expect_status(200);
        assign(&scene.admin, &open, &enrollment).expect_status(200);
        // What is assigned takes the place of the enrollment's own countries.
        assert_eq!(verdict("b.example", "DE"), "clean");
        assert_eq!(verdict("c.example", "IT"), "clean");
        let outside = register(&one.admin, &at("d.example", "FR"));
        assert_eq!(outside.text("verdict"), "out_of_territory");
        let explained = one.admin.get(&format!("{DEALS}/{}/explanation", outside.text("id"))).expect_status(200);
        assert_eq!(explained.json["inputs"]["territory"], json!(["AT", "DE", "IT"]));
        let everywhere = territory(&scene, "Everywhere", json!({"exclusive": false}));
        assign(&scene.admin, &everywhere, &enrollment).expect_status(200);
        assert_eq!(verdict("e.example", "US"), "clean");
    }

    fn a_territory_does_not_tell_who_else_has_it(server: Server) {
        let scene = vendor(&server, &json!({}));
        let (one, own) = partner(&scene, "Northwind");
        let (_, foreign) = partner(&scene, "Contoso");
        let path = territory(&scene, "Open", json!({"exclusive": false}));
        assign(&scene.admin, &path, &own).expect_status(200);
        assign(&scene.admin, &path, &foreign).expect_status(200);
        assert_eq!(one.admin.get(&path).expect_status(200).json["enrollment_ids"], json!([own]));
        assert!(one.admin.all(&format!("{TERRITORIES}?enrollment_id={foreign}")).is_empty());
        assert_eq!(one.admin.all(&format!("{TERRITORIES}?enrollment_id={own}")).len(), 1);
        // A channel manager assigns to their own partners, and does not define.
        let manager = scene.user("cam@vendor.example", "channel_manager", None);
        let other = territory(&scene, "Other", json!({"exclusive": false}));
        assign(&manager, &other, &own).expect_problem(422, "invalid_body");
        let new = json!({"program": "strict", "name": "Mine"});
        manager.post(TERRITORIES, &new).expect_problem(403, "insufficient_scope");
        let enrollment = format!("/v1/enrollments/{own}");
        let me = json!({"channel_manager_id": manager.get("/v1/me").text("subject")});
        scene.admin.patch(&enrollment, &scene.admin.get(&enrollment).tag(), &me).expect_status(200);
        let assigned = assign(&manager, &other, &own).expect_status(200);
        assert_eq!(assigned.json["enrollment_ids"], json!([own]));
    }
}

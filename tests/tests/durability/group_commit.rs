//! Writes that are committed together fail alone.

use std::thread;

use tests::{Client, Kind, Scene, Server, Value, json, on_both, scene::Partner};

use super::{DEALS, company, deal_with, histories, patiently, stored, text, whole_feed};

const WRITERS: u64 = 12;
const ROUNDS: u64 = 15;

on_both! {
    fn a_refused_write_among_many_good_ones_is_undone_alone(server: Server) {
        let scene = Scene::approving(&server);
        let partners: Vec<_> = (0..WRITERS).map(|n| scene.partner(&format!("Partner{n}"))).collect();
        let taken = scene.partner("Taken").admin;
        let ids: Vec<_> = thread::scope(|scope| {
            let writers: Vec<_> = (0..)
                .zip(&partners)
                .map(|(writer, partner)| {
                    let admin = &scene.admin;
                    scope.spawn(move || good_and_bad(admin, partner, writer))
                })
                .collect();
            writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).collect()
        });
        let admin = &scene.admin;
        assert_eq!(ids.len() as u64, WRITERS * ROUNDS);
        assert_eq!(stored(admin), ids.len());
        let feed = whole_feed(admin);
        let histories = histories(&feed);
        assert_eq!(histories.len(), ids.len());
        for id in &ids {
            assert_eq!(histories[id.as_str()], ["created", "submitted", "approved"], "{id}");
        }
        // What a refused request had written before it was refused is gone: accounts, partners, their events.
        let accounts = admin.all("/v1/accounts?limit=200");
        assert_eq!(accounts.len(), ids.len());
        assert_eq!(admin.all("/v1/partners?limit=200").len() as u64, WRITERS + 1);
        let of_kind = |kind| feed.iter().filter(|event| text(event, "type") == kind).count();
        assert_eq!((of_kind("account.created"), of_kind("partner.created") as u64), (ids.len(), WRITERS + 1));
        assert!(taken.get(DEALS).expect_status(200).json["data"].as_array().expect("data").is_empty());
        if server.database.kind == Kind::Sqlite {
            writes_were_grouped(&server);
        }
    }
}

/// Good registrations, and between them requests that are refused inside their transaction; the good ones' ids.
fn good_and_bad(admin: &Client, partner: &Partner, writer: u64) -> Vec<String> {
    let round = |n: u64| {
        let made = patiently(|| partner.admin.post(DEALS, &deal_with(writer << 32 | n))).0.expect_status(201);
        let path = format!("{DEALS}/{}", made.text("id"));
        let key = format!("approve-{writer}-{n}");
        let again = patiently(|| admin.post_once(&format!("{path}/approve"), &key, &json!({}))).0;
        let again = again.expect_problem(409, "invalid_transition");
        let replayed = admin.post_once(&format!("{path}/approve"), &key, &json!({}));
        assert_eq!((replayed.status, replayed.header("idempotency-replayed")), (409, Some("true")));
        assert_eq!(replayed.text, again.text);
        let same = json!({"name": "Somebody", "domain": "taken.example", "country": "DE"});
        patiently(|| admin.post("/v1/partners", &same)).0.expect_problem(409, "already_exists");
        // The account is new, but nobody is enrolled there.
        let mut elsewhere = deal_with(writer << 32 | 1 << 20 | n);
        elsewhere["program"] = "referral".into();
        patiently(|| partner.admin.post(DEALS, &elsewhere)).0.expect_problem(422, "invalid_body");
        let stale = move_to(&company(writer << 32 | 1 << 21 | n));
        patiently(|| partner.admin.patch(&path, "\"stale\"", &stale)).0.expect_problem(412, "stale");
        made.text("id")
    };
    (0..ROUNDS).map(round).collect()
}

fn move_to(domain: &str) -> Value {
    json!({"account": {"name": domain, "domain": domain, "country": "DE"}})
}

/// Otherwise this would have tested nothing.
fn writes_were_grouped(server: &Server) {
    let metrics = server.client().get("/metrics").expect_status(200).text;
    let value = |name: &str| {
        let line = metrics.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name}"));
        line.rsplit(' ').next().and_then(|value| value.parse::<f64>().ok()).expect("a number")
    };
    let (writes, commits) = (value("entente_sqlite_group_size_sum"), value("entente_sqlite_group_size_count"));
    println!("{writes} writes in {commits} commits");
    assert!(writes > commits, "no two writes shared a commit");
}

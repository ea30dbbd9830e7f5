//! The event feed: every event once, in one order that never changes, and none is missed.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use tests::{Answer, Client, Kind, Scene, Server, Value, json, on_both, scene::Partner};

use super::{DEALS, at_each, deal_with, histories, patiently, text, whole_feed};

const WRITERS: u64 = 6;
const DEALS_EACH: u64 = 15;

/// What happens to each registration here, and so what the feed must tell of it.
const LIFE: [&str; 6] = ["created", "updated", "submitted", "updated", "approved", "released"];

#[test]
fn a_follower_of_two_servers_misses_nothing_while_many_write() {
    let first = Server::start(Kind::Postgres);
    let second = first.another();
    nothing_is_missed(&[first, second]);
}

#[test]
fn a_follower_of_one_server_misses_nothing_while_many_write() {
    nothing_is_missed(&[Server::start(Kind::Postgres)]);
}

#[test]
fn a_follower_of_an_embedded_server_misses_nothing_while_many_write() {
    nothing_is_missed(&[Server::start(Kind::Sqlite)]);
}

fn nothing_is_missed(servers: &[Server]) {
    let scene = Scene::new(&servers[0], json!({}));
    let partners: Vec<_> = (0..WRITERS).map(|n| scene.partner(&format!("Partner{n}"))).collect();
    let (vendor, own) = (at_each(&scene.admin, servers), at_each(&partners[0].admin, servers));
    let done = AtomicBool::new(false);
    let (seen, seen_by_partner, subjects) = thread::scope(|scope| {
        let followers = [(&vendor, 7), (&own, 3)].map(|(clients, limit)| {
            let done = &done;
            scope.spawn(move || follow(clients, limit, done))
        });
        let writers: Vec<_> = (partners.iter().zip(0..))
            .map(|(partner, writer)| {
                let vendor = &vendor;
                let clients = at_each(&partner.admin, servers);
                scope.spawn(move || write(&clients, vendor, writer))
            })
            .collect();
        let subjects: Vec<_> = writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).collect();
        done.store(true, Ordering::SeqCst);
        let [seen, by_partner] = followers.map(|follower| follower.join().expect("a follower"));
        (seen, by_partner, subjects)
    });
    every_event_is_there_once_in_order(&seen, &subjects);
    for client in &vendor {
        assert!(whole_feed(client) == seen, "the feed reads differently from the beginning");
    }
    a_partner_sees_its_own(&partners[0], &seen, &seen_by_partner, &own);
    println!("{:?}: {} servers, {} events, none missed", servers[0].database.kind, servers.len(), seen.len());
}

/// Follows from the beginning, each page from another server, until nothing more comes.
fn follow(clients: &[Client], limit: u8, done: &AtomicBool) -> Vec<Value> {
    let (mut events, mut path) = (Vec::new(), format!("/v1/events?limit={limit}"));
    for client in clients.iter().cycle() {
        // Asked before the page is: an empty page counts only when nothing can come after it.
        let last = done.load(Ordering::SeqCst);
        let (page, _) = patiently(|| client.get(&path));
        let page = page.expect_status(200);
        let data = page.json["data"].as_array().expect("data");
        assert!(data.len() <= usize::from(limit));
        assert_eq!(data.is_empty(), page.json["next_cursor"].is_null(), "{}", page.text);
        if data.is_empty() && last {
            break;
        }
        events.extend(data.iter().cloned());
        match page.json["next_cursor"].as_str() {
            Some(next) => path = format!("/v1/events?limit={limit}&after={next}"),
            None => thread::sleep(Duration::from_millis(2)),
        }
    }
    events
}

/// Leads registrations through their life, each step at another server; their ids.
fn write(clients: &[Client], vendor: &[Client], writer: u64) -> Vec<String> {
    let (mut clients, mut vendor) = (clients.iter().cycle(), vendor.iter().cycle());
    let live = |n: u64| {
        let mut new = deal_with(writer << 32 | n);
        new["submit"] = false.into();
        let mut done = |status: u16, step: &dyn Fn(&Client) -> Answer| {
            let client = clients.next().expect("a server");
            patiently(|| step(client)).0.expect_status(status)
        };
        let made = done(201, &|client| client.post(DEALS, &new));
        let path = format!("{DEALS}/{}", made.text("id"));
        done(200, &|client| client.patch(&path, &made.tag(), &json!({"notes": "A first word."})));
        let submitted = done(200, &|client| client.post(&format!("{path}/submit"), &json!({})));
        done(200, &|client| client.patch(&path, &submitted.tag(), &json!({"stage": "proposal"})));
        let approver = vendor.next().expect("a server");
        patiently(|| approver.post(&format!("{path}/approve"), &json!({}))).0.expect_status(200);
        done(200, &|client| client.post(&format!("{path}/release"), &json!({})));
        made.text("id")
    };
    (0..DEALS_EACH).map(live).collect()
}

fn every_event_is_there_once_in_order(seen: &[Value], subjects: &[String]) {
    let ids: BTreeSet<_> = seen.iter().map(|event| text(event, "id")).collect();
    assert_eq!(ids.len(), seen.len(), "an event came twice");
    let histories = histories(seen);
    assert_eq!(histories.len(), subjects.len());
    assert_eq!(subjects.len() as u64, WRITERS * DEALS_EACH);
    for subject in subjects {
        assert_eq!(histories[subject.as_str()], LIFE, "{subject}");
    }
    for event in seen.iter().filter(|event| text(event, "type").starts_with("deal_registration.")) {
        assert!(event["program"] == "reseller" && event["program_version"] == 1, "{event}");
    }
}

fn a_partner_sees_its_own(partner: &Partner, seen: &[Value], by_partner: &[Value], own: &[Client]) {
    let of_partner: Vec<_> = seen.iter().filter(|event| event["partner_id"] == partner.id.as_str()).cloned().collect();
    assert!(by_partner == of_partner, "{} events instead of {}", by_partner.len(), of_partner.len());
    for client in own {
        assert!(whole_feed(client) == of_partner);
    }
}

on_both! {
    fn the_feed_goes_on_after_any_event_and_keeps_to_the_types_asked_for(server: Server) {
        let scene = Scene::approving(&server);
        let partner = scene.partner("Anna");
        for account in 0..6 {
            partner.admin.post(DEALS, &deal_with(account)).expect_status(201);
        }
        let all = whole_feed(&scene.admin);
        assert!(all.len() > 18);
        for (at, event) in all.iter().enumerate() {
            let page = scene.admin.get(&format!("/v1/events?limit=200&after={}", text(event, "id"))).expect_status(200);
            assert_eq!(page.json["data"].as_array().expect("data"), &all[at + 1..]);
            assert_eq!(scene.admin.get(&format!("/v1/events/{}", text(event, "id"))).expect_status(200).json, *event);
        }
        let types = ["deal_registration.approved", "account.created"];
        let of_types: Vec<_> = all.iter().filter(|event| types.contains(&text(event, "type"))).cloned().collect();
        assert_eq!(of_types.len(), 12);
        let (mut found, mut path) = (Vec::new(), format!("/v1/events?types={}&limit=5", types.join(",")));
        while let page = scene.admin.get(&path).expect_status(200)
            && let Some(next) = page.json["next_cursor"].as_str()
        {
            found.extend(page.json["data"].as_array().expect("data").clone());
            path = format!("/v1/events?types={}&limit=5&after={next}", types.join(","));
        }
        assert_eq!(found, of_types);
        let unknown = scene.admin.get("/v1/events?after=event_01h455vb4pex5vsknk084sn02q");
        unknown.expect_problem(400, "invalid_parameter");
        scene.admin.get("/v1/events?after=nonsense").expect_problem(400, "invalid_parameter");
        scene.admin.get("/v1/events?limit=0").expect_problem(400, "invalid_parameter");
        let foreign = all.iter().find(|event| event["partner_id"].is_null()).expect("one of the vendor's");
        partner.admin.get(&format!("/v1/events/{}", text(foreign, "id"))).expect_problem(404, "not_found");
    }

    fn what_was_answered_is_in_the_feed_of_whoever_asks_then(server: Server) {
        let scene = Scene::new(&server, json!({}));
        let partner = scene.partner("Anna");
        let mut after = text(whole_feed(&scene.admin).last().expect("an event"), "id").to_owned();
        for account in 0..20 {
            let id = partner.admin.post(DEALS, &deal_with(account)).expect_status(201).text("id");
            let page = scene.admin.get(&format!("/v1/events?after={after}")).expect_status(200);
            let data = page.json["data"].as_array().expect("data");
            let of_deal: Vec<_> = data.iter().filter(|event| text(event, "subject") == id).collect();
            assert_eq!(of_deal.iter().map(|event| text(event, "type")).collect::<Vec<_>>(), [
                "deal_registration.created",
                "deal_registration.submitted",
            ]);
            after = page.text("next_cursor");
        }
    }
}

//! Never two protections for one account and product, whoever comes at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use tests::{Answer, Client, Kind, Scene, Server, Value, json, scene::Partner, scene::deal};

use super::{DEALS, at_each, company, deal_with, histories, patiently, text, whole_feed};

const PARTNERS: u64 = 8;

#[test]
fn eight_partners_at_two_servers_register_the_same_thousand_accounts_and_one_gets_each() {
    let first = Server::start(Kind::Postgres);
    let second = first.another();
    all_register_the_same(&[first, second], 1_000);
}

#[test]
fn eight_partners_at_one_embedded_server_register_the_same_accounts_and_one_gets_each() {
    all_register_the_same(&[Server::start(Kind::Sqlite)], 200);
}

fn all_register_the_same(servers: &[Server], accounts: u64) {
    let scene = Scene::approving(&servers[0]);
    let partners: Vec<_> = (0..PARTNERS).map(|n| scene.partner(&format!("Partner{n}"))).collect();
    let (began, refused) = (Instant::now(), AtomicUsize::new(0));
    thread::scope(|scope| {
        for (partner, server) in partners.iter().zip(servers.iter().cycle()) {
            let (client, refused) = (partner.admin.at(&server.url), &refused);
            scope.spawn(move || {
                for account in 0..accounts {
                    let (key, deal) = (format!("account-{account}"), deal_with(account));
                    let (answer, busy) = patiently(|| client.post_once(DEALS, &key, &deal));
                    answer.expect_status(201);
                    refused.fetch_add(busy, Ordering::Relaxed);
                }
            });
        }
    });
    let took = began.elapsed();
    let deals = scene.admin.all(&format!("{DEALS}?limit=200"));
    assert_eq!(deals.len() as u64, PARTNERS * accounts);
    one_gets_each(&deals, accounts);
    each_history_is_in_order(&scene.admin, &deals);
    println!(
        "{:?}: {} servers, {} registrations of {accounts} accounts by {PARTNERS} partners in {took:?}, {} times busy",
        servers[0].database.kind,
        servers.len(),
        deals.len(),
        refused.into_inner(),
    );
}

/// For each account one partner is protected, and all others have heard of the conflict.
fn one_gets_each(deals: &[Value], accounts: u64) {
    let mut by_domain = BTreeMap::<_, Vec<_>>::new();
    for deal in deals {
        by_domain.entry(text(&deal["account"], "domain")).or_default().push(deal);
    }
    assert_eq!(by_domain.len() as u64, accounts);
    for (domain, deals) in by_domain {
        let distinct = |member| deals.iter().map(|deal| text(deal, member)).collect::<BTreeSet<_>>().len() as u64;
        assert_eq!((distinct("partner_id"), distinct("account_id")), (PARTNERS, 1), "{domain}");
        let mut outcomes: Vec<_> = deals.iter().map(|deal| (text(deal, "status"), text(deal, "verdict"))).collect();
        outcomes.sort_unstable();
        let (winner, losers) = outcomes.split_first().expect("eight");
        assert_eq!(*winner, ("approved", "clean"), "{domain}");
        assert!(losers.iter().all(|loser| *loser == ("in_review", "conflict")), "{domain}: {losers:?}");
    }
}

fn each_history_is_in_order(admin: &Client, deals: &[Value]) {
    let feed = whole_feed(admin);
    let histories = histories(&feed);
    assert_eq!(histories.len(), deals.len());
    for deal in deals {
        assert_eq!(histories[text(deal, "id")], ["created", "submitted", text(deal, "status")], "{deal}");
    }
}

/// How often two approve at the same moment.
const ROUNDS: u64 = 40;

#[test]
fn of_two_approvals_at_the_same_moment_one_is_refused_on_two_servers() {
    let first = Server::start(Kind::Postgres);
    let second = first.another();
    duels(&[first, second], "reseller");
}

#[test]
fn of_two_approvals_at_the_same_moment_one_is_refused_embedded() {
    duels(&[Server::start(Kind::Sqlite)], "reseller");
}

#[test]
fn of_two_approvals_in_exclusive_programs_one_is_refused_on_two_servers() {
    let first = Server::start(Kind::Postgres);
    let second = first.another();
    duels(&[first, second], "referral");
}

#[test]
fn of_two_approvals_in_exclusive_programs_one_is_refused_embedded() {
    duels(&[Server::start(Kind::Sqlite)], "referral");
}

/// Two vendor users approve, at the same moment, registrations of two partners that exclude each other.
fn duels(servers: &[Server], other_program: &str) {
    let scene = Scene::new(&servers[0], json!({}));
    scene.program("referral", json!({"exclusive_with": ["reseller"]}));
    let partners = [scene.partner("Anna"), scene.partner("Berta")];
    scene.enroll(&partners[1].id, "referral", "Gold");
    let approvers: Vec<_> = ["first", "second"]
        .map(|name| scene.user(&format!("{name}@vendor.example"), "program_admin", None))
        .iter()
        .zip(servers.iter().cycle())
        .map(|(client, server)| client.at(&server.url))
        .collect();
    let mut won_by_first = 0;
    for round in 0..ROUNDS {
        let ids = [waiting(&partners[0], round, "reseller"), waiting(&partners[1], round, other_program)];
        let [first, second] = at_once(&approvers, &ids);
        let (winner, loser) = if first.status == 200 { (first, second) } else { (second, first) };
        winner.expect_status(200);
        loser.expect_problem(409, "deal_conflict");
        let statuses =
            ids.clone().map(|id| scene.admin.get(&format!("{DEALS}/{id}")).expect_status(200).text("status"));
        won_by_first += u32::from(statuses == ["approved", "submitted"]);
        assert!(statuses.iter().filter(|status| *status == "approved").count() == 1, "{statuses:?}");
    }
    println!(
        "{:?}: {} servers, {ROUNDS} duels over reseller and {other_program}, {won_by_first} won by the first",
        servers[0].database.kind,
        servers.len(),
    );
}

/// A registration that waits for a person, with nothing against it so far.
fn waiting(partner: &Partner, account: u64, program: &str) -> String {
    let mut new = deal(&company(account));
    new["program"] = program.into();
    let made = partner.admin.post(DEALS, &new).expect_status(201);
    assert_eq!((made.text("status").as_str(), made.text("verdict").as_str()), ("submitted", "clean"));
    made.text("id")
}

fn at_once(approvers: &[Client], ids: &[String; 2]) -> [Answer; 2] {
    let start = Barrier::new(2);
    let approve = |at: usize| {
        start.wait();
        approvers[at].post(&format!("{DEALS}/{}/approve", ids[at]), &json!({}))
    };
    thread::scope(|scope| {
        let other = scope.spawn(|| approve(1));
        [approve(0), other.join().expect("the other's answer")]
    })
}

#[test]
fn a_protection_that_is_given_up_goes_to_one_of_those_who_wait() {
    let first = Server::start(Kind::Postgres);
    let second = first.another();
    let servers = [first, second];
    let scene = Scene::approving(&servers[0]);
    let holder = scene.partner("Holder");
    let partners: Vec<_> = (0..4).map(|n| scene.partner(&format!("Waiting{n}"))).collect();
    let vendor = at_each(&scene.admin, &servers);
    for account in 0..10 {
        let held = holder.admin.post(DEALS, &deal_with(account)).expect_status(201).text("id");
        let waiting: Vec<_> = partners
            .iter()
            .map(|one| one.admin.post(DEALS, &deal_with(account)).expect_status(201).text("id"))
            .collect();
        let answers = released_while_all_approve(&holder.admin, &held, &vendor, &waiting);
        let approved = answers.iter().filter(|answer| answer.status == 200).count();
        answers.into_iter().filter(|answer| answer.status != 200).for_each(|answer| {
            answer.expect_problem(409, "deal_conflict");
        });
        // None, when all came before the release.
        assert!(approved <= 1, "{approved} are protected at the same account");
    }
}

fn released_while_all_approve(holder: &Client, held: &str, vendor: &[Client], waiting: &[String]) -> Vec<Answer> {
    let start = Barrier::new(waiting.len() + 1);
    thread::scope(|scope| {
        let approvals: Vec<_> = waiting
            .iter()
            .zip(vendor.iter().cycle())
            .map(|(id, client)| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    client.post(&format!("{DEALS}/{id}/approve"), &json!({}))
                })
            })
            .collect();
        start.wait();
        holder.post(&format!("{DEALS}/{held}/release"), &json!({})).expect_status(200);
        approvals.into_iter().map(|approval| approval.join().expect("an answer")).collect()
    })
}

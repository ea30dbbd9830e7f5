//! PostgreSQL goes away under load and comes back.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tests::{Answer, Client, Cluster, Database, Kind, Scene, Server, Value, scene::Partner};

use super::{DEALS, deal_with, histories, soon, stored, whole_feed};

const WRITERS: usize = 4;
/// The longest that anybody may wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the writers have seen.
#[derive(Default)]
struct Seen {
    made: Mutex<Vec<(String, Value)>>,
    refused: AtomicUsize,
    longest: Mutex<Duration>,
    stop: AtomicBool,
}

#[test]
fn an_outage_of_postgres_under_load_is_told_as_503_and_heals_by_itself() {
    let cluster = Cluster::start();
    let server = Server::with(Arc::new(Database::at(Kind::Postgres, cluster.url())), &[]);
    let scene = Scene::approving(&server);
    let partners: Vec<_> = (0..WRITERS).map(|n| scene.partner(&format!("Partner{n}"))).collect();
    let (seen, anybody) = (Seen::default(), server.client());
    thread::scope(|scope| {
        for (writer, partner) in (0..).zip(&partners) {
            let seen = &seen;
            scope.spawn(move || register(partner, writer, seen));
        }
        let story = scope.spawn(|| goes_away_and_comes_back(&cluster, &anybody, &seen));
        let told = story.join();
        seen.stop.store(true, Ordering::SeqCst);
        told.expect("the story");
    });
    let made = seen.made.into_inner().expect("what was made");
    everything_is_there(&scene.admin, &made);
    println!(
        "{} registrations through three outages, {} refused meanwhile, no answer took longer than {:?}",
        made.len(),
        seen.refused.into_inner(),
        seen.longest.into_inner().expect("the longest"),
    );
}

fn goes_away_and_comes_back(cluster: &Cluster, anybody: &Client, seen: &Seen) {
    let made = || seen.made.lock().expect("the lock").len();
    let writes_go_on = |what: &str| {
        let before = made();
        soon(what, || made() > before + WRITERS);
        assert_eq!(anybody.get("/readyz").status, 200);
    };
    writes_go_on("the first writes");
    cluster.run("restart", "fast");
    soon("ready after a restart", || anybody.get("/readyz").status == 200);
    writes_go_on("writes after a restart");
    cluster.run("restart", "immediate");
    soon("ready after a crash", || anybody.get("/readyz").status == 200);
    writes_go_on("writes after a crash");
    cluster.run("stop", "fast");
    let refused = seen.refused.load(Ordering::SeqCst);
    for _ in 0..3 {
        let began = Instant::now();
        is_unavailable(&anybody.get("/readyz"));
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
        assert_eq!(anybody.get("/healthz").status, 200);
        thread::sleep(Duration::from_millis(200));
    }
    soon("writers hear of it", || seen.refused.load(Ordering::SeqCst) >= refused + WRITERS);
    cluster.run("start", &cluster.port());
    soon("ready after an outage", || anybody.get("/readyz").status == 200);
    writes_go_on("writes after an outage");
}

/// Registers one after the other, each until it is made, always under the same key.
fn register(partner: &Partner, writer: u64, seen: &Seen) {
    for n in 0_u64.. {
        let (key, body) = (format!("deal-{n}"), deal_with(writer << 32 | n));
        while !seen.stop.load(Ordering::SeqCst) {
            let began = Instant::now();
            let answer = partner.admin.post_once(DEALS, &key, &body);
            note(seen, began.elapsed());
            if answer.status == 201 {
                seen.made.lock().expect("the lock").push((answer.text("id"), answer.json));
                break;
            }
            is_unavailable_or_in_use(&answer);
            seen.refused.fetch_add(1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(20));
        }
        if seen.stop.load(Ordering::SeqCst) {
            return;
        }
    }
}

fn note(seen: &Seen, took: Duration) {
    assert!(took < PATIENCE, "an answer took {took:?}");
    let mut longest = seen.longest.lock().expect("the lock");
    *longest = took.max(*longest);
}

#[track_caller]
fn is_unavailable(answer: &Answer) {
    assert_eq!((answer.status, answer.header("content-type")), (503, Some("application/problem+json")), "{answer:?}");
    assert!(matches!(answer.json["code"].as_str(), Some("database_unavailable" | "busy")), "{}", answer.text);
    let seconds = answer.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
    assert!(seconds.is_some_and(|seconds| seconds > 0), "{answer:?}");
}

/// A transaction that lost its server may still hold its key for a moment.
fn is_unavailable_or_in_use(answer: &Answer) {
    if answer.json["code"] != "idempotency_key_in_use" {
        is_unavailable(answer);
    }
}

/// What was acknowledged is there, what was not is not, and nothing is there by half.
fn everything_is_there(admin: &Client, made: &[(String, Value)]) {
    for (id, first) in made {
        let now = admin.get(&format!("{DEALS}/{id}")).expect_status(200).json;
        for member in ["id", "status", "title", "account", "created_at", "updated_at", "protected_until"] {
            assert_eq!(now[member], first[member], "{member}");
        }
    }
    // One more for each writer at most: it was stopped while it did not know.
    assert!((made.len()..=made.len() + WRITERS).contains(&stored(admin)), "{} {}", made.len(), stored(admin));
    let feed = whole_feed(admin);
    let histories = histories(&feed);
    assert_eq!(histories.len(), stored(admin));
    assert!(histories.values().all(|history| *history == ["created", "submitted", "approved"]));
}

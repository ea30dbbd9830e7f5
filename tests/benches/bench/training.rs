//! The training room: what is recorded in a second, and the view of a partner with many people beside plain SQL.
//!
//! People, what they have done and what they hold are written past the product, as the product would write them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use postgres::NoTls;
use tests::{Database, Kind, Server, Value, json};

use crate::{
    drive::{Outcome, drive},
    http::Wire,
    options::Options,
    report::Report,
    tiers::{Rows, row, writer},
    vendor::name,
};

/// How many people work for each partner.
const PEOPLE: u64 = 5_000;
/// How many people there are; each has a training that is open, to be completed.
const EVERYBODY: u64 = 200_000;
/// Whoever completes next is anybody: with it as the step everybody has a turn, and neighbours have it far apart.
const STEP: u64 = 104_729;
/// How many completions a second are asked for on SQLite.
const COMPLETIONS: f64 = 1_000.0;
/// How many rows are written together.
const BATCH: u64 = 10_000;
const BEGAN: &str = "2026-01-10 00:00:00.000000";

/// What the view counts, as one would ask the database by hand.
fn aggregate(kind: Kind, partner: &str) -> String {
    let (person, certificate) = match kind {
        Kind::Sqlite => ("data ->> 'person'", "data ->> 'certificate'"),
        Kind::Postgres => ("data::jsonb ->> 'person'", "data::jsonb ->> 'certificate'"),
    };
    format!(
        "SELECT {certificate}, count(DISTINCT {person}) FROM facts
        WHERE partner_id = '{partner}' AND name = 'certificates' AND superseded_at IS NULL
            AND day <= '2026-06-30' AND (until IS NULL OR until >= '2026-06-30') GROUP BY 1"
    )
}

/// Measures both.
pub fn measure(kind: Kind, options: &Options, report: &mut Report) {
    let database = Arc::new(Database::empty(kind));
    let mut server = Server::with(database.clone(), &[]);
    let (partners, enrollment) = school(&server);
    assert!(server.stop(), "the server did not end well: {}", server.errors());
    let began = Instant::now();
    fill(&database, &partners);
    eprintln!("{}: {EVERYBODY} people, filled in {:.1} s", name(kind), began.elapsed().as_secs_f64());
    let server = Server::with(database.clone(), &[]);
    let address = server.url.trim_start_matches("http://").to_owned();
    let token = server.admin().token.expect("a token");
    let path = format!("/v1/enrollments/{enrollment}/training-compliance");
    let view = drive(1, options.time, |_| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n");
        let mut wire = Wire::open(&address);
        move || match wire.exchange(&request) {
            (200, body) if body.contains("\"exact\":true") => Outcome::Done,
            (status, body) => panic!("{status} {body}"),
        }
    });
    let plain = (0..5).map(|_| timed(|| sum_up(&database, &partners[0]))).fold(f64::MAX, f64::min);
    report.viewed(kind, PEOPLE, (view.p50, view.p99), plain * 1e3);
    let turn = AtomicU64::new(0);
    let done = drive(options.connections, options.time, |_| {
        let (mut wire, turn, token) = (Wire::open(&address), &turn, &token);
        move || {
            let nth = turn.fetch_add(1, Ordering::Relaxed);
            assert!(nth < EVERYBODY, "all that was open is completed");
            let body = r#"{"score":"92"}"#;
            let request = format!(
                "POST /v1/training-enrollments/{}/complete HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                id("training", nth * STEP % EVERYBODY),
                body.len()
            );
            match wire.exchange(&request) {
                (503, _) => Outcome::Refused,
                (200, body) if body.contains("\"completed\"") => Outcome::Done,
                (status, body) => panic!("{status} {body}"),
            }
        }
    });
    let asked = (kind == Kind::Sqlite).then_some(COMPLETIONS);
    report.recorded(kind, &done, asked);
}

fn timed(what: impl FnOnce()) -> f64 {
    let began = Instant::now();
    what();
    began.elapsed().as_secs_f64()
}

/// A catalogue, a program that asks for many certified people, and partners, the first of them in it: their ids and that
/// enrollment's.
fn school(server: &Server) -> (Vec<String>, String) {
    let admin = server.admin();
    let academy = json!({
        "name": "Academy",
        "courses": {
            "basics": {"name": "Basics", "duration_minutes": 240}, "pitch": {"name": "Pitch", "duration_minutes": 60},
            "tour": {"name": "Tour", "duration_minutes": 30}
        },
        "exams": {"exam": {"name": "Exam", "pass_mark": 70, "duration_minutes": 90}},
        "certifications": {
            "technical": {"name": "Technical", "requires": {"all": ["basics", "exam"]}, "valid_months": 120},
            "sales": {"name": "Sales", "requires": {"all": ["pitch", {"any": ["tour", "basics"]}]}}
        }
    });
    admin.post("/v1/training-catalogue/versions", &academy).expect_status(201);
    let metric = |holding: &[&str]| json!({"unit": "people", "value": {"people": {"holding": holding}}});
    let program = json!({
        "slug": "skilled", "name": "Skilled",
        "facts": {"people": {"type": "people", "default": {}, "source": {"engine": "certificates"}}},
        "metrics": {"certified": metric(&["technical", "sales"]), "technicians": metric(&["technical"])},
        "tiers": [{"name": "Bronze"}, {"name": "Gold", "requires": {"all": [
            {"metric": "certified", "at_least": PEOPLE / 2 + 20}, {"metric": "technicians", "at_least": PEOPLE / 4 + 40}
        ]}}]
    });
    admin.post("/v1/programs", &program).expect_status(201);
    let partner = |number: u64| {
        let new =
            json!({"name": format!("Company {number}"), "domain": format!("company{number}.example"), "country": "DE"});
        admin.post("/v1/partners", &new).expect_status(201).text("id")
    };
    let partners: Vec<String> = (0..EVERYBODY / PEOPLE).map(partner).collect();
    let new: Value = json!({"partner_id": partners[0], "program": "skilled"});
    let enrollment = admin.post("/v1/enrollments", &new).expect_status(201).text("id");
    (partners, enrollment)
}

/// An id of this kind with this number.
fn id(kind: &str, number: u64) -> String {
    format!("{kind}_01h455vb4pex5vsknk{number:08}")
}

/// Of people a quarter is technical, a quarter sells, a quarter has begun, and a quarter sells with what is open.
fn fill(database: &Database, partners: &[String]) {
    let mut write = writer(database);
    for start in (0..EVERYBODY).step_by(BATCH as usize) {
        let people = || start..EVERYBODY.min(start + BATCH);
        let of = |number: u64| partners[(number / PEOPLE) as usize].as_str();
        write(&[
            Rows {
                table: "people",
                columns: &["id", "partner_id", "name", "email", "created_at", "updated_at"],
                rows: people().map(|number| person(number, of(number))).collect(),
            },
            Rows {
                table: "person_emails",
                columns: &["email", "person_id"],
                rows: people().map(|number| row(&[&email(number), &id("person", number)])).collect(),
            },
            Rows {
                table: "employments",
                columns: &["person_id", "nth", "partner_id", "recorded_by", "recorded_at"],
                rows: people().map(|number| row(&[&id("person", number), "1", of(number), "system", BEGAN])).collect(),
            },
            Rows {
                table: "training_enrollments",
                columns: &[
                    "id",
                    "person_id",
                    "partner_id",
                    "kind",
                    "item",
                    "status",
                    "progress",
                    "attempts",
                    "source",
                    "enrolled_on",
                    "ended_on",
                    "open_key",
                    "reported_to",
                    "overdue",
                    "created_at",
                    "updated_at",
                ],
                rows: people()
                    .flat_map(|number| done(number, of(number)))
                    .chain(people().map(|number| open(number, of(number))))
                    .collect(),
            },
            Rows {
                table: "credentials",
                columns: &[
                    "id",
                    "person_id",
                    "partner_id",
                    "origin",
                    "certification",
                    "catalogue_version",
                    "status",
                    "awarded_on",
                    "valid_from",
                    "valid_to",
                    "earned_by",
                    "created_at",
                    "updated_at",
                ],
                rows: people().filter_map(|number| credential(number, of(number))).collect(),
            },
            Rows {
                table: "facts",
                columns: &[
                    "partner_id",
                    "name",
                    "subject",
                    "recorded_at",
                    "day",
                    "until",
                    "data",
                    "source",
                    "recorded_by",
                ],
                rows: people().filter_map(|number| fact(number, of(number))).collect(),
            },
        ]);
    }
    if database.kind == Kind::Postgres {
        let mut connection = postgres::Client::connect(&database.url, NoTls).expect("a connection");
        connection.batch_execute("VACUUM ANALYZE").expect("VACUUM");
    }
}

fn email(number: u64) -> String {
    format!("person{number}@northwind.example")
}

fn person(number: u64, partner: &str) -> Vec<String> {
    row(&[&id("person", number), partner, &format!("Person {number}"), &email(number), BEGAN, BEGAN])
}

/// What somebody holds, and until when.
fn held(number: u64) -> Option<(&'static str, &'static str)> {
    match number % 4 {
        0 => Some(("technical", "2036-01-09")),
        1 => Some(("sales", "")),
        _ => None,
    }
}

/// What somebody has done, by number.
fn done(number: u64, partner: &str) -> Vec<Vec<String>> {
    let items: &[&str] = match number % 4 {
        0 => &["basics", "exam"],
        1 => &["pitch", "tour"],
        2 if number.is_multiple_of(3) => &["basics"],
        2 => &["tour"],
        _ => &["pitch"],
    };
    let row = |(at, item): (usize, &&str)| {
        let kind = if *item == "exam" { "exam" } else { "course" };
        let id = id("training", EVERYBODY + 2 * number + at as u64);
        row(&[
            &id,
            &self::id("person", number),
            partner,
            kind,
            item,
            "completed",
            "100",
            "0",
            "import",
            "2026-01-05",
            "2026-01-10",
            "",
            partner,
            "0",
            BEGAN,
            BEGAN,
        ])
    };
    items.iter().enumerate().map(row).collect()
}

/// An open training in a course that certifications take.
fn open(number: u64, partner: &str) -> Vec<String> {
    let person = id("person", number);
    let key = format!("{person}/basics");
    row(&[
        &id("training", number),
        &person,
        partner,
        "course",
        "basics",
        "in_progress",
        "10",
        "0",
        "api",
        "2026-01-05",
        "",
        &key,
        partner,
        "0",
        BEGAN,
        BEGAN,
    ])
}

fn credential(number: u64, partner: &str) -> Option<Vec<String>> {
    let (certification, until) = held(number)?;
    let person = id("person", number);
    Some(row(&[
        &id("credential", number),
        &person,
        partner,
        &person,
        certification,
        "1",
        "valid",
        "2026-01-10",
        "2026-01-10",
        until,
        "[]",
        BEGAN,
        BEGAN,
    ]))
}

fn fact(number: u64, partner: &str) -> Option<Vec<String>> {
    let (certification, until) = held(number)?;
    let data = format!(r#"{{"certificate":"{certification}","person":"{}"}}"#, id("person", number));
    Some(row(&[
        partner,
        "certificates",
        &id("credential", number),
        BEGAN,
        "2026-01-10",
        until,
        &data,
        "engine",
        "system",
    ]))
}

fn sum_up(database: &Database, partner: &str) {
    let sql = aggregate(database.kind, partner);
    match database.kind {
        Kind::Sqlite => {
            let connection = rusqlite::Connection::open(&database.url).expect("the database");
            let mut statement = connection.prepare(&sql).expect(&sql);
            let mut rows = statement.query([]).expect(&sql);
            while rows.next().expect("a row").is_some() {}
        }
        Kind::Postgres => {
            let mut connection = postgres::Client::connect(&database.url, NoTls).expect("a connection");
            connection.query(&sql, &[]).expect(&sql);
        }
    }
}

//! A run of the reseller program over many partners, beside one plain SQL aggregate over the same facts.
//!
//! Partners and two years of facts are written past the product, as the product would write them. Nobody's tier moves in
//! the measured run: what moving costs, depends on how many move.

use std::{io::Write, sync::Arc, time::Instant};

use postgres::NoTls;
use reqwest::Method;
use tests::{Answer, Database, Kind, Server, server};

use crate::{options::Options, report::Report, vendor::name};

/// For how many months a partner has sold something and registered a deal.
const MONTHS: u64 = 24;
/// How many partners' rows are written together.
const BATCH: u64 = 2_000;
/// The document that is evaluated: the one to start from.
const PROGRAM: &str = include_str!("../../../programs/reseller.yaml");

/// What the document asks of each partner, as one would ask the database by hand.
fn aggregate(kind: Kind) -> String {
    let (amount, person, certificate) = match kind {
        Kind::Sqlite => ("data ->> 'amount'", "data ->> 'person'", "data ->> 'certificate'"),
        Kind::Postgres => {
            ("(data::jsonb ->> 'amount')::numeric", "data::jsonb ->> 'person'", "data::jsonb ->> 'certificate'")
        }
    };
    format!(
        "SELECT partner_id, sum(CASE WHEN name = 'transactions' AND day > '2025-06-30' THEN {amount} END),
            count(CASE WHEN name = 'registrations' AND day > '2025-06-30' THEN 1 END),
            count(CASE WHEN name = 'agreements' THEN 1 END),
            count(DISTINCT CASE WHEN name = 'certificates' AND until >= '2026-06-30' THEN {person} END),
            count(DISTINCT CASE WHEN name = 'certificates' AND until >= '2026-06-30' AND {certificate} = 'technical'
                THEN {person} END)
        FROM facts WHERE superseded_at IS NULL AND day <= '2026-06-30' GROUP BY partner_id"
    )
}

/// Measures both, each the fastest of three times.
pub fn measure(kind: Kind, options: &Options, report: &mut Report) {
    let database = Arc::new(Database::empty(kind));
    let mut server = Server::with(database.clone(), &[]);
    let publish = server.admin().request(Method::POST, "/v1/programs").header("content-type", "application/yaml");
    Answer::of(publish.body(PROGRAM)).expect_status(201);
    assert!(server.stop(), "the server did not end well: {}", server.errors());
    let began = Instant::now();
    fill(&database, options.partners);
    eprintln!("{}: {} partners, filled in {:.1} s", name(kind), options.partners, began.elapsed().as_secs_f64());
    let fastest = |what: fn(&Database)| (0..3).map(|_| timed(|| what(&database))).fold(f64::MAX, f64::min);
    let (run, plain) = (fastest(evaluate), fastest(sum_up));
    report.evaluated(kind, options.partners, run, plain);
}

fn timed(what: impl FnOnce()) -> f64 {
    let began = Instant::now();
    what();
    began.elapsed().as_secs_f64()
}

/// The whole run as an operator starts it: the process, its reading, and what it writes of how far it has come.
fn evaluate(database: &Database) {
    let run = server::command()
        .args(["tiers", "evaluate", "--program", "reseller", "--as-of", "2026-06-30"])
        .args(["--database-url", &database.url])
        .output()
        .expect("the run");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

fn sum_up(database: &Database) {
    let sql = aggregate(database.kind);
    match database.kind {
        Kind::Sqlite => {
            let connection = rusqlite::Connection::open(&database.url).expect("the database");
            connection.execute_batch("PRAGMA cache_size = -65536").expect("settings");
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

/// Rows of one table.
pub struct Rows {
    /// Its name.
    pub table: &'static str,
    /// Which columns are written.
    pub columns: &'static [&'static str],
    /// Their texts; an empty one is nothing.
    pub rows: Vec<Vec<String>>,
}

/// Partners that take part, with two years of facts each: too little sold for any tier but the first.
fn fill(database: &Database, partners: u64) {
    let mut write = writer(database);
    for start in (0..partners).step_by(BATCH as usize) {
        let range = start..partners.min(start + BATCH);
        let each = |row: fn(u64) -> Vec<String>| range.clone().map(row).collect();
        write(&[
            Rows {
                table: "partners",
                columns: &["id", "name", "domain", "country", "status", "search", "created_at", "updated_at"],
                rows: each(partner),
            },
            Rows {
                table: "enrollments",
                columns: &["id", "partner_id", "program", "tier", "status", "countries", "created_at", "updated_at"],
                rows: each(enrollment),
            },
            Rows {
                table: "tier_standings",
                columns: &["enrollment_id", "partner_id", "program", "since", "decided_on", "decided", "updated_at"],
                rows: each(standing),
            },
            Rows {
                table: "facts",
                columns: &[
                    "partner_id",
                    "name",
                    "subject",
                    "recorded_at",
                    "program",
                    "day",
                    "until",
                    "data",
                    "source",
                    "recorded_by",
                ],
                rows: range.clone().flat_map(facts).collect(),
            },
        ]);
    }
    if database.kind == Kind::Postgres {
        let mut connection = postgres::Client::connect(&database.url, NoTls).expect("a connection");
        connection.batch_execute("VACUUM ANALYZE").expect("VACUUM");
    }
}

/// Writes rows past the product.
pub type Writer = Box<dyn FnMut(&[Rows])>;

/// The fastest way into a database.
pub fn writer(database: &Database) -> Writer {
    match database.kind {
        Kind::Sqlite => {
            let connection = rusqlite::Connection::open(&database.url).expect("the database");
            connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144").expect("settings");
            Box::new(move |all| {
                connection.execute_batch("BEGIN").expect("BEGIN");
                for rows in all {
                    let places = vec!["nullif(?, '')"; rows.columns.len()].join(", ");
                    let sql = format!("INSERT INTO {} ({}) VALUES ({places})", rows.table, rows.columns.join(", "));
                    let mut insert = connection.prepare_cached(&sql).expect(&sql);
                    for row in &rows.rows {
                        insert.execute(rusqlite::params_from_iter(row)).expect(&sql);
                    }
                }
                connection.execute_batch("COMMIT").expect("COMMIT");
            })
        }
        Kind::Postgres => {
            let mut connection = postgres::Client::connect(&database.url, NoTls).expect("a connection");
            connection.batch_execute("SET session_replication_role = replica").expect("settings");
            Box::new(move |all| {
                for rows in all {
                    let sql = format!("COPY {} ({}) FROM STDIN (NULL '')", rows.table, rows.columns.join(", "));
                    let mut copy = connection.copy_in(&sql).expect(&sql);
                    for row in &rows.rows {
                        copy.write_all((row.join("\t") + "\n").as_bytes()).expect(&sql);
                    }
                    copy.finish().expect(&sql);
                }
            })
        }
    }
}

const ENROLLED: &str = "2024-06-30 00:00:00.000000";

/// An id of this kind; its digits are the partner's number.
fn id(kind: &str, partner: u64) -> String {
    format!("{kind}_01h455vb4pex5vsknk{partner:08}")
}

/// A row of texts.
pub fn row(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn partner(number: u64) -> Vec<String> {
    let (name, domain) = (format!("Partner {number}"), format!("partner{number}.example"));
    row(&[&id("partner", number), &name, &domain, "DE", "active", &name.to_lowercase(), ENROLLED, ENROLLED])
}

fn enrollment(number: u64) -> Vec<String> {
    let (id, partner) = (id("enrollment", number), id("partner", number));
    row(&[&id, &partner, "reseller", "Registered", "active", "[]", ENROLLED, ENROLLED])
}

fn standing(number: u64) -> Vec<String> {
    let (id, partner) = (id("enrollment", number), id("partner", number));
    row(&[&id, &partner, "reseller", "2024-06-30", "2024-06-30", "enrolled", ENROLLED])
}

/// A sale and a registration a month, the present agreement, and three people with four certificates.
fn facts(number: u64) -> Vec<Vec<String>> {
    let partner = id("partner", number);
    let fact = |name: &str, subject: String, program: &str, (day, until): (&str, &str), data: &str| {
        row(&[&partner, name, &subject, ENROLLED, program, day, until, data, "engine", "system"])
    };
    let mut rows = vec![fact(
        "agreements",
        id("acceptance", number),
        "",
        ("2024-07-01", ""),
        r#"{"agreement":"rules-of-engagement","at":"2024-07-01T00:00:00Z","version":"1"}"#,
    )];
    for (at, certificate) in ["sales", "technical", "sales", "sales"].into_iter().enumerate() {
        let data = format!(
            r#"{{"certificate":"{certificate}","person":"person{}@partner{number}.example"}}"#,
            at / 2 + at % 2
        );
        let until = if at == 3 { "2026-01-31" } else { "2027-01-31" };
        rows.push(fact("certificates", format!("certificate-{at}"), "", ("2025-02-01", until), &data));
    }
    for month in 0..MONTHS {
        let day = format!("{}-{:02}-{:02}", 2024 + (month + 6) / 12, (month + 6) % 12 + 1, 1 + number % 28);
        let deal = format!("{}{month:02}", &id("deal", number)[..29]);
        let amount = format!("{}.{:02}", 500 + number % 700 + month, number % 100);
        let sale = format!(
            r#"{{"amount":"{amount}","country":"DE","currency":"EUR","deal":"{deal}","kind":"sale","product":"core"}}"#
        );
        let registration = format!(
            r#"{{"amount":"{amount}","at":"{day}T08:00:00Z","country":"DE","currency":"EUR","deal":"{deal}","products":"1","registered":"{day}T07:00:00Z","status":"won"}}"#
        );
        rows.push(fact("transactions", deal.clone(), "reseller", (&day, ""), &sale));
        rows.push(fact("registrations", deal, "reseller", (&day, ""), &registration));
    }
    rows
}

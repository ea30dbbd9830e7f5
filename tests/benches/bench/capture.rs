//! What the server asks its database for one request, read from PostgreSQL's log.
//!
//! Both databases get the same calls from the same code, in the same order; `sqlite.rs` says in what SQLite's
//! spelling differs.

use std::{env, fs, thread, time::Duration};

use postgres::NoTls;

use crate::{
    http,
    names::Name,
    operation::Operation,
    subject::{CAPTURES, Subject},
    template::{self, Said, Template},
    vendor::Vendor,
};

/// The SQL of every operation.
pub struct Captured(Vec<(Operation, Template)>);

impl Captured {
    /// Captures them on a database that is full: there a search finds something.
    pub fn all(vendor: &mut Vendor) -> Self {
        let numbered = Operation::ALL.into_iter().zip(CAPTURES..);
        Self(numbered.map(|(operation, number)| (operation, one(vendor, operation, number))).collect())
    }

    /// That of one operation.
    pub fn of(&self, operation: Operation) -> &Template {
        self.0.iter().find(|(own, _)| *own == operation).map(|(_, template)| template).expect("a captured operation")
    }
}

/// Captures while all statements are logged.
pub fn logged<T>(capture: impl FnOnce() -> T) -> T {
    log_statements(true);
    let captured = capture();
    log_statements(false);
    captured
}

fn log_statements(on: bool) {
    let url = env::var("ENTENTE_TEST_POSTGRES").expect("ENTENTE_TEST_POSTGRES: run `make bench`");
    let mut cluster = postgres::Client::connect(&url, NoTls).expect("the cluster");
    let what = if on { "all" } else { "none" };
    for sql in [
        &format!("ALTER SYSTEM SET log_statement = '{what}'"),
        "ALTER SYSTEM SET log_line_prefix = '|%d|%p|'",
        "SELECT pg_reload_conf()",
    ] {
        cluster.batch_execute(sql).expect(sql);
    }
    // The postmaster tells its processes; they look between two statements.
    thread::sleep(Duration::from_millis(500));
}

/// Sends one request and reads from the log what it took.
pub fn one(vendor: &mut Vendor, operation: Operation, number: u64) -> Template {
    vendor.sign_in();
    let before = log().len();
    let customer = |number| if operation == Operation::Clean { number } else { vendor.held_by_another(0, number) };
    let at = (number..).map(customer).find(|at| Name::nth(*at).is_telling()).expect("a telling name");
    let answer = match operation {
        Operation::Clean | Operation::Conflicting => http::register(vendor, &Name::nth(at)),
        Operation::Get | Operation::List => http::once(vendor, &http::request(vendor, operation, 0, number)),
    };
    assert!(answer.contains(operation.proof()), "{operation}: {answer}");
    let (name, log) = (vendor.database.url.rsplit('/').next().expect("a name").to_owned(), log());
    let said = said(&log[before..], &name);
    let era = said.iter().flat_map(|said| said.made("deal")).next().map(|id| id[5..15].to_owned());
    let subject = Subject {
        name: Name::nth(at),
        deal: vendor.seeded(number),
        account: at,
        era: &vendor.era,
        seeded_era: &vendor.era,
        by: vendor.registrant(0),
        holder: vendor.registrant(at),
        time: String::new(),
    };
    let template = Template::new(&said, &subject, era.unwrap_or_default());
    template.check_keys(&subject.name);
    template
}

fn log() -> String {
    let folder = env::var("ENTENTE_TEST_PGDATA").expect("ENTENTE_TEST_PGDATA: run `make bench`");
    let path = format!("{folder}/../log");
    String::from_utf8_lossy(&fs::read(&path).expect(&path)).into_owned()
}

/// The transactions of the request: those that look up who is calling.
fn said(log: &str, database: &str) -> Vec<Said> {
    let prefix = format!("|{database}|");
    let mut all: Vec<(&str, Vec<Said>)> = Vec::new();
    for line in log.lines().filter_map(|line| line.strip_prefix(&prefix)) {
        let (process, line) = line.split_once('|').expect("a process");
        if let Some(sql) = line.strip_prefix("LOG:  statement: ") {
            if sql.starts_with("BEGIN") {
                all.push((process, Vec::new()));
            }
            push(&mut all, process, Said::new(sql));
        } else if let Some((_, sql)) = line.strip_prefix("LOG:  execute ").and_then(|rest| rest.split_once(": ")) {
            push(&mut all, process, Said::new(sql));
        } else if let Some(parameters) = line.strip_prefix("DETAIL:  parameters: ") {
            // Of what began before, nothing is wanted.
            if let Some((_, said)) = all.iter_mut().rev().find(|(own, _)| *own == process) {
                said.last_mut().expect("its BEGIN").parameters = template::parameters(parameters);
            }
        }
    }
    let of_request = |(_, said): &(&str, Vec<Said>)| said.iter().any(|one| one.sql.contains("\"users\""));
    let said: Vec<Said> = all.into_iter().filter(of_request).flat_map(|(_, said)| said).collect();
    assert!(said.len() > 3, "PostgreSQL's log says nothing of the request");
    said
}

fn push(all: &mut [(&str, Vec<Said>)], process: &str, said: Said) {
    if let Some((_, own)) = all.iter_mut().rev().find(|(own, _)| *own == process) {
        own.push(said);
    }
}

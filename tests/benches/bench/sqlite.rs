//! The same SQL on SQLite without the server.
//!
//! The statements are those of PostgreSQL's log in SQLite's spelling, as Diesel writes them: `?` for `$1`, `IN (…)` for
//! `= ANY($1)`, and a column that gets its default is left out. Two things the one writer does that PostgreSQL's many
//! do not: it gives an event its place at once, from the highest there is, and what they look at before the transaction
//! it looks at within. Every statement is prepared once for each connection.
//!
//! Writers wait for each other at a lock of ours, not at SQLite's, which lets them sleep: so nothing is lost between
//! two commits, and the comparison is as hard as it can be.

use std::{
    hint::black_box,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use rusqlite::{Connection, params_from_iter, types::Value};

use crate::{
    drive::{Figures, Outcome, drive},
    names::Name,
    operation::Operation,
    options::Options,
    seed,
    subject::Subject,
    template::{Parameter, Piece, Slot, Statement, Template},
    vendor::Vendor,
};

/// A statement in SQLite's spelling with its parameters.
pub type Spelled = (String, Vec<Option<Parameter>>);

/// How a transaction begins that writes.
const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
/// Where the one writer finds the place of the next event.
const LAST_POSITION: &str = "SELECT max(\"events\".\"position\") FROM \"events\" LIMIT ?";

/// Opens the database as the server does.
pub fn open(vendor: &Vendor, synchronous: &str) -> Connection {
    let connection = Connection::open(&vendor.database.url).expect("the database");
    let settings = format!(
        "PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; \
         PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 10000; \
         PRAGMA temp_store = MEMORY"
    );
    connection.execute_batch(&settings).expect("settings");
    connection.set_prepared_statement_cache_capacity(512);
    connection
}

/// Measures the statements of an operation, one commit each.
pub fn measure(
    vendor: &Vendor,
    operation: Operation,
    template: &Template,
    synchronous: &str,
    options: &Options,
) -> Figures {
    let (statements, writer, turn) = (statements(template), Mutex::new(()), AtomicU64::new(vendor.rows / 2));
    let figures = drive(options.connections, options.time, |caller| {
        let (connection, statements, writer, turn) = (open(vendor, synchronous), &statements, &writer, &turn);
        move || {
            let subject = subject(vendor, operation, template, caller, turn.fetch_add(1, Ordering::Relaxed));
            // Readers wait for nobody.
            let _alone = (!operation.is_read()).then(|| writer.lock().expect("the lock"));
            run(&connection, statements, &subject);
            Outcome::Done
        }
    });
    eprintln!("SQLite alone, {synchronous}: {operation}: {:.0}/s", figures.per_second);
    figures
}

/// What a caller's next turn is about.
pub fn subject<'a>(
    vendor: &'a Vendor,
    operation: Operation,
    template: &'a Template,
    caller: usize,
    turn: u64,
) -> Subject<'a> {
    let by = &vendor.registrants[caller % vendor.registrants.len()];
    match operation {
        Operation::Clean => Subject { by, ..seed::subject(vendor, template, vendor.fresh()) },
        Operation::Get | Operation::List => {
            Subject { era: &vendor.era, by, ..seed::subject(vendor, template, vendor.seeded(turn)) }
        }
        Operation::Conflicting => {
            let account = vendor.held_by_another(caller, turn);
            let (name, holder) = (Name::nth(account), vendor.registrant(account));
            Subject { name, account, by, holder, ..seed::subject(vendor, template, vendor.fresh()) }
        }
    }
}

/// Runs the statements of one turn.
pub fn run(connection: &Connection, statements: &[Spelled], subject: &Subject) {
    let mut position = 0;
    for (sql, parameters) in statements {
        let values: Vec<Value> = parameters
            .iter()
            .map(|parameter| match is(parameter, Slot::Position) {
                true => {
                    position += 1;
                    Value::Integer(position)
                }
                false => value(parameter, subject),
            })
            .collect();
        let found = rows(connection, sql, values);
        if sql == LAST_POSITION {
            position = found.into_iter().find_map(integer).unwrap_or_default();
        }
    }
}

/// Runs a statement and reads all that it gives; the first column of each row.
fn rows(connection: &Connection, sql: &str, values: Vec<Value>) -> Vec<Value> {
    let mut statement = connection.prepare_cached(sql).expect(sql);
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(values)).expect(sql);
    let mut found = Vec::new();
    while let Some(row) = rows.next().expect(sql) {
        for column in 1..columns {
            black_box(row.get_ref(column).expect(sql));
        }
        found.push(row.get(0).expect(sql));
    }
    found
}

/// The statements of a request in SQLite's spelling.
pub fn statements(template: &Template) -> Vec<Spelled> {
    let transactions: Vec<&[Statement]> = template.statements.split_inclusive(Statement::ends).collect();
    match transactions.as_slice() {
        [look, write] if reads(look) && !reads(write) => {
            let news = look.iter().filter(|one| write.iter().all(|other| !one.is_same(other)));
            transaction(news, write)
        }
        each => each.iter().flat_map(|statements| transaction([].iter(), statements)).collect(),
    }
}

fn reads(statements: &[Statement]) -> bool {
    statements.iter().any(|one| one.sql.contains("READ ONLY"))
}

/// One transaction that looks ahead first.
fn transaction<'a>(ahead: impl Iterator<Item = &'a Statement>, statements: &'a [Statement]) -> Vec<Spelled> {
    let (begin, end) = if reads(statements) { ("BEGIN DEFERRED", "ROLLBACK") } else { (BEGIN_WRITE, "COMMIT") };
    let mut spelled = vec![(begin.to_owned(), Vec::new())];
    for statement in ahead.chain(statements).filter(|one| !one.is_frame() && !one.is_lock()) {
        if statement.table() == Some("events") {
            spelled.push((LAST_POSITION.to_owned(), vec![Some(Parameter(vec![Piece::Text("1".to_owned())]))]));
        }
        spelled.push(if statement.table().is_some() { insert(statement) } else { other(statement) });
    }
    spelled.push((end.to_owned(), Vec::new()));
    spelled
}

/// How many statements there are, without those that begin and end a transaction.
pub fn count(template: &Template) -> usize {
    let is_frame = |sql: &str| sql.starts_with("BEGIN") || sql == "COMMIT" || sql == "ROLLBACK";
    statements(template).iter().filter(|(sql, _)| !is_frame(sql)).count()
}

/// An INSERT, without the columns that get their default.
pub fn insert(statement: &Statement) -> Spelled {
    let position = Parameter(vec![Piece::Slot(Slot::Position)]);
    let (rows, mut parameters) = (statement.rows(), Vec::new());
    for (column, parameter) in rows.iter().flatten() {
        parameters.push(if *column == "position" { Some(position.clone()) } else { parameter.cloned() });
    }
    let names: Vec<&str> = rows[0].iter().map(|(column, _)| *column).collect();
    let (table, row) = (statement.table().expect("a table"), format!("({})", places(names.len())));
    let sql = format!("INSERT INTO {table} ({}) VALUES {}", names.join(", "), vec![row; rows.len()].join(", "));
    (sql, parameters)
}

fn other(statement: &Statement) -> Spelled {
    let (mut sql, mut parameters) = (statement.sql.replace("= ANY(SELECT", "IN (SELECT"), Vec::new());
    // From the last to the first, so that `$1` is not found in `$12`.
    for (at, parameter) in statement.parameters.iter().enumerate().rev() {
        let array = format!("= ANY(${})", at + 1);
        let elements: Vec<Option<Parameter>> = match parameter {
            Some(parameter) if sql.contains(&array) => parameter.elements().into_iter().map(Some).collect(),
            _ => vec![parameter.clone()],
        };
        sql = sql.replace(&array, &format!("IN ({})", places(elements.len())));
        sql = sql.replace(&format!("${}", at + 1), "?");
        parameters.splice(0..0, elements);
    }
    (sql, parameters)
}

fn places(number: usize) -> String {
    vec!["?"; number].join(", ")
}

/// A parameter as Diesel binds it: numbers and truth values are no text.
pub fn value(parameter: &Option<Parameter>, subject: &Subject) -> Value {
    let Some(parameter) = parameter else { return Value::Null };
    match parameter.constant() {
        Some("t") => Value::Integer(1),
        Some("f") => Value::Integer(0),
        Some(text) => text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Integer),
        None => Value::Text(parameter.fill(subject)),
    }
}

/// Whether a parameter is just this slot.
pub fn is(parameter: &Option<Parameter>, slot: Slot) -> bool {
    parameter.as_ref().is_some_and(|parameter| parameter.is(slot))
}

fn integer(value: Value) -> Option<i64> {
    if let Value::Integer(number) = value { Some(number) } else { None }
}

//! Many registrations at once: the rows of one that the product made, copied with other names and ids.

use std::{io::Write, time::Instant};

use rusqlite::types::Value;
use tests::Kind;

use crate::{
    names::Name,
    sqlite,
    subject::Subject,
    template::{Parameter, Slot, Statement, Template},
    vendor::Vendor,
};

/// How many registrations go together.
const BATCH: u64 = 5_000;

/// Adds registrations until there are `rows` seeded ones; how many seconds it took.
pub fn fill(vendor: &mut Vendor, template: &Template, rows: u64) -> f64 {
    let began = Instant::now();
    vendor.era.clone_from(&template.era);
    let from = std::mem::replace(&mut vendor.rows, rows);
    let inserts: Vec<Statement> = template.statements.iter().filter(|one| one.table().is_some()).cloned().collect();
    let subjects = |range: std::ops::Range<u64>| range.map(|number| subject(vendor, template, number));
    match vendor.database.kind {
        Kind::Sqlite => fill_sqlite(vendor, &inserts, subjects(from..rows)),
        Kind::Postgres => {
            let batches = (from..rows).step_by(BATCH as usize);
            let batches = batches.map(|start| subjects(start..rows.min(start + BATCH)).collect());
            fill_postgres(vendor, &inserts, batches);
        }
    }
    began.elapsed().as_secs_f64()
}

/// A registration at a new account.
pub fn subject<'a>(vendor: &'a Vendor, template: &'a Template, number: u64) -> Subject<'a> {
    Subject {
        name: Name::nth(number),
        deal: number,
        account: number,
        era: &template.era,
        seeded_era: &vendor.era,
        by: vendor.registrant(number),
        holder: vendor.registrant(number),
        time: before(&template.time, number),
    }
}

/// A time of that day, not after this one. Only the last digits: what else depends on the time stays as it was.
fn before(time: &str, number: u64) -> String {
    let minutes = time.get(..5).unwrap_or("00:00").to_owned();
    let second = time.get(6..8).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
    format!("{minutes}:{:02}.{:06}", number % (second + 1), number % 999_983)
}

fn fill_sqlite<'a>(vendor: &Vendor, inserts: &[Statement], subjects: impl Iterator<Item = Subject<'a>>) {
    let connection = sqlite::open(vendor, "OFF");
    connection
        .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA cache_size = -262144; BEGIN IMMEDIATE")
        .expect("a transaction");
    let last = "SELECT coalesce(max(position), 0) FROM events";
    let mut position: i64 = connection.query_row(last, [], |row| row.get(0)).expect(last);
    let inserts: Vec<_> = inserts.iter().map(sqlite::insert).collect();
    for subject in subjects {
        for (sql, parameters) in &inserts {
            let value = |parameter: &Option<Parameter>| {
                if sqlite::is(parameter, Slot::Position) {
                    position += 1;
                    Value::Integer(position)
                } else {
                    sqlite::value(parameter, &subject)
                }
            };
            let values = rusqlite::params_from_iter(parameters.iter().map(value));
            connection.prepare_cached(sql).expect(sql).execute(values).expect(sql);
        }
    }
    connection.execute_batch("COMMIT").expect("a commit");
}

fn fill_postgres<'a>(vendor: &Vendor, inserts: &[Statement], batches: impl Iterator<Item = Vec<Subject<'a>>>) {
    let mut connection = vendor.postgres();
    let last = "SELECT last_position FROM feed";
    // Foreign keys are checked by triggers, which replicas do without; what is copied keeps to them.
    connection.batch_execute("SET session_replication_role = replica; SET synchronous_commit = off").expect("settings");
    let mut position: i64 = connection.query_one(last, &[]).expect(last).get(0);
    for subjects in batches {
        let mut transaction = connection.transaction().expect("a transaction");
        for insert in inserts {
            let rows = insert.rows();
            let names: Vec<&str> = rows[0].iter().map(|(column, _)| *column).collect();
            let copy = format!("COPY {} ({}) FROM STDIN", insert.table().expect("a table"), names.join(", "));
            let mut text = String::new();
            for (subject, row) in subjects.iter().flat_map(|subject| rows.iter().map(move |row| (subject, row))) {
                let values = row.iter().map(|(column, parameter)| match (*column, parameter) {
                    ("position", _) => {
                        position += 1;
                        position.to_string()
                    }
                    (_, Some(parameter)) => copied(&parameter.fill(subject)),
                    (_, None) => "\\N".to_owned(),
                });
                text.push_str(&values.collect::<Vec<_>>().join("\t"));
                text.push('\n');
            }
            let mut writer = transaction.copy_in(&copy).expect(&copy);
            writer.write_all(text.as_bytes()).expect(&copy);
            writer.finish().expect(&copy);
        }
        transaction.execute("UPDATE feed SET last_position = $1", &[&position]).expect("the feed");
        transaction.commit().expect("a commit");
    }
    vendor.tidy();
}

fn copied(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n")
}

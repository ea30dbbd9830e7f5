//! The same SQL on PostgreSQL without the server, by pgbench.
//!
//! A script can compute numbers, but neither names nor ids. So what the statements take is laid out in a table, a row
//! for each transaction, and the script begins by reading its row: one small statement more than the server sends.
//! A read takes nothing but an id, which the script makes itself. Everything is prepared, and collisions are repeated,
//! as by the server.

use std::{
    collections::BTreeMap,
    env, fs,
    io::Write,
    path::Path,
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tempfile::TempDir;

use crate::{
    drive::{Figures, Outcome, Turn},
    operation::Operation,
    options::Options,
    sqlite,
    subject::deal_serial,
    template::{Parameter, Slot, Template},
    vendor::Vendor,
};

/// More transactions than pgbench gets through in a second.
const A_SECOND: u64 = 4_000;

/// What the script reads from its row: parameters by the names of their columns.
type Columns = BTreeMap<Parameter, String>;

/// Measures the statements of an operation.
pub fn measure(vendor: &Vendor, operation: Operation, template: &Template, options: &Options) -> Figures {
    let folder = tempfile::tempdir().expect("a folder");
    let (script, constants) = script(vendor, operation, template, options);
    fs::write(folder.path().join("script.sql"), script).expect("a script");
    run(vendor, &folder, &constants, options);
    let figures = figures(folder.path(), options.time);
    eprintln!("PostgreSQL alone: {operation}: {:.0}/s", figures.per_second);
    figures
}

fn run(vendor: &Vendor, folder: &TempDir, constants: &[(String, String)], options: &Options) {
    let programs = env::var("ENTENTE_TEST_PGBIN").expect("ENTENTE_TEST_PGBIN: run `make bench`");
    let clients = options.connections.to_string();
    let seconds = (options.time + options.time / 5).as_secs_f64().ceil().to_string();
    let mut command = Command::new(Path::new(&programs).join("pgbench"));
    command.args(["--no-vacuum", "--protocol=prepared", "--max-tries=12", "--log", "--log-prefix=turns"]);
    command.args(["--jobs=2", "--file=script.sql", "--client", &clients, "--time", &seconds]);
    command.args(constants.iter().map(|(name, value)| format!("--define={name}={value}")));
    let done = command.arg(&vendor.database.url).current_dir(folder.path()).output().expect("pgbench");
    assert!(done.status.success(), "pgbench: {}", String::from_utf8_lossy(&done.stderr));
}

/// The script, and the constants that must not stand in it because pgbench takes their colons for names.
fn script(
    vendor: &Vendor,
    operation: Operation,
    template: &Template,
    options: &Options,
) -> (String, Vec<(String, String)>) {
    let (mut columns, mut constants, mut text) = (Columns::new(), BTreeMap::new(), String::new());
    for statement in &template.statements {
        let mut sql = if statement.is_frame() { frame(&statement.sql) } else { statement.sql.clone() };
        for (at, parameter) in statement.parameters.iter().enumerate().rev() {
            let value = match parameter {
                None => "NULL".to_owned(),
                Some(parameter) => spelled(parameter, operation, &mut columns, &mut constants, vendor),
            };
            sql = sql.replace(&format!("${}", at + 1), &value);
        }
        text.push_str(&format!("{sql};\n"));
    }
    let begin = match operation.is_read() {
        true => format!(
            "\\set serial random(0, {}) * {} + {}\n",
            vendor.rows - 1,
            deal_serial(1) - deal_serial(0),
            deal_serial(0)
        ),
        false => lay_out(vendor, operation, template, &columns, options),
    };
    (begin + &text, constants.into_iter().map(|(value, name)| (name, value)).collect())
}

/// pgbench prepares every statement, so there can be only one at a time.
fn frame(sql: &str) -> String {
    if sql.ends_with("COMMIT") { "COMMIT".to_owned() } else { sql.to_owned() }
}

fn spelled(
    parameter: &Parameter,
    operation: Operation,
    columns: &mut Columns,
    constants: &mut BTreeMap<String, String>,
    vendor: &Vendor,
) -> String {
    if operation.is_read() && parameter.is(Slot::Deal) {
        return format!("('deal_{}' || lpad(:serial::text, 16, '0'))", vendor.era);
    }
    if let Some(text) = parameter.constant() {
        if !text.contains(':') {
            return format!("'{}'", text.replace('\'', "''"));
        }
        let next = format!("constant{}", constants.len());
        return format!(":{}", constants.entry(text.to_owned()).or_insert(next));
    }
    let next = format!("column{}", columns.len());
    format!(":{}", columns.entry(parameter.clone()).or_insert(next))
}

/// Fills the table from which the script reads; the script's first statement.
fn lay_out(vendor: &Vendor, operation: Operation, template: &Template, columns: &Columns, options: &Options) -> String {
    let count = A_SECOND * (options.time.as_secs() + 2);
    let names: Vec<&String> = columns.values().collect();
    let declared: Vec<String> = names.iter().map(|name| format!("{name} text")).collect();
    let mut connection = vendor.postgres();
    let make = format!(
        "DROP TABLE IF EXISTS turns; DROP SEQUENCE IF EXISTS turn; CREATE SEQUENCE turn; \
         CREATE UNLOGGED TABLE turns (turn bigint PRIMARY KEY, {})",
        declared.join(", ")
    );
    connection.batch_execute(&make).expect(&make);
    let mut writer = connection.copy_in("COPY turns FROM STDIN").expect("a copy");
    let taken = AtomicU64::new(vendor.rows / 2);
    for turn in 1..=count {
        let caller = turn as usize;
        let subject = sqlite::subject(vendor, operation, template, caller, taken.fetch_add(1, Ordering::Relaxed));
        let values: Vec<String> = columns.keys().map(|parameter| parameter.fill(&subject)).collect();
        writer.write_all(format!("{turn}\t{}\n", values.join("\t")).as_bytes()).expect("a row");
    }
    writer.finish().expect("the rows");
    vendor.tidy();
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    format!("SELECT {} FROM turns WHERE turn = (SELECT nextval('turn')) \\gset\n", names.join(", "))
}

/// From pgbench's log: client, transaction, microseconds it took, script, second and microsecond at which it ended.
fn figures(folder: &Path, time: Duration) -> Figures {
    let files = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let logs = files.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("turns.")));
    let text: String = logs.map(|path| fs::read_to_string(path).expect("a log")).collect();
    let mut turns: Vec<Turn> = text.lines().map(turn).collect();
    let began = turns.iter().map(|turn| turn.ended - turn.took).min().unwrap_or_default() + time / 5;
    turns.retain(|turn| (began..began + time).contains(&turn.ended));
    turns.iter_mut().for_each(|turn| turn.ended -= began);
    Figures::of(turns, time)
}

/// What pgbench gave up has a word in place of the time that it took.
fn turn(line: &str) -> Turn {
    let words: Vec<&str> = line.split(' ').collect();
    let number = |at: usize| words[at].parse::<u64>().unwrap_or_else(|_| panic!("pgbench's log: {line}"));
    let took = words[2].parse().ok();
    Turn {
        ended: Duration::from_secs(number(4)) + Duration::from_micros(number(5)),
        took: Duration::from_micros(took.unwrap_or_default()),
        outcome: if took.is_some() { Outcome::Done } else { Outcome::Refused },
    }
}

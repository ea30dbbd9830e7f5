//! What is printed, and kept as JSON.

use std::{
    env, fs,
    path::{Path, PathBuf},
    thread,
};

use serde_json::{Value, json};
use tests::Kind;

use crate::{drive::Figures, operation::Operation, options::Options, vendor::name};

/// How flat registering must stay while ten times as much is stored.
const FLAT: f64 = 0.8;
/// Evaluating tiers takes at most three times as long as the plain aggregate.
const WITHIN: f64 = 1.0 / 3.0;
/// In how many milliseconds the view of a partner's certifications is asked for.
const VIEWED: f64 = 50.0;

/// All figures of a run.
pub struct Report {
    /// Which databases, with their versions.
    pub databases: Vec<String>,
    options: String,
    rows: [u64; 2],
    lines: Vec<Line>,
    goals: Vec<Goal>,
    notes: Vec<String>,
}

struct Line {
    database: Kind,
    operation: Operation,
    statements: usize,
    served: Figures,
    plain: Figures,
}

struct Goal {
    what: String,
    ratio: f64,
    least: f64,
}

impl Report {
    /// Without figures yet.
    pub fn new(options: &Options) -> Self {
        let (rows, connections, seconds) = (options.rows, options.connections, options.time.as_secs());
        Self {
            databases: Vec::new(),
            options: format!("{connections} connections, {rows} registrations stored, {seconds} s each"),
            rows: [options.few(), rows],
            lines: Vec::new(),
            goals: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// An operation of the server beside its SQL alone.
    pub fn beside(&mut self, database: Kind, operation: Operation, statements: usize, served: Figures, plain: Figures) {
        self.lines.push(Line { database, operation, statements, served, plain });
    }

    /// Registering on few rows and on many.
    pub fn flat(&mut self, database: Kind, [few, many]: [Figures; 2]) {
        let [fewer, more] = self.rows;
        let what = |of: &str, few: f64, many: f64| {
            format!("{}: register clean, {of}: {few:.2} at {fewer} rows, {many:.2} at {more}", name(database))
        };
        let rate = what("median of requests per second", few.median_per_second, many.median_per_second);
        let time = what("median time in ms", few.p50, many.p50);
        self.goals.push(Goal { what: rate, ratio: many.median_per_second / few.median_per_second, least: FLAT });
        self.goals.push(Goal { what: time, ratio: few.p50 / many.p50, least: FLAT });
    }

    /// What it brings to commit together: safe on the disk, and still faster than one by one that is not.
    pub fn grouped(&mut self, together: &Figures, hasty: &Figures) {
        let what = format!(
            "SQLite: the SQL of register clean, FULL in groups {:.0}/s, NORMAL one by one {:.0}/s",
            together.per_second, hasty.per_second
        );
        self.goals.push(Goal { what, ratio: together.per_second / hasty.per_second, least: 1.0 });
    }

    /// A run of tiers over this many partners, and one plain aggregate over the same facts, in seconds.
    pub fn evaluated(&mut self, database: Kind, partners: u64, run: f64, plain: f64) {
        let each = |seconds: f64| seconds * 1e6 / partners as f64;
        let what = format!(
            "{}: tiers of {partners} partners in {run:.2} s ({:.1} µs each), plain SQL {plain:.2} s ({:.1} µs)",
            name(database),
            each(run),
            each(plain)
        );
        self.goals.push(Goal { what, ratio: plain / run, least: WITHIN });
    }

    /// The view of required and held certifications of a partner with this many people, half and 99 of 100 in so many
    /// milliseconds, and one plain aggregate over what is held.
    pub fn viewed(&mut self, database: Kind, people: u64, (p50, p99): (f64, f64), plain: f64) {
        let what = format!(
            "{}: training compliance of {people} people, median {p50:.1} ms (p99 {p99:.1}), under {VIEWED} ms; plain SQL {plain:.1} ms",
            name(database)
        );
        self.goals.push(Goal { what, ratio: VIEWED / p50, least: 1.0 });
    }

    /// Completions that were recorded, one a request, and how many a second are asked for, where that is.
    pub fn recorded(&mut self, database: Kind, done: &Figures, asked: Option<f64>) {
        let Figures { per_second, p50, p99, refused, .. } = done;
        let what = format!(
            "{}: completions recorded: {per_second:.0}/s, p50 {p50:.2} ms, p99 {p99:.2} ms, {refused} refused",
            name(database)
        );
        match asked {
            Some(asked) => {
                let ratio = per_second / asked;
                self.goals.push(Goal { what: format!("{what}; {asked:.0}/s are asked for"), ratio, least: 1.0 });
            }
            None => self.notes.push(what),
        }
    }

    /// How often PostgreSQL made the server repeat a transaction.
    pub fn retried(&mut self, operation: Operation, retries: u64, done: usize) {
        if !operation.is_read() {
            let share = 100.0 * retries as f64 / done.max(1) as f64;
            self.notes.push(format!("PostgreSQL: {operation}: {retries} repeated, {share:.2} % of {done}"));
        }
    }

    /// Prints it.
    pub fn print(&self) {
        println!(
            "\n{}; {}; {} cores shared by server, callers and database",
            self.databases.join(", "),
            self.options,
            cores()
        );
        println!(
            "\n                                        --------- the server ---------    ------ the same SQL alone ------"
        );
        println!(
            "database    operation              SQL    req/s    p50 ms    p99 ms         /s    p50 ms    p99 ms   ratio"
        );
        for line in &self.lines {
            let (served, plain) = (&line.served, &line.plain);
            println!(
                "{:<11} {:<21} {:>4} {:>8.0} {:>9.2} {:>9.2}   {:>8.0} {:>9.2} {:>9.2}   {:>5.2}",
                name(line.database),
                line.operation,
                line.statements,
                served.per_second,
                served.p50,
                served.p99,
                plain.per_second,
                plain.p50,
                plain.p99,
                served.per_second / plain.per_second
            );
        }
        println!();
        for goal in &self.goals {
            println!("{:<6} {}: ratio {:.2}, at least {:.2}", goal.verdict(), goal.what, goal.ratio, goal.least);
        }
        for note in &self.notes {
            println!("       {note}");
        }
        for line in &self.lines {
            print_failures(line, "the server", &line.served);
            print_failures(line, "alone", &line.plain);
        }
    }

    /// Keeps it in `bench.json` where cargo builds.
    pub fn save(&self) {
        let path = target().join("bench.json");
        fs::write(&path, format!("{:#}\n", self.json())).expect("bench.json");
        println!("\n{}", path.display());
    }

    fn json(&self) -> Value {
        let lines = self.lines.iter().map(|line| {
            json!({
                "database": name(line.database), "operation": line.operation.to_string(), "statements": line.statements,
                "server": figures(&line.served), "sql_alone": figures(&line.plain),
                "ratio": line.served.per_second / line.plain.per_second
            })
        });
        let goals = self.goals.iter().map(
            |goal| json!({"goal": goal.what, "ratio": goal.ratio, "least": goal.least, "verdict": goal.verdict()}),
        );
        json!({
            "databases": self.databases, "options": self.options, "cores": cores(),
            "operations": lines.collect::<Vec<_>>(), "goals": goals.collect::<Vec<_>>(), "notes": self.notes
        })
    }
}

impl Goal {
    fn verdict(&self) -> &'static str {
        if self.ratio >= self.least { "holds" } else { "misses" }
    }
}

fn print_failures(line: &Line, who: &str, figures: &Figures) {
    let Figures { done, otherwise, refused, .. } = figures;
    if otherwise + refused > 0 {
        let what = format!("{}: {}, {who}", name(line.database), line.operation);
        println!("       {what}: {refused} refused; of {done} done {otherwise} came out otherwise");
    }
}

fn figures(figures: &Figures) -> Value {
    json!({
        "per_second": figures.per_second, "median_per_second": figures.median_per_second, "p50_ms": figures.p50,
        "p99_ms": figures.p99, "done": figures.done, "otherwise": figures.otherwise, "refused": figures.refused
    })
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Where cargo builds.
fn target() -> PathBuf {
    let own = env::current_exe().expect("the benchmark's own path");
    let profile = own.ancestors().find(|path| path.ends_with("release") || path.ends_with("debug"));
    profile.and_then(Path::parent).expect("target/release").to_owned()
}

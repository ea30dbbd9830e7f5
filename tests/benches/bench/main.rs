//! `make bench`: what the product does in a second on each database, beside the same SQL without the product.
//!
//! The server is the release binary in a process of its own, its callers are threads of this one. What it asks its
//! database for one request is read from PostgreSQL's log ([`capture`]) and run again without it: by 16 threads on
//! SQLite, by pgbench on PostgreSQL. So the ratios compare like with like, whatever the product's SQL becomes.
//!
//! Nothing here fails because of a figure: goals are printed as "holds" or "misses".

mod capture;
mod drive;
mod grouped;
mod http;
mod names;
mod operation;
mod options;
mod pgbench;
mod report;
mod seed;
mod sqlite;
mod subject;
mod template;
mod tiers;
mod training;
mod vendor;

use capture::Captured;
use operation::Operation;
use options::Options;
use report::Report;
use template::Template;
use tests::Kind;
use vendor::Vendor;

fn main() {
    // `cargo bench -- --list` and the like are not for us; `cargo test --benches` must not take minutes.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let options = Options::from_environment();
    let mut report = Report::new(&options);
    if options.includes("deals") {
        let captured = postgres(&options, &mut report);
        if options.measures(Kind::Sqlite) {
            sqlite(&options, &mut report, &captured);
        }
    }
    for kind in [Kind::Sqlite, Kind::Postgres].into_iter().filter(|kind| options.measures(*kind)) {
        if options.includes("tiers") {
            tiers::measure(kind, &options, &mut report);
        }
        if options.includes("training") {
            training::measure(kind, &options, &mut report);
        }
    }
    report.print();
    report.save();
}

/// Measures PostgreSQL; what the server asked it, for the other database. That needs few rows.
fn postgres(options: &Options, report: &mut Report) -> Captured {
    let mut vendor = Vendor::new(Kind::Postgres);
    let clean = capture::logged(|| capture::one(&mut vendor, Operation::Clean, subject::FIRST_CAPTURE));
    if !options.measures(Kind::Postgres) {
        vendor.stop();
        seed::fill(&mut vendor, &clean, 1_000);
        vendor.serve();
        return capture::logged(|| Captured::all(&mut vendor));
    }
    report.flat(Kind::Postgres, [options.few(), options.rows].map(|rows| grown(options, &mut vendor, &clean, rows)));
    let captured = capture::logged(|| Captured::all(&mut vendor));
    for operation in Operation::ALL {
        let retried = vendor.retries();
        let served = http::measure(&mut vendor, operation, options);
        report.retried(operation, vendor.retries() - retried, served.done);
        let plain = pgbench::measure(&vendor, operation, captured.of(operation), options);
        report.beside(Kind::Postgres, operation, captured.of(operation).len(), served, plain);
    }
    report.databases.push(format!("PostgreSQL {}", vendor.postgres_version()));
    captured
}

fn sqlite(options: &Options, report: &mut Report, captured: &Captured) {
    let mut vendor = Vendor::new(Kind::Sqlite);
    let clean = captured.of(Operation::Clean);
    report.flat(Kind::Sqlite, [options.few(), options.rows].map(|rows| grown(options, &mut vendor, clean, rows)));
    for operation in Operation::ALL {
        let served = http::measure(&mut vendor, operation, options);
        let plain = sqlite::measure(&vendor, operation, captured.of(operation), "FULL", options);
        if operation == Operation::Clean {
            let together = grouped::measure(&vendor, operation, clean, options);
            report.grouped(&together, &sqlite::measure(&vendor, operation, clean, "NORMAL", options));
        }
        let statements = sqlite::count(captured.of(operation));
        report.beside(Kind::Sqlite, operation, statements, served, plain);
    }
    report.databases.push(format!("SQLite {}", rusqlite::version()));
}

/// Fills the database up to `rows` registrations and measures registering on top of them.
fn grown(options: &Options, vendor: &mut Vendor, clean: &Template, rows: u64) -> drive::Figures {
    vendor.stop();
    let took = seed::fill(vendor, clean, rows);
    eprintln!("{}: {} registrations stored, seeding took {took:.1} s", vendor.kind(), vendor.stored());
    vendor.serve();
    http::measure(vendor, Operation::Clean, options)
}

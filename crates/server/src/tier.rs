//! `entente tiers`: a program's tiers evaluated against the database.

use std::num::NonZero;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use database::Database;
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Actor, Clock};
use partners::EnrollmentId;
use tiers::{NewTierRun, TierRun, run};

use crate::{
    arguments::DatabaseArguments,
    output::{self, Outcome},
};

/// What to do about tiers.
#[derive(Subcommand)]
pub enum TiersCommand {
    /// Evaluate a program's tiers for a day, now and here; servers may run meanwhile.
    ///
    /// Partners rise as the program says; they fall only at reviews. What was decided for a day is not decided once more.
    Evaluate(EvaluateArguments),
}

/// What to evaluate.
#[derive(Args)]
pub struct EvaluateArguments {
    #[command(flatten)]
    database: DatabaseArguments,
    /// The program, by slug.
    #[arg(long, value_name = "SLUG")]
    program: String,
    /// The day for which the rules are asked; today in the program's time zone, if it is left out.
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// Only this enrollment.
    #[arg(long, value_name = "ID")]
    enrollment: Option<EnrollmentId>,
    /// Hold a review: partners can fall, though the day is no review day.
    #[arg(long)]
    review: bool,
    /// Print one JSON document instead of lines.
    #[arg(long)]
    json: bool,
}

/// Runs a command.
///
/// # Errors
/// What kept it from being run.
pub fn run(command: TiersCommand) -> Result<Outcome, String> {
    let TiersCommand::Evaluate(arguments) = command;
    let database = Database::open(&arguments.database.settings(), Clock::default())?;
    crate::serve::restore_clock(&database).map_err(|error| error.to_string())?;
    let new = NewTierRun {
        program: arguments.program,
        as_of: arguments.as_of,
        enrollment_id: arguments.enrollment,
        review: arguments.review.then_some(true),
    };
    let started = database.write_blocking(move |tx| run::start(tx, &Actor::system(), new.clone())).map_err(told)?;
    let bar = bar(&started);
    let shown = |run: &TierRun| bar.set_position(u64::try_from(run.counts.0.done).unwrap_or_default());
    let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let finished = tiers::drive(&database, started.id, threads, &|| true, shown).map_err(told)?;
    bar.finish_and_clear();
    if arguments.json {
        output::json(&finished)?;
    } else {
        print(&finished)?;
    }
    Ok(Outcome::Fine)
}

/// A bar on standard error; nothing is shown where that is no terminal.
fn bar(run: &TierRun) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(run.counts.0.total).unwrap_or_default());
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(format!("{} as of {}", run.program, run.as_of));
    bar
}

fn print(run: &TierRun) -> Result<(), String> {
    let counts = &run.counts.0;
    output::line(&format!(
        "{} as of {}, version {}: {} evaluated",
        run.program, run.as_of, run.program_version, counts.done
    ))?;
    output::line(&format!("  {} promoted, {} demoted", counts.promoted, counts.demoted))?;
    output::line(&format!(
        "  {} in grace: {} begun, {} ended",
        counts.in_grace, counts.grace_begun, counts.grace_ended
    ))?;
    output::line(&format!("  {}", run.id))
}

/// An error with all its faults, for a person.
fn told(error: database::Error) -> String {
    match error {
        database::Error::Domain(error) => {
            let fault = |fault: &kernel::Fault| {
                format!("{} {}", fault.pointer.as_deref().unwrap_or_default().trim_start_matches('/'), fault.detail)
            };
            let faults: Vec<String> = error.faults.iter().map(fault).collect();
            if faults.is_empty() { error.detail } else { faults.join("; ") }
        }
        other => other.to_string(),
    }
}

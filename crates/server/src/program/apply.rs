//! `entente program apply`: a document becomes a program's rules, by a plan.

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
};

use clap::Args;
use database::Database;
use kernel::Actor;
use tiers::plan::{self, ProgramPlanDetail, ProgramPlanId};

use super::{
    desk::{self, PrintArguments},
    plan::{WhenArguments, make, print},
};
use crate::{
    arguments::DatabaseArguments,
    output::{self, Outcome},
};

/// What to apply.
#[derive(Args)]
pub struct ApplyArguments {
    /// The document: it is planned, shown, and applied when you agree.
    #[arg(value_name = "FILE", required_unless_present = "plan", conflicts_with = "plan")]
    file: Option<PathBuf>,
    /// A plan that was made before: it is applied if neither rules nor facts have moved since.
    #[arg(long, value_name = "ID")]
    plan: Option<ProgramPlanId>,
    #[command(flatten)]
    when: WhenArguments,
    /// Apply without asking.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    print: PrintArguments,
    #[command(flatten)]
    database: DatabaseArguments,
}

/// Applies a plan, or plans a document and applies that.
pub(super) fn apply(arguments: &ApplyArguments) -> Result<Outcome, String> {
    let planned = match &arguments.file {
        Some(file) => {
            let may_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
            if !arguments.yes && !may_ask {
                return Err("nobody can be asked here: say --yes, or apply a plan by --plan".into());
            }
            let document = match desk::document(file, arguments.print.json)? {
                Ok(document) => document,
                Err(outcome) => return Ok(outcome),
            };
            let database = desk::open(&arguments.database)?;
            let made = make(&database, arguments.when.asked(document))?;
            if !arguments.print.json {
                print(&made, &arguments.print)?;
                output::line("")?;
            }
            if !made.plan.has_changes {
                return if arguments.print.json {
                    output::json(&made).map(|()| Outcome::Fine)
                } else {
                    Ok(Outcome::Fine)
                };
            }
            if !arguments.yes && !agreed()? {
                return Err(format!("nothing was applied; the plan {} is kept", made.plan.id));
            }
            (database, made.plan.program, made.plan.id)
        }
        None => {
            let id = arguments.plan.ok_or("say what to apply: a FILE, or --plan ID")?;
            let database = desk::open(&arguments.database)?;
            let program =
                database.read_blocking(|tx| plan::program_of(tx, &Actor::system(), id)).map_err(desk::told)?;
            (database, program, id)
        }
    };
    let applied = publish(planned)?;
    if arguments.print.json {
        output::json(&applied)?;
        return Ok(Outcome::Fine);
    }
    let version = applied.plan.applied_version.unwrap_or_default();
    let from =
        applied.plan.effective_from.map_or_else(|| "is in force".to_owned(), |from| format!("holds from {from} on"));
    output::line(&format!("{}: version {version} {from}", applied.plan.program))?;
    Ok(Outcome::Fine)
}

fn publish((database, program, id): (Database, String, ProgramPlanId)) -> Result<ProgramPlanDetail, String> {
    let work = move |tx: &mut database::Tx<'_>| plan::apply(tx, &Actor::system(), &program, id, &|_| Ok(()));
    database.write_blocking(work).map_err(desk::told)
}

fn agreed() -> Result<bool, String> {
    let mut answer = String::new();
    let mut asked = io::stderr();
    asked.write_all(b"Apply this? [y/N] ").and_then(|()| asked.flush()).map_err(|error| error.to_string())?;
    io::stdin().read_line(&mut answer).map_err(|error| error.to_string())?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

//! `entente catalogue`: the training catalogue at the desk, and published where there is a database.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use kernel::Actor;
use serde_json::json;
use training::{
    CatalogueDocument,
    catalogue::{self, BOUNDS},
};

use crate::{
    arguments::DatabaseArguments,
    output::{self, Outcome},
    program::{
        desk::{self, PrintArguments},
        paint::Painter,
        show,
    },
};

/// What to do with the training catalogue.
#[derive(Subcommand)]
pub enum CatalogueCommand {
    /// Check a catalogue: everything that is wrong with it at once, with line and column. Ends with 1 if there is a fault.
    Validate {
        /// The catalogue: YAML, or JSON if the name ends in .json; - reads YAML from standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Print one JSON document instead of lines.
        #[arg(long)]
        json: bool,
    },
    /// Tell what a catalogue would change of the one that holds. Ends with 2 if there is a difference.
    Diff(CatalogueArguments),
    /// Publish a catalogue: it holds from now on, and what was awarded before stays awarded.
    Apply(CatalogueArguments),
}

/// Which catalogue, and where.
#[derive(Args)]
pub struct CatalogueArguments {
    /// The catalogue: YAML, or JSON if the name ends in .json; - reads YAML from standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    print: PrintArguments,
    #[command(flatten)]
    database: DatabaseArguments,
}

/// Runs a command.
///
/// # Errors
/// What kept it from being run; what it found wrong is its outcome.
pub fn run(command: CatalogueCommand) -> Result<Outcome, String> {
    match command {
        CatalogueCommand::Validate { file, json } => validate(&file, json),
        CatalogueCommand::Diff(arguments) => diff(&arguments),
        CatalogueCommand::Apply(arguments) => apply(arguments),
    }
}

fn validate(file: &Path, json: bool) -> Result<Outcome, String> {
    let document = match read(file, json)? {
        Ok(document) => document,
        Err(outcome) => return Ok(outcome),
    };
    if json {
        output::json(&json!({"file": file.display().to_string(), "valid": true, "faults": [], "warnings": []}))?;
    } else {
        let CatalogueDocument { name, courses, exams, certifications, .. } = document;
        let (courses, exams, certifications) = (courses.len(), exams.len(), certifications.len());
        output::line(&format!(
            "{}: valid: {name} with {courses} courses, {exams} exams, {certifications} certifications",
            file.display()
        ))?;
    }
    Ok(Outcome::Fine)
}

fn diff(arguments: &CatalogueArguments) -> Result<Outcome, String> {
    let document = match read(&arguments.file, arguments.print.json)? {
        Ok(document) => document,
        Err(outcome) => return Ok(outcome),
    };
    let database = desk::open(&arguments.database)?;
    let found = database.read_blocking(|tx| catalogue::diff(tx, &document)).map_err(desk::told)?;
    if arguments.print.json {
        output::json(&found)?;
    } else {
        Painter::new(arguments.print.color).differences(None, found.from, &found.changes)?;
    }
    Ok(if found.changes.is_empty() { Outcome::Fine } else { Outcome::Changes })
}

fn apply(arguments: CatalogueArguments) -> Result<Outcome, String> {
    let document = match read(&arguments.file, arguments.print.json)? {
        Ok(document) => document,
        Err(outcome) => return Ok(outcome),
    };
    let database = desk::open(&arguments.database)?;
    let publish =
        move |tx: &mut database::Tx<'_>| catalogue::publish(tx, &Actor::system(), document.clone(), |_| Ok(()));
    let made = database.write_blocking(publish).map_err(desk::told)?;
    if arguments.print.json {
        output::json(&made)?;
    } else {
        output::line(&format!("version {} holds", made.version))?;
    }
    Ok(Outcome::Fine)
}

/// A catalogue without faults; else its faults are printed, and that is the outcome.
fn read(file: &Path, json: bool) -> Result<Result<CatalogueDocument, Outcome>, String> {
    let report = catalogue::check(&show::within(file, &BOUNDS)?, show::format(file));
    Ok(desk::checked(file, json, report)?.map(|catalogue| catalogue.document))
}

//! What the commands share that look into a database: a document from a file, the way in, and what went wrong.

use std::path::Path;

use clap::{Args, ValueEnum};
use contract::Report;
use database::Database;
use kernel::{Clock, Fault};
use programs::ProgramDocument;

use super::show;
use crate::{
    arguments::DatabaseArguments,
    output::{self, Outcome},
};

/// How to print.
#[derive(Args)]
pub struct PrintArguments {
    /// Print one JSON document instead of lines.
    #[arg(long)]
    pub json: bool,
    /// Whether to print in colour: by itself on a terminal, unless NO_COLOR is set.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    pub color: Colour,
}

/// Whether to print in colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Opens the database that the arguments name.
pub(crate) fn open(arguments: &DatabaseArguments) -> Result<Database, String> {
    let database = Database::open(&arguments.settings(), Clock::default())?;
    crate::serve::restore_clock(&database).map_err(|error| error.to_string())?;
    Ok(database)
}

/// A document without faults; else its faults are printed, and that is the outcome.
pub(super) fn document(path: &Path, json: bool) -> Result<Result<ProgramDocument, Outcome>, String> {
    let report = programs::check(&show::bytes(path)?, show::format(path));
    Ok(checked(path, json, report)?.map(|(document, _)| document))
}

/// What was checked, if it has no faults; else they are printed, and that is the outcome.
pub(crate) fn checked<T>(path: &Path, json: bool, report: Report<T>) -> Result<Result<T, Outcome>, String> {
    if report.is_valid() {
        return report.into_document().map(Ok).map_err(|error| error.to_string());
    }
    if json {
        output::json(&show::as_json(path, &report))?;
    } else {
        show::print(path, &report)?;
    }
    Ok(Err(Outcome::Faulty))
}

/// An error with all its faults, for a person.
pub(crate) fn told(error: database::Error) -> String {
    let database::Error::Domain(error) = error else { return error.to_string() };
    let place = |fault: &Fault| {
        let at = fault.pointer.as_ref().or(fault.parameter.as_ref()).filter(|at| !at.is_empty());
        at.map(|at| format!("\n  {at}: {} [{}]", fault.detail, fault.code)).unwrap_or_default()
    };
    error.detail.clone() + &error.faults.iter().map(place).collect::<String>()
}

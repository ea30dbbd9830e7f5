//! `entente program diff`: what a document says that a program's rules do not.

use std::path::PathBuf;

use clap::Args;
use kernel::Error;
use programs::{ProgramDiff, version};

use super::{
    desk::{self, PrintArguments},
    paint::Painter,
};
use crate::{
    arguments::DatabaseArguments,
    output::{self, Outcome},
};

/// What to compare.
#[derive(Args)]
pub struct DiffArguments {
    /// The document: YAML, or JSON if the name ends in .json; - reads YAML from standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The version to compare with; the one in force, if it is left out.
    #[arg(long, value_name = "VERSION")]
    against: Option<i32>,
    #[command(flatten)]
    print: PrintArguments,
    #[command(flatten)]
    database: DatabaseArguments,
}

/// Prints the differences. Ends with 2 if there are any.
pub(super) fn diff(arguments: &DiffArguments) -> Result<Outcome, String> {
    let document = match desk::document(&arguments.file, arguments.print.json)? {
        Ok(document) => document,
        Err(outcome) => return Ok(outcome),
    };
    let database = desk::open(&arguments.database)?;
    let found = database.read_blocking(|tx| {
        let slug = &document.slug;
        let before = match arguments.against {
            Some(number) => version::version(tx, slug, number)?,
            None => programs::current(tx, slug)?.ok_or_else(|| Error::not_found("program"))?,
        };
        let changes = programs::diff(&before.document.0, &document)?;
        let to = version::newest(tx, slug)?.version + 1;
        Ok(ProgramDiff { program: slug.clone(), from: before.version, to, changes })
    });
    let found = found.map_err(desk::told)?;
    if arguments.print.json {
        output::json(&found)?;
    } else {
        Painter::new(arguments.print.color).differences(Some(&found.program), found.from, &found.changes)?;
    }
    Ok(if found.changes.is_empty() { Outcome::Fine } else { Outcome::Changes })
}

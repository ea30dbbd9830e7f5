//! `entente program export`: a program's rules as a document again.

use clap::{Args, ValueEnum};
use database::{Result as Found, Tx};
use kernel::{Error, Timestamp};
use programs::{Version, version};

use super::desk;
use crate::{
    arguments::DatabaseArguments,
    output::{self, Outcome},
};

/// Which rules to export.
#[derive(Args)]
pub struct ExportArguments {
    /// The program.
    #[arg(value_name = "SLUG")]
    slug: String,
    /// The version; the one in force, if it is left out.
    #[arg(long, value_name = "VERSION", conflicts_with = "as_of")]
    version: Option<i32>,
    /// The rules of this time, such as 2026-01-01T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    as_of: Option<Timestamp>,
    /// How to write them.
    #[arg(long, value_enum, default_value_t = Form::Yaml)]
    format: Form,
    #[command(flatten)]
    database: DatabaseArguments,
}

/// How to write a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// YAML, with a line that says which rules these are.
    Yaml,
    /// JSON.
    Json,
}

/// Prints a version's document. Comments that it came with are not kept by the program, so they are not there.
pub(super) fn export(arguments: &ExportArguments) -> Result<Outcome, String> {
    let database = desk::open(&arguments.database)?;
    let found = database.read_blocking(|tx| find(tx, arguments)).map_err(desk::told)?;
    let Version { program, version, digest, document, effective_from, .. } = found;
    match arguments.format {
        Form::Json => output::json(&document.0)?,
        Form::Yaml => {
            let text = serde_saphyr::to_string(&document.0).map_err(|error| error.to_string())?;
            output::line(&format!("# {program}, version {version}, from {effective_from} on; digest {digest}"))?;
            output::line(text.trim_end())?;
        }
    }
    Ok(Outcome::Fine)
}

fn find(tx: &mut Tx, arguments: &ExportArguments) -> Found<Version> {
    if let Some(number) = arguments.version {
        return version::version(tx, &arguments.slug, number);
    }
    let at = arguments.as_of.unwrap_or_else(|| tx.now());
    Ok(version::in_force(tx, &arguments.slug, at)?.ok_or_else(|| Error::not_found("program"))?)
}

//! A version's rules, compiled once and shared: a version never changes.

use std::sync::Arc;

use contract::Latest;
use database::{Result, Tx, schema::program_versions};
use diesel::prelude::*;
use kernel::{Code, Error, Timestamp};
use rules::Program as Compiled;

use crate::{ProgramDocument, TimeZone, Version, check::compile, version};

/// Far more than a server meets at a time.
static LATEST: Latest<Rules> = Latest::new(64);

/// A version of a program's rules, ready to be evaluated.
#[derive(Debug)]
pub struct Rules {
    /// The program's slug.
    pub program: String,
    /// The version, counted from 1.
    pub version: i32,
    /// SHA-256 of the document's canonical JSON, in hexadecimal.
    pub digest: String,
    /// What it says.
    pub document: ProgramDocument,
    /// The same, compiled.
    pub compiled: Compiled,
}

impl Rules {
    /// Compiles a document, stored or not: a candidate has the version that it would get, and any digest.
    ///
    /// # Errors
    /// `invalid_program` with every fault.
    pub fn new(document: ProgramDocument, version: i32, digest: String) -> std::result::Result<Self, Error> {
        let compiled = compile(&document).map_err(|faults| Error {
            code: Code::InvalidProgram,
            detail: format!("The rules of {} cannot be evaluated; see errors.", document.slug),
            faults,
        })?;
        Ok(Self { program: document.slug.clone(), version, digest, document, compiled })
    }

    /// Where days begin and end for the program.
    pub fn time_zone(&self) -> TimeZone {
        self.document.time_zone.unwrap_or(TimeZone::UTC)
    }
}

/// The rules of a version, compiled.
///
/// # Errors
/// `not_found`; `invalid_program` when stored rules would not be taken any more.
pub fn rules(tx: &mut Tx, slug: &str, number: i32) -> Result<Arc<Rules>> {
    let stored = program_versions::table.find((slug, number)).select(program_versions::digest);
    let digest: Option<String> = stored.first(tx.sql()).optional()?;
    let digest = digest.ok_or_else(|| Error::not_found("program version"))?;
    LATEST.get_or_make(number, &digest, || compiled(version::version(tx, slug, number)?))
}

/// The rules in force at a time, compiled; `None` if there were none.
///
/// # Errors
/// `invalid_program` when stored rules would not be taken any more.
pub fn rules_at(tx: &mut Tx, slug: &str, at: Timestamp) -> Result<Option<Arc<Rules>>> {
    let number: Option<i32> = program_versions::table
        .filter(program_versions::program.eq(slug).and(program_versions::effective_from.le(at)))
        .order((program_versions::effective_from.desc(), program_versions::version.desc()))
        .select(program_versions::version)
        .first(tx.sql())
        .optional()?;
    number.map(|number| rules(tx, slug, number)).transpose()
}

/// A version's rules, compiled.
///
/// # Errors
/// `invalid_program` when stored rules would not be taken any more.
pub fn rules_of(version: Version) -> Result<Arc<Rules>> {
    let digest = version.digest.clone();
    LATEST.get_or_make(version.version, &digest, || compiled(version))
}

fn compiled(version: Version) -> Result<Rules> {
    Ok(Rules::new(version.document.0, version.version, version.digest)?)
}

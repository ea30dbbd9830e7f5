//! Versions of a program's rules: published once, in force from a time on, and never changed.

use database::{Error, Json, Result, Tx, schema::program_versions};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error as DomainError, Page, Paging, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Change, Program, ProgramDocument, diff, program};

/// A version of a program's rules.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = program_versions)]
#[schema(as = ProgramVersion)]
pub struct Version {
    /// The program's slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// Counts from 1.
    #[schema(format = Int64, minimum = 1, example = 2)]
    pub version: i32,
    /// SHA-256 of the document's canonical JSON, in hexadecimal.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// The rules.
    #[schema(value_type = ProgramDocument)]
    pub document: Json<ProgramDocument>,
    /// From when on they hold, until a later version's time.
    pub effective_from: Timestamp,
    /// Who published them: a user, an API client, or `system`.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub created_by: String,
    /// When they were published.
    pub created_at: Timestamp,
}

/// A version in a list: without its rules, which may be long.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProgramVersionSummary {
    /// The program's slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// Counts from 1.
    #[schema(format = Int64, minimum = 1, example = 2)]
    pub version: i32,
    /// SHA-256 of the document's canonical JSON, in hexadecimal.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// From when on its rules hold.
    pub effective_from: Timestamp,
    /// Where it stands today.
    pub standing: VersionStanding,
    /// Who published it.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub created_by: String,
    /// When it was published.
    pub created_at: Timestamp,
}

/// Where a version stands today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProgramVersionStanding)]
pub enum VersionStanding {
    /// Its rules will hold.
    Scheduled,
    /// Its rules hold.
    InForce,
    /// Another's rules hold, or will before its own time comes.
    Superseded,
}

/// Publishes the next version of a program's rules, in force from `from` on, or from now. `check` sees the program as
/// it is, before anything changes.
///
/// # Errors
/// `not_found`; `invalid_program` with every contradiction; `invalid_parameter` for a time that has passed;
/// `already_exists` when the newest version says the same; those of `check`.
pub fn publish(
    tx: &mut Tx,
    actor: &Actor,
    slug: &str,
    document: ProgramDocument,
    from: Option<Timestamp>,
    check: impl FnOnce(&Program) -> Result<()>,
) -> Result<Version> {
    let program = program::find(tx, slug, tx.now())?;
    check(&program)?;
    program.takes(&document)?;
    if from.is_some_and(|from| from < tx.now()) {
        let detail = "Rules cannot come into force in the past: decisions were made by then.";
        let error = DomainError::new(Code::InvalidParameter, detail);
        return Err(error.with_parameter("effective_from", "minimum", "has passed").into());
    }
    let newest = newest(tx, slug)?;
    let version = Version::new(tx, actor, document, newest.version + 1, from)?;
    if newest.digest == version.digest {
        let detail = format!("Version {} of {slug} says the same.", newest.version);
        return Err(DomainError::new(Code::AlreadyExists, detail).into());
    }
    diesel::insert_into(program_versions::table).values(&version).execute(tx.sql())?;
    program::touch(tx, slug)?;
    let data = EventData::default().until(Some(version.effective_from));
    let event = NewEvent::new("program.version_published", slug, None).under(slug, version.version).with(data);
    events::record(tx, actor, event)?;
    audit::record(tx, actor, "publishProgramVersion", slug, None, (Some(&newest), Some(&version)))?;
    Ok(version)
}

impl Version {
    pub(crate) fn new(
        tx: &Tx,
        actor: &Actor,
        document: ProgramDocument,
        version: i32,
        from: Option<Timestamp>,
    ) -> Result<Self> {
        Ok(Self {
            program: document.slug.clone(),
            version,
            digest: digest(&document)?,
            document: Json(document),
            effective_from: from.unwrap_or_else(|| tx.now()),
            created_by: actor.subject.clone(),
            created_at: tx.now(),
        })
    }
}

/// The rules in force now; `None` if there is no such program.
///
/// # Errors
/// When the database cannot be read.
pub fn current(tx: &mut Tx, slug: &str) -> Result<Option<Version>> {
    in_force(tx, slug, tx.now())
}

/// The rules in force at a time; `None` if there were none.
///
/// # Errors
/// When the database cannot be read.
pub fn in_force(tx: &mut Tx, slug: &str, at: Timestamp) -> Result<Option<Version>> {
    Ok(program_versions::table
        .filter(program_versions::program.eq(slug).and(program_versions::effective_from.le(at)))
        .order((program_versions::effective_from.desc(), program_versions::version.desc()))
        .select(Version::as_select())
        .first(tx.sql())
        .optional()?)
}

/// A version that a decision names.
///
/// # Errors
/// `not_found`.
pub fn version(tx: &mut Tx, slug: &str, version: i32) -> Result<Version> {
    let found = program_versions::table.find((slug, version)).select(Version::as_select()).first(tx.sql());
    found.optional()?.ok_or_else(|| DomainError::not_found("program version").into())
}

/// What differs between two versions of a program's rules.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProgramDiff {
    /// The program's slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The version that was.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub from: i32,
    /// The version that came of it.
    #[schema(format = Int64, minimum = 1, example = 2)]
    pub to: i32,
    /// Every difference, in rules.
    #[schema(max_items = 100_000)]
    pub changes: Vec<Change>,
}

/// What a version changed, compared with another, or with the one before it.
///
/// # Errors
/// `not_found` for a version that there is not; the first has none before it.
pub fn compare(tx: &mut Tx, slug: &str, to: i32, from: Option<i32>) -> Result<ProgramDiff> {
    let after = version(tx, slug, to)?;
    let before = version(tx, slug, from.unwrap_or(to - 1))?;
    let changes = diff(&before.document.0, &after.document.0)?;
    Ok(ProgramDiff { program: after.program, from: before.version, to: after.version, changes })
}

/// A program's versions, newest first.
///
/// # Errors
/// `not_found` for a program that there is not; `invalid_parameter` for a foreign cursor.
pub fn versions(tx: &mut Tx, slug: &str, paging: &Paging) -> Result<Page<ProgramVersionSummary>> {
    let in_force = current(tx, slug)?.ok_or_else(|| DomainError::not_found("program"))?;
    let mut query = program_versions::table.filter(program_versions::program.eq(slug)).into_boxed();
    if let Some(last) = paging.after::<i32>("program_versions")? {
        query = query.filter(program_versions::version.lt(last));
    }
    let rows: Vec<(i32, String, Timestamp, String, Timestamp)> = query
        .order(program_versions::version.desc())
        .limit(paging.fetch())
        .select((
            program_versions::version,
            program_versions::digest,
            program_versions::effective_from,
            program_versions::created_by,
            program_versions::created_at,
        ))
        .load(tx.sql())?;
    let now = tx.now();
    let summaries = rows.into_iter().map(|(version, digest, effective_from, created_by, created_at)| {
        let standing = match version == in_force.version {
            true => VersionStanding::InForce,
            false if effective_from > now => VersionStanding::Scheduled,
            false => VersionStanding::Superseded,
        };
        let program = slug.to_owned();
        ProgramVersionSummary { program, version, digest, effective_from, standing, created_by, created_at }
    });
    Ok(paging.page(summaries.collect(), "program_versions", |summary| summary.version))
}

/// The version that was published last, whether or not its rules hold.
///
/// # Errors
/// When there is none, or the database cannot be read.
pub fn newest(tx: &mut Tx, slug: &str) -> Result<Version> {
    Ok(program_versions::table
        .filter(program_versions::program.eq(slug))
        .order(program_versions::version.desc())
        .select(Version::as_select())
        .first(tx.sql())?)
}

/// SHA-256 of the document's canonical JSON, in hexadecimal.
///
/// # Errors
/// When it is not JSON.
pub fn digest(document: &ProgramDocument) -> Result<String> {
    contract::digest(document).map_err(Error::Internal)
}

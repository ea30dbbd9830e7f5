//! Programs and their versions.

use database::{
    Error, Json, Result, Tx,
    schema::{program_versions, programs},
};
use diesel::prelude::*;
use events::{NewEvent, audit};
use kernel::{Actor, Code, Error as DomainError, Fault, Page, Paging, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{PartnerType, ProgramDocument, check::compile, document::is_slug};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = programs)]
struct Row {
    slug: String,
    name: String,
    partner_type: PartnerType,
    current_version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A version of a program's rules; it never changes.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = program_versions)]
pub struct Version {
    /// The program's slug.
    pub program: String,
    /// Counts from 1.
    pub version: i32,
    /// SHA-256 of the document's canonical JSON, in hexadecimal.
    pub digest: String,
    /// The rules.
    pub document: Json<ProgramDocument>,
    /// From when on they hold.
    pub effective_from: Timestamp,
    /// Who published them.
    pub created_by: String,
    /// When they were published.
    pub created_at: Timestamp,
}

/// A program and the rules in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Program {
    /// How it is called in paths and references.
    #[schema(max_length = 64, example = "reseller")]
    pub slug: String,
    /// How people call it.
    #[schema(max_length = 200, example = "Reseller program")]
    pub name: String,
    /// What kind of companies it is for.
    pub partner_type: PartnerType,
    /// The version of the rules in force, counted from 1.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub version: i32,
    /// SHA-256 of the document's canonical JSON, in hexadecimal.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// From when on the version holds.
    pub effective_from: Timestamp,
    /// The rules in force.
    pub document: ProgramDocument,
    /// When the program was added.
    pub created_at: Timestamp,
    /// When its rules were last changed.
    pub updated_at: Timestamp,
}

/// Adds a program with the first version of its rules.
///
/// # Errors
/// `invalid_program` with every contradiction; `already_exists`.
pub fn create(tx: &mut Tx, actor: &Actor, document: ProgramDocument) -> Result<Program> {
    let mut faults = document.faults();
    faults.extend(compile(&document).err().into_iter().flatten());
    if document.tiers.is_empty() {
        faults.push(Fault::at("/tiers", "required", "is required of a program that partners join"));
    }
    DomainError::unless_empty(Code::InvalidProgram, faults)?;
    let taken = programs::table.find(&document.slug).select(programs::slug).first::<String>(tx.sql()).optional()?;
    if taken.is_some() {
        return Err(DomainError::new(Code::AlreadyExists, format!("There is a program {} already.", document.slug))
            .with_fault("/slug", "taken", "belongs to another program")
            .into());
    }
    let row = Row {
        slug: document.slug.clone(),
        name: document.name.clone(),
        partner_type: document.partner_type,
        current_version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    let version = Version {
        program: row.slug.clone(),
        version: 1,
        digest: digest(&document)?,
        document: Json(document),
        effective_from: tx.now(),
        created_by: actor.subject.clone(),
        created_at: tx.now(),
    };
    diesel::insert_into(programs::table).values(&row).execute(tx.sql())?;
    diesel::insert_into(program_versions::table).values(&version).execute(tx.sql())?;
    events::record(tx, actor, NewEvent::new("program.created", &row.slug, None).under(&row.slug, 1))?;
    let program = Program::new(row, version);
    audit::record(tx, actor, "createProgram", &program.slug, None, (None::<&Program>, Some(&program)))?;
    Ok(program)
}

/// A program by its slug.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, slug: &str) -> Result<Program> {
    let missing = || DomainError::not_found("program");
    if !is_slug(slug) {
        return Err(missing().into());
    }
    let row = programs::table.find(slug).select(Row::as_select()).first(tx.sql()).optional()?.ok_or_else(missing)?;
    let version = version(tx, slug, row.current_version)?;
    Ok(Program::new(row, version))
}

/// The rules in force now; `None` if there is no such program.
///
/// # Errors
/// When the database cannot be read.
pub fn current(tx: &mut Tx, slug: &str) -> Result<Option<Version>> {
    Ok(program_versions::table
        .inner_join(programs::table)
        .filter(programs::slug.eq(slug).and(program_versions::version.eq(programs::current_version)))
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

/// The programs, by slug.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, partner_type: Option<PartnerType>, paging: &Paging) -> Result<Page<Program>> {
    let mut query = programs::table.inner_join(program_versions::table).into_boxed();
    query = query.filter(program_versions::version.eq(programs::current_version));
    if let Some(partner_type) = partner_type {
        query = query.filter(programs::partner_type.eq(partner_type));
    }
    if let Some(last) = paging.after::<String>("programs")? {
        query = query.filter(programs::slug.gt(last));
    }
    let rows: Vec<(Row, Version)> = query
        .order(programs::slug)
        .limit(paging.fetch())
        .select((Row::as_select(), Version::as_select()))
        .load(tx.sql())?;
    let programs = rows.into_iter().map(|(row, version)| Program::new(row, version)).collect();
    Ok(paging.page(programs, "programs", |program: &Program| program.slug.clone()))
}

impl Program {
    fn new(row: Row, version: Version) -> Self {
        Self {
            slug: row.slug,
            name: row.name,
            partner_type: row.partner_type,
            version: version.version,
            digest: version.digest,
            effective_from: version.effective_from,
            document: version.document.0,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

fn digest(document: &ProgramDocument) -> Result<String> {
    let canonical = serde_json::to_vec(document).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(Sha256::digest(canonical).iter().map(|byte| format!("{byte:02x}")).collect())
}

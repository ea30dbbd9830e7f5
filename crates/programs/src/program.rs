//! Programs, each with the rules in force.

use std::collections::BTreeMap;

use database::{
    Result, Tx,
    schema::{program_versions, programs},
};
use diesel::prelude::*;
use events::{NewEvent, audit};
use kernel::{Actor, Code, Error as DomainError, Fault, Page, Paging, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{PartnerType, ProgramDocument, Version, check::compile, document::is_slug, sources, version};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = programs)]
struct Row {
    slug: String,
    partner_type: PartnerType,
    created_at: Timestamp,
    updated_at: Timestamp,
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
    /// When a version of its rules was last published.
    pub updated_at: Timestamp,
}

/// Adds a program with the first version of its rules.
///
/// # Errors
/// `invalid_program` with every contradiction; `already_exists`.
pub fn create(tx: &mut Tx, actor: &Actor, document: ProgramDocument) -> Result<Program> {
    can_begin(&document)?;
    let taken = programs::table.find(&document.slug).select(programs::slug).first::<String>(tx.sql()).optional()?;
    if taken.is_some() {
        let detail = format!("There is a program {} already: publish a version of it.", document.slug);
        return Err(DomainError::new(Code::AlreadyExists, detail)
            .with_fault("/slug", "taken", "belongs to another program")
            .into());
    }
    let row = Row {
        slug: document.slug.clone(),
        partner_type: document.partner_type,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    let version = Version::new(tx, actor, document, 1, None)?;
    diesel::insert_into(programs::table).values(&row).execute(tx.sql())?;
    diesel::insert_into(program_versions::table).values(&version).execute(tx.sql())?;
    events::record(tx, actor, NewEvent::new("program.created", &row.slug, None).under(&row.slug, 1))?;
    let program = Program::new(row, version);
    audit::record(tx, actor, "createProgram", &program.slug, None, (None::<&Program>, Some(&program)))?;
    Ok(program)
}

/// Whether the document could be the first version of a program's rules.
///
/// # Errors
/// `invalid_program` with every contradiction.
pub fn can_begin(document: &ProgramDocument) -> std::result::Result<(), DomainError> {
    DomainError::unless_empty(Code::InvalidProgram, faults(document))
}

/// A program by its slug, with the rules of a time.
///
/// # Errors
/// `not_found`, also when it had no rules yet.
pub fn find(tx: &mut Tx, slug: &str, at: Timestamp) -> Result<Program> {
    let missing = || DomainError::not_found("program");
    if !is_slug(slug) {
        return Err(missing().into());
    }
    let row = programs::table.find(slug).select(Row::as_select()).first(tx.sql()).optional()?.ok_or_else(missing)?;
    let version = version::in_force(tx, slug, at)?.ok_or_else(missing)?;
    Ok(Program::new(row, version))
}

/// The programs, by slug, with the rules in force.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, partner_type: Option<PartnerType>, paging: &Paging) -> Result<Page<Program>> {
    let mut query = programs::table.into_boxed();
    if let Some(partner_type) = partner_type {
        query = query.filter(programs::partner_type.eq(partner_type));
    }
    if let Some(last) = paging.after::<String>("programs")? {
        query = query.filter(programs::slug.gt(last));
    }
    let rows: Vec<Row> = query.order(programs::slug).limit(paging.fetch()).select(Row::as_select()).load(tx.sql())?;
    let mut rules = all_in_force(tx, &rows)?;
    let programs = rows.into_iter().filter_map(|row| rules.remove(&row.slug).map(|version| Program::new(row, version)));
    Ok(paging.page(programs.collect(), "programs", |program: &Program| program.slug.clone()))
}

/// The slugs of all programs, in their order.
///
/// # Errors
/// When the database cannot be read.
pub fn slugs(tx: &mut Tx) -> Result<Vec<String>> {
    Ok(programs::table.order(programs::slug).select(programs::slug).load(tx.sql())?)
}

/// The rules in force of several programs.
fn all_in_force(tx: &mut Tx, rows: &[Row]) -> Result<BTreeMap<String, Version>> {
    let slugs: Vec<&str> = rows.iter().map(|row| row.slug.as_str()).collect();
    let now = tx.now();
    let begun: Vec<(String, i32)> = program_versions::table
        .filter(program_versions::program.eq_any(&slugs).and(program_versions::effective_from.le(now)))
        .order((program_versions::effective_from, program_versions::version))
        .select((program_versions::program, program_versions::version))
        .load(tx.sql())?;
    // Of each program the last one stays.
    let last: BTreeMap<String, i32> = begun.into_iter().collect();
    let wanted = program_versions::program.eq_any(&slugs).and(program_versions::version.eq_any(last.values()));
    let versions: Vec<Version> = program_versions::table.filter(wanted).select(Version::as_select()).load(tx.sql())?;
    let in_force = versions.into_iter().filter(|version| last.get(&version.program) == Some(&version.version));
    Ok(in_force.map(|version| (version.program.clone(), version)).collect())
}

/// What keeps a document from being a program's rules.
fn faults(document: &ProgramDocument) -> Vec<Fault> {
    let mut faults = document.faults();
    faults.extend(sources::faults(&document.facts, document.currency));
    faults.extend(compile(document).err().into_iter().flatten());
    if document.tiers.is_empty() {
        faults.push(Fault::at("/tiers", "required", "is required of a program that partners join"));
    }
    faults
}

/// Remembers that a version was published.
pub(crate) fn touch(tx: &mut Tx, slug: &str) -> Result<()> {
    let now = tx.now();
    diesel::update(programs::table.find(slug)).set(programs::updated_at.eq(now)).execute(tx.sql())?;
    Ok(())
}

impl Program {
    fn new(row: Row, version: Version) -> Self {
        let document = version.document.0;
        Self {
            slug: row.slug,
            name: document.name.clone(),
            partner_type: row.partner_type,
            version: version.version,
            digest: version.digest,
            effective_from: version.effective_from,
            document,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }

    /// Whether the document could be the next version of its rules.
    ///
    /// # Errors
    /// `invalid_program` with every contradiction.
    pub fn takes(&self, document: &ProgramDocument) -> std::result::Result<(), DomainError> {
        let mut faults = faults(document);
        faults.extend(self.contradictions(document));
        DomainError::unless_empty(Code::InvalidProgram, faults)
    }

    /// What a later version of the rules may not change.
    fn contradictions(&self, document: &ProgramDocument) -> Vec<Fault> {
        let mut faults = Vec::new();
        if document.slug != self.slug {
            faults.push(Fault::at(
                "/slug",
                "contradiction",
                format!("is not {}, whose version it is to be", self.slug),
            ));
        }
        if document.partner_type != self.partner_type {
            let detail = format!("must stay {}: partners of that kind are enrolled", self.partner_type);
            faults.push(Fault::at("/partner_type", "contradiction", detail));
        }
        faults
    }
}

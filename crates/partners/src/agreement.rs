//! Agreements: the rules of engagement, in versions that never change once they are published.

use database::{
    Result, Tx,
    schema::{agreement_versions as versions, agreements},
};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error, Fault, Page, Paging, Timestamp, ids};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use validator::Validate;

ids! {
    /// An agreement.
    AgreementKind = "agreement" => AgreementId;
}

/// The rules of engagement that partners accept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Agreement {
    /// Unique.
    pub id: AgreementId,
    /// How program documents refer to it; unique.
    #[schema(max_length = 64, example = "rules-of-engagement")]
    pub slug: String,
    /// How people call it.
    #[schema(max_length = 200, example = "Rules of engagement")]
    pub title: String,
    /// The program that it is for, by slug; null for all.
    #[schema(required = true, max_length = 64, example = "reseller")]
    pub program: Option<String>,
    /// The version in force; null before the first.
    #[schema(required = true)]
    pub current: Option<AgreementVersion>,
    /// The version that comes into force next, if one is published.
    #[schema(required = true)]
    pub next: Option<AgreementVersion>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed, or a version of it was published.
    pub updated_at: Timestamp,
}

/// A published text; it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = versions)]
pub struct AgreementVersion {
    /// The agreement.
    pub agreement_id: AgreementId,
    /// Counts from 1.
    #[schema(format = Int64, minimum = 1, example = 2)]
    pub number: i32,
    /// From when on it is in force.
    pub effective_from: Timestamp,
    /// The text, as Markdown.
    #[schema(max_length = 100_000, example = "# Rules of engagement\n\nRegister a deal before you quote.")]
    pub text: String,
    /// Where the same text is published, such as a PDF.
    #[schema(
        required = true,
        pattern = "^https?://[^\\s]+$",
        max_length = 2000,
        example = "https://vendor.example/rules-2027.pdf"
    )]
    pub url: Option<String>,
    /// SHA-256 of the text, in hexadecimal: what an acceptance names.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// Whether those who accepted an earlier version must accept this one. The first must always be accepted.
    pub requires_reacceptance: bool,
    /// Who published it.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub published_by: String,
    /// When it was published.
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = agreements, treat_none_as_null = true)]
struct Row {
    id: AgreementId,
    slug: String,
    title: String,
    program: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// An agreement to add; its text comes with the first version.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"slug": "rules-of-engagement", "title": "Rules of engagement", "program": "reseller"}))]
pub struct NewAgreement {
    /// How program documents refer to it; unique.
    #[schema(pattern = "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$", max_length = 64, example = "rules-of-engagement")]
    pub slug: String,
    /// How people call it.
    #[schema(min_length = 1, max_length = 200, example = "Rules of engagement")]
    pub title: String,
    /// The program that it is for, by slug; for all if left out.
    #[schema(min_length = 1, max_length = 64, example = "reseller")]
    pub program: Option<String>,
}

/// Changes to an agreement; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Rules of engagement 2027"}))]
pub struct AgreementUpdate {
    /// How people call it.
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub title: Option<String>,
}

/// A version to publish.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "text": "# Rules of engagement\n\nRegister a deal before you quote.", "requires_reacceptance": true,
    "effective_from": "2027-01-01T00:00:00Z"
}))]
pub struct PublishAgreement {
    /// The text, as Markdown.
    #[schema(min_length = 1, max_length = 100_000)]
    pub text: String,
    /// Where the same text is published, such as a PDF.
    #[schema(pattern = "^https?://[^\\s]+$", max_length = 2000, example = "https://vendor.example/rules-2027.pdf")]
    pub url: Option<String>,
    /// From when on it is in force; now if left out. Not in the past, and after the version before.
    pub effective_from: Option<Timestamp>,
    /// Whether those who accepted an earlier version must accept this one.
    pub requires_reacceptance: bool,
}

/// Which agreements to list.
#[derive(Debug, Default)]
pub struct AgreementFilter {
    /// Only with this slug.
    pub slug: Option<String>,
    /// Only for this program; those for all programs are left out.
    pub program: Option<String>,
    /// Only those changed at or after this time.
    pub updated_after: Option<Timestamp>,
}

/// What of an agreement is in force.
pub(crate) struct InForce {
    pub id: AgreementId,
    /// The program that it is for; `None` for all.
    pub program: Option<String>,
    /// The version in force, and the oldest whose acceptance still counts.
    pub version: Option<(AgreementVersion, i32)>,
}

/// Adds an agreement.
///
/// # Errors
/// `invalid_body` for an unknown program; `already_exists`.
pub fn create(tx: &mut Tx, actor: &Actor, new: NewAgreement) -> Result<Agreement> {
    if let Some(program) = &new.program
        && programs::current(tx, program)?.is_none()
    {
        return Err(Error::invalid("/program", "unknown_reference", "is not a known program").into());
    }
    if by_slug(tx, &new.slug)?.is_some() {
        return Err(Error::new(Code::AlreadyExists, format!("There is an agreement {} already.", new.slug))
            .with_fault("/slug", "taken", "belongs to another agreement")
            .into());
    }
    let row = Row {
        id: tx.id(),
        slug: new.slug,
        title: new.title,
        program: new.program,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    diesel::insert_into(agreements::table).values(&row).execute(tx.sql())?;
    let agreement = show(tx, row)?;
    events::record(tx, actor, NewEvent::new("agreement.created", agreement.id, None))?;
    audit::record(tx, actor, "createAgreement", agreement.id, None, (None::<&Agreement>, Some(&agreement)))?;
    Ok(agreement)
}

/// Changes an agreement. `check` sees it as it is, before anything changes.
///
/// # Errors
/// `not_found`; those of `check`.
pub fn update(
    tx: &mut Tx,
    actor: &Actor,
    id: AgreementId,
    new: AgreementUpdate,
    check: impl FnOnce(&Agreement) -> Result<()>,
) -> Result<Agreement> {
    let mut row = row(tx, id)?;
    let before = show(tx, row.clone())?;
    check(&before)?;
    row.title = new.title.unwrap_or(row.title);
    row.updated_at = tx.now();
    diesel::update(agreements::table.find(id)).set(&row).execute(tx.sql())?;
    let after = show(tx, row)?;
    events::record(tx, actor, NewEvent::new("agreement.updated", id, None))?;
    audit::record(tx, actor, "updateAgreement", id, None, (Some(&before), Some(&after)))?;
    Ok(after)
}

/// Publishes the next version. `check` sees the agreement as it is, before anything changes.
///
/// # Errors
/// `not_found`; `invalid_body` for a time that is past or before the version before; those of `check`.
pub fn publish(
    tx: &mut Tx,
    actor: &Actor,
    id: AgreementId,
    new: PublishAgreement,
    check: impl FnOnce(&Agreement) -> Result<()>,
) -> Result<Agreement> {
    let mut row = row(tx, id)?;
    let before = show(tx, row.clone())?;
    check(&before)?;
    let latest: Option<(i32, Timestamp)> = versions::table
        .filter(versions::agreement_id.eq(id))
        .order(versions::number.desc())
        .select((versions::number, versions::effective_from))
        .first(tx.sql())
        .optional()?;
    let effective_from = new.effective_from.unwrap_or_else(|| tx.now());
    let mut faults = Vec::new();
    if effective_from < tx.now() {
        faults.push(Fault::at("/effective_from", "in_the_past", "is in the past: nobody could have read it then"));
    }
    if let Some((number, from)) = latest.filter(|(_, from)| effective_from < *from) {
        let detail = format!("is before version {number}, which is in force from {from}");
        faults.push(Fault::at("/effective_from", "contradiction", detail));
    }
    Error::unless_empty(Code::InvalidBody, faults)?;
    let version = AgreementVersion {
        agreement_id: id,
        number: latest.map_or(1, |(number, _)| number + 1),
        effective_from,
        digest: digest(&new.text),
        text: new.text,
        url: new.url,
        requires_reacceptance: new.requires_reacceptance,
        published_by: actor.subject.clone(),
        created_at: tx.now(),
    };
    diesel::insert_into(versions::table).values(&version).execute(tx.sql())?;
    row.updated_at = tx.now();
    diesel::update(agreements::table.find(id)).set(&row).execute(tx.sql())?;
    let after = show(tx, row)?;
    let data = EventData::default().until(Some(effective_from));
    events::record(tx, actor, NewEvent::new("agreement.published", id, None).with(data))?;
    audit::record(tx, actor, "publishAgreement", id, None, (Some(&before), Some(&after)))?;
    Ok(after)
}

/// An agreement. Everybody may read what they are to accept.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, id: AgreementId) -> Result<Agreement> {
    let row = row(tx, id)?;
    show(tx, row)
}

/// The agreements, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, filter: &AgreementFilter, paging: &Paging) -> Result<Page<Agreement>> {
    let mut query = agreements::table.into_boxed();
    if let Some(slug) = &filter.slug {
        query = query.filter(agreements::slug.eq(slug));
    }
    if let Some(program) = &filter.program {
        query = query.filter(agreements::program.eq(program));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(agreements::updated_at.ge(after));
    }
    database::page!(tx, query, paging, "agreements", desc(agreements::id) as Row).try_map(|row| show(tx, row))
}

/// The versions of an agreement, newest first, those to come among them.
///
/// # Errors
/// `not_found`; `invalid_parameter` for a foreign cursor.
pub fn list_versions(tx: &mut Tx, id: AgreementId, paging: &Paging) -> Result<Page<AgreementVersion>> {
    row(tx, id)?;
    let query = versions::table.filter(versions::agreement_id.eq(id)).into_boxed();
    Ok(database::page!(tx, query, paging, "agreement_versions", desc(versions::number) as AgreementVersion))
}

/// A published version.
pub(crate) fn version(tx: &mut Tx, id: AgreementId, number: i32) -> Result<Option<AgreementVersion>> {
    Ok(versions::table.find((id, number)).select(AgreementVersion::as_select()).first(tx.sql()).optional()?)
}

/// What is in force of the agreement with this slug; `None` if there is no such agreement.
pub(crate) fn in_force(tx: &mut Tx, slug: &str) -> Result<Option<InForce>> {
    let Some(row) = by_slug(tx, slug)? else { return Ok(None) };
    let begun = begun(tx, row.id)?;
    // The first text is new to everybody; what came later only where it says so.
    let least = begun.iter().find(|one| one.requires_reacceptance || one.number == 1).map(|one| one.number);
    let version = begun.into_iter().next().zip(least);
    Ok(Some(InForce { id: row.id, program: row.program, version }))
}

/// The oldest version whose acceptance counted at a time, by what was published by then; `None` if nothing was in
/// force, or not for the program.
///
/// # Errors
/// When the database cannot be read.
pub fn needed_at(tx: &mut Tx, slug: &str, program: &str, at: Timestamp, known_at: Timestamp) -> Result<Option<i32>> {
    let Some(row) = by_slug(tx, slug)?.filter(|row| row.program.as_ref().is_none_or(|own| own == program)) else {
        return Ok(None);
    };
    let begun: Vec<(i32, bool)> = versions::table
        .filter(versions::agreement_id.eq(row.id))
        .filter(versions::effective_from.le(at).and(versions::created_at.le(known_at)))
        .order(versions::number.desc())
        .select((versions::number, versions::requires_reacceptance))
        .load(tx.sql())?;
    Ok(begun.into_iter().find(|(number, again)| *again || *number == 1).map(|(number, _)| number))
}

/// The versions that are or were in force, newest first.
fn begun(tx: &mut Tx, id: AgreementId) -> Result<Vec<AgreementVersion>> {
    Ok(versions::table
        .filter(versions::agreement_id.eq(id).and(versions::effective_from.le(tx.now())))
        .order(versions::number.desc())
        .select(AgreementVersion::as_select())
        .load(tx.sql())?)
}

fn by_slug(tx: &mut Tx, slug: &str) -> Result<Option<Row>> {
    Ok(agreements::table.filter(agreements::slug.eq(slug)).select(Row::as_select()).first(tx.sql()).optional()?)
}

fn row(tx: &mut Tx, id: AgreementId) -> Result<Row> {
    let found = agreements::table.find(id).select(Row::as_select()).first(tx.sql()).optional()?;
    found.ok_or_else(|| Error::not_found("agreement").into())
}

fn show(tx: &mut Tx, row: Row) -> Result<Agreement> {
    let now = tx.now();
    let of = versions::agreement_id.eq(row.id);
    let current = versions::table
        .filter(of.and(versions::effective_from.le(now)))
        .order(versions::number.desc())
        .select(AgreementVersion::as_select())
        .first(tx.sql())
        .optional()?;
    let next = versions::table
        .filter(of.and(versions::effective_from.gt(now)))
        .order(versions::number)
        .select(AgreementVersion::as_select())
        .first(tx.sql())
        .optional()?;
    Ok(Agreement {
        id: row.id,
        slug: row.slug,
        title: row.title,
        program: row.program,
        current,
        next,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

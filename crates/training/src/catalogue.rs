//! The training catalogue: what can be learned, and what is certified for it. One document, in versions that never
//! change; the newest holds.

mod check;
mod compiled;
mod document;
mod offer;

use std::sync::Arc;

use contract::Latest;
use database::{
    Error, Json, Result, Tx,
    schema::{credentials, training_catalogues as catalogues},
};
use diesel::prelude::*;
use events::{NewEvent, audit};
use kernel::{Actor, Code, Error as DomainError, Page, Paging, Timestamp};
use programs::Change;
use serde::Serialize;
use utoipa::ToSchema;

pub use check::{BOUNDS, Report, check};
pub use compiled::{Catalogue, Item, ItemKind, Requirement, Requirements};
pub use document::{
    CatalogueDocument, CertificationEntry, CourseEntry, Delivery, Entitlement, ExamEntry, LearningRole, Module,
    PathEntry, RenewalEntry, RenewedFrom,
};
pub use offer::{Entitled, OfferFilter, OfferKind, TrainingOffer, is_offered, offer, offers, refuse_unoffered};

use crate::review;

/// The newest of a database, and of others in the same process.
static LATEST: Latest<Catalogue> = Latest::new(8);

/// A version of the training catalogue.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = catalogues)]
#[schema(as = TrainingCatalogueVersion)]
pub struct CatalogueVersion {
    /// Counts from 1.
    #[schema(format = Int64, minimum = 1, example = 2)]
    pub version: i32,
    /// SHA-256 of the document's canonical JSON, in hexadecimal.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// What it says.
    #[schema(value_type = CatalogueDocument)]
    pub document: Json<CatalogueDocument>,
    /// Who published it: a user, an API client, or `system`.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub created_by: String,
    /// When it was published.
    pub created_at: Timestamp,
}

/// A version in a list: without what it says, which may be long.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = catalogues)]
pub struct TrainingCatalogueSummary {
    /// Counts from 1.
    #[schema(format = Int64, minimum = 1, example = 2)]
    pub version: i32,
    /// SHA-256 of the document's canonical JSON, in hexadecimal.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// Who published it.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub created_by: String,
    /// When it was published.
    pub created_at: Timestamp,
}

/// What a document would change of the catalogue that holds.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrainingCatalogueDiff {
    /// The version that holds; 0 while there is none.
    #[schema(format = Int64, minimum = 0, example = 1)]
    pub from: i32,
    /// Every difference, in words.
    #[schema(max_items = 100_000)]
    pub changes: Vec<Change>,
}

/// Publishes the next version. `check` sees the one that holds, if there is one.
///
/// # Errors
/// `already_exists` when the newest version says the same; those of `check`.
pub fn publish(
    tx: &mut Tx,
    actor: &Actor,
    document: CatalogueDocument,
    check: impl FnOnce(&CatalogueVersion) -> Result<()>,
) -> Result<CatalogueVersion> {
    let before = newest(tx)?;
    before.as_ref().map_or(Ok(()), check)?;
    let version = CatalogueVersion {
        version: before.as_ref().map_or(1, |before| before.version + 1),
        digest: contract::digest(&document).map_err(Error::Internal)?,
        document: Json(document),
        created_by: actor.subject.clone(),
        created_at: tx.now(),
    };
    if before.as_ref().is_some_and(|before| before.digest == version.digest) {
        let detail = "The catalogue that holds says the same.";
        return Err(DomainError::new(Code::AlreadyExists, detail).into());
    }
    diesel::insert_into(catalogues::table).values(&version).execute(tx.sql())?;
    look_again(tx, before.as_ref(), &version)?;
    review::call_catalogue(tx)?;
    let subject = format!("training_catalogue/{}", version.version);
    events::record(tx, actor, NewEvent::new("training_catalogue.published", &subject, None))?;
    audit::record(tx, actor, "publishTrainingCatalogue", subject, None, (before.as_ref(), Some(&version)))?;
    Ok(version)
}

/// Credentials whose certification was retired, or is not any more, count until another day: the sweep looks at them.
fn look_again(tx: &mut Tx, before: Option<&CatalogueVersion>, after: &CatalogueVersion) -> Result<()> {
    let Some(before) = before else { return Ok(()) };
    let retired = |of: &CatalogueVersion, slug: &str| {
        let entry = of.document.0.certifications.get(slug)?;
        Some((entry.retired_on?, entry.counts_until))
    };
    let slugs = before.document.0.certifications.keys();
    let moved: Vec<&String> = slugs.filter(|slug| retired(before, slug) != retired(after, slug)).collect();
    let today = after.document.0.time_zone.unwrap_or(programs::TimeZone::UTC).day_of(tx.now().utc());
    for slug in moved {
        diesel::update(credentials::table.filter(credentials::certification.eq(slug)))
            .set(credentials::due_on.eq(today))
            .execute(tx.sql())?;
    }
    Ok(())
}

/// What a document would change.
///
/// # Errors
/// When the database cannot be read.
pub fn diff(tx: &mut Tx, document: &CatalogueDocument) -> Result<TrainingCatalogueDiff> {
    let newest = newest(tx)?;
    let before = newest.as_ref().map(|version| json(&version.document.0)).transpose()?;
    let before = before.unwrap_or_else(|| serde_json::json!({}));
    let changes = programs::diff_of_values(&before, &json(document)?);
    Ok(TrainingCatalogueDiff { from: newest.map_or(0, |version| version.version), changes })
}

/// The version that holds; `None` while there is none.
///
/// # Errors
/// When the database cannot be read.
pub fn newest(tx: &mut Tx) -> Result<Option<CatalogueVersion>> {
    let newest = catalogues::table.order(catalogues::version.desc()).select(CatalogueVersion::as_select());
    Ok(newest.first(tx.sql()).optional()?)
}

/// A version that a decision names.
///
/// # Errors
/// `not_found`.
pub fn version(tx: &mut Tx, version: i32) -> Result<CatalogueVersion> {
    let found = catalogues::table.find(version).select(CatalogueVersion::as_select()).first(tx.sql());
    found.optional()?.ok_or_else(|| DomainError::not_found("training catalogue version").into())
}

/// The versions, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn versions(tx: &mut Tx, paging: &Paging) -> Result<Page<TrainingCatalogueSummary>> {
    let query = catalogues::table.into_boxed();
    Ok(database::page!(tx, query, paging, "training_catalogues", desc(catalogues::version) as TrainingCatalogueSummary))
}

/// The catalogue that holds, compiled; one with nothing in it while there is none.
///
/// # Errors
/// When a stored catalogue would not be taken any more.
pub fn current(tx: &mut Tx) -> Result<Arc<Catalogue>> {
    let stored: Option<(i32, String)> = catalogues::table
        .order(catalogues::version.desc())
        .select((catalogues::version, catalogues::digest))
        .first(tx.sql())
        .optional()?;
    let Some((number, digest)) = stored else { return Ok(Arc::new(Catalogue::nothing())) };
    LATEST.get_or_make(number, &digest, || {
        let document = version(tx, number)?.document.0;
        let refused =
            |faults| DomainError { faults, ..DomainError::new(Code::InvalidCatalogue, "The catalogue has faults.") };
        Ok(check::compile(number, document).map_err(refused)?)
    })
}

fn json(document: &CatalogueDocument) -> Result<serde_json::Value> {
    serde_json::to_value(document).map_err(|error| Error::Internal(error.to_string()))
}

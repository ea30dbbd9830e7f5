//! What was learned elsewhere and could not be recorded: it waits until somebody settles it, or until the person or the
//! activity becomes known. Nothing is dropped.
//!
//! | file | what it is about |
//! |---|---|
//! | [`mod@model`] | what waits, and what callers send about it |
//! | [`pending`] | what is to be recorded, and what it is of a course or an exam. Pure |
//! | [`mod@find`] | whom and what it speaks of |
//! | [`mod@settle`] | somebody settles it |
//! | [`again`] | it is tried again when somebody or something becomes known |

mod again;
mod find;
mod model;
mod pending;
mod settle;

use database::{Json, Result, Tx, schema::training_reviews as reviews, within_reach};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error, Page, Paging, PartnerId, Role};

pub use again::sweep;
pub(crate) use again::{call_catalogue, call_person, taken_back};
pub use model::{
    DismissTrainingReview, Reason, ResolveTrainingReview, Source, Status, TrainingReview, TrainingReviewFilter,
    TrainingReviewId,
};
pub use pending::{Did, Pending};
pub use settle::{dismiss, resolve};

use crate::{
    catalogue::Catalogue,
    enrollment::Origin,
    person::Person,
    record::{Learned, record},
};

/// Something that is to wait.
#[derive(Debug)]
pub struct Waiting {
    /// Where it came from.
    pub source: Source,
    /// What it is called there: a statement's id, or an import and its row.
    pub reference: String,
    /// What is to be recorded.
    pub pending: Pending,
    /// Why it cannot be.
    pub stuck: Stuck,
}

/// Why something cannot be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// The kind of reason.
    pub reason: Reason,
    /// The person or activity that is not known.
    pub key: Option<String>,
    /// The reason in words.
    pub detail: String,
    /// The partner concerned, if one is known.
    pub partner_id: Option<PartnerId>,
}

/// Records what was learned elsewhere, or lets it wait; the person, if it was recorded.
///
/// # Errors
/// When the database cannot be written.
pub fn take(
    tx: &mut Tx,
    actor: &Actor,
    catalogue: &Catalogue,
    (source, reference): (Source, &str),
    pending: Pending,
) -> Result<Option<Person>> {
    match attempt(tx, actor, catalogue, source, &pending)? {
        Ok(person) => Ok(Some(person)),
        Err(stuck) => {
            wait(tx, actor, Waiting { source, reference: reference.to_owned(), pending, stuck })?;
            Ok(None)
        }
    }
}

/// Lets something wait, unless the same waits already: a file that is handed in again.
///
/// # Errors
/// When the database cannot be written.
pub fn wait(tx: &mut Tx, actor: &Actor, waiting: Waiting) -> Result<TrainingReview> {
    let Waiting { source, reference, pending, stuck } = waiting;
    let pending = Json(pending);
    let same = reviews::key.eq(&stuck.key).and(reviews::source.eq(source)).and(reviews::payload.eq(&pending));
    let there = reviews::table.filter(reviews::status.eq(Status::Open).and(same)).select(TrainingReview::as_select());
    if let Some(there) = there.first(tx.sql()).optional()? {
        return Ok(there);
    }
    let row = TrainingReview {
        id: tx.id(),
        partner_id: actor.partner.or(stuck.partner_id),
        source,
        reference,
        reason: stuck.reason,
        key: stuck.key,
        detail: told(&stuck.detail),
        payload: pending,
        status: Status::Open,
        person_id: None,
        note: None,
        reported_by: actor.subject.clone(),
        managed: actor.role == Role::ChannelManager,
        settled_by: None,
        settled_at: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    diesel::insert_into(reviews::table).values(&row).execute(tx.sql())?;
    let event = NewEvent::new("training_review.created", row.id, row.partner_id);
    events::record(tx, actor, event.with(EventData::default().because(row.reason)))?;
    Ok(row)
}

/// As much of a text as the document says and an index holds, and no NUL, which PostgreSQL does not store.
fn told(text: &str) -> String {
    let text: String = text.chars().filter(|one| *one != '\0').collect();
    let end = text.char_indices().map(|(at, one)| at + one.len_utf8()).take_while(|end| *end <= 2_000).last();
    text.get(..end.unwrap_or_default()).unwrap_or_default().to_owned()
}

/// Records something, as far as whoever reported it reaches. What fails leaves nothing behind.
fn attempt(
    tx: &mut Tx,
    actor: &Actor,
    catalogue: &Catalogue,
    source: Source,
    pending: &Pending,
) -> Result<std::result::Result<Person, Stuck>> {
    let (item, person) = match find::both(tx, actor, catalogue, pending)? {
        Ok(found) => found,
        Err(stuck) => return Ok(Err(stuck)),
    };
    match enter(tx, actor, catalogue, source, pending, (&item, &person)) {
        Ok(()) => Ok(Ok(person)),
        Err(database::Error::Domain(error)) => {
            let partner_id = Some(person.partner_id);
            Ok(Err(Stuck { reason: Reason::Refused, key: None, detail: words(&error), partner_id }))
        }
        Err(other) => Err(other),
    }
}

/// Records something of a person and a course or an exam, or nothing at all.
fn enter(
    tx: &mut Tx,
    actor: &Actor,
    catalogue: &Catalogue,
    source: Source,
    pending: &Pending,
    (item, person): (&str, &Person),
) -> Result<()> {
    let known = catalogue.item(item);
    let known = known.ok_or_else(|| Error::invalid("/item", "unknown_reference", "is not in the catalogue"))?;
    let source = match source {
        Source::Xapi => Origin::Xapi,
        Source::Import => Origin::Import,
    };
    let (on, feat) = (pending.day(catalogue, tx.now())?, pending.feat(known)?);
    let learned = Learned { person, item, on, feat, source, external_id: pending.external_id.as_deref() };
    tx.savepoint(|tx| record(tx, actor, catalogue, &learned)).map(drop)
}

/// An error in one line.
fn words(error: &Error) -> String {
    let faults = error.faults.iter().map(|fault| {
        let place = fault.pointer.as_deref().unwrap_or_default().trim_start_matches('/');
        format!("{place} {}", fault.detail)
    });
    let faults = faults.collect::<Vec<_>>().join("; ");
    if faults.is_empty() { error.detail.clone() } else { format!("{}: {faults}.", error.code.as_str()) }
}

/// One that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: TrainingReviewId) -> Result<TrainingReview> {
    within_reach!(reviews::table.into_boxed(), reviews::partner_id.assume_not_null(), actor)
        .filter(reviews::id.eq(id))
        .select(TrainingReview::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("training review").into())
}

/// Those that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(
    tx: &mut Tx,
    actor: &Actor,
    filter: &TrainingReviewFilter,
    paging: &Paging,
) -> Result<Page<TrainingReview>> {
    let mut query = within_reach!(reviews::table.into_boxed(), reviews::partner_id.assume_not_null(), actor);
    if let Some(status) = filter.status {
        query = query.filter(reviews::status.eq(status));
    }
    if let Some(reason) = filter.reason {
        query = query.filter(reviews::reason.eq(reason));
    }
    if let Some(source) = filter.source {
        query = query.filter(reviews::source.eq(source));
    }
    if let Some(reference) = &filter.reference {
        query = query.filter(reviews::reference.eq(reference));
    }
    Ok(database::page!(tx, query, paging, "training_reviews", desc(reviews::id) as TrainingReview))
}

/// Writes down what became of one.
fn save(tx: &mut Tx, actor: &Actor, before: &TrainingReview, row: &TrainingReview, operation: &str) -> Result<()> {
    diesel::update(reviews::table.find(row.id)).set(row).execute(tx.sql())?;
    let event = match row.status {
        Status::Open => return Ok(()),
        Status::Resolved => "training_review.resolved",
        Status::Dismissed => "training_review.dismissed",
    };
    let data = EventData::transition(before.status, row.status);
    events::record(tx, actor, NewEvent::new(event, row.id, row.partner_id).with(data))?;
    audit::record(tx, actor, operation, row.id, row.partner_id, (Some(before), Some(row)))
}

/// Refuses what is asked of one that is settled.
fn refuse_settled(row: &TrainingReview) -> Result<()> {
    if row.status == Status::Open {
        return Ok(());
    }
    let detail = format!("The review is {}: nothing becomes of it any more.", row.status);
    Err(Error::new(Code::InvalidTransition, detail).into())
}

//! Files of people and of completions: kept in chunks of whole rows, and gone through by whichever server has time.
//!
//! | file | what it is about |
//! |---|---|
//! | [`mod@file`] | reading a file, and cutting it into chunks |
//! | `columns` | which columns there are, and what their cells must be |
//! | `people`, `completions` | what becomes of a row |
//! | `waiting` | rows that speak of somebody or something that is not known |
//! | `work` | one chunk after the other, each in a transaction with its effect |

mod columns;
mod completions;
pub mod file;
mod model;
mod people;
mod work;

use database::{
    Result, Tx, managed_by,
    schema::{training_import_chunks as chunks, training_import_faults as faults, training_imports as imports},
};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error, Page, Paging, Reach};
use partners::standing;

pub use file::File;
pub use model::{Kind, Outcome, Status, TrainingImport, TrainingImportFault, TrainingImportFilter, TrainingImportId};
pub use work::{step, sweep};

use model::Chunk;

/// Takes a file to be imported. It goes on by itself.
///
/// # Errors
/// `policy_refuses` while the company may not act.
pub fn start(tx: &mut Tx, actor: &Actor, file: &File, dry_run: bool, filename: Option<&str>) -> Result<TrainingImport> {
    standing::company_may_act(tx, actor)?;
    let row = TrainingImport {
        id: tx.id(),
        kind: file.kind,
        dry_run,
        filename: filename.map(str::to_owned),
        status: Status::Queued,
        reason: None,
        rows_total: file.rows,
        rows_done: 0,
        created: 0,
        updated: 0,
        unchanged: 0,
        waiting: 0,
        refused: 0,
        faults: 0,
        partner_id: actor.partner,
        created_by: actor.subject.clone(),
        started_at: None,
        finished_at: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    diesel::insert_into(imports::table).values(&row).execute(tx.sql())?;
    for (number, content) in (0..).zip(&file.chunks) {
        let chunk = Chunk { import_id: row.id, number, content: content.clone() };
        diesel::insert_into(chunks::table).values(&chunk).execute(tx.sql())?;
    }
    events::record(tx, actor, NewEvent::new("training_import.started", row.id, row.partner_id))?;
    audit::record(tx, actor, "startTrainingImport", row.id, row.partner_id, (None::<&TrainingImport>, Some(&row)))?;
    Ok(row)
}

/// Ends an import. What is done stays.
///
/// # Errors
/// `not_found`; `invalid_transition` for one that is over; those of `check`.
pub fn cancel(
    tx: &mut Tx,
    actor: &Actor,
    id: TrainingImportId,
    (): (),
    check: &dyn Fn(&TrainingImport) -> Result<()>,
) -> Result<TrainingImport> {
    let before = find(tx, actor, id)?;
    check(&before)?;
    if !before.status.is_open() {
        let detail = format!("An import that is {} cannot be cancelled.", before.status);
        return Err(Error::new(Code::InvalidTransition, detail).into());
    }
    let row = end(tx, actor, before.clone(), Status::Cancelled)?;
    audit::record(tx, actor, "cancelTrainingImport", id, row.partner_id, (Some(&before), Some(&row)))?;
    Ok(row)
}

/// Writes down that nothing more is done, and forgets what was still to do.
fn end(tx: &mut Tx, actor: &Actor, before: TrainingImport, status: Status) -> Result<TrainingImport> {
    let row = TrainingImport { status, finished_at: Some(tx.now()), updated_at: tx.now(), ..before.clone() };
    diesel::update(imports::table.find(row.id)).set(&row).execute(tx.sql())?;
    diesel::delete(chunks::table.filter(chunks::import_id.eq(row.id))).execute(tx.sql())?;
    let event = match status {
        Status::Cancelled => "training_import.cancelled",
        Status::Failed => "training_import.failed",
        _ => "training_import.finished",
    };
    let data = EventData::transition(before.status, status);
    events::record(tx, actor, NewEvent::new(event, row.id, row.partner_id).with(data))?;
    Ok(row)
}

/// The imports that an actor may see: a partner's client those of its partner; a channel manager their own, and those
/// of the partners that they manage.
macro_rules! seen_by {
    ($query:expr, $actor:expr) => {
        match $actor.reach() {
            Reach::Everything => $query,
            Reach::Partner(partner) => $query.filter(imports::partner_id.eq(partner)),
            Reach::ManagedBy(user) => {
                let managed = imports::partner_id.assume_not_null().eq_any(managed_by(user));
                $query.filter(imports::created_by.eq(user).or(imports::partner_id.is_not_null().and(managed)))
            }
        }
    };
}

/// An import that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: TrainingImportId) -> Result<TrainingImport> {
    seen_by!(imports::table.into_boxed(), actor)
        .filter(imports::id.eq(id))
        .select(TrainingImport::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("training import").into())
}

/// The imports that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(
    tx: &mut Tx,
    actor: &Actor,
    filter: &TrainingImportFilter,
    paging: &Paging,
) -> Result<Page<TrainingImport>> {
    let mut query = seen_by!(imports::table.into_boxed(), actor);
    if let Some(kind) = filter.kind {
        query = query.filter(imports::kind.eq(kind));
    }
    if let Some(status) = filter.status {
        query = query.filter(imports::status.eq(status));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(imports::updated_at.ge(after));
    }
    Ok(database::page!(tx, query, paging, "training_imports", desc(imports::id) as TrainingImport))
}

/// What is wrong with the rows of an import that the actor may see, and what they wait for, in the order of the file.
///
/// # Errors
/// `not_found`; `invalid_parameter` for a foreign cursor.
pub fn list_faults(
    tx: &mut Tx,
    actor: &Actor,
    id: TrainingImportId,
    paging: &Paging,
) -> Result<Page<TrainingImportFault>> {
    find(tx, actor, id)?;
    let mut query = faults::table.filter(faults::import_id.eq(id)).into_boxed();
    if let Some((line, nth)) = paging.after::<(i32, i32)>("training_import_faults")? {
        query = query.filter(faults::line.gt(line).or(faults::line.eq(line).and(faults::nth.gt(nth))));
    }
    let rows = query
        .order((faults::line, faults::nth))
        .limit(paging.fetch())
        .select(TrainingImportFault::as_select())
        .load(tx.sql())?;
    Ok(paging.page(rows, "training_import_faults", |row: &TrainingImportFault| (row.row, row.nth)))
}

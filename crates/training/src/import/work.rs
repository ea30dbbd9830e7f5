//! One chunk after the other, each in a transaction with its effect.
//!
//! What is done of an import is what is not in its chunks any more, and that is written together with what came of
//! them. So any number of servers may work on imports: a server that is gone has done a chunk or not begun it. Each
//! chunk is done as whoever started the import, as things stand then.

use std::{collections::HashMap, sync::Arc};

use chrono::NaiveDate;
use database::{
    Database, Error, Result, Tx,
    schema::{training_import_chunks as chunks, training_import_faults as faults, training_imports as imports},
};
use diesel::{
    prelude::*,
    result::{DatabaseErrorKind, Error as SqlError},
};
use kernel::{Actor, Error as DomainError, PartnerId, Scope};
use partners::standing;

use super::{
    completions, end,
    file::{Flaw, Row},
    find,
    model::{Chunk, Kind, NewFault, Outcome, Status, TrainingImport, TrainingImportId},
    people,
};
use crate::catalogue::{self, Catalogue};

/// How many imports one round looks at; all of them come further in turn.
const IMPORTS: i64 = 20;

/// What became of a row.
#[derive(Debug)]
pub(super) enum Became {
    Created,
    Updated,
    Unchanged,
    Waiting(Flaw),
    Refused(Vec<Flaw>),
}

/// Where rows are worked on.
pub(super) struct Desk {
    pub actor: Actor,
    pub import: TrainingImportId,
    pub catalogue: Arc<Catalogue>,
    pub today: NaiveDate,
    /// What partners are called, as far as it was asked.
    pub partners: HashMap<String, Option<PartnerId>>,
}

/// Whether to go on: asked between chunks, so that a server can stop in the midst of a long import.
pub type Going<'a> = &'a dyn Fn() -> bool;

/// One round, on this thread: all imports in turn, chunk by chunk, while there is something to do and `going`.
///
/// # Errors
/// The last of what went wrong; one import that cannot come further does not keep the others waiting.
pub fn sweep(database: &Database, going: Going) -> Result<()> {
    let mut done = Ok(());
    let mut stuck: Vec<TrainingImportId> = Vec::new();
    while going() {
        let mut open = database.read_blocking(unfinished)?;
        open.retain(|id| !stuck.contains(id));
        if open.is_empty() {
            break;
        }
        for id in open {
            match database.write_blocking(move |tx| step(tx, id)) {
                Ok(true) => {}
                Ok(false) => stuck.push(id),
                Err(error) => {
                    stuck.push(id);
                    if is_lasting(&error) {
                        tracing::error!(%error, import = %id, "an import has failed");
                        let reason = "Something went wrong on our side; the server's log tells what.";
                        database.write_blocking(move |tx| fail(tx, id, reason))?;
                    }
                    done = Err(error);
                }
            }
        }
    }
    done
}

/// Whether the same chunk will fail again.
fn is_lasting(error: &Error) -> bool {
    let collided = matches!(error, Error::Sql(SqlError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)));
    error.storage_fault().is_none() && !collided
}

/// The imports that are not over, oldest first.
fn unfinished(tx: &mut Tx) -> Result<Vec<TrainingImportId>> {
    let open = imports::table.filter(imports::finished_at.is_null()).order(imports::id).limit(IMPORTS);
    Ok(open.select(imports::id).load(tx.sql())?)
}

/// Does the next chunk of an import; whether it came further. Not while another server is at it.
///
/// # Errors
/// When the database cannot be written.
pub fn step(tx: &mut Tx, id: TrainingImportId) -> Result<bool> {
    if !tx.try_lock(&format!("training_import/{id}"))? {
        return Ok(false);
    }
    let system = Actor::system();
    let import = find(tx, &system, id)?;
    if !import.status.is_open() {
        return Ok(false);
    }
    let actor = match acting(tx, &import) {
        Err(Error::Domain(error)) => return fail(tx, id, &error.detail).map(|()| true),
        actor => actor?,
    };
    let next = chunks::table.filter(chunks::import_id.eq(id)).order(chunks::number).select(Chunk::as_select());
    let Some(chunk) = next.first(tx.sql()).optional()? else {
        end(tx, &system, import, Status::Finished)?;
        return Ok(true);
    };
    let rows: Vec<Row> = serde_json::from_str(&chunk.content).map_err(|error| Error::Internal(error.to_string()))?;
    let catalogue = catalogue::current(tx)?;
    let today = catalogue.day_of(tx.now());
    let mut desk = Desk { actor, import: id, catalogue, today, partners: HashMap::new() };
    let (kind, dry_run) = (import.kind, import.dry_run);
    let mut work = |tx: &mut Tx| all(tx, &mut desk, kind, &rows);
    let became = if dry_run { tx.rehearse(work) } else { work(tx) }?;
    advance(tx, import, chunk.number, became)
}

/// Whoever started an import, if they may still do it.
fn acting(tx: &mut Tx, import: &TrainingImport) -> Result<Actor> {
    let gone = |error: Error| match error {
        Error::Domain(error) => {
            DomainError { detail: "Whoever started the import may not act any more.".to_owned(), ..error }.into()
        }
        error => error,
    };
    let actor = identity::acting(tx, &import.created_by).map_err(gone)?;
    actor.require(&[Scope::TrainingReport])?;
    standing::company_may_act(tx, &actor)?;
    Ok(actor)
}

/// Does rows in their order.
fn all(tx: &mut Tx, desk: &mut Desk, kind: Kind, rows: &[Row]) -> Result<Vec<(i32, Became)>> {
    let mut became = Vec::with_capacity(rows.len());
    for row in rows {
        let one = match kind {
            _ if !row.flaws.is_empty() => Became::Refused(row.flaws.clone()),
            Kind::People => people::take(tx, desk, row)?,
            Kind::Completions => completions::take(tx, desk, row)?,
        };
        became.push((row.line, one));
    }
    Ok(became)
}

/// Writes down what became of a chunk, and that it is done.
fn advance(tx: &mut Tx, mut import: TrainingImport, chunk: i32, became: Vec<(i32, Became)>) -> Result<bool> {
    for (line, one) in &became {
        import.rows_done += 1;
        match one {
            Became::Created => import.created += 1,
            Became::Updated => import.updated += 1,
            Became::Unchanged => import.unchanged += 1,
            Became::Waiting(flaw) => {
                import.waiting += 1;
                tell(tx, import.id, (*line, Outcome::Waiting), std::slice::from_ref(flaw))?;
            }
            Became::Refused(flaws) => {
                import.refused += 1;
                import.faults += i32::try_from(flaws.len()).unwrap_or(i32::MAX);
                tell(tx, import.id, (*line, Outcome::Refused), flaws)?;
            }
        }
    }
    diesel::delete(chunks::table.find((import.id, chunk))).execute(tx.sql())?;
    import.started_at = import.started_at.or_else(|| Some(tx.now()));
    import.status = Status::Running;
    import.updated_at = tx.now();
    if import.rows_done >= import.rows_total {
        end(tx, &Actor::system(), import, Status::Finished)?;
        return Ok(true);
    }
    diesel::update(imports::table.find(import.id)).set(&import).execute(tx.sql())?;
    Ok(true)
}

fn tell(tx: &mut Tx, import_id: TrainingImportId, (line, outcome): (i32, Outcome), flaws: &[Flaw]) -> Result<()> {
    for (nth, flaw) in (0..).zip(flaws) {
        let fault = NewFault {
            import_id,
            line,
            nth,
            outcome,
            cell: flaw.column.as_deref(),
            code: &flaw.code,
            detail: &flaw.detail,
            value: flaw.value.as_deref(),
        };
        diesel::insert_into(faults::table).values(&fault).execute(tx.sql())?;
    }
    Ok(())
}

/// Writes down that an import cannot go on.
fn fail(tx: &mut Tx, id: TrainingImportId, reason: &str) -> Result<()> {
    let import = find(tx, &Actor::system(), id)?;
    if import.status.is_open() {
        let import = TrainingImport { reason: Some(reason.to_owned()), ..import };
        end(tx, &Actor::system(), import, Status::Failed)?;
    }
    Ok(())
}

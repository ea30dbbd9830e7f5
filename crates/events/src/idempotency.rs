//! Answers kept for repeated requests, committed with the effect that they tell of.

use chrono::TimeDelta;
use database::{Json, Result, Tx, schema::idempotency_records as records};
use diesel::prelude::*;
use kernel::{Actor, Code, Error, Timestamp};

/// How long a key lives.
const LIFE: TimeDelta = TimeDelta::hours(24);

/// A request that may have come before.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// What the client calls the request.
    pub key: String,
    /// A digest of operation and body.
    pub fingerprint: String,
}

/// What was answered, to the byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers that belong to the answer.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = records)]
struct Record {
    actor: String,
    idempotency_key: String,
    fingerprint: String,
    status: i32,
    headers: Json<Vec<(String, String)>>,
    body: String,
    created_at: Timestamp,
}

/// The answer that the same request got before, if it came before.
///
/// # Errors
/// `idempotency_key_reused` when another request had the key; `idempotency_key_in_use` while the first still runs.
pub fn recall(tx: &mut Tx, actor: &Actor, attempt: &Attempt) -> Result<Option<Answer>> {
    if !tx.try_lock(&format!("idempotency {} {}", actor.subject, attempt.key))? {
        return Err(in_use().into());
    }
    let id = (&actor.subject, &attempt.key);
    let Some(record) = records::table.find(id).select(Record::as_select()).first(tx.sql()).optional()? else {
        return Ok(None);
    };
    if record.created_at < tx.wall() - LIFE {
        diesel::delete(records::table.find(id)).execute(tx.sql())?;
        return Ok(None);
    }
    if record.fingerprint != attempt.fingerprint {
        let detail = "This Idempotency-Key came with another request less than 24 hours ago.";
        return Err(Error::new(Code::IdempotencyKeyReused, detail).into());
    }
    let status = u16::try_from(record.status).unwrap_or(200);
    Ok(Some(Answer { status, headers: record.headers.0, body: record.body }))
}

/// Keeps the answer under the key.
///
/// # Errors
/// When the database cannot be written.
pub fn keep(tx: &mut Tx, actor: &Actor, attempt: &Attempt, answer: &Answer) -> Result<()> {
    let record = Record {
        actor: actor.subject.clone(),
        idempotency_key: attempt.key.clone(),
        fingerprint: attempt.fingerprint.clone(),
        status: answer.status.into(),
        headers: Json(answer.headers.clone()),
        body: answer.body.clone(),
        created_at: tx.wall(),
    };
    diesel::insert_into(records::table).values(record).execute(tx.sql())?;
    Ok(())
}

/// The error for a key whose first request has not ended.
pub fn in_use() -> Error {
    Error::new(Code::IdempotencyKeyInUse, "The first request with this Idempotency-Key is still running.")
}

/// Forgets what is older than a key lives; how many.
///
/// # Errors
/// When the database cannot be written.
pub fn forget_old(tx: &mut Tx) -> Result<usize> {
    let old = records::created_at.lt(tx.wall() - LIFE);
    Ok(diesel::delete(records::table.filter(old)).execute(tx.sql())?)
}

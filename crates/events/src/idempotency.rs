//! Answers kept for repeated requests, committed with the effect that they tell of.
//!
//! An answer may hold what is shown once and stored nowhere, such as a client's secret. So neither the key nor the
//! answer is stored as it is: the key as a digest, the answer sealed under the key, which only its client knows.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit, Nonce,
    aead::{Aead, Generate},
};
use chrono::TimeDelta;
use database::{Json, Result, Tx, schema::idempotency_records as records};
use diesel::prelude::*;
use kernel::{Actor, Code, Error, Timestamp};
use sha2::{Digest, Sha256};

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
    pub body: Vec<u8>,
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

/// Takes the key until the transaction ends.
///
/// # Errors
/// `idempotency_key_in_use` while the first request with it still runs.
pub fn claim(tx: &mut Tx, actor: &Actor, attempt: &Attempt) -> Result<()> {
    let free = tx.try_lock(&format!("idempotency {} {}", actor.subject, attempt.key))?;
    if free { Ok(()) } else { Err(in_use().into()) }
}

/// The answer that the same request got before, if it came before.
///
/// # Errors
/// `idempotency_key_reused` when another request had the key.
pub fn recall(tx: &mut Tx, actor: &Actor, attempt: &Attempt) -> Result<Option<Answer>> {
    let seal = Seal::of(actor, attempt);
    let id = (&actor.subject, &seal.name);
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
    Ok(Some(Answer { status, headers: record.headers.0, body: seal.open(&record.body)? }))
}

/// Keeps the answer under the key.
///
/// # Errors
/// When the database cannot be written.
pub fn keep(tx: &mut Tx, actor: &Actor, attempt: &Attempt, answer: &Answer) -> Result<()> {
    let seal = Seal::of(actor, attempt);
    let record = Record {
        actor: actor.subject.clone(),
        body: seal.close(&answer.body)?,
        idempotency_key: seal.name,
        fingerprint: attempt.fingerprint.clone(),
        status: answer.status.into(),
        headers: Json(answer.headers.clone()),
        created_at: tx.wall(),
    };
    diesel::insert_into(records::table).values(record).execute(tx.sql())?;
    Ok(())
}

/// What a key is called in the table, and what seals its answer.
struct Seal {
    name: String,
    cipher: ChaCha20Poly1305,
}

impl Seal {
    fn of(actor: &Actor, attempt: &Attempt) -> Self {
        let derive = |purpose: &str| {
            let parts = [purpose, &actor.subject, &attempt.key];
            parts.iter().fold(Sha256::new(), |digest, part| digest.chain_update(part).chain_update([0])).finalize()
        };
        Self { name: URL_SAFE_NO_PAD.encode(derive("name")), cipher: ChaCha20Poly1305::new(&derive("seal")) }
    }

    /// The cipher's key is used for one answer at a time, but may come back after a day: so the nonce is random.
    fn close(&self, content: &[u8]) -> Result<String> {
        let mut sealed = Nonce::generate().to_vec();
        let nonce = Nonce::try_from(sealed.as_slice()).map_err(damaged)?;
        sealed.extend(self.cipher.encrypt(&nonce, content).map_err(damaged)?);
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    fn open(&self, sealed: &str) -> Result<Vec<u8>> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(damaged)?;
        let (nonce, content) = sealed.split_at_checked(NONCE).ok_or_else(|| damaged("it is too short"))?;
        self.cipher.decrypt(&Nonce::try_from(nonce).map_err(damaged)?, content).map_err(damaged)
    }
}

/// Bytes of a nonce.
const NONCE: usize = 12;

fn damaged(error: impl std::fmt::Display) -> database::Error {
    database::Error::Internal(format!("a kept answer cannot be read: {error}"))
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

//! The bytes that are attached to statements: stored once, and found with the statements that they came with.

use std::{collections::BTreeMap, sync::Arc};

use database::{
    Result, Tx,
    schema::{xapi_attachments as contents, xapi_statement_attachments as attached, xapi_statements as statements},
};
use diesel::prelude::*;
use serde_json::Value;

use super::{
    attach::{self, Attached},
    read::Sent,
    store::Place,
};

/// What is attached to statements, as an answer has it.
#[derive(Debug)]
pub struct Attachment {
    /// Its media type, as a statement declares it.
    pub content_type: String,
    /// Its SHA-2 in hexadecimal, as a statement declares it.
    pub sha2: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Stores what is attached and not stored yet.
pub(super) fn keep(tx: &mut Tx, sent: &[&Sent]) -> Result<()> {
    let mut new: BTreeMap<&String, &Arc<[u8]>> = sent.iter().flat_map(|one| &one.attached).collect();
    if tx.looks_first() && !new.is_empty() {
        let known = contents::table.filter(contents::sha2.eq_any(new.keys())).select(contents::sha2);
        let known: Vec<String> = known.load(tx.sql())?;
        new.retain(|sha2, _| !known.contains(sha2));
    }
    for (sha2, bytes) in new {
        let size = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        let row = (contents::sha2.eq(sha2), contents::size.eq(size), contents::content.eq(bytes.as_ref()));
        diesel::insert_into(contents::table).values(row).execute(tx.sql())?;
    }
    Ok(())
}

/// Notes what came with the statement at this place.
pub(super) fn link(tx: &mut Tx, place: Place, came: &Attached) -> Result<()> {
    if came.is_empty() {
        return Ok(());
    }
    // Both are ours: digests and ids hold no quote.
    let rows: Vec<String> = came.keys().map(|sha2| format!("('{place}', '{sha2}')")).collect();
    let text = format!("INSERT INTO xapi_statement_attachments (place, sha2) VALUES {}", rows.join(", "));
    diesel::sql_query(text).execute(tx.sql())?;
    Ok(())
}

/// How many bytes are attached to each of these statements.
pub(super) fn sizes(tx: &mut Tx, places: &[Place]) -> Result<BTreeMap<Place, usize>> {
    let joined = attached::table.inner_join(contents::table.on(contents::sha2.eq(attached::sha2)));
    let came = joined.filter(attached::place.eq_any(places)).select((attached::place, contents::size));
    let came: Vec<(Place, i32)> = came.load(tx.sql())?;
    let mut sums = BTreeMap::new();
    for (place, size) in came {
        let sum: &mut usize = sums.entry(place).or_default();
        *sum = sum.saturating_add(usize::try_from(size).unwrap_or_default());
    }
    Ok(sums)
}

/// What came with statements that were found, each once, in the order in which they declare it.
///
/// # Errors
/// When the database cannot be read.
pub fn attachments(tx: &mut Tx, found: &[Value]) -> Result<Vec<Attachment>> {
    let ids = found.iter().filter_map(|one| Some(one.get("id")?.as_str()?.to_ascii_lowercase()));
    let places = statements::table.filter(statements::id.eq_any(ids)).select(statements::place);
    let came = attached::table.filter(attached::place.eq_any(places)).select(attached::sha2);
    let stored = contents::table.filter(contents::sha2.eq_any(came)).select((contents::sha2, contents::content));
    let stored: Vec<(String, Vec<u8>)> = stored.load(tx.sql())?;
    let mut stored: BTreeMap<String, Vec<u8>> = stored.into_iter().collect();
    let below = |one| [Some(one), Value::get(one, "object")].into_iter().flatten();
    let declared = found.iter().flat_map(below).flat_map(attach::declared);
    let taken = declared.filter_map(|(_, one)| {
        let bytes = stored.remove(&attach::hash(one))?;
        let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Attachment { content_type: text("contentType"), sha2: text("sha2"), bytes })
    });
    Ok(taken.collect())
}

//! What waits is tried again when somebody or something becomes known. Whoever makes it known leaves a call; the sweep
//! follows it, a few at a time.

use database::{
    Result, Tx,
    schema::{training_review_calls as calls, training_reviews as reviews},
};
use diesel::prelude::*;
use kernel::{Actor, Origin as Place, Role, Scopes};

use super::{Reason, Source, Status, TrainingReview, TrainingReviewId, attempt, save, settle::settled};
use crate::catalogue::{self, Catalogue};

/// How many reviews one transaction tries.
const BATCH: i64 = 50;

/// The call of a catalogue: no person is called so.
const CATALOGUE: &str = "catalogue";

/// Calls those who wait for somebody who becomes known by these names.
pub(crate) fn call_person(tx: &mut Tx, names: &[String]) -> Result<()> {
    let waiting: Vec<Option<String>> = reviews::table
        .filter(reviews::status.eq(Status::Open).and(reviews::key.eq_any(names)))
        .select(reviews::key)
        .distinct()
        .load(tx.sql())?;
    waiting.into_iter().flatten().try_for_each(|key| call(tx, &key))
}

/// Calls those who wait for an activity.
pub(crate) fn call_catalogue(tx: &mut Tx) -> Result<()> {
    let open = reviews::status.eq(Status::Open).and(reviews::reason.eq(Reason::UnknownActivity));
    let one: Option<TrainingReviewId> = reviews::table.filter(open).select(reviews::id).first(tx.sql()).optional()?;
    if one.is_some() { call(tx, CATALOGUE) } else { Ok(()) }
}

/// A call that is there begins anew.
fn call(tx: &mut Tx, key: &str) -> Result<()> {
    diesel::delete(calls::table.find(key)).execute(tx.sql())?;
    diesel::insert_into(calls::table).values(calls::key.eq(key)).execute(tx.sql())?;
    Ok(())
}

/// Follows one call for a few reviews; how many were tried. None means that nobody calls.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(tx: &mut Tx) -> Result<usize> {
    let next: Option<(String, Option<TrainingReviewId>)> =
        calls::table.order(calls::key).select((calls::key, calls::after)).first(tx.sql()).optional()?;
    let Some((key, after)) = next else { return Ok(0) };
    let mut query = reviews::table.filter(reviews::status.eq(Status::Open)).into_boxed();
    query = match key.as_str() {
        CATALOGUE => query.filter(reviews::reason.eq(Reason::UnknownActivity)),
        key => query.filter(reviews::key.eq(key.to_owned())),
    };
    if let Some(after) = after {
        query = query.filter(reviews::id.gt(after));
    }
    let rows: Vec<TrainingReview> =
        query.order(reviews::id).limit(BATCH).select(TrainingReview::as_select()).load(tx.sql())?;
    let catalogue = catalogue::current(tx)?;
    let last = rows.last().map(|row| row.id);
    let tried = rows.len();
    for row in rows {
        again(tx, &catalogue, row)?;
    }
    let found = calls::table.find(&key);
    match last {
        Some(last) => diesel::update(found).set(calls::after.eq(last)).execute(tx.sql())?,
        None => diesel::delete(found).execute(tx.sql())?,
    };
    // The call itself counts, so that whoever sweeps comes back for the next.
    Ok(tried.max(1))
}

/// Tries one again. What stands in its way now may be something else.
fn again(tx: &mut Tx, catalogue: &Catalogue, before: TrainingReview) -> Result<()> {
    let mut row = before.clone();
    let reporter = reporter(&row);
    match attempt(tx, &reporter, catalogue, row.source, &row.payload.0)? {
        Ok(person) => {
            settled(tx, &Actor::system(), &mut row, Status::Resolved);
            (row.person_id, row.partner_id) = (Some(person.id), Some(person.partner_id));
            save(tx, &Actor::system(), &before, &row, "resolveTrainingReview")
        }
        Err(stuck) if stuck.reason == row.reason && stuck.key == row.key => Ok(()),
        Err(stuck) => {
            (row.reason, row.key, row.detail) = (stuck.reason, stuck.key, super::told(&stuck.detail));
            row.partner_id = row.partner_id.or(stuck.partner_id);
            row.updated_at = tx.now();
            save(tx, &Actor::system(), &before, &row, "resolveTrainingReview")
        }
    }
}

/// Whoever reported it, with the reach that they had then.
fn reporter(row: &TrainingReview) -> Actor {
    let role = if row.managed { Role::ChannelManager } else { Role::Integration };
    // What a partner's own system has reported is never recorded for another partner's people.
    let partner = row.partner_id;
    Actor { subject: row.reported_by.clone(), role, partner, scopes: Scopes::default(), origin: Place::default() }
}

/// A statement was taken back: what waits of it is not to be recorded any more.
pub(crate) fn taken_back(tx: &mut Tx, actor: &Actor, statement: &str) -> Result<()> {
    let own = reviews::source.eq(Source::Xapi).and(reviews::reference.eq(statement));
    let open = reviews::table.filter(own.and(reviews::status.eq(Status::Open)));
    let rows: Vec<TrainingReview> = open.select(TrainingReview::as_select()).load(tx.sql())?;
    for before in rows {
        let mut row = TrainingReview { note: Some("The statement was voided.".to_owned()), ..before.clone() };
        settled(tx, actor, &mut row, Status::Dismissed);
        save(tx, actor, &before, &row, "dismissTrainingReview")?;
    }
    Ok(())
}

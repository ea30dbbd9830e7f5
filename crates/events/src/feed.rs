//! The feed: every event once, in one order, and none is ever passed over.
//!
//! A number that a transaction takes while it runs is no place in a feed: a transaction with a lower number may
//! commit later, and a reader that has passed it never sees it. On SQLite there is one writer, so the number is
//! right at once. Elsewhere events are recorded without a place, and whoever reads gives places to those that
//! have been committed, one giver at a time. See `docs/decisions/0003-event-feed.md`.

use database::{
    Error, Result, StorageFault, Tx,
    schema::{events, feed},
    within_reach,
};
use diesel::prelude::*;
use kernel::{Actor, Code, Error as DomainError, Page};

use crate::{Event, event::EventId};

/// The most events that get a place in one transaction.
const BATCH: i64 = 1_000;

/// Gives places to committed events that have none yet; `true` when more may be left.
///
/// # Errors
/// When the database cannot be written.
pub fn give_places(tx: &mut Tx) -> Result<bool> {
    if tx.is_only_writer() || !has_unplaced(tx)? {
        return Ok(false);
    }
    if !tx.try_lock("event feed")? {
        // Another is giving places: try again when it is done, so that a reader sees what was there when it came.
        return Err(Error::Storage(StorageFault::Busy));
    }
    let unplaced: Vec<EventId> = events::table
        .filter(events::position.is_null())
        .order(events::id)
        .limit(BATCH)
        .select(events::id)
        .load(tx.sql())?;
    let mut position: i64 = feed::table.find(1).select(feed::last_position).first(tx.sql())?;
    for id in &unplaced {
        position += 1;
        diesel::update(events::table.find(id)).set(events::position.eq(position)).execute(tx.sql())?;
    }
    diesel::update(feed::table.find(1)).set(feed::last_position.eq(position)).execute(tx.sql())?;
    Ok(unplaced.len() as i64 == BATCH)
}

/// Whether a committed event waits for its place.
///
/// # Errors
/// When the database cannot be read.
pub fn has_unplaced(tx: &mut Tx) -> Result<bool> {
    let waiting = events::table.filter(events::position.is_null()).select(events::id).limit(1);
    Ok(!tx.is_only_writer() && waiting.first::<EventId>(tx.sql()).optional()?.is_some())
}

/// The events after `after`, oldest first, that the actor may see.
///
/// `after` is a cursor that this feed gave, which is an event's id. The cursor of an empty page is `None`: keep the one that
/// you have.
///
/// # Errors
/// `invalid_parameter` for a cursor that is none.
pub fn follow(tx: &mut Tx, actor: &Actor, after: Option<&str>, kinds: &[String], limit: u8) -> Result<Page<Event>> {
    let start = after.map(|cursor| position_of(tx, actor, cursor)).transpose()?.unwrap_or_default();
    let mut query = within_reach!(events::table.into_boxed(), events::partner_id.assume_not_null(), actor)
        .filter(events::position.gt(start));
    if !kinds.is_empty() {
        query = query.filter(events::kind.eq_any(kinds));
    }
    let data: Vec<Event> =
        query.order(events::position).limit(i64::from(limit)).select(Event::as_select()).load(tx.sql())?;
    // Its id, and not its place: places count what happens to everybody.
    let next_cursor = data.last().map(|event| event.id.to_string());
    Ok(Page { data, next_cursor, total: None })
}

/// The events of one subject, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn of_subject(tx: &mut Tx, subject: &str) -> Result<Vec<Event>> {
    Ok(events::table
        .filter(events::subject.eq(subject))
        .order(events::id)
        .limit(1_000)
        .select(Event::as_select())
        .load(tx.sql())?)
}

/// One event that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: EventId) -> Result<Event> {
    within_reach!(events::table.into_boxed(), events::partner_id.assume_not_null(), actor)
        .filter(events::id.eq(id))
        .select(Event::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| DomainError::not_found("event").into())
}

/// The place of an event. Of another partner's event a partner does not hear that there is one. The vendor's people go on
/// after an event of a partner that they have handed over since.
fn position_of(tx: &mut Tx, actor: &Actor, cursor: &str) -> Result<i64> {
    let position = match cursor.parse::<EventId>() {
        Ok(id) => {
            let mut query = events::table.filter(events::id.eq(id)).into_boxed();
            if let Some(partner) = actor.partner {
                query = query.filter(events::partner_id.eq(partner));
            }
            query.select(events::position).first::<Option<i64>>(tx.sql()).optional()?.flatten()
        }
        Err(_) => None,
    };
    position.ok_or_else(|| {
        DomainError::new(Code::InvalidParameter, "The cursor is not one that this feed gave.")
            .with_parameter("after", "invalid_cursor", "is neither a next_cursor of this feed nor an event's id")
            .into()
    })
}

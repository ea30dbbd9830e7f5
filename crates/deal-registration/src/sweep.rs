//! What the clock does: protection ends, its end is announced, decisions become overdue, violations begin and end.
//!
//! Any number of servers may sweep together: each step is a serializable transaction of its own that looks again.
//! Nothing waits for a sweep to be right: what has ended is shown as ended from its moment on.

use database::{Result, Tx, schema::deal_registrations as deals};
use diesel::prelude::*;
use events::EventData;
use kernel::Actor;
use programs::WhenOverdue;

use crate::{
    account::Described,
    decide::grant_row,
    follow::end_protection,
    model::{DealId, Row, Status},
    register::Place,
    standing,
    store::Change,
    verdict::{VerdictKind, judge},
};

/// How many registrations one transaction moves.
const BATCH: i64 = 50;

/// One round of everything; how many registrations were moved. Fewer than a batch each means that nothing is left.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(tx: &mut Tx) -> Result<usize> {
    Ok(standing::sweep(tx)? + expire(tx)? + announce(tx)? + overdue(tx)?)
}

fn expire(tx: &mut Tx) -> Result<usize> {
    let ended = deals::status.eq(Status::Approved).and(deals::protected_until.le(tx.now()));
    let rows: Vec<Row> = deals::table
        .filter(ended)
        .order(deals::protected_until)
        .limit(BATCH)
        .select(Row::as_select())
        .load(tx.sql())?;
    let moved = rows.len();
    for row in rows {
        end(tx, row)?;
    }
    Ok(moved)
}

/// Writes down that protection has ended.
pub(crate) fn end(tx: &mut Tx, row: Row) -> Result<()> {
    let mut change = Change::by_engine(row, "expireDealRegistration");
    change.row.status = Status::Expired;
    end_protection(tx, &mut change.row)?;
    let until = change.row.protected_until;
    change.moved("deal_registration.expired", Status::Approved, |data| data.until(until));
    change.save(tx, &Actor::system()).map(drop)
}

fn announce(tx: &mut Tx) -> Result<usize> {
    // Whatever ends a protection takes its notice away, so the status need not be asked: SQLite would go by it alone.
    let due = deals::expiring_notice_at.le(tx.now());
    let rows: Vec<Row> = deals::table
        .filter(due)
        .order(deals::expiring_notice_at)
        .limit(BATCH)
        .select(Row::as_select())
        .load(tx.sql())?;
    let moved = rows.len();
    for row in rows {
        let mut change = Change::by_engine(row, "announceDealRegistrationExpiry");
        change.row.expiring_notice_at = None;
        let until = change.row.protected_until;
        change.tell("deal_registration.expiring", EventData::default().until(until));
        change.save(tx, &Actor::system())?;
    }
    Ok(moved)
}

fn overdue(tx: &mut Tx) -> Result<usize> {
    let late = deals::status
        .eq_any([Status::Submitted, Status::InReview])
        .and(deals::decision_due_at.le(tx.now()))
        .and(deals::escalated_at.is_null());
    let ids: Vec<DealId> =
        deals::table.filter(late).order(deals::decision_due_at).limit(BATCH).select(deals::id).load(tx.sql())?;
    let moved = ids.len();
    for id in ids {
        let row = crate::store::row(tx, &Actor::system(), id)?;
        let place = Place::of_row(tx, &row)?;
        let mut change = Change::by_engine(row, "escalateDealRegistration");
        let approves = place.rules.document.0.deal_registration.decision.when_overdue == WhenOverdue::Approve;
        if approves && place.is_in_good_standing(tx)? && is_clean(tx, &place, &change.row)? {
            grant_row(tx, &mut change, &place, None)?;
        } else {
            change.row.escalated_at = Some(tx.now());
            let due = change.row.decision_due_at;
            change.tell("deal_registration.decision_overdue", EventData::default().until(due));
        }
        change.save(tx, &Actor::system())?;
    }
    Ok(moved)
}

/// Whether nothing stands against it now, whatever was found when it was handed in.
fn is_clean(tx: &mut Tx, place: &Place, row: &Row) -> Result<bool> {
    let described = Described::new(&row.account.0, "/account")?;
    let claim = place.claim(&described, &row.products.0, Some(row.id));
    let facts = claim.facts(tx)?;
    Ok(judge(claim.inputs(tx), row.partner_id, &facts).kind == VerdictKind::Clean)
}

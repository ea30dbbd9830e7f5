//! Violations of the rules of engagement, and their consequences.

use database::{Json, Result, Sought, Tx, schema::violations, within_reach};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error, Fault, Page, Paging, Timestamp};

use self::model::Row;
pub use self::model::{
    Category, Consequence, ConsequenceKind, NewConsequence, NewViolation, Status, Violation, ViolationEvidence,
    ViolationFilter, ViolationId, ViolationScope, WithdrawViolation,
};
use crate::{
    enrollment::{self, Enrollment},
    standing::{Effects, Moved, Settle},
};

mod model;

/// Records a violation. Its consequence bites in this transaction, or from its time on.
///
/// # Errors
/// `invalid_body` with every fault.
pub fn create(tx: &mut Tx, actor: &Actor, new: NewViolation, settle: Settle) -> Result<Violation> {
    let mut faults = Vec::new();
    if crate::partner::find(tx, actor, new.partner_id).if_there()?.is_none() {
        faults.push(Fault::at("/partner_id", "unknown_reference", "is not a partner that you can see"));
    }
    if let Some(id) = new.enrollment_id {
        let own = enrollment::find(tx, actor, id).if_there()?.is_some_and(|one| one.partner_id == new.partner_id);
        if !own {
            faults.push(Fault::at("/enrollment_id", "unknown_reference", "is not an enrollment of the partner"));
        }
    }
    let consequence = new.consequence.unwrap_or(NewConsequence {
        kind: ConsequenceKind::Warning,
        scope: None,
        from: None,
        until: None,
    });
    faults.extend(consequence.faults(tx.now(), new.enrollment_id.is_some()));
    Error::unless_empty(Code::InvalidBody, faults)?;
    let widest = if new.enrollment_id.is_some() { ViolationScope::Program } else { ViolationScope::Partner };
    let starts_at = consequence.from.unwrap_or_else(|| tx.now());
    let waits = starts_at > tx.now();
    let mut row = Row {
        id: tx.id(),
        partner_id: new.partner_id,
        enrollment_id: new.enrollment_id,
        category: new.category,
        text: new.text,
        evidence: Json(new.evidence),
        found_by: new.found_by,
        consequence: consequence.kind,
        scope: consequence.scope.unwrap_or(widest),
        starts_at,
        ends_at: consequence.until,
        recorded_by: actor.subject.clone(),
        withdrawn_at: None,
        withdrawn_by: None,
        withdrawal_reason: None,
        effects: Json(Effects::default()),
        due_at: if waits { Some(starts_at) } else { consequence.until },
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    diesel::insert_into(violations::table).values(&row).execute(tx.sql())?;
    let data = EventData::default().because(row.consequence).until(row.ends_at);
    tell(tx, actor, "violation.created", &row, data)?;
    settled(tx, actor, &mut row, starts_at, settle)?;
    let violation = row.show(tx.now());
    let states = (None::<&Violation>, Some(&violation));
    audit::record(tx, actor, "createViolation", violation.id, Some(violation.partner_id), states)?;
    Ok(violation)
}

/// Withdraws a violation: its consequence ends now. `check` sees it as it is, before anything changes.
///
/// # Errors
/// `not_found`; `invalid_transition` when it was withdrawn before; those of `check`.
pub fn withdraw(
    tx: &mut Tx,
    actor: &Actor,
    id: ViolationId,
    request: WithdrawViolation,
    settle: Settle,
    check: impl FnOnce(&Violation) -> Result<()>,
) -> Result<Violation> {
    let mut row = row(tx, actor, id)?;
    let before = row.clone().show(tx.now());
    check(&before)?;
    if row.withdrawn_at.is_some() {
        return Err(Error::new(Code::InvalidTransition, "The violation was withdrawn before.").into());
    }
    row.withdrawn_at = Some(tx.now());
    row.withdrawn_by = Some(actor.subject.clone());
    row.withdrawal_reason = Some(request.reason);
    row.due_at = None;
    row.updated_at = tx.now();
    diesel::update(violations::table.find(id)).set(&row).execute(tx.sql())?;
    let data = EventData::transition(before.status, Status::Withdrawn);
    tell(tx, actor, "violation.withdrawn", &row, data)?;
    let now = tx.now();
    settled(tx, actor, &mut row, now, settle)?;
    let after = row.show(tx.now());
    audit::record(tx, actor, "withdrawViolation", id, Some(after.partner_id), (Some(&before), Some(&after)))?;
    Ok(after)
}

/// What the clock brings: consequences begin and end. How many; fewer than `limit` means that nothing is left.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(tx: &mut Tx, settle: Settle, limit: i64) -> Result<usize> {
    let due: Vec<Row> = violations::table
        .filter(violations::due_at.le(tx.now()))
        .order(violations::due_at)
        .limit(limit)
        .select(Row::as_select())
        .load(tx.sql())?;
    let moved = due.len();
    let system = Actor::system();
    for mut row in due {
        let before = row.clone().show(tx.now());
        let over = row.status_at(tx.now()) == Status::Ended;
        let since = row.due_at.take().unwrap_or_else(|| tx.now());
        let kind = if over { "violation.ended" } else { "violation.began" };
        row.due_at = row.ends_at.filter(|_| !over);
        row.updated_at = tx.now();
        diesel::update(violations::table.find(row.id)).set(&row).execute(tx.sql())?;
        let data = EventData::default().because(row.consequence).until(row.ends_at);
        tell(tx, &system, kind, &row, data)?;
        settled(tx, &system, &mut row, since, settle)?;
        let (id, partner, after) = (row.id, row.partner_id, row.show(tx.now()));
        audit::record(tx, &system, "settleViolation", id, Some(partner), (Some(&before), Some(&after)))?;
    }
    Ok(moved)
}

/// A violation that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: ViolationId) -> Result<Violation> {
    let now = tx.now();
    Ok(row(tx, actor, id)?.show(now))
}

/// The violations that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &ViolationFilter, paging: &Paging) -> Result<Page<Violation>> {
    let now = tx.now();
    let mut query = within_reach!(violations::table.into_boxed(), violations::partner_id, actor);
    if let Some(partner) = filter.partner_id {
        query = query.filter(violations::partner_id.eq(partner));
    }
    if let Some(enrollment) = filter.enrollment_id {
        query = query.filter(violations::enrollment_id.eq(enrollment));
    }
    if let Some(category) = filter.category {
        query = query.filter(violations::category.eq(category));
    }
    if let Some(consequence) = filter.consequence {
        query = query.filter(violations::consequence.eq(consequence));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(violations::updated_at.ge(after));
    }
    let ended = violations::ends_at.is_not_null().and(violations::ends_at.assume_not_null().le(now));
    let open = violations::ends_at.is_null().or(violations::ends_at.assume_not_null().gt(now));
    let standing = violations::withdrawn_at.is_null();
    query = match filter.status {
        None => query,
        Some(Status::Withdrawn) => query.filter(violations::withdrawn_at.is_not_null()),
        Some(Status::Pending) => query.filter(standing.and(violations::starts_at.gt(now))),
        Some(Status::Ended) => query.filter(standing.and(ended)),
        Some(Status::InForce) => query.filter(standing.and(violations::starts_at.le(now)).and(open)),
    };
    let page = database::page!(tx, query, paging, "violations", desc(violations::id) as Row);
    page.try_map(|row| Ok(row.show(now)))
}

/// Has the partner's business brought in line, and keeps what that did.
fn settled(tx: &mut Tx, actor: &Actor, row: &mut Row, since: Timestamp, settle: Settle) -> Result<()> {
    if row.consequence == ConsequenceKind::Warning {
        return Ok(());
    }
    let enrollment: Option<Enrollment> = match (row.scope, row.enrollment_id) {
        (ViolationScope::Program, Some(id)) => Some(enrollment::find(tx, &Actor::system(), id)?),
        _ => None,
    };
    let moved = Moved { partner_id: row.partner_id, program: enrollment.map(|one| one.program), since };
    row.effects.0.extend(settle(tx, actor, &moved)?);
    let effects = violations::effects.eq(&row.effects);
    diesel::update(violations::table.find(row.id)).set(effects).execute(tx.sql())?;
    Ok(())
}

fn tell(tx: &mut Tx, actor: &Actor, kind: &'static str, row: &Row, data: EventData) -> Result<()> {
    events::record(tx, actor, NewEvent::new(kind, row.id, Some(row.partner_id)).with(data))
}

fn row(tx: &mut Tx, actor: &Actor, id: ViolationId) -> Result<Row> {
    within_reach!(violations::table.into_boxed(), violations::partner_id, actor)
        .filter(violations::id.eq(id))
        .select(Row::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("violation").into())
}

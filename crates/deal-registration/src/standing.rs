//! What becomes of registrations and protections when their partner may no longer act, or may again.
//!
//! The program's document says what (`standing`). [`settle`] brings every registration in line with how the partner
//! stands now: it can be called as often as one likes, and whoever moves a standing is made to call it.

use database::{Result, Tx, schema::deal_registrations as deals};
use diesel::prelude::*;
use events::EventData;
use kernel::{Actor, Timestamp};
use partners::{
    Effects, Enrollment, enrollment,
    standing::{self, Level, Moved},
};
use programs::{OnOpenRegistrations, OnProtections, StandingPolicy};

use crate::{
    follow::end_protection,
    model::{Decision, Row, Status},
    protection,
    register::Place,
    store::Change,
};

/// How many violations one transaction moves.
const BATCH: i64 = 10;

/// Brings the partner's registrations in line with how it stands now.
///
/// # Errors
/// When the database cannot be written.
pub fn settle(tx: &mut Tx, actor: &Actor, moved: &Moved) -> Result<Effects> {
    let mut effects = Effects::default();
    for enrollment in enrollment::all_of(tx, moved.partner_id, moved.program.as_deref())? {
        settle_in(tx, actor, &enrollment, moved.since, &mut effects)?;
    }
    Ok(effects)
}

/// What the clock brings: consequences of violations begin and end. How many; fewer than a batch means that nothing
/// is left.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(tx: &mut Tx) -> Result<usize> {
    partners::violation::sweep(tx, &settle, BATCH)
}

/// What is to become of the registrations, and why.
#[derive(Debug, Clone, Copy)]
struct Treatment {
    reason: &'static str,
    open: OnOpenRegistrations,
    protections: OnProtections,
    /// Until when the clock stands still, where it does.
    end: Option<Timestamp>,
}

impl Treatment {
    fn of(policy: &StandingPolicy, level: Level) -> Self {
        match level {
            Level::Good => Self {
                reason: "reinstatement",
                open: OnOpenRegistrations::Keep,
                protections: OnProtections::Keep,
                end: None,
            },
            Level::Suspended(end) => Self {
                reason: "suspension",
                open: policy.on_suspension.open_registrations,
                protections: policy.on_suspension.protections,
                end,
            },
            Level::Terminated => Self {
                reason: "termination",
                open: policy.on_termination.open_registrations,
                protections: policy.on_termination.protections,
                end: None,
            },
        }
    }
}

/// What the vendor approves while the partner is suspended is treated as what was approved before.
pub(crate) fn pause_granted(tx: &mut Tx, place: &Place, row: &mut Row) -> Result<()> {
    let level = standing::level(tx, &place.enrollment)?;
    let treatment = Treatment::of(&place.rules.document.0.standing, level);
    if treatment.protections == OnProtections::Pause {
        row.pause(tx.now(), tx.now(), treatment.end);
    }
    Ok(())
}

fn settle_in(
    tx: &mut Tx,
    actor: &Actor,
    enrollment: &Enrollment,
    since: Timestamp,
    effects: &mut Effects,
) -> Result<()> {
    let Some(rules) = programs::current(tx, &enrollment.program)? else { return Ok(()) };
    let level = standing::level(tx, enrollment)?;
    let treatment = Treatment::of(&rules.document.0.standing, level);
    let undecided_or_protected = [Status::Submitted, Status::InReview, Status::ActionRequired, Status::Approved];
    let rows: Vec<Row> = deals::table
        .filter(deals::partner_id.eq(enrollment.partner_id).and(deals::program.eq(&enrollment.program)))
        .filter(deals::status.eq_any(undecided_or_protected))
        .order(deals::id)
        .select(Row::as_select())
        .load(tx.sql())?;
    for row in rows {
        // What has ended before, swept or not, is not touched.
        if row.status_at(tx.now()) == row.status {
            settle_one(tx, actor, row, treatment, since, effects)?;
        }
    }
    Ok(())
}

fn settle_one(
    tx: &mut Tx,
    actor: &Actor,
    row: Row,
    treatment: Treatment,
    since: Timestamp,
    effects: &mut Effects,
) -> Result<()> {
    let (id, now) = (row.id.to_string(), tx.now());
    let approved = row.status == Status::Approved;
    let stops = if approved {
        treatment.protections == OnProtections::Pause
    } else {
        treatment.open == OnOpenRegistrations::Hold
    };
    if stops {
        if row.pause_at(now).is_some_and(|pause| pause.until == treatment.end) {
            return Ok(());
        }
        pause(tx, actor, row, treatment, since)?;
        if approved {
            effects.paused.push(id)
        } else {
            effects.held.push(id)
        }
        return Ok(());
    }
    if approved && treatment.protections == OnProtections::Release {
        release(tx, actor, row, treatment.reason)?;
        effects.released.push(id);
    } else if !approved && treatment.open == OnOpenRegistrations::Withdraw {
        withdraw(tx, actor, row, treatment.reason)?;
        effects.withdrawn.push(id);
    } else if row.pause.is_some() {
        resume(tx, actor, row, treatment.reason)?;
        effects.resumed.push(id);
    }
    Ok(())
}

fn pause(tx: &mut Tx, actor: &Actor, row: Row, treatment: Treatment, since: Timestamp) -> Result<()> {
    let (from, now) = (row.status, tx.now());
    let mut change = Change::by_engine(row, "pauseDealRegistration");
    change.row.pause(now, since, treatment.end);
    protection::move_end(tx, &change.row)?;
    let kind = if from == Status::Approved { "deal_registration.paused" } else { "deal_registration.held" };
    change.tell(kind, EventData::default().because(treatment.reason).until(treatment.end));
    change.save(tx, actor).map(drop)
}

fn resume(tx: &mut Tx, actor: &Actor, row: Row, reason: &str) -> Result<()> {
    let now = tx.now();
    let mut change = Change::by_engine(row, "resumeDealRegistration");
    change.row.resume(now);
    protection::move_end(tx, &change.row)?;
    let until = change.row.protected_until.or(change.row.decision_due_at);
    change.tell("deal_registration.resumed", EventData::default().because(reason).until(until));
    change.save(tx, actor).map(drop)
}

fn release(tx: &mut Tx, actor: &Actor, row: Row, reason: &str) -> Result<()> {
    let mut change = Change::by_engine(row, "releaseDealRegistration");
    change.row.status = Status::Released;
    change.row.pause = None;
    end_protection(tx, &mut change.row)?;
    decided(tx, actor, &mut change.row, reason);
    change.moved("deal_registration.released", Status::Approved, |data| data.because(reason));
    change.save(tx, actor).map(drop)
}

fn withdraw(tx: &mut Tx, actor: &Actor, row: Row, reason: &str) -> Result<()> {
    let from = row.status;
    let mut change = Change::by_engine(row, "withdrawDealRegistration");
    change.row.status = Status::Withdrawn;
    if change.row.pause.take().is_some_and(|pause| pause.0.until.is_none()) {
        change.row.decision_due_at = None;
    }
    decided(tx, actor, &mut change.row, reason);
    change.moved("deal_registration.withdrawn", from, |data| data.because(reason));
    change.save(tx, actor).map(drop)
}

fn decided(tx: &Tx, actor: &Actor, row: &mut Row, reason: &str) {
    row.review.0.decision =
        Some(Decision { at: tx.now(), by: actor.subject.clone(), reason: Some(reason.into()), text: None });
}

//! The tier of an enrollment: the one place that moves it.
//!
//! Whatever moves a tier is a decision: a row of the history, an event, an entry of the audit trail and a notice to the
//! partner, in the transaction that moves it. Who evaluates rules stands above and decides here.

use chrono::NaiveDate;
use database::{
    Json, Result, Tx,
    schema::{enrollments, tier_decisions, tier_standings},
    within_reach,
};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error, Page, Paging, Timestamp};
use programs::{TierBenefits, Version};

pub use self::model::{
    Kind, LiftTierOverride, OverrideTier, TierDecision, TierDecisionId, TierOverride, TierRunId, TierStanding,
};
use crate::{
    enrollment::{self, Enrollment, EnrollmentId},
    notice::{self, NewNotice},
    standing,
};

mod model;

/// How many overrides one sweep ends.
const BATCH: i64 = 50;

/// A decision to make: what it rests on, and what comes of it.
#[derive(Debug, Clone)]
pub struct Deciding {
    /// What is decided.
    pub kind: Kind,
    /// The tier from now on.
    pub tier: String,
    /// Why, in words.
    pub reason: String,
    /// Of a grace that begins: the last day on which the tier is kept.
    pub grace_until: Option<NaiveDate>,
    /// The version of the rules.
    pub program_version: i32,
    /// The day for which they were asked.
    pub as_of: NaiveDate,
    /// What was known by then counted.
    pub known_at: Timestamp,
    /// The run that decides, if one does.
    pub run_id: Option<TierRunId>,
    /// Of an override: what the vendor sets.
    pub terms: Option<TierOverride>,
}

/// What a tier gives under these rules: the one answer for every room.
pub fn benefits(rules: &Version, enrollment: &Enrollment) -> TierBenefits {
    rules.document.0.benefits(&enrollment.tier)
}

/// The history begins: the partner is enrolled at a tier.
pub(crate) fn begin(tx: &mut Tx, actor: &Actor, enrollment: &Enrollment, rules: &Version) -> Result<()> {
    let today = rules.document.0.day_of(tx.now());
    let standing = TierStanding {
        enrollment_id: enrollment.id,
        partner_id: enrollment.partner_id,
        program: enrollment.program.clone(),
        since: today,
        decided_on: today,
        decided: Kind::Enrolled,
        grace_until: None,
        override_terms: None,
        override_until: None,
        updated_at: tx.now(),
    };
    diesel::insert_into(tier_standings::table).values(&standing).execute(tx.sql())?;
    let deciding = by_hand(tx, rules, Kind::Enrolled, &enrollment.tier, "Enrolled.");
    insert(tx, actor, enrollment, None, &deciding)?;
    Ok(())
}

/// Sets the tier by hand, for good. An override ends.
pub(crate) fn place(
    tx: &mut Tx,
    actor: &Actor,
    enrollment: Enrollment,
    rules: &Version,
    tier: String,
) -> Result<Enrollment> {
    let standing = standing_of(tx, enrollment.id)?;
    let deciding = by_hand(tx, rules, Kind::Placed, &tier, "Set by hand.");
    let (enrollment, _) = decide(tx, actor, enrollment, standing, &deciding)?;
    Ok(enrollment)
}

/// Sets the tier until a time, whatever the rules say. `check` sees the enrollment before anything changes.
///
/// # Errors
/// `not_found`; `invalid_body` for a tier that there is not and a time that has passed; those of `check`.
pub fn set_override(
    tx: &mut Tx,
    actor: &Actor,
    id: EnrollmentId,
    new: OverrideTier,
    check: impl FnOnce(&Enrollment) -> Result<()>,
) -> Result<TierDecision> {
    let enrollment = enrollment::find(tx, actor, id)?;
    check(&enrollment)?;
    let rules = standing::rules(tx, &enrollment)?;
    let mut faults = Vec::new();
    let tier = enrollment::tier_name(&rules, Some(&new.tier), &mut faults);
    if new.until <= tx.now() || new.until.comes().is_none() {
        faults.push(kernel::Fault::at("/until", "minimum", "must be a time that comes"));
    }
    Error::unless_empty(Code::InvalidBody, faults)?;
    let standing = standing_of(tx, id)?;
    // One that is over and not swept says what the partner had before, too.
    let before = standing.override_terms.as_ref().map(|terms| &terms.0);
    let terms = TierOverride {
        tier: tier.unwrap_or_default(),
        reason: new.reason.clone(),
        until: new.until,
        set_by: actor.subject.clone(),
        set_at: tx.now(),
        tier_after: before.map_or_else(|| enrollment.tier.clone(), |terms| terms.tier_after.clone()),
        since_after: before.map_or(standing.since, |terms| terms.since_after),
    };
    let deciding = by_hand(tx, &rules, Kind::OverrideSet, &terms.tier, &new.reason);
    let deciding = Deciding { terms: Some(terms), ..deciding };
    Ok(decide(tx, actor, enrollment, standing, &deciding)?.1)
}

/// Ends an override before its time: the partner has the tier again that it had before.
///
/// # Errors
/// `not_found`; `invalid_transition` when there is none; those of `check`.
pub fn lift_override(
    tx: &mut Tx,
    actor: &Actor,
    id: EnrollmentId,
    request: LiftTierOverride,
    check: impl FnOnce(&Enrollment) -> Result<()>,
) -> Result<TierDecision> {
    let enrollment = enrollment::find(tx, actor, id)?;
    check(&enrollment)?;
    let rules = standing::rules(tx, &enrollment)?;
    let standing = standing_of(tx, id)?;
    let Some(terms) = standing.override_at(tx.now()).cloned() else {
        return Err(Error::new(Code::InvalidTransition, "No override of the tier is in force.").into());
    };
    let deciding = by_hand(tx, &rules, Kind::OverrideLifted, &terms.tier_after, &request.reason);
    Ok(decide(tx, actor, enrollment, standing, &deciding)?.1)
}

/// Writes down that overrides have ended; those whose tier the rules are to be asked about now.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(tx: &mut Tx) -> Result<usize> {
    let over: Vec<TierStanding> = tier_standings::table
        .filter(tier_standings::override_until.le(tx.now()))
        .order(tier_standings::override_until)
        .limit(BATCH)
        .select(TierStanding::as_select())
        .load(tx.sql())?;
    let moved = over.len();
    for standing in over {
        let Some(terms) = standing.override_terms.as_ref().map(|terms| terms.0.clone()) else { continue };
        let system = Actor::system();
        let mut enrollment = enrollment::find(tx, &system, standing.enrollment_id)?;
        let rules = standing::rules(tx, &enrollment)?;
        let reason = format!("The override by {} was over.", terms.set_by);
        let deciding = by_hand(tx, &rules, Kind::OverrideExpired, &terms.tier_after, &reason);
        // Read, it has lapsed already: what is told is the tier before.
        enrollment.tier.clone_from(&terms.tier);
        decide(tx, &system, enrollment, standing, &deciding)?;
    }
    Ok(moved)
}

/// Makes a decision: the tier, what is kept about it, history, event, audit and notice.
///
/// # Errors
/// When the database cannot be written.
pub fn decide(
    tx: &mut Tx,
    actor: &Actor,
    enrollment: Enrollment,
    standing: TierStanding,
    deciding: &Deciding,
) -> Result<(Enrollment, TierDecision)> {
    let before = enrollment.clone();
    let (enrollment, after) = applied(tx.now(), enrollment, &standing, deciding);
    diesel::update(tier_standings::table.find(before.id)).set(&after).execute(tx.sql())?;
    let tier = (
        enrollments::tier.eq(&enrollment.tier),
        enrollments::tier_until.eq(enrollment.tier_until),
        enrollments::tier_after.eq(&enrollment.tier_after),
        enrollments::updated_at.eq(enrollment.updated_at),
    );
    diesel::update(enrollments::table.find(before.id)).set(tier).execute(tx.sql())?;
    let decision = insert(tx, actor, &before, Some(before.tier.clone()), deciding)?;
    tell(tx, actor, &decision, after.override_until)?;
    // A tier that is set by a change of the enrollment stands in that change's entry.
    if deciding.kind != Kind::Placed {
        let states = (Some(&standing), Some(&after));
        audit::record(tx, actor, operation(deciding.kind), before.id, Some(before.partner_id), states)?;
    }
    Ok((enrollment, decision))
}

/// What a decision makes of an enrollment and what is kept about it.
fn applied(
    now: Timestamp,
    mut enrollment: Enrollment,
    standing: &TierStanding,
    deciding: &Deciding,
) -> (Enrollment, TierStanding) {
    let mut after = TierStanding {
        decided_on: deciding.as_of.max(standing.decided_on),
        decided: deciding.kind,
        updated_at: now,
        ..standing.clone()
    };
    let moves = enrollment.tier != deciding.tier;
    match deciding.kind {
        Kind::GraceBegun => after.grace_until = deciding.grace_until,
        Kind::GraceEnded => after.grace_until = None,
        Kind::Enrolled | Kind::Promoted | Kind::Demoted | Kind::Placed => {
            after.since = if moves { deciding.as_of } else { standing.since };
            after.grace_until = None;
            (after.override_terms, after.override_until) = (None, None);
        }
        Kind::OverrideSet => {
            after.since = if moves { deciding.as_of } else { standing.since };
            after.override_until = deciding.terms.as_ref().map(|terms| terms.until);
            after.override_terms = deciding.terms.clone().map(Json);
        }
        Kind::OverrideLifted | Kind::OverrideExpired => {
            after.since = standing.override_terms.as_ref().map_or(standing.since, |terms| terms.0.since_after);
            (after.override_terms, after.override_until) = (None, None);
        }
    }
    enrollment.tier.clone_from(&deciding.tier);
    enrollment.tier_until = after.override_until;
    enrollment.tier_after = after.override_terms.as_ref().map(|terms| terms.0.tier_after.clone());
    enrollment.updated_at = now;
    (enrollment, after)
}

/// What is kept of how an enrollment came to its tier.
///
/// # Errors
/// `not_found`.
pub fn standing_of(tx: &mut Tx, id: EnrollmentId) -> Result<TierStanding> {
    let found = tier_standings::table.find(id).select(TierStanding::as_select()).first(tx.sql()).optional()?;
    found.ok_or_else(|| Error::not_found("enrollment").into())
}

/// The same of several, by enrollment.
///
/// # Errors
/// When the database cannot be read.
pub fn standings_of(tx: &mut Tx, ids: &[EnrollmentId]) -> Result<Vec<TierStanding>> {
    Ok(tier_standings::table
        .filter(tier_standings::enrollment_id.eq_any(ids))
        .order(tier_standings::enrollment_id)
        .select(TierStanding::as_select())
        .load(tx.sql())?)
}

/// Those in a program whose grace was over before a day, by that day.
///
/// # Errors
/// When the database cannot be read.
pub fn out_of_grace(tx: &mut Tx, program: &str, before: NaiveDate, limit: i64) -> Result<Vec<TierStanding>> {
    let over = tier_standings::program.eq(program).and(tier_standings::grace_until.lt(before));
    // An override stands before the rules: they are asked when it is over.
    let left = over.and(tier_standings::override_until.is_null());
    // Who does not take part for now is asked about when that is over.
    let active = enrollments::status.eq(enrollment::Status::Active);
    let taking_part = enrollments::table.filter(enrollments::program.eq(program).and(active)).select(enrollments::id);
    Ok(tier_standings::table
        .filter(left)
        .filter(tier_standings::enrollment_id.eq_any(taking_part))
        .order((tier_standings::grace_until, tier_standings::enrollment_id))
        .limit(limit)
        .select(TierStanding::as_select())
        .load(tx.sql())?)
}

/// The decisions on an enrollment that the actor may see, newest first.
///
/// # Errors
/// `not_found`; `invalid_parameter` for a foreign cursor.
pub fn history(tx: &mut Tx, actor: &Actor, id: EnrollmentId, paging: &Paging) -> Result<Page<TierDecision>> {
    enrollment::find(tx, actor, id)?;
    let query = within_reach!(tier_decisions::table.into_boxed(), tier_decisions::partner_id, actor)
        .filter(tier_decisions::enrollment_id.eq(id));
    Ok(database::page!(tx, query, paging, "tier_decisions", desc(tier_decisions::id) as TierDecision))
}

/// The last decision of the rules for a day; with a time, the one that rests on what was known by then.
///
/// # Errors
/// When the database cannot be read.
pub fn decided_for(
    tx: &mut Tx,
    id: EnrollmentId,
    as_of: NaiveDate,
    known_at: Option<Timestamp>,
) -> Result<Option<TierDecision>> {
    let mut query = tier_decisions::table
        .filter(tier_decisions::enrollment_id.eq(id).and(tier_decisions::as_of.eq(as_of)))
        .filter(tier_decisions::kind.eq_any([Kind::Promoted, Kind::GraceBegun, Kind::GraceEnded, Kind::Demoted]))
        .into_boxed();
    if let Some(known_at) = known_at {
        query = query.filter(tier_decisions::known_at.eq(known_at));
    }
    Ok(query.order(tier_decisions::id.desc()).select(TierDecision::as_select()).first(tx.sql()).optional()?)
}

/// The tier that each enrollment had at a time, in place of the one that it has now.
///
/// # Errors
/// When the database cannot be read.
pub fn as_of_time(tx: &mut Tx, enrollments: &mut [Enrollment], at: Timestamp) -> Result<()> {
    let ids: Vec<EnrollmentId> = enrollments.iter().map(|one| one.id).collect();
    let later: Vec<(EnrollmentId, Option<String>)> = tier_decisions::table
        .filter(tier_decisions::enrollment_id.eq_any(&ids).and(tier_decisions::created_at.gt(at)))
        .order((tier_decisions::enrollment_id, tier_decisions::id.desc()))
        .select((tier_decisions::enrollment_id, tier_decisions::from_tier))
        .load(tx.sql())?;
    // Of several, the earliest says what was before; the first of all says nothing.
    for (id, from) in later {
        if let (Some(one), Some(from)) = (enrollments.iter_mut().find(|one| one.id == id), from) {
            one.tier = from;
        }
    }
    Ok(())
}

fn by_hand(tx: &Tx, rules: &Version, kind: Kind, tier: &str, reason: &str) -> Deciding {
    Deciding {
        kind,
        tier: tier.to_owned(),
        reason: reason.to_owned(),
        grace_until: None,
        program_version: rules.version,
        as_of: rules.document.0.day_of(tx.now()),
        known_at: tx.now(),
        run_id: None,
        terms: None,
    }
}

fn insert(
    tx: &mut Tx,
    actor: &Actor,
    enrollment: &Enrollment,
    from_tier: Option<String>,
    deciding: &Deciding,
) -> Result<TierDecision> {
    let decision = TierDecision {
        id: tx.id(),
        enrollment_id: enrollment.id,
        partner_id: enrollment.partner_id,
        program: enrollment.program.clone(),
        kind: deciding.kind,
        from_tier,
        to_tier: deciding.tier.clone(),
        reason: deciding.reason.clone(),
        grace_until: deciding.grace_until,
        program_version: deciding.program_version,
        as_of: deciding.as_of,
        known_at: deciding.known_at,
        run_id: deciding.run_id,
        decided_by: actor.subject.clone(),
        created_at: tx.now(),
    };
    diesel::insert_into(tier_decisions::table).values(&decision).execute(tx.sql())?;
    Ok(decision)
}

/// Events and a notice.
fn tell(tx: &mut Tx, actor: &Actor, decision: &TierDecision, until: Option<Timestamp>) -> Result<()> {
    let from = decision.from_tier.as_deref().unwrap_or_default();
    let about = |kind| {
        let event = NewEvent::new(kind, decision.enrollment_id, Some(decision.partner_id));
        event.under(&decision.program, decision.program_version)
    };
    let (kind, until) = match decision.kind {
        Kind::GraceBegun => (Some("enrollment.grace_begun"), decision.grace_until.map(end_of)),
        Kind::GraceEnded => (Some("enrollment.grace_ended"), None),
        Kind::OverrideSet => (Some("enrollment.tier_override_set"), until),
        Kind::OverrideLifted | Kind::OverrideExpired => (Some("enrollment.tier_override_lifted"), None),
        Kind::Enrolled | Kind::Promoted | Kind::Demoted | Kind::Placed => (None, None),
    };
    let data = EventData::transition(from, &decision.to_tier).because(decision.kind).until(until);
    if let Some(kind) = kind {
        events::record(tx, actor, about(kind).with(data.clone()))?;
    }
    if from != decision.to_tier {
        events::record(tx, actor, about("enrollment.tier_changed").with(data))?;
    }
    notice::send(tx, actor, NewNotice::of_tier(decision))
}

/// Midnight after the day, in UTC: what an event can say of a day.
fn end_of(day: NaiveDate) -> Timestamp {
    let next = day.succ_opt().unwrap_or(day);
    next.and_time(chrono::NaiveTime::MIN).into()
}

/// What the audit trail calls it.
fn operation(kind: Kind) -> &'static str {
    match kind {
        Kind::OverrideSet => "overrideTier",
        Kind::OverrideLifted => "liftTierOverride",
        Kind::OverrideExpired => "expireTierOverride",
        Kind::Placed => "updateEnrollment",
        Kind::Enrolled | Kind::Promoted | Kind::GraceBegun | Kind::GraceEnded | Kind::Demoted => "evaluateTier",
    }
}

//! Business plans: what a partner and the vendor want to reach together, and that both have agreed.

use std::collections::HashSet;

use chrono::NaiveDate;
use database::{Json, Result, Sought, Tx, schema::business_plans as plans, within_reach};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error, Fault, Page, Paging, PartnerId, Timestamp};
use programs::PartnerAction;

pub use self::model::{
    BusinessPlan, BusinessPlanFilter, BusinessPlanId, BusinessPlanUpdate, CloseBusinessPlan, Goal, NewBusinessPlan,
    PlanClosing, PlanConsent, Side, Status,
};
use crate::{
    enrollment::{self, Enrollment},
    standing,
};

mod model;

/// What the caller knows of the plan, checked before anything changes (`If-Match`).
pub type Check<'a> = &'a dyn Fn(&BusinessPlan) -> Result<()>;

/// Writes a plan, as a draft. Either side may.
///
/// # Errors
/// `invalid_body` with every fault; `policy_refuses` and `agreement_required` while the partner may not act.
pub fn create(tx: &mut Tx, actor: &Actor, new: NewBusinessPlan) -> Result<BusinessPlan> {
    let mut faults = goal_faults(&new.goals);
    faults.extend(period_fault(new.starts_on, new.ends_on));
    faults.extend(notes_fault(actor, new.internal_notes.is_some()));
    let enrollment = enrollment::find(tx, actor, new.enrollment_id).if_there()?;
    if enrollment.is_none() {
        faults.push(Fault::at("/enrollment_id", "unknown_reference", "is not an enrollment that you can see"));
    }
    Error::unless_empty(Code::InvalidBody, faults)?;
    let enrollment = enrollment.ok_or_else(|| Error::not_found("enrollment"))?;
    if !actor.is_vendor() {
        may_plan(tx, &enrollment)?;
    }
    let plan = BusinessPlan {
        id: tx.id(),
        partner_id: enrollment.partner_id,
        enrollment_id: enrollment.id,
        title: new.title,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        status: Status::Draft,
        goals: Json(new.goals),
        summary: new.summary,
        internal_notes: new.internal_notes,
        consents: Json(Vec::new()),
        closing: None,
        created_by: actor.subject.clone(),
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    diesel::insert_into(plans::table).values(&plan).execute(tx.sql())?;
    let event = NewEvent::new("business_plan.created", plan.id, Some(plan.partner_id));
    events::record(tx, actor, event)?;
    let states = (None::<&BusinessPlan>, Some(&plan));
    audit::record(tx, actor, "createBusinessPlan", plan.id, Some(plan.partner_id), states)?;
    Ok(plan.seen_by(actor))
}

/// Changes a plan. What is proposed becomes a draft again when it changes; of what is agreed, goals are followed up.
///
/// # Errors
/// `not_found`; `invalid_body`; `invalid_transition` naming what cannot be changed now; those of `check`;
/// `policy_refuses` and `agreement_required` while the partner may not act.
pub fn update(
    tx: &mut Tx,
    actor: &Actor,
    id: BusinessPlanId,
    new: BusinessPlanUpdate,
    check: Check,
) -> Result<BusinessPlan> {
    let before = begin(tx, actor, id, check)?;
    let mut plan = before.clone();
    let mut faults = new.goals.iter().flat_map(|goals| goal_faults(goals)).collect::<Vec<_>>();
    plan.starts_on = new.starts_on.unwrap_or(plan.starts_on);
    plan.ends_on = new.ends_on.unwrap_or(plan.ends_on);
    faults.extend(period_fault(plan.starts_on, plan.ends_on));
    faults.extend(notes_fault(actor, new.internal_notes.is_some()));
    Error::unless_empty(Code::InvalidBody, faults)?;
    plan.title = new.title.unwrap_or(plan.title);
    plan.summary = new.summary.unwrap_or(plan.summary);
    plan.internal_notes = new.internal_notes.unwrap_or(plan.internal_notes);
    plan.goals = new.goals.map_or(plan.goals, Json);
    refuse_locked(&before, &plan)?;
    if plan.status == Status::Proposed && plan.terms() != before.terms() {
        // What the other side has before it is no longer what was proposed.
        plan.status = Status::Draft;
        plan.consents.0.clear();
    }
    save(tx, actor, (&before, plan), ("business_plan.updated", "updateBusinessPlan"))
}

/// Proposes a draft to the other side.
///
/// # Errors
/// `not_found`; `invalid_transition`; those of `check`; `policy_refuses` and `agreement_required` while the partner may
/// not act.
pub fn propose(tx: &mut Tx, actor: &Actor, id: BusinessPlanId, check: Check) -> Result<BusinessPlan> {
    let before = begin(tx, actor, id, check)?;
    expect(&before, Status::Draft, "propose")?;
    let mut plan = before.clone();
    plan.status = Status::Proposed;
    plan.consents = Json(vec![consent(tx, actor)]);
    save(tx, actor, (&before, plan), ("business_plan.proposed", "proposeBusinessPlan"))
}

/// Agrees to what the other side has proposed.
///
/// # Errors
/// `not_found`; `invalid_transition`, also when one's own side has proposed it; those of `check`; `policy_refuses` and
/// `agreement_required` while the partner may not act.
pub fn agree(tx: &mut Tx, actor: &Actor, id: BusinessPlanId, check: Check) -> Result<BusinessPlan> {
    let before = begin(tx, actor, id, check)?;
    expect(&before, Status::Proposed, "agree")?;
    let own = consent(tx, actor);
    if before.consents.0.iter().any(|consent| consent.side == own.side) {
        let detail = "Your side has proposed it: the other side agrees.";
        return Err(Error::new(Code::InvalidTransition, detail).into());
    }
    let mut plan = before.clone();
    plan.status = Status::Agreed;
    plan.consents.0.push(own);
    save(tx, actor, (&before, plan), ("business_plan.agreed", "agreeBusinessPlan"))
}

/// Closes a plan that was agreed, with what came of it.
///
/// # Errors
/// `not_found`; `invalid_transition`; those of `check`; `policy_refuses` and `agreement_required` while the partner may
/// not act.
pub fn close(
    tx: &mut Tx,
    actor: &Actor,
    id: BusinessPlanId,
    request: CloseBusinessPlan,
    check: Check,
) -> Result<BusinessPlan> {
    let before = begin(tx, actor, id, check)?;
    expect(&before, Status::Agreed, "close")?;
    let mut plan = before.clone();
    plan.status = Status::Closed;
    plan.closing = Some(Json(PlanClosing { at: tx.now(), by: actor.subject.clone(), text: request.text }));
    save(tx, actor, (&before, plan), ("business_plan.closed", "closeBusinessPlan"))
}

/// A plan that the actor may see, without what is the vendor's alone.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: BusinessPlanId) -> Result<BusinessPlan> {
    Ok(whole(tx, actor, id)?.seen_by(actor))
}

/// The plans that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &BusinessPlanFilter, paging: &Paging) -> Result<Page<BusinessPlan>> {
    let mut query = within_reach!(plans::table.into_boxed(), plans::partner_id, actor);
    if let Some(partner) = filter.partner_id {
        query = query.filter(plans::partner_id.eq(partner));
    }
    if let Some(enrollment) = filter.enrollment_id {
        query = query.filter(plans::enrollment_id.eq(enrollment));
    }
    if let Some(status) = filter.status {
        query = query.filter(plans::status.eq(status));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(plans::updated_at.ge(after));
    }
    let page = database::page!(tx, query, paging, "business_plans", desc(plans::id) as BusinessPlan);
    page.try_map(|plan| Ok(plan.seen_by(actor)))
}

/// The plan with all that is in it, checked, for somebody who may act on it.
pub(crate) fn begin(tx: &mut Tx, actor: &Actor, id: BusinessPlanId, check: Check) -> Result<BusinessPlan> {
    let plan = whole(tx, actor, id)?;
    check(&plan.clone().seen_by(actor))?;
    if !actor.is_vendor() {
        let enrollment = enrollment::find(tx, actor, plan.enrollment_id)?;
        may_plan(tx, &enrollment)?;
    }
    Ok(plan)
}

fn may_plan(tx: &mut Tx, enrollment: &Enrollment) -> Result<()> {
    let rules = standing::rules(tx, enrollment)?;
    standing::may_act(tx, enrollment, &rules, PartnerAction::PlanBusiness)
}

fn whole(tx: &mut Tx, actor: &Actor, id: BusinessPlanId) -> Result<BusinessPlan> {
    within_reach!(plans::table.into_boxed(), plans::partner_id, actor)
        .filter(plans::id.eq(id))
        .select(BusinessPlan::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("business plan").into())
}

fn save(
    tx: &mut Tx,
    actor: &Actor,
    (before, mut plan): (&BusinessPlan, BusinessPlan),
    (event, operation): (&'static str, &str),
) -> Result<BusinessPlan> {
    plan.updated_at = tx.now();
    diesel::update(plans::table.find(plan.id)).set(&plan).execute(tx.sql())?;
    let partner: Option<PartnerId> = Some(plan.partner_id);
    let data = EventData::transition(before.status, plan.status);
    events::record(tx, actor, NewEvent::new(event, plan.id, partner).with(data))?;
    audit::record(tx, actor, operation, plan.id, partner, (Some(before), Some(&plan)))?;
    Ok(plan.seen_by(actor))
}

fn consent(tx: &Tx, actor: &Actor) -> PlanConsent {
    let side = if actor.is_vendor() { Side::Vendor } else { Side::Partner };
    PlanConsent { side, by: actor.subject.clone(), at: tx.now() }
}

fn expect(plan: &BusinessPlan, status: Status, action: &str) -> Result<()> {
    if plan.status == status {
        return Ok(());
    }
    let detail = format!("A plan in state {} does not allow {action}; one in state {status} does.", plan.status);
    Err(Error::new(Code::InvalidTransition, detail).into())
}

/// What both sides have agreed to stays, but for how far the goals have come.
fn refuse_locked(before: &BusinessPlan, after: &BusinessPlan) -> Result<()> {
    let terms_stay = after.terms() == before.terms();
    let progress_stays = after.goals == before.goals;
    let refusal = match before.status {
        Status::Draft | Status::Proposed => None,
        Status::Agreed if !terms_stay => Some("an agreed plan only `actual` and `status` of its goals"),
        Status::Closed if !terms_stay || !progress_stays => Some("a closed plan nothing"),
        Status::Agreed | Status::Closed => None,
    };
    match refusal {
        Some(what) => {
            let detail = format!("Of {what} can be changed, besides the vendor's internal notes.");
            Err(Error::new(Code::InvalidTransition, detail).into())
        }
        None => Ok(()),
    }
}

fn goal_faults(goals: &[Goal]) -> Vec<Fault> {
    let mut seen = HashSet::new();
    let twice = |(at, goal): (usize, &Goal)| {
        let fault = || Fault::at(&format!("/goals/{at}/name"), "duplicate", "is there twice");
        (!seen.insert((goal.name.to_lowercase(), goal.due_on))).then(fault)
    };
    goals.iter().enumerate().filter_map(twice).collect()
}

fn period_fault(starts_on: NaiveDate, ends_on: NaiveDate) -> Option<Fault> {
    (ends_on < starts_on).then(|| Fault::at("/ends_on", "contradiction", "is before the beginning"))
}

pub(crate) fn notes_fault(actor: &Actor, given: bool) -> Option<Fault> {
    (given && !actor.is_vendor()).then(|| Fault::at("/internal_notes", "not_allowed", "are the vendor's alone"))
}

/// When it was last changed, for those who note something about it.
pub(crate) fn touch(tx: &mut Tx, id: BusinessPlanId, at: Timestamp) -> Result<()> {
    diesel::update(plans::table.find(id)).set(plans::updated_at.eq(at)).execute(tx.sql())?;
    Ok(())
}

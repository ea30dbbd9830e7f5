//! A plan becomes the program's rules.

use database::{Result, Tx, schema::program_plans as plans};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error};
use programs::{program, version};

use super::{
    model::{PlanCheck, ProgramPlan, ProgramPlanDetail, ProgramPlanId},
    stale, store,
};

/// Publishes a plan's candidate, if what the plan has seen is still so. `check` sees the plan before
/// anything changes.
///
/// # Errors
/// `not_found`; `invalid_transition` for a plan that was applied; `plan_stale` with everything that has moved; those of
/// publishing, and of `check`.
pub fn apply(
    tx: &mut Tx,
    actor: &Actor,
    slug: &str,
    id: ProgramPlanId,
    check: PlanCheck<'_>,
) -> Result<ProgramPlanDetail> {
    let before = store::find(tx, actor, slug, id)?;
    let moved = stale::moved(tx, &before)?;
    check(&store::detailed(tx, actor, before.clone(), &moved)?)?;
    if let Some(version) = before.applied_version {
        let detail = format!("The plan was applied: it is version {version} of {slug}.");
        return Err(Error::new(Code::InvalidTransition, detail).into());
    }
    stale::refuse(moved)?;
    let document = before.document.0.clone();
    let made = match before.base_version {
        Some(_) => version::publish(tx, actor, slug, document, before.effective_from, |_| Ok(()))?.version,
        None => program::create(tx, actor, document)?.version,
    };
    let plan = ProgramPlan {
        applied_version: Some(made),
        applied_by: Some(actor.subject.clone()),
        applied_at: Some(tx.now()),
        updated_at: tx.now(),
        ..before.clone()
    };
    let applied = (
        plans::applied_version.eq(plan.applied_version),
        plans::applied_by.eq(&plan.applied_by),
        plans::applied_at.eq(plan.applied_at),
        plans::updated_at.eq(plan.updated_at),
    );
    diesel::update(plans::table.find(id)).set(applied).execute(tx.sql())?;
    let event = NewEvent::new("program.plan_applied", slug, None).under(slug, made).with(EventData::default());
    events::record(tx, actor, event)?;
    audit::record(tx, actor, "applyProgramPlan", id, None, (Some(&before), Some(&plan)))?;
    store::detailed(tx, actor, plan, &[])
}

//! Plans as rows: kept, found, listed.

use database::{
    Connection, Error as StorageError, Result, Tx,
    schema::{program_plan_moves as rows, program_plans as plans},
    within_reach,
};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Error, Fault, Page, Paging, Timestamp};

use super::{
    draw::Drawn,
    model::{MovePage, PlanMove, ProgramPlan, ProgramPlanDetail, ProgramPlanId, ProgramPlanSummary},
    stale,
};

/// How many moves are shown with a plan.
const SHOWN: i64 = 1_000;
/// How many are inserted at once.
const AT_ONCE: usize = 500;

/// Keeps a plan.
///
/// # Errors
/// When the database cannot be written.
pub fn store(tx: &mut Tx, actor: &Actor, drawn: &Drawn) -> Result<ProgramPlanDetail> {
    let Drawn { plan, moves } = drawn;
    diesel::insert_into(plans::table).values(plan).execute(tx.sql())?;
    for chunk in moves.chunks(AT_ONCE) {
        insert(tx, chunk)?;
    }
    let data = EventData::default().until(Some(plan.expires_at));
    let event = NewEvent::new("program.planned", &plan.program, None).with(data);
    events::record(tx, actor, event)?;
    let states = (None::<&ProgramPlan>, Some(plan));
    audit::record(tx, actor, "createProgramPlan", plan.id, None, states)?;
    detailed(tx, actor, plan.clone(), &[])
}

/// Several rows in a statement, which the connection of two kinds cannot say.
fn insert(tx: &mut Tx, moves: &[PlanMove]) -> Result<()> {
    match tx.sql() {
        Connection::Sqlite(connection) => diesel::insert_into(rows::table).values(moves).execute(connection)?,
        Connection::Postgres(connection) => diesel::insert_into(rows::table).values(moves).execute(connection)?,
    };
    Ok(())
}

/// A plan of a program. Partners see none: rules that are only thought of are the vendor's own.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, program: &str, id: ProgramPlanId) -> Result<ProgramPlan> {
    let missing = || StorageError::from(Error::not_found("plan"));
    if !actor.is_vendor() {
        return Err(missing());
    }
    let found = plans::table.find(id).filter(plans::program.eq(program)).select(ProgramPlan::as_select());
    found.first(tx.sql()).optional()?.ok_or_else(missing)
}

/// The program that a plan is for.
///
/// # Errors
/// `not_found`.
pub fn program_of(tx: &mut Tx, actor: &Actor, id: ProgramPlanId) -> Result<String> {
    let program: Option<String> = plans::table.find(id).select(plans::program).first(tx.sql()).optional()?;
    let program = program.filter(|_| actor.is_vendor());
    program.ok_or_else(|| Error::not_found("plan").into())
}

/// A plan with where it stands now, and its first moves.
///
/// # Errors
/// `not_found`.
pub fn detail(tx: &mut Tx, actor: &Actor, program: &str, id: ProgramPlanId) -> Result<ProgramPlanDetail> {
    let plan = find(tx, actor, program, id)?;
    let moved = stale::moved(tx, &plan)?;
    detailed(tx, actor, plan, &moved)
}

/// The same of a plan that was found, and of which this has moved.
pub(super) fn detailed(tx: &mut Tx, actor: &Actor, plan: ProgramPlan, moved: &[Fault]) -> Result<ProgramPlanDetail> {
    let state = stale::state(&plan, moved);
    let moved = moved.iter().map(|fault| fault.detail.clone()).collect();
    let query = rows::table.filter(rows::plan_id.eq(plan.id).and(rows::as_of.eq(plan.as_of))).into_boxed();
    let query = within_reach!(query, rows::partner_id, actor);
    let moves = query.order(rows::position).limit(SHOWN).select(PlanMove::as_select()).load(tx.sql())?;
    Ok(ProgramPlanDetail { plan, state, moved, moves })
}

/// The plans of a program, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(
    tx: &mut Tx,
    actor: &Actor,
    program: &str,
    updated_after: Option<Timestamp>,
    paging: &Paging,
) -> Result<Page<ProgramPlanSummary>> {
    let mut query = plans::table.filter(plans::program.eq(program)).into_boxed();
    if let Some(after) = updated_after {
        query = query.filter(plans::updated_at.ge(after));
    }
    if let Some(last) = paging.after::<ProgramPlanId>("program_plans")? {
        query = query.filter(plans::id.lt(last));
    }
    let found: Vec<ProgramPlan> = match actor.is_vendor() {
        true => query.order(plans::id.desc()).limit(paging.fetch()).select(ProgramPlan::as_select()).load(tx.sql())?,
        false => Vec::new(),
    };
    let now = stale::Now::default();
    paging.page(found, "program_plans", |plan: &ProgramPlan| plan.id).try_map(|plan| {
        let state = stale::state(&plan, &now.moved(tx, &plan)?);
        Ok(ProgramPlanSummary {
            id: plan.id,
            program: plan.program,
            state,
            base_version: plan.base_version,
            digest: plan.digest,
            as_of: plan.as_of,
            has_changes: plan.has_changes,
            enrollments: plan.findings.0.enrollments,
            up: plan.findings.0.up,
            down: plan.findings.0.down,
            applied_version: plan.applied_version,
            expires_at: plan.expires_at,
            created_by: plan.created_by,
            created_at: plan.created_at,
            updated_at: plan.updated_at,
        })
    })
}

/// The moves of a plan, those who fall first. A channel manager sees those of their partners.
///
/// # Errors
/// `not_found` for a plan that there is not; `invalid_parameter` for a foreign cursor.
pub fn moves(
    tx: &mut Tx,
    actor: &Actor,
    program: &str,
    id: ProgramPlanId,
    asked: MovePage,
    paging: &Paging,
) -> Result<Page<PlanMove>> {
    let plan = find(tx, actor, program, id)?;
    let day = asked.as_of.unwrap_or(plan.as_of);
    let mut query = rows::table.filter(rows::plan_id.eq(id).and(rows::as_of.eq(day))).into_boxed();
    query = within_reach!(query, rows::partner_id, actor);
    if let Some(direction) = asked.direction {
        query = query.filter(rows::direction.eq(direction));
    }
    Ok(database::page!(tx, query, paging, "program_plan_moves", asc(rows::position) as PlanMove))
}

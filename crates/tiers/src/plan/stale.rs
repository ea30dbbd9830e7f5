//! Whether what a plan has seen is still so.

use std::{cell::OnceCell, collections::BTreeSet};

use chrono::TimeDelta;
use database::{Result, Tx, schema::enrollments};
use diesel::prelude::*;
use kernel::{Code, Error, Fault, PartnerId};
use partners::enrollment::Status;
use programs::version;

use super::{
    draw,
    model::{PlanState, ProgramPlan},
};

/// How many partners are named.
const NAMED: usize = 20;
/// How many are counted, at least.
const COUNTED: usize = 1_000;
/// How many changes are looked at, at once.
const AT_ONCE: usize = 1_000;

/// What has moved since the plan was made, each with its code; nothing if it still holds, or was applied.
pub(super) fn moved(tx: &mut Tx, plan: &ProgramPlan) -> Result<Vec<Fault>> {
    let now = Now::default();
    now.moved(tx, plan)
}

/// How a program's enrollments are now, looked at once however many plans there are.
#[derive(Default)]
pub(super) struct Now(OnceCell<String>);

impl Now {
    /// As [`moved`].
    pub(super) fn moved(&self, tx: &mut Tx, plan: &ProgramPlan) -> Result<Vec<Fault>> {
        if plan.applied_version.is_some() {
            return Ok(Vec::new());
        }
        let mut found = at_once(tx, plan)?;
        let seen = match self.0.get() {
            Some(seen) => seen,
            None => {
                let seen = draw::seen(tx, &plan.program)?;
                self.0.get_or_init(|| seen)
            }
        };
        if *seen != plan.seen_digest {
            let detail = "partners were enrolled, or an enrollment's status or tier has changed";
            found.push(Fault::at("", "enrollments_moved", detail));
        }
        Ok(found)
    }
}

/// What can be seen without reading all enrollments.
fn at_once(tx: &mut Tx, plan: &ProgramPlan) -> Result<Vec<Fault>> {
    let mut found = Vec::new();
    let mut tell = |code: &str, detail: String| found.push(Fault::at("", code, detail));
    if plan.expires_at <= tx.now() {
        tell("expired", format!("it could be applied until {}", plan.expires_at));
    }
    if let Some(from) = plan.effective_from.filter(|from| *from < tx.now()) {
        tell("effective_from_passed", format!("its rules were to hold from {from} on, which has passed"));
    }
    if let Some(detail) = rules(tx, plan)? {
        tell("rules_moved", detail);
    }
    if let Some(detail) = facts_since(tx, plan)? {
        tell("facts_moved", detail);
    }
    Ok(found)
}

/// Where a plan stands of which this has moved.
pub(super) fn state(plan: &ProgramPlan, moved: &[Fault]) -> PlanState {
    match plan.applied_version {
        Some(_) => PlanState::Applied,
        None if moved.is_empty() => PlanState::Open,
        None => PlanState::Stale,
    }
}

/// Refuses a plan that does not hold any more.
pub(super) fn refuse(moved: Vec<Fault>) -> std::result::Result<(), Error> {
    if moved.is_empty() {
        return Ok(());
    }
    let told: Vec<&str> = moved.iter().map(|fault| fault.detail.as_str()).collect();
    let detail = format!("The plan does not hold any more: {}. Make a new one.", told.join("; "));
    Err(Error { code: Code::PlanStale, detail, faults: moved })
}

fn rules(tx: &mut Tx, plan: &ProgramPlan) -> Result<Option<String>> {
    let in_force = programs::current(tx, &plan.program)?;
    let Some(in_force) = in_force else {
        let gone = plan.base_version.map(|version| format!("version {version} is not in force any more"));
        return Ok(gone);
    };
    let newest = version::newest(tx, &plan.program)?;
    Ok(match (plan.base_version, plan.newest_version) {
        (None, _) => Some(format!("the program {} was added", plan.program)),
        (_, Some(known)) if newest.version != known => Some(format!("version {} was published", newest.version)),
        (Some(base), _) if in_force.version != base => {
            Some(format!("version {} has come into force", in_force.version))
        }
        _ => None,
    })
}

/// Of whom in the program something was recorded since.
fn facts_since(tx: &mut Tx, plan: &ProgramPlan) -> Result<Option<String>> {
    // Facts are stamped by a clock that may be ahead of this transaction's.
    let until = tx.now() + TimeDelta::days(1);
    let (mut ours, mut after) = (BTreeSet::new(), plan.known_at);
    while after < until && ours.len() < COUNTED {
        let (changed, complete) = facts::partners_changed(tx, after, until, AT_ONCE)?;
        let taking_part: Vec<PartnerId> = enrollments::table
            .filter(enrollments::program.eq(&plan.program).and(enrollments::status.eq(Status::Active)))
            .filter(enrollments::partner_id.eq_any(&changed))
            .select(enrollments::partner_id)
            .load(tx.sql())?;
        ours.extend(taking_part);
        after = complete;
    }
    let count = ours.len();
    if count == 0 {
        return Ok(None);
    }
    let ids: Vec<String> = ours.iter().take(NAMED).map(ToString::to_string).collect();
    let more = if count > ids.len() { format!(" and {} more", count - ids.len()) } else { String::new() };
    let partners = if count == 1 { "partner" } else { "partners" };
    Ok(Some(format!("facts of {count} {partners} changed: {}{more}", ids.join(", "))))
}

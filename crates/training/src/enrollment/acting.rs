//! What becomes of a person in a course or an exam.

use chrono::NaiveDate;
use database::{Result, Tx};
use kernel::{Actor, Code, Error, Scope};
use partners::standing;

use super::{
    Check, CompleteTraining, Told, TrainingEnrollment, TrainingEnrollmentId, TrainingProgress, WaiveTraining, find,
    item_of, may_act_for,
};
use crate::{
    catalogue::{self, Catalogue, Item},
    person::{self, Person},
    rules::{Action, allow},
};

/// One that is about to change.
pub(crate) struct Acting {
    pub before: TrainingEnrollment,
    pub row: TrainingEnrollment,
    pub person: Person,
    pub catalogue: std::sync::Arc<Catalogue>,
    pub today: NaiveDate,
    /// Whether the actor is the person.
    pub own: bool,
}

/// Begins.
///
/// # Errors
/// `not_found`; `invalid_transition`; `policy_refuses` for members who act for others, and while the company may not act;
/// those of `check`.
pub fn start(tx: &mut Tx, actor: &Actor, id: TrainingEnrollmentId, (): (), check: Check) -> Result<TrainingEnrollment> {
    let mut acting = begin(tx, actor, id, Action::Start, check)?;
    let event = acting.row.start(acting.today);
    acting.save(tx, actor, event, "startTraining")
}

/// Says how far somebody has come.
///
/// # Errors
/// As [`start`]; `invalid_body` for less than before.
pub fn progress(
    tx: &mut Tx,
    actor: &Actor,
    id: TrainingEnrollmentId,
    request: TrainingProgress,
    check: Check,
) -> Result<TrainingEnrollment> {
    let mut acting = begin(tx, actor, id, Action::Progress, check)?;
    if i32::from(request.progress) < acting.row.progress {
        let words = format!("is less than the {} before", acting.row.progress);
        return Err(Error::invalid("/progress", "minimum", words).into());
    }
    let event = acting.row.progress_to(request.progress, acting.today);
    acting.save(tx, actor, event, "progressTraining")
}

/// Completes a course.
///
/// # Errors
/// As [`start`]; `invalid_body` for a day that cannot be; `policy_refuses` for who says it of themselves where a learning
/// system does.
pub fn complete(
    tx: &mut Tx,
    actor: &Actor,
    id: TrainingEnrollmentId,
    request: CompleteTraining,
    check: Check,
) -> Result<TrainingEnrollment> {
    let mut acting = begin(tx, actor, id, Action::Complete, check)?;
    let reports = actor.scopes.contains(Scope::TrainingReport);
    let says_so = matches!(item_of(&acting.catalogue, &acting.row), Some(Item::Course(course)) if course.self_reported);
    if !reports && !says_so {
        let detail = format!("That {} is completed is reported by a learning system or the vendor.", acting.row.item);
        return Err(Error::new(Code::PolicyRefuses, detail).into());
    }
    let on = day(request.on, acting.today)?;
    if !reports && on != acting.today {
        return Err(
            Error::invalid("/on", "out_of_range", "must be today: who says so themselves, says it on the day").into()
        );
    }
    acting.row.external_id = request.external_id.or(acting.row.external_id);
    let event = acting.row.complete(request.score, on);
    acting.save(tx, actor, event, "completeTraining")
}

/// Gives up.
///
/// # Errors
/// As [`start`].
pub fn withdraw(
    tx: &mut Tx,
    actor: &Actor,
    id: TrainingEnrollmentId,
    (): (),
    check: Check,
) -> Result<TrainingEnrollment> {
    let mut acting = begin(tx, actor, id, Action::Withdraw, check)?;
    if acting.own && acting.row.assigned_by.is_some() {
        let detail = "It was assigned: whoever assigned it, or an administrator, withdraws it.";
        return Err(Error::new(Code::PolicyRefuses, detail).into());
    }
    let event = acting.row.withdraw(acting.today);
    acting.save(tx, actor, event, "withdrawTraining")
}

/// Counts it as completed.
///
/// # Errors
/// As [`start`]; `invalid_body` for a day that cannot be.
pub fn waive(
    tx: &mut Tx,
    actor: &Actor,
    id: TrainingEnrollmentId,
    request: WaiveTraining,
    check: Check,
) -> Result<TrainingEnrollment> {
    let mut acting = begin(tx, actor, id, Action::Waive, check)?;
    let on = day(request.on, acting.today)?;
    let event = acting.row.waive(request.reason, on);
    acting.save(tx, actor, event, "waiveTraining")
}

/// A day that has come.
pub(crate) fn day(asked: Option<NaiveDate>, today: NaiveDate) -> Result<NaiveDate> {
    match asked {
        Some(on) if on > today => Err(Error::invalid("/on", "maximum", "has not come yet").into()),
        asked => Ok(asked.unwrap_or(today)),
    }
}

/// Finds it for somebody who may act on it.
pub(crate) fn begin(
    tx: &mut Tx,
    actor: &Actor,
    id: TrainingEnrollmentId,
    action: Action,
    check: Check,
) -> Result<Acting> {
    let before = find(tx, actor, id)?;
    check(&before)?;
    standing::company_may_act(tx, actor)?;
    let person = person::find(tx, actor, before.person_id)?;
    let own = may_act_for(tx, actor, &person)?;
    allow(before.kind, before.status, action)?;
    let catalogue = catalogue::current(tx)?;
    let today = catalogue.day_of(tx.now());
    Ok(Acting { row: before.clone(), before, person, catalogue, today, own })
}

impl Acting {
    /// Writes down what became of it, and awards what is earned by it.
    pub(crate) fn save(
        mut self,
        tx: &mut Tx,
        actor: &Actor,
        event: &'static str,
        operation: &str,
    ) -> Result<TrainingEnrollment> {
        let states = (Some(&self.before), &mut self.row);
        let told = Told { event, operation, source: None };
        super::save(tx, actor, &self.catalogue, &self.person, states, told)?;
        Ok(self.row)
    }
}

//! Somebody settles what waits.

use database::{Result, Sought, Tx};
use kernel::{Actor, Error, Fault};

use super::{DismissTrainingReview, ResolveTrainingReview, Source, Status, TrainingReview, TrainingReviewId};
use super::{enter, find, find::item as meant, refuse_settled, save};
use crate::{
    catalogue,
    person::{self, refuse_merged, unseen},
    xapi,
};

/// Records what waits: for this person, of this course or exam. Somebody has looked: what was said of success beside the
/// score does not count any more.
///
/// # Errors
/// `not_found`; `invalid_transition` for one that is settled, and for what cannot follow on what is known;
/// `invalid_body` while person or item are not known; `policy_refuses` for an attempt that the exam does not allow;
/// those of `check`.
pub fn resolve(
    tx: &mut Tx,
    actor: &Actor,
    id: TrainingReviewId,
    request: ResolveTrainingReview,
    check: &dyn Fn(&TrainingReview) -> Result<()>,
) -> Result<TrainingReview> {
    let before = find(tx, actor, id)?;
    check(&before)?;
    refuse_settled(&before)?;
    let catalogue = catalogue::current(tx)?;
    let mut row = before.clone();
    let pending = &mut row.payload.0;
    pending.success = None;
    pending.score = request.score.or(pending.score.take());
    pending.proctored = request.proctored.unwrap_or(pending.proctored);
    let mut faults = Vec::new();
    let person = match request.person_id {
        Some(id) => {
            let found = person::find(tx, actor, id).if_there()?;
            faults.extend(found.is_none().then(|| unseen("/person_id")));
            found
        }
        None => person::named(tx, actor, &pending.person)?.one(),
    };
    if person.is_none() && faults.is_empty() {
        faults.push(Fault::at("/person_id", "required", "is required: nobody is known by what was reported"));
    }
    let item = match request.item {
        Some(slug) if catalogue.item(&slug).is_none() => {
            faults.push(Fault::at("/item", "unknown_reference", "is not a course or an exam of the catalogue"));
            None
        }
        Some(slug) => Some(slug),
        None => meant(&catalogue, &pending.item),
    };
    if item.is_none() && !faults.iter().any(|fault| fault.pointer.as_deref() == Some("/item")) {
        faults.push(Fault::at("/item", "required", "is required: the catalogue does not have what was reported"));
    }
    Error::unless_empty(kernel::Code::InvalidBody, faults)?;
    let Some((person, item)) = person.zip(item) else { return Ok(before) };
    refuse_merged(&person)?;
    enter(tx, actor, &catalogue, row.source, &row.payload.0, (&item, &person))?;
    row.payload = before.payload.clone();
    settled(tx, actor, &mut row, Status::Resolved);
    (row.person_id, row.partner_id) = (Some(person.id), Some(person.partner_id));
    save(tx, actor, &before, &row, "resolveTrainingReview")?;
    if row.source == Source::Xapi {
        xapi::belongs_to(tx, &row.reference, &person)?;
    }
    Ok(row)
}

/// Says that something is not to be recorded.
///
/// # Errors
/// `not_found`; `invalid_transition` for one that is settled; those of `check`.
pub fn dismiss(
    tx: &mut Tx,
    actor: &Actor,
    id: TrainingReviewId,
    request: DismissTrainingReview,
    check: &dyn Fn(&TrainingReview) -> Result<()>,
) -> Result<TrainingReview> {
    let before = find(tx, actor, id)?;
    check(&before)?;
    refuse_settled(&before)?;
    let mut row = TrainingReview { note: Some(request.reason), ..before.clone() };
    settled(tx, actor, &mut row, Status::Dismissed);
    save(tx, actor, &before, &row, "dismissTrainingReview")?;
    Ok(row)
}

/// Notes who settled it.
pub(super) fn settled(tx: &Tx, actor: &Actor, row: &mut TrainingReview, status: Status) {
    row.status = status;
    row.settled_by = Some(actor.subject.clone());
    row.settled_at = Some(tx.now());
    row.updated_at = tx.now();
}

//! What the vendor decides.

use database::{Result, Tx};
use events::EventData;
use kernel::{Actor, Timestamp};

use crate::{
    model::{DealId, DealRegistration, Decision, Status},
    register::{Place, grant},
    requests::{Approve, Reject, RequestInformation},
    rules::{self, Action},
    standing,
    store::{Change, Check},
};

/// Takes up the review.
///
/// # Errors
/// `not_found`; `invalid_transition`.
pub fn claim_review(tx: &mut Tx, actor: &Actor, id: DealId, check: Check) -> Result<DealRegistration> {
    let mut change = Change::begin(tx, actor, id, Action::ClaimReview, check)?;
    change.row.review.0.reviewer = Some(actor.subject.clone());
    let from = change.before.status;
    change.moved("deal_registration.in_review", from, |data| data.because("claimed"));
    change.save(tx, actor)
}

/// Asks the partner for more.
///
/// # Errors
/// `not_found`; `invalid_transition`.
pub fn request_information(
    tx: &mut Tx,
    actor: &Actor,
    id: DealId,
    request: RequestInformation,
    check: Check,
) -> Result<DealRegistration> {
    let mut change = Change::begin(tx, actor, id, Action::RequestInformation, check)?;
    let fields: Vec<String> = request.requests.iter().map(|one| one.field.clone()).collect();
    change.row.review.0.requests = request.requests;
    // The clock of the decision stands still until the partner has answered.
    change.row.decision_due_at = None;
    let from = change.before.status;
    change.moved("deal_registration.action_required", from, |data| EventData { changed: fields, ..data });
    change.save(tx, actor)
}

/// Grants the registration and its protection.
///
/// # Errors
/// `not_found`; `invalid_transition`; `deal_conflict` when another protection is in the way; `policy_refuses` while the
/// registration is on hold.
pub fn approve(tx: &mut Tx, actor: &Actor, id: DealId, request: Approve, check: Check) -> Result<DealRegistration> {
    let mut change = Change::begin(tx, actor, id, Action::Approve, check)?;
    let place = Place::of_row(tx, &change.row)?;
    change.row.status = change.before.status;
    grant_row(tx, &mut change, &place, Some((actor, request.text)))?;
    change.save(tx, actor)
}

/// Refuses the registration.
///
/// # Errors
/// `not_found`; `invalid_transition`.
pub fn reject(tx: &mut Tx, actor: &Actor, id: DealId, request: Reject, check: Check) -> Result<DealRegistration> {
    let mut change = Change::begin(tx, actor, id, Action::Reject, check)?;
    change.row.review.0.decision = Some(Decision {
        at: tx.now(),
        by: actor.subject.clone(),
        reason: Some(request.reason.to_string()),
        text: Some(request.text),
    });
    let from = change.before.status;
    change.moved("deal_registration.rejected", from, |data| data.because(request.reason));
    change.save(tx, actor)
}

/// Approves a row and takes what it is granted; nobody approves when the policy does.
pub(crate) fn grant_row(
    tx: &mut Tx,
    change: &mut Change,
    place: &Place,
    by: Option<(&Actor, Option<String>)>,
) -> Result<()> {
    change.before.refuse_on_hold(tx.now())?;
    let days = partners::tier::benefits(&place.rules, &place.enrollment).protection_days;
    approve_row(tx.now(), change, place, days, by);
    standing::pause_granted(tx, place, &mut change.row)?;
    grant(tx, &place.rules, &change.row)
}

/// Moves a row to approved, with the protection that begins now.
pub(crate) fn approve_row(
    now: Timestamp,
    change: &mut Change,
    place: &Place,
    days: u16,
    by: Option<(&Actor, Option<String>)>,
) {
    let until = rules::protected_until(now, days);
    let notice = place.rules.document.0.deal_registration.protection.expiring_notice_days;
    let from = std::mem::replace(&mut change.row.status, Status::Approved);
    let (by, text) = by.map_or(("system".to_owned(), None), |(actor, text)| (actor.subject.clone(), text));
    let reason = if by == "system" { "policy" } else { "decision" };
    change.row.program_version = place.rules.version;
    change.row.protected_from = Some(now);
    change.row.protected_until = Some(until);
    change.row.expiring_notice_at = rules::expiring_notice_at(until, notice);
    change.row.pause = None;
    change.row.review.0.decision = Some(Decision { at: now, by, reason: None, text });
    change.moved("deal_registration.approved", from, |data| data.because(reason).until(Some(until)));
}

//! What follows a registration until its end.

use database::{Json, Result, Tx};
use events::EventData;
use kernel::{Actor, Code, Error, Fault};

use crate::{
    model::{DealId, DealOutcome, DealRegistration, Decision, Row, Stage},
    protection,
    register::{Place, amount_fault, grant},
    requests::{Extend, Lose, Release, Win, Withdraw},
    rules::{self, Action, ExtensionRequest},
    store::{Change, Check},
};

/// Takes a registration back before a decision.
///
/// # Errors
/// `not_found`; `invalid_transition`.
pub fn withdraw(tx: &mut Tx, actor: &Actor, id: DealId, request: Withdraw, check: Check) -> Result<DealRegistration> {
    let mut change = Change::begin(tx, actor, id, Action::Withdraw, check)?;
    decided(tx, actor, &mut change.row, None, request.text);
    let from = change.before.status;
    change.moved("deal_registration.withdrawn", from, |data| data);
    change.save(tx, actor)
}

/// Ends protection before its time: the partner gives it up, or the vendor takes it back and says why.
///
/// # Errors
/// `not_found`; `invalid_transition`; `invalid_body` for a vendor without a reason.
pub fn release(tx: &mut Tx, actor: &Actor, id: DealId, request: Release, check: Check) -> Result<DealRegistration> {
    let mut change = Change::begin(tx, actor, id, Action::Release, check)?;
    if actor.is_vendor() && request.text.is_none() {
        return Err(Error::invalid("/text", "required", "is required from the vendor").into());
    }
    let reason = if actor.is_vendor() { "by_vendor" } else { "by_partner" };
    decided(tx, actor, &mut change.row, Some(reason.into()), request.text);
    end_protection(tx, &mut change.row)?;
    let from = change.before.status;
    change.moved("deal_registration.released", from, |data| data.because(reason));
    change.save(tx, actor)
}

/// Prolongs protection, within the policy.
///
/// # Errors
/// `not_found`; `invalid_transition`; `policy_refuses` with every rule against it.
pub fn extend(tx: &mut Tx, actor: &Actor, id: DealId, request: Extend, check: Check) -> Result<DealRegistration> {
    let mut change = Change::begin(tx, actor, id, Action::Extend, check)?;
    change.before.refuse_on_hold(tx.now())?;
    let place = Place::of_row(tx, &change.row)?;
    let policy = &place.rules.document.0.deal_registration.protection;
    let asked = ExtensionRequest {
        until: change.row.protected_until.unwrap_or_else(|| tx.now()),
        extensions: change.row.extensions,
        by: request.by.map(kernel::Period::delta),
        progress: request.progress.as_deref(),
    };
    let until = rules::extended_until(asked, tx.now(), policy.extension.as_ref())?;
    change.row.extensions += 1;
    change.row.protected_until = Some(until);
    change.row.expiring_notice_at = rules::expiring_notice_at(until, policy.expiring_notice_days);
    change.row.review.0.progress.extend(request.progress);
    grant(tx, &place.rules, &change.row)?;
    change.tell("deal_registration.extended", EventData::default().until(Some(until)));
    change.save(tx, actor)
}

/// Ends a deal as won.
///
/// # Errors
/// `not_found`; `invalid_transition`; `invalid_body`.
pub fn win(tx: &mut Tx, actor: &Actor, id: DealId, request: Win, check: Check) -> Result<DealRegistration> {
    let mut change = Change::begin(tx, actor, id, Action::Win, check)?;
    let mut faults: Vec<Fault> = amount_fault(request.amount).into_iter().collect();
    faults.extend(future(tx, request.closed_on));
    Error::unless_empty(Code::InvalidBody, faults)?;
    let outcome =
        DealOutcome { closed_on: request.closed_on, amount: Some(request.amount), reason: None, text: request.text };
    close(tx, &mut change, Stage::Won, outcome)?;
    let from = change.before.status;
    change.moved("deal_registration.won", from, |data| data);
    change.save(tx, actor)
}

/// Ends a deal as lost.
///
/// # Errors
/// `not_found`; `invalid_transition`; `invalid_body`.
pub fn lose(tx: &mut Tx, actor: &Actor, id: DealId, request: Lose, check: Check) -> Result<DealRegistration> {
    let mut change = Change::begin(tx, actor, id, Action::Lose, check)?;
    let closed_on = request.closed_on.unwrap_or_else(|| tx.now().date());
    Error::unless_empty(Code::InvalidBody, future(tx, closed_on).into_iter().collect())?;
    let outcome = DealOutcome { closed_on, amount: None, reason: Some(request.reason), text: request.text };
    close(tx, &mut change, Stage::Lost, outcome)?;
    let from = change.before.status;
    change.moved("deal_registration.lost", from, |data| data.because(request.reason));
    change.save(tx, actor)
}

/// Ends protection now, whoever holds it.
pub(crate) fn end_protection(tx: &mut Tx, row: &mut Row) -> Result<()> {
    row.protected_until = row.protected_until.map(|until| until.min(tx.now()));
    row.expiring_notice_at = None;
    protection::take(tx, row.id, None)
}

fn close(tx: &mut Tx, change: &mut Change, stage: Stage, outcome: DealOutcome) -> Result<()> {
    change.row.stage = stage;
    change.row.outcome = Some(Json(outcome));
    end_protection(tx, &mut change.row)
}

fn decided(tx: &Tx, actor: &Actor, row: &mut Row, reason: Option<String>, text: Option<String>) {
    row.review.0.decision = Some(Decision { at: tx.now(), by: actor.subject.clone(), reason, text });
}

/// What has been closed was closed by today; a day's grace for partners east of UTC.
fn future(tx: &Tx, day: chrono::NaiveDate) -> Option<Fault> {
    let latest = tx.now().date() + chrono::Days::new(1);
    (day > latest).then(|| Fault::at("/closed_on", "in_the_future", "is in the future"))
}

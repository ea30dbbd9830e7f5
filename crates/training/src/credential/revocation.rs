//! What the vendor takes back.

use database::{Result, Tx, schema::credentials};
use diesel::prelude::*;
use kernel::{Actor, Code, Error};

use super::{Credential, CredentialId, RevokeCredential, Status, find, next_due, save};
use crate::{
    catalogue::{self, Catalogue},
    reported,
};

/// Takes a credential back: from today on it does not count, and what earned it does not earn it again. What it had renewed
/// holds again, for the days that are left of it.
///
/// # Errors
/// `not_found`; `invalid_transition` for one that is revoked or superseded already; those of `check`.
pub fn revoke(
    tx: &mut Tx,
    actor: &Actor,
    id: CredentialId,
    request: RevokeCredential,
    check: &dyn Fn(&Credential) -> Result<()>,
) -> Result<Credential> {
    let before = find(tx, actor, id)?;
    check(&before)?;
    if !before.status.stands() {
        let detail = format!("A credential that is {} cannot be revoked.", before.status);
        return Err(Error::new(Code::InvalidTransition, detail).into());
    }
    let mut row = before.clone();
    (row.status, row.reason) = (Status::Revoked, Some(request.reason));
    (row.ended_at, row.due_on) = (Some(tx.now()), None);
    save(tx, actor, (&before, &mut row), ("credential.revoked", "revokeCredential"))?;
    let catalogue = catalogue::current(tx)?;
    let yesterday = catalogue.day_of(tx.now()).pred_opt();
    reported::credential(tx, actor, &row, yesterday, false)?;
    if let Some(renewed) = row.renews {
        reinstate(tx, actor, &catalogue, renewed)?;
    }
    Ok(row)
}

/// What was renewed is not any more: it holds until its own last day, unless that is over.
fn reinstate(tx: &mut Tx, actor: &Actor, catalogue: &Catalogue, id: CredentialId) -> Result<()> {
    let before: Credential = credentials::table.find(id).select(Credential::as_select()).first(tx.sql())?;
    let is_over = before.last_day().is_some_and(|last| last < catalogue.day_of(tx.now()));
    if before.status != Status::Renewed || is_over {
        return Ok(());
    }
    let mut row = Credential { status: Status::Valid, ..before.clone() };
    row.due_on = next_due(&row, &catalogue.document.expiry_notices_days);
    save(tx, actor, (&before, &mut row), ("credential.reinstated", "reinstateCredential"))?;
    reported::credential(tx, actor, &row, None, false)
}

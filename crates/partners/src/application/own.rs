//! What whoever holds an application's token does with it.

use database::{Result, Tx};
use identity::{
    UserId,
    user::{self, PasswordHash},
};
use kernel::{Actor, Code, Error};

use super::{
    decide,
    model::{Application, ApplicationId, OwnApplication, Row},
    requests::{SupplyApplicationInformation, WithdrawApplication},
    store,
};

/// The application.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor) -> Result<OwnApplication> {
    let id = id(actor)?;
    Ok(store::row(tx, actor, id)?.own())
}

/// Says what was asked for.
///
/// # Errors
/// As [`decide::supply_information`].
pub fn supply_information(tx: &mut Tx, actor: &Actor, request: SupplyApplicationInformation) -> Result<OwnApplication> {
    let application = decide::supply_information(tx, actor, id(actor)?, request, &unchecked)?;
    Ok(application.row.own())
}

/// Takes the application back.
///
/// # Errors
/// As [`decide::withdraw`].
pub fn withdraw(tx: &mut Tx, actor: &Actor, request: WithdrawApplication) -> Result<OwnApplication> {
    Ok(decide::withdraw(tx, actor, id(actor)?, request, &unchecked)?.row.own())
}

/// Chooses the first password of the user that approval made.
///
/// # Errors
/// `invalid_transition` when there is no such user, or it has a password.
pub fn choose_password(tx: &mut Tx, actor: &Actor, password: PasswordHash) -> Result<OwnApplication> {
    let (row, user) = with_user(tx, actor)?;
    user::choose_password(tx, actor, user, password)?;
    Ok(row.own())
}

/// Refuses who has no password to choose, before anything costly is done for them.
///
/// # Errors
/// `invalid_transition`.
pub fn may_choose_password(tx: &mut Tx, actor: &Actor) -> Result<()> {
    with_user(tx, actor).map(drop)
}

fn with_user(tx: &mut Tx, actor: &Actor) -> Result<(Row, UserId)> {
    let row = store::row(tx, actor, id(actor)?)?;
    match row.user_id {
        Some(user) => Ok((row, user)),
        None => {
            let detail = format!("An application in state {} has no user who could choose a password.", row.status);
            Err(Error::new(Code::InvalidTransition, detail).into())
        }
    }
}

/// The application whose token the actor holds.
fn id(actor: &Actor) -> Result<ApplicationId> {
    actor.subject.parse().map_err(|_| Error::not_found("application").into())
}

/// One applicant, one tab: what they change they have just read, and states keep the rest in order.
fn unchecked(_: &Application) -> Result<()> {
    Ok(())
}

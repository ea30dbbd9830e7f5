//! From a genuine token to an actor, as things stand now.

use database::{
    Result, Tx,
    schema::{partners, users},
};
use diesel::prelude::*;
use kernel::{Actor, Origin, PartnerId, Role, Scopes};

use crate::{
    ApiClient, User,
    client::Status as ClientStatus,
    token::{Subject, Verified, invalid},
    user::Status as UserStatus,
};

/// Who is acting, read in the transaction that acts: a revoked client or a suspended partner is out at once.
///
/// # Errors
/// `invalid_token` when the subject may not act any more.
pub fn resolve(tx: &mut Tx, verified: &Verified, origin: &Origin) -> Result<Actor> {
    let (subject, role, partner, granted) = match &verified.subject {
        Subject::User(id) => person(crate::user::by_id(tx, *id)?)?,
        Subject::Foreign { subject, email } => person(foreign(tx, subject, email.as_deref())?)?,
        Subject::Client(id) => integration(crate::client::by_id(tx, *id)?)?,
    };
    if let Some(partner) = partner {
        let status: Option<String> =
            partners::table.find(partner).select(partners::status).first(tx.sql()).optional()?;
        if status.as_deref() != Some("active") {
            return Err(invalid("the partner is suspended").into());
        }
    }
    let scopes = verified.scopes.as_ref().map_or_else(|| granted.clone(), |scopes| scopes.intersection(&granted));
    Ok(Actor { subject, role, partner, scopes, origin: origin.clone() })
}

/// Whoever goes by this id of a user or an API client, as things stand now: for work that goes on after their request.
///
/// # Errors
/// `invalid_token` when they may not act any more.
pub fn acting(tx: &mut Tx, subject: &str) -> Result<Actor> {
    let subject = match (subject.parse(), subject.parse()) {
        (Ok(user), _) => Subject::User(user),
        (_, Ok(client)) => Subject::Client(client),
        _ => return Err(invalid("nobody goes by that id").into()),
    };
    resolve(tx, &Verified { subject, scopes: None }, &Origin::default())
}

type Standing = (String, Role, Option<PartnerId>, Scopes);

fn person(user: Option<User>) -> Result<Standing> {
    let user =
        user.filter(|user| user.status == UserStatus::Active).ok_or_else(|| invalid("the user may not sign in"))?;
    Ok((user.id.to_string(), user.role, user.partner_id, user.role.scopes()))
}

fn integration(client: Option<ApiClient>) -> Result<Standing> {
    let client = client
        .filter(|client| client.status == ClientStatus::Active)
        .ok_or_else(|| invalid("the client is revoked"))?;
    let scopes = client.scopes.0.iter().copied().collect();
    Ok((client.id.to_string(), Role::Integration, client.partner_id, scopes))
}

fn foreign(tx: &mut Tx, subject: &str, email: Option<&str>) -> Result<Option<User>> {
    let known =
        users::table.filter(users::oidc_subject.eq(subject)).select(User::as_select()).first(tx.sql()).optional()?;
    match (known, email) {
        (Some(user), _) => Ok(Some(user)),
        (None, Some(email)) => crate::user::by_email(tx, email),
        (None, None) => Ok(None),
    }
}

//! People who can sign in.

use database::{
    Error, Result, Tx,
    schema::{partners, refresh_tokens, users},
};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error as DomainError, Page, Paging, PartnerId, Role, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::password;

ids! {
    /// A person who can sign in.
    UserKind = "user" => UserId;
}

database::text_enum! {
    /// Whether a user may sign in.
    pub enum Status as UserStatus {
        /// May sign in.
        Active,
        /// May not.
        Suspended,
    }
}

/// A person who can sign in.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true)]
pub struct User {
    /// Unique.
    pub id: UserId,
    /// Unique; lower case.
    #[schema(format = Email, max_length = 254, example = "ada@acme.example")]
    pub email: String,
    /// What to call them.
    #[schema(required = true, max_length = 200, example = "Ada Lovelace")]
    pub name: Option<String>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) password_hash: Option<String>,
    /// What they are to the program.
    pub role: Role,
    /// Their company; null for the vendor's people.
    #[schema(required = true)]
    pub partner_id: Option<PartnerId>,
    /// Whether they may sign in.
    pub status: Status,
    /// What the foreign OIDC issuer calls them (`sub`).
    #[schema(required = true, max_length = 255)]
    pub oidc_subject: Option<String>,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

/// A person to add.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Unique; compared in lower case.
    #[schema(format = Email, max_length = 254, example = "ada@acme.example")]
    pub email: String,
    /// What to call them.
    #[schema(min_length = 1, max_length = 200, example = "Ada Lovelace")]
    pub name: Option<String>,
    /// Without one they can only sign in through the foreign issuer.
    #[schema(format = Password, min_length = 8, max_length = 200, example = "correct horse battery staple")]
    pub password: Option<String>,
    /// What they are to the program.
    pub role: Role,
    /// Their company; required for partner roles, refused for the vendor's.
    pub partner_id: Option<PartnerId>,
    /// What the foreign OIDC issuer calls them (`sub`).
    #[schema(min_length = 1, max_length = 255)]
    pub oidc_subject: Option<String>,
}

/// Changes to a person; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct UserUpdate {
    /// What to call them.
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// A new password; ends all their sessions.
    #[schema(nullable = false, format = Password, min_length = 8, max_length = 200)]
    pub password: Option<String>,
    /// Another role on the same side.
    #[schema(nullable = false)]
    pub role: Option<Role>,
    /// Whether they may sign in; suspending ends all their sessions.
    #[schema(nullable = false)]
    pub status: Option<Status>,
    /// What the foreign OIDC issuer calls them (`sub`).
    #[schema(nullable = false, min_length = 1, max_length = 255)]
    pub oidc_subject: Option<String>,
}

/// Which users to list.
#[derive(Debug, Default)]
pub struct UserFilter {
    /// Only with this e-mail address.
    pub email: Option<String>,
    /// Only with this role.
    pub role: Option<Role>,
    /// Only of this partner.
    pub partner_id: Option<PartnerId>,
}

/// A password that was hashed before the transaction began.
#[derive(Debug, Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Hashes; takes tens of milliseconds of CPU.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn of(password: &str) -> Result<Self> {
        password::hash(password).map(Self)
    }
}

/// Adds a person.
///
/// # Errors
/// `invalid_body` when role and partner do not fit, or the role is more than the actor holds; `already_exists` when
/// the address is taken.
pub fn create(tx: &mut Tx, actor: &Actor, new: NewUser, password: Option<PasswordHash>) -> Result<User> {
    let partner_id = new.partner_id.or(actor.partner);
    check_side(tx, actor, new.role, partner_id)?;
    check_role(actor, new.role)?;
    let user = User {
        id: tx.id(),
        email: new.email.to_lowercase(),
        name: new.name,
        password_hash: password.map(|hash| hash.0),
        role: new.role,
        partner_id,
        status: Status::Active,
        oidc_subject: new.oidc_subject,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    refuse_taken(tx, &user)?;
    diesel::insert_into(users::table).values(&user).execute(tx.sql())?;
    events::record(tx, actor, NewEvent::new("user.created", user.id, user.partner_id))?;
    audit::record(tx, actor, "createUser", user.id, user.partner_id, (None::<&User>, Some(&user)))?;
    Ok(user)
}

/// Changes a person.
///
/// # Errors
/// `not_found`; `invalid_body` as for [`create`]; `insufficient_scope` for another way in to somebody who holds more
/// than the actor; `already_exists`.
pub fn update(tx: &mut Tx, actor: &Actor, id: UserId, new: UserUpdate, password: Option<PasswordHash>) -> Result<User> {
    let before = find(tx, actor, id)?;
    if password.is_some() || new.oidc_subject.is_some() {
        actor.require(&before.role.scopes().iter().collect::<Vec<_>>())?;
    }
    let mut user = before.clone();
    user.name = new.name.or(user.name);
    user.role = new.role.unwrap_or(user.role);
    user.status = new.status.unwrap_or(user.status);
    user.oidc_subject = new.oidc_subject.or(user.oidc_subject);
    user.updated_at = tx.now();
    if user.role != before.role {
        check_role(actor, user.role)?;
    }
    check_side(tx, actor, user.role, user.partner_id)?;
    refuse_taken(tx, &user)?;
    let ends_sessions = password.is_some() || user.status == Status::Suspended;
    user.password_hash = password.map(|hash| hash.0).or(user.password_hash);
    diesel::update(users::table.find(id)).set(&user).execute(tx.sql())?;
    if ends_sessions {
        diesel::delete(refresh_tokens::table.filter(refresh_tokens::user_id.eq(id))).execute(tx.sql())?;
    }
    let changed =
        NewEvent::new("user.updated", id, user.partner_id).with(EventData::transition(before.status, user.status));
    events::record(tx, actor, changed)?;
    audit::record(tx, actor, "updateUser", id, user.partner_id, (Some(&before), Some(&user)))?;
    Ok(user)
}

/// Gives somebody who was added without one their first password, and only the first. Whoever calls has made sure that
/// it is they who choose it.
///
/// # Errors
/// `not_found`; `invalid_transition` when they have a password, or may not sign in.
pub fn choose_password(tx: &mut Tx, actor: &Actor, id: UserId, password: PasswordHash) -> Result<User> {
    let before = by_id(tx, id)?.ok_or_else(|| DomainError::not_found("user"))?;
    if before.password_hash.is_some() || before.status != Status::Active {
        let detail = "A first password is chosen once, by somebody who may sign in.";
        return Err(DomainError::new(Code::InvalidTransition, detail).into());
    }
    let user = User { password_hash: Some(password.0), updated_at: tx.now(), ..before.clone() };
    diesel::update(users::table.find(id)).set(&user).execute(tx.sql())?;
    let data = EventData::transition(before.status, user.status);
    events::record(tx, actor, NewEvent::new("user.updated", id, user.partner_id).with(data))?;
    audit::record(tx, actor, "chooseApplicantPassword", id, user.partner_id, (Some(&before), Some(&user)))?;
    Ok(user)
}

/// A person whom the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: UserId) -> Result<User> {
    let mut query = users::table.filter(users::id.eq(id)).into_boxed();
    if let Some(partner) = actor.partner {
        query = query.filter(users::partner_id.eq(partner));
    }
    query.select(User::as_select()).first(tx.sql()).optional()?.ok_or_else(|| DomainError::not_found("user").into())
}

/// The people whom the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &UserFilter, paging: &Paging) -> Result<Page<User>> {
    let mut query = users::table.into_boxed();
    for partner in [actor.partner, filter.partner_id].into_iter().flatten() {
        query = query.filter(users::partner_id.eq(partner));
    }
    if let Some(email) = &filter.email {
        query = query.filter(users::email.eq(email.to_lowercase()));
    }
    if let Some(role) = filter.role {
        query = query.filter(users::role.eq(role));
    }
    Ok(database::page!(tx, query, paging, "users", desc(users::id) as User))
}

/// Whether there are users.
///
/// # Errors
/// When the database cannot be read.
pub fn exists_any(tx: &mut Tx) -> Result<bool> {
    Ok(users::table.select(users::id).limit(1).first::<UserId>(tx.sql()).optional()?.is_some())
}

/// Makes the first administrator of an empty database; `false` when there are users already.
///
/// # Errors
/// When the database cannot be written.
pub fn create_first(tx: &mut Tx, email: &str, password: PasswordHash) -> Result<bool> {
    if exists_any(tx)? {
        return Ok(false);
    }
    let new = NewUser {
        email: email.into(),
        name: None,
        password: None,
        role: Role::ProgramAdmin,
        partner_id: None,
        oidc_subject: None,
    };
    create(tx, &Actor::system(), new, Some(password)).map(|_| true)
}

pub(crate) fn by_id(tx: &mut Tx, id: UserId) -> Result<Option<User>> {
    Ok(users::table.find(id).select(User::as_select()).first(tx.sql()).optional()?)
}

pub(crate) fn by_email(tx: &mut Tx, email: &str) -> Result<Option<User>> {
    // PostgreSQL takes no text with U+0000, and no user has such an address.
    if email.contains('\0') {
        return Ok(None);
    }
    let email = email.to_lowercase();
    Ok(users::table.filter(users::email.eq(email)).select(User::as_select()).first(tx.sql()).optional()?)
}

/// Nobody gives what they do not have: who may only add users would else add an administrator, and sign in as them.
fn check_role(actor: &Actor, role: Role) -> Result<()> {
    if role.scopes().iter().all(|scope| actor.scopes.contains(scope)) {
        return Ok(());
    }
    Err(DomainError::invalid("/role", "not_allowed", "is more than you hold yourself").into())
}

/// Partner roles need a partner, the vendor's roles have none, and nobody makes users of another side.
fn check_side(tx: &mut Tx, actor: &Actor, role: Role, partner_id: Option<PartnerId>) -> Result<()> {
    let refuse =
        |pointer: &str, code: &str, detail: &str| Err::<(), Error>(DomainError::invalid(pointer, code, detail).into());
    if role == Role::Integration {
        return refuse("/role", "not_allowed", "is for API clients, not for people");
    }
    match (role.is_partner(), partner_id) {
        (true, None) => return refuse("/partner_id", "required", "is required for a partner's role"),
        (false, Some(_)) if actor.is_vendor() => {
            return refuse("/partner_id", "not_allowed", "is not for the vendor's roles");
        }
        (false, Some(_)) => return refuse("/role", "not_allowed", "is not a partner's role"),
        _ => {}
    }
    let Some(partner) = partner_id else { return Ok(()) };
    let exists = partners::table.find(partner).select(partners::id).first::<PartnerId>(tx.sql()).optional()?.is_some();
    if !exists || actor.partner.is_some_and(|own| own != partner) {
        return refuse("/partner_id", "unknown_reference", "is not a partner that you can see");
    }
    Ok(())
}

fn refuse_taken(tx: &mut Tx, user: &User) -> Result<()> {
    let others = users::table.filter(users::id.ne(user.id)).select(users::id);
    let taken = |found: Option<UserId>, pointer: &str| match found {
        Some(_) => Err(DomainError::new(Code::AlreadyExists, "There is such a user already.").with_fault(
            pointer,
            "taken",
            "belongs to another user",
        )),
        None => Ok(()),
    };
    taken(others.filter(users::email.eq(&user.email)).first(tx.sql()).optional()?, "/email")?;
    if let Some(subject) = &user.oidc_subject {
        taken(others.filter(users::oidc_subject.eq(subject)).first(tx.sql()).optional()?, "/oidc_subject")?;
    }
    Ok(())
}

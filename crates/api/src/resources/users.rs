//! People who can sign in.

use actix_web::{
    get, patch, post,
    web::{Data, Path},
};
use identity::{
    NewUser, User, UserFilter, UserId, UserUpdate,
    user::{self, PasswordHash},
};
use kernel::{PartnerId, Role};
use partners::standing;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(UserList of User);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get_one).service(update);
}

/// Which users to list.
#[derive(Debug, Deserialize, IntoParams)]
struct UserQuery {
    /// Only with this e-mail address.
    #[param(max_length = 254, nullable = false)]
    email: Option<String>,
    /// Only with this role.
    #[param(nullable = false)]
    role: Option<Role>,
    /// Only of this partner.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
}

/// List users
///
/// The people who can sign in, newest first. A partner's people see their own company's.
#[utoipa::path(
    operation_id = "listUsers",
    tag = "users",
    security(("oauth2" = ["users:read"])),
    params(Listed, UserQuery),
    responses((status = 200, description = "One page of users.", body = UserList))
)]
#[get("/v1/users")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<UserQuery>) -> Outcome {
    let UserQuery { email, role, partner_id } = query.0;
    let (paging, filter) = (listed.paging(), UserFilter { email, role, partner_id });
    app.list::<UserList>(call, move |tx, actor| user::list(tx, actor, &filter, &paging)).await
}

/// Add a user
///
/// Without a password the person can only sign in through the foreign issuer that the server is configured for.
#[utoipa::path(
    operation_id = "createUser",
    tag = "users",
    security(("oauth2" = ["users:write"])),
    request_body = NewUser,
    extensions(("x-error-codes" = json!(["already_exists", "policy_refuses"]))),
    responses((status = 201, description = "The new user.", body = User))
)]
#[post("/v1/users")]
async fn create(app: Data<App>, call: Call, new: Valid<NewUser>) -> Outcome {
    let password = hashed(new.0.password.clone()).await?;
    app.write(call, move |tx, actor| {
        standing::company_may_act(tx, actor)?;
        let user = user::create(tx, actor, new.0.clone(), password.clone())?;
        Reply::created(format!("/v1/users/{}", user.id), &user)
    })
    .await
}

/// Get a user
///
/// One person who can sign in.
#[utoipa::path(
    operation_id = "getUser",
    tag = "users",
    security(("oauth2" = ["users:read"])),
    params(("id" = UserId, Path, description = "The user.")),
    responses((status = 200, description = "The user.", body = User))
)]
#[get("/v1/users/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<UserId>) -> Outcome {
    app.get(call, move |tx, actor| user::find(tx, actor, *id)).await
}

/// Change a user
///
/// What is left out stays. A new password, or suspending the user, ends all their sessions.
#[utoipa::path(
    operation_id = "updateUser",
    tag = "users",
    security(("oauth2" = ["users:write"])),
    params(("id" = UserId, Path, description = "The user.")),
    request_body = UserUpdate,
    extensions(("x-error-codes" = json!(["already_exists", "policy_refuses"]))),
    responses((status = 200, description = "The user as they are now.", body = User))
)]
#[patch("/v1/users/{id}")]
async fn update(app: Data<App>, call: Call, id: Path<UserId>, new: Valid<UserUpdate>) -> Outcome {
    let password = hashed(new.0.password.clone()).await?;
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        precondition.check(&user::find(tx, actor, *id)?)?;
        standing::company_may_act(tx, actor)?;
        Reply::ok(&user::update(tx, actor, *id, new.0.clone(), password.clone())?)
    })
    .await
}

/// Hashes outside the transaction and off the server's threads: it takes tens of milliseconds of CPU.
async fn hashed(password: Option<String>) -> Result<Option<PasswordHash>, crate::Problem> {
    let Some(password) = password else { return Ok(None) };
    Ok(Some(super::blocking(move || PasswordHash::of(&password)).await?))
}

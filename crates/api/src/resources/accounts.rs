//! End customers.

use actix_web::{
    get, patch, post,
    web::{Data, Path},
};
use deal_registration::account::{self, Account, AccountFilter, AccountId, AccountUpdate, NewAccount};
use kernel::{Country, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(AccountList of Account);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get_one).service(update);
}

/// Which accounts to list.
#[derive(Debug, Deserialize, IntoParams)]
struct AccountQuery {
    /// Only with the registrable domain of this host, URL or e-mail address.
    #[param(max_length = 253, nullable = false)]
    domain: Option<String>,
    /// Only those whose name is the same but for spelling: case, accents, legal form, word order.
    #[param(max_length = 200, nullable = false)]
    name: Option<String>,
    /// Only of this country.
    #[param(nullable = false)]
    country: Option<Country>,
    /// Only named accounts, or only others.
    #[param(nullable = false)]
    named: Option<bool>,
    /// Only those changed at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// List accounts
///
/// Newest first. Accounts are the vendor's: partners see only what they registered themselves.
#[utoipa::path(
    operation_id = "listAccounts",
    tag = "accounts",
    security(("oauth2" = ["accounts:read"])),
    params(Listed, AccountQuery),
    responses((status = 200, description = "One page of accounts.", body = AccountList))
)]
#[get("/v1/accounts")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<AccountQuery>) -> Outcome {
    let AccountQuery { domain, name, country, named, updated_after } = query.0;
    let (paging, filter) = (listed.paging(), AccountFilter { domain, name, country, named, updated_after });
    app.list::<AccountList>(call, move |tx, _| account::list(tx, &filter, &paging)).await
}

/// Add an account
///
/// Registrations add accounts by themselves; add one to reserve it as a named account.
#[utoipa::path(
    operation_id = "createAccount",
    tag = "accounts",
    security(("oauth2" = ["accounts:write"])),
    request_body = NewAccount,
    extensions(("x-error-codes" = json!(["already_exists"]))),
    responses((status = 201, description = "The new account.", body = Account))
)]
#[post("/v1/accounts")]
async fn create(app: Data<App>, call: Call, new: Valid<NewAccount>) -> Outcome {
    app.write(call, move |tx, actor| {
        let made = account::create(tx, actor, new.0.clone())?;
        Reply::created(format!("/v1/accounts/{}", made.id), &made)
    })
    .await
}

/// Get an account
///
/// One end customer.
#[utoipa::path(
    operation_id = "getAccount",
    tag = "accounts",
    security(("oauth2" = ["accounts:read"])),
    params(("id" = AccountId, Path, description = "The account.")),
    responses((status = 200, description = "The account.", body = Account))
)]
#[get("/v1/accounts/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<AccountId>) -> Outcome {
    app.get(call, move |tx, _| account::find(tx, *id)).await
}

/// Change an account
///
/// What is left out stays. `named` reserves the account for the vendor's own team.
#[utoipa::path(
    operation_id = "updateAccount",
    tag = "accounts",
    security(("oauth2" = ["accounts:write"])),
    params(("id" = AccountId, Path, description = "The account.")),
    request_body = AccountUpdate,
    extensions(("x-error-codes" = json!(["already_exists"]))),
    responses((status = 200, description = "The account as it is now.", body = Account))
)]
#[patch("/v1/accounts/{id}")]
async fn update(app: Data<App>, call: Call, id: Path<AccountId>, new: Valid<AccountUpdate>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        Reply::ok(&account::update(tx, actor, *id, new.0.clone(), |current| precondition.check(current))?)
    })
    .await
}

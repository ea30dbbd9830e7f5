//! Integrations that sign in with a secret.

use actix_web::{
    get, patch, post,
    web::{Data, Path},
};
use identity::{ApiClient, ApiClientId, ApiClientSecret, ApiClientUpdate, NewApiClient, client};
use kernel::PartnerId;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(ApiClientList of ApiClient);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get_one).service(update).service(rotate_secret).service(revoke);
}

/// Which API clients to list.
#[derive(Debug, Deserialize, IntoParams)]
struct ApiClientQuery {
    /// Only of this partner.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
}

/// List API clients
///
/// Newest first; never with their secrets.
#[utoipa::path(
    operation_id = "listApiClients",
    tag = "api_clients",
    security(("oauth2" = ["api_clients:read"])),
    params(Listed, ApiClientQuery),
    responses((status = 200, description = "One page of API clients.", body = ApiClientList))
)]
#[get("/v1/api-clients")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<ApiClientQuery>) -> Outcome {
    let (paging, partner) = (listed.paging(), query.partner_id);
    app.list::<ApiClientList>(call, move |tx, _| client::list(tx, partner, &paging)).await
}

/// Add an API client
///
/// The answer holds the secret, which is never shown again. Nobody gives scopes that they do not hold.
#[utoipa::path(
    operation_id = "createApiClient",
    tag = "api_clients",
    security(("oauth2" = ["api_clients:write"])),
    request_body = NewApiClient,
    responses((status = 201, description = "The new client with its secret.", body = ApiClientSecret))
)]
#[post("/v1/api-clients")]
async fn create(app: Data<App>, call: Call, new: Valid<NewApiClient>) -> Outcome {
    app.write(call, move |tx, actor| {
        let made = client::create(tx, actor, new.0.clone())?;
        Reply::created(format!("/v1/api-clients/{}", made.client.id), &made)?.tagged_as(&made.client)
    })
    .await
}

/// Get an API client
///
/// Never with its secret.
#[utoipa::path(
    operation_id = "getApiClient",
    tag = "api_clients",
    security(("oauth2" = ["api_clients:read"])),
    params(("client_id" = ApiClientId, Path, description = "The client.")),
    responses((status = 200, description = "The client.", body = ApiClient))
)]
#[get("/v1/api-clients/{client_id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<ApiClientId>) -> Outcome {
    app.get(call, move |tx, _| client::find(tx, *id)).await
}

/// Change an API client
///
/// What is left out stays. Fewer scopes hold from the next request on, for tokens that are out already too.
#[utoipa::path(
    operation_id = "updateApiClient",
    tag = "api_clients",
    security(("oauth2" = ["api_clients:write"])),
    params(("client_id" = ApiClientId, Path, description = "The client.")),
    request_body = ApiClientUpdate,
    responses((status = 200, description = "The client as it is now.", body = ApiClient))
)]
#[patch("/v1/api-clients/{client_id}")]
async fn update(app: Data<App>, call: Call, id: Path<ApiClientId>, new: Valid<ApiClientUpdate>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        precondition.check(&client::find(tx, *id)?)?;
        Reply::ok(&client::update(tx, actor, *id, new.0.clone())?)
    })
    .await
}

/// Rotate an API client's secret
///
/// The answer holds the new secret, which is never shown again; the old one is worth nothing from now on.
#[utoipa::path(
    operation_id = "rotateApiClientSecret",
    tag = "api_clients",
    security(("oauth2" = ["api_clients:write"])),
    params(("client_id" = ApiClientId, Path, description = "The client.")),
    responses((status = 200, description = "The client with its new secret.", body = ApiClientSecret))
)]
#[post("/v1/api-clients/{client_id}/rotate-secret")]
async fn rotate_secret(app: Data<App>, call: Call, id: Path<ApiClientId>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        precondition.check(&client::find(tx, *id)?)?;
        let made = client::rotate_secret(tx, actor, *id)?;
        Reply::ok(&made)?.tagged_as(&made.client)
    })
    .await
}

/// Revoke an API client
///
/// Its tokens are refused from now on, and it never gets another.
#[utoipa::path(
    operation_id = "revokeApiClient",
    tag = "api_clients",
    security(("oauth2" = ["api_clients:write"])),
    params(("client_id" = ApiClientId, Path, description = "The client.")),
    responses((status = 200, description = "The revoked client.", body = ApiClient))
)]
#[post("/v1/api-clients/{client_id}/revoke")]
async fn revoke(app: Data<App>, call: Call, id: Path<ApiClientId>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        precondition.check(&client::find(tx, *id)?)?;
        Reply::ok(&client::revoke(tx, actor, *id)?)
    })
    .await
}

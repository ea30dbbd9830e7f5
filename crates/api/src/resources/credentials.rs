//! What people were awarded.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use chrono::NaiveDate;
use kernel::{PartnerId, Timestamp};
use serde::Deserialize;
use training::{
    Credential, CredentialFilter, CredentialId, PersonId, RevokeCredential,
    credential::{self, Status as CredentialStatus},
};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, CsvText, Exported, Listed, Outcome, Query, Valid, list_of};

list_of!(CredentialList of Credential);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(export).service(get_one).service(revoke);
}

/// Which credentials to list.
#[derive(Debug, Deserialize, IntoParams)]
struct CredentialQuery {
    /// Only of this partner's people.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only of this person.
    #[param(nullable = false)]
    person_id: Option<PersonId>,
    /// Only of this certification, by slug.
    #[param(max_length = 64, nullable = false)]
    certification: Option<String>,
    /// Only with this status.
    #[param(nullable = false)]
    status: Option<CredentialStatus>,
    /// Only valid ones whose last day is before this day.
    #[param(nullable = false)]
    expires_before: Option<NaiveDate>,
    /// Only those changed at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

impl From<CredentialQuery> for CredentialFilter {
    fn from(query: CredentialQuery) -> Self {
        let CredentialQuery { partner_id, person_id, certification, status, expires_before, updated_after } = query;
        Self { partner_id, person_id, certification, status, expires_before, updated_after }
    }
}

/// List credentials
///
/// What people were awarded, newest first. Each says what it rests on, and until when it counts.
#[utoipa::path(
    operation_id = "listCredentials",
    tag = "credentials",
    security(("oauth2" = ["training:read"])),
    params(Listed, CredentialQuery),
    responses((status = 200, description = "One page of credentials.", body = CredentialList))
)]
#[get("/v1/credentials")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<CredentialQuery>) -> Outcome {
    let (paging, filter) = (listed.paging(), query.0.into());
    app.list::<CredentialList>(call, move |tx, actor| credential::list(tx, actor, &filter, &paging)).await
}

/// Export credentials
///
/// The same as CSV, with names and e-mail addresses, and as many rows at once as a spreadsheet takes. A cell that a
/// spreadsheet could take for a formula begins with an apostrophe.
#[utoipa::path(
    operation_id = "exportCredentials",
    tag = "credentials",
    security(("oauth2" = ["training:read"])),
    params(Exported, CredentialQuery),
    responses((status = 200, description = "The rows.", content_type = "text/csv", body = CsvText))
)]
#[get("/v1/credentials.csv")]
async fn export(app: Data<App>, call: Call, asked: Query<Exported>, query: Query<CredentialQuery>) -> Outcome {
    let (Exported { limit, cursor }, filter) = (asked.0, query.0.into());
    let limit = limit.unwrap_or(training::export::MOST_ROWS);
    app.export(call, move |tx, actor| training::export::credentials(tx, actor, &filter, limit, cursor)).await
}

/// Get a credential
///
/// A certification that a person was awarded, for a time.
#[utoipa::path(
    operation_id = "getCredential",
    tag = "credentials",
    security(("oauth2" = ["training:read"])),
    params(("id" = CredentialId, Path, description = "The credential.")),
    responses((status = 200, description = "The credential.", body = Credential))
)]
#[get("/v1/credentials/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<CredentialId>) -> Outcome {
    app.get(call, move |tx, actor| credential::find(tx, actor, *id)).await
}

/// Revoke a credential
///
/// From today on it does not count, and what earned it does not earn it again.
#[utoipa::path(
    operation_id = "revokeCredential",
    tag = "credentials",
    security(("oauth2" = ["training:manage"])),
    params(("id" = CredentialId, Path, description = "The credential.")),
    request_body = RevokeCredential,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The credential as it is now.", body = Credential))
)]
#[post("/v1/credentials/{id}/revoke")]
async fn revoke(app: Data<App>, call: Call, id: Path<CredentialId>, request: Valid<RevokeCredential>) -> Outcome {
    app.change(call, *id, request.0, credential::revoke).await
}

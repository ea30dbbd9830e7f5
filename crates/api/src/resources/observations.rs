//! What other systems report of partners.

use actix_web::{
    get, post, put,
    web::{Data, Path},
};
use chrono::NaiveDate;
use facts::{
    Observation, ObservationFilter, ObservationId, ObservationResults, PutObservations, WithdrawObservation,
    observation,
};
use kernel::{PartnerId, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(ObservationList of Observation);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(put_all).service(get_one).service(withdraw);
}

/// Which observations to list.
#[derive(Debug, Deserialize, IntoParams)]
struct ObservationQuery {
    /// Only of this partner.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only of this metric.
    #[param(nullable = false, pattern = "^[a-z][a-z0-9_]{0,63}$")]
    metric: Option<String>,
    /// Only what this system reported.
    #[param(nullable = false, pattern = "^[a-z0-9][a-z0-9._-]{0,63}$")]
    source: Option<String>,
    /// Only of this day or later; of a period, its last day counts, and of certificates the first.
    #[param(nullable = false)]
    from: Option<NaiveDate>,
    /// Only of this day or earlier.
    #[param(nullable = false)]
    to: Option<NaiveDate>,
    /// As they were known at this time, before later corrections.
    #[param(nullable = false)]
    known_at: Option<Timestamp>,
    /// With what was corrected or withdrawn.
    #[param(nullable = false)]
    history: Option<bool>,
    /// Only those recorded, or with `history` also corrected or withdrawn, at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// List observations
///
/// Those recorded last first. A partner sees its own; a channel manager those of their partners.
#[utoipa::path(
    operation_id = "listObservations",
    tag = "facts",
    security(("oauth2" = ["facts:read"])),
    params(Listed, ObservationQuery),
    responses((status = 200, description = "One page of observations.", body = ObservationList))
)]
#[get("/v1/observations")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<ObservationQuery>) -> Outcome {
    let ObservationQuery { partner_id, metric, source, from, to, known_at, history, updated_after } = query.0;
    let history = history.unwrap_or_default();
    let filter = ObservationFilter { partner_id, metric, source, from, to, known_at, history, updated_after };
    let paging = listed.paging();
    app.list::<ObservationList>(call, move |tx, actor| observation::list(tx, actor, &filter, &paging)).await
}

/// Report observations
///
/// Up to 1,000, all or none. The same again is `unchanged`; something else of the same metric, day or period, and
/// dimensions (or of the same external id of a source) corrects it, and the history keeps what was known. Programs read
/// them by `source: { observation: METRIC }`; `transactions` and `certificates` stand beside what the engine knows.
#[utoipa::path(
    operation_id = "putObservations",
    tag = "facts",
    security(("oauth2" = ["observations:write"])),
    request_body = PutObservations,
    extensions(("x-bulk" = json!(true))),
    responses((status = 200, description = "What became of each, in their order.", body = ObservationResults))
)]
#[put("/v1/observations")]
async fn put_all(app: Data<App>, call: Call, request: Valid<PutObservations>) -> Outcome {
    app.write(call, move |tx, actor| Reply::ok(&observation::put(tx, actor, &request.0)?)).await
}

/// Get an observation
///
/// As it is now; one that was withdrawn as it was then, with `superseded_at`.
#[utoipa::path(
    operation_id = "getObservation",
    tag = "facts",
    security(("oauth2" = ["facts:read"])),
    params(("id" = ObservationId, Path, description = "The observation.")),
    responses((status = 200, description = "The observation.", body = Observation))
)]
#[get("/v1/observations/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<ObservationId>) -> Outcome {
    app.get(call, move |tx, actor| observation::find(tx, actor, *id)).await
}

/// Withdraw an observation
///
/// With a reason. It counts no longer; what was decided by it stays explained. It can be reported anew.
#[utoipa::path(
    operation_id = "withdrawObservation",
    tag = "facts",
    security(("oauth2" = ["observations:write"])),
    params(("id" = ObservationId, Path, description = "The observation.")),
    request_body = WithdrawObservation,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The observation as it was.", body = Observation))
)]
#[post("/v1/observations/{id}/withdraw")]
async fn withdraw(app: Data<App>, call: Call, id: Path<ObservationId>, request: Valid<WithdrawObservation>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        Reply::ok(&observation::withdraw(tx, actor, *id, &request.0, |current| precondition.check(current))?)
    })
    .await
}

//! What whoever applies does with their application: the token that they got stands for it.

use actix_web::{get, post, web::Data};
use identity::user::PasswordHash;
use partners::application::{
    OwnApplication, own,
    requests::{ChoosePassword, SupplyApplicationInformation, WithdrawApplication},
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::blocking;
use crate::{App, Call, Outcome, Reply, Valid};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_one).service(supply_information).service(withdraw).service(choose_password);
}

/// Get one's own application
///
/// Where it stands, what is asked for, and what was decided.
#[utoipa::path(
    operation_id = "getOwnApplication",
    tag = "applications",
    security(("application_token" = [])),
    responses((status = 200, description = "The application.", body = OwnApplication))
)]
#[get("/v1/own-application")]
async fn get_one(app: Data<App>, call: Call) -> Outcome {
    app.get(call, own::find).await
}

/// Supply what one was asked for
///
/// The application is screened anew, and goes back into review.
#[utoipa::path(
    operation_id = "supplyOwnApplicationInformation",
    tag = "applications",
    security(("application_token" = [])),
    request_body = SupplyApplicationInformation,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The application as it is now.", body = OwnApplication))
)]
#[post("/v1/own-application/supply-information")]
async fn supply_information(app: Data<App>, call: Call, request: Valid<SupplyApplicationInformation>) -> Outcome {
    app.write(call, move |tx, actor| Reply::ok(&own::supply_information(tx, actor, request.0.clone())?)).await
}

/// Withdraw one's own application
///
/// The company may apply again at once.
#[utoipa::path(
    operation_id = "withdrawOwnApplication",
    tag = "applications",
    security(("application_token" = [])),
    request_body = Option<WithdrawApplication>,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The application as it is now.", body = OwnApplication))
)]
#[post("/v1/own-application/withdraw")]
async fn withdraw(app: Data<App>, call: Call, request: Valid<WithdrawApplication>) -> Outcome {
    app.write(call, move |tx, actor| Reply::ok(&own::withdraw(tx, actor, request.0.clone())?)).await
}

/// Choose the first password
///
/// Of the user that approval made of the application's contact (`user_email`), once. Then they sign in with
/// `createToken`.
#[utoipa::path(
    operation_id = "chooseApplicantPassword",
    tag = "applications",
    security(("application_token" = [])),
    request_body = ChoosePassword,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The application as it is now.", body = OwnApplication))
)]
#[post("/v1/own-application/choose-password")]
async fn choose_password(app: Data<App>, call: Call, request: Valid<ChoosePassword>) -> Outcome {
    // Hashing costs: not for whoever has nothing to choose.
    app.read(&call, own::may_choose_password).await?;
    let password = blocking(move || PasswordHash::of(&request.0.password)).await?;
    app.write(call, move |tx, actor| Reply::ok(&own::choose_password(tx, actor, password.clone())?)).await
}

//! What is decided on a deal registration, and what follows until its end: one verb each.

use actix_web::{
    post,
    web::{Data, Path},
};
use deal_registration::{
    DealId, DealRegistration, decide, dispute as disputes, follow, register,
    requests::{
        Approve, Extend, Lose, RaiseDispute, Reject, Release, RequestInformation, ResolveDispute, Win, Withdraw,
    },
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Outcome, Valid};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(submit)
        .service(claim_review)
        .service(request_information)
        .service(approve)
        .service(reject)
        .service(withdraw)
        .service(release)
        .service(extend)
        .service(win)
        .service(lose)
        .service(dispute)
        .service(resolve);
}

/// Submit a deal registration
///
/// Hands in a draft, or one for which more was asked. The verdict is made now, and the policy may approve at once.
#[utoipa::path(
    operation_id = "submitDealRegistration",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:write"])),
    params(("id" = DealId, Path, description = "The registration.")),
    extensions(("x-error-codes" = json!(["invalid_transition", "agreement_required", "policy_refuses"]))),
    responses((status = 200, description = "The registration as it is now.", body = DealRegistration))
)]
#[post("/v1/deal-registrations/{id}/submit")]
async fn submit(app: Data<App>, call: Call, id: Path<DealId>) -> Outcome {
    app.change(call, *id, (), |tx, actor, id, (), check| register::submit(tx, actor, id, check)).await
}

/// Take up a deal registration's review
///
/// The caller becomes its reviewer.
#[utoipa::path(
    operation_id = "claimDealRegistrationReview",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:decide"])),
    params(("id" = DealId, Path, description = "The registration.")),
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The registration as it is now.", body = DealRegistration))
)]
#[post("/v1/deal-registrations/{id}/claim-review")]
async fn claim_review(app: Data<App>, call: Call, id: Path<DealId>) -> Outcome {
    app.change(call, *id, (), |tx, actor, id, (), check| decide::claim_review(tx, actor, id, check)).await
}

/// Ask the partner for more
///
/// Names what is missing, per field. The clock of the decision stands still until the partner submits again.
#[utoipa::path(
    operation_id = "requestDealRegistrationInformation",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:decide"])),
    params(("id" = DealId, Path, description = "The registration.")),
    request_body = RequestInformation,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The registration as it is now.", body = DealRegistration))
)]
#[post("/v1/deal-registrations/{id}/request-information")]
async fn request_information(
    app: Data<App>,
    call: Call,
    id: Path<DealId>,
    request: Valid<RequestInformation>,
) -> Outcome {
    app.change(call, *id, request.0, decide::request_information).await
}

/// Approve a deal registration
///
/// Protection begins now, for as long as the partner's tier gives. `deal_conflict` when another protection is in the way.
#[utoipa::path(
    operation_id = "approveDealRegistration",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:decide"])),
    params(("id" = DealId, Path, description = "The registration.")),
    request_body = Option<Approve>,
    extensions(("x-error-codes" = json!(["invalid_transition", "deal_conflict", "policy_refuses"]))),
    responses((status = 200, description = "The registration as it is now.", body = DealRegistration))
)]
#[post("/v1/deal-registrations/{id}/approve")]
async fn approve(app: Data<App>, call: Call, id: Path<DealId>, request: Valid<Approve>) -> Outcome {
    app.change(call, *id, request.0, decide::approve).await
}

/// Reject a deal registration
///
/// With an enumerated reason, and in words for the partner, who may dispute it.
#[utoipa::path(
    operation_id = "rejectDealRegistration",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:decide"])),
    params(("id" = DealId, Path, description = "The registration.")),
    request_body = Reject,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The registration as it is now.", body = DealRegistration))
)]
#[post("/v1/deal-registrations/{id}/reject")]
async fn reject(app: Data<App>, call: Call, id: Path<DealId>, request: Valid<Reject>) -> Outcome {
    app.change(call, *id, request.0, decide::reject).await
}

/// Withdraw a deal registration
///
/// Takes it back before a decision.
#[utoipa::path(
    operation_id = "withdrawDealRegistration",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:write"])),
    params(("id" = DealId, Path, description = "The registration.")),
    request_body = Option<Withdraw>,
    extensions(("x-error-codes" = json!(["invalid_transition", "agreement_required", "policy_refuses"]))),
    responses((status = 200, description = "The registration as it is now.", body = DealRegistration))
)]
#[post("/v1/deal-registrations/{id}/withdraw")]
async fn withdraw(app: Data<App>, call: Call, id: Path<DealId>, request: Valid<Withdraw>) -> Outcome {
    app.change(call, *id, request.0, follow::withdraw).await
}

/// Release a protection
///
/// The partner gives it up, or the vendor takes it back and says why. The account is free from now on.
#[utoipa::path(
    operation_id = "releaseDealRegistration",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:write"])),
    params(("id" = DealId, Path, description = "The registration.")),
    request_body = Option<Release>,
    extensions(("x-error-codes" = json!(["invalid_transition", "agreement_required", "policy_refuses"]))),
    responses((status = 200, description = "The registration as it is now.", body = DealRegistration))
)]
#[post("/v1/deal-registrations/{id}/release")]
async fn release(app: Data<App>, call: Call, id: Path<DealId>, request: Valid<Release>) -> Outcome {
    app.change(call, *id, request.0, follow::release).await
}

/// Extend a protection
///
/// Within the program's policy: how often, how long, how early, and with what progress.
#[utoipa::path(
    operation_id = "extendDealRegistration",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:write"])),
    params(("id" = DealId, Path, description = "The registration.")),
    request_body = Option<Extend>,
    extensions(("x-error-codes" = json!(["invalid_transition", "agreement_required", "policy_refuses"]))),
    responses((status = 200, description = "The registration as it is now.", body = DealRegistration))
)]
#[post("/v1/deal-registrations/{id}/extend")]
async fn extend(app: Data<App>, call: Call, id: Path<DealId>, request: Valid<Extend>) -> Outcome {
    app.change(call, *id, request.0, follow::extend).await
}

/// Win a deal
///
/// Ends it with what it was worth.
#[utoipa::path(
    operation_id = "winDealRegistration",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:write"])),
    params(("id" = DealId, Path, description = "The registration.")),
    request_body = Win,
    extensions(("x-error-codes" = json!(["invalid_transition", "agreement_required", "policy_refuses"]))),
    responses((status = 200, description = "The registration as it is now.", body = DealRegistration))
)]
#[post("/v1/deal-registrations/{id}/win")]
async fn win(app: Data<App>, call: Call, id: Path<DealId>, request: Valid<Win>) -> Outcome {
    app.change(call, *id, request.0, follow::win).await
}

/// Lose a deal
///
/// Ends it with an enumerated reason.
#[utoipa::path(
    operation_id = "loseDealRegistration",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:write"])),
    params(("id" = DealId, Path, description = "The registration.")),
    request_body = Lose,
    extensions(("x-error-codes" = json!(["invalid_transition", "agreement_required", "policy_refuses"]))),
    responses((status = 200, description = "The registration as it is now.", body = DealRegistration))
)]
#[post("/v1/deal-registrations/{id}/lose")]
async fn lose(app: Data<App>, call: Call, id: Path<DealId>, request: Valid<Lose>) -> Outcome {
    app.change(call, *id, request.0, follow::lose).await
}

/// Dispute a decision
///
/// A rejection, or a conflict that has not been decided yet.
#[utoipa::path(
    operation_id = "disputeDealRegistration",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:write"])),
    params(("id" = DealId, Path, description = "The registration.")),
    request_body = RaiseDispute,
    extensions(("x-error-codes" = json!(["invalid_transition", "agreement_required", "policy_refuses"]))),
    responses((status = 200, description = "The registration as it is now.", body = DealRegistration))
)]
#[post("/v1/deal-registrations/{id}/dispute")]
async fn dispute(app: Data<App>, call: Call, id: Path<DealId>, request: Valid<RaiseDispute>) -> Outcome {
    app.change(call, *id, request.0, disputes::dispute).await
}

/// Resolve a dispute
///
/// Upholds the decision, overturns it, or splits the products. What is granted is taken from whoever holds it, in the same transaction.
#[utoipa::path(
    operation_id = "resolveDealRegistrationDispute",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:decide"])),
    params(("id" = DealId, Path, description = "The registration.")),
    request_body = ResolveDispute,
    extensions(("x-error-codes" = json!(["invalid_transition", "deal_conflict", "policy_refuses"]))),
    responses((status = 200, description = "The registration as it is now.", body = DealRegistration))
)]
#[post("/v1/deal-registrations/{id}/resolve")]
async fn resolve(app: Data<App>, call: Call, id: Path<DealId>, request: Valid<ResolveDispute>) -> Outcome {
    app.change(call, *id, request.0, disputes::resolve).await
}

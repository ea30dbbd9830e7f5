//! The tier of an enrollment: as it stands, why, what comes next, and what the vendor sets by hand.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use chrono::NaiveDate;
use kernel::Timestamp;
use partners::{EnrollmentId, LiftTierOverride, OverrideTier, TierDecision, tier};
use serde::Deserialize;
use tiers::{Asked, EnrollmentBenefits, TierExplanation, TierForecast, TierHeld, TierProgress, TrainingCompliance};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(TierDecisionList of TierDecision);

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_tier)
        .service(history)
        .service(progress)
        .service(explanation)
        .service(forecast)
        .service(benefits)
        .service(training_compliance)
        .service(set_override)
        .service(lift_override);
}

/// For which day.
#[derive(Debug, Deserialize, IntoParams)]
struct OnDay {
    /// The day for which the rules are asked; today if left out.
    #[param(nullable = false)]
    as_of: Option<NaiveDate>,
}

/// Which explanation.
#[derive(Debug, Deserialize, IntoParams)]
struct WhichExplanation {
    /// The day for which the rules are asked; today if left out.
    #[param(nullable = false)]
    as_of: Option<NaiveDate>,
    /// What was known by then counts; that of the last decision for the day, or now, if left out.
    #[param(nullable = false)]
    known_at: Option<Timestamp>,
    /// The version of the rules; that of the decision, or the one in force on the day, if left out.
    #[param(nullable = false, minimum = 1)]
    version: Option<i32>,
}

/// Until when.
#[derive(Debug, Deserialize, IntoParams)]
struct Until {
    /// The last day to look at, up to three years from now; a year from now if left out.
    #[param(nullable = false)]
    until: Option<NaiveDate>,
}

/// At which time.
#[derive(Debug, Deserialize, IntoParams)]
struct AtTime {
    /// The time; now if left out.
    #[param(nullable = false)]
    at: Option<Timestamp>,
}

/// Which tier, and for which day.
#[derive(Debug, Deserialize, IntoParams)]
struct WhichTier {
    /// The tier; the next one if left out, or the highest for whoever has it.
    #[param(nullable = false, max_length = 64)]
    tier: Option<String>,
    /// The day, up to three years from now; today if left out.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
}

/// Get an enrollment's tier
///
/// Since when the partner has it, when it is reviewed next, until when it is in grace, what the vendor has set, and what
/// happens next if nothing else does.
#[utoipa::path(
    operation_id = "getEnrollmentTier",
    tag = "tiers",
    security(("oauth2" = ["partners:read"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment.")),
    responses((status = 200, description = "The tier.", body = TierHeld))
)]
#[get("/v1/enrollments/{id}/tier")]
async fn get_tier(app: Data<App>, call: Call, id: Path<EnrollmentId>) -> Outcome {
    app.get(call, move |tx, actor| tiers::current(tx, actor, *id)).await
}

/// List an enrollment's tier decisions
///
/// Newest first: what was decided on the tier, when, by whom, under which version of the rules and by what was known.
#[utoipa::path(
    operation_id = "listTierDecisions",
    tag = "tiers",
    security(("oauth2" = ["partners:read"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment."), Listed),
    responses((status = 200, description = "One page of decisions.", body = TierDecisionList))
)]
#[get("/v1/enrollments/{id}/tier-history")]
async fn history(app: Data<App>, call: Call, id: Path<EnrollmentId>, listed: Query<Listed>) -> Outcome {
    let paging = listed.paging();
    app.list::<TierDecisionList>(call, move |tx, actor| tier::history(tx, actor, *id, &paging)).await
}

/// Get an enrollment's progress
///
/// For every higher tier what it requires, as a tree with value, threshold, gap, unit and what it rests on; and what
/// would be enough with the least effort.
#[utoipa::path(
    operation_id = "getTierProgress",
    tag = "tiers",
    security(("oauth2" = ["partners:read"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment."), OnDay),
    responses((status = 200, description = "The progress.", body = TierProgress))
)]
#[get("/v1/enrollments/{id}/progress")]
async fn progress(app: Data<App>, call: Call, id: Path<EnrollmentId>, query: Query<OnDay>) -> Outcome {
    app.get(call, move |tx, actor| tiers::progress(tx, actor, *id, query.as_of)).await
}

/// Explain an enrollment's tier
///
/// The decision of a day with the version of the rules, every input and the reasons, down to the facts. The same day,
/// time and version give the same answer to the byte, whatever was reported or corrected since.
#[utoipa::path(
    operation_id = "explainTier",
    tag = "tiers",
    security(("oauth2" = ["partners:read"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment."), WhichExplanation),
    extensions(("x-never" = json!(["etag"]))),
    responses((status = 200, description = "The explanation.", body = TierExplanation))
)]
#[get("/v1/enrollments/{id}/explanation")]
async fn explanation(app: Data<App>, call: Call, id: Path<EnrollmentId>, query: Query<WhichExplanation>) -> Outcome {
    let WhichExplanation { as_of, known_at, version } = query.0;
    app.tell(call, move |tx, actor| tiers::explanation(tx, actor, *id, Asked { as_of, known_at, version })).await
}

/// Forecast an enrollment's tier
///
/// What lapses when, and the tier after each of these days, if nothing else happens: certificates that end, deals that
/// leave their window, what was entered for a time, reviews, grace and overrides.
#[utoipa::path(
    operation_id = "forecastTier",
    tag = "tiers",
    security(("oauth2" = ["partners:read"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment."), Until),
    responses((status = 200, description = "The forecast.", body = TierForecast))
)]
#[get("/v1/enrollments/{id}/forecast")]
async fn forecast(app: Data<App>, call: Call, id: Path<EnrollmentId>, query: Query<Until>) -> Outcome {
    app.get(call, move |tx, actor| tiers::forecast(tx, actor, *id, query.until)).await
}

/// Get an enrollment's benefits
///
/// What the partner gets by its tier, and under which version of the rules, now or at a time that has passed.
#[utoipa::path(
    operation_id = "getEnrollmentBenefits",
    tag = "tiers",
    security(("oauth2" = ["partners:read"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment."), AtTime),
    responses((status = 200, description = "The benefits.", body = EnrollmentBenefits))
)]
#[get("/v1/enrollments/{id}/benefits")]
async fn benefits(app: Data<App>, call: Call, id: Path<EnrollmentId>, query: Query<AtTime>) -> Outcome {
    app.get(call, move |tx, actor| tiers::benefits(tx, actor, *id, query.at)).await
}

/// Override an enrollment's tier
///
/// The tier holds until its time, whatever the rules say; afterwards the partner has the one again that it had before,
/// and the rules go on from there. A second override takes the place of the first.
#[utoipa::path(
    operation_id = "overrideTier",
    tag = "tiers",
    security(("oauth2" = ["partners:write"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment.")),
    request_body = OverrideTier,
    responses((status = 200, description = "The tier as it stands now.", body = TierHeld))
)]
#[post("/v1/enrollments/{id}/tier-override")]
async fn set_override(app: Data<App>, call: Call, id: Path<EnrollmentId>, new: Valid<OverrideTier>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        tier::set_override(tx, actor, *id, new.0.clone(), |current| precondition.check(current))?;
        Reply::ok(&tiers::current(tx, actor, *id)?)
    })
    .await
}

/// Lift an enrollment's tier override
///
/// Before its time, with a reason. The partner has the tier again that it had before.
#[utoipa::path(
    operation_id = "liftTierOverride",
    tag = "tiers",
    security(("oauth2" = ["partners:write"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment.")),
    request_body = LiftTierOverride,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The tier as it stands now.", body = TierHeld))
)]
#[post("/v1/enrollments/{id}/tier-override/lift")]
async fn lift_override(app: Data<App>, call: Call, id: Path<EnrollmentId>, why: Valid<LiftTierOverride>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        tier::lift_override(tx, actor, *id, why.0.clone(), |current| precondition.check(current))?;
        Reply::ok(&tiers::current(tx, actor, *id)?)
    })
    .await
}

/// Get an enrollment's training compliance
///
/// Required against held: for the next tier, or the one that is asked for, every metric that counts people who hold
/// certifications, by certification and by person; what expires within twelve months; and the cheapest set of people and
/// what they learn that closes the gap.
#[utoipa::path(
    operation_id = "getTrainingCompliance",
    tag = "training",
    security(("oauth2" = ["training:read"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment."), WhichTier),
    responses((status = 200, description = "The compliance.", body = TrainingCompliance))
)]
#[get("/v1/enrollments/{id}/training-compliance")]
async fn training_compliance(app: Data<App>, call: Call, id: Path<EnrollmentId>, query: Query<WhichTier>) -> Outcome {
    let WhichTier { tier, at } = query.0;
    app.get(call, move |tx, actor| tiers::compliance(tx, actor, *id, tier.as_deref(), at)).await
}

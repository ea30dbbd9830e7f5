//! Deal registrations: lists, registering, changing. What is decided on them is in `deal_decisions`.

use actix_web::{
    HttpRequest, get, patch, post,
    web::{Data, Path},
};
use deal_registration::{
    DealId, DealRegistration,
    account::{AccountId, Sighting},
    explain::{self, Explanation, Timeline},
    filter::{self, DealFilter, Sort},
    model::{Stage, Status},
    register::{self, CheckResult},
    requests::{DealCheck, DealUpdate, NewDealRegistration},
    store,
};
use kernel::{Code, Currency, Error, Money, PartnerId, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Counted, Listed, Outcome, Query, Reply, Valid, app::subject, gate, list_of};

list_of!(DealRegistrationList of DealRegistration, counted);

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(create)
        .service(check)
        .service(get_one)
        .service(update)
        .service(timeline)
        .service(explanation);
}

/// Which registrations to list.
#[derive(Debug, Deserialize, IntoParams)]
struct DealQuery {
    /// Only with one of these statuses, separated by commas.
    #[param(max_items = 11, nullable = false)]
    status: Option<Vec<Status>>,
    /// Only at one of these stages, separated by commas.
    #[param(max_items = 9, nullable = false)]
    stage: Option<Vec<Stage>>,
    /// Only of this partner.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only in this program, by slug.
    #[param(max_length = 64, nullable = false)]
    program: Option<String>,
    /// Only at this account.
    #[param(nullable = false)]
    account_id: Option<AccountId>,
    /// Only for this product.
    #[param(max_length = 64, nullable = false)]
    product: Option<String>,
    /// Only registered by this user or API client.
    #[param(max_length = 120, nullable = false)]
    owner_id: Option<String>,
    /// Only in this currency; required with `amount_min` and `amount_max`.
    #[param(nullable = false)]
    currency: Option<Currency>,
    /// Only from this amount on.
    #[param(pattern = r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?$", max_length = 20, nullable = false)]
    amount_min: Option<String>,
    /// Only up to this amount.
    #[param(pattern = r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?$", max_length = 20, nullable = false)]
    amount_max: Option<String>,
    /// Only created at or after this time.
    #[param(nullable = false)]
    created_after: Option<Timestamp>,
    /// Only created before this time.
    #[param(nullable = false)]
    created_before: Option<Timestamp>,
    /// Only changed at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
    /// Only changed before this time.
    #[param(nullable = false)]
    updated_before: Option<Timestamp>,
    /// Only protected until this time or later.
    #[param(nullable = false)]
    protected_until_after: Option<Timestamp>,
    /// Only protected until before this time.
    #[param(nullable = false)]
    protected_until_before: Option<Timestamp>,
    /// Only with an external reference to this system.
    #[param(max_length = 64, nullable = false)]
    external_system: Option<String>,
    /// Only with this id in an external system; with `external_system`, in that one.
    #[param(max_length = 200, nullable = false)]
    external_id: Option<String>,
    /// Only those whose title, account or notes contain this, ignoring case and accents.
    #[param(min_length = 1, max_length = 100, nullable = false)]
    q: Option<String>,
    /// In which order; newest first if left out.
    #[param(nullable = false)]
    sort: Option<Sort>,
}

impl TryFrom<DealQuery> for DealFilter {
    type Error = Error;

    fn try_from(query: DealQuery) -> Result<Self, Error> {
        let minor = |name: &str, amount: Option<String>| -> Result<Option<i64>, Error> {
            let Some(amount) = amount else { return Ok(None) };
            let refuse = |detail: String| {
                Error::new(Code::InvalidParameter, "The parameters have faults; see errors.").with_parameter(
                    name,
                    "not_valid",
                    detail,
                )
            };
            let currency = query.currency.ok_or_else(|| refuse("needs the parameter currency".into()))?;
            Money::parse(&amount, currency).map(|money| Some(money.minor)).map_err(refuse)
        };
        Ok(Self {
            amount_min: minor("amount_min", query.amount_min)?,
            amount_max: minor("amount_max", query.amount_max)?,
            status: query.status.unwrap_or_default(),
            stage: query.stage.unwrap_or_default(),
            partner_id: query.partner_id,
            program: query.program,
            account_id: query.account_id,
            product: query.product,
            owner_id: query.owner_id,
            currency: query.currency,
            created_after: query.created_after,
            created_before: query.created_before,
            updated_after: query.updated_after,
            updated_before: query.updated_before,
            protected_until_after: query.protected_until_after,
            protected_until_before: query.protected_until_before,
            external_system: query.external_system,
            external_id: query.external_id,
            q: query.q,
            sort: query.sort.unwrap_or_default(),
        })
    }
}

/// List deal registrations
///
/// Newest first, unless `sort` says otherwise. A partner sees its own; a channel manager those of their partners.
#[utoipa::path(
    operation_id = "listDealRegistrations",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:read"])),
    params(Listed, Counted, DealQuery),
    responses((status = 200, description = "One page of registrations.", body = DealRegistrationList))
)]
#[get("/v1/deal-registrations")]
async fn list(
    app: Data<App>,
    call: Call,
    listed: Query<Listed>,
    counted: Query<Counted>,
    query: Query<DealQuery>,
) -> Outcome {
    let (paging, filter) = (counted.paging(&listed), DealFilter::try_from(query.0)?);
    app.list::<DealRegistrationList>(call, move |tx, actor| filter::list(tx, actor, &filter, &paging)).await
}

/// Register a deal
///
/// As a draft, or with `submit` handed in at once: then the answer holds the verdict, and the program's policy may
/// have approved it already. The account is recognized by its registrable domain, else by its name.
#[utoipa::path(
    operation_id = "createDealRegistration",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:write"])),
    request_body = NewDealRegistration,
    extensions(("x-error-codes" = json!(["agreement_required", "policy_refuses"]))),
    responses((status = 201, description = "The new registration.", body = DealRegistration))
)]
#[post("/v1/deal-registrations")]
async fn create(app: Data<App>, call: Call, new: Valid<NewDealRegistration>) -> Outcome {
    let (program, account) = (new.0.program.clone(), new.0.account.clone());
    let seen = app.look_ahead(&call, move |tx, _| Sighting::of(tx, &program, &account)).await?;
    app.write(call, move |tx, actor| {
        let made = register::register(tx, actor, new.0.clone(), seen.as_ref())?;
        Reply::created(format!("/v1/deal-registrations/{}", made.id), &made)
    })
    .await
}

/// Check a deal before registering it
///
/// The verdict that a registration would get now; nothing is stored. A partner is told that something stands in
/// the way and until when, never whose it is.
#[utoipa::path(
    operation_id = "checkDealRegistration",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:write"])),
    request_body = DealCheck,
    extensions(("x-never" = json!(["etag"])), ("x-error-codes" = json!(["agreement_required", "policy_refuses"]))),
    responses((status = 200, description = "What would become of it.", body = CheckResult))
)]
#[post("/v1/deal-registrations/check")]
async fn check(app: Data<App>, call: Call, request: HttpRequest, deal: Valid<DealCheck>) -> Outcome {
    gate::stands(&request, app.throttle.count_check(&subject(&call.caller)).await?);
    let partner = app.read(&call, |_, actor| Ok(actor.partner)).await?;
    app.throttle.count_check_of(partner).await?;
    app.answer(call, move |tx, actor| register::check(tx, actor, &deal.0)).await
}

/// Get a deal registration
///
/// As it is now: what has ended is shown as ended from its moment on. `allowed_actions` tells what the caller may do.
#[utoipa::path(
    operation_id = "getDealRegistration",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:read"])),
    params(("id" = DealId, Path, description = "The registration.")),
    responses((status = 200, description = "The registration.", body = DealRegistration))
)]
#[get("/v1/deal-registrations/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<DealId>) -> Outcome {
    app.get(call, move |tx, actor| store::find(tx, actor, *id)).await
}

/// Change a deal registration
///
/// What is left out stays, null clears. `editable_fields` tells which fields can be changed in the present state; others
/// are refused with `invalid_transition`.
#[utoipa::path(
    operation_id = "updateDealRegistration",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:write"])),
    params(("id" = DealId, Path, description = "The registration.")),
    request_body = DealUpdate,
    extensions(("x-error-codes" = json!(["invalid_transition", "agreement_required", "policy_refuses"]))),
    responses((status = 200, description = "The registration as it is now.", body = DealRegistration))
)]
#[patch("/v1/deal-registrations/{id}")]
async fn update(app: Data<App>, call: Call, id: Path<DealId>, new: Valid<DealUpdate>) -> Outcome {
    app.change(call, *id, new.0, register::update).await
}

/// Get a deal registration's timeline
///
/// Every event of the registration, oldest first, in words and as data.
#[utoipa::path(
    operation_id = "getDealRegistrationTimeline",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:read"])),
    params(("id" = DealId, Path, description = "The registration.")),
    responses((status = 200, description = "What happened.", body = Timeline))
)]
#[get("/v1/deal-registrations/{id}/timeline")]
async fn timeline(app: Data<App>, call: Call, id: Path<DealId>) -> Outcome {
    app.get(call, move |tx, actor| explain::timeline(tx, actor, *id)).await
}

/// Explain a deal registration's verdict
///
/// The verdict, what it was made from, every rule with what it found, the version of the program's rules, and the
/// decision.
#[utoipa::path(
    operation_id = "explainDealRegistration",
    tag = "deal_registrations",
    security(("oauth2" = ["deals:read"])),
    params(("id" = DealId, Path, description = "The registration.")),
    responses((status = 200, description = "Why.", body = Explanation))
)]
#[get("/v1/deal-registrations/{id}/explanation")]
async fn explanation(app: Data<App>, call: Call, id: Path<DealId>) -> Outcome {
    app.get(call, move |tx, actor| explain::explanation(tx, actor, *id)).await
}

//! Plans for a program's rules: what a candidate would change, and its way into force.

use std::sync::Arc;

use actix_web::{
    get, post,
    web::{Data, Path},
};
use chrono::NaiveDate;
use kernel::Timestamp;
use programs::{ProgramDocument, program};
use serde::Deserialize;
use tiers::plan::{self, Asked, Direction, MovePage, PlanMove, ProgramPlanDetail, ProgramPlanId, ProgramPlanSummary};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Document, Listed, Outcome, Query, Reply, list_of};

list_of!(ProgramPlanList of ProgramPlanSummary);
list_of!(PlanMoveList of PlanMove);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get_one).service(moves).service(apply);
}

/// Of when to plan, and for when.
#[derive(Debug, Deserialize, IntoParams)]
struct PlanQuery {
    /// The day for which both rules are asked; today in the candidate's time zone, if it is left out.
    #[param(nullable = false)]
    as_of: Option<NaiveDate>,
    /// From this day on, past review days of the candidate's calendar are looked at too; 60 of them at most.
    #[param(nullable = false)]
    since: Option<NaiveDate>,
    /// From when on the candidate is to hold; without it, as soon as it is applied. Not in the past.
    #[param(nullable = false)]
    effective_from: Option<Timestamp>,
}

/// Which plans to list.
#[derive(Debug, Deserialize, IntoParams)]
struct PlansQuery {
    /// Only those made or applied at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// Which moves to list.
#[derive(Debug, Deserialize, IntoParams)]
struct MovesQuery {
    /// Of this day: the plan's, which is meant if it is left out, or a past review day that it looked at.
    #[param(nullable = false)]
    as_of: Option<NaiveDate>,
    /// Only this way.
    #[param(nullable = false)]
    direction: Option<Direction>,
}

/// List a program's plans
///
/// Newest first, without candidates and moves. Partners see none.
#[utoipa::path(
    operation_id = "listProgramPlans",
    tag = "programs",
    security(("oauth2" = ["programs:read", "partners:read"])),
    params(
        ("slug" = String, Path, description = "The program's slug.", min_length = 1, max_length = 64, example = "reseller"),
        Listed, PlansQuery,
    ),
    extensions(("x-never" = json!(["not_found"]))),
    responses((status = 200, description = "One page of plans.", body = ProgramPlanList))
)]
#[get("/v1/programs/{slug}/plans")]
async fn list(
    app: Data<App>,
    call: Call,
    slug: Path<String>,
    listed: Query<Listed>,
    query: Query<PlansQuery>,
) -> Outcome {
    let (paging, after) = (listed.paging(), query.updated_after);
    app.list::<ProgramPlanList>(call, move |tx, actor| plan::list(tx, actor, &slug, after, &paging)).await
}

/// Plan a version of a program
///
/// Takes the whole document as JSON or as YAML, and tells what it would change before anything does: evaluates every
/// active partner in the program over the stored facts, by the rules in force and by the candidate, and compares which
/// tier each meets. Nobody moves by it. A program that is not there yet can be planned too.
#[utoipa::path(
    operation_id = "createProgramPlan",
    tag = "programs",
    security(("oauth2" = ["programs:write"])),
    params(
        ("slug" = String, Path, description = "The program's slug.", min_length = 1, max_length = 64, example = "reseller"),
        PlanQuery,
    ),
    request_body(content(
        (ProgramDocument = "application/json"),
        (ProgramDocument = "application/yaml"),
    )),
    extensions(("x-error-codes" = json!(["invalid_program"])), ("x-never" = json!(["not_found"]))),
    responses((status = 201, description = "The new plan.", body = ProgramPlanDetail))
)]
#[post("/v1/programs/{slug}/plans")]
async fn create(
    app: Data<App>,
    call: Call,
    slug: Path<String>,
    query: Query<PlanQuery>,
    document: Document,
) -> Outcome {
    let (document, _) = document.read(programs::check).await?.into_document()?;
    let PlanQuery { as_of, since, effective_from } = query.0;
    let asked = Asked { document, as_of, since, effective_from };
    let program = slug.clone();
    let drawn = app.beside(&call, move |database, actor| plan::draw(database, actor, &program, asked, &mut |_| {}));
    let drawn = Arc::new(drawn.await?);
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        let is_there = programs::current(tx, &slug)?.is_some();
        precondition.check(&is_there.then(|| program::find(tx, &slug, tx.now())).transpose()?)?;
        let made = plan::store(tx, actor, &drawn)?;
        Reply::created(format!("/v1/programs/{slug}/plans/{}", made.plan.id), &made)
    })
    .await
}

/// Get a plan of a program
///
/// With where it stands now: rules or facts that have moved since make it stale.
#[utoipa::path(
    operation_id = "getProgramPlan",
    tag = "programs",
    security(("oauth2" = ["programs:read", "partners:read"])),
    params(
        ("slug" = String, Path, description = "The program's slug.", min_length = 1, max_length = 64, example = "reseller"),
        ("id" = ProgramPlanId, Path, description = "The plan."),
    ),
    responses((status = 200, description = "The plan.", body = ProgramPlanDetail))
)]
#[get("/v1/programs/{slug}/plans/{id}")]
async fn get_one(app: Data<App>, call: Call, path: Path<(String, ProgramPlanId)>) -> Outcome {
    app.get(call, move |tx, actor| plan::detail(tx, actor, &path.0, path.1)).await
}

/// List who would move
///
/// Who would meet another tier, those who fall first, each with the requirements that decide and what it would win and
/// lose. A channel manager sees their partners.
#[utoipa::path(
    operation_id = "listProgramPlanMoves",
    tag = "programs",
    security(("oauth2" = ["programs:read", "partners:read"])),
    params(
        ("slug" = String, Path, description = "The program's slug.", min_length = 1, max_length = 64, example = "reseller"),
        ("id" = ProgramPlanId, Path, description = "The plan."),
        Listed, MovesQuery,
    ),
    responses((status = 200, description = "One page of moves.", body = PlanMoveList))
)]
#[get("/v1/programs/{slug}/plans/{id}/moves")]
async fn moves(
    app: Data<App>,
    call: Call,
    path: Path<(String, ProgramPlanId)>,
    listed: Query<Listed>,
    query: Query<MovesQuery>,
) -> Outcome {
    let (paging, asked) = (listed.paging(), MovePage { as_of: query.as_of, direction: query.direction });
    app.list::<PlanMoveList>(call, move |tx, actor| plan::moves(tx, actor, &path.0, path.1, asked, &paging)).await
}

/// Apply a plan of a program
///
/// Publishes the candidate as the program's next version, or adds the program: but only if neither the rules nor the
/// facts that the plan has seen have moved since. Else 409 `plan_stale`, with what has moved.
#[utoipa::path(
    operation_id = "applyProgramPlan",
    tag = "programs",
    security(("oauth2" = ["programs:write"])),
    params(
        ("slug" = String, Path, description = "The program's slug.", min_length = 1, max_length = 64, example = "reseller"),
        ("id" = ProgramPlanId, Path, description = "The plan."),
    ),
    extensions(("x-error-codes" = json!(["plan_stale", "invalid_transition", "already_exists"]))),
    responses((status = 200, description = "The plan, applied.", body = ProgramPlanDetail))
)]
#[post("/v1/programs/{slug}/plans/{id}/apply")]
async fn apply(app: Data<App>, call: Call, path: Path<(String, ProgramPlanId)>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        Reply::ok(&plan::apply(tx, actor, &path.0, path.1, &|current| precondition.check(current))?)
    })
    .await
}

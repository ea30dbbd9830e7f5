//! Runs: a program's tiers evaluated for a day.

use actix_web::{
    get,
    http::StatusCode,
    post,
    web::{Data, Path},
};
use kernel::Timestamp;
use partners::{EnrollmentId, TierRunId};
use serde::Deserialize;
use tiers::{
    NewTierRun, TierRun, TierRunFilter,
    run::{self, Kind, State},
};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(TierRunList of TierRun);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(start).service(get_one);
}

/// Which runs to list.
#[derive(Debug, Deserialize, IntoParams)]
struct TierRunQuery {
    /// Only of this program, by slug.
    #[param(max_length = 64, nullable = false)]
    program: Option<String>,
    /// Only about this enrollment.
    #[param(nullable = false)]
    enrollment_id: Option<EnrollmentId>,
    /// Only those made for this reason.
    #[param(nullable = false)]
    kind: Option<Kind>,
    /// Only those that stand like this.
    #[param(nullable = false)]
    state: Option<State>,
    /// Only those that came further at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// List tier runs
///
/// Newest first. Runs of all partners are seen by who reaches all; a partner, or a channel manager, sees those of its own
/// enrollments.
#[utoipa::path(
    operation_id = "listTierRuns",
    tag = "tiers",
    security(("oauth2" = ["partners:read"])),
    params(Listed, TierRunQuery),
    responses((status = 200, description = "One page of runs.", body = TierRunList))
)]
#[get("/v1/tier-runs")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<TierRunQuery>) -> Outcome {
    let TierRunQuery { program, enrollment_id, kind, state, updated_after } = query.0;
    let filter = TierRunFilter { program, enrollment_id, kind, state, updated_after };
    let paging = listed.paging();
    app.list::<TierRunList>(call, move |tx, actor| run::list(tx, actor, &filter, &paging)).await
}

/// Evaluate tiers
///
/// All partners that take part in the program, or one, for today or for a day that has passed. The run goes on by itself:
/// read it again to see how far it has come. Partners rise as the program says; they fall only at reviews. What was
/// decided for a day is not decided once more, so a second run of the same day changes nothing.
#[utoipa::path(
    operation_id = "startTierRun",
    tag = "tiers",
    security(("oauth2" = ["partners:write"])),
    request_body = NewTierRun,
    extensions(("x-error-codes" = json!(["policy_refuses"]))),
    responses((status = 202, description = "The run, which goes on.", body = TierRun))
)]
#[post("/v1/tier-runs")]
async fn start(app: Data<App>, call: Call, new: Valid<NewTierRun>) -> Outcome {
    app.write(call, move |tx, actor| {
        let made = run::start(tx, actor, new.0.clone())?;
        let at = format!("/v1/tier-runs/{}", made.id);
        Ok(Reply::json(StatusCode::ACCEPTED, &made)?.tagged_as(&made)?.with_header("Location", at))
    })
    .await
}

/// Get a tier run
///
/// How far it has come, and what came of it.
#[utoipa::path(
    operation_id = "getTierRun",
    tag = "tiers",
    security(("oauth2" = ["partners:read"])),
    params(("id" = TierRunId, Path, description = "The run.")),
    responses((status = 200, description = "The run.", body = TierRun))
)]
#[get("/v1/tier-runs/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<TierRunId>) -> Outcome {
    app.get(call, move |tx, actor| run::find(tx, actor, *id)).await
}

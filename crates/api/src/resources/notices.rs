//! Notices: what the engine tells a partner's people.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use kernel::{PartnerId, Timestamp};
use partners::{
    EnrollmentId, Notice, NoticeFilter, NoticeId,
    notice::{self, Kind},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, list_of};

list_of!(NoticeList of Notice);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(get_one).service(mark_read);
}

/// Which notices to list.
#[derive(Debug, Deserialize, IntoParams)]
struct NoticeQuery {
    /// Only to this partner.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only about this enrollment.
    #[param(nullable = false)]
    enrollment_id: Option<EnrollmentId>,
    /// Only of this kind.
    #[param(nullable = false)]
    kind: Option<Kind>,
    /// Only those that were read, or were not.
    #[param(nullable = false)]
    read: Option<bool>,
    /// Only those changed at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// List notices
///
/// Newest first. A partner sees its own; a channel manager those of their partners.
#[utoipa::path(
    operation_id = "listNotices",
    tag = "notices",
    security(("oauth2" = ["partners:read"])),
    params(Listed, NoticeQuery),
    responses((status = 200, description = "One page of notices.", body = NoticeList))
)]
#[get("/v1/notices")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<NoticeQuery>) -> Outcome {
    let NoticeQuery { partner_id, enrollment_id, kind, read, updated_after } = query.0;
    let filter = NoticeFilter { partner_id, enrollment_id, kind, read, updated_after };
    let paging = listed.paging();
    app.list::<NoticeList>(call, move |tx, actor| notice::list(tx, actor, &filter, &paging)).await
}

/// Get a notice
///
/// In words, and for machines.
#[utoipa::path(
    operation_id = "getNotice",
    tag = "notices",
    security(("oauth2" = ["partners:read"])),
    params(("id" = NoticeId, Path, description = "The notice.")),
    responses((status = 200, description = "The notice.", body = Notice))
)]
#[get("/v1/notices/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<NoticeId>) -> Outcome {
    app.get(call, move |tx, actor| notice::find(tx, actor, *id)).await
}

/// Mark a notice as read
///
/// By somebody of the partner; once more changes nothing.
#[utoipa::path(
    operation_id = "readNotice",
    tag = "notices",
    security(("oauth2" = ["partners:read"])),
    params(("id" = NoticeId, Path, description = "The notice.")),
    extensions(("x-error-codes" = json!(["policy_refuses"]))),
    responses((status = 200, description = "The notice as it is now.", body = Notice))
)]
#[post("/v1/notices/{id}/read")]
async fn mark_read(app: Data<App>, call: Call, id: Path<NoticeId>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| Reply::ok(&notice::read(tx, actor, *id, |current| precondition.check(current))?))
        .await
}

//! The audit trail.

use actix_web::{get, web::Data};
use events::{AuditEntry, AuditFilter, audit};
use kernel::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, list_of};

list_of!(AuditEntryList of AuditEntry);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// Which entries to list.
#[derive(Debug, Deserialize, IntoParams)]
struct AuditQuery {
    /// Only of this subject, by its id.
    #[param(max_length = 120, nullable = false, example = "deal_01h455vb4pex5vsknk084sn02q")]
    subject: Option<String>,
    /// Only by this actor: a user's id, an API client's id, or `system`.
    #[param(max_length = 120, nullable = false, example = "user_01h455vb4pex5vsknk084sn02q")]
    actor: Option<String>,
    /// Only this action, by the operation's id.
    #[param(max_length = 80, nullable = false, example = "approveDealRegistration")]
    action: Option<String>,
    /// Only at or after this time.
    #[param(nullable = false)]
    occurred_after: Option<Timestamp>,
    /// Only before this time.
    #[param(nullable = false)]
    occurred_before: Option<Timestamp>,
}

/// List audit entries
///
/// Who did what, from where, and what it was before and after; newest first.
#[utoipa::path(
    operation_id = "listAuditEntries",
    tag = "audit",
    security(("oauth2" = ["audit:read"])),
    params(Listed, AuditQuery),
    responses((status = 200, description = "One page of entries.", body = AuditEntryList))
)]
#[get("/v1/audit-entries")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<AuditQuery>) -> Outcome {
    let AuditQuery { subject, actor, action, occurred_after, occurred_before } = query.0;
    let filter = AuditFilter { subject, actor, action, occurred_after, occurred_before };
    let paging = listed.paging();
    app.list::<AuditEntryList>(call, move |tx, _| audit::list(tx, &filter, &paging)).await
}

//! The audit trail: who did what, from where, and what it was before and after.

use database::{Json, Result, Tx, schema::audit_entries};
use diesel::prelude::*;
use kernel::{Actor, Page, Paging, PartnerId, Timestamp, ids};
use serde::Serialize;
use utoipa::ToSchema;

ids! {
    /// An entry of the audit trail.
    AuditEntryKind = "audit" => AuditEntryId;
}

/// One action, by one actor, on one subject.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries)]
pub struct AuditEntry {
    /// Unique.
    pub id: AuditEntryId,
    /// When.
    pub occurred_at: Timestamp,
    /// Who: a user, an API client, or `system`.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub actor: String,
    /// What was done: the operation's id.
    #[schema(max_length = 80, example = "approveDealRegistration")]
    pub action: String,
    /// To what.
    #[schema(max_length = 120, example = "deal_01h455vb4pex5vsknk084sn02q")]
    pub subject: String,
    /// The partner concerned, if one is.
    #[schema(required = true)]
    pub partner_id: Option<PartnerId>,
    /// The network address that the request came from.
    #[schema(required = true, max_length = 64, example = "203.0.113.7")]
    pub address: Option<String>,
    /// The request.
    #[schema(required = true, max_length = 64)]
    pub request_id: Option<String>,
    /// The subject before, as JSON; null when it was made.
    #[schema(required = true, value_type = serde_json::Value)]
    pub before: Option<Json<serde_json::Value>>,
    /// The subject after, as JSON; null when it was removed.
    #[schema(required = true, value_type = serde_json::Value)]
    pub after: Option<Json<serde_json::Value>>,
}

/// Records an action in the running transaction.
///
/// # Errors
/// When the database cannot be written, or a value is not JSON.
pub fn record<B: Serialize, A: Serialize>(
    tx: &mut Tx,
    actor: &Actor,
    action: &str,
    subject: impl ToString,
    partner_id: Option<PartnerId>,
    (before, after): (Option<&B>, Option<&A>),
) -> Result<()> {
    let entry = AuditEntry {
        id: tx.id(),
        occurred_at: tx.now(),
        actor: actor.subject.clone(),
        action: action.into(),
        subject: subject.to_string(),
        partner_id,
        address: actor.origin.address.clone(),
        request_id: actor.origin.request_id.clone(),
        before: before.map(json).transpose()?,
        after: after.map(json).transpose()?,
    };
    diesel::insert_into(audit_entries::table).values(entry).execute(tx.sql())?;
    Ok(())
}

fn json<T: Serialize>(value: &T) -> Result<Json<serde_json::Value>> {
    serde_json::to_value(value).map(Json).map_err(|error| database::Error::Internal(error.to_string()))
}

/// Which entries to list.
#[derive(Debug, Default)]
pub struct AuditFilter {
    /// Only of this subject.
    pub subject: Option<String>,
    /// Only by this actor.
    pub actor: Option<String>,
    /// Only this action.
    pub action: Option<String>,
    /// Only from this time on.
    pub occurred_after: Option<Timestamp>,
    /// Only before this time.
    pub occurred_before: Option<Timestamp>,
}

/// The entries, newest first. Only the vendor's roles that hold `audit:read` get here.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, filter: &AuditFilter, paging: &Paging) -> Result<Page<AuditEntry>> {
    let mut query = audit_entries::table.into_boxed();
    if let Some(subject) = &filter.subject {
        query = query.filter(audit_entries::subject.eq(subject));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(audit_entries::actor.eq(actor));
    }
    if let Some(action) = &filter.action {
        query = query.filter(audit_entries::action.eq(action));
    }
    if let Some(from) = filter.occurred_after {
        query = query.filter(audit_entries::occurred_at.ge(from));
    }
    if let Some(before) = filter.occurred_before {
        query = query.filter(audit_entries::occurred_at.lt(before));
    }
    Ok(database::page!(tx, query, paging, "audit", desc(audit_entries::id) as AuditEntry))
}

//! Who accepted which text, when, from where: what a vendor shows when somebody says that they did not.

use database::{Json, Result, Tx, schema::agreement_acceptances as acceptances, within_reach};
use diesel::prelude::*;
use events::{NewEvent, audit};
use kernel::{Actor, Code, Error, Fault, Page, Paging, PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::agreement::{self, Agreement, AgreementId};

ids! {
    /// A partner's acceptance of a version of an agreement.
    AgreementAcceptanceKind = "acceptance" => AgreementAcceptanceId;
}

/// A partner's acceptance of a version of an agreement; it never changes.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = acceptances)]
pub struct AgreementAcceptance {
    /// Unique.
    pub id: AgreementAcceptanceId,
    /// The agreement.
    pub agreement_id: AgreementId,
    /// The version.
    #[schema(format = Int64, minimum = 1, example = 2)]
    pub version: i32,
    /// SHA-256 of the text that was accepted, in hexadecimal.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// The partner that is bound by it.
    pub partner_id: PartnerId,
    /// Who accepted: a user, or the name that the vendor's evidence gives.
    #[schema(max_length = 200, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub accepted_by: String,
    /// When they accepted.
    pub accepted_at: Timestamp,
    /// Who recorded it: the same user, or the vendor's.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub recorded_by: String,
    /// The network address that it was recorded from.
    #[schema(required = true, max_length = 64, example = "203.0.113.7")]
    pub address: Option<String>,
    /// What the vendor has in hand, where the partner did not accept here itself.
    #[schema(required = true, value_type = Option<AcceptanceEvidence>)]
    pub evidence: Option<Json<AcceptanceEvidence>>,
    /// When it was recorded.
    pub created_at: Timestamp,
}

/// What the vendor has in hand of an acceptance that was given elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "Signed on paper at the kick-off.", "url": "https://files.vendor.example/4711.pdf"}))]
pub struct AcceptanceEvidence {
    /// In words.
    #[schema(min_length = 1, max_length = 4000, example = "Signed on paper at the kick-off.")]
    pub text: String,
    /// Where it is kept.
    #[serde(default)]
    #[schema(
        required = false,
        pattern = "^https?://[^\\s]+$",
        max_length = 2000,
        example = "https://files.vendor.example/4711.pdf"
    )]
    pub url: Option<String>,
}

/// Accepts the text that was read.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "version": 2, "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
}))]
pub struct AcceptAgreement {
    /// The version that was read.
    #[schema(format = Int64, minimum = 1, maximum = 1_000_000, example = 2)]
    pub version: i32,
    /// The digest of the text that was read.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// The partner: required from the vendor's users.
    pub partner_id: Option<PartnerId>,
    /// Who accepted: required from the vendor's users, and for them alone.
    #[schema(min_length = 1, max_length = 200, example = "Ada Lovelace, managing director")]
    pub accepted_by: Option<String>,
    /// When they accepted: for the vendor's users alone; now if left out.
    pub accepted_at: Option<Timestamp>,
    /// What the vendor has in hand: required from the vendor's users, and for them alone.
    pub evidence: Option<AcceptanceEvidence>,
}

/// Which acceptances to list.
#[derive(Debug, Default)]
pub struct AgreementAcceptanceFilter {
    /// Only of this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only of this version.
    pub version: Option<i32>,
    /// Only by this partner.
    pub partner_id: Option<PartnerId>,
    /// Only those recorded at or after this time.
    pub updated_after: Option<Timestamp>,
}

/// What is told that an agreement was accepted, in the transaction of the acceptance.
pub type Tell<'a> = &'a dyn Fn(&mut Tx, &Actor, &Agreement, &AgreementAcceptance) -> Result<()>;

/// Records that a partner accepts: by the partner itself, or by the vendor with evidence. Who may not act otherwise may
/// still accept. `check` sees the agreement as it is, before anything changes; `tell` hears of the acceptance.
///
/// # Errors
/// `not_found`; `invalid_body` with every fault; `agreement_changed` when the text read is not the one in force, or to
/// come; `already_exists`; those of `check`.
pub fn accept(
    tx: &mut Tx,
    actor: &Actor,
    id: AgreementId,
    request: AcceptAgreement,
    tell: Tell,
    check: impl FnOnce(&Agreement) -> Result<()>,
) -> Result<AgreementAcceptance> {
    let agreement = agreement::find(tx, id)?;
    check(&agreement)?;
    let partner_id = partner(tx, actor, &request)?;
    let published = agreement::version(tx, id, request.version)?;
    let in_force = agreement.current.as_ref().map(|version| version.number);
    let read = published.filter(|one| one.digest == request.digest && in_force.is_none_or(|now| one.number >= now));
    let Some(version) = read else {
        let now = agreement.current.as_ref().map_or_else(
            || "nothing is in force yet".to_owned(),
            |now| format!("version {} with digest {} is in force", now.number, now.digest),
        );
        let detail = format!("Version {} with this digest is not the text to accept: {now}.", request.version);
        return Err(Error::new(Code::AgreementChanged, detail).into());
    };
    if at_least(tx, partner_id, id, version.number)? == Some(version.number) {
        let detail = format!("The partner has accepted version {} already.", version.number);
        return Err(Error::new(Code::AlreadyExists, detail).into());
    }
    let acceptance = AgreementAcceptance {
        id: tx.id(),
        agreement_id: id,
        version: version.number,
        digest: version.digest,
        partner_id,
        accepted_by: request.accepted_by.unwrap_or_else(|| actor.subject.clone()),
        accepted_at: request.accepted_at.unwrap_or_else(|| tx.now()),
        recorded_by: actor.subject.clone(),
        address: actor.origin.address.clone(),
        evidence: request.evidence.map(Json),
        created_at: tx.now(),
    };
    diesel::insert_into(acceptances::table).values(&acceptance).execute(tx.sql())?;
    let event = NewEvent::new("agreement.accepted", acceptance.id, Some(partner_id));
    events::record(tx, actor, event)?;
    tell(tx, actor, &agreement, &acceptance)?;
    let states = (None::<&AgreementAcceptance>, Some(&acceptance));
    audit::record(tx, actor, "acceptAgreement", acceptance.id, Some(partner_id), states)?;
    Ok(acceptance)
}

/// An acceptance that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: AgreementAcceptanceId) -> Result<AgreementAcceptance> {
    within_reach!(acceptances::table.into_boxed(), acceptances::partner_id, actor)
        .filter(acceptances::id.eq(id))
        .select(AgreementAcceptance::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("acceptance").into())
}

/// The acceptances that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(
    tx: &mut Tx,
    actor: &Actor,
    filter: &AgreementAcceptanceFilter,
    paging: &Paging,
) -> Result<Page<AgreementAcceptance>> {
    let mut query = within_reach!(acceptances::table.into_boxed(), acceptances::partner_id, actor);
    if let Some(agreement) = filter.agreement_id {
        query = query.filter(acceptances::agreement_id.eq(agreement));
    }
    if let Some(version) = filter.version {
        query = query.filter(acceptances::version.eq(version));
    }
    if let Some(partner) = filter.partner_id {
        query = query.filter(acceptances::partner_id.eq(partner));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(acceptances::created_at.ge(after));
    }
    Ok(database::page!(tx, query, paging, "agreement_acceptances", desc(acceptances::id) as AgreementAcceptance))
}

/// The first version from `least` on that the partner has accepted.
pub(crate) fn at_least(tx: &mut Tx, partner: PartnerId, id: AgreementId, least: i32) -> Result<Option<i32>> {
    Ok(acceptances::table
        .filter(acceptances::partner_id.eq(partner).and(acceptances::agreement_id.eq(id)))
        .filter(acceptances::version.ge(least))
        .order(acceptances::version)
        .select(acceptances::version)
        .first(tx.sql())
        .optional()?)
}

/// For whom is accepted, and whether all is there that this asks for.
fn partner(tx: &mut Tx, actor: &Actor, request: &AcceptAgreement) -> Result<PartnerId> {
    let mut faults = Vec::new();
    let given = [
        ("/accepted_by", request.accepted_by.is_some(), true),
        ("/accepted_at", request.accepted_at.is_some(), false),
        ("/evidence", request.evidence.is_some(), true),
    ];
    for (pointer, is_there, is_needed) in given {
        match actor.is_vendor() {
            true if !is_there && is_needed => {
                faults.push(Fault::at(pointer, "required", "is required from the vendor's users"));
            }
            false if is_there => {
                faults.push(Fault::at(pointer, "not_allowed", "is for the vendor's users: you accept yourself, now"));
            }
            _ => {}
        }
    }
    if request.accepted_at.is_some_and(|at| at > tx.now()) {
        faults.push(Fault::at("/accepted_at", "in_the_future", "is in the future"));
    }
    let named = request.partner_id.or(actor.partner);
    let found = named.map(|id| crate::partner::find(tx, actor, id).map(|partner| partner.id));
    match &found {
        None => faults.push(Fault::at("/partner_id", "required", "is required from the vendor's users")),
        Some(Err(_)) => {
            faults.push(Fault::at("/partner_id", "unknown_reference", "is not a partner that you can see"));
        }
        Some(Ok(_)) => {}
    }
    Error::unless_empty(Code::InvalidBody, faults)?;
    found.unwrap_or_else(|| Err(Error::not_found("partner").into()))
}

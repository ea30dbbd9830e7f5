//! Facts that people enter: an invitation, an audit, a fee paid; with who said so, why, and until when it holds.

use chrono::NaiveDate;
use database::{Json, Result, Sought, Tx, schema::manual_facts as manual, within_reach};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error, Fault, Page, Paging, PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{Data, FactValue, MANUAL, Reported, report, store, value};

ids! {
    /// A fact that somebody entered.
    ManualFactKind = "manual" => ManualFactId;
}

/// A fact that somebody entered. It holds from one day to another, unless it is withdrawn.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = manual, treat_none_as_null = true)]
pub struct ManualFact {
    /// Unique.
    pub id: ManualFactId,
    /// Of whom.
    pub partner_id: PartnerId,
    /// What: the name that program documents say after `manual`.
    #[schema(max_length = 64, example = "invitation")]
    pub name: String,
    /// The program for which alone it holds, by slug; null for all.
    #[schema(required = true, max_length = 64, example = "reseller")]
    pub program: Option<String>,
    /// What it says.
    #[schema(value_type = FactValue)]
    pub value: Json<FactValue>,
    /// The first day on which it holds.
    #[serde(rename = "from")]
    pub holds_from: NaiveDate,
    /// The last day on which it holds; null if it has none.
    #[serde(rename = "until")]
    #[schema(required = true)]
    pub holds_until: Option<NaiveDate>,
    /// Why.
    #[schema(max_length = 4000, example = "Invited by the board, minutes of 12 May.")]
    pub reason: String,
    /// Who entered it.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub created_by: String,
    /// When it was withdrawn.
    #[schema(required = true)]
    pub withdrawn_at: Option<Timestamp>,
    /// By whom.
    #[schema(required = true, max_length = 120)]
    pub withdrawn_by: Option<String>,
    /// Why.
    #[schema(required = true, max_length = 4000)]
    pub withdrawal_reason: Option<String>,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it was entered, or withdrawn.
    pub updated_at: Timestamp,
}

/// A fact to enter.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "partner_id": "partner_01h455vb4pex5vsknk084sn02q", "name": "invitation", "until": "2027-06-30",
    "reason": "Invited by the board, minutes of 12 May."
}))]
pub struct NewManualFact {
    /// Of whom.
    pub partner_id: PartnerId,
    /// What: the name that program documents say after `manual`.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9_]{0,63}$", example = "invitation")]
    pub name: String,
    /// The program for which alone it holds, by slug; for all if left out.
    #[schema(min_length = 1, max_length = 64, example = "reseller")]
    pub program: Option<String>,
    /// What it says; true if left out.
    #[schema(nullable = false)]
    pub value: Option<FactValue>,
    /// The first day on which it holds; today, in UTC, if left out.
    #[schema(nullable = false)]
    pub from: Option<NaiveDate>,
    /// The last day on which it holds; without it, it holds until it is withdrawn.
    pub until: Option<NaiveDate>,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, example = "Invited by the board, minutes of 12 May.")]
    pub reason: String,
}

/// Withdraws what was entered.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Entered for the wrong partner."}))]
pub struct WithdrawManualFact {
    /// Why.
    #[schema(min_length = 1, max_length = 4000, example = "Entered for the wrong partner.")]
    pub reason: String,
}

/// Which facts to list.
#[derive(Debug, Default)]
pub struct ManualFactFilter {
    /// Only of this partner.
    pub partner_id: Option<PartnerId>,
    /// Only of this name.
    pub name: Option<String>,
    /// Only those that hold for this program, alone or with all others.
    pub program: Option<String>,
    /// Only those that hold on this day and are not withdrawn.
    pub holds_on: Option<NaiveDate>,
    /// Only those entered or withdrawn at or after this time.
    pub updated_after: Option<Timestamp>,
}

/// Enters a fact.
///
/// # Errors
/// `invalid_body` with every fault.
pub fn create(tx: &mut Tx, actor: &Actor, new: NewManualFact) -> Result<ManualFact> {
    let mut faults = Vec::new();
    if partners::partner::find(tx, actor, new.partner_id).if_there()?.is_none() {
        faults.push(Fault::at("/partner_id", "unknown_reference", "is not a partner that you can see"));
    }
    if let Some(slug) = &new.program
        && programs::current(tx, slug)?.is_none()
    {
        faults.push(Fault::at("/program", "unknown_reference", "is not a known program"));
    }
    let from = new.from.unwrap_or_else(|| tx.now().date());
    if new.until.is_some_and(|until| until < from) {
        faults.push(Fault::at("/until", "contradiction", "is before the first day"));
    }
    let value = new.value.unwrap_or(FactValue::Boolean(true));
    faults.extend(value::fault(&value, "/value"));
    Error::unless_empty(Code::InvalidBody, faults)?;
    let fact = ManualFact {
        id: tx.id(),
        partner_id: new.partner_id,
        name: new.name,
        program: new.program,
        value: Json(value),
        holds_from: from,
        holds_until: new.until,
        reason: new.reason,
        created_by: actor.subject.clone(),
        withdrawn_at: None,
        withdrawn_by: None,
        withdrawal_reason: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    diesel::insert_into(manual::table).values(&fact).execute(tx.sql())?;
    let value = serde_json::to_value(&fact.value).map_err(|error| database::Error::Internal(error.to_string()))?;
    let reported = Reported {
        partner_id: fact.partner_id,
        name: fact.name.clone(),
        subject: fact.id.to_string(),
        program: fact.program.clone(),
        day: Some(fact.holds_from),
        until: fact.holds_until,
        data: Data::from([("value".to_owned(), value)]),
        source: MANUAL.to_owned(),
        known_new: true,
    };
    report(tx, actor, reported)?;
    events::record(tx, actor, NewEvent::new("manual_fact.created", fact.id, Some(fact.partner_id)))?;
    let states = (None::<&ManualFact>, Some(&fact));
    audit::record(tx, actor, "createManualFact", fact.id, Some(fact.partner_id), states)?;
    Ok(fact)
}

/// Withdraws a fact: from now on it is not known. `check` sees it as it is, before anything changes.
///
/// # Errors
/// `not_found`; `invalid_transition` when it is withdrawn already; those of `check`.
pub fn withdraw(
    tx: &mut Tx,
    actor: &Actor,
    id: ManualFactId,
    request: WithdrawManualFact,
    check: impl FnOnce(&ManualFact) -> Result<()>,
) -> Result<ManualFact> {
    let before = find(tx, actor, id)?;
    check(&before)?;
    if before.withdrawn_at.is_some() {
        return Err(Error::new(Code::InvalidTransition, "The fact is withdrawn already.").into());
    }
    let fact = ManualFact {
        withdrawn_at: Some(tx.now()),
        withdrawn_by: Some(actor.subject.clone()),
        withdrawal_reason: Some(request.reason),
        updated_at: tx.now(),
        ..before.clone()
    };
    diesel::update(manual::table.find(id)).set(&fact).execute(tx.sql())?;
    store::withdraw(tx, fact.partner_id, &fact.name, &id.to_string())?;
    let data = EventData::changed(["withdrawn_at"]);
    events::record(tx, actor, NewEvent::new("manual_fact.withdrawn", id, Some(fact.partner_id)).with(data))?;
    audit::record(tx, actor, "withdrawManualFact", id, Some(fact.partner_id), (Some(&before), Some(&fact)))?;
    Ok(fact)
}

/// A fact that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: ManualFactId) -> Result<ManualFact> {
    within_reach!(manual::table.into_boxed(), manual::partner_id, actor)
        .filter(manual::id.eq(id))
        .select(ManualFact::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("manual fact").into())
}

/// The facts that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &ManualFactFilter, paging: &Paging) -> Result<Page<ManualFact>> {
    let mut query = within_reach!(manual::table.into_boxed(), manual::partner_id, actor);
    if let Some(partner) = filter.partner_id {
        query = query.filter(manual::partner_id.eq(partner));
    }
    if let Some(name) = &filter.name {
        query = query.filter(manual::name.eq(name));
    }
    if let Some(program) = &filter.program {
        query = query.filter(manual::program.is_null().or(manual::program.eq(program)));
    }
    if let Some(day) = filter.holds_on {
        query = query
            .filter(manual::withdrawn_at.is_null().and(manual::holds_from.le(day)))
            .filter(manual::holds_until.is_null().or(manual::holds_until.ge(day)));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(manual::updated_at.ge(after));
    }
    Ok(database::page!(tx, query, paging, "manual_facts", desc(manual::id) as ManualFact))
}

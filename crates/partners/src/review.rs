//! Quarterly business reviews (QBR): what was said about a business plan, and what was decided.

use chrono::NaiveDate;
use database::{Json, Result, Tx, schema::business_plan_reviews as reviews, within_reach};
use diesel::prelude::*;
use events::{NewEvent, audit};
use kernel::{Actor, Code, Error, Fault, Page, Paging, PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::business_plan::{self, BusinessPlan, BusinessPlanId, Check as PlanCheck, Status, notes_fault};

ids! {
    /// A review of a business plan.
    BusinessPlanReviewKind = "review" => BusinessPlanReviewId;
}

/// A review of a business plan.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = reviews, treat_none_as_null = true)]
pub struct BusinessPlanReview {
    /// Unique.
    pub id: BusinessPlanReviewId,
    /// The plan.
    pub business_plan_id: BusinessPlanId,
    /// The partner.
    pub partner_id: PartnerId,
    /// On which day it was held.
    pub held_on: NaiveDate,
    /// Who was there.
    #[schema(value_type = Vec<String>, max_items = 100, example = json!(["Ada Lovelace (Northwind)"]))]
    pub attendees: Json<Vec<String>>,
    /// What was said, as Markdown.
    #[schema(max_length = 20_000)]
    pub notes: String,
    /// What was decided.
    #[schema(value_type = Vec<String>, max_items = 100, example = json!(["Train two engineers by June."]))]
    pub decisions: Json<Vec<String>>,
    /// When the next one is.
    #[schema(required = true)]
    pub next_review_on: Option<NaiveDate>,
    /// What the vendor notes for itself; null for the partner.
    #[schema(required = true, max_length = 20_000)]
    pub internal_notes: Option<String>,
    /// Who wrote it down.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub created_by: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl BusinessPlanReview {
    fn seen_by(mut self, actor: &Actor) -> Self {
        if !actor.is_vendor() {
            self.internal_notes = None;
        }
        self
    }
}

/// A review to write down.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "held_on": "2027-04-08", "attendees": ["Ada Lovelace (Northwind)", "Grace Hopper"], "notes": "Revenue is on track.",
    "decisions": ["Train two engineers by June."], "next_review_on": "2027-07-08"
}))]
pub struct NewBusinessPlanReview {
    /// On which day it was held.
    pub held_on: NaiveDate,
    /// Who was there.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub attendees: Vec<String>,
    /// What was said, as Markdown.
    #[schema(min_length = 1, max_length = 20_000)]
    pub notes: String,
    /// What was decided.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub decisions: Vec<String>,
    /// When the next one is.
    pub next_review_on: Option<NaiveDate>,
    /// What the vendor notes for itself: for the vendor's people alone.
    #[schema(min_length = 1, max_length = 20_000)]
    pub internal_notes: Option<String>,
}

/// Changes to a review; what is left out stays, null clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"next_review_on": "2027-07-15"}))]
pub struct BusinessPlanReviewUpdate {
    /// On which day it was held.
    #[schema(nullable = false)]
    pub held_on: Option<NaiveDate>,
    /// Who was there, all of them.
    #[schema(nullable = false, max_items = 100)]
    pub attendees: Option<Vec<String>>,
    /// What was said, as Markdown.
    #[schema(nullable = false, min_length = 1, max_length = 20_000)]
    pub notes: Option<String>,
    /// What was decided, all of it.
    #[schema(nullable = false, max_items = 100)]
    pub decisions: Option<Vec<String>>,
    /// When the next one is.
    #[serde(default, deserialize_with = "kernel::patch::present")]
    #[schema(value_type = Option<NaiveDate>)]
    pub next_review_on: Option<Option<NaiveDate>>,
    /// What the vendor notes for itself: for the vendor's people alone.
    #[serde(default, deserialize_with = "kernel::patch::present")]
    #[schema(value_type = Option<String>, max_length = 20_000)]
    pub internal_notes: Option<Option<String>>,
}

/// Writes a review of a plan down. `check` sees the plan as it is, before anything changes.
///
/// # Errors
/// `not_found`; `invalid_body`; `invalid_transition` for a draft; those of `check`; `policy_refuses` and
/// `agreement_required` while the partner may not act.
pub fn create(
    tx: &mut Tx,
    actor: &Actor,
    plan: BusinessPlanId,
    new: NewBusinessPlanReview,
    check: PlanCheck,
) -> Result<BusinessPlanReview> {
    let plan: BusinessPlan = business_plan::begin(tx, actor, plan, check)?;
    let mut faults: Vec<Fault> = notes_fault(actor, new.internal_notes.is_some()).into_iter().collect();
    faults.extend(next_fault(new.held_on, new.next_review_on));
    Error::unless_empty(Code::InvalidBody, faults)?;
    if plan.status == Status::Draft {
        return Err(Error::new(Code::InvalidTransition, "A plan in state draft has nothing to review yet.").into());
    }
    let review = BusinessPlanReview {
        id: tx.id(),
        business_plan_id: plan.id,
        partner_id: plan.partner_id,
        held_on: new.held_on,
        attendees: Json(new.attendees),
        notes: new.notes,
        decisions: Json(new.decisions),
        next_review_on: new.next_review_on,
        internal_notes: new.internal_notes,
        created_by: actor.subject.clone(),
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    diesel::insert_into(reviews::table).values(&review).execute(tx.sql())?;
    let now = tx.now();
    business_plan::touch(tx, plan.id, now)?;
    let partner = Some(review.partner_id);
    events::record(tx, actor, NewEvent::new("business_plan_review.created", review.id, partner))?;
    let states = (None::<&BusinessPlanReview>, Some(&review));
    audit::record(tx, actor, "createBusinessPlanReview", review.id, partner, states)?;
    Ok(review.seen_by(actor))
}

/// Changes a review. `check` sees it as it is, before anything changes.
///
/// # Errors
/// `not_found`; `invalid_body`; those of `check`; `policy_refuses` and `agreement_required` while the partner may not
/// act.
pub fn update(
    tx: &mut Tx,
    actor: &Actor,
    id: BusinessPlanReviewId,
    new: BusinessPlanReviewUpdate,
    check: impl FnOnce(&BusinessPlanReview) -> Result<()>,
) -> Result<BusinessPlanReview> {
    let before = whole(tx, actor, id)?;
    check(&before.clone().seen_by(actor))?;
    business_plan::begin(tx, actor, before.business_plan_id, &|_| Ok(()))?;
    let mut review = before.clone();
    review.held_on = new.held_on.unwrap_or(review.held_on);
    review.next_review_on = new.next_review_on.unwrap_or(review.next_review_on);
    let mut faults: Vec<Fault> = notes_fault(actor, new.internal_notes.is_some()).into_iter().collect();
    faults.extend(next_fault(review.held_on, review.next_review_on));
    Error::unless_empty(Code::InvalidBody, faults)?;
    review.attendees = new.attendees.map_or(review.attendees, Json);
    review.notes = new.notes.unwrap_or(review.notes);
    review.decisions = new.decisions.map_or(review.decisions, Json);
    review.internal_notes = new.internal_notes.unwrap_or(review.internal_notes);
    review.updated_at = tx.now();
    diesel::update(reviews::table.find(id)).set(&review).execute(tx.sql())?;
    let partner = Some(review.partner_id);
    events::record(tx, actor, NewEvent::new("business_plan_review.updated", id, partner))?;
    audit::record(tx, actor, "updateBusinessPlanReview", id, partner, (Some(&before), Some(&review)))?;
    Ok(review.seen_by(actor))
}

/// A review that the actor may see, without what is the vendor's alone.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: BusinessPlanReviewId) -> Result<BusinessPlanReview> {
    Ok(whole(tx, actor, id)?.seen_by(actor))
}

/// The reviews of a plan, newest first.
///
/// # Errors
/// `not_found`; `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, plan: BusinessPlanId, paging: &Paging) -> Result<Page<BusinessPlanReview>> {
    business_plan::find(tx, actor, plan)?;
    let query = reviews::table.filter(reviews::business_plan_id.eq(plan)).into_boxed();
    let page = database::page!(tx, query, paging, "business_plan_reviews", desc(reviews::id) as BusinessPlanReview);
    page.try_map(|review| Ok(review.seen_by(actor)))
}

fn whole(tx: &mut Tx, actor: &Actor, id: BusinessPlanReviewId) -> Result<BusinessPlanReview> {
    within_reach!(reviews::table.into_boxed(), reviews::partner_id, actor)
        .filter(reviews::id.eq(id))
        .select(BusinessPlanReview::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("review").into())
}

fn next_fault(held_on: NaiveDate, next: Option<NaiveDate>) -> Option<Fault> {
    let before = next.is_some_and(|next| next <= held_on);
    before.then(|| Fault::at("/next_review_on", "contradiction", "is not after this one"))
}

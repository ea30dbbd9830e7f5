//! A business plan, and what callers send about it.

use chrono::NaiveDate;
use database::{Json, schema::business_plans as plans};
use diesel::prelude::*;
use kernel::{Actor, PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::enrollment::EnrollmentId;

ids! {
    /// A business plan.
    BusinessPlanKind = "plan" => BusinessPlanId;
}

database::text_enum! {
    /// Where a business plan stands.
    pub enum Status as BusinessPlanStatus {
        /// Being written.
        Draft,
        /// One side has proposed it to the other.
        Proposed,
        /// Both sides have agreed to it.
        Agreed,
        /// It is over.
        Closed,
    }
}

/// Who of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BusinessPlanSide)]
pub enum Side {
    /// The vendor.
    Vendor,
    /// The partner.
    Partner,
}

/// How far a goal has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BusinessPlanGoalStatus)]
pub enum GoalStatus {
    /// Nothing is known yet.
    #[default]
    Open,
    /// It will be reached.
    OnTrack,
    /// It may be missed.
    AtRisk,
    /// It is reached.
    Met,
    /// It is missed.
    Missed,
}

/// What partner and vendor want to reach together in a program.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = plans, treat_none_as_null = true)]
pub struct BusinessPlan {
    /// Unique.
    pub id: BusinessPlanId,
    /// The partner.
    pub partner_id: PartnerId,
    /// Its enrollment in the program.
    pub enrollment_id: EnrollmentId,
    /// What it is called.
    #[schema(max_length = 200, example = "Joint plan 2027")]
    pub title: String,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    pub ends_on: NaiveDate,
    /// Where it stands.
    pub status: Status,
    /// What is to be reached.
    #[schema(value_type = Vec<Goal>, max_items = 50)]
    pub goals: Json<Vec<Goal>>,
    /// In words.
    #[schema(required = true, max_length = 20_000)]
    pub summary: Option<String>,
    /// What the vendor notes for itself; null for the partner.
    #[schema(required = true, max_length = 20_000)]
    pub internal_notes: Option<String>,
    /// Who has proposed it, and who has agreed.
    #[schema(value_type = Vec<PlanConsent>, max_items = 2)]
    pub consents: Json<Vec<PlanConsent>>,
    /// How it was closed.
    #[schema(required = true, value_type = Option<PlanClosing>)]
    pub closing: Option<Json<PlanClosing>>,
    /// Who wrote it first.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub created_by: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed or reviewed.
    pub updated_at: Timestamp,
}

impl BusinessPlan {
    /// Without what is the vendor's alone, for a partner.
    pub(crate) fn seen_by(mut self, actor: &Actor) -> Self {
        if !actor.is_vendor() {
            self.internal_notes = None;
        }
        self
    }

    /// What the two sides agree to: everything but how far the goals have come.
    pub(super) fn terms(&self) -> impl PartialEq + use<> {
        let goal = |goal: &Goal| Goal { actual: None, status: GoalStatus::default(), ..goal.clone() };
        let goals: Vec<Goal> = self.goals.0.iter().map(goal).collect();
        (self.title.clone(), self.starts_on, self.ends_on, self.summary.clone(), goals)
    }
}

/// Something to be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BusinessPlanGoal, example = json!({
    "name": "New revenue", "target": "250000.00", "unit": "EUR", "due_on": "2027-12-31"
}))]
pub struct Goal {
    /// What is measured.
    #[schema(min_length = 1, max_length = 200, example = "New revenue")]
    pub name: String,
    /// What it is to be, as a decimal.
    #[schema(max_length = 24, pattern = r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$", example = "250000.00")]
    pub target: String,
    /// In what: a currency, a count of something, per cent.
    #[schema(min_length = 1, max_length = 40, example = "EUR")]
    pub unit: String,
    /// By when.
    pub due_on: NaiveDate,
    /// What it is, as a decimal, if that is known.
    #[serde(default)]
    #[schema(required = false, max_length = 24, pattern = r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$", example = "118000.00")]
    pub actual: Option<String>,
    /// How far it has come; `open` if left out.
    #[serde(default)]
    pub status: GoalStatus,
}

/// That one side wants the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = BusinessPlanConsent)]
pub struct PlanConsent {
    /// Which side.
    pub side: Side,
    /// Who of it.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// How a plan was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = BusinessPlanClosing)]
pub struct PlanClosing {
    /// When.
    pub at: Timestamp,
    /// By whom.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub by: String,
    /// What came of it.
    #[schema(max_length = 4000)]
    pub text: String,
}

/// A plan to write.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "enrollment_id": "enrollment_01h455vb4pex5vsknk084sn02q", "title": "Joint plan 2027",
    "starts_on": "2027-01-01", "ends_on": "2027-12-31",
    "goals": [{"name": "New revenue", "target": "250000.00", "unit": "EUR", "due_on": "2027-12-31"}]
}))]
pub struct NewBusinessPlan {
    /// The partner's enrollment in the program.
    pub enrollment_id: EnrollmentId,
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, example = "Joint plan 2027")]
    pub title: String,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    pub ends_on: NaiveDate,
    /// What is to be reached.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub goals: Vec<Goal>,
    /// In words.
    #[schema(min_length = 1, max_length = 20_000)]
    pub summary: Option<String>,
    /// What the vendor notes for itself: for the vendor's people alone.
    #[schema(min_length = 1, max_length = 20_000)]
    pub internal_notes: Option<String>,
}

/// Changes to a plan; what is left out stays, null clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Joint plan 2027, second half"}))]
pub struct BusinessPlanUpdate {
    /// What it is called.
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// Its first day.
    #[schema(nullable = false)]
    pub starts_on: Option<NaiveDate>,
    /// Its last day.
    #[schema(nullable = false)]
    pub ends_on: Option<NaiveDate>,
    /// What is to be reached, all of it.
    #[schema(nullable = false, max_items = 50)]
    pub goals: Option<Vec<Goal>>,
    /// In words.
    #[serde(default, deserialize_with = "kernel::patch::present")]
    #[schema(value_type = Option<String>, max_length = 20_000)]
    pub summary: Option<Option<String>>,
    /// What the vendor notes for itself: for the vendor's people alone.
    #[serde(default, deserialize_with = "kernel::patch::present")]
    #[schema(value_type = Option<String>, max_length = 20_000)]
    pub internal_notes: Option<Option<String>>,
}

/// Closes a plan.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "Revenue met, certifications missed."}))]
pub struct CloseBusinessPlan {
    /// What came of it.
    #[schema(min_length = 1, max_length = 4000)]
    pub text: String,
}

/// Which plans to list.
#[derive(Debug, Default)]
pub struct BusinessPlanFilter {
    /// Only of this partner.
    pub partner_id: Option<PartnerId>,
    /// Only of this enrollment.
    pub enrollment_id: Option<EnrollmentId>,
    /// Only with this status.
    pub status: Option<Status>,
    /// Only those changed or reviewed at or after this time.
    pub updated_after: Option<Timestamp>,
}

//! Plans and their moves, as they are kept and shown.

use chrono::NaiveDate;
use database::{
    Json,
    schema::{program_plan_moves, program_plans},
};
use diesel::prelude::*;
use kernel::{PartnerId, Timestamp, ids};
use partners::EnrollmentId;
use programs::{Change, ProgramDocument};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

ids! {
    /// A plan for a program's rules.
    ProgramPlanMark = "program_plan" => ProgramPlanId;
}

/// What the caller knows of the plan, checked before anything changes (`If-Match`).
pub type PlanCheck<'a> = &'a dyn Fn(&ProgramPlanDetail) -> database::Result<()>;

/// What a candidate for a program's rules would change, as it was found. Never changed but by being applied.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = program_plans)]
pub struct ProgramPlan {
    /// Unique.
    pub id: ProgramPlanId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The version of the rules that were in force; null for a program that there was not.
    #[schema(required = true, format = Int64, minimum = 1, example = 1)]
    pub base_version: Option<i32>,
    /// Their digest.
    #[schema(required = true, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub base_digest: Option<String>,
    /// The version that had been published last: the one in force, or one that was scheduled.
    #[schema(required = true, format = Int64, minimum = 1, example = 1)]
    pub newest_version: Option<i32>,
    /// The candidate.
    #[schema(value_type = ProgramDocument)]
    pub document: Json<ProgramDocument>,
    /// SHA-256 of the candidate's canonical JSON, in hexadecimal.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// From when on the candidate is to hold; null for as soon as it is applied.
    #[schema(required = true)]
    pub effective_from: Option<Timestamp>,
    /// The day for which both rules were asked.
    pub as_of: NaiveDate,
    /// From which day on they were asked for past review days too.
    #[schema(required = true)]
    pub since: Option<NaiveDate>,
    /// What was recorded by then was seen, and nothing else.
    pub known_at: Timestamp,
    /// SHA-256 of the enrollments that were seen, in hexadecimal.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub seen_digest: String,
    /// Whether the candidate says anything else than the rules in force.
    pub has_changes: bool,
    /// Every difference between the two, in rules; none for a program that there was not.
    #[schema(value_type = Vec<Change>, max_items = 100_000)]
    pub changes: Json<Vec<Change>>,
    /// What the differences do.
    #[schema(value_type = PlanFindings)]
    pub findings: Json<PlanFindings>,
    /// The version that it became, once it was applied.
    #[schema(required = true, format = Int64, minimum = 1, example = 2)]
    pub applied_version: Option<i32>,
    /// Who applied it.
    #[schema(required = true, max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub applied_by: Option<String>,
    /// When.
    #[schema(required = true)]
    pub applied_at: Option<Timestamp>,
    /// Until when it can be applied.
    pub expires_at: Timestamp,
    /// Who made it.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A plan with where it stands now, and who would move.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProgramPlanDetail {
    /// The plan.
    #[serde(flatten)]
    pub plan: ProgramPlan,
    /// Whether it can be applied.
    pub state: PlanState,
    /// What has moved since, if it is stale.
    #[schema(max_items = 10)]
    pub moved: Vec<String>,
    /// Who would have another tier on the day of the plan: those who fall first; the first 1,000.
    #[schema(max_items = 1000)]
    pub moves: Vec<PlanMove>,
}

/// A plan in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProgramPlanSummary {
    /// Unique.
    pub id: ProgramPlanId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// Whether it can be applied.
    pub state: PlanState,
    /// The version of the rules that were in force; null for a program that there was not.
    #[schema(required = true, format = Int64, minimum = 1, example = 1)]
    pub base_version: Option<i32>,
    /// SHA-256 of the candidate's canonical JSON, in hexadecimal.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// The day for which both rules were asked.
    pub as_of: NaiveDate,
    /// Whether the candidate says anything else than the rules in force.
    pub has_changes: bool,
    /// How many partners in the program were evaluated.
    #[schema(minimum = 0, example = 120)]
    pub enrollments: u32,
    /// How many of them would rise.
    #[schema(minimum = 0, example = 3)]
    pub up: u32,
    /// How many would fall.
    #[schema(minimum = 0, example = 5)]
    pub down: u32,
    /// The version that it became, once it was applied.
    #[schema(required = true, format = Int64, minimum = 1, example = 2)]
    pub applied_version: Option<i32>,
    /// Until when it can be applied.
    pub expires_at: Timestamp,
    /// Who made it.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Whether a plan can be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// It can.
    Open,
    /// It was.
    Applied,
    /// Rules or facts have moved since, or its time is over.
    Stale,
}

/// What a candidate would do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlanFindings {
    /// How many partners in the program were evaluated.
    #[schema(minimum = 0, example = 120)]
    pub enrollments: u32,
    /// How many of them would meet a higher tier.
    #[schema(minimum = 0, example = 3)]
    pub up: u32,
    /// How many would meet a lower tier, or none any more.
    #[schema(minimum = 0, example = 5)]
    pub down: u32,
    /// How many would meet a tier that is neither higher nor lower: one of another name, or of a ladder in another order.
    #[schema(minimum = 0, example = 0)]
    pub aside: u32,
    /// How many have each tier: lowest first; those who meet none at last.
    #[schema(max_items = 50)]
    pub populations: Vec<Population>,
    /// Which benefits change for how many as soon as the candidate holds, by the tier that they hold: nobody need move.
    #[schema(max_items = 1000)]
    pub benefits_at_once: Vec<BenefitEffect>,
    /// Which benefits would be won and lost by how many of those who would meet another tier, once they have it.
    #[schema(max_items = 1000)]
    pub benefits_of_moves: Vec<BenefitEffect>,
    /// How many partners hold a tier with other days of protection for what they register from then on.
    #[schema(minimum = 0, example = 12)]
    pub protection_days_changed: u32,
    /// How many protections those partners hold now. They keep their end: it was granted under the rules of its day.
    #[schema(minimum = 0, example = 31)]
    pub open_protections: u32,
    /// From when on partners can move.
    pub takes_effect: TakesEffect,
    /// The same for past review days, if it was asked for, oldest first: had either rules been in force.
    #[schema(max_items = 60)]
    pub reviews: Vec<ReviewFindings>,
}

/// From when on the candidate can move partners, by its own policy. Null where tiers are set by hand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TakesEffect {
    /// The first day on which who meets a higher tier gets it.
    #[schema(required = true)]
    pub promotions_from: Option<NaiveDate>,
    /// The first day on which who does not meet its tier can lose it: the next review, its lag, and the days of grace. Who
    /// has a tier for a minimum time or until an anniversary loses it later.
    #[schema(required = true)]
    pub demotions_from: Option<NaiveDate>,
}

/// How many have a tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Population {
    /// The tier; null for none.
    #[schema(required = true, max_length = 64, example = "Gold")]
    pub tier: Option<String>,
    /// How many hold it now.
    #[schema(minimum = 0, example = 14)]
    pub held: u32,
    /// How many meet it by the rules in force.
    #[schema(minimum = 0, example = 14)]
    pub before: u32,
    /// How many would by the candidate.
    #[schema(minimum = 0, example = 9)]
    pub after: u32,
}

/// What came out for a past review day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewFindings {
    /// The review day.
    pub as_of: NaiveDate,
    /// How many partners were in the program by then.
    #[schema(minimum = 0, example = 100)]
    pub enrollments: u32,
    /// How many of them would have met a higher tier.
    #[schema(minimum = 0, example = 2)]
    pub up: u32,
    /// How many would have met a lower one.
    #[schema(minimum = 0, example = 4)]
    pub down: u32,
    /// How many would have met another of the same height.
    #[schema(minimum = 0, example = 0)]
    pub aside: u32,
    /// How many had each tier; `held` counts what they hold today.
    #[schema(max_items = 50)]
    pub populations: Vec<Population>,
}

/// A benefit that some win or lose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BenefitEffect {
    /// The tier by the rules in force; null for none.
    #[schema(required = true, max_length = 64, example = "Gold")]
    pub tier_before: Option<String>,
    /// The tier by the candidate; null for none.
    #[schema(required = true, max_length = 64, example = "Gold")]
    pub tier_after: Option<String>,
    /// Which benefit, and how.
    pub change: BenefitChange,
    /// How many.
    #[schema(minimum = 0, example = 9)]
    pub enrollments: u32,
}

/// How a benefit would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BenefitChange {
    /// The benefit, as the document names it; `other.NAME` for one that the engine does not act on.
    #[schema(max_length = 200, example = "protection_days")]
    pub benefit: String,
    /// Whether there is more of it or less.
    pub effect: Effect,
    /// What it was; null for nothing.
    #[schema(required = true, value_type = serde_json::Value, example = 90)]
    pub before: Option<Value>,
    /// What it would be; null for nothing.
    #[schema(required = true, value_type = serde_json::Value, example = 120)]
    pub after: Option<Value>,
}

/// Whether there is more of a benefit or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BenefitChangeEffect)]
pub enum Effect {
    /// Less, or none any more.
    Loses,
    /// More, or for the first time.
    Gains,
    /// Something else, that is neither more nor less.
    Changes,
}

/// A partner that would meet another tier.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = program_plan_moves)]
pub struct PlanMove {
    /// Of which plan.
    #[serde(skip)]
    pub plan_id: ProgramPlanId,
    /// The day for which both rules were asked.
    pub as_of: NaiveDate,
    /// Its place among the moves of the day, from 1 on.
    #[schema(minimum = 1, example = 1)]
    pub position: i32,
    /// Whose.
    pub enrollment_id: EnrollmentId,
    /// The partner.
    pub partner_id: PartnerId,
    /// What it is called.
    #[schema(max_length = 200, example = "Northwind")]
    pub partner_name: String,
    /// Which way.
    pub direction: Direction,
    /// The tier that it holds now.
    #[schema(max_length = 64, example = "Gold")]
    pub held: String,
    /// The tier that it meets by the rules in force; null for none.
    #[serde(rename = "before")]
    #[schema(required = true, max_length = 64, example = "Gold")]
    pub before_tier: Option<String>,
    /// The tier that it would meet by the candidate; null for none.
    #[serde(rename = "after")]
    #[schema(required = true, max_length = 64, example = "Silver")]
    pub after_tier: Option<String>,
    /// The requirements that decide, the nearest to being met first.
    #[schema(value_type = Vec<Because>, max_items = 5)]
    pub because: Json<Vec<Because>>,
    /// What it would win and lose.
    #[schema(value_type = Vec<BenefitChange>, max_items = 200)]
    pub benefits: Json<Vec<BenefitChange>>,
    /// How many protections it holds now.
    #[schema(minimum = 0, example = 2)]
    pub open_protections: i32,
}

/// Which moves of a plan to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct MovePage {
    /// Of this day; without it, the day of the plan.
    pub as_of: Option<NaiveDate>,
    /// Only this way.
    pub direction: Option<Direction>,
}

database::text_enum! {
    /// Which way a partner would move.
    #[derive(PartialOrd, Ord)]
    pub enum Direction as PlanMoveDirection {
        /// To a lower tier, or to none.
        Down,
        /// To a tier that is neither lower nor higher.
        Aside,
        /// To a higher tier.
        Up,
    }
}

/// A requirement that decides: met by one of the rules, and not by the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = PlanMoveReason)]
pub struct Because {
    /// In which rules it is not met.
    pub rules: Side,
    /// JSON Pointer to where they say so.
    #[schema(max_length = 2000, example = "/tiers/2/requires/all/1")]
    pub pointer: String,
    /// In a sentence.
    #[schema(
        max_length = 4000,
        example = "revenue is 110000 EUR; needed is at least 120000 EUR: not met: 10000 EUR short"
    )]
    pub words: String,
    /// What the value is; null if it is unknown.
    #[schema(required = true, value_type = serde_json::Value, example = 110_000)]
    pub value: Option<Value>,
    /// What it must reach, or stay under; null where nothing is compared.
    #[schema(required = true, value_type = serde_json::Value, example = 120_000)]
    pub threshold: Option<Value>,
    /// How much is missing, or too much; null where that is no number.
    #[schema(required = true, value_type = serde_json::Value, example = 10_000)]
    pub gap: Option<Value>,
    /// What the numbers count.
    #[schema(required = true, max_length = 40, example = "EUR")]
    pub unit: Option<String>,
}

/// One of the two rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlanMoveRules)]
pub enum Side {
    /// Those in force.
    Before,
    /// The candidate.
    After,
}

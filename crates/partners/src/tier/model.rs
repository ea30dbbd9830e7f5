//! What is kept of how an enrollment came to its tier.

use chrono::NaiveDate;
use database::{
    Json,
    schema::{tier_decisions, tier_standings},
};
use diesel::prelude::*;
use kernel::{PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::enrollment::EnrollmentId;

ids! {
    /// A decision on a tier.
    TierDecisionMark = "tier_decision" => TierDecisionId;
    /// An evaluation of many enrollments.
    TierRunMark = "tier_run" => TierRunId;
}

database::text_enum! {
    /// What was decided on an enrollment's tier.
    pub enum Kind as TierDecisionKind {
        /// The partner was enrolled at the tier.
        Enrolled,
        /// It meets a higher tier.
        Promoted,
        /// It does not meet its tier any more, and keeps it until a day.
        GraceBegun,
        /// It meets its tier again.
        GraceEnded,
        /// It has not met its tier, and falls.
        Demoted,
        /// The vendor has set the tier by hand, for good.
        Placed,
        /// The vendor has set the tier until a time, whatever the rules say.
        OverrideSet,
        /// The vendor has ended the override before its time.
        OverrideLifted,
        /// The override's time is over.
        OverrideExpired,
    }
}

/// A decision on an enrollment's tier. It is never changed.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = tier_decisions)]
pub struct TierDecision {
    /// Unique.
    pub id: TierDecisionId,
    /// Whose tier.
    pub enrollment_id: EnrollmentId,
    /// The partner.
    pub partner_id: PartnerId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// What was decided.
    pub kind: Kind,
    /// The tier before; null for the first.
    #[schema(required = true, max_length = 64, example = "Silver")]
    pub from_tier: Option<String>,
    /// The tier from then on.
    #[schema(max_length = 64, example = "Gold")]
    pub to_tier: String,
    /// Why, in words.
    #[schema(max_length = 4000, example = "Meets Gold as of 2026-10-01.")]
    pub reason: String,
    /// Of a grace that has begun: the last day on which the tier is kept.
    #[schema(required = true)]
    pub grace_until: Option<NaiveDate>,
    /// The version of the rules in force.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub program_version: i32,
    /// The day for which the rules were asked.
    pub as_of: NaiveDate,
    /// What was known by then counted.
    pub known_at: Timestamp,
    /// The run that decided it, if one did.
    #[schema(required = true)]
    pub run_id: Option<TierRunId>,
    /// Who decided: a user, an API client, or `system`.
    #[schema(max_length = 120, example = "system")]
    pub decided_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// Until when the vendor has set a tier, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TierOverride {
    /// The tier that holds until then.
    #[schema(max_length = 64, example = "Gold")]
    pub tier: String,
    /// Why.
    #[schema(max_length = 4000)]
    pub reason: String,
    /// Until when.
    pub until: Timestamp,
    /// Who has set it.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub set_by: String,
    /// When.
    pub set_at: Timestamp,
    /// The tier that holds afterwards.
    #[schema(max_length = 64, example = "Silver")]
    pub tier_after: String,
    /// Since when the partner has that one.
    pub since_after: NaiveDate,
}

/// What the rules need to know of how an enrollment came to its tier.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tier_standings, treat_none_as_null = true)]
pub struct TierStanding {
    /// Whose.
    pub enrollment_id: EnrollmentId,
    /// The partner.
    pub partner_id: PartnerId,
    /// The program, by slug.
    pub program: String,
    /// From which day on it has the tier.
    pub since: NaiveDate,
    /// The day of the last decision.
    pub decided_on: NaiveDate,
    /// Its kind.
    pub decided: Kind,
    /// The last day on which the tier is kept though it is not met.
    pub grace_until: Option<NaiveDate>,
    /// What the vendor has set, until when.
    pub override_terms: Option<Json<TierOverride>>,
    /// The same time once more, for who looks for those that are over.
    pub override_until: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl TierStanding {
    /// The override that holds at a time.
    pub fn override_at(&self, at: Timestamp) -> Option<&TierOverride> {
        self.override_terms.as_ref().map(|terms| &terms.0).filter(|terms| terms.until > at)
    }
}

/// Sets a tier until a time, whatever the rules say.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tier": "Gold", "reason": "Acquired a Gold partner.", "until": "2027-06-30T00:00:00Z"}))]
pub struct OverrideTier {
    /// The tier, by name.
    #[schema(min_length = 1, max_length = 64, example = "Gold")]
    pub tier: String,
    /// Why, for the partner.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
    /// Until when; in the future.
    pub until: Timestamp,
}

/// Ends an override before its time.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The merger did not come about."}))]
pub struct LiftTierOverride {
    /// Why, for the partner.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

//! A run, and what callers send about it.

use chrono::NaiveDate;
use database::{Json, schema::tier_runs};
use diesel::prelude::*;
use kernel::{PartnerId, Timestamp};
use partners::{EnrollmentId, TierRunId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

database::text_enum! {
    /// Why a run was made.
    pub enum Kind as TierRunKind {
        /// A review day of the program's calendar has come.
        Scheduled,
        /// Somebody has asked for it.
        OnDemand,
        /// Another version of the rules is in force.
        RulesChanged,
    }
}

database::text_enum! {
    /// Where a run stands.
    pub enum State as TierRunState {
        /// It goes on.
        Running,
        /// All are evaluated.
        Finished,
    }
}

/// How far a run has come, in enrollments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = TierRunCounts)]
pub struct RunCounts {
    /// How many there are.
    #[schema(minimum = 0, example = 1200)]
    pub total: i64,
    /// How many are evaluated.
    #[schema(minimum = 0, example = 1200)]
    pub done: i64,
    /// Of them, how many rose.
    #[schema(minimum = 0, example = 31)]
    pub promoted: i64,
    /// How many fell.
    #[schema(minimum = 0, example = 4)]
    pub demoted: i64,
    /// For how many a grace began.
    #[schema(minimum = 0, example = 12)]
    pub grace_begun: i64,
    /// How many meet their tier again.
    #[schema(minimum = 0, example = 3)]
    pub grace_ended: i64,
    /// How many are in grace now.
    #[schema(minimum = 0, example = 15)]
    pub in_grace: i64,
}

/// An evaluation of a program's enrollments for one day.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tier_runs, treat_none_as_null = true)]
pub struct TierRun {
    /// Unique.
    pub id: TierRunId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The version of its rules.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub program_version: i32,
    /// Why it was made.
    pub kind: Kind,
    /// Whether partners can fall: on review days, and where somebody asked for a review.
    pub review: bool,
    /// The only enrollment that it is about; null for all that take part.
    #[schema(required = true)]
    pub enrollment_id: Option<EnrollmentId>,
    /// The day for which the rules are asked.
    pub as_of: NaiveDate,
    /// What was known by then counts.
    pub known_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// The last enrollment that was evaluated.
    #[serde(skip)]
    #[schema(ignore)]
    pub position: Option<EnrollmentId>,
    /// How far it has come.
    #[schema(value_type = RunCounts)]
    pub counts: Json<RunCounts>,
    /// Who asked for it: a user, an API client, or `system`.
    #[schema(max_length = 120, example = "system")]
    pub started_by: String,
    /// When it was finished.
    #[schema(required = true)]
    pub finished_at: Option<Timestamp>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last came further.
    pub updated_at: Timestamp,
    /// Whose it is, if it is about one enrollment.
    #[serde(skip)]
    #[schema(ignore)]
    pub partner_id: Option<PartnerId>,
}

/// A run to make.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"program": "reseller"}))]
pub struct NewTierRun {
    /// The program, by slug.
    #[schema(min_length = 1, max_length = 64, example = "reseller")]
    pub program: String,
    /// The day for which the rules are asked; today if left out, and not later.
    pub as_of: Option<NaiveDate>,
    /// Only this enrollment; all that take part if left out.
    pub enrollment_id: Option<EnrollmentId>,
    /// Whether partners can fall: only on review days, if left out.
    pub review: Option<bool>,
}

/// Which runs to list.
#[derive(Debug, Default)]
pub struct TierRunFilter {
    /// Only of this program.
    pub program: Option<String>,
    /// Only about this enrollment.
    pub enrollment_id: Option<EnrollmentId>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only those that stand like this.
    pub state: Option<State>,
    /// Only those that came further at or after this time.
    pub updated_after: Option<Timestamp>,
}

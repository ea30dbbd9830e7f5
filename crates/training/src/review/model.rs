//! What waits, and what callers send about it.

use database::{Json, schema::training_reviews as reviews};
use diesel::prelude::*;
use kernel::{PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::Pending;
use crate::person::PersonId;

ids! {
    /// Something that waits.
    TrainingReviewKind = "review" => TrainingReviewId;
}

database::text_enum! {
    /// Where it came from.
    pub enum Source as TrainingReviewSource {
        /// A learning system sent a statement.
        Xapi,
        /// A file was imported.
        Import,
    }

    /// Why it waits.
    pub enum Reason as TrainingReviewReason {
        /// Nobody is known by that address or number.
        UnknownPerson,
        /// The catalogue has no such course or exam.
        UnknownActivity,
        /// It cannot follow on what is known, or the exam's policy does not allow it.
        Refused,
    }

    /// What became of it.
    pub enum Status as TrainingReviewStatus {
        /// It waits.
        Open,
        /// It was recorded.
        Resolved,
        /// It is not to be recorded.
        Dismissed,
    }
}

/// Something that was learned elsewhere and could not be recorded.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = reviews, treat_none_as_null = true)]
pub struct TrainingReview {
    /// Unique.
    pub id: TrainingReviewId,
    /// The partner concerned; null while nobody knows.
    #[schema(required = true)]
    pub partner_id: Option<PartnerId>,
    /// Where it came from.
    pub source: Source,
    /// What it is called there: the id of a statement, or an import and its row.
    #[schema(max_length = 200, example = "8e03978e-40d5-43e8-bc93-6894a57f9324")]
    pub reference: String,
    /// Why it waits.
    pub reason: Reason,
    /// The person or the activity that is not known.
    #[schema(required = true, max_length = 2100, example = "mailto:ada@northwind.example")]
    pub key: Option<String>,
    /// The reason in words.
    #[schema(max_length = 2000, example = "Nobody is known as mailto:ada@northwind.example.")]
    pub detail: String,
    /// What is to be recorded.
    #[schema(value_type = Pending)]
    pub payload: Json<Pending>,
    /// What became of it.
    pub status: Status,
    /// For whom it was recorded.
    #[schema(required = true)]
    pub person_id: Option<PersonId>,
    /// Why it was dismissed.
    #[schema(required = true, max_length = 4000)]
    pub note: Option<String>,
    /// Who reported it.
    #[schema(max_length = 120, example = "client_01h455vb4pex5vsknk084sn02q")]
    pub reported_by: String,
    /// Whether who reported it reaches the partners alone that they manage.
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) managed: bool,
    /// Who settled it; `system` where it was tried again and could be recorded.
    #[schema(required = true, max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub settled_by: Option<String>,
    /// When it was settled.
    #[schema(required = true)]
    pub settled_at: Option<Timestamp>,
    /// When it was reported.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Records what waits.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"person_id": "person_01h455vb4pex5vsknk084sn02q"}))]
pub struct ResolveTrainingReview {
    /// Whose it is; whoever is known by the address or number, if it is left out.
    #[schema(nullable = false)]
    pub person_id: Option<PersonId>,
    /// The course or exam, by slug; the one that has the activity, if it is left out.
    #[schema(nullable = false, min_length = 1, max_length = 64, example = "platform_basics")]
    pub item: Option<String>,
    /// The score, of 100, where the one that was reported is missing or wrong.
    #[schema(nullable = false, max_length = 8, pattern = r"^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)$", example = "92")]
    pub score: Option<String>,
    /// Whether somebody watched, where that was not reported.
    #[schema(nullable = false)]
    pub proctored: Option<bool>,
}

/// Says that something is not to be recorded.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "A test of the learning system."}))]
pub struct DismissTrainingReview {
    /// Why.
    #[schema(min_length = 1, max_length = 4000, example = "A test of the learning system.")]
    pub reason: String,
}

/// Which to list.
#[derive(Debug, Default)]
pub struct TrainingReviewFilter {
    /// Only with this status.
    pub status: Option<Status>,
    /// Only for this reason.
    pub reason: Option<Reason>,
    /// Only from there.
    pub source: Option<Source>,
    /// Only what is called so there.
    pub reference: Option<String>,
}

//! A violation, and what callers send about it.

use database::{Json, schema::violations};
use diesel::prelude::*;
use kernel::{Fault, PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{enrollment::EnrollmentId, standing::Effects};

ids! {
    /// A violation.
    ViolationKind = "violation" => ViolationId;
}

database::text_enum! {
    /// What was violated.
    pub enum Category as ViolationCategory {
        /// A deal was registered without a customer behind it, or under another's name.
        FalseRegistration,
        /// A customer was approached who is another's.
        Poaching,
        /// Business was done outside the territory.
        Territory,
        /// Prices or discounts were not what was agreed.
        Pricing,
        /// The brand was used as it may not be.
        Brand,
        /// Personal or confidential data were not protected.
        DataProtection,
        /// Bribes, fraud, or the like.
        Compliance,
        /// Somebody was treated as nobody may be.
        Conduct,
        /// What was owed was not paid.
        Payment,
        /// Something else; the text says what.
        Other,
    }

    /// What follows from a violation.
    pub enum ConsequenceKind as ViolationConsequenceKind {
        /// The partner is told.
        Warning,
        /// The partner may not act until a time, or until the violation is withdrawn.
        Suspension,
        /// The partner may not act any more.
        Termination,
    }

    /// How far a consequence reaches.
    pub enum ViolationScope as ViolationScope {
        /// The program of the enrollment.
        Program,
        /// All of the partner's programs.
        Partner,
    }

    /// Where a violation stands now.
    pub enum Status as ViolationStatus {
        /// Its consequence has not begun.
        Pending,
        /// Its consequence is in force.
        InForce,
        /// Its consequence is over.
        Ended,
        /// It was withdrawn, and its consequence with it.
        Withdrawn,
    }
}

/// A violation of the rules of engagement.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Violation {
    /// Unique.
    pub id: ViolationId,
    /// Whose.
    pub partner_id: PartnerId,
    /// In which enrollment, if in one.
    #[schema(required = true)]
    pub enrollment_id: Option<EnrollmentId>,
    /// What was violated.
    pub category: Category,
    /// In words, for the partner.
    #[schema(max_length = 4000)]
    pub text: String,
    /// What shows it.
    #[schema(max_items = 50)]
    pub evidence: Vec<ViolationEvidence>,
    /// Who found it.
    #[schema(max_length = 200, example = "Partner audit, spring 2027")]
    pub found_by: String,
    /// What follows from it.
    pub consequence: Consequence,
    /// Where it stands now.
    pub status: Status,
    /// What was done to the partner's business because of it, so far.
    pub effects: Effects,
    /// Who recorded it.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub recorded_by: String,
    /// When it was withdrawn.
    #[schema(required = true)]
    pub withdrawn_at: Option<Timestamp>,
    /// Who withdrew it.
    #[schema(required = true, max_length = 120)]
    pub withdrawn_by: Option<String>,
    /// Why it was withdrawn.
    #[schema(required = true, max_length = 4000)]
    pub withdrawal_reason: Option<String>,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What follows from a violation.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ViolationConsequence)]
pub struct Consequence {
    /// What follows.
    pub kind: ConsequenceKind,
    /// How far it reaches.
    pub scope: ViolationScope,
    /// From when on.
    pub from: Timestamp,
    /// Until when; null if it has no end.
    #[schema(required = true)]
    pub until: Option<Timestamp>,
}

/// What shows a violation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "The customer's mail of 3 March.", "url": "https://files.vendor.example/4711.eml"}))]
pub struct ViolationEvidence {
    /// In words.
    #[schema(min_length = 1, max_length = 4000, example = "The customer's mail of 3 March.")]
    pub text: String,
    /// Where it is kept.
    #[serde(default)]
    #[schema(
        required = false,
        pattern = "^https?://[^\\s]+$",
        max_length = 2000,
        example = "https://files.vendor.example/4711.eml"
    )]
    pub url: Option<String>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = violations, treat_none_as_null = true)]
pub(super) struct Row {
    pub id: ViolationId,
    pub partner_id: PartnerId,
    pub enrollment_id: Option<EnrollmentId>,
    pub category: Category,
    pub text: String,
    pub evidence: Json<Vec<ViolationEvidence>>,
    pub found_by: String,
    pub consequence: ConsequenceKind,
    pub scope: ViolationScope,
    pub starts_at: Timestamp,
    pub ends_at: Option<Timestamp>,
    pub recorded_by: String,
    pub withdrawn_at: Option<Timestamp>,
    pub withdrawn_by: Option<String>,
    pub withdrawal_reason: Option<String>,
    pub effects: Json<Effects>,
    pub due_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Row {
    pub fn status_at(&self, now: Timestamp) -> Status {
        match (self.withdrawn_at, self.ends_at) {
            (Some(_), _) => Status::Withdrawn,
            (None, _) if self.starts_at > now => Status::Pending,
            (None, Some(end)) if end <= now => Status::Ended,
            (None, _) => Status::InForce,
        }
    }

    pub fn show(self, now: Timestamp) -> Violation {
        Violation {
            status: self.status_at(now),
            id: self.id,
            partner_id: self.partner_id,
            enrollment_id: self.enrollment_id,
            category: self.category,
            text: self.text,
            evidence: self.evidence.0,
            found_by: self.found_by,
            consequence: Consequence {
                kind: self.consequence,
                scope: self.scope,
                from: self.starts_at,
                until: self.ends_at,
            },
            effects: self.effects.0,
            recorded_by: self.recorded_by,
            withdrawn_at: self.withdrawn_at,
            withdrawn_by: self.withdrawn_by,
            withdrawal_reason: self.withdrawal_reason,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// A violation to record.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "partner_id": "partner_01h455vb4pex5vsknk084sn02q", "enrollment_id": "enrollment_01h455vb4pex5vsknk084sn02q",
    "category": "poaching", "text": "Quoted to a customer for whom another partner is protected.",
    "evidence": [{"text": "The customer's mail of 3 March."}], "found_by": "Channel operations",
    "consequence": {"kind": "suspension", "scope": "program", "until": "2027-06-01T00:00:00Z"}
}))]
pub struct NewViolation {
    /// Whose.
    pub partner_id: PartnerId,
    /// In which enrollment, if in one; required for a consequence in the program alone.
    pub enrollment_id: Option<EnrollmentId>,
    /// What was violated.
    pub category: Category,
    /// In words, for the partner.
    #[schema(min_length = 1, max_length = 4000)]
    pub text: String,
    /// What shows it.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub evidence: Vec<ViolationEvidence>,
    /// Who found it.
    #[schema(min_length = 1, max_length = 200, example = "Partner audit, spring 2027")]
    pub found_by: String,
    /// What follows from it; a warning if left out.
    pub consequence: Option<NewConsequence>,
}

/// What is to follow from a violation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewViolationConsequence)]
pub struct NewConsequence {
    /// What follows.
    pub kind: ConsequenceKind,
    /// How far it reaches; the program if an enrollment is named, else the partner.
    pub scope: Option<ViolationScope>,
    /// From when on; now if left out. Not in the past.
    pub from: Option<Timestamp>,
    /// Until when a suspension lasts; until it is withdrawn if left out.
    pub until: Option<Timestamp>,
}

/// Withdraws a violation.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The other partner had given up the customer the day before."}))]
pub struct WithdrawViolation {
    /// Why, for the partner.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Which violations to list.
#[derive(Debug, Default)]
pub struct ViolationFilter {
    /// Only of this partner.
    pub partner_id: Option<PartnerId>,
    /// Only in this enrollment.
    pub enrollment_id: Option<EnrollmentId>,
    /// Only of this kind.
    pub category: Option<Category>,
    /// Only with this consequence.
    pub consequence: Option<ConsequenceKind>,
    /// Only those that stand like this now.
    pub status: Option<Status>,
    /// Only those changed at or after this time.
    pub updated_after: Option<Timestamp>,
}

impl NewConsequence {
    pub(super) fn faults(&self, now: Timestamp, has_enrollment: bool) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |pointer: &str, code, detail| faults.push(Fault::at(pointer, code, detail));
        if self.scope == Some(ViolationScope::Program) && !has_enrollment {
            fault("/enrollment_id", "required", "is required for a consequence in one program");
        }
        if self.from.is_some_and(|from| from < now) {
            fault("/consequence/from", "in_the_past", "is in the past: what was done since was allowed");
        }
        match (self.kind, self.until) {
            (ConsequenceKind::Suspension, Some(until)) if until <= self.from.unwrap_or(now) => {
                fault("/consequence/until", "contradiction", "is not after the beginning");
            }
            (ConsequenceKind::Warning | ConsequenceKind::Termination, Some(_)) => {
                fault("/consequence/until", "not_allowed", "is for a suspension alone");
            }
            _ => {}
        }
        faults
    }
}

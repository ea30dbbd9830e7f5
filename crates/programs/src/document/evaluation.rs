//! When tiers are evaluated, and how partners move between them.

use rules::book::MonthDay;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// When tiers are evaluated, and how partners move between them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EvaluationPolicy {
    /// How often.
    pub cadence: Cadence,
    /// The review days of every year, as many as the cadence has in a year, in their order. Without them: the first
    /// days of the periods, counted from the first day of the fiscal year.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 12, example = json!(["01-15", "07-15"]))]
    pub dates: Vec<MonthDay>,
    /// How many days after a review day its result holds, while late facts come in.
    #[schema(minimum = 0, maximum = 180, example = 15)]
    pub lag_days: u16,
    /// When a partner moves up.
    pub promotion: Promotion,
    /// How a partner moves down.
    #[schema(default = json!({
        "when": "at_review", "grace_days": 0, "at_most_one_step": false, "hold_until_anniversary": false,
        "minimum_months_held": 0, "fall_to": "current"
    }))]
    pub demotion: Demotion,
}

/// How often tiers are evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// Twelve times a year.
    Monthly,
    /// Four times a year.
    Quarterly,
    /// Twice a year.
    SemiAnnual,
    /// Once a year.
    #[default]
    Annual,
}

impl Cadence {
    /// How many reviews a year has.
    pub fn reviews(self) -> usize {
        match self {
            Self::Monthly => 12,
            Self::Quarterly => 4,
            Self::SemiAnnual => 2,
            Self::Annual => 1,
        }
    }
}

/// When a partner moves up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Promotion {
    /// As soon as it meets a higher tier.
    #[default]
    Immediate,
    /// At the next review.
    AtReview,
}

/// How a partner moves down that does not meet its tier.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Demotion {
    /// When it is looked at.
    #[serde(skip_serializing_if = "WhenDemoted::is_at_review")]
    pub when: WhenDemoted,
    /// Days after that in which it keeps the tier, and can meet it again.
    #[schema(minimum = 0, maximum = 730, example = 90)]
    pub grace_days: u16,
    /// Whether it falls by one tier a review at most.
    pub at_most_one_step: bool,
    /// Whether it keeps the tier until the anniversary of the day on which it got it.
    pub hold_until_anniversary: bool,
    /// Whole months for which it keeps a tier once it has it.
    #[schema(minimum = 0, maximum = 60, example = 12)]
    pub minimum_months_held: u16,
    /// To which tier it falls.
    pub fall_to: FallTo,
}

/// When a partner that does not meet its tier moves down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenDemoted {
    /// At the next review.
    #[default]
    AtReview,
    /// As soon as it is known: on the day on which a certificate, or whatever else is known of it, does not hold any more.
    Immediate,
}

impl WhenDemoted {
    /// Documents that say nothing of it are written as they were before it could be said.
    fn is_at_review(&self) -> bool {
        *self == Self::AtReview
    }
}

/// To which tier a partner falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FallTo {
    /// The one that it meets at the review.
    #[default]
    Current,
    /// The highest that it has met since the review before.
    HighestMetInWindow,
}

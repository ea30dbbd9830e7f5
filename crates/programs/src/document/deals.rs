//! What holds for deal registrations.

use chrono::NaiveDate;
use kernel::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What holds for deal registrations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DealRegistrationPolicy {
    /// The products that can be registered; empty means any.
    #[schema(max_items = 500)]
    pub products: Vec<String>,
    /// Other programs whose protections stand in the way of this one's, by slug.
    #[schema(max_items = 50)]
    pub exclusive_with: Vec<String>,
    /// Approves without a person when the verdict is clean. Without it, every registration waits for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_approve: Option<AutoApproval>,
    /// By when a decision is due, and what happens if none comes.
    pub decision: DecisionPolicy,
    /// What protection can be had after approval.
    pub protection: ProtectionPolicy,
    /// How accounts are recognized.
    pub matching: MatchingPolicy,
}

/// When the engine approves by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AutoApproval {
    /// Up to and including this amount; above it, or in another currency, a person decides. Without it, any amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up_to: Option<Money>,
}

/// By when a decision is due, and what happens if none comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DecisionPolicy {
    /// Business days from submission.
    #[schema(minimum = 0, maximum = 90, example = 2)]
    pub business_days: u16,
    /// What happens when no decision has come by then.
    pub when_overdue: WhenOverdue,
    /// The days of the week without business.
    #[schema(max_items = 7)]
    pub weekend: Vec<Weekday>,
    /// Other days without business.
    #[schema(max_items = 1000)]
    pub holidays: Vec<NaiveDate>,
}

impl Default for DecisionPolicy {
    fn default() -> Self {
        Self {
            business_days: 2,
            when_overdue: WhenOverdue::Escalate,
            weekend: vec![Weekday::Saturday, Weekday::Sunday],
            holidays: Vec::new(),
        }
    }
}

/// What happens when no decision has come in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenOverdue {
    /// An event tells it, once.
    #[default]
    Escalate,
    /// A registration without a conflict is approved; others escalate.
    Approve,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl From<Weekday> for chrono::Weekday {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

/// What protection can be had after approval. Its length is a benefit of the tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProtectionPolicy {
    /// Days before the end at which an event announces it; 0 for none.
    #[schema(minimum = 0, maximum = 365, example = 14)]
    pub expiring_notice_days: u16,
    /// Whether and how it can be extended; null for not at all.
    pub extension: Option<ExtensionPolicy>,
}

impl Default for ProtectionPolicy {
    fn default() -> Self {
        Self { expiring_notice_days: 14, extension: Some(ExtensionPolicy::default()) }
    }
}

/// How protection can be extended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExtensionPolicy {
    /// How often.
    #[schema(minimum = 0, maximum = 50, example = 1)]
    pub times: u16,
    /// By how many days at most, each time, from the present end.
    #[schema(minimum = 1, maximum = 1095, example = 30)]
    pub days: u16,
    /// How many days before the end it can be asked for at the earliest.
    #[schema(minimum = 1, maximum = 1095, example = 30)]
    pub earliest_days_before_end: u16,
    /// Whether progress must be named.
    pub progress_required: bool,
}

impl Default for ExtensionPolicy {
    fn default() -> Self {
        Self { times: 1, days: 30, earliest_days_before_end: 30, progress_required: true }
    }
}

/// How accounts are recognized.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MatchingPolicy {
    /// From which likeness of names, in per mille, two accounts may be the same (1000: the same normalized name).
    #[schema(minimum = 500, maximum = 1000, example = 880)]
    pub name_threshold_per_mille: u16,
}

impl Default for MatchingPolicy {
    fn default() -> Self {
        Self { name_threshold_per_mille: 880 }
    }
}

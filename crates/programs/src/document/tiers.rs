//! The ladder: what a tier requires, and what it gives.

use std::collections::BTreeMap;

use rules::{Number, book::Rule};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A level of the ladder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Its name; enrollments refer to it.
    #[schema(min_length = 1, max_length = 64, example = "Gold")]
    pub name: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// What it takes. Without it, every partner has the tier. Tiers need not nest: a partner has the highest whose own
    /// rule is met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires: Option<Rule>,
    /// What it gives.
    #[serde(default)]
    pub benefits: TierBenefits,
}

/// What a tier gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TierBenefits {
    /// Days of 24 hours for which an approved deal registration is protected.
    #[schema(minimum = 1, maximum = 1095, example = 90)]
    pub protection_days: u16,
    /// The partner's margin on what it sells, in percent of the list price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin_percent: Option<Number>,
    /// Market development funds, in percent of the partner's revenue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mdf_percent: Option<Number>,
    /// Whether the vendor hands leads to the partner.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub leads: bool,
    /// The badge that the partner may show.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, example = "Gold partner")]
    pub badge: Option<String>,
    /// How the vendor helps when something does not work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support: Option<SupportLevel>,
    /// What the engine does not act on: words by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(example = json!({"events": "Two tickets for the yearly summit"}))]
    pub other: BTreeMap<String, String>,
}

impl Default for TierBenefits {
    fn default() -> Self {
        Self {
            protection_days: 90,
            margin_percent: None,
            mdf_percent: None,
            leads: false,
            badge: None,
            support: None,
            other: BTreeMap::new(),
        }
    }
}

/// How the vendor helps when something does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupportLevel {
    /// Documentation and the community.
    Community,
    /// In business hours.
    Standard,
    /// Before others, at any hour.
    Priority,
    /// By people who know the partner.
    Dedicated,
}

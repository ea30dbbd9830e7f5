//! The program document's types. What a field means is in its description, which the published schema repeats.

mod application;
mod deals;
mod evaluation;
mod example;
mod faults;
mod partner_type;
mod place;
mod source;
mod tiers;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kernel::{Currency, Timestamp};
use rules::{
    RuleBook,
    book::{Criterion, Fact, Metric, MonthDay, NamedRule, Score, Table, TierRule},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::standing::{AgreementPolicy, StandingPolicy};

pub use application::ApplicationPolicy;
pub use deals::{
    AutoApproval, DealRegistrationPolicy, DecisionPolicy, ExtensionPolicy, MatchingPolicy, ProtectionPolicy, Weekday,
    WhenOverdue,
};
pub use evaluation::{Cadence, Demotion, EvaluationPolicy, FallTo, Promotion, WhenDemoted};
pub use example::Example;
pub use faults::{is_product, is_slug};
pub use partner_type::PartnerType;
pub use place::{Region, TimeZone};
pub use source::PublishedAs;
pub use tiers::{SupportLevel, Tier, TierBenefits};

/// A vendor's rules for one partner type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "slug": "reseller", "name": "Reseller program", "partner_type": "reseller", "currency": "EUR",
    "facts": {"revenue": {"type": "number", "unit": "EUR", "default": 0, "description": "Booked in the last twelve months."}},
    "tiers": [
        {"name": "Registered", "benefits": {"protection_days": 30}},
        {"name": "Gold", "requires": {"metric": "revenue", "at_least": 100000},
            "benefits": {"protection_days": 90, "margin_percent": 15}}
    ],
    "examples": [
        {"name": "Just Gold", "as_of": "2026-12-31", "given": {"revenue": 100000}, "expect": {"tier": "Gold"}}
    ],
    "deal_registration": {"auto_approve": {"up_to": {"amount": "50000.00", "currency": "EUR"}}}
}))]
pub struct ProgramDocument {
    /// How the program is called in paths and references.
    #[schema(pattern = "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$", max_length = 64, example = "reseller")]
    pub slug: String,
    /// How people call it.
    #[schema(min_length = 1, max_length = 200, example = "Reseller program")]
    pub name: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4000)]
    pub description: Option<String>,
    /// What kind of companies it is for.
    #[serde(default)]
    pub partner_type: PartnerType,
    /// The currency of its thresholds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The year for which the rules were published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1990, maximum = 2200, example = 2026)]
    pub year: Option<u16>,
    /// Where the rules were published: titles or addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50, example = json!(["https://vendor.example/partner-program-guide-2026.pdf"]))]
    pub source: Vec<String>,
    /// What is not public and was made up here: JSON Pointers into the document, or words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 200, example = json!(["/tiers/2/benefits/margin_percent"]))]
    pub sample: Vec<String>,
    /// Published rules that this document states, by the name and version that case files give them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub published_as: Vec<PublishedAs>,
    /// The first day of the fiscal year, `02-01`. The year is named after the calendar year in which it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal_year_start: Option<MonthDay>,
    /// Where days begin and end for the program; UTC, if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<TimeZone>,
    /// The regions that the program tells apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub regions: Vec<Region>,
    /// What is known of a partner, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Fact>,
    /// Published tables, by name; `lookup` reads them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, Table>,
    /// What is computed from facts, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, Metric>,
    /// Points, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scores: BTreeMap<String, Score>,
    /// Conditions, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, NamedRule>,
    /// What a company is asked for before it may join.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub eligibility: Vec<Criterion>,
    /// How companies apply.
    #[serde(default, skip_serializing_if = "ApplicationPolicy::is_usual")]
    pub application: ApplicationPolicy,
    /// The ladder, lowest tier first. Partners can only join a program that has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(min_items = 1, max_items = 20)]
    pub tiers: Vec<Tier>,
    /// When tiers are evaluated, and how partners move between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<EvaluationPolicy>,
    /// The agreement that a partner accepts before it may act; without it none is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<AgreementPolicy>,
    /// What becomes of a partner's business when it may no longer act.
    #[serde(default)]
    pub standing: StandingPolicy,
    /// What holds for deal registrations.
    #[serde(default)]
    pub deal_registration: DealRegistrationPolicy,
    /// Worked cases: the document's own tests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub examples: Vec<Example>,
}

impl ProgramDocument {
    /// The tier of this name, ignoring case.
    pub fn tier(&self, name: &str) -> Option<&Tier> {
        self.tiers.iter().find(|tier| tier.name.eq_ignore_ascii_case(name))
    }

    /// What a tier gives. A tier that these rules do not have any more gives what is given where nothing is said.
    pub fn benefits(&self, tier: &str) -> TierBenefits {
        self.tier(tier).map(|tier| tier.benefits.clone()).unwrap_or_default()
    }

    /// The day that it is for the program at a time.
    pub fn day_of(&self, at: Timestamp) -> NaiveDate {
        self.time_zone.unwrap_or(TimeZone::UTC).day_of(at.utc())
    }

    /// The sections that say what is known, computed and required.
    pub fn book(&self) -> RuleBook {
        let rung = |tier: &Tier| TierRule { name: tier.name.clone(), requires: tier.requires.clone() };
        RuleBook {
            fiscal_year_start: self.fiscal_year_start,
            facts: self.facts.clone(),
            tables: self.tables.clone(),
            metrics: self.metrics.clone(),
            scores: self.scores.clone(),
            rules: self.rules.clone(),
            eligibility: self.eligibility.clone(),
            tiers: self.tiers.iter().map(rung).collect(),
        }
    }
}

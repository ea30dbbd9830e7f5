//! The program document's types. What a field means is in its description, which the published schema repeats.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use kernel::{Currency, Fault, Money};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};
use utoipa::ToSchema;
use validator::Validate;

use crate::standing::{AgreementPolicy, StandingPolicy};

/// A slug: how a program is called in paths and documents.
const SLUG: &str = "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$";
/// A product: how a price list would call it.
const PRODUCT: &str = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";

/// What kind of companies a program is for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    Display,
    EnumString,
    Serialize,
    Deserialize,
    ToSchema,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PartnerType {
    /// Buys and sells on.
    #[default]
    Reseller,
    /// Runs the product as a service.
    Msp,
    /// Recommends, and leaves the sale to the vendor.
    Referral,
    /// Sends visitors.
    Affiliate,
    /// Builds it into larger projects.
    SystemIntegrator,
    /// Makes a product that works with it.
    TechnologyAlliance,
    /// Sells to resellers.
    Distributor,
}
database::text_enum!(PartnerType);

/// A vendor's rules for one partner type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "slug": "reseller", "name": "Reseller program", "partner_type": "reseller",
    "tiers": [
        {"name": "Registered", "benefits": {"protection_days": 30}},
        {"name": "Gold", "benefits": {"protection_days": 90}}
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
    /// The ladder, lowest tier first.
    #[schema(min_items = 1, max_items = 20)]
    pub tiers: Vec<Tier>,
    /// The agreement that a partner accepts before it may act; without it none is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<AgreementPolicy>,
    /// What becomes of a partner's business when it may no longer act.
    #[serde(default)]
    pub standing: StandingPolicy,
    /// What holds for deal registrations.
    #[serde(default)]
    pub deal_registration: DealRegistrationPolicy,
}

/// A level of the ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Its name; enrollments refer to it.
    #[schema(min_length = 1, max_length = 64, example = "Gold")]
    pub name: String,
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
}

impl Default for TierBenefits {
    fn default() -> Self {
        Self { protection_days: 90 }
    }
}

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

impl ProgramDocument {
    /// The tier of this name, ignoring case.
    pub fn tier(&self, name: &str) -> Option<&Tier> {
        self.tiers.iter().find(|tier| tier.name.eq_ignore_ascii_case(name))
    }

    /// What the types cannot say: every contradiction, with its place.
    pub fn faults(&self) -> Vec<Fault> {
        let policy = &self.deal_registration;
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        for (at, tier) in self.tiers.iter().enumerate() {
            if !seen.insert(tier.name.to_lowercase()) {
                faults.push(Fault::at(&format!("/tiers/{at}/name"), "duplicate", "is the name of another tier too"));
            }
        }
        for (at, product) in policy.products.iter().enumerate() {
            if !is_product(product) {
                let pointer = format!("/deal_registration/products/{at}");
                faults.push(Fault::at(&pointer, "pattern", format!("does not match {PRODUCT}")));
            }
        }
        for (at, slug) in policy.exclusive_with.iter().enumerate() {
            let pointer = format!("/deal_registration/exclusive_with/{at}");
            if !is_slug(slug) {
                faults.push(Fault::at(&pointer, "pattern", format!("does not match {SLUG}")));
            } else if *slug == self.slug {
                faults.push(Fault::at(&pointer, "contradiction", "is this program, whose protections always count"));
            }
        }
        if self.agreement.as_ref().is_some_and(|agreement| !is_slug(&agreement.slug)) {
            faults.push(Fault::at("/agreement/slug", "pattern", format!("does not match {SLUG}")));
        }
        if policy.auto_approve.as_ref().and_then(|auto| auto.up_to).is_some_and(|limit| limit.minor < 0) {
            faults.push(Fault::at("/deal_registration/auto_approve/up_to/amount", "minimum", "is less than 0"));
        }
        if policy.decision.weekend.len() > 6 {
            faults.push(Fault::at("/deal_registration/decision/weekend", "contradiction", "leaves no business day"));
        }
        faults
    }
}

/// Whether the text is a program's slug.
pub fn is_slug(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// Whether the text can be a product.
pub fn is_product(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    (1..=64).contains(&text.len())
        && text.bytes().all(inner)
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

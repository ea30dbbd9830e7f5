//! What a partner must have accepted before it may act, and what becomes of its business when it may not.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};
use utoipa::ToSchema;

/// The rules of engagement that a partner accepts before it may act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"slug": "rules-of-engagement", "required_for": ["register_deals", "extend_protection"]}))]
pub struct AgreementPolicy {
    /// The agreement, by slug.
    #[schema(pattern = "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$", max_length = 64, example = "rules-of-engagement")]
    pub slug: String,
    /// What a partner may do only after it has accepted.
    #[serde(default = "AgreementPolicy::usual")]
    #[schema(min_items = 1, max_items = 20)]
    pub required_for: Vec<PartnerAction>,
}

impl AgreementPolicy {
    fn usual() -> Vec<PartnerAction> {
        vec![PartnerAction::RegisterDeals]
    }
}

/// What a partner does in a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumString, Serialize, Deserialize, ToSchema)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PartnerAction {
    /// Check, register and submit deals.
    RegisterDeals,
    /// Change registrations.
    UpdateDeals,
    /// Prolong protection.
    ExtendProtection,
    /// Withdraw registrations and release protection.
    GiveUpDeals,
    /// Report deals as won or lost.
    CloseDeals,
    /// Dispute decisions.
    DisputeDecisions,
    /// Write, propose and agree business plans.
    PlanBusiness,
}

/// What becomes of a partner's business when it may no longer act. Reinstatement gives back what was held or paused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StandingPolicy {
    /// While it is suspended.
    pub on_suspension: SuspensionPolicy,
    /// When it is terminated.
    pub on_termination: TerminationPolicy,
}

/// What becomes of a suspended partner's business. By default nothing: its clocks run on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SuspensionPolicy {
    /// Registrations that are not decided yet; `keep` if left out.
    pub open_registrations: OnOpenRegistrations,
    /// Approved registrations; `keep` if left out.
    pub protections: OnProtections,
}

/// What becomes of a terminated partner's business. By default its registrations are withdrawn and its protections
/// released: who has left holds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TerminationPolicy {
    /// Registrations that are not decided yet; `withdraw` if left out.
    pub open_registrations: OnOpenRegistrations,
    /// Approved registrations; `release` if left out.
    pub protections: OnProtections,
}

impl Default for TerminationPolicy {
    fn default() -> Self {
        Self { open_registrations: OnOpenRegistrations::Withdraw, protections: OnProtections::Release }
    }
}

/// What becomes of registrations that are not decided yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnOpenRegistrations {
    /// They are decided as if nothing had happened.
    #[default]
    Keep,
    /// They are not approved meanwhile, and the clock of the decision stands still.
    Hold,
    /// They are withdrawn for good.
    Withdraw,
}

/// What becomes of approved registrations and their protection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnProtections {
    /// Protection runs on and ends on its day.
    #[default]
    Keep,
    /// Protection ends for good; the account is free.
    Release,
    /// The account stays reserved while the clock stands still; afterwards protection has the time that was left.
    Pause,
}

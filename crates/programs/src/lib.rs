//! Programs: a vendor's rules for one partner type, as a versioned document.

pub mod document;
pub mod standing;
mod store;
mod yaml;

pub use document::{
    AutoApproval, DealRegistrationPolicy, DecisionPolicy, ExtensionPolicy, MatchingPolicy, PartnerType,
    ProgramDocument, ProtectionPolicy, Tier, TierBenefits, Weekday, WhenOverdue,
};
pub use standing::{AgreementPolicy, OnOpenRegistrations, OnProtections, PartnerAction, StandingPolicy};
pub use store::{Program, Version, create, current, find, list, version};
pub use yaml::from_yaml;

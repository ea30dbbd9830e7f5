//! Programs: a vendor's rules for one partner type, as a versioned document.

pub mod cases;
pub mod document;
mod store;
mod yaml;

pub use document::{
    AutoApproval, DealRegistrationPolicy, DecisionPolicy, ExtensionPolicy, MatchingPolicy, PartnerType,
    ProgramDocument, ProtectionPolicy, Tier, TierBenefits, Weekday, WhenOverdue,
};
pub use store::{Program, Version, create, current, find, list, version};
pub use yaml::from_yaml;

//! Programs: a vendor's rules for one partner type, as a versioned document.

pub mod cases;
mod diff;
pub mod document;
pub mod program;
pub mod standing;
pub mod version;
mod yaml;

pub use diff::{Change, ChangeKind, diff};
pub use document::{
    AutoApproval, DealRegistrationPolicy, DecisionPolicy, ExtensionPolicy, MatchingPolicy, PartnerType,
    ProgramDocument, ProtectionPolicy, Tier, TierBenefits, Weekday, WhenOverdue,
};
pub use program::Program;
pub use standing::{AgreementPolicy, OnOpenRegistrations, OnProtections, PartnerAction, StandingPolicy};
pub use version::{ProgramDiff, ProgramVersionSummary, Version, VersionStanding, current};
pub use yaml::from_yaml;

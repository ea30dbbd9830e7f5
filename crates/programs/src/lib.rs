//! Programs: a vendor's rules for one partner type, as a versioned document.

pub mod cases;
pub mod check;
mod compiled;
mod diff;
pub mod document;
mod evaluation;
pub mod program;
mod schema;
pub mod sources;
pub mod standing;
pub mod version;

pub use check::{Report, check, check_rules, check_value, compile};
pub use compiled::{Rules, rules, rules_at, rules_of};
pub use contract::{Format, Stage};
pub use diff::{Change, ChangeKind, diff, diff_of_values};
pub use document::{
    ApplicationPolicy, AutoApproval, Cadence, DealRegistrationPolicy, DecisionPolicy, Demotion, EvaluationPolicy,
    Example, ExtensionPolicy, FallTo, MatchingPolicy, PartnerType, ProgramDocument, Promotion, ProtectionPolicy,
    PublishedAs, Region, SupportLevel, Tier, TierBenefits, TimeZone, Weekday, WhenDemoted, WhenOverdue,
};
pub use evaluation::{ComponentResult, Evaluation, ScoreResult, TierOutcome, evaluate};
pub use program::Program;
pub use schema::schema;
pub use standing::{AgreementPolicy, OnOpenRegistrations, OnProtections, PartnerAction, StandingPolicy};
pub use version::{ProgramDiff, ProgramVersionSummary, Version, VersionStanding, current};

//! Programs: a vendor's rules for one partner type, as a versioned document.

pub mod check;
pub mod document;
mod evaluation;
mod schema;
mod store;

pub use check::{Report, Stage, check, check_rules, check_value, compile};
pub use contract::Format;
pub use document::{
    AutoApproval, Cadence, DealRegistrationPolicy, DecisionPolicy, Demotion, EvaluationPolicy, Example,
    ExtensionPolicy, FallTo, MatchingPolicy, PartnerType, ProgramDocument, Promotion, ProtectionPolicy, PublishedAs,
    Region, SupportLevel, Tier, TierBenefits, TimeZone, Weekday, WhenOverdue,
};
pub use evaluation::{ComponentResult, Evaluation, ScoreResult, TierOutcome, evaluate};
pub use schema::schema;
pub use store::{Program, Version, create, current, find, list, version};

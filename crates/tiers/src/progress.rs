//! How far a partner is from the tiers above, and what would bring it there soonest.

use chrono::NaiveDate;
use database::{Result, Tx};
use kernel::Actor;
use partners::EnrollmentId;
use rules::{Explanation, Met};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    reading::Reading,
    soonest::{Soonest, soonest},
    weigh,
};

/// How far a partner is from the tiers above its own.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TierProgress {
    /// The enrollment.
    pub enrollment_id: EnrollmentId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The version of the rules.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub program_version: i32,
    /// The day for which the rules are asked.
    pub as_of: NaiveDate,
    /// The tier that it has now.
    #[schema(max_length = 64, example = "Silver")]
    pub tier: String,
    /// The tiers above, lowest first.
    #[schema(max_items = 20)]
    pub next: Vec<TierTarget>,
}

/// A tier above, and what it takes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TierTarget {
    /// The tier.
    #[schema(max_length = 64, example = "Gold")]
    pub tier: String,
    /// Whether its own rule is met.
    pub outcome: Met,
    /// What it requires, as a tree: values, thresholds, gaps, and what they rest on.
    pub requirement: Explanation,
    /// What would be enough with the least effort; null when it is met.
    #[schema(required = true)]
    pub soonest: Option<Soonest>,
}

/// How far the partner of an enrollment that the actor may see is from the tiers above its own, on a day or today.
///
/// # Errors
/// `not_found`; `invalid_parameter` for a day that has not come.
pub fn progress(tx: &mut Tx, actor: &Actor, id: EnrollmentId, as_of: Option<NaiveDate>) -> Result<TierProgress> {
    let reading = Reading::of(tx, actor, id, as_of)?;
    let Reading { enrollment, rules, moment, gathered, .. } = &reading;
    let above = rules.document.tiers.iter().skip(weigh::place(rules, &enrollment.tier) + 1);
    let target = |name: &str| {
        let requirement = rules.compiled.explain_tier(name, &gathered.facts, moment.as_of)?;
        let outcome = requirement.outcome.unwrap_or(Met::Unknown);
        let soonest = soonest(&requirement);
        Some(TierTarget { tier: name.to_owned(), outcome, requirement, soonest })
    };
    Ok(TierProgress {
        enrollment_id: enrollment.id,
        program: rules.program.clone(),
        program_version: rules.version,
        as_of: moment.as_of,
        tier: enrollment.tier.clone(),
        next: above.filter_map(|tier| target(&tier.name)).collect(),
    })
}

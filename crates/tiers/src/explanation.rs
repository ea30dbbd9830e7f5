//! Why a partner has the tier that it has: computed anew from the version of the rules, the day and what was known by when.
//!
//! Nothing of it is stored but these three, so it is the same to the byte whenever it is asked.

use std::sync::Arc;

use chrono::NaiveDate;
use database::{Result, Tx};
use facts::{Moment, inputs};
use kernel::{Actor, Code, Error, Timestamp};
use partners::{EnrollmentId, TierDecision, enrollment, tier};
use programs::Rules;
use rules::{Explanation, Met};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    reading::{self, refuse_future},
    run::rules_of_day,
};

/// Why a partner has the tier that it has.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TierExplanation {
    /// The enrollment.
    pub enrollment_id: EnrollmentId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The version of its rules.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub program_version: i32,
    /// The day for which they are asked.
    pub as_of: NaiveDate,
    /// What was known by then counts.
    pub known_at: Timestamp,
    /// The tier that the partner had at that time.
    #[schema(max_length = 64, example = "Silver")]
    pub held: String,
    /// The highest tier whose own rule is met; null for none.
    #[schema(required = true, max_length = 64, example = "Gold")]
    pub meets: Option<String>,
    /// What was decided on it, if anything was.
    #[schema(required = true)]
    pub decision: Option<TierDecision>,
    /// Every fact that the rules read, by name: what `POST /v1/programs/evaluate` takes.
    #[schema(value_type = Object)]
    pub inputs: Value,
    /// Every tier, lowest first, with its reasons.
    #[schema(max_items = 20)]
    pub tiers: Vec<TierReason>,
}

/// Why a tier is met or not.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TierReason {
    /// The tier.
    #[schema(max_length = 64, example = "Gold")]
    pub tier: String,
    /// Whether its own rule is met.
    pub outcome: Met,
    /// Why, as a tree down to the facts.
    pub explanation: Explanation,
}

/// Which explanation is asked for. What is left out is that of the decision for the day, or of now.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// The day; today if left out.
    pub as_of: Option<NaiveDate>,
    /// By when it was known.
    pub known_at: Option<Timestamp>,
    /// The version of the rules.
    pub version: Option<i32>,
}

/// Why the partner of an enrollment that the actor may see has its tier.
///
/// # Errors
/// `not_found`; `invalid_parameter` for a day or a time that has not come.
pub fn explanation(tx: &mut Tx, actor: &Actor, id: EnrollmentId, asked: Asked) -> Result<TierExplanation> {
    let mut enrollment = enrollment::find(tx, actor, id)?;
    let current = reading::current(tx, &enrollment)?;
    let today = current.document.day_of(tx.now());
    let as_of = asked.as_of.unwrap_or(today);
    refuse_future(as_of, today)?;
    // Who names neither day nor time asks about now, not about what was decided earlier today.
    let decision = match (asked.as_of, asked.known_at) {
        (None, None) => None,
        (_, known_at) => tier::decided_for(tx, id, as_of, known_at)?,
    };
    let known_at = asked.known_at.or(decision.as_ref().map(|one| one.known_at)).unwrap_or_else(|| tx.now());
    if known_at > tx.now() {
        let error = Error::new(Code::InvalidParameter, "The time has not come.");
        return Err(error.with_parameter("known_at", "maximum", "is in the future").into());
    }
    let version = asked.version.or(decision.as_ref().map(|one| one.program_version));
    let rules = match version {
        Some(version) => programs::rules(tx, &enrollment.program, version)?,
        None => rules_of_day(tx, &current, as_of, known_at)?,
    };
    tier::as_of_time(tx, std::slice::from_mut(&mut enrollment), known_at)?;
    let gathered = reading::one(tx, &rules, &enrollment, Moment { as_of, known_at })?;
    let meets = rules.compiled.evaluate(&gathered.facts, as_of).tier().map(str::to_owned);
    Ok(TierExplanation {
        enrollment_id: id,
        program: rules.program.clone(),
        program_version: rules.version,
        as_of,
        known_at,
        held: enrollment.tier,
        meets,
        decision: decision.filter(|one| one.program_version == rules.version),
        inputs: inputs(&rules, &gathered),
        tiers: reasons(&rules, &gathered.facts, as_of),
    })
}

fn reasons(rules: &Arc<Rules>, facts: &rules::Facts, as_of: NaiveDate) -> Vec<TierReason> {
    let reason = |name: &str| {
        let explanation = rules.compiled.explain_tier(name, facts, as_of)?;
        let outcome = explanation.outcome.unwrap_or(Met::Unknown);
        Some(TierReason { tier: name.to_owned(), outcome, explanation })
    };
    rules.document.tiers.iter().filter_map(|tier| reason(&tier.name)).collect()
}

//! The tier of an enrollment as it stands: since when, until when, and what comes next.

use chrono::NaiveDate;
use database::{Result, Tx};
use kernel::{Actor, PartnerId};
use partners::{EnrollmentId, TierOverride};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    calendar::Calendar,
    movement::{Held, Meets, Movement, movement},
    reading::Reading,
    weigh,
};

/// The tier of an enrollment as it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TierHeld {
    /// The enrollment.
    pub enrollment_id: EnrollmentId,
    /// The partner.
    pub partner_id: PartnerId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The version of the rules in force.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub program_version: i32,
    /// Today, where the program is.
    pub as_of: NaiveDate,
    /// The tier.
    #[schema(max_length = 64, example = "Gold")]
    pub tier: String,
    /// From which day on.
    pub since: NaiveDate,
    /// The highest tier whose own rule is met today; null for none.
    #[schema(required = true, max_length = 64, example = "Gold")]
    pub meets: Option<String>,
    /// The next review day; null for a program whose tiers are set by hand.
    #[schema(required = true)]
    pub next_review_on: Option<NaiveDate>,
    /// The last day on which the tier is kept though it is not met.
    #[schema(required = true)]
    pub in_grace_until: Option<NaiveDate>,
    /// What the vendor has set until a time, whatever the rules say.
    #[serde(rename = "override")]
    #[schema(required = true)]
    pub overridden: Option<TierOverride>,
    /// What happens next if nothing else does.
    #[schema(required = true)]
    pub pending: Option<PendingMove>,
}

/// What happens next to a tier if nothing else does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PendingMove {
    /// What it is.
    pub kind: PendingKind,
    /// The tier from then on.
    #[schema(max_length = 64, example = "Silver")]
    pub tier: String,
    /// On which day.
    pub on: NaiveDate,
}

/// What happens next to a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PendingMoveKind)]
pub enum PendingKind {
    /// It rises.
    Promotion,
    /// It is not met at the review, and kept for a while.
    Grace,
    /// It is met again.
    GraceEnd,
    /// It falls.
    Demotion,
    /// What the vendor has set is over.
    OverrideEnd,
}

/// The tier of an enrollment that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn current(tx: &mut Tx, actor: &Actor, id: EnrollmentId) -> Result<TierHeld> {
    let reading = Reading::of(tx, actor, id, None)?;
    let Reading { enrollment, standing, rules, today, gathered, .. } = &reading;
    let meets = rules.compiled.evaluate(&gathered.facts, *today).tier().map(str::to_owned);
    let overridden = standing.override_at(tx.now()).cloned();
    // An override that is over and not swept: the tier is the one before again, and so is its beginning.
    let lapsed = standing.override_terms.as_ref().filter(|_| overridden.is_none()).map(|terms| terms.0.since_after);
    let held = Held { since: lapsed.unwrap_or(standing.since), ..weigh::held(rules, enrollment, standing) };
    let pending = match &overridden {
        Some(terms) => Some(PendingMove {
            kind: PendingKind::OverrideEnd,
            tier: terms.tier_after.clone(),
            on: rules.document.day_of(terms.until),
        }),
        None => pending(&reading, &held),
    };
    Ok(TierHeld {
        enrollment_id: enrollment.id,
        partner_id: enrollment.partner_id,
        program: enrollment.program.clone(),
        program_version: rules.version,
        as_of: *today,
        tier: enrollment.tier.clone(),
        since: held.since,
        meets,
        next_review_on: Calendar::of(&rules.document).and_then(|calendar| calendar.after(*today)),
        in_grace_until: standing.grace_until,
        overridden,
        pending,
    })
}

fn pending(reading: &Reading, held: &Held) -> Option<PendingMove> {
    let Reading { rules, today, gathered, .. } = reading;
    let policy = rules.document.evaluation.as_ref()?;
    let calendar = Calendar::of(&rules.document)?;
    let now = weigh::met(rules, gathered, *today);
    let meets = Meets { now, highest: now };
    let after_grace = held.grace_until.and_then(|until| until.succ_opt());
    let at_review = calendar.after(*today);
    let days = [(Some(*today), false), (after_grace, false), (at_review, true)];
    let name = |place: usize| weigh::name(rules, place).unwrap_or_default().to_owned();
    days.into_iter().filter_map(|(on, review)| Some((on?, review))).find_map(|(on, review)| {
        let (kind, tier) = match movement(policy, held, meets, on, review) {
            Movement::Stays => return None,
            Movement::Promoted { to } => (PendingKind::Promotion, name(to)),
            Movement::Demoted { to } => (PendingKind::Demotion, name(to)),
            Movement::GraceBegun { .. } => (PendingKind::Grace, name(held.tier)),
            Movement::GraceEnded => (PendingKind::GraceEnd, name(held.tier)),
        };
        Some(PendingMove { kind, tier, on })
    })
}

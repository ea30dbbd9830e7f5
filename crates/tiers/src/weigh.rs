//! What the rules say of enrollments, and what comes of it: read first, decided later in a transaction of its own.

use std::collections::HashMap;

use chrono::NaiveDate;
use database::{Result, Tx};
use facts::{Gathered, Moment, gather, inputs};
use kernel::Actor;
use partners::{
    Enrollment, EnrollmentId, TierDecision, TierRunId, TierStanding, enrollment,
    tier::{self, Deciding, Kind},
};
use programs::{EvaluationPolicy, Rules};

use crate::{
    calendar::Calendar,
    changes,
    movement::{Held, Meets, Movement, depends_on_window, movement},
};

/// An evaluation: under which rules, for which day and what was known by when, and whether that day is a review.
#[derive(Debug, Clone, Copy)]
pub struct Evaluation<'r> {
    /// The rules.
    pub rules: &'r Rules,
    /// The day, and what is known.
    pub moment: Moment,
    /// Whether partners can fall.
    pub review: bool,
    /// The run that it belongs to, if to one.
    pub run_id: Option<TierRunId>,
}

/// An enrollment with what it meets, and what would come of that.
#[derive(Debug, Clone)]
pub struct Weighed {
    /// The enrollment, as it was when it was read.
    pub enrollment: Enrollment,
    /// Whether it was in grace then.
    pub in_grace: bool,
    /// What it meets.
    pub meets: Meets,
    /// What would come of it.
    pub movement: Movement,
}

/// Asks the rules about enrollments in the program. Nothing is written.
///
/// # Errors
/// When the database cannot be read.
pub fn weigh(tx: &mut Tx, evaluation: &Evaluation, enrollments: Vec<Enrollment>) -> Result<Vec<Weighed>> {
    let Evaluation { rules, moment, .. } = *evaluation;
    let ids: Vec<EnrollmentId> = enrollments.iter().map(|one| one.id).collect();
    let standings: HashMap<EnrollmentId, TierStanding> =
        tier::standings_of(tx, &ids)?.into_iter().map(|one| (one.enrollment_id, one)).collect();
    let mut then = enrollments.clone();
    tier::as_of_time(tx, &mut then, moment.known_at)?;
    let gathered = gather(tx, rules, &then, moment)?;
    let mut weighed = Vec::with_capacity(enrollments.len());
    for (enrollment, gathered) in enrollments.into_iter().zip(gathered) {
        let Some(standing) = standings.get(&enrollment.id) else { continue };
        let now = met(rules, &gathered, moment.as_of);
        let mut meets = Meets { now, highest: now };
        let mut happens = evaluation.movement(tx, &enrollment, standing, meets);
        if depends_on_window(&evaluation.policy(), happens) {
            meets.highest = now.max(highest_before(tx, rules, &enrollment, &gathered, moment)?);
            happens = evaluation.movement(tx, &enrollment, standing, meets);
        }
        let in_grace = standing.grace_until.is_some();
        weighed.push(Weighed { enrollment, in_grace, meets, movement: happens });
    }
    Ok(weighed)
}

/// Decides what was weighed, by how things stand now: whoever has moved the tier meanwhile is not overruled by chance.
/// What was decided, if anything.
///
/// # Errors
/// When the database cannot be written.
pub fn settle(tx: &mut Tx, actor: &Actor, evaluation: &Evaluation, weighed: &Weighed) -> Result<Option<TierDecision>> {
    let enrollment = enrollment::find(tx, &Actor::system(), weighed.enrollment.id)?;
    if enrollment.status != enrollment::Status::Active {
        return Ok(None);
    }
    let standing = tier::standing_of(tx, enrollment.id)?;
    let happens = evaluation.movement(tx, &enrollment, &standing, weighed.meets);
    let Some(deciding) = evaluation.deciding(&enrollment, happens, weighed.meets) else { return Ok(None) };
    Ok(Some(tier::decide(tx, actor, enrollment, standing, &deciding)?.1))
}

impl Evaluation<'_> {
    /// How partners move; without a policy of its own, as if the section were there and empty.
    pub fn policy(&self) -> EvaluationPolicy {
        self.rules.document.evaluation.clone().unwrap_or_default()
    }

    fn movement(&self, tx: &Tx, enrollment: &Enrollment, standing: &TierStanding, meets: Meets) -> Movement {
        let held = Held {
            overridden: standing.override_terms.is_some() && standing.override_at(tx.now()).is_some(),
            ..held(self.rules, enrollment, standing)
        };
        movement(&self.policy(), &held, meets, self.moment.as_of, self.review)
    }

    fn deciding(&self, enrollment: &Enrollment, happens: Movement, meets: Meets) -> Option<Deciding> {
        let as_of = self.moment.as_of;
        let name = |place: usize| name(self.rules, place).unwrap_or(&enrollment.tier).to_owned();
        let (own, met) = (enrollment.tier.clone(), name(meets.now));
        let (kind, tier, grace_until, reason) = match happens {
            Movement::Stays => return None,
            Movement::Promoted { to } => (Kind::Promoted, name(to), None, format!("Meets {} as of {as_of}.", name(to))),
            Movement::GraceBegun { until } => {
                let words = format!("Does not meet {own} as of {as_of}, but {met}; keeps it until {until}.");
                (Kind::GraceBegun, own, Some(until), words)
            }
            Movement::GraceEnded => {
                let words = format!("Meets {own} again as of {as_of}.");
                (Kind::GraceEnded, own, None, words)
            }
            Movement::Demoted { to } => {
                let words = format!("Does not meet {own} as of {as_of}, but {met}.");
                (Kind::Demoted, name(to), None, words)
            }
        };
        Some(Deciding {
            kind,
            tier,
            reason,
            grace_until,
            program_version: self.rules.version,
            as_of,
            known_at: self.moment.known_at,
            run_id: self.run_id,
            terms: None,
        })
    }
}

/// The place of the highest tier that is met on a day; the lowest, if none is: nobody stands below the ladder.
pub fn met(rules: &Rules, gathered: &Gathered, as_of: NaiveDate) -> usize {
    rules.compiled.evaluate(&gathered.facts, as_of).tier().map_or(0, |tier| place(rules, tier))
}

/// A tier's place on the ladder. One that these rules do not have any more counts as the lowest.
pub fn place(rules: &Rules, tier: &str) -> usize {
    rules.document.tiers.iter().position(|one| one.name == tier).unwrap_or(0)
}

/// The tier at a place.
pub fn name(rules: &Rules, place: usize) -> Option<&str> {
    rules.document.tiers.get(place).map(|tier| tier.name.as_str())
}

/// What an enrollment holds, overrides aside.
pub fn held(rules: &Rules, enrollment: &Enrollment, standing: &TierStanding) -> Held {
    Held {
        tier: place(rules, &enrollment.tier),
        since: standing.since,
        grace_until: standing.grace_until,
        decided_on: standing.decided_on,
        fell: standing.decided == Kind::Demoted,
        overridden: false,
    }
}

/// The highest tier that was met after the review before and until the day of evaluation: asked on every day on which
/// something can have changed.
fn highest_before(
    tx: &mut Tx,
    rules: &Rules,
    enrollment: &Enrollment,
    gathered: &Gathered,
    moment: Moment,
) -> Result<usize> {
    let before = Calendar::of(&rules.document).and_then(|calendar| calendar.before(moment.as_of));
    let Some(from) = before.and_then(|review| review.succ_opt()) else { return Ok(0) };
    let stored = changes::stored(tx, enrollment.partner_id, moment.known_at)?;
    let mut days = changes::days(rules, &inputs(rules, gathered), &stored, from, moment.as_of);
    days.insert(from);
    let mut highest = 0;
    for as_of in days {
        let then = gather(tx, rules, std::slice::from_ref(enrollment), Moment { as_of, ..moment })?;
        highest = then.iter().map(|one| met(rules, one, as_of)).fold(highest, usize::max);
    }
    Ok(highest)
}

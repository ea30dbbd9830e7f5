//! How a partner moves between tiers. Pure: what is held, what is met and the policy in; what happens out.
//!
//! A tier is a place on the ladder, 0 for the lowest. What keeps a partner from falling at once, days of grace, a
//! minimum time or an anniversary, is one thing here: a last day on which the tier is kept. It is set by the review (or,
//! where the program says so, whatever evaluation) that finds the tier not met, and never moved by a later one.

use chrono::{Datelike, Days, Months, NaiveDate};
use programs::{Demotion, EvaluationPolicy, FallTo, Promotion, WhenDemoted};

/// What a partner holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Its tier.
    pub tier: usize,
    /// From which day on.
    pub since: NaiveDate,
    /// The last day on which it keeps the tier though it does not meet it.
    pub grace_until: Option<NaiveDate>,
    /// The day of the last decision.
    pub decided_on: NaiveDate,
    /// Whether that was a fall.
    pub fell: bool,
    /// Whether the vendor has set the tier: then nothing moves it.
    pub overridden: bool,
}

/// What a partner meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meets {
    /// On the day of evaluation.
    pub now: usize,
    /// The highest since the review before, that day included.
    pub highest: usize,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// Nothing.
    Stays,
    /// It rises, as far as it meets.
    Promoted {
        /// To this tier.
        to: usize,
    },
    /// It does not meet its tier, and keeps it for a while.
    GraceBegun {
        /// The last day on which it does.
        until: NaiveDate,
    },
    /// It meets its tier again.
    GraceEnded,
    /// It falls.
    Demoted {
        /// To this tier.
        to: usize,
    },
}

/// What happens on a day, by the policy. `review` says whether it is a review day.
pub fn movement(policy: &EvaluationPolicy, held: &Held, meets: Meets, as_of: NaiveDate, review: bool) -> Movement {
    // What was decided for a later day knows more.
    if held.overridden || as_of < held.decided_on {
        return Movement::Stays;
    }
    let rises = review || policy.promotion == Promotion::Immediate;
    let may_fall = review || policy.demotion.when == WhenDemoted::Immediate;
    if meets.now > held.tier && rises {
        return Movement::Promoted { to: meets.now };
    }
    let floor = match policy.demotion.fall_to {
        FallTo::Current => meets.now,
        FallTo::HighestMetInWindow => meets.now.max(meets.highest),
    };
    match held.grace_until {
        Some(_) if floor >= held.tier => Movement::GraceEnded,
        Some(until) if as_of > until => falls(&policy.demotion, held, floor),
        Some(_) => Movement::Stays,
        // Evaluated twice for one day, it falls once.
        None if floor >= held.tier || !may_fall || (held.fell && held.decided_on == as_of) => Movement::Stays,
        None => match kept_until(&policy.demotion, held.since, as_of) {
            Some(until) => Movement::GraceBegun { until },
            None => falls(&policy.demotion, held, floor),
        },
    }
}

/// Whether what happens depends on what was met before the day of evaluation.
pub fn depends_on_window(policy: &EvaluationPolicy, moved: Movement) -> bool {
    let down = matches!(moved, Movement::GraceBegun { .. } | Movement::Demoted { .. });
    down && policy.demotion.fall_to == FallTo::HighestMetInWindow
}

/// What is held after it has happened.
#[must_use]
pub fn after(held: Held, moved: Movement, as_of: NaiveDate) -> Held {
    let decided = Held { decided_on: as_of, fell: false, ..held };
    match moved {
        Movement::Stays => held,
        Movement::GraceBegun { until } => Held { grace_until: Some(until), ..decided },
        Movement::GraceEnded => Held { grace_until: None, ..decided },
        Movement::Promoted { to } => Held { tier: to, since: as_of, grace_until: None, ..decided },
        Movement::Demoted { to } => Held { tier: to, since: as_of, grace_until: None, fell: true, ..decided },
    }
}

fn falls(policy: &Demotion, held: &Held, floor: usize) -> Movement {
    let step = if policy.at_most_one_step { held.tier.saturating_sub(1) } else { 0 };
    Movement::Demoted { to: floor.max(step) }
}

/// The last day on which a tier that is not met is kept; `None` if it is not kept on the day of the review.
fn kept_until(policy: &Demotion, since: NaiveDate, review: NaiveDate) -> Option<NaiveDate> {
    let grace = (policy.grace_days > 0).then(|| review.checked_add_days(Days::new(u64::from(policy.grace_days))));
    let least = since.checked_add_months(Months::new(u32::from(policy.minimum_months_held)));
    let anniversary = policy.hold_until_anniversary.then(|| next_anniversary(since, review));
    // Each of these two is the first day on which it may fall.
    let held = [least, anniversary.flatten()].into_iter().flatten().filter_map(|day| day.pred_opt());
    held.chain(grace.flatten()).filter(|last| *last >= review).max()
}

/// The first anniversary of a day that is not before another.
fn next_anniversary(since: NaiveDate, day: NaiveDate) -> Option<NaiveDate> {
    let years = u32::try_from(day.year() - since.year()).unwrap_or(0).max(1);
    let anniversary = |years: u32| since.checked_add_months(Months::new(years.checked_mul(12)?));
    anniversary(years).filter(|it| *it >= day).or_else(|| anniversary(years + 1))
}

#[cfg(test)]
mod tests;

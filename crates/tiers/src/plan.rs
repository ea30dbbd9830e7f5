//! Plans: what a candidate for a program's rules would change, found out before anything does.
//!
//! Every partner in the program is evaluated twice over the same stored facts, by the rules in force and by the
//! candidate; today, and if it is asked for on past review days too. What is compared is which tier each *meets*. How a
//! partner then moves, with grace or by one step, is the policy's business; from when on it can, the plan says.
//!
//! | file | what it is about |
//! |---|---|
//! | [`model`] | the plan and its moves, as they are kept |
//! | [`ladder`] | two ladders of tiers beside each other: which way is up |
//! | [`benefits`] | what a tier gives more or less than another |
//! | [`because`] | by which requirement a tier is won or lost |
//! | [`tally`] | all of it counted |
//! | [`mod@draw`] | reads and evaluates, chunk by chunk |
//! | [`stale`] | whether rules or facts have moved since |
//! | [`mod@store`], [`mod@apply`] | kept, read, and made the program's rules |

mod apply;
mod because;
mod benefits;
mod draw;
mod ladder;
mod model;
mod stale;
mod store;
mod tally;

pub use apply::apply;
pub use draw::{Asked, Drawn, Progress, draw};
pub use model::{
    Because, BenefitChange, BenefitEffect, Direction, Effect, MovePage, PlanCheck, PlanFindings, PlanMove, PlanState,
    Population, ProgramPlan, ProgramPlanDetail, ProgramPlanId, ProgramPlanSummary, ReviewFindings, Side, TakesEffect,
};
pub use store::{detail, find, list, moves, program_of, store};

#[cfg(test)]
mod tests;

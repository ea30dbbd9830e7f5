//! Tiers: when they are reviewed, how partners move between them, and why.
//!
//! | file | what it is about |
//! |---|---|
//! | [`calendar`], [`movement`] | review days, and what happens on a day, as pure functions |
//! | [`weigh`] | what the rules say of enrollments, and what comes of it |
//! | [`run`], [`mod@sweep`] | many enrollments at once; what the clock and what is reported bring |
//! | [`mod@current`], [`mod@benefits`] | a tier as it stands, and what it gives |
//! | [`mod@progress`], [`soonest`] | how far the next tiers are, and what would be enough |
//! | [`mod@compliance`] | required against held certifications, and the cheapest way to more |
//! | [`mod@explanation`] | why, the same to the byte whenever it is asked |
//! | [`plan`] | what a candidate for the rules would change |
//! | [`mod@forecast`], [`changes`], [`lapse`] | what becomes of a tier if nothing else happens |
//!
//! A tier itself is moved in one place, [`partners::tier`]: whatever is decided here, is decided there.

pub mod benefits;
pub mod calendar;
pub mod changes;
pub mod compliance;
pub mod current;
pub mod explanation;
pub mod forecast;
pub mod lapse;
pub mod movement;
pub mod plan;
pub mod progress;
mod reading;
pub mod run;
pub mod soonest;
pub mod sweep;
pub mod weigh;

pub use benefits::{EnrollmentBenefits, benefits};
pub use compliance::{TrainingCompliance, compliance};
pub use current::{TierHeld, current};
pub use explanation::{Asked, TierExplanation, explanation};
pub use forecast::{TierForecast, forecast};
pub use progress::{TierProgress, progress};
pub use run::{NewTierRun, TierRun, TierRunFilter};
pub use sweep::{Going, drive, sweep};

//! Deal registration: a partner's claim on an opportunity at an account, and the protection it wins.
//!
//! | file | what it is about |
//! |---|---|
//! | [`model`] | the registration, its requests and answers |
//! | [`rules`] | what may happen when, as pure functions: states, verdicts, protection |
//! | [`calendar`] | business days |
//! | [`account`], [`opportunity`] | the customers, and the vendor's own opportunities at them |
//! | [`verdict`], [`evidence`] | what a claim collides with, and on what evidence |
//! | [`register`], [`decide`], [`follow`], [`dispute`] | the use cases |
//! | [`protection`] | who holds what: the one place that grants and takes |
//! | [`standing`], [`pause`] | what becomes of all this when the partner may not act; clocks that stand still |
//! | `reported` | what registrations say of their partner, as facts that rules count |
//! | [`sweep`] | what the clock does |
//! | [`store`] | finders and lists |
//! | [`explain`] | timeline and explanation |

pub mod account;
pub mod calendar;
pub mod decide;
pub mod dispute;
pub mod evidence;
pub mod explain;
pub mod filter;
pub mod follow;
pub mod model;
pub mod opportunity;
pub mod pause;
pub mod protection;
pub mod register;
mod reported;
pub mod requests;
pub mod rules;
pub mod standing;
pub mod store;
pub mod sweep;
pub mod verdict;

pub use model::{DealId, DealRegistration, Stage, Status};

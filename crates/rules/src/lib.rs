//! The rule language: what a program asks of its partners, as data with a fixed meaning.
//!
//! A [`RuleBook`] says which facts are known of a partner, what is computed from them (metrics, scores), and which
//! rules a tier requires. [`Program::compile`] checks it, all faults at once, and turns names into places.
//! [`Program::evaluate`] gives tier, scores and rules for the [`Facts`] of a partner on a day; [`Program::explain`] says why.
//!
//! Nothing here knows a database, a clock or a float: numbers are exact fractions, days are handed in, and the cost of
//! an evaluation is bounded. What is not known is [`Unknown`], and counts as not met in the end. The language itself is
//! described in `docs/RULES.md`.

pub mod book;
mod build;
mod compile;
mod evaluate;
mod explain;
mod facts;
mod fault;
mod node;
pub mod number;
mod read;
pub mod value;

pub use book::RuleBook;
pub use build::{Builder, Certificate, Reference, scalar};
pub use compile::{Program, check};
pub use evaluate::{ComponentOutcome, Met, Outcome, ScoreOutcome};
pub use explain::{CertificateRow, Evidence, EvidenceRow, EvidenceWindow, Explanation, PeopleCounted};
pub use facts::Facts;
pub use fault::{Fault, Severity};
pub use number::{Number, Rounding};
pub use value::{Kind, Records, Unknown, Value};

//! What is known of partners, and since when.
//!
//! One store for all of it: what the domains report of themselves, what other systems observe, what people enter. A fact
//! is of a day, or holds over days, and is known from one time to another; nothing is changed in place. So whatever was
//! computed from facts is given by the rules, the day, and the time by which it was known, and can be computed again.
//!
//! | file | what it is about |
//! |---|---|
//! | [`store`] | facts as rows: reported, superseded, withdrawn; whose have changed |
//! | [`mod@gather`] | what a program's rules read of many partners, in one ordered pass |
//! | [`observation`] | what other systems report, in bulk, with corrections and their history |
//! | [`manual`] | what people enter: an invitation, an audit, a fee paid |
//! | [`acceptance`] | agreements that partners accept, as facts |

pub mod acceptance;
pub mod gather;
pub mod manual;
pub mod observation;
pub mod store;
mod value;

pub use gather::{Gathered, Moment, gather, inputs};
pub use manual::{ManualFact, ManualFactFilter, ManualFactId, NewManualFact, WithdrawManualFact};
pub use observation::{
    NewObservation, Observation, ObservationFilter, ObservationId, ObservationPeriod, ObservationResult,
    ObservationResults, PutObservations, WithdrawObservation,
};
pub use store::{
    Change, Data, ENGINE, MANUAL, Reported, known_now, partners_changed, partners_turning, report, report_all, withdraw,
};
pub use value::FactValue;

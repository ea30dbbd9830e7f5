//! xAPI 1.0.3: statements by which learning systems say what people have done.
//!
//! A statement is stored as it came, whatever it says; what it tells of the catalogue's courses and exams is recorded in
//! the same transaction, and what cannot be recorded waits in the [review list](crate::review).
//!
//! | file | what it is about |
//! |---|---|
//! | [`mod@read`] | bytes to statements, within bounds |
//! | [`check`] | whether a statement is one: every fault with its place. Pure |
//! | [`attach`], [`signature`] | what is attached, and whether a signature is one. Pure |
//! | [`same`] | whether two statements say the same. Pure |
//! | [`names`] | whom and what a statement is about: what it is found by. Pure |
//! | [`told`] | what a statement says of courses and exams. Pure |
//! | [`learn`] | records that |
//! | [`store`], [`query`] | stored once, found again |
//! | [`attached`] | the same of what is attached |
//! | [`show`] | the formats of an answer. Pure |

mod attach;
mod attached;
mod check;
mod learn;
mod names;
mod query;
mod read;
mod same;
mod show;
mod signature;
mod store;
mod told;

pub use attach::Part;
pub use attached::{Attachment, attachments};
pub use check::{is_agent, is_iri, is_uuid, timestamp};
pub(crate) use learn::{belongs_to, claim};
pub use query::{Filter, Found, find, find_voided, list};
pub use read::{BOUNDS, Bounds, Sent, read, read_one};
pub use show::Format;
pub use store::{Authority, save};

/// The version that answers name.
pub const VERSION: &str = "1.0.3";

/// What a stored statement says of its version: of 1.0.x, there is one.
const STATEMENT_VERSION: &str = "1.0.0";

/// The verb that takes a statement back.
const VOIDED: &str = "http://adlnet.gov/expapi/verbs/voided";

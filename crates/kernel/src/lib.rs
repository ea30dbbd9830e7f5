//! What every room speaks: ids, money, time, pages, actors and errors.
//!
//! Nothing here knows HTTP or SQL: `api` turns an [`Error`] into a problem document, `database` teaches the
//! column types how they are stored.

pub mod actor;
pub mod clock;
pub mod code;
pub mod domain;
pub mod error;
pub mod id;
pub mod matching;
pub mod money;
pub mod page;
pub mod patch;
pub mod period;
#[cfg(feature = "diesel")]
mod stored;
pub mod text;

pub use actor::{Actor, Origin, Partner, PartnerId, Reach, Role, Scope, Scopes};
pub use clock::{Clock, Timestamp};
pub use code::{Country, Currency};
pub use error::{Code, Error, Fault, Kind as ErrorKind};
pub use id::{Id, Kind};
pub use money::Money;
pub use page::{Page, Paging};
pub use period::Period;

//! Two databases, one code: SQLite inside the process, PostgreSQL (or what speaks its protocol with serializable
//! transactions) when one machine is not enough.
//!
//! Everything goes through [`Database::read`] and [`Database::write`]: one snapshot, or one serializable
//! transaction that is repeated when it collides. What was measured, and why it is so, is in
//! `docs/decisions/0002-transactions.md`.

mod allowance;
mod checkpoint;
pub mod column;
mod connection;
mod error;
mod migrate;
mod page;
mod pool;
mod postgres;
mod reach;
mod remembered;
pub mod schema;
mod settings;
mod sqlite;
pub mod testing;
mod transaction;

pub use allowance::{Allowance, Count};
pub use column::Json;
#[doc(hidden)]
pub use column::macros;
pub use connection::{Connection, MultiBackend};
pub use error::{Error, Result, Sought, StorageFault};
pub use migrate::Migrations;
pub use page::containing;
pub use reach::managed_by;
pub use settings::{Durability, Settings};
pub use transaction::{Database, Tx};

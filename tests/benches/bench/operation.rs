//! What is measured.

use std::fmt;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Read one registration.
    Get,
    /// Read the first page of 50.
    List,
    /// Register at a customer whom nobody knows; the policy approves it.
    Clean,
    /// Register at a customer where another partner is protected.
    Conflicting,
}

impl Operation {
    /// In the order in which they are measured: what writes comes last.
    pub const ALL: [Self; 4] = [Self::Get, Self::List, Self::Clean, Self::Conflicting];

    /// Whether it only reads.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Get | Self::List)
    }

    /// What the answer holds when the server did what is measured.
    pub fn proof(self) -> &'static str {
        match self {
            Self::Get => "\"id\":",
            Self::List => "\"next_cursor\":\"",
            Self::Clean => "\"status\":\"approved\"",
            Self::Conflicting => "\"verdict\":\"conflict\"",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Clean => "register clean",
            Self::Conflicting => "register conflicting",
        })
    }
}

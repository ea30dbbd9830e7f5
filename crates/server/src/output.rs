//! What commands print.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use serde::Serialize;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is wrong.
    Fine,
    /// It ran, and found something wrong.
    Faulty,
    /// It ran, and something would change or differs.
    Changes,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Fine => Self::SUCCESS,
            Outcome::Faulty => Self::FAILURE,
            Outcome::Changes => Self::from(2),
        }
    }
}

/// Prints a line. Whoever reads may stop reading: `entente … | head`.
///
/// # Errors
/// When nothing more can be written.
pub fn line(text: &str) -> Result<(), String> {
    writeln!(io::stdout(), "{text}").map_err(|error| error.to_string())
}

/// Prints a value as JSON for people and machines.
///
/// # Errors
/// When nothing more can be written.
pub fn json<T: Serialize>(value: &T) -> Result<(), String> {
    line(&serde_json::to_string_pretty(value).map_err(|error| error.to_string())?)
}

//! What is wrong with a book or with facts: where, what, and what would be right.

use serde::Serialize;

/// How bad a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It cannot be evaluated.
    Error,
    /// It can be evaluated, but is hardly what was meant.
    Warning,
}

/// One fault among possibly many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON Pointer (RFC 6901) into what was read.
    pub pointer: String,
    /// Stable name of the fault.
    pub code: &'static str,
    /// What is wrong and what would be right, for a person.
    pub detail: String,
    /// How bad it is.
    pub severity: Severity,
}

impl Fault {
    /// An error.
    pub fn error(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into(), severity: Severity::Error }
    }

    /// A warning.
    pub fn warning(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into(), severity: Severity::Warning }
    }

    /// Whether it keeps the book from being evaluated.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl From<Fault> for kernel::Fault {
    fn from(fault: Fault) -> Self {
        Self::at(&fault.pointer, fault.code, fault.detail)
    }
}

/// A pointer one step deeper, escaped as RFC 6901 says.
pub(crate) fn below(pointer: &str, step: impl std::fmt::Display) -> String {
    let step = step.to_string().replace('~', "~0").replace('/', "~1");
    format!("{pointer}/{step}")
}

/// "did you mean": the candidate most like the name, if one is like it at all.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.map(|candidate| (strsim::jaro_winkler(name, candidate), candidate));
    scored.filter(|(likeness, _)| *likeness >= 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

/// "There is no X called N; did you mean M?"
pub(crate) fn unknown<'a>(what: &str, name: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, candidates) {
        Some(near) => format!("there is no {what} \"{name}\"; did you mean \"{near}\"?"),
        None => format!("there is no {what} \"{name}\""),
    }
}

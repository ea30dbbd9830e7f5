//! Case files: published rules of real programs with worked cases, `given` → `expect`, run through the rule language.
//!
//! A file holds one reading of its rules as data (`score_models`, `tier_tables`, `rules`). A case that says by `eval` which part
//! of it applies is judged by that reading, translated into a [`rules::RuleBook`]. Any other case is judged by one of
//! *our* documents: the one whose `published_as` names the file's program and the case's version. Nothing in here knows a
//! program, a version or a case by name.
//!
//! A case is `passed` when everything that it expects comes out exactly (numbers as fractions, so that 70 is 70.0;
//! after rounding to `expect.round` decimals, if that is said), `failed` when something else comes out, and
//! `unsupported` when nothing answers: no document states the rule, or its facts cannot take what is given.

mod compare;
mod document;
mod eval;
mod file;
mod given;
mod library;
mod reading;
mod shelf;
mod words;

use serde::Serialize;
use serde_json::Value as Json;

pub use document::Document;
pub use file::{Case, CaseFile};
pub use library::Library;

/// How a case came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything came out as expected.
    Passed,
    /// Something else came out.
    Failed,
    /// Nothing answers what the case asks.
    Unsupported,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Unsupported => "unsupported",
        })
    }
}

/// A case as it came out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseReport {
    /// The file, as it was called.
    pub file: String,
    /// The case's id.
    pub id: String,
    /// How it came out.
    pub outcome: Verdict,
    /// What the file expects.
    pub expected: Json,
    /// What came out instead, by the same keys; null if nothing did.
    pub got: Json,
    /// Why it failed or is unsupported; null if it passed.
    pub reason: Option<String>,
}

/// All cases as they came out, and how many of each.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// How many came out as expected.
    pub passed: usize,
    /// How many came out otherwise.
    pub failed: usize,
    /// How many nothing answers.
    pub unsupported: usize,
    /// Each of them, in the order of the files.
    pub cases: Vec<CaseReport>,
}

impl Report {
    /// Runs all cases of a file.
    pub fn run(&mut self, file: &CaseFile, library: &Library) {
        for case in &file.cases {
            let judged = judge(file, case, library);
            let counter = match judged.outcome {
                Verdict::Passed => &mut self.passed,
                Verdict::Failed => &mut self.failed,
                Verdict::Unsupported => &mut self.unsupported,
            };
            *counter += 1;
            self.cases.push(judged);
        }
    }
}

/// Why nothing answers a case, for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unsupported(String);

impl Unsupported {
    fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

type Supported<T> = Result<T, Unsupported>;

/// What came out for each expected name, and why, in words.
#[derive(Debug)]
struct Answer {
    name: String,
    value: rules::Value,
    why: Vec<String>,
}

fn judge(file: &CaseFile, case: &Case, library: &Library) -> CaseReport {
    let answers = answers(file, case, library);
    let mut report = CaseReport {
        file: file.name.clone(),
        id: case.id.clone(),
        outcome: Verdict::Unsupported,
        expected: Json::Object(case.expect.clone()),
        got: Json::Null,
        reason: None,
    };
    match answers {
        Err(Unsupported(reason)) => report.reason = Some(reason),
        Ok(answers) => {
            report.got = compare::shown(case, &answers);
            report.reason = compare::differences(case, &answers);
            report.outcome = if report.reason.is_none() { Verdict::Passed } else { Verdict::Failed };
        }
    }
    report
}

/// The file's own reading where the case names it, one of our documents otherwise.
fn answers(file: &CaseFile, case: &Case, library: &Library) -> Supported<Vec<Answer>> {
    let Some(wanted) = &case.eval else {
        return library.answer(file, case).or_else(|none| by_version(file, case, none));
    };
    eval::answer(file, case, wanted).or_else(|none| library.answer(file, case).map_err(|_| none))
}

/// The tier table that is called like the version, for a case that gives exactly one number: the file's own reading, too.
fn by_version(file: &CaseFile, case: &Case, otherwise: Unsupported) -> Supported<Vec<Answer>> {
    let called = |name: &str| name.replace('_', "-").to_lowercase();
    let mut tables = file.tier_tables.keys().filter(|name| called(name) == called(&case.version));
    let (Some(table), None) = (tables.next(), tables.next()) else { return Err(otherwise) };
    let mut wanted = serde_json::Map::new();
    wanted.insert("tiers".to_owned(), Json::String(table.clone()));
    eval::answer(file, case, &wanted).map_err(|_| otherwise)
}

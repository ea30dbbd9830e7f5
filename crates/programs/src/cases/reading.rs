//! A file's own reading of its rules, translated into a rule book.
//!
//! Everything here makes the book's JSON, which [`rules::RuleBook::read`] and [`rules::Program::compile`] check like any
//! other. Two things are as in the files' own evaluation, not as in the rule language: a number that is not given is 0, and
//! true and false are 1 and 0 where a number is asked for.

mod facts;
mod metric;
mod points;
mod rule;
mod tiers;

use serde_json::{Map, Value as Json, json};

use super::{CaseFile, Supported, Unsupported};
pub(super) use facts::Facts;
pub(super) use points::ScoreRead;

/// How deep rules may name rules, and parts lie in parts.
const DEPTH: usize = 64;

/// A reading as far as a case needs it.
pub(super) struct Reading<'f> {
    file: &'f CaseFile,
    /// What the reading asks of what is given.
    pub facts: Facts,
    /// The scores translated so far.
    pub scores: Vec<ScoreRead>,
    /// The book's own metrics, by name.
    metrics: Map<String, Json>,
    /// What `score` stands for in rules and tier tables.
    score: Option<String>,
    depth: usize,
}

impl<'f> Reading<'f> {
    pub fn new(file: &'f CaseFile, given: &Map<String, Json>) -> Self {
        Self { file, facts: Facts::new(given), scores: Vec::new(), metrics: Map::new(), score: None, depth: 0 }
    }

    /// The book: what was translated, with the facts that it asks for.
    pub fn book(&self, rules: Map<String, Json>, tiers: Vec<Json>) -> Json {
        let scores: Map<String, Json> =
            self.scores.iter().map(|score| (score.name.clone(), score.book.clone())).collect();
        json!({
            "facts": self.facts.declared(), "metrics": self.metrics, "scores": scores, "rules": rules, "tiers": tiers,
        })
    }

    fn deeper<T>(&mut self, at: &str, read: impl FnOnce(&mut Self) -> Supported<T>) -> Supported<T> {
        if self.depth >= DEPTH {
            return Err(Unsupported::new(format!("{at}: lies more than {DEPTH} deep, or names itself")));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }
}

/// A part of a reading by its name, or as it is written in place.
pub(super) fn section<'j>(
    sections: &'j Map<String, Json>,
    called: &str,
    wanted: &'j Json,
) -> Supported<(String, &'j Json)> {
    match wanted {
        Json::String(name) => match sections.get(name) {
            Some(found) => Ok((format!("/{called}/{name}"), found)),
            None => Err(Unsupported::new(format!("/{called}: the file has no \"{name}\""))),
        },
        Json::Object(_) | Json::Array(_) => Ok(("/eval".to_owned(), wanted)),
        _ => Err(Unsupported::new(format!("/{called}: {wanted} is no name"))),
    }
}

fn unreadable<T>(at: &str, what: impl std::fmt::Display) -> Supported<T> {
    Err(Unsupported::new(format!("{at}: {what}")))
}

fn is_number(json: &Json) -> bool {
    super::compare::number(json).is_some()
}

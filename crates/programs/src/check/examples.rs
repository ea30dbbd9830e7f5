//! Do the examples of a document come out?

use kernel::Fault;
use rules::{Explanation, Facts, Met, Number, Program as Compiled, Rounding, Value};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::{Example, ProgramDocument};

/// How many unmet conditions are told of a tier that was expected.
const TOLD: usize = 3;

/// Every expectation that does not come out, with what came out instead and why.
pub(super) fn faults(document: &ProgramDocument, compiled: &Compiled) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, example) in document.examples.iter().enumerate() {
        let at = format!("/examples/{at}");
        match compiled.read_facts(&Json::Object(example.given.clone())) {
            Ok(facts) => Case { document, compiled, example, facts, at }.check(&mut faults),
            Err(found) => faults.extend(found.into_iter().map(|fault| {
                let pointer = format!("{at}/given{}", fault.pointer);
                Fault::at(&pointer, fault.code, fault.detail)
            })),
        }
    }
    faults
}

struct Case<'a> {
    document: &'a ProgramDocument,
    compiled: &'a Compiled,
    example: &'a Example,
    facts: Facts,
    at: String,
}

impl Case<'_> {
    fn check(&self, faults: &mut Vec<Fault>) {
        let names = self.example.expect.keys().map(String::as_str).filter(|name| *name != "tier");
        let mut answers = self.compiled.answers(names, &self.facts, self.example.as_of).into_iter();
        for (name, expected) in &self.example.expect {
            let pointer = contract::child(&format!("{}/expect", self.at), name);
            let found = if name == "tier" {
                self.tier(expected)
            } else {
                match answers.next().flatten() {
                    Some(value) => self.value(name, expected, &value),
                    None => Some(("unknown_name", self.unknown(name))),
                }
            };
            faults.extend(found.map(|(code, words)| Fault::at(&pointer, code, words)));
        }
    }

    fn tier(&self, expected: &Json) -> Option<(&'static str, String)> {
        let outcome = self.compiled.evaluate(&self.facts, self.example.as_of);
        let got = outcome.tier();
        let Some(wanted) = expected.as_str() else {
            let right = expected.is_null() && got.is_none();
            return (!right).then(|| ("example_fails", format!("{expected} was expected, {} came out", shown(got))));
        };
        if self.document.tier(wanted).is_none() {
            let names: Vec<_> = self.document.tiers.iter().map(|tier| tier.name.clone()).collect();
            return Some(("unknown_name", format!("there is no tier “{wanted}”; the tiers are {}", names.join(", "))));
        }
        if got == Some(wanted) {
            return None;
        }
        let why = self.compiled.explain_tier(wanted, &self.facts, self.example.as_of);
        let mut unmet = Vec::new();
        why.iter().for_each(|why| gather(why, &mut unmet));
        let because = if unmet.is_empty() { String::new() } else { format!(": {}", unmet.join("; ")) };
        Some(("example_fails", format!("{wanted} was expected, {} came out{because}", shown(got))))
    }

    fn value(&self, name: &str, expected: &Json, value: &Value) -> Option<(&'static str, String)> {
        let rounded = match (value, self.example.round) {
            (Value::Number(number), Some(decimals)) => {
                number.rounded(decimals, Rounding::HalfEven).map_or_else(|| value.clone(), Value::Number)
            }
            _ => value.clone(),
        };
        if same(expected, &rounded) {
            return None;
        }
        let why = self.compiled.explain(name, &self.facts, self.example.as_of);
        let missing = why.map(|why| why.missing).filter(|missing| !missing.is_empty());
        let missing = missing.map_or_else(String::new, |names| format!("; not given: {}", names.join(", ")));
        Some(("example_fails", format!("{expected} was expected, {rounded} came out{missing}")))
    }

    fn unknown(&self, name: &str) -> String {
        let document = self.document;
        let scores = document.scores.keys().map(|score| format!("score.{score}"));
        let criteria = document.eligibility.iter().map(|criterion| format!("eligibility.{}", criterion.name));
        let plain = document.metrics.keys().chain(document.rules.keys()).chain(document.facts.keys()).cloned();
        let known: Vec<String> = plain.chain(scores).chain(criteria).chain(["tier".to_owned()]).collect();
        match contract::nearest(name, &known) {
            Some(near) => format!("nothing here is called “{name}”; did you mean {near}?"),
            None => format!("nothing here is called “{name}”: tier, a metric, rule or fact, or score.NAME"),
        }
    }
}

/// Whether a value is the one that was expected: numbers exactly, so that 70 is 70.0 and "15/7" is 15/7.
fn same(expected: &Json, value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            matches!(expected, Json::Number(_) | Json::String(_)) && Number::deserialize(expected).ok() == Some(*number)
        }
        Value::Unknown(_) => expected.is_null(),
        other => serde_json::to_value(other).ok().as_ref() == Some(expected),
    }
}

/// The comparisons that are not met, in the words of the explanation.
fn gather(explanation: &Explanation, unmet: &mut Vec<String>) {
    let open = matches!(explanation.outcome, Some(Met::NotMet | Met::Unknown));
    let inner = explanation.children.iter().any(|child| child.outcome.is_some());
    if open && !inner && unmet.len() < TOLD {
        unmet.push(explanation.words.clone());
    }
    if open {
        explanation.children.iter().for_each(|child| gather(child, unmet));
    }
}

fn shown(tier: Option<&str>) -> &str {
    tier.unwrap_or("no tier")
}

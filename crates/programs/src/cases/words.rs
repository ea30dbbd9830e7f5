//! Explanations as lines of text: what decided, and what it was computed from.

use chrono::NaiveDate;
use rules::{Explanation, Facts, Met, Program, Unknown, Value};
use serde_json::Value as Json;

/// How many lines tell one answer.
const LINES: usize = 30;

/// The lines of an explanation, inner ones indented. Of what is not met, the parts that are met decided nothing, and are
/// left out.
pub(super) fn of(told: Option<Explanation>) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(told) = told {
        tell(&told, 0, &mut lines);
    }
    if lines.len() > LINES {
        lines.truncate(LINES);
        lines.push("…".to_owned());
    }
    lines
}

/// The tier, and why it is not the expected one: what that one lacks, or what is met of the one that came out.
pub(super) fn of_tier(program: &Program, facts: &Facts, day: NaiveDate, expected: &Json) -> (Value, Vec<String>) {
    let outcome = program.evaluate(facts, day);
    let tier = outcome.tier();
    let expected = outcome.tiers().find(|(name, met)| *met != Met::Met && expected.as_str() == Some(name));
    let told = expected.map(|(name, _)| name).or(tier).and_then(|name| program.explain_tier(name, facts, day));
    (tier.map_or(Value::Unknown(Unknown::Undefined), Value::text), of(told))
}

fn tell(told: &Explanation, depth: usize, lines: &mut Vec<String>) {
    if lines.len() > LINES || depth > 0 && told.construct == "literal" {
        return;
    }
    lines.push(format!("{}{}", "  ".repeat(depth), told.words));
    let failed = told.outcome.is_some_and(|outcome| outcome != Met::Met);
    for child in &told.children {
        let decided_nothing = failed && child.outcome == Some(Met::Met);
        // A comparison says itself what the fact is.
        let said = told.threshold.is_some() && told.outcome.is_some() && child.children.is_empty();
        if !decided_nothing && !said {
            tell(child, depth + 1, lines);
        }
    }
}

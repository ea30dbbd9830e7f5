//! Evaluates a document for one partner.

use std::path::Path;

use kernel::Clock;
use programs::{Evaluation, TimeZone, check::BOUNDS};
use rules::{Explanation, Met, Value};
use serde_json::Value as Json;

use super::{EvaluateArguments, desk, show};
use crate::output::{self, Outcome};

/// Evaluates a document.
pub(super) fn evaluate(arguments: &EvaluateArguments) -> Result<Outcome, String> {
    // Whoever looks for what is wrong with an example evaluates a document whose examples do not come out.
    let report = programs::check_rules(&show::bytes(&arguments.file)?, show::format(&arguments.file));
    let (document, compiled) = match desk::checked(&arguments.file, arguments.json, report)? {
        Ok(checked) => checked,
        Err(outcome) => return Ok(outcome),
    };
    let facts = arguments.facts.as_deref().map_or_else(|| Ok(Json::Object(serde_json::Map::new())), facts)?;
    let today = || document.time_zone.unwrap_or(TimeZone::UTC).day_of(Clock::default().now().utc());
    let as_of = arguments.as_of.unwrap_or_else(today);
    match programs::evaluate(&document, &compiled, &facts, as_of, &arguments.explain) {
        Ok(evaluation) if arguments.json => output::json(&evaluation)?,
        Ok(evaluation) => print(&evaluation)?,
        Err(error) => {
            for fault in &error.faults {
                let pointer = fault.pointer.as_deref().unwrap_or_default();
                output::line(&format!("error: {pointer}: {} [{}]", fault.detail, fault.code))?;
            }
            return Ok(Outcome::Faulty);
        }
    }
    Ok(Outcome::Fine)
}

fn facts(path: &Path) -> Result<Json, String> {
    let is_json = path == Path::new("-") || show::format(path) == contract::Format::Json;
    let format = if is_json { contract::Format::Json } else { contract::Format::Yaml };
    let text = contract::read(&show::bytes(path)?, format, &BOUNDS);
    let told = |fault: &kernel::Fault| {
        let (line, column) = (fault.line.unwrap_or(1), fault.column.unwrap_or(1));
        format!("{}:{line}:{column}: {}", path.display(), fault.detail)
    };
    let text = text.map_err(|fault| told(&fault))?;
    text.faults.first().map_or(Ok(()), |fault| Err(told(fault)))?;
    Ok(text.value)
}

fn print(evaluation: &Evaluation) -> Result<(), String> {
    output::line(&format!("{} as of {}", evaluation.program, evaluation.as_of))?;
    if !evaluation.tiers.is_empty() {
        output::line(&format!("tier: {}", evaluation.tier.as_deref().unwrap_or("none")))?;
    }
    for tier in &evaluation.tiers {
        output::line(&format!("  {}: {}", tier.name, met(tier.outcome)))?;
    }
    for (name, score) in &evaluation.scores {
        let path = score.path.as_ref().map_or_else(String::new, |path| format!(" by {path}"));
        output::line(&format!("score {name}: {}{path}", score.total))?;
        for component in &score.components {
            output::line(&format!("  {}: {}", component.name, component.points))?;
        }
    }
    for (name, value) in &evaluation.metrics {
        output::line(&format!("metric {name}: {}", shown(value)))?;
    }
    for (name, outcome) in &evaluation.rules {
        output::line(&format!("rule {name}: {}", met(*outcome)))?;
    }
    for (name, outcome) in &evaluation.eligibility {
        output::line(&format!("eligibility {name}: {}", met(*outcome)))?;
    }
    for explanation in evaluation.explanations.values() {
        output::line("")?;
        explain(explanation, 0)?;
    }
    Ok(())
}

fn explain(explanation: &Explanation, depth: usize) -> Result<(), String> {
    output::line(&format!("{}{}", "  ".repeat(depth), explanation.words))?;
    explanation.children.iter().try_for_each(|child| explain(child, depth + 1))
}

fn met(outcome: Met) -> &'static str {
    match outcome {
        Met::Met => "met",
        Met::NotMet => "not met",
        Met::Unknown => "not met, as far as is known",
    }
}

/// Texts, numbers and days as they are; anything with parts as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::List(_) | Value::Map(_) => serde_json::to_string(value).unwrap_or_default(),
        other => other.to_string(),
    }
}

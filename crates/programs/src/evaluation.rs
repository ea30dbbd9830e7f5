//! Evaluating a program for one partner: document and facts in; tier, scores and reasons out. Nothing is stored.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kernel::{Code, Error, Fault};
use rules::{Explanation, Met, Program as Compiled, Value};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use crate::ProgramDocument;

/// What came out for one partner on one day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Evaluation {
    /// The program's slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The version of its rules, if they are stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Int64, nullable = false, minimum = 1, example = 1)]
    pub version: Option<i32>,
    /// The day of evaluation.
    pub as_of: NaiveDate,
    /// The highest tier whose own rule is met; null for none.
    #[schema(max_length = 64, example = "Gold")]
    pub tier: Option<String>,
    /// Every tier, lowest first.
    #[schema(max_items = 20)]
    pub tiers: Vec<TierOutcome>,
    /// Every score, by name.
    pub scores: BTreeMap<String, ScoreResult>,
    /// Every named rule.
    pub rules: BTreeMap<String, Met>,
    /// Every metric.
    pub metrics: BTreeMap<String, Value>,
    /// Every criterion of eligibility.
    pub eligibility: BTreeMap<String, Met>,
    /// What was to be explained, by the name that was asked for.
    pub explanations: BTreeMap<String, Explanation>,
}

/// Whether a tier's own rule is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TierOutcome {
    /// The tier.
    #[schema(max_length = 64, example = "Gold")]
    pub name: String,
    /// Whether its rule is met.
    pub outcome: Met,
}

/// A score as it came out.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ScoreResult {
    /// The points in all, after the cap.
    pub total: Value,
    /// The path that counts, if the score has paths.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub path: Option<String>,
    /// Its components, outer before inner.
    #[schema(max_items = 1000)]
    pub components: Vec<ComponentResult>,
}

/// A component as it came out.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ComponentResult {
    /// Its name, with those of the components around it.
    #[schema(max_length = 500, example = "skilling.intermediate")]
    pub name: String,
    /// Its points, after floor and cap.
    pub points: Value,
    /// Whether it applies.
    pub applies: bool,
    /// Whether its gate is met, if it has one.
    pub gate_open: bool,
}

/// Evaluates a program.
///
/// `explain` names what is to be explained: a tier, a metric, rule or fact, `score.NAME`, `score.NAME.COMPONENT`,
/// `eligibility.NAME`.
///
/// # Errors
/// `invalid_body` with every fact that the program does not know or that is of the wrong kind (below `/facts`), and
/// every name that it does not have (below `/explain`).
pub fn evaluate(
    document: &ProgramDocument,
    compiled: &Compiled,
    facts: &Json,
    as_of: NaiveDate,
    explain: &[String],
) -> Result<Evaluation, Error> {
    let mut faults = Vec::new();
    let read = compiled.read_facts(facts).map_err(|found| {
        faults.extend(found.into_iter().map(|it| Fault::at(&format!("/facts{}", it.pointer), it.code, it.detail)));
    });
    let mut explanations = BTreeMap::new();
    if let Ok(read) = &read {
        for (at, name) in explain.iter().enumerate() {
            let named = compiled.explain(name, read, as_of);
            match named.or_else(|| compiled.explain_tier(&document.tier(name)?.name, read, as_of)) {
                Some(explanation) => drop(explanations.insert(name.clone(), explanation)),
                None => faults.push(Fault::at(&format!("/explain/{at}"), "unknown_name", unknown(name))),
            }
        }
    }
    Error::unless_empty(Code::InvalidBody, faults)?;
    let read = read.map_err(|()| Error::new(Code::Internal, "The facts could not be read."))?;
    let outcome = compiled.evaluate(&read, as_of);
    let names: Vec<&str> = document.metrics.keys().map(String::as_str).collect();
    let answers = compiled.answers(names.iter().copied(), &read, as_of);
    let metric = |(name, value): (&str, Option<Value>)| Some((name.to_owned(), value?));
    let by_name = |(name, met): (&str, Met)| (name.to_owned(), met);
    Ok(Evaluation {
        program: document.slug.clone(),
        version: None,
        as_of,
        tier: outcome.tier().map(str::to_owned),
        tiers: outcome.tiers().map(|(name, outcome)| TierOutcome { name: name.to_owned(), outcome }).collect(),
        scores: outcome.scores().map(|(name, score)| (name.to_owned(), score_result(&score))).collect(),
        rules: outcome.rules().map(by_name).collect(),
        metrics: names.into_iter().zip(answers).filter_map(metric).collect(),
        eligibility: outcome.criteria().map(by_name).collect(),
        explanations,
    })
}

fn unknown(name: &str) -> String {
    format!("nothing here is called “{name}”: a tier, a metric, rule or fact, score.NAME or eligibility.NAME")
}

fn score_result(score: &rules::ScoreOutcome<'_>) -> ScoreResult {
    ScoreResult {
        total: score.total().clone(),
        path: score.path().map(str::to_owned),
        components: score
            .components()
            .map(|it| ComponentResult {
                name: it.name.to_owned(),
                points: it.points.clone(),
                applies: it.applies,
                gate_open: it.gate_open,
            })
            .collect(),
    }
}

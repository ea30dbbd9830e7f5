//! The program's criteria, held against what a company says of itself: pure functions.
//!
//! **The score** (ideal-partner profile) is the weighted share of the criteria that are met, required and preferred
//! alike, of 100: the sum of the weights of those that are met, over the sum of all, rounded half to even to two
//! decimals. A criterion without a weight weighs 1. Where nothing weighs anything there is no score.

use chrono::NaiveDate;
use kernel::{Code, Error, Fault, Timestamp};
use programs::{ProgramDocument, TimeZone};
use rules::{Met, Number, Rounding, book::CriterionKind, book::Source};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::model::Answers;

/// How a company meets a program's criteria.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ApplicationScreening)]
pub struct Screening {
    /// Whether the required ones are met.
    pub outcome: Eligibility,
    /// How well the company fits, 0 to 100: the weighted share of the criteria that are met, rounded half to even. Null
    /// where the program has none.
    #[schema(required = true, max_length = 6, example = "66.67")]
    pub score: Option<String>,
    /// The day that it was screened for, in the program's time zone.
    pub as_of: NaiveDate,
    /// Each criterion.
    #[schema(max_items = 100)]
    pub criteria: Vec<ScreenedCriterion>,
}

database::text_enum! {
    /// Whether a company may join.
    pub enum Eligibility as ApplicationEligibility {
        /// All required criteria are met.
        Eligible,
        /// A required criterion is not met.
        NotEligible,
        /// It depends on what is not known yet.
        Unknown,
    }
}

/// A criterion as it came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScreenedCriterion {
    /// Its name.
    #[schema(max_length = 64, example = "has_engineers")]
    pub name: String,
    /// What is asked for.
    #[schema(required = true, max_length = 2000)]
    pub description: Option<String>,
    /// Whether it must be met.
    pub kind: CriterionKind,
    /// How much it counts beside the others.
    pub weight: Number,
    /// Whether it is met.
    #[serde(deserialize_with = "met")]
    pub outcome: Met,
    /// What it adds to the score, exactly: its share of 100 if it is met, else 0.
    pub points: Number,
    /// Why.
    #[schema(value_type = rules::Explanation)]
    pub explanation: Value,
}

/// Screens answers by the rules of a document, on the day that it is in the program's time zone.
///
/// # Errors
/// `invalid_body` with every answer that the program does not ask for, that is of the wrong kind, or that is not the
/// applicant's to give (below `/answers`).
pub fn screen(document: &ProgramDocument, answers: &Answers, now: Timestamp) -> Result<Screening, Error> {
    let compiled = programs::compile(document)
        .map_err(|faults| Error { faults, ..Error::new(Code::InvalidProgram, "The program's rules have faults.") })?;
    let given: Map<String, Value> = answers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let facts = compiled.read_facts(&Value::Object(given)).map_err(|found| {
        let fault = |it: rules::Fault| Fault::at(&format!("/answers{}", it.pointer), it.code, it.detail);
        found.into_iter().map(fault).collect::<Vec<_>>()
    });
    let mut faults = not_the_applicants(document, answers);
    let facts = match facts {
        Ok(facts) => {
            Error::unless_empty(Code::InvalidBody, faults)?;
            facts
        }
        Err(found) => {
            faults.extend(found);
            return Err(Error { faults, ..Error::new(Code::InvalidBody, "The body has faults; see errors.") });
        }
    };
    let as_of = document.time_zone.unwrap_or(TimeZone::UTC).day_of(now.utc());
    let evaluated = compiled.evaluate(&facts, as_of);
    let outcomes: Vec<Met> = evaluated.criteria().map(|(_, met)| met).collect();
    let weights: Vec<Number> = document.eligibility.iter().map(|it| it.weight.unwrap_or(Number::ONE)).collect();
    let all = weights.iter().try_fold(Number::ZERO, |sum, weight| sum.plus(*weight));
    let share = |weight: Number| all.and_then(|all| weight.times(Number::whole(100))?.over(all));
    let mut criteria = Vec::with_capacity(weights.len());
    for ((criterion, outcome), weight) in document.eligibility.iter().zip(outcomes).zip(weights) {
        let explanation = compiled.explain(&format!("eligibility.{}", criterion.name), &facts, as_of);
        criteria.push(ScreenedCriterion {
            name: criterion.name.clone(),
            description: criterion.description.clone(),
            kind: criterion.kind,
            weight,
            outcome,
            points: share(weight).filter(|_| outcome == Met::Met).unwrap_or(Number::ZERO),
            explanation: serde_json::to_value(explanation)
                .map_err(|error| Error::new(Code::Internal, error.to_string()))?,
        });
    }
    let mut reached = criteria.iter().filter(|it| it.outcome == Met::Met);
    let reached = reached.try_fold(Number::ZERO, |sum, it| sum.plus(it.weight)).and_then(share);
    let score = reached.and_then(|share| share.rounded(2, Rounding::HalfEven)).and_then(shown);
    Ok(Screening { outcome: eligibility(&criteria), score, as_of, criteria })
}

impl Screening {
    /// The score in hundredths of a point; -1 for none.
    pub(crate) fn rank(&self) -> i32 {
        self.score.as_deref().and_then(hundredths).unwrap_or(-1)
    }

    /// The required criteria that are certainly not met, by name.
    pub(crate) fn missed(&self) -> Vec<&ScreenedCriterion> {
        let missed = |it: &&ScreenedCriterion| it.kind == CriterionKind::Required && it.outcome == Met::NotMet;
        self.criteria.iter().filter(missed).collect()
    }
}

/// Of a score as it is written, the hundredths of a point; `None` for another text.
pub fn hundredths(text: &str) -> Option<i32> {
    let scaled = text.parse::<Number>().ok()?.times(Number::whole(100))?;
    scaled.to_i64().and_then(|whole| i32::try_from(whole).ok())
}

/// With two decimals, always.
fn shown(score: Number) -> Option<String> {
    let whole = score.times(Number::whole(100))?.to_i64()?;
    Some(format!("{}.{:02}", whole / 100, whole % 100))
}

fn eligibility(criteria: &[ScreenedCriterion]) -> Eligibility {
    let required = || criteria.iter().filter(|it| it.kind == CriterionKind::Required);
    if required().any(|it| it.outcome == Met::NotMet) {
        Eligibility::NotEligible
    } else if required().all(|it| it.outcome == Met::Met) {
        Eligibility::Eligible
    } else {
        Eligibility::Unknown
    }
}

/// What the engine knows better, and what a person at the vendor establishes.
fn not_the_applicants(document: &ProgramDocument, answers: &Answers) -> Vec<Fault> {
    let named = answers.keys().filter_map(|name| Some((name, document.facts.get(name)?.source.as_ref()?)));
    let refused = named.filter_map(|(name, source)| {
        let who = match source {
            Source::Observation(_) => return None,
            Source::Manual(_) => "the vendor establishes",
            Source::Engine(_) => "the engine knows",
        };
        Some(Fault::at(&format!("/answers/{name}"), "not_allowed", format!("is something that {who}")))
    });
    refused.collect()
}

/// What a criterion came to, as it was written.
fn met<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Met, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "met" => Ok(Met::Met),
        "not_met" => Ok(Met::NotMet),
        "unknown" => Ok(Met::Unknown),
        other => Err(de::Error::custom(format!("{other} is no outcome"))),
    }
}

#[cfg(test)]
mod tests;

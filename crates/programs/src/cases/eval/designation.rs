//! A designation: a score that must reach a threshold, with points in every component that applies.

use serde_json::{Value as Json, json};

use super::on_score;
use crate::cases::{Case, CaseFile, Supported, Unsupported, compare::number};

/// What it takes, and how the two outcomes are called.
pub(super) struct Designation {
    score: (&'static str, Json),
    every: Option<(&'static str, Json)>,
    /// The status of who has it.
    pub met: String,
    /// The status of who has not.
    pub unmet: String,
}

impl Designation {
    /// As the file's version data says it: `designation_rule`, and the first two of the version's `tiers`. What a
    /// version does not say is as usual: at least 70 points, and more than 0 in every component. What a rule says
    /// beyond points (a window of days) is not for one evaluation to judge.
    pub fn read(file: &CaseFile, case: &Case, wanted: &Json) -> Supported<Self> {
        let of_version =
            file.versions.iter().find(|version| version.get("id").and_then(Json::as_str) == Some(&case.version));
        let version = of_version
            .filter(|version| version.get("designation_rule").is_some())
            .or_else(|| file.versions.iter().find(|version| version.get("designation_rule").is_some()));
        let rule = if wanted.is_object() { Some(wanted) } else { version.and_then(|it| it.get("designation_rule")) };
        let parts: Vec<&Json> = match rule.map(|rule| rule.get("all").unwrap_or(rule)) {
            Some(Json::Array(parts)) => parts.iter().collect(),
            Some(rule) => vec![rule],
            None => Vec::new(),
        };
        let said = |keys: &[&str]| parts.iter().find_map(|part| keys.iter().find_map(|key| part.get(*key)));
        let read = |keys: &[&str], usual: (&'static str, u32)| match said(keys) {
            None => Ok((usual.0, json!(usual.1))),
            Some(Json::Bool(false)) => Ok(("at_least", json!(0))),
            Some(limit) => comparison(limit).ok_or_else(|| {
                Unsupported::new(format!("designation_rule: {limit} is no comparison such as \">= 70\""))
            }),
        };
        let statuses = version.and_then(|version| statuses(version.get("tiers")?)).unwrap_or_default();
        let (unmet, met) = statuses.unwrap_or_else(|| ("In progress".to_owned(), "Qualified".to_owned()));
        let every = read(&["every_metric", "every_component"], ("more_than", 0))?;
        Ok(Self {
            score: read(&["score", "total"], ("at_least", 70))?,
            every: (every != ("at_least", json!(0))).then_some(every),
            met,
            unmet,
        })
    }

    /// The rule on a score.
    pub fn rule(&self, score: &str) -> Json {
        let total = on_score(score, self.score.0, &self.score.1);
        match &self.every {
            None => total,
            Some((relation, limit)) => {
                json!({"all": [total, {"every_component": {"score": score, *relation: limit}}]})
            }
        }
    }
}

/// `>=70 of 100`, `> 0 (or >= 1 point)`: the first comparison of a text. A number alone is a least one.
fn comparison(limit: &Json) -> Option<(&'static str, Json)> {
    let Some(text) = limit.as_str() else { return number(limit).map(|_| ("at_least", limit.clone())) };
    let text = text.trim_start();
    let (relation, rest) = ["at_least", "at_least", "at_least", "more_than"]
        .into_iter()
        .zip([">=", "≥", "at least", ">"])
        .find_map(|(relation, sign)| Some((relation, text.strip_prefix(sign)?.trim_start())))
        .unwrap_or(("at_least", text));
    let digits: String = rest.chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | '/')).collect();
    number(&json!(digits.trim_end_matches('.'))).map(|_| (relation, json!(digits.trim_end_matches('.'))))
}

/// The lowest two of a version's tiers: who has it not, and who has it.
fn statuses(tiers: &Json) -> Option<Option<(String, String)>> {
    let mut tiers: Vec<&Json> = tiers.as_array()?.iter().collect();
    tiers.sort_by_key(|tier| tier.get("rank").and_then(number));
    let name = |at: usize| Some(tiers.get(at)?.get("id")?.as_str()?.to_owned());
    Some(name(0).zip(name(1)))
}

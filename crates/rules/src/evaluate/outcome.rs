//! What an evaluation gives.

use chrono::NaiveDate;
use serde::{Serialize, Serializer, ser::SerializeMap};
use utoipa::ToSchema;

use super::{Run, ScoreValue};
use crate::{Facts, Program, Value};

/// Whether a condition is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Met {
    /// It is.
    Met,
    /// It is not.
    NotMet,
    /// It depends on what is not known. That counts as not met.
    Unknown,
}

impl From<&Value> for Met {
    fn from(value: &Value) -> Self {
        match value.truth() {
            Some(true) => Self::Met,
            Some(false) => Self::NotMet,
            None => Self::Unknown,
        }
    }
}

/// The tier, the scores and the rules of one partner on one day.
#[derive(Debug, Clone)]
pub struct Outcome<'a> {
    program: &'a Program,
    criteria: Box<[Met]>,
    tiers: Box<[Met]>,
    scores: Box<[ScoreValue]>,
    rules: Box<[Met]>,
}

/// A score as it came out.
#[derive(Debug, Clone, Copy)]
pub struct ScoreOutcome<'a> {
    program: &'a Program,
    scores: &'a [ScoreValue],
    place: usize,
    value: &'a ScoreValue,
}

/// A component as it came out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComponentOutcome<'a> {
    /// Its name, with those of the components around it.
    pub name: &'a str,
    /// Its points, after floor and cap.
    pub points: &'a Value,
    /// Whether it applies.
    pub applies: bool,
    /// Whether its gate is met, if it has one.
    pub gate_open: bool,
}

impl Program {
    /// Evaluates the ladder, all scores and all rules.
    pub fn evaluate(&self, facts: &Facts, as_of: NaiveDate) -> Outcome<'_> {
        let mut run = Run::new(self, facts, as_of);
        let rules = (0..self.rules.len()).map(|place| Met::from(&run.rule(place))).collect();
        let criteria = self.criteria.iter().map(|(_, node)| Met::from(&run.eval(node))).collect();
        let mut tiers = Vec::with_capacity(self.tiers.len());
        for (_, rule) in &self.tiers {
            tiers.push(rule.as_ref().map_or(Met::Met, |node| Met::from(&run.eval(node))));
        }
        for place in 0..self.scores.len() {
            run.score(place);
        }
        let scores = run.scores.into_iter().flatten().collect();
        Outcome { program: self, criteria, tiers: tiers.into(), scores, rules }
    }

    /// The value of a metric, a rule, a fact or a score (`score.NAME`, `score.NAME.COMPONENT`) by its name.
    /// `None` if the book has no such name.
    pub fn answer(&self, name: &str, facts: &Facts, as_of: NaiveDate) -> Option<Value> {
        let mut run = Run::new(self, facts, as_of);
        run.eval_reference(&self.lookup(name)?)
    }

    /// The same for several names, computing what they share once. `None` for each that the book does not have.
    pub fn answers<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
        facts: &Facts,
        as_of: NaiveDate,
    ) -> Vec<Option<Value>> {
        let mut run = Run::new(self, facts, as_of);
        names.into_iter().map(|name| run.eval_reference(&self.lookup(name)?)).collect()
    }
}

impl<'a> Outcome<'a> {
    /// The highest tier whose own rule is met.
    pub fn tier(&self) -> Option<&'a str> {
        let found = self.tiers.iter().rposition(|met| *met == Met::Met)?;
        self.program.tiers.get(found).map(|(name, _)| name.as_str())
    }

    /// Every tier with whether its own rule is met, lowest first.
    pub fn tiers(&self) -> impl Iterator<Item = (&'a str, Met)> + '_ {
        self.program.tiers.iter().zip(&self.tiers).map(|((name, _), met)| (name.as_str(), *met))
    }

    /// Every criterion of eligibility with whether it is met.
    pub fn criteria(&self) -> impl Iterator<Item = (&'a str, Met)> + '_ {
        self.program.criteria.iter().zip(&self.criteria).map(|((name, _), met)| (name.as_str(), *met))
    }

    /// Every named rule with whether it is met.
    pub fn rules(&self) -> impl Iterator<Item = (&'a str, Met)> + '_ {
        self.program.rule_names.iter().zip(&self.rules).map(|(name, met)| (name.as_str(), *met))
    }

    /// Whether a named rule is met; `None` if there is no such rule.
    pub fn rule(&self, name: &str) -> Option<Met> {
        self.rules().find(|(it, _)| *it == name).map(|(_, met)| met)
    }

    /// Every score by its name.
    pub fn scores(&self) -> impl Iterator<Item = (&str, ScoreOutcome<'_>)> + '_ {
        self.scores.iter().enumerate().filter_map(|(place, value)| {
            let name = self.program.score_names.get(place)?;
            Some((name.as_str(), ScoreOutcome { program: self.program, scores: &self.scores, place, value }))
        })
    }

    /// A score; `None` if there is no such score.
    pub fn score(&self, name: &str) -> Option<ScoreOutcome<'_>> {
        self.scores().find(|(it, _)| *it == name).map(|(_, score)| score)
    }
}

impl<'a> ScoreOutcome<'a> {
    /// The points in all, after the cap.
    pub fn total(&self) -> &'a Value {
        &self.value.total
    }

    /// The path that counts, if the score has paths.
    pub fn path(&self) -> Option<&'a str> {
        self.program.score_names.get(self.value.path?).map(String::as_str)
    }

    /// Its components, outer before inner; of paths, those of the chosen one.
    pub fn components(&self) -> impl Iterator<Item = ComponentOutcome<'a>> + use<'a> {
        let place = self.value.path.unwrap_or(self.place);
        let parts = self.program.scores.get(place).map_or(&[][..], |code| &code.parts);
        let values = self.scores.get(place).map_or(&[][..], |value| &value.parts);
        parts.iter().zip(values).map(|(part, value)| ComponentOutcome {
            name: &part.name,
            points: &value.points,
            applies: value.applies,
            gate_open: value.open,
        })
    }

    /// A component's points by its name; `None` if there is no such component.
    pub fn component(&self, name: &str) -> Option<&'a Value> {
        self.components().find(|it| it.name == name).map(|it| it.points)
    }
}

impl Serialize for ScoreOutcome<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("total", self.total())?;
        if let Some(path) = self.path() {
            map.serialize_entry("path", path)?;
        }
        map.serialize_entry("components", &self.components().collect::<Vec<_>>())?;
        map.end()
    }
}

impl Serialize for Outcome<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("tier", &self.tier())?;
        map.serialize_entry("eligibility", &self.criteria().collect::<std::collections::BTreeMap<_, _>>())?;
        map.serialize_entry("tiers", &self.tiers().collect::<Vec<_>>())?;
        map.serialize_entry("scores", &self.scores().collect::<std::collections::BTreeMap<_, _>>())?;
        map.serialize_entry("rules", &self.rules().collect::<std::collections::BTreeMap<_, _>>())?;
        map.end()
    }
}

impl<'a> Run<'a> {
    /// Evaluates a reference that was made outside the program.
    pub(crate) fn eval_reference(&mut self, node: &Reference) -> Option<Value> {
        Some(match node {
            Reference::Fact(place) => self.fact(*place).clone(),
            Reference::Key(place, key) => self.key(*place, key),
            Reference::Metric(place) => self.metric(*place),
            Reference::Rule(place) => self.rule(*place),
            Reference::Criterion(place) => {
                let (_, node) = self.program.criteria.get(*place)?;
                self.eval(node)
            }
            Reference::Score(place) => self.score(*place).total.clone(),
            Reference::Part(place, name) => {
                let score = self.score(*place).path.unwrap_or(*place);
                let parts = &self.program.scores.get(score)?.parts;
                let at = parts.iter().position(|part| part.name == *name)?;
                self.points(score, at)
            }
        })
    }
}

/// What a name asked for from outside stands for.
#[derive(Debug, Clone)]
pub(crate) enum Reference {
    Fact(usize),
    Key(usize, String),
    Metric(usize),
    Rule(usize),
    Criterion(usize),
    Score(usize),
    Part(usize, String),
}

impl Program {
    pub(crate) fn lookup(&self, name: &str) -> Option<Reference> {
        let steps = crate::compile::steps(name)?;
        let place = |names: &[String], name: &str| names.iter().position(|it| it == name);
        match steps.as_slice() {
            ["score", score] => place(&self.score_names, score).map(Reference::Score),
            ["eligibility", name] => self.criteria.iter().position(|(it, _)| it == name).map(Reference::Criterion),
            ["score", score, part @ ..] => Some(Reference::Part(place(&self.score_names, score)?, part.join("."))),
            [name] => self
                .fact_places
                .get(*name)
                .map(|at| Reference::Fact(*at))
                .or_else(|| place(&self.metric_names, name).map(Reference::Metric))
                .or_else(|| place(&self.rule_names, name).map(Reference::Rule)),
            [fact, key] => self.fact_places.get(*fact).map(|at| Reference::Key(*at, (*key).to_owned())),
            _ => None,
        }
    }
}

//! Scores: points in components, and the path that counts.

use super::{
    Run,
    arithmetic::{Known, fits, is_skipped, value},
};
use crate::{
    Number, Unknown, Value,
    node::{Every, ScoreCode},
};

/// A score as computed.
#[derive(Debug, Clone)]
pub(crate) struct ScoreValue {
    pub total: Value,
    /// Which of the paths counts.
    pub path: Option<usize>,
    pub parts: Vec<PartValue>,
}

/// A component as computed.
#[derive(Debug, Clone)]
pub(crate) struct PartValue {
    pub points: Value,
    /// Whether it applies; what is unknown applies.
    pub applies: bool,
    /// Whether its gate is met, if it has one.
    pub open: bool,
}

static NOTHING: ScoreValue = ScoreValue { total: Value::Unknown(Unknown::Undefined), path: None, parts: Vec::new() };
const NOT_YET: PartValue = PartValue { points: Value::Unknown(Unknown::Undefined), applies: true, open: true };

impl<'a> Run<'a> {
    pub fn score(&mut self, place: usize) -> &ScoreValue {
        let known = self.scores.get(place).is_some_and(Option::is_some);
        if !known {
            let program = self.program;
            let computed = program.scores.get(place).map(|code| self.outside_rows(|run| run.compute(code)));
            if let Some(slot) = self.scores.get_mut(place) {
                *slot = computed;
            }
        }
        self.scores.get(place).and_then(Option::as_ref).unwrap_or(&NOTHING)
    }

    fn compute(&mut self, code: &'a ScoreCode) -> ScoreValue {
        if !code.paths.is_empty() {
            return self.best(code);
        }
        let mut parts = vec![NOT_YET; code.parts.len()];
        let mut total = Ok(Number::ZERO);
        for (place, part) in code.parts.iter().enumerate() {
            if part.outermost {
                self.compute_part(code, place, true, &mut parts);
                total = total.and_then(|sum| added(sum, parts.get(place)));
            }
        }
        let total = total.map(|sum| code.cap.map_or(sum, |cap| sum.min(cap)));
        ScoreValue { total: value(total), path: None, parts }
    }

    /// `counts`: whether the components around it give points at all.
    fn compute_part(&mut self, code: &'a ScoreCode, place: usize, counts: bool, parts: &mut [PartValue]) {
        let Some(part) = code.parts.get(place) else { return };
        let applies = part.applies.as_ref().is_none_or(|rule| self.truth(rule) != Ok(false));
        let open = part.gate.as_ref().is_none_or(|gate| self.truth(gate) == Ok(true));
        let counts = counts && applies && open;
        let mut points = match &part.points {
            Some(node) if counts => self.number(node),
            _ => Ok(Number::ZERO),
        };
        for child in &part.children {
            self.compute_part(code, *child, counts, parts);
            points = points.and_then(|sum| added(sum, parts.get(*child)));
        }
        if !counts {
            points = Ok(Number::ZERO);
        }
        let points =
            points.map(|points| points.max(part.floor)).map(|points| part.cap.map_or(points, |cap| points.min(cap)));
        if let Some(slot) = parts.get_mut(place) {
            *slot = PartValue { points: value(points), applies, open };
        }
    }

    /// The path that counts: the best one, or the one that a text names.
    fn best(&mut self, code: &'a ScoreCode) -> ScoreValue {
        let mut found: Option<(usize, Value)> = None;
        if let Some(by) = &code.by {
            let name = match self.eval(by) {
                Value::Text(name) => name,
                other => return chosen(Value::Unknown(other.why()), None, code),
            };
            let program = self.program;
            let is_it = |path: &&usize| program.score_names.get(**path).is_some_and(|it| **it == *name);
            found = code.paths.iter().find(is_it).map(|path| (*path, self.score(*path).total.clone()));
        } else {
            for path in &code.paths {
                let total = self.score(*path).total.clone();
                let better = match (&found, total.number()) {
                    (None, Some(_)) => true,
                    (Some((_, best)), Some(total)) => best.number().is_some_and(|best| total > best),
                    (_, None) => false,
                };
                if better {
                    found = Some((*path, total));
                }
            }
        }
        match found {
            Some((path, total)) => chosen(total, Some(path), code),
            None => chosen(Value::Unknown(Unknown::Undefined), None, code),
        }
    }

    /// A component's points; of paths, those of the chosen one.
    pub(super) fn part(&mut self, score: usize, at: &[usize]) -> Value {
        let Some((score, index)) = self.chosen(score) else { return Value::Unknown(Unknown::Undefined) };
        at.get(index).map_or(Value::Unknown(Unknown::Undefined), |place| self.points(score, *place))
    }

    /// The score whose components count, and which of the paths that is.
    fn chosen(&mut self, score: usize) -> Option<(usize, usize)> {
        let paths = &self.program.scores.get(score)?.paths;
        if paths.is_empty() {
            return Some((score, 0));
        }
        let path = self.score(score).path?;
        Some((path, paths.iter().position(|it| *it == path)?))
    }

    pub(super) fn points(&mut self, score: usize, place: usize) -> Value {
        let found = self.score(score).parts.get(place);
        found.map_or(Value::Unknown(Unknown::Undefined), |part| part.points.clone())
    }

    /// The components that `every_component` looks at: those that apply.
    pub(super) fn every_parts(&mut self, every: &'a Every) -> Result<Vec<(usize, usize)>, Unknown> {
        let Some((score, index)) = self.chosen(every.score) else {
            return Err(self.score(every.score).total.why());
        };
        let places = every.parts.get(index).ok_or(Unknown::Undefined)?;
        let program = self.program;
        let code = program.scores.get(score).ok_or(Unknown::Undefined)?;
        let parts = &self.score(score).parts;
        let applies = |place: &usize| {
            let around = |name: &str| {
                let own = code.parts.get(*place).map_or("", |part| part.name.as_str());
                own == name || own.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
            };
            code.parts.iter().zip(parts.iter()).all(|(part, value)| value.applies || !around(&part.name))
        };
        Ok(places.iter().copied().filter(applies).map(|place| (score, place)).collect())
    }
}

fn chosen(total: Value, path: Option<usize>, code: &ScoreCode) -> ScoreValue {
    let capped = |total: Number| code.cap.map_or(total, |cap| total.min(cap));
    let total = total.number().map_or(total, |total| Value::Number(capped(total)));
    ScoreValue { total, path, parts: Vec::new() }
}

/// A component's points added; unknown ones count as none.
fn added(sum: Number, part: Option<&PartValue>) -> Known {
    match part.map(|part| &part.points) {
        Some(Value::Number(points)) => fits(sum.plus(*points)),
        Some(Value::Unknown(why)) if !is_skipped(*why) => Err(*why),
        _ => Ok(sum),
    }
}

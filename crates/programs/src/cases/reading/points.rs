//! Scores: a model's components, as points of a score in the book.

use serde_json::{Map, Value as Json, json};

use super::{
    Reading, is_number,
    metric::{first, put},
    rule::{ORDERS, together},
    section, unreadable,
};
use crate::cases::Supported;

/// A score model, translated.
pub struct ScoreRead {
    /// The score's name in the book.
    pub name: String,
    /// How the file calls it.
    pub model: String,
    /// The components: how the file calls them, and how the book.
    pub components: Vec<(String, String)>,
    /// The score as the book has it.
    pub book: Json,
}

impl Reading<'_> {
    /// Translates a model, or several of which the best counts; gives the score's name in the book.
    pub fn model(&mut self, wanted: &Json) -> Supported<String> {
        let name = match wanted {
            Json::Array(several) if several.iter().all(Json::is_string) => {
                let several = several.iter().map(|name| (name.as_str().unwrap_or_default(), name));
                self.best(several.collect())?
            }
            Json::Object(paths) if !paths.contains_key("components") => {
                let own = paths
                    .iter()
                    .find(|(key, of)| ["best_of", "paths", "of"].contains(&key.as_str()) && !of.is_string());
                match own {
                    Some((_, several)) => return self.model(several),
                    None => self.best(paths.iter().map(|(name, model)| (name.as_str(), model)).collect())?,
                }
            }
            _ => self.one(None, wanted)?,
        };
        self.score = Some(format!("score.{name}"));
        Ok(name)
    }

    fn best(&mut self, models: Vec<(&str, &Json)>) -> Supported<String> {
        let mut paths = Vec::new();
        for (called, model) in models {
            paths.push(self.one(Some(called), model)?);
        }
        let name = self.facts.name("best");
        let book = json!({"paths": paths});
        self.scores.push(ScoreRead { name: name.clone(), model: name.clone(), components: Vec::new(), book });
        Ok(name)
    }

    fn one(&mut self, called: Option<&str>, wanted: &Json) -> Supported<String> {
        let file = self.file;
        let (at, model) = match wanted {
            Json::String(_) => section(&file.score_models, "score_models", wanted)?,
            _ => ("/eval/model".to_owned(), wanted),
        };
        let Some(model) = model.as_object() else { return unreadable(&at, "is no score") };
        let Some(listed) = model.get("components").and_then(Json::as_array).filter(|all| !all.is_empty()) else {
            return unreadable(&at, "has no list of components");
        };
        let (mut components, mut parts) = (Vec::new(), Vec::new());
        for (place, component) in listed.iter().enumerate() {
            let here = format!("{at}/components/{place}");
            let Some(component) = component.as_object() else { return unreadable(&here, "is no component") };
            let (id, name, part) = self.component(component, place, &here)?;
            components.push((id, name));
            parts.push(part);
        }
        let called = called.or(wanted.as_str()).unwrap_or("model");
        let name = self.facts.name(called);
        let mut book = json!({"components": parts});
        if let Some(cap) = first(model, &["total_cap", "cap", "max"]) {
            put(&mut book, "cap", number(cap, &at)?);
        }
        self.scores.push(ScoreRead { name: name.clone(), model: called.to_owned(), components, book });
        Ok(name)
    }

    fn component(&mut self, it: &Map<String, Json>, place: usize, at: &str) -> Supported<(String, String, Json)> {
        let id = first(it, &["id", "name"])
            .and_then(Json::as_str)
            .map_or_else(|| format!("component {place}"), str::to_owned);
        let name = self.facts.name(&id);
        let mut part = json!({"name": name, "points": self.earned(it, at)?});
        if let Some(cap) = it.get("cap").filter(|cap| !cap.is_null()) {
            put(&mut part, "cap", number(cap, at)?);
        }
        if let Some(floor) = first(it, &["floor"]) {
            put(&mut part, "floor", number(floor, at)?);
        }
        if let Some(gate) = first(it, &["gate"]) {
            put(&mut part, "gate", self.rule(gate, &format!("{at}/gate"))?);
        }
        if let Some(applies) = first(it, &["applies", "applies_if", "applicable"]) {
            put(&mut part, "applies", self.rule(applies, &format!("{at}/applies"))?);
        }
        Ok((id, name, part))
    }

    /// The points before cap and gate, times the multipliers.
    fn earned(&mut self, it: &Map<String, Json>, at: &str) -> Supported<Json> {
        let points = self.deeper(at, |reading| reading.kind(it, at))?;
        let one = first(it, &["multiplier"]).into_iter();
        let several = first(it, &["multipliers"]).and_then(Json::as_array).into_iter().flatten();
        let mut factors = vec![points];
        for factor in one.chain(several) {
            factors.push(self.factor(factor, &format!("{at}/multiplier"))?);
        }
        Ok(if factors.len() == 1 { factors.swap_remove(0) } else { json!({"product": factors}) })
    }

    fn factor(&mut self, factor: &Json, at: &str) -> Supported<Json> {
        match factor.as_object().and_then(|it| Some((it.get("bands")?, it))) {
            Some((bands, it)) => self.bands(bands, it, "factor", at),
            None => self.metric(factor, at),
        }
    }

    fn kind(&mut self, it: &Map<String, Json>, at: &str) -> Supported<Json> {
        let has = |key: &str| it.contains_key(key);
        let kind = match it.get("kind").and_then(Json::as_str) {
            Some(kind) => kind,
            None if has("points_per_unit") => "per_unit",
            None if has("bands") => "bands",
            None if has("of") || has("components") => "sum",
            None if has("threshold") && (has("max") || has("points")) => "linear",
            None => "points",
        };
        match kind {
            "per_unit" => self.per_unit(it, at),
            "linear" => {
                let of = self.of(it, at)?;
                let reaches = self.needed(it, &["threshold", "reaches", "target"], at)?;
                Ok(
                    json!({"linear": {"of": of, "reaches": reaches, "points": self.needed(it, &["max", "points", "cap"], at)?}}),
                )
            }
            "bands" | "banded" | "step" | "steps" if has("bands") => match it.get("bands") {
                Some(bands) => self.bands(bands, it, "points", at),
                None => unreadable(at, "has no bands"),
            },
            "best_of" | "max_of" | "greatest" => self.parts("greatest", it, at),
            "sum" | "group" | "total" => self.parts("sum", it, at),
            "min_of" | "worst_of" => self.parts("least", it, at),
            "all_or_nothing" | "threshold" | "step" | "flag" | "boolean" => self.all_or_nothing(it, at),
            "fixed" | "flat" | "points" | "metric" | "value" => match first(it, &["points", "metric", "value"]) {
                Some(points) => self.metric(points, at),
                None => unreadable(at, "gives no points"),
            },
            other => unreadable(at, format_args!("no component is known by the kind \"{other}\"")),
        }
    }

    fn of(&mut self, it: &Map<String, Json>, at: &str) -> Supported<Json> {
        self.needed(it, &["metric"], at)
    }

    fn needed(&mut self, it: &Map<String, Json>, keys: &[&str], at: &str) -> Supported<Json> {
        match first(it, keys) {
            Some(found) => self.metric(found, at),
            None => unreadable(at, format_args!("has no {}", keys.join(", and no "))),
        }
    }

    fn per_unit(&mut self, it: &Map<String, Json>, at: &str) -> Supported<Json> {
        let (of, points) = (self.of(it, at)?, self.needed(it, &["points_per_unit", "points"], at)?);
        let whole =
            ["whole_units", "whole", "whole_units_only"].iter().any(|key| it.get(*key) == Some(&Json::Bool(true)));
        let mut units = json!({"of": of, "points": points, "whole_units": whole});
        match first(it, &["unit", "per"]) {
            None => {}
            Some(unit) if is_number(unit) => put(&mut units, "unit", unit.clone()),
            Some(unit) => {
                let unit = self.metric(unit, at)?;
                put(&mut units, "of", json!({"ratio": {"of": of, "to": unit, "when_zero": 0}}));
            }
        }
        Ok(json!({"per_unit": units}))
    }

    /// All points once a threshold is reached, or once a rule is met.
    fn all_or_nothing(&mut self, it: &Map<String, Json>, at: &str) -> Supported<Json> {
        let points = self.needed(it, &["points", "max", "cap"], at)?;
        let when = match first(it, &["when", "rule", "condition"]) {
            Some(rule) => self.rule(rule, at)?,
            None if it.contains_key("op") => self.rule(&Json::Object(it.clone()), at)?,
            None => {
                json!({"metric": self.of(it, at)?, "at_least": self.needed(it, &["threshold", "value", "at_least"], at)?})
            }
        };
        Ok(json!({"choose": {"cases": [{"when": when, "then": points}], "otherwise": 0}}))
    }

    /// Parts of a component, each from 0 up to its own cap, and 0 behind a gate that is not met.
    fn parts(&mut self, construct: &str, it: &Map<String, Json>, at: &str) -> Supported<Json> {
        let Some(of) = first(it, &["of", "components"]).and_then(Json::as_array).filter(|of| !of.is_empty()) else {
            return unreadable(at, "has no list of parts");
        };
        let mut parts = Vec::new();
        for (place, part) in of.iter().enumerate() {
            let here = format!("{at}/of/{place}");
            let Some(part) = part.as_object() else { return unreadable(&here, "is no part of a component") };
            parts.push(self.part(part, &here)?);
        }
        Ok(json!({construct: parts}))
    }

    fn part(&mut self, part: &Map<String, Json>, at: &str) -> Supported<Json> {
        let floor = first(part, &["floor"]).map_or(Ok(json!(0)), |floor| number(floor, at))?;
        let mut kept = json!({"value": self.earned(part, at)?, "at_least": floor});
        if let Some(cap) = first(part, &["cap"]) {
            put(&mut kept, "at_most", number(cap, at)?);
        }
        let kept = json!({"clamp": kept});
        let points = match first(part, &["gate"]) {
            None => kept,
            Some(gate) => {
                let gate = self.rule(gate, &format!("{at}/gate"))?;
                json!({"choose": {"cases": [{"when": gate, "then": kept}], "otherwise": 0}})
            }
        };
        let Some(id) = first(part, &["id"]).and_then(Json::as_str) else { return Ok(points) };
        let name = self.facts.name(id);
        self.metrics.insert(name.clone(), points);
        Ok(json!(name))
    }

    /// The first band in which a metric lies; outside all of them 0.
    fn bands(&mut self, bands: &Json, it: &Map<String, Json>, gives: &str, at: &str) -> Supported<Json> {
        let of = self.of(it, at)?;
        let Some(bands) = bands.as_array().filter(|bands| !bands.is_empty()) else {
            return unreadable(at, "has no list of bands");
        };
        let mut cases = Vec::new();
        for (place, band) in bands.iter().enumerate() {
            let here = format!("{at}/bands/{place}");
            let Some(band) = band.as_object() else { return unreadable(&here, "is no band") };
            let mut ends = Vec::new();
            for (_, name, relation) in ORDERS {
                if let Some(end) = band.get(name).filter(|end| !end.is_null()) {
                    ends.push(json!({"metric": of, relation: number(end, &here)?}));
                }
            }
            ends.dedup();
            let Some(then) = first(band, &[gives, "points", "factor", "gives", "value"]) else {
                return unreadable(&here, format_args!("gives no {gives}"));
            };
            cases.push(json!({"when": together(ends), "then": self.metric(then, &here)?}));
        }
        let otherwise = first(it, &["otherwise", "outside", "default"]).map_or(Ok(json!(0)), |it| number(it, at))?;
        Ok(json!({"choose": {"cases": cases, "otherwise": otherwise}}))
    }
}

fn number(json: &Json, at: &str) -> Supported<Json> {
    if is_number(json) { Ok(json.clone()) } else { unreadable(at, format_args!("{json} is no number")) }
}

//! Metrics: a path into what is given, a number, or something computed of those.

use serde_json::{Map, Value as Json, json};

use super::{Reading, facts::Kind, is_number, unreadable};
use crate::cases::Supported;

impl Reading<'_> {
    /// A metric as an expression that gives a number.
    pub(super) fn metric(&mut self, spec: &Json, at: &str) -> Supported<Json> {
        match spec {
            Json::Number(_) => Ok(spec.clone()),
            Json::Bool(it) => Ok(json!(u8::from(*it))),
            Json::String(text) if is_number(spec) && self.facts.given(text).is_none() => Ok(spec.clone()),
            Json::String(path) => Ok(self.path(path)),
            Json::Object(spec) => self.deeper(at, |it| it.computed(spec, at)),
            _ => unreadable(at, format_args!("{spec} is no metric")),
        }
    }

    fn path(&mut self, path: &str) -> Json {
        match &self.score {
            Some(score) if ["score", "total", "total_score"].contains(&path) && self.facts.given(path).is_none() => {
                json!(score)
            }
            _ => json!(self.facts.ask(path, Kind::Number)),
        }
    }

    fn computed(&mut self, spec: &Map<String, Json>, at: &str) -> Supported<Json> {
        let Some((name, of)) = spec.iter().find(|(name, _)| CONSTRUCTS.contains(&name.as_str())) else {
            let keys: Vec<&str> = spec.keys().map(String::as_str).collect();
            return unreadable(at, format_args!("no metric is known by {}", keys.join(", ")));
        };
        let here = &format!("{at}/{name}");
        match name.as_str() {
            "metric" => self.metric(of, here),
            "people_with" | "people_with_any" | "people_with_all" => self.people(name, of, spec, here),
            "diff" | "difference" => {
                let (of, less) = self.pair(of, here)?;
                Ok(json!({"difference": {"of": of, "less": less}}))
            }
            "growth_pct" | "growth_percent" => {
                let (now, before) = self.pair(of, here)?;
                let mut growth = json!({"now": now, "before": before, "when_zero": self.zero(spec, at)?});
                if let Some(least) = first(spec, &["min_baseline", "minimum_baseline", "baseline"]) {
                    put(&mut growth, "minimum_baseline", self.metric(least, at)?);
                }
                Ok(json!({"growth_percent": growth}))
            }
            "ratio" | "div" | "pct" | "percent" => self.ratio(name, of, spec, here),
            "sum" | "add" => self.several("sum", of, here),
            "product" | "mul" => self.several("product", of, here),
            "max" | "greatest" => self.several("greatest", of, here),
            _ => self.several("least", of, here),
        }
    }

    /// How many people hold any of the certificates, or all if the reading says so.
    fn people(&mut self, name: &str, of: &Json, spec: &Map<String, Json>, at: &str) -> Supported<Json> {
        let holding = match of {
            Json::String(one) => vec![one.clone()],
            Json::Array(all) => all.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        if holding.is_empty() || of.as_array().is_some_and(|all| all.len() != holding.len()) {
            return unreadable(at, "names no certificates");
        }
        let all = name == "people_with_all" || spec.get("match").and_then(Json::as_str) == Some("all");
        let path = first(spec, &["of", "in"]).and_then(Json::as_str).unwrap_or("people").to_owned();
        let people = self.facts.ask(&path, Kind::People);
        Ok(json!({"people": {"holding": holding, "of": people, "match": if all { "all" } else { "any" }}}))
    }

    fn ratio(&mut self, name: &str, of: &Json, spec: &Map<String, Json>, at: &str) -> Supported<Json> {
        let (of, to) = self.pair(of, at)?;
        let to = match first(spec, &["max_denominator", "denominator_cap"]) {
            Some(cap) => json!({"least": [to, self.metric(cap, at)?]}),
            None => to,
        };
        let ratio = json!({"ratio": {"of": of, "to": to, "when_zero": self.zero(spec, at)?}});
        Ok(if name.starts_with('p') { json!({"product": [ratio, 100]}) } else { ratio })
    }

    /// What it is when the denominator is 0; 0 if nothing is said.
    fn zero(&mut self, spec: &Map<String, Json>, at: &str) -> Supported<Json> {
        first(spec, &["when_zero", "if_zero", "zero"]).map_or(Ok(json!(0)), |zero| self.metric(zero, at))
    }

    /// Two metrics: a list of two, or a map that names them.
    fn pair(&mut self, of: &Json, at: &str) -> Supported<(Json, Json)> {
        let named = |of: &Map<String, Json>| {
            let one = first(of, &["of", "now", "num", "numerator", "a"])?.clone();
            Some((one, first(of, &["to", "before", "year_ago", "less", "den", "denominator", "b"])?.clone()))
        };
        let pair = match of {
            Json::Array(two) => match two.as_slice() {
                [one, other] => Some((one.clone(), other.clone())),
                _ => None,
            },
            Json::Object(of) => named(of),
            _ => None,
        };
        let Some((one, other)) = pair else { return unreadable(at, "is not of two metrics") };
        Ok((self.metric(&one, at)?, self.metric(&other, at)?))
    }

    fn several(&mut self, construct: &str, of: &Json, at: &str) -> Supported<Json> {
        let Some(of) = of.as_array().filter(|of| !of.is_empty()) else {
            return unreadable(at, "is not a list of metrics");
        };
        let of: Vec<Json> = of.iter().map(|of| self.metric(of, at)).collect::<Supported<_>>()?;
        Ok(json!({construct: of}))
    }
}

const CONSTRUCTS: [&str; 20] = [
    "metric",
    "people_with",
    "people_with_any",
    "people_with_all",
    "diff",
    "difference",
    "growth_pct",
    "growth_percent",
    "ratio",
    "div",
    "pct",
    "percent",
    "sum",
    "add",
    "product",
    "mul",
    "max",
    "greatest",
    "min",
    "least",
];

/// Whether a map says itself what metric it is, beside what it is compared with.
pub(super) fn is_construct(name: &str) -> bool {
    CONSTRUCTS.contains(&name)
}

/// What stands under the first of the keys that is there.
pub(super) fn first<'j>(map: &'j Map<String, Json>, keys: &[&str]) -> Option<&'j Json> {
    keys.iter().find_map(|key| map.get(*key)).filter(|found| !found.is_null())
}

pub(super) fn put(json: &mut Json, key: &str, value: Json) {
    if let Some(map) = json.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
}

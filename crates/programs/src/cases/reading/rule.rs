//! Rules: comparisons of metrics, in groups.

use serde_json::{Map, Value as Json, json};

use super::{
    Reading,
    facts::Kind,
    is_number,
    metric::{first, is_construct},
    section, unreadable,
};
use crate::cases::Supported;

impl Reading<'_> {
    /// A rule, or the name of one in the file.
    pub fn rule(&mut self, spec: &Json, at: &str) -> Supported<Json> {
        self.deeper(at, |it| match spec {
            Json::Bool(_) => Ok(spec.clone()),
            Json::String(_) => {
                let file = it.file;
                let (at, named) = section(&file.rules, "rules", spec)?;
                it.rule(named, &at)
            }
            Json::Array(all) => it.all(all, at),
            Json::Object(spec) => it.rule_of(spec, at),
            _ => unreadable(at, format_args!("{spec} is no rule")),
        })
    }

    fn rule_of(&mut self, spec: &Map<String, Json>, at: &str) -> Supported<Json> {
        let compares = |key: &String| key == "op" || key == "metric" || ORDERS.iter().any(|(_, name, _)| key == name);
        if spec.keys().any(compares) {
            return self.comparison(spec, at);
        }
        if let Some(count) = first(spec, &["at_least_n", "at_least", "n_of"]) {
            return self.at_least_n(count, spec, at);
        }
        let known = ["all", "any", "none", "not", "rule", "all_of", "any_of", "none_of"];
        let mut parts = Vec::new();
        for (key, of) in spec.iter().filter(|(key, _)| !NOTES.contains(&key.as_str())) {
            let here = format!("{at}/{key}");
            let list = || of.as_array().map_or(&[][..], Vec::as_slice);
            if !known.contains(&key.as_str()) || key != "not" && key != "rule" && !of.is_array() {
                return unreadable(&here, "no rule is known by this name");
            }
            parts.push(match key.as_str() {
                "all" | "all_of" => self.all(list(), &here)?,
                "any" | "any_of" if list().is_empty() => json!(false),
                "any" | "any_of" => json!({"any": self.each(list(), &here)?}),
                "none" | "none_of" if list().is_empty() => json!(true),
                "none" | "none_of" => json!({"none": self.each(list(), &here)?}),
                "not" => json!({"not": self.rule(of, &here)?}),
                _ => self.rule(of, &here)?,
            });
        }
        Ok(together(parts))
    }

    fn all(&mut self, of: &[Json], at: &str) -> Supported<Json> {
        Ok(together(self.each(of, at)?))
    }

    fn each(&mut self, of: &[Json], at: &str) -> Supported<Vec<Json>> {
        of.iter().enumerate().map(|(place, rule)| self.rule(rule, &format!("{at}/{place}"))).collect()
    }

    /// `{at_least_n: 2, of: [...]}` or `{at_least_n: {n: 2, of: [...], including: ...}}`.
    fn at_least_n(&mut self, count: &Json, spec: &Map<String, Json>, at: &str) -> Supported<Json> {
        let spec = count.as_object().unwrap_or(spec);
        let count = if count.is_object() { first(spec, &["n", "count", "min", "at_least"]) } else { Some(count) };
        let of = first(spec, &["of", "rules", "any"]).and_then(Json::as_array);
        let (Some(count), Some(of)) = (count.and_then(Json::as_u64), of) else {
            return unreadable(at, "needs a number n, and of: a list of rules");
        };
        let enough = match count {
            0 => json!(true),
            n if usize::try_from(n).is_ok_and(|n| n <= of.len()) => {
                json!({"at_least_of": {"count": n, "of": self.each(of, at)?}})
            }
            _ => json!(false),
        };
        Ok(match first(spec, &["including", "include", "must_include"]) {
            None => enough,
            Some(Json::Array(any)) => json!({"all": [enough, {"any": self.each(any, at)?}]}),
            Some(rule) => json!({"all": [enough, self.rule(rule, at)?]}),
        })
    }

    /// `{metric, op, value}`; also `{people_with: [...], op, value}` and `{metric, gte: 5, lt: 10}`.
    fn comparison(&mut self, spec: &Map<String, Json>, at: &str) -> Supported<Json> {
        let metric = match spec.get("metric") {
            Some(metric) => metric.clone(),
            None => {
                let own = spec.iter().filter(|(key, _)| is_construct(key) || *key == "match" || *key == "of");
                let own: Map<String, Json> = own.map(|(key, of)| (key.clone(), of.clone())).collect();
                if own.is_empty() {
                    return unreadable(at, "compares nothing: it has no metric");
                }
                Json::Object(own)
            }
        };
        let mut parts = Vec::new();
        if let Some(op) = spec.get("op") {
            let (Some(op), Some(value)) = (op.as_str(), first(spec, &["value", "threshold", "than"])) else {
                return unreadable(at, "needs an op and a value");
            };
            parts.push(self.compare(&metric, op, value, at)?);
        }
        for (op, name, relation) in ORDERS {
            if let Some(value) = spec.get(name).or_else(|| spec.get(relation)) {
                parts.push(self.compare(&metric, op, value, at)?);
            }
        }
        // A sign that can be written in two ways is found twice.
        parts.dedup();
        if parts.is_empty() { unreadable(at, "compares with nothing") } else { Ok(together(parts)) }
    }

    fn compare(&mut self, metric: &Json, op: &str, value: &Json, at: &str) -> Supported<Json> {
        match (op, value) {
            ("between", Json::Array(ends)) => match ends.as_slice() {
                [from, to] => {
                    Ok(together(vec![self.compare(metric, ">=", from, at)?, self.compare(metric, "<=", to, at)?]))
                }
                _ => unreadable(at, "between needs two ends"),
            },
            ("in" | "one_of", Json::Array(values)) => {
                let each = values.iter().map(|value| self.compare(metric, "==", value, at));
                let each = each.collect::<Supported<Vec<_>>>()?;
                Ok(if each.is_empty() { json!(false) } else { json!({"any": each}) })
            }
            ("not_in" | "none_of", Json::Array(_)) => Ok(json!({"not": self.compare(metric, "in", value, at)?})),
            ("contains" | "includes" | "has" | "contains_any" | "contains_all", _) => {
                let Some(path) = metric.as_str() else { return unreadable(at, "contains needs a list's name") };
                let values = value.as_array().map_or_else(|| vec![value.clone()], Clone::clone);
                let how = if op.ends_with("_any") { "any" } else { "all" };
                let list = self.facts.ask(path, Kind::List);
                Ok(json!({"contains": {"list": list, how: values}}))
            }
            _ => self.relation(metric, op, value, at),
        }
    }

    fn relation(&mut self, metric: &Json, op: &str, value: &Json, at: &str) -> Supported<Json> {
        let Some((_, _, relation)) = ORDERS.iter().find(|(sign, name, of)| op == *sign || op == *name || op == *of)
        else {
            return unreadable(at, format_args!("no comparison is known by \"{op}\""));
        };
        let (metric, value) = match (metric.as_str(), value.as_str()) {
            // A text or a day is compared with one as written, which a number in quotes is not.
            (Some(path), Some(written)) if !is_number(value) => match written.parse::<chrono::NaiveDate>() {
                Ok(day) => (json!(self.facts.ask(path, Kind::Date)), json!(day)),
                Err(_) if ["equals", "not_equals"].contains(relation) => {
                    (json!(self.facts.ask(path, Kind::Text)), json!({"text": written}))
                }
                Err(_) => return unreadable(at, format_args!("\"{written}\" has no order")),
            },
            _ => (self.metric(metric, at)?, self.metric(value, at)?),
        };
        Ok(json!({"metric": metric, *relation: value}))
    }
}

/// A sign, the key that says the same, and how the rule language calls it.
pub(super) const ORDERS: [(&str, &str, &str); 8] = [
    (">=", "gte", "at_least"),
    (">", "gt", "more_than"),
    ("<=", "lte", "at_most"),
    ("<", "lt", "less_than"),
    ("==", "eq", "equals"),
    ("=", "eq", "equals"),
    ("!=", "ne", "not_equals"),
    ("≥", "ge", "at_least"),
];

/// What says nothing to the rule that it stands in.
const NOTES: [&str; 5] = ["note", "source", "id", "name", "description"];

/// All of the rules: none is always met, and one stands for itself.
pub(super) fn together(mut rules: Vec<Json>) -> Json {
    match rules.len() {
        0 => json!(true),
        1 => rules.swap_remove(0),
        _ => json!({"all": rules}),
    }
}

//! What would be enough with the least effort: of alternatives, the one whose gaps are least, each gap measured against
//! its threshold. Pure: reads an explanation.

use std::collections::BTreeMap;

use rules::{Explanation, Met, Number, Value};
use serde::Serialize;
use utoipa::ToSchema;

/// How many steps are told.
const STEPS: usize = 50;

/// What would be enough with the least effort.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Soonest {
    /// In a sentence.
    #[schema(max_length = 20000, example = "2 people more of certified_people, and 12000 EUR more of revenue")]
    pub words: String,
    /// All that is needed together.
    #[schema(max_items = 50)]
    pub steps: Vec<SoonestStep>,
    /// How far all of it is: the sum of the gaps, each as a part of its threshold. What cannot be measured counts 1.
    pub distance: Number,
}

/// One thing that is needed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SoonestStep {
    /// What it is about.
    #[schema(max_length = 2000, example = "revenue")]
    pub label: String,
    /// JSON Pointer to where the document asks for it.
    #[schema(max_length = 2000, example = "/tiers/2/requires/all/1")]
    pub pointer: String,
    /// In words.
    #[schema(max_length = 4100, example = "12000 EUR more of revenue")]
    pub words: String,
    /// What it is now; null if that is unknown.
    pub value: Value,
    /// What it has to be; null where that is not one value.
    #[schema(required = true)]
    pub threshold: Option<Value>,
    /// How much is missing, or too much; null where that is no number.
    #[schema(required = true)]
    pub gap: Option<Number>,
    /// What the numbers count.
    #[schema(required = true, max_length = 40, example = "EUR")]
    pub unit: Option<String>,
}

/// What would make a condition met soonest; `None` if it is met.
pub fn soonest(told: &Explanation) -> Option<Soonest> {
    let mut names = BTreeMap::new();
    index(told, &mut names);
    let way = Finder { names }.way(told, 0)?;
    let words = way.steps.iter().map(|step| step.words.as_str()).collect::<Vec<_>>().join(", and ");
    Some(Soonest { words, steps: way.steps, distance: way.distance })
}

/// Several things that are needed together, and how far they are.
#[derive(Debug, Clone)]
struct Way {
    steps: Vec<SoonestStep>,
    distance: Number,
}

impl Way {
    const HERE: Self = Self { steps: Vec::new(), distance: Number::ZERO };

    fn and(mut self, other: Self) -> Self {
        for step in other.steps {
            // What several conditions ask for is done once.
            if self.steps.len() < STEPS && !self.steps.contains(&step) {
                self.steps.push(step);
            }
        }
        // What is too far to be told is as far as can be.
        self.distance = self.distance.plus(other.distance).unwrap_or(self.distance);
        self
    }
}

/// What names stand for is told where the name first comes up.
fn index<'a>(told: &'a Explanation, names: &mut BTreeMap<&'a str, &'a Explanation>) {
    if told.construct == "name" && !told.children.is_empty() {
        names.entry(told.label.as_str()).or_insert(told);
    }
    told.children.iter().for_each(|child| index(child, names));
}

struct Finder<'a> {
    names: BTreeMap<&'a str, &'a Explanation>,
}

impl<'a> Finder<'a> {
    /// The nearest way, or `None` where nothing is to be done.
    fn way(&self, told: &'a Explanation, depth: usize) -> Option<Way> {
        if told.outcome == Some(Met::Met) {
            return None;
        }
        // Explanations are as deep as documents; a name that rests on itself is refused long before.
        if depth > 500 {
            return Some(self.step(told));
        }
        let way = |child: &'a Explanation| self.way(child, depth + 1);
        let conditions = || told.children.iter().filter(|child| child.outcome.is_some());
        match told.construct.as_str() {
            "tier" | "all" => Some(conditions().filter_map(way).fold(Way::HERE, Way::and)).filter(Way::is_some),
            "any" => conditions().filter_map(way).min_by(nearer),
            "at_least_of" => self.some_of(told, depth),
            "first_known" => told.taken().and_then(way),
            "name" => {
                let behind = if told.children.is_empty() { self.names.get(told.label.as_str()) } else { Some(&told) };
                let child = behind.and_then(|it| it.children.iter().find(|child| child.outcome.is_some()));
                child.and_then(way).or_else(|| Some(self.step(told)))
            }
            _ => Some(self.step(told)),
        }
        .or_else(|| Some(self.step(told)))
    }

    /// Of conditions of which some are needed, the nearest of those that are not met.
    fn some_of(&self, told: &'a Explanation, depth: usize) -> Option<Way> {
        let needed = match &told.threshold {
            Some(Value::Number(count)) => usize::try_from(count.to_i64()?).ok()?,
            _ => return None,
        };
        let met = told.children.iter().filter(|child| child.outcome == Some(Met::Met)).count();
        let mut ways: Vec<Way> = told.children.iter().filter_map(|child| self.way(child, depth + 1)).collect();
        ways.sort_by(nearer);
        Some(ways.into_iter().take(needed.saturating_sub(met)).fold(Way::HERE, Way::and)).filter(Way::is_some)
    }

    fn step(&self, told: &Explanation) -> Way {
        let measured = match (&told.gap, &told.threshold) {
            (Some(gap), Some(Value::Number(threshold))) if !threshold.is_zero() => gap.over(*threshold).map(absolute),
            (Some(gap), _) => Some(absolute(*gap)),
            _ => None,
        };
        let about = told.children.first().filter(|_| told.threshold.is_some()).unwrap_or(told);
        let unit = told.unit.as_deref().map_or_else(String::new, |unit| format!(" {unit}"));
        let words = match (&told.gap, told.construct.as_str()) {
            (Some(gap), "at_most" | "less_than") => format!("{gap}{unit} less of {}", about.label),
            (Some(gap), _) => format!("{gap}{unit} more of {}", about.label),
            (None, _) => told.words.clone(),
        };
        let step = SoonestStep {
            label: about.label.clone(),
            pointer: told.pointer.clone(),
            words,
            value: about.value.clone(),
            threshold: told.threshold.clone(),
            gap: told.gap,
            unit: told.unit.clone(),
        };
        Way { steps: vec![step], distance: measured.unwrap_or(Number::ONE) }
    }
}

impl Way {
    fn is_some(&self) -> bool {
        !self.steps.is_empty()
    }
}

/// The nearer first; of equals, the one with fewer steps.
fn nearer(one: &Way, other: &Way) -> std::cmp::Ordering {
    one.distance.cmp(&other.distance).then(one.steps.len().cmp(&other.steps.len()))
}

fn absolute(number: Number) -> Number {
    if number.is_negative() { number.negated() } else { number }
}

#[cfg(test)]
mod tests {
    use programs::Rules;
    use serde_json::{Value as Json, json};

    use super::*;

    fn told(requires: Json, facts: &Json) -> Option<Soonest> {
        let document = json!({
            "slug": "p", "name": "p",
            "facts": {
                "revenue": {"type": "number", "unit": "EUR"}, "people": {"type": "number", "unit": "people"},
                "deals": {"type": "number"}, "invited": {"type": "boolean", "default": false},
                "invited_by_hand": {"type": "boolean"}
            },
            "metrics": {
                "staff": {"first_known": ["people", "deals"]}, "welcome": {"first_known": ["invited_by_hand", "skilled"]}
            },
            "rules": {"skilled": {"metric": "staff", "at_least": 4}},
            "tiers": [{"name": "Low"}, {"name": "High", "requires": requires}]
        });
        let rules = Rules::new(serde_json::from_value(document).unwrap(), 1, String::new()).unwrap();
        let facts = rules.compiled.read_facts(facts).unwrap();
        soonest(&rules.compiled.explain_tier("High", &facts, "2026-06-30".parse().unwrap()).unwrap())
    }

    fn labels(found: &Soonest) -> Vec<&str> {
        found.steps.iter().map(|step| step.label.as_str()).collect()
    }

    #[test]
    fn all_of_what_is_missing_is_needed() {
        let requires =
            json!({"all": [{"metric": "revenue", "at_least": 100000}, "skilled", {"metric": "deals", "at_least": 1}]});
        let found = told(requires.clone(), &json!({"revenue": 90000, "people": 1, "deals": 7})).unwrap();
        assert_eq!(labels(&found), ["revenue", "staff"]);
        assert_eq!(found.words, "10000 EUR more of revenue, and 3 people more of staff");
        assert_eq!(found.distance.to_string(), "0.85");
        assert_eq!(told(requires, &json!({"revenue": 100000, "people": 4, "deals": 1})), None);
    }

    #[test]
    fn of_alternatives_the_nearest_by_its_threshold() {
        let requires = json!({"any": [
            {"metric": "revenue", "at_least": 100000},
            {"all": ["skilled", {"metric": "deals", "at_least": 10}]}
        ]});
        let near = told(requires.clone(), &json!({"revenue": 99000, "people": 3, "deals": 9})).unwrap();
        assert_eq!(labels(&near), ["revenue"]);
        let near = told(requires, &json!({"revenue": 10000, "people": 3, "deals": 9})).unwrap();
        assert_eq!(labels(&near), ["staff", "deals"]);
    }

    #[test]
    fn what_stands_in_for_another_is_what_it_takes() {
        let skilled = told(json!("welcome"), &json!({"people": 3})).unwrap();
        assert_eq!((labels(&skilled), skilled.words.as_str()), (vec!["staff"], "1 people more of staff"));
        let invited = told(json!("welcome"), &json!({"people": 3, "invited_by_hand": false})).unwrap();
        assert_eq!(labels(&invited), ["invited_by_hand"]);
    }

    #[test]
    fn what_has_no_gap_counts_as_far() {
        let requires = json!({"any": ["invited", {"metric": "revenue", "at_least": 1000}]});
        let near = told(requires.clone(), &json!({"revenue": 600})).unwrap();
        assert_eq!(labels(&near), ["revenue"]);
        let unknown = told(json!({"all": ["invited"]}), &json!({})).unwrap();
        assert_eq!((labels(&unknown), unknown.distance), (vec!["invited"], Number::ONE));
    }
}

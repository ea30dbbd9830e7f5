//! A case by the file's own reading: the parts that its `eval` names become one book, which is evaluated on what is given.

mod designation;

use rules::{Facts, Program, RuleBook, Value};
use serde_json::{Map, Value as Json, json};

use super::{
    Answer, Case, CaseFile, Supported, Unsupported,
    reading::{Reading, section},
    words,
};
use designation::Designation;

/// What `eval` may say.
const KNOWN: [&str; 14] = [
    "model",
    "models",
    "best_of",
    "paths",
    "component",
    "designation",
    "tiers",
    "tier_rules",
    "tier_table",
    "rule",
    "as",
    "round",
    "note",
    "arithmetic",
];

/// What a case asks, translated: the book, and what stands in it for what is expected.
struct Asked {
    program: Program,
    facts: Facts,
    day: chrono::NaiveDate,
    score: Option<String>,
    /// Components as the file calls them, and their names to be asked by.
    components: Vec<(String, String)>,
    /// Models as the file calls them, by their score's name.
    models: Vec<(String, String)>,
    has_tiers: bool,
    rule: Option<String>,
    designation: Option<Designation>,
}

/// The rule of the book that the case's `rule` becomes, and the one of its designation.
const RULE: &str = "rule";
const DESIGNATION: &str = "designation";

pub(super) fn answer(file: &CaseFile, case: &Case, wanted: &Map<String, Json>) -> Supported<Vec<Answer>> {
    if let Some((key, _)) = wanted.iter().find(|(key, of)| !KNOWN.contains(&key.as_str()) && !are_models(file, of)) {
        return Err(Unsupported::new(format!("/eval/{key}: no reading is known by this name")));
    }
    let asked = asked(file, case, wanted)?;
    let of = |keys: &[&str]| keys.iter().find_map(|key| wanted.get(*key)?.as_str());
    let component = case.expect.get("component").and_then(Json::as_str).or_else(|| of(&["component"]));
    let called = of(&["as"]);
    case.expected().map(|(name, expected)| asked.answer(name, expected, component, called)).collect()
}

fn are_models(file: &CaseFile, of: &Json) -> bool {
    let named = |name: &Json| name.as_str().is_some_and(|name| file.score_models.contains_key(name));
    of.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(named))
}

fn asked(file: &CaseFile, case: &Case, wanted: &Map<String, Json>) -> Supported<Asked> {
    let of = |keys: &[&str]| keys.iter().find_map(|key| wanted.get(*key)).filter(|it| !it.is_null());
    let mut reading = Reading::new(file, &case.given);
    // However the key is called: a list of models is a choice of the best.
    let models = || wanted.values().find(|of| are_models(file, of));
    let model = of(&["model", "models", "best_of", "paths"]).or_else(models);
    let score = model.map(|model| reading.model(model)).transpose()?;
    let mut rules = Map::new();
    let rule = match of(&["rule"]) {
        None => None,
        Some(rule) => {
            let (at, rule) = section(&file.rules, "rules", rule)?;
            let rule = reading.rule(rule, &at)?;
            rules.insert(RULE.to_owned(), rule);
            Some(RULE.to_owned())
        }
    };
    let designation = match of(&["designation"]).filter(|it| **it != Json::Bool(false)) {
        None => None,
        Some(wanted) => {
            let designation = Designation::read(file, case, wanted)?;
            let Some(score) = &score else { return Err(Unsupported::new("/eval/designation: needs a model")) };
            rules.insert(DESIGNATION.to_owned(), designation.rule(score));
            Some(designation)
        }
    };
    let tiers = of(&["tiers", "tier_rules", "tier_table"]).map(|table| reading.tiers(table)).transpose()?;
    let has_tiers = tiers.is_some();
    let book = reading.book(rules, tiers.unwrap_or_default());
    let told = |faults: Vec<rules::Fault>| {
        let told: Vec<String> = faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect();
        Unsupported::new(format!("the file's reading: {}", told.join("; ")))
    };
    let book = RuleBook::read(&book).map_err(told)?;
    let program = Program::compile(&book).map_err(told)?;
    let facts = program.read_facts(&reading.facts.read()?).map_err(told)?;
    let components = reading.scores.iter().flat_map(|score| {
        score.components.iter().map(|(id, name)| (id.clone(), format!("score.{}.{name}", score.name)))
    });
    // Of paths, the components of the chosen one.
    let best =
        score.as_ref().filter(|score| reading.scores.iter().any(|it| it.name == **score && it.components.is_empty()));
    let components = components.map(|(id, name)| match best {
        Some(best) => (id, format!("score.{best}.{}", name.rsplit('.').next().unwrap_or_default())),
        None => (id, name),
    });
    Ok(Asked {
        components: components.collect(),
        models: reading.scores.iter().map(|score| (score.name.clone(), score.model.clone())).collect(),
        day: reading.facts.day(),
        program,
        facts,
        score,
        has_tiers,
        rule,
        designation,
    })
}

impl Asked {
    fn answer(&self, name: &str, expected: &Json, component: Option<&str>, called: Option<&str>) -> Supported<Answer> {
        let found = match name {
            // What is asked about is repeated by the answer.
            "component" => expected.as_str().map(|component| (Value::text(component), Vec::new())),
            "points" if component.is_some() => self.component(component.unwrap_or_default()),
            "components" => self.several(expected),
            _ if called == Some(name) => self.rule(self.rule.as_deref()),
            "score" | "total" | "total_score" | "points" => self.total(),
            "tier" | "level" if self.has_tiers => Some(words::of_tier(&self.program, &self.facts, self.day, expected)),
            "status" | "tier" if self.designation.is_some() => self.status(),
            "qualified" => self.rule(self.designation.as_ref().map(|_| DESIGNATION)),
            "path" | "model" | "track" => self.path(expected.as_str().unwrap_or_default()),
            _ => self.component(name).or_else(|| match expected {
                Json::Bool(_) if called.is_none() => self.rule(self.rule.as_deref()),
                _ => None,
            }),
        };
        match found {
            Some((value, why)) => Ok(Answer { name: name.to_owned(), value, why }),
            None => Err(Unsupported::new(format!("the file's reading says nothing of \"{name}\""))),
        }
    }

    fn named(&self, name: &str) -> Option<(Value, Vec<String>)> {
        let value = self.program.answer(name, &self.facts, self.day)?;
        Some((value, words::of(self.program.explain(name, &self.facts, self.day))))
    }

    fn total(&self) -> Option<(Value, Vec<String>)> {
        self.named(&format!("score.{}", self.score.as_ref()?))
    }

    fn component(&self, id: &str) -> Option<(Value, Vec<String>)> {
        let (_, name) = self.components.iter().find(|(it, _)| it == id)?;
        self.named(name)
    }

    /// The points of each component that is asked for.
    fn several(&self, expected: &Json) -> Option<(Value, Vec<String>)> {
        let (mut values, mut why) = (Vec::new(), Vec::new());
        for id in expected.as_object()?.keys() {
            let (value, words) = self.component(id)?;
            values.push((id.as_str().into(), value));
            why.extend(words);
        }
        Some((Value::Map(values.into()), why))
    }

    /// What is not known is not met.
    fn rule(&self, name: Option<&str>) -> Option<(Value, Vec<String>)> {
        let (value, why) = self.named(name?)?;
        Some((Value::Boolean(value.truth() == Some(true)), why))
    }

    fn status(&self) -> Option<(Value, Vec<String>)> {
        let designation = self.designation.as_ref()?;
        let (met, why) = self.rule(Some(DESIGNATION))?;
        let status = if met.truth() == Some(true) { &designation.met } else { &designation.unmet };
        Some((Value::text(status), why))
    }

    /// The path that counts, as the file calls it: by the model's name, or by a word of it that no other model has.
    fn path(&self, expected: &str) -> Option<(Value, Vec<String>)> {
        let outcome = self.program.evaluate(&self.facts, self.day);
        let score = self.score.as_ref()?;
        let path = outcome.score(score)?.path().unwrap_or(score);
        let (_, called) = self.models.iter().find(|(name, _)| name == path)?;
        let has = |model: &str| model.split(['_', '-', ' ']).any(|word| word.eq_ignore_ascii_case(expected));
        let meant: Vec<&str> = self.models.iter().map(|(_, model)| model.as_str()).filter(|model| has(model)).collect();
        let called = if meant == [called] { expected } else { called };
        Some((Value::text(called), self.total()?.1))
    }
}

/// A rule on a score, as the book's JSON.
fn on_score(score: &str, relation: &str, limit: &Json) -> Json {
    json!({"metric": format!("score.{score}"), relation: limit})
}

//! A program document as far as cases need it: what it states, and its rule book.

use std::collections::BTreeSet;

use contract::Format;
use rules::{Facts, Fault, Program, RuleBook, Unknown, Value};
use serde_json::{Map, Value as Json, json};

use crate::check::BOUNDS;

use super::{Answer, Case, Supported, Unsupported, given, words};

/// The sections of a document that are its rule book.
const SECTIONS: [&str; 8] =
    ["fiscal_year_start", "facts", "tables", "metrics", "scores", "rules", "eligibility", "tiers"];
/// What of a tier is the rule book's.
const OF_TIER: [&str; 2] = ["name", "requires"];

/// A document whose rules are ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Document {
    /// The document's slug.
    pub slug: String,
    /// The programs that it states, each with the versions.
    states: Vec<(String, Vec<String>)>,
    book: RuleBook,
    program: Program,
    /// Every text that the book mentions: names, keys of tables, certificates, values that are compared with.
    mentions: BTreeSet<String>,
}

/// What stands for an expected name.
enum Asked {
    Tier(Json),
    Named(String),
    Rule(String),
    Literally(Value),
}

impl Document {
    /// Reads a document of YAML or JSON.
    ///
    /// # Errors
    /// What is wrong and where, behind the document's place.
    pub fn read(place: &str, text: &str) -> Result<Self, String> {
        let read = contract::read(text.as_bytes(), Format::Yaml, &BOUNDS);
        let json = read.map_err(|fault| {
            let (line, column) = (fault.line.unwrap_or_default(), fault.column.unwrap_or_default());
            format!("{place}:{line}:{column}: {}", fault.detail)
        })?;
        let json = json.value;
        Self::of(&json).map_err(|what| format!("{place}: {what}"))
    }

    fn of(json: &Json) -> Result<Self, String> {
        let Some(top) = json.as_object() else { return Err("is not a map of sections".to_owned()) };
        let slug = top.get("slug").and_then(Json::as_str).ok_or("has no slug")?.to_owned();
        let states = match top.get("published_as") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(all)) => all.iter().map(stated).collect::<Option<_>>().ok_or(STATED)?,
            Some(_) => return Err(STATED.to_owned()),
        };
        let sections = top.iter().filter(|(name, _)| SECTIONS.contains(&name.as_str()));
        let mut sections: Map<String, Json> = sections.map(|(name, of)| (name.clone(), of.clone())).collect();
        for tier in sections.get_mut("tiers").and_then(Json::as_array_mut).into_iter().flatten() {
            if let Some(tier) = tier.as_object_mut() {
                tier.retain(|key, _| OF_TIER.contains(&key.as_str()));
            }
        }
        let sections = Json::Object(sections);
        let mut mentions = BTreeSet::new();
        texts(&sections, &mut mentions);
        let book = RuleBook::read(&sections).map_err(told)?;
        let program = Program::compile(&book).map_err(told)?;
        Ok(Self { slug, states, book, program, mentions })
    }

    /// What can be evaluated but is hardly meant.
    pub fn warnings(&self) -> &[Fault] {
        self.program.warnings()
    }

    /// Whether it states a version of a program. A case file may bear the names of several programs in its title.
    pub fn states(&self, title: &str, version: &str) -> bool {
        let holds = |program: &str| same(title, program) || words_of(title).contains(&words_of(program));
        let states =
            |(program, versions): &(String, Vec<String>)| holds(program) && versions.iter().any(|it| same(it, version));
        self.states.iter().any(states)
    }

    /// How much of what a case gives it knows: facts first, then texts such as certificates and currencies.
    pub(super) fn knows(&self, case: &Case) -> (usize, usize) {
        let given = given::plain(&case.given);
        let facts = given.keys().filter(|name| self.book.facts.contains_key(name.as_str())).count();
        let mut given_texts = BTreeSet::new();
        texts(&Json::Object(given), &mut given_texts);
        (facts, given_texts.intersection(&self.mentions).count())
    }

    /// What it answers to everything that a case expects.
    pub(super) fn answer(&self, case: &Case) -> Supported<Vec<Answer>> {
        let mut asked = Vec::new();
        for (name, expected) in case.expected() {
            let Some(found) = self.find(name, expected, case) else {
                return Err(Unsupported::new(format!("defines no \"{name}\"")));
            };
            asked.push((name, found));
        }
        let mut given = given::plain(&case.given);
        given::as_declared(&mut given, |name| self.book.facts.get(name).cloned());
        let facts = self
            .program
            .read_known_facts(&Json::Object(given))
            .map_err(|faults| Unsupported::new(format!("its facts cannot take what is given: {}", told(faults))))?;
        let usual = given::day_of(&case.given);
        Ok(asked
            .into_iter()
            .map(|(name, (asked, day))| self.evaluated(name, &asked, &facts, day.unwrap_or(usual)))
            .collect())
    }

    /// What stands for a name, and the day that the name holds.
    fn find(&self, name: &str, expected: &Json, case: &Case) -> Option<(Asked, Option<chrono::NaiveDate>)> {
        if let Some(found) = self.plain(name, expected, case) {
            return Some((found, None));
        }
        let (name, _, day) = given::split(name)?;
        Some((self.plain(name, expected, case)?, Some(day)))
    }

    fn plain(&self, name: &str, expected: &Json, case: &Case) -> Option<Asked> {
        if self.book.rules.contains_key(name) {
            return Some(Asked::Rule(name.to_owned()));
        }
        if self.book.metrics.contains_key(name) {
            return Some(Asked::Named(name.to_owned()));
        }
        if self.book.scores.contains_key(name) {
            return Some(Asked::Named(format!("score.{name}")));
        }
        match name {
            "tier" if !self.book.tiers.is_empty() => Some(Asked::Tier(expected.clone())),
            "component" => expected.as_str().map(Value::text).map(Asked::Literally),
            "points" | "score" => match case.expect.get("component").and_then(Json::as_str) {
                Some(component) => self.component(component),
                None => self.only_score().map(|score| Asked::Named(format!("score.{score}"))),
            },
            _ => self.component(name),
        }
    }

    /// The score that is no path of another, if it is one alone.
    fn only_score(&self) -> Option<&str> {
        let is_path = |name: &String| self.book.scores.values().any(|score| score.paths.contains(name));
        let mut scores = self.book.scores.keys().filter(|name| !is_path(name));
        match (scores.next(), scores.next()) {
            (Some(score), None) => Some(score),
            _ => None,
        }
    }

    fn component(&self, component: &str) -> Option<Asked> {
        let score = self.only_score()?;
        let name = format!("score.{score}.{component}");
        let facts = self.program.read_facts(&json!({})).ok()?;
        self.program.answer(&name, &facts, chrono::NaiveDate::default())?;
        Some(Asked::Named(name))
    }

    fn evaluated(&self, name: &str, asked: &Asked, facts: &Facts, day: chrono::NaiveDate) -> Answer {
        let unknown = Value::Unknown(Unknown::Undefined);
        let named = |it: &str| self.program.answer(it, facts, day).unwrap_or(unknown.clone());
        let why = |it: &str| words::of(self.program.explain(it, facts, day));
        let (value, why) = match asked {
            Asked::Literally(value) => (value.clone(), Vec::new()),
            Asked::Named(it) => (named(it), why(it)),
            // What is not known is not met.
            Asked::Rule(it) => (Value::Boolean(named(it).truth() == Some(true)), why(it)),
            Asked::Tier(expected) => words::of_tier(&self.program, facts, day, expected),
        };
        Answer { name: name.to_owned(), value, why }
    }
}

const STATED: &str = "/published_as: is not a list of {program, versions}";

fn stated(json: &Json) -> Option<(String, Vec<String>)> {
    let versions = json.get("versions")?.as_array()?;
    let versions = versions.iter().map(|version| version.as_str().map(str::to_owned)).collect::<Option<_>>()?;
    Some((json.get("program")?.as_str()?.to_owned(), versions))
}

/// Every text in a value, keys among them.
fn texts(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::String(text) => {
            found.insert(text.clone());
        }
        Json::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Json::Object(map) => {
            for (key, item) in map {
                found.insert(key.clone());
                texts(item, found);
            }
        }
        _ => {}
    }
}

fn same(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

/// The words of a title, each between spaces, so that only whole words are found in it.
fn words_of(title: &str) -> String {
    let words: Vec<String> = title
        .split(|c: char| !c.is_alphanumeric() && c != '+')
        .filter(|it| !it.is_empty())
        .map(str::to_lowercase)
        .collect();
    format!(" {} ", words.join(" "))
}

fn told(faults: Vec<Fault>) -> String {
    let told: Vec<String> =
        faults.iter().filter(|it| it.is_error()).map(|fault| format!("{}: {}", fault.pointer, fault.detail)).collect();
    told.join("; ")
}

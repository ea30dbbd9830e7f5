//! Names: those that a book gives, and those that it uses.

use std::collections::BTreeMap;

use super::{About, Compiler, Kind, Named, Typed};
use crate::{
    fault::{below, unknown},
    node::Op,
};

/// What no fact, metric or rule may be called.
const RESERVED: [&str; 7] = ["as_of", "row", "outer", "score", "eligibility", "true", "false"];
/// How long a name may be.
const LENGTH: usize = 64;

/// Whether it is `[a-z][a-z0-9_]*`, of up to 64 characters.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= LENGTH
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The steps of a dotted name: `acr.now`, `usage."SKU 1.0"`.
pub(crate) fn steps(path: &str) -> Option<Vec<&str>> {
    let (mut steps, mut rest) = (Vec::new(), path);
    loop {
        let step = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').map(|(step, _)| step)?,
            None => rest.split('.').next()?,
        };
        let quotes = if rest.starts_with('"') { 2 } else { 0 };
        rest = rest.get(step.len() + quotes..)?;
        if step.is_empty() {
            return None;
        }
        steps.push(step);
        match rest.strip_prefix('.') {
            Some(next) => rest = next,
            None => return rest.is_empty().then_some(steps),
        }
    }
}

impl Compiler<'_> {
    /// Checks the names that the book gives: their form, and that each is given once.
    pub(super) fn names(&mut self) {
        let book = self.book;
        let mut given: BTreeMap<&str, &str> = BTreeMap::new();
        let all = [
            ("/facts", book.facts.keys().collect::<Vec<_>>()),
            ("/metrics", book.metrics.keys().collect()),
            ("/rules", book.rules.keys().collect()),
        ];
        for (section, names) in all {
            for name in names {
                let at = below(section, name);
                self.name(name, &at);
                if RESERVED.contains(&name.as_str()) {
                    self.error(&at, "reserved", format!("\"{name}\" means something else; use another name"));
                }
                if let Some(first) = given.insert(name, section) {
                    self.error(&at, "duplicate", format!("\"{name}\" stands in {first} too; use another name"));
                }
            }
        }
        for (section, names) in
            [("/tables", book.tables.keys().collect::<Vec<_>>()), ("/scores", book.scores.keys().collect())]
        {
            for name in names {
                self.name(name, &below(section, name));
            }
        }
    }

    pub(super) fn name(&mut self, name: &str, at: &str) {
        if !is_name(name) {
            let words = "is no name: lower-case letters, digits and _, first a letter, at most 64 of them";
            self.error(at, "name", words);
        }
    }

    /// Compiles the use of a name.
    pub(super) fn use_name(&mut self, path: &str, at: &str) -> Typed {
        let Some(found) = steps(path) else {
            self.error(at, "name", format!("\"{path}\" is no name; keys with dots stand in quotes: fact.\"a.b\""));
            return self.nothing(at);
        };
        match found.as_slice() {
            ["as_of"] => self.reference(path, at, Op::AsOf, About::new(Kind::Date)),
            ["row", column] => self.column(column, false, path, at),
            ["outer", column] => self.column(column, true, path, at),
            ["score", name] => self.use_score(name, &[], path, at),
            ["score", name, component @ ..] => self.use_score(name, component, path, at),
            [name] => self.use_plain(name, at),
            [fact, key] => self.use_key(fact, key, path, at),
            _ => {
                self.error(at, "unknown_name", format!("\"{path}\" reaches too deep: a fact's key is one step"));
                self.nothing(at)
            }
        }
    }

    fn use_plain(&mut self, name: &str, at: &str) -> Typed {
        if let Some(place) = self.fact_places.get(name).copied() {
            let about = self.fact_about(place);
            return self.reference(name, at, Op::Fact(place), about);
        }
        if let Some(place) = self.metrics.iter().position(|(it, ..)| *it == name) {
            let about = self.named(Named::Metric(place), at);
            return self.reference(name, at, Op::Metric(place), about);
        }
        if let Some(place) = self.rules.iter().position(|(it, ..)| *it == name) {
            let about = self.named(Named::Rule(place), at);
            return self.reference(name, at, Op::Rule(place), about);
        }
        let mut words = self.unknown_name(name);
        if self.book.scores.contains_key(name) {
            words = format!("there is no name \"{name}\"; the score is \"score.{name}\"");
        }
        self.error(at, "unknown_name", words);
        self.nothing(at)
    }

    fn unknown_name(&self, name: &str) -> String {
        let book = self.book;
        let names = book.facts.keys().chain(book.metrics.keys()).chain(book.rules.keys()).map(String::as_str);
        let words = unknown("name", name, names.chain(["as_of"]));
        if words.ends_with('?') { words } else { format!("{words}; a text is written {{text: {name}}}") }
    }

    fn fact_about(&self, place: usize) -> About {
        let Some(fact) = self.facts.get(place) else { return About::new(Kind::Any) };
        let mut about = About::new(fact.kind.clone());
        about.unit.clone_from(&fact.unit);
        about
    }

    fn use_key(&mut self, name: &str, key: &str, path: &str, at: &str) -> Typed {
        let Some(place) = self.fact_places.get(name).copied() else {
            let words = unknown("fact", name, self.book.facts.keys().map(String::as_str));
            self.error(at, "unknown_name", words);
            return self.nothing(at);
        };
        let mut about = self.fact_about(place);
        let Kind::Map(of) = about.kind else {
            if about.kind != Kind::Any {
                self.error(at, "type", format!("\"{name}\" is {}, which has no keys", about.kind));
            }
            return self.nothing(at);
        };
        about.kind = *of;
        self.reference(path, at, Op::Key { fact: place, key: key.into() }, about)
    }

    fn column(&mut self, column: &str, outer: bool, path: &str, at: &str) -> Typed {
        let back = if outer { 2 } else { 1 };
        let Some(columns) = self.rows.len().checked_sub(back).and_then(|place| self.rows.get(place)).cloned() else {
            let words = "stands only in value, where and day of rows (outer: of rows within rows)";
            self.error(at, "unknown_name", format!("\"{path}\" {words}"));
            return self.nothing(at);
        };
        match columns.iter().position(|(name, _)| **name == *column) {
            Some(place) => {
                let kind = columns.get(place).map_or(Kind::Any, |(_, kind)| kind.clone());
                self.reference(path, at, Op::Column { outer, at: place }, About::new(kind))
            }
            None => {
                let words = unknown("column", column, columns.iter().map(|(name, _)| &**name));
                self.error(at, "unknown_name", words);
                self.nothing(at)
            }
        }
    }

    fn use_score(&mut self, name: &str, component: &[&str], path: &str, at: &str) -> Typed {
        let Some(score) = self.scores.iter().position(|(it, ..)| *it == name) else {
            let words = unknown("score", name, self.book.scores.keys().map(String::as_str));
            self.error(at, "unknown_name", words);
            return self.nothing(at);
        };
        let about = self.named(Named::Score(score), at);
        if component.is_empty() {
            return self.reference(path, at, Op::Score(score), about);
        }
        let wanted = component.join(".");
        match self.part_places(score, &wanted) {
            Ok(places) => {
                let (mut about, height) = (About::new(Kind::Number), about.height);
                about.height = height;
                about.range = self.part_range(score, &places);
                self.reference(path, at, Op::Part { score, at: places.into() }, about)
            }
            Err(words) => {
                if !words.is_empty() {
                    self.error(at, "unknown_name", words);
                }
                self.nothing(at)
            }
        }
    }
}

//! Facts put together value by value, by who has them in rows and not in a text; and facts as JSON again.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::{Facts, Number, Program, Records, Unknown, Value, facts::VALUES, value::Kind};

/// What a value or a row of a fact rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What it is called where it comes from: a deal, an observation, an acceptance.
    pub id: Arc<str>,
    /// Why something of it is not counted, if something is not.
    pub note: Option<Arc<str>>,
}

/// What each fact rests on, row by row; of one value, the one.
pub(crate) type References = Box<[Arc<[Reference]>]>;

/// A certificate of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    /// Who holds it.
    pub person: Arc<str>,
    /// Which.
    pub certificate: Value,
    /// The first day on which it is valid.
    pub valid_from: Value,
    /// The last day on which it is valid.
    pub valid_to: Value,
    /// The last day on which it counts.
    pub counts_until: Value,
    /// When it was retired.
    pub retired: Value,
}

/// Facts of one partner in the making.
#[derive(Debug)]
pub struct Builder<'p> {
    program: &'p Program,
    values: Box<[Value]>,
    references: References,
}

impl Program {
    /// Facts that are to be put together: at first, each has its default or is unknown.
    pub fn builder(&self) -> Builder<'_> {
        let nothing: Arc<[Reference]> = Arc::new([]);
        Builder { program: self, values: self.unknown_facts(), references: vec![nothing; self.facts.len()].into() }
    }

    /// The place of a fact, by which it is built.
    pub fn place(&self, fact: &str) -> Option<usize> {
        self.fact_places.get(fact).copied()
    }

    /// The kind of the fact at a place.
    pub fn kind(&self, place: usize) -> Option<&Kind> {
        self.facts.get(place).map(|fact| &fact.kind)
    }

    /// The unit of the fact at a place.
    pub fn unit(&self, place: usize) -> Option<&str> {
        self.facts.get(place)?.unit.as_deref()
    }

    /// The facts as [`Program::read_facts`] takes them; those that are not known are left out.
    pub fn facts_as_json(&self, facts: &Facts) -> Json {
        let known = self.fact_places.iter().filter_map(|(name, place)| {
            let value = facts.values.get(*place).filter(|value| value.is_known())?;
            let kind = &self.facts.get(*place)?.kind;
            Some((name.clone(), as_json(kind, value)))
        });
        Json::Object(known.collect())
    }
}

impl Builder<'_> {
    /// Gives a fact one value, a list or a map, and says what it rests on: of a list or map, entry by entry.
    pub fn set(&mut self, place: usize, value: Value, references: Vec<Reference>) {
        if let Some(slot) = self.values.get_mut(place) {
            *slot = value;
        }
        if let Some(slot) = self.references.get_mut(place) {
            *slot = references.into();
        }
    }

    /// Gives a fact its rows: the cells of one after the other, in the order of its columns, and what each rests on.
    /// More than a fact may hold is too large to be known.
    pub fn rows(&mut self, place: usize, cells: Vec<Value>, references: Vec<Reference>) {
        let columns = match self.program.kind(place) {
            Some(Kind::Records(columns)) => columns.clone(),
            _ => return,
        };
        self.records(place, columns.iter().map(|(name, _)| name.clone()).collect(), cells, references);
    }

    /// Gives a fact its people, in any order.
    pub fn people(&mut self, place: usize, mut rows: Vec<(Certificate, Reference)>) {
        // Those of a person stand beside each other; the rest only so that it is always the same.
        rows.sort_by(|(a, x), (b, y)| (&a.person, &x.id).cmp(&(&b.person, &y.id)));
        let (mut cells, mut references) = (Vec::with_capacity(rows.len() * 6), Vec::with_capacity(rows.len()));
        for (row, reference) in rows {
            let Certificate { person, certificate, valid_from, valid_to, counts_until, retired } = row;
            cells.extend([Value::Text(person), certificate, valid_from, valid_to, counts_until, retired]);
            references.push(reference);
        }
        let columns = crate::facts::people_columns();
        self.records(place, columns.iter().map(|(name, _)| name.clone()).collect(), cells, references);
    }

    fn records(&mut self, place: usize, columns: Arc<[Arc<str>]>, cells: Vec<Value>, references: Vec<Reference>) {
        if cells.len() > VALUES {
            self.set(place, Value::Unknown(Unknown::TooLarge), Vec::new());
        } else {
            self.set(place, Value::Records(Arc::new(Records { columns, cells })), references);
        }
    }

    /// The facts.
    pub fn finish(self) -> Facts {
        Facts { values: self.values, references: self.references }
    }
}

/// A value of a scalar kind, read of a text as [`Program::read_facts`] would; `None` if it is not one.
pub fn scalar(kind: &Kind, text: &str) -> Option<Value> {
    match kind {
        Kind::Number => text.parse::<Number>().ok().map(Value::Number),
        Kind::Date => text.parse().ok().map(Value::Date),
        Kind::Boolean => text.parse().ok().map(Value::Boolean),
        Kind::Text => Some(Value::text(text)),
        Kind::List(_) | Kind::Map(_) | Kind::Records(_) | Kind::People | Kind::Any => None,
    }
}

fn as_json(kind: &Kind, value: &Value) -> Json {
    match (kind, value) {
        (Kind::People, Value::Records(records)) => people_as_json(records),
        (_, Value::Records(records)) => {
            let rows = (0..records.len()).map(|at| Json::Object(cells_as_json(records, at, 0)));
            Json::Array(rows.collect())
        }
        (_, value) => serde_json::to_value(value).unwrap_or_default(),
    }
}

/// The row's cells from one on, by column; sorted by name, whether or not JSON keeps their order.
fn cells_as_json(records: &Records, row: usize, from: usize) -> Map<String, Json> {
    let named = records.columns.iter().zip(records.row(row)).skip(from);
    let mut cells: Vec<_> = named.filter(|(_, cell)| cell.is_known()).collect();
    cells.sort_by_key(|(name, _)| *name);
    cells.into_iter().map(|(name, cell)| (name.to_string(), as_json(&Kind::Any, cell))).collect()
}

fn people_as_json(records: &Records) -> Json {
    let mut people: Vec<(String, Json)> = Vec::new();
    for at in 0..records.len() {
        let Some(Value::Text(person)) = records.row(at).first() else { continue };
        let held = Json::Object(cells_as_json(records, at, 1));
        match people.last_mut() {
            Some((name, Json::Array(all))) if **name == **person => all.push(held),
            _ => people.push((person.to_string(), Json::Array(vec![held]))),
        }
    }
    Json::Object(people.into_iter().collect())
}

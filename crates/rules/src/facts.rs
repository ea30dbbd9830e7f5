//! Facts: what is known of one partner, read from JSON against what the book declares.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value as Json};

use crate::{
    Fault, Number, Program, Records, Unknown, Value,
    book::Literal,
    build::References,
    fault::{below, unknown},
    value::{Columns, Kind},
};

/// How many values one fact may hold, cells of records counted.
pub(crate) const VALUES: usize = 200_000;
/// How long a text may be.
const TEXT: usize = 2_000;

/// A fact as compiled.
#[derive(Debug, Clone)]
pub(crate) struct FactCode {
    pub kind: Kind,
    pub unit: Option<Arc<str>>,
    pub default: Option<Value>,
}

/// What is known of one partner. Made by [`Program::read_facts`] or [`Program::builder`]; belongs to that program.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    pub(crate) values: Box<[Value]>,
    /// What they rest on, by place; nothing of facts that came as a text.
    pub(crate) references: References,
}

/// The columns of people, in their order.
const CERTIFICATE: [(&str, Kind); 6] = [
    ("person", Kind::Text),
    ("certificate", Kind::Text),
    ("valid_from", Kind::Date),
    ("valid_to", Kind::Date),
    ("counts_until", Kind::Date),
    ("retired", Kind::Date),
];

pub(crate) fn people_columns() -> Columns {
    CERTIFICATE.iter().map(|(name, kind)| ((*name).into(), kind.clone())).collect()
}

impl Program {
    /// Reads facts: a JSON object by the facts' names. A fact that is left out or null has its default, or is unknown.
    ///
    /// # Errors
    /// Every fact that the book does not declare and every value of the wrong kind, each with its pointer.
    pub fn read_facts(&self, json: &Json) -> Result<Facts, Vec<Fault>> {
        self.read(json, true)
    }

    /// Reads facts, and passes over those that the book does not declare.
    ///
    /// # Errors
    /// Every value of the wrong kind, with its pointer.
    pub fn read_known_facts(&self, json: &Json) -> Result<Facts, Vec<Fault>> {
        self.read(json, false)
    }

    fn read(&self, json: &Json, strict: bool) -> Result<Facts, Vec<Fault>> {
        let Some(given) = json.as_object() else {
            return Err(vec![Fault::error("", "type", "is not a map of facts by name")]);
        };
        let mut faults = Vec::new();
        let mut values = self.unknown_facts();
        for (name, json) in given {
            let place = self.fact_places.get(name.as_str()).copied();
            let declared = place.and_then(|place| Some((values.get_mut(place)?, self.facts.get(place)?)));
            match declared {
                Some(_) if json.is_null() => {}
                Some((slot, fact)) => *slot = read_value(&fact.kind, json, &below("", name), &mut faults),
                None if strict => {
                    let words = unknown("fact", name, self.fact_places.keys().map(String::as_str));
                    faults.push(Fault::error(below("", name), "unknown_fact", words));
                }
                None => {}
            }
        }
        if faults.is_empty() { Ok(Facts { values, references: References::default() }) } else { Err(faults) }
    }

    /// What every fact is before anything is known.
    pub(crate) fn unknown_facts(&self) -> Box<[Value]> {
        let default = |fact: &FactCode| fact.default.clone().unwrap_or(Value::Unknown(Unknown::Missing));
        self.facts.iter().map(default).collect()
    }
}

/// Reads a value of a kind. What is null is unknown; what is wrong is a fault, and unknown.
pub(crate) fn read_value(kind: &Kind, json: &Json, at: &str, faults: &mut Vec<Fault>) -> Value {
    if json.is_null() {
        return Value::Unknown(Unknown::Missing);
    }
    match kind {
        Kind::List(of) => list(of, json, at, faults),
        Kind::Map(of) => map(of, json, at, faults),
        Kind::Records(columns) => records(columns, json, at, faults),
        Kind::People => people(json, at, faults),
        scalar => self::scalar(scalar, json, at, faults),
    }
}

fn scalar(kind: &Kind, json: &Json, at: &str, faults: &mut Vec<Fault>) -> Value {
    let read = match (kind, json) {
        (Kind::Number, Json::Number(_) | Json::String(_)) => number(json).map(Value::Number),
        (Kind::Text, Json::String(text)) if text.len() > TEXT => Err(format!("is longer than {TEXT} characters")),
        (Kind::Text | Kind::Date, Json::String(text)) => {
            Literal::Text(text.clone()).of_kind(kind).ok_or_else(|| "is no date such as 2026-01-31".to_owned())
        }
        (Kind::Boolean, Json::Bool(it)) => Ok(Value::Boolean(*it)),
        _ => Err(format!("is not {kind}")),
    };
    read.unwrap_or_else(|words| wrong(at, words, faults))
}

fn number(json: &Json) -> Result<Number, String> {
    use serde::Deserialize;
    Number::deserialize(json).map_err(|error| error.to_string())
}

fn wrong(at: &str, words: impl Into<String>, faults: &mut Vec<Fault>) -> Value {
    faults.push(Fault::error(at, "type", words));
    Value::Unknown(Unknown::Missing)
}

fn list(of: &Kind, json: &Json, at: &str, faults: &mut Vec<Fault>) -> Value {
    let Some(items) = json.as_array() else { return wrong(at, "is not a list", faults) };
    if items.len() > VALUES {
        return wrong(at, format!("holds more than {VALUES} values"), faults);
    }
    let read = |(place, item)| read_value(of, item, &below(at, place), faults);
    Value::List(items.iter().enumerate().map(read).collect())
}

fn map(of: &Kind, json: &Json, at: &str, faults: &mut Vec<Fault>) -> Value {
    let Some(entries) = json.as_object() else { return wrong(at, "is not a map", faults) };
    if entries.len() > VALUES {
        return wrong(at, format!("holds more than {VALUES} values"), faults);
    }
    // Sorted anew: serde_json may keep the order of the text.
    let sorted: BTreeMap<&String, &Json> = entries.iter().collect();
    let read = |(key, item): (&String, &Json)| (key.as_str().into(), read_value(of, item, &below(at, key), faults));
    Value::Map(sorted.into_iter().map(read).collect())
}

fn records(columns: &[(Arc<str>, Kind)], json: &Json, at: &str, faults: &mut Vec<Fault>) -> Value {
    let Some(rows) = json.as_array() else { return wrong(at, "is not a list of rows", faults) };
    if rows.len().saturating_mul(columns.len()) > VALUES {
        return wrong(at, format!("holds more than {VALUES} values"), faults);
    }
    let mut cells = Vec::with_capacity(rows.len() * columns.len());
    for (place, row) in rows.iter().enumerate() {
        let here = below(at, place);
        match row {
            Json::Object(fields) => by_name(columns, fields, &here, &mut cells, faults),
            Json::Array(fields) => by_place(columns, fields, &here, &mut cells, faults),
            _ => {
                wrong(&here, "is not a row: a map, or a list in the order of the columns", faults);
            }
        }
    }
    Value::Records(Arc::new(Records { columns: columns.iter().map(|(name, _)| name.clone()).collect(), cells }))
}

fn by_name(
    columns: &[(Arc<str>, Kind)],
    row: &Map<String, Json>,
    at: &str,
    cells: &mut Vec<Value>,
    faults: &mut Vec<Fault>,
) {
    for name in row.keys().filter(|name| !columns.iter().any(|(column, _)| **column == ***name)) {
        let words = unknown("column", name, columns.iter().map(|(name, _)| &**name));
        faults.push(Fault::error(below(at, name), "unknown_column", words));
    }
    for (name, kind) in columns {
        let cell = row.get(&**name).unwrap_or(&Json::Null);
        cells.push(read_value(kind, cell, &below(at, name), faults));
    }
}

fn by_place(columns: &[(Arc<str>, Kind)], row: &[Json], at: &str, cells: &mut Vec<Value>, faults: &mut Vec<Fault>) {
    if row.len() != columns.len() {
        faults.push(Fault::error(at, "length", format!("has {} values for {} columns", row.len(), columns.len())));
    }
    for (place, (_, kind)) in columns.iter().enumerate() {
        let cell = row.get(place).unwrap_or(&Json::Null);
        cells.push(read_value(kind, cell, &below(at, place), faults));
    }
}

/// People by name: `{ann: [cert_a, {certificate: cert_b, valid_to: 2026-12-31}]}`.
fn people(json: &Json, at: &str, faults: &mut Vec<Fault>) -> Value {
    let Some(all) = json.as_object() else { return wrong(at, "is not a map of people by name", faults) };
    let columns = people_columns();
    let mut cells = Vec::new();
    let sorted: BTreeMap<&String, &Json> = all.iter().collect();
    for (person, certificates) in sorted {
        let here = below(at, person);
        let Some(certificates) = certificates.as_array() else {
            wrong(&here, "is not a list of certificates", faults);
            continue;
        };
        let name = Value::text(person);
        for (place, certificate) in certificates.iter().enumerate() {
            let here = below(&here, place);
            cells.push(name.clone());
            match certificate {
                Json::Object(fields) => {
                    if !fields.contains_key("certificate") {
                        wrong(&here, "has no certificate", faults);
                    }
                    by_name(columns.get(1..).unwrap_or_default(), fields, &here, &mut cells, faults);
                }
                short => {
                    cells.push(scalar(&Kind::Text, short, &here, faults));
                    cells.extend(std::iter::repeat_n(Value::Unknown(Unknown::Missing), CERTIFICATE.len() - 2));
                }
            }
            if cells.len() > VALUES {
                return wrong(at, format!("holds more than {VALUES} values"), faults);
            }
        }
    }
    Value::Records(Arc::new(Records { columns: columns.iter().map(|(name, _)| name.clone()).collect(), cells }))
}

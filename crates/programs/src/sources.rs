//! Where the engine takes facts from: what it knows under which name, with which columns, and what a document may not
//! say about it.

use std::collections::BTreeMap;

use contract::{child, nearest};
use kernel::{Currency, Fault};
use rules::book::{Column, Fact, FactType, Scalar, Source};

/// What the engine knows under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Engine {
    /// The name.
    pub name: &'static str,
    /// What it is of.
    pub shape: Shape,
    /// Whether other systems may report it too, as observations.
    pub open: bool,
}

/// What something that the engine knows looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Rows with these columns. The day of a row is the first of dates, its value the only number that is said.
    Rows(&'static [(&'static str, Scalar)]),
    /// People and their certificates.
    People,
    /// One value.
    One(Scalar),
}

/// The column of an amount of money. Its currency stands in the column `currency`.
pub const AMOUNT: &str = "amount";

const REGISTRATIONS: &[(&str, Scalar)] = &[
    ("approved", Scalar::Date),
    ("registered", Scalar::Date),
    ("closed", Scalar::Date),
    ("status", Scalar::Text),
    (AMOUNT, Scalar::Number),
    ("currency", Scalar::Text),
    ("products", Scalar::Number),
    ("country", Scalar::Text),
    ("deal", Scalar::Text),
];

const TRANSACTIONS: &[(&str, Scalar)] = &[
    ("day", Scalar::Date),
    (AMOUNT, Scalar::Number),
    ("currency", Scalar::Text),
    ("kind", Scalar::Text),
    ("product", Scalar::Text),
    ("region", Scalar::Text),
    ("country", Scalar::Text),
    ("deal", Scalar::Text),
];

const AGREEMENTS: &[(&str, Scalar)] =
    &[("accepted", Scalar::Date), ("agreement", Scalar::Text), ("version", Scalar::Number)];

const TRAINING: &[(&str, Scalar)] = &[
    ("enrolled", Scalar::Date),
    ("completed", Scalar::Date),
    ("due", Scalar::Date),
    ("kind", Scalar::Text),
    ("item", Scalar::Text),
    ("status", Scalar::Text),
    ("person", Scalar::Text),
    ("score", Scalar::Number),
];

const AWARDS: &[(&str, Scalar)] = &[
    ("awarded", Scalar::Date),
    ("certification", Scalar::Text),
    ("person", Scalar::Text),
    ("days", Scalar::Number),
    ("renewal", Scalar::Boolean),
];

/// Everything that the engine knows.
pub const ENGINES: &[Engine] = &[
    Engine { name: "registrations", shape: Shape::Rows(REGISTRATIONS), open: false },
    Engine { name: "transactions", shape: Shape::Rows(TRANSACTIONS), open: true },
    Engine { name: "certificates", shape: Shape::People, open: true },
    Engine { name: "training", shape: Shape::Rows(TRAINING), open: false },
    Engine { name: "awards", shape: Shape::Rows(AWARDS), open: false },
    Engine { name: "agreements", shape: Shape::Rows(AGREEMENTS), open: false },
    Engine { name: "agreement", shape: Shape::One(Scalar::Boolean), open: false },
    Engine { name: "enrolled_on", shape: Shape::One(Scalar::Date), open: false },
    Engine { name: "country", shape: Shape::One(Scalar::Text), open: false },
    Engine { name: "tier", shape: Shape::One(Scalar::Text), open: false },
    Engine { name: "partner_type", shape: Shape::One(Scalar::Text), open: false },
];

/// What the engine knows under this name.
pub fn engine(name: &str) -> Option<&'static Engine> {
    ENGINES.iter().find(|engine| engine.name == name)
}

/// The unit in which a column of a fact counts money, or the fact itself; `None` if it counts none.
///
/// A unit that is said is meant; else amounts are in the program's currency.
pub fn unit_of<'a>(said: Option<&'a str>, is_amount: bool, currency: Option<&'a str>) -> Option<&'a str> {
    said.or(if is_amount { currency } else { None })
}

/// The column of the store that a column of the document stands for: the one of its name, or, for the only column of
/// dates or of numbers, the row's day or value.
pub fn column(engine: &Engine, columns: &[Column], column: &Column) -> Option<&'static str> {
    let Shape::Rows(known) = engine.shape else { return None };
    if let Some((name, _)) = known.iter().find(|(name, _)| *name == column.name) {
        return Some(name);
    }
    let only = columns.iter().filter(|other| other.kind == column.kind).count() == 1;
    let usual = match column.kind {
        Scalar::Date => known.iter().find(|(_, kind)| *kind == Scalar::Date),
        Scalar::Number => known.iter().find(|(name, _)| *name == AMOUNT),
        Scalar::Text | Scalar::Boolean => None,
    };
    usual.filter(|_| only).map(|(name, _)| *name)
}

/// What is wrong with the sources of a document's facts.
pub(crate) fn faults(facts: &BTreeMap<String, Fact>, currency: Option<Currency>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, fact) in facts {
        let at = child("/facts", name);
        match &fact.source {
            Some(Source::Engine(source)) => of_engine(source, fact, currency, &at, &mut faults),
            Some(Source::Observation(source)) if engine(source).is_some_and(|engine| !engine.open) => {
                let detail = format!("{source} is known to the engine alone: say engine: {source}");
                faults.push(Fault::at(&format!("{at}/source/observation"), "reserved", detail));
            }
            Some(Source::Manual(_)) if !is_one(fact.kind) => {
                let detail = "must be number, text, boolean or date: people enter one value";
                faults.push(Fault::at(&format!("{at}/type"), "type", detail));
            }
            Some(Source::Observation(_) | Source::Manual(_)) | None => {}
        }
    }
    faults
}

/// Whether a fact of the kind is one value.
fn is_one(kind: FactType) -> bool {
    matches!(kind, FactType::Number | FactType::Text | FactType::Boolean | FactType::Date)
}

fn of_engine(source: &str, fact: &Fact, currency: Option<Currency>, at: &str, faults: &mut Vec<Fault>) {
    let Some(engine) = engine(source) else {
        let names: Vec<String> = ENGINES.iter().map(|engine| engine.name.to_owned()).collect();
        let detail = match nearest(source, &names) {
            Some(near) => format!("the engine knows no \"{source}\"; did you mean \"{near}\"?"),
            None => format!("the engine knows no \"{source}\"; it knows {}", names.join(", ")),
        };
        faults.push(Fault::at(&format!("{at}/source/engine"), "unknown_name", detail));
        return;
    };
    let (wanted, right) = match engine.shape {
        Shape::Rows(_) => ("records", fact.kind == FactType::Records),
        Shape::People => ("people", fact.kind == FactType::People),
        Shape::One(Scalar::Number) => ("number", fact.kind == FactType::Number),
        Shape::One(Scalar::Text) => ("text", fact.kind == FactType::Text),
        Shape::One(Scalar::Boolean) => ("boolean", fact.kind == FactType::Boolean),
        Shape::One(Scalar::Date) => ("date", fact.kind == FactType::Date),
    };
    if !right {
        faults.push(Fault::at(&format!("{at}/type"), "type", format!("must be {wanted}: that is what {source} is")));
        return;
    }
    let Shape::Rows(known) = engine.shape else { return };
    for (place, wanted) in fact.columns.iter().enumerate() {
        let here = format!("{at}/columns/{place}");
        let Some(stored) = column(engine, &fact.columns, wanted) else {
            faults.push(Fault::at(
                &format!("{here}/name"),
                "unknown_name",
                unknown_column(source, &wanted.name, known),
            ));
            continue;
        };
        let kind = known.iter().find(|(name, _)| *name == stored).map(|(_, kind)| *kind);
        if kind.is_some_and(|kind| kind != wanted.kind) {
            let detail = format!("must be {}: that is what {stored} of {source} is", kind.map_or("", word));
            faults.push(Fault::at(&format!("{here}/type"), "type", detail));
        } else if stored == AMOUNT && wanted.unit.is_none() && currency.is_none() {
            let detail =
                "is required: amounts are counted in one currency, that of the column's unit or of the program";
            faults.push(Fault::at(&format!("{here}/unit"), "required", detail));
        }
    }
}

fn unknown_column(source: &str, name: &str, known: &[(&str, Scalar)]) -> String {
    let names: Vec<String> = known.iter().map(|(name, _)| (*name).to_owned()).collect();
    match nearest(name, &names) {
        Some(near) => format!("{source} has no column \"{name}\"; did you mean \"{near}\"?"),
        None => format!("{source} has no column \"{name}\"; its columns are {}", names.join(", ")),
    }
}

fn word(kind: Scalar) -> &'static str {
    match kind {
        Scalar::Number => "number",
        Scalar::Text => "text",
        Scalar::Boolean => "boolean",
        Scalar::Date => "date",
    }
}

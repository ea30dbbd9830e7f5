//! Facts and tables: what the book declares.

use std::collections::BTreeMap;

use super::{Columns, Compiler, Kind};
use crate::{
    Value,
    book::{Cell, Fact, FactType, Scalar, Table},
    facts::{FactCode, people_columns, read_value},
    fault::below,
    node::Entries,
};

impl From<Scalar> for Kind {
    fn from(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Number => Self::Number,
            Scalar::Text => Self::Text,
            Scalar::Boolean => Self::Boolean,
            Scalar::Date => Self::Date,
        }
    }
}

impl Compiler<'_> {
    pub(super) fn facts(&mut self) {
        for (name, fact) in &self.book.facts {
            let at = below("/facts", name);
            let kind = self.fact_kind(fact, &at);
            let mut code = FactCode { kind, unit: None, default: None };
            code.unit = fact.unit.as_deref().map(Into::into);
            if let Some(default) = &fact.default {
                let mut faults = Vec::new();
                code.default = Some(read_value(&code.kind, default, &below(&at, "default"), &mut faults));
                self.faults.append(&mut faults);
            }
            self.fact_places.insert(name.clone(), self.facts.len());
            self.facts.push(code);
        }
    }

    fn fact_kind(&mut self, fact: &Fact, at: &str) -> Kind {
        let takes_of = matches!(fact.kind, FactType::List | FactType::Map);
        if fact.of.is_some() && !takes_of {
            self.error(&below(at, "of"), "meaningless", "only a list and a map are of something");
        }
        if !fact.columns.is_empty() && fact.kind != FactType::Records {
            self.error(&below(at, "columns"), "meaningless", "only records have columns");
        }
        let of = || Box::new(Kind::from(fact.of.unwrap_or(Scalar::Number)));
        match fact.kind {
            FactType::Number => Kind::Number,
            FactType::Text => Kind::Text,
            FactType::Boolean => Kind::Boolean,
            FactType::Date => Kind::Date,
            FactType::List => Kind::List(of()),
            FactType::Map => Kind::Map(of()),
            FactType::People => Kind::People,
            FactType::Records => self.columns(fact, &below(at, "columns")),
        }
    }

    fn columns(&mut self, fact: &Fact, at: &str) -> Kind {
        if fact.columns.is_empty() {
            self.error(at, "required", "records have columns: a list of {name, type}");
            return Kind::Any;
        }
        let mut seen: Vec<&str> = Vec::new();
        for (place, column) in fact.columns.iter().enumerate() {
            let here = below(&below(at, place), "name");
            self.name(&column.name, &here);
            if seen.contains(&column.name.as_str()) {
                self.error(&here, "duplicate", "is the name of another column too");
            }
            seen.push(&column.name);
        }
        Kind::Records(fact.columns.iter().map(|it| (it.name.as_str().into(), it.kind.into())).collect())
    }

    pub(super) fn tables(&mut self) {
        for (name, table) in &self.book.tables {
            let at = below("/tables", name);
            if table.by.is_empty() || table.by.len() > 4 {
                self.error(&below(&at, "by"), "length", "has 1 to 4 keys");
            }
            let entries = self.cells(table, &table.values, table.by.len(), &below(&at, "values"));
            self.tables.push(entries);
        }
    }

    fn cells(&mut self, table: &Table, cells: &BTreeMap<String, Cell>, depth: usize, at: &str) -> Entries {
        let gives = Kind::from(table.gives.unwrap_or(Scalar::Number));
        let mut entries = BTreeMap::new();
        for (key, cell) in cells {
            let here = below(at, key);
            let entry = match cell {
                Cell::Map(inner) if depth > 1 => self.cells(table, inner, depth - 1, &here),
                Cell::Value(literal) if depth == 1 => {
                    let value = literal.of_kind(&gives);
                    if value.is_none() {
                        self.error(&here, "type", format!("is not {gives}, which the table gives"));
                    }
                    Entries::Value(value.unwrap_or(Value::Unknown(crate::Unknown::Undefined)))
                }
                _ => {
                    self.error(&here, "depth", format!("is not as deep as the table has keys: {}", table.by.len()));
                    continue;
                }
            };
            entries.insert(key.clone(), entry);
        }
        Entries::Map(entries)
    }

    /// The columns that rows of this kind have.
    pub(super) fn row_columns(kind: &Kind) -> Option<Columns> {
        match kind {
            Kind::Records(columns) => Some(columns.clone()),
            Kind::List(of) => Some([("value".into(), (**of).clone())].into()),
            Kind::Map(of) => Some([("key".into(), Kind::Text), ("value".into(), (**of).clone())].into()),
            Kind::People => Some(people_columns()),
            _ => None,
        }
    }
}

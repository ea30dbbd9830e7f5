//! Which columns a file has, and what their cells must be.

use std::sync::LazyLock;

use contract::{Check, nearest};
use kernel::{Code, Error, Fault};
use serde_json::{Map, Value, json};

use super::{
    file::{Flaw, Raw, Row, shown},
    model::Kind,
};

/// Faults of a header that are told.
const MOST_FAULTS: usize = 20;

/// A score, as everywhere.
const SCORE: &str = r"^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)$";

static PEOPLE: LazyLock<Result<Check, String>> = LazyLock::new(|| {
    Check::of(json!({
        "type": "object",
        "required": ["email", "name"],
        "properties": {
            "email": {"type": "string", "format": "email", "maxLength": 254},
            "name": {"type": "string", "maxLength": 200},
            "partner": {"type": "string", "maxLength": 253},
            "external_id": {"type": "string", "maxLength": 200}
        }
    }))
});

static COMPLETIONS: LazyLock<Result<Check, String>> = LazyLock::new(|| {
    Check::of(json!({
        "type": "object",
        "required": ["item", "completed_on"],
        "properties": {
            "email": {"type": "string", "format": "email", "maxLength": 254},
            "person_external_id": {"type": "string", "maxLength": 200},
            "item": {"type": "string"},
            "completed_on": {"type": "string", "format": "date"},
            "score": {"type": "string", "pattern": SCORE},
            "proctored": {"enum": ["true", "false", "yes", "no", "1", "0"]},
            "external_id": {"type": "string", "maxLength": 200}
        }
    }))
});

impl Kind {
    /// The columns that it knows, in the order in which rows keep them.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::People => &["email", "name", "partner", "external_id"],
            Self::Completions => {
                &["email", "person_external_id", "item", "completed_on", "score", "proctored", "external_id"]
            }
        }
    }

    /// Those that a file must have: of each group one.
    fn required(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::People => &[&["email"], &["name"]],
            Self::Completions => &[&["email", "person_external_id"], &["item"], &["completed_on"]],
        }
    }

    /// What is wrong with the cells of a row.
    ///
    /// # Errors
    /// When the check is none: a mistake of ours.
    pub(super) fn flaws(self, row: &Row) -> database::Result<Vec<Flaw>> {
        let check = match self {
            Self::People => &*PEOPLE,
            Self::Completions => &*COMPLETIONS,
        };
        let check = check.as_ref().map_err(|error| database::Error::Internal(error.clone()))?;
        let named = self.columns().iter().zip(&row.cells).filter(|(_, cell)| !cell.is_empty());
        // As spreadsheets write it.
        let said = |name: &str, cell: &str| if name == "proctored" { cell.to_lowercase() } else { cell.to_owned() };
        let object: Map<String, Value> =
            named.map(|(name, cell)| ((*name).to_owned(), json!(said(name, cell)))).collect();
        Ok(check.faults(&Value::Object(object)).into_iter().map(|fault| self.flaw(row, fault)).collect())
    }

    /// A fault that names a place as one that names a column.
    pub(super) fn flaw(self, row: &Row, fault: Fault) -> Flaw {
        let at = fault.pointer.as_deref().unwrap_or_default().trim_start_matches('/');
        let column = self.columns().iter().find(|name| **name == at).copied();
        let value = column.map(|column| self.cell(row, column)).filter(|value| !value.is_empty());
        Flaw { column: column.map(str::to_owned), code: fault.code, detail: fault.detail, value: value.map(shown) }
    }

    /// What stands in a column of a row; nothing where the file has no such column.
    pub(super) fn cell<'r>(self, row: &'r Row, column: &str) -> &'r str {
        let named = self.columns().iter().zip(&row.cells).find(|(name, _)| **name == column);
        named.map(|(_, cell)| cell.as_str()).unwrap_or_default()
    }
}

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Columns {
    kind: Kind,
    /// As the header names them.
    names: Vec<&'static str>,
}

impl Columns {
    /// Those of a header.
    ///
    /// # Errors
    /// `invalid_body`, naming columns that are missing, unknown or there twice.
    pub(super) fn of(kind: Kind, header: &Raw) -> Result<Self, Error> {
        let mut faults = Vec::new();
        if header.too_long.is_some() || header.too_many {
            faults.push(fault("header", "has a header that is longer than one can be"));
        }
        let mut names: Vec<&'static str> = Vec::new();
        for cell in &header.cells {
            let asked = cell.trim().to_ascii_lowercase();
            match kind.columns().iter().find(|name| **name == asked) {
                None => faults.push(unknown(kind, &asked)),
                Some(name) if names.contains(name) => {
                    faults.push(fault("duplicate_column", format!("has the column {name} more than once")));
                }
                Some(name) => names.push(name),
            }
        }
        let missing = kind.required().iter().filter(|group| !group.iter().any(|name| names.contains(name)));
        faults.splice(
            0..0,
            missing.map(|group| fault("missing_column", format!("lacks the column {}", group.join(" or ")))),
        );
        if faults.len() > MOST_FAULTS {
            let more = faults.len().saturating_sub(MOST_FAULTS);
            faults.truncate(MOST_FAULTS);
            faults.push(fault("header", format!("has {more} more faults of this kind in its header")));
        }
        if faults.is_empty() {
            return Ok(Self { kind, names });
        }
        let detail = "The header of the file has faults; see errors.".to_owned();
        Err(Error { code: Code::InvalidBody, detail, faults })
    }

    pub(super) fn width(&self) -> usize {
        self.names.len()
    }

    /// What the header calls a cell.
    pub(super) fn name(&self, at: usize) -> Option<&'static str> {
        self.names.get(at).copied()
    }

    /// The cells in the order of the kind's columns.
    pub(super) fn arranged(&self, cells: &[String]) -> Vec<String> {
        let cell = |name: &&str| {
            let at = self.names.iter().position(|own| own == name);
            at.and_then(|at| cells.get(at)).map(|cell| cell.trim().to_owned()).unwrap_or_default()
        };
        self.kind.columns().iter().map(cell).collect()
    }

    /// What puts rows in order: the person, then the day. Nothing where a row has no cells.
    pub(super) fn key(&self, cells: &[String]) -> (String, String) {
        let cell = |name: &str| {
            let named = self.kind.columns().iter().zip(cells).find(|(column, _)| **column == name);
            named.map(|(_, cell)| cell.as_str()).unwrap_or_default()
        };
        let person = match cell("email") {
            "" => cell("person_external_id").to_owned(),
            email => email.to_lowercase(),
        };
        (person, cell("completed_on").to_owned())
    }
}

fn fault(code: &str, detail: impl Into<String>) -> Fault {
    Fault::at("", code, detail).in_text(1, 1)
}

fn unknown(kind: Kind, asked: &str) -> Fault {
    let known: Vec<String> = kind.columns().iter().map(|name| (*name).to_owned()).collect();
    let hint = match nearest(asked, &known) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("there are {}", known.join(", ")),
    };
    let name = if asked.is_empty() { "without a name".to_owned() } else { format!("“{}”", shown(asked)) };
    fault("unknown_column", format!("has a column {name}, which is not known: {hint}"))
}

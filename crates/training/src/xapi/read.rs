//! Bytes to statements. Whatever comes is looked at once before anything of it is kept: how deep it is, and how many
//! values it has, so that neither time nor memory is spent on what nobody would send in earnest.

use std::collections::HashSet;

use contract::json;
use kernel::{Code, Error, Fault, Timestamp};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    VOIDED,
    attach::{Attached, Part, Parts},
    check::{self, Walk},
    names::{self, Name},
    same,
};

/// How much is taken.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes of the statements of a request.
    pub bytes: usize,
    /// Bytes of a request with what is attached to its statements.
    pub with_attachments: usize,
    /// Parts of a request: the statements, and what is attached to them.
    pub parts: usize,
    /// Bytes of the header of a part.
    pub part_header: usize,
    /// Bytes of one statement.
    pub statement: usize,
    /// Statements of a request.
    pub statements: usize,
    /// How deep objects and arrays may stand in each other.
    pub depth: usize,
    /// Values of a request.
    pub values: usize,
    /// Values of one statement.
    pub values_of_one: usize,
    /// Agents and activities that one statement names.
    pub names: usize,
}

/// How much is taken.
pub const BOUNDS: Bounds = Bounds {
    bytes: 4 * 1024 * 1024,
    with_attachments: 8 * 1024 * 1024,
    parts: 101,
    part_header: 8 * 1024,
    statement: 1024 * 1024,
    statements: 1_000,
    depth: 60,
    values: 400_000,
    values_of_one: 20_000,
    names: 500,
};

/// A statement that was sent, and what is known of it before it is stored.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Its id: that which was sent, in lower case, or a new one.
    pub id: String,
    /// Its members.
    pub(super) members: Map<String, Value>,
    /// A digest of all that may not differ when it is sent again.
    pub(super) digest: String,
    /// The time that it says itself.
    pub(super) said_at: Option<Timestamp>,
    /// By what it is found.
    pub(super) names: Vec<Name>,
    /// The statement that it is about, if it is about one.
    pub(super) target: Option<String>,
    /// Whether it takes that one back.
    pub(super) voids: bool,
    /// What came with it.
    pub(super) attached: Attached,
}

/// Reads one statement or several, and what is attached to them.
///
/// # Errors
/// `invalid_json`; `body_too_large`; `invalid_statement` with every fault.
pub fn read(bytes: &[u8], parts: &[Part]) -> Result<Vec<Sent>, Error> {
    let parts = Parts::of(parts).map_err(refusal)?;
    let sent = match parsed(bytes)? {
        Value::Array(statements) => several(statements, &parts)?,
        one => vec![sent(one, "", &parts).map_err(refusal)?],
    };
    all_declared(&parts)?;
    Ok(sent)
}

/// Reads one statement, which is to have this id, and what is attached to it.
///
/// # Errors
/// As [`read`].
pub fn read_one(bytes: &[u8], parts: &[Part], id: &str) -> Result<Sent, Error> {
    if !check::is_uuid(id) {
        let detail = "The query has faults; see errors.";
        let error = Error::new(Code::InvalidParameter, detail);
        return Err(error.with_parameter("statementId", "format", "must be a UUID in its usual form"));
    }
    let parts = Parts::of(parts).map_err(refusal)?;
    let mut value = parsed(bytes)?;
    let id = id.to_ascii_lowercase();
    if let Some(members) = value.as_object_mut() {
        let own = members.entry("id").or_insert_with(|| id.clone().into());
        if own.as_str().is_some_and(|own| !own.eq_ignore_ascii_case(&id)) {
            return Err(refusal(vec![Fault::at("/id", "contradiction", "must be the statementId of the request")]));
        }
    }
    let sent = sent(value, "", &parts).map_err(refusal)?;
    all_declared(&parts)?;
    Ok(sent)
}

fn all_declared(parts: &Parts) -> Result<(), Error> {
    let strays = parts.undeclared();
    if strays.is_empty() { Ok(()) } else { Err(refusal(strays)) }
}

pub(super) fn parsed(bytes: &[u8]) -> Result<Value, Error> {
    scan(bytes)?;
    json::from_slice(bytes).map_err(|error| {
        let (what, line, column) = (json::words(&error), error.line(), error.column());
        Error::new(Code::InvalidJson, format!("The body is not JSON: {what} at line {line}, column {column}."))
    })
}

/// Counts depth and values without keeping any. What is no JSON may be counted wrongly: the parser says so.
fn scan(bytes: &[u8]) -> Result<(), Error> {
    let (mut depth, mut values, mut in_text, mut escaped) = (0_usize, 1_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'[' | b'{' => (depth, values) = (depth + 1, values + 1),
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if depth > BOUNDS.depth {
            let detail = format!("The body is nested more than {} levels deep.", BOUNDS.depth);
            return Err(Error::new(Code::InvalidJson, detail));
        }
        if values > BOUNDS.values {
            let detail = format!("The body has more than {} values.", BOUNDS.values);
            return Err(Error::new(Code::InvalidJson, detail));
        }
    }
    Ok(())
}

fn refusal(faults: Vec<Fault>) -> Error {
    let code =
        if faults.iter().any(|fault| fault.code == "too_large") { Code::BodyTooLarge } else { Code::InvalidStatement };
    Error { code, detail: "The statements have faults; see errors.".into(), faults }
}

fn several(statements: Vec<Value>, parts: &Parts) -> Result<Vec<Sent>, Error> {
    if statements.len() > BOUNDS.statements {
        let words = format!("must be at most {} statements", BOUNDS.statements);
        return Err(refusal(vec![Fault::at("", "max_items", words)]));
    }
    let (mut read, mut faults, mut ids) = (Vec::new(), Vec::new(), HashSet::new());
    for (place, statement) in statements.into_iter().enumerate() {
        match sent(statement, &format!("/{place}"), parts) {
            Ok(one) => {
                if !ids.insert(one.id.clone()) {
                    faults.push(Fault::at(&format!("/{place}/id"), "repeated", "is that of a statement before it"));
                }
                read.push(one);
            }
            Err(found) => faults.extend(found),
        }
        if faults.len() >= 100 {
            break;
        }
    }
    if faults.is_empty() { Ok(read) } else { Err(refusal(faults)) }
}

/// A statement, if it is one.
fn sent(value: Value, at: &str, parts: &Parts) -> Result<Sent, Vec<Fault>> {
    let mut walk = Walk::new(at);
    if values_of(&value) > BOUNDS.values_of_one {
        walk.fault("too_many", format!("must have at most {} values", BOUNDS.values_of_one));
        return Err(walk.faults());
    }
    check::statement(&mut walk, &value);
    let attached = parts.bind(&mut walk, &value);
    let names = names::of(&value);
    if names.len() > BOUNDS.names {
        walk.fault("too_many", format!("must name at most {} agents and activities", BOUNDS.names));
    }
    if value.to_string().len() > BOUNDS.statement {
        walk.fault("too_large", format!("must have at most {} bytes", BOUNDS.statement));
    }
    let faults = walk.faults();
    let Value::Object(mut members) = value else { return Err(faults) };
    if !faults.is_empty() {
        return Err(faults);
    }
    list_activities(&mut members);
    let faults = parts.signature_faults(at, &members);
    if !faults.is_empty() {
        return Err(faults);
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let id = text("id").map_or_else(|| Uuid::new_v4().to_string(), str::to_ascii_lowercase);
    let said_at = text("timestamp").and_then(check::timestamp);
    let member = |name: &str, of: &str| members.get(name).and_then(|it| it.get(of)).and_then(Value::as_str);
    let refers = member("object", "objectType") == Some("StatementRef");
    let target = member("object", "id").filter(|_| refers).map(str::to_ascii_lowercase);
    let voids = refers && member("verb", "id") == Some(VOIDED);
    Ok(Sent { id, digest: same::digest(&members), said_at, names, target, voids, members, attached })
}

/// How many values there are, all told.
fn values_of(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(values_of).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(values_of).sum::<usize>(),
        _ => 1,
    }
}

/// The activities of a context are lists, however they were sent.
pub(super) fn list_activities(members: &mut Map<String, Value>) {
    let list = |statement: &mut Map<String, Value>| {
        let context = statement.get_mut("context").and_then(|context| context.get_mut("contextActivities"));
        for activities in context.and_then(Value::as_object_mut).into_iter().flat_map(|all| all.values_mut()) {
            if activities.is_object() {
                *activities = Value::Array(vec![activities.take()]);
            }
        }
    };
    list(members);
    if let Some(object) = members.get_mut("object").and_then(Value::as_object_mut) {
        list(object);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(bytes: &[u8]) -> &'static str {
        read(bytes, &[]).map_or_else(|error| error.code.as_str(), |_| "taken")
    }

    #[test]
    fn what_is_too_much_is_refused_before_it_is_kept() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(code(deep.as_bytes()), "invalid_json");
        assert_eq!(code(format!("[{}0]", "0,".repeat(1_000_000)).as_bytes()), "invalid_json");
        assert_eq!(code(&[b'"'; 3]), "invalid_json");
        assert_eq!(code(b"\xff\xfe{\x00}\x00"), "invalid_json");
        assert_eq!(code(b"[{},{}]"), "invalid_statement");
        assert_eq!(code(b"[]"), "taken");
        assert_eq!(code(b"7"), "invalid_statement");
        assert_eq!(code(format!("[{}]", vec!["1"; 1_001].join(",")).as_bytes()), "invalid_statement");
    }

    #[test]
    fn brackets_in_texts_are_no_depth() {
        let text = format!(r#"{{"a\"{}": "\\"}}"#, "[{,".repeat(200_000));
        assert_eq!(code(text.as_bytes()), "invalid_statement");
    }
}

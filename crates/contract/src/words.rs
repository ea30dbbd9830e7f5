//! Violations of a schema, in words for people.

use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use kernel::Fault;
use serde_json::Value;

/// Adds the faults behind one error of the library.
pub(crate) fn collect(schema: &Value, error: &ValidationError, faults: &mut Vec<Fault>) {
    let at = error.instance_path().as_str();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let known = known_fields(schema, error);
            faults.extend(unexpected.iter().map(|field| unknown(at, field, &known)));
        }
        Kind::Required { property } => {
            let field = property.as_str().unwrap_or_default();
            faults.push(Fault::at(&child(at, field), "required", "is required"));
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => inner(schema, error, context, faults),
        kind => {
            let (code, detail) = words(kind, error.instance());
            faults.push(Fault::at(at, code, detail));
        }
    }
}

/// Of alternatives, the faults of the one that was meant: never null, and the one with the fewest faults.
fn inner(schema: &Value, error: &ValidationError, context: &[Vec<ValidationError<'static>>], faults: &mut Vec<Fault>) {
    let meant = context.iter().filter(|errors| !errors.iter().any(|error| wants_null(error))).min_by_key(|e| e.len());
    match meant {
        Some(errors) if !errors.is_empty() => errors.iter().for_each(|error| collect(schema, error, faults)),
        _ => {
            faults.push(Fault::at(error.instance_path().as_str(), "type", "is none of the values that are taken here"))
        }
    }
}

/// Adds a fault for each text that holds U+0000: PostgreSQL keeps no such text, so nobody may hand one in.
pub(crate) fn collect_nul(at: &str, value: &Value, faults: &mut Vec<Fault>) {
    // Most values have none, and need no pointers.
    if has_nul(value) {
        nul_places(at, value, faults);
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.values().any(has_nul),
        _ => false,
    }
}

fn nul_places(at: &str, value: &Value, faults: &mut Vec<Fault>) {
    match value {
        Value::String(text) if text.contains('\0') => {
            faults.push(Fault::at(at, "pattern", "must not contain the character U+0000"));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| nul_places(&format!("{at}/{index}"), item, faults));
        }
        Value::Object(fields) => fields.iter().for_each(|(name, field)| nul_places(&child(at, name), field, faults)),
        _ => {}
    }
}

fn wants_null(error: &ValidationError) -> bool {
    matches!(error.kind(), Kind::Type { kind: TypeKind::Single(kind) } if kind.to_string() == "null")
}

fn words(kind: &Kind, found: &Value) -> (&'static str, String) {
    match kind {
        Kind::Type { kind } => {
            ("type", format!("must be {}, not {}{}", wanted(kind), name_of(found), hint(kind, found)))
        }
        Kind::Enum { options } => ("not_a_known_value", format!("must be one of {}", list(options))),
        Kind::Constant { expected_value } => ("not_a_known_value", format!("must be {expected_value}")),
        Kind::MaxLength { limit } => ("too_long", format!("must be at most {limit} characters")),
        Kind::MinLength { limit: 1 } => ("too_short", "must not be empty".into()),
        Kind::MinLength { limit } => ("too_short", format!("must be at least {limit} characters")),
        Kind::MaxItems { limit } => ("too_many", format!("must have at most {limit} entries")),
        Kind::MinItems { limit: 1 } => ("too_few", "must have at least one entry".into()),
        Kind::MinItems { limit } => ("too_few", format!("must have at least {limit} entries")),
        Kind::MaxProperties { limit } => ("too_many", format!("must have at most {limit} fields")),
        Kind::MinProperties { limit } => ("too_few", format!("must have at least {limit} fields")),
        Kind::Minimum { limit } => ("minimum", format!("must be at least {limit}")),
        Kind::Maximum { limit } => ("maximum", format!("must be at most {limit}")),
        Kind::ExclusiveMinimum { limit } => ("minimum", format!("must be more than {limit}")),
        Kind::ExclusiveMaximum { limit } => ("maximum", format!("must be less than {limit}")),
        Kind::Pattern { pattern } => ("pattern", format!("does not match {pattern}")),
        Kind::Format { format } => ("format", format!("is not {}", format_name(format))),
        Kind::UniqueItems => ("duplicate", "has an entry twice".into()),
        other => ("not_valid", format!("breaks the rule “{}” of the schema", other.keyword())),
    }
}

/// The names that may stand where an unknown one was found.
fn known_fields(schema: &Value, error: &ValidationError) -> Vec<String> {
    let keyword = error.schema_path().as_str();
    let object = keyword.rsplit_once('/').map_or("", |(object, _)| object);
    let properties = schema.pointer(&format!("{object}/properties")).and_then(Value::as_object);
    properties.map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
}

fn unknown(at: &str, field: &str, known: &[String]) -> Fault {
    let detail = match nearest(field, known) {
        Some(meant) => format!("is not known here; did you mean {meant}?"),
        None => "is not known here".into(),
    };
    Fault::at(&child(at, field), "unknown_field", detail)
}

/// The known name that differs least, if it differs little.
pub fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let folded = |name: &str| name.to_lowercase().replace('-', "_");
    let likeness = |known: &str| strsim::jaro_winkler(&folded(name), &folded(known));
    let best = known.iter().map(|known| (likeness(known), known.as_str())).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(likeness, _)| *likeness >= 0.85).map(|(_, known)| known)
}

/// The pointer to a field of what is at `at`.
pub fn child(at: &str, field: &str) -> String {
    format!("{at}/{}", field.replace('~', "~0").replace('/', "~1"))
}

fn wanted(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => article(&kind.to_string()),
        TypeKind::Multiple(kinds) => {
            kinds.iter().map(|kind| article(&kind.to_string())).collect::<Vec<_>>().join(" or ")
        }
    }
}

/// What would be right, where words are taken for booleans elsewhere.
fn hint(kind: &TypeKind, found: &Value) -> &'static str {
    let wanted = matches!(kind, TypeKind::Single(kind) if kind.to_string() == "boolean");
    let word = found.as_str().map(str::to_ascii_lowercase).unwrap_or_default();
    let meant = matches!(word.as_str(), "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false");
    if wanted && meant { ": write true or false" } else { "" }
}

fn name_of(value: &Value) -> String {
    article(match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    })
}

fn article(kind: &str) -> String {
    match kind {
        "null" => "null".into(),
        "array" | "object" | "integer" => format!("an {kind}"),
        _ => format!("a {kind}"),
    }
}

fn format_name(format: &str) -> String {
    match format {
        "email" => "an e-mail address".into(),
        "date" => "a date such as 2026-01-31".into(),
        "date-time" => "an RFC 3339 time such as 2026-01-31T12:00:00Z".into(),
        "uri" => "an absolute URI".into(),
        other => format!("of the format {other}"),
    }
}

fn list(options: &Value) -> String {
    let texts = options.as_array().map(|options| {
        options
            .iter()
            .map(|option| option.as_str().map_or_else(|| option.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(", ")
    });
    texts.unwrap_or_default()
}

//! The document's JSON Schema, from the types: what editors complete and check with.

use std::sync::LazyLock;

use contract::Check;
use rules::RuleBook;
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use crate::ProgramDocument;

/// Where schemas of an OpenAPI document stand, and where they stand in one of their own.
const COMPONENTS: &str = "#/components/schemas/";
const DEFINITIONS: &str = "#/$defs/";

/// The JSON Schema (2020-12) of program documents.
///
/// # Errors
/// When the types have no schema.
pub fn schema() -> Result<Value, String> {
    let mut parts = Vec::new();
    ProgramDocument::schemas(&mut parts);
    let mut definitions = Map::new();
    for (name, part) in parts {
        definitions.insert(name, serde_json::to_value(part).map_err(|error| error.to_string())?);
    }
    let mut whole = serde_json::to_value(ProgramDocument::schema()).map_err(|error| error.to_string())?;
    let fields = whole.as_object_mut().ok_or("the document's schema is no object")?;
    fields.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    fields.insert("title".into(), "Entente program document".into());
    fields.insert("$defs".into(), Value::Object(definitions));
    settle(&mut whole);
    Ok(whole)
}

/// Turns what only OpenAPI knows into what JSON Schema knows.
fn settle(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::String(to)) = map.get_mut("$ref")
                && let Some(name) = to.strip_prefix(COMPONENTS)
            {
                *to = format!("{DEFINITIONS}{name}");
            }
            // A property may be called `example` too; then it is a schema, and stays.
            let is_property = map.get("example").is_some_and(|it| it.get("type").is_some() || it.get("$ref").is_some());
            if !is_property && let Some(example) = map.remove("example") {
                map.insert("examples".into(), json!([example]));
            }
            // Of a list, `examples` are values; the property of this name is a schema.
            let is_values = |name: &str, inner: &Value| name == "examples" && inner.is_array();
            map.iter_mut().filter(|(name, inner)| !is_values(name, inner)).for_each(|(_, inner)| settle(inner));
        }
        Value::Array(items) => items.iter_mut().for_each(settle),
        _ => {}
    }
}

/// The check of everything but the sections of the rule book, which are read with words of their own.
pub(crate) fn outline() -> Result<&'static Check, &'static str> {
    static OUTLINE: LazyLock<Result<Check, String>> = LazyLock::new(|| {
        let sections = RuleBook::SECTIONS.into_iter().filter(|section| *section != "tiers");
        let rules = "/components/schemas/Tier/properties/requires".to_owned();
        Check::outline::<ProgramDocument>(sections.map(|section| format!("/properties/{section}")).chain([rules]))
    });
    OUTLINE.as_ref().map_err(String::as_str)
}

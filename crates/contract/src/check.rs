//! A schema as the check: what is published is what is enforced.

use jsonschema::{Draft, Validator};
use kernel::Fault;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::words;

/// The most faults that one answer lists.
const MOST_FAULTS: usize = 100;

/// A compiled schema.
pub struct Check {
    schema: Value,
    validator: Validator,
}

impl Check {
    /// Compiles a schema of an OpenAPI document, to whose components it may refer.
    ///
    /// # Errors
    /// When it is no schema.
    pub fn new(schema: &Value, components: &Value) -> Result<Self, String> {
        let referred = referred_to(schema, components);
        let mut schema = schema.clone();
        let whole = schema.as_object_mut().ok_or("a schema is not an object")?;
        whole.insert("components".into(), json!({"schemas": referred}));
        Self::of(schema)
    }

    /// Compiles a JSON Schema (2020-12) that refers to nothing outside itself.
    ///
    /// # Errors
    /// When it is no schema.
    pub fn of(schema: Value) -> Result<Self, String> {
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .build(&schema)
            .map_err(|error| error.to_string())?;
        Ok(Self { schema, validator })
    }

    /// Compiles the schema of a type, but for what stands at these pointers of it, which is checked otherwise. The schemas
    /// that it refers to stand below `/components/schemas`.
    ///
    /// # Errors
    /// When it is no schema.
    pub fn outline<T: ToSchema>(open: impl IntoIterator<Item: AsRef<str>>) -> Result<Self, String> {
        let json = |schema| serde_json::to_value(schema).map_err(|error| error.to_string());
        let (mut parts, mut schemas) = (Vec::new(), Map::new());
        T::schemas(&mut parts);
        for (name, part) in parts {
            schemas.insert(name, json(part)?);
        }
        let mut schema = json(T::schema())?;
        let whole = schema.as_object_mut().ok_or("a schema is not an object")?;
        whole.insert("components".into(), json!({"schemas": schemas}));
        for at in open {
            if let Some(place) = schema.pointer_mut(at.as_ref()) {
                *place = Value::Bool(true);
            }
        }
        Self::of(schema)
    }

    /// All the faults of a value, in the order of their places.
    pub fn faults(&self, value: &Value) -> Vec<Fault> {
        let mut faults = Vec::new();
        for error in self.validator.iter_errors(value).take(MOST_FAULTS) {
            words::collect(&self.schema, &error, &mut faults);
        }
        words::collect_nul("", value, &mut faults);
        faults.sort_by(|left, right| left.pointer.cmp(&right.pointer));
        faults.dedup();
        faults.truncate(MOST_FAULTS);
        faults
    }
}

/// The schemas that one refers to, directly or by way of others. Each check holds its own: with all of the document's
/// in each, memory would grow with the square of the document.
fn referred_to(schema: &Value, components: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => {
                open.extend(members.values());
                let reference = members.get("$ref").and_then(Value::as_str);
                let Some(name) = reference.and_then(|path| path.strip_prefix("#/components/schemas/")) else {
                    continue;
                };
                if let Some(referred) = components["schemas"].get(name).filter(|_| !found.contains_key(name)) {
                    found.insert(name.to_owned(), referred.clone());
                    open.push(referred);
                }
            }
            _ => {}
        }
    }
    found
}

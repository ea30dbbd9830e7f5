//! The document as the check: what the published schemas say of a body or of parameters is what is enforced.

mod faults;
mod parameters;

use jsonschema::{Draft, Validator};
use kernel::Fault;
use serde_json::{Map, Value, json};

pub(crate) use parameters::Parameters;

/// The most faults that one answer lists.
const MOST_FAULTS: usize = 100;

/// A compiled schema.
pub(crate) struct Check {
    schema: Value,
    validator: Validator,
}

impl Check {
    /// Compiles a schema of the document, whose components it may refer to.
    pub(crate) fn new(schema: &Value, components: &Value) -> Result<Self, String> {
        let referred = referred_to(schema, components);
        let mut schema = schema.clone();
        let whole = schema.as_object_mut().ok_or("a schema is not an object")?;
        whole.insert("components".into(), json!({"schemas": referred}));
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .build(&schema)
            .map_err(|error| error.to_string())?;
        Ok(Self { schema, validator })
    }

    /// All the faults of a value, in the order of their places.
    pub(crate) fn faults(&self, value: &Value) -> Vec<Fault> {
        let mut faults = Vec::new();
        for error in self.validator.iter_errors(value) {
            faults::collect(&self.schema, &error, &mut faults);
        }
        faults::collect_nul("", value, &mut faults);
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

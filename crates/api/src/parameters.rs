//! Parameters of the query, the path and the headers: text, read as the type that the document gives them.

use contract::{Check, nearest};
use kernel::Fault;
use serde_json::{Map, Value, json};

/// The parameters that an operation documents in one place, such as the query.
pub(crate) struct Parameters {
    known: Vec<Parameter>,
    check: Check,
}

struct Parameter {
    name: String,
    /// The JSON type, or that of the items of a list.
    kind: String,
    list: bool,
}

impl Parameters {
    /// From the `parameters` of an operation that stand in `place`.
    pub(crate) fn new(parameters: &[Value], place: &str, components: &Value) -> Result<Self, String> {
        let mut known = Vec::new();
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for parameter in parameters.iter().filter(|parameter| parameter["in"] == place) {
            let name = parameter["name"].as_str().ok_or("a parameter has no name")?;
            let schema = &parameter["schema"];
            let list = kind(schema, components) == "array";
            let kind = kind(if list { &schema["items"] } else { schema }, components);
            known.push(Parameter { name: name.into(), kind, list });
            properties.insert(name.into(), schema.clone());
            // An `If-Match` that is missing has a problem of its own.
            if parameter["required"] == true && name != "If-Match" {
                required.push(name.to_owned());
            }
        }
        let schema = json!({"type": "object", "properties": properties, "required": required});
        Ok(Self { known, check: Check::new(&schema, components)? })
    }

    /// The values by name, or all that is wrong with them.
    pub(crate) fn read(&self, pairs: &[(String, String)]) -> Result<Value, Vec<Fault>> {
        let (mut values, mut faults) = (Map::new(), Vec::new());
        for (name, text) in pairs {
            match self.known.iter().find(|parameter| parameter.name == *name) {
                None => faults.push(self.unknown(name)),
                Some(parameter) => {
                    if !parameter.add(text, &mut values) {
                        faults.push(Fault::of_parameter(name, "repeated", "may be given only once"));
                    }
                }
            }
        }
        let values = Value::Object(values);
        faults.extend(self.check.faults(&values).into_iter().map(of_parameter));
        if faults.is_empty() { Ok(values) } else { Err(faults) }
    }

    /// What they are called.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|parameter| parameter.name.as_str())
    }

    fn unknown(&self, name: &str) -> Fault {
        let names: Vec<_> = self.known.iter().map(|parameter| parameter.name.clone()).collect();
        let detail = match nearest(name, &names) {
            Some(meant) => format!("is not known here; did you mean {meant}?"),
            None => "is not known here".into(),
        };
        Fault::of_parameter(name, "unknown_parameter", detail)
    }
}

impl Parameter {
    /// Adds a value; `false` when there is one already and it is no list.
    fn add(&self, text: &str, values: &mut Map<String, Value>) -> bool {
        if !self.list {
            return values.insert(self.name.clone(), self.value(text)).is_none();
        }
        // Both spellings of a list: a=1&a=2, and a=1,2.
        let entries = text.split(',').map(|entry| self.value(entry));
        if let Some(list) = values.entry(self.name.clone()).or_insert_with(|| json!([])).as_array_mut() {
            list.extend(entries);
        }
        true
    }

    /// What cannot be read as its type stays text, and the check says that it is of the wrong type.
    fn value(&self, text: &str) -> Value {
        let read = match self.kind.as_str() {
            "integer" => text.parse::<i64>().ok().map(Value::from),
            "number" => text.parse::<f64>().ok().map(Value::from),
            "boolean" => text.parse::<bool>().ok().map(Value::from),
            _ => None,
        };
        read.unwrap_or_else(|| text.into())
    }
}

/// A fault at `/limit` or `/status/0` is one of the parameter.
fn of_parameter(fault: Fault) -> Fault {
    let pointer = fault.pointer.unwrap_or_default();
    let name = pointer.split('/').nth(1).unwrap_or_default();
    Fault::of_parameter(name, &fault.code, fault.detail.replace("must be an array", "must be a list"))
}

/// The JSON type that a schema wants; of several the first that is not null.
fn kind(schema: &Value, components: &Value) -> String {
    if let Some(at) = schema["$ref"].as_str().and_then(|at| at.strip_prefix("#/components")) {
        return kind(components.pointer(at).unwrap_or(&Value::Null), components);
    }
    for alternatives in ["oneOf", "anyOf"] {
        if let Some(schemas) = schema[alternatives].as_array() {
            let kinds = schemas.iter().map(|schema| kind(schema, components));
            return kinds.into_iter().find(|kind| kind != "null").unwrap_or_default();
        }
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.as_slice(),
        kind => std::slice::from_ref(kind),
    };
    kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("string").to_owned()
}

//! What was asked and answered, kept in files: for the coverage of the document, and for its examples.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::Write,
    path::PathBuf,
    sync::{LazyLock, Mutex},
};

use serde_json::{Map, Value, json};

use super::Asked;
use crate::Answer;

/// Names the folder; without it nothing is kept.
const FOLDER: &str = "ENTENTE_TEST_EXCHANGES";
/// Of each operation, status, and code or type of content, from one process.
const MOST: usize = 5;
/// Bytes of a line.
const LONGEST: usize = 100_000;

struct Kept {
    file: File,
    /// How many there are of an operation, a status, and a code or a type of content.
    counts: HashMap<(String, u16, String), usize>,
}

/// The file of this process, if they are to be kept.
static KEPT: LazyLock<Option<Mutex<Kept>>> = LazyLock::new(|| {
    let folder = PathBuf::from(std::env::var_os(FOLDER)?);
    fs::create_dir_all(&folder).expect("the folder of exchanges");
    let path = folder.join(format!("{}.jsonl", std::process::id()));
    let file = File::options().create(true).append(true).open(path).expect("a file for exchanges");
    Some(Mutex::new(Kept { file, counts: HashMap::new() }))
});

/// Keeps an exchange, unless there are enough of its kind.
pub(super) fn note(operation: &str, asked: &Asked, answer: &Answer) {
    let Some(kept) = &*KEPT else { return };
    let code = answer.json["code"].as_str().filter(|_| answer.status >= 400);
    let mut kept = kept.lock().expect("the lock");
    let told = code.or_else(|| answer.header("content-type")).unwrap_or_default();
    let kind = (operation.to_owned(), answer.status, told.to_owned());
    if kept.counts.get(&kind).is_some_and(|count| *count >= MOST) {
        return;
    }
    let mut line = line(operation, asked, answer, code).to_string();
    line.push('\n');
    // The first of its kind counts for the coverage even where it is too large to be an example.
    if line.len() > LONGEST {
        let without = json!({"operation": operation, "method": asked.method, "status": answer.status, "code": code});
        line = format!("{without}\n");
    }
    *kept.counts.entry(kind).or_default() += 1;
    kept.file.write_all(line.as_bytes()).expect("the file of exchanges");
}

fn line(operation: &str, asked: &Asked, answer: &Answer, code: Option<&str>) -> Value {
    let query = asked.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let request = asked.body.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    json!({
        "operation": operation,
        "method": asked.method,
        "path": format!("{}{query}", asked.path),
        "request_headers": by_name(&asked.headers),
        "request": request.map_or(Value::Null, json_or_text),
        "status": answer.status,
        "headers": by_name(&answer.headers),
        "code": code,
        "answer": if answer.text.is_empty() { Value::Null } else { json_or_text(answer.text.clone()) },
    })
}

fn json_or_text(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

/// By name, several of one name joined, without the token that was sent: an example must not look as if it were good.
fn by_name(headers: &[(String, String)]) -> Map<String, Value> {
    let mut named = Map::new();
    for (name, value) in headers.iter().filter(|(name, _)| name != "authorization") {
        let joined = named.get(name).and_then(Value::as_str).map(|before| format!("{before}, {value}"));
        named.insert(name.clone(), joined.unwrap_or_else(|| value.clone()).into());
    }
    named
}

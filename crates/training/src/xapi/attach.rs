//! What is attached to statements: parts of a request, each known by its hash, that the statements declare (xAPI 1.0.3, part
//! two, 2.4.11, and part three, 1.5.2). Pure.

use std::{
    cell::{Cell, OnceCell},
    collections::BTreeMap,
    sync::Arc,
};

use kernel::Fault;
use serde_json::{Map, Value};
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::{check::Walk, signature};

/// A part of a request, beside its statements.
#[derive(Debug, Clone)]
pub struct Part {
    /// What its header says of its hash (`X-Experience-API-Hash`).
    pub hash: Option<String>,
    /// What its header says of how it is written (`Content-Transfer-Encoding`).
    pub encoding: Option<String>,
    /// What it holds.
    pub bytes: Arc<[u8]>,
}

/// What came with a statement, by its hash.
pub(super) type Attached = BTreeMap<String, Arc<[u8]>>;

/// The parts of a request, by their hashes.
pub(super) struct Parts(BTreeMap<String, Content>);

struct Content {
    /// Which part it is, counted from 1; the statements are the first.
    nth: usize,
    bytes: Arc<[u8]>,
    is_declared: Cell<bool>,
    /// What it signs, if it is a signature. Many statements may declare one part.
    signs: OnceCell<Result<String, &'static str>>,
}

impl Parts {
    /// The parts, if each is what its header says.
    pub(super) fn of(parts: &[Part]) -> Result<Self, Vec<Fault>> {
        let (mut found, mut faults) = (BTreeMap::new(), Vec::new());
        for (nth, part) in (2..).zip(parts) {
            match hash_of(part) {
                Ok(hash) => drop(found.entry(hash).or_insert_with(|| Content::new(nth, part))),
                Err((code, words)) => faults.push(of_part(nth, code, words)),
            }
        }
        if faults.is_empty() { Ok(Self(found)) } else { Err(faults) }
    }

    /// Finds what a statement declares among the parts.
    pub(super) fn bind(&self, walk: &mut Walk, statement: &Value) -> Attached {
        let mut bound = Attached::new();
        self.bind_all(walk, statement, &mut bound);
        let object = statement.get("object").unwrap_or(&Value::Null);
        if object.get("objectType").is_some_and(|kind| kind == "SubStatement") {
            walk.within("object", |walk| self.bind_all(walk, object, &mut bound));
        }
        bound
    }

    fn bind_all(&self, walk: &mut Walk, statement: &Value, bound: &mut Attached) {
        walk.within("attachments", |walk| {
            for (place, attachment) in declared(statement) {
                walk.within(&place.to_string(), |walk| self.bind_one(walk, attachment, bound));
            }
        });
    }

    fn bind_one(&self, walk: &mut Walk, attachment: &Map<String, Value>, bound: &mut Attached) {
        if signature::is_one(attachment) && attachment.get("contentType").is_some_and(|of| of != signature::MEDIA_TYPE)
        {
            let words = format!("must be {} for a signature", signature::MEDIA_TYPE);
            walk.within("contentType", |walk| walk.fault("contradiction", words));
        }
        let hash = hash(attachment);
        let Some(content) = self.0.get(&hash) else {
            if !attachment.contains_key("fileUrl") {
                walk.within("fileUrl", |walk| walk.fault("required", "is required, as no part has the bytes"));
            }
            return;
        };
        content.is_declared.set(true);
        if attachment.get("length").and_then(Value::as_u64) != u64::try_from(content.bytes.len()).ok() {
            let words = format!("must be {}, as its part has so many bytes", content.bytes.len());
            walk.within("length", |walk| walk.fault("contradiction", words));
        }
        bound.insert(hash, content.bytes.clone());
    }

    /// What is wrong with the signatures of a statement that begins at this pointer.
    pub(super) fn signature_faults(&self, at: &str, statement: &Map<String, Value>) -> Vec<Fault> {
        let digest = OnceCell::new();
        let wrong = |(place, one): (usize, &Map<String, Value>)| {
            let content = self.0.get(&hash(one)).filter(|_| signature::is_one(one))?;
            let fault = |code, words| Fault::at(&format!("{at}/attachments/{place}"), code, words);
            match content.signs.get_or_init(|| signature::signed(&content.bytes)) {
                Err(words) => Some(fault("format", *words)),
                Ok(signed) if signed == digest.get_or_init(|| signature::unsigned(statement)) => None,
                Ok(_) => Some(fault("contradiction", "is the signature of another statement")),
            }
        };
        of_list(statement.get("attachments")).filter_map(wrong).collect()
    }

    /// The parts that no statement has declared.
    pub(super) fn undeclared(&self) -> Vec<Fault> {
        let parts = self.0.values().filter(|content| !content.is_declared.get());
        parts.map(|content| of_part(content.nth, "unknown", "is declared by no attachment of a statement")).collect()
    }
}

impl Content {
    fn new(nth: usize, part: &Part) -> Self {
        Self { nth, bytes: part.bytes.clone(), is_declared: Cell::default(), signs: OnceCell::new() }
    }
}

/// A part is no place in a JSON document: it is named.
fn of_part(nth: usize, code: &str, words: &str) -> Fault {
    Fault::at("", code, format!("part {nth} {words}"))
}

/// The attachments that a statement declares, each with its place.
pub(super) fn declared(statement: &Value) -> impl Iterator<Item = (usize, &Map<String, Value>)> {
    of_list(statement.get("attachments"))
}

fn of_list(attachments: Option<&Value>) -> impl Iterator<Item = (usize, &Map<String, Value>)> {
    let list = attachments.and_then(Value::as_array).into_iter().flatten();
    list.enumerate().filter_map(|(place, one)| Some((place, one.as_object()?)))
}

/// The hash that an attachment declares, as parts are called.
pub(super) fn hash(attachment: &Map<String, Value>) -> String {
    attachment.get("sha2").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase()
}

/// The hash of a part, or what is wrong with it: a code, and words.
fn hash_of(part: &Part) -> Result<String, (&'static str, &'static str)> {
    if !part.encoding.as_deref().is_some_and(|encoding| encoding.trim().eq_ignore_ascii_case("binary")) {
        return Err(("required", "must have the header Content-Transfer-Encoding: binary"));
    }
    let said = part.hash.as_deref().ok_or(("required", "must have the header X-Experience-API-Hash"))?;
    let said = said.trim().to_ascii_lowercase();
    match digest(said.len(), &part.bytes) {
        Some(own) if own == said => Ok(said),
        Some(_) => Err(("contradiction", "has other bytes than its X-Experience-API-Hash says")),
        None => Err(("format", "must have a SHA-2 in hexadecimal as its X-Experience-API-Hash")),
    }
}

/// The SHA-2 that has so many hexadecimal digits.
fn digest(digits: usize, bytes: &[u8]) -> Option<String> {
    let hex = |digest: &[u8]| digest.iter().map(|byte| format!("{byte:02x}")).collect();
    match digits {
        56 => Some(hex(&Sha224::digest(bytes))),
        64 => Some(hex(&Sha256::digest(bytes))),
        96 => Some(hex(&Sha384::digest(bytes))),
        128 => Some(hex(&Sha512::digest(bytes))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn part(hash: &str, bytes: &[u8]) -> Part {
        Part { hash: Some(hash.into()), encoding: Some("binary".into()), bytes: bytes.into() }
    }

    fn faults(parts: &[Part], statement: &Value) -> Vec<String> {
        let mut walk = Walk::new("");
        let found = Parts::of(parts).and_then(|parts| {
            parts.bind(&mut walk, statement);
            let faults: Vec<Fault> = walk.faults().into_iter().chain(parts.undeclared()).collect();
            if faults.is_empty() { Ok(()) } else { Err(faults) }
        });
        let line = |fault: Fault| format!("{} {} {}", fault.pointer.unwrap(), fault.code, fault.detail);
        found.err().into_iter().flatten().map(line).collect()
    }

    #[test]
    fn a_hash_is_any_sha2_of_the_bytes() {
        for (digits, begin) in [(56, "23097d22"), (64, "ba7816bf"), (96, "cb00753f"), (128, "ddaf35a1")] {
            let hash = digest(digits, b"abc").unwrap();
            assert!(hash.starts_with(begin), "{hash}");
            let statement = json!({"attachments": [{"sha2": hash.to_uppercase(), "length": 3}]});
            assert!(faults(&[part(&hash, b"abc")], &statement).is_empty());
            let lies = faults(&[part(&hash, b"abd")], &statement);
            assert_eq!(lies, [" contradiction part 2 has other bytes than its X-Experience-API-Hash says"]);
        }
        assert!(digest(40, b"abc").is_none());
    }

    #[test]
    fn attachments_and_parts_find_each_other() {
        let hash = digest(64, b"abc").unwrap();
        let one = json!({"sha2": hash, "length": 3});
        let below = json!({"object": {"objectType": "SubStatement", "attachments": [one]}});
        assert!(faults(&[part(&hash, b"abc"), part(&hash, b"abc")], &below).is_empty());
        assert_eq!(
            faults(&[], &below),
            ["/object/attachments/0/fileUrl required is required, as no part has the bytes"]
        );
        let short = json!({"attachments": [{"sha2": hash, "length": 2, "fileUrl": "https://f.example"}]});
        let words = "/attachments/0/length contradiction must be 3, as its part has so many bytes";
        assert_eq!(faults(&[part(&hash, b"abc")], &short), [words]);
        assert!(faults(&[], &short).is_empty());
        let stray = " unknown part 2 is declared by no attachment of a statement";
        assert_eq!(faults(&[part(&hash, b"abc")], &json!({})), [stray]);
    }
}

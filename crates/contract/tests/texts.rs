//! Texts as people write them, and as somebody writes them who means harm.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use contract::{Bounds, Format, Text, read};
use proptest::prelude::*;
use serde_json::{Value, json};

const BOUNDS: Bounds = Bounds { bytes: 1024 * 1024, depth: 100, values: 100_000, name: 200 };

fn yaml(text: &str) -> Text {
    read(text.as_bytes(), Format::Yaml, &BOUNDS).unwrap()
}

/// Line, column and code of the fault at which reading stops.
fn stops(text: &str, format: Format) -> (u32, u32, String) {
    let fault = read(text.as_bytes(), format, &BOUNDS).unwrap_err();
    (fault.line.unwrap(), fault.column.unwrap(), fault.code)
}

#[test]
fn every_value_of_a_yaml_text_has_its_place() {
    let text = "# a comment\nname: Ädel\ntiers:\n  - name: Gold\n    on: [1, {a/b: no}]\n  - x\n";
    let read = yaml(text);
    assert_eq!(read.value, json!({"name": "Ädel", "tiers": [{"name": "Gold", "on": [1, {"a/b": "no"}]}, "x"]}));
    let place = |pointer: &str| (read.marks.value(pointer).line, read.marks.value(pointer).column);
    let name = |pointer: &str| (read.marks.name(pointer).line, read.marks.name(pointer).column);
    assert_eq!((place(""), place("/name"), name("/name")), ((2, 1), (2, 7), (2, 1)));
    assert_eq!(
        (place("/tiers/0/name"), place("/tiers/0/on/1/a~1b"), name("/tiers/0/on/1/a~1b")),
        ((4, 11), (5, 19), (5, 14))
    );
    assert_eq!((place("/tiers/1"), place("/tiers/7/x"), name("/nothing")), ((6, 5), (4, 3), (2, 1)));
}

#[test]
fn every_value_of_a_json_text_has_its_place() {
    let text = "{ \"näme\" : \"a\\\"b\",\n  \"a/b\": [ 1, {\"x\": -0.5e1}, [], {} ,null]}";
    let read = read(text.as_bytes(), Format::Json, &BOUNDS).unwrap();
    assert_eq!(read.value, serde_json::from_str::<Value>(text).unwrap());
    let place = |pointer: &str| (read.marks.value(pointer).line, read.marks.value(pointer).column);
    assert_eq!((place("/näme"), place("/a~1b/0"), place("/a~1b/1/x")), ((1, 12), (2, 12), (2, 21)));
    assert_eq!((place("/a~1b/2"), place("/a~1b/4"), read.marks.name("/a~1b").column), ((2, 30), (2, 38), 3));
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    use Format::{Json, Yaml};
    for (text, format, expected) in [
        ("{\"a\": 1,\n \"a\": 2}", Json, (2, 4, "syntax")),
        ("{\"a\": \n oops}", Json, (2, 2, "syntax")),
        ("", Json, (1, 1, "syntax")),
        ("slug: [a\nname: b", Yaml, (2, 5, "syntax")),
        ("a: *nothing", Yaml, (1, 4, "syntax")),
        ("a: &a [1, *a]", Yaml, (1, 11, "alias")),
        ("a: &a {b: 1}\nc:\n  <<: *a", Yaml, (3, 3, "merge_key")),
        ("? [a]\n: 1", Yaml, (1, 3, "key")),
        ("a: 1\n---\nb: 2", Yaml, (2, 1, "syntax")),
    ] {
        assert_eq!(stops(text, format), (expected.0, expected.1, expected.2.to_owned()), "{text:?}");
    }
    let fault = read(b"a: 1\nb: \xff", Format::Yaml, &BOUNDS).unwrap_err();
    assert_eq!((fault.code.as_str(), fault.line, fault.column), ("encoding", Some(2), Some(4)));
}

#[test]
fn what_is_not_taken_is_told_all_at_once() {
    let read = yaml("a: 007\nb: [1, 0.12345678901234567]\na: 2\nc: !!binary aGk=\nd: !!str 5\n");
    let told: Vec<_> =
        read.faults.iter().map(|it| (it.line.unwrap(), it.pointer.as_deref().unwrap(), it.code.as_str())).collect();
    assert_eq!(told, [(1, "/a", "number"), (2, "/b/1", "number"), (3, "/a", "duplicate"), (4, "/c", "tag")]);
    assert_eq!((&read.value["d"], &read.value["a"]), (&json!("5"), &Value::Null));
    let json = contract::read(b"[1, {\"a\": 100000000000000000.5}]", Format::Json, &BOUNDS).unwrap();
    assert_eq!(json.faults[0].pointer.as_deref(), Some("/1/a"));
}

#[test]
fn an_alias_stands_where_it_is_used() {
    let read = yaml("a: &a {x: [1, 2]}\nb: *a\n");
    assert_eq!(read.value, json!({"a": {"x": [1, 2]}, "b": {"x": [1, 2]}}));
    assert_eq!((read.marks.value("/b").line, read.marks.value("/b/x/1").line), (2, 1));
}

#[test]
fn hostile_texts_are_refused_quickly() {
    let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for at in 1..40 {
        bomb.push_str(&format!("a{at}: &a{at} [{}]\n", format!("*a{},", at - 1).repeat(10)));
    }
    let long = format!("a: &a {}\nb: [{}]", "x".repeat(500_000), "*a,".repeat(100_000));
    let nested: String = (0..99).map(|at| format!("[&a{at} ")).collect();
    let kept = format!("{nested}[{}]{}", "1,".repeat(90_000), "]".repeat(99));
    let chain: String = "a0: &a0 [x]\n".to_owned()
        + &(1..5_000).map(|at| format!("a{at}: &a{at} [*a{}]\n", at - 1)).collect::<String>();
    let names = format!(
        "{}[{}]{}",
        format!("{{\"{}\":", "n".repeat(190)).repeat(98),
        "1,".repeat(90_000) + "1",
        "}".repeat(98)
    );
    for (what, text) in [
        ("bomb", bomb),
        ("long", long),
        ("kept", kept),
        ("chain", chain),
        ("brackets", "[".repeat(1_000_000)),
        ("braces", "{".repeat(1_000_000)),
        ("keys", "{a: ".repeat(200_000)),
        ("dashes", "- ".repeat(500_000)),
        ("questions", "? ".repeat(500_000)),
        ("values", format!("[{}]", "1,".repeat(400_000))),
        ("anchors", "&a ".repeat(300_000)),
        ("tags", "!a ".repeat(300_000)),
        ("indents", (0..1_000).map(|at| format!("{}a:\n", " ".repeat(at))).collect()),
        ("name", format!("{}: 1", "k".repeat(900))),
        ("quotes", "\"".repeat(999_999)),
        ("large", "x".repeat(10_000_000)),
        ("digits", format!("a: {}", "9".repeat(1_000_000))),
    ] {
        let began = Instant::now();
        for format in [Format::Yaml, Format::Json] {
            let refused = match read(text.as_bytes(), format, &BOUNDS) {
                Ok(read) => !read.faults.is_empty(),
                Err(_) => true,
            };
            assert!(refused, "{what} {format:?}");
        }
        let took = began.elapsed();
        println!("{what}: {took:?}");
        assert!(took < Duration::from_secs(20), "{what}: {took:?}");
    }
    // Long, deep and harmless: the names above are those of every value below them.
    assert!(read(names.as_bytes(), Format::Json, &BOUNDS).is_ok());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1000..1000_i32).prop_map(|n| json!(f64::from(n) / 8.0)),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("\\PC{0,8}", inner, 0..6).prop_map(|map| json!(map)),
        ]
    })
}

fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| pointers(item, &format!("{at}/{n}"), found))
        }
        Value::Object(map) => map.iter().for_each(|(name, item)| pointers(item, &contract::child(at, name), found)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes, Format::Yaml, &BOUNDS);
        let _ = read(&bytes, Format::Json, &BOUNDS);
    }

    #[test]
    fn arbitrary_marks_of_yaml_are_read_or_refused(text in "[-a:?*&!|>'\"%@`{}\\[\\], \n\t#0.1~<]{0,120}") {
        let _ = read(text.as_bytes(), Format::Yaml, &BOUNDS);
        let _ = read(text.as_bytes(), Format::Json, &BOUNDS);
    }

    #[test]
    fn json_is_read_as_the_library_reads_it_and_each_place_holds_its_value(value in any_json(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let read = read(text.as_bytes(), Format::Json, &BOUNDS).unwrap();
        prop_assert_eq!(&read.value, &value);
        let mut all = Vec::new();
        pointers(&value, "", &mut all);
        for pointer in all {
            let place = read.marks.value(&pointer);
            let line = text.lines().nth(place.line as usize - 1).unwrap();
            let rest: String = line.chars().skip(place.column as usize - 1).collect();
            let wanted = value.pointer(&pointer).unwrap();
            let begins = match wanted {
                Value::Array(_) => "[".to_owned(),
                Value::Object(_) => "{".to_owned(),
                scalar => scalar.to_string(),
            };
            prop_assert!(rest.starts_with(&begins), "{} at {:?}: {}", pointer, place, rest);
        }
    }

    #[test]
    fn json_in_ascii_means_the_same_as_yaml(value in any_json()) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        prop_assume!(text.is_ascii() && !text.contains("\\u") && !text.contains("<<"));
        prop_assert_eq!(read(text.as_bytes(), Format::Yaml, &BOUNDS).unwrap().value, value);
    }
}

//! Any bytes as a text: read or refused, never a panic; and what is read is read again as it was written.
//!
//! `cargo +nightly fuzz run read` in `crates/contract`.
#![no_main]

use contract::{Bounds, Format, read};
use libfuzzer_sys::fuzz_target;
use rules::{Program, RuleBook};

const BOUNDS: Bounds = Bounds { bytes: 1024 * 1024, depth: 100, values: 100_000, name: 200 };

fuzz_target!(|bytes: &[u8]| {
    for format in [Format::Yaml, Format::Json] {
        let Ok(text) = read(bytes, format, &BOUNDS) else { continue };
        if !text.faults.is_empty() {
            continue;
        }
        let written = serde_json::to_vec(&text.value).expect("a value is JSON");
        let again = read(&written, Format::Json, &Bounds { bytes: usize::MAX, ..BOUNDS }).expect("it was read before");
        assert_eq!(again.value, text.value);
        if let Ok(book) = RuleBook::read(&text.value) {
            let _ = Program::compile(&book);
        }
    }
});

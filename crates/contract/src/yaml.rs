//! YAML, from the parser's events: what stands where is known of every value.
//!
//! Only what JSON has is taken, so that a document means the same however it is written: no tags but `!!str`, no merge
//! keys, no numbers that readers understand differently. Words such as `no`, `on` and `n` are texts.

mod build;
mod scalar;

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, ScanError, Tag};
use kernel::Fault;
use serde_json::Value;

use self::build::Builder;
use crate::{
    Bounds, Marks, Place, Text,
    marks::Inner,
    text::{at, too_deep},
};

/// Reads a text with the places of its values.
pub(crate) fn read(text: &str, bounds: &Bounds) -> Result<Text, Fault> {
    let deepest = bounds.depth.saturating_add(1);
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: deepest,
        block_nesting_limit: deepest,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder::new(bounds);
    let mut documents = 0;
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| broken(&error, bounds))?;
        let here = place(&span.start);
        if matches!(event, Event::DocumentStart(..)) {
            documents += 1;
            if documents > 1 {
                return Err(at(here, "syntax", "holds a second document: one text is one document"));
            }
        }
        take(&mut builder, event, here)?;
    }
    let (root, faults) = builder.finish();
    let (value, marks) = root.unwrap_or_else(|| (Value::Null, Marks::new(Place::START, Inner::Scalar)));
    Ok(Text { value, marks, faults })
}

fn take(builder: &mut Builder, event: Event, here: Place) -> Result<(), Fault> {
    let tagged = |tag: Option<&Tag>| tag.is_some_and(|tag| tag.core_suffix() != Some("str"));
    match event {
        Event::Scalar(text, style, anchor, tag) => {
            if tagged(tag.as_deref()) {
                builder.soft(here, "tag", "has a tag, which is not taken here: write the value without it");
            }
            let literal = style != ScalarStyle::Plain || tag.is_some();
            builder.scalar(&text, literal, anchor, here)
        }
        Event::SequenceStart(_, anchor, tag) => {
            if tag.is_some() {
                builder.soft(here, "tag", "has a tag, which is not taken here");
            }
            builder.open(build::Kind::List, anchor, here)
        }
        Event::MappingStart(_, anchor, tag) => {
            if tag.is_some() {
                builder.soft(here, "tag", "has a tag, which is not taken here");
            }
            builder.open(build::Kind::Map, anchor, here)
        }
        Event::SequenceEnd | Event::MappingEnd => builder.close(),
        Event::Alias(anchor) => builder.alias(anchor, here),
        // The rest is about the stream, not about values.
        _ => Ok(()),
    }
}

/// The parser looks ahead, so that it may come upon what is too deep before its events do.
fn broken(error: &ScanError, bounds: &Bounds) -> Fault {
    let here = place(error.marker());
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => too_deep(here, bounds),
        _ => at(here, "syntax", error.info()),
    }
}

fn place(marker: &Marker) -> Place {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Place { line: number(marker.line()).max(1), column: number(marker.col()).saturating_add(1) }
}

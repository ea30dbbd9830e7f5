//! What came of it.

use serde_json::Value;

use super::{
    scalar,
    walk::{Need, Rule, Walk},
};

pub(super) fn result(walk: &mut Walk, value: &Value) {
    const RESULT: &[(&str, Need, Rule)] = &[
        ("score", Need::Optional, score),
        ("success", Need::Optional, scalar::boolean),
        ("completion", Need::Optional, scalar::boolean),
        ("response", Need::Optional, scalar::text),
        ("duration", Need::Optional, scalar::duration),
        ("extensions", Need::Optional, scalar::extensions),
    ];
    walk.object(value, RESULT);
}

fn score(walk: &mut Walk, value: &Value) {
    const SCORE: &[(&str, Need, Rule)] = &[
        ("scaled", Need::Optional, scalar::number),
        ("raw", Need::Optional, scalar::number),
        ("min", Need::Optional, scalar::number),
        ("max", Need::Optional, scalar::number),
    ];
    let Some(members) = walk.object(value, SCORE) else { return };
    let number = |name: &str| members.get(name).and_then(Value::as_f64);
    if number("scaled").is_some_and(|scaled| !(-1.0..=1.0).contains(&scaled)) {
        walk.within("scaled", |walk| walk.fault("out_of_range", "must be from -1 to 1"));
    }
    let (raw, min, max) = (number("raw"), number("min"), number("max"));
    if min.zip(max).is_some_and(|(min, max)| min >= max) {
        walk.within("min", |walk| walk.fault("contradiction", "must be less than max"));
    }
    let below = raw.zip(min).is_some_and(|(raw, min)| raw < min);
    if below || raw.zip(max).is_some_and(|(raw, max)| raw > max) {
        walk.within("raw", |walk| walk.fault("out_of_range", "must be from min to max"));
    }
}

//! By which requirement a tier is won or lost. Pure.

use programs::ProgramDocument;
use rules::{Explanation, Met, Number, Value};
use serde_json::json;

use super::model::{Because, Side};

/// How many requirements are told.
const MOST: usize = 5;

/// The requirements that one of the rules has and the partner does not meet, and that the other does not hold against it;
/// the nearest to being met first. `failing` is the tier as the rules see it that refuse it, `other` as the others do.
pub(super) fn because(rules: Side, failing: &Explanation, other: Option<&Explanation>) -> Vec<Because> {
    let (mut unmet, mut also) = (Vec::new(), Vec::new());
    collect(failing, &mut unmet);
    if let Some(other) = other {
        collect(other, &mut also);
    }
    let decides =
        |leaf: &&Explanation| !also.iter().any(|it| subject(it) == subject(leaf) && it.threshold == leaf.threshold);
    let deciding: Vec<&Explanation> = unmet.iter().copied().filter(decides).collect();
    let mut told = if deciding.is_empty() { unmet } else { deciding };
    told.sort_by_key(|leaf| distance(leaf));
    told.truncate(MOST);
    told.into_iter().map(|leaf| tell(rules, leaf)).collect()
}

/// The requirements that are not met, without those that only say how others are nested.
fn collect<'a>(told: &'a Explanation, unmet: &mut Vec<&'a Explanation>) {
    if told.outcome.is_none_or(|outcome| outcome == Met::Met) {
        return;
    }
    let nests =
        matches!(told.construct.as_str(), "tier" | "name" | "all" | "any" | "at_least_of") && told.threshold.is_none();
    let before = unmet.len();
    if nests {
        told.children.iter().for_each(|child| collect(child, unmet));
    }
    // What lies in it is no condition, or was told before.
    if unmet.len() == before && told.construct != "tier" {
        unmet.push(told);
    }
}

/// What a requirement is about: what is compared, or what it is called.
fn subject(leaf: &Explanation) -> (&str, &str) {
    let about = leaf.children.first().map_or(leaf.label.as_str(), |child| child.label.as_str());
    (leaf.construct.as_str(), about)
}

/// How far it is from being met, in millionths of the threshold; what has no distance comes last.
fn distance(leaf: &Explanation) -> u64 {
    let threshold = leaf.threshold.as_ref().and_then(Value::number);
    let millionths =
        |gap: Number| Some(gap.times(Number::count(1_000_000))?.over(threshold?)?.floor().to_i64()?.unsigned_abs());
    leaf.gap.and_then(millionths).unwrap_or(u64::MAX)
}

fn tell(rules: Side, leaf: &Explanation) -> Because {
    // Of a comparison, the value is what is compared.
    let value = match &leaf.threshold {
        Some(_) => leaf.children.first().map(|child| &child.value),
        None => Some(&leaf.value),
    };
    Because {
        rules,
        pointer: leaf.pointer.clone(),
        words: leaf.words.clone(),
        value: value.filter(|value| value.is_known()).map(|value| json!(value)),
        threshold: leaf.threshold.as_ref().filter(|value| value.is_known()).map(|value| json!(value)),
        gap: leaf.gap.map(|gap| json!(gap)),
        unit: leaf.unit.clone(),
    }
}

/// What decides where only one of the rules has the tier: that it has it.
pub(super) fn there(rules: Side, document: &ProgramDocument, tier: &str) -> Option<Because> {
    let place = document.tiers.iter().position(|it| it.name == tier)?;
    let words = match rules {
        Side::After => format!("{tier} is new"),
        Side::Before => format!("{tier} is gone"),
    };
    let pointer = format!("/tiers/{place}");
    Some(Because { rules, pointer, words, value: None, threshold: None, gap: None, unit: None })
}

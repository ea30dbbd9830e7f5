//! The sentences of an explanation.

use super::Explanation;
use crate::{
    Met, Number, Value,
    node::{Node, Op, Relation},
};

/// A node in a sentence: what it is, and for a condition whether it is met and how far it is.
pub(super) fn of(node: &Node, told: &Explanation) -> String {
    match &node.op {
        Op::Compare(by) => comparison(*by, node, told),
        Op::OneOf(values) => {
            let all: Vec<String> = values.iter().map(Value::to_string).collect();
            format!("{} must be {}: {}", left(told), all.join(" or "), met(told))
        }
        Op::Contains { all, values } => {
            let names: Vec<String> = values.iter().map(Value::to_string).collect();
            let how = if *all { "all of" } else { "one of" };
            format!("must hold {how} {}: {}", names.join(", "), met(told))
        }
        Op::All => format!("all of {} are needed: {}", node.args.len(), counted(told)),
        Op::Any => format!("one of {} is needed: {}", node.args.len(), counted(told)),
        Op::None => format!("none of {} may be met: {}", node.args.len(), counted(told)),
        Op::AtLeastOf { count, including } => {
            let of = node.args.len().saturating_sub(usize::from(*including));
            let besides = if *including { ", and the last besides" } else { "" };
            format!("{count} of {of} are needed{besides}: {}", counted(told))
        }
        Op::Not => format!("it must not be met: {}", met(told)),
        Op::Every(every) => {
            let relation = if every.strict { "more than" } else { "at least" };
            format!("every component needs {relation} {}: {}", every.least, met(told))
        }
        _ => plain(told),
    }
}

/// A component in a sentence.
pub(super) fn component(name: &str, points: &Value, cap: Option<Number>, applies: bool, open: bool) -> String {
    let cap = cap.map_or_else(String::new, |cap| format!(" of at most {cap}"));
    match (applies, open) {
        (false, _) => format!("{name} does not apply"),
        (true, false) => format!("{name} gives 0{cap}: its gate is not met"),
        (true, true) => format!("{name} gives {points}{cap}"),
    }
}

fn comparison(by: Relation, node: &Node, told: &Explanation) -> String {
    let relation = match by {
        Relation::AtLeast => "at least",
        Relation::MoreThan => "more than",
        Relation::AtMost => "at most",
        Relation::LessThan => "less than",
        Relation::Equals => "exactly",
        Relation::NotEquals => "anything but",
    };
    let threshold = told.threshold.as_ref().map_or_else(String::new, ToString::to_string);
    let unit = told.unit.as_deref().map_or_else(String::new, |unit| format!(" {unit}"));
    let missing = match (told.gap, by) {
        (Some(gap), Relation::MoreThan | Relation::LessThan) if gap.is_zero() => ": just on the border".to_owned(),
        (Some(gap), Relation::AtLeast | Relation::MoreThan) => format!(": {gap}{unit} short"),
        (Some(gap), _) => format!(": {gap}{unit} too much"),
        (None, _) => String::new(),
    };
    let left =
        if node.args.first().is_some_and(|arg| matches!(arg.op, Op::Value(_))) { String::new() } else { left(told) };
    format!("{left}; needed is {relation} {threshold}{unit}: {}{missing}", met(told))
}

fn left(told: &Explanation) -> String {
    told.children.first().map_or_else(String::new, plain)
}

fn plain(told: &Explanation) -> String {
    let unit = told.unit.as_deref().map_or_else(String::new, |unit| format!(" {unit}"));
    match told.unknown {
        Some(why) => format!("{} is unknown: {why}", told.label),
        None => format!("{} is {}{unit}", told.label, told.value),
    }
}

fn met(told: &Explanation) -> &'static str {
    match told.outcome {
        Some(Met::Met) => "met",
        Some(Met::NotMet) => "not met",
        _ => "unknown",
    }
}

fn counted(told: &Explanation) -> String {
    let met_ones = told.children.iter().filter(|child| child.outcome == Some(Met::Met)).count();
    format!("{met_ones} met, so {}", met(told))
}

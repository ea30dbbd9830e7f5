//! What is given, in the shapes that documents ask for.
//!
//! Case files write some things into names: `sold_points_until_2025-07-14` asks for `sold_points` on that day, and a given
//! `met_on_2025-04-10` says both `met` and `met_on`. A document knows the name, not the day. What lies in a map is also
//! there by the joined name: `person: {holds: [...]}` as `person_holds`.

use chrono::{Months, NaiveDate};
use rules::book::{Fact, FactType};
use serde_json::{Map, Value as Json, json};

/// How a name says that a day follows.
const BEFORE_DAY: [&str; 7] = ["_until_", "_from_", "_on_", "_at_", "_as_of_", "_since_", "_by_"];

/// A name without the day that it holds, the word before the day, and the day. Of a month, its last day.
pub(super) fn split(name: &str) -> Option<(&str, &str, NaiveDate)> {
    BEFORE_DAY.iter().find_map(|word| {
        let (plain, day) = name.rsplit_once(word)?;
        Some((plain, word.trim_matches('_'), whole(day).or_else(|| end_of_month(day))?))
    })
}

/// What is given, with what its names say besides. A name that is there already stays as it is.
pub(super) fn plain(given: &Map<String, Json>) -> Map<String, Json> {
    let mut plain = given.clone();
    for (name, value) in given {
        if let Some((name, word, day)) = split(name) {
            plain.entry(name).or_insert_with(|| value.clone());
            plain.entry(format!("{name}_{word}")).or_insert_with(|| json!(day));
        }
        for (key, inner) in value.as_object().into_iter().flatten() {
            plain.entry(format!("{name}_{key}")).or_insert_with(|| inner.clone());
        }
    }
    plain
}

/// True and false as 1 and 0, or the other way round, where a fact is declared so: the files write conditions either way.
pub(super) fn as_declared(given: &mut Map<String, Json>, fact: impl Fn(&str) -> Option<Fact>) {
    for (name, value) in given {
        match fact(name).map(|fact| fact.kind) {
            Some(FactType::Boolean) if *value == json!(0) || *value == json!(1) => *value = json!(*value == json!(1)),
            Some(FactType::Number) if value.is_boolean() => *value = json!(u8::from(*value == json!(true))),
            _ => {}
        }
    }
}

/// The day of the evaluation, as what is given says it: by its name, in a name, or as the only day that is given. Rules
/// that depend on no day do not look at it.
pub(super) fn day_of(given: &Map<String, Json>) -> NaiveDate {
    let said = ["as_of", "today", "evaluated_on", "evaluation_date", "on", "date"];
    let said = said.iter().find_map(|key| whole(given.get(*key)?.as_str()?));
    let in_a_name = || given.keys().find_map(|name| Some(split(name)?.2));
    let mut days = given.values().filter_map(|value| whole(value.as_str()?));
    let only = days.next().filter(|_| days.next().is_none());
    said.or_else(in_a_name).or(only).unwrap_or_default()
}

fn whole(day: &str) -> Option<NaiveDate> {
    (day.len() == 10).then(|| day.parse().ok()).flatten()
}

fn end_of_month(month: &str) -> Option<NaiveDate> {
    let first = whole(&format!("{month}-01"))?;
    first.checked_add_months(Months::new(1))?.pred_opt()
}

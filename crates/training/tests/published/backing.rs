//! What a document counts of stored certifications where no other system reports a total.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// A fact that another system may report, and what is counted in its place.
pub struct Backed {
    pub fact: String,
    holding: BTreeSet<String>,
    how: How,
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    People,
    PeopleWithAll,
    Certificates,
    /// Whether there is anybody.
    Somebody,
}

impl Backed {
    /// What somebody adds who holds these.
    fn adds(&self, held: &BTreeSet<String>) -> u64 {
        match self.how {
            How::Certificates => self.holding.intersection(held).count() as u64,
            How::PeopleWithAll => u64::from(self.holding.is_subset(held)),
            How::People | How::Somebody => u64::from(!self.holding.is_disjoint(held)),
        }
    }

    pub fn certificates(&self) -> impl Iterator<Item = &String> {
        self.holding.iter()
    }
}

/// The facts of a document that stand in `first_known` before what is counted of certificates.
pub fn backed(document: &Value) -> Vec<Backed> {
    let mut found: BTreeMap<String, Backed> = BTreeMap::new();
    walk(document, &mut |node| {
        let Some([Value::String(fact), otherwise, ..]) = node["first_known"].as_array().map(Vec::as_slice) else {
            return;
        };
        let of_one_value = |kind: &Value| kind == "number" || kind == "boolean";
        if let Some((holding, how)) = counted(document, otherwise)
            && of_one_value(&document["facts"][fact]["type"])
        {
            found.insert(fact.clone(), Backed { fact: fact.clone(), holding, how });
        }
    });
    found.into_values().collect()
}

/// Every map in a document.
fn walk(value: &Value, look: &mut impl FnMut(&Value)) {
    match value {
        Value::Object(fields) => {
            look(value);
            fields.values().for_each(|inner| walk(inner, look));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, look)),
        _ => {}
    }
}

/// Which certificates an expression or a rule counts, through names.
fn counted(document: &Value, of: &Value) -> Option<(BTreeSet<String>, How)> {
    if let Some(name) = of.as_str() {
        let (metric, rule) = (&document["metrics"][name], &document["rules"][name]);
        let named = [&metric["value"], &rule["requires"], metric, rule];
        return counted(document, named.into_iter().find(|it| !it.is_null())?);
    }
    if of["at_least"] == 1 {
        return counted(document, &of["metric"]).map(|(holding, _)| (holding, How::Somebody));
    }
    let (what, how) = match (&of["people"], &of["certificates"]) {
        (Value::Null, certificates) => (certificates, How::Certificates),
        (people, _) if people["match"] == "all" => (people, How::PeopleWithAll),
        (people, _) => (people, How::People),
    };
    Some((texts(&what["holding"])?, how))
}

fn texts<T: FromIterator<String>>(list: &Value) -> Option<T> {
    list.as_array()?.iter().map(|it| it.as_str().map(str::to_owned)).collect()
}

/// People who hold just so much that each count comes out; nothing where nobody can.
pub fn people(backed: &[Backed], wanted: &[u64]) -> Option<Map<String, Value>> {
    let all: BTreeSet<&String> = backed.iter().flat_map(|one| &one.holding).collect();
    let of = |held: &[&String]| held.iter().map(|it| (*it).clone()).collect::<BTreeSet<String>>();
    let whole = backed.iter().filter(|one| matches!(one.how, How::Certificates | How::PeopleWithAll));
    let mut kinds: Vec<BTreeSet<String>> = whole.map(|one| one.holding.clone()).collect();
    kinds.extend(all.iter().map(|one| of(&[*one])));
    let alone = kinds.len();
    kinds.extend(all.iter().flat_map(|one| all.iter().filter(move |it| one < *it).map(move |it| of(&[*one, *it]))));
    // Whoever adds the same is of one kind; whoever adds most comes first.
    let distinct = |kinds: &[BTreeSet<String>]| {
        let mut by_adding: BTreeMap<Vec<u64>, BTreeSet<String>> = BTreeMap::new();
        for held in kinds {
            by_adding.entry(backed.iter().map(|one| one.adds(held)).collect()).or_insert_with(|| held.clone());
        }
        let mut distinct: Vec<_> = by_adding.into_iter().collect();
        distinct.sort_by_key(|(adds, _)| std::cmp::Reverse(adds.iter().sum::<u64>()));
        distinct
    };
    let fill = |kinds: &[BTreeSet<String>]| {
        let (kinds, mut chosen) = (distinct(kinds), Vec::new());
        fill(&kinds, wanted, &mut chosen).then_some(chosen)
    };
    let chosen = fill(&kinds[..alone]).or_else(|| fill(&kinds))?;
    Some(chosen.iter().enumerate().map(|(at, held)| (format!("Person {at}"), json!(held))).collect())
}

/// Whether people of these kinds, each so often as needed, add up to what is left.
fn fill(kinds: &[(Vec<u64>, BTreeSet<String>)], left: &[u64], chosen: &mut Vec<BTreeSet<String>>) -> bool {
    let Some(((adds, held), rest)) = kinds.split_first() else { return left.iter().all(|it| *it == 0) };
    let nobody_adds = |at: usize| kinds.iter().all(|(adds, _)| adds[at] == 0);
    if (0..left.len()).any(|at| left[at] > 0 && nobody_adds(at)) {
        return false;
    }
    let most = left.iter().zip(adds).filter(|(_, adds)| **adds > 0).map(|(left, adds)| left / adds).min().unwrap_or(0);
    (0..=most).rev().any(|often| {
        let before = chosen.len();
        let left: Vec<u64> = left.iter().zip(adds).map(|(left, adds)| left - adds * often).collect();
        chosen.extend((0..often).map(|_| held.clone()));
        let filled = fill(rest, &left, chosen);
        if !filled {
            chosen.truncate(before);
        }
        filled
    })
}

/// What one person holds: as a list that another system gives by printed names, or stored under other names.
pub struct OnePerson {
    /// The fact that lists it.
    pub list: String,
    /// The fact that says who is meant.
    pub name: String,
    printed: BTreeSet<String>,
    stored: Vec<String>,
}

impl OnePerson {
    /// A stored certificate for each of the printed names that is asked for here.
    pub fn stored_for<'a>(&'a self, held: &'a [String]) -> impl Iterator<Item = &'a String> {
        held.iter().filter(|it| self.printed.contains(*it)).filter_map(|_| self.stored.first())
    }

    pub fn certificates(&self) -> impl Iterator<Item = &String> {
        self.stored.iter()
    }
}

/// Where a document asks what one person holds.
pub fn of_one_person(document: &Value) -> Vec<OnePerson> {
    let mut found = Vec::new();
    walk(document, &mut |node| {
        let Some([listed, counted]) = node["any"].as_array().map(Vec::as_slice) else { return };
        let conditions = counted["metric"]["count"]["where"]["all"].as_array().into_iter().flatten();
        let of = |column: &str, key: &str| {
            conditions.clone().find(|it| it["metric"] == format!("row.{column}"))?.get(key).cloned()
        };
        let one = || {
            Some(OnePerson {
                list: listed["contains"]["list"].as_str()?.to_owned(),
                name: of("person", "equals")?.as_str()?.to_owned(),
                printed: texts(&listed["contains"]["any"])?,
                stored: texts(&of("certificate", "one_of")?)?,
            })
        };
        found.extend(one());
    });
    found
}

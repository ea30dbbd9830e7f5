//! What is wrong with observations: everything at once.

use std::collections::HashSet;

use contract::child;
use database::{
    Result, Tx,
    schema::{partners as companies, programs as stored},
    within_reach,
};
use diesel::prelude::*;
use kernel::{Actor, Code, Currency, Error, Fault, PartnerId};
use programs::sources;
use rules::Number;

use super::{
    NOT_DIMENSIONS,
    model::{CERTIFICATES, NewObservation, TRANSACTIONS},
    places,
};
use crate::{ENGINE, FactValue, MANUAL, value};

/// How many dimensions an observation has, and how long they are.
const DIMENSIONS: usize = 10;
const DIMENSION: usize = 200;
/// What a dimension cannot be called besides: an amount and its currency are value and unit.
const OF_MONEY: [&str; 2] = ["amount", "currency"];
/// The most faults that one answer lists.
const MOST_FAULTS: usize = 100;

pub(super) fn check(tx: &mut Tx, actor: &Actor, new: &[NewObservation]) -> Result<()> {
    let (partners, slugs) = (seen(tx, actor, new)?, slugs(tx, new)?);
    let ids: Vec<_> = new.iter().map(NewObservation::id).collect();
    let first = places(&ids);
    let mut faults = Vec::new();
    for (place, (one, id)) in new.iter().zip(&ids).enumerate() {
        let at = format!("/observations/{place}");
        let mut fault = |field: &str, code: &str, detail: String| {
            faults.push(Fault::at(&format!("{at}{field}"), code, detail));
        };
        if !partners.contains(&one.partner_id) {
            fault("/partner_id", "unknown_reference", "is not a partner that you can see".to_owned());
        }
        if one.program.as_ref().is_some_and(|slug| !slugs.contains(slug)) {
            fault("/program", "unknown_reference", "is not a known program".to_owned());
        }
        if let Some(earlier) = first.get(id).filter(|earlier| **earlier != place) {
            fault("", "duplicate", format!("observes the same as /observations/{earlier}"));
        }
        faults.extend(of_one(one, &at));
    }
    faults.truncate(MOST_FAULTS);
    Ok(Error::unless_empty(Code::InvalidBody, faults)?)
}

/// What is wrong with an observation by itself.
fn of_one(new: &NewObservation, at: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, code: &str, detail: &str| {
        faults.push(Fault::at(&format!("{at}{field}"), code, detail));
    };
    match (new.day, new.period) {
        (None, Some(period)) if period.to < period.from => {
            fault("/period/to", "contradiction", "is before the first day");
        }
        (Some(_), None) | (None, Some(_)) => {}
        _ => fault("", "exactly_one", "must hold exactly one of day and period"),
    }
    if sources::engine(&new.metric).is_some_and(|engine| !engine.open) {
        fault("/metric", "reserved", "is known to the engine alone");
    }
    if [ENGINE, MANUAL].contains(&new.source.as_str()) {
        fault("/source", "reserved", "is the engine's own: name the system that reports");
    }
    match new.metric.as_str() {
        CERTIFICATES => {
            for name in ["person", "certificate"] {
                if !new.dimensions.contains_key(name) {
                    fault(&format!("/dimensions/{name}"), "required", "is required of certificates");
                }
            }
        }
        TRANSACTIONS => {
            if new.unit.as_ref().is_none_or(|unit| unit.parse::<Currency>().is_err()) {
                fault("/unit", "required", "must be the currency of the amount, such as EUR");
            }
            let amount = |value: &FactValue| matches!(value, FactValue::Text(text) if text.parse::<Number>().is_ok());
            if new.value.as_ref().is_some_and(|value| !amount(value)) {
                fault("/value", "type", "must be an amount such as \"1234.50\"");
            }
        }
        _ => {}
    }
    if new.value.is_none() && new.metric != CERTIFICATES {
        fault("/value", "required", "is required");
    }
    faults.extend(new.value.iter().filter_map(|value| value::fault(value, &format!("{at}/value"))));
    faults.extend(dimension_faults(new, &format!("{at}/dimensions")));
    faults
}

fn dimension_faults(new: &NewObservation, at: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    if new.dimensions.len() > DIMENSIONS {
        faults.push(Fault::at(at, "too_many", format!("must have at most {DIMENSIONS} fields")));
    }
    for (name, value) in &new.dimensions {
        let here = child(at, name);
        if !is_name(name) {
            faults.push(Fault::at(&here, "name", "must have a name of small letters, digits and _"));
        } else if NOT_DIMENSIONS.contains(&name.as_str()) || OF_MONEY.contains(&name.as_str()) {
            faults.push(Fault::at(&here, "reserved", "is no dimension: it has a place of its own"));
        }
        if !(1..=DIMENSION).contains(&value.chars().count()) {
            faults.push(Fault::at(&here, "length", format!("must have 1 to {DIMENSION} characters")));
        }
    }
    faults
}

fn is_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() <= 64 && name.bytes().all(inner) && name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Which of the partners the actor reaches.
fn seen(tx: &mut Tx, actor: &Actor, new: &[NewObservation]) -> Result<HashSet<PartnerId>> {
    let asked: HashSet<PartnerId> = new.iter().map(|one| one.partner_id).collect();
    let found: Vec<PartnerId> = within_reach!(companies::table.into_boxed(), companies::id, actor)
        .filter(companies::id.eq_any(asked))
        .select(companies::id)
        .load(tx.sql())?;
    Ok(found.into_iter().collect())
}

/// Which of the programs there are.
fn slugs(tx: &mut Tx, new: &[NewObservation]) -> Result<HashSet<String>> {
    let asked: HashSet<&String> = new.iter().filter_map(|one| one.program.as_ref()).collect();
    if asked.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<String> = stored::table.filter(stored::slug.eq_any(asked)).select(stored::slug).load(tx.sql())?;
    Ok(found.into_iter().collect())
}

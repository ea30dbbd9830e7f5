//! What a program's rules read of many partners at once: one ordered pass over their facts, straight into the values
//! that rules compute with.

mod data;
mod plan;

use std::{collections::HashMap, ops::Range, sync::Arc};

use chrono::{Days, NaiveDate};
use database::{
    Result, Tx,
    schema::{facts, partners as companies},
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Nullable, Text},
};
use kernel::{Country, PartnerId, Timestamp};
use partners::{Enrollment, EnrollmentId};
use programs::Rules;
use rules::Value;

use data::iso_day;
use plan::Plan;

/// Of how many partners one statement reads.
const AT_ONCE: usize = 250;

/// Of when facts are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The last day that counts: what is of a later day is not there.
    pub as_of: NaiveDate,
    /// What was recorded later is not there, and what was superseded later still is.
    pub known_at: Timestamp,
}

/// What the rules read of one enrollment.
#[derive(Debug, Clone)]
pub struct Gathered {
    /// The enrollment.
    pub enrollment: EnrollmentId,
    /// Its partner.
    pub partner: PartnerId,
    /// The facts, with what they rest on.
    pub facts: rules::Facts,
}

/// A fact as the pass reads it, in the order of partner, name and subject.
#[derive(Debug)]
pub(crate) struct Read {
    partner: String,
    name: String,
    subject: Arc<str>,
    /// As the database writes it: in the order of time.
    recorded_at: String,
    day: Option<NaiveDate>,
    until: Option<NaiveDate>,
    data: String,
    source: String,
}

impl Read {
    fn key(&self) -> (&str, &str, &str, &str) {
        (&self.partner, &self.name, &self.subject, &self.recorded_at)
    }
}

/// Reads the facts that the program declares, of many enrollments in it at once; in the order of the enrollments.
///
/// # Errors
/// When the database cannot be read, or holds what is no fact.
pub fn gather(tx: &mut Tx, rules: &Rules, enrollments: &[Enrollment], moment: Moment) -> Result<Vec<Gathered>> {
    let plan = Plan::new(tx, rules, moment)?;
    let mut gathered = Vec::with_capacity(enrollments.len());
    for chunk in enrollments.chunks(AT_ONCE) {
        let (rows, places) = read(tx, rules, chunk, moment, &plan)?;
        let countries = if plan.asks_for_country() { countries(tx, chunk)? } else { HashMap::new() };
        for enrollment in chunk {
            let own = places.get(&enrollment.partner_id.to_string()).cloned().unwrap_or_default();
            let country = countries.get(&enrollment.partner_id).map(|country| Value::text(&country.to_string()));
            let facts = plan.facts(enrollment, country, rows.get(own).unwrap_or_default())?;
            gathered.push(Gathered { enrollment: enrollment.id, partner: enrollment.partner_id, facts });
        }
    }
    Ok(gathered)
}

/// The facts as JSON, always the same for the same facts: what `POST /v1/programs/evaluate` takes.
pub fn inputs(rules: &Rules, gathered: &Gathered) -> serde_json::Value {
    rules.compiled.facts_as_json(&gathered.facts)
}

/// Where among the facts those of a partner stand.
type Places = HashMap<String, Range<usize>>;

/// The facts of the enrollments' partners, and where in them those of each stand.
fn read(
    tx: &mut Tx,
    rules: &Rules,
    enrollments: &[Enrollment],
    moment: Moment,
    plan: &Plan<'_>,
) -> Result<(Vec<Read>, Places)> {
    let mut partners: Vec<PartnerId> = enrollments.iter().map(|enrollment| enrollment.partner_id).collect();
    partners.sort_unstable();
    partners.dedup();
    let names = plan.names();
    if names.is_empty() {
        return Ok((Vec::new(), HashMap::new()));
    }
    // What day an instant was depends on the program's zone: a day more is read, and looked at more closely.
    let last = moment.as_of.checked_add_days(Days::new(1)).unwrap_or(moment.as_of);
    let known = facts::recorded_at
        .le(moment.known_at)
        .and(facts::superseded_at.is_null().or(facts::superseded_at.gt(moment.known_at)));
    let mut rows: Vec<Read> = facts::table
        .filter(facts::partner_id.eq_any(&partners).and(facts::name.eq_any(names)))
        .filter(known)
        .filter(facts::day.is_null().or(facts::day.le(last)))
        .filter(facts::program.is_null().or(facts::program.eq(&rules.program)))
        // Days and times as text: to read them as such took a sixth of a run over many partners.
        .select((
            facts::partner_id,
            facts::name,
            facts::subject,
            sql::<Text>("CAST(recorded_at AS TEXT)"),
            sql::<Nullable<Text>>("CAST(day AS TEXT)"),
            sql::<Nullable<Text>>("CAST(until AS TEXT)"),
            facts::data,
            facts::source,
        ))
        .load::<(String, String, String, String, Option<String>, Option<String>, String, String)>(tx.sql())?
        .into_iter()
        .map(|(partner, name, subject, recorded_at, day, until, data, source)| Read {
            partner,
            name,
            subject: subject.into(),
            recorded_at,
            day: day.as_deref().and_then(iso_day),
            until: until.as_deref().and_then(iso_day),
            data,
            source,
        })
        .collect();
    // Both databases go along the key, so they are in order nearly always; asked for it, PostgreSQL sorts on its disk.
    rows.sort_by(|a, b| a.key().cmp(&b.key()));
    let mut places: Places = HashMap::with_capacity(partners.len());
    let mut begin = 0;
    for own in rows.chunk_by(|a, b| a.partner == b.partner) {
        let end = begin + own.len();
        if let Some(first) = own.first() {
            places.insert(first.partner.clone(), begin..end);
        }
        begin = end;
    }
    Ok((rows, places))
}

fn countries(tx: &mut Tx, enrollments: &[Enrollment]) -> Result<HashMap<PartnerId, Country>> {
    let ids = enrollments.iter().map(|enrollment| enrollment.partner_id);
    let rows: Vec<(PartnerId, Country)> = companies::table
        .filter(companies::id.eq_any(ids))
        .select((companies::id, companies::country))
        .load(tx.sql())?;
    Ok(rows.into_iter().collect())
}

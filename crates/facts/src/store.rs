//! Facts as rows: one ordered table, in which nothing is changed but until when it was known.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use database::{Error, Result, Tx, schema::facts};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Bool, Text},
};
use kernel::{Actor, PartnerId, Timestamp};
use serde_json::Value;

/// The source of what the engine itself reports.
pub const ENGINE: &str = "engine";
/// The source of what people enter.
pub const MANUAL: &str = "manual";

/// Under which lock facts are written; who holds it alone knows up to when all are committed.
const LOCK: &str = "facts";

/// What a fact says, by column: sorted, so that the same is written the same.
pub type Data = BTreeMap<String, Value>;

/// A fact as it is stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = facts)]
pub(crate) struct Row {
    pub partner_id: PartnerId,
    pub name: String,
    pub subject: String,
    pub recorded_at: Timestamp,
    pub superseded_at: Option<Timestamp>,
    pub program: Option<String>,
    pub day: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    pub data: String,
    pub source: String,
    pub recorded_by: String,
}

/// A fact about to be recorded.
#[derive(Debug, Clone)]
pub struct Reported {
    /// Of whom.
    pub partner_id: PartnerId,
    /// What: the name under which programs read it.
    pub name: String,
    /// What it is about: of one partner and name there is one fact of a subject at a time.
    pub subject: String,
    /// The program for which alone it holds, by slug.
    pub program: Option<String>,
    /// The day that it is of, the last day of its period, or the first day on which it holds. Where it is the day of an
    /// instant, that stands in `data` as `at`: what day it was, depends on the program.
    pub day: Option<NaiveDate>,
    /// The last day on which it holds.
    pub until: Option<NaiveDate>,
    /// What it says, by column; exact numbers as text, instants in RFC 3339.
    pub data: Data,
    /// [`ENGINE`], [`MANUAL`], or the system that reported it.
    pub source: String,
    /// Whether nothing can be known of the subject yet, so that it need not be looked for.
    pub known_new: bool,
}

/// What became of a fact that was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing was known of its subject.
    Created,
    /// Something else was known; it is superseded.
    Corrected,
    /// The same was known.
    Unchanged,
}

/// A domain reports a fact of its own, in its own transaction. What was known of its subject is superseded.
///
/// # Errors
/// When the database cannot be written.
pub fn report(tx: &mut Tx, actor: &Actor, fact: Reported) -> Result<Change> {
    let changes = report_all(tx, actor, vec![fact])?;
    changes.first().copied().ok_or_else(|| Error::Internal("a fact was reported, and nothing became of it".into()))
}

/// The same of several facts, of different subjects.
///
/// # Errors
/// When the database cannot be written.
pub fn report_all(tx: &mut Tx, actor: &Actor, reported: Vec<Reported>) -> Result<Vec<Change>> {
    if reported.is_empty() {
        return Ok(Vec::new());
    }
    let now = tx.time_under(LOCK, false)?;
    let known = known(tx, &reported)?;
    let mut changes = Vec::with_capacity(reported.len());
    for fact in reported {
        let data = serde_json::to_string(&fact.data).map_err(|error| Error::Internal(error.to_string()))?;
        let before = known.get(&(fact.partner_id, fact.name.clone(), fact.subject.clone()));
        let same = |row: &Row| {
            (row.day, row.until, &row.program, &row.data, &row.source)
                == (fact.day, fact.until, &fact.program, &data, &fact.source)
        };
        if before.is_some_and(same) {
            changes.push(Change::Unchanged);
            continue;
        }
        let recorded_at = match before {
            Some(before) => supersede(tx, before, now)?,
            None => now,
        };
        let row = Row {
            partner_id: fact.partner_id,
            name: fact.name,
            subject: fact.subject,
            recorded_at,
            superseded_at: None,
            program: fact.program,
            day: fact.day,
            until: fact.until,
            data,
            source: fact.source,
            recorded_by: actor.subject.clone(),
        };
        diesel::insert_into(facts::table).values(&row).execute(tx.sql())?;
        changes.push(if before.is_some() { Change::Corrected } else { Change::Created });
    }
    Ok(changes)
}

/// Takes a fact back: nothing is known of its subject from now on. Nothing happens if nothing was.
///
/// # Errors
/// When the database cannot be written.
pub fn withdraw(tx: &mut Tx, partner: PartnerId, name: &str, subject: &str) -> Result<()> {
    let current: Option<Row> = facts::table
        .filter(facts::partner_id.eq(partner).and(facts::name.eq(name)).and(facts::subject.eq(subject)))
        .filter(facts::superseded_at.is_null())
        .select(Row::as_select())
        .first(tx.sql())
        .optional()?;
    if let Some(row) = current {
        let now = tx.time_under(LOCK, false)?;
        supersede(tx, &row, now)?;
    }
    Ok(())
}

/// The time up to which everything that was ever recorded by then can be read, from the next transaction on, and which
/// nothing that is recorded later will have: the exact `known_at` of a run. Called in a transaction of its own that
/// writes ([`database::Database::write`]): on PostgreSQL it keeps others from recording facts until it ends.
///
/// # Errors
/// When the database cannot be asked.
pub fn known_now(tx: &mut Tx) -> Result<Timestamp> {
    Ok(tx.time_under(LOCK, true)? - TimeDelta::microseconds(1))
}

/// The partners of whom something was recorded, superseded or withdrawn after one time and until another, both
/// [`known_now`]'s; and until when the answer is complete. Where that is earlier than was asked for, the rest is asked
/// for after it. As many as `limit`, or some more: what was recorded together is told together.
///
/// # Errors
/// When the database cannot be read.
pub fn partners_changed(
    tx: &mut Tx,
    after: Timestamp,
    until: Timestamp,
    limit: usize,
) -> Result<(Vec<PartnerId>, Timestamp)> {
    let most = i64::try_from(limit.max(1)).unwrap_or(i64::MAX);
    let (mut changed, mut complete) = (Vec::new(), until);
    // Each change moves one of the two times.
    let recorded: Vec<(Timestamp, PartnerId)> = facts::table
        .filter(facts::recorded_at.gt(after).and(facts::recorded_at.le(until)))
        .select((facts::recorded_at, facts::partner_id))
        .distinct()
        .order((facts::recorded_at, facts::partner_id))
        .limit(most)
        .load(tx.sql())?;
    if let Some((last, _)) = recorded.last().filter(|_| recorded.len() >= limit) {
        complete = complete.min(*last);
        changed.extend(times(
            facts::table.filter(facts::recorded_at.eq(*last)).select(facts::partner_id).load(tx.sql())?,
            *last,
        ));
    }
    changed.extend(recorded);
    let superseded: Vec<(Option<Timestamp>, PartnerId)> = facts::table
        .filter(facts::superseded_at.gt(after).and(facts::superseded_at.le(until)))
        .select((facts::superseded_at, facts::partner_id))
        .distinct()
        .order((facts::superseded_at, facts::partner_id))
        .limit(most)
        .load(tx.sql())?;
    let superseded: Vec<(Timestamp, PartnerId)> =
        superseded.into_iter().filter_map(|(at, partner)| Some((at?, partner))).collect();
    if let Some((last, _)) = superseded.last().filter(|_| superseded.len() >= limit) {
        complete = complete.min(*last);
        changed.extend(times(
            facts::table.filter(facts::superseded_at.eq(*last)).select(facts::partner_id).load(tx.sql())?,
            *last,
        ));
    }
    changed.extend(superseded);
    let partners: BTreeSet<PartnerId> =
        changed.into_iter().filter(|(at, _)| *at <= complete).map(|(_, partner)| partner).collect();
    Ok((partners.into_iter().collect(), complete))
}

/// The partners of whom something ends or begins by itself on a day: its last day was the one before, or it is of this
/// day and was recorded before `begins`, when the day begins. After one of them, in their order; as many as `limit`.
///
/// # Errors
/// When the database cannot be read.
pub fn partners_turning(
    tx: &mut Tx,
    day: NaiveDate,
    begins: Timestamp,
    after: Option<PartnerId>,
    limit: usize,
) -> Result<Vec<PartnerId>> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let after = after.map_or_else(String::new, |after| after.to_string());
    let held = || {
        let known = facts::table.filter(facts::superseded_at.is_null());
        let rest = sql::<Bool>("facts.partner_id > ").bind::<Text, _>(after.clone());
        known.filter(rest).select(facts::partner_id).distinct().order(facts::partner_id).limit(most)
    };
    let ended: Vec<PartnerId> = match day.pred_opt() {
        Some(last) => held().filter(facts::until.eq(last)).load(tx.sql())?,
        None => Vec::new(),
    };
    let foreseen: Vec<PartnerId> =
        held().filter(facts::day.eq(day)).filter(sql::<Bool>("facts.day > facts.recorded_at")).load(tx.sql())?;
    // Where the day begins later than in UTC, what was recorded since it began there was of tomorrow.
    let hours = facts::recorded_at.ge(Timestamp::from(day.and_time(NaiveTime::MIN).and_utc()));
    let of_tomorrow: Vec<PartnerId> =
        held().filter(facts::day.eq(day)).filter(hours.and(facts::recorded_at.lt(begins))).load(tx.sql())?;
    let all: BTreeSet<PartnerId> = ended.into_iter().chain(foreseen).chain(of_tomorrow).collect();
    Ok(all.into_iter().take(limit).collect())
}

fn times(partners: Vec<PartnerId>, at: Timestamp) -> impl Iterator<Item = (Timestamp, PartnerId)> {
    partners.into_iter().map(move |partner| (at, partner))
}

type Key = (PartnerId, String, String);

/// What is known of the subjects of facts that are not new.
fn known(tx: &mut Tx, reported: &[Reported]) -> Result<HashMap<Key, Row>> {
    let open: Vec<&Reported> = reported.iter().filter(|fact| !fact.known_new).collect();
    if open.is_empty() {
        return Ok(HashMap::new());
    }
    let partners: BTreeSet<PartnerId> = open.iter().map(|fact| fact.partner_id).collect();
    let names: BTreeSet<&str> = open.iter().map(|fact| fact.name.as_str()).collect();
    let subjects: BTreeSet<&str> = open.iter().map(|fact| fact.subject.as_str()).collect();
    let rows: Vec<Row> = facts::table
        .filter(facts::partner_id.eq_any(partners).and(facts::name.eq_any(names)))
        .filter(facts::subject.eq_any(subjects).and(facts::superseded_at.is_null()))
        .select(Row::as_select())
        .load(tx.sql())?;
    Ok(rows.into_iter().map(|row| ((row.partner_id, row.name.clone(), row.subject.clone()), row)).collect())
}

/// Ends what was known, and tells when: now, but always after it began.
fn supersede(tx: &mut Tx, row: &Row, now: Timestamp) -> Result<Timestamp> {
    let at = now.max(row.recorded_at + TimeDelta::microseconds(1));
    let key = (row.partner_id, row.name.as_str(), row.subject.as_str(), row.recorded_at);
    diesel::update(facts::table.find(key)).set(facts::superseded_at.eq(at)).execute(tx.sql())?;
    Ok(at)
}

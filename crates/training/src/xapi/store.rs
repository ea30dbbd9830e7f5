//! Statements are stored once, and never changed.

use std::collections::{BTreeSet, HashMap};

use database::{
    Result, Tx,
    schema::{xapi_statement_keys as keys, xapi_statements as statements},
    within_reach,
};
use diesel::prelude::*;
use events::audit;
use kernel::{Actor, Code, Error, Fault, PartnerId, Timestamp, ids};
use serde_json::{Value, json};

use super::{
    STATEMENT_VERSION, attached, learn,
    names::{self, Part},
    read::Sent,
};
use crate::{catalogue, person::PersonId, review};

ids! {
    /// The place of a statement in the order in which they were stored.
    PlaceKind = "statement" => Place;
}

/// How many statements that speak of one which comes late are found by what it names.
const LATE: usize = 1_000;
/// How many keys one command writes.
const KEYS: usize = 200;

/// A statement as it is stored.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = statements)]
struct Row {
    id: String,
    place: Place,
    digest: String,
    said_at: Option<Timestamp>,
    target: Option<String>,
    voids: bool,
    /// Whether who voids reaches everything.
    widely: bool,
    voided: bool,
    size: i32,
    statement: String,
    actor: Option<String>,
    person_id: Option<PersonId>,
    partner_id: Option<PartnerId>,
    recorded_by: String,
    stored_at: Timestamp,
}

/// Who says so: the server's word for whoever has sent a statement.
#[derive(Debug, Clone)]
pub struct Authority {
    /// The server's address: the home of the accounts of those who send.
    pub home_page: String,
}

impl Authority {
    fn of(&self, actor: &Actor) -> Value {
        json!({"objectType": "Agent", "account": {"homePage": self.home_page, "name": actor.subject}})
    }
}

/// Stores statements that are new, and records what they say; their ids. Those that were stored before change nothing.
///
/// # Errors
/// `already_exists` for another statement under the same id: then none is stored.
pub fn save(tx: &mut Tx, actor: &Actor, authority: &Authority, sent: &[Sent]) -> Result<Vec<String>> {
    let authority = authority.of(actor);
    let new = unknown(tx, sent)?;
    let catalogue = catalogue::current(tx)?;
    attached::keep(tx, &new)?;
    for one in &new {
        let (voided, at) = (is_voided(tx, actor, one)?, one.said_at.unwrap_or(tx.now()));
        if !voided {
            learn::learn(tx, actor, &catalogue, one, at)?;
        }
        store(tx, actor, &authority, one, voided)?;
    }
    if !new.is_empty() {
        let ids: Vec<&str> = new.iter().map(|one| one.id.as_str()).collect();
        audit::record(tx, actor, "storeXapiStatements", "xapi_statements", None, (None::<&Value>, Some(&ids)))?;
    }
    Ok(sent.iter().map(|one| one.id.clone()).collect())
}

/// Those that are not stored yet.
fn unknown<'s>(tx: &mut Tx, sent: &'s [Sent]) -> Result<Vec<&'s Sent>> {
    let ids: Vec<&str> = sent.iter().map(|one| one.id.as_str()).collect();
    let stored: Vec<(String, String, Option<Timestamp>)> = if tx.looks_first() {
        let known = statements::table.filter(statements::id.eq_any(ids));
        known.select((statements::id, statements::digest, statements::said_at)).load(tx.sql())?
    } else {
        Vec::new()
    };
    let stored: HashMap<&str, (&str, Option<Timestamp>)> =
        stored.iter().map(|(id, digest, at)| (id.as_str(), (digest.as_str(), *at))).collect();
    let differs = |one: &Sent| {
        let known = stored.get(one.id.as_str());
        known
            .is_some_and(|(digest, at)| *digest != one.digest || at.zip(one.said_at).is_some_and(|(at, own)| at != own))
    };
    let faults: Vec<Fault> = sent
        .iter()
        .enumerate()
        .filter(|(_, one)| differs(one))
        .map(|(place, one)| {
            let at = if sent.len() == 1 { "/id".to_owned() } else { format!("/{place}/id") };
            Fault::at(&at, "taken", format!("{} is the id of another statement", one.id))
        })
        .collect();
    if !faults.is_empty() {
        let detail = "Another statement has the same id.".to_owned();
        return Err(Error { code: Code::AlreadyExists, detail, faults }.into());
    }
    Ok(sent.iter().filter(|one| !stored.contains_key(one.id.as_str())).collect())
}

/// Whether a statement was taken back before it came.
fn is_voided(tx: &mut Tx, actor: &Actor, sent: &Sent) -> Result<bool> {
    if sent.voids {
        return Ok(false);
    }
    let by = statements::target.eq(&sent.id).and(statements::voids.eq(true));
    let may = statements::widely.eq(true).or(statements::recorded_by.eq(&actor.subject));
    Ok(statements::table.filter(by.and(may)).count().get_result::<i64>(tx.sql())? > 0)
}

fn store(tx: &mut Tx, actor: &Actor, authority: &Value, sent: &Sent, voided: bool) -> Result<()> {
    let stored = json!(tx.now());
    let mut members = sent.members.clone();
    members.entry("id").or_insert_with(|| sent.id.clone().into());
    members.entry("timestamp").or_insert_with(|| stored.clone());
    members.entry("version").or_insert_with(|| STATEMENT_VERSION.into());
    members.insert("stored".to_owned(), stored);
    members.insert("authority".to_owned(), authority.clone());
    let statement = Value::Object(members).to_string();
    let (called, person) = learn::whose(tx, actor, sent)?;
    let (person_id, partner_id) = person.map(|person| (person.id, person.partner_id)).unzip();
    let row = Row {
        id: sent.id.clone(),
        place: tx.id(),
        digest: sent.digest.clone(),
        said_at: sent.said_at,
        target: sent.target.clone(),
        voids: sent.voids,
        widely: matches!(actor.reach(), kernel::Reach::Everything),
        voided,
        size: i32::try_from(statement.len()).unwrap_or(i32::MAX),
        statement,
        actor: called,
        person_id,
        partner_id: actor.partner.or(partner_id),
        recorded_by: actor.subject.clone(),
        stored_at: tx.now(),
    };
    diesel::insert_into(statements::table).values(&row).execute(tx.sql())?;
    attached::link(tx, row.place, &sent.attached)?;
    let mut found_by: BTreeSet<String> = sent.names.iter().map(names::key).collect();
    found_by.extend(names::identifier(authority).map(|name| names::key(&(Part::Related, name))));
    if let Some(target) = &sent.target {
        if sent.voids {
            take_back(tx, actor, target)?;
        }
        found_by.extend(keys_of(tx, target)?);
    }
    write_keys(tx, row.place, &found_by)?;
    spread(tx, &sent.id, &found_by)
}

/// Takes a statement back, if whoever says so reaches it and it takes back none itself.
fn take_back(tx: &mut Tx, actor: &Actor, target: &str) -> Result<()> {
    let own = within_reach!(statements::table.into_boxed(), statements::partner_id.assume_not_null(), actor);
    let reached = own.filter(statements::id.eq(target).and(statements::voids.eq(false)));
    let reached: Option<String> = reached.select(statements::id).first(tx.sql()).optional()?;
    let sent = statements::id.eq(target).and(statements::voids.eq(false));
    let sent = statements::table.filter(sent.and(statements::recorded_by.eq(&actor.subject)));
    let sent: Option<String> = sent.select(statements::id).first(tx.sql()).optional()?;
    let Some(id) = reached.or(sent) else { return Ok(()) };
    diesel::update(statements::table.find(&id)).set(statements::voided.eq(true)).execute(tx.sql())?;
    review::taken_back(tx, actor, &id)
}

/// By what a statement is found.
fn keys_of(tx: &mut Tx, id: &str) -> Result<Vec<String>> {
    let place = statements::table.find(id).select(statements::place);
    let Some(place) = place.first::<Place>(tx.sql()).optional()? else { return Ok(Vec::new()) };
    Ok(keys::table.filter(keys::place.eq(place)).select(keys::key).load(tx.sql())?)
}

/// Whatever speaks of a statement is found by what that one names; and what came before it, from now on.
fn spread(tx: &mut Tx, id: &str, found_by: &BTreeSet<String>) -> Result<()> {
    let mut open = vec![id.to_owned()];
    let mut seen: BTreeSet<String> = open.iter().cloned().collect();
    while let Some(target) = open.pop() {
        let about = statements::table.filter(statements::target.eq(&target));
        let limit = i64::try_from(LATE.saturating_sub(seen.len())).unwrap_or_default();
        let about: Vec<(String, Place)> =
            about.select((statements::id, statements::place)).limit(limit).load(tx.sql())?;
        for (id, place) in about {
            if seen.insert(id.clone()) {
                let own: Vec<String> = keys::table.filter(keys::place.eq(place)).select(keys::key).load(tx.sql())?;
                let missing = found_by.iter().filter(|key| !own.contains(key)).cloned().collect();
                write_keys(tx, place, &missing)?;
                open.push(id);
            }
        }
    }
    Ok(())
}

fn write_keys(tx: &mut Tx, place: Place, found_by: &BTreeSet<String>) -> Result<()> {
    // Both are ours: digests and ids hold no quote.
    let rows: Vec<String> = found_by.iter().map(|key| format!("('{key}', '{place}')")).collect();
    for rows in rows.chunks(KEYS) {
        let text = format!("INSERT INTO xapi_statement_keys (key, place) VALUES {}", rows.join(", "));
        diesel::sql_query(text).execute(tx.sql())?;
    }
    Ok(())
}

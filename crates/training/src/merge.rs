//! One person under two addresses: merging them, with history.

use database::{
    Result, Sought, Tx,
    schema::{credentials, exam_attempts, people, person_emails, training_enrollments, xapi_statements},
};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Error};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    catalogue, credential, employment, enrollment,
    person::{self, Person, PersonId, refuse_merged},
};

/// Merges a person into another.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"into": "person_01h455vb4pex5vsknk084sn02q", "reason": "Her address changed when she married."}))]
pub struct MergePerson {
    /// Who they are. That person keeps id, name, primary address and employment.
    pub into: PersonId,
    /// How that is known.
    #[schema(min_length = 1, max_length = 4000, example = "Her address changed when she married.")]
    pub reason: String,
}

/// Merges a person into another, who is answered: addresses, training and credentials are that one's from now on. What
/// counted for a partner on days that have passed stays as it was, but for one person.
///
/// # Errors
/// `not_found`; `invalid_body` for one whom the actor does not see, or the same; `invalid_transition` for one who was
/// merged; those of `check`, which sees the one who is merged.
pub fn merge(
    tx: &mut Tx,
    actor: &Actor,
    id: PersonId,
    request: MergePerson,
    check: &dyn Fn(&Person) -> Result<()>,
) -> Result<Person> {
    let before = person::find(tx, actor, id)?;
    check(&before)?;
    refuse_merged(&before)?;
    let into = person::find(tx, actor, request.into)
        .if_there()?
        .ok_or_else(|| Error::invalid("/into", "unknown_reference", "is not a person whom you can see"))?;
    if into.id == id {
        return Err(Error::invalid("/into", "contradiction", "is the same person").into());
    }
    refuse_merged(&into)?;
    let catalogue = catalogue::current(tx)?;
    let today = catalogue.day_of(tx.now());
    let merged = Person { merged_into: Some(into.id), merged_on: Some(today), updated_at: tx.now(), ..before.clone() };
    diesel::update(people::table.find(id)).set(&merged).execute(tx.sql())?;
    diesel::update(people::table.find(into.id)).set(people::updated_at.eq(tx.now())).execute(tx.sql())?;
    enrollment::close_doubles(tx, actor, id, into.id)?;
    hand_over(tx, id, into.id)?;
    employment::carry(tx, into.id, into.partner_id)?;
    let into = person::find(tx, &Actor::system(), into.id)?;
    enrollment::report_all_of(tx, actor, &into)?;
    credential::recheck_all(tx, actor, &catalogue, &into)?;
    credential::report_all_of(tx, actor, &into)?;
    // A partner is not told whom of another one's.
    let both = before.partner_id == into.partner_id;
    let (from, to) = (Some(id.to_string()), Some(into.id.to_string()));
    let data = EventData { from: from.clone(), to: to.clone().filter(|_| both), ..EventData::default() };
    events::record(tx, actor, NewEvent::new("person.merged", id, Some(before.partner_id)).with(data))?;
    if !both {
        let data = EventData { to, ..EventData::default() };
        events::record(tx, actor, NewEvent::new("person.merged", into.id, Some(into.partner_id)).with(data))?;
    }
    audit::record(tx, actor, "mergePerson", id, Some(before.partner_id), (Some(&before), Some(&merged)))?;
    Ok(into)
}

fn hand_over(tx: &mut Tx, from: PersonId, to: PersonId) -> Result<()> {
    diesel::update(person_emails::table.filter(person_emails::person_id.eq(from)))
        .set(person_emails::person_id.eq(to))
        .execute(tx.sql())?;
    diesel::update(training_enrollments::table.filter(training_enrollments::person_id.eq(from)))
        .set(training_enrollments::person_id.eq(to))
        .execute(tx.sql())?;
    diesel::update(exam_attempts::table.filter(exam_attempts::person_id.eq(from)))
        .set(exam_attempts::person_id.eq(to))
        .execute(tx.sql())?;
    diesel::update(credentials::table.filter(credentials::person_id.eq(from)))
        .set(credentials::person_id.eq(to))
        .execute(tx.sql())?;
    diesel::update(xapi_statements::table.filter(xapi_statements::person_id.eq(from)))
        .set(xapi_statements::person_id.eq(to))
        .execute(tx.sql())?;
    Ok(())
}

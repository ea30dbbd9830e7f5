//! For whom people work, on which days; and moving from one partner to another.

use chrono::NaiveDate;
use database::{
    Result, Sought, Tx,
    schema::{credentials, employments, exam_attempts, people, training_enrollments, xapi_statements},
};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Error, PartnerId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    catalogue, credential, enrollment,
    person::{self, Person, PersonId, refuse_merged},
};

/// For whom a person worked on which days.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = employments)]
pub struct Employment {
    /// The person.
    pub person_id: PersonId,
    /// Counts the person's employments, from 1.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub nth: i32,
    /// The partner.
    pub partner_id: PartnerId,
    /// The first day; null for the first employment, which is as old as is known.
    #[schema(required = true)]
    pub from_day: Option<NaiveDate>,
    /// The last day; null if they work there still.
    #[schema(required = true)]
    pub until_day: Option<NaiveDate>,
    /// Why they were moved here.
    #[schema(required = true, max_length = 4000)]
    pub reason: Option<String>,
    /// Who wrote it down.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
}

/// What is known of how a person came to where they are.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonHistory {
    /// The person.
    pub person_id: PersonId,
    /// Every address by which they are known, sorted.
    #[schema(max_items = 1000)]
    pub emails: Vec<String>,
    /// For whom they worked, in order.
    #[schema(max_items = 1000)]
    pub employments: Vec<Employment>,
    /// Who was merged into them, by id.
    #[schema(max_items = 1000)]
    pub merged: Vec<PersonId>,
}

/// Moves a person to another partner.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"partner_id": "partner_01h455vb4pex5vsknk084sn02q", "reason": "Left for Contoso."}))]
pub struct MovePerson {
    /// The partner that they work for from then on.
    pub partner_id: PartnerId,
    /// Their first day there; today in the catalogue's time zone, if it is left out. Not in the future.
    #[schema(nullable = false)]
    pub on: Option<NaiveDate>,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, example = "Left for Contoso.")]
    pub reason: String,
}

/// Moves a person, with everything that they have learned, from one partner to another. Credentials count for the one
/// until the day before, and for the other from the day on; the tiers of both are looked at again.
///
/// # Errors
/// `not_found`; `invalid_body` for a partner that the actor does not reach or a day that cannot be;
/// `invalid_transition` for one who was merged; those of `check`.
pub fn move_to(
    tx: &mut Tx,
    actor: &Actor,
    id: PersonId,
    request: MovePerson,
    check: &dyn Fn(&Person) -> Result<()>,
) -> Result<Person> {
    let before = person::find(tx, actor, id)?;
    check(&before)?;
    refuse_merged(&before)?;
    let today = catalogue::current(tx)?.day_of(tx.now());
    let on = request.on.unwrap_or(today);
    let mut all = of(tx, id)?;
    let current = all.pop().ok_or_else(|| database::Error::Internal("a person without an employment".into()))?;
    let fault = |pointer, code, words: &str| Err(Error::invalid(pointer, code, words).into());
    if request.partner_id == before.partner_id {
        return fault("/partner_id", "contradiction", "is where they work already");
    }
    if partners::partner::find(tx, actor, request.partner_id).if_there()?.is_none() {
        return fault("/partner_id", "unknown_reference", "is not a partner that you can see");
    }
    if on > today || current.from_day.is_some_and(|from| on < from) {
        return fault("/on", "out_of_range", "must be from the first day of the employment now to today");
    }
    let key = (id, current.nth);
    diesel::update(employments::table.find(key)).set(employments::until_day.eq(on.pred_opt())).execute(tx.sql())?;
    let next = Employment {
        person_id: id,
        nth: current.nth.saturating_add(1),
        partner_id: request.partner_id,
        from_day: Some(on),
        until_day: None,
        reason: Some(request.reason.clone()),
        recorded_by: actor.subject.clone(),
        recorded_at: tx.now(),
    };
    diesel::insert_into(employments::table).values(&next).execute(tx.sql())?;
    let person = Person { partner_id: request.partner_id, updated_at: tx.now(), ..before.clone() };
    diesel::update(people::table.find(id)).set(&person).execute(tx.sql())?;
    carry(tx, id, person.partner_id)?;
    enrollment::hand_on_open(tx, actor, id, person.partner_id)?;
    credential::report_all_of(tx, actor, &person)?;
    // Each partner is told of its own part.
    let left = EventData { from: Some(before.partner_id.to_string()), ..EventData::default() };
    let joined = EventData { to: Some(person.partner_id.to_string()), ..EventData::default() };
    for (partner, data) in [(before.partner_id, left), (person.partner_id, joined)] {
        events::record(tx, actor, NewEvent::new("person.moved", id, Some(partner)).with(data))?;
    }
    audit::record(tx, actor, "movePerson", id, Some(person.partner_id), (Some(&before), Some(&person)))?;
    Ok(person)
}

/// Whatever a person has learned is seen by the partner that they work for.
pub(crate) fn carry(tx: &mut Tx, person: PersonId, partner: PartnerId) -> Result<()> {
    diesel::update(training_enrollments::table.filter(training_enrollments::person_id.eq(person)))
        .set(training_enrollments::partner_id.eq(partner))
        .execute(tx.sql())?;
    diesel::update(exam_attempts::table.filter(exam_attempts::person_id.eq(person)))
        .set(exam_attempts::partner_id.eq(partner))
        .execute(tx.sql())?;
    diesel::update(credentials::table.filter(credentials::person_id.eq(person)))
        .set(credentials::partner_id.eq(partner))
        .execute(tx.sql())?;
    diesel::update(xapi_statements::table.filter(xapi_statements::person_id.eq(person)))
        .set(xapi_statements::partner_id.eq(partner))
        .execute(tx.sql())?;
    Ok(())
}

/// The first employment: as old as is known.
pub(crate) fn begin(tx: &mut Tx, actor: &Actor, person: &Person) -> Result<()> {
    let first = Employment {
        person_id: person.id,
        nth: 1,
        partner_id: person.partner_id,
        from_day: None,
        until_day: None,
        reason: None,
        recorded_by: actor.subject.clone(),
        recorded_at: tx.now(),
    };
    diesel::insert_into(employments::table).values(&first).execute(tx.sql())?;
    Ok(())
}

/// A person's employments, in order.
///
/// # Errors
/// When the database cannot be read.
pub fn of(tx: &mut Tx, id: PersonId) -> Result<Vec<Employment>> {
    let own = employments::table.filter(employments::person_id.eq(id)).order(employments::nth);
    Ok(own.select(Employment::as_select()).load(tx.sql())?)
}

/// How a person whom the actor may see came to where they are. What a partner's people see of it is their own company's.
///
/// # Errors
/// `not_found`.
pub fn history(tx: &mut Tx, actor: &Actor, id: PersonId) -> Result<PersonHistory> {
    let person = person::find(tx, actor, id)?;
    let mut employments = of(tx, person.id)?;
    employments.retain(|one| actor.partner.is_none_or(|own| own == one.partner_id));
    let merged = people::table.filter(people::merged_into.eq(id)).order(people::id).select(people::id);
    let merged = if actor.is_vendor() { merged.load(tx.sql())? } else { Vec::new() };
    Ok(PersonHistory { person_id: id, emails: person::emails(tx, id)?, employments, merged })
}

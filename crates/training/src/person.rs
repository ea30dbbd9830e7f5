//! Who learns: people of partners, known by their addresses.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use database::{
    Result, Sought, Tx,
    schema::{people, person_emails},
    within_reach,
};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error, Fault, Page, Paging, PartnerId, Timestamp, ids};
use partners::standing;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};
use utoipa::ToSchema;
use validator::Validate;

use crate::{employment, review, xapi};

ids! {
    /// Somebody who learns.
    PersonKind = "person" => PersonId;
}

/// Somebody who learns. They work for one partner at a time; what they have learned goes with them.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = people, treat_none_as_null = true)]
pub struct Person {
    /// Unique.
    pub id: PersonId,
    /// The partner that they work for now.
    pub partner_id: PartnerId,
    /// What to call them.
    #[schema(max_length = 200, example = "Ada Lovelace")]
    pub name: String,
    /// Their primary address; unique, lower case.
    #[schema(format = Email, max_length = 254, example = "ada@northwind.example")]
    pub email: String,
    /// What another system calls them.
    #[schema(required = true, max_length = 200, example = "HR-00417")]
    pub external_id: Option<String>,
    /// Whom they turned out to be: everything of theirs is that person's.
    #[schema(required = true)]
    pub merged_into: Option<PersonId>,
    /// The day on which that was found out.
    #[schema(required = true)]
    pub merged_on: Option<NaiveDate>,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

/// Somebody to add.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Ada Lovelace", "email": "ada@northwind.example"}))]
pub struct NewPerson {
    /// The partner that they work for; a partner's own people may leave it out.
    pub partner_id: Option<PartnerId>,
    /// What to call them.
    #[schema(min_length = 1, max_length = 200, example = "Ada Lovelace")]
    pub name: String,
    /// Their address; compared in lower case, and nobody else's.
    #[schema(format = Email, max_length = 254, example = "ada@northwind.example")]
    pub email: String,
    /// What another system calls them.
    #[schema(nullable = false, min_length = 1, max_length = 200, example = "HR-00417")]
    pub external_id: Option<String>,
}

/// Changes to somebody; what is left out stays, null clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ada.king@northwind.example"}))]
pub struct PersonUpdate {
    /// What to call them.
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Another primary address. They stay known by the one before.
    #[schema(nullable = false, format = Email, max_length = 254)]
    pub email: Option<String>,
    /// What another system calls them.
    #[serde(default, deserialize_with = "kernel::patch::present")]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub external_id: Option<Option<String>>,
}

/// Which people to list.
#[derive(Debug, Default)]
pub struct PersonFilter {
    /// Only of this partner.
    pub partner_id: Option<PartnerId>,
    /// Only whom this address belongs to, primary or not.
    pub email: Option<String>,
    /// Only whom another system calls so.
    pub external_id: Option<String>,
    /// Only those changed at or after this time.
    pub updated_after: Option<Timestamp>,
}

/// Adds somebody.
///
/// # Errors
/// `invalid_body` for a partner that the actor does not reach; `already_exists`; `policy_refuses` while the company may
/// not act.
pub fn create(tx: &mut Tx, actor: &Actor, new: NewPerson) -> Result<Person> {
    standing::company_may_act(tx, actor)?;
    let partner_id =
        new.partner_id.or(actor.partner).ok_or_else(|| Error::invalid("/partner_id", "required", "is required"))?;
    partners::partner::find(tx, actor, partner_id)
        .if_there()?
        .ok_or_else(|| Error::invalid("/partner_id", "unknown_reference", "is not a partner that you can see"))?;
    if tx.looks_first() && owner(tx, &new.email.to_lowercase())?.is_some() {
        return Err(taken().into());
    }
    add(tx, actor, partner_id, new)
}

/// Adds somebody of a partner whose address is free.
pub(crate) fn add(tx: &mut Tx, actor: &Actor, partner_id: PartnerId, new: NewPerson) -> Result<Person> {
    let person = Person {
        id: tx.id(),
        partner_id,
        name: new.name,
        email: new.email.to_lowercase(),
        external_id: new.external_id,
        merged_into: None,
        merged_on: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    diesel::insert_into(people::table).values(&person).execute(tx.sql())?;
    know(tx, &person.email, person.id)?;
    employment::begin(tx, actor, &person)?;
    introduce(tx, &person)?;
    events::record(tx, actor, NewEvent::new("person.created", person.id, Some(partner_id)))?;
    audit::record(tx, actor, "createPerson", person.id, Some(partner_id), (None::<&Person>, Some(&person)))?;
    Ok(person)
}

/// From now on somebody is known by this address.
fn know(tx: &mut Tx, email: &str, id: PersonId) -> Result<()> {
    let digest = person_emails::mailbox_sha1.eq(mailbox_sha1(email));
    let address = (person_emails::email.eq(email), person_emails::person_id.eq(id), digest);
    diesel::insert_into(person_emails::table).values(address).execute(tx.sql())?;
    Ok(())
}

/// What was said of somebody before they were known is theirs from now on.
fn introduce(tx: &mut Tx, person: &Person) -> Result<()> {
    let email = &person.email;
    let numbers = person.external_id.iter().chain([email]).map(|number| format!("external:{number}"));
    let names: Vec<String> =
        numbers.chain([format!("mailto:{email}"), format!("sha1:{}", mailbox_sha1(email))]).collect();
    review::call_person(tx, &names)?;
    xapi::claim(tx, &names, person)
}

/// The SHA-1 by which learning systems may name whoever has this address.
fn mailbox_sha1(email: &str) -> String {
    Sha1::digest(format!("mailto:{email}")).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Changes somebody. `check` sees them as they are, before anything changes.
///
/// # Errors
/// `not_found`; `already_exists`; `invalid_transition` for one who was merged; those of `check`; `policy_refuses` while
/// the company may not act.
pub fn update(
    tx: &mut Tx,
    actor: &Actor,
    id: PersonId,
    new: PersonUpdate,
    check: &dyn Fn(&Person) -> Result<()>,
) -> Result<Person> {
    let before = find(tx, actor, id)?;
    check(&before)?;
    standing::company_may_act(tx, actor)?;
    refuse_merged(&before)?;
    let mut person = before.clone();
    person.name = new.name.unwrap_or(person.name);
    person.external_id = new.external_id.unwrap_or(person.external_id);
    if let Some(email) = new.email.map(|email| email.to_lowercase()).filter(|email| *email != before.email) {
        match owner(tx, &email)? {
            Some(other) if other != id => return Err(taken().into()),
            Some(_) => {}
            None => {
                know(tx, &email, id)?;
            }
        }
        person.email = email;
    }
    person.updated_at = tx.now();
    diesel::update(people::table.find(id)).set(&person).execute(tx.sql())?;
    if (&person.email, &person.external_id) != (&before.email, &before.external_id) {
        introduce(tx, &person)?;
    }
    let event = NewEvent::new("person.updated", id, Some(person.partner_id)).with(EventData::default());
    events::record(tx, actor, event)?;
    audit::record(tx, actor, "updatePerson", id, Some(person.partner_id), (Some(&before), Some(&person)))?;
    Ok(person)
}

/// Somebody whom the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: PersonId) -> Result<Person> {
    within_reach!(people::table.into_boxed(), people::partner_id, actor)
        .filter(people::id.eq(id))
        .select(Person::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("person").into())
}

/// The people whom the actor may see, newest first, without those who were merged into others.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &PersonFilter, paging: &Paging) -> Result<Page<Person>> {
    let mut query = within_reach!(people::table.into_boxed(), people::partner_id, actor);
    query = query.filter(people::merged_into.is_null());
    if let Some(partner) = filter.partner_id {
        query = query.filter(people::partner_id.eq(partner));
    }
    if let Some(email) = &filter.email {
        let owner = person_emails::table.filter(person_emails::email.eq(email.to_lowercase()));
        query = query.filter(people::id.eq_any(owner.select(person_emails::person_id)));
    }
    if let Some(external) = &filter.external_id {
        query = query.filter(people::external_id.eq(external));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(people::updated_at.ge(after));
    }
    Ok(database::page!(tx, query, paging, "people", desc(people::id) as Person))
}

/// Whoever is known by this address, wherever they work.
///
/// # Errors
/// When the database cannot be read.
pub fn by_email(tx: &mut Tx, email: &str) -> Result<Option<Person>> {
    let Some(owner) = owner(tx, &email.to_lowercase())? else { return Ok(None) };
    Ok(people::table.find(owner).select(Person::as_select()).first(tx.sql()).optional()?)
}

/// Whom a name stands for.
pub(crate) enum Named {
    /// This person.
    One(Box<Person>),
    /// Nobody whom the actor reaches.
    Nobody,
    /// So many people.
    Several(usize),
}

impl Named {
    /// Who it is, if it is one person alone.
    pub(crate) fn one(self) -> Option<Person> {
        match self {
            Self::One(person) => Some(*person),
            Self::Nobody | Self::Several(_) => None,
        }
    }
}

/// Whom a name stands for among those whom the actor reaches: of the others, nothing is told. It is `mailto:` and an
/// address, `sha1:` and the digest of one, or `external:` and what another system calls them. What is said of somebody who
/// was merged is said of the other.
pub(crate) fn named(tx: &mut Tx, actor: &Actor, name: &str) -> Result<Named> {
    let Some((kind, name)) = name.split_once(':') else { return Ok(Named::Nobody) };
    let ids = match kind {
        "mailto" => owner(tx, &name.to_lowercase())?.into_iter().collect(),
        "sha1" => by_digest(tx, name)?.into_iter().collect(),
        "external" => by_number(tx, actor, name)?,
        _ => Vec::new(),
    };
    let mut found = BTreeMap::new();
    for id in ids {
        let mut person = find(tx, actor, id).if_there()?;
        while let Some(other) = person.as_ref().and_then(|person| person.merged_into) {
            person = find(tx, actor, other).if_there()?;
        }
        found.extend(person.map(|person| (person.id, person)));
    }
    Ok(match found.len() {
        0 | 1 => found.into_values().next().map_or(Named::Nobody, |person| Named::One(Box::new(person))),
        several => Named::Several(several),
    })
}

fn by_digest(tx: &mut Tx, digest: &str) -> Result<Option<PersonId>> {
    let own = person_emails::mailbox_sha1.eq(digest.to_ascii_lowercase());
    Ok(person_emails::table.filter(own).select(person_emails::person_id).first(tx.sql()).optional()?)
}

/// Who has this number in another system, or this id here; systems that number nobody call people by their addresses.
fn by_number(tx: &mut Tx, actor: &Actor, name: &str) -> Result<Vec<PersonId>> {
    if let Ok(id) = name.parse::<PersonId>() {
        return Ok(vec![id]);
    }
    let reached = within_reach!(people::table.into_boxed(), people::partner_id, actor);
    let found: Vec<PersonId> = reached.filter(people::external_id.eq(name)).select(people::id).load(tx.sql())?;
    if !found.is_empty() || !name.contains('@') {
        return Ok(found);
    }
    Ok(owner(tx, &name.to_lowercase())?.into_iter().collect())
}

/// The addresses by which somebody is known, sorted.
///
/// # Errors
/// When the database cannot be read.
pub fn emails(tx: &mut Tx, id: PersonId) -> Result<Vec<String>> {
    let own = person_emails::table.filter(person_emails::person_id.eq(id)).order(person_emails::email);
    Ok(own.select(person_emails::email).load(tx.sql())?)
}

/// Whether the actor is this person: a user of the partner that they work for, with one of their addresses.
///
/// # Errors
/// When the database cannot be read.
pub fn is_self(tx: &mut Tx, actor: &Actor, person: &Person) -> Result<bool> {
    let Some(user) = actor.subject.parse().ok().filter(|_| actor.partner == Some(person.partner_id)) else {
        return Ok(false);
    };
    let user = identity::user::find(tx, &Actor::system(), user)?;
    Ok(owner(tx, &user.email)? == Some(person.id))
}

/// Refuses what is asked of somebody who was merged into another.
///
/// # Errors
/// `invalid_transition`, naming the other.
pub fn refuse_merged(person: &Person) -> Result<()> {
    match person.merged_into {
        Some(other) => {
            let detail = format!("{} was merged into {other}: ask that of {other}.", person.id);
            Err(Error::new(Code::InvalidTransition, detail).into())
        }
        None => Ok(()),
    }
}

/// A fault for a person whom the actor does not see.
pub(crate) fn unseen(at: &str) -> Fault {
    Fault::at(at, "unknown_reference", "is not a person whom you can see")
}

fn owner(tx: &mut Tx, email: &str) -> Result<Option<PersonId>> {
    Ok(person_emails::table.find(email).select(person_emails::person_id).first(tx.sql()).optional()?)
}

fn taken() -> Error {
    Error::new(Code::AlreadyExists, "Somebody is known by this address already: the vendor can move or merge them.")
        .with_fault("/email", "taken", "belongs to somebody already")
}

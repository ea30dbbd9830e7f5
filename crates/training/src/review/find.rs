//! Whom and what a report speaks of.

use std::result;

use database::{
    Result, Tx,
    schema::{people, person_emails},
};
use diesel::prelude::*;
use kernel::Actor;

use super::{Pending, Reason, Stuck};
use crate::{
    catalogue::Catalogue,
    person::{self, Person, PersonId},
};

/// The course or exam by slug, and the person, if both are known and the person is within the actor's reach.
pub(super) fn both(
    tx: &mut Tx,
    actor: &Actor,
    catalogue: &Catalogue,
    pending: &Pending,
) -> Result<result::Result<(String, Person), Stuck>> {
    let Some(item) = item(catalogue, &pending.item) else {
        let detail = format!("The catalogue has no course and no exam for {}.", pending.item);
        return Ok(Err(stuck(Reason::UnknownActivity, &pending.item, detail)));
    };
    match who(tx, actor, &pending.person)? {
        Some(person) => Ok(Ok((item, person))),
        None => {
            let detail = format!("Nobody is known as {}.", pending.person);
            Ok(Err(stuck(Reason::UnknownPerson, &pending.person, detail)))
        }
    }
}

fn stuck(reason: Reason, key: &str, detail: String) -> Stuck {
    Stuck { reason, key: Some(super::told(key)), detail, partner_id: None }
}

/// The course or exam that is meant by an activity's id or a slug.
pub(super) fn item(catalogue: &Catalogue, meant: &str) -> Option<String> {
    let slug = catalogue.of_activity(meant).map(|(_, slug)| slug.to_owned());
    slug.or_else(|| catalogue.item(meant).map(|_| meant.to_owned()))
}

/// Who is meant, if the actor may know them.
pub(crate) fn who(tx: &mut Tx, actor: &Actor, meant: &str) -> Result<Option<Person>> {
    let Some((kind, name)) = meant.split_once(':') else { return Ok(None) };
    let found = match kind {
        "mailto" => by_address(tx, name)?,
        "sha1" => by_digest(tx, name)?,
        "external" => match by_number(tx, name)? {
            None if name.contains('@') => by_address(tx, name)?,
            found => found,
        },
        _ => None,
    };
    let Some(id) = found else { return Ok(None) };
    match person::find(tx, actor, id) {
        // What was reported of somebody who was merged is the other's.
        Ok(Person { merged_into: Some(other), .. }) => person::find(tx, actor, other).map(Some).or_else(absent),
        Ok(person) => Ok(Some(person)),
        Err(error) => absent(error),
    }
}

fn absent(error: database::Error) -> Result<Option<Person>> {
    if matches!(error, database::Error::Domain(_)) { Ok(None) } else { Err(error) }
}

fn by_address(tx: &mut Tx, address: &str) -> Result<Option<PersonId>> {
    let own = person_emails::table.find(address.to_lowercase()).select(person_emails::person_id);
    Ok(own.first(tx.sql()).optional()?)
}

fn by_digest(tx: &mut Tx, digest: &str) -> Result<Option<PersonId>> {
    let own = person_emails::mailbox_sha1.eq(digest.to_ascii_lowercase());
    Ok(person_emails::table.filter(own).select(person_emails::person_id).first(tx.sql()).optional()?)
}

/// Who has this number in another system, if one alone has it; or this id here.
fn by_number(tx: &mut Tx, name: &str) -> Result<Option<PersonId>> {
    if let Ok(id) = name.parse::<PersonId>() {
        return Ok(Some(id));
    }
    let own = people::external_id.eq(name).and(people::merged_into.is_null());
    let found: Vec<PersonId> = people::table.filter(own).limit(2).select(people::id).load(tx.sql())?;
    Ok(if let [one] = found.as_slice() { Some(*one) } else { None })
}

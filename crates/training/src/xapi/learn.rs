//! What a statement says of courses and exams is recorded, or waits.

use database::{Result, Tx, schema::xapi_statements as statements};
use diesel::prelude::*;
use kernel::{Actor, Timestamp};

use super::{read::Sent, told};
use crate::{
    catalogue::Catalogue,
    person::{self, Person},
    review::{self, Source},
};

/// Records what a statement says, or lets it wait.
pub(super) fn learn(tx: &mut Tx, actor: &Actor, catalogue: &Catalogue, sent: &Sent, at: Timestamp) -> Result<()> {
    match told::told(&sent.members, &sent.id, at) {
        Some(pending) => review::take(tx, actor, catalogue, (Source::Xapi, &sent.id), pending).map(drop),
        None => Ok(()),
    }
}

/// Who acted, if they are known: as people are called, and who that is.
pub(super) fn whose(tx: &mut Tx, actor: &Actor, sent: &Sent) -> Result<(Option<String>, Option<Person>)> {
    let Some(name) = sent.members.get("actor").and_then(told::person) else { return Ok((None, None)) };
    let person = person::named(tx, actor, &name)?.one();
    Ok((Some(identity::secret_digest(&name)), person))
}

/// Somebody becomes known by these names: what they did before is theirs.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn claim(tx: &mut Tx, names: &[String], person: &Person) -> Result<()> {
    let digests: Vec<String> = names.iter().map(|name| identity::secret_digest(name)).collect();
    let nobodys = statements::actor.eq_any(&digests).and(statements::person_id.is_null());
    let waiting = statements::table.filter(nobodys).select(statements::actor).distinct();
    let waiting: Vec<Option<String>> = waiting.load(tx.sql())?;
    for (name, digest) in names.iter().zip(digests) {
        let is_theirs = |found: Person| found.id == person.id;
        let is_waiting = waiting.contains(&Some(digest.clone()));
        if is_waiting && person::named(tx, &Actor::system(), name)?.one().is_some_and(is_theirs) {
            diesel::update(statements::table.filter(statements::actor.eq(digest).and(statements::person_id.is_null())))
                .set((statements::person_id.eq(person.id), statements::partner_id.eq(person.partner_id)))
                .execute(tx.sql())?;
        }
    }
    Ok(())
}

/// A statement turned out to be this person's.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn belongs_to(tx: &mut Tx, statement: &str, person: &Person) -> Result<()> {
    diesel::update(statements::table.find(statement))
        .set((statements::person_id.eq(person.id), statements::partner_id.eq(person.partner_id)))
        .execute(tx.sql())?;
    Ok(())
}

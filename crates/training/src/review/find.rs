//! Whom and what a report speaks of.

use std::result;

use database::{Result, Tx};
use kernel::Actor;

use super::{Pending, Reason, Stuck};
use crate::{
    catalogue::Catalogue,
    person::{self, Person},
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
    match person::named(tx, actor, &pending.person)?.one() {
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

//! What the clock brings: that a credential expires soon, that it has expired, that a training is overdue.
//!
//! Any number of servers may sweep together: each step is a serializable transaction of its own that looks again.
//! Nothing waits for a sweep to be right: what is over is shown as over, and does not count, from its first day on.

use chrono::NaiveDate;
use database::{Result, Tx, schema::credentials};
use diesel::prelude::*;
use events::EventData;
use kernel::Actor;

use crate::{
    catalogue::{self, Catalogue},
    credential::{self, Credential, Status, counts_until, next_due},
    enrollment, reported, review,
};

/// How many credentials one transaction looks at.
const BATCH: i64 = 50;

/// One round; how much there was to tell. Nothing means that nothing is left.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(tx: &mut Tx) -> Result<usize> {
    let catalogue = catalogue::current(tx)?;
    let today = catalogue.day_of(tx.now());
    let due: Vec<Credential> = credentials::table
        .filter(credentials::due_on.le(today))
        .order(credentials::due_on)
        .limit(BATCH)
        .select(Credential::as_select())
        .load(tx.sql())?;
    let seen = due.len();
    for row in due {
        look(tx, &catalogue, row, today)?;
    }
    Ok(seen + enrollment::tell_overdue(tx, today, BATCH)? + review::sweep(tx)?)
}

/// Tells what there is to tell of a credential on a day.
fn look(tx: &mut Tx, catalogue: &Catalogue, before: Credential, today: NaiveDate) -> Result<()> {
    let actor = Actor::system();
    let mut row = before.clone();
    row.counts_until = catalogue.certification(&row.certification).and_then(|(entry, _)| counts_until(entry, &row));
    let is_over = row.last_day().is_some_and(|last| last < today);
    row.status = match row.status {
        Status::Valid if is_over => Status::Expired,
        // A certification that is not retired any more counts again.
        Status::Expired if !is_over => Status::Valid,
        status => status,
    };
    let notices = &catalogue.document.expiry_notices_days;
    let is_due = row.status == Status::Valid && next_due(&row, notices).is_some_and(|due| due <= today);
    row.told_on = if is_due { Some(today) } else { row.told_on };
    row.due_on = next_due(&row, notices);
    let (event, operation) = match (before.status, row.status) {
        (Status::Valid, Status::Expired) => ("credential.expired", "expireCredential"),
        (Status::Expired, Status::Valid) => ("credential.reinstated", "reinstateCredential"),
        _ => ("credential.updated", "updateCredential"),
    };
    if row.status == before.status && row.counts_until == before.counts_until {
        diesel::update(credentials::table.find(row.id)).set(&row).execute(tx.sql())?;
    } else {
        credential::save(tx, &actor, (&before, &mut row), (event, operation))?;
        let all = credential::of_person(tx, row.person_id)?;
        reported::credential(tx, &actor, &row, credential::cut(catalogue, &all, &row), false)?;
    }
    if is_due { tell(tx, catalogue, &row) } else { Ok(()) }
}

/// Says that a credential expires soon, and when.
fn tell(tx: &mut Tx, catalogue: &Catalogue, row: &Credential) -> Result<()> {
    let until = row.last_day().map(|last| catalogue.time_zone().end_of(last));
    let data = EventData::default().because(&row.certification).until(until);
    let event = events::NewEvent::new("credential.expiring", row.id, Some(row.partner_id)).with(data);
    events::record(tx, &Actor::system(), event)
}

//! A credential as everybody may see and verify it who has its link: an Open Badge (1EdTech Open Badges 3.0), secured as a
//! JWT. It tells who holds what, and until when; nothing else of them, and of nobody else.

mod criteria;
mod document;
mod places;
mod status;

use chrono::NaiveDate;
use database::{Error, Result, Tx, schema::people};
use diesel::prelude::*;
use kernel::Timestamp;
use programs::TimeZone;

pub use document::issuer;
pub use places::Places;
pub use status::revocation;

use crate::{
    catalogue,
    credential::{self, Credential, CredentialId, Status},
};

/// How a credential stands today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is valid.
    Valid,
    /// It will be.
    Coming,
    /// Its time is over.
    Expired,
    /// The vendor has taken it back.
    Revoked,
}

/// A credential, with all that is told of it.
#[derive(Debug, Clone)]
pub struct Badge {
    /// As it is today.
    pub credential: Credential,
    /// How it stands.
    pub standing: Standing,
    /// What whoever holds it is called.
    pub holder: String,
    /// Their address. It is told as a hash alone.
    email: String,
    /// Who certifies: what the catalogue that holds is called.
    pub issuer: String,
    /// What is certified.
    pub name: String,
    /// What somebody who holds it has shown.
    pub description: String,
    /// What it took.
    pub criteria: String,
    /// When everything that it took was there.
    pub awarded: Timestamp,
    /// From when on it is valid.
    pub valid_from: Timestamp,
    /// Until when it is valid; `None` without end.
    pub valid_until: Option<Timestamp>,
}

/// The badge of a credential, in the words of the catalogue under which it was awarded.
///
/// # Errors
/// `not_found`, also for one that was superseded.
pub fn find(tx: &mut Tx, id: CredentialId) -> Result<Badge> {
    let credential = credential::public(tx, id)?;
    let (holder, email): (String, String) =
        people::table.find(credential.person_id).select((people::name, people::email)).first(tx.sql())?;
    let document = catalogue::version(tx, credential.catalogue_version)?.document.0;
    let entry = document.certifications.get(&credential.certification);
    let entry = entry.ok_or_else(|| Error::Internal(format!("{id} is of no certification of its catalogue")))?;
    let current = catalogue::current(tx)?;
    let zone = current.time_zone();
    let issuer = current.document.name.clone();
    let usual = || format!("The certification \u{201c}{}\u{201d} of {issuer}.", entry.name);
    let valid_from = begin_of(zone, credential.valid_from);
    let valid_until = credential.last_day().map(|day| last_second_of(zone, day));
    let now = tx.now();
    let standing = match credential.status {
        Status::Revoked => Standing::Revoked,
        // One that was renewed says so for good; its time is over all the same.
        _ if valid_until.is_some_and(|until| until < now) => Standing::Expired,
        _ if now < valid_from => Standing::Coming,
        _ => Standing::Valid,
    };
    Ok(Badge {
        standing,
        holder,
        email,
        name: entry.name.clone(),
        description: entry.description.clone().unwrap_or_else(usual),
        criteria: criteria::of(&document, entry),
        issuer,
        awarded: begin_of(zone, credential.awarded_on),
        valid_from,
        valid_until,
        credential,
    })
}

/// JWTs count in whole seconds, and must say the same as what they hold.
fn last_second_of(zone: TimeZone, day: NaiveDate) -> Timestamp {
    Timestamp::from_micros(zone.end_of(day).as_seconds().saturating_mul(1_000_000))
}

fn begin_of(zone: TimeZone, day: NaiveDate) -> Timestamp {
    let before = day.pred_opt().unwrap_or(day);
    last_second_of(zone, before) + chrono::TimeDelta::seconds(1)
}

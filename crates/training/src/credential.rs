//! What people were awarded: certifications, each for a time, and what became of them.

mod model;
mod revocation;

use chrono::{Days, NaiveDate};
use database::{Json, Result, Tx, schema::credentials, within_reach};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Error, Page, Paging};
use std::collections::BTreeSet;

pub use model::{Credential, CredentialFilter, CredentialId, RevokeCredential, Status};
pub use revocation::revoke;

use crate::{
    award::{Award, Done, Held, Record, awards},
    catalogue::{self, Catalogue, CertificationEntry, Requirements},
    enrollment,
    person::{Person, PersonId},
    reported,
};

/// Awards and renews whatever a person has earned by a course, an exam or a certification.
///
/// # Errors
/// When the database cannot be written.
pub fn recheck(tx: &mut Tx, actor: &Actor, catalogue: &Catalogue, person: &Person, item: &str) -> Result<()> {
    let affected = catalogue.resting_on(item).map(str::to_owned).collect();
    recheck_some(tx, actor, catalogue, person, affected)
}

/// The same of all certifications: who the person is has changed.
///
/// # Errors
/// When the database cannot be written.
pub fn recheck_all(tx: &mut Tx, actor: &Actor, catalogue: &Catalogue, person: &Person) -> Result<()> {
    let affected = catalogue.in_order().map(str::to_owned).collect();
    recheck_some(tx, actor, catalogue, person, affected)
}

fn recheck_some(
    tx: &mut Tx,
    actor: &Actor,
    catalogue: &Catalogue,
    person: &Person,
    mut affected: BTreeSet<String>,
) -> Result<()> {
    if affected.is_empty() {
        return Ok(());
    }
    let done = enrollment::done(tx, person.id)?;
    let done: Vec<Done> = done.into_iter().map(|(on, item, id)| Done { on, item, proof: id.to_string() }).collect();
    let mut desk = Desk { catalogue, person, done, rows: of_person(tx, person.id)? };
    for slug in catalogue.in_order() {
        if affected.contains(slug) && desk.settle(tx, actor, slug)? {
            affected.extend(catalogue.resting_on(slug).map(str::to_owned));
        }
    }
    Ok(())
}

/// Where a person's awards are decided.
struct Desk<'a> {
    catalogue: &'a Catalogue,
    person: &'a Person,
    done: Vec<Done>,
    /// All that the person was ever awarded, in the order of days.
    rows: Vec<Credential>,
}

impl Desk<'_> {
    /// Brings one certification in line with what was done; whether that changed anything.
    fn settle(&mut self, tx: &mut Tx, actor: &Actor, slug: &str) -> Result<bool> {
        let Some((entry, requirements)) = self.catalogue.certification(slug) else { return Ok(false) };
        let own = |row: &&Credential| row.certification == slug;
        let stand = |row: &&Credential| row.status.stands();
        let revoked = self.rows.iter().filter(own).filter(|row| row.status == Status::Revoked);
        let not_before = revoked.filter_map(|row| Some(self.catalogue.day_of(row.ended_at?))).max();
        // Neither another version of the catalogue nor a revocation takes away what stood before it.
        let is_fixed = |row: &&Credential| {
            row.catalogue_version != self.catalogue.version || not_before.is_some_and(|day| row.awarded_on <= day)
        };
        let (fixed, open): (Vec<&Credential>, Vec<&Credential>) =
            self.rows.iter().filter(own).filter(stand).partition(is_fixed);
        let last = fixed.last().map(|row| row.award());
        let computed = self.computed(slug, entry, requirements, last.as_ref(), not_before);
        let gone: Vec<Credential> =
            open.iter().filter(|row| !computed.iter().any(|award| row.is(award))).map(|row| (*row).clone()).collect();
        let new: Vec<Award> = computed.into_iter().filter(|award| !open.iter().any(|row| row.is(award))).collect();
        let changes = !gone.is_empty() || !new.is_empty();
        for row in gone {
            self.supersede(tx, actor, row)?;
        }
        for award in new {
            self.grant(tx, actor, (slug, entry, requirements), award)?;
        }
        Ok(changes)
    }

    fn computed(
        &self,
        slug: &str,
        entry: &CertificationEntry,
        requirements: &Requirements,
        last: Option<&Award>,
        not_before: Option<NaiveDate>,
    ) -> Vec<Award> {
        let others = self.rows.iter().filter(|row| row.certification != slug && row.status != Status::Superseded);
        let held: Vec<Held> = others
            .clone()
            .map(|row| Held { certification: row.certification.clone(), from: row.valid_from, to: row.last_day() })
            .collect();
        let awarded =
            others.map(|row| Done { on: row.awarded_on, item: row.certification.clone(), proof: row.id.to_string() });
        let mut done: Vec<Done> = self.done.iter().cloned().chain(awarded).collect();
        done.sort();
        awards(entry, requirements, Record { done: &done, held: &held }, last, not_before)
    }

    /// What became known later shows that it was earned on another day.
    fn supersede(&mut self, tx: &mut Tx, actor: &Actor, before: Credential) -> Result<()> {
        let mut row = before.clone();
        row.status = Status::Superseded;
        row.reason = Some("What became known later puts the award on another day.".to_owned());
        (row.ended_at, row.due_on) = (Some(tx.now()), None);
        save(tx, actor, (&before, &mut row), ("credential.superseded", "supersedeCredential"))?;
        reported::credential(tx, actor, &row, None, false)?;
        self.replace(row);
        Ok(())
    }

    fn grant(
        &mut self,
        tx: &mut Tx,
        actor: &Actor,
        (slug, entry, requirements): (&str, &CertificationEntry, &Requirements),
        award: Award,
    ) -> Result<()> {
        let today = self.catalogue.day_of(tx.now());
        let own = |row: &&Credential| row.certification == slug && row.status.stands();
        let before = self.rows.iter().filter(own).rfind(|row| row.awarded_on < award.awarded_on).cloned();
        let mut row = Credential {
            id: tx.id(),
            person_id: self.person.id,
            partner_id: self.person.partner_id,
            origin: self.person.id,
            certification: slug.to_owned(),
            catalogue_version: self.catalogue.version,
            status: Status::Valid,
            awarded_on: award.awarded_on,
            valid_from: award.valid_from,
            valid_to: award.valid_to,
            counts_until: None,
            renews: before.as_ref().filter(|_| award.renews).map(|row| row.id),
            earned_by: Json(award.earned_by),
            days: days(tx, self.person.id, requirements, award.awarded_on)?,
            reason: None,
            ended_at: None,
            due_on: None,
            told_on: None,
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        row.counts_until = counts_until(entry, &row);
        if row.last_day().is_some_and(|last| last < today) {
            row.status = Status::Expired;
        }
        row.due_on = next_due(&row, &self.catalogue.document.expiry_notices_days);
        diesel::insert_into(credentials::table).values(&row).execute(tx.sql())?;
        let kind = if award.renews { "credential.renewed" } else { "credential.awarded" };
        let until = row.last_day().map(|last| self.catalogue.time_zone().end_of(last));
        let data = EventData::default().because(slug).until(until);
        events::record(tx, actor, NewEvent::new(kind, row.id, Some(row.partner_id)).with(data))?;
        let states = (None::<&Credential>, Some(&row));
        audit::record(tx, actor, "awardCredential", row.id, Some(row.partner_id), states)?;
        reported::credential(tx, actor, &row, None, true)?;
        if let Some(before) = before.filter(|_| award.renews) {
            let mut renewed = before.clone();
            (renewed.status, renewed.due_on) = (Status::Renewed, None);
            renewed.updated_at = tx.now();
            diesel::update(credentials::table.find(renewed.id)).set(&renewed).execute(tx.sql())?;
            reported::credential(tx, actor, &renewed, row.valid_from.pred_opt(), false)?;
            self.replace(renewed);
        }
        self.rows.push(row);
        self.rows.sort_by_key(|row| (row.awarded_on, row.id));
        Ok(())
    }

    fn replace(&mut self, row: Credential) {
        if let Some(place) = self.rows.iter_mut().find(|other| other.id == row.id) {
            *place = row;
        }
    }
}

/// How many days it took from the first enrollment in something that a certification takes.
fn days(tx: &mut Tx, person: PersonId, requirements: &Requirements, awarded_on: NaiveDate) -> Result<Option<i32>> {
    let begun = enrollment::first_enrolled(tx, person, requirements.award.names())?;
    Ok(begun.and_then(|begun| i32::try_from((awarded_on - begun).num_days().max(0)).ok()))
}

/// Until which day a credential counts because its certification was retired while it was held.
pub(crate) fn counts_until(entry: &CertificationEntry, row: &Credential) -> Option<NaiveDate> {
    let retired = entry.retired_on?;
    let held = row.valid_from <= retired && row.valid_to.is_none_or(|to| retired <= to);
    entry.counts_until.filter(|_| held)
}

/// The next day on which a credential has something to tell: a notice that was not sent yet, or that it has expired.
pub(crate) fn next_due(row: &Credential, notices: &[u16]) -> Option<NaiveDate> {
    let last = row.last_day().filter(|_| row.status == Status::Valid)?;
    let day_before = |days: &u16| last.checked_sub_days(Days::new(u64::from(*days)));
    let open = notices.iter().filter_map(day_before).filter(|day| row.told_on.is_none_or(|told| told < *day));
    open.min().or_else(|| last.succ_opt())
}

/// Writes down what became of a credential.
pub(crate) fn save(
    tx: &mut Tx,
    actor: &Actor,
    (before, row): (&Credential, &mut Credential),
    (event, operation): (&'static str, &str),
) -> Result<()> {
    row.updated_at = tx.now();
    diesel::update(credentials::table.find(row.id)).set(&*row).execute(tx.sql())?;
    let data = EventData::transition(before.status, row.status).because(&row.certification);
    events::record(tx, actor, NewEvent::new(event, row.id, Some(row.partner_id)).with(data))?;
    audit::record(tx, actor, operation, row.id, Some(row.partner_id), (Some(before), Some(&*row)))
}

/// Reports all that a person holds once more: for whom they work, or who they are, has changed.
pub(crate) fn report_all_of(tx: &mut Tx, actor: &Actor, person: &Person) -> Result<()> {
    let rows = of_person(tx, person.id)?;
    let catalogue = catalogue::current(tx)?;
    for row in &rows {
        reported::credential(tx, actor, row, cut(&catalogue, &rows, row), false)?;
    }
    Ok(())
}

/// The last day on which a credential counts because another took its place, or because it was revoked.
pub(crate) fn cut(catalogue: &Catalogue, rows: &[Credential], row: &Credential) -> Option<NaiveDate> {
    let revoked = row.ended_at.filter(|_| row.status == Status::Revoked);
    let revoked = revoked.and_then(|at| catalogue.day_of(at).pred_opt());
    let next = rows.iter().find(|other| other.renews == Some(row.id) && other.status.stands());
    reported::earlier(revoked, next.and_then(|next| next.valid_from.pred_opt()))
}

/// All that a person was ever awarded, in the order of days.
///
/// # Errors
/// When the database cannot be read.
pub fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<Credential>> {
    Ok(credentials::table
        .filter(credentials::person_id.eq(person))
        .order((credentials::awarded_on, credentials::id))
        .select(Credential::as_select())
        .load(tx.sql())?)
}

/// A credential that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: CredentialId) -> Result<Credential> {
    let found: Option<Credential> = within_reach!(credentials::table.into_boxed(), credentials::partner_id, actor)
        .filter(credentials::id.eq(id))
        .select(Credential::as_select())
        .first(tx.sql())
        .optional()?;
    let found = found.ok_or_else(|| Error::not_found("credential"))?;
    let today = catalogue::current(tx)?.day_of(tx.now());
    Ok(found.on(today))
}

/// A credential as everybody may see it who has its id; one that was superseded was never earned.
///
/// # Errors
/// `not_found`.
pub fn public(tx: &mut Tx, id: CredentialId) -> Result<Credential> {
    let stands = credentials::id.eq(id).and(credentials::status.ne(Status::Superseded));
    let found: Option<Credential> =
        credentials::table.filter(stands).select(Credential::as_select()).first(tx.sql()).optional()?;
    let found = found.ok_or_else(|| Error::not_found("credential"))?;
    let today = catalogue::current(tx)?.day_of(tx.now());
    Ok(found.on(today))
}

/// Whether a credential was taken back: revoked, or superseded by what became known later.
///
/// # Errors
/// `not_found`.
pub fn is_taken_back(tx: &mut Tx, id: CredentialId) -> Result<bool> {
    let status: Option<Status> = credentials::table.find(id).select(credentials::status).first(tx.sql()).optional()?;
    let status = status.ok_or_else(|| Error::not_found("credential"))?;
    Ok(!status.stands())
}

/// The credentials that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &CredentialFilter, paging: &Paging) -> Result<Page<Credential>> {
    let today = catalogue::current(tx)?.day_of(tx.now());
    let mut query = within_reach!(credentials::table.into_boxed(), credentials::partner_id, actor);
    if let Some(partner) = filter.partner_id {
        query = query.filter(credentials::partner_id.eq(partner));
    }
    if let Some(person) = filter.person_id {
        query = query.filter(credentials::person_id.eq(person));
    }
    if let Some(certification) = &filter.certification {
        query = query.filter(credentials::certification.eq(certification));
    }
    // The last day may be over before anything has swept.
    let last = || credentials::counts_until.is_null().and(credentials::valid_to.lt(today));
    let is_over = || credentials::status.eq(Status::Valid).and(last().or(credentials::counts_until.lt(today)));
    match filter.status {
        Some(Status::Valid) => {
            let is_over = credentials::status.eq(Status::Valid).and(
                credentials::valid_to
                    .is_null()
                    .and(credentials::counts_until.is_null())
                    .or(credentials::counts_until.ge(today))
                    .or(credentials::counts_until.is_null().and(credentials::valid_to.ge(today))),
            );
            query = query.filter(is_over);
        }
        Some(Status::Expired) => query = query.filter(credentials::status.eq(Status::Expired).or(is_over())),
        Some(status) => query = query.filter(credentials::status.eq(status)),
        None => {}
    }
    if let Some(before) = filter.expires_before {
        query = query.filter(credentials::status.eq(Status::Valid).and(credentials::valid_to.lt(before)));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(credentials::updated_at.ge(after));
    }
    let page = database::page!(tx, query, paging, "credentials", desc(credentials::id) as Credential);
    page.try_map(|row| Ok(row.on(today)))
}

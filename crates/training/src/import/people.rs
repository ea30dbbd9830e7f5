//! What becomes of a row about a person.

use database::{Result, Sought, Tx};
use kernel::{PartnerId, domain::host_name};

use super::{
    file::{Flaw, Row},
    model::Kind,
    work::{Became, Desk},
};
use crate::person::{self, NewPerson, Person, PersonUpdate};

/// Adds or changes whom a row tells of.
pub(super) fn take(tx: &mut Tx, desk: &mut Desk, row: &Row) -> Result<Became> {
    let mut flaws = Kind::People.flaws(row)?;
    let partner = partner(tx, desk, row, &mut flaws)?;
    let (Some(partner), true) = (partner, flaws.is_empty()) else { return Ok(Became::Refused(flaws)) };
    let email = Kind::People.cell(row, "email");
    match person::by_email(tx, email)? {
        Some(known) if known.partner_id != partner => {
            // For whom, is not told.
            let detail = "belongs to somebody who works elsewhere: the vendor can move them";
            Ok(Became::Refused(vec![Flaw::at("email", "works_elsewhere", detail, email)]))
        }
        Some(known) => change(tx, desk, &known, row),
        None => add(tx, desk, partner, row),
    }
}

/// The partner that a row names by id or domain, or the actor's own.
fn partner(tx: &mut Tx, desk: &mut Desk, row: &Row, flaws: &mut Vec<Flaw>) -> Result<Option<PartnerId>> {
    let named = Kind::People.cell(row, "partner");
    if named.is_empty() {
        if desk.actor.partner.is_none() {
            flaws.push(Flaw::at("partner", "required", "is required", ""));
        }
        return Ok(desk.actor.partner);
    }
    if !desk.partners.contains_key(named) {
        let actor = desk.actor.clone();
        let found = match (named.parse::<PartnerId>(), host_name(named)) {
            (Ok(id), _) => partners::partner::find(tx, &actor, id).if_there()?,
            (Err(_), Some(domain)) => partners::partner::by_domain(tx, &actor, &domain)?,
            (Err(_), None) => None,
        };
        desk.partners.insert(named.to_owned(), found.map(|partner| partner.id));
    }
    let found = desk.partners.get(named).copied().flatten();
    if found.is_none() {
        let detail = "is not the id or the domain of a partner that you can see";
        flaws.push(Flaw::at("partner", "unknown_partner", detail, named));
    }
    Ok(found)
}

fn add(tx: &mut Tx, desk: &Desk, partner_id: PartnerId, row: &Row) -> Result<Became> {
    let cell = |column| Kind::People.cell(row, column);
    let (name, email) = (cell("name").to_owned(), cell("email").to_owned());
    let external_id = Some(cell("external_id").to_owned()).filter(|id| !id.is_empty());
    person::add(tx, &desk.actor, partner_id, NewPerson { partner_id: None, name, email, external_id })?;
    Ok(Became::Created)
}

/// Only what the row says: an empty cell clears nothing.
fn change(tx: &mut Tx, desk: &Desk, known: &Person, row: &Row) -> Result<Became> {
    let cell = |column| Kind::People.cell(row, column).to_owned();
    let name = Some(cell("name")).filter(|name| *name != known.name);
    let external_id = Some(cell("external_id")).filter(|id| !id.is_empty() && known.external_id.as_ref() != Some(id));
    if name.is_none() && external_id.is_none() {
        return Ok(Became::Unchanged);
    }
    let update = PersonUpdate { name, email: None, external_id: external_id.map(Some) };
    person::update(tx, &desk.actor, known.id, update, &|_| Ok(()))?;
    Ok(Became::Updated)
}

//! The partner company.

use database::{Result, Tx, containing, schema::partners, within_reach};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Country, Error, Page, Paging, PartnerId, Timestamp, domain::host_name, text::searchable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    likeness::{self, Described},
    standing::{Effects, Moved, Settle},
};

database::text_enum! {
    /// Whether a partner may act.
    pub enum Status as PartnerStatus {
        /// May act.
        Active,
        /// May not act for now: its people cannot sign in.
        Suspended,
        /// Has left.
        Terminated,
    }
}

/// A partner company.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = partners, treat_none_as_null = true)]
pub struct Partner {
    /// Unique.
    pub id: PartnerId,
    /// The company's name.
    #[schema(max_length = 200, example = "Northwind Traders")]
    pub name: String,
    /// The host name that it is known by; unique.
    #[schema(max_length = 253, example = "northwind.example")]
    pub domain: String,
    /// Where it has its seat.
    pub country: Country,
    /// Whether it may act.
    pub status: Status,
    /// Why the vendor set the status as it is.
    #[schema(required = true, max_length = 4000, example = "Unpaid invoices.")]
    pub status_reason: Option<String>,
    #[serde(skip)]
    #[schema(ignore)]
    registrable_domain: Option<String>,
    #[serde(skip)]
    #[schema(ignore)]
    normalized_name: Option<String>,
    #[serde(skip)]
    #[schema(ignore)]
    search: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A partner company to add.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Northwind Traders", "domain": "northwind.example", "country": "DE"}))]
pub struct NewPartner {
    /// The company's name.
    #[schema(min_length = 1, max_length = 200, example = "Northwind Traders")]
    pub name: String,
    /// A host, URL or e-mail address; its host name is kept.
    #[schema(min_length = 1, max_length = 253, example = "northwind.example")]
    pub domain: String,
    /// Where it has its seat.
    pub country: Country,
}

/// Changes to a partner company; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Northwind Traders GmbH"}))]
pub struct PartnerUpdate {
    /// The company's name.
    #[schema(nullable = false, min_length = 1, max_length = 200, example = "Northwind Traders GmbH")]
    pub name: Option<String>,
    /// A host, URL or e-mail address; its host name is kept.
    #[schema(nullable = false, min_length = 1, max_length = 253, example = "northwind.example")]
    pub domain: Option<String>,
    /// Where it has its seat.
    #[schema(nullable = false)]
    pub country: Option<Country>,
    /// Whether it may act.
    #[schema(nullable = false)]
    pub status: Option<Status>,
}

/// Which partners to list.
#[derive(Debug, Default)]
pub struct PartnerFilter {
    /// Only with this status.
    pub status: Option<Status>,
    /// Only of this country.
    pub country: Option<Country>,
    /// Only with this host name.
    pub domain: Option<String>,
    /// Only those whose name or domain contains this, ignoring case and accents.
    pub q: Option<String>,
    /// Only those changed at or after this time.
    pub updated_after: Option<Timestamp>,
}

/// Adds a partner.
///
/// # Errors
/// `invalid_body` for a domain that is none; `already_exists`.
pub fn create(tx: &mut Tx, actor: &Actor, new: NewPartner) -> Result<Partner> {
    let domain = domain(&new.domain)?;
    let described = Described::new(&new.name, &domain);
    let partner = Partner {
        id: tx.id(),
        registrable_domain: Some(described.domain),
        normalized_name: Some(described.name.as_str().to_owned()),
        search: searchable(&format!("{} {domain}", new.name)),
        name: new.name,
        domain,
        country: new.country,
        status: Status::Active,
        status_reason: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    refuse_taken(tx, &partner)?;
    diesel::insert_into(partners::table).values(&partner).execute(tx.sql())?;
    likeness::index(tx, partner.id, &described.name)?;
    events::record(tx, actor, NewEvent::new("partner.created", partner.id, Some(partner.id)))?;
    audit::record(tx, actor, "createPartner", partner.id, Some(partner.id), (None::<&Partner>, Some(&partner)))?;
    Ok(partner)
}

/// Changes a partner. `check` sees the partner as it is, before anything changes; `settle` is told when its status moves.
///
/// # Errors
/// `not_found`; `invalid_body`; `already_exists`; those of `check`.
pub fn update(
    tx: &mut Tx,
    actor: &Actor,
    id: PartnerId,
    new: PartnerUpdate,
    settle: Settle,
    check: impl FnOnce(&Partner) -> Result<()>,
) -> Result<Partner> {
    let before = find(tx, actor, id)?;
    check(&before)?;
    let mut partner = before.clone();
    partner.name = new.name.unwrap_or(partner.name);
    partner.domain = new.domain.map_or(Ok(partner.domain), |text| domain(&text))?;
    partner.country = new.country.unwrap_or(partner.country);
    partner.status = new.status.unwrap_or(partner.status);
    if partner.status != before.status {
        partner.status_reason = None;
    }
    partner.search = searchable(&format!("{} {}", partner.name, partner.domain));
    let described = Described::new(&partner.name, &partner.domain);
    partner.registrable_domain = Some(described.domain);
    partner.normalized_name = Some(described.name.as_str().to_owned());
    partner.updated_at = tx.now();
    refuse_taken(tx, &partner)?;
    diesel::update(partners::table.find(id)).set(&partner).execute(tx.sql())?;
    if partner.normalized_name != before.normalized_name {
        likeness::unindex(tx, id)?;
        likeness::index(tx, id, &described.name)?;
    }
    let data = EventData::transition(before.status, partner.status);
    events::record(tx, actor, NewEvent::new("partner.updated", id, Some(id)).with(data))?;
    if partner.status != before.status {
        moved(tx, actor, (&before, &partner), settle)?;
    }
    audit::record(tx, actor, "updatePartner", id, Some(id), (Some(&before), Some(&partner)))?;
    Ok(partner)
}

/// A partner whose status has moved, and what that did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartnerMove {
    /// The partner as it is now.
    pub partner: Partner,
    /// What was done to its business.
    pub effects: Effects,
}

/// Suspends, terminates or reinstates the partner.
///
/// # Errors
/// `not_found`; `invalid_transition` when the status is that already; those of `check`.
pub fn change_status(
    tx: &mut Tx,
    actor: &Actor,
    id: PartnerId,
    (to, reason): (Status, String),
    settle: Settle,
    check: impl FnOnce(&Partner) -> Result<()>,
) -> Result<PartnerMove> {
    let before = find(tx, actor, id)?;
    check(&before)?;
    if before.status == to || (before.status, to) == (Status::Terminated, Status::Suspended) {
        let detail = format!("A partner in state {} does not become {to}.", before.status);
        return Err(Error::new(Code::InvalidTransition, detail).into());
    }
    let partner = Partner { status: to, status_reason: Some(reason), updated_at: tx.now(), ..before.clone() };
    diesel::update(partners::table.find(id)).set(&partner).execute(tx.sql())?;
    let effects = moved(tx, actor, (&before, &partner), settle)?;
    let (_, operation) = names(to);
    audit::record(tx, actor, operation, id, Some(id), (Some(&before), Some(&partner)))?;
    Ok(PartnerMove { partner, effects })
}

/// What a move to this status is called: the event, and the operation.
fn names(to: Status) -> (&'static str, &'static str) {
    match to {
        Status::Active => ("partner.reinstated", "reinstatePartner"),
        Status::Suspended => ("partner.suspended", "suspendPartner"),
        Status::Terminated => ("partner.terminated", "terminatePartner"),
    }
}

fn moved(tx: &mut Tx, actor: &Actor, (before, after): (&Partner, &Partner), settle: Settle) -> Result<Effects> {
    let data = EventData::transition(before.status, after.status);
    let (event, _) = names(after.status);
    events::record(tx, actor, NewEvent::new(event, after.id, Some(after.id)).with(data))?;
    settle(tx, actor, &Moved { partner_id: after.id, program: None, since: tx.now() })
}

/// A partner that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: PartnerId) -> Result<Partner> {
    within_reach!(partners::table.into_boxed(), partners::id, actor)
        .filter(partners::id.eq(id))
        .select(Partner::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("partner").into())
}

/// The partner of this domain, if there is one that the actor may see.
///
/// # Errors
/// When the database cannot be read.
pub fn by_domain(tx: &mut Tx, actor: &Actor, domain: &str) -> Result<Option<Partner>> {
    let found = within_reach!(partners::table.into_boxed(), partners::id, actor)
        .filter(partners::domain.eq(domain))
        .select(Partner::as_select())
        .first(tx.sql());
    Ok(found.optional()?)
}

/// The partners that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &PartnerFilter, paging: &Paging) -> Result<Page<Partner>> {
    let select = || {
        let mut query = within_reach!(partners::table.into_boxed(), partners::id, actor);
        if let Some(status) = filter.status {
            query = query.filter(partners::status.eq(status));
        }
        if let Some(country) = filter.country {
            query = query.filter(partners::country.eq(country));
        }
        if let Some(domain) = &filter.domain {
            query = query.filter(partners::domain.eq(domain));
        }
        if let Some(q) = &filter.q {
            query = query.filter(partners::search.like(containing(q)).escape('\\'));
        }
        if let Some(after) = filter.updated_after {
            query = query.filter(partners::updated_at.ge(after));
        }
        query
    };
    let total = if paging.total { Some(select().count().get_result(tx.sql())?) } else { None };
    Ok(Page { total, ..database::page!(tx, select(), paging, "partners", desc(partners::id) as Partner) })
}

fn domain(text: &str) -> Result<String> {
    host_name(text)
        .ok_or_else(|| Error::invalid("/domain", "format", "is not a host name, URL or e-mail address").into())
}

fn refuse_taken(tx: &mut Tx, partner: &Partner) -> Result<()> {
    let other = partners::table
        .filter(partners::domain.eq(&partner.domain).and(partners::id.ne(partner.id)))
        .select(partners::id)
        .first::<PartnerId>(tx.sql())
        .optional()?;
    match other {
        Some(_) => Err(Error::new(Code::AlreadyExists, "There is a partner with this domain already.")
            .with_fault("/domain", "taken", "belongs to another partner")
            .into()),
        None => Ok(()),
    }
}

//! The vendor's own opportunities, pushed by its CRM: what makes a claim collide with the vendor itself.

use database::{Json, Result, Tx, schema::vendor_opportunities as opportunities};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error, Page, Paging, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    account::{self, AccountId, Described},
    model::{DealAccount, ExternalRef},
};

ids! {
    /// An opportunity of the vendor's own.
    VendorOpportunityKind = "opportunity" => VendorOpportunityId;
}

database::text_enum! {
    /// Whether the vendor still works on it.
    pub enum Status as VendorOpportunityStatus {
        /// The vendor works on it.
        Open,
        /// The vendor has won it.
        Won,
        /// The vendor has lost or dropped it.
        Lost,
    }
}

/// An opportunity of the vendor's own.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VendorOpportunity {
    /// Unique.
    pub id: VendorOpportunityId,
    /// At which customer.
    pub account_id: AccountId,
    /// What it is about.
    #[schema(max_length = 200, example = "Renewal 2027")]
    pub title: String,
    /// What is to be sold; empty means anything.
    #[schema(max_items = 50)]
    pub products: Vec<String>,
    /// Whether the vendor still works on it.
    pub status: Status,
    /// What the CRM calls it.
    #[schema(required = true)]
    pub external_ref: Option<ExternalRef>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = opportunities, treat_none_as_null = true)]
struct Row {
    id: VendorOpportunityId,
    account_id: AccountId,
    title: String,
    products: Json<Vec<String>>,
    status: Status,
    external_system: Option<String>,
    external_id: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for VendorOpportunity {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            account_id: row.account_id,
            title: row.title,
            products: row.products.0,
            status: row.status,
            external_ref: row.external_system.zip(row.external_id).map(|(system, id)| ExternalRef { system, id }),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// An opportunity to add.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "Renewal 2027", "account": {"name": "Acme Industries GmbH", "domain": "acme.example", "country": "DE"},
    "products": ["core"], "external_ref": {"system": "salesforce", "id": "0065g00000XyZAbAAN"}
}))]
pub struct NewVendorOpportunity {
    /// What it is about.
    #[schema(min_length = 1, max_length = 200, example = "Renewal 2027")]
    pub title: String,
    /// The customer.
    pub account: DealAccount,
    /// What is to be sold; empty means anything.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub products: Vec<String>,
    /// What the CRM calls it; unique.
    pub external_ref: Option<ExternalRef>,
}

/// Changes to an opportunity; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"status": "lost"}))]
pub struct VendorOpportunityUpdate {
    /// What it is about.
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// What is to be sold; empty means anything.
    #[schema(nullable = false, max_items = 50)]
    pub products: Option<Vec<String>>,
    /// Whether the vendor still works on it.
    #[schema(nullable = false)]
    pub status: Option<Status>,
}

/// Which opportunities to list.
#[derive(Debug, Default)]
pub struct VendorOpportunityFilter {
    /// Only at this customer.
    pub account_id: Option<AccountId>,
    /// Only with this status.
    pub status: Option<Status>,
    /// Only those of this external system.
    pub external_system: Option<String>,
    /// Only with this id there.
    pub external_id: Option<String>,
    /// Only those changed at or after this time.
    pub updated_after: Option<Timestamp>,
}

/// Adds an opportunity, and its account if it is not known.
///
/// # Errors
/// `invalid_body`; `already_exists` for an external reference that is taken.
pub fn create(tx: &mut Tx, actor: &Actor, new: NewVendorOpportunity) -> Result<VendorOpportunity> {
    let described = Described::new(&new.account, "/account")?;
    if let Some(reference) = &new.external_ref {
        refuse_taken(tx, reference)?;
    }
    let account = account::recognize_or_add(tx, actor, &described)?;
    let (external_system, external_id) = new.external_ref.map(|reference| (reference.system, reference.id)).unzip();
    let row = Row {
        id: tx.id(),
        account_id: account.id,
        title: new.title,
        products: Json(new.products),
        status: Status::Open,
        external_system,
        external_id,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    diesel::insert_into(opportunities::table).values(&row).execute(tx.sql())?;
    let opportunity = VendorOpportunity::from(row);
    events::record(tx, actor, NewEvent::new("vendor_opportunity.created", opportunity.id, None))?;
    let states = (None::<&VendorOpportunity>, Some(&opportunity));
    audit::record(tx, actor, "createVendorOpportunity", opportunity.id, None, states)?;
    Ok(opportunity)
}

/// Changes an opportunity. `check` sees it as it is, before anything changes.
///
/// # Errors
/// `not_found`; those of `check`.
pub fn update(
    tx: &mut Tx,
    actor: &Actor,
    id: VendorOpportunityId,
    new: VendorOpportunityUpdate,
    check: impl FnOnce(&VendorOpportunity) -> Result<()>,
) -> Result<VendorOpportunity> {
    let mut row = row(tx, id)?;
    let before = VendorOpportunity::from(row.clone());
    check(&before)?;
    row.title = new.title.unwrap_or(row.title);
    row.products = new.products.map_or(row.products, Json);
    row.status = new.status.unwrap_or(row.status);
    row.updated_at = tx.now();
    diesel::update(opportunities::table.find(id)).set(&row).execute(tx.sql())?;
    let after = VendorOpportunity::from(row);
    let data = EventData::transition(before.status, after.status);
    events::record(tx, actor, NewEvent::new("vendor_opportunity.updated", id, None).with(data))?;
    audit::record(tx, actor, "updateVendorOpportunity", id, None, (Some(&before), Some(&after)))?;
    Ok(after)
}

/// An opportunity. Only the vendor's roles that hold `accounts:read` get here.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, id: VendorOpportunityId) -> Result<VendorOpportunity> {
    row(tx, id).map(Into::into)
}

/// The opportunities, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, filter: &VendorOpportunityFilter, paging: &Paging) -> Result<Page<VendorOpportunity>> {
    let mut query = opportunities::table.into_boxed();
    if let Some(account) = filter.account_id {
        query = query.filter(opportunities::account_id.eq(account));
    }
    if let Some(status) = filter.status {
        query = query.filter(opportunities::status.eq(status));
    }
    if let Some(system) = &filter.external_system {
        query = query.filter(opportunities::external_system.eq(system));
    }
    if let Some(id) = &filter.external_id {
        query = query.filter(opportunities::external_id.eq(id));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(opportunities::updated_at.ge(after));
    }
    let page = database::page!(tx, query, paging, "vendor_opportunities", desc(opportunities::id) as Row);
    page.try_map(|row| Ok(row.into()))
}

/// The open opportunities at an account that concern any of the products, with the products that they share.
///
/// # Errors
/// When the database cannot be read.
pub fn open_at(
    tx: &mut Tx,
    account: AccountId,
    products: &[String],
) -> Result<Vec<(VendorOpportunityId, Vec<String>)>> {
    let open = opportunities::account_id.eq(account).and(opportunities::status.eq(Status::Open));
    let rows: Vec<Row> = opportunities::table
        .filter(open)
        .order(opportunities::id)
        .limit(100)
        .select(Row::as_select())
        .load(tx.sql())?;
    let shared = |row: Row| {
        let any = row.products.0.is_empty();
        let shared: Vec<String> =
            products.iter().filter(|product| any || row.products.0.contains(product)).cloned().collect();
        (!shared.is_empty()).then_some((row.id, shared))
    };
    Ok(rows.into_iter().filter_map(shared).collect())
}

fn row(tx: &mut Tx, id: VendorOpportunityId) -> Result<Row> {
    let found = opportunities::table.find(id).select(Row::as_select()).first(tx.sql()).optional()?;
    found.ok_or_else(|| Error::not_found("vendor opportunity").into())
}

fn refuse_taken(tx: &mut Tx, reference: &ExternalRef) -> Result<()> {
    let same = opportunities::external_system.eq(&reference.system).and(opportunities::external_id.eq(&reference.id));
    let other = opportunities::table.filter(same).select(opportunities::id);
    match other.first::<VendorOpportunityId>(tx.sql()).optional()? {
        Some(id) => Err(Error::new(Code::AlreadyExists, format!("The external reference belongs to {id}."))
            .with_fault("/external_ref", "taken", "belongs to another opportunity")
            .into()),
        None => Ok(()),
    }
}

//! Lists of registrations: filters, orders, pages.

use database::{
    MultiBackend, Result, Tx, containing,
    schema::{deal_external_refs, deal_products, deal_registrations as deals},
    within_reach,
};
use diesel::prelude::*;
use kernel::{Actor, Currency, Page, Paging, PartnerId, Timestamp};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};
use utoipa::ToSchema;

use crate::{
    account::AccountId,
    model::{DealRegistration, Row, Stage, Status},
};

/// In which order registrations are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Display, EnumString, Serialize, Deserialize, ToSchema)]
#[schema(as = DealSort)]
pub enum Sort {
    /// Newest first.
    #[default]
    #[strum(serialize = "-created_at")]
    #[serde(rename = "-created_at")]
    Newest,
    /// Oldest first.
    #[strum(serialize = "created_at")]
    #[serde(rename = "created_at")]
    Oldest,
    /// Least recently changed first: how a CRM catches up.
    #[strum(serialize = "updated_at")]
    #[serde(rename = "updated_at")]
    Updated,
    /// Most recently changed first.
    #[strum(serialize = "-updated_at")]
    #[serde(rename = "-updated_at")]
    RecentlyUpdated,
    /// Largest amount first, in minor units, whatever the currency.
    #[strum(serialize = "-amount")]
    #[serde(rename = "-amount")]
    Largest,
    /// Next to close first.
    #[strum(serialize = "expected_close_on")]
    #[serde(rename = "expected_close_on")]
    ClosingNext,
}

/// Which registrations to list.
#[derive(Debug, Clone, Default)]
pub struct DealFilter {
    /// Only with one of these statuses.
    pub status: Vec<Status>,
    /// Only at one of these stages.
    pub stage: Vec<Stage>,
    /// Only of this partner.
    pub partner_id: Option<PartnerId>,
    /// Only in this program.
    pub program: Option<String>,
    /// Only at this account.
    pub account_id: Option<AccountId>,
    /// Only for this product.
    pub product: Option<String>,
    /// Only registered by this user or client.
    pub owner_id: Option<String>,
    /// Only in this currency.
    pub currency: Option<Currency>,
    /// Only from this amount on, in minor units.
    pub amount_min: Option<i64>,
    /// Only up to this amount, in minor units.
    pub amount_max: Option<i64>,
    /// Only created at or after.
    pub created_after: Option<Timestamp>,
    /// Only created before.
    pub created_before: Option<Timestamp>,
    /// Only changed at or after.
    pub updated_after: Option<Timestamp>,
    /// Only changed before.
    pub updated_before: Option<Timestamp>,
    /// Only protected until this time or later.
    pub protected_until_after: Option<Timestamp>,
    /// Only protected until before this time.
    pub protected_until_before: Option<Timestamp>,
    /// Only with a reference to this system.
    pub external_system: Option<String>,
    /// Only with this id in an external system; in that one, if both are given.
    pub external_id: Option<String>,
    /// Only those whose title, account or notes contain this, ignoring case and accents.
    pub q: Option<String>,
    /// In which order.
    pub sort: Sort,
}

type Query<'a> = deals::BoxedQuery<'a, MultiBackend>;

/// The registrations that the actor may see.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &DealFilter, paging: &Paging) -> Result<Page<DealRegistration>> {
    let now = tx.now();
    let select = || filtered(actor, filter, now);
    let (query, order) = (select(), &filter.sort.to_string());
    let page = match filter.sort {
        Sort::Newest => database::page!(tx, query, paging, order, desc(deals::id) as Row),
        Sort::Oldest => database::page!(tx, query, paging, order, asc(deals::id) as Row),
        Sort::Updated => database::page!(tx, query, paging, order, asc(deals::updated_at, deals::id) as Row),
        Sort::RecentlyUpdated => database::page!(tx, query, paging, order, desc(deals::updated_at, deals::id) as Row),
        Sort::Largest => database::page!(tx, query, paging, order, desc(deals::amount_minor, deals::id) as Row),
        Sort::ClosingNext => database::page!(tx, query, paging, order, asc(deals::expected_close_on, deals::id) as Row),
    };
    let total = if paging.total { Some(select().count().get_result(tx.sql())?) } else { None };
    let data = page.data.into_iter().map(|row| row.show(actor, now)).collect();
    Ok(Page { data, next_cursor: page.next_cursor, total })
}

fn filtered<'a>(actor: &'a Actor, filter: &'a DealFilter, now: Timestamp) -> Query<'a> {
    let mut query = within_reach!(deals::table.into_boxed(), deals::partner_id, actor);
    if !filter.status.is_empty() {
        query = with_status(query, &filter.status, now);
    }
    if !filter.stage.is_empty() {
        query = query.filter(deals::stage.eq_any(&filter.stage));
    }
    if let Some(partner) = filter.partner_id {
        query = query.filter(deals::partner_id.eq(partner));
    }
    if let Some(program) = &filter.program {
        query = query.filter(deals::program.eq(program));
    }
    if let Some(account) = filter.account_id {
        query = query.filter(deals::account_id.eq(account));
    }
    if let Some(product) = &filter.product {
        let with = deal_products::table.filter(deal_products::product.eq(product)).select(deal_products::deal_id);
        query = query.filter(deals::id.eq_any(with));
    }
    if let Some(owner) = &filter.owner_id {
        query = query.filter(deals::owner_id.eq(owner));
    }
    referenced(in_ranges(query, filter), filter)
}

/// What has ended counts as expired from its moment on, also before a sweep.
fn with_status<'a>(query: Query<'a>, statuses: &'a [Status], now: Timestamp) -> Query<'a> {
    let others: Vec<Status> = statuses.iter().copied().filter(|status| *status != Status::Approved).collect();
    let approved = deals::status.eq(Status::Approved);
    let running = approved.and(deals::protected_until.assume_not_null().gt(now));
    let ended = approved.and(deals::protected_until.assume_not_null().le(now));
    match (statuses.contains(&Status::Approved), statuses.contains(&Status::Expired)) {
        (false, false) => query.filter(deals::status.eq_any(others)),
        (true, false) => query.filter(deals::status.eq_any(others).or(running)),
        (false, true) => query.filter(deals::status.eq_any(others).or(ended)),
        (true, true) => query.filter(deals::status.eq_any(others).or(approved)),
    }
}

fn in_ranges<'a>(mut query: Query<'a>, filter: &DealFilter) -> Query<'a> {
    if let Some(currency) = filter.currency {
        query = query.filter(deals::currency.eq(currency));
    }
    if let Some(least) = filter.amount_min {
        query = query.filter(deals::amount_minor.ge(least));
    }
    if let Some(most) = filter.amount_max {
        query = query.filter(deals::amount_minor.le(most));
    }
    if let Some(from) = filter.created_after {
        query = query.filter(deals::created_at.ge(from));
    }
    if let Some(before) = filter.created_before {
        query = query.filter(deals::created_at.lt(before));
    }
    if let Some(from) = filter.updated_after {
        query = query.filter(deals::updated_at.ge(from));
    }
    if let Some(before) = filter.updated_before {
        query = query.filter(deals::updated_at.lt(before));
    }
    if let Some(from) = filter.protected_until_after {
        query = query.filter(deals::protected_until.assume_not_null().ge(from));
    }
    if let Some(before) = filter.protected_until_before {
        query = query.filter(deals::protected_until.assume_not_null().lt(before));
    }
    query
}

fn referenced<'a>(mut query: Query<'a>, filter: &'a DealFilter) -> Query<'a> {
    let refs = deal_external_refs::table;
    let (system, id) = (deal_external_refs::system, deal_external_refs::external_id);
    // Given together they are of one reference.
    match (&filter.external_system, &filter.external_id) {
        (Some(of), Some(is)) => {
            let refs = refs.filter(system.eq(of).and(id.eq(is)));
            query = query.filter(deals::id.eq_any(refs.select(deal_external_refs::deal_id)));
        }
        (Some(of), None) => {
            let refs = refs.filter(system.eq(of));
            query = query.filter(deals::id.eq_any(refs.select(deal_external_refs::deal_id)));
        }
        (None, Some(is)) => {
            let refs = refs.filter(id.eq(is));
            query = query.filter(deals::id.eq_any(refs.select(deal_external_refs::deal_id)));
        }
        (None, None) => {}
    }
    if let Some(text) = &filter.q {
        query = query.filter(deals::search.like(containing(text)).escape('\\'));
    }
    query
}

//! Lists of applications: filters, orders, pages.

use database::{Result, Tx, containing, schema::applications};
use diesel::prelude::*;
use kernel::{Actor, Country, Page, Paging, PartnerId, Timestamp};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};
use utoipa::ToSchema;

use super::{
    model::{Application, ApplicationStatus, Row},
    screening::Eligibility,
    store::{self, Query},
};

/// In which order applications are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Display, EnumString, Serialize, Deserialize, ToSchema)]
#[schema(as = ApplicationSort)]
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
    /// Best score first; those without one last.
    #[strum(serialize = "-score")]
    #[serde(rename = "-score")]
    Best,
}

/// Which applications to list.
#[derive(Debug, Clone, Default)]
pub struct ApplicationFilter {
    /// Only with one of these statuses.
    pub status: Vec<ApplicationStatus>,
    /// Only to this program.
    pub program: Option<String>,
    /// Only of this country.
    pub country: Option<Country>,
    /// Only with this outcome of the screening.
    pub eligibility: Option<Eligibility>,
    /// Only from this score on, in hundredths.
    pub score_min: Option<i32>,
    /// Only up to this score, in hundredths.
    pub score_max: Option<i32>,
    /// Only of this partner.
    pub partner_id: Option<PartnerId>,
    /// Only of this registrable domain.
    pub domain: Option<String>,
    /// Only created at or after.
    pub created_after: Option<Timestamp>,
    /// Only created before.
    pub created_before: Option<Timestamp>,
    /// Only changed at or after.
    pub updated_after: Option<Timestamp>,
    /// Only changed before.
    pub updated_before: Option<Timestamp>,
    /// Only those whose company, domain, contact or industry contain this, ignoring case and accents.
    pub q: Option<String>,
    /// In which order.
    pub sort: Sort,
}

/// The applications that the actor may see.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &ApplicationFilter, paging: &Paging) -> Result<Page<Application>> {
    let (query, order) = (filtered(actor, filter), &filter.sort.to_string());
    let page = match filter.sort {
        Sort::Newest => database::page!(tx, query, paging, order, desc(applications::id) as Row),
        Sort::Oldest => database::page!(tx, query, paging, order, asc(applications::id) as Row),
        Sort::Updated => {
            database::page!(tx, query, paging, order, asc(applications::updated_at, applications::id) as Row)
        }
        Sort::RecentlyUpdated => {
            database::page!(tx, query, paging, order, desc(applications::updated_at, applications::id) as Row)
        }
        Sort::Best => database::page!(tx, query, paging, order, desc(applications::score, applications::id) as Row),
    };
    let total = if paging.total { Some(filtered(actor, filter).count().get_result(tx.sql())?) } else { None };
    let data = page.data.into_iter().map(|row| row.show(actor)).collect();
    Ok(Page { data, next_cursor: page.next_cursor, total })
}

fn filtered<'a>(actor: &'a Actor, filter: &'a ApplicationFilter) -> Query<'a> {
    let mut query = store::visible(actor);
    if !filter.status.is_empty() {
        query = query.filter(applications::status.eq_any(&filter.status));
    }
    if let Some(program) = &filter.program {
        query = query.filter(applications::program.eq(program));
    }
    if let Some(country) = filter.country {
        query = query.filter(applications::country.eq(country));
    }
    if let Some(eligibility) = filter.eligibility {
        query = query.filter(applications::eligibility.eq(eligibility));
    }
    if let Some(least) = filter.score_min {
        query = query.filter(applications::score.ge(least));
    }
    if let Some(most) = filter.score_max {
        // Those without a score are below no score.
        query = query.filter(applications::score.le(most).and(applications::score.ge(0)));
    }
    if let Some(partner) = filter.partner_id {
        query = query.filter(applications::partner_id.eq(partner));
    }
    if let Some(domain) = &filter.domain {
        query = query.filter(applications::domain.eq(domain));
    }
    if let Some(from) = filter.created_after {
        query = query.filter(applications::created_at.ge(from));
    }
    if let Some(before) = filter.created_before {
        query = query.filter(applications::created_at.lt(before));
    }
    if let Some(from) = filter.updated_after {
        query = query.filter(applications::updated_at.ge(from));
    }
    if let Some(before) = filter.updated_before {
        query = query.filter(applications::updated_at.lt(before));
    }
    if let Some(text) = &filter.q {
        query = query.filter(applications::search.like(containing(text)).escape('\\'));
    }
    query
}

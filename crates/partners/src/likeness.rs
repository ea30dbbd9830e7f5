//! Which partners and open applications may be the same company: by registrable domain, and by name as people write it.
//!
//! Names are looked up by blocking keys ([`kernel::matching`]), which stand in an index of their own. Partners that were
//! added before there was one are indexed by the sweep.

use database::{
    MultiBackend, Result, Tx,
    schema::{applications, company_keys, partners},
};
use diesel::{prelude::*, sql_query, sql_types::Text};
use kernel::{
    Country, PartnerId,
    domain::registrable_domain,
    matching::{NormalizedName, blocking_keys, similarity},
};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};
use utoipa::ToSchema;

use crate::application::ApplicationId;

/// How many companies that share one key are looked at. Names that are alike share several keys, and what many share,
/// such as a common word, tells little.
const CANDIDATES_PER_KEY: i64 = 20;
/// How many matches are told.
const MOST_MATCHES: usize = 20;
/// How many partners one sweep indexes.
const BATCH: i64 = 500;

/// What tells two companies apart, made comparable.
#[derive(Debug, Clone)]
pub(crate) struct Described {
    /// The registrable domain; of a host that has none, the host.
    pub domain: String,
    /// The comparable name.
    pub name: NormalizedName,
}

impl Described {
    pub fn new(name: &str, host: &str) -> Self {
        let domain = registrable_domain(host).unwrap_or_else(|| host.to_owned());
        Self { domain, name: NormalizedName::new(name) }
    }
}

/// A company that may be the one that applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationMatch {
    /// The partner that it is; null for another application.
    #[schema(required = true)]
    pub partner_id: Option<PartnerId>,
    /// The open application that it is; null for a partner.
    #[schema(required = true)]
    pub application_id: Option<ApplicationId>,
    /// The company's name there.
    #[schema(max_length = 200, example = "Northwind Traders GmbH")]
    pub name: String,
    /// Its domain there.
    #[schema(max_length = 253, example = "northwind.example")]
    pub domain: String,
    /// Its country there.
    pub country: Country,
    /// What it was found by.
    pub basis: MatchBasis,
    /// How alike the names are, in per mille; 1000 is the same name.
    #[schema(format = Int64, minimum = 0, maximum = 1000, example = 960)]
    pub name_likeness: u16,
}

/// What a match was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, Serialize, Deserialize, ToSchema)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = ApplicationMatchBasis)]
pub enum MatchBasis {
    /// The same registrable domain: certain.
    Domain,
    /// A name that is alike.
    Name,
}

/// Who is not to be found: the company itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Besides {
    pub partner: Option<PartnerId>,
    pub application: Option<ApplicationId>,
}

/// Name, domain, normalized name, country.
type Found = (String, String, Option<String>, Country);
/// Id, name, host, registrable domain, normalized name, country.
type PartnerRow = (PartnerId, String, String, Option<String>, Option<String>, Country);

/// The partners and open applications that may be the company: those of its domain first, then the most alike names from
/// `threshold` per mille on.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn matches(
    tx: &mut Tx,
    company: &Described,
    threshold: u16,
    besides: Besides,
) -> Result<Vec<ApplicationMatch>> {
    let candidates = candidates(tx, &company.name)?;
    let ids: Vec<PartnerId> = candidates.iter().filter_map(|id| id.parse().ok()).collect();
    let mut found = partners_like(tx, company, &ids)?;
    let ids: Vec<ApplicationId> = candidates.iter().filter_map(|id| id.parse().ok()).collect();
    found.extend(applications_like(tx, company, &ids)?);
    found.retain(|one| one.basis == MatchBasis::Domain || one.name_likeness >= threshold);
    found.retain(|one| one.partner_id.is_none() || one.partner_id != besides.partner);
    found.retain(|one| one.application_id.is_none() || one.application_id != besides.application);
    found.sort_by_key(|one| (one.basis, std::cmp::Reverse(one.name_likeness), one.partner_id, one.application_id));
    found.truncate(MOST_MATCHES);
    Ok(found)
}

/// The partner of this registrable domain, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn partner_of(tx: &mut Tx, domain: &str) -> Result<Option<PartnerId>> {
    let own = partners::registrable_domain.eq(domain).or(partners::domain.eq(domain));
    Ok(partners::table.filter(own).order(partners::id).select(partners::id).first(tx.sql()).optional()?)
}

fn partners_like(tx: &mut Tx, company: &Described, ids: &[PartnerId]) -> Result<Vec<ApplicationMatch>> {
    let own_domain = partners::registrable_domain.eq(&company.domain);
    let rows: Vec<PartnerRow> = partners::table
        .filter(own_domain.or(partners::id.eq_any(ids)).assume_not_null())
        .order(partners::id)
        .select((
            partners::id,
            partners::name,
            partners::domain,
            partners::registrable_domain,
            partners::normalized_name,
            partners::country,
        ))
        .load(tx.sql())?;
    let told = rows.into_iter().map(|(id, name, host, domain, normalized, country)| {
        let same = domain.as_ref() == Some(&company.domain);
        let found = told(company, (name, host, normalized, country), same);
        ApplicationMatch { partner_id: Some(id), ..found }
    });
    Ok(told.collect())
}

fn applications_like(tx: &mut Tx, company: &Described, ids: &[ApplicationId]) -> Result<Vec<ApplicationMatch>> {
    use crate::application::model::ApplicationCompany;
    let likely = applications::domain.eq(&company.domain).or(applications::id.eq_any(ids));
    let rows: Vec<(ApplicationId, database::Json<ApplicationCompany>, String, Country)> = applications::table
        .filter(applications::open_key.is_not_null().and(likely))
        .order(applications::id)
        .select((applications::id, applications::company, applications::normalized_name, applications::country))
        .load(tx.sql())?;
    let told = rows.into_iter().map(|(id, applicant, normalized, country)| {
        let (name, domain) = (applicant.0.name, applicant.0.domain);
        let same = domain == company.domain;
        let found = told(company, (name, domain, Some(normalized), country), same);
        ApplicationMatch { application_id: Some(id), ..found }
    });
    Ok(told.collect())
}

fn told(company: &Described, (name, domain, normalized, country): Found, same_domain: bool) -> ApplicationMatch {
    let theirs = normalized.map_or_else(|| NormalizedName::new(&name), |text| NormalizedName::from_stored(&text));
    // Two names without a letter are equal, and tell nothing.
    let name_likeness = if theirs.is_empty() { 0 } else { similarity(&company.name, &theirs) };
    let basis = if same_domain { MatchBasis::Domain } else { MatchBasis::Name };
    ApplicationMatch { partner_id: None, application_id: None, name, domain, country, basis, name_likeness }
}

/// The ids of the companies that share a key with the name.
fn candidates(tx: &mut Tx, name: &NormalizedName) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for key in blocking_keys(name) {
        let sharing = company_keys::table.filter(company_keys::key.eq(key)).limit(CANDIDATES_PER_KEY);
        ids.extend(sharing.select(company_keys::company_id).load::<String>(tx.sql())?);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Puts a company into the index. All keys in one statement; its text serves both databases.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn index(tx: &mut Tx, id: impl ToString, name: &NormalizedName) -> Result<()> {
    let keys = blocking_keys(name);
    if keys.is_empty() {
        return Ok(());
    }
    let rows: Vec<String> = (1..=keys.len()).map(|nth| format!("(${}, ${})", 2 * nth - 1, 2 * nth)).collect();
    let text = format!("INSERT INTO company_keys (key, company_id) VALUES {}", rows.join(", "));
    let id = id.to_string();
    let insert = keys.into_iter().fold(sql_query(text).into_boxed::<MultiBackend>(), |insert, key| {
        insert.bind::<Text, _>(key).bind::<Text, _>(id.clone())
    });
    insert.execute(tx.sql())?;
    Ok(())
}

/// Takes a company out of the index.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn unindex(tx: &mut Tx, id: impl ToString) -> Result<()> {
    diesel::delete(company_keys::table.filter(company_keys::company_id.eq(id.to_string()))).execute(tx.sql())?;
    Ok(())
}

/// Indexes partners that were added before there was an index; how many.
///
/// # Errors
/// When the database cannot be written.
pub fn index_missing(tx: &mut Tx) -> Result<usize> {
    let missing: Vec<(PartnerId, String, String)> = partners::table
        .filter(partners::normalized_name.is_null())
        .order(partners::id)
        .limit(BATCH)
        .select((partners::id, partners::name, partners::domain))
        .load(tx.sql())?;
    for (id, name, host) in &missing {
        let described = Described::new(name, host);
        let comparable =
            (partners::registrable_domain.eq(&described.domain), partners::normalized_name.eq(described.name.as_str()));
        diesel::update(partners::table.find(id)).set(comparable).execute(tx.sql())?;
        unindex(tx, id)?;
        index(tx, id, &described.name)?;
    }
    Ok(missing.len())
}

/// Whether there are any.
///
/// # Errors
/// When the database cannot be read.
pub fn has_missing(tx: &mut Tx) -> Result<bool> {
    let missing = partners::table.filter(partners::normalized_name.is_null()).select(partners::id).limit(1);
    Ok(missing.first::<PartnerId>(tx.sql()).optional()?.is_some())
}

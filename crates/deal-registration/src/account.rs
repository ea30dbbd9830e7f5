//! Accounts: the customers at whom two partners can collide.

use database::{
    MultiBackend, Result, Tx,
    schema::{account_keys, accounts},
};
use diesel::{prelude::*, sql_query, sql_types::Text};
use events::{EventData, NewEvent, audit};
use kernel::{
    Actor, Code, Country, Error, Page, Paging, Timestamp,
    domain::registrable_domain,
    ids,
    matching::{NormalizedName, blocking_keys, similarity},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

mod sharing;

use sharing::Sharing;

use crate::model::DealAccount;

ids! {
    /// A customer.
    AccountKind = "account" => AccountId;
}

/// By what an account was recognized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AccountMatch)]
pub enum Basis {
    /// The registrable domain: certain.
    Domain,
    /// The same normalized name in the same country, and no domain that contradicts.
    Name,
    /// A similar name: a person must say.
    SimilarName,
}

/// A customer.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = accounts, treat_none_as_null = true)]
pub struct Account {
    /// Unique.
    pub id: AccountId,
    /// The company's name, as it was first given.
    #[schema(max_length = 200, example = "Acme Industries GmbH")]
    pub name: String,
    /// Its registrable domain; unique.
    #[schema(required = true, max_length = 253, example = "acme.example")]
    pub domain: Option<String>,
    /// Where it is.
    pub country: Country,
    /// The name without what varies between two spellings of it.
    #[schema(max_length = 1000, example = "acme industries")]
    pub normalized_name: String,
    /// Whether it is reserved for the vendor's named-account team.
    pub named: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A customer to add.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Acme Industries GmbH", "domain": "acme.example", "country": "DE", "named": true}))]
pub struct NewAccount {
    /// The company's name.
    #[schema(min_length = 1, max_length = 200, example = "Acme Industries GmbH")]
    pub name: String,
    /// A host, URL or e-mail address; its registrable domain is kept.
    #[schema(min_length = 1, max_length = 253, example = "acme.example")]
    pub domain: Option<String>,
    /// Where it is.
    pub country: Country,
    /// Whether it is reserved for the vendor's named-account team.
    #[serde(default)]
    pub named: bool,
}

/// Changes to a customer; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"named": true}))]
pub struct AccountUpdate {
    /// The company's name.
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// A host, URL or e-mail address; its registrable domain is kept.
    #[schema(nullable = false, min_length = 1, max_length = 253)]
    pub domain: Option<String>,
    /// Where it is.
    #[schema(nullable = false)]
    pub country: Option<Country>,
    /// Whether it is reserved for the vendor's named-account team.
    #[schema(nullable = false)]
    pub named: Option<bool>,
}

/// Which accounts to list.
#[derive(Debug, Default)]
pub struct AccountFilter {
    /// Only with this registrable domain.
    pub domain: Option<String>,
    /// Only those whose normalized name is that of this one.
    pub name: Option<String>,
    /// Only of this country.
    pub country: Option<Country>,
    /// Only named accounts, or only others.
    pub named: Option<bool>,
    /// Only those changed at or after this time.
    pub updated_after: Option<Timestamp>,
}

/// A description of a customer, made comparable.
#[derive(Debug, Clone)]
pub struct Described {
    name: String,
    /// The registrable domain.
    pub domain: Option<String>,
    /// Where it is.
    pub country: Country,
    /// The comparable name.
    pub normalized: NormalizedName,
}

impl Described {
    /// Makes a description comparable.
    ///
    /// # Errors
    /// `invalid_body` below `pointer` for a domain that is none.
    pub fn new(account: &DealAccount, pointer: &str) -> std::result::Result<Self, Error> {
        let no_domain = || {
            let detail = "is not a domain that a company can register";
            Error::invalid(&format!("{pointer}/domain"), "format", detail)
        };
        let domain = account.domain.as_ref().map(|text| registrable_domain(text).ok_or_else(no_domain)).transpose()?;
        let normalized = NormalizedName::new(&account.name);
        Ok(Self { name: account.name.clone(), domain, country: account.country, normalized })
    }
}

/// The account that a description means, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub fn recognize(tx: &mut Tx, described: &Described) -> Result<Option<(Account, Basis)>> {
    if let Some(domain) = &described.domain {
        let found = accounts::table.filter(accounts::domain.eq(domain)).select(Account::as_select());
        if let Some(account) = found.first(tx.sql()).optional()? {
            return Ok(Some((account, Basis::Domain)));
        }
    }
    if described.normalized.is_empty() {
        return Ok(None);
    }
    let same_name = accounts::normalized_name.eq(described.normalized.as_str());
    let mut query = accounts::table.filter(same_name.and(accounts::country.eq(described.country))).into_boxed();
    if described.domain.is_some() {
        // An account with another domain is another company of the same name.
        query = query.filter(accounts::domain.is_null());
    }
    let found: Option<Account> = query.order(accounts::id).select(Account::as_select()).first(tx.sql()).optional()?;
    Ok(found.map(|account| (account, Basis::Name)))
}

/// What was seen of a customer before the transaction that writes, on a snapshot of its own.
#[derive(Debug, Clone)]
pub struct Sighting {
    account: Option<(AccountId, Basis)>,
    alike: Vec<(AccountId, u16)>,
}

impl Sighting {
    /// Looks at the customer that a registration describes. A description with faults is nobody's.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn of(tx: &mut Tx, program: &str, account: &DealAccount) -> Result<Self> {
        let nobody = Self { account: None, alike: Vec::new() };
        let (Ok(described), Some(rules)) = (Described::new(account, "/account"), programs::current(tx, program)?)
        else {
            return Ok(nobody);
        };
        let account = recognize(tx, &described)?.map(|(account, basis)| (account.id, basis));
        let threshold = rules.document.0.deal_registration.matching.name_threshold_per_mille;
        let alike = alike(tx, &described, account.map(|(id, _)| id), threshold)?;
        Ok(Self { account, alike })
    }

    /// The accounts whose names are alike, but for this one.
    pub fn alike(&self, besides: Option<AccountId>) -> Vec<(AccountId, u16)> {
        self.alike.iter().copied().filter(|(id, _)| Some(*id) != besides).collect()
    }
}

/// The account that a description means: as it was seen, or by looking where that is due ([`Tx::looks_first`]).
///
/// # Errors
/// When the database cannot be read.
pub fn recognize_as_seen(
    tx: &mut Tx,
    described: &Described,
    seen: Option<&Sighting>,
) -> Result<Option<(Account, Basis)>> {
    match seen.filter(|_| !tx.looks_first()) {
        Some(seen) => seen.account.map(|(id, basis)| Ok((find(tx, id)?, basis))).transpose(),
        None => recognize(tx, described),
    }
}

/// The account that a description means; added when there is none, and given the domain when it had none.
///
/// # Errors
/// When the database cannot be written.
pub fn recognize_or_add(tx: &mut Tx, actor: &Actor, described: &Described) -> Result<Account> {
    let recognized = recognize(tx, described)?;
    ensure(tx, actor, described, recognized.map(|(account, _)| account))
}

/// The account that was recognized, with the domain if it had none; or a new one.
///
/// # Errors
/// When the database cannot be written.
pub fn ensure(tx: &mut Tx, actor: &Actor, described: &Described, recognized: Option<Account>) -> Result<Account> {
    match recognized {
        Some(account) if account.domain.is_none() && described.domain.is_some() => {
            let with_domain = Account { domain: described.domain.clone(), ..account.clone() };
            save(tx, actor, &account, with_domain)
        }
        Some(account) => Ok(account),
        None => add(tx, actor, described, false),
    }
}

/// Accounts whose names are alike, with their likeness in per mille from `threshold` on, most alike first.
///
/// # Errors
/// When the database cannot be read.
pub fn alike(
    tx: &mut Tx,
    described: &Described,
    besides: Option<AccountId>,
    threshold: u16,
) -> Result<Vec<(AccountId, u16)>> {
    let keys = blocking_keys(&described.normalized);
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut alike: Vec<(AccountId, u16)> = Sharing { keys }
        .load::<(AccountId, String)>(tx.sql())?
        .into_iter()
        .filter(|(id, _)| Some(*id) != besides)
        .map(|(id, name)| (id, similarity(&described.normalized, &NormalizedName::from_stored(&name))))
        .filter(|(_, score)| *score >= threshold)
        .collect();
    alike.sort_unstable_by_key(|(id, score)| (std::cmp::Reverse(*score), *id));
    Ok(alike)
}

/// Adds a customer.
///
/// # Errors
/// `invalid_body` for a domain that is none; `already_exists`.
pub fn create(tx: &mut Tx, actor: &Actor, new: NewAccount) -> Result<Account> {
    let described = Described::new(&DealAccount { name: new.name, domain: new.domain, country: new.country }, "")?;
    if let Some((account, basis)) = recognize(tx, &described)? {
        let pointer = if basis == Basis::Domain { "/domain" } else { "/name" };
        return Err(Error::new(Code::AlreadyExists, format!("This account is there already: {}.", account.id))
            .with_fault(pointer, "taken", "belongs to another account")
            .into());
    }
    add(tx, actor, &described, new.named)
}

/// Changes a customer. `check` sees it as it is, before anything changes.
///
/// # Errors
/// `not_found`; `invalid_body`; `already_exists`; those of `check`.
pub fn update(
    tx: &mut Tx,
    actor: &Actor,
    id: AccountId,
    new: AccountUpdate,
    check: impl FnOnce(&Account) -> Result<()>,
) -> Result<Account> {
    let before = find(tx, id)?;
    check(&before)?;
    let given = DealAccount {
        name: new.name.unwrap_or_else(|| before.name.clone()),
        domain: new.domain.or_else(|| before.domain.clone()),
        country: new.country.unwrap_or(before.country),
    };
    let described = Described::new(&given, "")?;
    if let Some((other, Basis::Domain)) = recognize(tx, &described)?.filter(|(other, _)| other.id != id) {
        return Err(Error::new(Code::AlreadyExists, format!("The domain belongs to {}.", other.id))
            .with_fault("/domain", "taken", "belongs to another account")
            .into());
    }
    refuse_taken_name(tx, id, &described)?;
    let account = Account {
        name: described.name,
        domain: described.domain,
        country: described.country,
        normalized_name: described.normalized.as_str().into(),
        named: new.named.unwrap_or(before.named),
        ..before.clone()
    };
    if account.normalized_name != before.normalized_name {
        let keys = blocking_keys(&NormalizedName::from_stored(&before.normalized_name));
        let old = account_keys::key.eq_any(keys).and(account_keys::account_id.eq(id));
        diesel::delete(account_keys::table.filter(old)).execute(tx.sql())?;
        add_keys(tx, id, &described.normalized)?;
    }
    save(tx, actor, &before, account)
}

/// A customer. Only the vendor's roles that hold `accounts:read` get here.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, id: AccountId) -> Result<Account> {
    let found = accounts::table.find(id).select(Account::as_select()).first(tx.sql()).optional()?;
    found.ok_or_else(|| Error::not_found("account").into())
}

/// The customers, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, filter: &AccountFilter, paging: &Paging) -> Result<Page<Account>> {
    let mut query = accounts::table.into_boxed();
    if let Some(domain) = &filter.domain {
        query = query.filter(accounts::domain.eq(registrable_domain(domain).unwrap_or_default()));
    }
    if let Some(name) = &filter.name {
        query = query.filter(accounts::normalized_name.eq(NormalizedName::new(name).as_str().to_owned()));
    }
    if let Some(country) = filter.country {
        query = query.filter(accounts::country.eq(country));
    }
    if let Some(named) = filter.named {
        query = query.filter(accounts::named.eq(named));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(accounts::updated_at.ge(after));
    }
    Ok(database::page!(tx, query, paging, "accounts", desc(accounts::id) as Account))
}

/// Without domains, name and country are all that tells two accounts apart.
fn refuse_taken_name(tx: &mut Tx, id: AccountId, described: &Described) -> Result<()> {
    if described.domain.is_some() {
        return Ok(());
    }
    let same_name = accounts::normalized_name.eq(described.normalized.as_str());
    let others = accounts::domain.is_null().and(accounts::country.eq(described.country)).and(accounts::id.ne(id));
    let other = accounts::table.filter(same_name.and(others)).select(accounts::id);
    match other.first::<AccountId>(tx.sql()).optional()? {
        Some(other) => Err(Error::new(Code::AlreadyExists, format!("The name belongs to {other}."))
            .with_fault("/name", "taken", "belongs to another account")
            .into()),
        None => Ok(()),
    }
}

fn add(tx: &mut Tx, actor: &Actor, described: &Described, named: bool) -> Result<Account> {
    let account = Account {
        id: tx.id(),
        name: described.name.clone(),
        domain: described.domain.clone(),
        country: described.country,
        normalized_name: described.normalized.as_str().into(),
        named,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    diesel::insert_into(accounts::table).values(&account).execute(tx.sql())?;
    add_keys(tx, account.id, &described.normalized)?;
    events::record(tx, actor, NewEvent::new("account.created", account.id, None))?;
    audit::record(tx, actor, "createAccount", account.id, None, (None::<&Account>, Some(&account)))?;
    Ok(account)
}

/// All keys in one statement; its text serves both databases.
fn add_keys(tx: &mut Tx, id: AccountId, name: &NormalizedName) -> Result<()> {
    let keys = blocking_keys(name);
    if keys.is_empty() {
        return Ok(());
    }
    let rows: Vec<String> = (1..=keys.len()).map(|n| format!("(${}, ${}, ${})", 3 * n - 2, 3 * n - 1, 3 * n)).collect();
    let text = format!("INSERT INTO account_keys (key, account_id, name) VALUES {}", rows.join(", "));
    let insert = keys.into_iter().fold(sql_query(text).into_boxed::<MultiBackend>(), |insert, key| {
        insert.bind::<Text, _>(key).bind::<Text, _>(id).bind::<Text, _>(name.as_str())
    });
    insert.execute(tx.sql())?;
    Ok(())
}

fn save(tx: &mut Tx, actor: &Actor, before: &Account, mut account: Account) -> Result<Account> {
    account.updated_at = tx.now();
    diesel::update(accounts::table.find(account.id)).set(&account).execute(tx.sql())?;
    let event = NewEvent::new("account.updated", account.id, None).with(EventData::default());
    events::record(tx, actor, event)?;
    audit::record(tx, actor, "updateAccount", account.id, None, (Some(before), Some(&account)))?;
    Ok(account)
}

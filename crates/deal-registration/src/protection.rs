//! Who holds an account for a product: the one place that grants, prolongs and takes.
//!
//! The table has one row for each account, product and program, so the database itself refuses two holders; what
//! programs exclude each other beyond that is looked up in the same serializable transaction.

use std::collections::HashMap;

use database::{
    Result, Tx,
    schema::{deal_registrations as deals, protections},
};
use diesel::{dsl::count_star, prelude::*};
use kernel::{Code, Error, PartnerId, Timestamp};
use programs::Version;

use crate::{
    account::AccountId,
    model::{DealId, Row, Status},
    verdict::Held,
};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = protections)]
struct Protection {
    account_id: AccountId,
    product: String,
    program: String,
    deal_id: DealId,
    partner_id: PartnerId,
    protected_until: Timestamp,
}

/// What is held at an account of these products now, and counts under these rules.
///
/// # Errors
/// When the database cannot be read.
pub fn held(tx: &mut Tx, rules: &Version, account: AccountId, products: &[String]) -> Result<Vec<Held>> {
    let rows: Vec<Protection> = protections::table
        .filter(protections::account_id.eq(account).and(protections::product.eq_any(products)))
        .filter(protections::protected_until.gt(tx.now()))
        .order((protections::product, protections::program))
        .select(Protection::as_select())
        .load(tx.sql())?;
    let mut held = Vec::with_capacity(rows.len());
    for row in rows {
        if excludes(tx, rules, &row.program)? {
            held.push(Held {
                deal_id: row.deal_id,
                partner_id: row.partner_id,
                program: row.program,
                product: row.product,
                until: row.protected_until,
            });
        }
    }
    Ok(held)
}

/// Whether a protection in `other` stands in the way: the same program, or either names the other as exclusive.
fn excludes(tx: &mut Tx, rules: &Version, other: &str) -> Result<bool> {
    let names = |version: &Version, slug: &str| {
        version.document.0.deal_registration.exclusive_with.iter().any(|named| named == slug)
    };
    if rules.program == other || names(rules, other) {
        return Ok(true);
    }
    Ok(programs::current(tx, other)?.is_some_and(|version| names(&version, &rules.program)))
}

/// How many registrations of each of these partners are protected in the program now; who has none is not there.
///
/// # Errors
/// When the database cannot be read.
pub fn open(tx: &mut Tx, program: &str, partners: &[PartnerId]) -> Result<HashMap<PartnerId, i32>> {
    if partners.is_empty() {
        return Ok(HashMap::new());
    }
    let now = tx.now();
    let counted: Vec<(PartnerId, i64)> = deals::table
        .filter(deals::partner_id.eq_any(partners).and(deals::program.eq(program)))
        .filter(deals::status.eq(Status::Approved).and(deals::protected_until.assume_not_null().gt(now)))
        .group_by(deals::partner_id)
        .select((deals::partner_id, count_star()))
        .load(tx.sql())?;
    Ok(counted.into_iter().map(|(partner, count)| (partner, i32::try_from(count).unwrap_or(i32::MAX))).collect())
}

/// Gives the registration its products at its account until `until`.
///
/// # Errors
/// `deal_conflict` when another registration holds one of them.
pub fn grant(tx: &mut Tx, rules: &Version, deal: &Row, until: Timestamp) -> Result<()> {
    let held = held(tx, rules, deal.account_id, &deal.products.0)?;
    if let Some(other) = held.iter().find(|held| held.deal_id != deal.id) {
        let whose = if other.partner_id == deal.partner_id { "The same partner" } else { "Another partner" };
        let until = other.until.comes().map(|until| format!(" until {until}")).unwrap_or_default();
        let detail = format!("{whose} is protected at this account for {}{until}.", other.product);
        return Err(Error::new(Code::DealConflict, detail).into());
    }
    for row in rows(deal, until) {
        // An ended protection that no sweep has removed yet makes room.
        let place = (row.account_id, &row.product, &row.program);
        let replaced = diesel::update(protections::table.find(place)).set(&row).execute(tx.sql())?;
        if replaced == 0 {
            diesel::insert_into(protections::table).values(&row).execute(tx.sql())?;
        }
    }
    Ok(())
}

/// The same at an account that the running transaction has added: without a look at what cannot be there.
///
/// # Errors
/// When the database cannot be written.
pub fn grant_at_new_account(tx: &mut Tx, deal: &Row, until: Timestamp) -> Result<()> {
    for row in rows(deal, until) {
        diesel::insert_into(protections::table).values(&row).execute(tx.sql())?;
    }
    Ok(())
}

/// Has what the registration holds end when it does.
///
/// # Errors
/// When the database cannot be written.
pub fn move_end(tx: &mut Tx, deal: &Row) -> Result<()> {
    let Some(until) = deal.protected_until else { return Ok(()) };
    let held = protections::table.filter(protections::deal_id.eq(deal.id));
    diesel::update(held).set(protections::protected_until.eq(until)).execute(tx.sql())?;
    Ok(())
}

fn rows(deal: &Row, protected_until: Timestamp) -> impl Iterator<Item = Protection> + '_ {
    deal.products.0.iter().map(move |product| Protection {
        account_id: deal.account_id,
        product: product.clone(),
        program: deal.program.clone(),
        deal_id: deal.id,
        partner_id: deal.partner_id,
        protected_until,
    })
}

/// Takes from a registration what it holds; only these products if some are named.
///
/// # Errors
/// When the database cannot be written.
pub fn take(tx: &mut Tx, deal: DealId, only: Option<&[String]>) -> Result<()> {
    let mut query = diesel::delete(protections::table.filter(protections::deal_id.eq(deal))).into_boxed();
    if let Some(products) = only {
        query = query.filter(protections::product.eq_any(products));
    }
    query.execute(tx.sql())?;
    Ok(())
}

//! From where an account has signed in lately. Whoever floods an account with guesses uses up what all strangers together
//! may try; its owner, at an address that is familiar, has an allowance of their own and is not locked out.

use chrono::TimeDelta;
use database::{Database, Result, Tx, schema::familiar_addresses as table};
use diesel::prelude::*;
use kernel::Timestamp;

use crate::digest::digest;

/// How long an address stays familiar after a sign-in.
const LIFE: TimeDelta = TimeDelta::days(30);
/// How much of that may have passed before a sign-in renews it: a sign-in a day writes, the others only look.
const FRESH: TimeDelta = TimeDelta::days(1);

/// Whether the account has signed in from the address lately.
///
/// # Errors
/// When the database cannot be asked.
pub async fn is_familiar(database: &Database, account: &str, address: &str) -> Result<bool> {
    let key = key(account, address);
    database.read(move |tx| Ok(until(tx, &key)?.is_some_and(|until| until > tx.wall()))).await
}

/// Remembers that the account has signed in from the address.
///
/// # Errors
/// When the database cannot be written.
pub async fn remember(database: &Database, account: &str, address: &str) -> Result<()> {
    let key = key(account, address);
    let looked = key.clone();
    let (known, now) = database.read(move |tx| Ok((until(tx, &looked)?, tx.wall()))).await?;
    if known.is_some_and(|until| until > now + LIFE - FRESH) {
        return Ok(());
    }
    database.write(move |tx| renew(tx, &key, known.is_some())).await
}

fn until(tx: &mut Tx, key: &str) -> Result<Option<Timestamp>> {
    Ok(table::table.find(key).select(table::until).first(tx.sql()).optional()?)
}

/// Goes by what was seen before the transaction, so that strangers do not collide.
fn renew(tx: &mut Tx, key: &str, known: bool) -> Result<()> {
    let until = tx.wall() + LIFE;
    if (known || tx.looks_first())
        && diesel::update(table::table.find(key)).set(table::until.eq(until)).execute(tx.sql())? > 0
    {
        return Ok(());
    }
    diesel::insert_into(table::table).values((table::digest.eq(key), table::until.eq(until))).execute(tx.sql())?;
    Ok(())
}

pub(crate) fn forget_old(tx: &mut Tx) -> Result<usize> {
    Ok(diesel::delete(table::table.filter(table::until.lt(tx.wall()))).execute(tx.sql())?)
}

fn key(account: &str, address: &str) -> String {
    digest(&format!("{address} {account}"))
}

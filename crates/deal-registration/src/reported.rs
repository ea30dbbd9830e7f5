//! What registrations say of their partner: facts that programs' rules count.

use database::{Result, Tx};
use facts::{Data, ENGINE, Reported, report_all};
use kernel::{Actor, Money, Timestamp};
use serde_json::{Value, json};

use crate::model::{Row, Status};

/// Under which name registrations are known, from their approval on.
const REGISTRATIONS: &str = "registrations";
/// Under which name what was sold is known.
const TRANSACTIONS: &str = "transactions";

/// Reports what the registration says now, where that is not what it said before; `None` if it is new.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn changed(tx: &mut Tx, actor: &Actor, before: Option<&Row>, row: &Row) -> Result<()> {
    let reported = [registration(before, row), transaction(before, row)];
    report_all(tx, actor, reported.into_iter().flatten().collect()).map(drop)
}

/// The approved registration, if it says something else than before.
fn registration(before: Option<&Row>, row: &Row) -> Option<Reported> {
    let approved = row.protected_from?;
    let said = before.filter(|before| before.protected_from.is_some()).map(said_of_registration);
    let data = said_of_registration(row);
    if said.as_ref() == Some(&data) {
        return None;
    }
    let day = Some(approved.date());
    Some(Reported { day, data, known_new: said.is_none(), ..nothing(row, REGISTRATIONS) })
}

fn said_of_registration(row: &Row) -> Data {
    let outcome = row.outcome.as_ref().map(|outcome| &outcome.0);
    let amount = outcome.and_then(|outcome| outcome.amount).unwrap_or_else(|| row.amount());
    let mut data = money(amount);
    data.extend(entry("at", row.protected_from));
    data.extend(entry("registered", row.submitted_at.or(Some(row.created_at))));
    data.extend(outcome.map(|outcome| ("closed".to_owned(), json!(outcome.closed_on))));
    data.extend(status_at(row).map(|at| ("status_at".to_owned(), at)));
    data.insert("status".to_owned(), json!(row.status));
    data.insert("products".to_owned(), json!(row.products.0.len().to_string()));
    data.insert("country".to_owned(), json!(row.account.0.country));
    data.insert("deal".to_owned(), json!(row.id));
    data
}

/// Since when it is no longer approved, where that can be told.
fn status_at(row: &Row) -> Option<Value> {
    match row.status {
        Status::Approved => None,
        Status::Won | Status::Lost => row.outcome.as_ref().map(|outcome| json!(outcome.0.closed_on)),
        Status::Expired => row.protected_until.map(|at| json!(at)),
        Status::Released | Status::Rejected | Status::Withdrawn => {
            row.review.0.decision.as_ref().map(|decision| json!(decision.at))
        }
        Status::Draft | Status::Submitted | Status::InReview | Status::ActionRequired => {
            row.submitted_at.map(|at| json!(at))
        }
    }
}

/// The sale, if the deal was won, and something else was said of it before.
fn transaction(before: Option<&Row>, row: &Row) -> Option<Reported> {
    let said = before.and_then(|before| said_of_sale(before).map(|(_, data)| data));
    let (day, data) = said_of_sale(row)?;
    if said.as_ref() == Some(&data) {
        return None;
    }
    Some(Reported { day: Some(day), data, known_new: said.is_none(), ..nothing(row, TRANSACTIONS) })
}

fn said_of_sale(row: &Row) -> Option<(chrono::NaiveDate, Data)> {
    let outcome = row.outcome.as_ref().filter(|_| row.status == Status::Won)?;
    let mut data = money(outcome.0.amount?);
    data.insert("kind".to_owned(), json!("sale"));
    data.insert("country".to_owned(), json!(row.account.0.country));
    data.insert("deal".to_owned(), json!(row.id));
    if let [product] = row.products.0.as_slice() {
        data.insert("product".to_owned(), json!(product));
    }
    Some((outcome.0.closed_on, data))
}

fn money(amount: Money) -> Data {
    Data::from([("amount".to_owned(), json!(amount.amount())), ("currency".to_owned(), json!(amount.currency))])
}

fn entry(name: &str, at: Option<Timestamp>) -> Option<(String, Value)> {
    Some((name.to_owned(), json!(at?)))
}

fn nothing(row: &Row, name: &str) -> Reported {
    Reported {
        partner_id: row.partner_id,
        name: name.to_owned(),
        subject: row.id.to_string(),
        program: Some(row.program.clone()),
        day: None,
        until: None,
        data: Data::new(),
        source: ENGINE.to_owned(),
        known_new: false,
    }
}

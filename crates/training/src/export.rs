//! Lists as CSV, for spreadsheets.
//!
//! A spreadsheet computes what a cell begins with, and names come from anybody: a cell that could be a formula gets an
//! apostrophe before it, which the spreadsheet takes for text (OWASP, CSV injection).

use std::{borrow::Cow, collections::HashMap};

use database::{Error, Result, Tx, schema::people};
use diesel::prelude::*;
use kernel::{Actor, Page, Paging};

use crate::{
    credential::{self, Credential, CredentialFilter},
    enrollment::{self, TrainingEnrollment, TrainingEnrollmentFilter},
    person::PersonId,
};

/// The most rows of one answer.
pub const MOST_ROWS: u32 = 100_000;

/// Rows as text, and where the next begin.
#[derive(Debug)]
pub struct Table {
    /// A header and the rows.
    pub text: String,
    /// Where the next rows begin; `None` after the last.
    pub next_cursor: Option<String>,
}

const CREDENTIALS: &[&str] = &[
    "id",
    "person_id",
    "name",
    "email",
    "partner_id",
    "certification",
    "status",
    "awarded_on",
    "valid_from",
    "valid_to",
    "counts_until",
    "renews",
    "catalogue_version",
    "days",
    "updated_at",
];

const ENROLLMENTS: &[&str] = &[
    "id",
    "person_id",
    "name",
    "email",
    "partner_id",
    "kind",
    "item",
    "item_version",
    "status",
    "progress",
    "score",
    "attempts",
    "due_on",
    "source",
    "external_id",
    "enrolled_on",
    "started_on",
    "ended_on",
    "updated_at",
];

/// The credentials that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn credentials(
    tx: &mut Tx,
    actor: &Actor,
    filter: &CredentialFilter,
    limit: u32,
    cursor: Option<String>,
) -> Result<Table> {
    let list = |tx: &mut Tx, paging: &Paging| credential::list(tx, actor, filter, paging);
    table(
        tx,
        CREDENTIALS,
        (limit, cursor),
        list,
        |row: &Credential| row.person_id,
        |row, name, email| {
            vec![
                row.id.to_string(),
                row.person_id.to_string(),
                name,
                email,
                row.partner_id.to_string(),
                row.certification.clone(),
                row.status.to_string(),
                row.awarded_on.to_string(),
                row.valid_from.to_string(),
                or_empty(row.valid_to),
                or_empty(row.counts_until),
                or_empty(row.renews),
                row.catalogue_version.to_string(),
                or_empty(row.days),
                row.updated_at.to_string(),
            ]
        },
    )
}

/// The training enrollments that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn enrollments(
    tx: &mut Tx,
    actor: &Actor,
    filter: &TrainingEnrollmentFilter,
    limit: u32,
    cursor: Option<String>,
) -> Result<Table> {
    let list = |tx: &mut Tx, paging: &Paging| enrollment::list(tx, actor, filter, paging);
    table(
        tx,
        ENROLLMENTS,
        (limit, cursor),
        list,
        |row: &TrainingEnrollment| row.person_id,
        |row, name, email| {
            vec![
                row.id.to_string(),
                row.person_id.to_string(),
                name,
                email,
                row.partner_id.to_string(),
                row.kind.to_string(),
                row.item.clone(),
                or_empty(row.item_version.as_ref()),
                row.status.to_string(),
                row.progress.to_string(),
                or_empty(row.score.as_ref()),
                row.attempts.to_string(),
                or_empty(row.due_on),
                row.source.to_string(),
                or_empty(row.external_id.as_ref()),
                row.enrolled_on.to_string(),
                or_empty(row.started_on),
                or_empty(row.ended_on),
                row.updated_at.to_string(),
            ]
        },
    )
}

/// Goes through a list page by page: what is kept of it is its text.
fn table<T>(
    tx: &mut Tx,
    header: &[&str],
    (limit, mut cursor): (u32, Option<String>),
    list: impl Fn(&mut Tx, &Paging) -> Result<Page<T>>,
    person: impl Fn(&T) -> PersonId,
    cells: impl Fn(&T, String, String) -> Vec<String>,
) -> Result<Table> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).map_err(unwritten)?;
    let mut left = limit;
    while left > 0 {
        let most = u8::try_from(left).unwrap_or(Paging::MAX_LIMIT).min(Paging::MAX_LIMIT);
        let page = list(tx, &Paging { cursor, ..Paging::first(most) })?;
        let named = names(tx, page.data.iter().map(&person).collect())?;
        for row in &page.data {
            let (name, email) = named.get(&person(row)).cloned().unwrap_or_default();
            let cells = cells(row, name, email);
            writer.write_record(cells.iter().map(|cell| inert(cell).into_owned())).map_err(unwritten)?;
        }
        left = left.saturating_sub(u32::try_from(page.data.len()).unwrap_or(left));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let bytes = writer.into_inner().map_err(unwritten)?;
    Ok(Table { text: String::from_utf8(bytes).map_err(unwritten)?, next_cursor: cursor })
}

fn names(tx: &mut Tx, mut ids: Vec<PersonId>) -> Result<HashMap<PersonId, (String, String)>> {
    ids.sort_unstable();
    ids.dedup();
    let own = people::table.filter(people::id.eq_any(ids)).select((people::id, people::name, people::email));
    let rows: Vec<(PersonId, String, String)> = own.load(tx.sql())?;
    Ok(rows.into_iter().map(|(id, name, email)| (id, (name, email))).collect())
}

/// A cell that no spreadsheet computes.
fn inert(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}").into() } else { cell.into() }
}

fn or_empty(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn unwritten(error: impl ToString) -> Error {
    Error::Internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_compute_is_text() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(inert(cell), format!("'{cell}"));
        }
        for cell in ["", "Ada", "a=1", "O'Brien", " =1", "2026-11-30"] {
            assert_eq!(inert(cell), cell);
        }
    }
}

//! What training says of a partner: facts that programs' rules count.

use chrono::NaiveDate;
use database::{Result, Tx, schema::people};
use diesel::prelude::*;
use facts::{Data, ENGINE, Reported, report, report_all, withdraw};
use kernel::{Actor, PartnerId};
use serde_json::json;

use crate::{
    credential::{Credential, Status as CredentialStatus},
    employment,
    enrollment::TrainingEnrollment,
    person::PersonId,
};

/// Under which name people and what they hold are known.
const CERTIFICATES: &str = "certificates";
/// Under which name awards are known.
const AWARDS: &str = "awards";
/// Under which name courses and exams are known.
const TRAINING: &str = "training";

/// Reports where a training stands.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn training(tx: &mut Tx, actor: &Actor, row: &TrainingEnrollment, is_new: bool) -> Result<()> {
    let mut data = Data::from([
        ("person".to_owned(), json!(row.person_id)),
        ("kind".to_owned(), json!(row.kind)),
        ("item".to_owned(), json!(row.item)),
        ("status".to_owned(), json!(row.status)),
    ]);
    if let Some(ended) = row.ended_on {
        // What came of it later than the day of evaluation has not come yet.
        data.insert("status_at".to_owned(), json!(ended));
        data.insert("status_before".to_owned(), json!("in_progress"));
        if row.status.is_done() {
            data.insert("completed".to_owned(), json!(ended));
        }
    }
    data.extend(row.due_on.map(|due| ("due".to_owned(), json!(due))));
    data.extend(row.score.as_ref().map(|score| ("score".to_owned(), json!(score))));
    let fact = Reported {
        day: Some(row.enrolled_on),
        known_new: is_new,
        ..nothing(row.reported_to, TRAINING, row.id.to_string(), data)
    };
    report(tx, actor, fact).map(drop)
}

/// Reports an open training to another partner: whose person's it is now.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn training_moved(tx: &mut Tx, actor: &Actor, row: &TrainingEnrollment, from: PartnerId) -> Result<()> {
    withdraw(tx, from, TRAINING, &row.id.to_string())?;
    training(tx, actor, row, false)
}

/// A time at a partner, as far as a credential goes along.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stint {
    partner: PartnerId,
    /// Counts the times at this partner, from 1.
    nth: usize,
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
}

/// For whom somebody worked, and then whoever they turned out to be; and who that is.
fn stints(tx: &mut Tx, origin: PersonId) -> Result<(PersonId, Vec<Stint>)> {
    let (mut id, mut begin, mut found) = (origin, None, Vec::<Stint>::new());
    loop {
        let merged: (Option<PersonId>, Option<NaiveDate>) =
            people::table.find(id).select((people::merged_into, people::merged_on)).first(tx.sql())?;
        let end = merged.1.and_then(|on| on.pred_opt());
        for job in employment::of(tx, id)? {
            let nth = found.iter().filter(|other| other.partner == job.partner_id).count().saturating_add(1);
            let (from, until) = (job.from_day.max(begin), earlier(job.until_day, end));
            found.push(Stint { partner: job.partner_id, nth, from, until });
        }
        match merged {
            (Some(other), on) => (id, begin) = (other, on),
            (None, _) => return Ok((id, found)),
        }
    }
}

/// The earlier of two last days, either of which may not be there.
pub(crate) fn earlier(one: Option<NaiveDate>, other: Option<NaiveDate>) -> Option<NaiveDate> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Reports a credential to each partner on whose days it counts; `cut` is the last day before another takes its place;
/// `is_new` where nothing was reported of it yet.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn credential(
    tx: &mut Tx,
    actor: &Actor,
    row: &Credential,
    cut: Option<NaiveDate>,
    is_new: bool,
) -> Result<()> {
    let (person, stints) = stints(tx, row.origin)?;
    let mut facts = Vec::new();
    let is_only = stints.len() == 1;
    for stint in stints {
        let subject = match stint.nth {
            1 => row.id.to_string(),
            nth => format!("{}:{nth}", row.id),
        };
        let from = stint.from.map_or(row.valid_from, |from| from.max(row.valid_from));
        let until = earlier(row.last_day(), earlier(stint.until, cut));
        let counts = row.status != CredentialStatus::Superseded && until.is_none_or(|until| from <= until);
        if counts {
            let data = said(row, person, until);
            let (day, known_new) = (Some(from), is_new && is_only);
            facts.push(Reported { day, until, known_new, ..nothing(stint.partner, CERTIFICATES, subject, data) });
        } else if !is_new {
            withdraw(tx, stint.partner, CERTIFICATES, &subject)?;
        }
        let is_award = stint.from.is_none_or(|from| from <= row.awarded_on)
            && stint.until.is_none_or(|until| row.awarded_on <= until);
        if is_award && row.status != CredentialStatus::Superseded {
            let (day, known_new) = (Some(row.awarded_on), is_new);
            facts.push(Reported {
                day,
                known_new,
                ..nothing(stint.partner, AWARDS, row.id.to_string(), award(row, person))
            });
        } else if !is_new {
            withdraw(tx, stint.partner, AWARDS, &row.id.to_string())?;
        }
    }
    report_all(tx, actor, facts).map(drop)
}

fn said(row: &Credential, person: PersonId, until: Option<NaiveDate>) -> Data {
    let mut data =
        Data::from([("person".to_owned(), json!(person)), ("certificate".to_owned(), json!(row.certification))]);
    data.extend(row.counts_until.map(|day| ("retired_counts_until".to_owned(), json!(day))));
    data.extend(row.valid_to.filter(|to| Some(*to) != until).map(|day| ("valid_to".to_owned(), json!(day))));
    data
}

fn award(row: &Credential, person: PersonId) -> Data {
    let mut data = Data::from([
        ("person".to_owned(), json!(person)),
        ("certification".to_owned(), json!(row.certification)),
        ("renewal".to_owned(), json!(row.renews.is_some())),
    ]);
    data.extend(row.days.map(|days| ("days".to_owned(), json!(days.to_string()))));
    data
}

fn nothing(partner_id: PartnerId, name: &str, subject: String, data: Data) -> Reported {
    Reported {
        partner_id,
        name: name.to_owned(),
        subject,
        program: None,
        day: None,
        until: None,
        data,
        source: ENGINE.to_owned(),
        known_new: false,
    }
}

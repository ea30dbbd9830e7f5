//! What becomes of a row about a course that was completed, or an exam that was tried.

use chrono::NaiveDate;
use database::{Error, Result, Tx};
use kernel::{Error as DomainError, Fault};

use super::{
    file::{Flaw, Row},
    model::Kind,
    work::{Became, Desk},
};
use crate::{
    catalogue::{Item, ItemKind},
    enrollment::Origin,
    person::{self, Named},
    record::{Feat, Learned, Recorded, record},
    review::{self, Did, Pending, Reason, Source, Stuck, Waiting},
};

const KIND: Kind = Kind::Completions;

/// Records what a row tells of, or lets it wait.
pub(super) fn take(tx: &mut Tx, desk: &mut Desk, row: &Row) -> Result<Became> {
    let mut flaws = KIND.flaws(row)?;
    let cell = |column| KIND.cell(row, column);
    if cell("email").is_empty()
        && cell("person_external_id").is_empty()
        && flaws.iter().all(|it| it.column.as_deref() != Some("email"))
    {
        flaws.push(Flaw::at("email", "required", "is required, or person_external_id", ""));
    }
    let on = cell("completed_on").parse::<NaiveDate>().ok();
    if on.is_some_and(|on| on > desk.today) {
        flaws.push(Flaw::at("completed_on", "maximum", "has not come yet", cell("completed_on")));
    }
    let catalogue = std::sync::Arc::clone(&desk.catalogue);
    let slug = match catalogue.item(cell("item")) {
        Some(_) => Some(cell("item")),
        None => catalogue.of_activity(cell("item")).map(|(_, slug)| slug),
    };
    let item = slug.and_then(|slug| catalogue.item(slug));
    if cell("score").is_empty() && item.is_some_and(|item| item.kind() == ItemKind::Exam) {
        flaws.push(Flaw::at("score", "required", "is required of an exam", ""));
    }
    let (Some(on), true) = (on, flaws.is_empty()) else { return Ok(Became::Refused(flaws)) };
    let (column, name) = reported(row);
    let person = match person::named(tx, &desk.actor, &name)? {
        Named::One(person) => person,
        Named::Several(count) => {
            let detail = format!("is what {count} people are called: say whose e-mail address it is");
            return Ok(Became::Refused(vec![Flaw::at(column, "ambiguous", detail, cell(column))]));
        }
        Named::Nobody => return waits(tx, desk, row, (column, Reason::UnknownPerson)),
    };
    let Some((slug, item)) = slug.zip(item) else {
        return waits(tx, desk, row, ("item", Reason::UnknownActivity));
    };
    let external_id = Some(cell("external_id")).filter(|id| !id.is_empty());
    let learned =
        Learned { person: &person, item: slug, on, feat: feat(item, row), source: Origin::Import, external_id };
    // What is refused may have written something before.
    match tx.savepoint(|tx| record(tx, &desk.actor, &catalogue, &learned)) {
        Ok(Recorded::New) => Ok(Became::Created),
        Ok(Recorded::Known) => Ok(Became::Unchanged),
        Err(Error::Domain(error)) => Ok(Became::Refused(refusal(row, error))),
        Err(error) => Err(error),
    }
}

fn feat(item: Item, row: &Row) -> Feat {
    let score = Some(KIND.cell(row, "score").to_owned()).filter(|score| !score.is_empty());
    match item {
        Item::Course(_) => Feat::Completed(score),
        Item::Exam(_) => Feat::Attempted { score: score.unwrap_or_default(), proctored: is_proctored(row) },
    }
}

/// Whom a row speaks of: the column, and their name as reviews know it.
fn reported(row: &Row) -> (&'static str, String) {
    match KIND.cell(row, "email") {
        "" => ("person_external_id", format!("external:{}", KIND.cell(row, "person_external_id"))),
        email => ("email", format!("mailto:{}", email.to_lowercase())),
    }
}

fn waits(tx: &mut Tx, desk: &Desk, row: &Row, (column, reason): (&'static str, Reason)) -> Result<Became> {
    let cell = |column| Some(KIND.cell(row, column)).filter(|cell| !cell.is_empty()).map(str::to_owned);
    let key = KIND.cell(row, column);
    let (_, person) = reported(row);
    let named = if reason == Reason::UnknownPerson { &person } else { key };
    let stuck =
        Stuck { reason, key: Some(named.to_owned()), detail: told(reason).to_owned(), partner_id: desk.actor.partner };
    let pending = Pending {
        item: KIND.cell(row, "item").to_owned(),
        did: Did::Completed,
        on: KIND.cell(row, "completed_on").parse().ok(),
        at: None,
        progress: None,
        score: cell("score"),
        success: None,
        proctored: is_proctored(row),
        external_id: cell("external_id"),
        person,
    };
    let reference = format!("{}/{}", desk.import, row.line);
    review::wait(tx, &desk.actor, Waiting { source: Source::Import, reference, pending, stuck })?;
    Ok(Became::Waiting(Flaw::at(column, &reason.to_string(), told(reason), key)))
}

fn told(reason: Reason) -> &'static str {
    match reason {
        Reason::UnknownPerson => "is nobody whom you can see: it waits in the review list",
        _ => "is no course or exam of the catalogue: it waits in the review list",
    }
}

fn is_proctored(row: &Row) -> bool {
    matches!(KIND.cell(row, "proctored").to_lowercase().as_str(), "true" | "yes" | "1")
}

/// Why something was not recorded, by column.
fn refusal(row: &Row, error: DomainError) -> Vec<Flaw> {
    if error.faults.is_empty() {
        let fault = Fault::at("", error.code.as_str(), error.detail);
        return vec![KIND.flaw(row, fault)];
    }
    let column = |pointer: &str| match pointer {
        "/on" => "/completed_on".to_owned(),
        other => other.to_owned(),
    };
    let faults = error.faults.into_iter();
    faults.map(|fault| KIND.flaw(row, Fault { pointer: fault.pointer.as_deref().map(column), ..fault })).collect()
}

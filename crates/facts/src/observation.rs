//! What other systems report of partners, in bulk. The same again changes nothing; something else of the same corrects
//! it, and what was known before stays readable.

mod check;
mod model;

use std::collections::{BTreeMap, HashMap};

use database::{Error as Failure, Result, Tx, schema::facts, within_reach};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Error, Page, Paging, PartnerId, Timestamp};
use serde::Serialize;

pub use model::{
    NewObservation, Observation, ObservationFilter, ObservationId, ObservationPeriod, ObservationResult,
    ObservationResults, PutObservations, ResultKind, WithdrawObservation,
};

use crate::{
    Change, ENGINE, MANUAL,
    store::{self, Row},
};

/// The columns of an observation that say nothing of what it is about.
pub(crate) const NOT_DIMENSIONS: [&str; 5] = ["at", "external_id", "from", "unit", "value"];

/// Takes observations, all or none. What was reported of the same before is corrected.
///
/// # Errors
/// `invalid_body` with every fault of every observation.
pub fn put(tx: &mut Tx, actor: &Actor, request: &PutObservations) -> Result<ObservationResults> {
    check::check(tx, actor, &request.observations)?;
    let ids: Vec<ObservationId> = request.observations.iter().map(NewObservation::id).collect();
    let reported = request.observations.iter().zip(&ids).map(|(new, id)| new.reported(*id)).collect();
    let changes = store::report_all(tx, actor, reported)?;
    let mut results = ObservationResults::default();
    let mut by_partner: BTreeMap<PartnerId, Vec<&ObservationResult>> = BTreeMap::new();
    for ((new, id), change) in request.observations.iter().zip(&ids).zip(changes) {
        let (result, event) = match change {
            Change::Created => (ResultKind::Created, Some("observation.created")),
            Change::Corrected => (ResultKind::Corrected, Some("observation.corrected")),
            Change::Unchanged => (ResultKind::Unchanged, None),
        };
        if let Some(event) = event {
            events::record(tx, actor, NewEvent::new(event, id, Some(new.partner_id)))?;
        }
        results.count(result);
        results.data.push(ObservationResult { id: *id, result });
    }
    for (new, result) in request.observations.iter().zip(&results.data) {
        if result.result != ResultKind::Unchanged {
            by_partner.entry(new.partner_id).or_default().push(result);
        }
    }
    // What each was before and is now, the history tells; who sent it from where, one entry a partner.
    for (partner, changed) in by_partner {
        audit::record(tx, actor, "putObservations", partner, Some(partner), (None::<&()>, Some(&changed)))?;
    }
    Ok(results)
}

/// An observation that the actor may see, as it is now, or as it was when it was withdrawn.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: ObservationId) -> Result<Observation> {
    newest(tx, actor, id).and_then(Observation::of)
}

fn newest(tx: &mut Tx, actor: &Actor, id: ObservationId) -> Result<Row> {
    within_reach!(facts::table.into_boxed(), facts::partner_id, actor)
        .filter(facts::subject.eq(id.to_string()))
        // As the index says it.
        .filter(sql::<Bool>("source <> 'engine'"))
        .order(facts::recorded_at.desc())
        .select(Row::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("observation").into())
}

/// What is recorded of a withdrawal.
#[derive(Debug, Serialize)]
struct Withdrawn<'a> {
    reason: &'a str,
    observation: &'a Observation,
}

/// Takes an observation back: from now on nothing is known of it. It can be reported anew. `check` sees it as it is,
/// before anything changes.
///
/// # Errors
/// `not_found`; `invalid_transition` when it is withdrawn already; those of `check`.
pub fn withdraw(
    tx: &mut Tx,
    actor: &Actor,
    id: ObservationId,
    request: &WithdrawObservation,
    check: impl FnOnce(&Observation) -> Result<()>,
) -> Result<Observation> {
    let row = newest(tx, actor, id)?;
    let (partner, metric) = (row.partner_id, row.name.clone());
    let before = Observation::of(row)?;
    check(&before)?;
    if before.superseded_at.is_some() {
        return Err(Error::new(kernel::Code::InvalidTransition, "The observation is withdrawn already.").into());
    }
    store::withdraw(tx, partner, &metric, &id.to_string())?;
    let after = find(tx, actor, id)?;
    let data = EventData::changed(["superseded_at"]);
    events::record(tx, actor, NewEvent::new("observation.withdrawn", id, Some(partner)).with(data))?;
    let told = Withdrawn { reason: &request.reason, observation: &after };
    audit::record(tx, actor, "withdrawObservation", id, Some(partner), (Some(&before), Some(&told)))?;
    Ok(after)
}

/// The observations that the actor may see, those recorded last first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &ObservationFilter, paging: &Paging) -> Result<Page<Observation>> {
    let mut query = within_reach!(facts::table.into_boxed(), facts::partner_id, actor)
        .filter(facts::source.ne_all([ENGINE, MANUAL]));
    if let Some(partner) = filter.partner_id {
        query = query.filter(facts::partner_id.eq(partner));
    }
    if let Some(metric) = &filter.metric {
        query = query.filter(facts::name.eq(metric));
    }
    if let Some(source) = &filter.source {
        query = query.filter(facts::source.eq(source));
    }
    if let Some(from) = filter.from {
        query = query.filter(facts::day.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(facts::day.le(to));
    }
    query = match (filter.history, filter.known_at) {
        (false, None) => query.filter(facts::superseded_at.is_null()),
        (false, Some(at)) => query
            .filter(facts::recorded_at.le(at))
            .filter(facts::superseded_at.is_null().or(facts::superseded_at.gt(at))),
        (true, None) => query,
        (true, Some(at)) => query.filter(facts::recorded_at.le(at)),
    };
    if let Some(after) = filter.updated_after {
        query = query.filter(
            facts::recorded_at.ge(after).or(facts::superseded_at.is_not_null().and(facts::superseded_at.ge(after))),
        );
    }
    if let Some((at, partner, name, subject)) =
        paging.after::<(Timestamp, PartnerId, String, String)>("observations")?
    {
        let later = facts::partner_id
            .gt(partner)
            .or(facts::partner_id.eq(partner).and(facts::name.gt(name.clone())))
            .or(facts::partner_id.eq(partner).and(facts::name.eq(name)).and(facts::subject.gt(subject)));
        query = query.filter(facts::recorded_at.lt(at).or(facts::recorded_at.eq(at).and(later)));
    }
    let rows: Vec<Row> = query
        .order((facts::recorded_at.desc(), facts::partner_id, facts::name, facts::subject))
        .limit(paging.fetch())
        .select(Row::as_select())
        .load(tx.sql())?;
    let page = paging
        .page(rows, "observations", |row| (row.recorded_at, row.partner_id, row.name.clone(), row.subject.clone()));
    page.try_map(Observation::of)
}

/// How often each of these came, for a request that says something twice.
pub(crate) fn places(ids: &[ObservationId]) -> HashMap<ObservationId, usize> {
    let mut first = HashMap::with_capacity(ids.len());
    for (at, id) in ids.iter().enumerate() {
        first.entry(*id).or_insert(at);
    }
    first
}

fn broken(what: &str) -> Failure {
    Failure::Internal(format!("an observation without {what}"))
}

//! What a partner's people hold and have begun on a day: what the cheapest way to more begins with.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Days, NaiveDate};
use database::{
    Result, Tx,
    schema::{credentials, people, training_enrollments as enrollments},
};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use kernel::PartnerId;
use rules::CertificateRow;

use crate::{
    catalogue::{self, Catalogue},
    cheapest::{Begun, Learner, Market},
    credential::Status,
};

/// The last days of what is held, by the place of the certification; `None` without end.
type Ends = BTreeMap<usize, Option<NaiveDate>>;

/// A partner's people.
#[derive(Debug, Default)]
pub struct Team {
    /// Their ids, as the certificates name them.
    pub people: Vec<String>,
    /// The same people, with what they hold and have begun.
    pub learners: Vec<Learner>,
    /// Certificates that are renewed already: until when, by person and certification.
    pub renewed: HashMap<(String, String), Option<NaiveDate>>,
}

/// An award that does not count any more, or not yet.
struct Award {
    person: String,
    place: usize,
    slug: String,
    status: Status,
    awarded_on: NaiveDate,
    valid_from: NaiveDate,
    last: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
}

/// The people who work for a partner now, as they stand on a day; `certificates` are those that are known of them.
///
/// # Errors
/// When the database cannot be read.
pub fn team<'r>(
    tx: &mut Tx,
    market: &Market,
    partner: PartnerId,
    day: NaiveDate,
    certificates: impl Iterator<Item = CertificateRow<'r>>,
) -> Result<Team> {
    let catalogue = catalogue::current(tx)?;
    let working = people::partner_id.eq(partner).and(people::merged_into.is_null());
    let people: Vec<String> = people::table.filter(working).order(people::id).select(people::id).load(tx.sql())?;
    let places: HashMap<&str, usize> = people.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let mut held: Vec<Ends> = vec![BTreeMap::new(); people.len()];
    for row in certificates.filter(|row| row.counts_on(day)) {
        let person = places.get(row.person).and_then(|at| held.get_mut(*at));
        if let Some((held, place)) = person.zip(market.place(row.certificate)) {
            held.insert(place, row.from);
        }
    }
    let done = done(tx, market, partner, day, &places)?;
    let (mut over, mut renewed) = (HashMap::<usize, Vec<Award>>::new(), HashMap::new());
    for award in awards(tx, market, &catalogue, partner, day)? {
        if award.valid_from > day && award.status.stands() {
            renewed.insert((award.person, award.slug), award.last);
        } else if let Some(at) = places.get(award.person.as_str()) {
            over.entry(*at).or_default().push(award);
        }
    }
    let learner = |(at, held): (usize, Ends)| {
        let (done, over) = (done.get(&at).map_or(&[] as &[_], Vec::as_slice), over.get(&at));
        let over = over.map_or(&[] as &[_], Vec::as_slice);
        let open = market.certifications().filter(|place| !held.contains_key(place));
        let begun = open.map(|place| (place, begun(market, &catalogue, place, day, (&held, done, over)))).collect();
        Learner { held: held.keys().copied().collect(), begun }
    };
    let learners = held.into_iter().enumerate().map(learner).collect();
    drop(places);
    Ok(Team { people, learners, renewed })
}

/// What counts towards a certification that somebody does not hold on the day.
fn begun(
    market: &Market,
    catalogue: &Catalogue,
    place: usize,
    day: NaiveDate,
    (held, done, over): (&Ends, &[(usize, NaiveDate)], &[Award]),
) -> Begun {
    let own = over.iter().filter(|award| award.place == place);
    let (stood, revoked): (Vec<&Award>, Vec<&Award>) = own.partition(|award| award.status.stands());
    let last = stood.into_iter().max_by_key(|award| award.awarded_on);
    let mut used = last.map(|award| award.awarded_on).max(revoked.iter().filter_map(|award| award.ended_on).max());
    // It can still be renewed until its last day, which is before the day that is asked about, but not yet over.
    let window = catalogue.document.certifications.get(market.slug(place)).and_then(|entry| entry.renewal.as_ref());
    let until = last.filter(|award| award.status == Status::Valid).and_then(|award| award.last);
    let renewing = until.zip(window).filter(|(until, _)| *until < day);
    if let Some((until, window)) = renewing {
        let opens = until.checked_sub_days(Days::new(u64::from(window.window_days) + 1));
        used = used.max(opens);
    }
    let counts = |on: Option<NaiveDate>| used.is_none_or(|used| on.is_some_and(|on| on > used));
    let names = market.names(place, renewing.is_some());
    let items = done.iter().filter(|(item, on)| names.contains(item) && counts(Some(*on))).map(|(item, _)| *item);
    let others = held.iter().filter(|(other, from)| names.contains(other) && counts(**from)).map(|(other, _)| *other);
    Begun { renewing: renewing.is_some(), done: items.chain(others).collect() }
}

/// What everybody has completed by a day, of what is in the market.
fn done(
    tx: &mut Tx,
    market: &Market,
    partner: PartnerId,
    day: NaiveDate,
    people: &HashMap<&str, usize>,
) -> Result<HashMap<usize, Vec<(usize, NaiveDate)>>> {
    let items: Vec<&str> = market.items().map(|place| market.slug(place)).collect();
    // As the index on what was completed says it, so that it is used.
    let counts = sql::<Bool>("training_enrollments.status IN ('completed', 'waived')");
    let rows: Vec<(String, String, Option<NaiveDate>)> = enrollments::table
        .filter(enrollments::partner_id.eq(partner).and(counts))
        .filter(enrollments::item.eq_any(items).and(enrollments::ended_on.le(day)))
        .select((enrollments::person_id, enrollments::item, enrollments::ended_on))
        .load(tx.sql())?;
    let mut done: HashMap<usize, Vec<(usize, NaiveDate)>> = HashMap::new();
    for (person, item, on) in rows {
        if let (Some(person), Some(place), Some(on)) = (people.get(person.as_str()), market.place(&item), on) {
            done.entry(*person).or_default().push((place, on));
        }
    }
    Ok(done)
}

/// The awards that do not count on a day, or begin later: what somebody holds is known already.
fn awards(
    tx: &mut Tx,
    market: &Market,
    catalogue: &Catalogue,
    partner: PartnerId,
    day: NaiveDate,
) -> Result<Vec<Award>> {
    type Row = (
        (String, String, Status),
        (NaiveDate, NaiveDate, Option<NaiveDate>, Option<NaiveDate>),
        Option<kernel::Timestamp>,
    );
    let slugs: BTreeSet<&str> = market.certifications().map(|place| market.slug(place)).collect();
    let is_over =
        credentials::counts_until.lt(day).or(credentials::counts_until.is_null().and(credentials::valid_to.lt(day)));
    let not_held = credentials::status.ne(Status::Valid).or(is_over).or(credentials::valid_from.gt(day));
    let rows: Vec<Row> = credentials::table
        .filter(credentials::partner_id.eq(partner).and(credentials::certification.eq_any(slugs)))
        .filter(credentials::status.ne(Status::Superseded))
        .filter(not_held.assume_not_null())
        .select((
            (credentials::person_id, credentials::certification, credentials::status),
            (credentials::awarded_on, credentials::valid_from, credentials::valid_to, credentials::counts_until),
            credentials::ended_at,
        ))
        .load(tx.sql())?;
    let award = |((person, slug, status), (awarded_on, valid_from, valid_to, counts_until), ended_at): Row| {
        let (place, last) = (market.place(&slug)?, counts_until.or(valid_to));
        let ended_on = ended_at.map(|at| catalogue.day_of(at));
        Some(Award { person, place, slug, status, awarded_on, valid_from, last, ended_on })
    };
    Ok(rows.into_iter().filter_map(award).collect())
}

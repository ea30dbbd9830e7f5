//! A person in a course or an exam: from enrolling to completing it.

pub(crate) mod acting;
mod model;
mod steps;

use chrono::NaiveDate;
use database::{Result, Sought, Tx, schema::training_enrollments as enrollments, within_reach};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error, Fault, Page, Paging, PartnerId, Role};
use partners::standing;

pub use acting::{complete, progress, start, waive, withdraw};
pub use model::{
    CompleteTraining, NewTrainingEnrollment, Origin, TrainingEnrollment, TrainingEnrollmentFilter,
    TrainingEnrollmentId, TrainingProgress, WaiveTraining,
};

use crate::{
    catalogue::{self, Catalogue, Item, refuse_unoffered},
    credential,
    person::{self, Person, PersonId, is_self, refuse_merged, unseen},
    reported,
    rules::Status,
};

/// What the caller knows of it, checked before anything changes (`If-Match`).
pub type Check<'a> = &'a dyn Fn(&TrainingEnrollment) -> Result<()>;

/// Enrolls a person in a course or an exam: themselves, one of the partner's people, or by assignment with a day on which
/// it is due.
///
/// # Errors
/// `invalid_body` with every fault; `policy_refuses` for what is retired or not offered, for members who enroll others,
/// and while the company may not act; `invalid_transition` for one who was merged; `already_exists` while they are
/// enrolled.
pub fn create(tx: &mut Tx, actor: &Actor, new: NewTrainingEnrollment) -> Result<TrainingEnrollment> {
    standing::company_may_act(tx, actor)?;
    let catalogue = catalogue::current(tx)?;
    let today = catalogue.day_of(tx.now());
    let mut faults = Vec::new();
    let person = person::find(tx, actor, new.person_id).if_there()?;
    if person.is_none() {
        faults.push(unseen("/person_id"));
    }
    let item = catalogue.item(&new.item);
    if item.is_none() {
        faults.push(Fault::at("/item", "unknown_reference", "is not a course or an exam of the catalogue"));
    }
    if new.due_on.is_some_and(|due| due < today) {
        faults.push(Fault::at("/due_on", "minimum", "has passed"));
    }
    Error::unless_empty(Code::InvalidBody, faults)?;
    let (person, item) = person.zip(item).ok_or_else(|| Error::not_found("person"))?;
    refuse_merged(&person)?;
    let own = may_act_for(tx, actor, &person)?;
    refuse_retired(&new.item, item, today)?;
    refuse_unoffered(tx, &new.item, item.entitlement(), person.partner_id)?;
    let assigned_by = (!own).then(|| actor.subject.clone());
    let row = TrainingEnrollment {
        due_on: new.due_on,
        assigned_by,
        ..TrainingEnrollment::new(tx, &person, (&new.item, item), today, Origin::Api)
    };
    refuse_second(tx, &row)?;
    insert(tx, actor, &row)?;
    let states = (None::<&TrainingEnrollment>, Some(&row));
    audit::record(tx, actor, "createTrainingEnrollment", row.id, Some(row.partner_id), states)?;
    Ok(row)
}

/// Writes down a new one.
pub(crate) fn insert(tx: &mut Tx, actor: &Actor, row: &TrainingEnrollment) -> Result<()> {
    diesel::insert_into(enrollments::table).values(row).execute(tx.sql())?;
    let data = EventData { reason: row.assigned_by.as_ref().map(|_| "assigned".into()), ..EventData::default() };
    events::record(tx, actor, NewEvent::new("training_enrollment.created", row.id, Some(row.partner_id)).with(data))?;
    reported::training(tx, actor, row, true)
}

/// How it is told what became of one.
pub(crate) struct Told<'a> {
    /// The event.
    pub event: &'static str,
    /// The operation, in the audit.
    pub operation: &'a str,
    /// How it became known, unless it was done here.
    pub source: Option<Origin>,
}

/// Writes down what became of one, and awards what is earned by it. Before, it was nothing, if it is new.
pub(crate) fn save(
    tx: &mut Tx,
    actor: &Actor,
    catalogue: &Catalogue,
    person: &Person,
    (before, row): (Option<&TrainingEnrollment>, &mut TrainingEnrollment),
    told: Told,
) -> Result<()> {
    row.updated_at = tx.now();
    row.reported_to = person.partner_id;
    diesel::update(enrollments::table.find(row.id)).set(&*row).execute(tx.sql())?;
    let partner = Some(row.partner_id);
    let data = EventData {
        reason: told.source.map(|source| source.to_string()),
        ..EventData::transition(before.map_or(Status::Enrolled, |before| before.status), row.status)
    };
    events::record(tx, actor, NewEvent::new(told.event, row.id, partner).with(data))?;
    audit::record(tx, actor, told.operation, row.id, partner, (before, Some(&*row)))?;
    reported::training(tx, actor, row, before.is_none())?;
    if row.status.is_done() {
        credential::recheck(tx, actor, catalogue, person, &row.item)?;
    }
    Ok(())
}

/// Whether the actor acts for themselves; the others are a partner's administrators and the vendor.
///
/// # Errors
/// `policy_refuses` for a member who acts for somebody else.
pub(crate) fn may_act_for(tx: &mut Tx, actor: &Actor, person: &Person) -> Result<bool> {
    let own = is_self(tx, actor, person)?;
    if actor.role == Role::PartnerMember && !own {
        let detail = "Members act for themselves; the partner's administrators and the vendor act for others.";
        return Err(Error::new(Code::PolicyRefuses, detail).into());
    }
    Ok(own)
}

fn refuse_retired(slug: &str, item: Item, today: NaiveDate) -> Result<()> {
    match item.retired_on().filter(|retired| *retired <= today) {
        Some(retired) => {
            let detail = format!("{slug} was retired on {retired}: nobody can enroll any more.");
            Err(Error::new(Code::PolicyRefuses, detail).into())
        }
        None => Ok(()),
    }
}

fn refuse_second(tx: &mut Tx, row: &TrainingEnrollment) -> Result<()> {
    match open(tx, row.person_id, &row.item)? {
        Some(_) => {
            let detail = format!("The person is enrolled in {} already.", row.item);
            Err(Error::new(Code::AlreadyExists, detail).with_fault("/item", "taken", "is open for this person").into())
        }
        None => Ok(()),
    }
}

/// The open enrollment of a person in a course or an exam, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub fn open(tx: &mut Tx, person: PersonId, item: &str) -> Result<Option<TrainingEnrollment>> {
    let key = TrainingEnrollment::key(person, item);
    let found = enrollments::table.filter(enrollments::open_key.eq(key)).select(TrainingEnrollment::as_select());
    Ok(found.first(tx.sql()).optional()?)
}

/// One that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: TrainingEnrollmentId) -> Result<TrainingEnrollment> {
    within_reach!(enrollments::table.into_boxed(), enrollments::partner_id, actor)
        .filter(enrollments::id.eq(id))
        .select(TrainingEnrollment::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("training enrollment").into())
}

/// Those that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(
    tx: &mut Tx,
    actor: &Actor,
    filter: &TrainingEnrollmentFilter,
    paging: &Paging,
) -> Result<Page<TrainingEnrollment>> {
    let mut query = within_reach!(enrollments::table.into_boxed(), enrollments::partner_id, actor);
    if let Some(partner) = filter.partner_id {
        query = query.filter(enrollments::partner_id.eq(partner));
    }
    if let Some(person) = filter.person_id {
        query = query.filter(enrollments::person_id.eq(person));
    }
    if let Some(item) = &filter.item {
        query = query.filter(enrollments::item.eq(item));
    }
    if let Some(status) = filter.status {
        query = query.filter(enrollments::status.eq(status));
    }
    if let Some(due) = filter.due_before {
        query = query.filter(enrollments::open_key.is_not_null().and(enrollments::due_on.lt(due)));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(enrollments::updated_at.ge(after));
    }
    Ok(database::page!(tx, query, paging, "training_enrollments", desc(enrollments::id) as TrainingEnrollment))
}

/// Everything that a person has done: courses and exams that count, in the order of days.
///
/// # Errors
/// When the database cannot be read.
pub fn done(tx: &mut Tx, person: PersonId) -> Result<Vec<(NaiveDate, String, TrainingEnrollmentId)>> {
    let counts = enrollments::status.eq_any([Status::Completed, Status::Waived]);
    let rows: Vec<(Option<NaiveDate>, String, TrainingEnrollmentId)> = enrollments::table
        .filter(enrollments::person_id.eq(person).and(counts))
        .select((enrollments::ended_on, enrollments::item, enrollments::id))
        .load(tx.sql())?;
    let mut done: Vec<_> = rows.into_iter().filter_map(|(on, item, id)| Some((on?, item, id))).collect();
    done.sort();
    Ok(done)
}

/// Tells of some that were due before today and are open still, once; how many.
pub(crate) fn tell_overdue(tx: &mut Tx, today: NaiveDate, limit: i64) -> Result<usize> {
    let late = enrollments::open_key.is_not_null().and(enrollments::due_on.lt(today));
    let rows: Vec<TrainingEnrollment> = enrollments::table
        .filter(late.and(enrollments::overdue.eq(false)))
        .order(enrollments::due_on)
        .limit(limit)
        .select(TrainingEnrollment::as_select())
        .load(tx.sql())?;
    for row in &rows {
        diesel::update(enrollments::table.find(row.id)).set(enrollments::overdue.eq(true)).execute(tx.sql())?;
        let event = NewEvent::new("training_enrollment.overdue", row.id, Some(row.partner_id));
        events::record(tx, &Actor::system(), event.with(EventData::default().because(&row.item)))?;
    }
    Ok(rows.len())
}

/// Ends those of a person that are open for another too, who takes over the rest.
pub(crate) fn close_doubles(tx: &mut Tx, actor: &Actor, from: PersonId, to: PersonId) -> Result<()> {
    let open = enrollments::person_id.eq(from).and(enrollments::open_key.is_not_null());
    let rows: Vec<TrainingEnrollment> =
        enrollments::table.filter(open).select(TrainingEnrollment::as_select()).load(tx.sql())?;
    let today = catalogue::current(tx)?.day_of(tx.now());
    for mut row in rows {
        if self::open(tx, to, &row.item)?.is_none() {
            row.open_key = Some(TrainingEnrollment::key(to, &row.item));
        } else {
            let event = row.withdraw(today);
            row.reason = Some(format!("{from} was merged into {to}, who is enrolled too."));
            let data = EventData::transition(Status::Enrolled, Status::Withdrawn).because("merged");
            let event = NewEvent::new(event, row.id, Some(row.partner_id)).with(data);
            events::record(tx, actor, event)?;
        }
        row.updated_at = tx.now();
        diesel::update(enrollments::table.find(row.id)).set(&row).execute(tx.sql())?;
    }
    Ok(())
}

/// Whatever is open counts for the partner that the person works for now; what has ended, for the one then.
pub(crate) fn hand_on_open(tx: &mut Tx, actor: &Actor, person: PersonId, partner: PartnerId) -> Result<()> {
    let open = enrollments::person_id.eq(person).and(enrollments::open_key.is_not_null());
    let rows: Vec<TrainingEnrollment> =
        enrollments::table.filter(open).select(TrainingEnrollment::as_select()).load(tx.sql())?;
    for mut row in rows {
        let before = std::mem::replace(&mut row.reported_to, partner);
        row.partner_id = partner;
        diesel::update(enrollments::table.find(row.id)).set(&row).execute(tx.sql())?;
        reported::training_moved(tx, actor, &row, before)?;
    }
    Ok(())
}

/// Reports what is known of all of a person's training once more: whose it is has changed.
pub(crate) fn report_all_of(tx: &mut Tx, actor: &Actor, person: &Person) -> Result<()> {
    let own = enrollments::table.filter(enrollments::person_id.eq(person.id));
    let rows: Vec<TrainingEnrollment> = own.select(TrainingEnrollment::as_select()).load(tx.sql())?;
    rows.iter().try_for_each(|row| reported::training(tx, actor, row, false))
}

impl TrainingEnrollment {
    /// A new one of a person and an item, of a day.
    pub(crate) fn new(tx: &Tx, person: &Person, (slug, item): (&str, Item), on: NaiveDate, source: Origin) -> Self {
        Self {
            id: tx.id(),
            person_id: person.id,
            partner_id: person.partner_id,
            kind: item.kind(),
            item: slug.to_owned(),
            item_version: item.version().map(str::to_owned),
            status: Status::Enrolled,
            progress: 0,
            score: None,
            attempts: 0,
            due_on: None,
            assigned_by: None,
            source,
            external_id: None,
            reason: None,
            enrolled_on: on,
            started_on: None,
            ended_on: None,
            open_key: Some(Self::key(person.id, slug)),
            reported_to: person.partner_id,
            overdue: false,
            created_at: tx.now(),
            updated_at: tx.now(),
        }
    }

    /// Holds that a person is in a course or an exam once at a time.
    pub(crate) fn key(person: PersonId, item: &str) -> String {
        format!("{person}/{item}")
    }
}

/// The catalogue, and what it says of a training: nothing any more, if it was taken out.
pub(crate) fn item_of<'c>(catalogue: &'c Catalogue, row: &TrainingEnrollment) -> Option<Item<'c>> {
    catalogue.item(&row.item).filter(|item| item.kind() == row.kind)
}

/// Since when a person knew of an item: for the time that it took.
pub(crate) fn first_enrolled(tx: &mut Tx, person: PersonId, items: &[String]) -> Result<Option<NaiveDate>> {
    let own = enrollments::person_id.eq(person).and(enrollments::item.eq_any(items));
    Ok(enrollments::table.filter(own).select(diesel::dsl::min(enrollments::enrolled_on)).first(tx.sql())?)
}

//! What was learned elsewhere: the one way in for learning systems and files.

use chrono::NaiveDate;
use database::{
    Result, Tx,
    schema::{exam_attempts as attempts, training_enrollments as enrollments},
};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error};

use crate::{
    attempt::{self, NewExamAttempt},
    catalogue::{Catalogue, Item, ItemKind},
    credential,
    enrollment::{self, Origin, TrainingEnrollment},
    person::Person,
    reported,
    rules::{Action, Status, allow},
};

/// What somebody has done in a course or an exam.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feat {
    /// Enrolled.
    Enrolled,
    /// Begun.
    Started,
    /// Come so far, in percent.
    Progressed(u8),
    /// Completed a course, with a score of 100 if one is known.
    Completed(Option<String>),
    /// Tried an exam.
    Attempted {
        /// The score, of 100.
        score: String,
        /// Whether somebody watched.
        proctored: bool,
    },
    /// Given up.
    Withdrawn,
}

/// Something that was learned elsewhere.
#[derive(Debug, Clone)]
pub struct Learned<'a> {
    /// Who.
    pub person: &'a Person,
    /// The course or exam, by slug.
    pub item: &'a str,
    /// On which day, in the catalogue's time zone.
    pub on: NaiveDate,
    /// What.
    pub feat: Feat,
    /// How it became known.
    pub source: Origin,
    /// What the other system calls it. The same completion or attempt under the same name is recorded once.
    pub external_id: Option<&'a str>,
}

/// What became of something that was learned elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It is new.
    New,
    /// It was known.
    Known,
}

/// Records what was learned elsewhere, and awards what is earned by it. What was recorded before changes nothing.
///
/// # Errors
/// `invalid_body` for a course or exam that there is not, and a day that has not come; `invalid_transition` for what cannot
/// follow on what is known; `policy_refuses` for an attempt that the exam does not allow.
pub fn record(tx: &mut Tx, actor: &Actor, catalogue: &Catalogue, learned: &Learned) -> Result<Recorded> {
    let item = catalogue.item(learned.item);
    let item = item.ok_or_else(|| Error::invalid("/item", "unknown_reference", "is not in the catalogue"))?;
    if learned.on > catalogue.day_of(tx.now()) {
        return Err(Error::invalid("/on", "maximum", "has not come yet").into());
    }
    refuse_other_kind(learned, item)?;
    if is_known(tx, learned)? {
        return Ok(Recorded::Known);
    }
    let found = enrollment::open(tx, learned.person.id, learned.item)?;
    let is_new = found.is_none();
    let fresh = || TrainingEnrollment {
        external_id: learned.external_id.map(str::to_owned),
        ..TrainingEnrollment::new(tx, learned.person, (learned.item, item), learned.on, learned.source)
    };
    let before = found.unwrap_or_else(fresh);
    let mut row = before.clone();
    if is_new {
        diesel::insert_into(enrollments::table).values(&row).execute(tx.sql())?;
    }
    let Some(event) = apply(tx, actor, &mut row, item, learned)? else { return Ok(Recorded::Known) };
    row.updated_at = tx.now();
    diesel::update(enrollments::table.find(row.id)).set(&row).execute(tx.sql())?;
    let partner = Some(row.partner_id);
    let data = EventData::transition(before.status, row.status).because(learned.source);
    events::record(tx, actor, NewEvent::new(event, row.id, partner).with(data))?;
    audit::record(tx, actor, "recordTraining", row.id, partner, (Some(&before).filter(|_| !is_new), Some(&row)))?;
    reported::training(tx, actor, &row, is_new)?;
    if row.status.is_done() {
        credential::recheck(tx, actor, catalogue, learned.person, learned.item)?;
    }
    Ok(Recorded::New)
}

fn refuse_other_kind(learned: &Learned, item: Item) -> Result<()> {
    let fits = match learned.feat {
        Feat::Attempted { .. } => item.kind() == ItemKind::Exam,
        Feat::Completed(_) | Feat::Progressed(_) => item.kind() == ItemKind::Course,
        Feat::Enrolled | Feat::Started | Feat::Withdrawn => true,
    };
    if fits {
        return Ok(());
    }
    let words = format!("is no {}", if item.kind() == ItemKind::Exam { "course" } else { "exam" });
    Err(Error::invalid("/item", "contradiction", words).into())
}

/// Whether the same completion or attempt was recorded: under the same name, or, without one, of the same day.
fn is_known(tx: &mut Tx, learned: &Learned) -> Result<bool> {
    let same = enrollments::person_id.eq(learned.person.id).and(enrollments::item.eq(learned.item));
    let ended = match learned.feat {
        Feat::Completed(_) => [Status::Completed, Status::Waived].as_slice(),
        Feat::Attempted { .. } => [Status::Completed, Status::Failed].as_slice(),
        _ => return is_late(tx, learned),
    };
    let mut query = enrollments::table.filter(same.and(enrollments::status.eq_any(ended))).into_boxed();
    query = match learned.external_id {
        Some(id) => query.filter(enrollments::external_id.eq(id).or(enrollments::ended_on.eq(learned.on))),
        None => query.filter(enrollments::ended_on.eq(learned.on)),
    };
    if query.count().get_result::<i64>(tx.sql())? > 0 {
        return Ok(true);
    }
    // One that failed and was not the last ends nothing.
    let Feat::Attempted { score, .. } = &learned.feat else { return Ok(false) };
    let same = attempts::person_id.eq(learned.person.id).and(attempts::exam.eq(learned.item));
    let same = same.and(attempts::taken_on.eq(learned.on).and(attempts::score.eq(score)));
    Ok(attempts::table.filter(same).count().get_result::<i64>(tx.sql())? > 0)
}

/// Whether something that leads up to an end came after that end was known: it begins nothing new. Nothing that is not
/// open can be given up.
fn is_late(tx: &mut Tx, learned: &Learned) -> Result<bool> {
    if enrollment::open(tx, learned.person.id, learned.item)?.is_some() {
        return Ok(false);
    }
    if learned.feat == Feat::Withdrawn {
        return Ok(true);
    }
    let same = enrollments::person_id.eq(learned.person.id).and(enrollments::item.eq(learned.item));
    let ended = enrollments::table.filter(same.and(enrollments::ended_on.ge(learned.on)));
    Ok(ended.count().get_result::<i64>(tx.sql())? > 0)
}

/// Makes of the row what was done; the event that tells it, or nothing where it was so already.
fn apply(
    tx: &mut Tx,
    actor: &Actor,
    row: &mut TrainingEnrollment,
    item: Item,
    learned: &Learned,
) -> Result<Option<&'static str>> {
    row.enrolled_on = row.enrolled_on.min(learned.on);
    row.reported_to = learned.person.partner_id;
    row.external_id = learned.external_id.map(str::to_owned).or(row.external_id.take());
    let begun = Some(row.started_on.map_or(learned.on, |on| on.min(learned.on)));
    let possible = |row: &TrainingEnrollment, action| allow(row.kind, row.status, action);
    Ok(match &learned.feat {
        Feat::Enrolled if row.status == Status::Enrolled => Some("training_enrollment.created"),
        Feat::Enrolled => None,
        Feat::Started if row.status == Status::InProgress => None,
        Feat::Started => {
            possible(row, Action::Start)?;
            (row.status, row.started_on) = (Status::InProgress, begun);
            Some("training_enrollment.started")
        }
        Feat::Progressed(percent) => {
            let percent = i32::from(*percent);
            if percent <= row.progress && row.status == Status::InProgress {
                return Ok(None);
            }
            (row.status, row.started_on) = (Status::InProgress, begun);
            row.progress = row.progress.max(percent.min(100));
            Some("training_enrollment.progressed")
        }
        Feat::Completed(score) => {
            possible(row, Action::Complete)?;
            row.score = score.clone().or(row.score.take());
            row.end(Status::Completed, learned.on);
            Some("training_enrollment.completed")
        }
        Feat::Attempted { score, proctored } => {
            possible(row, Action::Attempt)?;
            let Item::Exam(exam) = item else {
                return Err(Error::new(Code::PolicyRefuses, "The catalogue has no such exam.").into());
            };
            let request = NewExamAttempt { score: score.clone(), proctored: *proctored, on: None };
            attempt::take(tx, actor, row, exam, (learned.on, &request), learned.source)?;
            Some(match row.status {
                Status::Completed => "training_enrollment.completed",
                Status::Failed => "training_enrollment.failed",
                _ => "training_enrollment.attempted",
            })
        }
        Feat::Withdrawn => {
            possible(row, Action::Withdraw)?;
            row.end(Status::Withdrawn, learned.on);
            Some("training_enrollment.withdrawn")
        }
    })
}

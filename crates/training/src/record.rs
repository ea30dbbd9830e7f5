//! What was learned elsewhere: the one way in for learning systems and files.

use chrono::NaiveDate;
use database::{
    Result, Tx,
    schema::{exam_attempts as attempts, training_enrollments as enrollments},
};
use diesel::prelude::*;
use kernel::{Actor, Code, Error};

use crate::{
    attempt::{self, NewExamAttempt},
    catalogue::{Catalogue, Item, ItemKind},
    enrollment::{self, Origin, Told, TrainingEnrollment},
    person::Person,
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
    let states = (Some(&before).filter(|_| !is_new), &mut row);
    let told = Told { event, operation: "recordTraining", source: Some(learned.source) };
    enrollment::save(tx, actor, catalogue, learned.person, states, told)?;
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
    row.external_id = learned.external_id.map(str::to_owned).or(row.external_id.take());
    let possible = |row: &TrainingEnrollment, action| allow(row.kind, row.status, action);
    Ok(Some(match &learned.feat {
        Feat::Enrolled if row.status == Status::Enrolled => "training_enrollment.created",
        Feat::Started if row.status != Status::InProgress => {
            possible(row, Action::Start)?;
            row.start(learned.on)
        }
        Feat::Progressed(percent) if row.status != Status::InProgress || i32::from(*percent) > row.progress => {
            row.progress_to(*percent, learned.on)
        }
        Feat::Enrolled | Feat::Started | Feat::Progressed(_) => return Ok(None),
        Feat::Completed(score) => {
            possible(row, Action::Complete)?;
            row.complete(score.clone(), learned.on)
        }
        Feat::Attempted { score, proctored } => {
            possible(row, Action::Attempt)?;
            let Item::Exam(exam) = item else {
                return Err(Error::new(Code::PolicyRefuses, "The catalogue has no such exam.").into());
            };
            let request = NewExamAttempt { score: score.clone(), proctored: *proctored, on: None };
            attempt::take(tx, actor, row, exam, (learned.on, &request), learned.source)?
        }
        Feat::Withdrawn => {
            possible(row, Action::Withdraw)?;
            row.withdraw(learned.on)
        }
    }))
}

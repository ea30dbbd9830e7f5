//! What is read of an enrollment before anything is said about its tier.

use std::sync::Arc;

use chrono::NaiveDate;
use database::{Result, Tx};
use facts::{Gathered, Moment, gather};
use kernel::{Actor, Code, Error, Timestamp};
use partners::{Enrollment, EnrollmentId, TierStanding, enrollment, tier};
use programs::Rules;

/// An enrollment, the rules of a day, and what they read.
pub(crate) struct Reading {
    pub enrollment: Enrollment,
    pub standing: TierStanding,
    pub rules: Arc<Rules>,
    pub today: NaiveDate,
    pub moment: Moment,
    pub gathered: Gathered,
}

impl Reading {
    /// Reads an enrollment that the actor may see, for a day or for today, by all that is known.
    ///
    /// # Errors
    /// `not_found`; `invalid_parameter` for a day that has not come.
    pub fn of(tx: &mut Tx, actor: &Actor, id: EnrollmentId, as_of: Option<NaiveDate>) -> Result<Self> {
        Self::on(tx, actor, id, as_of, refuse_future)
    }

    /// The same for a day that may lie ahead, as far as can be foreseen.
    ///
    /// # Errors
    /// `not_found`; `invalid_parameter` for a day that is too far.
    pub fn ahead(tx: &mut Tx, actor: &Actor, id: EnrollmentId, at: Option<NaiveDate>) -> Result<Self> {
        Self::on(tx, actor, id, at, refuse_far)
    }

    fn on(
        tx: &mut Tx,
        actor: &Actor,
        id: EnrollmentId,
        as_of: Option<NaiveDate>,
        refuse: impl Fn(NaiveDate, NaiveDate) -> Result<()>,
    ) -> Result<Self> {
        let enrollment = enrollment::find(tx, actor, id)?;
        let standing = tier::standing_of(tx, id)?;
        let current = current(tx, &enrollment)?;
        let today = current.document.day_of(tx.now());
        let as_of = as_of.unwrap_or(today);
        refuse(as_of, today)?;
        let rules = crate::run::rules_of_day(tx, &current, as_of, tx.now())?;
        let moment = Moment { as_of, known_at: Timestamp::never() };
        let gathered = one(tx, &rules, &enrollment, moment)?;
        Ok(Self { enrollment, standing, rules, today, moment, gathered })
    }
}

/// The rules in force in the program of an enrollment.
pub(crate) fn current(tx: &mut Tx, enrollment: &Enrollment) -> Result<Arc<Rules>> {
    let rules = programs::rules_at(tx, &enrollment.program, tx.now())?;
    // A program is never removed, so this is a fault of ours.
    rules.ok_or_else(|| database::Error::Internal("an enrollment without its program".into()))
}

/// What the rules read of one enrollment.
pub(crate) fn one(tx: &mut Tx, rules: &Rules, enrollment: &Enrollment, moment: Moment) -> Result<Gathered> {
    let found = gather(tx, rules, std::slice::from_ref(enrollment), moment)?.into_iter().next();
    found.ok_or_else(|| database::Error::Internal("nothing was gathered of an enrollment".into()))
}

/// Refuses a day that is too far ahead.
fn refuse_far(at: NaiveDate, today: NaiveDate) -> Result<()> {
    let farthest = crate::forecast::farthest(today);
    if at <= farthest {
        return Ok(());
    }
    let error = Error::new(Code::InvalidParameter, "The day is out of what can be foreseen.");
    Err(error.with_parameter("at", "out_of_range", format!("must be {farthest} at the latest")).into())
}

/// Refuses a day that has not come for the program.
pub(crate) fn refuse_future(as_of: NaiveDate, today: NaiveDate) -> Result<()> {
    if as_of <= today {
        return Ok(());
    }
    let detail = format!("is after today, {today}: ask for the forecast");
    Err(Error::new(Code::InvalidParameter, "The day has not come.").with_parameter("as_of", "maximum", detail).into())
}

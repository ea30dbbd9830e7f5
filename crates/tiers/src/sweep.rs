//! What the clock and what is reported bring: reviews, days of grace that are over, what lapses or begins by itself,
//! promotions at once.
//!
//! Any number of servers may sweep together: each step is a transaction of its own that looks again, and what was decided
//! for a day is not decided once more. Days are gone through in their order, so that a server that was away for long
//! comes to what it would have come to day by day.

use std::{num::NonZero, sync::Arc};

use chrono::{NaiveDate, TimeDelta};
use database::{
    Database, Result, Tx,
    schema::{tier_marks, tier_standings},
};
use diesel::prelude::*;
use facts::{Moment, known_now, partners_changed, partners_turning};
use kernel::{Actor, PartnerId, Timestamp};
use partners::{Enrollment, EnrollmentId, enrollment, tier};
use programs::Rules;

use crate::{
    calendar::Calendar,
    movement::Movement,
    run::{self, Kind, State, TierRun},
    weigh::{Evaluation, settle, weigh},
};

/// How many enrollments or partners one step looks at.
const BATCH: usize = 200;
/// How many unfinished runs one round drives.
const RUNS: i64 = 20;
/// A server has others to serve: its sweep takes one thread.
const ALONE: NonZero<usize> = NonZero::<usize>::MIN;
/// How far back tiers that the vendor moved are looked at again, where several servers write: a transaction that began
/// earlier may commit later.
const OVERLAP: TimeDelta = TimeDelta::seconds(60);

/// How far a program has been evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tier_marks)]
struct Mark {
    program: String,
    /// The version of the rules that were in force.
    program_version: i32,
    /// The last day up to which reviews were begun.
    reviewed_through: NaiveDate,
    /// The time up to which what was reported has had its effect.
    facts_through: Timestamp,
    /// The last day up to which what lapsed or began by itself has had its effect.
    lapsed_through: NaiveDate,
}

/// Whether to go on: asked between steps, so that a server can stop in the midst of a long run.
pub type Going<'a> = &'a dyn Fn() -> bool;

/// One round, on this thread: everything that is due in all programs, while `going`.
///
/// # Errors
/// The last of what went wrong; what is wrong with one program does not keep the others waiting.
pub fn sweep(database: &Database, going: Going) -> Result<()> {
    while going() && database.write_blocking(tier::sweep)? > 0 {}
    let mut done = Ok(());
    for slug in database.read_blocking(programs::program::slugs)? {
        done = program(database, &slug, going).and(done);
    }
    for id in database.read_blocking(|tx| run::unfinished(tx, RUNS))? {
        done = drive(database, id, ALONE, going, |_| {}).map(drop).and(done);
    }
    done
}

/// Drives a run to its end, while `going`, by this many threads; `told` sees how far it has come.
///
/// # Errors
/// When the database cannot be read or written.
pub fn drive(
    database: &Database,
    id: partners::TierRunId,
    threads: NonZero<usize>,
    going: Going,
    mut told: impl FnMut(&TierRun),
) -> Result<TierRun> {
    loop {
        let run = run::step(database, id, threads)?;
        told(&run);
        if run.state == State::Finished || !going() {
            return Ok(run);
        }
    }
}

fn program(database: &Database, slug: &str, going: Going) -> Result<()> {
    let seen = database.read_blocking(|tx| {
        let Some(rules) = programs::rules_at(tx, slug, tx.now())? else { return Ok(None) };
        let today = rules.document.day_of(tx.now());
        Ok(Some((rules, today, mark(tx, slug)?)))
    })?;
    let Some((rules, today, mark)) = seen else { return Ok(()) };
    let Some(calendar) = Calendar::of(&rules.document) else { return Ok(()) };
    let Some(mark) = mark else { return begin(database, &rules, today) };
    let lapsed_through = reviews(database, &rules, &calendar, &mark, today, going)?;
    lapses(database, &rules, (lapsed_through, today), going)?;
    out_of_grace(database, &rules, today, going)?;
    if mark.program_version != rules.version {
        return other_rules(database, &rules, &mark, today, going);
    }
    changed(database, &rules, mark.facts_through, today, going)
}

/// From now on the program is evaluated: review days that have passed are not made up for, but whoever was enrolled
/// since there is the program, or of whom something was reported, is looked at.
fn begin(database: &Database, rules: &Rules, today: NaiveDate) -> Result<()> {
    let (program, program_version) = (rules.program.clone(), rules.version);
    database.write_blocking(move |tx| {
        if mark(tx, &program)?.is_none() {
            let facts_through = programs::program::find(tx, &program, tx.now())?.created_at;
            let new = Mark {
                program: program.clone(),
                program_version,
                reviewed_through: today,
                facts_through,
                lapsed_through: today,
            };
            diesel::insert_into(tier_marks::table).values(&new).execute(tx.sql())?;
        }
        Ok(())
    })
}

/// The reviews that were not held yet and whose result holds by a day, each after what was due before it. The last day
/// up to which what lapsed has had its effect.
fn reviews(
    database: &Database,
    rules: &Arc<Rules>,
    calendar: &Calendar,
    mark: &Mark,
    today: NaiveDate,
    going: Going,
) -> Result<NaiveDate> {
    let (mut through, mut lapsed) = (mark.reviewed_through, mark.lapsed_through);
    while let Some(review) = calendar.after(through).filter(|review| calendar.holds_on(*review) <= today) {
        // What lapses on the day of a review is seen by the review.
        lapsed = lapses(database, rules, (lapsed, review.pred_opt().unwrap_or(review)), going)?;
        out_of_grace(database, rules, review, going)?;
        let (slug, seen, current) = (rules.program.clone(), through, Arc::clone(rules));
        let begun = database.write_blocking(move |tx| {
            if let Some(run) = run::of_review(tx, &slug, review)? {
                return Ok(run);
            }
            let rules = run::rules_of_day(tx, &current, review, tx.now())?;
            let run = run::begin(tx, &rules, Kind::Scheduled, review, true)?;
            let still = tier_marks::program.eq(&slug).and(tier_marks::reviewed_through.eq(seen));
            let through = tier_marks::reviewed_through.eq(review);
            diesel::update(tier_marks::table.filter(still)).set(through).execute(tx.sql())?;
            Ok(run)
        })?;
        drive(database, begun.id, ALONE, going, |_| {})?;
        if !going() {
            break;
        }
        through = review;
    }
    Ok(lapsed)
}

/// Whatever ends or begins by itself after one day and until another, day by day: only those of whom it is known can
/// meet something else. The last day that was gone through.
fn lapses(
    database: &Database,
    rules: &Arc<Rules>,
    (mut through, until): (NaiveDate, NaiveDate),
    going: Going,
) -> Result<NaiveDate> {
    while let Some(day) = through.succ_opt().filter(|day| *day <= until && going()) {
        lapse(database, rules, day, going)?;
        if !going() {
            break;
        }
        let (program, seen) = (rules.program.clone(), through);
        database.write_blocking(move |tx| {
            let still = tier_marks::program.eq(&program).and(tier_marks::lapsed_through.eq(seen));
            let through = tier_marks::lapsed_through.eq(day);
            diesel::update(tier_marks::table.filter(still)).set(through).execute(tx.sql())?;
            Ok(())
        })?;
        through = day;
    }
    Ok(through)
}

/// What ends or begins by itself on a day, after the ends of grace before it.
fn lapse(database: &Database, rules: &Arc<Rules>, day: NaiveDate, going: Going) -> Result<()> {
    let mut last = None;
    let before = rules.time_zone().end_of(day.pred_opt().unwrap_or(day));
    while going() {
        let (partners, enrolled) = database.read_blocking(|tx| {
            let partners = partners_turning(tx, day, before, last, BATCH)?;
            let enrolled = enrolled(tx, &rules.program, &partners)?;
            Ok((partners, enrolled))
        })?;
        if last.is_none() && !enrolled.is_empty() {
            out_of_grace(database, rules, day, going)?;
        }
        evaluate(database, rules, day, None, enrolled)?;
        if partners.len() < BATCH {
            return Ok(());
        }
        last = partners.last().copied();
    }
    Ok(())
}

/// Those whose last day of grace was before a day: the rules are asked about the first day without.
fn out_of_grace(database: &Database, rules: &Arc<Rules>, day: NaiveDate, going: Going) -> Result<()> {
    let system = Actor::system();
    // What is weighed and stays in grace (it has left the program, or somebody was faster) is not looked at again.
    let mut seen: Vec<EnrollmentId> = Vec::new();
    while going() {
        let program = rules.program.as_str();
        let limit = i64::try_from(BATCH.saturating_add(seen.len())).unwrap_or(i64::MAX);
        let mut over = database.read_blocking(|tx| tier::out_of_grace(tx, program, day, limit))?;
        over.retain(|standing| !seen.contains(&standing.enrollment_id));
        if over.is_empty() {
            return Ok(());
        }
        for standing in over {
            seen.push(standing.enrollment_id);
            let Some(as_of) = standing.grace_until.and_then(|until| until.succ_opt()) else { continue };
            let one = database.read_blocking(|tx| enrollment::find(tx, &system, standing.enrollment_id))?;
            evaluate(database, rules, as_of, None, vec![one])?;
        }
    }
    Ok(())
}

/// Other rules are in force: everybody is asked about, once.
fn other_rules(database: &Database, rules: &Rules, mark: &Mark, today: NaiveDate, going: Going) -> Result<()> {
    let (slug, seen, version) = (rules.program.clone(), mark.program_version, rules.version);
    let begun = database.write_blocking(move |tx| {
        let still = tier_marks::program.eq(&slug).and(tier_marks::program_version.eq(seen));
        let moved = tier_marks::program_version.eq(version);
        if diesel::update(tier_marks::table.filter(still)).set(moved).execute(tx.sql())? == 0 {
            return Ok(None);
        }
        let rules = programs::rules(tx, &slug, version)?;
        run::begin(tx, &rules, Kind::RulesChanged, today, false).map(Some)
    })?;
    begun.map_or(Ok(()), |run| drive(database, run.id, ALONE, going, |_| {}).map(drop))
}

/// Those of whom something was reported, and those whose tier the vendor has moved: only they can meet something else.
fn changed(
    database: &Database,
    rules: &Arc<Rules>,
    mut after: Timestamp,
    today: NaiveDate,
    going: Going,
) -> Result<()> {
    let any = database.read_blocking(|tx| {
        let until = tx.now();
        Ok(!partners_changed(tx, after, until, 1)?.0.is_empty() || !moved(tx, &rules.program, after)?.is_empty())
    })?;
    if !any {
        return Ok(());
    }
    let until = database.write_blocking(known_now)?;
    let by_hand = database.read_blocking(|tx| moved(tx, &rules.program, after))?;
    evaluate(database, rules, today, Some(until), by_hand)?;
    while after < until && going() {
        let (enrolled, complete) = database.read_blocking(|tx| {
            let (partners, complete) = partners_changed(tx, after, until, BATCH)?;
            Ok((enrolled(tx, &rules.program, &partners)?, complete))
        })?;
        evaluate(database, rules, today, Some(until), enrolled)?;
        let (program, seen) = (rules.program.clone(), after);
        database.write_blocking(move |tx| {
            let still = tier_marks::program.eq(&program).and(tier_marks::facts_through.eq(seen));
            let through = tier_marks::facts_through.eq(complete);
            diesel::update(tier_marks::table.filter(still)).set(through).execute(tx.sql())?;
            Ok(())
        })?;
        after = complete;
    }
    Ok(())
}

/// Evaluates some enrollments for a day that is no review, by what is known by a time, or now.
fn evaluate(
    database: &Database,
    rules: &Arc<Rules>,
    as_of: NaiveDate,
    known_at: Option<Timestamp>,
    enrollments: Vec<Enrollment>,
) -> Result<()> {
    if enrollments.is_empty() {
        return Ok(());
    }
    let known_at = known_at.map_or_else(|| database.write_blocking(known_now), Ok)?;
    let moment = Moment { as_of, known_at };
    let evaluation = Evaluation { rules, moment, review: false, run_id: None };
    let weighed = database.read_blocking(|tx| weigh(tx, &evaluation, enrollments))?;
    let moving: Vec<_> = weighed.into_iter().filter(|one| one.movement != Movement::Stays).collect();
    for one in moving {
        let rules = Arc::clone(rules);
        database.write_blocking(move |tx| {
            let evaluation = Evaluation { rules: &rules, moment, review: false, run_id: None };
            settle(tx, &Actor::system(), &evaluation, &one).map(drop)
        })?;
    }
    Ok(())
}

fn mark(tx: &mut Tx, program: &str) -> Result<Option<Mark>> {
    Ok(tier_marks::table.find(program).select(Mark::as_select()).first(tx.sql()).optional()?)
}

/// The enrollments of these partners in the program that take part.
fn enrolled(tx: &mut Tx, program: &str, partners: &[PartnerId]) -> Result<Vec<Enrollment>> {
    let mut found = Vec::with_capacity(partners.len());
    for partner in partners {
        found.extend(enrollment::of_partner(tx, *partner, program)?.filter(Enrollment::takes_part));
    }
    Ok(found)
}

/// Those who were enrolled, or whose override has ended, since a time: the rules have not been asked about them.
fn moved(tx: &mut Tx, program: &str, after: Timestamp) -> Result<Vec<Enrollment>> {
    let since = if tx.is_only_writer() { after } else { after - OVERLAP };
    let kinds = [tier::Kind::Enrolled, tier::Kind::OverrideLifted, tier::Kind::OverrideExpired];
    let ids: Vec<EnrollmentId> = tier_standings::table
        .filter(tier_standings::program.eq(program).and(tier_standings::updated_at.gt(since)))
        .filter(tier_standings::decided.eq_any(kinds))
        .order(tier_standings::enrollment_id)
        .select(tier_standings::enrollment_id)
        .load(tx.sql())?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(Some(enrollment::find(tx, &Actor::system(), id)?).filter(Enrollment::takes_part));
    }
    Ok(found)
}

//! Runs: a program's enrollments evaluated for one day, chunk by chunk.
//!
//! A chunk is read and weighed on a snapshot; what comes of it is written together with how far the run has come, and
//! only if the run still is where it was. So any number of servers may drive one run: one of them gets on, the others
//! see that. A run whose server is gone goes on where its last chunk was written.

use std::{num::NonZero, thread};

use chrono::NaiveDate;
use database::{Database, Json, Result, Sought, Tx, schema::tier_runs, within_reach};
use diesel::prelude::*;
use events::{NewEvent, audit};
use facts::{Moment, known_now};
use kernel::{Actor, Code, Error, Fault, Page, Paging, Reach, Timestamp};
use partners::{Enrollment, EnrollmentId, TierRunId, enrollment, tier::Kind as DecisionKind};
use programs::Rules;

pub use self::model::{Kind, NewTierRun, RunCounts, State, TierRun, TierRunFilter};
use crate::{
    calendar::Calendar,
    movement::Movement,
    weigh::{Evaluation, Weighed, settle, weigh},
};

mod model;

/// How many enrollments a thread weighs at once.
const CHUNK: usize = 1_000;
/// After how many that move a chunk ends, so that others who write need not wait for long.
const MOVES: usize = 100;

/// Asks for a run. It goes on by itself.
///
/// # Errors
/// `invalid_body` with every fault; `policy_refuses` for a program whose tiers are set by hand.
pub fn start(tx: &mut Tx, actor: &Actor, new: NewTierRun) -> Result<TierRun> {
    let mut faults = Vec::new();
    let current = programs::rules_at(tx, &new.program, tx.now())?;
    if current.is_none() {
        faults.push(Fault::at("/program", "unknown_reference", "is not a known program"));
    }
    let one = match new.enrollment_id {
        Some(id) => {
            let found = enrollment::find(tx, actor, id).if_there()?.filter(|one| one.program == new.program);
            if found.is_none() {
                let detail = "is not an enrollment in the program that you can see";
                faults.push(Fault::at("/enrollment_id", "unknown_reference", detail));
            }
            found
        }
        None => {
            if actor.reach() != Reach::Everything {
                let detail = "is required of who does not reach all partners";
                faults.push(Fault::at("/enrollment_id", "required", detail));
            }
            None
        }
    };
    let today = current.as_ref().map(|rules| rules.document.day_of(tx.now()));
    if let (Some(as_of), Some(today)) = (new.as_of, today)
        && as_of > today
    {
        faults.push(Fault::at("/as_of", "maximum", format!("is after today, {today}")));
    }
    Error::unless_empty(Code::InvalidBody, faults)?;
    let (Some(current), Some(today)) = (current, today) else { return Err(Error::not_found("program").into()) };
    let as_of = new.as_of.unwrap_or(today);
    let Some(calendar) = Calendar::of(&current.document) else {
        let detail = format!("The tiers of {} are set by hand: its document has no section `evaluation`.", new.program);
        return Err(Error::new(Code::PolicyRefuses, detail)
            .with_fault("/program", "no_evaluation", "is by hand")
            .into());
    };
    let rules = rules_of_day(tx, &current, as_of, tx.now())?;
    let review = new.review.unwrap_or_else(|| calendar.is_review(as_of));
    let run = insert(tx, actor, &rules, one.as_ref(), (Kind::OnDemand, as_of, review))?;
    audit::record(tx, actor, "startTierRun", run.id, run.partner_id, (None::<&TierRun>, Some(&run)))?;
    Ok(run)
}

/// The rules of a day: those in force when it ended, or now if it has not.
///
/// # Errors
/// When stored rules would not be taken any more.
pub fn rules_of_day(
    tx: &mut Tx,
    current: &std::sync::Arc<Rules>,
    day: NaiveDate,
    at: Timestamp,
) -> Result<std::sync::Arc<Rules>> {
    let end = current.time_zone().end_of(day).min(at);
    // Before there were rules, today's are as good as any.
    Ok(programs::rules_at(tx, &current.program, end)?.unwrap_or_else(|| current.clone()))
}

/// Begins a run of the engine's own: of all that take part.
pub(crate) fn begin(tx: &mut Tx, rules: &Rules, kind: Kind, as_of: NaiveDate, review: bool) -> Result<TierRun> {
    insert(tx, &Actor::system(), rules, None, (kind, as_of, review))
}

fn insert(
    tx: &mut Tx,
    actor: &Actor,
    rules: &Rules,
    one: Option<&Enrollment>,
    (kind, as_of, review): (Kind, NaiveDate, bool),
) -> Result<TierRun> {
    let known_at = known_now(tx)?;
    let total = match one {
        Some(_) => 1,
        None => enrollment::count_taking_part(tx, &rules.program)?,
    };
    let run = TierRun {
        id: tx.id(),
        program: rules.program.clone(),
        program_version: rules.version,
        kind,
        review,
        enrollment_id: one.map(|one| one.id),
        as_of,
        known_at,
        state: State::Running,
        position: None,
        counts: Json(RunCounts { total, ..RunCounts::default() }),
        started_by: actor.subject.clone(),
        finished_at: None,
        created_at: tx.now(),
        updated_at: tx.now(),
        partner_id: one.map(|one| one.partner_id),
    };
    diesel::insert_into(tier_runs::table).values(&run).execute(tx.sql())?;
    let event = NewEvent::new("tier_run.started", run.id, run.partner_id).under(&run.program, run.program_version);
    events::record(tx, actor, event)?;
    Ok(run)
}

/// Takes a run one chunk further, by this many threads at once. How it stands afterwards, whoever took it there.
///
/// # Errors
/// When the database cannot be read or written.
pub fn step(database: &Database, id: TierRunId, threads: NonZero<usize>) -> Result<TierRun> {
    let most = CHUNK.saturating_mul(threads.get());
    let (run, rules, enrollments) = database.read_blocking(|tx| {
        let run = find(tx, &Actor::system(), id)?;
        let rules = programs::rules(tx, &run.program, run.program_version)?;
        let enrollments = match (run.state, run.enrollment_id) {
            (State::Finished, _) => Vec::new(),
            (State::Running, Some(id)) => vec![enrollment::find(tx, &Actor::system(), id)?],
            (State::Running, None) => {
                enrollment::taking_part(tx, &run.program, run.position, i64::try_from(most).unwrap_or(i64::MAX))?
            }
        };
        Ok((run, rules, enrollments))
    })?;
    if run.state == State::Finished {
        return Ok(run);
    }
    let last = run.enrollment_id.is_some() || enrollments.len() < most;
    let position = enrollments.last().map(|one| one.id).or(run.position);
    let weighed = weigh_at_once(database, &run.evaluation(&rules), &enrollments, threads)?;
    let chunk = Chunk { weighed, position, last }.cut();
    database.write_blocking(move |tx| advance(tx, &run, &chunk))
}

/// Weighs by several threads, each on a snapshot of its own: what was known by a time is the same in all of them.
fn weigh_at_once(
    database: &Database,
    evaluation: &Evaluation,
    enrollments: &[Enrollment],
    threads: NonZero<usize>,
) -> Result<Vec<Weighed>> {
    let part = |own: &[Enrollment]| database.read_blocking(|tx| weigh(tx, evaluation, own.to_vec()));
    let mut parts = enrollments.chunks(enrollments.len().div_ceil(threads.get()).max(1));
    let own = parts.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = parts.map(|other| scope.spawn(move || part(other))).collect();
        let mut weighed = part(own)?;
        for other in others {
            let gone = |_| database::Error::Internal("a thread that weighed enrollments is gone".into());
            weighed.extend(other.join().map_err(gone)??);
        }
        Ok(weighed)
    })
}

/// The next enrollments of a run.
struct Chunk {
    weighed: Vec<Weighed>,
    /// Where the run is after them.
    position: Option<EnrollmentId>,
    /// Whether they are the last.
    last: bool,
}

impl Chunk {
    /// Only as many as move in one transaction.
    fn cut(mut self) -> Self {
        let moving = self.weighed.iter().enumerate().filter(|(_, one)| one.movement != Movement::Stays);
        let end = moving.map(|(at, _)| at + 1).nth(MOVES.saturating_sub(1));
        if let Some(end) = end.filter(|end| *end < self.weighed.len()) {
            self.weighed.truncate(end);
            self.position = self.weighed.last().map(|one| one.enrollment.id);
            self.last = false;
        }
        self
    }
}

/// Writes what came of a chunk, if nobody else has.
fn advance(tx: &mut Tx, seen: &TierRun, chunk: &Chunk) -> Result<TierRun> {
    let system = Actor::system();
    let mut run = find(tx, &system, seen.id)?;
    if run.state != State::Running || run.position != seen.position {
        return Ok(run);
    }
    let rules = programs::rules(tx, &run.program, run.program_version)?;
    let evaluation = seen.evaluation(&rules);
    let counts = &mut run.counts.0;
    for one in &chunk.weighed {
        counts.done += 1;
        let decided = match one.movement {
            Movement::Stays => None,
            _ => settle(tx, &system, &evaluation, one)?.map(|decision| decision.kind),
        };
        counts.count(decided, one.in_grace);
    }
    run.position = chunk.position;
    run.updated_at = tx.now();
    if chunk.last {
        run.state = State::Finished;
        run.finished_at = Some(tx.now());
        // Who left meanwhile is not missing.
        run.counts.0.total = run.counts.0.done;
    }
    diesel::update(tier_runs::table.find(run.id)).set(&run).execute(tx.sql())?;
    if chunk.last {
        let event = NewEvent::new("tier_run.finished", run.id, run.partner_id).under(&run.program, run.program_version);
        events::record(tx, &system, event)?;
    }
    Ok(run)
}

impl TierRun {
    fn evaluation<'r>(&self, rules: &'r Rules) -> Evaluation<'r> {
        Evaluation {
            rules,
            moment: Moment { as_of: self.as_of, known_at: self.known_at },
            review: self.review,
            run_id: Some(self.id),
        }
    }
}

impl RunCounts {
    fn count(&mut self, decided: Option<DecisionKind>, was_in_grace: bool) {
        match decided {
            Some(DecisionKind::Promoted) => self.promoted += 1,
            Some(DecisionKind::Demoted) => self.demoted += 1,
            Some(DecisionKind::GraceBegun) => self.grace_begun += 1,
            Some(DecisionKind::GraceEnded) => self.grace_ended += 1,
            _ => {}
        }
        let is_in_grace = decided.map_or(was_in_grace, |kind| kind == DecisionKind::GraceBegun);
        self.in_grace += i64::from(is_in_grace);
    }
}

/// The runs that are not finished, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn unfinished(tx: &mut Tx, limit: i64) -> Result<Vec<TierRunId>> {
    Ok(tier_runs::table
        .filter(tier_runs::state.eq(State::Running))
        .order(tier_runs::id)
        .limit(limit)
        .select(tier_runs::id)
        .load(tx.sql())?)
}

/// A run that the actor may see: of all partners only who reaches all.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: TierRunId) -> Result<TierRun> {
    within_reach!(tier_runs::table.into_boxed(), tier_runs::partner_id.assume_not_null(), actor)
        .filter(tier_runs::id.eq(id))
        .select(TierRun::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("tier run").into())
}

/// The runs that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &TierRunFilter, paging: &Paging) -> Result<Page<TierRun>> {
    let mut query = within_reach!(tier_runs::table.into_boxed(), tier_runs::partner_id.assume_not_null(), actor);
    if let Some(program) = &filter.program {
        query = query.filter(tier_runs::program.eq(program));
    }
    if let Some(enrollment) = filter.enrollment_id {
        query = query.filter(tier_runs::enrollment_id.eq(enrollment));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(tier_runs::kind.eq(kind));
    }
    if let Some(state) = filter.state {
        query = query.filter(tier_runs::state.eq(state));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(tier_runs::updated_at.ge(after));
    }
    Ok(database::page!(tx, query, paging, "tier_runs", desc(tier_runs::id) as TierRun))
}

/// The run of a review, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn of_review(tx: &mut Tx, program: &str, review: NaiveDate) -> Result<Option<TierRun>> {
    let scheduled = tier_runs::kind.eq(Kind::Scheduled).and(tier_runs::as_of.eq(review));
    Ok(tier_runs::table
        .filter(tier_runs::program.eq(program).and(scheduled))
        .select(TierRun::as_select())
        .first(tx.sql())
        .optional()?)
}

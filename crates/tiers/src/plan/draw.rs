//! Draws a plan: reads partners and their facts chunk by chunk, and evaluates them by both rules outside of any
//! transaction.

use std::{collections::HashMap, sync::Arc};

use chrono::NaiveDate;
use database::{Database, Json, Result, Tx, schema::partners as companies};
use diesel::prelude::*;
use facts::{Gathered, Moment};
use kernel::{Actor, Code, Country, Error, Fault, PartnerId, Timestamp};
use partners::{Enrollment, EnrollmentId, enrollment};
use programs::{ProgramDocument, Rules, version};
use sha2::{Digest, Sha256};

use super::{
    because::{because, there},
    model::{Direction, PlanFindings, PlanMove, ProgramPlan, ProgramPlanId, ReviewFindings, Side, TakesEffect},
    tally::{self, Pair, Tally},
};
use crate::calendar::Calendar;

/// How many partners are read at once.
const CHUNK: i64 = 1_000;
/// How many past review days a plan looks at.
const REVIEWS: usize = 60;
/// How many moves of a past review day are kept; all are counted.
const MOVES_OF_A_REVIEW: usize = 1_000;
/// For how many days a plan can be applied.
const DAYS: i64 = 7;

/// What to plan.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The candidate.
    pub document: ProgramDocument,
    /// The day for which both rules are asked; today, if it is left out.
    pub as_of: Option<NaiveDate>,
    /// From which day on they are asked for past review days too.
    pub since: Option<NaiveDate>,
    /// From when on the candidate is to hold; as soon as it is applied, if it is left out.
    pub effective_from: Option<Timestamp>,
}

/// How far the work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many partners were evaluated.
    pub done: u64,
    /// Of how many.
    pub total: u64,
}

/// A plan that is not stored yet.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The plan.
    pub plan: ProgramPlan,
    /// Who would have another tier: of past review days too, as many as are kept.
    pub moves: Vec<PlanMove>,
}

/// Finds out what a candidate would change. Nothing is stored.
///
/// # Errors
/// `invalid_program` with every contradiction; `invalid_parameter` for days and times that cannot be; `invalid_program`
/// when stored rules would not be taken any more.
pub fn draw(
    database: &Database,
    actor: &Actor,
    slug: &str,
    asked: Asked,
    progress: &mut dyn FnMut(Progress),
) -> Result<Drawn> {
    let known_at = database.write_blocking(facts::known_now)?;
    let task = database.read_blocking(|tx| Task::begin(tx, actor, slug, asked, known_at))?;
    task.run(database, progress)
}

/// Of a program, who takes part and what they are called.
type Member = (Enrollment, String, Country);

/// What was seen of one day.
struct Day {
    as_of: NaiveDate,
    tally: Tally,
    moves: Vec<PlanMove>,
}

struct Task {
    plan: ProgramPlan,
    before: Option<Arc<Rules>>,
    after: Rules,
    /// Whether the facts of one can be read as those of the other.
    same_facts: bool,
    total: u64,
}

impl Task {
    fn begin(tx: &mut Tx, actor: &Actor, slug: &str, asked: Asked, known_at: Timestamp) -> Result<Self> {
        let Asked { document, as_of, since, effective_from } = asked;
        let base = base(tx, slug, &document)?;
        let now = tx.now();
        let zone = document.time_zone.unwrap_or(programs::TimeZone::UTC);
        let today = zone.day_of(now.utc());
        let as_of = as_of.unwrap_or(today);
        let calendar = Calendar::of(&document);
        check_times(&Times {
            today,
            as_of,
            since,
            effective_from,
            now,
            is_new: base.is_none(),
            calendar: calendar.as_ref(),
        })?;
        let digest = version::digest(&document)?;
        let changes = match &base {
            Some((before, _)) => programs::diff(&before.document, &document)?,
            None => Vec::new(),
        };
        let before = base.as_ref().map(|(before, _)| Arc::clone(before));
        let newest = base.as_ref().map(|(_, newest)| *newest);
        let after = Rules::new(document.clone(), newest.unwrap_or(0) + 1, digest.clone())?;
        let total = enrollment::count_taking_part(tx, slug)?;
        let plan = ProgramPlan {
            id: tx.id(),
            program: slug.to_owned(),
            base_version: before.as_ref().map(|rules| rules.version),
            base_digest: before.as_ref().map(|rules| rules.digest.clone()),
            newest_version: newest,
            has_changes: before.as_ref().is_none_or(|rules| rules.digest != digest),
            document: Json(document),
            digest,
            effective_from,
            as_of,
            since,
            known_at,
            seen_digest: String::new(),
            changes: Json(changes),
            findings: Json(PlanFindings::default()),
            applied_version: None,
            applied_by: None,
            applied_at: None,
            expires_at: now + chrono::TimeDelta::days(DAYS),
            created_by: actor.subject.clone(),
            created_at: now,
            updated_at: now,
        };
        let same_facts = before.as_ref().is_some_and(|before| reads_the_same(&before.document, &after.document));
        Ok(Self { plan, before, after, same_facts, total: u64::try_from(total).unwrap_or(0) })
    }

    fn run(mut self, database: &Database, progress: &mut dyn FnMut(Progress)) -> Result<Drawn> {
        let calendar = Calendar::of(&self.after.document);
        let past = match (self.plan.since, &calendar) {
            (Some(since), Some(calendar)) => reviews(calendar, since, self.plan.as_of)?,
            _ => Vec::new(),
        };
        let day = |as_of| Day { as_of, tally: Tally::default(), moves: Vec::new() };
        let mut days: Vec<Day> = [self.plan.as_of].into_iter().chain(past).map(day).collect();
        let (mut seen, mut last, mut done, mut open) = (Seen::default(), None, 0, 0);
        progress(Progress { done, total: self.total });
        loop {
            let chunk = database.read_blocking(|tx| members(tx, &self.plan.program, last))?;
            let Some((end, ..)) = chunk.last() else { break };
            last = Some(end.id);
            chunk.iter().for_each(|(enrollment, _, country)| seen.add(enrollment, *country));
            for (nth, day) in days.iter_mut().enumerate() {
                open += self.evaluate(database, &chunk, day, nth == 0)?;
            }
            done += u64::try_from(chunk.len()).unwrap_or(0);
            progress(Progress { done, total: self.total.max(done) });
        }
        let rules = tally::Rules::new(self.before.as_ref().map(|it| &it.document), &self.after.document);
        let mut days = days.into_iter();
        let mut moves = Vec::new();
        let mut findings = PlanFindings {
            open_protections: open,
            takes_effect: takes_effect(&self.after.document, calendar.as_ref(), &self.plan),
            ..PlanFindings::default()
        };
        if let Some(today) = days.next() {
            let Day { tally, moves: own, .. } = today;
            (findings.enrollments, findings.up) = (tally.enrollments, tally.up);
            (findings.down, findings.aside) = (tally.down, tally.aside);
            findings.populations = tally.populations(&rules);
            findings.benefits_at_once = tally.at_once(&rules);
            findings.benefits_of_moves = tally.of_moves(&rules);
            findings.protection_days_changed = tally.protection_changed(&rules);
            moves.extend(ordered(own));
        }
        for Day { as_of, tally, moves: own } in days {
            let populations = tally.populations(&rules);
            let Tally { enrollments, up, down, aside, .. } = tally;
            findings.reviews.push(ReviewFindings { as_of, enrollments, up, down, aside, populations });
            moves.extend(ordered(own).take(MOVES_OF_A_REVIEW));
        }
        self.plan.findings = Json(findings);
        self.plan.seen_digest = seen.finish();
        Ok(Drawn { plan: self.plan, moves })
    }

    /// Evaluates a chunk for a day; tells how many protections are held by those whose days would be others.
    fn evaluate(&self, database: &Database, chunk: &[Member], day: &mut Day, is_today: bool) -> Result<u32> {
        let Some(before) = &self.before else { return Ok(0) };
        let as_of = day.as_of;
        let zone = self.after.time_zone();
        let there = |member: &&Member| is_today || zone.day_of(member.0.created_at.utc()) <= as_of;
        let members: Vec<&Member> = chunk.iter().filter(there).collect();
        let asked: Vec<Enrollment> = members.iter().map(|member| member.0.clone()).collect();
        let moment = Moment { as_of, known_at: self.plan.known_at };
        let (after_facts, before_facts) = database.read_blocking(|tx| {
            let after = facts::gather(tx, &self.after, &asked, moment)?;
            let before = if self.same_facts { None } else { Some(facts::gather(tx, before, &asked, moment)?) };
            Ok((after, before))
        })?;
        let rules = tally::Rules::new(Some(&before.document), &self.after.document);
        let (mut affected, mut moved) = (Vec::new(), Vec::new());
        for (at, ((enrollment, name, _), after_facts)) in members.iter().copied().zip(&after_facts).enumerate() {
            let before_facts = before_facts.as_ref().and_then(|all| all.get(at)).unwrap_or(after_facts);
            let pair = (met(before, before_facts, as_of), met(&self.after, after_facts, as_of));
            let direction = day.tally.add(&rules, &enrollment.tier, &pair);
            if is_today && rules.changes_protection(&enrollment.tier) {
                affected.push(enrollment.partner_id);
            }
            let Some(direction) = direction else { continue };
            let both = Both { before, after: &self.after, before_facts, after_facts };
            moved.push(both.moved(self.plan.id, &rules, (enrollment, name), pair, direction, as_of));
        }
        if !is_today {
            day.moves.append(&mut moved);
            return Ok(0);
        }
        let asked: Vec<PartnerId> = affected.iter().copied().chain(moved.iter().map(|it| it.partner_id)).collect();
        let held = database.read_blocking(|tx| deal_registration::protection::open(tx, &self.plan.program, &asked))?;
        for one in &mut moved {
            one.open_protections = held.get(&one.partner_id).copied().unwrap_or(0);
        }
        day.moves.append(&mut moved);
        Ok(affected.iter().filter_map(|partner| held.get(partner)).map(|open| open.unsigned_abs()).sum())
    }
}

/// One partner by both rules.
struct Both<'a> {
    before: &'a Rules,
    after: &'a Rules,
    before_facts: &'a Gathered,
    after_facts: &'a Gathered,
}

impl Both<'_> {
    fn moved(
        &self,
        plan_id: ProgramPlanId,
        rules: &tally::Rules<'_>,
        (enrollment, name): (&Enrollment, &str),
        pair: Pair,
        direction: Direction,
        as_of: NaiveDate,
    ) -> PlanMove {
        let explained = |rules: &Rules, gathered: &Gathered, tier: Option<&str>| {
            let tier = rules.document.tier(tier?)?;
            rules.compiled.explain_tier(&tier.name, &gathered.facts, as_of)
        };
        let before = |tier| explained(self.before, self.before_facts, tier);
        let after = |tier| explained(self.after, self.after_facts, tier);
        // What is won was refused by the rules in force, what is lost is refused by the candidate.
        let reasons = match direction {
            Direction::Up => {
                let tier = pair.1.as_deref();
                let refused = before(tier).map(|refused| because(Side::Before, &refused, after(tier).as_ref()));
                refused.or_else(|| Some(vec![there(Side::After, &self.after.document, tier?)?]))
            }
            Direction::Down | Direction::Aside => {
                let tier = pair.0.as_deref();
                let refused = after(tier).map(|refused| because(Side::After, &refused, before(tier).as_ref()));
                refused.or_else(|| Some(vec![there(Side::Before, &self.before.document, tier?)?]))
            }
        };
        let benefits = rules.benefits(&pair);
        PlanMove {
            plan_id,
            as_of,
            position: 0,
            enrollment_id: enrollment.id,
            partner_id: enrollment.partner_id,
            partner_name: name.to_owned(),
            direction,
            held: enrollment.tier.clone(),
            before_tier: pair.0,
            after_tier: pair.1,
            because: Json(reasons.unwrap_or_default()),
            benefits: Json(benefits),
            open_protections: 0,
        }
    }
}

fn met(rules: &Rules, gathered: &Gathered, as_of: NaiveDate) -> Option<String> {
    rules.compiled.evaluate(&gathered.facts, as_of).tier().map(str::to_owned)
}

/// Those who fall first, then by name, each with its place.
fn ordered(mut moves: Vec<PlanMove>) -> impl Iterator<Item = PlanMove> {
    moves.sort_by(|a, b| {
        (a.direction, &a.partner_name, a.enrollment_id).cmp(&(b.direction, &b.partner_name, b.enrollment_id))
    });
    moves.into_iter().zip(1..).map(|(one, position)| PlanMove { position, ..one })
}

/// The rules in force, and the number of those that were published last; `None` for a program that there is not.
fn base(tx: &mut Tx, slug: &str, document: &ProgramDocument) -> Result<Option<(Arc<Rules>, i32)>> {
    let now = tx.now();
    if programs::current(tx, slug)?.is_none() {
        programs::program::can_begin(document)?;
        if document.slug != slug {
            let fault = Fault::at("/slug", "contradiction", format!("is not {slug}, which the plan is for"));
            Error::unless_empty(Code::InvalidProgram, vec![fault])?;
        }
        return Ok(None);
    }
    programs::program::find(tx, slug, now)?.takes(document)?;
    let newest = version::newest(tx, slug)?.version;
    Ok(programs::rules_at(tx, slug, now)?.map(|rules| (rules, newest)))
}

struct Times<'a> {
    calendar: Option<&'a Calendar>,
    today: NaiveDate,
    as_of: NaiveDate,
    since: Option<NaiveDate>,
    effective_from: Option<Timestamp>,
    now: Timestamp,
    is_new: bool,
}

/// Days and times that cannot be, all at once.
fn check_times(times: &Times<'_>) -> std::result::Result<(), Error> {
    let Times { calendar, today, as_of, since, effective_from, now, is_new } = times;
    let mut faults = Vec::new();
    let mut fault = |parameter, code, detail: String| faults.push(Fault::of_parameter(parameter, code, detail));
    if as_of > today {
        fault("as_of", "maximum", format!("is after {today}: nothing is known of it yet"));
    }
    if since.is_some_and(|since| since > *as_of) {
        fault("since", "maximum", format!("is after {as_of}, the day of the plan"));
    }
    if since.is_some() && calendar.is_none() {
        fault("since", "not_allowed", "asks for review days, and the document states no evaluation".into());
    }
    match effective_from {
        Some(_) if *is_new => {
            let detail = "cannot be said of a new program: its rules hold from the time at which it is added";
            fault("effective_from", "not_allowed", detail.into());
        }
        Some(from) if from < now => fault("effective_from", "minimum", "has passed".into()),
        _ => {}
    }
    Error::unless_empty(Code::InvalidParameter, faults)
}

/// The review days from one day to another, oldest first, but not the last day itself.
fn reviews(calendar: &Calendar, since: NaiveDate, until: NaiveDate) -> Result<Vec<NaiveDate>> {
    let mut days = Vec::new();
    let mut next = if calendar.is_review(since) { Some(since) } else { calendar.after(since) };
    while let Some(day) = next.filter(|day| *day < until) {
        if days.len() == REVIEWS {
            let detail = format!("is too long ago: there are more than {REVIEWS} review days since");
            let error = Error::new(Code::InvalidParameter, "The plan would look at too many review days; see errors.");
            return Err(error.with_parameter("since", "too_long_ago", detail).into());
        }
        days.push(day);
        next = calendar.after(day);
    }
    Ok(days)
}

/// Whether whoever has read the facts of one has read those of the other.
fn reads_the_same(one: &ProgramDocument, other: &ProgramDocument) -> bool {
    one.facts == other.facts
        && one.currency == other.currency
        && one.time_zone == other.time_zone
        && one.agreement == other.agreement
        && one.partner_type == other.partner_type
}

/// From when on the candidate can move partners, by its own policy.
fn takes_effect(document: &ProgramDocument, calendar: Option<&Calendar>, plan: &ProgramPlan) -> TakesEffect {
    let Some((policy, calendar)) = document.evaluation.as_ref().zip(calendar) else { return TakesEffect::default() };
    let zone = document.time_zone.unwrap_or(programs::TimeZone::UTC);
    let begins = zone.day_of(plan.effective_from.unwrap_or(plan.created_at).utc());
    let review = calendar.after(begins).map(|review| calendar.holds_on(review));
    let immediate = policy.promotion == programs::Promotion::Immediate;
    let grace = chrono::Days::new(u64::from(policy.demotion.grace_days));
    let falls = if policy.demotion.when == programs::WhenDemoted::Immediate { Some(begins) } else { review };
    TakesEffect {
        promotions_from: if immediate { Some(begins) } else { review },
        demotions_from: falls.and_then(|review| review.checked_add_days(grace)),
    }
}

/// The next partners in the program, by enrollment.
fn members(tx: &mut Tx, program: &str, last: Option<EnrollmentId>) -> Result<Vec<Member>> {
    let rows = enrollment::taking_part(tx, program, last, CHUNK)?;
    let ids = rows.iter().map(|row| row.partner_id);
    let named: Vec<(PartnerId, String, Country)> = companies::table
        .filter(companies::id.eq_any(ids))
        .select((companies::id, companies::name, companies::country))
        .load(tx.sql())?;
    let named: HashMap<_, _> = named.into_iter().map(|(id, name, country)| (id, (name, country))).collect();
    let member = |row: Enrollment| {
        let (name, country) = named.get(&row.partner_id).cloned()?;
        Some((row, name, country))
    };
    Ok(rows.into_iter().filter_map(member).collect())
}

/// The digest of all enrollments that take part now: the same while none has changed.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn seen(tx: &mut Tx, program: &str) -> Result<String> {
    let (mut seen, mut last) = (Seen::default(), None);
    loop {
        let chunk = members(tx, program, last)?;
        let Some((end, ..)) = chunk.last() else { break };
        last = Some(end.id);
        chunk.iter().for_each(|(enrollment, _, country)| seen.add(enrollment, *country));
    }
    Ok(seen.finish())
}

/// A digest in the making: what rules read of an enrollment, besides facts.
#[derive(Default)]
struct Seen(Sha256);

impl Seen {
    fn add(&mut self, enrollment: &Enrollment, country: Country) {
        let Enrollment { id, partner_id, tier, created_at, .. } = enrollment;
        self.0.update(format!("{id} {partner_id} {country} {created_at} {tier}\n"));
    }

    fn finish(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

//! What becomes of a tier if nothing else happens: the days on which something lapses, and the tier after each.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use database::{Result, Tx};
use facts::{Moment, inputs};
use kernel::{Actor, Code, Error, Timestamp};
use partners::{EnrollmentId, TierOverride};
use programs::Rules;
use rules::{Facts, Value};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    calendar::Calendar,
    changes::{self, Stored},
    current::PendingKind,
    lapse::{Lapse, LapseKind, lapses},
    movement::{Held, Meets, Movement, after, movement},
    reading::{self, Reading},
    weigh,
};

/// How far ahead a forecast goes, in days.
const FARTHEST: u64 = 1_100;
/// How far it goes if nothing is said.
const USUAL: u64 = 365;

/// What becomes of a tier if nothing else happens.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TierForecast {
    /// The enrollment.
    pub enrollment_id: EnrollmentId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The version of the rules, which are taken to stay.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub program_version: i32,
    /// Today, where the program is.
    pub from: NaiveDate,
    /// The last day that is looked at.
    pub until: NaiveDate,
    /// The tier today.
    #[schema(max_length = 64, example = "Gold")]
    pub tier: String,
    /// The tier on the last day.
    #[schema(max_length = 64, example = "Silver")]
    pub tier_at_end: String,
    /// The days on which something changes, in their order.
    #[schema(max_items = 1200)]
    pub days: Vec<ForecastDay>,
}

/// A day on which something changes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ForecastDay {
    /// The day.
    pub on: NaiveDate,
    /// What lapses, or comes to count.
    #[schema(max_items = 200)]
    pub lapses: Vec<Lapse>,
    /// The metrics that change.
    #[schema(max_items = 1000)]
    pub metrics: Vec<MetricChange>,
    /// The highest tier whose own rule is met from then on; null for none.
    #[schema(required = true, max_length = 64, example = "Silver")]
    pub meets: Option<String>,
    /// What happens to the tier; null for nothing.
    #[schema(required = true)]
    pub happens: Option<PendingKind>,
    /// The tier from then on.
    #[schema(max_length = 64, example = "Gold")]
    pub tier: String,
    /// The last day on which it is kept though it is not met.
    #[schema(required = true)]
    pub in_grace_until: Option<NaiveDate>,
}

/// A metric that changes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MetricChange {
    /// Its name.
    #[schema(max_length = 64, example = "certified_people")]
    pub metric: String,
    /// What it was; null for what is unknown.
    pub before: Value,
    /// What it is; null for what is unknown.
    pub after: Value,
    /// What its numbers count.
    #[schema(required = true, max_length = 40, example = "people")]
    pub unit: Option<String>,
}

/// What becomes of the tier of an enrollment that the actor may see, until a day or for a year.
///
/// # Errors
/// `not_found`; `invalid_parameter` for a day that has passed or is too far.
pub fn forecast(tx: &mut Tx, actor: &Actor, id: EnrollmentId, until: Option<NaiveDate>) -> Result<TierForecast> {
    let reading = Reading::of(tx, actor, id, None)?;
    let from = reading.today;
    let farthest = farthest(from);
    let until = until.or_else(|| from.checked_add_days(Days::new(USUAL))).unwrap_or(farthest);
    if until < from || until > farthest {
        let error = Error::new(Code::InvalidParameter, "The day is out of what can be foreseen.");
        let detail = format!("must be a day from {from} to {farthest}");
        return Err(error.with_parameter("until", "out_of_range", detail).into());
    }
    let stored = changes::stored(tx, reading.enrollment.partner_id, Timestamp::never())?;
    let mut story = Story::new(tx, &reading, &stored, until)?;
    let mut days = Vec::new();
    while let Some(day) = story.agenda.pop_first() {
        days.extend(story.day(tx, day)?);
    }
    Ok(TierForecast {
        enrollment_id: id,
        program: reading.rules.program.clone(),
        program_version: reading.rules.version,
        from,
        until,
        tier: reading.enrollment.tier.clone(),
        tier_at_end: story.tier(),
        days,
    })
}

/// The last day that can be foreseen from a day.
pub(crate) fn farthest(from: NaiveDate) -> NaiveDate {
    from.checked_add_days(Days::new(FARTHEST)).unwrap_or(from)
}

/// The time that is gone through, day by day of the agenda.
struct Story<'a> {
    reading: &'a Reading,
    calendar: Option<Calendar>,
    until: NaiveDate,
    agenda: BTreeSet<NaiveDate>,
    /// On which of them facts come in or go by themselves.
    regather: BTreeSet<NaiveDate>,
    lapses: BTreeMap<NaiveDate, Vec<Lapse>>,
    facts: Facts,
    held: Held,
    overridden: Option<TierOverride>,
    metrics: Vec<Value>,
    meets: Option<String>,
    /// The highest tier that was met since the last review.
    highest: usize,
}

impl<'a> Story<'a> {
    fn new(tx: &mut Tx, reading: &'a Reading, stored: &[Stored], until: NaiveDate) -> Result<Self> {
        let Reading { enrollment, standing, rules, today, .. } = reading;
        // With what is of later days, so that those are looked at too.
        let moment = Moment { as_of: until, ..reading.moment };
        let known = inputs(rules, &reading::one(tx, rules, enrollment, moment)?);
        let first = today.succ_opt().unwrap_or(*today);
        let mut agenda = changes::days(rules, &known, stored, first, until);
        let calendar = Calendar::of(&rules.document);
        let mut review = calendar.as_ref().and_then(|calendar| calendar.after(*today));
        while let Some(day) = review.filter(|day| *day <= until) {
            agenda.insert(day);
            review = calendar.as_ref().and_then(|calendar| calendar.after(day));
        }
        let mut lapses = lapses(rules, &known, stored, (first, until));
        let overridden = standing.override_at(tx.now()).cloned();
        if let Some(terms) = &overridden {
            let day = rules.document.day_of(terms.until).max(first);
            agenda.insert(day);
            lapses.entry(day).or_default().push(Lapse::new(LapseKind::OverrideEnds, "tier", &terms.tier, day));
        }
        let regather = stored.iter().flat_map(Stored::turns).collect();
        let held = weigh::held(rules, enrollment, standing);
        let after_grace = held.grace_until.and_then(|until| until.succ_opt());
        agenda.extend(after_grace);
        agenda.retain(|day| (first..=until).contains(day));
        let mut story = Self {
            reading,
            calendar,
            until,
            agenda,
            regather,
            lapses,
            facts: reading.gathered.facts.clone(),
            held: Held { overridden: overridden.is_some(), ..held },
            overridden,
            metrics: Vec::new(),
            meets: None,
            highest: 0,
        };
        story.metrics = story.metrics_on(*today);
        story.meets = story.meets_on(*today);
        Ok(story)
    }

    /// What changes on a day; `None` if nothing does.
    fn day(&mut self, tx: &mut Tx, day: NaiveDate) -> Result<Option<ForecastDay>> {
        let rules = &self.reading.rules;
        if self.regather.contains(&day) {
            let moment = Moment { as_of: day, ..self.reading.moment };
            self.facts = reading::one(tx, rules, &self.reading.enrollment, moment)?.facts;
        }
        let (metrics, meets) = (self.metrics_on(day), self.meets_on(day));
        let changed = changes_of(rules, &self.metrics, &metrics);
        let before = (self.held, self.meets.clone());
        let ended = self.end_override(day);
        let now = meets.as_deref().map_or(0, |tier| weigh::place(rules, tier));
        self.highest = self.highest.max(now);
        let review = self.calendar.as_ref().is_some_and(|calendar| calendar.is_review(day));
        let happens = match (&self.calendar, &rules.document.evaluation) {
            (Some(_), Some(policy)) => movement(policy, &self.held, Meets { now, highest: self.highest }, day, review),
            _ => Movement::Stays,
        };
        // Nobody looks on a day on which only a window moves on: then it falls when somebody does.
        let down = matches!(happens, Movement::GraceBegun { .. } | Movement::Demoted { .. });
        let is_asked = review || self.held.grace_until.is_some() || self.regather.contains(&day);
        let happens = if down && !is_asked { Movement::Stays } else { happens };
        self.held = after(self.held, happens, day);
        if let Movement::GraceBegun { until } = happens {
            self.agenda.extend(until.succ_opt().filter(|day| *day <= self.until));
        }
        if review {
            self.highest = now;
        }
        (self.metrics, self.meets) = (metrics, meets);
        if changed.is_empty() && (self.held, &self.meets) == (before.0, &before.1) {
            return Ok(None);
        }
        Ok(Some(ForecastDay {
            on: day,
            lapses: self.lapses.remove(&day).unwrap_or_default(),
            metrics: changed,
            meets: self.meets.clone(),
            happens: kind(happens).or(ended.then_some(PendingKind::OverrideEnd)),
            tier: self.tier(),
            in_grace_until: self.held.grace_until,
        }))
    }

    /// What the vendor has set is over: the tier is the one before.
    fn end_override(&mut self, day: NaiveDate) -> bool {
        let over = self.overridden.take_if(|terms| self.reading.rules.document.day_of(terms.until) <= day);
        let Some(terms) = over else { return false };
        let tier = weigh::place(&self.reading.rules, &terms.tier_after);
        self.held = Held { tier, since: terms.since_after, overridden: false, ..self.held };
        true
    }

    fn tier(&self) -> String {
        let own = &self.reading.enrollment.tier;
        if self.held.tier == weigh::place(&self.reading.rules, own) {
            return own.clone();
        }
        weigh::name(&self.reading.rules, self.held.tier).unwrap_or(own).to_owned()
    }

    fn metrics_on(&self, day: NaiveDate) -> Vec<Value> {
        let names = self.reading.rules.document.metrics.keys().map(String::as_str);
        let unknown = Value::Unknown(rules::Unknown::Undefined);
        let found = self.reading.rules.compiled.answers(names, &self.facts, day);
        found.into_iter().map(|value| value.unwrap_or_else(|| unknown.clone())).collect()
    }

    fn meets_on(&self, day: NaiveDate) -> Option<String> {
        self.reading.rules.compiled.evaluate(&self.facts, day).tier().map(str::to_owned)
    }
}

fn changes_of(rules: &Rules, before: &[Value], after: &[Value]) -> Vec<MetricChange> {
    let named = rules.document.metrics.iter().zip(before.iter().zip(after));
    let changed = named.filter(|(_, (before, after))| before != after);
    changed
        .map(|((name, metric), (before, after))| MetricChange {
            metric: name.clone(),
            before: before.clone(),
            after: after.clone(),
            unit: metric.unit.clone(),
        })
        .collect()
}

fn kind(happens: Movement) -> Option<PendingKind> {
    match happens {
        Movement::Stays => None,
        Movement::Promoted { .. } => Some(PendingKind::Promotion),
        Movement::GraceBegun { .. } => Some(PendingKind::Grace),
        Movement::GraceEnded => Some(PendingKind::GraceEnd),
        Movement::Demoted { .. } => Some(PendingKind::Demotion),
    }
}

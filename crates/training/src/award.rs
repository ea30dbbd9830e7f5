//! When a certification is awarded and renewed, to the day. Pure: no clock, no database.
//!
//! What is awarded follows from what was completed when, not from the order in which it became known: an import that
//! brings the course after the exam comes to the same days.

use chrono::{Days, Months, NaiveDate};

use crate::catalogue::{CertificationEntry, RenewedFrom, Requirement, Requirements};

/// Something that a person has done.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Done {
    /// The day.
    pub on: NaiveDate,
    /// The slug of the course, the exam or the certification.
    pub item: String,
    /// What proves it: the id of the training enrollment or the credential.
    pub proof: String,
}

/// Days on which a certification is held, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The certification.
    pub certification: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day; `None` without end.
    pub to: Option<NaiveDate>,
}

impl Held {
    fn on(&self, day: NaiveDate) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// An award of a certification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    /// The day on which everything was there.
    pub awarded_on: NaiveDate,
    /// Its first day.
    pub valid_from: NaiveDate,
    /// Its last day; `None` without end.
    pub valid_to: Option<NaiveDate>,
    /// Whether it renews the one before.
    pub renews: bool,
    /// The ids of what it rests on, in their order.
    pub earned_by: Vec<String>,
}

/// What a person has done, and holds.
#[derive(Debug, Clone, Copy)]
pub struct Record<'r> {
    /// Courses and exams that were completed or waived, and certifications that were awarded; in the order of days.
    pub done: &'r [Done],
    /// The other certifications that are held.
    pub held: &'r [Held],
}

/// The awards that follow on those that stand, in their order. Nothing that was done until `not_before` counts: a
/// certification that was revoked is earned anew.
pub fn awards(
    entry: &CertificationEntry,
    requirements: &Requirements,
    record: Record,
    last: Option<&Award>,
    not_before: Option<NaiveDate>,
) -> Vec<Award> {
    let mut found: Vec<Award> = Vec::new();
    for day in days(requirements, entry, record) {
        let last = found.last().or(last);
        let used = last.map(|award| award.awarded_on).max(not_before);
        let is_over = entry.retired_on.is_some_and(|retired| retired <= day);
        if is_over || used.is_some_and(|used| day <= used) || !prerequisites(entry, record.held, day) {
            continue;
        }
        let award = match last.and_then(|last| Some((last, last.valid_to?))) {
            // It is held without end.
            None if last.is_some() => None,
            Some((_, to)) if day <= to => renewal(entry, requirements, record.done, (day, to), used),
            _ => first(entry, &requirements.award, record.done, day, used),
        };
        found.extend(award);
    }
    found
}

/// The last day of a time of whole months that begins on a day: the day before the same day so many months later, or,
/// where that month is too short for it, the month's last.
pub fn last_day(from: NaiveDate, months: u16) -> Option<NaiveDate> {
    use chrono::Datelike;
    let same = from.checked_add_months(Months::new(u32::from(months)))?;
    if same.day() < from.day() { Some(same) } else { same.pred_opt() }
}

/// The days on which something can have become complete.
fn days(requirements: &Requirements, entry: &CertificationEntry, record: Record) -> Vec<NaiveDate> {
    let named = |item: &str| {
        let rules = std::iter::once(&requirements.award).chain(&requirements.renewal);
        rules.flat_map(Requirement::names).any(|name| name == item)
    };
    let done = record.done.iter().filter(|done| named(&done.item)).map(|done| done.on);
    let prerequisite = |held: &&Held| entry.prerequisites.contains(&held.certification);
    let held = record.held.iter().filter(prerequisite).map(|held| held.from);
    let mut days: Vec<_> = done.chain(held).collect();
    days.sort_unstable();
    days.dedup();
    days
}

fn prerequisites(entry: &CertificationEntry, held: &[Held], day: NaiveDate) -> bool {
    let is_held = |slug: &String| held.iter().any(|held| held.certification == *slug && held.on(day));
    entry.prerequisites.iter().all(is_held)
}

fn first(
    entry: &CertificationEntry,
    requirement: &Requirement,
    done: &[Done],
    day: NaiveDate,
    used: Option<NaiveDate>,
) -> Option<Award> {
    let earned_by = met(requirement, done, used, day)?;
    let valid_to = entry.valid_months.and_then(|months| last_day(day, months));
    Some(Award { awarded_on: day, valid_from: day, valid_to, renews: false, earned_by })
}

fn renewal(
    entry: &CertificationEntry,
    requirements: &Requirements,
    done: &[Done],
    (day, to): (NaiveDate, NaiveDate),
    used: Option<NaiveDate>,
) -> Option<Award> {
    let (renewal, months) = (entry.renewal.as_ref()?, entry.valid_months?);
    let opens = to.checked_sub_days(Days::new(u64::from(renewal.window_days)))?;
    let used = used.max(opens.pred_opt());
    if day < opens {
        return None;
    }
    let earned_by = met(requirements.renewal.as_ref().unwrap_or(&requirements.award), done, used, day)?;
    let valid_from = match renewal.from {
        RenewedFrom::Expiry => to.succ_opt()?,
        RenewedFrom::Award => day,
    };
    Some(Award { awarded_on: day, valid_from, valid_to: last_day(valid_from, months), renews: true, earned_by })
}

/// What the requirement is met by: of what was done after one day and until another, all that it speaks of.
fn met(requirement: &Requirement, done: &[Done], after: Option<NaiveDate>, day: NaiveDate) -> Option<Vec<String>> {
    let counts = |it: &&Done| it.on <= day && after.is_none_or(|after| it.on > after);
    let all: Vec<&Done> = done.iter().filter(counts).collect();
    let has = |name: &str| all.iter().any(|it| it.item == name);
    if !requirement.is_met(has, day) {
        return None;
    }
    let named = all.iter().filter(|it| requirement.names().contains(&it.item));
    Some(named.map(|it| it.proof.clone()).collect())
}

#[cfg(test)]
mod tests;

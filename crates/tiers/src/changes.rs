//! On which days what the rules say can change though nothing new becomes known: found from the dates in the facts and
//! the windows of the document, not by trying every day.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, Months, NaiveDate};
use database::{Result, Tx, schema::facts};
use diesel::prelude::*;
use kernel::{PartnerId, Timestamp};
use programs::Rules;
use rules::book::MonthDay;
use serde_json::Value;

/// How far after the day that it is counted from a window of months can end: a day that a month does not have is its
/// last, so that the 31st leaves up to three days later.
const CLIPPED: u64 = 3;

/// From which day a stored fact holds, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Under which name it is known.
    pub name: String,
    /// What it is about.
    pub subject: String,
    /// Its day, or the first on which it holds.
    pub day: Option<NaiveDate>,
    /// The last day on which it holds.
    pub until: Option<NaiveDate>,
}

impl Stored {
    /// The days on which it comes in or goes: an instant may be of the next day where the program is.
    pub fn turns(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let after = |day: Option<NaiveDate>| day.and_then(|day| day.succ_opt());
        [self.day, after(self.day), after(self.until)].into_iter().flatten()
    }
}

/// The days of a partner's facts, by what was known at a time.
///
/// # Errors
/// When the database cannot be read.
pub fn stored(tx: &mut Tx, partner: PartnerId, known_at: Timestamp) -> Result<Vec<Stored>> {
    let known = facts::recorded_at
        .le(known_at)
        .and(facts::superseded_at.is_null().or(facts::superseded_at.assume_not_null().gt(known_at)));
    let rows: Vec<(String, String, Option<NaiveDate>, Option<NaiveDate>)> = facts::table
        .filter(facts::partner_id.eq(partner))
        .filter(known)
        .order((facts::name, facts::subject))
        .select((facts::name, facts::subject, facts::day, facts::until))
        .load(tx.sql())?;
    Ok(rows.into_iter().map(|(name, subject, day, until)| Stored { name, subject, day, until }).collect())
}

/// The days from one to another, both included, on which something can change.
pub fn days(rules: &Rules, inputs: &Value, stored: &[Stored], from: NaiveDate, to: NaiveDate) -> BTreeSet<NaiveDate> {
    let document = book(rules);
    let reach = Reach::of(&document);
    let mut dates = BTreeSet::new();
    collect(inputs, &mut dates);
    collect(&document, &mut dates);
    dates.extend(stored.iter().flat_map(|fact| [fact.day, fact.until]).flatten());
    let mut found = BTreeSet::new();
    for date in dates {
        reach.add(date, to, &mut found);
    }
    if reach.by_calendar {
        firsts(rules.document.fiscal_year_start, from, to, &mut found);
    }
    found.retain(|day| (from..=to).contains(day));
    found
}

/// How far the document looks back from a day, or on from it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    pub months: BTreeSet<u32>,
    pub days: BTreeSet<u64>,
    /// Whether it asks how much time lies between two days.
    spans: bool,
    /// Whether it counts by months, quarters or years of the calendar.
    by_calendar: bool,
    /// The whole numbers that it compares with.
    literals: BTreeSet<u64>,
}

fn book(rules: &Rules) -> Value {
    serde_json::to_value(rules.document.book()).unwrap_or_default()
}

impl Reach {
    pub fn of_rules(rules: &Rules) -> Self {
        Self::of(&book(rules))
    }

    fn of(document: &Value) -> Self {
        let mut reach = Self::default();
        reach.look(document);
        reach
    }

    fn look(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (name, inner) in fields {
                    match name.as_str() {
                        "trailing" | "date_plus" => self.look_at_length(inner),
                        "days_between" | "months_between" => self.spans = true,
                        "to_date" | "previous" | "months_back" | "start_of" | "end_of" | "period_of" | "next_of"
                        | "period_start" => self.by_calendar = true,
                        _ => {}
                    }
                    self.look(inner);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.look(item)),
            Value::Number(number) => self.literals.extend(number.as_u64()),
            _ => {}
        }
    }

    fn look_at_length(&mut self, length: &Value) {
        let number = |name: &str| length.get(name).and_then(Value::as_u64);
        let months = number("months").unwrap_or(0).saturating_add(number("years").unwrap_or(0).saturating_mul(12));
        if let Some(months) = u32::try_from(months).ok().filter(|months| *months > 0) {
            self.months.insert(months);
        }
        self.days.extend(number("days"));
    }

    /// The days on which a date begins or ends to count.
    fn add(&self, date: NaiveDate, to: NaiveDate, found: &mut BTreeSet<NaiveDate>) {
        let mut near = |day: Option<NaiveDate>, days: u64| {
            found.extend((0..=days).filter_map(|more| day?.checked_add_days(Days::new(more))));
        };
        near(Some(date), 1);
        for months in &self.months {
            near(date.checked_add_months(Months::new(*months)), CLIPPED);
            near(date.checked_sub_months(Months::new(*months)), 1);
        }
        for days in &self.days {
            near(date.checked_add_days(Days::new(*days)), 1);
        }
        if self.spans {
            for days in self.literals.range(..=36_525) {
                near(date.checked_add_days(Days::new(*days)), 1);
            }
            let whole = u32::try_from(to.year().saturating_sub(date.year())).unwrap_or(0).saturating_add(1);
            for months in 0..=whole.min(100).saturating_mul(12) {
                near(date.checked_add_months(Months::new(months)), CLIPPED);
            }
        }
    }
}

/// The first days of months, and of fiscal years.
fn firsts(fiscal: Option<MonthDay>, from: NaiveDate, to: NaiveDate, found: &mut BTreeSet<NaiveDate>) {
    for year in from.year()..=to.year() {
        found.extend((1..=12).filter_map(|month| NaiveDate::from_ymd_opt(year, month, 1)));
        found.extend(fiscal.and_then(|day| day.in_year(year)));
    }
}

/// Every date in a value.
fn collect(value: &Value, found: &mut BTreeSet<NaiveDate>) {
    match value {
        Value::String(text) if text.len() == 10 => found.extend(text.parse::<NaiveDate>().ok()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(fields) => fields.values().for_each(|inner| collect(inner, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rules(rest: Value) -> Rules {
        let mut document = json!({"slug": "p", "name": "p", "tiers": [{"name": "A"}]});
        for (name, value) in rest.as_object().unwrap() {
            document[name] = value.clone();
        }
        Rules::new(serde_json::from_value(document).unwrap(), 1, String::new()).unwrap()
    }

    fn found(rules: &Rules, inputs: Value, from: &str, to: &str) -> Vec<String> {
        let days = days(rules, &inputs, &[], from.parse().unwrap(), to.parse().unwrap());
        days.iter().map(ToString::to_string).collect()
    }

    fn deals(window: Value) -> Rules {
        rules(json!({
            "facts": {"deals": {"type": "records", "columns": [{"name": "won", "type": "date"}, {"name": "amount", "type": "number"}]}},
            "metrics": {"sold": {"total": {"of": "deals", "value": "row.amount", "within": window}}}
        }))
    }

    #[test]
    fn a_deal_leaves_a_window_of_months() {
        let rules = deals(json!({"trailing": {"months": 12}}));
        let days = found(&rules, json!({"deals": [["2026-03-10", 5]]}), "2026-04-01", "2027-12-31");
        assert_eq!(days, ["2027-03-10", "2027-03-11", "2027-03-12", "2027-03-13"]);
    }

    #[test]
    fn a_deal_of_the_31st_leaves_when_the_month_is_over() {
        let rules = deals(json!({"trailing": {"months": 6}}));
        let days = found(&rules, json!({"deals": [["2026-08-31", 5]]}), "2027-01-01", "2027-12-31");
        assert!(days.contains(&"2027-03-01".to_owned()), "{days:?}");
    }

    #[test]
    fn a_year_to_date_begins_with_its_first_day() {
        let rules = deals(json!({"to_date": "year"}));
        let days = found(&rules, json!({"deals": [["2026-03-10", 5]]}), "2026-12-15", "2027-02-15");
        assert_eq!(days, ["2027-01-01", "2027-02-01"]);
    }

    #[test]
    fn a_certificate_counts_until_its_last_day() {
        let rules = rules(json!({"facts": {"people": {"type": "people"}}}));
        let people = json!({"people": {"ann": [{"certificate": "a", "valid_to": "2026-06-30"}]}});
        assert_eq!(found(&rules, people, "2026-01-01", "2026-12-31"), ["2026-06-30", "2026-07-01"]);
    }

    #[test]
    fn every_day_on_which_a_window_changes_is_found() {
        for months in [1_u32, 2, 3, 6, 12, 18] {
            let rules = deals(json!({"trailing": {"months": months}}));
            for first in ["2026-01-31", "2026-02-28", "2026-05-31", "2024-02-29", "2026-12-30"] {
                let first: NaiveDate = first.parse().unwrap();
                let to = first + chrono::TimeDelta::days(800);
                let inputs = json!({"deals": [[first.to_string(), 7]]});
                let facts = rules.compiled.read_facts(&inputs).unwrap();
                let found = days(&rules, &inputs, &[], first, to);
                let mut before = None;
                for day in first.iter_days().take_while(|day| *day <= to) {
                    let sold = rules.compiled.answer("sold", &facts, day);
                    let is_found = found.contains(&day);
                    assert!(before.is_none() || before == Some(sold.clone()) || is_found, "{months} {first} {day}");
                    before = Some(sold);
                }
            }
        }
    }
}

//! When a program's tiers are reviewed. Pure: no clock, no database.

use chrono::{Datelike, Days, Months, NaiveDate};
use programs::{EvaluationPolicy, ProgramDocument};
use rules::book::MonthDay;

/// The review days of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// As the document names them.
    named: Vec<MonthDay>,
    /// The first day of the fiscal year, from which the periods are counted where the document names no days.
    begins: MonthDay,
    /// Months from one review to the next.
    months: u32,
    /// Days after a review day on which its result holds.
    lag: u64,
}

impl Calendar {
    /// The calendar that a document states; `None` for a program whose tiers are set by hand.
    pub fn of(document: &ProgramDocument) -> Option<Self> {
        let EvaluationPolicy { cadence, dates, lag_days, .. } = document.evaluation.as_ref()?;
        Some(Self {
            named: dates.clone(),
            begins: document.fiscal_year_start.unwrap_or(MonthDay::NEW_YEAR),
            months: u32::try_from(12 / cadence.reviews()).unwrap_or(12),
            lag: u64::from(*lag_days),
        })
    }

    /// The first review day after a day.
    pub fn after(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.around(day).into_iter().find(|review| *review > day)
    }

    /// The last review day on or before a day.
    pub fn on_or_before(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.around(day).into_iter().rev().find(|review| *review <= day)
    }

    /// The last review day before a day.
    pub fn before(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.around(day).into_iter().rev().find(|review| *review < day)
    }

    /// Whether the day is one.
    pub fn is_review(&self, day: NaiveDate) -> bool {
        self.around(day).contains(&day)
    }

    /// The day on which the result of a review holds.
    pub fn holds_on(&self, review: NaiveDate) -> NaiveDate {
        review.checked_add_days(Days::new(self.lag)).unwrap_or(review)
    }

    /// The review days from the year before a day to the year after it, in their order.
    fn around(&self, day: NaiveDate) -> Vec<NaiveDate> {
        let mut days: Vec<NaiveDate> =
            (day.year().saturating_sub(2)..=day.year().saturating_add(1)).flat_map(|year| self.of_year(year)).collect();
        days.sort_unstable();
        days
    }

    fn of_year(&self, year: i32) -> Vec<NaiveDate> {
        if !self.named.is_empty() {
            return self.named.iter().filter_map(|day| day.in_year(year)).collect();
        }
        let Some(first) = self.begins.in_year(year) else { return Vec::new() };
        let count = 12_u32.checked_div(self.months).unwrap_or(1);
        (0..count).filter_map(|nth| first.checked_add_months(Months::new(nth * self.months))).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn calendar(rest: serde_json::Value) -> Calendar {
        let mut document = json!({"slug": "p", "name": "p"});
        for (name, value) in rest.as_object().unwrap() {
            document[name] = value.clone();
        }
        Calendar::of(&serde_json::from_value(document).unwrap()).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn periods_are_counted_from_the_fiscal_year() {
        let quarterly = calendar(json!({"fiscal_year_start": "02-01", "evaluation": {"cadence": "quarterly"}}));
        let mut at = day("2026-01-15");
        let mut found = Vec::new();
        for _ in 0..5 {
            at = quarterly.after(at).unwrap();
            found.push(at.to_string());
        }
        assert_eq!(found, ["2026-02-01", "2026-05-01", "2026-08-01", "2026-11-01", "2027-02-01"]);
        assert_eq!(quarterly.before(day("2026-02-01")), Some(day("2025-11-01")));
        assert_eq!(quarterly.on_or_before(day("2026-02-01")), Some(day("2026-02-01")));
        assert!(quarterly.is_review(day("2026-05-01")) && !quarterly.is_review(day("2026-05-02")));
    }

    #[test]
    fn days_that_are_named_are_those_and_a_lag_moves_the_result() {
        let named = json!({"cadence": "semi_annual", "dates": ["01-15", "07-15"], "lag_days": 15});
        let named = calendar(json!({"evaluation": named}));
        assert_eq!(named.after(day("2026-01-15")), Some(day("2026-07-15")));
        assert_eq!(named.after(day("2026-12-31")), Some(day("2027-01-15")));
        assert_eq!(named.holds_on(day("2026-07-15")), day("2026-07-30"));
    }

    #[test]
    fn a_leap_day_is_the_28th_where_there_is_none() {
        let leap = calendar(json!({"evaluation": {"cadence": "annual", "dates": ["02-29"]}}));
        assert_eq!(leap.after(day("2027-01-01")), Some(day("2027-02-28")));
        assert_eq!(leap.after(day("2028-01-01")), Some(day("2028-02-29")));
    }

    #[test]
    fn a_program_without_evaluation_has_none() {
        let by_hand = json!({"slug": "p", "name": "p"});
        assert_eq!(Calendar::of(&serde_json::from_value(by_hand).unwrap()), None);
    }

    proptest::proptest! {
        #[test]
        fn the_next_review_follows_the_last(offset in 0_i64..40_000, nth in 0_usize..4) {
            let cadence = ["monthly", "quarterly", "semi_annual", "annual"][nth];
            let calendar = calendar(json!({"fiscal_year_start": "03-31", "evaluation": {"cadence": cadence}}));
            let at = day("1990-01-01") + chrono::TimeDelta::days(offset);
            let (last, next) = (calendar.on_or_before(at).unwrap(), calendar.after(at).unwrap());
            proptest::prop_assert!(last <= at && at < next);
            proptest::prop_assert_eq!(calendar.after(last), Some(next));
            proptest::prop_assert_eq!(calendar.before(next), Some(last));
        }
    }
}

//! Business days, in which a decision is due.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday, WeekdaySet};

/// The days on which nobody decides: a weekly pattern and single dates. Days are UTC days, for the parties to a deal rarely share
/// another clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    weekend: WeekdaySet,
    holidays: BTreeSet<NaiveDate>,
}

impl Calendar {
    /// A calendar with these weekly days off and these holidays; either may be empty, repeated or overlap.
    pub fn new(weekend: &[Weekday], holidays: impl IntoIterator<Item = NaiveDate>) -> Self {
        Self { weekend: weekend.iter().copied().collect(), holidays: holidays.into_iter().collect() }
    }

    /// Whether the date is neither on a weekend nor a holiday.
    pub fn is_business_day(&self, date: NaiveDate) -> bool {
        !self.weekend.contains(date.weekday()) && !self.holidays.contains(&date)
    }

    /// The moment `days` business days after `from`, at the same time of day. Counting starts on the next day.
    ///
    /// A start on a day off counts as 00:00 UTC of the next business day, so what comes in over a weekend is due with what comes in
    /// first on Monday, and zero days from a day off is that moment. The answer thus lies on a business day, and never moves back when
    /// `from` or `days` grows. Two exceptions: where every weekday is a weekend, `days` are plain days, for a due date must exist; and
    /// a moment beyond the last that chrono can hold is [`DateTime::<Utc>::MAX_UTC`].
    pub fn add_business_days(&self, from: DateTime<Utc>, days: u16) -> DateTime<Utc> {
        if self.weekend == WeekdaySet::ALL {
            return from.checked_add_signed(TimeDelta::days(days.into())).unwrap_or(DateTime::<Utc>::MAX_UTC);
        }
        let (date, time) = (from.date_naive(), from.time());
        let start_time = if self.is_business_day(date) { time } else { NaiveTime::MIN };
        // Ends: one weekday at least is open, and only finitely many of those are holidays.
        let mut business_days = date.iter_days().filter(|day| self.is_business_day(*day));
        business_days.nth(days.into()).map_or(DateTime::<Utc>::MAX_UTC, |due| due.and_time(start_time).and_utc())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap_or_default()
    }

    fn office() -> Calendar {
        let holidays = ["2026-12-25", "2027-01-01"].iter().filter_map(|day| day.parse().ok());
        Calendar::new(&[Weekday::Sat, Weekday::Sun], holidays)
    }

    #[test]
    fn counts_from_the_next_day_and_keeps_the_time() {
        for (from, days, due) in [
            ("2026-12-21T09:30:00Z", 0, "2026-12-21T09:30:00Z"),
            ("2026-12-21T09:30:00Z", 2, "2026-12-23T09:30:00Z"),
            ("2026-12-18T23:59:59Z", 1, "2026-12-21T23:59:59Z"),
            ("2026-12-24T12:00:00Z", 1, "2026-12-28T12:00:00Z"),
            ("2026-12-24T12:00:00Z", 6, "2027-01-05T12:00:00Z"),
        ] {
            assert_eq!(office().add_business_days(at(from), days), at(due), "{from} + {days}");
        }
    }

    #[test]
    fn a_start_on_a_day_off_counts_from_the_first_moment_of_the_next_business_day() {
        for (from, days, due) in [
            ("2026-12-19T15:00:00Z", 0, "2026-12-21T00:00:00Z"),
            ("2026-12-20T08:00:00Z", 1, "2026-12-22T00:00:00Z"),
            ("2026-12-25T10:00:00Z", 1, "2026-12-29T00:00:00Z"),
        ] {
            assert_eq!(office().add_business_days(at(from), days), at(due), "{from} + {days}");
        }
    }

    #[test]
    fn a_calendar_without_business_days_counts_plain_days() {
        let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
        let closed = Calendar::new(&week, []);
        assert_eq!(closed.add_business_days(at("2026-12-21T09:30:00Z"), 10), at("2026-12-31T09:30:00Z"));
        assert_eq!(closed.add_business_days(DateTime::<Utc>::MAX_UTC, u16::MAX), DateTime::<Utc>::MAX_UTC);
    }

    #[test]
    fn the_end_of_time_is_the_last_due_date() {
        assert_eq!(office().add_business_days(DateTime::<Utc>::MAX_UTC, 9), DateTime::<Utc>::MAX_UTC);
    }

    prop_compose! {
        fn calendars()(off in 0_u8..127, holidays in prop::collection::vec(0_i64..400, 0..40)) -> Calendar {
            let weekend: Vec<Weekday> = (0..7).filter(|day| off >> day & 1 == 1).filter_map(|day| Weekday::try_from(day).ok()).collect();
            let start = at("2026-01-01T00:00:00Z").date_naive();
            Calendar::new(&weekend, holidays.into_iter().map(|days| start + TimeDelta::days(days)))
        }
    }

    prop_compose! {
        fn moments()(seconds in 0_i64..400 * 86_400) -> DateTime<Utc> {
            at("2026-01-01T00:00:00Z") + TimeDelta::seconds(seconds)
        }
    }

    proptest! {
        #[test]
        fn due_on_a_business_day_and_not_before_the_start(calendar in calendars(), from in moments(), days in 0_u16..60) {
            let due = calendar.add_business_days(from, days);
            prop_assert!(calendar.is_business_day(due.date_naive()));
            prop_assert!(due >= from + TimeDelta::days(i64::from(days).saturating_sub(1)));
        }

        #[test]
        fn monotone(calendar in calendars(), a in moments(), b in moments(), few in 0_u16..40, more in 0_u16..40) {
            let due = |from, days| calendar.add_business_days(from, days);
            prop_assert!(due(a.min(b), few) <= due(a.max(b), few));
            prop_assert!(due(a, few) <= due(a, few + more));
        }

        #[test]
        fn days_add_up(calendar in calendars(), from in moments(), few in 0_u16..40, more in 0_u16..40) {
            let stepwise = calendar.add_business_days(calendar.add_business_days(from, few), more);
            prop_assert_eq!(stepwise, calendar.add_business_days(from, few + more));
        }
    }
}

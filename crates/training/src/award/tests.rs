use contract::Format;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::catalogue::{Catalogue, check};

fn catalogue() -> Catalogue {
    let document = json!({
        "name": "Academy",
        "courses": {"course": {"name": "c"}, "other": {"name": "o"}},
        "exams": {"exam": {"name": "e", "pass_mark": 70}},
        "certifications": {
            "base": {"name": "b", "requires": "other", "valid_months": 12},
            "by_expiry": {
                "name": "x", "requires": {"all": ["course", "exam"]}, "valid_months": 12,
                "renewal": {"window_days": 90, "requires": "exam"}
            },
            "by_award": {
                "name": "a", "requires": {"any": ["course", "exam"]}, "valid_months": 12,
                "renewal": {"window_days": 90, "from": "award"}
            },
            "resting": {"name": "r", "requires": "exam", "prerequisites": ["base"], "valid_months": 6},
            "for_ever": {"name": "f", "requires": {"at_least_of": {"count": 2, "of": ["course", "other", "exam"]}}},
            "retired": {"name": "t", "requires": "course", "retired_on": "2026-06-01"}
        }
    });
    check(document.to_string().as_bytes(), Format::Json).into_document().expect("a catalogue")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn done(all: &[(&str, &str)]) -> Vec<Done> {
    let mut done: Vec<Done> = all
        .iter()
        .map(|(on, item)| Done { on: day(on), item: (*item).to_owned(), proof: format!("{item} {on}") })
        .collect();
    done.sort();
    done
}

fn told(awards: &[Award]) -> Vec<String> {
    let line = |it: &Award| {
        let to = it.valid_to.map_or("-".to_owned(), |to| to.to_string());
        format!("{} {} {to}{}", it.awarded_on, it.valid_from, if it.renews { " renews" } else { "" })
    };
    awards.iter().map(line).collect()
}

fn of(slug: &str, all: &[(&str, &str)], held: &[Held]) -> Vec<String> {
    let catalogue = catalogue();
    let (entry, requirements) = catalogue.certification(slug).expect("a certification");
    told(&awards(entry, requirements, Record { done: &done(all), held }, None, None))
}

#[test]
fn a_month_has_its_last_day() {
    for (from, months, last) in [
        ("2026-01-31", 24, "2028-01-30"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-03-01", 12, "2027-02-28"),
        ("2027-03-01", 12, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
    ] {
        assert_eq!(last_day(day(from), months), Some(day(last)), "{from} {months}");
    }
}

#[test]
fn it_is_awarded_on_the_day_on_which_all_is_there() {
    let both = [("2025-03-10", "exam"), ("2025-02-01", "course")];
    assert_eq!(of("by_expiry", &both, &[]), ["2025-03-10 2025-03-10 2026-03-09"]);
    assert_eq!(of("for_ever", &both, &[]), ["2025-03-10 2025-03-10 -"]);
    assert!(of("by_expiry", &both[..1], &[]).is_empty());
}

#[test]
fn it_is_renewed_within_its_window_by_what_was_done_in_it() {
    let earned = [("2025-03-10", "exam"), ("2025-03-10", "course")];
    let and = |more: &'static str| of("by_expiry", &[earned[0], earned[1], (more, "exam")], &[]);
    // The window of 90 days before 2026-03-09 begins on 2025-12-09.
    assert_eq!(and("2025-12-08").len(), 1);
    assert_eq!(and("2025-12-09")[1], "2025-12-09 2026-03-10 2027-03-09 renews");
    assert_eq!(and("2026-03-09")[1], "2026-03-09 2026-03-10 2027-03-09 renews");
    assert_eq!(and("2026-03-10").len(), 1, "when it has expired, the exam alone does not do");
    let anew = [earned[0], earned[1], ("2026-04-01", "exam"), ("2026-05-01", "course")];
    assert_eq!(of("by_expiry", &anew, &[])[1], "2026-05-01 2026-05-01 2027-04-30");
    let by_award = of("by_award", &[("2025-03-10", "exam"), ("2026-01-15", "course")], &[]);
    assert_eq!(by_award[1], "2026-01-15 2026-01-15 2027-01-14 renews");
}

#[test]
fn prerequisites_are_held_on_the_day() {
    let base = |from: &str, to: &str| Held { certification: "base".into(), from: day(from), to: Some(day(to)) };
    let exam = [("2025-03-10", "exam")];
    assert!(of("resting", &exam, &[base("2024-01-01", "2025-03-09")]).is_empty());
    assert_eq!(of("resting", &exam, &[base("2024-01-01", "2025-03-10")]), ["2025-03-10 2025-03-10 2025-09-09"]);
    assert_eq!(of("resting", &exam, &[base("2025-05-01", "2026-04-30")]), ["2025-05-01 2025-05-01 2025-10-31"]);
}

#[test]
fn one_that_is_retired_is_not_awarded_any_more() {
    assert_eq!(of("retired", &[("2026-05-31", "course")], &[]).len(), 1);
    assert!(of("retired", &[("2026-06-01", "course")], &[]).is_empty());
}

#[test]
fn what_was_done_before_a_revocation_does_not_count() {
    let catalogue = catalogue();
    let (entry, requirements) = catalogue.certification("retired").expect("a certification");
    let all = done(&[("2025-01-01", "course"), ("2025-03-01", "course")]);
    let record = Record { done: &all, held: &[] };
    let anew = awards(entry, requirements, record, None, Some(day("2025-01-31")));
    assert_eq!(told(&anew), ["2025-03-01 2025-03-01 -"]);
}

fn anything_done() -> impl Strategy<Value = Vec<Done>> {
    let one = (0_u64..2_000, 0_usize..3).prop_map(|(after, item)| Done {
        on: day("2020-01-01") + chrono::TimeDelta::days(after as i64),
        item: ["course", "exam", "other"][item].to_owned(),
        proof: format!("{after} {item}"),
    });
    prop::collection::vec(one, 0..40).prop_map(|mut all| {
        all.sort();
        all
    })
}

proptest! {
    #[test]
    fn awards_follow_each_other_without_overlap(all in anything_done(), nth in 0_usize..4) {
        let slug = ["by_expiry", "by_award", "base", "for_ever"][nth];
        let catalogue = catalogue();
        let (entry, requirements) = catalogue.certification(slug).expect("a certification");
        let found = awards(entry, requirements, Record { done: &all, held: &[] }, None, None);
        for pair in found.windows(2) {
            prop_assert!(pair[0].awarded_on < pair[1].awarded_on && pair[0].valid_from < pair[1].valid_from);
            let to = pair[0].valid_to.expect("what is for ever is awarded once");
            // A renewal from its award on ends the one before.
            prop_assert!(to < pair[1].valid_from || (pair[1].renews && slug == "by_award"), "{:?}", pair);
            prop_assert_eq!(pair[1].renews, pair[1].awarded_on <= to);
        }
        for award in &found {
            prop_assert!(all.iter().any(|done| done.on == award.awarded_on), "something was done on the day");
            prop_assert!(!award.earned_by.is_empty());
        }
    }

    #[test]
    fn what_is_done_later_changes_nothing_before(all in anything_done(), cut in 0_usize..40) {
        let catalogue = catalogue();
        let (entry, requirements) = catalogue.certification("by_expiry").expect("a certification");
        let of = |done: &[Done]| awards(entry, requirements, Record { done, held: &[] }, None, None);
        let early: Vec<Done> = all.iter().take(cut).cloned().collect();
        let Some(last) = early.last().map(|done| done.on) else { return Ok(()) };
        let early: Vec<Done> = all.iter().filter(|done| done.on <= last).cloned().collect();
        let whole = of(&all);
        let before: Vec<Award> = whole.iter().filter(|award| award.awarded_on <= last).cloned().collect();
        prop_assert_eq!(of(&early), before.clone());
        // And going on from what stands comes to the same as beginning anew.
        let (entry, requirements) = catalogue.certification("by_expiry").expect("a certification");
        let rest = awards(entry, requirements, Record { done: &all, held: &[] }, before.last(), None);
        prop_assert_eq!(rest, whole[before.len()..].to_vec());
    }
}

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn held(tier: usize, since: &str) -> Held {
    Held { tier, since: day(since), grace_until: None, decided_on: day(since), fell: false, overridden: false }
}

fn meets(now: usize) -> Meets {
    Meets { now, highest: now }
}

fn policy(demotion: Demotion) -> EvaluationPolicy {
    EvaluationPolicy { demotion, ..EvaluationPolicy::default() }
}

#[test]
fn a_partner_rises_at_once_or_at_the_review() {
    let (at_once, silver) = (EvaluationPolicy::default(), held(1, "2026-01-01"));
    let at_review = EvaluationPolicy { promotion: Promotion::AtReview, ..EvaluationPolicy::default() };
    let up = Movement::Promoted { to: 3 };
    assert_eq!(movement(&at_once, &silver, meets(3), day("2026-02-03"), false), up);
    assert_eq!(movement(&at_review, &silver, meets(3), day("2026-02-03"), false), Movement::Stays);
    assert_eq!(movement(&at_review, &silver, meets(3), day("2026-04-01"), true), up);
}

#[test]
fn a_partner_falls_at_a_review_or_at_once() {
    let (gold, none) = (held(2, "2026-01-01"), meets(0));
    let at_review = policy(Demotion { grace_days: 30, ..Demotion::default() });
    assert_eq!(movement(&at_review, &gold, none, day("2026-02-03"), false), Movement::Stays);
    let at_once = policy(Demotion { when: WhenDemoted::Immediate, grace_days: 30, ..Demotion::default() });
    let begun = movement(&at_once, &gold, none, day("2026-02-03"), false);
    assert_eq!(begun, Movement::GraceBegun { until: day("2026-03-05") });
    let sharp = policy(Demotion { when: WhenDemoted::Immediate, ..Demotion::default() });
    assert_eq!(movement(&sharp, &gold, none, day("2026-02-03"), false), Movement::Demoted { to: 0 });
}

#[test]
fn grace_begins_at_a_review_and_its_last_day_is_kept() {
    let policy = policy(Demotion { grace_days: 90, at_most_one_step: true, ..Demotion::default() });
    let gold = held(2, "2025-01-01");
    assert_eq!(movement(&policy, &gold, meets(0), day("2026-03-31"), false), Movement::Stays);
    let begun = movement(&policy, &gold, meets(0), day("2026-04-01"), true);
    assert_eq!(begun, Movement::GraceBegun { until: day("2026-06-30") });
    let gold = after(gold, begun, day("2026-04-01"));
    assert_eq!(movement(&policy, &gold, meets(0), day("2026-06-30"), true), Movement::Stays);
    assert_eq!(movement(&policy, &gold, meets(2), day("2026-06-30"), false), Movement::GraceEnded);
    assert_eq!(movement(&policy, &gold, meets(3), day("2026-06-30"), false), Movement::Promoted { to: 3 });
    let fallen = movement(&policy, &gold, meets(0), day("2026-07-01"), false);
    assert_eq!(fallen, Movement::Demoted { to: 1 });
    let silver = after(gold, fallen, day("2026-07-01"));
    assert_eq!(movement(&policy, &silver, meets(0), day("2026-07-01"), true), Movement::Stays);
}

#[test]
fn a_tier_is_held_for_its_months_and_until_its_anniversary() {
    let months = policy(Demotion { minimum_months_held: 12, ..Demotion::default() });
    let gold = held(2, "2026-03-15");
    let until = |text| Movement::GraceBegun { until: day(text) };
    assert_eq!(movement(&months, &gold, meets(0), day("2026-07-01"), true), until("2027-03-14"));
    assert_eq!(movement(&months, &gold, meets(0), day("2027-03-15"), true), Movement::Demoted { to: 0 });
    let yearly = policy(Demotion { hold_until_anniversary: true, ..Demotion::default() });
    assert_eq!(movement(&yearly, &gold, meets(1), day("2026-07-01"), true), until("2027-03-14"));
    assert_eq!(movement(&yearly, &gold, meets(1), day("2027-07-01"), true), until("2028-03-14"));
    assert_eq!(movement(&yearly, &gold, meets(1), day("2028-03-15"), true), Movement::Demoted { to: 1 });
    // The longest of them holds.
    let both = Demotion { grace_days: 30, hold_until_anniversary: true, ..Demotion::default() };
    assert_eq!(movement(&policy(both.clone()), &gold, meets(0), day("2027-03-01"), true), until("2027-03-31"));
    assert_eq!(movement(&policy(both), &gold, meets(0), day("2027-01-01"), true), until("2027-03-14"));
}

#[test]
fn a_leap_day_has_its_anniversary_on_the_28th() {
    assert_eq!(next_anniversary(day("2024-02-29"), day("2024-03-01")), Some(day("2025-02-28")));
    assert_eq!(next_anniversary(day("2024-02-29"), day("2025-03-01")), Some(day("2026-02-28")));
    assert_eq!(next_anniversary(day("2024-02-29"), day("2028-02-29")), Some(day("2028-02-29")));
}

#[test]
fn the_highest_since_the_review_before_counts_where_the_program_says_so() {
    let policy = policy(Demotion { fall_to: FallTo::HighestMetInWindow, ..Demotion::default() });
    let gold = held(2, "2026-01-01");
    let at = |now, highest| movement(&policy, &gold, Meets { now, highest }, day("2026-04-01"), true);
    assert_eq!((at(0, 1), at(0, 2)), (Movement::Demoted { to: 1 }, Movement::Stays));
    assert!(depends_on_window(&policy, at(0, 0)) && !depends_on_window(&policy, Movement::Stays));
}

#[test]
fn what_the_vendor_has_set_does_not_move() {
    let set = Held { overridden: true, ..held(1, "2026-01-01") };
    let policy = EvaluationPolicy::default();
    assert_eq!(movement(&policy, &set, meets(3), day("2026-04-01"), true), Movement::Stays);
    assert_eq!(movement(&policy, &set, meets(0), day("2026-04-01"), true), Movement::Stays);
}

fn demotions() -> impl Strategy<Value = Demotion> {
    (any::<bool>(), 0_u16..200, any::<bool>(), any::<bool>(), 0_u16..20, any::<bool>()).prop_map(
        |(at_once, grace_days, at_most_one_step, hold_until_anniversary, minimum_months_held, highest)| Demotion {
            when: if at_once { WhenDemoted::Immediate } else { WhenDemoted::AtReview },
            grace_days,
            at_most_one_step,
            hold_until_anniversary,
            minimum_months_held,
            fall_to: if highest { FallTo::HighestMetInWindow } else { FallTo::Current },
        },
    )
}

fn policies() -> impl Strategy<Value = EvaluationPolicy> {
    (demotions(), any::<bool>()).prop_map(|(demotion, at_once)| EvaluationPolicy {
        demotion,
        promotion: if at_once { Promotion::Immediate } else { Promotion::AtReview },
        ..EvaluationPolicy::default()
    })
}

/// Evaluations: days since the one before, what is met, what was met besides, whether it is a review.
fn stories() -> impl Strategy<Value = Vec<(i64, usize, usize, bool)>> {
    prop::collection::vec((0_i64..120, 0_usize..5, 0_usize..5, any::<bool>()), 1..40)
}

proptest! {
    #[test]
    fn whatever_happens_the_policy_is_kept(policy in policies(), story in stories(), tier in 0_usize..5) {
        let mut held = held(tier, "2024-02-29");
        let (mut as_of, mut last_fall) = (held.since, None);
        for (days, now, besides, review) in story {
            as_of += TimeDelta::days(days);
            let meets = Meets { now, highest: now.max(besides) };
            let moved = movement(&policy, &held, meets, as_of, review);
            let next = after(held, moved, as_of);
            match moved {
                Movement::Demoted { to } => {
                    prop_assert!(to < held.tier && to >= now, "falls, and never below what is met");
                    prop_assert!(!policy.demotion.at_most_one_step || to + 1 == held.tier);
                    prop_assert!(held.grace_until.is_none_or(|until| as_of > until));
                    prop_assert!(last_fall != Some(as_of), "once a day at most");
                    last_fall = Some(as_of);
                }
                Movement::Promoted { to } => {
                    prop_assert!(to > held.tier && to == now);
                    prop_assert!(review || policy.promotion == Promotion::Immediate);
                }
                Movement::GraceBegun { until } => {
                    prop_assert!(review || policy.demotion.when == WhenDemoted::Immediate);
                    prop_assert!(now < held.tier && until >= as_of);
                    prop_assert_eq!(held.grace_until, None, "grace is never prolonged");
                }
                Movement::GraceEnded => prop_assert!(held.grace_until.is_some()),
                Movement::Stays => prop_assert_eq!(next, held),
            }
            prop_assert_eq!(movement(&policy, &next, meets, as_of, review), Movement::Stays, "idempotent");
            held = next;
        }
    }

    #[test]
    fn what_meets_its_tier_never_falls(policy in policies(), story in stories(), tier in 0_usize..5) {
        let (mut held, mut as_of) = (held(tier, "2025-05-31"), day("2025-05-31"));
        for (days, now, _, review) in story {
            as_of += TimeDelta::days(days);
            let now = now.max(held.tier);
            let before = held.tier;
            held = after(held, movement(&policy, &held, meets(now), as_of, review), as_of);
            prop_assert!(held.tier >= before && held.grace_until.is_none());
        }
    }

    #[test]
    fn an_earlier_day_changes_nothing(policy in policies(), tier in 0_usize..5, now in 0_usize..5, back in 1_i64..900) {
        let held = held(tier, "2026-01-01");
        let earlier = held.decided_on - TimeDelta::days(back);
        prop_assert_eq!(movement(&policy, &held, meets(now), earlier, true), Movement::Stays);
    }
}

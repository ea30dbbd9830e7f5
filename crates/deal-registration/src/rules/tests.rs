use proptest::prelude::*;

use super::*;

fn any_standing() -> impl Strategy<Value = Standing> {
    let statuses: Vec<Status> = Status::iter().collect();
    let kinds: Vec<VerdictKind> = VerdictKind::iter().collect();
    (prop::sample::select(statuses), prop::option::of(prop::sample::select(kinds)), any::<bool>(), any::<bool>())
        .prop_map(|(status, verdict, disputed, vendor)| Standing { status, verdict, disputed, vendor })
}

fn standing(status: Status, vendor: bool) -> Standing {
    Standing { status, verdict: None, disputed: false, vendor }
}

fn euros(minor: i64) -> Money {
    Money { minor, currency: "EUR".parse().unwrap() }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The table of the design, line by line.
#[test]
fn the_table_of_states() {
    use Status::*;
    let table: &[(Action, &[Status], Status)] = &[
        (Action::Submit, &[Draft, ActionRequired], Submitted),
        (Action::ClaimReview, &[Submitted], InReview),
        (Action::RequestInformation, &[Submitted, InReview], ActionRequired),
        (Action::Approve, &[Submitted, InReview], Approved),
        (Action::Reject, &[Submitted, InReview], Rejected),
        (Action::Withdraw, &[Draft, Submitted, InReview, ActionRequired], Withdrawn),
        (Action::Release, &[Approved], Released),
        (Action::Win, &[Approved], Won),
        (Action::Lose, &[Approved], Lost),
    ];
    for (action, from, to) in table {
        for status in Status::iter() {
            let expected = from.contains(&status).then_some(*to);
            assert_eq!(next(standing(status, true), *action), expected, "{action} from {status}");
        }
    }
}

#[test]
fn a_refusal_names_state_action_and_what_is_allowed() {
    let error = transition(standing(Status::Won, true), Action::Approve).unwrap_err();
    assert_eq!(error.code, Code::InvalidTransition);
    for part in ["won", "approve", "update"] {
        assert!(error.detail.contains(part), "{}", error.detail);
    }
}

#[test]
fn auto_approval_includes_its_limit() {
    let limit = AutoApproval { up_to: Some(euros(5_000)) };
    assert_eq!(intake(VerdictKind::Clean, euros(5_000), Some(&limit)), Intake::Approve);
    assert_eq!(intake(VerdictKind::Clean, euros(5_001), Some(&limit)), Intake::Review);
    let dollars = Money { minor: 1, currency: "USD".parse().unwrap() };
    assert_eq!(intake(VerdictKind::Clean, dollars, Some(&limit)), Intake::Review);
    assert_eq!(intake(VerdictKind::Clean, euros(1), None), Intake::Wait);
    assert_eq!(intake(VerdictKind::Conflict, euros(1), Some(&AutoApproval::default())), Intake::Review);
}

#[test]
fn every_rule_against_an_extension_is_named() {
    let until = at("2026-06-30T12:00:00Z");
    let policy = ExtensionPolicy { times: 1, days: 30, earliest_days_before_end: 14, progress_required: true };
    let asked = ExtensionRequest { until, extensions: 0, by: None, progress: Some("contract sent") };
    let now = at("2026-06-16T12:00:00Z");
    assert_eq!(extended_until(asked, now, Some(&policy)).unwrap(), at("2026-07-30T12:00:00Z"));
    assert_eq!(extended_until(asked, now, None).unwrap_err().code, Code::PolicyRefuses);
    let greedy = ExtensionRequest { until, extensions: 1, by: Some(TimeDelta::days(31)), progress: Some(" ") };
    let early = at("2026-06-16T11:59:59Z");
    let faults: Vec<_> =
        extended_until(greedy, early, Some(&policy)).unwrap_err().faults.into_iter().map(|fault| fault.code).collect();
    assert_eq!(faults, ["extensions_used_up", "too_long", "too_early", "required"]);
}

proptest! {
    #[test]
    fn only_what_is_listed_is_possible(standing in any_standing(), action in prop::sample::select(Action::iter().collect::<Vec<_>>())) {
        let listed = allowed_actions(standing).contains(&action);
        prop_assert_eq!(transition(standing, action).is_ok(), listed);
    }

    #[test]
    fn a_partner_decides_nothing(mut standing in any_standing()) {
        standing.vendor = false;
        for action in allowed_actions(standing) {
            prop_assert!(!matches!(action, Action::Approve | Action::Reject | Action::ClaimReview | Action::RequestInformation | Action::Resolve));
        }
    }

    #[test]
    fn what_is_final_stays(mut standing in any_standing(), action in prop::sample::select(Action::iter().collect::<Vec<_>>())) {
        for status in [Status::Withdrawn, Status::Released, Status::Expired, Status::Won, Status::Lost] {
            standing.status = status;
            prop_assert!(next(standing, action).is_none_or(|to| to == status));
        }
    }

    #[test]
    fn an_extension_never_shortens(days in 1u16..1000, by in -2000i64..2000, extensions in 0i32..5, ahead in 0i64..500) {
        let until = at("2026-06-30T12:00:00Z");
        let policy = ExtensionPolicy { times: 3, days, earliest_days_before_end: 30, progress_required: false };
        let request = ExtensionRequest { until, extensions, by: Some(TimeDelta::days(by)), progress: None };
        if let Ok(later) = extended_until(request, until - TimeDelta::days(ahead), Some(&policy)) {
            prop_assert!(later > until && later <= until + TimeDelta::days(days.into()));
            prop_assert!(extensions < 3 && ahead <= 30);
        }
    }
}

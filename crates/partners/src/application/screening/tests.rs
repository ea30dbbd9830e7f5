use serde_json::json;

use super::*;

fn document(eligibility: Value) -> ProgramDocument {
    let document = json!({
        "slug": "reseller", "name": "Reseller", "tiers": [{"name": "Registered"}],
        "facts": {
            "people": {"type": "number"}, "desk": {"type": "boolean"}, "years": {"type": "number"},
            "audited": {"type": "boolean", "source": {"manual": "audit"}},
            "sold": {"type": "number", "default": 0, "source": {"engine": "sold"}}
        },
        "eligibility": eligibility
    });
    serde_json::from_value(document).unwrap()
}

fn criteria() -> Value {
    json!([
        {"name": "staffed", "requires": {"metric": "people", "at_least": 3}, "weight": 2},
        {"name": "has_desk", "kind": "preferred", "requires": "desk"},
        {"name": "old_enough", "kind": "preferred", "requires": {"metric": "years", "at_least": 5}, "weight": "0.5"}
    ])
}

fn screened(eligibility: Value, answers: Value) -> Result<Screening, Error> {
    let answers = serde_json::from_value(answers).unwrap();
    screen(&document(eligibility), &answers, Timestamp::from_micros(0))
}

fn outcome(answers: Value) -> (Eligibility, Option<String>) {
    let screening = screened(criteria(), answers).unwrap();
    (screening.outcome, screening.score)
}

#[test]
fn the_score_is_the_weighted_share_of_what_is_met() {
    assert_eq!(outcome(json!({"people": 3, "desk": true, "years": 5})), (Eligibility::Eligible, Some("100.00".into())));
    // 2 of 3.5 is 57.142857…; 3 of 3.5 is 85.714285….
    assert_eq!(outcome(json!({"people": 3})), (Eligibility::Eligible, Some("57.14".into())));
    assert_eq!(outcome(json!({"people": 3, "desk": true, "years": 4})), (Eligibility::Eligible, Some("85.71".into())));
    assert_eq!(outcome(json!({"people": 2, "desk": true})), (Eligibility::NotEligible, Some("28.57".into())));
    assert_eq!(outcome(json!({"years": 9})), (Eligibility::Unknown, Some("14.29".into())));
    assert_eq!(outcome(json!({})), (Eligibility::Unknown, Some("0.00".into())));
}

#[test]
fn a_half_goes_to_the_even_neighbour() {
    // 1 of 1600 is 0.0625, 3 of 1600 is 0.1875: 0.06 and 0.19. 1 of 800 is 0.125: 0.12.
    for (weight, rest, score) in [(1, 1599, "0.06"), (3, 1597, "0.19"), (1, 799, "0.12"), (3, 797, "0.38")] {
        let criteria = json!([
            {"name": "has_desk", "kind": "preferred", "requires": "desk", "weight": weight},
            {"name": "staffed", "kind": "preferred", "requires": {"metric": "people", "at_least": 3}, "weight": rest}
        ]);
        let screening = screened(criteria, json!({"desk": true})).unwrap();
        assert_eq!(screening.score.as_deref(), Some(score));
    }
}

#[test]
fn without_criteria_everybody_is_eligible_and_nobody_has_a_score() {
    let screening = screened(json!([]), json!({})).unwrap();
    assert_eq!((screening.outcome, screening.score.clone(), screening.rank()), (Eligibility::Eligible, None, -1));
    let weightless = json!([{"name": "has_desk", "requires": "desk", "weight": 0}]);
    assert_eq!(screened(weightless, json!({"desk": true})).unwrap().score, None);
}

#[test]
fn each_criterion_says_why_and_what_it_adds() {
    let screening = screened(criteria(), json!({"people": 2, "desk": true})).unwrap();
    let [staffed, desk, old] = screening.criteria.as_slice() else { panic!("three criteria") };
    assert_eq!((staffed.outcome, staffed.points), (Met::NotMet, Number::ZERO));
    assert_eq!(desk.points, Number::fraction(200, 7).unwrap());
    assert_eq!((old.outcome, &old.explanation["missing"]), (Met::Unknown, &json!(["years"])));
    assert!(staffed.explanation.to_string().contains("\"gap\":1"), "{}", staffed.explanation);
    assert_eq!(screening.missed().iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["staffed"]);
    let stored = serde_json::to_string(&screening).unwrap();
    assert_eq!(serde_json::from_str::<Screening>(&stored).unwrap(), screening);
}

#[test]
fn what_is_not_the_applicants_to_say_is_refused_with_everything_else() {
    let answers = json!({"people": "many", "audited": true, "sold": 5, "poeple": 3});
    let refused = screened(criteria(), answers).unwrap_err();
    let mut faults: Vec<_> =
        refused.faults.iter().map(|it| (it.pointer.as_deref().unwrap(), it.code.as_str())).collect();
    faults.sort_unstable();
    assert_eq!(
        faults,
        [
            ("/answers/audited", "not_allowed"),
            ("/answers/people", "type"),
            ("/answers/poeple", "unknown_fact"),
            ("/answers/sold", "not_allowed")
        ]
    );
}

#[test]
fn hundredths_are_read_back() {
    for (text, rank) in [("66.67", Some(6667)), ("100.00", Some(10000)), ("7", Some(700)), ("0.005", None), ("x", None)]
    {
        assert_eq!(hundredths(text), rank, "{text}");
    }
}

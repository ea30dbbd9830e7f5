use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Walk, scalar, statement};

/// A statement that has everything.
fn whole() -> Value {
    json!({
        "id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee",
        "actor": {"objectType": "Agent", "name": "Ada", "mbox": "mailto:ada@x.example"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/passed", "display": {"en-US": "passed"}},
        "object": {
            "objectType": "Activity", "id": "https://lms.example/exam",
            "definition": {
                "name": {"en": "Exam"}, "description": {"zh-Hant": "x"}, "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
                "moreInfo": "https://lms.example/more", "interactionType": "matching",
                "correctResponsesPattern": ["a[.]1"], "source": [{"id": "a", "description": {"en": "A"}}],
                "target": [{"id": "1"}], "extensions": {"https://x.example/e": null}
            }
        },
        "result": {
            "score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10}, "success": true, "completion": false,
            "response": "a", "duration": "P1DT2H3.5S", "extensions": {"https://x.example/r": [null]}
        },
        "context": {
            "registration": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee", "instructor": {"openid": "https://i.example"},
            "team": {"objectType": "Group", "mbox_sha1sum": "a".repeat(40), "member": [{"mbox": "mailto:a@x.example"}]},
            "contextActivities": {"parent": {"id": "https://up.example"}, "other": [{"id": "https://o.example"}]},
            "revision": "1", "platform": "web", "language": "de-DE",
            "statement": {"objectType": "StatementRef", "id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"},
            "extensions": {}
        },
        "timestamp": "2026-01-31T12:00:00.123+01:00", "stored": "2026-01-31T12:00:00Z", "version": "1.0.3",
        "authority": {"account": {"homePage": "https://h.example", "name": "x"}},
        "attachments": [{
            "usageType": "https://u.example", "display": {"en": "A"}, "contentType": "text/plain", "length": 1,
            "sha2": "b".repeat(64), "fileUrl": "https://f.example"
        }]
    })
}

fn faults(value: &Value) -> Vec<String> {
    let mut walk = Walk::new("");
    statement(&mut walk, value);
    let places = walk.faults().into_iter().map(|fault| format!("{} {}", fault.pointer.unwrap(), fault.code));
    places.collect()
}

/// The faults of the whole statement with this at a place; null takes away what is there.
fn with(at: &str, value: Value) -> Vec<String> {
    let mut changed = whole();
    let (parent, name) = at.rsplit_once('/').unwrap();
    let parent = changed.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value == json!("gone") {
        parent.remove(name);
    } else {
        parent.insert(name.to_owned(), value);
    }
    faults(&changed)
}

#[test]
fn a_whole_statement_has_no_fault() {
    assert!(faults(&whole()).is_empty());
}

#[test]
fn every_fault_has_its_place() {
    let cases = [
        ("/actor", json!("gone"), "/actor required"),
        ("/verb/id", json!("passed"), "/verb/id format"),
        ("/verb/display", json!({"not a tag": "x"}), "/verb/display/not a tag format"),
        ("/verb/display", json!({"en": 1}), "/verb/display/en type"),
        ("/object/id", json!(null), "/object/id type"),
        ("/object/objectType", json!("activity"), "/object/objectType enum"),
        ("/object/definition/interactionType", json!("riddle"), "/object/definition/interactionType enum"),
        ("/object/definition/choices", json!([{"id": "a"}]), "/object/definition/choices contradiction"),
        ("/object/definition/target", json!([{"id": "a"}, {"id": "a"}]), "/object/definition/target repeated"),
        ("/actor/mbox", json!("ada@x.example"), "/actor/mbox format"),
        ("/actor/mbox", json!("gone"), "/actor required"),
        ("/actor/openid", json!("https://a.example"), "/actor contradiction"),
        ("/actor/Name", json!("x"), "/actor/Name unknown_field"),
        ("/actor/name", json!(null), "/actor/name type"),
        ("/result/score/scaled", json!(1.01), "/result/score/scaled out_of_range"),
        ("/result/score/raw", json!(11), "/result/score/raw out_of_range"),
        ("/result/score/max", json!(0), "/result/score/min contradiction"),
        ("/result/score/raw", json!("5"), "/result/score/raw type"),
        ("/result/success", json!("true"), "/result/success type"),
        ("/result/duration", json!("1 hour"), "/result/duration format"),
        ("/result/extensions", json!({"x": 1}), "/result/extensions/x format"),
        ("/context/registration", json!("x"), "/context/registration format"),
        ("/context/team", json!({"mbox": "mailto:a@x.example"}), "/context/team/objectType enum"),
        ("/context/contextActivities", json!({"parents": []}), "/context/contextActivities/parents unknown_field"),
        ("/context/language", json!("a-toolongatag"), "/context/language format"),
        ("/timestamp", json!("2026-01-31T12:00:00-00:00"), "/timestamp format"),
        ("/timestamp", json!("2026-01-31 12:00:00Z"), "/timestamp format"),
        ("/timestamp", json!("2026-01-31T12:00:00"), "/timestamp format"),
        ("/version", json!("1.1.0"), "/version format"),
        (
            "/authority",
            json!({"objectType": "Group", "member": [{"mbox": "mailto:a@x.example"}]}),
            "/authority contradiction",
        ),
        ("/id", json!(""), "/id format"),
        ("/attachments/0/contentType", json!("text/plain\r\nX: y"), "/attachments/0/contentType format"),
        ("/attachments/0/contentType", json!("text"), "/attachments/0/contentType format"),
        ("/extra", json!(1), "/extra unknown_field"),
    ];
    for (at, value, expected) in cases {
        let found = with(at, value.clone());
        assert!(found.contains(&expected.to_owned()), "{at} {value}: {found:?}");
    }
}

#[test]
fn what_depends_on_the_object_is_told() {
    let person = json!({"objectType": "Agent", "mbox": "mailto:b@x.example"});
    assert_eq!(with("/object", person), ["/context/revision contradiction", "/context/platform contradiction"]);
    let void = json!({"id": "http://adlnet.gov/expapi/verbs/voided"});
    assert_eq!(with("/verb", void), ["/object contradiction"]);
    let mut below = json!({"objectType": "SubStatement", "actor": {"mbox": "mailto:b@x.example"},
        "verb": {"id": "https://v.example"}, "object": {"id": "https://o.example"}});
    let mut outer = json!({"actor": below["actor"], "verb": below["verb"], "object": below});
    assert!(faults(&outer).is_empty());
    below["id"] = json!("6690e6c9-3ef0-4ed3-8b37-7f3964730bee");
    outer["object"] = below.clone();
    assert_eq!(faults(&outer), ["/object/id unknown_field"]);
    outer["object"]["object"] = json!({"objectType": "SubStatement"});
    assert!(faults(&outer).contains(&"/object/object not_allowed".to_owned()));
}

#[test]
fn durations_are_those_of_iso_8601() {
    for right in ["P1Y2M3DT4H5M6S", "PT0S", "P4W", "PT1.5H", "P0.5Y", "PT36H", "PT1,25S"] {
        assert!(!scalar_fails(scalar::duration, right), "{right}");
    }
    for wrong in ["", "P", "PT", "P1", "1Y", "P1H", "PT1D", "P1DT", "PT1.5H3S", "P1M1Y", "P1W1D", "PT-1S", "P1YP1M"] {
        assert!(scalar_fails(scalar::duration, wrong), "{wrong}");
    }
}

fn scalar_fails(rule: fn(&mut Walk, &Value), text: &str) -> bool {
    let mut walk = Walk::new("");
    rule(&mut walk, &text.into());
    !walk.faults().is_empty()
}

/// Any JSON, a little of it as statements have it.
fn any_json() -> impl Strategy<Value = Value> {
    let names = "(actor|verb|object|objectType|id|member|mbox|account|result|score|scaled|context|[a-z~/]{0,3})";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "(Agent|Group|Activity|SubStatement|StatementRef|mailto:a@b|.{0,8})".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(names, inner, 0..6).prop_map(|members| json!(members)),
        ]
    })
}

proptest! {
    /// Whatever comes, the check ends, tells at most a hundred faults, and each points at what is there or its parent.
    #[test]
    fn every_pointer_leads_somewhere(value in any_json()) {
        let mut walk = Walk::new("");
        statement(&mut walk, &value);
        let faults = walk.faults();
        prop_assert!(!faults.is_empty() && faults.len() <= 100);
        for fault in faults {
            let pointer = fault.pointer.unwrap();
            let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            prop_assert!(value.pointer(parent).is_some(), "{pointer}");
        }
    }

    /// A statement with anything unknown anywhere that has fixed members is refused there.
    #[test]
    fn nothing_unknown_passes(place in prop::sample::select(vec![
        "", "/actor", "/verb", "/object", "/object/definition", "/result", "/result/score", "/context",
        "/context/contextActivities", "/context/team", "/context/statement", "/authority", "/authority/account"
    ]), name in "[A-Z][a-zA-Z0-9]{1,10}") {
        let mut changed = whole();
        changed.pointer_mut(place).unwrap()[&name] = json!("x");
        prop_assert_eq!(faults(&changed), [format!("{place}/{name} unknown_field")]);
    }

    /// A time is taken exactly when it is one of RFC 3339 with a known offset.
    #[test]
    fn times_have_an_offset(hour in 0..24_u32, minute in 0..60_u32, sign in "[+-]", over in 0..15_u32) {
        let text = format!("2026-02-28T{hour:02}:{minute:02}:00{sign}{over:02}:00");
        let is_unknown = sign == "-" && over == 0;
        prop_assert_eq!(scalar_fails(scalar::time, &text), is_unknown);
    }
}

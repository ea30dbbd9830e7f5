//! What a statement says of courses and exams, in the verbs of ADL and cmi5. Pure.

use kernel::Timestamp;
use serde_json::{Map, Value};

use crate::review::{Did, Pending};

/// The verbs that say something of courses and exams. Others are stored, and mean nothing here: so does `terminated`, which
/// ends a session, not a course: whoever pauses has not given up.
const VERBS: [(&str, Did); 11] = [
    ("http://adlnet.gov/expapi/verbs/registered", Did::Enrolled),
    ("http://adlnet.gov/expapi/verbs/launched", Did::Started),
    ("http://adlnet.gov/expapi/verbs/initialized", Did::Started),
    ("http://adlnet.gov/expapi/verbs/attempted", Did::Started),
    ("http://adlnet.gov/expapi/verbs/progressed", Did::Progressed),
    ("http://adlnet.gov/expapi/verbs/completed", Did::Completed),
    ("http://adlnet.gov/expapi/verbs/passed", Did::Passed),
    ("http://adlnet.gov/expapi/verbs/failed", Did::Failed),
    ("http://adlnet.gov/expapi/verbs/mastered", Did::Passed),
    ("https://w3id.org/xapi/adl/verbs/abandoned", Did::Withdrawn),
    ("http://adlnet.gov/expapi/verbs/abandoned", Did::Withdrawn),
];

/// Where cmi5 tells how far somebody has come, in percent.
const PROGRESS: &str = "https://w3id.org/xapi/cmi5/result/extensions/progress";

/// What a statement says, if it is of one person and one activity and has a verb that means something here.
pub(super) fn told(statement: &Map<String, Value>, id: &str, at: Timestamp) -> Option<Pending> {
    let text = |of: &str, name: &str| statement.get(of)?.get(name)?.as_str();
    let verb = text("verb", "id")?;
    let (_, did) = VERBS.iter().find(|(known, _)| *known == verb)?;
    if !matches!(text("object", "objectType"), None | Some("Activity")) {
        return None;
    }
    let result = statement.get("result");
    let success = result.and_then(|result| result.get("success")).and_then(Value::as_bool);
    let scaled = result.and_then(|result| result.get("score")).and_then(score);
    Some(Pending {
        person: person(statement.get("actor")?)?,
        item: text("object", "id")?.to_owned(),
        did: *did,
        on: None,
        at: Some(at),
        progress: progress(result, scaled),
        score: scaled.map(of_hundred),
        success: match did {
            Did::Passed => Some(true),
            Did::Failed => Some(false),
            _ => success,
        },
        proctored: is_proctored(statement),
        external_id: Some(id.to_owned()),
    })
}

/// Who acted, as people are looked for; nobody for a group, and for who is known by an OpenID.
pub(super) fn person(actor: &Value) -> Option<String> {
    if actor.get("objectType").is_some_and(|kind| kind == "Group") {
        return None;
    }
    let text = |name: &str| actor.get(name).and_then(Value::as_str);
    let mailbox = text("mbox").map(str::to_lowercase);
    let digest = || text("mbox_sha1sum").map(|sum| format!("sha1:{}", sum.to_ascii_lowercase()));
    let number = || Some(format!("external:{}", actor.get("account")?.get("name")?.as_str()?));
    mailbox.or_else(digest).or_else(number)
}

/// The part of the best score that was reached, from 0 to 1. Less than nothing is nothing.
fn score(score: &Value) -> Option<f64> {
    let number = |name: &str| score.get(name).and_then(Value::as_f64);
    let by_bounds = || {
        let (raw, min, max) = (number("raw")?, number("min").unwrap_or(0.0), number("max")?);
        (max > min).then(|| (raw - min) / (max - min))
    };
    let part = number("scaled").or_else(by_bounds)?;
    part.is_finite().then(|| part.clamp(0.0, 1.0))
}

/// The same of 100, with four decimals at most.
fn of_hundred(part: f64) -> String {
    let text = format!("{:.4}", part * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 100")]
fn progress(result: Option<&Value>, scaled: Option<f64>) -> Option<u8> {
    let extension = result?.get("extensions").and_then(|all| all.get(PROGRESS)).and_then(Value::as_f64);
    let percent = extension.or_else(|| scaled.map(|part| part * 100.0))?;
    percent.is_finite().then(|| percent.clamp(0.0, 100.0) as u8)
}

/// Whether somebody watched: an instructor is named, or an extension that is called `proctored` says so.
fn is_proctored(statement: &Map<String, Value>) -> bool {
    let context = statement.get("context");
    let extensions = [context, statement.get("result")].into_iter().flatten();
    let mut extensions = extensions.filter_map(|part| part.get("extensions")?.as_object()).flatten();
    let says_so = |(name, value): (&String, &Value)| {
        *value == Value::Bool(true) && name.rsplit(['/', '#']).next() == Some("proctored")
    };
    context.is_some_and(|context| context.get("instructor").is_some()) || extensions.any(says_so)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(members: Value) -> Option<Pending> {
        let mut statement = json!({
            "actor": {"mbox": "mailto:Ada@X.example"},
            "verb": {"id": "http://adlnet.gov/expapi/verbs/passed"},
            "object": {"id": "https://lms.example/exam"}
        });
        for (name, value) in members.as_object().unwrap() {
            statement[name] = value.clone();
        }
        told(statement.as_object().unwrap(), "id", Timestamp::from_micros(0))
    }

    #[test]
    fn scores_are_of_a_hundred() {
        let score = |score: Value| of(json!({"result": {"score": score}})).unwrap().score;
        assert_eq!(score(json!({"scaled": 0.875})), Some("87.5".into()));
        assert_eq!(score(json!({"scaled": -0.5})), Some("0".into()));
        assert_eq!(score(json!({"scaled": 1})), Some("100".into()));
        assert_eq!(score(json!({"scaled": 0.69999})), Some("69.999".into()));
        assert_eq!(score(json!({"raw": 15, "min": 10, "max": 20})), Some("50".into()));
        assert_eq!(score(json!({"raw": 15})), None);
    }

    #[test]
    fn people_are_looked_for_as_they_are_known() {
        let who = |actor: Value| of(json!({"actor": actor})).map(|told| told.person);
        assert_eq!(of(json!({})).unwrap().person, "mailto:ada@x.example");
        assert_eq!(who(json!({"mbox_sha1sum": "AB"})), Some("sha1:ab".into()));
        assert_eq!(who(json!({"account": {"homePage": "https://h.example", "name": "7"}})), Some("external:7".into()));
        assert_eq!(who(json!({"openid": "https://o.example"})), None);
        assert_eq!(who(json!({"objectType": "Group", "mbox": "mailto:we@x.example"})), None);
    }

    #[test]
    fn what_says_nothing_of_training_is_left_alone() {
        assert!(of(json!({"verb": {"id": "http://adlnet.gov/expapi/verbs/answered"}})).is_none());
        assert!(of(json!({"verb": {"id": "http://adlnet.gov/expapi/verbs/terminated"}})).is_none());
        assert!(of(json!({"object": {"objectType": "StatementRef", "id": "x"}})).is_none());
        let watched = json!({"context": {"extensions": {"https://x.example/ext/proctored": true}}});
        assert!(of(watched).unwrap().proctored && !of(json!({})).unwrap().proctored);
    }
}

//! Training and certification over HTTP, on both databases.

mod alternate;
mod attachments;
mod badges;
mod catalogue;
mod compliance;
mod credentials;
mod enrollments;
mod imports;
mod lapses;
mod people;
mod xapi;

use tests::{Client, Scene, Server, Value, json};

/// An academy: two courses and a proctored exam; `technical` takes the first and the exam and is renewed by the exam,
/// `expert` rests on it, `sales` is for ever.
pub fn academy() -> Value {
    json!({
        "name": "Academy", "time_zone": "Europe/Berlin",
        "courses": {
            "basics": {"name": "Basics", "version": "2", "duration_minutes": 240, "activities": ["https://lms.example/basics"]},
            "pitch": {"name": "The pitch", "self_reported": true, "duration_minutes": 60},
            "deep_dive": {"name": "Deep dive", "entitlement": {"tiers": ["Gold"]}}
        },
        "exams": {
            "exam": {
                "name": "Exam", "pass_mark": 70, "attempts": 2, "retake_wait_days": 14, "proctored": true,
                "activities": ["https://lms.example/exam"]
            }
        },
        "certifications": {
            "technical": {
                "name": "Technical", "requires": {"all": ["basics", "exam"]}, "valid_months": 24,
                "renewal": {"window_days": 180, "requires": "exam"}
            },
            "sales": {"name": "Sales", "requires": "pitch"},
            "expert": {"name": "Expert", "requires": "deep_dive", "prerequisites": ["technical"], "valid_months": 12}
        },
        "paths": {"technical_path": {"name": "Technical path", "role": "technical", "steps": ["basics", "technical"]}}
    })
}

/// A vendor with an academy.
pub fn school(server: &Server) -> Scene {
    let scene = Scene::approving(server);
    scene.admin.post("/v1/training-catalogue/versions", &academy()).expect_status(201);
    scene
}

/// Somebody of a partner; their id.
pub fn person(client: &Client, partner: &str, email: &str) -> String {
    let new = json!({"name": "Ada", "email": email, "partner_id": partner});
    client.post("/v1/people", &new).expect_status(201).text("id")
}

/// Enrolls somebody; the enrollment's path.
pub fn enroll(client: &Client, person: &str, item: &str) -> String {
    let new = json!({"person_id": person, "item": item});
    let made = client.post("/v1/training-enrollments", &new).expect_status(201).text("id");
    format!("/v1/training-enrollments/{made}")
}

/// Somebody has completed a course on a day.
pub fn completed(admin: &Client, person: &str, item: &str, on: &str) {
    let path = enroll(admin, person, item);
    admin.post(&format!("{path}/complete"), &json!({"on": on})).expect_status(200);
}

/// Somebody has passed an exam on a day.
pub fn passed(admin: &Client, person: &str, item: &str, on: &str) {
    let path = enroll(admin, person, item);
    let attempt = json!({"score": "80", "proctored": true, "on": on});
    let done = admin.post(&format!("{path}/attempt"), &attempt).expect_status(200);
    assert_eq!(done.text("status"), "completed");
}

/// What somebody holds: certification, status, first and last day, oldest first.
pub fn held(client: &Client, person: &str) -> Vec<String> {
    let all = client.all(&format!("/v1/credentials?person_id={person}"));
    let line = |one: &Value| {
        let text = |name: &str| one[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {} {}", text("certification"), text("status"), text("valid_from"), text("valid_to"))
    };
    all.iter().rev().map(line).collect()
}

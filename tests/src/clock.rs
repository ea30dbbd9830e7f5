//! The sandbox's clock, and waiting.

use std::{
    thread,
    time::{Duration, Instant},
};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::Client;

const CLOCK: &str = "/v1/sandbox/clock";

/// How long something may take that the server does by itself, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(500);

/// A time, as it is sent.
#[track_caller]
pub fn time(text: &Value) -> DateTime<Utc> {
    text.as_str().unwrap_or_else(|| panic!("no time: {text}")).parse().expect("a time")
}

/// What time it is in the sandbox.
pub fn now(admin: &Client) -> DateTime<Utc> {
    time(&admin.get(CLOCK).expect_status(200).json["now"])
}

/// The day that it is in the sandbox.
pub fn today(admin: &Client) -> NaiveDate {
    now(admin).date_naive()
}

/// Moves the sandbox's clock to the next noon, and tells that day: it is the same wherever these tests' companies are.
pub fn noon(admin: &Client) -> NaiveDate {
    let day = today(admin) + Days::new(1);
    go_to(admin, day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(12));
    day
}

/// Moves the sandbox's clock by an ISO 8601 duration.
pub fn advance(admin: &Client, by: &str) {
    admin.post(CLOCK, &json!({"advance": by})).expect_status(200);
}

/// Moves the sandbox's clock to a time.
pub fn go_to(admin: &Client, at: DateTime<Utc>) {
    advance(admin, &format!("PT{}S", (at - now(admin)).num_seconds()));
}

/// What stands there, once it is as it is waited for.
#[track_caller]
pub fn wait(client: &Client, path: &str, what: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let found = client.get(path).expect_status(200).json;
        if what(&found) {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "still {found}");
        thread::sleep(Duration::from_millis(200));
    }
}

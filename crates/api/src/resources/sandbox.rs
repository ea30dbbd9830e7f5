//! The sandbox's clock. Without a sandbox these routes do not exist.

use actix_web::{get, post, web::Data};
use kernel::{Clock, Error, Period, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use crate::{App, Call, Outcome, Reply, Valid};

/// Under this name the installation remembers how far its clock was moved.
const REMEMBERED: &str = "sandbox_clock_offset_micros";
/// As far as the clock goes: ten years.
const FARTHEST_MICROS: i64 = 3_653 * 86_400 * 1_000_000;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_clock).service(move_clock);
}

/// What time it is in the sandbox.
#[derive(Debug, Serialize, ToSchema)]
struct SandboxClock {
    /// Business time.
    now: Timestamp,
    /// How far it is ahead of the machine's, in seconds.
    #[schema(minimum = 0, example = 2_592_000)]
    offset_seconds: i64,
}

/// How far to move the sandbox's clock.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
struct ClockAdvance {
    /// How far forward.
    advance: Period,
}

/// Get the sandbox's clock
///
/// What time the engine believes it is.
#[utoipa::path(
    operation_id = "getSandboxClock",
    tag = "sandbox",
    security(("oauth2" = ["sandbox:write"])),
    extensions(("x-never" = json!(["etag"]))),
    responses((status = 200, description = "The clock.", body = SandboxClock))
)]
#[get("/v1/sandbox/clock")]
async fn get_clock(app: Data<App>, call: Call) -> Outcome {
    let clock = app.database.clock().clone();
    app.tell(call, move |_, _| Ok(shown(&clock))).await
}

/// Move the sandbox's clock
///
/// Forward, for everything that business does: protections expire, decisions come due. Tokens are not touched.
#[utoipa::path(
    operation_id = "advanceSandboxClock",
    tag = "sandbox",
    security(("oauth2" = ["sandbox:write"])),
    request_body = ClockAdvance,
    extensions(("x-never" = json!(["etag"]))),
    responses((status = 200, description = "The clock as it is now.", body = SandboxClock))
)]
#[post("/v1/sandbox/clock")]
async fn move_clock(app: Data<App>, call: Call, new: Valid<ClockAdvance>) -> Outcome {
    let clock = app.database.clock().clone();
    let ahead = Clock::default();
    let advance = new.0.advance.delta().num_microseconds().unwrap_or(i64::MAX);
    let (told, moved) = (ahead.clone(), clock.clone());
    let reply = app
        .write(call, move |tx, _| {
            let remembered = tx.remembered(REMEMBERED)?.and_then(|text| text.parse::<i64>().ok());
            let offset = remembered.unwrap_or_else(|| clock.offset_micros()).saturating_add(advance);
            if offset > FARTHEST_MICROS {
                return Err(Error::invalid("/advance", "maximum", "moves the clock more than ten years ahead").into());
            }
            tx.remember(REMEMBERED, &offset.to_string())?;
            told.set_offset_micros(offset);
            Reply::json(actix_web::http::StatusCode::OK, &shown(&told))
        })
        .await?;
    // Only now, when it is committed. A replayed answer has moved nothing.
    if ahead.offset_micros() > moved.offset_micros() {
        moved.set_offset_micros(ahead.offset_micros());
    }
    Ok(reply)
}

fn shown(clock: &Clock) -> SandboxClock {
    SandboxClock { now: clock.now(), offset_seconds: clock.offset_micros() / 1_000_000 }
}
